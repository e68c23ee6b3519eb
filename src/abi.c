/* Types to libffi descriptors. Aggregates are described by how the platform passes them, not by their
   members, because libffi knows no unions, bit-fields or packing. */
#include "abi.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && !defined(_WIN32)
#define ABI_SYSV64 1
#elif defined(__aarch64__)
#define ABI_AAPCS64 1
#elif defined(__i386__) || defined(_M_IX86)
#define ABI_I386 1
#elif defined(_WIN64) && defined(__x86_64__)
#define ABI_WIN64 1
#endif

/* Whether the address of a result without bytes is passed like that of other structs. */
#if defined(ABI_I386) && !defined(_WIN32)
#define ABI_EMPTY_RESULTS 1
#else
#define ABI_EMPTY_RESULTS 0
#endif

static const struct {
  const char *name;
  char letter;
} abi_modes[] = {
#define X(symbol, name, letter) {name, letter},
    RDC_MODES(X)
#undef X
};

rdc_mode rdc_abi_mode(const char *name)
{
  int i = 0;
  while (i < RDC_MODE_COUNT && strcmp(abi_modes[i].name, name))
    i++;
  return (rdc_mode)i;
}

rdc_mode rdc_abi_mode_letter(char letter)
{
  for (int i = 0; i < RDC_MODE_COUNT; i++)
    if (abi_modes[i].letter == letter)
      return (rdc_mode)i;
  return RDC_MODE_DEFAULT;
}

const char *rdc_abi_mode_name(rdc_mode mode) { return abi_modes[mode].name; }

static ffi_abi abi_convention(rdc_mode mode)
{
#ifdef ABI_I386
  switch (mode) {
  case RDC_MODE_STDCALL:
    return FFI_STDCALL;
  case RDC_MODE_THISCALL:
  case RDC_MODE_THISCALL_GCC:
  case RDC_MODE_THISCALL_MSVC:
    return FFI_THISCALL;
  case RDC_MODE_FASTCALL:
  case RDC_MODE_FASTCALL_GCC:
  case RDC_MODE_FASTCALL_MSVC:
    return FFI_FASTCALL;
  default:
    return FFI_DEFAULT_ABI;
  }
#else
  (void)mode; /* other platforms have one convention, as the paper says */
  return FFI_DEFAULT_ABI;
#endif
}

static rdc_code abi_unsupported(const rdc_type *type, rdc_status *status)
{
  char text[160];
  rdc_type_spell(type, NULL, NULL, text, sizeof text);
  return rdc_fail(status, RDC_TYPE_PLATFORM, text);
}

static ffi_type *abi_integer(size_t size, int is_signed)
{
  switch (size) {
  case 1:
    return is_signed ? &ffi_type_sint8 : &ffi_type_uint8;
  case 2:
    return is_signed ? &ffi_type_sint16 : &ffi_type_uint16;
  case 4:
    return is_signed ? &ffi_type_sint32 : &ffi_type_uint32;
  default:
    return is_signed ? &ffi_type_sint64 : &ffi_type_uint64;
  }
}

/* A struct descriptor of given size and alignment with room for n elements; libffi keeps a size that
   is not 0 as it is. */
static ffi_type *abi_struct(rdc_arena *arena, const rdc_type *type, size_t n)
{
  ffi_type *made = rdc_arena_alloc(arena, sizeof *made);
  ffi_type **elements = rdc_arena_array(arena, n + 1, sizeof *elements);
  if (!made || !elements)
    return NULL;
  made->size = type->size;
#ifdef ABI_I386
  made->alignment = 4; /* arguments follow each other in steps of 4 bytes, whatever they ask for */
#else
  made->alignment = (unsigned short)type->align;
#endif
  made->type = FFI_TYPE_STRUCT;
  made->elements = elements;
  return made;
}

#if !defined(ABI_I386) && !defined(ABI_WIN64)

typedef struct leaf_visitor {
  int (*visit)(void *user, const rdc_type *scalar, size_t offset, const rdc_field *bits);
  void *user;
} leaf_visitor;

/* Visits the scalars of a type with their offsets; stops at the first non-zero answer. */
static int abi_leaves(const rdc_type *type, size_t offset, const leaf_visitor *v)
{
  int stop = 0;
  type = rdc_type_strip(type);
  if (type->kind == RDC_ARRAY) {
    size_t size = rdc_type_strip(type->base)->size;
    for (size_t i = 0; size && i < type->count && !stop; i++)
      stop = abi_leaves(type->base, offset + i * size, v);
  } else if (type->kind == RDC_STRUCT || type->kind == RDC_UNION) {
    for (size_t i = 0; i < type->count && !stop; i++) {
      const rdc_field *field = &type->fields[i];
      if (field->is_bits)
        stop = field->bits
                   ? v->visit(v->user, rdc_type_strip(field->type), offset + field->offset, field)
                   : 0;
      else
        stop = abi_leaves(field->type, offset + field->offset, v);
    }
  } else {
    stop = v->visit(v->user, type, offset, NULL);
  }
  return stop;
}

#endif

#if defined(ABI_SYSV64)

/* System V AMD64 psABI 3.2.3: the class of each eightbyte. */
typedef enum { NO_CLASS, INTEGER, SSE, X87, X87UP, MEMORY } eightbyte;

static eightbyte merge(eightbyte a, eightbyte b)
{
  if (a == b || b == NO_CLASS)
    return a;
  if (a == NO_CLASS)
    return b;
  if (a == MEMORY || b == MEMORY)
    return MEMORY;
  if (a == INTEGER || b == INTEGER)
    return INTEGER;
  if (a >= X87 || b >= X87)
    return MEMORY;
  return SSE;
}

/* gcc counts unnamed bit-fields as integers, clang as padding. */
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__)
enum { ABI_UNNAMED_COUNTS = 0 };
#else
enum { ABI_UNNAMED_COUNTS = 1 };
#endif

static int classify_leaf(void *user, const rdc_type *scalar, size_t offset, const rdc_field *bits)
{
  eightbyte *classes = user;
  if (bits) {
    if (!ABI_UNNAMED_COUNTS && !strcmp(bits->name, "_"))
      return 0;
    size_t first = offset * 8 + bits->shift, last = first + bits->bits - 1;
    for (size_t i = first / 64; i <= last / 64; i++)
      classes[i] = merge(classes[i], INTEGER);
    return 0;
  }
  if (offset % scalar->align) {
    classes[0] = MEMORY; /* unaligned fields */
    return 1;
  }
  if (scalar->kind == RDC_LDOUBLE) {
    classes[offset / 8] = merge(classes[offset / 8], X87);
    classes[offset / 8 + 1] = merge(classes[offset / 8 + 1], X87UP);
    return 0;
  }
  eightbyte class =
      rdc_kind_is_real(scalar->kind) || scalar->kind == RDC_FCOMPLEX || scalar->kind == RDC_DCOMPLEX
          ? SSE
          : INTEGER;
  for (size_t i = offset / 8; i <= (offset + scalar->size - 1) / 8; i++)
    classes[i] = merge(classes[i], class);
  return 0;
}

/* Elements that libffi's own classification takes for class MEMORY: x87 merged with SSE. */
static ffi_type abi_memory_x87 = {0, 1, FFI_TYPE_LONGDOUBLE, NULL};
static ffi_type abi_memory_sse = {0, 1, FFI_TYPE_DOUBLE, NULL};

/* Fills 3 classes, of which 2 count, of an aggregate of at most 16 bytes; 0 if it goes through memory. */
static int classify(const rdc_type *type, eightbyte *classes)
{
  leaf_visitor visitor = {classify_leaf, classes};
  classes[0] = classes[1] = classes[2] = NO_CLASS;
  abi_leaves(type, 0, &visitor);
  return classes[0] != MEMORY && classes[1] != MEMORY && classes[0] != X87UP &&
         (classes[1] != X87UP || classes[0] == X87);
}

static int value_leaf(void *user, const rdc_type *scalar, size_t offset, const rdc_field *bits)
{
  (void)user;
  (void)scalar;
  (void)offset;
  return !bits || strcmp(bits->name, "_");
}

static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  eightbyte classes[3];
  leaf_visitor valued = {value_leaf, NULL};
  ffi_type *made = abi_struct(arena, type, 16);
  size_t n = 0;
  if (!made || (!is_result && type->align > 16)) /* libffi aligns the stack no further */
    return NULL;
  if (!abi_leaves(type, 0, &valued)) /* compilers pass this or nothing, in a register or not */
    return NULL;
  if (type->size > 16) {
    made->elements[0] = &ffi_type_uint8;
    return made;
  }
  int in_memory = !classify(type, classes);
  if (!in_memory && classes[0] == X87) {
    /* libffi returns a struct of one long double from the wrong registers and leaves the x87 stack
       full; the scalar comes back from the same place in the right way */
    if (is_result)
      return &ffi_type_longdouble;
    in_memory = 1;
  }
  if (in_memory) {
    made->elements[0] = &abi_memory_x87;
    made->elements[1] = &abi_memory_sse;
    return made;
  }
  for (size_t i = 0; i * 8 < type->size; i++) {
    size_t bytes = type->size - i * 8 < 8 ? type->size - i * 8 : 8;
    if (classes[i] == SSE)
      made->elements[n++] = bytes > 4 ? &ffi_type_double : &ffi_type_float;
    else if (classes[i] == INTEGER)
      for (size_t k = 0; k < bytes; k++)
        made->elements[n++] = &ffi_type_uint8;
  }
  return made;
}

#elif defined(ABI_AAPCS64)

/* AAPCS64 5.9.5: a homogeneous floating-point aggregate has 1 to 4 members of one type. */
typedef struct hfa {
  rdc_kind kind;
  size_t end; /* bytes covered */
} hfa;

static int hfa_leaf(void *user, const rdc_type *scalar, size_t offset, const rdc_field *bits)
{
  hfa *found = user;
  rdc_kind kind = scalar->kind == RDC_FCOMPLEX ? RDC_FLOAT
                  : scalar->kind == RDC_DCOMPLEX ? RDC_DOUBLE
                  : scalar->kind == RDC_LCOMPLEX ? RDC_LDOUBLE
                                                 : scalar->kind;
  if (bits || !rdc_kind_is_real(kind) || (found->kind != RDC_VOID && found->kind != kind))
    return 1;
  found->kind = kind;
  if (offset + scalar->size > found->end)
    found->end = offset + scalar->size;
  return 0;
}

/* The natural alignment: what the members ask for, not what the type itself does. */
static size_t natural_align(const rdc_type *type)
{
  size_t most = 8;
  for (size_t i = 0; i < type->count; i++) {
    size_t align = rdc_type_strip(type->fields[i].type)->align;
    if (type->pack && align > type->pack)
      align = type->pack;
    if (align > most)
      most = align;
  }
  return most < 16 ? most : 16;
}

static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  hfa found = {RDC_VOID, 0};
  leaf_visitor visitor = {hfa_leaf, &found};
  ffi_type *made = abi_struct(arena, type, 4);
  (void)is_result;
  if (!made)
    return NULL;
  made->alignment = (unsigned short)natural_align(type);
  int mixed = abi_leaves(type, 0, &visitor);
  size_t unit = found.kind == RDC_FLOAT ? sizeof(float) : found.kind == RDC_DOUBLE ? 8 : 16;
  ffi_type *element = found.kind == RDC_FLOAT ? &ffi_type_float
                      : found.kind == RDC_DOUBLE ? &ffi_type_double
                                                 : &ffi_type_longdouble;
  if (!mixed && found.kind != RDC_VOID && found.end <= 4 * unit && type->size == found.end)
    for (size_t i = 0; i < found.end / unit; i++)
      made->elements[i] = element;
  else
    made->elements[0] = &ffi_type_uint8;
  if (made->elements[0] == &ffi_type_uint8 && type->size > 16)
    made->alignment = 8; /* libffi aligns the address of the copy to this */
  return made;
}

#elif defined(ABI_I386) || defined(ABI_WIN64)

/* Only size and alignment matter: the stack, a register of that size, or a pointer to a copy. */
static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  ffi_type *made = abi_struct(arena, type, 1);
  (void)is_result;
  if (!made)
    return NULL;
  made->elements[0] = &ffi_type_uint8;
  if (!made->size)
    made->size = 1; /* a result that has an address, but no bytes */
  return made;
}

#else

static int plain_leaf(void *user, const rdc_type *scalar, size_t offset, const rdc_field *bits)
{
  (void)user;
  return bits || offset % scalar->align;
}

static ffi_type *abi_scalar(const rdc_type *type);

static ffi_type *abi_member(rdc_arena *arena, const rdc_type *type)
{
  type = rdc_type_strip(type);
  if (type->kind != RDC_STRUCT && type->kind != RDC_ARRAY)
    return abi_scalar(type);
  ffi_type *made = abi_struct(arena, type, type->count);
  for (size_t i = 0; made && i < type->count; i++) {
    made->elements[i] =
        abi_member(arena, type->kind == RDC_STRUCT ? type->fields[i].type : type->base);
    if (!made->elements[i])
      return NULL;
  }
  return made;
}

static int has_union(const rdc_type *type)
{
  type = rdc_type_strip(type);
  if (type->kind == RDC_ARRAY)
    return has_union(type->base);
  for (size_t i = 0; type->kind == RDC_STRUCT && i < type->count; i++)
    if (has_union(type->fields[i].type))
      return 1;
  return type->kind == RDC_UNION;
}

/* libffi's own rules, for what it can describe. */
static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  leaf_visitor visitor = {plain_leaf, NULL};
  (void)is_result;
  if (has_union(type) || abi_leaves(type, 0, &visitor))
    return NULL;
  return abi_member(arena, type);
}

#endif

static ffi_type *abi_scalar(const rdc_type *type)
{
  switch (type->kind) {
  case RDC_VOID:
    return &ffi_type_void;
  case RDC_FLOAT:
    return &ffi_type_float;
  case RDC_DOUBLE:
    return &ffi_type_double;
  case RDC_LDOUBLE:
    return &ffi_type_longdouble;
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
  case RDC_FCOMPLEX:
    return &ffi_type_complex_float;
  case RDC_DCOMPLEX:
    return &ffi_type_complex_double;
  case RDC_LCOMPLEX:
    return &ffi_type_complex_longdouble;
#endif
  case RDC_POINTER:
  case RDC_STRING:
  case RDC_SEXP:
    return &ffi_type_pointer;
  default:
    return rdc_kind_is_integer(type->kind) ? abi_integer(type->size, rdc_kind_is_signed(type->kind))
                                           : NULL;
  }
}

static rdc_code abi_describe(rdc_arena *arena, const rdc_type *type, int is_result, ffi_type **out,
                             rdc_status *status)
{
  if (type->kind == RDC_NAMED)
    return rdc_fail(status, RDC_TYPE_UNKNOWN, type->name);
  if (type->kind == RDC_STRUCT || type->kind == RDC_UNION) {
    if (!type->is_complete)
      return rdc_fail(status, RDC_TYPE_INCOMPLETE, type->name ? type->name : "an aggregate");
    *out = type->size || (is_result && ABI_EMPTY_RESULTS) ? abi_aggregate(arena, type, is_result)
                                                          : &ffi_type_void;
  } else {
    *out = abi_scalar(type);
  }
  return *out ? RDC_OK : abi_unsupported(type, status);
}

/* libffi hands out registers from left to right. Where it counts them in another way than compilers do,
   arguments without a meaning stand before an argument: they take what libffi would leave free. */
typedef struct registers {
  size_t left;    /* registers for integers that are free */
  size_t vectors; /* registers for reals that are free, where that matters */
  int none;       /* the convention passes nothing in registers */
  int wide; /* what is no integer of a register's size uses registers up without being in them */
} registers;

static const size_t abi_nothing;

/* In place of a number of arguments: one, from the second 8 bytes of an aggregate, or one from the first
   and one from the second. */
enum { ABI_SECOND = 0xff, ABI_BOTH = 0xfe };

#if defined(ABI_I386)

enum { ABI_MOST_FILLERS = 2 };

static int is_floating(rdc_kind kind)
{
  return rdc_kind_is_real(kind) || kind == RDC_FCOMPLEX || kind == RDC_DCOMPLEX ||
         kind == RDC_LCOMPLEX;
}

/* Whether one real or complex number is the whole of a struct: then gcc passes it like that number. */
static int is_lone_number(const rdc_type *type)
{
  while (type->kind == RDC_STRUCT || type->kind == RDC_ARRAY) {
    const rdc_type *inner = type->kind == RDC_ARRAY ? rdc_type_strip(type->base) : NULL;
    for (size_t i = 0; type->kind == RDC_STRUCT && !inner && i < type->count; i++)
      if (!type->fields[i].is_bits && rdc_type_strip(type->fields[i].type)->size == type->size)
        inner = rdc_type_strip(type->fields[i].type);
    if (!inner || inner->size != type->size)
      return 0;
    type = inner;
  }
  return is_floating(type->kind);
}

static void registers_init(registers *at, rdc_mode mode, const rdc_type *ret)
{
  ffi_abi convention = abi_convention(mode);
  at->left = convention == FFI_FASTCALL ? 2 : convention == FFI_THISCALL ? 1 : 0;
  at->none = !at->left;
  at->wide = mode != RDC_MODE_FASTCALL_MSVC && mode != RDC_MODE_THISCALL_MSVC;
  if (at->left && (ret->kind == RDC_STRUCT || ret->kind == RDC_UNION || ret->kind == RDC_DCOMPLEX ||
                   ret->kind == RDC_LCOMPLEX))
    at->left--; /* the address of the result */
}

/* The fillers that stand before an argument, whose descriptor is replaced by one for which libffi counts
   no registers if the argument is in memory. */
static size_t registers_take(registers *at, rdc_arena *arena, const rdc_type *type, ffi_type **made)
{
  int is_aggregate = type->kind == RDC_STRUCT || type->kind == RDC_UNION;
  size_t fillers = 0;
  if (at->none)
    return 0;
  if (!is_aggregate && (type->size <= 4 || is_floating(type->kind))) {
    if (at->left && !is_floating(type->kind))
      at->left--;
    return 0;
  }
  if (at->wide && !is_lone_number(type))
    fillers = (type->size + 3) / 4;
  if (fillers > at->left)
    fillers = at->left;
  at->left -= fillers;
  if (type->size <= 4)
    *made = &ffi_type_float;
  else if ((*made = abi_struct(arena, type, 0)))
    (*made)->type = FFI_TYPE_DOUBLE; /* which libffi copies at any size */
  return fillers;
}

#elif defined(ABI_AAPCS64)

enum { ABI_MOST_FILLERS = 4 };

static void registers_init(registers *at, rdc_mode mode, const rdc_type *ret)
{
  (void)mode;
  (void)ret;
  at->left = 8;
  at->none = 0;
  at->wide = 1;
}

/* AAPCS64 6.8.2, C.10: an aggregate of 16 bytes that is aligned to 16 starts at an even register. */
static size_t registers_take(registers *at, rdc_arena *arena, const rdc_type *type, ffi_type **made)
{
  size_t words = 1, fillers = 0;
  (void)arena;
  if ((*made)->type == FFI_TYPE_STRUCT && (*made)->elements[0] != &ffi_type_uint8)
    return 0; /* homogeneous */
  if ((*made)->type == FFI_TYPE_STRUCT) {
    words = type->size > 16 ? 1 : (type->size + 7) / 8;
#ifndef __APPLE__
    fillers = type->size <= 16 && (*made)->alignment >= 16 && at->left % 2;
#endif
  } else if (!rdc_kind_is_integer(type->kind) && type->kind != RDC_POINTER &&
             type->kind != RDC_STRING && type->kind != RDC_SEXP) {
    return 0;
  }
  words += fillers;
  at->left = words <= at->left ? at->left - words : 0;
  return fillers;
}

#elif defined(ABI_SYSV64)

enum { ABI_MOST_FILLERS = 1 };

static int is_record(const rdc_type *type)
{
  return type->kind == RDC_STRUCT || type->kind == RDC_UNION;
}

static void registers_init(registers *at, rdc_mode mode, const rdc_type *ret)
{
  eightbyte classes[3];
  (void)mode;
  at->left = is_record(ret) && (ret->size > 16 || !classify(ret, classes)) ? 5 : 6;
  at->vectors = 8;
  at->none = 0;
  at->wide = 0;
}

/* An aggregate one of whose two eightbytes is padding is passed in registers as the scalar that is the
   other one, which begins at offset; libffi would count two registers. NULL for all others. */
static ffi_type *abi_half(const rdc_type *type, size_t *offset)
{
  eightbyte classes[3];
  *offset = 0;
  if (!is_record(type) || type->size <= 8 || type->size > 16 || !classify(type, classes) ||
      (classes[0] == NO_CLASS) == (classes[1] == NO_CLASS))
    return NULL;
  *offset = classes[0] == NO_CLASS ? 8 : 0;
  return classes[*offset / 8] == SSE ? &ffi_type_double : &ffi_type_uint64;
}

static size_t registers_take(registers *at, rdc_arena *arena, const rdc_type *type, ffi_type **made)
{
  eightbyte classes[3] = {NO_CLASS, NO_CLASS, NO_CLASS};
  size_t left = 0, vectors = 0, offset;
  (void)arena;
  if (is_record(type)) {
    if (type->size > 16 || !classify(type, classes) || classes[0] == X87)
      return 0;
  } else if (type->kind == RDC_LDOUBLE || type->kind == RDC_LCOMPLEX) {
    return 0;
  } else {
    int real = rdc_kind_is_real(type->kind) || type->kind == RDC_FCOMPLEX;
    classes[0] = real || type->kind == RDC_DCOMPLEX ? SSE : INTEGER;
    classes[1] = type->kind == RDC_DCOMPLEX ? SSE : NO_CLASS;
  }
  for (int i = 0; i < 2; i++) {
    left += classes[i] == INTEGER;
    vectors += classes[i] == SSE;
  }
  if (left > at->left || vectors > at->vectors)
    return 0; /* on the stack, as a whole */
  at->left -= left;
  at->vectors -= vectors;
  /* libffi copies all bytes of an aggregate to its general register, over the first vector register if
     that is the last one */
  if (is_record(type) && classes[0] == INTEGER && classes[1] == SSE && !at->left && at->vectors < 7)
    return ABI_BOTH - 1;
  ffi_type *half = abi_half(type, &offset);
  if (half)
    *made = half;
  return half && offset ? ABI_SECOND - 1 : 0;
}

#else

enum { ABI_MOST_FILLERS = 0 };

static void registers_init(registers *at, rdc_mode mode, const rdc_type *ret)
{
  (void)mode;
  (void)ret;
  at->left = 0;
  at->none = 0;
  at->wide = 0;
}

static size_t registers_take(registers *at, rdc_arena *arena, const rdc_type *type, ffi_type **made)
{
  (void)at;
  (void)arena;
  (void)type;
  (void)made;
  return 0;
}

#endif

rdc_code rdc_abi_prepare(rdc_abi *abi, rdc_arena *arena, rdc_mode mode, size_t nargs, size_t fixed,
                         const rdc_type *const *args, const rdc_type *ret, rdc_status *status)
{
  ffi_type **types = rdc_arena_array(arena, nargs + ABI_MOST_FILLERS + 1, sizeof *types);
  ffi_type *result;
  registers free;
  size_t used = 0, named = 0;
  rdc_code code;
  if (!types)
    return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
  abi->nargs = nargs;
  abi->uses = NULL;
  if (fixed != RDC_NOWHERE)
    mode = RDC_MODE_DEFAULT; /* the other conventions are those of functions without '...' */
  registers_init(&free, mode, ret);
  for (size_t i = 0; i < nargs; i++) {
    ffi_type *made;
    if ((code = abi_describe(arena, args[i], 0, &made, status)))
      return code;
    size_t uses = 0; /* C passes an empty struct as nothing */
    if (made != &ffi_type_void)
      uses = 1 + registers_take(&free, arena, args[i], &made);
    if (uses != 1 && !abi->uses) {
      if (!(abi->uses = rdc_arena_alloc(arena, nargs)))
        return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
      memset(abi->uses, 1, nargs);
    }
    if (!made)
      return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
    if (abi->uses)
      abi->uses[i] = (unsigned char)uses;
    if (uses == ABI_BOTH) {
      types[used++] = &ffi_type_uint64;
      made = &ffi_type_double;
    }
    for (; uses > 1 && uses < ABI_BOTH; uses--)
      types[used++] = sizeof(void *) == 8 ? &ffi_type_uint64 : &ffi_type_uint32;
    if (uses)
      types[used++] = made;
    if (i < fixed)
      named = used;
  }
  if ((code = abi_describe(arena, ret, 1, &result, status)))
    return code;
  abi->ret_offset = 0;
#ifdef ABI_SYSV64
  ffi_type *half = abi_half(ret, &abi->ret_offset);
  if (half)
    result = half;
#endif
  abi->ret = ret;
  abi->ret_size = rdc_round_up(ret->size > 16 ? ret->size : 16, RDC_ALIGNMENT);
  ffi_status done =
      fixed == RDC_NOWHERE
          ? ffi_prep_cif(&abi->cif, abi_convention(mode), (unsigned)used, result, types)
          : ffi_prep_cif_var(&abi->cif, abi_convention(mode), (unsigned)named, (unsigned)used,
                             result, types);
  if (done != FFI_OK)
    return rdc_fail(status, RDC_TYPE_PLATFORM,
                    done == FFI_BAD_ABI ? "this call mode" : "these types together");
#ifdef ABI_AAPCS64
  /* libffi's size of the stack lacks the addresses of copied aggregates and the alignment of copies */
  abi->cif.bytes += (unsigned)(used * 32);
#endif
  return RDC_OK;
}

void rdc_abi_invoke(const rdc_abi *abi, rdc_code_pointer code, void *ret, void **args)
{
  size_t align = abi->ret->align;
  if (RDC_UNLIKELY(align > RDC_ALIGNMENT && (uintptr_t)ret % align)) {
    char room[abi->ret_size + align];
    char *aligned = room + (rdc_round_up((uintptr_t)room, align) - (uintptr_t)room);
    rdc_abi_invoke(abi, code, aligned, args);
    memcpy(ret, aligned, abi->ret->size);
    return;
  }
  if (!abi->uses) {
    ffi_call((ffi_cif *)&abi->cif, code, ret, args);
  } else {
    void *all[abi->cif.nargs + 1];
    for (size_t i = 0, used = 0; i < abi->nargs; i++) {
      size_t uses = abi->uses[i];
      for (; uses > 1 && uses < ABI_BOTH; uses--)
        all[used++] = (void *)&abi_nothing;
      if (uses == ABI_BOTH)
        all[used++] = args[i];
      if (uses)
        all[used++] = (char *)args[i] + (uses >= ABI_BOTH ? 8 : 0);
    }
    ffi_call((ffi_cif *)&abi->cif, code, ret, all);
  }
  if (abi->ret_offset)
    memcpy((char *)ret + abi->ret_offset, ret, 8);
  /* libffi widens small integers to a register: take the low bytes wherever they are */
  if (rdc_kind_is_integer(abi->ret->kind) && abi->ret->size < sizeof(ffi_arg)) {
    ffi_arg wide;
    memcpy(&wide, ret, sizeof wide);
    if (abi->ret->size == 1) {
      unsigned char narrow = (unsigned char)wide;
      memcpy(ret, &narrow, sizeof narrow);
    } else if (abi->ret->size == 2) {
      unsigned short narrow = (unsigned short)wide;
      memcpy(ret, &narrow, sizeof narrow);
    } else {
      unsigned narrow = (unsigned)wide;
      memcpy(ret, &narrow, sizeof narrow);
    }
  }
}

/* Widens a small integer result as libffi wants it from a closure. */
static void abi_widen(const rdc_type *type, void *ret)
{
  ffi_arg wide;
  if (!rdc_kind_is_integer(type->kind) || type->size >= sizeof wide)
    return;
  int is_signed = rdc_kind_is_signed(type->kind);
  if (type->size == 1) {
    unsigned char narrow;
    memcpy(&narrow, ret, sizeof narrow);
    wide = is_signed ? (ffi_arg)(ffi_sarg)(signed char)narrow : narrow;
  } else if (type->size == 2) {
    unsigned short narrow;
    memcpy(&narrow, ret, sizeof narrow);
    wide = is_signed ? (ffi_arg)(ffi_sarg)(short)narrow : narrow;
  } else {
    unsigned narrow;
    memcpy(&narrow, ret, sizeof narrow);
    wide = is_signed ? (ffi_arg)(ffi_sarg)(int)narrow : narrow;
  }
  memcpy(ret, &wide, sizeof wide);
}

/* No more than 14 registers carry arguments. */
enum { ABI_FEW_ARGS = 32, ABI_MOST_MOVED = 14 };

/* Gives a handler one address for each argument of the C function. */
static void abi_spread(const rdc_closure *closure, void *ret, void **args)
{
  const rdc_abi *abi = closure->abi;
  union {
    long double align;
    char bytes[16];
  } nothing, moved[ABI_MOST_MOVED];
  void *few[ABI_FEW_ARGS], **all = few;
  size_t used = 0, n = 0;
  memset(&nothing, 0, sizeof nothing);
  if (abi->nargs > ABI_FEW_ARGS && !(all = malloc(abi->nargs * sizeof *all)))
    return;
  for (size_t i = 0; i < abi->nargs; i++) {
    if (abi->uses[i] >= ABI_BOTH && n < ABI_MOST_MOVED) {
      memset(&moved[n], 0, 8);
      if (abi->uses[i] == ABI_BOTH)
        memcpy(&moved[n], args[used++], 8);
      memcpy(moved[n].bytes + 8, args[used++], 8);
      all[i] = &moved[n++];
    } else {
      used += abi->uses[i];
      all[i] = abi->uses[i] ? args[used - 1] : &nothing;
    }
  }
  closure->handler(ret, all, closure->user);
  if (all != few)
    free(all);
}

static void abi_trampoline(ffi_cif *cif, void *ret, void **args, void *user)
{
  rdc_closure *closure = user;
  const rdc_abi *abi = closure->abi;
  (void)cif;
  if (abi->uses)
    abi_spread(closure, ret, args);
  else
    closure->handler(ret, args, closure->user);
  if (abi->ret_offset)
    memcpy(ret, (char *)ret + abi->ret_offset, 8);
  abi_widen(abi->ret, ret);
}

rdc_code rdc_abi_closure_open(rdc_closure *closure, rdc_status *status)
{
  closure->memory = ffi_closure_alloc(sizeof *closure->memory, &closure->code);
  if (!closure->memory)
    return rdc_fail(status, RDC_CALLBACK_MEMORY, "the system refuses it");
  ffi_status done = ffi_prep_closure_loc(closure->memory, (ffi_cif *)&closure->abi->cif,
                                         abi_trampoline, closure, closure->code);
  if (done != FFI_OK) {
    rdc_abi_closure_close(closure);
    return rdc_fail(status, RDC_CALLBACK_MEMORY, "libffi cannot make a closure of this type");
  }
  return RDC_OK;
}

void rdc_abi_closure_close(rdc_closure *closure)
{
  if (closure->memory)
    ffi_closure_free(closure->memory);
  closure->memory = NULL;
  closure->code = NULL;
}

const char *rdc_abi_version(void)
{
#ifdef FFI_VERSION_STRING
  return FFI_VERSION_STRING;
#else
  return "";
#endif
}
