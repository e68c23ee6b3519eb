/* Fields of struct and union objects, raw-backed or behind a pointer. */
#ifndef RDC_STRUCT_H
#define RDC_STRUCT_H

#include "typeinfo.h"

SEXP rdc_r_struct_get(SEXP x, SEXP name);
SEXP rdc_r_struct_set(SEXP x, SEXP name, SEXP value);
SEXP rdc_r_struct_accessor(SEXP handle, SEXP path);
SEXP rdc_r_struct_getter(SEXP accessor, SEXP x);
SEXP rdc_r_struct_setter(SEXP accessor, SEXP x, SEXP value);
SEXP rdc_r_struct_names(SEXP x);
SEXP rdc_r_struct_list(SEXP x);
SEXP rdc_r_struct_new(SEXP of);
SEXP rdc_r_struct_cast(SEXP x, SEXP handle, SEXP name);
SEXP rdc_r_struct_handle(SEXP x);

#endif
