/* NA among the elements of vectors. */
#ifndef RDC_MISSING_H
#define RDC_MISSING_H

#include "r.h"

/* The first element from i on, and before n, that is NA; n if there is none. NaN of other bits is not NA. */
size_t rdc_missing_next(SEXP value, size_t i, size_t n);

/* Sets the marks of those elements from i on, and before n, that are NA to 1; the first is that of i. */
void rdc_missing_mark(SEXP value, size_t i, size_t n, unsigned char *marks);

#endif
