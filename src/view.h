/* Read-only vectors over memory, whose elements are converted when they are read. */
#ifndef RDC_VIEW_H
#define RDC_VIEW_H

#include "typeinfo.h"

/* Registers the classes of views. */
void rdc_view_init(DllInfo *dll);

SEXP rdc_r_view_new(SEXP x, SEXP handle, SEXP n, SEXP stride, SEXP field);
SEXP rdc_r_view_is_expanded(SEXP view);

#endif
