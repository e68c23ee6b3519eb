/* put for records and arrays: field by field, element by element. */
#include "marshal.h"

#include "convert.h"
#include "text.h"

#include <string.h>

/* A named list of fields; fields that it lacks are zero. */
static rdc_code put_list(const rdc_type *type, const rdc_type *bare, SEXP value, void *dest,
                         rdc_keep *keep, rdc_status *status)
{
  SEXP names = Rf_getAttrib(value, R_NamesSymbol);
  R_xlen_t n = XLENGTH(value);
  if (n && names == R_NilValue)
    return rdc_marshal_bad(RDC_ARG_TYPE, type, value, status);
  memset(dest, 0, bare->size);
  for (R_xlen_t i = 0; i < n; i++) {
    const char *name = R_CHAR(STRING_ELT(names, i));
    size_t offset;
    const rdc_field *field = rdc_layout_field(bare, name, &offset);
    if (!field)
      return rdc_fail(status, RDC_FIELD_UNKNOWN, bare->name ? bare->name : "the aggregate", name);
    rdc_code code = rdc_put_field(field, offset, VECTOR_ELT(value, i), dest, keep, status);
    if (code)
      return code;
  }
  return RDC_OK;
}

rdc_code rdc_put_record(const rdc_type *type, const rdc_type *bare, SEXP value, void *dest,
                        rdc_keep *keep, rdc_status *status)
{
  void *from;
  if (TYPEOF(value) == VECSXP && !Rf_isObject(value))
    return put_list(type, bare, value, dest, keep, status);
  if (!bare->name || !rdc_marshal_is_tagged(value, bare->name))
    return rdc_marshal_bad(RDC_ARG_TYPE, type, value, status);
  rdc_code code = rdc_pointer_access(value, 0, bare->size, &from, status);
  if (code)
    return code;
  if (TYPEOF(value) == RAWSXP && rdc_keep_check(value, status))
    return status->code;
  memmove(dest, from, bare->size);
  if (keep->lasting && TYPEOF(value) == EXTPTRSXP) {
    /* its memory may own what its pointers refer to; it is not itself an address that was written */
    rdc_keep_add(keep, PROTECT(Rf_cons(value, R_NilValue)), dest);
    UNPROTECT(1);
  }
  if (keep->lasting)
    rdc_keep_inherit(keep, value, 0, bare->size, dest);
  return RDC_OK;
}

/* Makes one, a vector of length 1 of the same kind, equal to element i of value. */
static SEXP element_of(SEXP value, R_xlen_t i, SEXP one)
{
  switch (TYPEOF(value)) {
  case VECSXP:
    return VECTOR_ELT(value, i);
  case STRSXP:
    SET_STRING_ELT(one, 0, STRING_ELT(value, i));
    return one;
  default:
    memcpy(rdc_r_bytes(one), (char *)rdc_r_bytes(value) + (size_t)i * rdc_r_element_size(value),
           rdc_r_element_size(value));
    return one;
  }
}

/* Whether a vector lies where it is to be written. */
static int overlaps(const rdc_numbers *numbers, R_xlen_t have, const void *dest, size_t size)
{
  uintptr_t from = (uintptr_t)numbers->from, to = (uintptr_t)dest;
  return from < to + size && to < from + (size_t)have * numbers->size;
}

/* Numbers as bit-fields, up to the first that does not fit; returns how many. */
static R_xlen_t put_bits_column(const rdc_field *field, const rdc_numbers *numbers, R_xlen_t have,
                                char *at, size_t stride, R_xlen_t n)
{
  for (R_xlen_t i = 0; i < n; i++, at += stride) {
    rdc_whole whole;
    if (!rdc_number_whole(numbers, have == 1 ? 0 : (size_t)i, &whole) ||
        !rdc_put_bits(field, whole, at - field->offset))
      return i;
  }
  return n;
}

/* What rdc_put does with each element of a vector of numbers, up to the first that does not convert; returns
   how many. */
static R_xlen_t put_column(const rdc_field *field, const rdc_type *type, SEXP value, char *dest,
                           size_t stride, R_xlen_t n)
{
  const rdc_type *bare = rdc_type_values(type);
  rdc_numbers numbers = rdc_numbers_of(value);
  R_xlen_t have = XLENGTH(value);
  int is_bits = field && field->is_bits;
  if (n < 1 || !rdc_numbers_suit(bare, numbers.kind) || (is_bits && bare->kind == RDC_BOOL))
    return 0;
  const void *memory = vmaxget();
  if (overlaps(&numbers, have, dest, (size_t)(n - 1) * stride + bare->size)) {
    char *copy = R_alloc((size_t)have, (int)numbers.size);
    numbers.from = memcpy(copy, numbers.from, (size_t)have * numbers.size);
  }
  R_xlen_t done;
  if (is_bits) {
    done = put_bits_column(field, &numbers, have, dest, stride, n);
  } else {
    done = (R_xlen_t)rdc_put_numbers(bare, &numbers, 0, (size_t)have, dest, stride);
    for (; have == 1 && done && done < n; done++)
      memcpy(dest + (size_t)done * stride, dest, bare->size);
  }
  vmaxset(memory);
  return done;
}

/* Whether a vector of strings is written as constant text that nobody has to keep. */
static int put_text_column(const rdc_type *type, SEXP value, void *dest, size_t stride, R_xlen_t n,
                           rdc_keep *keep, rdc_status *status)
{
  if (type->kind != RDC_STRING || TYPEOF(value) != STRSXP || Rf_isObject(value) ||
      XLENGTH(value) != n || stride != type->size || keep->lasting)
    return 0;
  if (!rdc_put_texts(value, 0, n, n > 100 && rdc_r_native_is_utf8(), dest, keep, status))
    return 1;
  rdc_status_clear(status);
  return 0;
}

rdc_code rdc_put_texts(SEXP value, R_xlen_t from, R_xlen_t n, int is_utf8, void *dest,
                       rdc_keep *keep, rdc_status *status)
{
  const SEXP *strings = STRING_PTR_RO(value) + from;
  char *at = dest;
  for (R_xlen_t i = 0; i < n; i++, at += sizeof(char *)) {
    SEXP text = strings[i];
    if (RDC_LIKELY(rdc_put_own_string(text, at)))
      continue;
    status->element = (size_t)i;
    if (text == NA_STRING)
      return rdc_marshal_bad(RDC_ARG_MISSING, rdc_type_letter('Z'), Rf_ScalarString(text), status);
    if (!(is_utf8 && Rf_getCharCE(text) == CE_NATIVE)) {
      if (rdc_text_make(RDC_UTF8, strings[i], &text, status))
        return status->code;
      if (text != strings[i])
        rdc_keep_add(keep, text, at);
    }
    rdc_put_address(R_CHAR(text), at);
  }
  return RDC_OK;
}

static rdc_code put_elements(const rdc_field *field, const rdc_type *type, SEXP value, void *dest,
                             size_t stride, R_xlen_t n, rdc_keep *keep, rdc_status *status)
{
  SEXP one = R_NilValue;
  rdc_code code = RDC_OK;
  if (!Rf_isVectorAtomic(value) && TYPEOF(value) != VECSXP)
    return rdc_marshal_bad(RDC_ARG_TYPE, type, value, status);
  R_xlen_t have = XLENGTH(value);
  if (have != n && have != 1)
    return rdc_marshal_bad(RDC_ARG_LENGTH, type, value, status);
  R_xlen_t i = put_column(field, type, value, dest, stride, n);
  if (i == n || put_text_column(type, value, dest, stride, n, keep, status))
    return RDC_OK;
  if (TYPEOF(value) != VECSXP) {
    one = Rf_allocVector(TYPEOF(value), 1);
    if (rdc_marshal_is_integer64(value) || rdc_marshal_is_uint64(value) || Rf_isFactor(value)) {
      PROTECT(one);
      Rf_setAttrib(one, R_ClassSymbol, Rf_getAttrib(value, R_ClassSymbol));
      UNPROTECT(1);
    }
  }
  PROTECT(one);
  for (; i < n && !code; i++) {
    SEXP element = element_of(value, have == 1 ? 0 : i, one);
    char *at = (char *)dest + (size_t)i * stride;
    code = field && field->is_bits ? rdc_put_field(field, 0, element, at, keep, status)
                                   : rdc_put(type, element, at, keep, status);
    if (code)
      status->element = (size_t)i;
  }
  UNPROTECT(1);
  return code;
}

rdc_code rdc_put_many(const rdc_field *field, const rdc_type *type, SEXP value, void *dest,
                      size_t stride, R_xlen_t n, rdc_keep *keep, rdc_status *status)
{
  SEXP made = value;
  rdc_field plain;
  rdc_code code = RDC_OK;
  if (type->is_converted) {
    if ((code = rdc_convert_to_many(type, value, &made, status)))
      return code;
    type = rdc_type_plain(type);
    if (field) {
      plain = *field;
      plain.type = type;
      field = &plain;
    }
  } else {
    code = put_elements(field, type, value, dest, stride, n, keep, status);
    if (!code || !Rf_isObject(value) ||
        (code = rdc_convert_object(type, value, keep->scope, &made, status)))
      return code;
  }
  PROTECT(made);
  unsigned references = rdc_keep_made(keep, made, value, dest);
  code = put_elements(field, type, made, dest, stride, n, keep, status);
  keep->references = references;
  UNPROTECT(1);
  return code;
}

static rdc_code put_text_array(const rdc_type *type, SEXP value, void *dest, rdc_status *status)
{
  if (!rdc_r_is_string(value))
    return rdc_marshal_bad(RDC_ARG_TYPE, type, value, status);
  SEXP text = PROTECT(rdc_r_utf8(STRING_ELT(value, 0)));
  size_t n = (size_t)XLENGTH(text);
  int room = n < type->count;
  if (room) {
    memset(dest, 0, type->size);
    memcpy(dest, R_CHAR(text), n);
  }
  UNPROTECT(1);
  return room ? RDC_OK : rdc_marshal_bad(RDC_ARG_LENGTH, type, value, status);
}

/* A value with the array's dimensions is turned into C's order; one without is in C's order. */
static rdc_code put_dims(const rdc_type *type, const rdc_type *element, SEXP dim, SEXP value,
                         void *dest, rdc_keep *keep, rdc_status *status)
{
  if (!Rf_isVectorAtomic(value) && TYPEOF(value) != VECSXP)
    return rdc_marshal_bad(RDC_ARG_TYPE, type, value, status);
  SEXP have = Rf_getAttrib(value, R_DimSymbol);
  size_t size = rdc_type_strip(element)->size;
  R_xlen_t n = 1;
  for (int i = 0; i < LENGTH(dim); i++)
    n *= INTEGER(dim)[i];
  rdc_code code = RDC_OK;
  int k = LENGTH(dim), dims = have != R_NilValue && LENGTH(have) > 1;
  if (XLENGTH(value) != n ||
      (dims && (LENGTH(have) != k || memcmp(INTEGER(have), INTEGER(dim), (size_t)k * sizeof(int)))))
    code = rdc_marshal_bad(RDC_ARG_LENGTH, type, value, status);
  if (!code && TYPEOF(value) == RAWSXP && size == 1 && !dims) {
    memcpy(dest, RAW_RO(value), type->size);
  } else if (!code && !dims) {
    code = rdc_put_many(NULL, element, value, dest, size, n, keep, status);
  } else if (!code) {
    SEXP flat = PROTECT(Rf_allocVector(TYPEOF(value), n));
    for (R_xlen_t c = 0; c < n; c++) {
      R_xlen_t from = rdc_marshal_turned(c, INTEGER(dim), k);
      if (TYPEOF(value) == VECSXP)
        SET_VECTOR_ELT(flat, c, VECTOR_ELT(value, from));
      else if (TYPEOF(value) == STRSXP)
        SET_STRING_ELT(flat, c, STRING_ELT(value, from));
      else
        memcpy((char *)rdc_r_bytes(flat) + (size_t)c * rdc_r_element_size(flat),
               (char *)rdc_r_bytes(value) + (size_t)from * rdc_r_element_size(value),
               rdc_r_element_size(value));
    }
    if (rdc_marshal_is_integer64(value) || rdc_marshal_is_uint64(value))
      Rf_setAttrib(flat, R_ClassSymbol, Rf_getAttrib(value, R_ClassSymbol));
    code = rdc_put_many(NULL, element, flat, dest, size, n, keep, status);
    UNPROTECT(1);
  }
  return code;
}

rdc_code rdc_put_array(const rdc_type *type, SEXP value, void *dest, rdc_keep *keep,
                       rdc_status *status)
{
  const rdc_type *element = rdc_type_strip(type->base);
  rdc_code code = RDC_OK;
  SEXP made = value;
  int is_plain = !type->base->is_converted;
  if (is_plain && TYPEOF(value) == STRSXP &&
      (element->kind == RDC_CHAR || element->kind == RDC_UCHAR))
    return put_text_array(type, value, dest, status);
  if (is_plain && element->kind == RDC_CHAR && Rf_isVector(value) &&
      TYPEOF(value) != RAWSXP) /* numbers, not text */
    return (size_t)XLENGTH(value) == type->count
               ? rdc_put_many(NULL, type->base, value, dest, 1, (R_xlen_t)type->count, keep, status)
               : rdc_marshal_bad(RDC_ARG_LENGTH, type, value, status);
  SEXP dim = PROTECT(rdc_marshal_dim(type, &element));
  if (element->is_converted)
    code = rdc_convert_to_many(element, value, &made, status);
  PROTECT(made);
  unsigned references = rdc_keep_made(keep, made, value, dest);
  if (!code)
    code = put_dims(type, rdc_type_plain(element), dim, made, dest, keep, status);
  keep->references = references;
  UNPROTECT(2);
  return code;
}
