/* put: R values to C values. Every rule of ?conversions for arguments is here and nowhere else. */
#include "marshal.h"

#include "convert.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

rdc_wrap_function rdc_marshal_wrap;
rdc_bound_code rdc_marshal_bound;

SEXP rdc_marshal_handle(SEXP x)
{
  SEXP handle = Rf_isFunction(x) ? Rf_getAttrib(x, rdc_symbol.call) : R_NilValue;
  int is_bound = TYPEOF(handle) == EXTPTRSXP && R_ExternalPtrTag(handle) == rdc_symbol.bound;
  return is_bound ? handle : R_NilValue;
}

rdc_code rdc_marshal_bad(rdc_code code, const rdc_type *type, SEXP value, rdc_status *status)
{
  char want[256], got[256];
  rdc_type_spell(type, NULL, NULL, want, sizeof want);
  rdc_describe(value, got, sizeof got);
  return rdc_fail(status, code, want, got);
}

static rdc_code bad_type(const rdc_type *type, SEXP value, rdc_status *status)
{
  return rdc_marshal_bad(RDC_ARG_TYPE, type, value, status);
}

int rdc_marshal_is_integer64(SEXP x)
{
  return Rf_isObject(x) && TYPEOF(x) == REALSXP && Rf_inherits(x, "integer64");
}

int rdc_marshal_is_uint64(SEXP x)
{
  return Rf_isObject(x) && TYPEOF(x) == REALSXP && Rf_inherits(x, "uint64");
}

/* One number: the column of its first element. */
static rdc_code put_number(const rdc_type *type, const rdc_type *bare, SEXP value, void *dest,
                           rdc_status *status)
{
  rdc_numbers numbers = rdc_numbers_of(value);
  if (!rdc_numbers_suit(bare, numbers.kind))
    return bad_type(type, value, status);
  if (!rdc_put_numbers(bare, &numbers, 0, 1, dest, 0))
    return rdc_marshal_bad(rdc_number_failure(&numbers, 0), type, value, status);
  return RDC_OK;
}

static void store_address(const void *address, void *dest)
{
  memcpy(dest, &address, sizeof address);
}

/* Passes the bytes of an atomic vector; what C may write to is not shared with anything else. */
static rdc_code put_vector(SEXP value, int is_const, void *dest, rdc_keep *keep, rdc_status *status)
{
  if (RDC_UNLIKELY(TYPEOF(value) == RAWSXP || Rf_isObject(value))) {
    rdc_keep_renew(value);
    if (rdc_keep_check(value, status))
      return status->code;
  }
  SEXP own = PROTECT(is_const ? value : rdc_keep_writable(keep, value, dest));
  if (keep->lasting) /* whoever holds the address sees what C writes: nothing is lost */
    rdc_keep_add(keep, rdc_pointer_pin(own), dest);
  UNPROTECT(1);
  store_address(rdc_r_bytes(own), dest);
  return RDC_OK;
}

/* Passes text. C may write only to a copy: R shares its strings. */
static rdc_code put_text(const rdc_type *type, rdc_encoding encoding, SEXP value, int is_const,
                         void *dest, rdc_keep *keep, rdc_status *status)
{
  SEXP text;
  size_t size;
  if (XLENGTH(value) < 1)
    return bad_type(type, value, status);
  SEXP string = STRING_ELT(value, 0);
  if (string == NA_STRING)
    return rdc_marshal_bad(RDC_ARG_MISSING, type, value, status);
  rdc_code code = rdc_text_make(encoding, string, &text, status);
  if (code)
    return code;
  const char *bytes = rdc_text_bytes(text, encoding, &size);
  if (!is_const) {
    PROTECT(text);
    SEXP copy = Rf_allocVector(RAWSXP, (R_xlen_t)size + 1);
    memcpy(RAW(copy), bytes, size + 1);
    UNPROTECT(1);
    rdc_keep_add(keep, copy, dest);
    store_address(RAW(copy), dest);
    return RDC_OK;
  }
  if (text != string || keep->lasting)
    rdc_keep_add(keep, text, dest);
  store_address(bytes, dest);
  return RDC_OK;
}

/* Passes the addresses of strings. */
static rdc_code put_texts(rdc_encoding encoding, SEXP value, void *dest, rdc_keep *keep,
                          rdc_status *status)
{
  SEXP block;
  rdc_code code = rdc_text_array(encoding, value, 0, &block, status);
  if (code)
    return code;
  if (keep->lasting)
    rdc_keep_inner(block, (size_t)XLENGTH(value));
  rdc_keep_add(keep, block, dest);
  store_address(RAW(block), dest);
  return RDC_OK;
}

/* An address out of an external pointer that is alive; libraries pass their handle. */
static rdc_code put_external(SEXP value, void *dest, rdc_keep *keep, rdc_status *status)
{
  void *address = R_ExternalPtrAddr(value);
  rdc_pointer_kind kind = rdc_pointer_kind_of(value);
  if (kind == RDC_POINTER_FUNCTION || kind == RDC_POINTER_CALLBACK ||
      kind == RDC_POINTER_INTERNAL || kind == RDC_POINTER_R_REGISTERED) {
    rdc_code code = rdc_pointer_code(value, &address, status);
    if (code)
      return code;
  } else if (RDC_UNLIKELY(rdc_pointer_live(value, status))) {
    return status->code;
  }
  if (keep->lasting)
    rdc_keep_add(keep, value, dest);
  store_address(address, dest);
  return RDC_OK;
}

static rdc_code put_untyped(const rdc_type *type, SEXP value, void *dest, rdc_keep *keep,
                            rdc_status *status)
{
  int is_const = type->base->is_const;
  switch (TYPEOF(value)) {
  case NILSXP:
    store_address(NULL, dest);
    return RDC_OK;
  case EXTPTRSXP:
    return put_external(value, dest, keep, status);
  case STRSXP:
    return put_text(type, RDC_UTF8, value, is_const, dest, keep, status);
  case LGLSXP:
  case INTSXP:
  case REALSXP:
  case CPLXSXP:
  case RAWSXP:
    if (XLENGTH(value) < 1)
      return bad_type(type, value, status);
    return put_vector(value, is_const, dest, keep, status);
  case CLOSXP:
    if (rdc_marshal_handle(value) != R_NilValue) {
      void *address;
      rdc_code code = rdc_marshal_bound(rdc_marshal_handle(value), &address, status);
      if (!code)
        store_address(address, dest);
      if (!code && keep->lasting)
        rdc_keep_add(keep, value, dest);
      return code;
    }
    return bad_type(type, value, status);
  default:
    return bad_type(type, value, status);
  }
}

int rdc_marshal_is_tagged(SEXP x, const char *name)
{
  SEXP tag = Rf_getAttrib(x, rdc_symbol.struct_);
  return TYPEOF(tag) == STRSXP && XLENGTH(tag) > 0 && !strcmp(R_CHAR(STRING_ELT(tag, 0)), name);
}

/* Whether x is a typed pointer or an array whose elements are of that type. */
static int points_to(SEXP x, const rdc_type *element)
{
  char text[512];
  rdc_type plain = *element;
  SEXP tag = Rf_getAttrib(x, rdc_symbol.pointee);
  if (TYPEOF(tag) != STRSXP || !XLENGTH(tag))
    return 0;
  plain.is_const = 0;
  rdc_type_text(&plain, text, sizeof text);
  return !strcmp(text, R_CHAR(STRING_ELT(tag, 0)));
}

/* *<Name>: only what is tagged with that name. */
static rdc_code put_named(const rdc_type *type, const char *name, SEXP value, void *dest,
                          rdc_keep *keep, rdc_status *status)
{
  if (!rdc_marshal_is_tagged(value, name) && !points_to(value, type->base))
    return bad_type(type, value, status);
  if (TYPEOF(value) == EXTPTRSXP)
    return put_external(value, dest, keep, status);
  if (!rdc_r_bytes(value))
    return bad_type(type, value, status);
  if (XLENGTH(value) < 1) { /* an empty struct has an address, too */
    SEXP handle = Rf_getAttrib(value, rdc_symbol.typeinfo);
    if (TYPEOF(handle) != EXTPTRSXP || !rdc_type_strip(rdc_typeinfo_type(handle))->is_complete ||
        rdc_type_strip(rdc_typeinfo_type(handle))->size)
      return bad_type(type, value, status);
    static char nothing;
    store_address(&nothing, dest);
    return RDC_OK;
  }
  return put_vector(value, type->base->is_const, dest, keep, status);
}

int rdc_marshal_stores(SEXP value, const rdc_type *element)
{
  switch (element->kind) {
  case RDC_INT:
  case RDC_UINT:
    return TYPEOF(value) == INTSXP && !(Rf_isObject(value) && Rf_isFactor(value));
  case RDC_DOUBLE:
    return TYPEOF(value) == REALSXP && !rdc_marshal_is_integer64(value) &&
           !rdc_marshal_is_uint64(value);
  case RDC_DCOMPLEX:
    return TYPEOF(value) == CPLXSXP;
  case RDC_FLOAT:
    return TYPEOF(value) == RAWSXP && Rf_inherits(value, "floatraw");
  case RDC_BOOL:
  case RDC_CHAR:
  case RDC_UCHAR:
    return TYPEOF(value) == RAWSXP;
  case RDC_LONG:
  case RDC_ULONG:
  case RDC_LLONG:
  case RDC_ULLONG:
    if (element->size == 8 && (rdc_marshal_is_integer64(value) || rdc_marshal_is_uint64(value)))
      return 1;
    break;
  default:
    break;
  }
  /* R has no vectors of these: raw memory in whole elements stands for them */
  return TYPEOF(value) == RAWSXP && !Rf_isObject(value) && element->size &&
         (size_t)XLENGTH(value) % element->size == 0;
}

static rdc_code put_typed(const rdc_type *type, SEXP value, void *dest, rdc_keep *keep,
                          rdc_status *status)
{
  const rdc_type *base = type->base, *element = rdc_type_strip(base);
  const char *name = rdc_type_pointee_name(type);
  rdc_encoding encoding;
  if (value == R_NilValue) {
    store_address(NULL, dest);
    return RDC_OK;
  }
  if (base->kind == RDC_FUNCTION || element->kind == RDC_FUNCTION) {
    if (Rf_isFunction(value) && rdc_marshal_handle(value) == R_NilValue) {
      SEXP callback;
      rdc_code code = rdc_marshal_wrap(base->kind == RDC_FUNCTION ? base : element, value,
                                       keep->scope, &callback, status);
      if (code)
        return code;
      rdc_keep_add(keep, callback, dest);
      return put_external(callback, dest, keep, status);
    }
    if (TYPEOF(value) != EXTPTRSXP && !Rf_isFunction(value))
      return bad_type(type, value, status);
    if (TYPEOF(value) == EXTPTRSXP && R_ExternalPtrAddr(value) &&
        rdc_pointer_kind_of(value) != RDC_POINTER_DATA) {
      void *address;
      rdc_code code = rdc_pointer_code(value, &address, status);
      if (code)
        return code;
    }
    return put_untyped(rdc_type_void_pointer(), value, dest, keep, status);
  }
  if (name && !(base->kind == RDC_NAMED && rdc_type_reserved(name, strlen(name))))
    return put_named(type, name, value, dest, keep, status);
  if (TYPEOF(value) == EXTPTRSXP) {
    if (Rf_getAttrib(value, rdc_symbol.struct_) != R_NilValue ||
        (Rf_getAttrib(value, rdc_symbol.pointee) != R_NilValue && !points_to(value, base)))
      return bad_type(type, value, status);
    return put_external(value, dest, keep, status);
  }
  if (TYPEOF(value) == STRSXP && (element->kind == RDC_CHAR || element->kind == RDC_UCHAR))
    return put_text(type, RDC_UTF8, value, base->is_const, dest, keep, status);
  if (TYPEOF(value) == STRSXP && rdc_text_is(element, &encoding))
    return put_texts(encoding, value, dest, keep, status);
  if (!Rf_isVectorAtomic(value) || TYPEOF(value) == STRSXP || XLENGTH(value) < 1 ||
      !(rdc_marshal_stores(value, element) || points_to(value, base)))
    return bad_type(type, value, status);
  return put_vector(value, base->is_const, dest, keep, status);
}

static rdc_code put_string(const rdc_type *type, rdc_encoding encoding, SEXP value, void *dest,
                           rdc_keep *keep, rdc_status *status)
{
  if (value == R_NilValue) {
    store_address(NULL, dest);
    return RDC_OK;
  }
  if (TYPEOF(value) == EXTPTRSXP)
    return put_external(value, dest, keep, status);
  if (TYPEOF(value) != STRSXP)
    return bad_type(type, value, status);
  return put_text(type, encoding, value, 1, dest, keep, status);
}

static const rdc_label *find_label(const rdc_type *type, const char *name)
{
  for (size_t i = 0; i < type->count; i++)
    if (!strcmp(type->labels[i].name, name))
      return &type->labels[i];
  return NULL;
}

/* An integer as if it was a bit-field. */
static rdc_field all_bits(const rdc_type *bare)
{
  return (rdc_field){.type = bare, .bits = (unsigned)bare->size * 8, .is_bits = 1};
}

/* An enum takes its labels, too; a set of flags takes several. */
static rdc_code put_enum(const rdc_type *type, const rdc_type *bare, SEXP value, void *dest,
                         rdc_status *status)
{
  const rdc_type *declared = rdc_type_enum(type);
  if (!declared || TYPEOF(value) != STRSXP)
    return put_number(type, bare, value, dest, status);
  R_xlen_t n = XLENGTH(value);
  int64_t all = 0;
  if (n < 1 || (n > 1 && !declared->is_flags))
    return bad_type(type, value, status);
  for (R_xlen_t i = 0; i < n; i++) {
    const rdc_label *label = find_label(declared, R_CHAR(STRING_ELT(value, i)));
    if (!label || STRING_ELT(value, i) == NA_STRING)
      return bad_type(type, value, status);
    all |= label->value;
  }
  rdc_field whole = all_bits(bare);
  rdc_layout_bits_put(&whole, dest, all);
  return RDC_OK;
}

static rdc_code put_value(const rdc_type *type, const rdc_type *bare, SEXP value, void *dest,
                          rdc_keep *keep, rdc_status *status)
{
  switch (bare->kind) {
  case RDC_LDOUBLE:
    if (rdc_type_is_exact(type) && TYPEOF(value) == RAWSXP &&
        (size_t)XLENGTH(value) == bare->size) {
      memcpy(dest, RAW_RO(value), bare->size);
      return RDC_OK;
    }
    return put_number(type, bare, value, dest, status);
  case RDC_BOOL:
  case RDC_DOUBLE:
  case RDC_FLOAT:
  case RDC_FCOMPLEX:
  case RDC_DCOMPLEX:
  case RDC_LCOMPLEX:
    return put_number(type, bare, value, dest, status);
  case RDC_POINTER:
    return bare->base->kind == RDC_VOID ? put_untyped(bare, value, dest, keep, status)
                                        : put_typed(bare, value, dest, keep, status);
  case RDC_STRING:
    return put_string(type, bare->encoding, value, dest, keep, status);
  case RDC_SEXP:
    store_address(value, dest);
    if (keep->lasting) { /* in a list, which tells it from a vector whose bytes are meant */
      SEXP one = PROTECT(Rf_allocVector(VECSXP, 1));
      SET_VECTOR_ELT(one, 0, value);
      rdc_keep_add(keep, one, dest);
      UNPROTECT(1);
    }
    return RDC_OK;
  case RDC_ARRAY:
    return rdc_put_array(bare, value, dest, keep, status);
  case RDC_STRUCT:
  case RDC_UNION:
    return rdc_put_record(type, bare, value, dest, keep, status);
  case RDC_NAMED:
    return rdc_fail(status, RDC_TYPE_UNKNOWN, bare->name);
  case RDC_VOID:
  case RDC_FUNCTION:
    return bad_type(type, value, status);
  default:
    return type == bare ? put_number(type, bare, value, dest, status)
                        : put_enum(type, bare, value, dest, status);
  }
}

/* What a converter made of a value. */
static rdc_code put_made(const rdc_type *type, SEXP made, SEXP value, void *dest, rdc_keep *keep,
                         rdc_status *status)
{
  const rdc_type *bare = rdc_type_strip(type);
  PROTECT(made);
  unsigned references = rdc_keep_made(keep, made, value, dest);
  rdc_code code = rdc_put_exact(bare->kind, made, dest)
                      ? RDC_OK
                      : put_value(type, bare, made, dest, keep, status);
  keep->references = references;
  UNPROTECT(1);
  return code;
}

/* rdc_put for a type that is stripped already. The class of a value that does not fit may have a
   converter. */
static rdc_code put_bare(const rdc_type *type, const rdc_type *bare, SEXP value, void *dest,
                         rdc_keep *keep, rdc_status *status)
{
  SEXP made;
  rdc_code code;
  if (RDC_UNLIKELY(bare->is_converted)) {
    code = rdc_convert_to(bare, value, &made, status);
    return code ? code : put_made(rdc_type_plain(bare), made, value, dest, keep, status);
  }
  code = put_value(type, bare, value, dest, keep, status);
  if (RDC_LIKELY(!code) || !Rf_isObject(value))
    return code;
  code = rdc_convert_object(type, value, keep->scope, &made, status);
  return code ? code : put_made(type, made, value, dest, keep, status);
}

rdc_code rdc_put(const rdc_type *type, SEXP value, void *dest, rdc_keep *keep, rdc_status *status)
{
  const rdc_type *bare = rdc_type_values(type);
  return rdc_put_exact(bare->kind, value, dest) ? RDC_OK
                                                : put_bare(type, bare, value, dest, keep, status);
}

size_t rdc_put_arguments(const rdc_plan *plan, const SEXP *args, size_t from, void *frame,
                         rdc_keep *keep, rdc_status *status)
{
  const unsigned *places = plan->abi.places;
  void **values = frame;
  for (size_t i = from; i < plan->nargs; i++) {
    const rdc_type *bare = plan->bare[i];
    char *dest = (char *)frame + (places ? places[i] : plan->slots[i]);
    if (!places)
      values[i] = dest;
    keep->references = rdc_references_of(keep->passed, i);
    if (rdc_put_plain(bare, args[i], dest, keep->references, places != NULL))
      continue;
    if (RDC_UNLIKELY(put_bare(plan->args[i], bare, args[i], dest, keep, status)))
      return i;
    bare = rdc_type_strip(bare);
    if (places && rdc_kind_is_integer(bare->kind)) {
      int64_t wide = rdc_layout_whole(bare, dest);
      memcpy(dest, &wide, sizeof wide);
    }
  }
  return plan->nargs;
}

static rdc_code bad_bits(const rdc_field *field, SEXP value, rdc_status *status)
{
  char type[200], want[256], got[256];
  rdc_type_spell(field->type, NULL, NULL, type, sizeof type);
  snprintf(want, sizeof want, "%s : %u", type, field->bits);
  rdc_describe(value, got, sizeof got);
  return rdc_fail(status, RDC_ARG_RANGE, want, got);
}

static rdc_code put_bits(const rdc_field *field, size_t offset, SEXP value, void *base,
                         rdc_keep *keep, rdc_status *status)
{
  const rdc_type *bare = rdc_type_strip(field->type);
  rdc_whole whole;
  if (bare->kind == RDC_BOOL ||
      TYPEOF(value) == STRSXP) { /* as the whole type, then as one number */
    char all[16] = {0};
    rdc_code code = rdc_put(field->type, value, all, keep, status);
    if (code)
      return code;
    int64_t number = rdc_layout_whole(bare, all);
    whole = (rdc_whole){(uint64_t)number, number < 0 && rdc_kind_is_signed(bare->kind)};
  } else {
    rdc_numbers numbers = rdc_numbers_of(value);
    if (!rdc_numbers_suit(bare, numbers.kind))
      return bad_type(field->type, value, status);
    if (!rdc_number_whole(&numbers, 0, &whole))
      return rdc_marshal_bad(rdc_number_failure(&numbers, 0), field->type, value, status);
  }
  return rdc_put_bits(field, whole, (char *)base + offset - field->offset)
             ? RDC_OK
             : bad_bits(field, value, status);
}

rdc_code rdc_put_field(const rdc_field *field, size_t offset, SEXP value, void *base,
                       rdc_keep *keep, rdc_status *status)
{
  rdc_code code;
  SEXP made = value;
  if (!field->is_bits)
    return rdc_put(field->type, value, (char *)base + offset, keep, status);
  rdc_field plain = *field;
  plain.type = rdc_type_plain(field->type);
  if (field->type->is_converted) {
    code = rdc_convert_to(field->type, value, &made, status);
  } else {
    code = put_bits(field, offset, value, base, keep, status);
    if (!code || !Rf_isObject(value))
      return code;
    code = rdc_convert_object(field->type, value, keep->scope, &made, status);
  }
  PROTECT(made);
  code = code ? code : put_bits(&plain, offset, made, base, keep, status);
  UNPROTECT(1);
  return code;
}
