// How near the row kernels come to the core's peak: descend_convolution on a few shapes, every unit
// live, against the rate of independent fused multiply-adds measured beside it.
//
//   cc -O2 -ISources/CKernels/include Benchmarks/kernels.c Sources/CKernels/row_kernels*.c -o kernels
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "row_kernels.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/// Multiply-adds a second of 16 independent chains of vectors, the best of several tries. In
/// assembly: what a compiler makes of such a loop may be bound by loads and stores instead.
static double peak512(void) {
  double best = 0;
#if defined(__x86_64__)
  for (int attempt = 0; attempt < 20; attempt++) {
    double start = now();
    long n = 1000000;
#define STEP(r) "vfmadd231pd %%zmm30, %%zmm31, %%zmm" #r "\n"
    __asm__ volatile(
        "vpxorq %%zmm30, %%zmm30, %%zmm30\nvpxorq %%zmm31, %%zmm31, %%zmm31\n1:\n"
        STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7)
        STEP(8) STEP(9) STEP(10) STEP(11) STEP(12) STEP(13) STEP(14) STEP(15)
        "dec %0\njnz 1b\n"
        : "+r"(n)
        :
        : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
          "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "xmm30", "xmm31", "cc");
    double rate = 1e6 * 16 * 8 / (now() - start);
    if (rate > best) best = rate;
  }
#endif
  return best;
}

static double *filled(int64_t count) {
  double *p = aligned_alloc(64, (size_t)(count + 64) * 8 / 64 * 64 + 64);
  for (int64_t i = 0; i < count + 32; i++) p[i] = 1.0 / (double)(3 + i % 7);
  return p;
}

/// A layer with every unit live.
static cm_layer layer(int32_t height, int32_t width, int32_t channels) {
  int32_t count = height * width * channels;
  cm_layer l = {.height = height, .width = width, .channels = channels, .count = count};
  l.start = malloc(sizeof(int32_t) * (size_t)(height * width + 1));
  for (int32_t p = 0; p <= height * width; p++) l.start[p] = p * channels;
  l.row_base = malloc(sizeof(int32_t) * (size_t)height);
  l.runs = malloc(sizeof(cm_run) * (size_t)height);
  l.input_offset = malloc(sizeof(int64_t) * (size_t)count);
  l.output_offset = malloc(sizeof(int64_t) * (size_t)count);
  l.slope = filled(count);
  l.cost = filled(count);
  return l;
}

static void measure(
    const cm_kernels *kernels, double peak, const char *name, int32_t size, int32_t in_channels,
    int32_t out_channels, int32_t kernel, int32_t stride, int32_t pad, int32_t rows) {
  int32_t cells = (kernel + stride - 1) / stride;
  int32_t out_size = (size + 2 * pad - kernel) / stride + 1;
  cm_convolution op = {
      .in_height = size, .in_width = size, .in_channels = in_channels, .out_height = out_size,
      .out_width = out_size, .out_channels = out_channels,
      .out_stride = (out_channels + 7) / 8 * 8, .kernel_height = cells * stride,
      .kernel_width = cells * stride, .stride_y = stride, .stride_x = stride, .pad_y = pad,
      .pad_x = pad};
  int64_t column = (int64_t)in_channels * op.out_stride;
  op.weights = filled(op.kernel_height * op.kernel_width * column);
  cm_layer out = layer(out_size, out_size, out_channels), in = layer(size, size, in_channels);
  for (int32_t u = 0; u < out.count; u++) {
    int32_t y = u / out_channels / out_size, x = u / out_channels % out_size;
    out.output_offset[u] =
        u % out_channels - ((int64_t)y * stride * op.kernel_width + (int64_t)x * stride) * column;
  }
  for (int32_t u = 0; u < in.count; u++) {
    int32_t y = u / in_channels / size + pad, x = u / in_channels % size + pad;
    in.input_offset[u] =
        (((int64_t)y * op.kernel_width + x) * in_channels + u % in_channels) * op.out_stride;
  }
  cm_open_window(&out, (cm_window){0, out_size, 0, out_size});
  cm_open_window(&in, cm_input_window(&op, out.window));
  double *lambda = filled((int64_t)out.count * rows), *next = filled((int64_t)in.count * rows);
  double cost[CM_MAX_ROWS] = {0}, best = 1e30;
  for (int attempt = 0; attempt < 20; attempt++) {
    double start = now();
    kernels->descend_convolution(&op, &out, lambda, rows, &in, next, cost);
    double seconds = now() - start;
    if (seconds < best) best = seconds;
  }
  // Neither taps outside the image nor the zeros that fill up the kernel's cells are work.
  double taps = 0;
  for (int32_t y = 0; y < out_size; y++)
    for (int32_t k = 0; k < kernel; k++)
      taps += y * stride - pad + k >= 0 && y * stride - pad + k < size;
  double work = taps * taps * in_channels * out_channels * rows;
  printf("{\"shape\": \"%s\", \"rows\": %d, \"multiply_adds\": %.0f, \"ms\": %.4f, "
         "\"of_peak\": %.3f}", name, rows, work, 1e3 * best, work / best / peak);
}

int main(void) {
  const cm_kernels *kernels = cm_best_kernels();
  double peak = 0;
  if (cm_named_kernels("avx512") != NULL) peak = peak512();
  printf("{\"kernels\": \"%s\", \"peak_gflops\": %.1f, \"shapes\": [", kernels->name, 2e-9 * peak);
  static const int32_t counts[] = {32, 12};
  for (int i = 0; i < 2; i++) {
    int32_t rows = counts[i];
    if (i > 0) printf(", ");
    measure(kernels, peak, "conv 16-32 4x4/2, 14x14", 14, 16, 32, 4, 2, 1, rows);
    printf(", ");
    measure(kernels, peak, "conv 64-64 4x4/2, 14x14", 14, 64, 64, 4, 2, 1, rows);
    printf(", ");
    measure(kernels, peak, "conv 32-64 3x3, 14x14", 14, 32, 64, 3, 1, 1, rows);
    printf(", ");
    measure(kernels, peak, "dense 1568-100", 1, 1568, 100, 1, 1, 0, rows);
    printf(", ");
    measure(kernels, peak, "conv 1-16 4x4/2, 28x28", 28, 1, 16, 4, 2, 1, rows);
  }
  printf("]}\n");
  return 0;
}
