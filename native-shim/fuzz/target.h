/* What every fuzz target has in common: libFuzzer's entry point, and what a broken promise does. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Runs one input; ends the process where a promise is broken. replay.c or libFuzzer has the `main` that calls it. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);

#define PROMISE(condition) promise((condition), #condition, __FILE__, __LINE__)

/* Ends the process by `abort` with the place and the text of what is not so. */
void promise(int kept, const char *what, const char *file, int line);

#endif
