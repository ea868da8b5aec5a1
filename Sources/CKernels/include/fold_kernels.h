#pragma once
#include <stdint.h>

// Kernels of a folded network: the unstable units of one relaxation, everything that is linear between
// them composed away. What they compute guides a search and proves nothing.

/// Inputs and units are padded to multiples of this; what pads is zero.
#define CM_FOLD_QUANTUM 8

/// A folded network: the pre-activation of unit v is `bias[v] + rows[v] . [d | z]`, with `d` the input's
/// way from the ball's centre and `z` the activations of the units of earlier layers.
typedef struct {
  /// Padded.
  int32_t inputs, units;
  /// The units that there are.
  int32_t count;
  /// [count]: how many entries of `z` a unit may read, padded.
  const int32_t *reach;
  /// [count][inputs + units].
  const double *rows;
  const double *bias;
  /// [count]: the bounds of each pre-activation, lower < 0 < upper.
  const double *lower, *upper;
} cm_folded;

/// The lines of one row: of every unit its side (0 free, 1 active, -1 inactive), the slope of the lower
/// line of a free one, and what is added to its coefficient.
typedef struct {
  const int8_t *side;
  const double *slope;
  const double *push;
} cm_fold_lines;

/// The kernels of one instruction set.
typedef struct {
  /// A row backwards. `sums` holds the row's coefficients on [d | z] and ends with those on d; of every
  /// unit `coefficient` keeps the one on its activation.
  /// Returns what is added to the row's constant.
  double (*descend)(
      const cm_folded *net, cm_fold_lines lines, double *sums, double *coefficient);
  /// A point forward: `point` holds d, and gets the activations that the lines of `descend` allow at
  /// worst; `value` the pre-activations.
  void (*ascend)(
      const cm_folded *net, cm_fold_lines lines, const double *coefficient, double *point,
      double *value);
  /// The same with every unit's own activation.
  void (*evaluate)(const cm_folded *net, double *point, double *value);
  /// The sum of a[i] b[i]; `count` is a multiple of the quantum.
  double (*dot)(int32_t count, const double *a, const double *b);
  /// Where the linear function `row` is smallest over the box of `radius` around 0, which is returned.
  double (*minimise)(int32_t count, const double *radius, const double *row, double *point);
} cm_fold_kernels;

/// The fastest kernels that this processor can run.
const cm_fold_kernels *cm_best_fold_kernels(void);
