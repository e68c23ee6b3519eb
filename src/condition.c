/* Statuses to classed R conditions. The condition is built by an R closure, so that its call is the
   user's. */
#include "condition.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void rdc_raise(const rdc_status *status, const char *text)
{
  char message[1024];
  if (status->place[0])
    snprintf(message, sizeof message, "%s: %s", status->place, status->what);
  else
    snprintf(message, sizeof message, "%s", status->what);
  SEXP call = PROTECT(Rf_allocVector(LANGSXP, 8));
  SEXP at = call;
  SETCAR(at, rdc_hook.raise);
  at = CDR(at);
  SETCAR(at, Rf_mkString(rdc_status_suffix(status->code)));
  at = CDR(at);
  SETCAR(at, Rf_mkString(rdc_status_symbol(status->code)));
  at = CDR(at);
  SETCAR(at, Rf_ScalarString(Rf_mkCharCE(message, CE_UTF8)));
  at = CDR(at);
  SETCAR(at, text ? Rf_ScalarString(Rf_mkCharCE(text, CE_UTF8)) : R_NilValue);
  at = CDR(at);
  SETCAR(at, status->offset == RDC_NOWHERE ? R_NilValue : Rf_ScalarInteger((int)status->offset));
  at = CDR(at);
  SETCAR(at, status->line ? Rf_ScalarInteger((int)status->line) : R_NilValue);
  at = CDR(at);
  SETCAR(at,
         status->element == RDC_NOWHERE ? R_NilValue : Rf_ScalarReal((double)status->element + 1));
  Rf_eval(call, R_GlobalEnv);
  Rf_error("%s", message); /* not reached: the hook never returns */
}

void rdc_raise_code(rdc_code code, ...)
{
  rdc_status status;
  va_list ap;
  rdc_status_clear(&status);
  va_start(ap, code);
  rdc_fail_list(&status, code, ap);
  va_end(ap);
  rdc_raise(&status, NULL);
}

void rdc_warn(const char *suffix, const char *message)
{
  SEXP call = PROTECT(Rf_lang3(rdc_hook.warn, R_NilValue, R_NilValue));
  SETCADR(call, Rf_mkString(suffix));
  SETCADDR(call, Rf_ScalarString(Rf_mkCharCE(message, CE_UTF8)));
  Rf_eval(call, R_GlobalEnv);
  UNPROTECT(1);
}

static void describe_number(double value, char *buffer, size_t size)
{
  if (ISNA(value))
    snprintf(buffer, size, "NA");
  else if (ISNAN(value))
    snprintf(buffer, size, "NaN");
  else if (!R_FINITE(value))
    snprintf(buffer, size, value > 0 ? "Inf" : "-Inf");
  else
    snprintf(buffer, size, "%.17g", value);
}

void rdc_describe(SEXP x, char *buffer, size_t size)
{
  SEXP tag;
  R_xlen_t n = Rf_xlength(x);
  int vector = Rf_isVectorAtomic(x);
  if (Rf_isFactor(x)) {
    snprintf(buffer, size, "a factor");
  } else if (vector && n == 0) {
    snprintf(buffer, size, "%s of length 0",
             TYPEOF(x) == REALSXP ? "a double vector" : Rf_type2char(TYPEOF(x)));
  } else if (TYPEOF(x) == REALSXP && Rf_inherits(x, "integer64")) {
    int64_t value;
    memcpy(&value, REAL_RO(x), sizeof value);
    if (value == INT64_MIN)
      snprintf(buffer, size, "NA");
    else
      snprintf(buffer, size, "%lld", (long long)value);
  } else if (TYPEOF(x) == REALSXP && Rf_inherits(x, "uint64")) {
    uint64_t value;
    memcpy(&value, REAL_RO(x), sizeof value);
    snprintf(buffer, size, "%llu", (unsigned long long)value);
  } else if (TYPEOF(x) == RAWSXP && Rf_isString(tag = Rf_getAttrib(x, rdc_symbol.struct_))) {
    snprintf(buffer, size, "a struct tagged '%.100s'", R_CHAR(STRING_ELT(tag, 0)));
  } else if (TYPEOF(x) == RAWSXP && Rf_isString(tag = Rf_getAttrib(x, rdc_symbol.pointee))) {
    snprintf(buffer, size, "an array of type '%.100s'", R_CHAR(STRING_ELT(tag, 0)));
  } else if (n == 1 && TYPEOF(x) == REALSXP) {
    describe_number(REAL_RO(x)[0], buffer, size);
  } else if (n == 1 && (TYPEOF(x) == INTSXP || TYPEOF(x) == LGLSXP)) {
    int value = TYPEOF(x) == INTSXP ? INTEGER_RO(x)[0] : LOGICAL_RO(x)[0];
    if (value == NA_INTEGER)
      snprintf(buffer, size, "NA");
    else if (TYPEOF(x) == LGLSXP)
      snprintf(buffer, size, value ? "TRUE" : "FALSE");
    else
      snprintf(buffer, size, "%d", value);
  } else if (n == 1 && TYPEOF(x) == STRSXP) {
    SEXP s = STRING_ELT(x, 0);
    if (s == NA_STRING)
      snprintf(buffer, size, "NA");
    else
      snprintf(buffer, size, "the string \"%.60s\"%s", R_CHAR(s), LENGTH(s) > 60 ? " (cut)" : "");
  } else if (TYPEOF(x) == EXTPTRSXP) {
    if (Rf_isString(tag = Rf_getAttrib(x, rdc_symbol.struct_)))
      snprintf(buffer, size, "a pointer tagged '%.100s'", R_CHAR(STRING_ELT(tag, 0)));
    else if (Rf_isString(tag = Rf_getAttrib(x, rdc_symbol.pointee)))
      snprintf(buffer, size, "a pointer to type '%.100s'", R_CHAR(STRING_ELT(tag, 0)));
    else if (R_ExternalPtrTag(x) == rdc_symbol.library)
      snprintf(buffer, size, "a library");
    else
      snprintf(buffer, size, "an external pointer%s", R_ExternalPtrAddr(x) ? "" : " that is null");
  } else if (Rf_isFunction(x)) {
    snprintf(buffer, size, "a function");
  } else if (vector) {
    int first = TYPEOF(x) == INTSXP   ? INTEGER_RO(x)[0] == NA_INTEGER
                : TYPEOF(x) == LGLSXP ? LOGICAL_RO(x)[0] == NA_LOGICAL
                                      : 0;
    snprintf(buffer, size, "%s vector of length %.0f%s",
             TYPEOF(x) == REALSXP ? "double" : Rf_type2char(TYPEOF(x)), (double)n,
             first ? " that begins with NA" : "");
  } else {
    snprintf(buffer, size, "%s", x == R_NilValue ? "NULL" : Rf_type2char(TYPEOF(x)));
  }
}
