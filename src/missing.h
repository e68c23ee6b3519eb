/* NA among the elements of vectors. */
#ifndef RDC_MISSING_H
#define RDC_MISSING_H

#include "r.h"

/* Whether element i is NA. NaN of other bits is not. */
int rdc_missing_at(SEXP value, size_t i);

/* Whether there may be an NA among the first n elements; 0 is sure. */
int rdc_missing_any(SEXP value, size_t n);

#endif
