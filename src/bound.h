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
SEXP rdc_r_bound_list(SEXP args);
SEXP rdc_r_bound_frame(SEXP call, SEXP op, SEXP args, SEXP env);

/* .Call entries for 0 to RDC_BOUND_MOST arguments, as many as R's byte code calls without a detour. */
enum { RDC_BOUND_MOST = 15 };
#define RDC_BOUND(X)                                                                               \
  X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define RDC_BOUND_1 SEXP a1
#define RDC_BOUND_2 RDC_BOUND_1, SEXP a2
#define RDC_BOUND_3 RDC_BOUND_2, SEXP a3
#define RDC_BOUND_4 RDC_BOUND_3, SEXP a4
#define RDC_BOUND_5 RDC_BOUND_4, SEXP a5
#define RDC_BOUND_6 RDC_BOUND_5, SEXP a6
#define RDC_BOUND_7 RDC_BOUND_6, SEXP a7
#define RDC_BOUND_8 RDC_BOUND_7, SEXP a8
#define RDC_BOUND_9 RDC_BOUND_8, SEXP a9
#define RDC_BOUND_10 RDC_BOUND_9, SEXP a10
#define RDC_BOUND_11 RDC_BOUND_10, SEXP a11
#define RDC_BOUND_12 RDC_BOUND_11, SEXP a12
#define RDC_BOUND_13 RDC_BOUND_12, SEXP a13
#define RDC_BOUND_14 RDC_BOUND_13, SEXP a14
#define RDC_BOUND_15 RDC_BOUND_14, SEXP a15

SEXP rdc_r_bound_call0(SEXP f);
#define X(n) SEXP rdc_r_bound_call##n(SEXP f, RDC_BOUND_##n);
RDC_BOUND(X)
#undef X

#endif
