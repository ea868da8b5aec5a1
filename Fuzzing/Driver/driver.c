#define _GNU_SOURCE
#include "FuzzDriver.h"

#include <sys/mman.h>

// Of libFuzzer's interface.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*run)(const uint8_t *, size_t));
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

// SwiftPM lets a program begin at a function of this name instead of at `main`, and Swift, told to
// fuzz, writes none.
int CertifyFuzz_main(int count, char **arguments);

int CertifyFuzz_main(int count, char **arguments) {
  return LLVMFuzzerRunDriver(&count, &arguments, LLVMFuzzerTestOneInput);
}

int fuzz_memory_file(void) { return memfd_create("fuzzed", MFD_CLOEXEC); }
