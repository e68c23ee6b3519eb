/* Entry points of this package as constants in the bodies of R functions. */
#ifndef RDC_CONSTANT_H
#define RDC_CONSTANT_H

#include "r.h"

/* Sets up the class of what revives constants; dll is this package's, the lists of its routines end with
   one without a name. */
void rdc_constant_init(DllInfo *dll, const R_CallMethodDef *calls, const R_ExternalMethodDef *externals);

/* What the constant of a function holds for it, from the arguments of .External2. */
static inline SEXP rdc_constant_data(SEXP args) { return CAR(R_ExternalPtrProtected(CAR(args))); }

SEXP rdc_r_constant_all(void);
SEXP rdc_r_constant_with(SEXP symbol, SEXP data);

#endif
