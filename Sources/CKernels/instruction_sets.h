#pragma once
#include <stdint.h>

#include "row_kernels.h"

// What the kernels of an instruction set are compiled for, and what a processor must have to run them:
// one list for both, joined by commas for the compiler and by bits for the dispatch.

#define CM_AVX2(PART, JOIN) PART(avx2) JOIN PART(fma)
#define CM_AVX512(PART, JOIN)                                                                  \
  PART(avx512f) JOIN PART(avx512dq) JOIN PART(avx512vl) JOIN PART(avx512bw) JOIN PART(avx2)    \
  JOIN PART(fma) JOIN PART(bmi2)

#define CM_TARGET_PART(part) #part
#define CM_PART_BIT(part) CM_PART_##part

/// The parts of instruction sets that any kernel asks for.
enum {
  CM_PART_avx2 = 1,
  CM_PART_fma = 2,
  CM_PART_bmi2 = 4,
  CM_PART_avx512f = 8,
  CM_PART_avx512dq = 16,
  CM_PART_avx512vl = 32,
  CM_PART_avx512bw = 64,
};

/// The parts that this processor has.
uint32_t cm_processor_parts(void);
/// The kernels called `name` on a processor of these parts; null where it lacks one that they are compiled
/// for, and for a name that is none.
const cm_kernels *cm_kernels_on(const char *name, uint32_t parts);
