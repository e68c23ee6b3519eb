/* Bound functions as R objects. */
#ifndef RDC_BOUND_H
#define RDC_BOUND_H

#include "call.h"

/* Sets the hook of the marshal module. */
void rdc_bound_init(void);

/* The handle of a function that calls .External2, which the constant among the arguments holds. Raises. */
SEXP rdc_bound_of(SEXP args);

/* The code, plan and site of a bound function. Raises. */
void *rdc_bound_open(SEXP bound, const rdc_plan **plan, rdc_site *site);

/* What a function with rules for its parameters has to know. */
typedef struct rdc_bound_about {
  const rdc_plan *plan; /* held by the handle */
  const char *name;     /* of the function */
  SEXP params;          /* names of parameters, or R_NilValue */
  SEXP scope;           /* environment where names resolve, or R_NilValue */
  SEXP rules;           /* as params.h has them */
} rdc_bound_about;

/* Makes a handle ready for calls and tells about its function. Raises. */
void rdc_bound_tell(SEXP bound, rdc_bound_about *about);

/* Calls the C function of a handle. */
SEXP rdc_bound_run(SEXP bound, const SEXP *args, size_t n, rdc_references references);

SEXP rdc_r_bound_new(SEXP library, SEXP name, SEXP signature, SEXP mode, SEXP env, SEXP params,
                     SEXP symbol, SEXP how, SEXP getter, SEXP hint, SEXP note);
SEXP rdc_r_bound_pending(SEXP loader, SEXP at);
SEXP rdc_r_bound_own(SEXP bound, SEXP result);
SEXP rdc_r_bound_safe(SEXP bound);
SEXP rdc_r_bound_declare(SEXP bound, SEXP rules);
SEXP rdc_r_bound_rules(SEXP bound);
SEXP rdc_r_bound_copy(SEXP bound, SEXP params);
SEXP rdc_r_bound_describe(SEXP bound);
SEXP rdc_r_bound_none(SEXP f);
SEXP rdc_r_bound_frame(SEXP call, SEXP op, SEXP args, SEXP env);

#endif
