#include "directed_decimal.h"

#include <fenv.h>
#include <math.h>
#include <stdio.h>

// glibc's printf rounds as the processor's rounding mode says, exactly. Without the pragma the
// compiler may move the call across fesetround.
#pragma STDC FENV_ACCESS ON

static int mode_of(enum directed_rounding rounding) {
  return rounding == DIRECTED_UP ? FE_UPWARD : FE_DOWNWARD;
}

int directed_decimal_write(
    double value, int digits, enum directed_rounding rounding, char *buffer, size_t size) {
  if (!isfinite(value) || digits < 1 || digits > 40) return -1;
  const int saved = fegetround();
  if (saved < 0 || fesetround(mode_of(rounding)) != 0) return -1;
  const int length = snprintf(buffer, size, "%.*e", digits - 1, value);
  fesetround(saved);
  return length > 0 && (size_t)length < size ? length : -1;
}
