/* Types to libffi descriptors. Aggregates are described by how the platform passes them, not by their
   members, because libffi knows no unions, bit-fields or packing. */
#include "abi.h"

#include <string.h>

#include "os.h"

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
  int stop_at_empty; /* whether an array without elements, or a bit-field of no width, stops the visit */
} leaf_visitor;

/* gcc sees bit-fields of no width in unions only, clang everywhere. */
#ifdef __APPLE__
enum { ABI_NO_WIDTH_COUNTS = 1 };
#else
enum { ABI_NO_WIDTH_COUNTS = 0 };
#endif

/* Visits the scalars of a type with their offsets; stops at the first non-zero answer. */
static int abi_leaves(const rdc_type *type, size_t offset, const leaf_visitor *v)
{
  int stop = 0;
  type = rdc_type_strip(type);
  if (type->kind == RDC_ARRAY) {
    size_t size = rdc_type_strip(type->base)->size;
    stop = !type->count && v->stop_at_empty;
    for (size_t i = 0; size && i < type->count && !stop; i++)
      stop = abi_leaves(type->base, offset + i * size, v);
  } else if (type->kind == RDC_STRUCT || type->kind == RDC_UNION) {
    for (size_t i = 0; i < type->count && !stop; i++) {
      const rdc_field *field = &type->fields[i];
      if (field->is_bits)
        stop = field->bits
                   ? v->visit(v->user, rdc_type_strip(field->type), offset + field->offset, field)
                   : v->stop_at_empty && (ABI_NO_WIDTH_COUNTS || type->kind == RDC_UNION);
      else
        stop = abi_leaves(field->type, offset + field->offset, v);
    }
  } else {
    stop = v->visit(v->user, type, offset, NULL);
  }
  return stop;
}

#endif

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

static ffi_type *abi_scalar(const rdc_type *type);

/* Each defines ABI_MOST_FILLERS, abi_aggregate(), registers_init() and registers_take(). */
#if defined(ABI_SYSV64)
#include "abi_sysv64.h"
#elif defined(ABI_AAPCS64)
#include "abi_aapcs64.h"
#elif defined(ABI_I386)
#include "abi_i386.h"
#elif defined(ABI_WIN64)
#include "abi_win64.h"
#else
#include "abi_other.h"
#endif

#include "abi_direct.h"

static rdc_abi_path abi_most = RDC_ABI_DIRECT;

rdc_abi_path rdc_abi_limit(rdc_abi_path most) { return RDC_ATOMIC_SWAP(&abi_most, most); }

static const char *const abi_path_names[] = {
#define X(symbol, name) name,
    RDC_ABI_PATHS(X)
#undef X
};

const char *rdc_abi_path_name(rdc_abi_path path) { return abi_path_names[path]; }

rdc_abi_path rdc_abi_path_named(const char *name)
{
  int i = 0;
  while (i < RDC_ABI_PATH_COUNT && strcmp(abi_path_names[i], name))
    i++;
  return (rdc_abi_path)i;
}

rdc_abi_path rdc_abi_path_of(const rdc_abi *abi)
{
  return abi->direct ? RDC_ABI_DIRECT : abi->plan ? RDC_ABI_PLAN : RDC_ABI_CALL;
}

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
  if (arena->failed)
    return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
  return *out ? RDC_OK : abi_unsupported(type, status);
}

/* The one place where the path of a signature is chosen. A call that cannot have its own path takes the
   one before, also when memory is short. */
static void abi_choose(rdc_abi *abi, rdc_arena *arena, size_t fixed, const rdc_type *const *args)
{
#if ABI_HAS_DIRECT
  if (RDC_ATOMIC_GET(&abi_most) >= RDC_ABI_DIRECT)
    abi->direct = direct_prepare(abi, arena, fixed, args);
#else
  (void)arena;
  (void)fixed;
  (void)args;
#endif
#ifdef HAVE_FFI_CALL_PLAN
  if (RDC_ATOMIC_GET(&abi_most) >= RDC_ABI_PLAN && !abi->direct)
    abi->plan = ffi_call_plan_alloc(&abi->cif);
#endif
}

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
  abi->is_variadic = fixed != RDC_NOWHERE;
  abi->uses = NULL;
  abi->direct = NULL;
  abi->places = NULL;
  abi->reach = RDC_REACH_WORDS;
  abi->plan = NULL;
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
  abi_choose(abi, arena, fixed, args);
  return RDC_OK;
}

void rdc_abi_drop(rdc_abi *abi)
{
#ifdef HAVE_FFI_CALL_PLAN
  if (abi->plan)
    ffi_call_plan_free(abi->plan);
#endif
  abi->plan = NULL;
}

static void abi_call(const rdc_abi *abi, rdc_code_pointer code, void *ret, void **args)
{
#ifdef HAVE_FFI_CALL_PLAN
  if (abi->plan) {
    ffi_call_plan_invoke(abi->plan, code, ret, args);
    return;
  }
#endif
  ffi_call((ffi_cif *)&abi->cif, code, ret, args);
}

/* A call through libffi. */
RDC_NOINLINE static void abi_invoke(const rdc_abi *abi, rdc_code_pointer code, void *ret,
                                    void **args)
{
  size_t align = abi->ret->align;
  if (RDC_UNLIKELY(align > RDC_ALIGNMENT && (uintptr_t)ret % align)) {
    char room[abi->ret_size + align];
    char *aligned = room + (rdc_round_up((uintptr_t)room, align) - (uintptr_t)room);
    abi_invoke(abi, code, aligned, args);
    memcpy(ret, aligned, abi->ret->size);
    return;
  }
  if (!abi->uses) {
    abi_call(abi, code, ret, args);
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
    abi_call(abi, code, ret, all);
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

void rdc_abi_invoke_image(const rdc_abi *abi, rdc_code_pointer code, void *ret, rdc_image *image)
{
#if ABI_HAS_DIRECT
  direct_call(abi, code, ret, image);
#else
  (void)abi, (void)code, (void)ret, (void)image; /* there are no places */
#endif
}

void rdc_abi_invoke(const rdc_abi *abi, rdc_code_pointer code, void *ret, void **args)
{
#if ABI_HAS_DIRECT
  if (RDC_LIKELY(abi->direct != NULL)) {
    rdc_image image;
    direct_load_all(abi, args, &image);
    direct_call(abi, code, ret, &image);
    return;
  }
#endif
  abi_invoke(abi, code, ret, args);
  x87_clean();
}

#include "abi_rows.h"

size_t rdc_abi_invoke_rows(const rdc_abi *abi, rdc_code_pointer code, const rdc_column *columns,
                           const unsigned char *skip, size_t n, void *ret, const volatile int *stop)
{
#if ABI_HAS_DIRECT
  if (rows_serves(abi)) {
    size_t rows = rows_run(abi, code, columns, skip, n, ret, stop);
    x87_empty();
    return rows;
  }
#endif
  size_t align = abi->ret->align > RDC_ALIGNMENT ? abi->ret->align : RDC_ALIGNMENT, done = 0;
  char room[abi->ret_size + align];
  char *one = room + (rdc_round_up((uintptr_t)room, align) - (uintptr_t)room);
  void *args[abi->nargs + 1];
  for (; done < n && !*stop; done++) {
    if (skip && skip[done])
      continue;
    for (size_t k = 0; k < abi->nargs; k++)
      args[k] = (void *)(uintptr_t)(columns[k].base + done * columns[k].step);
    rdc_abi_invoke(abi, code, one, args);
    memcpy((char *)ret + done * abi->ret->size, one, abi->ret->size);
  }
  return done;
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
enum { ABI_MOST_MOVED = 14 };

/* Gives a handler one address for each argument of the C function. */
static void abi_spread(const rdc_closure *closure, void *ret, void **args)
{
  const rdc_abi *abi = closure->abi;
  union {
    long double align;
    char bytes[16];
  } nothing, moved[ABI_MOST_MOVED];
  void *all[abi->nargs + 1];
  size_t used = 0, n = 0;
  memset(&nothing, 0, sizeof nothing);
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

#include "abi_pool.h"

rdc_code rdc_abi_closure_open(rdc_closure *closure, rdc_status *status)
{
  closure->slot = 0;
  closure->memory = NULL;
#if ABI_HAS_DIRECT
  if (!closure->is_brief && pool_open(closure))
    return RDC_OK;
#endif
  rdc_os_take(RDC_LOCK_CLOSURES);
  closure->memory = ffi_closure_alloc(sizeof *closure->memory, &closure->code);
  rdc_os_give(RDC_LOCK_CLOSURES);
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
#if ABI_HAS_DIRECT
  pool_close(closure);
#endif
  if (closure->memory) {
    rdc_os_take(RDC_LOCK_CLOSURES);
    ffi_closure_free(closure->memory);
    rdc_os_give(RDC_LOCK_CLOSURES);
  }
  closure->memory = NULL;
  closure->code = NULL;
}
