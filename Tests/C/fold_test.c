#include "fold_kernels.h"
#include "harness.h"

extern const cm_fold_kernels cm_portable_fold_kernels;
#if defined(__x86_64__)
extern const cm_fold_kernels cm_avx2_fold_kernels;
extern const cm_fold_kernels cm_avx512_fold_kernels;
#endif

static int32_t whole(int32_t count) {
  return (count + CM_FOLD_QUANTUM - 1) / CM_FOLD_QUANTUM * CM_FOLD_QUANTUM;
}

/// A folded network whose first rows read the input alone, some of them linear; some stretches of its rows are
/// left out.
typedef struct {
  cm_folded net;
  /// [linear + count + 1][inputs + units]: the same rows, dense.
  double *dense;
  int8_t *side;
  double *slope, *push;
} test_fold;

/// Draws a row, and keeps its numbers run by run.
static void make_row(
    random_source *random, double *dense, int32_t inputs, int32_t width, int32_t reach, void *numbers,
    cm_fold_run *runs, int32_t *run_count, int narrow) {
  // Rows of a dense network have no zeros; several in a row are read together.
  const int is_whole = below(random, 4) != 0;
  int32_t place = 0;
  for (int32_t first = 0; first < whole(inputs) + whole(reach); first += CM_FOLD_QUANTUM) {
    if (!is_whole && below(random, 3) == 0) continue;
    cm_fold_run *last = runs + *run_count - 1;
    if (*run_count > 0 && last->first + last->count == first && first != whole(inputs) &&
        (is_whole || below(random, 4) != 0))
      last->count += CM_FOLD_QUANTUM;
    else
      runs[(*run_count)++] = (cm_fold_run){first, CM_FOLD_QUANTUM};
    for (int32_t i = first; i < first + CM_FOLD_QUANTUM; i++, place++) {
      if (i >= inputs && (i < whole(inputs) || i - whole(inputs) >= reach || i >= width)) continue;
      dense[i] = narrow ? (float)number(random) : number(random);
      if (narrow)
        ((float *)numbers)[place] = (float)dense[i];
      else
        ((double *)numbers)[place] = dense[i];
    }
  }
}

/// Whether a row has the runs of the one before.
static int is_alike(const int32_t *run_start, const cm_fold_run *runs, int32_t v) {
  const int32_t count = run_start[v + 1] - run_start[v];
  if (run_start[v] - run_start[v - 1] != count) return 0;
  for (int32_t k = run_start[v]; k < run_start[v + 1]; k++)
    if (runs[k].first != runs[k - count].first || runs[k].count != runs[k - count].count) return 0;
  return 1;
}

static test_fold make_fold(random_source *random) {
  int32_t inputs = 1 + below(random, 40), margin = below(random, 40), first = below(random, margin + 1);
  int32_t linear = below(random, 2) ? below(random, first + 1) : 0, count = margin - linear;
  int32_t stride = whole(inputs) + whole(margin), run_count = 0;
  int32_t *run_start = MAKE(int32_t, margin + 2);
  cm_fold_run *runs = MAKE(cm_fold_run, (margin + 1) * (stride / CM_FOLD_QUANTUM));
  const void **rows = MAKE(const void *, margin + 1);
  int32_t *shape = MAKE(int32_t, margin + 1);
  const int narrow = below(random, 2);
  double *bias = MAKE(double, margin + 1), *lower = MAKE(double, count), *upper = MAKE(double, count);
  test_fold made = {
      .dense = MAKE(double, (int64_t)(margin + 1) * stride), .side = MAKE(int8_t, count),
      .slope = MAKE(double, count), .push = MAKE(double, count)};
  for (int32_t v = 0; v <= margin; v++) {
    double *numbers = MAKE(double, stride);
    int32_t mine = 0, reach = v < first ? 0 : v < margin ? first : margin;
    make_row(random, made.dense + (int64_t)v * stride, inputs, stride, reach, numbers, runs + run_count,
        &mine, narrow);
    rows[v] = numbers;
    run_count += mine;
    run_start[v + 1] = run_count;
    shape[v] = v > 0 && (v < first || (v > first && v < margin)) && is_alike(run_start, runs, v)
        ? shape[v - 1] : v;
    bias[v] = number(random);
  }
  for (int32_t v = 0; v < count; v++) {
    lower[v] = -fabs(number(random)) - 0.01;
    upper[v] = fabs(number(random)) + 0.01;
    made.side[v] = (int8_t)(below(random, 3) - 1);
    made.slope[v] = fabs(number(random));
    made.push[v] = below(random, 2) ? number(random) : 0;
  }
  made.net = (cm_folded){whole(inputs), whole(margin), linear, count, run_start, runs, shape, rows, narrow,
    bias,    lower, upper};
  return made;
}

static int32_t margin_row(const cm_folded *net) { return net->linear + net->count; }

/// bias + row . point
static double row_at(const test_fold *made, int32_t v, const double *point) {
  int32_t stride = made->net.inputs + made->net.units;
  double sum = made->net.bias[v];
  for (int32_t i = 0; i < stride; i++) sum += made->dense[(int64_t)v * stride + i] * point[i];
  return sum;
}

/// What stands for an activation: one line, chosen by the coefficient's sign where the unit is free.
static double line_at(const test_fold *made, int32_t v, double coefficient, double zhat) {
  double l = made->net.lower[v], u = made->net.upper[v];
  if (made->side[v] != 0) return made->side[v] > 0 ? zhat : 0;
  return coefficient < 0 ? u / (u - l) * (zhat - l) : made->slope[v] * zhat;
}

/// Whether binary32 says what binary64 says of a sum of numbers of such a size.
static int is_near(float narrow, double wide, double size) {
  return fabs((double)narrow - wide) <= 1e-4 * (1 + size);
}

/// Whether a network says what it has to, in binary32 where it is narrow.
static int agrees(const cm_folded *net, double found, double expected, double size) {
  return net->narrow ? is_near((float)found, expected, size) : close_to(found, expected, size);
}

/// Rows backwards and points forward belong together: at every point the row's linear function is the
/// row itself with its lines in place of activations.
static void check(const cm_fold_kernels *kernels, random_source *random, test_fold *made) {
  const cm_folded *net = &made->net;
  int32_t stride = net->inputs + net->units;
  double *sums = MAKE(double, stride), *point = MAKE(double, stride);
  double *coefficient = MAKE(double, net->count), *value = MAKE(double, margin_row(net));
  double *radius = MAKE(double, net->inputs), *worst = MAKE(double, net->inputs);
  float *near = MAKE(float, stride);
  double weight = below(random, 4) ? fabs(number(random)) : 0;
  for (int32_t i = 0; i < stride; i++) sums[i] = number(random);
  for (int32_t i = 0; i < net->inputs; i++) radius[i] = fabs(number(random));
  cm_fold_lines lines = {made->side, made->slope, made->push};
  double constant = kernels->descend(net, lines, weight, sums, coefficient);
  double least = kernels->minimise(net->inputs, radius, sums, worst), linear = 0, size = 0;
  for (int32_t i = 0; i < net->inputs; i++) {
    CHECK(fabs(worst[i]) <= radius[i]);
    linear += worst[i] * sums[i];
    size += fabs(worst[i] * sums[i]);
    point[i] = worst[i];
  }
  CHECK(close_to(least, linear, size));
  double margin = kernels->ascend(net, lines, coefficient, point, value, near);
  CHECK(agrees(net, margin, row_at(made, margin_row(net), point), 1e3));
  double whole_row = weight * margin;
  for (int32_t v = 0; v < margin_row(net); v++) {
    double zhat = row_at(made, v, point);
    CHECK(agrees(net, value[v], zhat, 1e3));
    double activation = v < net->linear ? zhat : line_at(made, v - net->linear, coefficient[v - net->linear], zhat);
    CHECK(agrees(net, point[net->inputs + v], activation, 1e3));
    if (v >= net->linear) whole_row += made->push[v - net->linear] * zhat;
  }
  CHECK(agrees(net, constant + least, whole_row, 1e4 + fabs(whole_row)));
  margin = kernels->evaluate(net, point, value);
  CHECK(close_to(margin, row_at(made, margin_row(net), point), 1e3));
  for (int32_t v = 0; v < margin_row(net); v++)
    CHECK(point[net->inputs + v] == (v < net->linear || value[v] > 0 ? value[v] : 0));
  void *all[] = {sums, point, coefficient, value, radius, worst, near};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}

/// A step goes up the derivatives, and stays within what slopes and multipliers may be.
static void check_climb(const cm_fold_kernels *kernels, random_source *random) {
  int8_t side[3] = {0, 1, -1};
  double slope[3] = {0.5, 0.5, 0.5}, multiplier[3] = {1, 1, 1}, derivative[6] = {0}, step[6];
  for (int k = 0; k < 6; k++) step[k] = 0.25;
  double value[3] = {number(random), number(random), number(random)}, coefficient[3] = {1, 1, 1};
  cm_fold_climb climb = {side, slope, multiplier, derivative, step};
  kernels->climb(3, climb, coefficient, value);
  CHECK(slope[0] == (value[0] > 0 ? 0.75 : value[0] < 0 ? 0.25 : 0.5));
  CHECK(multiplier[1] == (value[1] < 0 ? 1.25 : value[1] > 0 ? 0.75 : 1));
  CHECK(multiplier[2] == (value[2] > 0 ? 1.25 : value[2] < 0 ? 0.75 : 1));
  CHECK(slope[1] == 0.5 && slope[2] == 0.5 && multiplier[0] == 1);
  for (int k = 0; k < 40; k++) {
    kernels->climb(3, climb, coefficient, value);
    for (int v = 0; v < 3; v++) CHECK(slope[v] >= 0 && slope[v] <= 1 && multiplier[v] >= 0);
  }
}

static double largest(int32_t count, const double *numbers) {
  double most = 0;
  for (int32_t i = 0; i < count; i++) most = fmax(most, fabs(numbers[i]));
  return most;
}

/// Every row of a block is what it is alone, whatever the others are.
static void check_block(const cm_fold_kernels *kernels, random_source *random, test_fold *made) {
  const cm_folded *net = &made->net;
  const int32_t stride = net->inputs + net->units, count = net->count, rows = CM_FOLD_ROWS;
  float *slope = MAKE(float, count * rows), *push = MAKE(float, count * rows);
  float *sums = MAKE(float, stride * rows), *point = MAKE(float, stride * rows);
  float *coefficient = MAKE(float, count * rows), *value = MAKE(float, margin_row(net) * rows);
  float weight[CM_FOLD_ROWS], constant[CM_FOLD_ROWS], least[CM_FOLD_ROWS], margin[CM_FOLD_ROWS];
  float *near = MAKE(float, stride);
  double *own_slope = MAKE(double, count), *own_push = MAKE(double, count);
  double *own_sums = MAKE(double, stride), *own_coefficient = MAKE(double, count);
  double *own_point = MAKE(double, stride), *own_value = MAKE(double, margin_row(net));
  double *radius = MAKE(double, net->inputs);
  for (int32_t i = 0; i < net->inputs; i++) radius[i] = fabs(number(random));
  for (int32_t i = 0; i < stride * rows; i++) sums[i] = (float)number(random);
  for (int32_t i = 0; i < count * rows; i++) {
    slope[i] = (float)below(random, 65) / 64;
    push[i] = below(random, 3) ? 0 : (float)number(random);
  }
  for (int32_t r = 0; r < rows; r++) weight[r] = below(random, 4) ? (float)fabs(number(random)) : 0;
  cm_fold_block block = {made->side, slope, push};
  kernels->descend_block(net, block, weight, sums, coefficient, constant);
  kernels->minimise_block(net->inputs, radius, sums, point, least);
  kernels->ascend_block(net, block, coefficient, point, value, margin);
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t v = 0; v < count; v++) {
      own_slope[v] = slope[v * rows + r];
      own_push[v] = push[v * rows + r];
    }
    cm_fold_lines lines = {made->side, own_slope, own_push};
    double whole = kernels->descend(net, lines, weight[r], own_sums, own_coefficient);
    const double size = largest(stride, own_sums) + fabs(whole);
    CHECK(is_near(constant[r], whole, size * count));
    for (int32_t v = 0; v < count; v++)
      CHECK(is_near(coefficient[v * rows + r], own_coefficient[v], size));
    double reached = 0;
    for (int32_t i = 0; i < net->inputs; i++) {
      CHECK(is_near(sums[i * rows + r], own_sums[i], size));
      CHECK(fabs(point[i * rows + r]) == (sums[i * rows + r] != 0 ? (float)radius[i] : 0));
      reached -= fabs(sums[i * rows + r] * radius[i]);
      own_point[i] = point[i * rows + r];
    }
    CHECK(is_near(least[r], reached, fabs(reached)));
    // From the same coefficients: a sign may hang on the last digit.
    for (int32_t v = 0; v < count; v++) own_coefficient[v] = coefficient[v * rows + r];
    double end = kernels->ascend(net, lines, own_coefficient, own_point, own_value, near);
    const double far = largest(margin_row(net), own_value) + largest(stride, own_point) + fabs(end);
    CHECK(is_near(margin[r], end, far * 10));
    for (int32_t v = 0; v < margin_row(net); v++)
      CHECK(is_near(value[v * rows + r], own_value[v], far * 10));
  }
  void *all[] = {slope, push, sums, point, coefficient, value, own_slope, own_push, own_sums,
                 own_coefficient, own_point, own_value, radius, near};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}

/// A block's step is every row's own.
static void check_block_climb(const cm_fold_kernels *kernels, random_source *random) {
  enum { rows = CM_FOLD_ROWS };
  int8_t side[3] = {0, 1, -1};
  float slope[3 * rows], multiplier[3 * rows], derivative[6 * rows] = {0}, step[6 * rows];
  float value[3 * rows], coefficient[3 * rows];
  double own[4][rows][6] = {{{0}}};
  for (int i = 0; i < 6 * rows; i++) own[3][i % rows][i / rows] = step[i] = 0.25;
  for (int i = 0; i < 3 * rows; i++)
    own[0][i % rows][i / rows] = own[1][i % rows][i / rows] = slope[i] = multiplier[i] = 0.5;
  for (int k = 0; k < 12; k++) {
    for (int i = 0; i < 3 * rows; i++) {
      value[i] = (float)number(random);
      coefficient[i] = (float)number(random);
    }
    cm_fold_block_climb climb = {side, slope, multiplier, derivative, step};
    kernels->climb_block(3, climb, coefficient, value);
    for (int r = 0; r < rows; r++) {
      double own_value[3], own_coefficient[3];
      for (int v = 0; v < 3; v++) {
        own_value[v] = value[v * rows + r];
        own_coefficient[v] = coefficient[v * rows + r];
      }
      cm_fold_climb alone = {side, own[0][r], own[1][r], own[2][r], own[3][r]};
      kernels->climb(3, alone, own_coefficient, own_value);
      for (int v = 0; v < 3; v++) {
        CHECK(is_near(slope[v * rows + r], own[0][r][v], 1));
        CHECK(is_near(multiplier[v * rows + r], own[1][r][v], 1 + own[1][r][v]));
      }
    }
  }
}

/// What is kept of a block is every row's own.
static void check_block_keep(const cm_fold_kernels *kernels, random_source *random) {
  enum { rows = CM_FOLD_ROWS, units = 3 };
  float which[rows], from[units * rows], to[units * rows], before[units * rows];
  for (int r = 0; r < rows; r++) which[r] = number(random) > 0;
  for (int i = 0; i < units * rows; i++) {
    from[i] = (float)number(random);
    before[i] = to[i] = (float)number(random);
  }
  kernels->keep_block(units, which, from, to);
  for (int i = 0; i < units * rows; i++) CHECK(to[i] == (which[i % rows] == 1 ? from : before)[i]);
}

#if defined(__x86_64__)
/// However many rows go together, each is summed up for itself: where both fuse, one instruction set says what the
/// other does, to the last bit.
static void check_same(random_source *random, test_fold *made) {
  const cm_fold_kernels *both[2] = {&cm_avx2_fold_kernels, &cm_avx512_fold_kernels};
  const cm_folded *net = &made->net;
  const int32_t stride = net->inputs + net->units, rows = CM_FOLD_ROWS;
  double *coefficient = MAKE(double, net->count), *start = MAKE(double, stride);
  float *coefficients = MAKE(float, net->count * rows), *starts = MAKE(float, stride * rows);
  float *slope = MAKE(float, net->count * rows), *push = MAKE(float, net->count * rows);
  for (int32_t i = 0; i < net->count * rows; i++) {
    coefficient[i / rows] = number(random);
    coefficients[i] = (float)number(random);
    slope[i] = (float)below(random, 65) / 64;
  }
  for (int32_t i = 0; i < net->inputs; i++) start[i] = number(random);
  for (int32_t i = 0; i < net->inputs * rows; i++) starts[i] = (float)number(random);
  double *value[2], margin[2];
  float *values[2], margins[2][CM_FOLD_ROWS];
  for (int k = 0; k < 2; k++) {
    double *point = MAKE(double, stride);
    float *points = MAKE(float, stride * rows), *near = MAKE(float, stride);
    value[k] = MAKE(double, margin_row(net));
    values[k] = MAKE(float, margin_row(net) * rows);
    memcpy(point, start, (size_t)stride * sizeof *point);
    memcpy(points, starts, (size_t)(stride * rows) * sizeof *points);
    cm_fold_lines lines = {made->side, made->slope, made->push};
    margin[k] = both[k]->ascend(net, lines, coefficient, point, value[k], near);
    cm_fold_block block = {made->side, slope, push};
    both[k]->ascend_block(net, block, coefficients, points, values[k], margins[k]);
    free(point);
    free(points);
    free(near);
  }
  CHECK(margin[0] == margin[1]);
  CHECK(memcmp(margins[0], margins[1], sizeof margins[0]) == 0);
  CHECK(memcmp(value[0], value[1], (size_t)margin_row(net) * sizeof *value[0]) == 0);
  CHECK(memcmp(values[0], values[1], (size_t)(margin_row(net) * rows) * sizeof *values[0]) == 0);
  void *all[] = {coefficient, start, coefficients, starts, slope, push, value[0], value[1], values[0], values[1]};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}
#endif

void test_fold_kernels(random_source *random) {
  const cm_fold_kernels *all_kernels[3] = {&cm_portable_fold_kernels};
  int32_t count = 1;
#if defined(__x86_64__)
  if (cm_named_kernels("avx2") != NULL) all_kernels[count++] = &cm_avx2_fold_kernels;
  if (cm_named_kernels("avx512") != NULL) all_kernels[count++] = &cm_avx512_fold_kernels;
#endif
  test_fold made = make_fold(random);
  for (int32_t k = 0; k < count; k++) {
    check(all_kernels[k], random, &made);
    check_climb(all_kernels[k], random);
    check_block(all_kernels[k], random, &made);
    check_block_climb(all_kernels[k], random);
    check_block_keep(all_kernels[k], random);
  }
#if defined(__x86_64__)
  if (count == 3) check_same(random, &made);
#endif
  for (int32_t v = 0; v <= margin_row(&made.net); v++) free((void *)made.net.rows[v]);
  void *all[] = {(void *)made.net.run_start, (void *)made.net.runs,  (void *)made.net.rows,
                 (void *)made.net.shape, (void *)made.net.bias,      (void *)made.net.lower, (void *)made.net.upper,
                 made.dense, made.side, made.slope, made.push};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}
