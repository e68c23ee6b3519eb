/* The port scanner for R. */
#ifndef RDC_DYNPORT_H
#define RDC_DYNPORT_H

#include "r.h"

SEXP rdc_r_dynport_scan(SEXP text, SEXP file);

#endif
