/* Results of calls that refer to memory: who owns it, and whether it is that of an argument. */
#ifndef RDC_RESULT_H
#define RDC_RESULT_H

#include "marshal.h"

/* A rule is list(copy, free): whether the result is copied, and the destructor of what C gave away or NULL.
   Fails when results of the type cannot follow the rule. */
rdc_code rdc_result_check(const rdc_type *type, SEXP rule, rdc_status *status);

/* Makes an R value of the result at ret by a rule. */
SEXP rdc_result_get(const rdc_type *type, void *ret, SEXP rule, rdc_view *view);

/* Lets a pointer into the memory of an argument, as strchr returns one, depend on that. */
void rdc_result_relate(SEXP pointer, const SEXP *args, size_t n, const rdc_keep *keep);

#endif
