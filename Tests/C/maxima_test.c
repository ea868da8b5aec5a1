#include "harness.h"
#include "maxima.h"

// Maxima of windows, each step written as a rewriting does: a is carried, b - a goes into a ReLU beside it,
// and their sum is the maximum. Numbers are multiples of 2^-10, so that all of it is exact.

enum { LEAVES = 9, LEVELS = 5, UNITS = 12 };

/// One layer in front of its ReLUs, and the operator that makes it.
typedef struct {
  cm_maxima maxima;
  int32_t start[2 * UNITS + 1], terms;
  cm_term term[4 * UNITS];
  double lower[UNITS], upper[UNITS], charge[UNITS], value[UNITS];
} level;

/// A number that is not negative: a unit, or a unit and the one that is compared with it.
typedef struct {
  cm_term term;
  double least, most;
} number_of;

static cm_bounds bounds_of(level *made) {
  return (cm_bounds){made->lower, made->upper, made->charge, made->charge};
}

static double positive(double value) { return value > 0 ? value : 0; }

static double grid(random_source *random) { return round(number(random) * 1024) / 1024; }

static double value_of(const level *below, cm_term term) {
  double value = positive(below->value[term.source]);
  return term.compared < 0 ? value : value + positive(below->value[term.compared]);
}

static void add_unit(level *made, const level *below, const cm_term *added, const cm_term *taken) {
  const int32_t unit = made->maxima.count++;
  made->value[unit] = 0;
  made->lower[unit] = made->upper[unit] = 0;
  made->charge[unit] = 0x1p-960;
  for (int side = 0; side < 2; side++) {
    const cm_term *term = side ? taken : added;
    if (term != NULL) {
      made->term[made->terms++] = *term;
      const double sign = side ? -1 : 1;
      made->value[unit] += sign * value_of(below, *term);
      // Intervals of the parts.
      double least = positive(below->lower[term->source]), most = positive(below->upper[term->source]);
      if (term->compared >= 0) {
        least += positive(below->lower[term->compared]);
        most += positive(below->upper[term->compared]);
      }
      made->lower[unit] += side ? -most : least;
      made->upper[unit] += side ? -least : most;
    }
    made->start[2 * unit + 1 + side] = made->terms;
  }
  made->lower[unit] -= 0x1p-30;
  made->upper[unit] += 0x1p-30;
}

static void begin(level *made, const level *below) {
  *made = (level){0};
  made->maxima.start = made->start;
  made->maxima.terms = made->term;
  made->maxima.below = below != NULL && below->maxima.start != NULL ? &below->maxima : NULL;
}

static void take(level *levels, int32_t top, const cm_forward *forward, int signs_only) {
  cm_bounds below[LEVELS];
  for (int32_t k = 0; k < top; k++) below[k] = bounds_of(&levels[top - 1 - k]);
  cm_take_maxima(&levels[top].maxima, below, bounds_of(&levels[top]), forward, signs_only);
  for (int32_t unit = 0; unit < levels[top].maxima.count; unit++) {
    CHECK(levels[top].lower[unit] <= levels[top].value[unit]);
    CHECK(levels[top].value[unit] <= levels[top].upper[unit]);
  }
}

/// A sum, or a difference, of two numbers with all their bits, one much smaller: rounded, but never inward. In
/// 64 bits both are exact.
static void check_rounding(random_source *random, int is_sum) {
  static level levels[2];
  levels[0] = (level){0};
  for (int32_t i = 0; i < 2; i++) {
    const double size = i == 0 ? 1 : 0x1p-7;
    levels[0].lower[i] = size * (1 + fabs(number(random)) / 4);
    levels[0].upper[i] = levels[0].lower[i] + size * fabs(number(random)) / 4;
  }
  const cm_term terms[] = {{0, -1}, {1, -1}};
  const int32_t start[] = {0, is_sum ? 2 : 1, 2};
  const cm_maxima maxima = {1, start, terms, NULL};
  levels[1] = (level){0};
  levels[1].lower[0] = -100;
  levels[1].upper[0] = 100;
  const cm_bounds below = bounds_of(&levels[0]);
  cm_take_maxima(&maxima, &below, bounds_of(&levels[1]), NULL, 0);
  const double *l = levels[0].lower, *u = levels[0].upper;
  const long double least = is_sum ? (long double)l[0] + l[1] : (long double)l[0] - u[1];
  const long double most = is_sum ? (long double)u[0] + u[1] : (long double)u[0] - l[1];
  CHECK(levels[1].lower[0] <= least && levels[1].lower[0] >= least - 0x1p-50L);
  CHECK(levels[1].upper[0] >= most && levels[1].upper[0] <= most + 0x1p-50L);
}

/// Nothing follows from a bound that is not a number.
static void check_unknown(void) {
  // Units a, b; then a carried, b - a, b carried; then a + relu(b - a).
  const cm_term leaves[] = {{0, -1}, {1, -1}, {0, -1}, {1, -1}};
  const cm_term sum[] = {{0, 1}};
  const int32_t start[] = {0, 1, 1, 2, 3, 4, 4}, end[] = {0, 1, 1};
  const cm_maxima first = {3, start, leaves, NULL}, second = {1, end, sum, &first};
  for (int32_t place = 0; place < 10; place++) {
    double lower[2][3] = {{1, 2}, {1, -1, 2}}, upper[2][3] = {{3, 4}, {3, 3, 4}};
    const int32_t layer = place / 6, unit = place % 6 / 2;
    (place % 2 ? upper : lower)[layer][layer ? unit : unit % 2] = NAN;
    double charge[1] = {0x1p-960}, least[1] = {-100}, most[1] = {100};
    const cm_bounds below[] = {
        {lower[1], upper[1], NULL, NULL}, {lower[0], upper[0], NULL, NULL}};
    cm_forward forward = make_forward(1);
    forward.magnitude[0] = 1000;
    cm_take_maxima(&second, below, (cm_bounds){least, most, charge, charge}, &forward, 0);
    // What is known of the others counts: the maximum is in [2, 4].
    CHECK(least[0] <= 2 && most[0] >= 4 && forward.magnitude[0] >= 4);
    double low[3] = {-100, -100, -100}, high[3] = {100, 100, 100};
    cm_take_maxima(&first, below + 1, (cm_bounds){low, high, NULL, NULL}, NULL, 0);
    CHECK(low[1] <= -1 && high[1] >= 3);
    free_forward(forward);
  }
}

void test_maxima(random_source *random) {
  check_unknown();
  for (int32_t k = 0; k < 100; k++) check_rounding(random, k % 2);
  static level levels[LEVELS + 1];
  const int32_t leaves = 2 + below(random, LEAVES - 1);
  number_of found[LEAVES];
  double largest = 0;
  levels[0] = (level){0};
  for (int32_t i = 0; i < leaves; i++) {
    const double a = grid(random), b = grid(random), part = below(random, 1025) / 1024.0;
    levels[0].lower[i] = a < b ? a : b;
    levels[0].upper[i] = a < b ? b : a;
    levels[0].value[i] = round((a + part * (b - a)) * 1024) / 1024;
    largest = fmax(largest, levels[0].value[i]);
    found[i] = (number_of){{i, -1}, positive(levels[0].lower[i]), positive(levels[0].upper[i])};
  }
  int32_t top = 0, count = leaves;
  for (; count > 1; top++) {
    level *next = &levels[top + 1];
    begin(next, top > 0 ? &levels[top] : NULL);
    const int32_t left = count;
    count = 0;
    for (int32_t i = 0; i < left; i += 2) {
      number_of one = found[i];
      add_unit(next, &levels[top], &found[i].term, NULL);
      one.term = (cm_term){next->maxima.count - 1, -1};
      if (i + 1 < left) {
        const number_of other = found[i + 1];
        add_unit(next, &levels[top], &found[i + 1].term, &found[i].term);
        one.term.compared = next->maxima.count - 1;
        one.least = fmax(one.least, other.least);
        one.most = fmax(one.most, other.most);
      }
      found[count++] = one;
    }
    const int signs_only = below(random, 8) == 0;
    double lower[UNITS], upper[UNITS];
    memcpy(lower, next->lower, sizeof lower);
    memcpy(upper, next->upper, sizeof upper);
    take(levels, top + 1, NULL, 1);
    for (int32_t unit = 0; unit < next->maxima.count; unit++) {
      // The sign alone: an end stays, or becomes 0.
      CHECK(next->lower[unit] == lower[unit] || next->lower[unit] == 0);
      CHECK(next->upper[unit] == upper[unit] || next->upper[unit] == 0);
    }
    if (!signs_only) take(levels, top + 1, NULL, 0);
    if (signs_only) return;
  }
  // The maximum itself, without a ReLU: no more than the largest of what goes in.
  level *last = &levels[top + 1];
  begin(last, &levels[top]);
  add_unit(last, &levels[top], &found[0].term, NULL);
  CHECK(last->value[0] == largest);
  cm_forward forward = make_forward(1);
  forward.magnitude[0] = 100;
  take(levels, top + 1, &forward, 0);
  CHECK(last->lower[0] >= found[0].least - 0x1p-27);
  // A leaf that is left over in a step passes it with its interval.
  CHECK(last->upper[0] >= found[0].most && last->upper[0] <= found[0].most + 0x1p-27);
  CHECK(forward.magnitude[0] == last->upper[0]);
  forward.magnitude[0] = 100;
  forward.midpoint[0] = -7;
  take(levels, top + 1, &forward, 0);
  CHECK(forward.magnitude[0] == 7);
  free_forward(forward);
}
