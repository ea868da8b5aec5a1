#define KERNELS cm_portable_gradient_kernels
#include "gradient_kernels.inc"
