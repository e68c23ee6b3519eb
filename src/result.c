/* Results of calls that refer to memory. */
#include "result.h"

#include <string.h>

#include "owner.h"
#include "struct.h"

enum { RESULT_COPY, RESULT_FREE };

static int wants_copy(SEXP rule) { return Rf_asLogical(VECTOR_ELT(rule, RESULT_COPY)); }

/* Whether a pointer is text in R. */
static int is_text(const rdc_type *bare)
{
  return bare->kind == RDC_STRING || (bare->kind == RDC_POINTER && (bare->base->kind == RDC_CHAR ||
                                                                    bare->base->kind == RDC_UCHAR));
}

/* Whether it points to a type that only has a name here. */
static int is_named(const rdc_type *bare)
{
  const char *name = rdc_type_pointee_name(bare);
  return name && !rdc_type_reserved(name, strlen(name));
}

rdc_code rdc_result_check(const rdc_type *type, SEXP rule, rdc_status *status)
{
  char got[160];
  const rdc_type *bare = rdc_type_strip(type);
  if (is_text(bare))
    return RDC_OK;
  rdc_type_spell(type, NULL, NULL, got, sizeof got);
  if (bare->kind != RDC_POINTER || bare->base->kind == RDC_FUNCTION)
    return rdc_fail(status, RDC_TYPE_VALUE, "a result that is a pointer, for @copy or @free", got);
  if (wants_copy(rule) && !is_named(bare) &&
      (!rdc_type_strip(bare->base)->is_complete || bare->base->kind == RDC_VOID))
    return rdc_fail(status, RDC_TYPE_INCOMPLETE, got);
  return RDC_OK;
}

static SEXP copy_of(const rdc_type *bare, SEXP pointer, const void *address, rdc_view *view)
{
  SEXP handle = PROTECT(is_named(bare) ? rdc_r_struct_handle(pointer) : R_NilValue);
  const rdc_type *type = handle != R_NilValue ? rdc_typeinfo_type(handle) : bare->base;
  SEXP value = rdc_get(type, address, view);
  UNPROTECT(1);
  return value;
}

/* A result by its rule. What C gave away has an owner before anything else is done, so that it is freed
   whatever happens. */
SEXP rdc_result_get(const rdc_type *type, void *ret, SEXP rule, rdc_view *view)
{
  void *address;
  const rdc_type *bare = rdc_type_strip(type);
  SEXP destructor = VECTOR_ELT(rule, RESULT_FREE), value = R_NilValue;
  memcpy(&address, ret, sizeof address);
  if (!address)
    return rdc_get(type, ret, view);
  SEXP pointer = PROTECT(is_text(bare) ? rdc_pointer_new(RDC_POINTER_DATA, address, R_NilValue)
                                       : rdc_get(type, ret, view));
  if (destructor != R_NilValue)
    rdc_owner_adopt(pointer, destructor, RDC_NOWHERE);
  if (!is_text(bare) && !wants_copy(rule)) {
    UNPROTECT(1);
    return pointer;
  }
  value = PROTECT(is_text(bare) ? rdc_get(type, ret, view) : copy_of(bare, pointer, address, view));
  if (destructor != R_NilValue)
    rdc_owner_release(pointer, "after it was copied");
  UNPROTECT(2);
  return value;
}

/* Whether an address lies in the memory of a value that was passed; its end counts. */
static int lies_in(const char *address, SEXP value)
{
  const char *begin;
  size_t size;
  switch (TYPEOF(value)) {
  case EXTPTRSXP:
    if (R_ExternalPtrAddr(value) == address)
      return 1;
    return rdc_pointer_extent(value, &begin, &size) && address >= begin && address <= begin + size;
  case STRSXP:
    return XLENGTH(value) && lies_in(address, STRING_ELT(value, 0));
  case CHARSXP:
    return address >= R_CHAR(value) && address <= R_CHAR(value) + LENGTH(value);
  case LISTSXP:
    return lies_in(address, CAR(value));
  default:
    return rdc_pointer_extent(value, &begin, &size) && address >= begin && address <= begin + size;
  }
}

void rdc_result_relate(SEXP pointer, const SEXP *args, size_t n, const rdc_keep *keep)
{
  const char *address = R_ExternalPtrAddr(pointer);
  if (!address || R_ExternalPtrProtected(pointer) != R_NilValue)
    return;
  for (SEXP at = keep->objects; at != R_NilValue; at = CDR(at))
    if (lies_in(address, CAR(at))) {
      rdc_pointer_attach(pointer, TYPEOF(CAR(at)) == LISTSXP ? CAAR(at) : CAR(at));
      return;
    }
  for (size_t i = 0; i < n; i++)
    if (lies_in(address, args[i])) {
      rdc_pointer_attach(pointer, TYPEOF(args[i]) == STRSXP ? STRING_ELT(args[i], 0) : args[i]);
      return;
    }
}
