#include "harness.h"

/// Some places of a block with lines of their own, and what they are multiplied by.
typedef struct {
  cm_lines lines;
  int32_t padded, places;
  double *block;
} test_lines;

static double *numbers(random_source *random, int64_t count) {
  double *made = MAKE(double, count);
  for (int64_t k = 0; k < count; k++) made[k] = number(random);
  return made;
}

static double *sizes(random_source *random, int64_t count) {
  double *made = numbers(random, count);
  for (int64_t k = 0; k < count; k++) made[k] = fabs(made[k]);
  return made;
}

static test_lines make_lines(random_source *random) {
  test_lines made = {.padded = 4 * (1 + below(random, 8)), .places = 1 + below(random, 40)};
  int32_t *place = MAKE(int32_t, made.places), count = 0;
  for (int32_t k = 0; k < made.places; k++)
    if (below(random, 2)) place[count++] = k;
  int64_t all = (int64_t)count * made.padded;
  made.lines = (cm_lines){
      count, place, numbers(random, count), sizes(random, count), sizes(random, count),
      sizes(random, count), numbers(random, count), sizes(random, all), MAKE(double, all),
      numbers(random, all), sizes(random, all)};
  made.block = numbers(random, (int64_t)made.places * made.padded);
  return made;
}

static void free_lines(test_lines *made) {
  cm_lines *lines = &made->lines;
  void *all[] = {lines->place, lines->midpoint,   lines->slope, lines->gap,
                 lines->charge, lines->activation, lines->lower, lines->coefficient,
                 lines->derivative, lines->step, made->block};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}

/// The block that a kernel left, but for the places that have lines, is the block before.
static void check_others(const test_lines *made, const double *before) {
  for (int32_t p = 0, k = 0; p < made->places; p++) {
    if (k < made->lines.count && made->lines.place[k] == p) {
      k++;
      continue;
    }
    for (int32_t r = 0; r < made->padded; r++)
      CHECK(made->block[p * made->padded + r] == before[p * made->padded + r]);
  }
}

static void check_choice(const cm_kernels *kernels, random_source *random) {
  test_lines made = make_lines(random);
  const cm_lines *lines = &made.lines;
  size_t bytes = (size_t)made.places * (size_t)made.padded * sizeof(double);
  double *before = MAKE(double, (int64_t)made.places * made.padded);
  memcpy(before, made.block, bytes);
  double cost[CM_MAX_ROWS] = {0}, shift[CM_MAX_ROWS] = {0}, size[CM_MAX_ROWS] = {0};
  kernels->choose_lines(lines, made.block, made.padded, cost, shift, size);
  check_others(&made, before);
  for (int32_t r = 0; r < made.padded; r++) {
    double least = 0, most = 0, moved = 0, magnitude = 0;
    for (int32_t k = 0; k < lines->count; k++) {
      int32_t at = lines->place[k] * made.padded + r;
      double mu = before[at], line = mu > 0 ? lines->lower[k * made.padded + r] : lines->slope[k];
      CHECK(lines->coefficient[k * made.padded + r] == mu);
      CHECK(close_to(made.block[at], mu * line, fabs(mu)));
      // What is paid: the gap and the charge on the line, and a little for rounding.
      double paid = fabs(mu) * (lines->gap[k] + line * lines->charge[k]);
      double size_of = fabs(lines->slope[k] * lines->midpoint[k]) + lines->gap[k];
      least += paid;
      most += paid + fabs(mu) * 0x1p-48 * size_of;
      double term = mu > 0 ? mu * (lines->slope[k] - line) * lines->midpoint[k] : 0;
      moved += term;
      magnitude += fabs(term);
    }
    CHECK(cost[r] >= least * (1 - 1e-14) && cost[r] <= most * (1 + 1e-14));
    CHECK(close_to(shift[r], moved, 2 * magnitude + 1));
    CHECK(close_to(size[r], magnitude, 2 * magnitude + 1));
  }
  free(before);
  free_lines(&made);
}

/// A row with splits, against what the header says of it: its value at any point, the midpoint network's
/// taken off, is not below what the block's coefficients give there less what was paid.
static void check_splits(random_source *random) {
  test_lines made = make_lines(random);
  const cm_lines *lines = &made.lines;
  int64_t all = (int64_t)lines->count * made.padded;
  int64_t entries = (int64_t)made.places * made.padded;
  cm_splits splits = {MAKE(int8_t, all), numbers(random, all)};
  for (int64_t k = 0; k < all; k++) splits.side[k] = (int8_t)(below(random, 3) - 1);
  double *before = MAKE(double, entries);
  memcpy(before, made.block, (size_t)entries * sizeof(double));
  double cost[CM_MAX_ROWS] = {0}, shift[CM_MAX_ROWS] = {0}, size[CM_MAX_ROWS] = {0};
  cm_choose_split_lines(lines, &splits, made.block, made.padded, cost, shift, size);
  check_others(&made, before);
  for (int32_t r = 0; r < made.padded; r++) {
    double paid = 0, charged = 0, moved = 0, magnitude = 0;
    for (int32_t k = 0; k < lines->count; k++) {
      int64_t at = (int64_t)k * made.padded + r, place = (int64_t)lines->place[k] * made.padded + r;
      double mu = before[place], m = lines->midpoint[k], s = lines->slope[k];
      double line = splits.side[at] > 0 ? 1 : splits.side[at] < 0 ? 0 : mu > 0 ? lines->lower[at] : s;
      double constant = splits.side[at] != 0 ? mu * (lines->activation[k] - line * m)
                        : mu > 0             ? mu * (s - line) * m
                                             : 0;
      CHECK(close_to(made.block[place], mu * line + splits.push[at], fabs(mu) + 1));
      paid += splits.side[at] == 0 ? fabs(mu) * lines->gap[k] : 0;
      charged += (fabs(mu * line) + fabs(splits.push[at])) * lines->charge[k];
      moved += constant - splits.push[at] * m;
      magnitude += fabs(constant) + fabs(splits.push[at] * m);
    }
    CHECK(cost[r] >= (paid + charged) * (1 - 1e-14));
    CHECK(close_to(shift[r], moved, 4 * magnitude + 4));
    CHECK(size[r] >= magnitude * (1 - 1e-14));
  }
  free(splits.side);
  free(splits.push);
  free(before);
  free_lines(&made);
}

static void check_climb(const cm_kernels *kernels, random_source *random) {
  test_lines made = make_lines(random);
  cm_lines *lines = &made.lines;
  int64_t count = (int64_t)lines->count * made.padded;
  double *last = MAKE(double, count), *old = MAKE(double, count), *step = MAKE(double, count);
  for (int64_t k = 0; k < count; k++) {
    lines->coefficient[k] = number(random);
    last[k] = lines->derivative[k];
    old[k] = lines->lower[k];
    step[k] = lines->step[k];
  }
  double *before = MAKE(double, (int64_t)made.places * made.padded);
  memcpy(before, made.block, (size_t)made.places * (size_t)made.padded * sizeof(double));
  cm_stride stride = {1.25, 0.5, 0.5, 0.01};
  kernels->climb_lines(lines, made.block, made.padded, stride);
  check_others(&made, before);
  for (int64_t k = 0; k < count; k++) {
    int64_t line = k / made.padded, at = lines->place[line] * made.padded + k % made.padded;
    double mu = lines->coefficient[k], m = lines->midpoint[line], s = lines->slope[line];
    double gap = lines->gap[line], z = m + before[at];
    // The line that the coefficient's sign chooses, at z, less the midpoint network's s M + gap.
    double chosen = mu > 0 ? old[k] * z : s * z + 2 * gap;
    CHECK(close_to(made.block[at], chosen - (s * m + gap), 8));
    double derivative = mu > 0 ? mu * z : 0, kept = derivative * last[k];
    CHECK(close_to(lines->derivative[k], derivative, 4));
    double size = step[k] * (kept > 0 ? stride.grow : kept < 0 ? stride.shrink : 1);
    size = fmax(fmin(size, stride.largest), stride.smallest);
    CHECK(lines->step[k] == size);
    double moved = old[k] + (derivative > 0 ? size : derivative < 0 ? -size : 0);
    CHECK(close_to(lines->lower[k], fmax(fmin(moved, 1), 0), 1));
    CHECK(lines->lower[k] >= 0 && lines->lower[k] <= 1);
  }
  free(last);
  free(old);
  free(step);
  free(before);
  free_lines(&made);
}

static void check_window(
    const cm_kernels *kernels, random_source *random, test_convolution *test) {
  cm_view *in = view_of(&test->in), *out = view_of(&test->out);
  int32_t above = cm_open_window(out, some_window(random, out));
  int32_t live = cm_open_window(in, cm_input_window(&test->op, out->window));
  int32_t padded = 4 * (1 + below(random, 8));
  double *points = numbers(random, (int64_t)live * padded);
  double *next = MAKE(double, (int64_t)above * padded);
  kernels->ascend_window(&test->op, in, points, padded, out, next);
  for (int32_t o = 0; o < test->out.units; o++) {
    int32_t to = place_of(out, o);
    for (int32_t r = 0; to >= 0 && r < padded; r++) {
      double sum = 0, size = 0;
      for (int32_t i = 0; i < test->in.units; i++) {
        int32_t from = place_of(in, i);
        if (from < 0) continue;
        double w = test->matrix[(int64_t)o * test->in.units + i];
        double term = w * points[(int64_t)from * padded + r];
        sum += term;
        size += fabs(term);
      }
      CHECK(close_to(next[(int64_t)to * padded + r], sum, size));
    }
  }
  free(points);
  free(next);
}

void test_tight_rows(const cm_kernels *kernels, random_source *random) {
  check_choice(kernels, random);
  check_splits(random);
  check_climb(kernels, random);
  test_convolution test = make_convolution(random);
  if (test.in.units * test.out.units < 20000) check_window(kernels, random, &test);
  free_convolution(&test);
}
