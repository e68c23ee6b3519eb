/* Finds out whether attributes lie where attribute.h says. */
#include "attribute.h"

int rdc_attribute_known;

/* Whether the parts of a list are at their places, and NULL is the first element of the empty list. */
static int lists_are_known(void)
{
  SEXP next = PROTECT(Rf_cons(R_NilValue, R_NilValue));
  SEXP value = PROTECT(Rf_ScalarInteger(1)), list = PROTECT(Rf_cons(value, next));
  SET_TAG(list, rdc_symbol.value);
  int good = rdc_attribute_part(list, RDC_ATTRIBUTE_VALUE) == value &&
             rdc_attribute_part(list, RDC_ATTRIBUTE_NEXT) == next &&
             rdc_attribute_part(list, RDC_ATTRIBUTE_TAG) == rdc_symbol.value &&
             rdc_attribute_part(R_NilValue, RDC_ATTRIBUTE_VALUE) == R_NilValue;
  UNPROTECT(3);
  return good;
}

/* Later versions of R do not tell what is compared here. */
static int place_is_known(void)
{
#if R_VERSION < R_Version(4, 6, 0)
  SEXP x = PROTECT(Rf_ScalarInteger(1)), none = PROTECT(Rf_ScalarInteger(1));
  Rf_setAttrib(x, rdc_symbol.quote, none);
  int good = ATTRIB(x) != R_NilValue && ATTRIB(none) == R_NilValue &&
             rdc_attribute_part(x, RDC_ATTRIBUTE_LIST) == ATTRIB(x) &&
             rdc_attribute_part(none, RDC_ATTRIBUTE_LIST) == R_NilValue;
  UNPROTECT(2);
  return good;
#else
  return 0;
#endif
}

void rdc_attribute_init(void) { rdc_attribute_known = lists_are_known() && place_is_known(); }
