/* Types as R objects: a handle is an external pointer to a descriptor, with the text that makes it
   again in another session. */
#ifndef RDC_TYPEINFO_H
#define RDC_TYPEINFO_H

#include "pointer.h"
#include "sig.h"

/* A scope over a named list of handles, which must stay protected. */
typedef struct rdc_typeinfo_scope {
  rdc_scope scope; /* first: find gets a pointer to it */
  SEXP handles;    /* named list of handles, or R_NilValue */
} rdc_typeinfo_scope;

/* Prepares a scope; rebuilds handles that have lost their descriptor. */
void rdc_typeinfo_scope_init(rdc_typeinfo_scope *scope, SEXP handles);

/* The descriptor of a handle, rebuilt from its text if need be; raises if x is no handle. */
const rdc_type *rdc_typeinfo_type(SEXP handle);

/* The handle of type information, as users have it; NULL if x is none. A handle stands for itself. */
SEXP rdc_typeinfo_handle(SEXP x);

/* The same, and that of a scalar type by its letter; NULL for what has to be looked up by its name. */
SEXP rdc_typeinfo_known(SEXP x);

/* The environment in which the type was declared. */
SEXP rdc_typeinfo_env(SEXP handle);

/* What is kept with a handle: an object whose attributes those of the type get, too, and arrays of it;
   R_NilValue at first. */
typedef enum rdc_tags { RDC_TAGS_OBJECT, RDC_TAGS_ARRAY } rdc_tags;
SEXP rdc_typeinfo_tags(SEXP handle, rdc_tags of);
void rdc_typeinfo_set_tags(SEXP handle, rdc_tags of, SEXP tags);

/* The parts of the converter of a type: R functions or NULL, and whether they take several values. */
typedef enum rdc_converter_part {
  RDC_CONVERTER_TO,
  RDC_CONVERTER_FROM,
  RDC_CONVERTER_VECTORISED
} rdc_converter_part;
SEXP rdc_typeinfo_converter(const rdc_type *type, rdc_converter_part part);

/* The names in a text of a kind ("call", "type", "record") that need a meaning: a character vector,
   or R_NilValue. Raises when the text does not parse. */
SEXP rdc_typeinfo_open_names(SEXP text, SEXP kind);

/* Asks R for the meaning of names in an environment, R_NilValue meaning the user's frame. */
SEXP rdc_typeinfo_resolve(SEXP names, SEXP env);

/* Whether names, as symbols, certainly mean the types of these handles in an environment, NULL being none; 0
   where only R can tell. */
int rdc_typeinfo_are(SEXP symbols, SEXP handles, SEXP env);

SEXP rdc_r_typeinfo_known(SEXP x);
SEXP rdc_r_typeinfo_names(SEXP text, SEXP kind);
SEXP rdc_r_typeinfo_record(SEXP text, SEXP at, SEXP handles, SEXP env);
SEXP rdc_r_typeinfo_alias(SEXP name, SEXP text, SEXP handles, SEXP env);
SEXP rdc_r_typeinfo_enum(SEXP name, SEXP letter, SEXP labels, SEXP values, SEXP flags, SEXP env);
SEXP rdc_r_typeinfo_converter(SEXP name, SEXP text, SEXP handles, SEXP env, SEXP converter);
SEXP rdc_r_typeinfo_describe(SEXP handle);

#endif
