/* Scanned records as R vectors: one list per kind. */
#include "dynport.h"

#include <stdlib.h>
#include <string.h>

#include "pointer.h"
#include "port.h"

static void port_finalize(SEXP object)
{
  rdc_port *port = R_ExternalPtrAddr(object);
  if (!port)
    return;
  R_ClearExternalPtr(object);
  rdc_port_free(port);
  free(port);
}

static SEXP span_string(rdc_span span)
{
  return Rf_mkCharLenCE(span.length ? span.text : "", (int)span.length, CE_UTF8);
}

/* The value of a constant: integer where it fits, else double, else integer64 or uint64; strings are
   strings. */
static SEXP constant(rdc_span body, rdc_arena *arena)
{
  rdc_literal literal;
  rdc_status status;
  rdc_status_clear(&status);
  if (rdc_port_literal(body, arena, &literal, &status))
    rdc_raise(&status, NULL);
  if (literal.kind == RDC_LITERAL_STRING)
    return Rf_ScalarString(Rf_mkCharLenCE(literal.text, (int)literal.length, CE_UTF8));
  if (literal.kind == RDC_LITERAL_REAL)
    return Rf_ScalarReal(literal.real);
  if (literal.letter == 'p') {
    uint64_t bits = literal.negative ? 0 - literal.magnitude : literal.magnitude;
    return rdc_pointer_new(RDC_POINTER_DATA, (void *)(uintptr_t)bits, R_NilValue);
  }
  if (literal.magnitude <= INT32_MAX && literal.letter != 'L' && literal.letter != 'l')
    return Rf_ScalarInteger(literal.negative ? -(int)literal.magnitude : (int)literal.magnitude);
  double value = (double)literal.magnitude;
  if (value < 18446744073709551616.0 && (uint64_t)value == literal.magnitude)
    return Rf_ScalarReal(literal.negative ? -value : value);
  uint64_t bits = literal.negative ? 0 - literal.magnitude : literal.magnitude;
  SEXP exact = PROTECT(Rf_allocVector(REALSXP, 1));
  memcpy(REAL(exact), &bits, sizeof bits);
  SEXP class = PROTECT(Rf_mkString(literal.magnitude <= INT64_MAX ? "integer64" : "uint64"));
  Rf_setAttrib(exact, R_ClassSymbol, class);
  UNPROTECT(2);
  return exact;
}

/* list(kind = integer, name, body, params, attributes = character, line = integer,
   value = double for labels, constants = list) */
SEXP rdc_r_dynport_scan(SEXP text, SEXP file)
{
  static const char *const parts[] = {"kind", "name",  "body",      "params", "attributes",
                                      "line", "value", "constants", ""};
  char got[256];
  if (TYPEOF(text) != RAWSXP) {
    rdc_describe(text, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, "the bytes of a port file", got);
  }
  rdc_status status;
  rdc_status_clear(&status);
  SEXP owner = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.scratch, text));
  R_RegisterCFinalizerEx(owner, port_finalize, FALSE);
  rdc_port *port = calloc(1, sizeof *port);
  if (!port)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  R_SetExternalPtrAddr(owner, port);
  if (rdc_port_scan(port, (const char *)RAW(text), (size_t)XLENGTH(text), &status)) {
    const char *name = R_CHAR(STRING_ELT(file, 0));
    rdc_status_place(&status, "%.180s:%lu", name, (unsigned long)status.line);
    if (status.code != RDC_PORT_SYNTAX)
      status.code = RDC_PORT_SYNTAX;
    status.offset = RDC_NOWHERE;
    rdc_raise(&status, NULL);
  }
  R_xlen_t n = (R_xlen_t)port->count;
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts));
  SEXP column[8];
  static const SEXPTYPE types[] = {INTSXP, STRSXP, STRSXP, STRSXP, STRSXP, INTSXP, REALSXP, VECSXP};
  for (int i = 0; i < 8; i++)
    SET_VECTOR_ELT(made, i, column[i] = Rf_allocVector(types[i], n));
  for (R_xlen_t i = 0; i < n; i++) {
    const rdc_record *record = &port->records[i];
    INTEGER(column[0])[i] = (int)record->kind;
    SET_STRING_ELT(column[1], i, span_string(record->name));
    SET_STRING_ELT(column[2], i, span_string(record->body));
    SET_STRING_ELT(column[3], i, span_string(record->params));
    SET_STRING_ELT(column[4], i, span_string(record->attributes));
    INTEGER(column[5])[i] = (int)record->line;
    REAL(column[6])[i] = (double)record->value;
    if (record->kind == RDC_RECORD_CONST)
      SET_VECTOR_ELT(column[7], i, constant(record->body, &port->arena));
  }
  port_finalize(owner);
  UNPROTECT(2);
  return made;
}
