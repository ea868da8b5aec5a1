#pragma once

#include "row_kernels.h"

// What bounds say of a rewriting's maxima without the numbers that stand for them.

/// An input of an operator, or two that make a maximum.
typedef struct {
  int32_t source;
  /// The unit of relu(b - a), where `source` is that of a >= 0; -1 for none.
  int32_t compared;
} cm_term;

/// Outputs that are sums of what ReLUs made less sums of others.
typedef struct cm_maxima {
  int32_t count;
  /// [2 * count + 1]: the terms that output i adds are those from start[2 i] to start[2 i + 1], those that
  /// it takes off go on to start[2 i + 2].
  const int32_t *start;
  const cm_term *terms;
  /// What made the inputs, in front of their ReLUs; null where no term asks.
  const struct cm_maxima *below;
} cm_maxima;

/// Tightens the bounds of the outputs, rounded outward; nothing where a bound below that counts is NaN.
///
/// - below: bounds of what goes into the ReLUs of the inputs, then of the layer below those, and so on, as
///   many as there are `below` of `maxima`.
/// - forward: null where ReLUs follow; else its magnitudes, which are no larger than the bounds then, and
///   never smaller than a charge: what they are multiplied by later must not make subnormal numbers.
/// - signs_only: not whether a number is smaller, only whether it is positive or negative.
void cm_take_maxima(
    const cm_maxima *maxima, const cm_bounds *below, cm_bounds own, const cm_forward *forward,
    int signs_only);
