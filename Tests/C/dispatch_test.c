#include "harness.h"
#include "instruction_sets.h"

/// Kernels run only where the processor has every part that they are compiled for.
void test_dispatch(random_source *random) {
  (void)random;
  CHECK(cm_kernels_on("portable", 0) != NULL && cm_kernels_on("other", ~0u) == NULL);
#if defined(__x86_64__)
  const uint32_t avx2[] = {CM_PART_avx2, CM_PART_fma};
  const uint32_t avx512[] = {CM_PART_avx512f, CM_PART_avx512dq, CM_PART_avx512vl, CM_PART_avx512bw,
                             CM_PART_avx2,    CM_PART_fma,      CM_PART_bmi2};
  CHECK(strcmp(cm_kernels_on("avx2", ~0u)->name, "avx2") == 0);
  CHECK(strcmp(cm_kernels_on("avx512", ~0u)->name, "avx512") == 0);
  for (size_t k = 0; k < sizeof avx2 / sizeof *avx2; k++)
    CHECK(cm_kernels_on("avx2", ~avx2[k]) == NULL);
  for (size_t k = 0; k < sizeof avx512 / sizeof *avx512; k++)
    CHECK(cm_kernels_on("avx512", ~avx512[k]) == NULL);
#else
  CHECK(cm_kernels_on("avx2", ~0u) == NULL && cm_kernels_on("avx512", ~0u) == NULL);
#endif
}
