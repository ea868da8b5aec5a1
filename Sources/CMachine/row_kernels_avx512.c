#if defined(__x86_64__)
#define LANES 8
#define SUFFIX avx512
#define KERNELS cm_avx512_kernels
#define KERNELS_NAME "avx512"
#include <immintrin.h>

#include "row_kernels.h"
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,fma,bmi2"))), apply_to = function)
#include "row_kernels.inc"
#pragma clang attribute pop
#endif
