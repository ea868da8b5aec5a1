#include <math.h>
#include <stddef.h>
#include <string.h>

#include "row_kernels.h"

void cm_count_terms_sparse(const cm_sparse *op, const cm_layer *in, int32_t *counts) {
  for (int32_t i = 0; i < op->out_count; i++) {
    counts[i] = 0;
    for (int32_t k = op->row_start[i]; k < op->row_start[i + 1]; k++)
      counts[i] += in->index[op->column[k]] >= 0;
  }
}

void cm_ascend_sparse(
    const cm_sparse *op, const cm_layer *in, const double *columns, int32_t padded_columns,
    double *next) {
  for (int32_t i = 0; i < op->out_count; i++, next += padded_columns) {
    memset(next, 0, (size_t)padded_columns * sizeof(double));
    for (int32_t k = op->row_start[i]; k < op->row_start[i + 1]; k++) {
      int32_t live = in->index[op->column[k]];
      if (live < 0) continue;
      const double *source = columns + (int64_t)live * padded_columns;
      for (int32_t c = 0; c < padded_columns; c++) next[c] += op->weight[k] * source[c];
    }
  }
}

void cm_column_reach(
    int32_t count, const double *columns, int32_t padded_columns, const double *weight,
    double *reach) {
  for (int32_t i = 0; i < count; i++, columns += padded_columns) {
    double part[4] = {0};
    for (int32_t c = 0; c < padded_columns; c += 4)
      for (int32_t k = 0; k < 4; k++) part[k] += fabs(columns[c + k]) * weight[c + k];
    reach[i] = (part[0] + part[1]) + (part[2] + part[3]);
  }
}

void cm_row_norms(
    int64_t count, const double *rows, int32_t padded_rows, double *restrict sum,
    double *restrict largest, double *restrict squares) {
  for (int32_t first = 0; first < padded_rows; first += 4) {
    double s[4] = {0}, m[4] = {0}, q[4] = {0};
    const double *row = rows + first;
    for (int64_t i = 0; i < count; i++, row += padded_rows)
      for (int32_t k = 0; k < 4; k++) {
        double value = fabs(row[k]);
        s[k] += value;
        m[k] = value > m[k] ? value : m[k];
        q[k] += value * value;
      }
    memcpy(sum + first, s, sizeof s);
    memcpy(largest + first, m, sizeof m);
    memcpy(squares + first, q, sizeof q);
  }
}

static void clear(const cm_view *view, int32_t padded_rows, double *rows) {
  int64_t count = 0;
  for (int32_t y = view->window.y0; y < view->window.y1; y++) {
    const int32_t *row = view->layer->start + (int64_t)y * view->layer->width;
    count += row[view->window.x1] - row[view->window.x0];
  }
  memset(rows, 0, (size_t)(count * padded_rows) * sizeof(double));
}

void cm_start_sparse(
    const cm_sparse *op, int32_t count, const int32_t *unit, int32_t padded_rows,
    const cm_view *in, double *rows) {
  clear(in, padded_rows, rows);
  for (int32_t r = 0; r < count; r++) {
    for (int32_t k = op->row_start[unit[r]]; k < op->row_start[unit[r] + 1]; k++) {
      int32_t target = in->places[op->column[k]];
      if (target >= 0) rows[(int64_t)target * padded_rows + r] += op->weight[k];
    }
  }
}

void cm_ascend_sparse_window(
    const cm_sparse *op, const cm_view *in, const double *points, int32_t padded_rows,
    const cm_view *out, double *next) {
  for (int32_t y = out->window.y0; y < out->window.y1; y++) {
    const int32_t *row = out->layer->start + (int64_t)y * out->layer->width;
    for (int32_t u = row[out->window.x0]; u < row[out->window.x1]; u++) {
      double *sum = next + (int64_t)(out->row_base[y] + u - row[out->window.x0]) * padded_rows;
      memset(sum, 0, (size_t)padded_rows * sizeof(double));
      int32_t i = out->layer->unit[u];
      for (int32_t k = op->row_start[i]; k < op->row_start[i + 1]; k++) {
        int32_t from = in->places[op->column[k]];
        if (from < 0) continue;
        const double *source = points + (int64_t)from * padded_rows;
        for (int32_t r = 0; r < padded_rows; r++) sum[r] += op->weight[k] * source[r];
      }
    }
  }
}
