/* Handles of types: made from text, described to R, rebuilt after a reload. */
#include "typeinfo.h"

#include <stdlib.h>
#include <string.h>

#include "layout.h"

/* What the protected slot of a handle holds. */
enum {
  HOLD_KIND,
  HOLD_NAME,
  HOLD_TEXT,
  HOLD_HANDLES,
  HOLD_ENV,
  HOLD_FLAGS,
  HOLD_LABELS,
  HOLD_VALUES,
  HOLD_CONVERTER,
  HOLD_TAGS, /* an object with the attributes of those of the type, but for the handle; NULL at first */
  HOLD_ARRAY_TAGS, /* the same for arrays */
  HOLD_COUNT
};

typedef struct typeinfo {
  rdc_arena arena;      /* of the descriptor */
  const rdc_type *type; /* what the handle means */
} typeinfo;

static SEXP typeinfo_build(SEXP handle);

static const rdc_type *scope_find(const rdc_scope *scope, const char *name, size_t length)
{
  const rdc_typeinfo_scope *self = (const rdc_typeinfo_scope *)scope;
  if (self->handles == R_NilValue)
    return NULL;
  SEXP names = Rf_getAttrib(self->handles, R_NamesSymbol);
  for (R_xlen_t i = 0; i < XLENGTH(self->handles); i++) {
    const char *have = R_CHAR(STRING_ELT(names, i));
    SEXP handle = VECTOR_ELT(self->handles, i);
    if (strlen(have) == length && !memcmp(have, name, length) && handle != R_NilValue) {
      const typeinfo *info = R_ExternalPtrAddr(handle);
      return info ? info->type : NULL;
    }
  }
  return NULL;
}

void rdc_typeinfo_scope_init(rdc_typeinfo_scope *scope, SEXP handles)
{
  scope->scope.find = scope_find;
  scope->scope.user = NULL;
  scope->handles = handles;
  if (handles == R_NilValue)
    return;
  for (R_xlen_t i = 0; i < XLENGTH(handles); i++)
    if (VECTOR_ELT(handles, i) != R_NilValue)
      rdc_typeinfo_type(VECTOR_ELT(handles, i));
}

static int is_handle(SEXP x)
{
  return TYPEOF(x) == EXTPTRSXP && R_ExternalPtrTag(x) == rdc_symbol.type;
}

RDC_NOINLINE static const rdc_type *type_again(SEXP handle)
{
  char got[256];
  if (!is_handle(handle)) {
    rdc_describe(handle, got, sizeof got);
    rdc_raise_code(RDC_TYPE_VALUE, "type information", got);
  }
  typeinfo_build(handle);
  return ((const typeinfo *)R_ExternalPtrAddr(handle))->type;
}

const rdc_type *rdc_typeinfo_type(SEXP handle)
{
  const typeinfo *info = is_handle(handle) ? R_ExternalPtrAddr(handle) : NULL;
  return RDC_LIKELY(info != NULL) ? info->type : type_again(handle);
}

SEXP rdc_typeinfo_handle(SEXP x)
{
  R_xlen_t n = TYPEOF(x) == VECSXP ? XLENGTH(x) : 0;
  SEXP handle = n && Rf_inherits(x, "typeinfo") ? VECTOR_ELT(x, n - 1) : x;
  return is_handle(handle) ? handle : R_NilValue;
}

/* The handle of a scalar type, made once. */
static SEXP letter_handle(SEXP string)
{
  static SEXP handles; /* by letter, preserved */
  const char *text = R_CHAR(string);
  unsigned char letter = (unsigned char)text[0];
  if (!letter || text[1] || letter >= 128)
    return R_NilValue;
  if (!handles)
    R_PreserveObject(handles = Rf_allocVector(VECSXP, 128));
  SEXP handle = VECTOR_ELT(handles, letter);
  if (handle == R_NilValue && rdc_type_letter(text[0])) {
    SEXP name = PROTECT(Rf_ScalarString(string));
    handle = rdc_r_typeinfo_alias(name, name, R_NilValue, R_BaseEnv);
    SET_VECTOR_ELT(handles, letter, handle);
    UNPROTECT(1);
  }
  return handle;
}

SEXP rdc_typeinfo_known(SEXP x)
{
  return rdc_r_is_string(x) ? letter_handle(STRING_ELT(x, 0)) : rdc_typeinfo_handle(x);
}

SEXP rdc_r_typeinfo_known(SEXP x) { return rdc_typeinfo_known(x); }

SEXP rdc_typeinfo_env(SEXP handle) { return VECTOR_ELT(R_ExternalPtrProtected(handle), HOLD_ENV); }

SEXP rdc_typeinfo_converter(const rdc_type *type, rdc_converter_part part)
{
  return VECTOR_ELT(VECTOR_ELT(R_ExternalPtrProtected((SEXP)type->owner), HOLD_CONVERTER), part);
}

static void typeinfo_finalize(SEXP handle)
{
  typeinfo *info = R_ExternalPtrAddr(handle);
  if (!info)
    return;
  R_ClearExternalPtr(handle);
  rdc_arena_free(&info->arena);
  free(info);
}

static SEXP handle_new(const char *kind, SEXP name, SEXP text, SEXP handles, SEXP env)
{
  SEXP hold = PROTECT(Rf_allocVector(VECSXP, HOLD_COUNT));
  SET_VECTOR_ELT(hold, HOLD_KIND, Rf_mkString(kind));
  SET_VECTOR_ELT(hold, HOLD_NAME, name);
  SET_VECTOR_ELT(hold, HOLD_TEXT, text);
  SET_VECTOR_ELT(hold, HOLD_HANDLES, handles);
  SET_VECTOR_ELT(hold, HOLD_ENV, env);
  SEXP handle = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.type, hold));
  R_RegisterCFinalizerEx(handle, typeinfo_finalize, FALSE);
  UNPROTECT(2);
  return handle;
}

/* An empty descriptor owned by the handle, so that nothing leaks when a later step jumps. */
SEXP rdc_typeinfo_tags(SEXP handle, rdc_tags of)
{
  return VECTOR_ELT(R_ExternalPtrProtected(handle), HOLD_TAGS + (int)of);
}

void rdc_typeinfo_set_tags(SEXP handle, rdc_tags of, SEXP tags)
{
  SET_VECTOR_ELT(R_ExternalPtrProtected(handle), HOLD_TAGS + (int)of, tags);
}

static typeinfo *handle_fill(SEXP handle)
{
  typeinfo *info = calloc(1, sizeof *info);
  if (!info)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  rdc_arena_init(&info->arena);
  R_SetExternalPtrAddr(handle, info);
  return info;
}

/* Parses the record at byte `at` of text; returns the byte behind it. */
static size_t build_record(SEXP handle, typeinfo *info, SEXP text, size_t at)
{
  SEXP hold = R_ExternalPtrProtected(handle);
  rdc_typeinfo_scope scope;
  rdc_status status;
  rdc_sig sig;
  rdc_type *type;
  const char *bytes = R_CHAR(STRING_ELT(text, 0));
  rdc_typeinfo_scope_init(&scope, VECTOR_ELT(hold, HOLD_HANDLES));
  rdc_status_clear(&status);
  rdc_sig_init(&sig, bytes, (size_t)LENGTH(STRING_ELT(text, 0)), &info->arena, &scope.scope,
               &status);
  sig.at = at;
  if (rdc_sig_record(&sig, &type))
    rdc_raise(&status, bytes);
  if (type)
    type->owner = handle;
  info->type = type;
  return sig.at;
}

static void build_alias(SEXP handle, typeinfo *info)
{
  SEXP hold = R_ExternalPtrProtected(handle);
  rdc_typeinfo_scope scope;
  rdc_status status;
  rdc_sig sig;
  const rdc_type *meaning;
  SEXP text = STRING_ELT(VECTOR_ELT(hold, HOLD_TEXT), 0);
  rdc_typeinfo_scope_init(&scope, VECTOR_ELT(hold, HOLD_HANDLES));
  rdc_status_clear(&status);
  rdc_sig_init(&sig, R_CHAR(text), (size_t)LENGTH(text), &info->arena, &scope.scope, &status);
  if (rdc_sig_type(&sig, &meaning))
    rdc_raise(&status, R_CHAR(text));
  if (meaning->kind == RDC_ARRAY && !meaning->is_complete)
    rdc_raise_code(RDC_TYPE_INCOMPLETE, R_CHAR(text));
  info->type = meaning;
}

/* A name for the type of the text, whose values R functions convert. */
static void build_converter(SEXP handle, typeinfo *info)
{
  SEXP name = STRING_ELT(VECTOR_ELT(R_ExternalPtrProtected(handle), HOLD_NAME), 0);
  build_alias(handle, info);
  const rdc_type *base = info->type, *bare = rdc_type_strip(base);
  rdc_type *type = rdc_type_new(&info->arena, RDC_NAMED);
  if (rdc_type_reserved(R_CHAR(name), (size_t)LENGTH(name)))
    rdc_raise_code(RDC_TYPE_VALUE, "a name that is not reserved", R_CHAR(name));
  if (!bare->is_complete)
    rdc_raise_code(bare->kind == RDC_NAMED ? RDC_TYPE_UNKNOWN : RDC_TYPE_INCOMPLETE,
                   bare->name ? bare->name : "void");
  if (!type || !(type->name = rdc_arena_text(&info->arena, R_CHAR(name), (size_t)LENGTH(name))))
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  type->base = base;
  type->size = base->size;
  type->align = base->align;
  type->is_complete = 1;
  type->is_converted = 1;
  type->owner = handle;
  info->type = type;
}

static void build_enum(SEXP handle, typeinfo *info)
{
  SEXP hold = R_ExternalPtrProtected(handle);
  SEXP labels = VECTOR_ELT(hold, HOLD_LABELS), values = VECTOR_ELT(hold, HOLD_VALUES);
  SEXP name = STRING_ELT(VECTOR_ELT(hold, HOLD_NAME), 0);
  size_t n = (size_t)XLENGTH(labels);
  rdc_type *type = rdc_type_new(&info->arena, RDC_ENUM);
  const rdc_type *base = rdc_type_letter(R_CHAR(STRING_ELT(VECTOR_ELT(hold, HOLD_TEXT), 0))[0]);
  if (!type || !(type->labels = rdc_arena_array(&info->arena, n, sizeof *type->labels)) ||
      !(type->name = rdc_arena_text(&info->arena, R_CHAR(name), (size_t)LENGTH(name))))
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  if (!base || !rdc_kind_is_integer(base->kind))
    rdc_raise_code(RDC_TYPE_VALUE, "the letter of an integer type for an enum",
                   R_CHAR(STRING_ELT(VECTOR_ELT(hold, HOLD_TEXT), 0)));
  type->base = base;
  type->size = base->size;
  type->align = base->align;
  type->is_complete = 1;
  type->count = n;
  type->owner = handle;
  type->is_flags = Rf_asLogical(VECTOR_ELT(hold, HOLD_FLAGS)) == 1;
  int is_bits = Rf_inherits(values, "integer64") || Rf_inherits(values, "uint64");
  for (size_t i = 0; i < n; i++) {
    type->labels[i].name = R_CHAR(STRING_ELT(labels, (R_xlen_t)i)); /* held by the handle */
    if (is_bits) /* exact 64-bit integers, in a vector of doubles */
      memcpy(&type->labels[i].value, REAL(values) + i, sizeof type->labels[i].value);
    else
      type->labels[i].value = (int64_t)REAL(values)[i];
  }
  info->type = type;
}

/* Fills a handle from its text. On failure the handle stays empty. */
static SEXP typeinfo_build(SEXP handle)
{
  SEXP hold = R_ExternalPtrProtected(handle);
  if (TYPEOF(hold) != VECSXP || XLENGTH(hold) != HOLD_COUNT)
    rdc_raise_code(RDC_TYPE_VALUE, "type information", "an external pointer without its text");
  const char *kind = R_CHAR(STRING_ELT(VECTOR_ELT(hold, HOLD_KIND), 0));
  /* build into a fresh handle first: an error must not leave half a descriptor behind */
  SEXP made = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.type, hold));
  R_RegisterCFinalizerEx(made, typeinfo_finalize, FALSE);
  typeinfo *info = handle_fill(made);
  if (!strcmp(kind, "record"))
    build_record(made, info, VECTOR_ELT(hold, HOLD_TEXT), 0);
  else if (!strcmp(kind, "enum"))
    build_enum(made, info);
  else if (!strcmp(kind, "converter"))
    build_converter(made, info);
  else
    build_alias(made, info);
  if (info->type && info->type->owner == made)
    ((rdc_type *)(uintptr_t)info->type)->owner = handle;
  R_ClearExternalPtr(made);
  R_SetExternalPtrAddr(handle, info);
  R_RegisterCFinalizerEx(handle, typeinfo_finalize, FALSE);
  UNPROTECT(1);
  return handle;
}

static void need_text(SEXP text, const char *what)
{
  char got[256];
  if (rdc_r_is_string(text))
    return;
  rdc_describe(text, got, sizeof got);
  rdc_raise_code(RDC_ARG_TYPE, what, got);
}

/* Collects every name that a parser asks for and answers with a type that is valid everywhere. */
typedef struct name_collector {
  rdc_scope scope;
  rdc_arena *arena;
  const char **names;
  size_t count, room;
} name_collector;

static const rdc_type *collect_name(const rdc_scope *scope, const char *name, size_t length)
{
  name_collector *self = (name_collector *)(uintptr_t)scope;
  const rdc_type *answer = rdc_type_letter('L');
  for (size_t i = 0; i < self->count; i++)
    if (strlen(self->names[i]) == length && !memcmp(self->names[i], name, length))
      return answer;
  if (self->count == self->room) {
    size_t room = self->room ? self->room * 2 : 16;
    const char **names = rdc_arena_array(self->arena, room, sizeof *names);
    if (!names)
      return NULL;
    if (self->count)
      memcpy(names, self->names, self->count * sizeof *names);
    self->names = names;
    self->room = room;
  }
  const char *copy = rdc_arena_text(self->arena, name, length);
  if (copy)
    self->names[self->count++] = copy;
  return answer;
}

SEXP rdc_typeinfo_open_names(SEXP text, SEXP kind)
{
  rdc_arena *arena;
  rdc_status status;
  rdc_sig sig;
  rdc_code code = RDC_OK;
  need_text(text, "a signature (one string)");
  SEXP string = STRING_ELT(text, 0);
  const char *what = R_CHAR(STRING_ELT(kind, 0));
  SEXP owner = PROTECT(rdc_pointer_arena(&arena));
  name_collector names = {{collect_name, NULL}, arena, NULL, 0, 0};
  rdc_status_clear(&status);
  rdc_sig_init(&sig, R_CHAR(string), (size_t)LENGTH(string), arena, &names.scope, &status);
  if (!strcmp(what, "call")) {
    rdc_type *type;
    code = rdc_sig_call(&sig, &type);
  } else if (!strcmp(what, "type")) {
    const rdc_type *type;
    code = rdc_sig_type(&sig, &type);
  } else {
    rdc_type *type;
    do
      code = rdc_sig_record(&sig, &type);
    while (!code && type);
  }
  if (arena->failed)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  if (code)
    rdc_raise(&status, R_CHAR(string));
  SEXP made = R_NilValue;
  if (names.count) {
    made = PROTECT(Rf_allocVector(STRSXP, (R_xlen_t)names.count));
    for (size_t i = 0; i < names.count; i++)
      SET_STRING_ELT(made, (R_xlen_t)i, Rf_mkCharCE(names.names[i], CE_UTF8));
    UNPROTECT(1);
  }
  PROTECT(made);
  rdc_pointer_release(owner);
  UNPROTECT(2);
  return made;
}

SEXP rdc_typeinfo_resolve(SEXP names, SEXP env)
{
  if (names == R_NilValue)
    return R_NilValue;
  SEXP call = PROTECT(Rf_lang3(rdc_hook.resolve, names, env));
  SEXP handles = Rf_eval(call, R_GlobalEnv);
  UNPROTECT(1);
  return handles;
}

/* Whether x is the type information of a handle, which stands at its end. */
static int is_info_of(SEXP x, SEXP handle)
{
  R_xlen_t n = XLENGTH(x);
  PROTECT(x); /* it may be what an active binding made */
  int same = n > 0 && VECTOR_ELT(x, n - 1) == handle && Rf_inherits(x, "typeinfo");
  UNPROTECT(1);
  return same;
}

/* Follows what the hook `resolve` does as far as that is simple: the first list of that name is the type. */
int rdc_typeinfo_are(SEXP symbols, SEXP handles, SEXP env)
{
  for (R_xlen_t i = 0; i < XLENGTH(symbols); i++) {
    SEXP symbol = VECTOR_ELT(symbols, i), handle = VECTOR_ELT(handles, i), at = env, found = NULL;
    for (; at != R_EmptyEnv; at = rdc_r_enclosure(at)) {
      if (handle == R_NilValue && Rf_isObject(at))
        return 0; /* a port has types in another place */
      found = rdc_r_variable(symbol, at);
      if (found == R_MissingArg)
        return 0;
      if (found && TYPEOF(found) == VECSXP)
        break;
    }
    if (at == R_EmptyEnv ? handle != R_NilValue : !is_info_of(found, handle))
      return 0;
  }
  return 1;
}

SEXP rdc_r_typeinfo_names(SEXP text, SEXP kind) { return rdc_typeinfo_open_names(text, kind); }

SEXP rdc_r_typeinfo_record(SEXP text, SEXP at, SEXP handles, SEXP env)
{
  need_text(text, "a struct signature (one string)");
  SEXP handle = PROTECT(handle_new("record", R_NilValue, R_NilValue, handles, env));
  typeinfo *info = handle_fill(handle);
  size_t start = (size_t)Rf_asInteger(at);
  size_t end = build_record(handle, info, text, start);
  SEXP made = PROTECT(Rf_allocVector(VECSXP, 2));
  if (info->type) {
    SEXP hold = R_ExternalPtrProtected(handle);
    const char *bytes = R_CHAR(STRING_ELT(text, 0));
    SET_VECTOR_ELT(hold, HOLD_NAME, Rf_mkString(info->type->name));
    SET_VECTOR_ELT(hold, HOLD_TEXT,
                   Rf_ScalarString(Rf_mkCharLenCE(bytes + start, (int)(end - start), CE_UTF8)));
    SET_VECTOR_ELT(made, 0, handle);
  }
  SET_VECTOR_ELT(made, 1, Rf_ScalarInteger((int)end));
  UNPROTECT(2);
  return made;
}

SEXP rdc_r_typeinfo_alias(SEXP name, SEXP text, SEXP handles, SEXP env)
{
  need_text(name, "the name of a type");
  need_text(text, "a type signature (one string)");
  SEXP handle = PROTECT(handle_new("alias", name, text, handles, env));
  build_alias(handle, handle_fill(handle));
  UNPROTECT(1);
  return handle;
}

/* converter is list(to, from, vectorised). */
SEXP rdc_r_typeinfo_converter(SEXP name, SEXP text, SEXP handles, SEXP env, SEXP converter)
{
  need_text(name, "the name of a type");
  need_text(text, "a type signature (one string)");
  SEXP handle = PROTECT(handle_new("converter", name, text, handles, env));
  SET_VECTOR_ELT(R_ExternalPtrProtected(handle), HOLD_CONVERTER, converter);
  build_converter(handle, handle_fill(handle));
  UNPROTECT(1);
  return handle;
}

SEXP rdc_r_typeinfo_enum(SEXP name, SEXP letter, SEXP labels, SEXP values, SEXP flags, SEXP env)
{
  char got[256];
  need_text(name, "the name of an enum");
  need_text(letter, "the letter of an integer type");
  if (TYPEOF(labels) != STRSXP || TYPEOF(values) != REALSXP || XLENGTH(labels) != XLENGTH(values)) {
    rdc_describe(values, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, "labels and as many values", got);
  }
  SEXP handle = PROTECT(handle_new("enum", name, letter, R_NilValue, env));
  SEXP hold = R_ExternalPtrProtected(handle);
  SET_VECTOR_ELT(hold, HOLD_LABELS, labels);
  SET_VECTOR_ELT(hold, HOLD_VALUES, values);
  SET_VECTOR_ELT(hold, HOLD_FLAGS, flags);
  build_enum(handle, handle_fill(handle));
  UNPROTECT(1);
  return handle;
}

static SEXP text_of(const rdc_type *type)
{
  char few[256], *text = few;
  size_t n = rdc_type_text(type, few, sizeof few);
  if (n >= sizeof few) {
    text = R_alloc(n + 1, 1);
    rdc_type_text(type, text, n + 1);
  }
  return Rf_mkCharCE(text, CE_UTF8);
}

/* list(name, kind, signature, size, align, fields, types, offsets, bits, labels, values, env, converter) */
SEXP rdc_r_typeinfo_describe(SEXP handle)
{
  static const char *const parts[] = {"name",   "type",  "signature", "size", "align",
                                      "fields", "types", "offsets",   "bits", "labels",
                                      "values", "env",   "converter", ""};
  const rdc_type *type = rdc_typeinfo_type(handle), *bare = rdc_type_strip(type);
  SEXP hold = R_ExternalPtrProtected(handle);
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts));
  const char *kind = type->kind == RDC_STRUCT    ? "struct"
                     : type->kind == RDC_UNION   ? "union"
                     : type->kind == RDC_ENUM    ? "enum"
                     : bare->kind == RDC_POINTER ? "pointer"
                     : bare->kind == RDC_STRUCT  ? "struct"
                     : bare->kind == RDC_UNION   ? "union"
                                                 : "base";
  SET_VECTOR_ELT(made, 0, VECTOR_ELT(hold, HOLD_NAME));
  SET_VECTOR_ELT(made, 1, Rf_mkString(kind));
  SET_VECTOR_ELT(made, 2, VECTOR_ELT(hold, HOLD_TEXT));
  SET_VECTOR_ELT(made, 3,
                 bare->is_complete ? Rf_ScalarReal((double)bare->size) : Rf_ScalarReal(NA_REAL));
  SET_VECTOR_ELT(made, 4, Rf_ScalarInteger((int)bare->align));
  if ((bare->kind == RDC_STRUCT || bare->kind == RDC_UNION) && bare->is_complete) {
    R_xlen_t n = (R_xlen_t)bare->count;
    SEXP fields = Rf_allocVector(STRSXP, n), types, offsets, bits;
    SET_VECTOR_ELT(made, 5, fields);
    SET_VECTOR_ELT(made, 6, types = Rf_allocVector(STRSXP, n));
    SET_VECTOR_ELT(made, 7, offsets = Rf_allocVector(REALSXP, n));
    SET_VECTOR_ELT(made, 8, bits = Rf_allocVector(INTSXP, n));
    for (R_xlen_t i = 0; i < n; i++) {
      const rdc_field *field = &bare->fields[i];
      SET_STRING_ELT(fields, i, Rf_mkCharCE(field->name, CE_UTF8));
      SET_STRING_ELT(types, i, text_of(field->type));
      REAL(offsets)[i] = (double)field->offset;
      INTEGER(bits)[i] = field->is_bits ? (int)field->bits : NA_INTEGER;
    }
  }
  const rdc_type *declared = rdc_type_enum(type);
  SEXP of_enum = declared ? R_ExternalPtrProtected((SEXP)declared->owner) : hold;
  SET_VECTOR_ELT(made, 9, VECTOR_ELT(of_enum, HOLD_LABELS));
  SET_VECTOR_ELT(made, 10, VECTOR_ELT(of_enum, HOLD_VALUES));
  SET_VECTOR_ELT(made, 11, VECTOR_ELT(hold, HOLD_ENV));
  SET_VECTOR_ELT(made, 12, VECTOR_ELT(hold, HOLD_CONVERTER));
  UNPROTECT(1);
  return made;
}
