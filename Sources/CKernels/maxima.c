#include "maxima.h"

#include <math.h>
#include <stddef.h>

/// Ends of a number that is not negative.
typedef struct {
  double low, high;
} ends;

/// NaN where the first is, or the second: of what is not known nothing follows.
static double larger(double a, double b) { return a > b || a != a ? a : b; }
static double smaller(double a, double b) { return a < b || a != a ? a : b; }

/// Of a result rounded to nearest, off by at most 2^-53 of it, or exact where that is subnormal: not above, or
/// not below, what was to be computed.
static double down(double x) { return x - fabs(x) * 0x1p-52; }
static double up(double x) { return x + fabs(x) * 0x1p-52; }

/// Rounded outward; a sum with 0 is exact.
static ends plus(ends a, ends b) {
  ends sum = {a.low + b.low, a.high + b.high};
  if (a.low != 0 && b.low != 0) sum.low = down(sum.low);
  if (a.high != 0 && b.high != 0) sum.high = up(sum.high);
  return sum;
}

static ends positive(cm_bounds bounds, int32_t unit) {
  return (ends){larger(bounds.lower[unit], 0), larger(bounds.upper[unit], 0)};
}

static ends maximum_of(const cm_maxima *maxima, cm_term term, const cm_bounds *below);

static inline __attribute__((always_inline)) ends sum_of(
    const cm_maxima *maxima, int32_t first, int32_t end, const cm_bounds *below) {
  ends sum = {0, 0};
  for (int32_t k = first; k < end; k++) {
    const cm_term term = maxima->terms[k];
    // Where relu(b - a) is 0, a is the maximum. False for NaN.
    const int compares = term.compared >= 0 && !(below->upper[term.compared] <= 0);
    // Most are 0.
    if (!compares && below->upper[term.source] <= 0) continue;
    const ends value =
        compares ? maximum_of(maxima, term, below) : positive(*below, term.source);
    sum = plus(sum, value);
  }
  return sum;
}

/// A maximum of a, which is carried, and b, of which a is taken off.
static __attribute__((noinline)) ends maximum_of(
    const cm_maxima *maxima, cm_term term, const cm_bounds *below) {
  const int32_t *start = maxima->below->start + 2 * term.compared;
  const ends value = positive(*below, term.source);
  const ends other = sum_of(maxima->below, start[0], start[1], below + 1);
  const ends both = plus(value, positive(*below, term.compared));
  return (ends){
      larger(both.low, other.low), smaller(both.high, larger(value.high, other.high))};
}

/// Whether an output in front of a ReLU needs no more: its sign is known, and what stands on its number is a
/// maximum, which asks for other ones.
static int is_settled(
    const cm_maxima *maxima, const int32_t *start, const cm_bounds *below, cm_bounds own,
    int32_t unit) {
  if (!(own.upper[unit] > 0)) return 1;
  if (start[1] < start[2]) return own.lower[unit] > 0;
  if (start[1] - start[0] != 1) return 0;
  const cm_term term = maxima->terms[start[0]];
  const int compares = term.compared >= 0 && !(below->upper[term.compared] <= 0);
  if (!compares && below->upper[term.source] <= 0) {
    own.upper[unit] = 0;
    return 1;
  }
  // What is carried alone has its source's bounds already.
  return term.compared < 0;
}

void cm_take_maxima(
    const cm_maxima *maxima, const cm_bounds *below, cm_bounds own, const cm_forward *forward,
    int signs_only) {
  const int32_t *start = maxima->start;
  for (int32_t unit = 0; unit < maxima->count; unit++, start += 2) {
    if (forward == NULL && is_settled(maxima, start, below, own, unit)) continue;
    const ends added = sum_of(maxima, start[0], start[1], below);
    const ends taken = sum_of(maxima, start[1], start[2], below);
    double least = -INFINITY, most = INFINITY;
    if (!signs_only) {
      least = taken.high == 0 ? added.low : down(added.low - taken.high);
      most = taken.low == 0 ? added.high : up(added.high - taken.low);
    }
    if (added.low >= taken.high) least = larger(least, 0);
    if (added.high <= taken.low) most = smaller(most, 0);
    if (forward != NULL) most = larger(most, own.own_charge[unit]);
    // False for NaN.
    if (least > own.lower[unit]) own.lower[unit] = least;
    if (most < own.upper[unit]) own.upper[unit] = most;
    if (forward == NULL) continue;
    const double size = larger(
        larger(own.upper[unit], -own.lower[unit]), fabs(forward->midpoint[unit]));
    if (size < forward->magnitude[unit]) forward->magnitude[unit] = size;
  }
}
