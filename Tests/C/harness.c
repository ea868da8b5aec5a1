#include "harness.h"

const char *running = "";
uint64_t running_seed = 0;

uint64_t next_random(random_source *source) {
  source->state += 0x9e3779b97f4a7c15u;
  uint64_t z = source->state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

int32_t below(random_source *source, int32_t bound) {
  return (int32_t)(next_random(source) % (uint64_t)bound);
}

double number(random_source *source) {
  uint64_t bits = next_random(source);
  return bits % 8 == 0 ? 0 : (double)(int64_t)bits * 0x1p-63;
}

int close_to(double found, double expected, double size) {
  return fabs(found - expected) <= 1e-13 * size + 1e-300;
}

void *make(int64_t count, size_t size) {
  void *memory = calloc(count > 0 ? (size_t)count : 1, size);
  if (memory == NULL) exit(2);
  return memory;
}

test_layer make_layer(random_source *random, int32_t height, int32_t width, int32_t channels) {
  int32_t positions = height * width, units = positions * channels;
  test_layer made = {.units = units};
  cm_layer *layer = &made.layer;
  *layer = (cm_layer){.height = height, .width = width, .channels = channels};
  layer->start = MAKE(int32_t, positions + 1);
  // relax_layer writes one entry behind the last live unit.
  layer->unit = MAKE(int32_t, units + 1);
  layer->index = MAKE(int32_t, units);
  layer->input_offset = MAKE(int64_t, units);
  layer->output_offset = MAKE(int64_t, units);
  layer->slope = MAKE(double, units);
  layer->cost = MAKE(double, units);
  layer->values = MAKE(double, 4 * (int64_t)units);
  layer->stable_cost = MAKE(double, units);
  // So does the list of unstable units.
  layer->unstable = MAKE(int32_t, units + 1);
  made.view.row_base = MAKE(int32_t, height);
  made.view.runs = MAKE(cm_run, height);
  made.view.places = MAKE(int32_t, units);
  memset(made.view.places, -1, (size_t)units * sizeof *made.view.places);
  made.input_offset = MAKE(int64_t, units);
  made.output_offset = MAKE(int64_t, units);
  layer->unit_input_offset = made.input_offset;
  layer->unit_output_offset = made.output_offset;
  int32_t density = below(random, 4);
  for (int32_t unit = 0; unit < units; unit++) {
    if (unit % channels == 0) layer->start[unit / channels] = layer->count;
    layer->index[unit] = -1;
    if (density < 3 && below(random, 3) > density) continue;
    int32_t u = layer->count++;
    layer->unit[u] = unit;
    layer->index[unit] = u;
    layer->slope[u] = fabs(number(random));
    layer->cost[u] = fabs(number(random));
    for (int k = 0; k < 4; k++)
      layer->values[4 * u + k] = k < 2 ? number(random) : fabs(number(random));
  }
  layer->start[positions] = layer->count;
  return made;
}

cm_view *view_of(test_layer *made) {
  cm_view *view = &made->view;
  view->layer = &made->layer;
  view->slope = made->layer.slope;
  view->cost = made->layer.cost;
  if (view->window.y1 == 0)
    cm_open_window(view, (cm_window){0, made->layer.height, 0, made->layer.width});
  return view;
}

void free_layer(test_layer *made) {
  cm_layer *layer = &made->layer;
  void *all[] = {layer->start,  layer->unit,     layer->index,       layer->input_offset,
                 layer->slope,  layer->cost,     layer->values,      layer->output_offset,
                 layer->unstable, layer->stable_cost, made->view.row_base, made->view.runs,
                 made->view.places,    made->input_offset, made->output_offset};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}

cm_window some_window(random_source *random, const cm_view *view) {
  const cm_layer *layer = view->layer;
  int32_t y = below(random, layer->height), x = below(random, layer->width);
  return (cm_window){
      y, y + 1 + below(random, layer->height - y), x, x + 1 + below(random, layer->width - x)};
}

int32_t place_of(const cm_view *view, int32_t unit) {
  const cm_layer *layer = view->layer;
  int32_t place = 0;
  const cm_window *w = &view->window;
  for (int32_t u = 0; u < layer->count; u++) {
    int32_t position = layer->unit[u] / layer->channels;
    int32_t y = position / layer->width, x = position % layer->width;
    if (y < w->y0 || y >= w->y1 || x < w->x0 || x >= w->x1) continue;
    if (layer->unit[u] == unit) return place;
    place++;
  }
  return -1;
}

/// Where the weights of every unit lie, as `WeightOffsets` lays them out.
static void lay_out(test_convolution *test) {
  const cm_convolution *op = &test->op;
  for (int32_t unit = 0; unit < test->in.units; unit++) {
    int32_t position = unit / op->in_channels;
    int64_t y = position / op->in_width + op->pad_y, x = position % op->in_width + op->pad_x;
    test->in.input_offset[unit] =
        ((y * op->pitch + x) * op->in_channels + unit % op->in_channels) *
        op->out_stride;
  }
  for (int32_t unit = 0; unit < test->out.units; unit++) {
    int32_t position = unit / op->out_channels;
    int64_t y = (int64_t)(position / op->out_width) * op->stride_y;
    int64_t x = (int64_t)(position % op->out_width) * op->stride_x;
    test->out.output_offset[unit] =
        unit % op->out_channels -
        (y * op->pitch + x) * op->in_channels * op->out_stride;
  }
  for (int32_t u = 0; u < test->in.layer.count; u++)
    test->in.layer.input_offset[u] = test->in.input_offset[test->in.layer.unit[u]];
  for (int32_t u = 0; u < test->out.layer.count; u++)
    test->out.layer.output_offset[u] = test->out.output_offset[test->out.layer.unit[u]];
}

/// The sizes of one axis; the kernel's reach fits the padded input.
static void axis(
    random_source *random, int32_t *in, int32_t *out, int32_t *kernel, int32_t *stride,
    int32_t *pad) {
  *in = 1 + below(random, 9);
  *pad = below(random, 3);
  int32_t reach = 1 + below(random, *in + 2 * *pad);
  *stride = 1 + below(random, 4);
  *out = (*in + 2 * *pad - reach) / *stride + 1;
  *kernel = (reach + *stride - 1) / *stride * *stride;
}

test_convolution make_convolution(random_source *random) {
  test_convolution test = {0};
  cm_convolution *op = &test.op;
  axis(random, &op->in_height, &op->out_height, &op->kernel_height, &op->stride_y, &op->pad_y);
  axis(random, &op->in_width, &op->out_width, &op->kernel_width, &op->stride_x, &op->pad_x);
  op->in_channels = 1 + below(random, 6);
  op->out_channels = 1 + below(random, below(random, 3) == 0 ? 130 : 20);
  op->out_stride = (op->out_channels + 7) / 8 * 8;
  op->cell_columns = 1 + below(random, op->kernel_width / op->stride_x);
  int32_t margin = (op->cell_columns - 1) * op->stride_x;
  op->pitch = op->kernel_width + 2 * margin;
  // Kernels read whole vectors from any channel on: 32 numbers behind the last.
  test.numbers = MAKE(
      double, (int64_t)op->kernel_height * op->pitch * op->in_channels * op->out_stride + 32);
  double *weight = test.numbers + (int64_t)margin * op->in_channels * op->out_stride;
  double *bias = MAKE(double, op->out_stride);
  for (int64_t y = 0; y < op->kernel_height; y++)
    for (int64_t x = 0; x < op->kernel_width * op->in_channels; x++)
      for (int32_t c = 0; c < op->out_channels; c++)
        weight[(y * op->pitch * op->in_channels + x) * op->out_stride + c] = number(random);
  for (int32_t c = 0; c < op->out_channels; c++) bias[c] = number(random);
  op->weights = weight;
  op->bias = bias;
  test.in = make_layer(random, op->in_height, op->in_width, op->in_channels);
  test.out = make_layer(random, op->out_height, op->out_width, op->out_channels);
  lay_out(&test);
  test.matrix = MAKE(double, (int64_t)test.in.units * test.out.units);
  for (int32_t o = 0; o < test.out.units; o++) {
    int32_t oy = o / op->out_channels / op->out_width, ox = o / op->out_channels % op->out_width;
    for (int32_t i = 0; i < test.in.units; i++) {
      int32_t y = i / op->in_channels / op->in_width + op->pad_y - oy * op->stride_y;
      int32_t x = i / op->in_channels % op->in_width + op->pad_x - ox * op->stride_x;
      if (y < 0 || y >= op->kernel_height || x < 0 || x >= op->kernel_width) continue;
      int64_t tap = ((int64_t)y * op->pitch + x) * op->in_channels + i % op->in_channels;
      test.matrix[(int64_t)o * test.in.units + i] =
          weight[tap * op->out_stride + o % op->out_channels];
    }
  }
  return test;
}

void free_convolution(test_convolution *test) {
  free(test->numbers);
  free((void *)test->op.bias);
  free(test->matrix);
  free_layer(&test->in);
  free_layer(&test->out);
}

cm_forward make_forward(int32_t count) {
  return (cm_forward){
      MAKE(double, count + 8), MAKE(double, count + 8), MAKE(double, count + 8),
      MAKE(double, count + 8)};
}

void free_forward(cm_forward forward) {
  free(forward.midpoint);
  free(forward.center);
  free(forward.radius);
  free(forward.magnitude);
}
