/* get: C values to R values. Every rule of ?conversions for results is here and nowhere else. */
#include "marshal.h"

#include "convert.h"
#include "text.h"

#include <string.h>

static SEXP set_class(SEXP x, const char *name)
{
  PROTECT(x);
  Rf_setAttrib(x, R_ClassSymbol, PROTECT(Rf_mkString(name)));
  UNPROTECT(2);
  return x;
}

/* The integer at src, which is a bit-field when field says so. */
static int64_t whole_at(const rdc_field *field, const rdc_type *bare, const void *src)
{
  return field && field->is_bits ? rdc_layout_bits_get(field, (const char *)src - field->offset)
                                 : rdc_layout_whole(bare, src);
}

/* How R holds integers. */
typedef enum whole_face {
  FACE_LOGICAL,
  FACE_INTEGER,
  FACE_DOUBLE,
  FACE_INTEGER64,
  FACE_UINT64
} whole_face;

/* The face that shows n integers. Unless the view is fixed, a value that has no R integer (the bits of NA) makes all of them
   double, one that has no integer64 makes them uint64. */
static whole_face choose_face(const rdc_field *field, const rdc_type *bare, const char *base,
                              size_t stride, R_xlen_t n, const rdc_view *view)
{
  switch (bare->kind) {
  case RDC_BOOL:
    return FACE_LOGICAL;
  case RDC_UINT:
    return FACE_DOUBLE;
  case RDC_LONG:
  case RDC_LLONG:
    return view->integer64 ? FACE_INTEGER64 : FACE_DOUBLE;
  case RDC_ULONG:
  case RDC_ULLONG:
    if (!view->integer64)
      return FACE_DOUBLE;
    if (view->fixed)
      return FACE_UINT64;
    for (R_xlen_t i = 0; i < n; i++)
      if (whole_at(field, bare, base + (size_t)i * stride) < 0 && bare->size == 8)
        return FACE_UINT64;
    return FACE_INTEGER64;
  case RDC_INT:
    for (R_xlen_t i = 0; i < n && !view->fixed; i++)
      if (whole_at(field, bare, base + (size_t)i * stride) == INT32_MIN)
        return FACE_DOUBLE;
    return FACE_INTEGER;
  default:
    return FACE_INTEGER;
  }
}

/* A 64-bit integer as a double; notes when it does not fit. */
static inline double whole_double(const rdc_type *bare, int64_t value, rdc_view *view)
{
  const int64_t most = 9007199254740992; /* all integers up to here are doubles */
  if (RDC_LIKELY(value <= most && value >= -most && (value >= 0 || rdc_kind_is_signed(bare->kind))))
    return (double)value;
  if (bare->size == 8 && !rdc_kind_is_signed(bare->kind)) {
    uint64_t bits = (uint64_t)value;
    double d = (double)bits;
    view->lossy |= d >= 18446744073709551616.0 || (uint64_t)d != bits;
    return d;
  }
  double d = (double)value;
  view->lossy |= d >= 9223372036854775808.0 || (int64_t)d != value;
  return d;
}

/* Writes one integer as an element of a vector. */
static inline void fill_whole(whole_face face, const rdc_type *bare, int64_t value, rdc_view *view,
                              R_xlen_t i, void *to)
{
  int *ints = to;
  double *doubles = to;
  if (face == FACE_LOGICAL)
    ints[i] = value != 0;
  else if (face == FACE_INTEGER)
    ints[i] = (int)value;
  else if (face == FACE_DOUBLE)
    doubles[i] = whole_double(bare, value, view);
  else
    memcpy(&doubles[i], &value, sizeof value);
}

/* The integer types with the faces that they have, for loops without branches. */
#define FILL_LOOPS(X)                                                                              \
  X(uint8_t, RDC_BOOL, FACE_LOGICAL)                                                               \
  X(int8_t, RDC_CHAR, FACE_INTEGER)                                                                \
  X(uint8_t, RDC_UCHAR, FACE_INTEGER)                                                              \
  X(short, RDC_SHORT, FACE_INTEGER)                                                                \
  X(unsigned short, RDC_USHORT, FACE_INTEGER)                                                      \
  X(int, RDC_INT, FACE_INTEGER)                                                                    \
  X(int, RDC_INT, FACE_DOUBLE)                                                                     \
  X(unsigned, RDC_UINT, FACE_DOUBLE)                                                               \
  X(long, RDC_LONG, FACE_DOUBLE)                                                                   \
  X(unsigned long, RDC_ULONG, FACE_DOUBLE)                                                         \
  X(long long, RDC_LLONG, FACE_DOUBLE)                                                             \
  X(unsigned long long, RDC_ULLONG, FACE_DOUBLE)

/* Writes n integers as elements of a vector. */
static void fill_wholes(whole_face face, const rdc_field *field, const rdc_type *bare,
                        const char *base, size_t stride, R_xlen_t n, rdc_view *view, void *to)
{
#define X(type, of, shown)                                                                         \
  if (bare->kind == of && face == shown && !(field && field->is_bits)) {                           \
    for (R_xlen_t i = 0; i < n; i++) {                                                             \
      type value;                                                                                  \
      memcpy(&value, base + (size_t)i * stride, sizeof value);                                     \
      fill_whole(shown, bare, (int64_t)value, view, i, to);                                        \
    }                                                                                              \
    return;                                                                                        \
  }
  FILL_LOOPS(X)
#undef X
  for (R_xlen_t i = 0; i < n; i++)
    fill_whole(face, bare, whole_at(field, bare, base + (size_t)i * stride), view, i, to);
}

static SEXP get_wholes(const rdc_field *field, const rdc_type *bare, const char *base,
                       size_t stride, R_xlen_t n, rdc_view *view)
{
  whole_face face = choose_face(field, bare, base, stride, n, view);
  SEXP made = Rf_allocVector(face == FACE_LOGICAL   ? LGLSXP
                             : face == FACE_INTEGER ? INTSXP
                                                    : REALSXP,
                             n);
  fill_wholes(face, field, bare, base, stride, n, view, rdc_r_bytes(made));
  return face == FACE_INTEGER64 ? set_class(made, "integer64")
         : face == FACE_UINT64  ? set_class(made, "uint64")
                                : made;
}

/* One integer that has no labels: get_wholes without a vector's loops. */
static SEXP get_whole(const rdc_type *bare, const void *src, rdc_view *view)
{
  whole_face face = choose_face(NULL, bare, src, 0, 1, view);
  int64_t value = rdc_layout_whole(bare, src);
  switch (face) {
  case FACE_LOGICAL:
    return Rf_ScalarLogical(value != 0);
  case FACE_INTEGER:
    return Rf_ScalarInteger((int)value);
  case FACE_DOUBLE:
    return Rf_ScalarReal(whole_double(bare, value, view));
  default:
    return get_wholes(NULL, bare, src, 0, 1, view);
  }
}

static SEXP get_string(rdc_encoding encoding, const char *text)
{
  if (!text)
    return R_NilValue;
  size_t n = RDC_LIKELY(encoding == RDC_UTF8) ? strlen(text)
                                              : rdc_encoding_length(encoding, text, RDC_NOWHERE);
  return Rf_ScalarString(rdc_text_read(encoding, text, n));
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

/* Attributes are copied from an object that is made once for a type, which takes less than making them. It
   has no handle: object.size() would follow that in a circle. */
void rdc_marshal_tag(SEXP x, const rdc_type *type)
{
  PROTECT(x);
  if (!type->owner) {
    rdc_marshal_tag_name(x, type->name ? type->name : "", R_NilValue);
    UNPROTECT(1);
    return;
  }
  SEXP tags = rdc_typeinfo_tags(type->owner, RDC_TAGS_OBJECT);
  if (RDC_UNLIKELY(tags == R_NilValue)) {
    tags = PROTECT(Rf_allocVector(RAWSXP, 0));
    rdc_marshal_tag_name(tags, type->name ? type->name : "", R_NilValue);
    rdc_typeinfo_set_tags(type->owner, RDC_TAGS_OBJECT, tags);
    UNPROTECT(1);
  }
  Rf_setAttrib(x, rdc_symbol.typeinfo, type->owner); /* first, where it is found soonest */
  Rf_copyMostAttrib(tags, x);
  rdc_keep_mark(x, type);
  UNPROTECT(1);
}

static SEXP get_pointer(const rdc_type *bare, void *address, rdc_view *view)
{
  const rdc_type *base = bare->base;
  const char *name = rdc_type_pointee_name(bare);
  char text[256];
  if (base->kind == RDC_CHAR || base->kind == RDC_UCHAR)
    return get_string(RDC_UTF8, address);
  if (base->kind == RDC_FUNCTION) {
    if (!address)
      return R_NilValue;
    rdc_type_text(base, text, sizeof text);
    SEXP where = PROTECT(rdc_pointer_new(RDC_POINTER_DATA, address, R_NilValue));
    SEXP call = PROTECT(Rf_lang4(rdc_hook.callable, where, R_NilValue, view->scope));
    SETCADDR(call, Rf_mkString(text + 1)); /* behind the parenthesis */
    SEXP f = Rf_eval(call, R_GlobalEnv);
    UNPROTECT(2);
    return f;
  }
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
  if (base->is_const)
    rdc_pointer_set_const(made);
  UNPROTECT(1);
  return made;
}

static SEXP get_record(const rdc_type *type, const rdc_type *bare, const void *src, rdc_view *view)
{
  SEXP made;
  if (view->owner) {
    made = PROTECT(rdc_pointer_derive(view->owner, src));
    if (type->is_const)
      rdc_pointer_set_const(made);
  } else {
    made = PROTECT(Rf_allocVector(RAWSXP, (R_xlen_t)bare->size));
    if (bare->size)
      memcpy(RAW(made), src, bare->size);
  }
  rdc_marshal_tag(made, bare);
  UNPROTECT(1);
  return made;
}

static Rcomplex complex_at(const rdc_type *bare, const void *src)
{
  const rdc_type *part = rdc_type_letter(bare->kind == RDC_FCOMPLEX   ? 'f'
                                         : bare->kind == RDC_DCOMPLEX ? 'd'
                                                                      : 'D');
  Rcomplex z;
  z.r = rdc_layout_real(part, src);
  z.i = rdc_layout_real(part, (const char *)src + bare->size / 2);
  return z;
}

/* Writes n reals or complex numbers as elements of a vector. */
static void fill_reals(const rdc_type *bare, const char *base, size_t stride, R_xlen_t n, void *to)
{
  double *reals = to;
  Rcomplex *complexes = to;
  if (bare->kind == RDC_FLOAT) {
    for (R_xlen_t i = 0; i < n; i++) {
      float f;
      memcpy(&f, base + (size_t)i * stride, sizeof f);
      reals[i] = f;
    }
    return;
  }
  for (R_xlen_t i = 0; i < n; i++) {
    if (rdc_kind_is_real(bare->kind))
      reals[i] = rdc_layout_real(bare, base + (size_t)i * stride);
    else
      complexes[i] = complex_at(bare, base + (size_t)i * stride);
  }
}

void rdc_get_numbers(const rdc_type *bare, const void *src, size_t stride, R_xlen_t n,
                     rdc_view *view, SEXP to, R_xlen_t at)
{
  void *dest = (char *)rdc_r_bytes(to) + (size_t)at * rdc_r_element_size(to);
  if (rdc_kind_is_integer(bare->kind))
    fill_wholes(choose_face(NULL, bare, src, stride, n, view), NULL, bare, src, stride, n, view,
                dest);
  else
    fill_reals(bare, src, stride, n, dest);
}

/* The text in a char array, up to a nul if there is one. */
static SEXP text_at(const char *bytes, size_t size)
{
  const char *end = size ? memchr(bytes, 0, size) : bytes;
  return Rf_mkCharLenCE(bytes, (int)(end ? (size_t)(end - bytes) : size), CE_UTF8);
}

static int is_text_array(const rdc_type *bare)
{
  return bare->kind == RDC_ARRAY && !bare->base->is_converted &&
         rdc_type_strip(bare->base)->kind == RDC_CHAR;
}

SEXP rdc_get_labels(const rdc_type *declared, SEXP values)
{
  char text[512];
  int any = 0;
  R_xlen_t n = XLENGTH(values);
  PROTECT(values);
  SEXP names = PROTECT(Rf_allocVector(STRSXP, n));
  for (R_xlen_t i = 0; i < n; i++) {
    int64_t value = TYPEOF(values) == INTSXP    ? INTEGER(values)[i]
                    : TYPEOF(values) == REALSXP ? (int64_t)REAL(values)[i]
                                                : LOGICAL(values)[i];
    rdc_type_labels(declared, value, text, sizeof text);
    any |= text[0] != 0;
    SET_STRING_ELT(names, i, Rf_mkCharCE(text, CE_UTF8));
  }
  if (any)
    Rf_setAttrib(values, R_NamesSymbol, names);
  UNPROTECT(2);
  return values;
}

/* What the converters of a type make of a value or of n; raises what they do. */
static SEXP converted(const rdc_type *type, SEXP value, R_xlen_t n, int many)
{
  rdc_status status;
  SEXP made;
  rdc_status_clear(&status);
  PROTECT(value);
  if (many ? rdc_convert_from_many(type, value, n, &made, &status)
           : rdc_convert_from(type, value, &made, &status))
    rdc_raise(&status, NULL);
  UNPROTECT(1);
  return made;
}

SEXP rdc_get_unconverted(const rdc_field *field, const rdc_type *type, const void *src,
                         size_t stride, R_xlen_t n, rdc_view *view)
{
  const rdc_type *base = rdc_type_plain(type);
  const char *at = src;
  rdc_field plain;
  if (field) {
    plain = *field;
    plain.type = base;
    field = &plain;
  }
  if (!rdc_convert_wants_list(type))
    return rdc_get_many(field, base, src, stride, n, view);
  SEXP made = PROTECT(Rf_allocVector(VECSXP, n));
  for (R_xlen_t i = 0; i < n; i++, at += stride)
    SET_VECTOR_ELT(made, i, field ? rdc_get_field(field, 0, at, view) : rdc_get(base, at, view));
  UNPROTECT(1);
  return made;
}

SEXP rdc_get_many(const rdc_field *field, const rdc_type *type, const void *src, size_t stride,
                  R_xlen_t n, rdc_view *view)
{
  if (RDC_UNLIKELY(type->is_converted))
    return converted(type, rdc_get_unconverted(field, type, src, stride, n, view), n, 1);
  const rdc_type *bare = rdc_type_strip(type), *declared = rdc_type_enum(type);
  const char *base = src;
  SEXP made;
  if (rdc_kind_is_integer(bare->kind)) {
    made = get_wholes(field, bare, base, stride, n, view);
    return declared && !view->integer64 ? rdc_get_labels(declared, made) : made;
  }
  if (rdc_kind_is_real(bare->kind) && !rdc_type_is_exact(type)) {
    made = Rf_allocVector(REALSXP, n);
    fill_reals(bare, base, stride, n, REAL(made));
    return made;
  }
  if (bare->kind == RDC_FCOMPLEX || bare->kind == RDC_DCOMPLEX || bare->kind == RDC_LCOMPLEX) {
    made = Rf_allocVector(CPLXSXP, n);
    fill_reals(bare, base, stride, n, COMPLEX(made));
    return made;
  }
  if (bare->kind == RDC_STRING || is_text_array(bare)) {
    made = PROTECT(Rf_allocVector(STRSXP, n));
    for (R_xlen_t i = 0; i < n; i++) {
      const char *at = base + (size_t)i * stride;
      void *address;
      if (bare->kind == RDC_ARRAY) {
        SET_STRING_ELT(made, i, text_at(at, bare->count));
        continue;
      }
      memcpy(&address, at, sizeof address);
      SEXP one = PROTECT(get_string(bare->encoding, address));
      SET_STRING_ELT(made, i, one == R_NilValue ? NA_STRING : STRING_ELT(one, 0));
      UNPROTECT(1);
    }
    UNPROTECT(1);
    return made;
  }
  made = PROTECT(Rf_allocVector(VECSXP, n));
  for (R_xlen_t i = 0; i < n; i++)
    SET_VECTOR_ELT(made, i, rdc_get(type, base + (size_t)i * stride, view));
  UNPROTECT(1);
  return made;
}

/* C counts the last index fastest, R the first: flat holds C's order. */
static SEXP turn(SEXP flat, SEXP dim)
{
  R_xlen_t n = XLENGTH(flat);
  int k = LENGTH(dim);
  PROTECT(flat);
  SEXP made = PROTECT(Rf_allocVector(TYPEOF(flat), n));
  for (R_xlen_t c = 0; c < n; c++) {
    R_xlen_t to = rdc_marshal_turned(c, INTEGER(dim), k);
    if (TYPEOF(flat) == VECSXP)
      SET_VECTOR_ELT(made, to, VECTOR_ELT(flat, c));
    else if (TYPEOF(flat) == STRSXP)
      SET_STRING_ELT(made, to, STRING_ELT(flat, c));
    else
      memcpy((char *)rdc_r_bytes(made) + (size_t)to * rdc_r_element_size(made),
             (char *)rdc_r_bytes(flat) + (size_t)c * rdc_r_element_size(flat),
             rdc_r_element_size(flat));
  }
  Rf_copyMostAttrib(flat, made);
  Rf_setAttrib(made, R_DimSymbol, dim);
  UNPROTECT(2);
  return made;
}

SEXP rdc_marshal_dim(const rdc_type *array, const rdc_type **element)
{
  int dims[RDC_MAX_NESTING], k = 0;
  while (array->kind == RDC_ARRAY && !is_text_array(array) && k < RDC_MAX_NESTING) {
    const rdc_type *inner = array->base->is_converted ? array->base : rdc_type_strip(array->base);
    dims[k++] = (int)array->count;
    array = inner->kind == RDC_ARRAY ? inner : array->base;
  }
  *element = array;
  SEXP dim = Rf_allocVector(INTSXP, k);
  for (int i = 0; i < k; i++)
    INTEGER(dim)[i] = dims[i];
  return dim;
}

R_xlen_t rdc_marshal_turned(R_xlen_t c, const int *dim, int k)
{
  R_xlen_t to = 0, step = 1;
  for (int i = 0; i < k; i++)
    step *= dim[i];
  for (int i = k; i-- > 0;) {
    step /= dim[i];
    to += c % dim[i] * step;
    c /= dim[i];
  }
  return to;
}

static SEXP get_array(const rdc_type *type, const void *src, rdc_view *view)
{
  const rdc_type *element;
  if (is_text_array(type))
    return Rf_ScalarString(text_at(src, type->count));
  SEXP dim = PROTECT(rdc_marshal_dim(type, &element)), made;
  const rdc_type *bare = rdc_type_strip(element);
  R_xlen_t n = 1;
  for (int i = 0; i < LENGTH(dim); i++)
    n *= INTEGER(dim)[i];
  if (bare->kind == RDC_UCHAR && !element->is_converted) {
    made = PROTECT(Rf_allocVector(RAWSXP, n));
    if (n)
      memcpy(RAW(made), src, (size_t)n);
  } else {
    made = PROTECT(rdc_get_many(NULL, element, src, bare->size, n, view));
  }
  if (LENGTH(dim) > 1)
    made = turn(made, dim);
  UNPROTECT(2);
  return made;
}

/* The exact bytes of a long double. */
static SEXP get_exact(const rdc_type *bare, const void *src)
{
  SEXP made = Rf_allocVector(RAWSXP, (R_xlen_t)bare->size);
  memcpy(RAW(made), src, bare->size);
  return made;
}

RDC_NOINLINE static SEXP get_bare(const rdc_type *type, const rdc_type *bare, const void *src,
                                  rdc_view *view)
{
  void *address;
  switch (bare->kind) {
  case RDC_LDOUBLE:
    return rdc_type_is_exact(type) ? get_exact(bare, src) : Rf_ScalarReal(rdc_layout_real(bare, src));
  case RDC_POINTER:
    memcpy(&address, src, sizeof address);
    return get_pointer(bare, address, view);
  case RDC_STRING:
    memcpy(&address, src, sizeof address);
    return get_string(bare->encoding, address);
  case RDC_SEXP:
    memcpy(&address, src, sizeof address);
    return address ? (SEXP)address : R_NilValue;
  case RDC_ARRAY:
    return get_array(bare, src, view);
  case RDC_STRUCT:
  case RDC_UNION:
    return get_record(type, bare, src, view);
  case RDC_NAMED:
    if (bare->is_converted)
      return converted(bare, rdc_get(rdc_type_plain(bare), src, view), 1, 0);
    return R_NilValue;
  case RDC_VOID: /* calls return nothing by themselves */
  case RDC_FUNCTION:
  case RDC_ENUM:
    return R_NilValue; /* plans and layouts refuse values of these */
  default:
    return type == bare && rdc_kind_is_integer(bare->kind)
               ? get_whole(bare, src, view)
               : rdc_get_many(NULL, type, src, 0, 1, view);
  }
}

SEXP rdc_get_bare(const rdc_type *type, const rdc_type *bare, const void *src, rdc_view *view)
{
  double d;
  int i;
  if (bare->kind == RDC_DOUBLE) {
    memcpy(&d, src, sizeof d);
    return Rf_ScalarReal(d);
  }
  if (type->kind == RDC_INT) {
    memcpy(&i, src, sizeof i);
    if (i != NA_INTEGER)
      return Rf_ScalarInteger(i);
  }
  if (type->kind >= RDC_LONG && type->kind <= RDC_ULLONG && type->size == 8 && !view->integer64) {
    int64_t whole;
    memcpy(&whole, src, sizeof whole);
    return Rf_ScalarReal(whole_double(type, whole, view));
  }
  return get_bare(type, bare, src, view);
}

int rdc_get_uses_again(const rdc_type *bare)
{
  return bare->kind == RDC_DOUBLE || bare->kind == RDC_INT;
}

SEXP rdc_get_again(const rdc_type *type, const rdc_type *bare, const void *src, rdc_view *view,
                   SEXP before)
{
  int i;
  if (bare->kind == RDC_DOUBLE && TYPEOF(before) == REALSXP && !MAYBE_SHARED(before)) {
    memcpy(REAL(before), src, sizeof(double));
    return before;
  }
  if (type->kind == RDC_INT && TYPEOF(before) == INTSXP && !MAYBE_SHARED(before)) {
    memcpy(&i, src, sizeof i);
    if (i != NA_INTEGER) {
      INTEGER(before)[0] = i;
      return before;
    }
  }
  return rdc_get_bare(type, bare, src, view);
}

SEXP rdc_get(const rdc_type *type, const void *src, rdc_view *view)
{
  return rdc_get_bare(type, rdc_type_values(type), src, view);
}

SEXP rdc_get_field(const rdc_field *field, size_t offset, const void *base, rdc_view *view)
{
  const char *src = (const char *)base + offset;
  return field->is_bits ? rdc_get_many(field, field->type, src, 0, 1, view)
                        : rdc_get(field->type, src, view);
}

rdc_code rdc_get_finish(const rdc_type *type, SEXP x, int64_t offset, SEXP *value,
                        rdc_status *status)
{
  rdc_status_clear(status);
  rdc_keep_pass(x, offset, *value);
  return RDC_LIKELY(!type->is_converted) ? RDC_OK : rdc_convert_from(type, *value, value, status);
}

void rdc_marshal_warn_lossy(void)
{
  rdc_warn("lossy", "a 64-bit integer does not fit into a double exactly; "
                    "options(rdyncall.int64 = \"integer64\") keeps all digits");
}

int rdc_marshal_option_integer64(const rdc_type *type)
{
  type = rdc_type_strip(type);
  while (type->kind == RDC_ARRAY)
    type = rdc_type_strip(type->base);
  if (type->size != 8 || !rdc_kind_is_integer(type->kind))
    return 0;
  SEXP option = Rf_GetOption1(rdc_symbol.int64);
  return option != R_NilValue && rdc_r_is_string(option) &&
         !strcmp(R_CHAR(STRING_ELT(option, 0)), "integer64");
}
