#if defined(__x86_64__)
#define KERNELS cm_avx2_fold_kernels
#include "fold_kernels.h"
#include "instruction_sets.h"
#pragma clang attribute push(__attribute__((target(CM_AVX2(CM_TARGET_PART, ",")))), apply_to = function)
#include "fold_kernels.inc"
#pragma clang attribute pop
#endif
