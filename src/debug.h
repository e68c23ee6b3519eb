/* What is live, and debug mode. */
#ifndef RDC_DEBUG_H
#define RDC_DEBUG_H

#include "owner.h"
#include "plan.h"

/* Whether calls are traced. */
extern int rdc_debug_trace;

/* Tells R of a call that has returned; result is NULL when a jump left it. */
void rdc_debug_tell(const rdc_plan *plan, const char *name, SEXP params, const SEXP *args, size_t n,
                    SEXP result);

SEXP rdc_r_debug_set(SEXP on);
SEXP rdc_r_debug_trace(SEXP on);
SEXP rdc_r_debug_check(void);
SEXP rdc_r_debug_list(void);

#endif
