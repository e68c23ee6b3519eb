/* Random C values by descriptor: what fill wrote, check recognises after it went through a call. */
#ifndef RDC_DEV_VALUES_H
#define RDC_DEV_VALUES_H

#include "type.h"

/* Writes a random valid value of type; padding gets arbitrary bytes. */
void values_fill(const rdc_type *type, void *at, uint64_t seed);

/* Whether the bytes at hold the value that fill writes for seed; padding is not looked at, and of a
   union only the member that fill chose. */
int values_check(const rdc_type *type, const void *at, uint64_t seed);

#endif
