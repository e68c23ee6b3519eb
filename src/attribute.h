/* Attributes that R has no rules of its own for, read where they lie: R's function looks for its rules
   first, which takes longer than the rest of an access to a field. */
#ifndef RDC_ATTRIBUTE_H
#define RDC_ATTRIBUTE_H

#include "r.h"

/* Where an object has the list of its attributes, and a list its parts. */
enum {
  RDC_ATTRIBUTE_LIST = 8,
  RDC_ATTRIBUTE_VALUE = 8 + 3 * sizeof(void *),
  RDC_ATTRIBUTE_NEXT = RDC_ATTRIBUTE_VALUE + sizeof(void *),
  RDC_ATTRIBUTE_TAG = RDC_ATTRIBUTE_NEXT + sizeof(void *)
};

/* Whether these places are right. */
extern int rdc_attribute_known;
void rdc_attribute_init(void);

static inline SEXP rdc_attribute_part(SEXP x, size_t place)
{
  SEXP part;
  memcpy(&part, (const char *)x + place, sizeof part);
  return part;
}

/* An attribute by its symbol; NULL if there is none. */
static inline SEXP rdc_attribute(SEXP x, SEXP symbol)
{
  if (RDC_UNLIKELY(!rdc_attribute_known))
    return Rf_getAttrib(x, symbol);
  SEXP at = rdc_attribute_part(x, RDC_ATTRIBUTE_LIST);
  while (at != R_NilValue && rdc_attribute_part(at, RDC_ATTRIBUTE_TAG) != symbol)
    at = rdc_attribute_part(at, RDC_ATTRIBUTE_NEXT);
  return rdc_attribute_part(at, RDC_ATTRIBUTE_VALUE);
}

#endif
