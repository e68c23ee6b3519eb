/* Lists of what written addresses depend on, and the attribute that hangs them onto objects. */
#include "marshal.h"

#include <string.h>

void rdc_keep_init(rdc_keep *keep, SEXP scope, const void *base)
{
  keep->objects = R_NilValue;
  keep->scope = scope;
  keep->base = base;
  /* what is written to memory may be held by anything but the code: only constants are copied */
  keep->references = RDC_R_CONSTANT - 1;
  keep->lasting = base != NULL;
  PROTECT_WITH_INDEX(keep->objects, &keep->index);
}

void rdc_keep_clear(rdc_keep *keep)
{
  for (SEXP at = keep->objects; at != R_NilValue; at = CDR(at))
    SETCAR(at, R_NilValue);
}

static void keep_at(rdc_keep *keep, SEXP object, double offset)
{
  PROTECT(object);
  keep->objects = Rf_cons(object, keep->objects);
  REPROTECT(keep->objects, keep->index);
  if (keep->lasting)
    SET_TAG(keep->objects, Rf_ScalarReal(offset));
  UNPROTECT(1);
}

void rdc_keep_add(rdc_keep *keep, SEXP object, const void *dest)
{
  keep_at(keep, object, keep->base ? (double)((const char *)dest - keep->base) : 0);
}

void rdc_keep_inherit(rdc_keep *keep, SEXP from, size_t offset, size_t size, const void *dest)
{
  SEXP entries = Rf_getAttrib(from, rdc_symbol.keep);
  R_xlen_t n = entries == R_NilValue ? 0 : XLENGTH(entries) - 1;
  PROTECT(entries);
  for (R_xlen_t i = 0; i < n; i++) {
    double at = REAL_ELT(VECTOR_ELT(entries, 0), i);
    if (at >= (double)offset && at < (double)(offset + size))
      keep_at(keep, VECTOR_ELT(entries, i + 1),
              at - (double)offset + (double)((const char *)dest - keep->base));
  }
  UNPROTECT(1);
}

int rdc_keep_lost(const rdc_keep *keep)
{
  for (SEXP at = keep->objects; at != R_NilValue; at = CDR(at)) {
    SEXP pair = CAR(at);
    if (TYPEOF(pair) == LISTSXP && rdc_r_bytes(CAR(pair)) &&
        memcmp(rdc_r_bytes(CAR(pair)), rdc_r_bytes(CDR(pair)),
               (size_t)XLENGTH(CAR(pair)) * rdc_r_element_size(CAR(pair))))
      return 1;
  }
  return 0;
}

static int in_ranges(const rdc_ranges *r, double at)
{
  double from = at - (double)r->offset;
  if (from < 0 || from >= (double)r->stride * (double)(r->count - 1) + (double)r->size)
    return 0;
  size_t i = (size_t)from / r->stride, within = (size_t)from % r->stride;
  return within < r->size && (!r->chosen || r->chosen[i]);
}

void rdc_keep_store(SEXP x, const rdc_ranges *ranges, const rdc_keep *keep)
{
  SEXP old = Rf_getAttrib(x, rdc_symbol.keep);
  R_xlen_t n = old == R_NilValue ? 0 : XLENGTH(old) - 1, added = Rf_xlength(keep->objects),
           used = 0;
  if (!n && !added)
    return;
  PROTECT(old);
  SEXP made = PROTECT(Rf_allocVector(VECSXP, n + added + 1));
  SEXP offsets = PROTECT(Rf_allocVector(REALSXP, n + added));
  SET_VECTOR_ELT(made, 0, offsets);
  for (R_xlen_t i = 0; i < n; i++) {
    double at = REAL_ELT(VECTOR_ELT(old, 0), i);
    if (!in_ranges(ranges, at)) {
      REAL(offsets)[used++] = at;
      SET_VECTOR_ELT(made, used, VECTOR_ELT(old, i + 1));
    }
  }
  for (SEXP at = keep->objects; at != R_NilValue; at = CDR(at)) {
    REAL(offsets)[used++] = REAL_ELT(TAG(at), 0);
    SET_VECTOR_ELT(made, used, CAR(at));
  }
  if (used < n + added) { /* fewer than there was room for */
    made = PROTECT(Rf_lengthgets(made, used + 1));
    SET_VECTOR_ELT(made, 0, Rf_lengthgets(offsets, used));
    UNPROTECT(1);
  }
  Rf_setAttrib(x, rdc_symbol.keep, used ? PROTECT(made) : PROTECT(R_NilValue));
  UNPROTECT(4);
}

void rdc_keep_pass(SEXP x, size_t offset, SEXP copy)
{
  rdc_ranges none = {0, 0, 1, 1, NULL};
  rdc_keep keep;
  if (TYPEOF(copy) != RAWSXP || !Rf_isObject(copy) ||
      Rf_getAttrib(x, rdc_symbol.keep) == R_NilValue)
    return;
  PROTECT(copy);
  rdc_keep_init(&keep, R_NilValue, RAW(copy));
  rdc_keep_inherit(&keep, x, offset, (size_t)XLENGTH(copy), RAW(copy));
  rdc_keep_store(copy, &none, &keep);
  UNPROTECT(2);
}
