#if defined(__x86_64__)
#define KERNELS cm_avx512_fold_kernels
// There are registers for twice as many as elsewhere, which hides how long a multiply-add takes.
#define FORWARD 8
#include "fold_kernels.h"
#include "instruction_sets.h"
#pragma clang attribute push(__attribute__((target(CM_AVX512(CM_TARGET_PART, ",")))), apply_to = function)
#include "fold_kernels.inc"
#pragma clang attribute pop
#endif
