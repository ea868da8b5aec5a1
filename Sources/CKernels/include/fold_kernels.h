#pragma once
#include <stdint.h>

// Kernels of a folded network: the unstable units of one relaxation, everything that is linear between
// them composed away. What they compute guides a search and proves nothing.

/// Inputs and units are padded to multiples of this; what pads is zero.
#define CM_FOLD_QUANTUM 8

/// Entries of a row that are not zero: so many from `first` on, both multiples of the quantum; all of the
/// input, or all of units.
typedef struct {
  int32_t first, count;
} cm_fold_run;

/// A folded network. Its rows are those of units that are linear, of units, and of the margin; the
/// pre-activation of row v is `bias[v] + row v . [d | z]`, with `d` the input's way from the ball's centre and
/// `z` the activations of rows before it: of what is linear the pre-activation itself. Rows are sparse: a
/// convolution reads little.
typedef struct {
  /// The entries of `d`, and those of `z`; padded.
  int32_t inputs, units;
  /// The linear units, which have no lines, and the units that there are.
  int32_t linear, count;
  /// [linear + count + 2]: the runs of row v are those from `run_start[v]` to `run_start[v + 1]`.
  const int32_t *run_start;
  const cm_fold_run *runs;
  /// [linear + count + 1]: neighbours with the same number have the same runs, and none of them reads another's
  /// activation.
  const int32_t *shape;
  /// [linear + count + 1]: the numbers of each row, run by run: binary32 where `narrow`, else binary64. Sums are
  /// binary64 either way; a pass costs what it reads.
  const void *const *rows;
  int32_t narrow;
  const double *bias;
  /// [count]: the bounds of each unit's pre-activation, lower < 0 < upper.
  const double *lower, *upper;
} cm_folded;

/// The lines of one row: of every unit its side (0 free, 1 active, -1 inactive), the slope of the lower
/// line of a free one, and what is added to its coefficient.
typedef struct {
  const int8_t *side;
  const double *slope;
  const double *push;
} cm_fold_lines;

/// What a climb moves: of every unit the slope where it is free, else the multiplier; the derivatives of
/// the last step and the sizes of the next one, [2][count] each, slopes first.
typedef struct {
  const int8_t *side;
  double *slope, *multiplier, *derivative, *step;
} cm_fold_climb;

/// Rows that a block computes at once, each number of them beside those of the other rows.
#define CM_FOLD_ROWS 16

/// The lines of a block of rows: sides are those of all rows, slopes and pushes [count][CM_FOLD_ROWS].
typedef struct {
  const int8_t *side;
  const float *slope, *push;
} cm_fold_block;

/// `cm_fold_climb` of a block of rows.
typedef struct {
  const int8_t *side;
  float *slope, *multiplier, *derivative, *step;
} cm_fold_block_climb;

/// The kernels of one instruction set.
typedef struct {
  /// A row backwards: `weight` times the margin, and what `lines` push. `sums`, [inputs + units], ends with
  /// the row's coefficients on d; of every unit `coefficient` keeps the one on its activation.
  /// Returns the row's constant.
  double (*descend)(
      const cm_folded *net, cm_fold_lines lines, double weight, double *sums, double *coefficient);
  /// A point forward: `point` holds d, and gets the activations that the lines of `descend` allow at
  /// worst; `value`, [linear + count], the pre-activations. Returns the margin there. A narrow network is gone
  /// through in binary32, with `near`, [inputs + units], for the same point.
  double (*ascend)(
      const cm_folded *net, cm_fold_lines lines, const double *coefficient, double *point,
      double *value, float *near);
  /// The same with every unit's own activation.
  double (*evaluate)(const cm_folded *net, double *point, double *value);
  /// A resilient step of slopes within [0, 1] and of multipliers of at least 0, up the derivatives that
  /// the point of `ascend` has: `value` begins with the first unit's, behind those of what is linear.
  void (*climb)(
      int32_t count, cm_fold_climb climb, const double *coefficient, const double *value);
  /// Where the linear function `row` is smallest over the box of `radius` around 0, which is returned.
  double (*minimise)(int32_t count, const double *radius, const double *row, double *point);

  // The same of a block of rows, which reads the network once for all of them: wherever one row has a
  // number these have CM_FOLD_ROWS. All of it is binary32, sums too: what a few passes find roughly.
  void (*descend_block)(
      const cm_folded *net, cm_fold_block lines, const float *weight, float *sums, float *coefficient,
      float *constant);
  void (*ascend_block)(
      const cm_folded *net, cm_fold_block lines, const float *coefficient, float *point, float *value,
      float *margin);
  void (*climb_block)(
      int32_t count, cm_fold_block_climb climb, const float *coefficient, const float *value);
  void (*minimise_block)(
      int32_t count, const double *radius, const float *rows, float *points, float *least);
  /// Takes numbers over, `[count][CM_FOLD_ROWS]`, of the rows that `which` has a 1 for and not a 0.
  void (*keep_block)(int32_t count, const float *which, const float *from, float *to);
} cm_fold_kernels;

/// The fastest kernels that this processor can run.
const cm_fold_kernels *cm_best_fold_kernels(void);
