/* Calls of converters. */
#include "convert.h"

#include "marshal.h"

#include <stdio.h>

/* How many values are converted, where that is not a number of elements. */
enum { ONE = -1, ANY = -2 };

/* Calls the function f, or lists the values one by one if f is NULL. */
static rdc_code run(const rdc_type *type, SEXP f, SEXP value, R_xlen_t n, SEXP *out,
                    rdc_status *status)
{
  char who[160];
  SEXP what = PROTECT(rdc_r_quoted(value));
  SEXP count = PROTECT(n == ONE ? R_NilValue : Rf_ScalarReal(n == ANY ? NA_REAL : (double)n));
  SEXP call = PROTECT(Rf_lang4(rdc_hook.convert, f, what, count));
  SEXP answer = Rf_eval(call, R_GlobalEnv);
  UNPROTECT(3);
  if (TYPEOF(answer) == STRSXP) {
    rdc_type_text(type, who, sizeof who);
    return rdc_fail(status, RDC_CONVERTER, who, R_CHAR(STRING_ELT(answer, 0)));
  }
  *out = VECTOR_ELT(answer, 0);
  return RDC_OK;
}

static int takes_many(const rdc_type *type)
{
  return Rf_asLogical(rdc_typeinfo_converter(type, RDC_CONVERTER_VECTORISED)) == 1;
}

/* Whether all functions of one direction take several values at once. */
static int is_vectorised(const rdc_type *type, rdc_converter_part part)
{
  for (; type->is_converted; type = type->base)
    if (rdc_typeinfo_converter(type, part) != R_NilValue && !takes_many(type))
      return 0;
  return 1;
}

/* Whether several values of a type are a list. */
static int is_listed(const rdc_type *type)
{
  rdc_view view = {R_NilValue, NULL, 0, 0, 1};
  return !type->is_converted && TYPEOF(rdc_get_many(NULL, type, NULL, 1, 0, &view)) == VECSXP;
}

/* A vectorised function makes one value as it makes several: in a list where R has no vectors of them. */
static rdc_code first_of(const rdc_type *type, SEXP *value, rdc_status *status)
{
  if (TYPEOF(*value) != VECSXP || Rf_isObject(*value) || !takes_many(type) ||
      Rf_getAttrib(*value, R_NamesSymbol) != R_NilValue || !is_listed(type->base))
    return RDC_OK;
  if (!XLENGTH(*value))
    return rdc_fail(status, RDC_ARG_LENGTH, "a value", "none");
  *value = VECTOR_ELT(*value, 0);
  return RDC_OK;
}

/* From the outside in. */
static rdc_code to(const rdc_type *type, SEXP value, R_xlen_t n, SEXP *out, rdc_status *status)
{
  rdc_code code = RDC_OK;
  PROTECT_INDEX at;
  PROTECT_WITH_INDEX(*out = value, &at);
  for (; type->is_converted && !code; type = type->base) {
    SEXP f = rdc_typeinfo_converter(type, RDC_CONVERTER_TO);
    if (f == R_NilValue || (code = run(type, f, *out, n, out, status)))
      continue;
    REPROTECT(*out, at);
    if (n == ONE)
      code = first_of(type, out, status);
    REPROTECT(*out, at);
  }
  UNPROTECT(1);
  return code;
}

/* From the inside out. */
static rdc_code from(const rdc_type *type, SEXP value, R_xlen_t n, SEXP *out, rdc_status *status)
{
  SEXP f = rdc_typeinfo_converter(type, RDC_CONVERTER_FROM);
  *out = value;
  if (type->base->is_converted) {
    rdc_code code = from(type->base, value, n, out, status);
    if (code)
      return code;
  }
  if (f == R_NilValue)
    return RDC_OK;
  PROTECT(value = *out);
  if (n == ONE && takes_many(type) && is_listed(type->base)) {
    SEXP list = Rf_allocVector(VECSXP, 1);
    SET_VECTOR_ELT(list, 0, value);
    value = list;
  }
  PROTECT(value);
  rdc_code code = run(type, f, value, n, out, status);
  UNPROTECT(2);
  return code;
}

/* Converts each element of a list, which is changed. */
static rdc_code each(const rdc_type *type, SEXP list,
                     rdc_code (*one)(const rdc_type *, SEXP, R_xlen_t, SEXP *, rdc_status *),
                     rdc_status *status)
{
  rdc_code code = RDC_OK;
  SEXP made;
  for (R_xlen_t i = 0; i < XLENGTH(list) && !code; i++)
    if (!(code = one(type, VECTOR_ELT(list, i), ONE, &made, status)))
      SET_VECTOR_ELT(list, i, made);
  return code;
}

rdc_code rdc_convert_to(const rdc_type *type, SEXP value, SEXP *out, rdc_status *status)
{
  return to(type, value, ONE, out, status);
}

rdc_code rdc_convert_to_many(const rdc_type *type, SEXP values, SEXP *out, rdc_status *status)
{
  int is_list = TYPEOF(values) == VECSXP && !Rf_isObject(values); /* of values, one by one */
  if (!is_list && is_vectorised(type, RDC_CONVERTER_TO))
    return to(type, values, ANY, out, status);
  *out = values;
  rdc_code code = run(type, R_NilValue, values, ANY, out, status);
  PROTECT(*out);
  code = code ? code : each(type, *out, to, status);
  UNPROTECT(1);
  return code;
}

rdc_code rdc_convert_from(const rdc_type *type, SEXP value, SEXP *out, rdc_status *status)
{
  return from(type, value, ONE, out, status);
}

rdc_code rdc_convert_from_many(const rdc_type *type, SEXP values, R_xlen_t n, SEXP *out,
                               rdc_status *status)
{
  if (is_vectorised(type, RDC_CONVERTER_FROM))
    return from(type, values, n, out, status);
  rdc_code code = RDC_OK;
  *out = values;
  if (TYPEOF(values) != VECSXP)
    code = run(type, R_NilValue, values, ANY, out, status);
  PROTECT(*out);
  code = code ? code : each(type, *out, from, status);
  UNPROTECT(1);
  return code;
}

int rdc_convert_wants_list(const rdc_type *type)
{
  return !is_vectorised(type, RDC_CONVERTER_FROM);
}

rdc_code rdc_convert_object(const rdc_type *type, SEXP value, SEXP scope, SEXP *out,
                            rdc_status *status)
{
  char text[512], who[160];
  rdc_type plain = *type;
  if (status->code < RDC_ARG_TYPE || status->code > RDC_ARG_LENGTH)
    return status->code;
  plain.is_const = 0;
  rdc_type_text(&plain, text, sizeof text);
  SEXP quoted = PROTECT(rdc_r_quoted(value)), what = PROTECT(Rf_mkString(text));
  SEXP call = PROTECT(Rf_lang4(rdc_hook.adapt, quoted, what, scope));
  SEXP answer = PROTECT(Rf_eval(call, R_GlobalEnv));
  if (TYPEOF(answer) == STRSXP) {
    snprintf(who, sizeof who, "class '%.120s'",
             R_CHAR(STRING_ELT(Rf_getAttrib(value, R_ClassSymbol), 0)));
    UNPROTECT(4);
    return rdc_fail(status, RDC_CONVERTER, who, R_CHAR(STRING_ELT(answer, 0)));
  }
  UNPROTECT(4);
  if (answer == R_NilValue)
    return status->code;
  *out = VECTOR_ELT(answer, 0);
  rdc_status_clear(status);
  return RDC_OK;
}
