/* Bound functions as R objects. */
#ifndef RDC_BOUND_H
#define RDC_BOUND_H

#include "call.h"

/* Sets the hook of the marshal module. */
void rdc_bound_init(void);

/* A handle that the hook `complete` makes of the line at a place of a port file, on first use. */
SEXP rdc_bound_pending(SEXP loader, SEXP at);

/* What functions with the same parameters share; params are their names, or R_NilValue for `...`. */
SEXP rdc_bound_shape(SEXP params);

/* The R function of a shape over a handle, in the package's namespace env. */
SEXP rdc_bound_function(SEXP handle, SEXP shape, int is_void, SEXP env);

SEXP rdc_r_bound_new(SEXP library, SEXP name, SEXP signature, SEXP mode, SEXP env, SEXP params,
                     SEXP symbol, SEXP how, SEXP getter, SEXP hint, SEXP note);
SEXP rdc_r_bound_function(SEXP handle, SEXP params, SEXP is_void, SEXP env);
SEXP rdc_r_bound_own(SEXP bound, SEXP result);
SEXP rdc_r_bound_describe(SEXP bound);
SEXP rdc_r_bound_list(SEXP args);
#define X(n, params, names) SEXP rdc_r_bound_call##n params;
#define RDC_BOUND(X)                                                                               \
  X(0, (SEXP f), (f))                                                                              \
  X(1, (SEXP f, SEXP a), (f, a))                                                                   \
  X(2, (SEXP f, SEXP a, SEXP b), (f, a, b))                                                        \
  X(3, (SEXP f, SEXP a, SEXP b, SEXP c), (f, a, b, c))                                             \
  X(4, (SEXP f, SEXP a, SEXP b, SEXP c, SEXP d), (f, a, b, c, d))                                  \
  X(5, (SEXP f, SEXP a, SEXP b, SEXP c, SEXP d, SEXP e), (f, a, b, c, d, e))                       \
  X(6, (SEXP f, SEXP a, SEXP b, SEXP c, SEXP d, SEXP e, SEXP g), (f, a, b, c, d, e, g))            \
  X(7, (SEXP f, SEXP a, SEXP b, SEXP c, SEXP d, SEXP e, SEXP g, SEXP h), (f, a, b, c, d, e, g, h)) \
  X(8, (SEXP f, SEXP a, SEXP b, SEXP c, SEXP d, SEXP e, SEXP g, SEXP h, SEXP i),                   \
    (f, a, b, c, d, e, g, h, i))
RDC_BOUND(X)
#undef X

#endif
