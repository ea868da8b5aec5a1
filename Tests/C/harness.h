#pragma once

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "row_kernels.h"

// What the tests of the C code share. They run under the sanitizers of clang: memory is allocated to
// the last element that the code may touch, and every number is compared with a plain loop's.

/// Steele, Lea and Flood 2014; the seed decides everything.
typedef struct {
  uint64_t state;
} random_source;

uint64_t next_random(random_source *source);
/// A number from 0 to bound - 1.
int32_t below(random_source *source, int32_t bound);
/// A number from -1 to 1; one in eight is 0.
double number(random_source *source);

/// What is being run, for messages.
extern const char *running;
extern uint64_t running_seed;

#define CHECK(condition)                                                                       \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      fprintf(                                                                                 \
          stderr, "%s:%d: %s, seed %llu: %s does not hold\n", __FILE__, __LINE__, running,     \
          (unsigned long long)running_seed, #condition);                                       \
      exit(1);                                                                                 \
    }                                                                                          \
  } while (0)

/// Whether a sum is the reference's but for rounding; `size` is the sum of the terms' magnitudes.
int close_to(double found, double expected, double size);

/// Zeroed memory that ends where it says; stops the program where there is none.
void *make(int64_t count, size_t size);
#define MAKE(type, count) ((type *)make((count), sizeof(type)))

/// A layer with a random choice of live units, and everything that kernels read of it.
typedef struct {
  cm_layer layer;
  cm_view view;
  int32_t units;
  int64_t *input_offset, *output_offset;
} test_layer;

test_layer make_layer(random_source *random, int32_t height, int32_t width, int32_t channels);
void free_layer(test_layer *layer);
/// The layer as rows see it.
cm_view *view_of(test_layer *made);
/// A window of the layer's grid, of one position at the least.
cm_window some_window(random_source *random, const cm_view *view);
/// The place of a unit among the live units of the window, or -1.
int32_t place_of(const cm_view *view, int32_t unit);

/// A convolution, its matrix [out units][in units], and the layers on both sides.
typedef struct {
  cm_convolution op;
  test_layer in, out;
  double *matrix;
  /// The weights, with the zeros in front of the first.
  double *numbers;
} test_convolution;

test_convolution make_convolution(random_source *random);
void free_convolution(test_convolution *test);

cm_forward make_forward(int32_t count);
void free_forward(cm_forward forward);

void test_rows(const cm_kernels *kernels, random_source *random);
void test_tight_rows(const cm_kernels *kernels, random_source *random);
void test_relaxation(const cm_kernels *kernels, random_source *random);
void test_sparse(const cm_kernels *kernels, random_source *random);
void test_maxima(random_source *random);
void test_gradients(random_source *random);
void test_fold_kernels(random_source *random);
void test_decimals(random_source *random);
void test_messages(random_source *random);
void test_dispatch(random_source *random);
