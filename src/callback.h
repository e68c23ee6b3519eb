/* R functions as C function pointers. */
#ifndef RDC_CALLBACK_H
#define RDC_CALLBACK_H

#include "call.h"

/* Sets up the hook of the marshal module. */
void rdc_callback_init(void);

SEXP rdc_r_callback_new(SEXP signature, SEXP function, SEXP envir, SEXP env, SEXP name, SEXP owner,
                        SEXP deref);
SEXP rdc_r_callback_replace(SEXP callback, SEXP function, SEXP envir);
SEXP rdc_r_callback_describe(SEXP callback);
SEXP rdc_r_callback_count(void);

#endif
