/* Strings of R as text in C, and the reverse, in all encodings. */
#ifndef RDC_TEXT_H
#define RDC_TEXT_H

#include "pointer.h"
#include "type.h"

/* The bytes of a string object in an encoding, ended by a zero unit: the object itself, another string
   object or a raw vector. Fails when a character has none. */
rdc_code rdc_text_make(rdc_encoding encoding, SEXP string, SEXP *out, rdc_status *status);

/* Where the bytes of such an object are, and how many without the zero unit. */
const char *rdc_text_bytes(SEXP made, rdc_encoding encoding, size_t *size);

/* Pointers to strings, followed by a null pointer, and the strings, in one raw vector. NA is a null pointer
   if that is wanted, else it fails. */
rdc_code rdc_text_array(rdc_encoding encoding, SEXP strings, int allow_na, SEXP *out,
                        rdc_status *status);

/* The string object of size bytes of text; raises when they are none. */
SEXP rdc_text_read(rdc_encoding encoding, const void *text, size_t size);

/* Whether values of a type are strings for R; their encoding. */
int rdc_text_is(const rdc_type *type, rdc_encoding *encoding);

SEXP rdc_r_text_pointer(SEXP x, SEXP handle);
SEXP rdc_r_text_array(SEXP x, SEXP handle);
SEXP rdc_r_text_string(SEXP x, SEXP handle);
SEXP rdc_r_text_strings(SEXP x, SEXP n, SEXP handle);

#endif
