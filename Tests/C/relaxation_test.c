#include "harness.h"

static cm_bounds make_bounds(int32_t count) {
  return (cm_bounds){
      MAKE(double, count), MAKE(double, count), MAKE(double, count), MAKE(double, count)};
}

static void free_bounds(cm_bounds bounds) {
  free(bounds.lower);
  free(bounds.upper);
  free(bounds.own_charge);
  free(bounds.deployed_charge);
}

/// Numbers of any size, so that borders are met.
static double wide(random_source *random) { return ldexp(number(random), below(random, 60) - 40); }

static void check_intervals(
    const cm_kernels *kernels, random_source *random, int32_t count, cm_forward forward,
    cm_bounds bounds) {
  cm_charge charge = {0x1p-50, 0x1p-900, 0x1p-20, 0x1p-140};
  double largest = -1, most = 0, sum = 0;
  double total = kernels->interval_bounds(count, forward, charge, bounds, &largest);
  for (int32_t i = 0; i < count; i++) {
    double magnitude = forward.magnitude[i];
    double own = magnitude * charge.own + charge.own_absolute;
    double deployed = magnitude * charge.deployed + charge.deployed_absolute;
    double half = forward.radius[i] + own + deployed, size = fabs(forward.center[i]) + half;
    CHECK(close_to(bounds.own_charge[i], own, own));
    CHECK(close_to(bounds.deployed_charge[i], deployed, deployed));
    CHECK(close_to(bounds.lower[i], forward.center[i] - half, size));
    CHECK(close_to(bounds.upper[i], forward.center[i] + half, size));
    sum += magnitude;
    most = magnitude > most ? magnitude : most;
  }
  CHECK(largest == most);
  CHECK(close_to(total, sum, sum));
  if (count == 0) return;
  double kept = forward.magnitude[count - 1];
  forward.magnitude[count - 1] = NAN;
  CHECK(isnan(kernels->interval_bounds(count, forward, charge, bounds, &largest)));
  forward.magnitude[count - 1] = kept;
  kernels->interval_bounds(count, forward, charge, bounds, &largest);
}

/// The lines of a live unit bound its ReLU at both ends, and so everywhere between.
static void check_unit(
    const cm_layer *layer, int32_t u, cm_forward forward, cm_bounds bounds) {
  int32_t unit = layer->unit[u];
  double l = bounds.lower[unit], high = bounds.upper[unit], slope = layer->slope[u];
  const double *values = layer->values + 4 * (int64_t)u;
  CHECK(high > 0 && slope >= 0x1p-60 && slope <= 1);
  if (l >= 0) {
    CHECK(slope == 1);
  } else {
    // s >= u / (u - l), in more digits than the kernel has.
    CHECK((long double)slope * ((long double)high - l) >= (long double)high);
    CHECK(layer->cost[u] >= 0.5 * slope * -l);
    // Half the gap alone, where the midpoint is 0; the product has more digits still.
    if (forward.midpoint[unit] == 0)
      CHECK(values[0] >= 0.5L * slope * -(long double)l * (1 - 0x1p-63L));
    CHECK(close_to(values[0], slope * forward.midpoint[unit] + 0.5 * slope * -l,
        fabs(slope * forward.midpoint[unit]) + slope * -l));
  }
  double low = l > 0 ? l : 0;
  CHECK((long double)values[1] - values[2] <= low && (long double)values[1] + values[2] >= high);
  CHECK(values[3] >= high && values[3] >= fabs(values[0]));
  CHECK(layer->input_offset[u] == layer->unit_input_offset[unit]);
  CHECK(layer->output_offset[u] == layer->unit_output_offset[unit]);
}

static void check_relaxed(
    const cm_kernels *kernels, cm_layer *layer, int32_t units, cm_forward forward,
    cm_bounds bounds) {
  kernels->relax_layer(layer, forward, bounds);
  int32_t live = 0, open = 0;
  for (int32_t unit = 0; unit < units; unit++) {
    if (unit % layer->channels == 0) CHECK(layer->start[unit / layer->channels] == live);
    int isLive = bounds.upper[unit] > 0;
    CHECK(layer->index[unit] == (isLive ? live : -1));
    if (!isLive) continue;
    CHECK(layer->unit[live] == unit);
    check_unit(layer, live, forward, bounds);
    int is_open = bounds.lower[unit] < 0;
    if (is_open) CHECK(layer->unstable[open++] == live);
    CHECK(layer->stable_cost[live] == (is_open ? 0 : layer->cost[live]));
    live++;
  }
  CHECK(layer->count == live && layer->start[layer->height * layer->width] == live);
  CHECK(layer->unstable_count == open);
}

static void check_passed(
    const cm_kernels *kernels, cm_layer *layer, int32_t units, cm_forward forward,
    cm_bounds bounds) {
  kernels->pass_layer(layer, forward, bounds);
  CHECK(layer->count == units && layer->unstable_count == 0);
  for (int32_t u = 0; u < units; u++) {
    const double *values = layer->values + 4 * (int64_t)u;
    CHECK(layer->unit[u] == u && layer->index[u] == u && layer->slope[u] == 1);
    CHECK(layer->cost[u] == bounds.own_charge[u] + bounds.deployed_charge[u]);
    CHECK(layer->stable_cost[u] == layer->cost[u]);
    CHECK(values[0] == forward.midpoint[u]);
    CHECK((long double)values[1] - values[2] <= bounds.lower[u]);
    CHECK((long double)values[1] + values[2] >= bounds.upper[u]);
    CHECK(values[3] >= forward.magnitude[u]);
  }
}

void test_relaxation(const cm_kernels *kernels, random_source *random) {
  test_layer made =
      make_layer(random, 1 + below(random, 5), 1 + below(random, 5), 1 + below(random, 20));
  int32_t units = made.units;
  cm_forward forward = make_forward(units);
  cm_bounds bounds = make_bounds(units);
  for (int32_t unit = 0; unit < units; unit++) {
    forward.center[unit] = wide(random);
    forward.radius[unit] = fabs(wide(random));
    // Bounds that lines of their own have tightened may leave the midpoint out.
    forward.midpoint[unit] = forward.center[unit] + 4 * forward.radius[unit] * number(random);
    if (below(random, 4) == 0) forward.midpoint[unit] = 0;
    forward.magnitude[unit] = fabs(forward.center[unit]) + forward.radius[unit];
    made.input_offset[unit] = below(random, 1000);
    made.output_offset[unit] = below(random, 1000);
  }
  check_intervals(kernels, random, units, forward, bounds);
  // Ends that come from different rows.
  for (int32_t unit = 0; unit < units; unit++) {
    if (below(random, 8) == 0) bounds.lower[unit] = -ldexp(1, 40 + below(random, 60));
    if (bounds.lower[unit] < 0 && below(random, 4) == 0)
      bounds.upper[unit] = ldexp(1, -below(random, 60));
  }
  check_relaxed(kernels, &made.layer, units, forward, bounds);
  check_passed(kernels, &made.layer, units, forward, bounds);
  free_forward(forward);
  free_bounds(bounds);
  free_layer(&made);
}
