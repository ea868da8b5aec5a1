#include "gradient_kernels.h"
#include "harness.h"

extern const cm_gradient_kernels cm_portable_gradient_kernels;
#if defined(__x86_64__)
extern const cm_gradient_kernels cm_avx2_gradient_kernels;
extern const cm_gradient_kernels cm_avx512_gradient_kernels;
#endif

static int32_t whole(int32_t count) {
  return (count + CM_GRADIENT_QUANTUM - 1) / CM_GRADIENT_QUANTUM * CM_GRADIENT_QUANTUM;
}

static void axis(
    random_source *random, int32_t *in, int32_t *out, int32_t *kernel, int32_t *stride,
    int32_t *pad) {
  *in = 1 + below(random, 8);
  *pad = below(random, 3);
  *kernel = 1 + below(random, *in + 2 * *pad);
  *stride = 1 + below(random, 4);
  *out = (*in + 2 * *pad - *kernel) / *stride + 1;
}

static float *make_numbers(random_source *random, int64_t positions, int32_t stride, int32_t used) {
  float *made = MAKE(float, positions * stride);
  for (int64_t p = 0; p < positions; p++)
    for (int32_t c = 0; c < used; c++) made[p * stride + c] = (float)number(random);
  return made;
}

/// The weight from an input unit to an output unit; 0 where there is none.
static double weight_between(
    const cm_gradient_grid *op, int32_t input, int32_t channel, int32_t output, int32_t o) {
  int32_t y = input / op->in_width + op->pad_y - output / op->out_width * op->stride_y;
  int32_t x = input % op->in_width + op->pad_x - output % op->out_width * op->stride_x;
  if (y < 0 || y >= op->kernel_height || x < 0 || x >= op->kernel_width) return 0;
  int64_t tap = ((int64_t)y * op->kernel_width + x) * op->in_channels + channel;
  return (double)op->weights[tap * op->out_stride + o];
}

static int near(float found, double expected, double size) {
  return fabs((double)found - expected) <= 1e-5 * size + 1e-30;
}

static void check(
    const cm_gradient_kernels *kernels, const cm_gradient_grid *op, int is_relu,
    const float *in, const float *gradient) {
  int32_t inputs = op->in_height * op->in_width, outputs = op->out_height * op->out_width;
  float *out = MAKE(float, (int64_t)outputs * op->out_stride);
  float *back = MAKE(float, (int64_t)inputs * op->in_stride);
  kernels->forward(op, in, out);
  kernels->backward(op, in, is_relu, gradient, back);
  for (int32_t p = 0; p < outputs; p++) {
    for (int32_t o = 0; o < op->out_stride; o++) {
      double sum = (double)op->bias[o], size = fabs(sum);
      for (int32_t i = 0; i < inputs; i++) {
        for (int32_t c = 0; c < op->in_channels; c++) {
          double term = weight_between(op, i, c, p, o) * (double)in[i * op->in_stride + c];
          sum += term;
          size += fabs(term);
        }
      }
      CHECK(near(out[p * op->out_stride + o], sum, size));
    }
  }
  for (int32_t i = 0; i < inputs; i++) {
    for (int32_t c = 0; c < op->in_stride; c++) {
      double sum = 0, size = 0;
      int open = c < op->in_channels && (!is_relu || in[i * op->in_stride + c] > 0);
      for (int32_t p = 0; open && p < outputs; p++) {
        for (int32_t o = 0; o < op->out_stride; o++) {
          double term = weight_between(op, i, c, p, o) * (double)gradient[p * op->out_stride + o];
          sum += term;
          size += fabs(term);
        }
      }
      CHECK(near(back[i * op->in_stride + c], sum, size));
    }
  }
  free(out);
  free(back);
}

static void check_climb(const cm_gradient_kernels *kernels, random_source *random) {
  int32_t count = below(random, 70);
  float *gradient = make_numbers(random, 1, count, count);
  float *lower = make_numbers(random, 1, count, count), *point = MAKE(float, count);
  float *upper = MAKE(float, count), *old = MAKE(float, count);
  for (int32_t i = 0; i < count; i++) {
    upper[i] = lower[i] + (float)fabs(number(random));
    old[i] = point[i] = lower[i] + (upper[i] - lower[i]) * 0.5f;
  }
  kernels->climb(count, 0.25f, gradient, lower, upper, point);
  for (int32_t i = 0; i < count; i++) {
    float step = gradient[i] > 0 ? 0.25f : gradient[i] < 0 ? -0.25f : 0;
    CHECK(point[i] == fminf(fmaxf(old[i] + step, lower[i]), upper[i]));
  }
  free(gradient);
  free(lower);
  free(upper);
  free(point);
  free(old);
}

void test_gradients(random_source *random) {
  cm_gradient_grid op = {0};
  axis(random, &op.in_height, &op.out_height, &op.kernel_height, &op.stride_y, &op.pad_y);
  axis(random, &op.in_width, &op.out_width, &op.kernel_width, &op.stride_x, &op.pad_x);
  op.in_channels = 1 + below(random, 5);
  op.in_stride = below(random, 2) ? whole(op.in_channels) : op.in_channels;
  int32_t channels = 1 + below(random, 70);
  op.out_stride = whole(channels);
  int64_t taps = (int64_t)op.kernel_height * op.kernel_width * op.in_channels;
  float *weights = make_numbers(random, taps, op.out_stride, channels);
  float *bias = make_numbers(random, 1, op.out_stride, channels);
  op.weights = weights;
  op.bias = bias;
  float *in =
      make_numbers(random, (int64_t)op.in_height * op.in_width, op.in_stride, op.in_channels);
  float *gradient =
      make_numbers(random, (int64_t)op.out_height * op.out_width, op.out_stride, channels);
  int is_relu = below(random, 2);
  const cm_gradient_kernels *all[] = {
      &cm_portable_gradient_kernels,
#if defined(__x86_64__)
      cm_named_kernels("avx2") ? &cm_avx2_gradient_kernels : NULL,
      cm_named_kernels("avx512") ? &cm_avx512_gradient_kernels : NULL,
#endif
      cm_best_gradient_kernels(),
  };
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    if (all[k] == NULL) continue;
    check(all[k], &op, is_relu, in, gradient);
    check_climb(all[k], random);
  }
  free(weights);
  free(bias);
  free(in);
  free(gradient);
}
