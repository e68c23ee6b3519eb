/* The only raiser of R conditions. */
#ifndef RDC_CONDITION_H
#define RDC_CONDITION_H

#include "r.h"
#include "status.h"

/* Raises the R error of a status; text is the signature or file being read, or NULL. The caller holds
   no memory that only it could release. */
RDC_NORETURN void rdc_raise(const rdc_status *status, const char *text);

/* Raises a failure without a place. */
RDC_NORETURN void rdc_raise_code(rdc_code code, ...);

/* Signals the warning dyncall_warning_<suffix>; may jump when warnings are errors. */
void rdc_warn(const char *suffix, const char *message);

/* Describes an R value for "got ..." in a message. */
void rdc_describe(SEXP x, char *buffer, size_t size);

#endif
