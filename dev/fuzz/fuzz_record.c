/* libFuzzer: any bytes as records: layout, fields, by value through a closure. */
#include "exercise.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *broken = exercise_record((const char *)data, size);
  if (broken) {
    fprintf(stderr, "%s\n", broken);
    abort();
  }
  return 0;
}
