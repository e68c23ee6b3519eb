/* Elements, ranges and columns of arrays. */
#include "array.h"

#include <stdio.h>
#include <string.h>

#include "convert.h"
#include "layout.h"
#include "marshal.h"

/* An array seen from C. */
typedef struct array {
  const rdc_type *type; /* of an element, as declared */
  size_t size;          /* bytes of an element */
  R_xlen_t count;       /* elements */
  char *base;           /* first element */
  SEXP env;             /* where names resolve */
} array;

const rdc_type *rdc_array_element(SEXP handle)
{
  const rdc_type *type = rdc_typeinfo_type(handle), *bare = rdc_type_strip(type);
  char text[160];
  if (!bare->is_complete || !bare->size) {
    rdc_type_spell(type, NULL, NULL, text, sizeof text);
    rdc_raise_code(RDC_TYPE_INCOMPLETE, text);
  }
  return type;
}

static array array_open(SEXP x)
{
  array a;
  rdc_status status;
  void *base;
  char got[256];
  SEXP handle = Rf_getAttrib(x, rdc_symbol.typeinfo), count;
  if (TYPEOF(handle) != EXTPTRSXP || (TYPEOF(x) != RAWSXP && TYPEOF(x) != EXTPTRSXP)) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "an array made by new.array or as.carray", got);
  }
  a.type = rdc_array_element(handle);
  a.size = rdc_type_strip(a.type)->size;
  a.env = rdc_typeinfo_env(handle);
  count = Rf_getAttrib(x, rdc_symbol.count);
  a.count = TYPEOF(x) == RAWSXP        ? XLENGTH(x) / (R_xlen_t)a.size
            : TYPEOF(count) == REALSXP ? (R_xlen_t)REAL(count)[0]
                                       : 0;
  rdc_status_clear(&status);
  if (rdc_pointer_access(x, 0, a.size * (size_t)a.count, &base, &status))
    rdc_raise(&status, NULL);
  a.base = base;
  return a;
}

/* An object with the attributes of arrays of a type, made once for a handle. */
static SEXP array_tags(SEXP handle)
{
  char text[512];
  SEXP tags = rdc_typeinfo_tags(handle, RDC_TAGS_ARRAY);
  if (RDC_LIKELY(tags != R_NilValue))
    return tags;
  rdc_type plain = *rdc_array_element(handle);
  plain.is_const = 0;
  rdc_type_text(&plain, text, sizeof text);
  tags = PROTECT(Rf_allocVector(RAWSXP, 0));
  Rf_setAttrib(tags, rdc_symbol.pointee, PROTECT(Rf_mkString(text)));
  Rf_setAttrib(tags, R_ClassSymbol, PROTECT(Rf_mkString("carray")));
  rdc_typeinfo_set_tags(handle, RDC_TAGS_ARRAY, tags);
  UNPROTECT(3);
  return tags;
}

void rdc_array_tag(SEXP x, SEXP handle, size_t count)
{
  const rdc_type *type = rdc_array_element(handle);
  Rf_setAttrib(x, rdc_symbol.typeinfo, handle);
  Rf_copyMostAttrib(array_tags(handle), x);
  rdc_keep_mark(x, rdc_type_strip(type));
  if (TYPEOF(x) != EXTPTRSXP)
    return;
  Rf_setAttrib(x, rdc_symbol.count, PROTECT(Rf_ScalarReal((double)count)));
  UNPROTECT(1);
  if (type->is_const)
    rdc_pointer_set_const(x);
}

size_t rdc_array_count(SEXP n, size_t size)
{
  char got[256];
  rdc_status status;
  double count = -1;
  if (Rf_xlength(n) == 1 && TYPEOF(n) == REALSXP)
    count = REAL(n)[0];
  else if (Rf_xlength(n) == 1 && TYPEOF(n) == INTSXP)
    count = INTEGER(n)[0];
  if (!(count >= 0) || count * (double)size > 4503599627370496.0) {
    rdc_status_clear(&status);
    rdc_describe(n, got, sizeof got);
    rdc_fail(&status, RDC_ARG_TYPE, "a number of elements", got);
    rdc_status_place(&status, "argument 'n'");
    rdc_raise(&status, NULL);
  }
  return (size_t)count;
}

/* NULL where the name of a type has to be looked up. */
SEXP rdc_r_array_new(SEXP of, SEXP n)
{
  SEXP handle = rdc_typeinfo_known(of);
  if (handle == R_NilValue)
    return R_NilValue;
  size_t size = rdc_type_strip(rdc_array_element(handle))->size, count = rdc_array_count(n, size);
  SEXP x = PROTECT(Rf_allocVector(RAWSXP, (R_xlen_t)(size * count)));
  if (count)
    memset(RAW(x), 0, size * count);
  rdc_array_tag(x, handle, count);
  UNPROTECT(1);
  return x;
}

/* How many elements there are in an array, or else in the memory behind a pointer. */
static size_t known_count(SEXP x, size_t size)
{
  const char *begin;
  size_t have;
  if (Rf_getAttrib(x, rdc_symbol.count) != R_NilValue) {
    array a = array_open(x);
    return (size_t)a.count * a.size / size;
  }
  if (!rdc_pointer_extent(x, &begin, &have))
    rdc_raise_code(RDC_ARG_TYPE, "a number of elements, the size of the memory not being known",
                   "none");
  have -= (size_t)((const char *)R_ExternalPtrAddr(x) - begin);
  return have / size;
}

/* An array over the memory behind a pointer; all of it when n is NULL. */
SEXP rdc_r_array_of(SEXP x, SEXP handle, SEXP n)
{
  rdc_status status;
  void *base;
  size_t size = rdc_type_strip(rdc_array_element(handle))->size, count = 0;
  rdc_status_clear(&status);
  if (n != R_NilValue)
    count = rdc_array_count(n, size);
  else if (rdc_pointer_access(x, 0, 0, &base, &status))
    rdc_raise(&status, NULL);
  else
    count = known_count(x, size);
  if (rdc_pointer_access(x, 0, size * count, &base, &status))
    rdc_raise(&status, NULL);
  SEXP made = PROTECT(rdc_pointer_derive(x, base));
  rdc_array_tag(made, handle, count);
  UNPROTECT(1);
  return made;
}

SEXP rdc_r_array_length(SEXP x) { return Rf_ScalarReal((double)array_open(x).count); }

static rdc_view view_of(SEXP x, const array *a)
{
  rdc_view view = {a->env, TYPEOF(x) == EXTPTRSXP ? x : NULL, rdc_marshal_option_integer64(a->type),
                   0, 0};
  return view;
}

static SEXP get_elements(const array *a, const char *src, R_xlen_t n, rdc_view *view)
{
  return a->type->is_converted ? rdc_get_unconverted(NULL, a->type, src, a->size, n, view)
                               : rdc_get_many(NULL, a->type, src, a->size, n, view);
}

static char *need_element(const array *a, double i)
{
  char limit[64], got[64];
  if (!(i >= 1) || i > (double)a->count) {
    snprintf(limit, sizeof limit, "%.0f elements", (double)a->count);
    snprintf(got, sizeof got, ISNAN(i) ? "element NA" : "element %.0f", i);
    rdc_raise_code(RDC_POINTER_BOUNDS, limit, got);
  }
  return a->base + ((size_t)i - 1) * a->size;
}

RDC_NORETURN static void raise_at(rdc_status *status, const array *a)
{
  char text[160];
  rdc_type_spell(a->type, NULL, NULL, text, sizeof text);
  rdc_status_place(status, "array of %s", text);
  rdc_raise(status, NULL);
}

/* All elements when index is NULL, else those of the index (double, from 1): a vector or a list. */
SEXP rdc_r_array_get(SEXP x, SEXP index)
{
  array a = array_open(x);
  rdc_view view = view_of(x, &a);
  rdc_status status;
  SEXP value;
  R_xlen_t n = index == R_NilValue ? a.count : XLENGTH(index);
  if (index == R_NilValue) {
    value = PROTECT(get_elements(&a, a.base, n, &view));
  } else {
    /* gathered first, so that one pass converts them */
    char *bytes = R_alloc((size_t)n + 1, (int)a.size);
    int nested =
        rdc_type_strip(a.type)->kind == RDC_STRUCT || rdc_type_strip(a.type)->kind == RDC_UNION;
    if (nested && view.owner) { /* elements refer to the memory itself */
      value = PROTECT(Rf_allocVector(VECSXP, n));
      for (R_xlen_t i = 0; i < n; i++)
        SET_VECTOR_ELT(value, i,
                       rdc_get(rdc_type_plain(a.type), need_element(&a, REAL(index)[i]), &view));
    } else {
      for (R_xlen_t i = 0; i < n; i++)
        memcpy(bytes + (size_t)i * a.size, need_element(&a, REAL(index)[i]), a.size);
      value = PROTECT(get_elements(&a, bytes, n, &view));
    }
  }
  if (TYPEOF(value) == VECSXP)
    for (R_xlen_t i = 0; i < n; i++) {
      size_t element = index == R_NilValue ? (size_t)i : (size_t)REAL(index)[i] - 1;
      rdc_keep_pass(x, (int64_t)(element * a.size), VECTOR_ELT(value, i));
    }
  rdc_status_clear(&status);
  if (a.type->is_converted && rdc_convert_from_many(a.type, value, n, &value, &status))
    raise_at(&status, &a);
  PROTECT(value);
  if (view.lossy)
    rdc_marshal_warn_lossy();
  UNPROTECT(2);
  return value;
}

SEXP rdc_r_array_element(SEXP x, SEXP i)
{
  array a = array_open(x);
  rdc_view view = view_of(x, &a);
  rdc_status status;
  const char *at = need_element(&a, REAL(i)[0]);
  SEXP value = PROTECT(rdc_get(rdc_type_plain(a.type), at, &view));
  if (rdc_get_finish(a.type, x, at - a.base, &value, &status))
    raise_at(&status, &a);
  PROTECT(value);
  if (view.lossy)
    rdc_marshal_warn_lossy();
  UNPROTECT(2);
  return value;
}

/* What array_set takes as elements: an object of a class is one element. */
static SEXP as_elements(SEXP value)
{
  int is_element = Rf_isVectorAtomic(value) ? TYPEOF(value) == RAWSXP && Rf_isObject(value)
                                            : TYPEOF(value) != VECSXP || Rf_isObject(value);
  if (!is_element)
    return value;
  SEXP one = Rf_allocVector(VECSXP, 1);
  SET_VECTOR_ELT(one, 0, value);
  return one;
}

/* Moves what element i of the new values depends on to the element that the index names. */
static void keep_at_index(rdc_keep *keep, SEXP index, size_t size)
{
  for (SEXP at = keep->objects; at != R_NilValue; at = CDR(at)) {
    double from = REAL(TAG(at))[0];
    size_t i = (size_t)from / size, within = (size_t)from % size;
    REAL(TAG(at))[0] = (REAL(index)[i] - 1) * (double)size + (double)within;
  }
}

/* Records are known by their names, as everywhere. */
int rdc_array_is_same(const rdc_type *a, const rdc_type *b)
{
  char of_a[256], of_b[256];
  a = rdc_type_strip(a);
  b = rdc_type_strip(b);
  if (a->kind != b->kind || a->size != b->size || a->encoding != b->encoding)
    return 0;
  if (a->kind == RDC_STRUCT || a->kind == RDC_UNION)
    return a->name && b->name && !strcmp(a->name, b->name);
  rdc_type_text(a, of_a, sizeof of_a);
  rdc_type_text(b, of_b, sizeof of_b);
  return !strcmp(of_a, of_b);
}

rdc_elements rdc_array_span(SEXP x)
{
  array a = array_open(x);
  rdc_elements span = {a.type, a.base, (size_t)a.count};
  rdc_status status;
  rdc_status_clear(&status);
  if (TYPEOF(x) == RAWSXP && rdc_keep_check(x, &status))
    rdc_raise(&status, NULL);
  return span;
}

/* Opens an array to write to, which the caller protects: a copy of a vector that others share. */
static array array_open_to_write(SEXP *x)
{
  rdc_status status;
  rdc_status_clear(&status);
  *x = TYPEOF(*x) == RAWSXP ? rdc_r_replaceable(*x) : *x;
  if (rdc_pointer_writable(*x, &status))
    rdc_raise(&status, NULL);
  PROTECT(*x);
  array a = array_open(*x);
  UNPROTECT(1);
  return a;
}

/* Writes in place; nothing is written when a value does not fit. */
SEXP rdc_r_array_set(SEXP x, SEXP index, SEXP value)
{
  array a = array_open_to_write(&x);
  PROTECT(x);
  rdc_status status;
  rdc_keep keep;
  rdc_ranges written = {0, a.size, a.size, a.count > 0 ? (size_t)a.count : 1, NULL};
  R_xlen_t n = index == R_NilValue ? a.count : XLENGTH(index);
  SEXP elements = PROTECT(as_elements(value));
  int in_place = index == R_NilValue && rdc_numbers_will_fit(a.type, elements, n);
  char *bytes = in_place ? a.base : R_alloc((size_t)n + 1, (int)a.size);
  for (R_xlen_t i = 0; index != R_NilValue && i < n; i++)
    need_element(&a, REAL(index)[i]);
  rdc_keep_init(&keep, a.env, bytes);
  rdc_status_clear(&status);
  if (rdc_put_many(NULL, a.type, elements, bytes, a.size, n, &keep, &status))
    raise_at(&status, &a);
  a = array_open(x); /* converters may do anything to it */
  if (index == R_NilValue) {
    if (!in_place)
      memcpy(a.base, bytes, (size_t)n * a.size);
  } else {
    unsigned char *chosen = (unsigned char *)R_alloc((size_t)a.count + 1, 1);
    memset(chosen, 0, (size_t)a.count);
    for (R_xlen_t i = 0; i < n; i++) {
      chosen[(size_t)REAL(index)[i] - 1] = 1;
      memcpy(need_element(&a, REAL(index)[i]), bytes + (size_t)i * a.size, a.size);
    }
    written.chosen = chosen;
    keep_at_index(&keep, index, a.size);
  }
  rdc_keep_store(x, &written, &keep);
  UNPROTECT(3);
  return x;
}

static const rdc_field *need_field(const array *a, SEXP name, size_t *offset)
{
  const rdc_type *bare = rdc_type_strip(a->type);
  const char *text = R_CHAR(STRING_ELT(name, 0));
  const rdc_field *field = NULL;
  if (bare->kind == RDC_STRUCT || bare->kind == RDC_UNION)
    field = rdc_layout_field(bare, text, offset);
  if (!field)
    rdc_raise_code(RDC_FIELD_UNKNOWN, bare->name ? bare->name : "an array of scalars", text);
  return field;
}

/* One field of all elements. */
SEXP rdc_r_array_column(SEXP x, SEXP name)
{
  array a = array_open(x);
  size_t offset;
  const rdc_field *field = need_field(&a, name, &offset);
  rdc_view view = view_of(x, &a);
  view.integer64 = rdc_marshal_option_integer64(field->type);
  const void *src = rdc_keep_sure(x, (int64_t)offset, rdc_type_strip(field->type), a.base + offset,
                                  a.size, (size_t)a.count);
  SEXP value = PROTECT(rdc_get_many(field, field->type, src, a.size, a.count, &view));
  if (view.lossy)
    rdc_marshal_warn_lossy();
  UNPROTECT(1);
  return value;
}

SEXP rdc_r_array_set_column(SEXP x, SEXP name, SEXP value)
{
  array a = array_open_to_write(&x);
  PROTECT(x);
  size_t offset, bytes = (size_t)a.count * a.size;
  rdc_status status;
  rdc_keep keep;
  const rdc_field *field = need_field(&a, name, &offset);
  int in_place = !field->is_bits && rdc_numbers_will_fit(field->type, value, a.count);
  char *copy = in_place ? a.base : R_alloc(bytes + 1, 1);
  if (!in_place)
    memcpy(copy, a.base, bytes);
  rdc_keep_init(&keep, a.env, copy);
  rdc_status_clear(&status);
  /* of one element, a pointer is the value itself, whatever else it may hold many of */
  rdc_kind kind = rdc_type_strip(field->type)->kind;
  int is_one = a.count == 1 && TYPEOF(value) != VECSXP && kind == RDC_POINTER;
  if (is_one ? rdc_put_field(field, offset, value, copy, &keep, &status)
             : rdc_put_many(field, field->type, value, copy + offset, a.size, a.count, &keep,
                            &status)) {
    rdc_status_place(&status, "field '%s'", R_CHAR(STRING_ELT(name, 0)));
    rdc_raise(&status, NULL);
  }
  a = array_open(x); /* converters may do anything to it */
  if (!in_place)
    memcpy(a.base, copy, bytes);
  rdc_ranges written = {(int64_t)offset, rdc_type_strip(field->type)->size, a.size,
                        a.count > 0 ? (size_t)a.count : 1, NULL};
  rdc_keep_store(x, &written, &keep);
  UNPROTECT(2);
  return x;
}
