#include "harness.h"

/// W v + b of the live inputs, for one of the four quantities.
static void check_forward(const cm_kernels *kernels, const test_convolution *test) {
  const cm_layer *in = &test->in.layer;
  cm_forward out = make_forward(test->out.units);
  kernels->forward_convolution(&test->op, in, out);
  for (int32_t o = 0; o < test->out.units; o++) {
    double bias = test->op.bias[o % test->op.out_channels];
    double expected[4] = {bias, bias, 0, fabs(bias)}, size = fabs(bias);
    for (int32_t u = 0; u < in->count; u++) {
      double w = test->matrix[(int64_t)o * test->in.units + in->unit[u]];
      for (int k = 0; k < 4; k++) {
        expected[k] += (k < 2 ? w : fabs(w)) * in->values[4 * u + k];
        size += fabs(w * in->values[4 * u + k]);
      }
    }
    CHECK(close_to(out.midpoint[o], expected[0], size));
    CHECK(close_to(out.center[o], expected[1], size));
    CHECK(close_to(out.radius[o], expected[2], size));
    CHECK(close_to(out.magnitude[o], expected[3], size));
  }
  free_forward(out);
}

/// Every output has as many terms as live units lie under its kernel.
static void check_terms(const test_convolution *test) {
  const cm_convolution *op = &test->op;
  const cm_layer *in = &test->in.layer;
  int32_t *counts = MAKE(int32_t, test->out.units);
  cm_count_terms(op, in, counts);
  for (int32_t o = 0; o < test->out.units; o++) {
    int32_t place = o / op->out_channels, expected = 0;
    int32_t top = place / op->out_width * op->stride_y - op->pad_y;
    int32_t left = place % op->out_width * op->stride_x - op->pad_x;
    for (int32_t u = 0; u < in->count; u++) {
      int32_t read = in->unit[u] / in->channels;
      int32_t y = read / in->width - top, x = read % in->width - left;
      expected += y >= 0 && y < op->kernel_height && x >= 0 && x < op->kernel_width;
    }
    CHECK(counts[o] == expected);
  }
  free(counts);
}

/// A block of rows over a window, [live units][padded], random where a row is and zero behind.
static double *make_block(random_source *random, int32_t live, int32_t rows, int32_t padded) {
  double *block = MAKE(double, (int64_t)live * padded);
  for (int32_t u = 0; u < live; u++)
    for (int32_t r = 0; r < rows; r++) block[(int64_t)u * padded + r] = number(random);
  return block;
}

/// Compares next = s mu and the cost, mu being given for every unit of `in` and every row.
static void check_step(
    const cm_view *in, const double *mu, const double *size, int32_t rows, int32_t padded,
    const double *next, const double *before, const double *cost) {
  for (int32_t r = 0; r < rows; r++) {
    double sum = before[r], total = before[r];
    for (int32_t u = 0; u < in->layer->count; u++) {
      int32_t unit = in->layer->unit[u], place = place_of(in, unit);
      double value = mu[(int64_t)unit * rows + r], terms = size[(int64_t)unit * rows + r];
      if (place < 0) {
        CHECK(value == 0);
        continue;
      }
      sum += fabs(value) * in->layer->cost[u];
      total += terms * in->layer->cost[u];
      if (next != NULL)
        CHECK(close_to(next[(int64_t)place * padded + r], in->layer->slope[u] * value, terms));
    }
    CHECK(close_to(cost[r], sum, total));
  }
}

static void fill(random_source *random, int32_t padded, double *before, double *cost) {
  for (int32_t r = 0; r < padded; r++) before[r] = cost[r] = fabs(number(random));
}

static void check_start(const cm_kernels *kernels, random_source *random, test_convolution *test) {
  cm_view *in = view_of(&test->in);
  const cm_convolution *op = &test->op;
  int32_t unit[CM_MAX_ROWS], rows = 0;
  // Rows of one position, channels in increasing order, or of any.
  int32_t position = below(random, op->out_height * op->out_width);
  int together = below(random, 2);
  cm_window window = {op->out_height, 0, op->out_width, 0};
  int32_t o = together ? position * op->out_channels : 0;
  int32_t end = together ? o + op->out_channels : test->out.units;
  int32_t skip = together ? 2 + below(random, 2) : 1 + end / 8;
  for (; o < end && rows < CM_MAX_ROWS; o += below(random, 3) == 0 ? 1 + below(random, skip) : 1) {
    int32_t y = o / op->out_channels / op->out_width, x = o / op->out_channels % op->out_width;
    if (y < window.y0) window.y0 = y;
    if (y >= window.y1) window.y1 = y + 1;
    if (x < window.x0) window.x0 = x;
    if (x >= window.x1) window.x1 = x + 1;
    unit[rows++] = o;
  }
  int32_t padded = (rows + 3) / 4 * 4;
  int32_t live = cm_open_window(in, cm_input_window(op, window));
  double *next = below(random, 4) == 0 ? NULL : MAKE(double, (int64_t)live * padded);
  double before[CM_MAX_ROWS], cost[CM_MAX_ROWS];
  fill(random, padded, before, cost);
  kernels->start_convolution(op, rows, unit, padded, in, next, cost);
  double *mu = MAKE(double, (int64_t)test->in.units * rows);
  double *size = MAKE(double, (int64_t)test->in.units * rows);
  for (int32_t i = 0; i < test->in.units; i++) {
    for (int32_t r = 0; r < rows; r++) {
      double w = test->matrix[(int64_t)unit[r] * test->in.units + i];
      mu[(int64_t)i * rows + r] = w;
      size[(int64_t)i * rows + r] = fabs(w);
    }
  }
  check_step(in, mu, size, rows, padded, next, before, cost);
  free(next);
  free(mu);
  free(size);
}

static void check_descent(
    const cm_kernels *kernels, random_source *random, test_convolution *test) {
  cm_view *in = view_of(&test->in), *out = view_of(&test->out);
  int32_t rows = 1 + below(random, CM_MAX_ROWS), padded = (rows + 3) / 4 * 4;
  int32_t above = cm_open_window(out, some_window(random, out));
  int32_t live = cm_open_window(in, cm_input_window(&test->op, out->window));
  double *lambda = make_block(random, above, rows, padded);
  double *next = below(random, 4) == 0 ? NULL : MAKE(double, (int64_t)live * padded);
  double before[CM_MAX_ROWS], cost[CM_MAX_ROWS];
  fill(random, padded, before, cost);
  kernels->descend_convolution(&test->op, out, lambda, padded, in, next, cost);
  double *mu = MAKE(double, (int64_t)test->in.units * rows);
  double *size = MAKE(double, (int64_t)test->in.units * rows);
  for (int32_t u = 0; u < out->layer->count; u++) {
    int32_t place = place_of(out, out->layer->unit[u]);
    for (int32_t i = 0; place >= 0 && i < test->in.units; i++) {
      double w = test->matrix[(int64_t)out->layer->unit[u] * test->in.units + i];
      for (int32_t r = 0; r < rows; r++) {
        double term = w * lambda[(int64_t)place * padded + r];
        mu[(int64_t)i * rows + r] += term;
        size[(int64_t)i * rows + r] += fabs(term);
      }
    }
  }
  check_step(in, mu, size, rows, padded, next, before, cost);
  free(lambda);
  free(next);
  free(mu);
  free(size);
}

static void check_ascent(const cm_kernels *kernels, random_source *random, test_convolution *test) {
  cm_view *in = view_of(&test->in);
  cm_open_window(in, (cm_window){0, in->layer->height, 0, in->layer->width});
  int32_t columns = 1 + below(random, 70), padded = (columns + 3) / 4 * 4;
  double *block = make_block(random, in->layer->count, columns, padded);
  double *next = MAKE(double, (int64_t)test->out.units * padded);
  kernels->ascend_convolution(&test->op, in, block, padded, &test->out.layer, next);
  for (int32_t o = 0; o < test->out.units; o++) {
    for (int32_t c = 0; c < columns; c++) {
      double sum = 0, size = 0;
      for (int32_t u = 0; u < in->layer->count; u++) {
        double w = test->matrix[(int64_t)o * test->in.units + in->layer->unit[u]];
        double term = w * block[(int64_t)u * padded + c];
        sum += term;
        size += fabs(term);
      }
      CHECK(close_to(next[(int64_t)o * padded + c], sum, size));
    }
  }
  free(block);
  free(next);
}

/// relax_rows and weigh_rows, over a window.
static void check_in_place(
    const cm_kernels *kernels, random_source *random, test_convolution *test) {
  cm_view *in = view_of(&test->in);
  int32_t live = cm_open_window(in, some_window(random, in));
  int32_t rows = 1 + below(random, CM_MAX_ROWS), padded = (rows + 3) / 4 * 4;
  double *block = make_block(random, live, rows, padded);
  double *relaxed = MAKE(double, (int64_t)live * padded), *weight = MAKE(double, test->in.units);
  if (live > 0) memcpy(relaxed, block, (size_t)live * (size_t)padded * sizeof(double));
  for (int32_t i = 0; i < test->in.units; i++) weight[i] = fabs(number(random));
  double before[CM_MAX_ROWS], cost[CM_MAX_ROWS], sum[CM_MAX_ROWS];
  fill(random, padded, before, cost);
  memcpy(sum, before, sizeof sum);
  kernels->weigh_rows(in, weight, block, padded, sum);
  kernels->relax_rows(in, relaxed, padded, cost);
  for (int32_t r = 0; r < rows; r++) {
    double weighed = before[r], costs = before[r];
    for (int32_t u = 0; u < in->layer->count; u++) {
      int32_t place = place_of(in, in->layer->unit[u]);
      if (place < 0) continue;
      double value = block[(int64_t)place * padded + r];
      weighed += fabs(value) * weight[in->layer->unit[u]];
      costs += fabs(value) * in->layer->cost[u];
      CHECK(relaxed[(int64_t)place * padded + r] == value * in->layer->slope[u]);
    }
    CHECK(close_to(sum[r], weighed, weighed));
    CHECK(close_to(cost[r], costs, costs));
  }
  free(block);
  free(relaxed);
  free(weight);
}

void test_rows(const cm_kernels *kernels, random_source *random) {
  test_convolution test = make_convolution(random);
  check_forward(kernels, &test);
  check_terms(&test);
  check_start(kernels, random, &test);
  check_descent(kernels, random, &test);
  check_ascent(kernels, random, &test);
  check_in_place(kernels, random, &test);
  free_convolution(&test);
}
