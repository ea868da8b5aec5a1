#pragma once
#include <stdint.h>

// The fused kernels of the dual pass, one set of functions per instruction set.
//
// Units of a layer are laid out position-major: unit = (y * width + x) * channels + c. Of each
// layer only the *live* units (active or unstable) are kept, in that order, so that the live units
// of neighbouring positions of one grid row are contiguous. A block of rows is a matrix
// [live units of a window][rows], rows padded to a multiple of 4 with zero columns.
//
// Every element of a product is one chain of multiply-adds in a fixed order, so its bits depend
// neither on the block it was computed in nor on the number of threads.

/// Rows of a block are padded to a multiple of this.
#define CM_ROW_QUANTUM 4
/// Channels are padded to a multiple of this.
#define CM_CHANNEL_QUANTUM 8
/// The most rows of one block.
#define CM_MAX_ROWS 32

/// A convolution without groups; a dense layer is one on a 1x1 grid.
///
/// `weights` is [kernel_height][pitch][in_channels][out_stride] from the kernel's first column on, zero where
/// the kernel has no weight: kernel_height and kernel_width are rounded up to multiples of the strides,
/// out_stride is out_channels rounded up to a multiple of 8. Output (y, x) reads input rows
/// y * stride_y - pad_y + [0, kernel_height).
typedef struct {
  int32_t in_height, in_width, in_channels;
  int32_t out_height, out_width, out_channels, out_stride;
  int32_t kernel_height, kernel_width;
  int32_t stride_y, stride_x, pad_y, pad_x;
  /// The columns of a kernel's row as it lies in memory, and how many strides of inputs one cell of a
  /// descent takes: (cell_columns - 1) * stride_x columns of zeros lie on both sides of each row.
  int32_t pitch, cell_columns;
  const double *weights;
  const double *bias;
} cm_convolution;

/// A sparse map in compressed rows: output i is the sum over k in [row_start[i], row_start[i+1]) of
/// weight[k] * input[column[k]], plus bias[i]; bias_magnitude[i] >= |bias[i]| is what rounding is
/// charged on.
typedef struct {
  int32_t in_count, out_count;
  const int32_t *row_start;
  const int32_t *column;
  const double *weight;
  const double *bias;
  const double *bias_magnitude;
  /// The same entries by columns: [in_count + 1], and of each entry the output, in increasing order, and
  /// its weight.
  const int32_t *column_start;
  const int32_t *row;
  const double *column_weight;
} cm_sparse;

/// A rectangle of positions, ends excluded.
typedef struct {
  int32_t y0, y1, x0, x1;
} cm_window;

/// A run of units that lie one behind the other, and their rows: what one cell of units reads of one
/// grid row.
typedef struct {
  const double *rows;
  const int64_t *offset;
  int32_t count;
} cm_run;

/// The live units of one layer, and what the relaxation says of each: facts, which rows only read.
typedef struct {
  int32_t height, width, channels;
  /// Number of live units, and of unstable ones among them.
  int32_t count, unstable_count;
  /// [positions + 1]: the first live unit of each position.
  int32_t *start;
  /// [count]: the unit.
  int32_t *unit;
  /// [units]: the live index of a unit, or -1; null where no sparse operator asks for it.
  int32_t *index;
  /// [unstable_count]: the live index of each unstable unit; may be written one entry further.
  int32_t *unstable;
  /// [count]: where the unit's weights begin as an input of the next operator.
  int64_t *input_offset;
  /// [count]: what is added to that for this unit as an output of the operator before.
  int64_t *output_offset;
  /// [count]: the slope s.
  double *slope;
  /// [count]: what one unit of |mu| costs: t/2 + s * q.
  double *cost;
  /// [count]: the same, 0 for unstable units: those that lines of their own pay for.
  double *stable_cost;
  /// [count][4]: after the activation: midpoint value, interval centre, interval radius, largest
  /// magnitude.
  double *values;
  /// [units]: input_offset and output_offset of every unit.
  const int64_t *unit_input_offset, *unit_output_offset;
} cm_layer;

/// How one block of rows sees a layer: through a window, with slopes and costs that are the relaxation's
/// or, for lines of its own, 1 and `stable_cost`. A worker's scratch.
typedef struct {
  const cm_layer *layer;
  /// [count of the layer].
  const double *slope, *cost;
  /// The window that the current block of rows covers, set by cm_open_window.
  cm_window window;
  /// [height]: the index in the block of the first live unit of each grid row of the window.
  int32_t *row_base;
  /// [units]: the place of every unit in the block, -1 where it is not live or outside of the window; null
  /// where no sparse operator asks for it. All -1 in a view that was not opened yet.
  int32_t *places;
  /// [height]: the kernels' scratch. A grid may be far higher than a stack is large.
  cm_run *runs;
} cm_view;

/// The four forward quantities of one layer before its activation, one entry a unit.
typedef struct {
  double *midpoint;
  double *center;
  double *radius;
  double *magnitude;
} cm_forward;

/// The bounds of one layer's pre-activations, and what rounding is charged at each, one entry a unit.
typedef struct {
  double *lower, *upper;
  double *own_charge, *deployed_charge;
} cm_bounds;

/// charge = coefficient * magnitude + absolute, for this program's and the deployed network's
/// rounding.
typedef struct {
  double own, own_absolute, deployed, deployed_absolute;
} cm_charge;

/// The unstable units in the window of one layer, and a choice of lines for every row.
///
/// Of unit k and row r, `lower` is the slope of the lower line, 0 <= lower <= 1 (Wong & Kolter 2018,
/// Theorem 1's alpha), `coefficient` the row's coefficient on the unit's activation, kept by
/// choose_lines for climb_lines. Arrays of rows are [count][padded_rows].
typedef struct {
  int32_t count;
  /// [count]: the unit's place in the block.
  int32_t *place;
  /// [count]: the midpoint pre-activation M, the slope s and half the gap h between the parallel
  /// lines, what rounding is charged on s M, and the same of h included.
  double *midpoint, *slope, *gap, *charge;
  /// [count]: the midpoint network's activation Mz.
  double *activation;
  double *lower;
  double *coefficient;
  /// The last derivative and the next step of `lower`.
  double *derivative, *step;
} cm_lines;

/// What splits say of the units of `cm_lines`, and what is added to rows. Arrays are
/// [count][padded_rows].
typedef struct {
  /// 0 where the unit is free in the row, 1 where its pre-activation is not negative, -1 where it is not
  /// positive.
  int8_t *side;
  /// What is added to the row's coefficient on the pre-activation.
  double *push;
} cm_splits;

/// How far climb_lines moves.
typedef struct {
  double grow, shrink, largest, smallest;
} cm_stride;

/// The kernels of one instruction set. Windows are those of the layers.
typedef struct {
  const char *name;

  /// out = W v + b for the four quantities of `in`'s live units (|W| and |b| for the magnitude, |W|
  /// and no b for the radius). The arrays of `out` are padded by 8.
  void (*forward_convolution)(const cm_convolution *op, const cm_layer *in, cm_forward out);

  /// As forward_convolution, for a sparse map.
  void (*forward_sparse)(const cm_sparse *op, const cm_layer *in, cm_forward out);

  /// Charges and interval bounds, center -+ (radius + charges), of `count` units. Returns the sum of
  /// the magnitudes (NaN where one is) and their maximum through `largest`.
  double (*interval_bounds)(
      int32_t count, cm_forward forward, cm_charge charge, cm_bounds bounds, double *largest);

  /// Relaxes the ReLU of every unit by its finite bounds l, u: Wong & Kolter 2018, eqs. (3), (8),
  /// (10).
  /// - Inactive (u <= 0): dropped; the output is zero.
  /// - Active (l >= 0): slope 1, no gap between the lines.
  /// - Unstable: slope s >= u/(u-l), rounded up and at most 1; the lines s zhat and s zhat + t with
  ///   t = -s l rounded up. With that very s the upper line is s (u - l) >= u at u and >= 0 at l,
  ///   and the lower line stays below the ReLU as 0 <= s <= 1.
  void (*relax_layer)(cm_layer *layer, cm_forward forward, cm_bounds bounds);

  /// Makes every unit of a layer without an activation live; its magnitude is `forward`'s.
  void (*pass_layer)(cm_layer *layer, cm_forward forward, cm_bounds bounds);

  /// sum[r] += |rows[j][r]| * weight of unit j, over the live units j of the window.
  void (*weigh_rows)(
      const cm_view *view, const double *weight, const double *rows, int32_t padded_rows,
      double *sum);

  /// First step of `rows` rows, row r being output unit `unit[r]`: next[j][r] = s_j W[r][j],
  /// cost[r] += |W[r][j]| * cost_j over the live units j of the window. `next` may be null.
  void (*start_convolution)(
      const cm_convolution *op, int32_t rows, const int32_t *unit, int32_t padded_rows,
      const cm_view *in, double *next, double *cost);

  /// One step down: mu = W' lambda over the windows, next = s mu, cost += |mu| cost_j.
  /// `next` may be null (at the input, where only the cost is wanted).
  void (*descend_convolution)(
      const cm_convolution *op, const cm_view *out, const double *lambda, int32_t padded_rows,
      const cm_view *in, double *next, double *cost);

  /// As descend_convolution, for a sparse map.
  void (*descend_sparse)(
      const cm_sparse *op, const cm_view *out, const double *lambda, int32_t padded_rows,
      const cm_view *in, double *next, double *cost);

  /// Columns instead of rows: next = W columns, where `columns` is [live units of in][padded_columns]
  /// and `next` is [units of out][padded_columns]; padded_columns is a multiple of 4.
  void (*ascend_convolution)(
      const cm_convolution *op, const cm_view *in, const double *columns, int32_t padded_columns,
      const cm_layer *out, double *next);

  /// In place over the live units of the window: rows = s rows, cost += |rows| cost_j.
  void (*relax_rows)(const cm_view *in, double *rows, int32_t padded_rows, double *cost);

  /// In place over the unstable units of the window: rows = lower rows where a row is positive, s rows
  /// where it is negative. `cost` grows by what cannot be negative, `shift` by the rest of either
  /// sign, (s - lower) M of the positive part, and `size` by its magnitude.
  void (*choose_lines)(
      const cm_lines *lines, double *rows, int32_t padded_rows, double *cost, double *shift,
      double *size);

  /// W points, for the live units of the window of `out`: the windows must be those of a descent.
  void (*ascend_window)(
      const cm_convolution *op, const cm_view *in, const double *points, int32_t padded_rows,
      const cm_view *out, double *next);

  /// In place over the unstable units of the window: from differences of pre-activations to the
  /// midpoint network's, to those of the activations that the lines of choose_lines allow at worst;
  /// and one step of every `lower` up its derivative, clamped to [0, 1] (resilient propagation:
  /// steps grow while the sign of the derivative stays).
  void (*climb_lines)(
      const cm_lines *lines, double *points, int32_t padded_rows, cm_stride stride);
} cm_kernels;

/// The fastest kernels that this processor can run.
const cm_kernels *cm_best_kernels(void);
/// The kernels called `name` ("avx512", "avx2", "portable"), or null where the processor lacks them.
const cm_kernels *cm_named_kernels(const char *name);

/// The window of inputs that a window of outputs reads.
cm_window cm_input_window(const cm_convolution *op, cm_window out);
/// Sets the window of a view, the last one's places being forgotten; returns the number of live units in it.
int32_t cm_open_window(cm_view *view, cm_window window);

/// Of every output, in the order of units, how many live units its kernel lies over.
void cm_count_terms(const cm_convolution *op, const cm_layer *in, int32_t *counts);
/// The same for a sparse map: of every output, how many live units it reads.
void cm_count_terms_sparse(const cm_sparse *op, const cm_layer *in, int32_t *counts);
/// As ascend_convolution, for a sparse map.
void cm_ascend_sparse(
    const cm_sparse *op, const cm_layer *in, const double *columns, int32_t padded_columns,
    double *next);
/// As ascend_window, for a sparse map.
void cm_ascend_sparse_window(
    const cm_sparse *op, const cm_view *in, const double *points, int32_t padded_rows,
    const cm_view *out, double *next);
/// The sum over the columns of |column| * weight, for each of `count` units. The order of the sum
/// depends on padded_columns only.
void cm_column_reach(
    int32_t count, const double *columns, int32_t padded_columns, const double *weight,
    double *reach);
/// As choose_lines, for rows with splits. Where a split fixes a unit's sign its activation is `a zhat`,
/// a = 1 or 0, whatever the sign of the coefficient mu, and `mu (z - Mz) = a mu (zhat - M) - mu (Mz - a M)`;
/// a push is `push (zhat - M) + push M`.
void cm_choose_split_lines(
    const cm_lines *lines, const cm_splits *splits, double *rows, int32_t padded_rows, double *cost,
    double *shift, double *size);
/// The norms of a block's rows, rows being [count][padded_rows]: of each the sum and the largest of
/// the magnitudes, and the sum of the squares. All that is not a number, or too large, shows in
/// `sum`. Each sum is one chain in the order of the entries.
void cm_row_norms(
    int64_t count, const double *rows, int32_t padded_rows, double *sum, double *largest,
    double *squares);
/// As the first half of start_convolution: rows[j][r] = W[r][j] over the window of `in`.
void cm_start_sparse(
    const cm_sparse *op, int32_t count, const int32_t *unit, int32_t padded_rows,
    const cm_view *in, double *rows);
