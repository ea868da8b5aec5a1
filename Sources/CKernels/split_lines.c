#include <math.h>

#include "row_kernels.h"

void cm_choose_split_lines(
    const cm_lines *lines, const cm_splits *splits, double *rows, int32_t padded_rows, double *cost,
    double *shift, double *size) {
  for (int32_t k = 0; k < lines->count; k++) {
    double *row = rows + (int64_t)lines->place[k] * padded_rows;
    const int64_t at = (int64_t)k * padded_rows;
    const double *lower = lines->lower + at, *push = splits->push + at;
    const int8_t *side = splits->side + at;
    const double midpoint = lines->midpoint[k], slope = lines->slope[k], gap = lines->gap[k];
    const double charge = lines->charge[k], activation = lines->activation[k];
    const double fixed = gap + 0x1p-49 * (fabs(slope * midpoint) + gap);
    for (int32_t r = 0; r < padded_rows; r++) {
      const double mu = row[r];
      double coefficient, moved, paid = 0, magnitude;
      if (side[r] != 0) {
        const double own = side[r] > 0 ? midpoint : 0;
        moved = mu * (activation - own);
        magnitude = fabs(mu) * (fabs(activation) + fabs(own));
        coefficient = side[r] > 0 ? mu : 0;
      } else if (mu > 0) {
        moved = mu * ((slope - lower[r]) * midpoint);
        magnitude = fabs(moved);
        paid = mu * fixed;
        coefficient = mu * lower[r];
      } else {
        moved = magnitude = 0;
        paid = -mu * fixed;
        coefficient = mu * slope;
      }
      // Each part of the coefficient is charged for itself: their sum is not larger.
      cost[r] += paid + (fabs(coefficient) + fabs(push[r])) * charge;
      shift[r] += moved - push[r] * midpoint;
      size[r] += magnitude + fabs(push[r] * midpoint);
      row[r] = coefficient + push[r];
    }
  }
}
