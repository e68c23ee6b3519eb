/* Shims over R's API that several modules need. */
#include "r.h"

#include <string.h>

/* Where R keeps the reference count of an object. The count itself has no entry in R's API, only
   MAYBE_SHARED, which cannot tell a vector bound to one variable and passed to a function from one
   that two variables share. The place is checked when the package is loaded; where it is not as
   expected, counts read as 0 and sharing is not detected. */
static int r_counts_readable;

static unsigned r_count(SEXP x)
{
  uint64_t head;
  memcpy(&head, (const void *)x, sizeof head);
  return (unsigned)(head >> 32 & 0xffff);
}

void rdc_r_init(void)
{
  SEXP x = PROTECT(Rf_allocVector(INTSXP, 1));
  SEXP list = PROTECT(Rf_allocVector(VECSXP, 3));
  int good = r_count(x) == 0;
  for (int i = 0; i < 3; i++) {
    SET_VECTOR_ELT(list, i, x);
    good = good && r_count(x) == (unsigned)i + 1;
  }
  SET_VECTOR_ELT(list, 0, R_NilValue);
  good = good && r_count(x) == 2;
  MARK_NOT_MUTABLE(x);
  r_counts_readable = good && r_count(x) >= 7;
  UNPROTECT(2);
}

int rdc_r_is_shared(SEXP x, unsigned references)
{
  return r_counts_readable && r_count(x) > references;
}

SEXP rdc_r_writable(SEXP x, unsigned references, int *lost)
{
  *lost = 0;
  if (!rdc_r_is_shared(x, references))
    return x;
  SEXP call = PROTECT(Rf_lang2(rdc_hook.unshare, x));
  SEXP answer = Rf_eval(call, R_GlobalEnv); /* list(copy, whether it was bound) */
  UNPROTECT(1);
  *lost = !Rf_asLogical(VECTOR_ELT(answer, 1));
  return VECTOR_ELT(answer, 0);
}

SEXP rdc_r_init_duplicate(SEXP x) { return Rf_duplicate(x); }

SEXP rdc_r_init_same(SEXP x, SEXP y) { return Rf_ScalarLogical(x == y); }

void *rdc_r_bytes(SEXP x)
{
  switch (TYPEOF(x)) {
  case LGLSXP:
    return LOGICAL(x);
  case INTSXP:
    return INTEGER(x);
  case REALSXP:
    return REAL(x);
  case CPLXSXP:
    return COMPLEX(x);
  case RAWSXP:
    return RAW(x);
  default:
    return NULL;
  }
}

size_t rdc_r_element_size(SEXP x)
{
  switch (TYPEOF(x)) {
  case LGLSXP:
  case INTSXP:
    return sizeof(int);
  case REALSXP:
    return sizeof(double);
  case CPLXSXP:
    return sizeof(Rcomplex);
  default:
    return 1;
  }
}

SEXP rdc_r_utf8(SEXP string)
{
  if (Rf_getCharCE(string) == CE_BYTES)
    return string;
  const char *text = Rf_translateCharUTF8(string);
  return text == R_CHAR(string) ? string : Rf_mkCharCE(text, CE_UTF8);
}

int rdc_r_is_string(SEXP x)
{
  return TYPEOF(x) == STRSXP && XLENGTH(x) == 1 && STRING_ELT(x, 0) != NA_STRING;
}
