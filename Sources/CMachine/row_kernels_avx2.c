#if defined(__x86_64__)
#define LANES 4
#define SUFFIX avx2
#define KERNELS cm_avx2_kernels
#define KERNELS_NAME "avx2"
#include "row_kernels.h"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "row_kernels.inc"
#pragma clang attribute pop
#endif
