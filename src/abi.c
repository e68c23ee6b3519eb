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
  made->alignment = (unsigned short)type->align;
  made->type = FFI_TYPE_STRUCT;
  made->elements = elements;
  return made;
}

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
    for (size_t i = 0; i < type->count && !stop; i++)
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

static int classify_leaf(void *user, const rdc_type *scalar, size_t offset, const rdc_field *bits)
{
  eightbyte *classes = user;
  if (bits) {
    if (strcmp(bits->name, "_")) { /* unnamed bit-fields are padding */
      size_t first = offset * 8 + bits->shift, last = first + bits->bits - 1;
      for (size_t i = first / 64; i <= last / 64; i++)
        classes[i] = merge(classes[i], INTEGER);
    }
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

static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  eightbyte classes[3] = {NO_CLASS, NO_CLASS, NO_CLASS};
  leaf_visitor visitor = {classify_leaf, classes};
  ffi_type *made = abi_struct(arena, type, 16);
  size_t n = 0;
  if (!made)
    return NULL;
  if (type->size > 16) {
    made->elements[0] = &ffi_type_uint8;
    return made;
  }
  abi_leaves(type, 0, &visitor);
  int in_memory = classes[0] == MEMORY || classes[1] == MEMORY ||
                  (classes[1] == X87UP && classes[0] != X87) || classes[0] == X87UP;
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

static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  hfa found = {RDC_VOID, 0};
  leaf_visitor visitor = {hfa_leaf, &found};
  ffi_type *made = abi_struct(arena, type, 4);
  (void)is_result;
  if (!made)
    return NULL;
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
  return made;
}

#elif defined(ABI_I386) || defined(ABI_WIN64)

/* Only size and alignment matter: the stack, a register of that size, or a pointer to a copy. */
static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  ffi_type *made = abi_struct(arena, type, 1);
  (void)is_result;
  if (made)
    made->elements[0] = &ffi_type_uint8;
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
    *out = type->size ? abi_aggregate(arena, type, is_result) : &ffi_type_void;
  } else {
    *out = abi_scalar(type);
  }
  return *out ? RDC_OK : abi_unsupported(type, status);
}

rdc_code rdc_abi_prepare(rdc_abi *abi, rdc_arena *arena, rdc_mode mode, size_t nargs, size_t fixed,
                         const rdc_type *const *args, const rdc_type *ret, rdc_status *status)
{
  ffi_type **types = rdc_arena_array(arena, nargs + 1, sizeof *types);
  ffi_type *result;
  size_t used = 0, named = 0;
  rdc_code code;
  if (!types)
    return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
  abi->nargs = nargs;
  abi->skip = NULL;
  for (size_t i = 0; i < nargs; i++) {
    if ((code = abi_describe(arena, args[i], 0, &types[used], status)))
      return code;
    if (types[used] == &ffi_type_void) { /* an empty struct, which C passes as nothing */
      if (!abi->skip && !(abi->skip = rdc_arena_alloc(arena, nargs)))
        return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
      abi->skip[i] = 1;
      continue;
    }
    used++;
    if (i < fixed)
      named++;
  }
  if ((code = abi_describe(arena, ret, 1, &result, status)))
    return code;
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
  return RDC_OK;
}

void rdc_abi_invoke(const rdc_abi *abi, rdc_code_pointer code, void *ret, void **args)
{
  if (abi->skip) {
    size_t used = 0;
    for (size_t i = 0; i < abi->nargs; i++)
      if (!abi->skip[i])
        args[used++] = args[i];
  }
  ffi_call((ffi_cif *)&abi->cif, code, ret, args);
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

enum { ABI_FEW_ARGS = 32 };

static void abi_trampoline(ffi_cif *cif, void *ret, void **args, void *user)
{
  rdc_closure *closure = user;
  const rdc_abi *abi = closure->abi;
  (void)cif;
  if (!abi->skip) {
    closure->handler(ret, args, closure->user);
  } else {
    void *few[ABI_FEW_ARGS], **all = few;
    long double nothing = 0;
    if (abi->nargs > ABI_FEW_ARGS && !(all = malloc(abi->nargs * sizeof *all)))
      return;
    for (size_t i = 0, used = 0; i < abi->nargs; i++)
      all[i] = abi->skip[i] ? (void *)&nothing : args[used++];
    closure->handler(ret, all, closure->user);
    if (all != few)
      free(all);
  }
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
