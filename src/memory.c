/* Reading and writing one value at an offset; arrays of float. */
#include "memory.h"

#include <stdio.h>
#include <string.h>

#include "marshal.h"
#include "typeinfo.h"

/* The type of a text; scalars cost no parse. The owner keeps the descriptor. */
static const rdc_type *memory_type(SEXP text, SEXP env, SEXP *owner)
{
  char got[256];
  rdc_arena *arena;
  rdc_status status;
  rdc_sig sig;
  rdc_typeinfo_scope scope;
  const rdc_type *type;
  *owner = R_NilValue;
  if (!rdc_r_is_string(text) || LENGTH(STRING_ELT(text, 0)) == 0) {
    rdc_describe(text, got, sizeof got);
    rdc_raise_code(RDC_SIG_TOKEN, "a type signature (one string)", got);
  }
  const char *bytes = R_CHAR(STRING_ELT(text, 0));
  size_t n = (size_t)LENGTH(STRING_ELT(text, 0));
  type = n == 1 ? rdc_type_letter(bytes[0]) : NULL;
  if (!type) {
    SEXP kind = PROTECT(Rf_mkString("type"));
    SEXP names = PROTECT(rdc_typeinfo_open_names(text, kind));
    SEXP handles = PROTECT(rdc_typeinfo_resolve(names, env));
    rdc_typeinfo_scope_init(&scope, handles);
    SEXP object = PROTECT(rdc_pointer_arena(&arena));
    *owner = Rf_list2(object, handles);
    UNPROTECT(4);
    PROTECT(*owner);
    rdc_status_clear(&status);
    rdc_sig_init(&sig, bytes, n, arena, &scope.scope, &status);
    if (rdc_sig_type(&sig, &type))
      rdc_raise(&status, bytes);
    UNPROTECT(1);
  }
  const rdc_type *bare = rdc_type_strip(type);
  if (!bare->is_complete || bare->kind == RDC_VOID)
    rdc_raise_code(RDC_TYPE_INCOMPLETE, bytes);
  return type;
}

static int64_t memory_offset(SEXP offset)
{
  char got[256];
  if (TYPEOF(offset) == INTSXP && XLENGTH(offset) == 1 && INTEGER(offset)[0] != NA_INTEGER)
    return INTEGER(offset)[0];
  if (TYPEOF(offset) == REALSXP && XLENGTH(offset) == 1 && REAL(offset)[0] > -9e15 &&
      REAL(offset)[0] < 9e15)
    return (int64_t)REAL(offset)[0];
  rdc_describe(offset, got, sizeof got);
  rdc_raise_code(RDC_ARG_TYPE, "an offset in bytes", got);
}

SEXP rdc_r_memory_unpack(SEXP x, SEXP offset, SEXP sigchar, SEXP env)
{
  SEXP owner;
  void *address;
  rdc_status status;
  const rdc_type *type = memory_type(sigchar, env, &owner);
  PROTECT(owner);
  rdc_status_clear(&status);
  int64_t at = memory_offset(offset);
  if (rdc_pointer_access(x, at, rdc_type_strip(type)->size, &address, &status))
    rdc_raise(&status, NULL);
  rdc_view view = {env, TYPEOF(x) == EXTPTRSXP ? x : NULL, rdc_marshal_option_integer64(type), 0,
                   0};
  const void *src = rdc_keep_sure(x, at, rdc_type_strip(type), address, 0, 1);
  SEXP value = PROTECT(rdc_get(rdc_type_plain(type), src, &view));
  if (rdc_get_finish(type, x, at, &value, &status)) {
    rdc_status_place(&status, "value at offset %lld", (long long)at);
    rdc_raise(&status, NULL);
  }
  PROTECT(value);
  if (view.lossy)
    rdc_marshal_warn_lossy();
  UNPROTECT(3);
  return value;
}

/* Writes in place: into memory, or into the vector itself unless it is shared. */
SEXP rdc_r_memory_pack(SEXP x, SEXP offset, SEXP sigchar, SEXP value, SEXP env)
{
  SEXP owner;
  void *address;
  rdc_status status;
  rdc_keep keep;
  const rdc_type *type = memory_type(sigchar, env, &owner);
  size_t size = rdc_type_strip(type)->size;
  int64_t at = memory_offset(offset);
  PROTECT(owner);
  int lost;
  if (Rf_isVectorAtomic(x))
    x = rdc_r_writable(x, RDC_R_CALL, NULL, &lost); /* and .pack returns it */
  PROTECT(x);
  rdc_status_clear(&status);
  if (rdc_pointer_writable(x, &status) || rdc_pointer_access(x, at, size, &address, &status))
    rdc_raise(&status, NULL);
  char *copy = R_alloc(size + RDC_ALIGNMENT, 1);
  rdc_keep_init(&keep, env, copy - at);
  if (rdc_put(type, value, copy, &keep, &status)) {
    rdc_status_place(&status, "value at offset %lld", (long long)at);
    rdc_raise(&status, NULL);
  }
  if (rdc_pointer_access(x, at, size, &address, &status)) /* converters may do anything to it */
    rdc_raise(&status, NULL);
  memcpy(address, copy, size);
  rdc_ranges written = {at, size, size, 1, NULL};
  rdc_keep_store(x, &written, &keep);
  UNPROTECT(3);
  return x;
}

/* The digits of unsigned 64-bit integers. */
SEXP rdc_r_memory_uint64(SEXP x)
{
  R_xlen_t n = TYPEOF(x) == REALSXP ? XLENGTH(x) : 0;
  SEXP text = PROTECT(Rf_allocVector(STRSXP, n));
  for (R_xlen_t i = 0; i < n; i++) {
    char digits[24];
    uint64_t value;
    memcpy(&value, REAL_RO(x) + i, sizeof value);
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    SET_STRING_ELT(text, i, Rf_mkChar(digits));
  }
  UNPROTECT(1);
  return text;
}

SEXP rdc_r_memory_floats(SEXP x)
{
  char got[256];
  if (TYPEOF(x) != REALSXP) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, "a double vector", got);
  }
  R_xlen_t n = XLENGTH(x);
  SEXP made = Rf_allocVector(RAWSXP, n * (R_xlen_t)sizeof(float));
  const double *from = REAL_RO(x);
  unsigned char *to = RAW(made);
  for (R_xlen_t i = 0; i < n; i++) {
    float f = (float)from[i];
    memcpy(to + (size_t)i * sizeof f, &f, sizeof f);
  }
  return made;
}

SEXP rdc_r_memory_doubles(SEXP x)
{
  char got[256];
  if (TYPEOF(x) != RAWSXP || (size_t)XLENGTH(x) % sizeof(float)) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, "a floatraw vector", got);
  }
  R_xlen_t n = XLENGTH(x) / (R_xlen_t)sizeof(float);
  SEXP made = Rf_allocVector(REALSXP, n);
  const unsigned char *from = RAW_RO(x);
  double *to = REAL(made);
  for (R_xlen_t i = 0; i < n; i++) {
    float f;
    memcpy(&f, from + (size_t)i * sizeof f, sizeof f);
    to[i] = f;
  }
  return made;
}
