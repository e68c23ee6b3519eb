/* Entry points of this package as constants in the bodies of R functions. */
#ifndef RDC_CONSTANT_H
#define RDC_CONSTANT_H

#include "r.h"

/* Sets up the class of what revives constants; dll is this package's. */
void rdc_constant_init(DllInfo *dll);

SEXP rdc_r_constant_new(SEXP natives);

#endif
