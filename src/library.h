/* Libraries as R objects. A symbol owns its library, or the cell that dies with it, so that code is
   never called after its library has gone. */
#ifndef RDC_LIBRARY_H
#define RDC_LIBRARY_H

#include "pointer.h"

/* The system's handle of a library object: re-opened when it came out of a file or another process,
   an error when it was closed. */
rdc_code rdc_library_handle(SEXP library, void **handle, rdc_status *status);

/* The address of a symbol; library is what rdc_library_handle accepts. */
rdc_code rdc_library_find(SEXP library, const char *name, void **address, rdc_status *status);

SEXP rdc_r_library_open(SEXP name, SEXP unload);
SEXP rdc_r_library_close(SEXP library);
SEXP rdc_r_library_find(SEXP library, SEXP name, SEXP protect);
SEXP rdc_r_library_has(SEXP library, SEXP names);
SEXP rdc_r_library_symbols(SEXP library);
SEXP rdc_r_library_path(SEXP library);
SEXP rdc_r_library_count(void);

#endif
