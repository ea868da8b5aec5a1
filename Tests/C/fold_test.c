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

/// A folded network whose first units read the input alone.
typedef struct {
  cm_folded net;
  int8_t *side;
  double *slope, *push;
} test_fold;

static test_fold make_fold(random_source *random) {
  int32_t inputs = 1 + below(random, 20), count = below(random, 12), first = below(random, count + 1);
  int32_t stride = whole(inputs) + whole(count);
  int32_t *reach = MAKE(int32_t, count);
  double *rows = MAKE(double, (int64_t)count * stride), *bias = MAKE(double, count);
  double *lower = MAKE(double, count), *upper = MAKE(double, count);
  test_fold made = {.side = MAKE(int8_t, count), .slope = MAKE(double, count), .push = MAKE(double, count)};
  for (int32_t v = 0; v < count; v++) {
    int32_t below_it = v < first ? 0 : first;
    reach[v] = whole(below_it);
    for (int32_t i = 0; i < inputs; i++) rows[v * stride + i] = number(random);
    for (int32_t u = 0; u < below_it; u++) rows[v * stride + whole(inputs) + u] = number(random);
    bias[v] = number(random);
    lower[v] = -fabs(number(random)) - 0.01;
    upper[v] = fabs(number(random)) + 0.01;
    made.side[v] = (int8_t)(below(random, 3) - 1);
    made.slope[v] = fabs(number(random));
    made.push[v] = below(random, 2) ? number(random) : 0;
  }
  made.net = (cm_folded){whole(inputs), whole(count), count, reach, rows, bias, lower, upper};
  return made;
}

/// What stands for an activation: one line, chosen by the coefficient's sign where the unit is free.
static double line_at(const test_fold *made, int32_t v, double coefficient, double zhat) {
  double l = made->net.lower[v], u = made->net.upper[v];
  if (made->side[v] != 0) return made->side[v] > 0 ? zhat : 0;
  return coefficient < 0 ? u / (u - l) * (zhat - l) : made->slope[v] * zhat;
}

/// Rows backwards and points forward belong together: at every point the row's linear function is the
/// row itself with its lines in place of activations.
static void check(const cm_fold_kernels *kernels, random_source *random, test_fold *made) {
  const cm_folded *net = &made->net;
  int32_t stride = net->inputs + net->units;
  double *sums = MAKE(double, stride), *start = MAKE(double, stride), *point = MAKE(double, stride);
  double *coefficient = MAKE(double, net->count), *value = MAKE(double, net->count);
  double *radius = MAKE(double, net->inputs), *worst = MAKE(double, net->inputs);
  for (int32_t i = 0; i < stride; i++)
    if (i < net->inputs || i - net->inputs < net->count) start[i] = sums[i] = number(random);
  for (int32_t i = 0; i < net->inputs; i++) radius[i] = fabs(number(random));
  cm_fold_lines lines = {made->side, made->slope, made->push};
  double constant = kernels->descend(net, lines, sums, coefficient);
  double least = kernels->minimise(net->inputs, radius, sums, worst), linear = 0, size = 0;
  for (int32_t i = 0; i < net->inputs; i++) {
    CHECK(fabs(worst[i]) <= radius[i]);
    linear += worst[i] * sums[i];
    size += fabs(worst[i] * sums[i]);
    point[i] = worst[i];
  }
  CHECK(close_to(least, linear, size));
  kernels->ascend(net, lines, coefficient, point, value);
  double whole_row = kernels->dot(stride, start, point), scale = 1e4 + fabs(whole_row);
  for (int32_t v = 0; v < net->count; v++) {
    double zhat = net->bias[v] + kernels->dot(net->inputs + net->reach[v], net->rows + v * (int64_t)stride, point);
    CHECK(close_to(value[v], zhat, 100));
    CHECK(close_to(point[net->inputs + v], line_at(made, v, coefficient[v], zhat), 100));
    whole_row += made->push[v] * zhat;
  }
  CHECK(close_to(constant + least, whole_row, scale));
  kernels->evaluate(net, point, value);
  for (int32_t v = 0; v < net->count; v++)
    CHECK(point[net->inputs + v] == (value[v] > 0 ? value[v] : 0));
  void *all[] = {sums, start, point, coefficient, value, radius, worst};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}

void test_fold_kernels(random_source *random) {
  test_fold made = make_fold(random);
  check(&cm_portable_fold_kernels, random, &made);
#if defined(__x86_64__)
  if (cm_named_kernels("avx2") != NULL) check(&cm_avx2_fold_kernels, random, &made);
  if (cm_named_kernels("avx512") != NULL) check(&cm_avx512_fold_kernels, random, &made);
#endif
  void *all[] = {(void *)made.net.reach, (void *)made.net.rows,  (void *)made.net.bias,
                 (void *)made.net.lower, (void *)made.net.upper, made.side, made.slope, made.push};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}
