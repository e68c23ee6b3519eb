/* Field access of tagged objects. */
#include "struct.h"

#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "marshal.h"

/* The handle of an object that carries only the name of its type: R looks that up, and the object
   remembers what was found. */
RDC_NOINLINE static SEXP find_handle(SEXP x)
{
  char got[256];
  SEXP name = Rf_getAttrib(x, rdc_symbol.struct_), scope = Rf_getAttrib(x, rdc_symbol.scope);
  if (!rdc_r_is_string(name)) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "an object of a struct or union type", got);
  }
  SEXP call = PROTECT(Rf_lang3(rdc_hook.typeinfo, name, scope));
  SEXP handle = PROTECT(Rf_eval(call, R_GlobalEnv));
  Rf_setAttrib(x, rdc_symbol.typeinfo, handle);
  UNPROTECT(2);
  return handle;
}

/* The type of a tagged object. */
static const rdc_type *struct_type(SEXP x)
{
  SEXP handle = rdc_r_attribute(x, rdc_symbol.typeinfo);
  if (RDC_UNLIKELY(TYPEOF(handle) != EXTPTRSXP))
    handle = find_handle(x);
  const rdc_type *type = rdc_type_strip(rdc_typeinfo_type(handle));
  if (type->kind != RDC_STRUCT && type->kind != RDC_UNION)
    rdc_raise_code(RDC_TYPE_VALUE, "a struct or union type", "another");
  if (!type->is_complete)
    rdc_raise_code(RDC_TYPE_INCOMPLETE, type->name);
  return type;
}

/* Whether R values of a type are numbers or text, which refer to nothing. */
static int is_plain(const rdc_type *bare)
{
  return rdc_kind_is_integer(bare->kind) || rdc_kind_is_real(bare->kind) ||
         bare->kind == RDC_STRING;
}

static SEXP full_env(SEXP x)
{
  SEXP scope = Rf_getAttrib(x, rdc_symbol.scope);
  return scope != R_NilValue ? scope : rdc_typeinfo_env(Rf_getAttrib(x, rdc_symbol.typeinfo));
}

/* Where names in values of a type resolve. */
static SEXP struct_env(SEXP x, const rdc_type *bare)
{
  return is_plain(bare) ? R_NilValue : full_env(x);
}

static void *struct_bytes(SEXP x, const rdc_type *type)
{
  rdc_status status;
  void *address;
  rdc_status_clear(&status);
  if (rdc_pointer_access(x, 0, type->size, &address, &status)) {
    rdc_status_place(&status, "object of type '%s'", type->name);
    rdc_raise(&status, NULL);
  }
  return address;
}

RDC_NORETURN RDC_NOINLINE static void raise_no_name(SEXP name)
{
  char got[256];
  rdc_describe(name, got, sizeof got);
  rdc_raise_code(RDC_ARG_TYPE, "the name of a field", got);
}

static const rdc_field *need_field(const rdc_type *type, SEXP name, size_t *offset)
{
  if (RDC_UNLIKELY(!rdc_r_is_one(name, STRSXP) && !rdc_r_is_string(name)))
    raise_no_name(name);
  SEXP string = STRING_ELT(name, 0);
  if (RDC_UNLIKELY(string == NA_STRING))
    raise_no_name(name);
  const char *text = R_CHAR(string);
  const rdc_field *field = rdc_layout_field(type, text, offset);
  if (!field)
    rdc_raise_code(RDC_FIELD_UNKNOWN, type->name, text);
  return field;
}

/* Where to read a field. */
static const void *field_bytes(SEXP x, const rdc_type *type, const rdc_field *field, size_t offset)
{
  return rdc_keep_sure(x, (int64_t)offset, rdc_type_strip(field->type),
                       (char *)struct_bytes(x, type) + offset, 0, 1);
}

/* get_one for a field that has converters. */
RDC_NOINLINE static SEXP get_converted(SEXP x, const rdc_type *type, const rdc_field *field,
                                       size_t offset, rdc_view *view)
{
  rdc_status status;
  rdc_field plain = *field;
  plain.type = rdc_type_plain(field->type);
  const char *src = field_bytes(x, type, field, offset);
  SEXP value = PROTECT(rdc_get_field(&plain, 0, src, view));
  if (rdc_get_finish(field->type, x, (int64_t)offset, &value, &status)) {
    rdc_status_place(&status, "field '%s' of '%s'", field->name, type->name);
    rdc_raise(&status, NULL);
  }
  PROTECT(value);
  if (view->lossy)
    rdc_marshal_warn_lossy();
  UNPROTECT(2);
  return value;
}

/* Where an int or a double, the commonest fields, lies, and what the memory of the object belongs to; NULL
   if it is another field, or an object of which more has to be known: a vector that holds addresses may
   be of another session. */
static inline char *number_in(SEXP x, const rdc_type *type, const rdc_field *field, size_t offset,
                              SEXP *root)
{
  rdc_kind kind = field->type->kind;
  size_t size;
  if ((kind != RDC_DOUBLE && kind != RDC_INT) || field->is_bits)
    return NULL;
  char *bytes = rdc_r_raw(x, &size);
  *root = x;
  if (!bytes)
    bytes = rdc_pointer_direct(x, type->size, root);
  else if (type->has_addresses || size < type->size)
    bytes = NULL;
  return bytes ? bytes + offset : NULL;
}

RDC_NOINLINE static SEXP get_any(SEXP x, const rdc_type *type, const rdc_field *field,
                                 size_t offset)
{
  const rdc_type *bare = rdc_type_strip(field->type);
  /* a nested aggregate of a pointer-backed object refers to the same memory */
  rdc_view view = {struct_env(x, bare), TYPEOF(x) == EXTPTRSXP ? x : NULL, 0, 0, 0};
  const void *src = field_bytes(x, type, field, offset);
  view.integer64 = rdc_marshal_option_integer64(bare);
  if (RDC_UNLIKELY(field->type->is_converted))
    return get_converted(x, type, field, offset, &view);
  SEXP value = rdc_get_field(field, 0, src, &view);
  if (RDC_UNLIKELY(view.lossy || !is_plain(bare))) {
    PROTECT(value);
    rdc_keep_pass(x, (int64_t)offset, value);
    if (view.lossy)
      rdc_marshal_warn_lossy();
    UNPROTECT(1);
  }
  return value;
}

static inline SEXP get_one(SEXP x, const rdc_type *type, const rdc_field *field, size_t offset)
{
  SEXP root;
  const char *number = number_in(x, type, field, offset, &root);
  if (!number)
    return get_any(x, type, field, offset);
  rdc_view none = {R_NilValue, NULL, 0, 0, 0};
  return rdc_get_bare(field->type, field->type, number, &none);
}

SEXP rdc_r_struct_get(SEXP x, SEXP name)
{
  size_t offset;
  const rdc_type *type = struct_type(x);
  const rdc_field *field = need_field(type, name, &offset);
  return get_one(x, type, field, offset);
}

/* x with a field changed; name is that of the field, for messages. */
RDC_NOINLINE static SEXP set_any(SEXP x, const rdc_type *type, const rdc_field *field,
                                 size_t offset, SEXP value, SEXP name)
{
  rdc_status status;
  rdc_keep keep;
  const rdc_type *bare = rdc_type_strip(field->type);
  size_t size = bare->size;
  size_t bytes = field->is_bits ? (field->shift + field->bits + 7) / 8 : size;
  PROTECT(x = TYPEOF(x) == EXTPTRSXP ? x : rdc_r_replaceable(x));
  rdc_status_clear(&status);
  if (rdc_pointer_writable(x, &status)) {
    rdc_status_place(&status, "object of type '%s'", type->name);
    rdc_raise(&status, NULL);
  }
  if (is_plain(bare) && !field->type->is_converted && !Rf_isObject(value)) {
    void *base = struct_bytes(x, type);
    rdc_keep_init(&keep, R_NilValue, base);
    rdc_put_field(field, offset, value, base, &keep, &status);
  } else {
    /* a failure in the middle must leave the object as it was, and converters may do anything to it */
    char few[32], *copy = bytes > sizeof few ? R_alloc(bytes, 1) : few;
    memcpy(copy, (char *)struct_bytes(x, type) + offset, bytes);
    rdc_keep_init(&keep, full_env(x), copy - offset);
    if (!rdc_put_field(field, offset, value, copy - offset, &keep, &status))
      memcpy((char *)struct_bytes(x, type) + offset, copy, bytes);
  }
  if (status.code) {
    rdc_status_place(&status, "field '%s' of '%s'", R_CHAR(STRING_ELT(name, XLENGTH(name) - 1)),
                     type->name);
    rdc_raise(&status, NULL);
  }
  rdc_ranges written = {(int64_t)offset, size, size ? size : 1, 1, NULL};
  rdc_keep_store(x, &written, &keep);
  UNPROTECT(2);
  return x;
}

/* Whether value, a number, is written; if not, set_any does that. */
static inline int set_number(SEXP x, const rdc_type *type, const rdc_field *field, size_t offset,
                             SEXP value)
{
  SEXP root;
  char *number = number_in(x, type, field, offset, &root);
  if (!number || (TYPEOF(x) == RAWSXP && rdc_r_is_shared(x, RDC_R_CALL)) ||
      rdc_r_attribute(root, rdc_symbol.keep) != R_NilValue ||
      !rdc_put_exact(field->type->kind, value, number))
    return 0;
  rdc_marshal_epoch++;
  return 1;
}

SEXP rdc_r_struct_set(SEXP x, SEXP name, SEXP value)
{
  size_t offset;
  const rdc_type *type = struct_type(x);
  const rdc_field *field = need_field(type, name, &offset);
  return set_number(x, type, field, offset, value)
             ? x
             : set_any(x, type, field, offset, value, name);
}

/* ---- accessors: a field that has been looked up ---- */

enum { ACCESSOR_TYPE, ACCESSOR_PATH, ACCESSOR_COUNT };

typedef struct accessor {
  SEXP handle;            /* of the type of the objects, held by the accessor, like path */
  SEXP path;              /* names of the field */
  const rdc_type *type;   /* of the objects */
  const rdc_field *field; /* what is accessed */
  size_t offset;          /* of the field in the object */
} accessor;

static void accessor_finalize(SEXP object)
{
  free(R_ExternalPtrAddr(object));
  R_ClearExternalPtr(object);
}

/* Looks the field up: each name of the path but the last is that of a nested struct or union. */
static const rdc_field *path_field(const rdc_type *type, SEXP path, size_t *offset)
{
  const rdc_field *field = NULL;
  *offset = 0;
  for (R_xlen_t i = 0; i < XLENGTH(path); i++) {
    size_t within;
    if (type->kind != RDC_STRUCT && type->kind != RDC_UNION)
      rdc_raise_code(RDC_TYPE_VALUE, "a struct or union type", "another");
    if (!type->is_complete)
      rdc_raise_code(RDC_TYPE_INCOMPLETE, type->name);
    const char *name = R_CHAR(STRING_ELT(path, i));
    field = rdc_layout_field(type, name, &within);
    if (!field)
      rdc_raise_code(RDC_FIELD_UNKNOWN, type->name ? type->name : "a nameless type", name);
    *offset += within;
    type = rdc_type_strip(field->type);
  }
  return field;
}

/* Makes the state of an accessor, again when it comes from a file. */
RDC_NOINLINE static const accessor *accessor_make(SEXP object)
{
  char got[256];
  SEXP hold = TYPEOF(object) == EXTPTRSXP ? R_ExternalPtrProtected(object) : R_NilValue;
  if (TYPEOF(hold) != VECSXP || XLENGTH(hold) != ACCESSOR_COUNT) {
    rdc_describe(object, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "what new.getter or new.setter made", got);
  }
  accessor made = {.handle = VECTOR_ELT(hold, ACCESSOR_TYPE),
                   .path = VECTOR_ELT(hold, ACCESSOR_PATH)};
  made.type = rdc_type_strip(rdc_typeinfo_type(made.handle));
  made.field = path_field(made.type, made.path, &made.offset);
  R_RegisterCFinalizerEx(object, accessor_finalize, FALSE);
  accessor *a = malloc(sizeof *a);
  if (!a)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  *a = made;
  R_SetExternalPtrAddr(object, a);
  return a;
}

static inline const accessor *accessor_of(SEXP object)
{
  const accessor *a = TYPEOF(object) == EXTPTRSXP ? R_ExternalPtrAddr(object) : NULL;
  return RDC_LIKELY(a != NULL) ? a : accessor_make(object);
}

/* An accessor of the field at the end of a path of names. */
SEXP rdc_r_struct_accessor(SEXP handle, SEXP path)
{
  SEXP hold = PROTECT(Rf_allocVector(VECSXP, ACCESSOR_COUNT));
  SET_VECTOR_ELT(hold, ACCESSOR_TYPE, handle);
  SET_VECTOR_ELT(hold, ACCESSOR_PATH, path);
  SEXP object = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.scratch, hold));
  accessor_make(object);
  UNPROTECT(2);
  return object;
}

static int same_record(const rdc_type *a, const rdc_type *b)
{
  int same = a->kind == b->kind && a->size == b->size && a->count == b->count;
  for (size_t i = 0; same && i < a->count; i++)
    same = a->fields[i].offset == b->fields[i].offset && a->fields[i].bits == b->fields[i].bits &&
           rdc_type_strip(a->fields[i].type)->kind == rdc_type_strip(b->fields[i].type)->kind &&
           !strcmp(a->fields[i].name, b->fields[i].name);
  return same;
}

/* Another handle can mean the same type, as one that comes from a file does. */
RDC_NOINLINE static void need_object(SEXP x, const accessor *a)
{
  char got[256];
  if (!same_record(struct_type(x), a->type)) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, a->type->name, got);
  }
}

SEXP rdc_r_struct_getter(SEXP object, SEXP x)
{
  const accessor *a = accessor_of(object);
  if (RDC_UNLIKELY(rdc_r_attribute(x, rdc_symbol.typeinfo) != a->handle))
    need_object(x, a);
  return get_one(x, a->type, a->field, a->offset);
}

SEXP rdc_r_struct_setter(SEXP object, SEXP x, SEXP value)
{
  const accessor *a = accessor_of(object);
  if (RDC_UNLIKELY(rdc_r_attribute(x, rdc_symbol.typeinfo) != a->handle))
    need_object(x, a);
  return set_number(x, a->type, a->field, a->offset, value)
             ? x
             : set_any(x, a->type, a->field, a->offset, value, a->path);
}

/* Fills names, and values if they are wanted; members of anonymous members count as the object's own.
   With names NULL only counts. */
static R_xlen_t list_fields(SEXP x, const rdc_type *type, const rdc_type *part, size_t base,
                            SEXP names, SEXP values, R_xlen_t n)
{
  for (size_t i = 0; i < part->count; i++) {
    const rdc_field *field = &part->fields[i];
    if (!strcmp(field->name, "_"))
      continue;
    if (!strcmp(field->name, ".")) {
      n = list_fields(x, type, rdc_type_strip(field->type), base + field->offset, names, values, n);
      continue;
    }
    if (names)
      SET_STRING_ELT(names, n, Rf_mkCharCE(field->name, CE_UTF8));
    if (values)
      SET_VECTOR_ELT(values, n, get_one(x, type, field, base + field->offset));
    n++;
  }
  return n;
}

SEXP rdc_r_struct_names(SEXP x)
{
  const rdc_type *type = struct_type(x);
  SEXP names = PROTECT(Rf_allocVector(STRSXP, list_fields(x, type, type, 0, NULL, NULL, 0)));
  list_fields(x, type, type, 0, names, NULL, 0);
  UNPROTECT(1);
  return names;
}

SEXP rdc_r_struct_list(SEXP x)
{
  const rdc_type *type = struct_type(x);
  R_xlen_t n = list_fields(x, type, type, 0, NULL, NULL, 0);
  SEXP values = PROTECT(Rf_allocVector(VECSXP, n)), names = PROTECT(Rf_allocVector(STRSXP, n));
  list_fields(x, type, type, 0, names, values, 0);
  Rf_setAttrib(values, R_NamesSymbol, names);
  UNPROTECT(2);
  return values;
}

/* NULL where the name of a type has to be looked up. */
SEXP rdc_r_struct_new(SEXP of)
{
  SEXP handle = rdc_typeinfo_handle(of);
  if (handle == R_NilValue)
    return R_NilValue;
  const rdc_type *type = rdc_type_strip(rdc_typeinfo_type(handle));
  if (type->kind != RDC_STRUCT && type->kind != RDC_UNION)
    rdc_raise_code(RDC_TYPE_VALUE, "a struct or union type", "another");
  if (!type->is_complete)
    rdc_raise_code(RDC_TYPE_INCOMPLETE, type->name);
  SEXP x = PROTECT(Rf_allocVector(RAWSXP, (R_xlen_t)type->size));
  if (type->size)
    memset(RAW(x), 0, type->size);
  rdc_marshal_tag(x, type);
  UNPROTECT(1);
  return x;
}

/* x as an object of a type: a copy for vectors, another pointer object for pointers. handle may be
   NULL when only the name is known. */
SEXP rdc_r_struct_cast(SEXP x, SEXP handle, SEXP name)
{
  char got[256];
  SEXP made;
  rdc_status status;
  rdc_status_clear(&status);
  if (rdc_pointer_live(x, &status))
    rdc_raise(&status, NULL);
  if (TYPEOF(x) == EXTPTRSXP && rdc_pointer_kind_of(x) == RDC_POINTER_DATA) {
    made = PROTECT(rdc_pointer_derive(x, R_ExternalPtrAddr(x)));
  } else if (rdc_r_bytes(x)) {
    if (handle != R_NilValue) {
      const rdc_type *type = rdc_type_strip(rdc_typeinfo_type(handle));
      if (type->is_complete)
        struct_bytes(x, type); /* checks the size */
    }
    made = PROTECT(Rf_duplicate(x));
  } else {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "a pointer to data or an atomic vector", got);
  }
  Rf_setAttrib(made, rdc_symbol.scope, R_NilValue);
  Rf_setAttrib(made, rdc_symbol.pointee, R_NilValue);
  rdc_marshal_tag_name(made, R_CHAR(STRING_ELT(name, 0)), R_NilValue);
  Rf_setAttrib(made, rdc_symbol.typeinfo, handle);
  if (handle != R_NilValue)
    rdc_keep_mark(made, rdc_type_strip(rdc_typeinfo_type(handle)));
  UNPROTECT(1);
  return made;
}

/* The type handle of a tagged object. */
SEXP rdc_r_struct_handle(SEXP x)
{
  struct_type(x);
  return Rf_getAttrib(x, rdc_symbol.typeinfo);
}
