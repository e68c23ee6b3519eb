/* ALTREP vectors over memory. Elements that R stores as C does are handed out where they lie; others are
   converted by `get`, in the buffers of R's own loops where these ask for regions, in a copy where R needs
   an address. Views cannot be written to: R copies them first, because they are marked as constants. */
#include "view.h"

#include <stdio.h>
#include <string.h>

#include "array.h"
#include "layout.h"
#include "marshal.h"

/* What the first slot of a view holds; the second holds the copy, or NULL. */
enum { HOLD_POINTER, HOLD_HANDLE, HOLD_STATE, HOLD_COUNT };

typedef struct view {
  const rdc_type *type;   /* of an element, names and enums looked through */
  const rdc_field *field; /* the field that it is, NULL for whole elements */
  size_t offset;          /* of the first element from the pointer */
  size_t stride;          /* bytes from one to the next */
  R_xlen_t n;             /* elements */
  int is_direct;          /* R stores them as they lie there */
  int integer64;          /* see rdc_view */
  int warned;             /* the lossy warning was given */
  unsigned epoch;         /* of the copy */
} view;

static R_altrep_class_t classes[5];
static const int class_types[] = {LGLSXP, INTSXP, REALSXP, CPLXSXP, RAWSXP};

static view *view_of(SEXP x)
{
  return (view *)(void *)RAW(VECTOR_ELT(R_altrep_data1(x), HOLD_STATE));
}

static size_t extent(const view *v)
{
  return v->n ? (size_t)(v->n - 1) * v->stride + v->type->size : 0;
}

/* The first element; raises when the memory is gone. */
static char *view_base(SEXP x)
{
  rdc_status status;
  void *base;
  const view *v = view_of(x);
  rdc_status_clear(&status);
  if (rdc_pointer_access(VECTOR_ELT(R_altrep_data1(x), HOLD_POINTER), (int64_t)v->offset, extent(v),
                         &base, &status)) {
    rdc_status_place(&status, "view");
    rdc_raise(&status, NULL);
  }
  return base;
}

/* n elements as a vector. */
static SEXP convert(SEXP x, R_xlen_t from, R_xlen_t n)
{
  view *v = view_of(x);
  const char *at = view_base(x) + (size_t)from * v->stride;
  rdc_view how = {R_NilValue, NULL, v->integer64, 0, 1};
  SEXP made;
  if (TYPEOF(x) == RAWSXP) {
    made = PROTECT(Rf_allocVector(RAWSXP, n));
    for (R_xlen_t i = 0; i < n; i++)
      RAW(made)[i] = (Rbyte)at[(size_t)i * v->stride];
  } else {
    made = PROTECT(rdc_get_many(v->field, v->type, at, v->stride, n, &how));
  }
  if (how.lossy && !v->warned) {
    v->warned = 1;
    rdc_marshal_warn_lossy();
  }
  UNPROTECT(1);
  return made;
}

static void copy_region(SEXP x, R_xlen_t from, R_xlen_t n, void *to)
{
  size_t size = rdc_r_element_size(x);
  const view *v = view_of(x);
  if (!n)
    return;
  if (v->is_direct) {
    memcpy(to, view_base(x) + (size_t)from * size, (size_t)n * size);
    return;
  }
  SEXP made = PROTECT(convert(x, from, n));
  memcpy(to, rdc_r_bytes(made), (size_t)n * size);
  UNPROTECT(1);
}

/* ---- methods of all classes ---- */

static R_xlen_t view_length(SEXP x) { return view_of(x)->n; }

static const void *view_dataptr_or_null(SEXP x)
{
  return view_of(x)->is_direct ? view_base(x) : NULL;
}

/* The copy is brought up to date when memory may have changed; its address stays. */
static void *view_dataptr(SEXP x, Rboolean writable)
{
  (void)writable; /* many functions ask for it and only read */
  view *v = view_of(x);
  if (v->is_direct)
    return view_base(x);
  SEXP copy = R_altrep_data2(x);
  view_base(x);
  if (copy != R_NilValue && v->epoch == rdc_marshal_epoch)
    return rdc_r_bytes(copy);
  SEXP made = PROTECT(convert(x, 0, v->n));
  if (copy == R_NilValue)
    R_set_altrep_data2(x, copy = made);
  else
    memcpy(rdc_r_bytes(copy), rdc_r_bytes(made), (size_t)v->n * rdc_r_element_size(x));
  UNPROTECT(1);
  v->epoch = rdc_marshal_epoch;
  return rdc_r_bytes(copy);
}

static SEXP view_duplicate(SEXP x, Rboolean deep)
{
  (void)deep;
  SEXP made = PROTECT(Rf_allocVector(TYPEOF(x), view_of(x)->n));
  copy_region(x, 0, view_of(x)->n, rdc_r_bytes(made));
  UNPROTECT(1);
  return made;
}

/* R would make strings when they are asked for, of what is in the memory then. */
static SEXP view_coerce(SEXP x, int type)
{
  if (type != STRSXP)
    return NULL;
  SEXP copy = PROTECT(view_duplicate(x, TRUE));
  SEXP made = Rf_coerceVector(copy, type);
  UNPROTECT(1);
  return made;
}

static R_xlen_t clip(SEXP x, R_xlen_t from, R_xlen_t n)
{
  R_xlen_t left = view_of(x)->n - from;
  return n < left ? n : left;
}

#define METHODS(name, ctype)                                                                       \
  static ctype name##_elt(SEXP x, R_xlen_t i)                                                      \
  {                                                                                                \
    ctype value;                                                                                   \
    copy_region(x, i, 1, &value);                                                                  \
    return value;                                                                                  \
  }                                                                                                \
  static R_xlen_t name##_get_region(SEXP x, R_xlen_t from, R_xlen_t n, ctype *to)                  \
  {                                                                                                \
    n = clip(x, from, n);                                                                          \
    copy_region(x, from, n, to);                                                                   \
    return n;                                                                                      \
  }
METHODS(logical, int)
METHODS(integer, int)
METHODS(real, double)
METHODS(complex, Rcomplex)
METHODS(raw, Rbyte)

void rdc_view_init(DllInfo *dll)
{
#define CLASS(i, name, api)                                                                        \
  classes[i] = R_make_alt##name##_class("rdyncall_view", "rdyncall", dll);                         \
  R_set_alt##name##_Elt_method(classes[i], api##_elt);                                             \
  R_set_alt##name##_Get_region_method(classes[i], api##_get_region);
  CLASS(0, logical, logical)
  CLASS(1, integer, integer)
  CLASS(2, real, real)
  CLASS(3, complex, complex)
  CLASS(4, raw, raw)
#undef CLASS
  for (int i = 0; i < 5; i++) {
    R_set_altrep_Length_method(classes[i], view_length);
    R_set_altrep_Duplicate_method(classes[i], view_duplicate);
    R_set_altrep_Coerce_method(classes[i], view_coerce);
    R_set_altvec_Dataptr_method(classes[i], view_dataptr);
    R_set_altvec_Dataptr_or_null_method(classes[i], view_dataptr_or_null);
  }
}

/* ---- making one ---- */

static int class_index(SEXP x)
{
  for (int i = 0; i < 5; i++)
    if (class_types[i] == TYPEOF(x))
      return i;
  return -1;
}

/* An empty vector of the R type that shows elements. */
static SEXP empty_vector(const view *v)
{
  rdc_view how = {R_NilValue, NULL, v->integer64, 0, 1};
  if (v->type->kind == RDC_UCHAR && !(v->field && v->field->is_bits))
    return Rf_allocVector(RAWSXP, 0);
  return rdc_get_many(v->field, v->type, NULL, 1, 0, &how);
}

/* Sizes above this are no sizes of memory: 2^52 bytes, on 32-bit platforms a part of what there is. */
static double most_bytes(void)
{
  double most = (double)RDC_MAX_SIZE;
  return most < 4503599627370496.0 ? most : 4503599627370496.0;
}

static double need_number(SEXP x, const char *what)
{
  char got[256];
  double value = TYPEOF(x) == REALSXP && XLENGTH(x) == 1 ? REAL(x)[0] : -1;
  if (value >= 0 && value <= most_bytes())
    return value;
  rdc_describe(x, got, sizeof got);
  rdc_raise_code(RDC_ARG_TYPE, what, got);
}

/* As many elements as the memory behind a pointer has room for. */
static R_xlen_t room_for(SEXP pointer, const view *v)
{
  const char *begin;
  size_t have;
  if (!rdc_pointer_extent(pointer, &begin, &have))
    rdc_raise_code(RDC_ARG_TYPE, "a number of elements, the size of the memory not being known",
                   "none");
  have -= (size_t)((const char *)R_ExternalPtrAddr(pointer) - begin);
  if (have < v->offset + v->type->size)
    return 0;
  return (R_xlen_t)((have - v->offset - v->type->size) / v->stride + 1);
}

static void find_field(view *v, SEXP name)
{
  const char *text = R_CHAR(STRING_ELT(name, 0));
  if (v->type->kind == RDC_STRUCT || v->type->kind == RDC_UNION)
    v->field = rdc_layout_field(v->type, text, &v->offset);
  if (!v->field)
    rdc_raise_code(RDC_FIELD_UNKNOWN, v->type->name ? v->type->name : "an array of scalars", text);
  v->type = rdc_type_strip(v->field->type);
}

/* n and stride may be NULL: all that there is room for, the size of an element. field is the name of a
   field of the elements, or NULL for all of them. */
SEXP rdc_r_view_new(SEXP pointer, SEXP handle, SEXP n, SEXP stride, SEXP field)
{
  char text[160];
  void *base;
  rdc_status status;
  view v = {.type = rdc_type_strip(rdc_array_element(handle))};
  v.stride = stride == R_NilValue ? v.type->size : (size_t)need_number(stride, "a number of bytes");
  if (!v.stride)
    rdc_raise_code(RDC_ARG_TYPE, "a stride of at least one byte", "0");
  if (field != R_NilValue)
    find_field(&v, field);
  v.integer64 = rdc_marshal_option_integer64(v.type);
  rdc_status_clear(&status);
  if (rdc_pointer_access(pointer, 0, 0, &base, &status))
    rdc_raise(&status, NULL);
  v.n = n == R_NilValue ? room_for(pointer, &v) : (R_xlen_t)need_number(n, "a number of elements");
  if ((double)v.n * (double)v.stride > most_bytes())
    rdc_raise_code(RDC_ARG_TYPE, "a number of elements that fit into memory", "more");
  if (rdc_pointer_access(pointer, (int64_t)v.offset, extent(&v), &base, &status))
    rdc_raise(&status, NULL);
  SEXP empty = PROTECT(empty_vector(&v));
  int class = class_index(empty);
  if (class < 0) {
    rdc_type_spell(v.type, NULL, NULL, text, sizeof text);
    rdc_raise_code(RDC_TYPE_VALUE, "a type of numbers for a view", text);
  }
  v.is_direct = v.stride == v.type->size && !(v.field && v.field->is_bits) &&
                (uintptr_t)base % v.type->align == 0 && rdc_marshal_stores(empty, v.type);
  SEXP holds = PROTECT(Rf_allocVector(VECSXP, HOLD_COUNT));
  SET_VECTOR_ELT(holds, HOLD_POINTER, pointer);
  SET_VECTOR_ELT(holds, HOLD_HANDLE, handle);
  SET_VECTOR_ELT(holds, HOLD_STATE, Rf_allocVector(RAWSXP, sizeof v));
  memcpy(RAW(VECTOR_ELT(holds, HOLD_STATE)), &v, sizeof v);
  SEXP made = PROTECT(R_new_altrep(classes[class], holds, R_NilValue));
  Rf_setAttrib(made, R_ClassSymbol, Rf_getAttrib(empty, R_ClassSymbol));
  MARK_NOT_MUTABLE(made);
  UNPROTECT(3);
  return made;
}

/* Whether a view has made a copy of all its elements. */
SEXP rdc_r_view_is_expanded(SEXP x)
{
  return Rf_ScalarLogical(ALTREP(x) && R_altrep_data2(x) != R_NilValue);
}
