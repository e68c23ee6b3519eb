/* Calls without libffi: when all arguments go in registers, a call loads every register for arguments
   from an array, whatever the callee reads of them, and the result is in one of few places. So one
   prototype for each of these places serves all signatures. Included by abi.c alone.

   This is sound because registers are assigned to integers and to reals independently and from left to
   right, a register that the callee does not read means nothing, integers shorter than a register are
   extended here, a float is the low half of its register, and code is opaque to the compiler. What goes
   on the stack or in x87 registers is left to libffi. */
#ifndef RDC_ABI_DIRECT_H
#define RDC_ABI_DIRECT_H

/* A file whose bytes are known to be little-endian, with pointers of 8 bytes. */
#if (defined(ABI_SYSV64) || (defined(ABI_AAPCS64) && !defined(__AARCH64EB__))) && defined(__LP64__)
#define ABI_HAS_DIRECT 1
#else
#define ABI_HAS_DIRECT 0
#endif

#if ABI_HAS_DIRECT

#ifdef ABI_SYSV64
enum { DIRECT_WORDS = 6, DIRECT_REALS = 8 };
#define DIRECT_NAMED_WORDS                                                                         \
  uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4, uint64_t w5
#define DIRECT_WORD_NAMES w0, w1, w2, w3, w4, w5
#define DIRECT_WORD_LIST at.word[0], at.word[1], at.word[2], at.word[3], at.word[4], at.word[5]
/* '...' makes the compiler say in al how many vector registers there are, which functions with '...'
   read and others do not. */
#define DIRECT_WORD_PARAMETERS uint64_t, ...
#define DIRECT_PARAMETERS uint64_t, ...
#else
enum { DIRECT_WORDS = 8, DIRECT_REALS = 8 };
#define DIRECT_NAMED_WORDS                                                                         \
  uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4, uint64_t w5, uint64_t w6,       \
      uint64_t w7
#define DIRECT_WORD_NAMES w0, w1, w2, w3, w4, w5, w6, w7
#define DIRECT_WORD_LIST                                                                           \
  at.word[0], at.word[1], at.word[2], at.word[3], at.word[4], at.word[5], at.word[6], at.word[7]
#define DIRECT_WORD_PARAMETERS                                                                     \
  uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t
#define DIRECT_PARAMETERS                                                                          \
  DIRECT_WORD_PARAMETERS, double, double, double, double, double, double, double, double
#endif
#define DIRECT_REAL_LIST                                                                           \
  at.real[0], at.real[1], at.real[2], at.real[3], at.real[4], at.real[5], at.real[6], at.real[7]

/* The registers for arguments, and as parameters of a function that is called. */
typedef struct direct_image {
  uint64_t word[DIRECT_WORDS];
  double real[DIRECT_REALS];
} direct_image;

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
  unsigned char to;     /* register: of integers, then of reals */
} direct_move;

struct rdc_direct {
  unsigned char place;  /* direct_place */
  unsigned char offset; /* of the result's register in the result */
  unsigned char reals;  /* whether arguments are in registers of reals */
  unsigned count;       /* of moves */
  direct_move moves[DIRECT_WORDS + DIRECT_REALS];
};

/* What is free while registers are handed out. */
typedef struct direct_state {
  rdc_direct *made;
  unsigned words, reals; /* used */
} direct_state;

/* Adds a move to the next free register of a class; 0 when there is none. */
static int direct_add(direct_state *at, int real, size_t argument, size_t offset, size_t size,
                      direct_load load)
{
  unsigned *used = real ? &at->reals : &at->words;
  if (*used == (real ? DIRECT_REALS : DIRECT_WORDS))
    return 0;
  direct_move *move = &at->made->moves[at->made->count++];
  move->argument = (unsigned)argument;
  move->offset = (unsigned char)offset;
  move->size = (unsigned char)size;
  move->load = (unsigned char)load;
  move->to = (unsigned char)(real ? DIRECT_WORDS + *used : *used);
  ++*used;
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

/* An aggregate is in registers as a whole or not at all; what it leaves half done is given up. */
static int direct_aggregate(direct_state *at, const rdc_type *type, size_t argument)
{
  eightbyte classes[2];
  if (!direct_parts(type, classes))
    return 0;
  for (size_t i = 0; i < 2 && i * 8 < type->size; i++) {
    size_t bytes = type->size - i * 8 < 8 ? type->size - i * 8 : 8;
    if (classes[i] != NO_CLASS && !direct_add(at, classes[i] == SSE, argument, i * 8, bytes,
                                              bytes == 8 ? DIRECT_ALL : DIRECT_PART))
      return 0;
  }
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
    at->words = 1;
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

/* How to call without libffi, or NULL when that needs the stack, or memory is short. */
static const rdc_direct *direct_prepare(rdc_arena *arena, size_t nargs, size_t fixed,
                                        const rdc_type *const *args, const rdc_type *ret)
{
  direct_state at = {rdc_arena_alloc(arena, sizeof(rdc_direct)), 0, 0};
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
  for (size_t i = 0; i < nargs; i++) {
    const rdc_type *type = args[i];
    int class = direct_class(type);
    if (type->size && !(class < 0 ? direct_aggregate(&at, type, i)
                                  : direct_add(&at, class, i, 0, type->size, direct_load_of(type))))
      return NULL;
  }
  at.made->reals = at.reals != 0;
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
  (direct->reals ? ((type(*)(DIRECT_PARAMETERS))code)(DIRECT_WORD_LIST, DIRECT_REAL_LIST)          \
                 : ((type(*)(DIRECT_WORD_PARAMETERS))code)(DIRECT_WORD_LIST))

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

static void direct_invoke(const rdc_direct *direct, rdc_code_pointer code, void *ret, void **args)
{
  direct_image at;
  for (int i = 0; i < DIRECT_WORDS; i++)
    at.word[i] = 0;
  for (int i = 0; i < DIRECT_REALS; i++)
    at.real[i] = 0;
  for (unsigned i = 0; i < direct->count; i++) {
    const direct_move *move = &direct->moves[i];
    uint64_t bits = direct_load_from(move, (const char *)args[move->argument] + move->offset);
    memcpy((char *)&at + move->to * sizeof bits, &bits, sizeof bits);
  }
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
    at.word[0] = (uint64_t)(uintptr_t)ret;
    DIRECT_CALL(uint64_t);
    break;
#endif
  }
}

#endif
#endif
