#define LANES 2
#define SUFFIX portable
#define KERNELS cm_portable_kernels
#define KERNELS_NAME "portable"
#include "row_kernels.inc"
