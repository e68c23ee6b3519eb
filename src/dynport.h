/* The port scanner for R: port files as columns, as single records, and as bindings of environments. */
#ifndef RDC_DYNPORT_H
#define RDC_DYNPORT_H

#include "r.h"

SEXP rdc_r_dynport_words(void);
SEXP rdc_r_dynport_attributes(SEXP text);
SEXP rdc_r_dynport_scan(SEXP text, SEXP file, SEXP words, SEXP kinds);
SEXP rdc_r_dynport_line(SEXP text, SEXP file, SEXP at, SEXP kind);
SEXP rdc_r_dynport_probe(SEXP text);
SEXP rdc_r_dynport_fill(SEXP text, SEXP file, SEXP words, SEXP scope, SEXP loader, SEXP env,
                        SEXP tools);

#endif
