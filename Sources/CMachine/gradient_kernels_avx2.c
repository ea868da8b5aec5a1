#if defined(__x86_64__)
#define KERNELS cm_avx2_gradient_kernels
#include "gradient_kernels.h"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "gradient_kernels.inc"
#pragma clang attribute pop
#endif
