/* Converters: R functions between the values that R shows of a type and those that its base has; and of
   objects by their class, whatever the type. They run R code, so that memory may be gone afterwards. */
#ifndef RDC_CONVERT_H
#define RDC_CONVERT_H

#include "typeinfo.h"

/* What the converters of a type, which is converted, make of a value for its plain type. */
rdc_code rdc_convert_to(const rdc_type *type, SEXP value, SEXP *out, rdc_status *status);

/* The same of values for elements: of all at once, or of each where a converter wants that. */
rdc_code rdc_convert_to_many(const rdc_type *type, SEXP values, SEXP *out, rdc_status *status);

/* What the converters of a type make of a value that was read as its plain type. */
rdc_code rdc_convert_from(const rdc_type *type, SEXP value, SEXP *out, rdc_status *status);

/* The same of n values; these are a list, which is changed, if rdc_convert_wants_list says so. */
rdc_code rdc_convert_from_many(const rdc_type *type, SEXP values, R_xlen_t n, SEXP *out,
                               rdc_status *status);
int rdc_convert_wants_list(const rdc_type *type);

/* What the converter of an object's class makes of it for a type that it does not fit, as status says.
   That stays as it is where there is none. */
rdc_code rdc_convert_object(const rdc_type *type, SEXP value, SEXP scope, SEXP *out,
                            rdc_status *status);

#endif
