/* Vectorised calls: a C function over columns of arguments. */
#ifndef RDC_MAP_H
#define RDC_MAP_H

#include "call.h"

SEXP rdc_r_map_run(SEXP call, SEXP op, SEXP args, SEXP env);

#endif
