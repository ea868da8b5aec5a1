#pragma once

#include <stddef.h>
#include <stdint.h>

/// Changes bytes in one of libFuzzer's own ways, to at most `limit` of them; returns how many there
/// are then.
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t count, size_t limit);

/// Opens an empty file that lies in memory; -1 where that is not possible.
int fuzz_memory_file(void);
