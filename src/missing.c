/* NA among the elements of vectors. */
#include "missing.h"

#include <string.h>

#include "marshal.h"

int rdc_missing_at(SEXP value, size_t i)
{
  int64_t bits;
  switch (TYPEOF(value)) {
  case LGLSXP:
    return LOGICAL_RO(value)[i] == NA_LOGICAL;
  case INTSXP:
    return INTEGER_RO(value)[i] == NA_INTEGER;
  case STRSXP:
    return STRING_ELT(value, (R_xlen_t)i) == NA_STRING;
  case CPLXSXP:
    return ISNA(COMPLEX_RO(value)[i].r) || ISNA(COMPLEX_RO(value)[i].i);
  case REALSXP:
    if (rdc_marshal_is_integer64(value)) {
      memcpy(&bits, REAL_RO(value) + i, sizeof bits);
      return bits == INT64_MIN;
    }
    return ISNA(REAL_RO(value)[i]) && !rdc_marshal_is_uint64(value);
  default:
    return 0;
  }
}

/* Looks at several elements at a time. */
int rdc_missing_any(SEXP value, size_t n)
{
  enum { LANES = 8 };
  size_t i = 0;
  int found = 0;
  if (TYPEOF(value) == REALSXP && !Rf_isObject(value)) {
    const double *from = REAL_RO(value);
    double sums[LANES] = {0}; /* NaN once there was a NaN or an infinity */
    for (; i + LANES <= n; i += LANES)
      for (int k = 0; k < LANES; k++)
        sums[k] += from[i + (size_t)k] - from[i + (size_t)k];
    for (int k = 0; k < LANES; k++)
      found |= sums[k] != 0;
    for (; i < n; i++)
      found |= from[i] != from[i];
    return found;
  }
  if (TYPEOF(value) == INTSXP) {
    const int *from = INTEGER_RO(value);
    int lanes[LANES] = {0};
    for (; i + LANES <= n; i += LANES)
      for (int k = 0; k < LANES; k++)
        lanes[k] |= from[i + (size_t)k] == NA_INTEGER;
    for (int k = 0; k < LANES; k++)
      found |= lanes[k];
    for (; i < n; i++)
      found |= from[i] == NA_INTEGER;
    return found;
  }
  if (TYPEOF(value) == STRSXP) {
    const SEXP *from = STRING_PTR_RO(value);
    for (; i < n && !found; i++)
      found = from[i] == NA_STRING;
    return found;
  }
  for (; i < n && !found; i++)
    found = rdc_missing_at(value, i);
  return found;
}
