#include <fenv.h>

#include "directed_decimal.h"
#include "harness.h"

/// Adds one to the last of the digits `d.ddd`; returns whether the first overflowed.
static int increment(char *digits) {
  for (size_t k = strlen(digits); k-- > 0;) {
    if (digits[k] == '.') continue;
    if (digits[k] != '9') {
      digits[k]++;
      return 0;
    }
    digits[k] = '0';
  }
  digits[0] = '1';
  return 1;
}

/// The decimal next to `value` away from or towards zero, from all of its digits.
static void expected(double value, int digits, int away, char *text, size_t size) {
  char all[1200], head[64];
  snprintf(all, sizeof all, "%.1100e", fabs(value));
  char *mark = strchr(all, 'e');
  int exponent = (int)strtol(mark + 1, NULL, 10);
  size_t kept = digits == 1 ? 1 : (size_t)digits + 1;
  memcpy(head, all, kept);
  head[kept] = 0;
  int exact = 1;
  for (char *p = all + kept; p < mark; p++) exact &= *p == '0' || *p == '.';
  if (away && !exact) exponent += increment(head);
  snprintf(
      text, size, "%s%se%c%02d", signbit(value) ? "-" : "", head, exponent < 0 ? '-' : '+',
      abs(exponent));
}

void test_decimals(random_source *random) {
  uint64_t bits = next_random(random);
  double value;
  memcpy(&value, &bits, sizeof value);
  if (below(random, 3) == 0) value = number(random);
  if (below(random, 9) == 0) value = ldexp(number(random), -1070);
  int digits = 1 + below(random, 40);
  char text[64], want[64];
  int mode = fegetround();
  for (int way = DIRECTED_DOWN; way <= DIRECTED_UP; way++) {
    int length = directed_decimal_write(value, digits, (enum directed_rounding)way, text, 64);
    CHECK(fegetround() == mode);
    if (!isfinite(value)) {
      CHECK(length == -1);
      continue;
    }
    expected(value, digits, (way == DIRECTED_UP) != signbit(value), want, sizeof want);
    CHECK(length == (int)strlen(want) && strcmp(text, want) == 0);
    // Memory ends where it says.
    char *exact = MAKE(char, length + 1);
    CHECK(directed_decimal_write(value, digits, way, exact, (size_t)length) == -1);
    CHECK(directed_decimal_write(value, digits, way, exact, (size_t)length + 1) == length);
    free(exact);
  }
  CHECK(directed_decimal_write(1, 0, DIRECTED_UP, text, 64) == -1);
  CHECK(directed_decimal_write(1, 41, DIRECTED_UP, text, 64) == -1);
}
