#include "harness.h"

/// A sparse map and its matrix [out units][in units].
typedef struct {
  cm_sparse op;
  double *matrix;
} test_sparse_map;

static test_sparse_map make_map(random_source *random, int32_t inputs, int32_t outputs) {
  int32_t *start = MAKE(int32_t, outputs + 1), *column = MAKE(int32_t, (int64_t)outputs * 3);
  double *weight = MAKE(double, (int64_t)outputs * 3), *bias = MAKE(double, outputs);
  double *magnitude = MAKE(double, outputs);
  test_sparse_map made = {.matrix = MAKE(double, (int64_t)outputs * inputs)};
  int32_t count = 0;
  for (int32_t o = 0; o < outputs; o++) {
    start[o] = count;
    for (int32_t k = below(random, 4); k > 0; k--) {
      column[count] = below(random, inputs);
      weight[count] = number(random);
      made.matrix[(int64_t)o * inputs + column[count]] += weight[count];
      count++;
    }
    bias[o] = number(random);
    magnitude[o] = fabs(bias[o]) * 2;
  }
  start[outputs] = count;
  // By columns, entries in the order of their outputs.
  int32_t *first = MAKE(int32_t, inputs + 1), *row = MAKE(int32_t, count), placed = 0;
  double *turned = MAKE(double, count);
  for (int32_t i = 0; i < inputs; i++) {
    first[i] = placed;
    for (int32_t o = 0; o < outputs; o++)
      for (int32_t k = start[o]; k < start[o + 1]; k++) {
        if (column[k] != i) continue;
        row[placed] = o;
        turned[placed++] = weight[k];
      }
  }
  first[inputs] = placed;
  made.op = (cm_sparse){inputs, outputs, start, column, weight, bias, magnitude, first, row, turned};
  return made;
}

static void free_map(test_sparse_map *map) {
  const void *all[] = {
      map->op.row_start,    map->op.column, map->op.weight,        map->op.bias, map->op.bias_magnitude,
      map->op.column_start, map->op.row,    map->op.column_weight, map->matrix};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) free((void *)all[k]);
}

static void check_upward(
    const cm_kernels *kernels, random_source *random, const test_sparse_map *map,
    const cm_layer *in) {
  int32_t inputs = map->op.in_count, outputs = map->op.out_count;
  cm_forward out = make_forward(outputs);
  kernels->forward_sparse(&map->op, in, out);
  int32_t padded = 4 * (1 + below(random, 5));
  double *columns = MAKE(double, (int64_t)in->count * padded);
  double *next = MAKE(double, (int64_t)outputs * padded), *reach = MAKE(double, outputs);
  double weight[20];
  for (int64_t k = 0; k < (int64_t)in->count * padded; k++) columns[k] = number(random);
  for (int32_t c = 0; c < padded; c++) weight[c] = fabs(number(random));
  cm_ascend_sparse(&map->op, in, columns, padded, next);
  cm_column_reach(outputs, next, padded, weight, reach);
  for (int32_t o = 0; o < outputs; o++) {
    double bias = map->op.bias[o], midpoint = bias, center = bias, far = 0;
    for (int32_t u = 0; u < in->count; u++) {
      double w = map->matrix[(int64_t)o * inputs + in->unit[u]];
      midpoint += w * in->values[4 * u];
      center += w * in->values[4 * u + 1];
    }
    CHECK(close_to(out.midpoint[o], midpoint, 10));
    CHECK(close_to(out.center[o], center, 10));
    // Entries of one column may cancel in the matrix, not in what rounding is charged on.
    CHECK(out.radius[o] >= 0 && out.magnitude[o] >= fabs(bias));
    for (int32_t c = 0; c < padded; c++) {
      double sum = 0;
      for (int32_t u = 0; u < in->count; u++)
        sum += map->matrix[(int64_t)o * inputs + in->unit[u]] * columns[(int64_t)u * padded + c];
      CHECK(close_to(next[(int64_t)o * padded + c], sum, 10));
      far += fabs(sum) * weight[c];
    }
    CHECK(close_to(reach[o], far, 100));
  }
  free_forward(out);
  free(columns);
  free(next);
  free(reach);
}

static void check_downward(
    const cm_kernels *kernels, random_source *random, const test_sparse_map *map, cm_view *in,
    cm_view *out) {
  int32_t inputs = map->op.in_count;
  int32_t above = cm_open_window(out, some_window(random, out));
  int32_t live = cm_open_window(in, some_window(random, in));
  int32_t padded = 4 * (1 + below(random, 8)), unit[CM_MAX_ROWS];
  double *rows = MAKE(double, (int64_t)live * padded);
  double *lambda = MAKE(double, (int64_t)above * padded);
  for (int32_t r = 0; r < padded; r++) unit[r] = below(random, map->op.out_count);
  for (int64_t k = 0; k < (int64_t)above * padded; k++) lambda[k] = number(random);
  for (int64_t k = 0; k < (int64_t)live * padded; k++) rows[k] = NAN;
  cm_start_sparse(&map->op, padded, unit, padded, in, rows);
  for (int32_t i = 0; i < inputs; i++) {
    int32_t place = place_of(in, i);
    for (int32_t r = 0; place >= 0 && r < padded; r++)
      CHECK(close_to(
          rows[(int64_t)place * padded + r], map->matrix[(int64_t)unit[r] * inputs + i], 3));
  }
  double before[CM_MAX_ROWS], cost[CM_MAX_ROWS], alone[CM_MAX_ROWS], total[CM_MAX_ROWS];
  for (int32_t r = 0; r < padded; r++)
    before[r] = cost[r] = alone[r] = total[r] = fabs(number(random));
  kernels->descend_sparse(&map->op, out, lambda, padded, in, rows, cost);
  kernels->descend_sparse(&map->op, out, lambda, padded, in, NULL, alone);
  for (int32_t i = 0; i < inputs; i++) {
    int32_t place = place_of(in, i);
    for (int32_t r = 0; place >= 0 && r < padded; r++) {
      double sum = 0;
      for (int32_t u = 0; u < out->layer->count; u++) {
        int32_t from = place_of(out, out->layer->unit[u]);
        if (from < 0) continue;
        sum += map->matrix[(int64_t)out->layer->unit[u] * inputs + i] * lambda[(int64_t)from * padded + r];
      }
      int32_t live = in->layer->index[i];
      total[r] += fabs(sum) * in->layer->cost[live];
      CHECK(close_to(rows[(int64_t)place * padded + r], sum * in->layer->slope[live], 100));
    }
  }
  for (int32_t r = 0; r < padded; r++) {
    CHECK(close_to(cost[r], total[r], 1000));
    CHECK(cost[r] == alone[r] && cost[r] >= before[r]);
  }
  double *next = MAKE(double, (int64_t)above * padded);
  cm_ascend_sparse_window(&map->op, in, rows, padded, out, next);
  for (int32_t o = 0; o < map->op.out_count; o++) {
    int32_t to = place_of(out, o);
    for (int32_t r = 0; to >= 0 && r < padded; r++) {
      double sum = 0;
      for (int32_t i = 0; i < inputs; i++) {
        int32_t from = place_of(in, i);
        if (from >= 0)
          sum += map->matrix[(int64_t)o * inputs + i] * rows[(int64_t)from * padded + r];
      }
      CHECK(close_to(next[(int64_t)to * padded + r], sum, 1000));
    }
  }
  free(next);
  free(rows);
  free(lambda);
}

void test_sparse(const cm_kernels *kernels, random_source *random) {
  int32_t sizes[6];
  for (int k = 0; k < 6; k++) sizes[k] = 1 + below(random, 5);
  test_layer in = make_layer(random, sizes[0], sizes[1], sizes[2]);
  test_layer out = make_layer(random, sizes[3], sizes[4], sizes[5]);
  test_sparse_map map = make_map(random, in.units, out.units);
  check_upward(kernels, random, &map, &in.layer);
  check_downward(kernels, random, &map, view_of(&in), view_of(&out));
  free_map(&map);
  free_layer(&in);
  free_layer(&out);
}
