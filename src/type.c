/* Type descriptors, reserved names, canonical text and C spelling. */
#include "type.h"

#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <wchar.h>

/* _Alignof(double) and of long long is 8 on i386 for gcc, but 4 inside a struct; what layouts need is
   the latter, so alignments are read off a struct. */
#define X(letter, kind, spelling, ctype, class)                                                    \
  struct align_##kind {                                                                            \
    char c;                                                                                        \
    ctype x;                                                                                       \
  };
RDC_SCALARS(X)
X(0, FCOMPLEX, "", float _Complex, 0)
X(0, DCOMPLEX, "", double _Complex, 0)
X(0, LCOMPLEX, "", long double _Complex, 0)
X(0, ADDRESS, "", void *, 0)
X(0, SIZE, "", size_t, 0)
X(0, SSIZE, "", ptrdiff_t, 0)
X(0, WCHAR, "", wchar_t, 0)
X(0, CHAR16, "", uint16_t, 0)
X(0, CHAR32, "", uint32_t, 0)
X(0, TIME, "", time_t, 0)
X(0, OFF, "", off_t, 0)
#undef X

#define SCALAR(kind_, ctype, align_)                                                               \
  {                                                                                                \
    .kind = kind_, .is_complete = 1, .size = sizeof(ctype), .align = offsetof(struct align_, x)    \
  }

static const rdc_type type_table[] = {
    [RDC_VOID] = {.kind = RDC_VOID, .size = 0, .align = 1},
#define X(letter, kind, spelling, ctype, class)                                                    \
  [RDC_##kind] = SCALAR(RDC_##kind, ctype, align_##kind),
    RDC_SCALARS(X)
#undef X
        [RDC_FCOMPLEX] = SCALAR(RDC_FCOMPLEX, float _Complex, align_FCOMPLEX),
    [RDC_DCOMPLEX] = SCALAR(RDC_DCOMPLEX, double _Complex, align_DCOMPLEX),
    [RDC_LCOMPLEX] = SCALAR(RDC_LCOMPLEX, long double _Complex, align_LCOMPLEX),
    [RDC_POINTER] = {.kind = RDC_POINTER,
                     .is_complete = 1,
                     .size = sizeof(void *),
                     .align = offsetof(struct align_ADDRESS, x),
                     .base = &type_table[RDC_VOID]},
    [RDC_STRING] = SCALAR(RDC_STRING, char *, align_ADDRESS),
    [RDC_SEXP] = SCALAR(RDC_SEXP, void *, align_ADDRESS),
};

static const struct {
  char letter;          /* 0 for the rest */
  const char *spelling; /* in C */
  signed char sign;     /* 1 signed, 2 unsigned, 3 real, 0 none of them */
} type_info[] = {
#define SIGNED 1
#define UNSIGNED 2
#define REAL 3
    [RDC_VOID] = {'v', "void", 0},
#define X(letter, kind, spelling, ctype, class) [RDC_##kind] = {letter, spelling, class},
    RDC_SCALARS(X)
#undef X
        [RDC_FCOMPLEX] = {0, "float complex", 0},
    [RDC_DCOMPLEX] = {0, "double complex", 0},
    [RDC_LCOMPLEX] = {0, "long double complex", 0},
    [RDC_POINTER] = {'p', "void *", 0},
    [RDC_STRING] = {'Z', "const char *", 0},
    [RDC_SEXP] = {'x', "SEXP", 0},
    [RDC_NAMED] = {0, "", 0},
#undef SIGNED
#undef UNSIGNED
#undef REAL
};

#define SIGNED_OF(size)                                                                            \
  ((size) == 1 ? RDC_CHAR : (size) == 2 ? RDC_SHORT : (size) == 4 ? RDC_INT : RDC_LLONG)
#define UNSIGNED_OF(size)                                                                          \
  ((size) == 1 ? RDC_UCHAR : (size) == 2 ? RDC_USHORT : (size) == 4 ? RDC_UINT : RDC_ULLONG)
#define KIND_OF(ctype)                                                                             \
  ((ctype)-1 < (ctype)1 ? SIGNED_OF(sizeof(ctype)) : UNSIGNED_OF(sizeof(ctype)))
#define RESERVED_AS(kind_, ctype, align_, text)                                                    \
  {                                                                                                \
    .kind = RDC_NAMED, .name = text, .is_complete = 1, .size = sizeof(ctype),                      \
    .align = offsetof(struct align_, x), .base = &type_table[kind_]                                \
  }
#define RESERVED(ctype, align_, text) RESERVED_AS(KIND_OF(ctype), ctype, align_, text)

#define STRING(encoding_)                                                                          \
  {                                                                                                \
    .kind = RDC_STRING, .is_complete = 1, .size = sizeof(char *),                                  \
    .align = offsetof(struct align_ADDRESS, x), .encoding = encoding_                              \
  }

static const rdc_type type_strings[] = {
    [RDC_NATIVE] = STRING(RDC_NATIVE),
    [RDC_LATIN1] = STRING(RDC_LATIN1),
    [RDC_UTF16] = STRING(RDC_UTF16),
    [RDC_UTF32] = STRING(RDC_UTF32),
};

#define RESERVED_STRING(encoding, text)                                                            \
  {                                                                                                \
    .kind = RDC_NAMED, .name = text, .is_complete = 1, .size = sizeof(char *),                     \
    .align = offsetof(struct align_ADDRESS, x), .base = &type_strings[encoding]                    \
  }

static const rdc_type type_reserved[] = {
    RESERVED(size_t, align_SIZE, "size_t"),
    RESERVED(ptrdiff_t, align_SSIZE, "ssize_t"),
    RESERVED(ptrdiff_t, align_SSIZE, "ptrdiff_t"),
    RESERVED(intptr_t, align_SSIZE, "intptr_t"),
    RESERVED(uintptr_t, align_SIZE, "uintptr_t"),
    RESERVED(wchar_t, align_WCHAR, "wchar_t"),
    RESERVED(uint16_t, align_CHAR16, "char16_t"),
    RESERVED(uint32_t, align_CHAR32, "char32_t"),
    RESERVED(time_t, align_TIME, "time_t"),
    RESERVED(off_t, align_OFF, "off_t"),
    RESERVED_AS(RDC_POINTER, void *, align_ADDRESS, "va_list"),
    RESERVED_AS(RDC_LDOUBLE, long double, align_LDOUBLE, "long double"),
    RESERVED_AS(RDC_FCOMPLEX, float _Complex, align_FCOMPLEX, "float complex"),
    RESERVED_AS(RDC_DCOMPLEX, double _Complex, align_DCOMPLEX, "double complex"),
    RESERVED_AS(RDC_LCOMPLEX, long double _Complex, align_LCOMPLEX, "long double complex"),
    RESERVED_STRING(RDC_NATIVE, "native"),
    RESERVED_STRING(RDC_LATIN1, "latin1"),
    RESERVED_STRING(RDC_UTF16, "utf16"),
    RESERVED_STRING(RDC_UTF32, "utf32"),
    RESERVED_STRING(sizeof(wchar_t) == 2 ? RDC_UTF16 : RDC_UTF32, "wstring"),
};

const rdc_type *rdc_type_letter(char letter)
{
  for (size_t i = 0; i < sizeof type_info / sizeof *type_info; i++)
    if (type_info[i].letter && type_info[i].letter == letter)
      return &type_table[i];
  return NULL;
}

const rdc_type *rdc_type_void_pointer(void) { return &type_table[RDC_POINTER]; }

const rdc_type *rdc_type_reserved(const char *name, size_t length)
{
  for (size_t i = 0; i < sizeof type_reserved / sizeof *type_reserved; i++)
    if (strlen(type_reserved[i].name) == length && !memcmp(type_reserved[i].name, name, length))
      return &type_reserved[i];
  return NULL;
}

char rdc_type_kind_letter(rdc_kind kind)
{
  return (size_t)kind < sizeof type_info / sizeof *type_info ? type_info[kind].letter : 0;
}

rdc_type *rdc_type_new(rdc_arena *arena, rdc_kind kind)
{
  rdc_type *type = rdc_arena_alloc(arena, sizeof *type);
  if (type) {
    type->kind = kind;
    type->align = 1;
    type->fixed = RDC_NOWHERE;
  }
  return type;
}

const rdc_type *rdc_type_pointer(rdc_arena *arena, const rdc_type *base)
{
  if (base == &type_table[RDC_VOID])
    return &type_table[RDC_POINTER];
  rdc_type *type = rdc_type_new(arena, RDC_POINTER);
  if (type) {
    type->base = base;
    type->size = sizeof(void *);
    type->align = type_table[RDC_POINTER].align;
    type->is_complete = 1;
  }
  return type;
}

const rdc_type *rdc_type_strip(const rdc_type *type)
{
  while ((type->kind == RDC_NAMED || type->kind == RDC_ENUM) && type->base)
    type = type->base;
  return type;
}

const rdc_type *rdc_type_values(const rdc_type *type)
{
  while ((type->kind == RDC_NAMED || type->kind == RDC_ENUM) && type->base && !type->is_converted)
    type = type->base;
  return type;
}

const rdc_type *rdc_type_plain(const rdc_type *type)
{
  while (type->is_converted)
    type = type->base;
  return type;
}

const rdc_type *rdc_type_enum(const rdc_type *type)
{
  while (type->kind == RDC_NAMED && type->base)
    type = type->base;
  return type->kind == RDC_ENUM ? type : NULL;
}

int rdc_type_has_addresses(const rdc_type *bare)
{
  return bare->has_addresses || bare->kind == RDC_POINTER || bare->kind == RDC_STRING ||
         bare->kind == RDC_SEXP;
}

int rdc_type_is_exact(const rdc_type *type)
{
  return type->kind == RDC_NAMED && !strcmp(type->name, "long double");
}

void rdc_type_labels(const rdc_type *type, int64_t value, char *buffer, size_t size)
{
  uint64_t rest = (uint64_t)value;
  size_t used = 0;
  buffer[0] = '\0';
  for (size_t i = 0; i < type->count; i++)
    if (type->labels[i].value == value) {
      snprintf(buffer, size, "%s", type->labels[i].name);
      return;
    }
  for (size_t i = 0; type->is_flags && i < type->count && used < size; i++) {
    uint64_t flag = (uint64_t)type->labels[i].value;
    if (flag && (rest & flag) == flag) {
      used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? "|" : "",
                               type->labels[i].name);
      rest &= ~flag;
    }
  }
  if (rest)
    buffer[0] = '\0'; /* bits without a label */
}

const char *rdc_type_pointee_name(const rdc_type *type)
{
  if (type->kind != RDC_POINTER)
    return NULL;
  rdc_kind kind = type->base->kind;
  return kind == RDC_NAMED || kind == RDC_STRUCT || kind == RDC_UNION ? type->base->name : NULL;
}

static int kind_sign(rdc_kind kind)
{
  return (size_t)kind < sizeof type_info / sizeof *type_info ? type_info[kind].sign : 0;
}

int rdc_kind_is_signed(rdc_kind kind) { return kind_sign(kind) == 1; }
int rdc_kind_is_integer(rdc_kind kind) { return kind_sign(kind) == 1 || kind_sign(kind) == 2; }
int rdc_kind_is_real(rdc_kind kind) { return kind_sign(kind) == 3; }

/* A bounded writer that counts what it had no room for. */
typedef struct writer {
  char *buffer;
  size_t size;
  size_t used;
} writer;

static void put_bytes(writer *w, const char *text, size_t length)
{
  for (size_t i = 0; i < length; i++, w->used++)
    if (w->used + 1 < w->size)
      w->buffer[w->used] = text[i];
}

static void put_text(writer *w, const char *text) { put_bytes(w, text, strlen(text)); }

static void put_char(writer *w, char c) { put_bytes(w, &c, 1); }

static void put_number(writer *w, size_t n)
{
  char digits[24];
  snprintf(digits, sizeof digits, "%lu", (unsigned long)n);
  put_text(w, digits);
}

/* Only the first dimension of an array may be open. */
static void put_dimension(writer *w, const rdc_type *array, int is_first)
{
  put_char(w, '[');
  if (array->count || !is_first)
    put_number(w, array->count);
  put_char(w, ']');
}

static size_t put_end(writer *w)
{
  if (w->size)
    w->buffer[w->used < w->size ? w->used : w->size - 1] = '\0';
  return w->used;
}

static void write_text(writer *w, const rdc_type *type)
{
  if (type->kind == RDC_ARRAY) {
    const rdc_type *element = type;
    while (element->kind == RDC_ARRAY)
      element = element->base;
    write_text(w, element);
    for (const rdc_type *at = type; at->kind == RDC_ARRAY; at = at->base)
      put_dimension(w, at, at == type);
    return;
  }
  if (type->is_const)
    put_char(w, 'k');
  if (type->name) {
    put_char(w, '<');
    put_text(w, type->name);
    put_char(w, '>');
  } else if (type->kind == RDC_POINTER && type->base->kind == RDC_VOID && !type->base->is_const) {
    put_char(w, 'p');
  } else if (type->kind == RDC_POINTER) {
    put_char(w, '*');
    write_text(w, type->base);
  } else if (type->kind == RDC_FUNCTION) {
    put_char(w, '(');
    if (type->mode) {
      put_char(w, '_');
      put_char(w, type->mode);
    }
    for (size_t i = 0; i <= type->count; i++) {
      if (i == type->fixed)
        put_char(w, '.');
      if (i < type->count)
        write_text(w, type->params[i]);
    }
    put_char(w, ')');
    write_text(w, type->base);
  } else {
    put_char(w, rdc_type_kind_letter(type->kind));
  }
}

size_t rdc_type_text(const rdc_type *type, char *buffer, size_t size)
{
  writer w = {buffer, size, 0};
  write_text(&w, type);
  return put_end(&w);
}

/* C declarators are written from the inside out: what stands before the name (head) and behind it
   (tail) goes to the same writer in two walks over the type. */
/* Whether the declarator of a pointer to this type needs parentheses. */
static int is_grouped(const rdc_type *type)
{
  return type->kind == RDC_FUNCTION || type->kind == RDC_ARRAY;
}

/* How C writes a type of strings, NULL for another type; names that only stand for one are kept. */
static const char *spell_string(const rdc_type *type)
{
  const rdc_type *base = type->kind == RDC_NAMED && type->base ? type->base : type;
  if (base->kind != RDC_STRING || (base != type && base->encoding == RDC_UTF8))
    return NULL;
  if (base != type && !strcmp(type->name, "wstring"))
    return "const wchar_t *";
  return base->encoding == RDC_UTF16   ? "const char16_t *"
         : base->encoding == RDC_UTF32 ? "const char32_t *"
                                       : "const char *";
}

static void spell_base(writer *w, const rdc_type *type)
{
  if (spell_string(type)) {
    put_text(w, spell_string(type));
    put_text(w, type->is_const ? "const" : "");
    return;
  }
  if (type->is_const)
    put_text(w, "const ");
  if (type->name) {
    if (type->kind == RDC_STRUCT)
      put_text(w, "struct ");
    else if (type->kind == RDC_UNION)
      put_text(w, "union ");
    put_text(w, type->name);
  } else if (type->kind == RDC_STRUCT || type->kind == RDC_UNION) {
    put_text(w, type->kind == RDC_STRUCT ? "struct" : "union");
  } else {
    put_text(w, type_info[type->kind].spelling);
  }
}

static void spell_head(writer *w, const rdc_type *type, int has_more)
{
  if (type->kind == RDC_FUNCTION || type->kind == RDC_ARRAY) {
    spell_head(w, type->base, 1);
    return;
  }
  if (type->kind == RDC_POINTER && !type->name) {
    spell_head(w, type->base, 1);
    put_text(w, is_grouped(type->base) ? "(*" : "*");
    if (type->is_const)
      put_text(w, has_more ? "const " : "const");
    return;
  }
  spell_base(w, type);
  if (has_more && (!spell_string(type) || type->is_const))
    put_char(w, ' ');
}

static void spell_tail(writer *w, const rdc_type *type, const char *const *params);

static void spell_params(writer *w, const rdc_type *type, const char *const *params)
{
  put_char(w, '(');
  for (size_t i = 0; i < type->count; i++) {
    const char *name = params && params[i] ? params[i] : "";
    if (i)
      put_text(w, ", ");
    spell_head(w, type->params[i], *name != 0);
    put_text(w, name);
    spell_tail(w, type->params[i], NULL);
  }
  if (type->fixed != RDC_NOWHERE)
    put_text(w, type->count ? ", ..." : "...");
  else if (!type->count)
    put_text(w, "void");
  put_char(w, ')');
}

static void spell_tail(writer *w, const rdc_type *type, const char *const *params)
{
  if (type->kind == RDC_FUNCTION) {
    spell_params(w, type, params);
    spell_tail(w, type->base, NULL);
  } else if (type->kind == RDC_ARRAY) {
    for (const rdc_type *at = type; at->kind == RDC_ARRAY; at = at->base)
      put_dimension(w, at, at == type);
    while (type->kind == RDC_ARRAY)
      type = type->base;
    spell_tail(w, type, NULL);
  } else if (type->kind == RDC_POINTER && !type->name) {
    if (is_grouped(type->base))
      put_char(w, ')');
    spell_tail(w, type->base, NULL);
  }
}

size_t rdc_type_spell(const rdc_type *type, const char *name, const char *const *params,
                      char *buffer, size_t size)
{
  writer w = {buffer, size, 0};
  spell_head(&w, type, name && *name);
  put_text(&w, name ? name : "");
  spell_tail(&w, type, params);
  return put_end(&w);
}
