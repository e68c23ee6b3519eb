/* Compiled signatures as R objects, found again by their text. */
#ifndef RDC_CACHE_H
#define RDC_CACHE_H

#include "plan.h"
#include "r.h"

/* The plan object (external pointer) of a signature in an environment, from the cache if it is there.
   text is a string object; raises when it does not compile. The caller protects the result. */
SEXP rdc_cache_plan(SEXP text, rdc_mode mode, SEXP env);

/* The same where names resolve in the environment of the user's call that led to the frame of a function of
   this package. */
SEXP rdc_cache_plan_for(SEXP text, rdc_mode mode, SEXP frame);

/* The plan of a plan object. */
static inline rdc_plan *rdc_cache_plan_of(SEXP plan) { return (rdc_plan *)rdc_r_pointer(plan); }

/* Whether the warning about 64-bit results was given for a function under a plan object; notes that it is. */
int rdc_cache_warned(SEXP plan, const void *code, int note);

/* Forgets all plans but those that something else holds. */
void rdc_cache_clear(void);

void rdc_cache_init(void);

#endif
