/* Arrays of C values as R objects: raw-backed or behind a pointer. */
#ifndef RDC_ARRAY_H
#define RDC_ARRAY_H

#include "typeinfo.h"

/* The element type of a handle; raises unless it has a size. */
const rdc_type *rdc_array_element(SEXP handle);

/* A number of elements of so many bytes; raises unless n is one that can be. */
size_t rdc_array_count(SEXP n, size_t size);

/* Makes a raw vector, or a pointer to memory of count elements, an array. */
void rdc_array_tag(SEXP x, SEXP handle, size_t count);

/* Where the elements of an array are. */
typedef struct rdc_elements {
  const rdc_type *type;
  const char *base; /* of the first */
  size_t count;     /* how many */
} rdc_elements;
rdc_elements rdc_array_span(SEXP x);

/* Whether elements of two types are the same to C. */
int rdc_array_is_same(const rdc_type *a, const rdc_type *b);

SEXP rdc_r_array_new(SEXP of, SEXP n);
SEXP rdc_r_array_of(SEXP x, SEXP handle, SEXP n);
SEXP rdc_r_array_length(SEXP x);
SEXP rdc_r_array_get(SEXP x, SEXP index);
SEXP rdc_r_array_set(SEXP x, SEXP index, SEXP value);
SEXP rdc_r_array_element(SEXP x, SEXP i);
SEXP rdc_r_array_column(SEXP x, SEXP field);
SEXP rdc_r_array_set_column(SEXP x, SEXP field, SEXP value);

#endif
