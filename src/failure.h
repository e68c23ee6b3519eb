/* What a failure of a C function is, by the rules that R/declare.R has read. */
#ifndef RDC_FAILURE_H
#define RDC_FAILURE_H

#include "bound.h"

/* The error numbers after a call. */
typedef struct rdc_errors {
  int number; /* errno */
  int last;   /* what GetLastError() of Windows tells */
} rdc_errors;

/* What a look at the result says. A function has to judge what is in doubt. */
typedef enum rdc_verdict { RDC_FINE, RDC_IN_DOUBT, RDC_FAILED } rdc_verdict;

/* In what follows the rules may be R_NilValue: then nothing is a failure. */

/* Raises when the result of a function is no such as its rules want. */
void rdc_failure_check(SEXP rules, const rdc_bound_about *about);

/* Sets error numbers to 0 before a call, as far as the rules look at them. */
void rdc_failure_reset(SEXP rules);

/* Looks at the result of a call and its error numbers. */
rdc_verdict rdc_failure_look(SEXP rules, const rdc_bound_about *about, SEXP result,
                             const rdc_errors *errors);

/* A number that R holds, NaN for anything else. */
double rdc_failure_number(SEXP x);

#endif
