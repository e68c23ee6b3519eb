/* Typed access to bytes: .pack and .unpack. */
#ifndef RDC_MEMORY_H
#define RDC_MEMORY_H

#include "r.h"

SEXP rdc_r_memory_pack(SEXP x, SEXP offset, SEXP sigchar, SEXP value, SEXP env);
SEXP rdc_r_memory_unpack(SEXP x, SEXP offset, SEXP sigchar, SEXP env);
SEXP rdc_r_memory_uint64(SEXP x);
SEXP rdc_r_memory_floats(SEXP x);
SEXP rdc_r_memory_doubles(SEXP x);

#endif
