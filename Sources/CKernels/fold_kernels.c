#include "fold_kernels.h"

#include <stddef.h>

#include "row_kernels.h"

extern const cm_fold_kernels cm_portable_fold_kernels;
#if defined(__x86_64__)
extern const cm_fold_kernels cm_avx2_fold_kernels;
extern const cm_fold_kernels cm_avx512_fold_kernels;
#endif

const cm_fold_kernels *cm_best_fold_kernels(void) {
#if defined(__x86_64__)
  if (cm_named_kernels("avx512") != NULL) return &cm_avx512_fold_kernels;
  if (cm_named_kernels("avx2") != NULL) return &cm_avx2_fold_kernels;
#endif
  return &cm_portable_fold_kernels;
}
