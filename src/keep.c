/* Lists of what written addresses depend on, and the attribute that hangs them onto objects. */
#include "marshal.h"

#include <string.h>

void rdc_keep_init(rdc_keep *keep, SEXP scope)
{
  keep->objects = R_NilValue;
  keep->scope = scope;
  /* what is written to memory may be held by anything but the code: only constants are copied */
  keep->references = RDC_R_CONSTANT - 1;
  keep->lasting = 1;
  PROTECT_WITH_INDEX(keep->objects, &keep->index);
}

void rdc_keep_clear(rdc_keep *keep)
{
  for (SEXP at = keep->objects; at != R_NilValue; at = CDR(at))
    SETCAR(at, R_NilValue);
}

void rdc_keep_add(rdc_keep *keep, SEXP object)
{
  PROTECT(object);
  keep->objects = Rf_cons(object, keep->objects);
  REPROTECT(keep->objects, keep->index);
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

void rdc_keep_store(SEXP x, size_t offset, size_t size, const rdc_keep *keep)
{
  SEXP old = Rf_getAttrib(x, rdc_symbol.keep), made;
  R_xlen_t n = old == R_NilValue ? 0 : XLENGTH(old) - 1, left = 0;
  if (!n && keep->objects == R_NilValue)
    return;
  for (R_xlen_t i = 0; i < n; i++) {
    double at = REAL_ELT(VECTOR_ELT(old, 0), i);
    left += at < (double)offset || at >= (double)(offset + size);
  }
  R_xlen_t count = left + (keep->objects != R_NilValue);
  if (!count) {
    Rf_setAttrib(x, rdc_symbol.keep, R_NilValue);
    return;
  }
  PROTECT(old);
  made = PROTECT(Rf_allocVector(VECSXP, count + 1));
  SEXP offsets = PROTECT(Rf_allocVector(REALSXP, count));
  SET_VECTOR_ELT(made, 0, offsets);
  R_xlen_t used = 0;
  for (R_xlen_t i = 0; i < n; i++) {
    double at = REAL_ELT(VECTOR_ELT(old, 0), i);
    if (at < (double)offset || at >= (double)(offset + size)) {
      REAL(offsets)[used++] = at;
      SET_VECTOR_ELT(made, used, VECTOR_ELT(old, i + 1));
    }
  }
  if (keep->objects != R_NilValue) {
    REAL(offsets)[used++] = (double)offset;
    SET_VECTOR_ELT(made, used, keep->objects);
  }
  Rf_setAttrib(x, rdc_symbol.keep, made);
  UNPROTECT(3);
}
