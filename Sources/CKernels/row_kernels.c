#include "row_kernels.h"

#include <stddef.h>
#include <string.h>

#include "instruction_sets.h"

extern const cm_kernels cm_portable_kernels;
#if defined(__x86_64__)
extern const cm_kernels cm_avx2_kernels;
extern const cm_kernels cm_avx512_kernels;
#endif

uint32_t cm_processor_parts(void) {
  uint32_t parts = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
#define NOTE(part) \
  if (__builtin_cpu_supports(#part)) parts |= CM_PART_BIT(part)
  CM_AVX2(NOTE, ;);
  CM_AVX512(NOTE, ;);
#undef NOTE
#endif
  return parts;
}

const cm_kernels *cm_kernels_on(const char *name, uint32_t parts) {
#if defined(__x86_64__)
  const uint32_t avx512 = CM_AVX512(CM_PART_BIT, |), avx2 = CM_AVX2(CM_PART_BIT, |);
  if (strcmp(name, "avx512") == 0) return (parts & avx512) == avx512 ? &cm_avx512_kernels : NULL;
  if (strcmp(name, "avx2") == 0) return (parts & avx2) == avx2 ? &cm_avx2_kernels : NULL;
#else
  (void)parts;
#endif
  return strcmp(name, "portable") == 0 ? &cm_portable_kernels : NULL;
}

const cm_kernels *cm_named_kernels(const char *name) {
  return cm_kernels_on(name, cm_processor_parts());
}

const cm_kernels *cm_best_kernels(void) {
  const cm_kernels *best = cm_named_kernels("avx512");
  if (best == NULL) best = cm_named_kernels("avx2");
  return best != NULL ? best : &cm_portable_kernels;
}

static int32_t clamp(int32_t value, int32_t limit) {
  return value < 0 ? 0 : value > limit ? limit : value;
}

cm_window cm_input_window(const cm_convolution *op, cm_window out) {
  cm_window in;
  in.y0 = clamp(out.y0 * op->stride_y - op->pad_y, op->in_height);
  in.y1 = clamp((out.y1 - 1) * op->stride_y - op->pad_y + op->kernel_height, op->in_height);
  in.x0 = clamp(out.x0 * op->stride_x - op->pad_x, op->in_width);
  in.x1 = clamp((out.x1 - 1) * op->stride_x - op->pad_x + op->kernel_width, op->in_width);
  return in;
}

void cm_count_terms(const cm_convolution *op, const cm_layer *in, int32_t *counts) {
  for (int32_t oy = 0; oy < op->out_height; oy++) {
    for (int32_t ox = 0; ox < op->out_width; ox++) {
      cm_window read = cm_input_window(op, (cm_window){oy, oy + 1, ox, ox + 1});
      int32_t count = 0;
      for (int32_t y = read.y0; y < read.y1; y++) {
        const int32_t *row = in->start + (int64_t)y * in->width;
        count += row[read.x1] - row[read.x0];
      }
      for (int32_t c = 0; c < op->out_channels; c++) *counts++ = count;
    }
  }
}

static void forget_places(cm_view *view) {
  const cm_window old = view->window;
  for (int32_t y = old.y0; y < old.y1; y++) {
    int64_t first = ((int64_t)y * view->layer->width + old.x0) * view->layer->channels;
    int64_t count = (int64_t)(old.x1 - old.x0) * view->layer->channels;
    memset(view->places + first, -1, (size_t)count * sizeof *view->places);
  }
}

int32_t cm_open_window(cm_view *view, cm_window window) {
  if (view->places != NULL) forget_places(view);
  view->window = window;
  int32_t count = 0;
  for (int32_t y = window.y0; y < window.y1; y++) {
    view->row_base[y] = count;
    const int32_t *row = view->layer->start + (int64_t)y * view->layer->width;
    int32_t first = row[window.x0], end = row[window.x1];
    if (view->places != NULL)
      for (int32_t u = first; u < end; u++)
        view->places[view->layer->unit[u]] = count + u - first;
    count += end - first;
  }
  return count;
}
