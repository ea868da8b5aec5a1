#if defined(__x86_64__)
#define LANES 4
#define SUFFIX avx2
#define KERNELS cm_avx2_kernels
#define KERNELS_NAME "avx2"
#include "instruction_sets.h"
#include "row_kernels.h"
#pragma clang attribute push(__attribute__((target(CM_AVX2(CM_TARGET_PART, ",")))), apply_to = function)
#include "row_kernels.inc"
#pragma clang attribute pop
#endif
