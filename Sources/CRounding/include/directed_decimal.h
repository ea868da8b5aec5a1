#pragma once

#include <stddef.h>

// Decimal numerals rounded in one stated direction. The processor's rounding mode is changed for
// the duration of the call, in the calling thread only, and put back.

enum directed_rounding { DIRECTED_DOWN = 0, DIRECTED_UP = 1 };

// Writes `value` as `[-]d.ddde[+-]xx` with `digits` significant digits (1 to 40), the decimal being
// the nearest one that is not above `value` (DIRECTED_DOWN) or not below it (DIRECTED_UP).
// Returns the length written, or -1 when the buffer is too small, `value` is not finite, `digits`
// is out of range or the rounding mode cannot be set.
int directed_decimal_write(
    double value, int digits, enum directed_rounding rounding, char *buffer, size_t size);
