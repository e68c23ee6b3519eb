/* Calls without libffi: a call loads every register for arguments, and where they do not suffice some words
   of the stack, from an image, whatever the callee reads of them, and the result is in one of few places. So
   one prototype for each of these places serves all signatures. Included by abi.c alone.

   This is sound because registers are assigned to integers and to reals independently and from left to
   right, what is left over goes on the stack in the same order and in whole words, a register or a word that
   the callee does not read means nothing, integers shorter than a register are extended here, a float is the
   low half of its register, and code is opaque to the compiler. What needs more of the stack, or more
   alignment there, and what is in x87 registers is left to libffi. */
#ifndef RDC_ABI_DIRECT_H
#define RDC_ABI_DIRECT_H

/* A file whose bytes are known to be little-endian, with pointers of 8 bytes. */
#if (defined(ABI_SYSV64) || (defined(ABI_AAPCS64) && !defined(__AARCH64EB__))) && defined(__LP64__)
#define ABI_HAS_DIRECT 1
#else
#define ABI_HAS_DIRECT 0
#endif

#include "abi_x87.h"

#if ABI_HAS_DIRECT

enum { DIRECT_WORDS = RDC_ABI_WORDS, DIRECT_REALS = RDC_ABI_REALS, DIRECT_STACK = RDC_ABI_STACK };
enum { DIRECT_REGISTERS = DIRECT_WORDS + DIRECT_REALS };

#ifdef ABI_SYSV64
#define DIRECT_NAMED_WORDS                                                                         \
  uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4, uint64_t w5
#define DIRECT_WORD_NAMES w0, w1, w2, w3, w4, w5
#define DIRECT_WORD_LIST word[0], word[1], word[2], word[3], word[4], word[5]
/* '...' makes the compiler say in al how many vector registers there are, which functions with '...'
   read and others do not. */
#define DIRECT_WORD_PARAMETERS uint64_t, ...
#define DIRECT_PARAMETERS uint64_t, ...
#define DIRECT_ALL_PARAMETERS uint64_t, ...
#else
#define DIRECT_NAMED_WORDS                                                                         \
  uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4, uint64_t w5, uint64_t w6,       \
      uint64_t w7
#define DIRECT_WORD_NAMES w0, w1, w2, w3, w4, w5, w6, w7
#define DIRECT_WORD_LIST                                                                           \
  word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]
#define DIRECT_WORD_PARAMETERS                                                                     \
  uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t
#define DIRECT_PARAMETERS                                                                          \
  DIRECT_WORD_PARAMETERS, double, double, double, double, double, double, double, double
#define DIRECT_ALL_PARAMETERS DIRECT_PARAMETERS, DIRECT_WORD_PARAMETERS
#endif
#define DIRECT_REAL_LIST real[0], real[1], real[2], real[3], real[4], real[5], real[6], real[7]
#define DIRECT_STACK_LIST                                                                          \
  stack[0], stack[1], stack[2], stack[3], stack[4], stack[5], stack[6], stack[7]

/* Registers as parameters of a function that is called. */
#define DIRECT_NAMED                                                                               \
  DIRECT_NAMED_WORDS, double r0, double r1, double r2, double r3, double r4, double r5, double r6, \
      double r7
#define DIRECT_NAMES                                                                               \
  {                                                                                                \
    {DIRECT_WORD_NAMES}, { r0, r1, r2, r3, r4, r5, r6, r7 }                                        \
  }

/* How the bytes of an argument become a register. */
typedef enum direct_load {
  DIRECT_INT8,
  DIRECT_UINT8,
  DIRECT_INT16,
  DIRECT_UINT16,
  DIRECT_INT32,
  DIRECT_UINT32, /* float, too */
  DIRECT_ALL,    /* 8 bytes */
  DIRECT_PART    /* fewer, of an aggregate */
} direct_load;

/* Where a result is. */
typedef enum direct_place {
  DIRECT_VOID,
  DIRECT_WORD,
  DIRECT_REAL,
  DIRECT_WORD_WORD,
  DIRECT_REAL_REAL,
  DIRECT_WORD_REAL,
  DIRECT_REAL_WORD,
  DIRECT_MEMORY /* its address is the first integer argument */
} direct_place;

typedef struct direct_move {
  unsigned argument;    /* index */
  unsigned char offset; /* of the bytes in the argument */
  unsigned char size;   /* how many for DIRECT_PART */
  unsigned char load;   /* direct_load */
  unsigned char to;     /* place in an image, in words: registers of integers, of reals, the stack */
} direct_move;

struct rdc_direct {
  unsigned char place;  /* direct_place */
  unsigned char offset; /* of the result's register in the result */
  unsigned count;       /* of moves */
  direct_move moves[DIRECT_REGISTERS + DIRECT_STACK];
};

/* Where an argument goes: what direct_class answers for registers, or the stack. */
typedef enum direct_where { DIRECT_IN_WORDS, DIRECT_IN_REALS, DIRECT_ON_STACK } direct_where;

/* What is free while registers are handed out. */
typedef struct direct_state {
  rdc_direct *made;
  unsigned used[3]; /* by direct_where */
} direct_state;

/* Adds a move to the next free place of a kind; 0 when there is none. */
static int direct_add(direct_state *at, direct_where where, size_t argument, size_t offset,
                      size_t size, direct_load load)
{
  static const unsigned char room[] = {DIRECT_WORDS, DIRECT_REALS, DIRECT_STACK};
  static const unsigned char first[] = {0, DIRECT_WORDS, DIRECT_REGISTERS};
  if (at->used[where] == room[where])
    return 0;
  direct_move *move = &at->made->moves[at->made->count++];
  move->argument = (unsigned)argument;
  move->offset = (unsigned char)offset;
  move->size = (unsigned char)size;
  move->load = (unsigned char)load;
  move->to = (unsigned char)(first[where] + at->used[where]++);
  return 1;
}

static direct_load direct_load_of(const rdc_type *type)
{
  int is_signed = rdc_kind_is_integer(type->kind) && rdc_kind_is_signed(type->kind);
  switch (type->size) {
  case 1:
    return is_signed ? DIRECT_INT8 : DIRECT_UINT8;
  case 2:
    return is_signed ? DIRECT_INT16 : DIRECT_UINT16;
  case 4:
    return is_signed ? DIRECT_INT32 : DIRECT_UINT32;
  default:
    return DIRECT_ALL;
  }
}

/* The registers of a scalar: 1 for a real, 0 for an integer or pointer, -1 if it needs others. */
static int direct_class(const rdc_type *type)
{
  switch (type->kind) {
  case RDC_FLOAT:
  case RDC_DOUBLE:
    return 1;
  case RDC_POINTER:
  case RDC_STRING:
  case RDC_SEXP:
    return 0;
  default:
    return rdc_kind_is_integer(type->kind) ? 0 : -1;
  }
}

#ifdef ABI_SYSV64

/* The classes of the 8 bytes of what is passed in parts: aggregates and complex numbers; 0 if it goes
   through memory or other registers. */
static int direct_parts(const rdc_type *type, eightbyte *classes)
{
  if (type->kind == RDC_FCOMPLEX || type->kind == RDC_DCOMPLEX) {
    classes[0] = SSE;
    classes[1] = type->kind == RDC_DCOMPLEX ? SSE : NO_CLASS;
    return 1;
  }
  return is_record(type) && type->size <= 16 && classify(type, classes) && classes[0] != X87;
}

/* Adds a move for the 8 bytes of an argument from an offset on, or what there is of them. */
static int direct_add_part(direct_state *at, direct_where where, const rdc_type *type,
                           size_t argument, size_t offset)
{
  size_t bytes = type->size - offset < 8 ? type->size - offset : 8;
  return direct_add(at, where, argument, offset, bytes, bytes == 8 ? DIRECT_ALL : DIRECT_PART);
}

/* An aggregate is in registers as a whole, or on the stack. */
static int direct_aggregate(direct_state *at, const rdc_type *type, size_t argument)
{
  eightbyte classes[2];
  direct_state before = *at;
  unsigned count = at->made->count;
  int is_in = direct_parts(type, classes);
  if (!is_in && !is_record(type))
    return 0;
  for (size_t i = 0; is_in && i < 2 && i * 8 < type->size; i++)
    is_in = classes[i] == NO_CLASS ||
            direct_add_part(at, classes[i] == SSE ? DIRECT_IN_REALS : DIRECT_IN_WORDS, type,
                            argument, i * 8);
  if (is_in)
    return 1;
  *at = before;
  at->made->count = count;
  if (type->align > 8)
    return 0;
  for (size_t offset = 0; offset < type->size; offset += 8)
    if (!direct_add_part(at, DIRECT_ON_STACK, type, argument, offset))
      return 0;
  return 1;
}

static int direct_result(direct_state *at, const rdc_type *type)
{
  eightbyte classes[2];
  if (!direct_parts(type, classes)) {
    if (!is_record(type) || (type->size <= 16 && classes[0] == X87))
      return 0;
    if (type->align > RDC_ALIGNMENT) /* of a result buffer */
      return 0;
    at->made->place = DIRECT_MEMORY;
    at->used[DIRECT_IN_WORDS] = 1;
    return 1;
  }
  if (classes[0] == NO_CLASS || classes[1] == NO_CLASS) {
    at->made->offset = classes[0] == NO_CLASS ? 8 : 0;
    at->made->place = classes[at->made->offset / 8] == SSE ? DIRECT_REAL : DIRECT_WORD;
  } else if (classes[0] == SSE) {
    at->made->place = classes[1] == SSE ? DIRECT_REAL_REAL : DIRECT_REAL_WORD;
  } else {
    at->made->place = classes[1] == SSE ? DIRECT_WORD_REAL : DIRECT_WORD_WORD;
  }
  return 1;
}

#else

static int direct_aggregate(direct_state *at, const rdc_type *type, size_t argument)
{
  (void)at;
  (void)type;
  (void)argument;
  return 0;
}

static int direct_result(direct_state *at, const rdc_type *type)
{
  (void)at;
  (void)type;
  return 0;
}

#endif

/* A scalar in a register, or else on the stack, where Apple's rules differ. */
static int direct_scalar(direct_state *at, direct_where where, const rdc_type *type, size_t argument)
{
  direct_load load = direct_load_of(type);
  if (direct_add(at, where, argument, 0, type->size, load))
    return 1;
#if defined(__APPLE__) && !defined(ABI_SYSV64)
  return 0;
#else
  return direct_add(at, DIRECT_ON_STACK, argument, 0, type->size, load);
#endif
}

/* Where each argument lies in an image; NULL if that is not one place, or memory is short. */
static unsigned *direct_places(rdc_arena *arena, const rdc_direct *direct, size_t nargs,
                               const rdc_type *const *args)
{
  unsigned *places = rdc_arena_array(arena, nargs + 1, sizeof *places);
  unsigned k = 0;
  for (size_t i = 0; places && i < nargs; i++) {
    const direct_move *first = &direct->moves[k];
    size_t bytes = 0;
    for (; k < direct->count && direct->moves[k].argument == i; k++, bytes += 8)
      if (direct->moves[k].offset != bytes || direct->moves[k].to != first->to + bytes / 8)
        return NULL;
    if (bytes < args[i]->size)
      return NULL;
    places[i] = bytes ? first->to * 8u : 0;
  }
  return places;
}

/* How to call without libffi, or NULL when that is not possible, or memory is short. */
static const rdc_direct *direct_prepare(rdc_abi *abi, rdc_arena *arena, size_t fixed,
                                        const rdc_type *const *args)
{
  direct_state at = {rdc_arena_alloc(arena, sizeof(rdc_direct)), {0, 0, 0}};
  const rdc_type *ret = abi->ret;
#if !defined(ABI_SYSV64) && !defined(__linux__)
  if (fixed != RDC_NOWHERE)
    return NULL; /* Apple's and Microsoft's rules differ for functions with '...' */
#else
  (void)fixed;
#endif
  if (!at.made)
    return NULL;
  memset(at.made, 0, sizeof *at.made);
  if (ret->kind == RDC_VOID || !ret->size)
    at.made->place = DIRECT_VOID;
  else if (direct_class(ret) >= 0)
    at.made->place = direct_class(ret) ? DIRECT_REAL : DIRECT_WORD;
  else if (!direct_result(&at, ret))
    return NULL;
  for (size_t i = 0; i < abi->nargs; i++) {
    const rdc_type *type = args[i];
    int class = direct_class(type);
    if (type->size && !(class < 0 ? direct_aggregate(&at, type, i)
                                  : direct_scalar(&at, (direct_where)class, type, i)))
      return NULL;
  }
  abi->reach = at.used[DIRECT_ON_STACK]   ? RDC_REACH_STACK
               : at.used[DIRECT_IN_REALS] ? RDC_REACH_REALS
                                          : RDC_REACH_WORDS;
  abi->places = direct_places(arena, at.made, abi->nargs, args);
  return at.made;
}

static inline uint64_t direct_load_from(const direct_move *move, const char *from)
{
  uint64_t all = 0;
  int8_t b;
  uint8_t ub;
  int16_t s;
  uint16_t us;
  int32_t i;
  uint32_t ui;
  switch (move->load) {
  case DIRECT_INT8:
    memcpy(&b, from, sizeof b);
    return (uint64_t)(int64_t)b;
  case DIRECT_UINT8:
    memcpy(&ub, from, sizeof ub);
    return ub;
  case DIRECT_INT16:
    memcpy(&s, from, sizeof s);
    return (uint64_t)(int64_t)s;
  case DIRECT_UINT16:
    memcpy(&us, from, sizeof us);
    return us;
  case DIRECT_INT32:
    memcpy(&i, from, sizeof i);
    return (uint64_t)(int64_t)i;
  case DIRECT_UINT32:
    memcpy(&ui, from, sizeof ui);
    return ui;
  case DIRECT_ALL:
    memcpy(&all, from, sizeof all);
    return all;
  default:
    memcpy(&all, from, move->size);
    return all;
  }
}

/* Calls code through a prototype whose result is of a type. */
#define DIRECT_CALL(type)                                                                          \
  (reach == RDC_REACH_WORDS ? ((type(*)(DIRECT_WORD_PARAMETERS))code)(DIRECT_WORD_LIST)            \
   : reach == RDC_REACH_REALS                                                                      \
       ? ((type(*)(DIRECT_PARAMETERS))code)(DIRECT_WORD_LIST, DIRECT_REAL_LIST)                    \
       : ((type(*)(DIRECT_ALL_PARAMETERS))code)(DIRECT_WORD_LIST, DIRECT_REAL_LIST,                \
                                                DIRECT_STACK_LIST))

typedef struct direct_words {
  uint64_t first, second;
} direct_words;

typedef struct direct_reals {
  double first, second;
} direct_reals;

typedef struct direct_word_real {
  uint64_t first;
  double second;
} direct_word_real;

typedef struct direct_real_word {
  double first;
  uint64_t second;
} direct_real_word;

/* A call whose arguments are in an image. */
static void direct_call(const rdc_abi *abi, rdc_code_pointer code, void *ret, rdc_image *image)
{
  const rdc_direct *direct = abi->direct;
  rdc_reach reach = abi->reach;
  uint64_t *word = image->in.word, *stack = image->stack;
  const double *real = image->in.real;
  switch (direct->place) {
  case DIRECT_VOID:
    DIRECT_CALL(void);
    break;
  case DIRECT_WORD: {
    uint64_t got = DIRECT_CALL(uint64_t);
    memcpy((char *)ret + direct->offset, &got, sizeof got);
    break;
  }
  case DIRECT_REAL: {
    double got = DIRECT_CALL(double);
    memcpy((char *)ret + direct->offset, &got, sizeof got);
    break;
  }
#ifdef ABI_SYSV64
  case DIRECT_WORD_WORD: {
    direct_words got = DIRECT_CALL(direct_words);
    memcpy(ret, &got, sizeof got);
    break;
  }
  case DIRECT_REAL_REAL: {
    direct_reals got = DIRECT_CALL(direct_reals);
    memcpy(ret, &got, sizeof got);
    break;
  }
  case DIRECT_WORD_REAL: {
    direct_word_real got = DIRECT_CALL(direct_word_real);
    memcpy(ret, &got, sizeof got);
    break;
  }
  case DIRECT_REAL_WORD: {
    direct_real_word got = DIRECT_CALL(direct_real_word);
    memcpy(ret, &got, sizeof got);
    break;
  }
  case DIRECT_MEMORY:
    word[0] = (uint64_t)(uintptr_t)ret;
    DIRECT_CALL(uint64_t);
    break;
#endif
  }
  x87_clean();
}

/* Puts arguments that are anywhere into an image. */
static void direct_load_all(const rdc_abi *abi, void **args, rdc_image *image)
{
  const rdc_direct *direct = abi->direct;
  rdc_abi_clear(abi, image);
  for (unsigned i = 0; i < direct->count; i++) {
    const direct_move *move = &direct->moves[i];
    uint64_t bits = direct_load_from(move, (const char *)args[move->argument] + move->offset);
    memcpy((char *)image + move->to * sizeof bits, &bits, sizeof bits);
  }
}

#endif
#endif
