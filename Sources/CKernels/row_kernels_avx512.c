#if defined(__x86_64__)
#define LANES 8
#define SUFFIX avx512
#define KERNELS cm_avx512_kernels
#define KERNELS_NAME "avx512"
#include <immintrin.h>

#include "instruction_sets.h"
#include "row_kernels.h"
#pragma clang attribute push(__attribute__((target(CM_AVX512(CM_TARGET_PART, ",")))), apply_to = function)
#include "row_kernels.inc"
#pragma clang attribute pop
#endif
