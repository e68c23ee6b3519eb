/* get: C values to R values. Every rule of ?conversions for results is here and nowhere else. */
#include "marshal.h"

#include <string.h>

static SEXP set_class(SEXP x, const char *name)
{
  PROTECT(x);
  Rf_setAttrib(x, R_ClassSymbol, PROTECT(Rf_mkString(name)));
  UNPROTECT(2);
  return x;
}

static SEXP get_integer64(int64_t value)
{
  double bits;
  memcpy(&bits, &value, sizeof bits);
  return set_class(Rf_ScalarReal(bits), "integer64");
}

static SEXP get_signed64(int64_t value, rdc_view *view)
{
  if (view->integer64)
    return get_integer64(value);
  if (value > 9007199254740992 || value < -9007199254740992)
    view->lossy |= (double)value >= 9223372036854775808.0 || (int64_t)(double)value != value;
  return Rf_ScalarReal((double)value);
}

static SEXP get_unsigned64(uint64_t value, rdc_view *view)
{
  if (view->integer64 && value <= (uint64_t)INT64_MAX)
    return get_integer64((int64_t)value);
  if (value > 9007199254740992u)
    view->lossy |= (double)value >= 18446744073709551616.0 || (uint64_t)(double)value != value;
  return Rf_ScalarReal((double)value);
}

/* Loads an integer of so many bytes, extended to 64 bits. */
static int64_t load(const void *src, size_t size, int is_signed)
{
  int8_t b;
  int16_t s;
  int32_t i;
  int64_t l;
  switch (size) {
  case 1:
    memcpy(&b, src, 1);
    return is_signed ? (int64_t)b : (int64_t)(uint8_t)b;
  case 2:
    memcpy(&s, src, 2);
    return is_signed ? (int64_t)s : (int64_t)(uint16_t)s;
  case 4:
    memcpy(&i, src, 4);
    return is_signed ? (int64_t)i : (int64_t)(uint32_t)i;
  default:
    memcpy(&l, src, 8);
    return l;
  }
}

static SEXP get_integer(const rdc_type *bare, int64_t value, rdc_view *view)
{
  switch (bare->kind) {
  case RDC_BOOL:
    return Rf_ScalarLogical(value != 0);
  case RDC_UINT:
    return Rf_ScalarReal((double)(uint32_t)value);
  case RDC_LONG:
  case RDC_LLONG:
    return get_signed64(value, view);
  case RDC_ULONG:
  case RDC_ULLONG: {
    uint64_t bits = bare->size == 8 ? (uint64_t)value : (uint32_t)value;
    return get_unsigned64(bits, view);
  }
  default:
    /* R's integer has no such value: it is NA there */
    return value == INT32_MIN ? Rf_ScalarReal((double)value) : Rf_ScalarInteger((int)value);
  }
}

static SEXP get_string(const char *text)
{
  if (!text)
    return R_NilValue;
  size_t n = strlen(text);
  if (n > INT32_MAX)
    rdc_raise_code(RDC_ARG_LENGTH, "a string of less than 2^31 bytes", "a longer one");
  return Rf_ScalarString(Rf_mkCharLenCE(text, (int)n, CE_UTF8));
}

void rdc_marshal_tag_name(SEXP x, const char *name, SEXP scope)
{
  PROTECT(x);
  Rf_setAttrib(x, rdc_symbol.struct_, PROTECT(Rf_mkString(name)));
  if (scope != R_NilValue)
    Rf_setAttrib(x, rdc_symbol.scope, scope);
  set_class(x, "struct");
  UNPROTECT(2);
}

void rdc_marshal_tag(SEXP x, const rdc_type *type)
{
  PROTECT(x);
  Rf_setAttrib(x, rdc_symbol.struct_, PROTECT(Rf_mkString(type->name ? type->name : "")));
  if (type->owner)
    Rf_setAttrib(x, rdc_symbol.typeinfo, (SEXP)type->owner);
  set_class(x, "struct");
  UNPROTECT(2);
}

static SEXP get_pointer(const rdc_type *bare, void *address, rdc_view *view)
{
  const rdc_type *base = bare->base;
  const char *name = rdc_type_pointee_name(bare);
  char text[256];
  if (base->kind == RDC_CHAR || base->kind == RDC_UCHAR)
    return get_string(address);
  SEXP made = PROTECT(rdc_pointer_new(RDC_POINTER_DATA, address, R_NilValue));
  if (name && !rdc_type_reserved(name, strlen(name))) {
    const rdc_type *known = rdc_type_strip(base);
    if (known->owner && known->name && !strcmp(known->name, name))
      rdc_marshal_tag(made, known);
    else
      rdc_marshal_tag_name(made, name, view->scope);
  } else if (base->kind != RDC_VOID) {
    rdc_type plain = *base;
    plain.is_const = 0;
    rdc_type_text(&plain, text, sizeof text);
    Rf_setAttrib(made, rdc_symbol.pointee, PROTECT(Rf_mkString(text)));
    UNPROTECT(1);
  }
  UNPROTECT(1);
  return made;
}

static SEXP get_record(const rdc_type *bare, const void *src, rdc_view *view)
{
  SEXP made;
  if (view->owner) {
    made = PROTECT(rdc_pointer_new(RDC_POINTER_DATA, (void *)(uintptr_t)src, view->owner));
  } else {
    made = PROTECT(Rf_allocVector(RAWSXP, (R_xlen_t)bare->size));
    if (bare->size)
      memcpy(RAW(made), src, bare->size);
  }
  rdc_marshal_tag(made, bare);
  UNPROTECT(1);
  return made;
}

static SEXP get_array(const rdc_type *type, const void *src, rdc_view *view)
{
  const rdc_type *element = rdc_type_strip(type->base);
  const char *bytes = src;
  R_xlen_t n = (R_xlen_t)type->count;
  SEXP made;
  if (element->kind == RDC_CHAR) {
    const char *end = n ? memchr(bytes, 0, type->count) : bytes;
    int length = (int)(end ? (size_t)(end - bytes) : type->count);
    return Rf_ScalarString(Rf_mkCharLenCE(bytes, length, CE_UTF8));
  }
  if (element->kind == RDC_UCHAR) {
    made = Rf_allocVector(RAWSXP, n);
    if (n)
      memcpy(RAW(made), src, (size_t)n);
    return made;
  }
  made = PROTECT(Rf_allocVector(VECSXP, n));
  int kind = element->kind == RDC_ARRAY ? VECSXP : NILSXP;
  for (R_xlen_t i = 0; i < n; i++) {
    SEXP one = rdc_get(type->base, bytes + (size_t)i * element->size, view);
    SET_VECTOR_ELT(made, i, one);
    int this = Rf_isVectorAtomic(one) && !(Rf_isObject(one) && !rdc_marshal_is_integer64(one)) &&
                       TYPEOF(one) != RAWSXP && XLENGTH(one) == 1
                   ? TYPEOF(one)
                   : VECSXP;
    kind = kind == NILSXP || kind == this                                               ? this
           : (kind == INTSXP && this == REALSXP) || (kind == REALSXP && this == INTSXP) ? REALSXP
                                                                                        : VECSXP;
  }
  if (kind == VECSXP || kind == NILSXP) {
    UNPROTECT(1);
    return made;
  }
  SEXP vector = PROTECT(Rf_allocVector((SEXPTYPE)kind, n));
  for (R_xlen_t i = 0; i < n; i++) {
    SEXP one = VECTOR_ELT(made, i);
    if (kind == STRSXP)
      SET_STRING_ELT(vector, i, STRING_ELT(one, 0));
    else if (kind == REALSXP && TYPEOF(one) == INTSXP)
      REAL(vector)[i] = INTEGER_ELT(one, 0);
    else
      memcpy((char *)rdc_r_bytes(vector) + (size_t)i * rdc_r_element_size(vector), rdc_r_bytes(one),
             rdc_r_element_size(vector));
  }
  if (n && rdc_marshal_is_integer64(VECTOR_ELT(made, 0)))
    set_class(vector, "integer64");
  UNPROTECT(2);
  return vector;
}

static SEXP get_floating(const rdc_type *bare, const void *src)
{
  double d;
  float f;
  long double wide;
  if (bare->kind == RDC_FLOAT) {
    memcpy(&f, src, sizeof f);
    d = f;
  } else if (bare->kind == RDC_LDOUBLE) {
    memcpy(&wide, src, sizeof wide);
    d = (double)wide;
  } else {
    memcpy(&d, src, sizeof d);
  }
  return Rf_ScalarReal(d);
}

static SEXP get_complex(const rdc_type *bare, const void *src)
{
  Rcomplex z;
  if (bare->kind == RDC_DCOMPLEX) {
    memcpy(&z, src, sizeof z);
  } else if (bare->kind == RDC_FCOMPLEX) {
    float parts[2];
    memcpy(parts, src, sizeof parts);
    z.r = parts[0];
    z.i = parts[1];
  } else {
    long double parts[2];
    memcpy(parts, src, sizeof parts);
    z.r = (double)parts[0];
    z.i = (double)parts[1];
  }
  return Rf_ScalarComplex(z);
}

SEXP rdc_get(const rdc_type *type, const void *src, rdc_view *view)
{
  const rdc_type *bare = rdc_type_strip(type);
  void *address;
  switch (bare->kind) {
  case RDC_VOID:
    return R_NilValue;
  case RDC_FLOAT:
  case RDC_DOUBLE:
  case RDC_LDOUBLE:
    return get_floating(bare, src);
  case RDC_FCOMPLEX:
  case RDC_DCOMPLEX:
  case RDC_LCOMPLEX:
    return get_complex(bare, src);
  case RDC_POINTER:
    memcpy(&address, src, sizeof address);
    return get_pointer(bare, address, view);
  case RDC_STRING:
    memcpy(&address, src, sizeof address);
    return get_string(address);
  case RDC_SEXP:
    memcpy(&address, src, sizeof address);
    return address ? (SEXP)address : R_NilValue;
  case RDC_ARRAY:
    return get_array(bare, src, view);
  case RDC_STRUCT:
  case RDC_UNION:
    return get_record(bare, src, view);
  case RDC_FUNCTION:
  case RDC_ENUM:
  case RDC_NAMED:
    return R_NilValue; /* plans and layouts refuse values of these */
  default:
    return get_integer(bare, load(src, bare->size, rdc_kind_is_signed(bare->kind)), view);
  }
}

SEXP rdc_get_field(const rdc_field *field, size_t offset, const void *base, rdc_view *view)
{
  if (!field->is_bits)
    return rdc_get(field->type, (const char *)base + offset, view);
  return get_integer(rdc_type_strip(field->type),
                     rdc_layout_bits_get(field, (const char *)base + offset - field->offset), view);
}

void rdc_marshal_warn_lossy(void)
{
  rdc_warn("lossy", "a 64-bit integer does not fit into a double exactly; "
                    "options(rdyncall.int64 = \"integer64\") keeps all digits");
}

int rdc_marshal_option_integer64(void)
{
  SEXP option = Rf_GetOption1(rdc_symbol.int64);
  return option != R_NilValue && rdc_r_is_string(option) &&
         !strcmp(R_CHAR(STRING_ELT(option, 0)), "integer64");
}
