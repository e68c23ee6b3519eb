/* libFuzzer: any bytes as a call signature, a type and a library signature. */
#include "exercise.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *broken = exercise_signature((const char *)data, size);
  if (broken) {
    fprintf(stderr, "%s\n", broken);
    abort();
  }
  return 0;
}
