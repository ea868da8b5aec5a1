#define KERNELS cm_portable_fold_kernels
#include "fold_kernels.inc"
