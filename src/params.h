/* Calls of functions whose parameters and failures were declared: what may be left out is made here, what
   C writes comes back as values, and a failure is a condition. R/declare.R makes the rules. */
#ifndef RDC_PARAMS_H
#define RDC_PARAMS_H

#include "bound.h"

SEXP rdc_r_params_frame(SEXP call, SEXP op, SEXP args, SEXP env);

#endif
