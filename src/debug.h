/* What is live, and debug mode. */
#ifndef RDC_DEBUG_H
#define RDC_DEBUG_H

#include "owner.h"

SEXP rdc_r_debug_set(SEXP on);
SEXP rdc_r_debug_check(void);
SEXP rdc_r_debug_list(void);

#endif
