#include "harness.h"

/// Runs every test with as many seeds as the command line says.
int main(int count, char **arguments) {
  long seeds = count > 1 ? strtol(arguments[1], NULL, 10) : 100;
  const char *names[] = {"portable", "avx2", "avx512"};
  struct {
    const char *name;
    void (*run)(random_source *);
  } plain[] = {{"gradients", test_gradients},
               {"maxima", test_maxima},
               {"folded networks", test_fold_kernels},
               {"decimals", test_decimals},
               {"messages", test_messages},
               {"dispatch", test_dispatch}};
  for (long seed = 0; seed < seeds; seed++) {
    running_seed = (uint64_t)seed;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
      const cm_kernels *kernels = cm_named_kernels(names[k]);
      running = names[k];
      if (kernels == NULL) continue;
      CHECK(strcmp(kernels->name, names[k]) == 0);
      random_source random = {running_seed};
      test_rows(kernels, &random);
      test_sparse(kernels, &random);
      test_relaxation(kernels, &random);
      test_tight_rows(kernels, &random);
    }
    for (size_t k = 0; k < sizeof plain / sizeof *plain; k++) {
      random_source random = {running_seed};
      running = plain[k].name;
      plain[k].run(&random);
    }
  }
  CHECK(cm_named_kernels("other") == NULL && cm_best_kernels() != NULL);
  printf("C code under the sanitizers: %ld seeds, kernels", seeds);
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    printf(cm_named_kernels(names[k]) != NULL ? " %s" : " (%s skipped: not on this processor)", names[k]);
  printf("\n");
  return 0;
}
