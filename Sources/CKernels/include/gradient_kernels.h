#pragma once
#include <stdint.h>

// Plain evaluation and its derivative in binary32, for attacks: what they find is checked elsewhere.
//
// Units lie position by position with their channels inside, as for the row kernels.

/// Output channels are padded to a multiple of this.
#define CM_GRADIENT_QUANTUM 16

/// A convolution without groups or dilation (a dilated kernel is written out with zeros); a dense
/// layer is one whose kernel covers its whole input.
///
/// `weights` is [kernel_height][kernel_width][in_channels][out_stride], zero in the padding of the
/// channels; `bias` is [out_stride]. Arrays of outputs are [out_height][out_width][out_stride].
typedef struct {
  int32_t in_height, in_width, in_channels, in_stride;
  int32_t out_height, out_width, out_stride;
  int32_t kernel_height, kernel_width;
  int32_t stride_y, stride_x, pad_y, pad_x;
  const float *weights;
  const float *bias;
} cm_gradient_grid;

/// The kernels of one instruction set.
typedef struct {
  /// out = W in + b.
  void (*forward)(const cm_gradient_grid *op, const float *in, float *out);
  /// in_gradient = W' out_gradient where `in` > 0 or `is_relu` is 0, and 0 elsewhere.
  void (*backward)(
      const cm_gradient_grid *op, const float *in, int is_relu, const float *out_gradient,
      float *in_gradient);
  /// point = point + size * sign(gradient), clamped to [lower, upper], entry by entry.
  void (*climb)(
      int64_t count, float size, const float *gradient, const float *lower, const float *upper,
      float *point);
} cm_gradient_kernels;

/// The fastest kernels that this processor can run.
const cm_gradient_kernels *cm_best_gradient_kernels(void);
