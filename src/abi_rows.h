/* Many calls of one function: the arguments of a call are a row of columns. When all go in registers,
   blocks of rows are loaded as registers first, and a loop for as many registers of either class calls;
   else each row is a call. Included by abi.c alone. */
#ifndef RDC_ABI_ROWS_H
#define RDC_ABI_ROWS_H

#include "abi_direct.h"

#if ABI_HAS_DIRECT

enum { ROWS_BLOCK = 256 };

/* The registers of a block of rows, one array for each. Integers are there as 8 bytes, or as 4 when all
   are int or unsigned, of which a register has what is above them as it likes. */
typedef struct rows_block {
  const uint64_t *word[DIRECT_WORDS]; /* into words, zeros, or the caller's own words */
  const uint32_t *half[DIRECT_WORDS]; /* into words, zeros, or the caller's own ints */
  const double *real[DIRECT_REALS];   /* into reals, zeros, or the caller's own doubles */
  union {
    uint64_t word[ROWS_BLOCK];
    uint32_t half[ROWS_BLOCK];
  } words[DIRECT_WORDS];
  double reals[DIRECT_REALS][ROWS_BLOCK];
  int is_half; /* whether integers are there as 4 bytes */
} rows_block;

/* The rows of a block that are called. */
typedef struct rows_chosen {
  size_t count;            /* how many */
  int is_all;              /* whether these are the first ones */
  uint8_t row[ROWS_BLOCK]; /* else which, in order */
} rows_chosen;

/* Chooses those of n rows that are not left out. */
static void rows_choose(rows_chosen *chosen, const unsigned char *skip, size_t n)
{
  size_t count = 0;
  chosen->is_all = !skip || !memchr(skip, 1, n);
  for (size_t i = 0; !chosen->is_all && i < n; i++) {
    chosen->row[count] = (uint8_t)i;
    count += !skip[i];
  }
  chosen->count = chosen->is_all ? n : count;
}

/* Loads one register of rows as 8 bytes each. */
static inline void rows_load_as(direct_move move, direct_load load, size_t step, const char *from,
                                const rows_chosen *chosen, char *to)
{
  uint64_t wide;
  move.load = (unsigned char)load;
  for (size_t i = 0; chosen->is_all && i < chosen->count; i++, from += step, to += sizeof wide) {
    wide = direct_load_from(&move, from);
    memcpy(to, &wide, sizeof wide);
  }
  for (size_t i = 0; !chosen->is_all && i < chosen->count; i++, to += sizeof wide) {
    wide = direct_load_from(&move, from + chosen->row[i] * step);
    memcpy(to, &wide, sizeof wide);
  }
}

static void rows_load(const direct_move *move, size_t step, const char *from,
                      const rows_chosen *chosen, void *to)
{
  switch ((direct_load)move->load) { /* constants, so that the loops have no branches */
#define X(load)                                                                                    \
  case load:                                                                                       \
    rows_load_as(*move, load, step, from, chosen, to);                                             \
    break;
    X(DIRECT_INT8)
    X(DIRECT_UINT8)
    X(DIRECT_INT16)
    X(DIRECT_UINT16)
    X(DIRECT_INT32)
    X(DIRECT_UINT32)
    X(DIRECT_ALL)
    X(DIRECT_PART)
#undef X
  }
}

static void rows_load_halves(size_t step, const char *from, const rows_chosen *chosen, uint32_t *to)
{
  for (size_t i = 0; chosen->is_all && i < chosen->count; i++)
    memcpy(&to[i], from + i * step, sizeof *to);
  for (size_t i = 0; !chosen->is_all && i < chosen->count; i++)
    memcpy(&to[i], from + chosen->row[i] * step, sizeof *to);
}

/* Whether the caller's memory is the block: elements follow each other where they may. */
static int rows_lie(const char *from, size_t step, size_t size)
{
  return step == size && !((uintptr_t)from % size);
}

/* Fills a block with rows from one row on. */
static void rows_fill(rows_block *block, const rdc_direct *direct, const rdc_column *columns,
                      size_t row, const rows_chosen *chosen)
{
  static const rows_chosen all = {.count = ROWS_BLOCK, .is_all = 1};
  for (unsigned k = 0; k < direct->count; k++) {
    const direct_move *move = &direct->moves[k];
    size_t step = columns[move->argument].step;
    const rows_chosen *which = step ? chosen : &all;
    const char *from = columns[move->argument].base + row * step + move->offset;
    unsigned to = move->to, real = to - DIRECT_WORDS; /* one of them */
    if (!step && row)
      continue; /* the same as in the block before */
    if (to >= DIRECT_WORDS) {
      int lies = which->is_all && move->load == DIRECT_ALL && rows_lie(from, step, sizeof(double));
      block->real[real] = lies ? (const double *)(const void *)from : block->reals[real];
      if (!lies)
        rows_load(move, step, from, which, block->reals[real]);
    } else if (!block->is_half) {
      int lies =
          which->is_all && move->load == DIRECT_ALL && rows_lie(from, step, sizeof(uint64_t));
      block->word[to] = lies ? (const uint64_t *)(const void *)from : block->words[to].word;
      if (!lies)
        rows_load(move, step, from, which, block->words[to].word);
    } else {
      int lies = which->is_all && rows_lie(from, step, sizeof(uint32_t));
      block->half[to] = lies ? (const uint32_t *)(const void *)from : block->words[to].half;
      if (!lies)
        rows_load_halves(step, from, which, block->words[to].half);
    }
  }
}

/* The loops: registers of integers as 8 or 4 bytes, how many of them and of reals, and a result as 8 bytes
   of an integer, as 4, or as a real. Registers beyond those that are used have zeros. Two calls at a time make
   the pace of so small a loop depend less on where its code lies. */
#define ROWS_W1(set) set##0 [i]
#define ROWS_W2(set) ROWS_W1(set), set##1 [i]
#define ROWS_W3(set) ROWS_W2(set), set##2 [i]
#define ROWS_W6(set) ROWS_W3(set), set##3 [i], set##4 [i], set##5 [i]
#define ROWS_R1 r0[i]
#define ROWS_R2 ROWS_R1, r1[i]
#define ROWS_R4 ROWS_R2, r2[i], r3[i]
#define ROWS_R8 ROWS_R4, r4[i], r5[i], r6[i], r7[i]
#define ROWS_T1(type) type
#define ROWS_T2(type) type, type
#define ROWS_T3(type) type, type, type
#define ROWS_T4(type) ROWS_T2(type), ROWS_T2(type)
#define ROWS_T6(type) ROWS_T3(type), ROWS_T3(type)
#define ROWS_T8(type) ROWS_T4(type), ROWS_T4(type)
#define ROWS_LIST(...) __VA_ARGS__

#define ROWS_LOOP(name, result, types, values)                                                     \
  static size_t name(rdc_code_pointer code, const rows_block *block, size_t n, void *out,          \
                     const volatile int *stop)                                                     \
  {                                                                                                \
    result (*f)(types) = (result(*)(types))code;                                                   \
    const uint64_t *w0 = block->word[0], *w1 = block->word[1], *w2 = block->word[2];               \
    const uint64_t *w3 = block->word[3], *w4 = block->word[4], *w5 = block->word[5];               \
    const uint32_t *h0 = block->half[0], *h1 = block->half[1], *h2 = block->half[2];               \
    const uint32_t *h3 = block->half[3], *h4 = block->half[4], *h5 = block->half[5];               \
    const double *r0 = block->real[0], *r1 = block->real[1], *r2 = block->real[2];                 \
    const double *r3 = block->real[3], *r4 = block->real[4], *r5 = block->real[5];                 \
    const double *r6 = block->real[6], *r7 = block->real[7];                                       \
    result *to = out;                                                                              \
    size_t i = 0;                                                                                  \
    ROWS_UNUSED                                                                                    \
    if (n % 2) {                                                                                   \
      to[i] = f(values);                                                                           \
      i++;                                                                                         \
    }                                                                                              \
    while (i < n && !*stop) {                                                                      \
      to[i] = f(values);                                                                           \
      i++;                                                                                         \
      if (RDC_UNLIKELY(*stop))                                                                     \
        break;                                                                                     \
      to[i] = f(values);                                                                           \
      i++;                                                                                         \
    }                                                                                              \
    return i;                                                                                      \
  }
#define ROWS_UNUSED                                                                                \
  (void)w0, (void)w1, (void)w2, (void)w3, (void)w4, (void)w5, (void)h0, (void)h1, (void)h2,        \
      (void)h3, (void)h4, (void)h5, (void)r0, (void)r1, (void)r2, (void)r3, (void)r4, (void)r5,    \
      (void)r6, (void)r7;
/* clang-format off */
#define ROWS_RESULTS(name, types, values)                                                          \
  ROWS_LOOP(rows_word_##name, uint64_t, ROWS_LIST(types), ROWS_LIST(values))                       \
  ROWS_LOOP(rows_half_##name, uint32_t, ROWS_LIST(types), ROWS_LIST(values))                       \
  ROWS_LOOP(rows_real_##name, double, ROWS_LIST(types), ROWS_LIST(values))
#define ROWS_REALS(r) ROWS_RESULTS(w_0_##r, ROWS_T##r(double), ROWS_R##r)
#define ROWS_BOTH(set, type, w, r)                                                                 \
  ROWS_RESULTS(set##_##w##_##r, ROWS_LIST(ROWS_T##w(type), ROWS_T##r(double)),                     \
               ROWS_LIST(ROWS_W##w(set), ROWS_R##r))
#define ROWS_WORDS(set, type, w)                                                                   \
  ROWS_RESULTS(set##_##w##_0, ROWS_T##w(type), ROWS_W##w(set))                                     \
  ROWS_BOTH(set, type, w, 1) ROWS_BOTH(set, type, w, 2)                                            \
  ROWS_BOTH(set, type, w, 4) ROWS_BOTH(set, type, w, 8)
ROWS_RESULTS(w_0_0, void, )
ROWS_REALS(1) ROWS_REALS(2) ROWS_REALS(4) ROWS_REALS(8)
ROWS_WORDS(w, uint64_t, 1) ROWS_WORDS(w, uint64_t, 2) ROWS_WORDS(w, uint64_t, 3) ROWS_WORDS(w, uint64_t, 6)
ROWS_WORDS(h, uint32_t, 1) ROWS_WORDS(h, uint32_t, 2) ROWS_WORDS(h, uint32_t, 3) ROWS_WORDS(h, uint32_t, 6)

#define ROWS_ROW(result, set, w)                                                                   \
  {rows_##result##_##set##_##w##_0, rows_##result##_##set##_##w##_1, rows_##result##_##set##_##w##_2, \
   rows_##result##_##set##_##w##_4, rows_##result##_##set##_##w##_8}
#define ROWS_SET(result, set)                                                                      \
  {ROWS_ROW(result, w, 0), ROWS_ROW(result, set, 1), ROWS_ROW(result, set, 2),                     \
   ROWS_ROW(result, set, 3), ROWS_ROW(result, set, 6)}
#define ROWS_TABLE(result) {ROWS_SET(result, w), ROWS_SET(result, h)}
    /* clang-format on */

    typedef size_t (*rows_loop)(rdc_code_pointer code, const rows_block *block, size_t n, void *out,
                                const volatile int *stop);

typedef enum rows_result { ROWS_WORD, ROWS_HALF, ROWS_REAL } rows_result;

/* The loop for at least so many registers. */
static rows_loop rows_loop_for(rows_result result, int is_half, unsigned words, unsigned reals)
{
  static const rows_loop loops[3][2][5][5] = {ROWS_TABLE(word), ROWS_TABLE(half), ROWS_TABLE(real)};
  unsigned w = words > 3 ? 4 : words, r = reals > 4 ? 4 : reals > 2 ? 3 : reals;
  return loops[result][is_half][w][r];
}

static inline void rows_narrow(size_t size, size_t unit, const char *from,
                               const rows_chosen *chosen, size_t n, char *to)
{
  for (size_t i = 0; chosen->is_all && i < n; i++)
    memcpy(to + i * size, from + i * unit, size);
  for (size_t i = 0; !chosen->is_all && i < n; i++)
    memcpy(to + chosen->row[i] * size, from + i * unit, size);
}

/* Writes the first n results of a block, which has them unit bytes apart, in their size to their rows. */
static void rows_store(size_t size, size_t unit, const void *block, const rows_chosen *chosen,
                       size_t n, char *to)
{
  switch (size) { /* constants, so that the loops have no calls */
  case 1:
    rows_narrow(1, unit, block, chosen, n, to);
    break;
  case 2:
    rows_narrow(2, unit, block, chosen, n, to);
    break;
  case 4:
    rows_narrow(4, unit, block, chosen, n, to);
    break;
  default:
    rows_narrow(8, unit, block, chosen, n, to);
  }
}

/* Whether signature and platform allow loops over registers. */
static int rows_serves(const rdc_abi *abi)
{
  const rdc_direct *direct = abi->direct;
  if (!direct || abi->reach == RDC_REACH_STACK || direct->place > DIRECT_REAL || direct->offset ||
      (abi->ret->kind != RDC_VOID && direct_class(abi->ret) < 0))
    return 0;
#ifdef ABI_SYSV64
  if (abi->is_variadic)
    return 0; /* al has to be set */
#endif
  unsigned words = 0;
  for (unsigned k = 0; k < direct->count; k++)
    words += direct->moves[k].to < DIRECT_WORDS;
  return words <= 6;
}

/* Points the registers of a block to where they will be filled, the others to zeros; counts them. */
static void rows_begin(rows_block *block, const rdc_direct *direct, unsigned *words,
                       unsigned *reals)
{
  static const uint64_t no_words[ROWS_BLOCK];
  static const uint32_t no_halves[ROWS_BLOCK];
  static const double no_reals[ROWS_BLOCK];
  *words = *reals = 0;
  block->is_half = 1;
  for (unsigned k = 0; k < DIRECT_WORDS; k++) {
    block->word[k] = no_words;
    block->half[k] = no_halves;
  }
  for (unsigned k = 0; k < DIRECT_REALS; k++)
    block->real[k] = no_reals;
  for (unsigned k = 0; k < direct->count; k++) {
    unsigned to = direct->moves[k].to, load = direct->moves[k].load;
    if (to >= DIRECT_WORDS) {
      block->real[to - DIRECT_WORDS] = block->reals[to - DIRECT_WORDS];
      ++*reals;
      continue;
    }
    block->word[to] = block->words[to].word;
    block->half[to] = block->words[to].half;
    if (load != DIRECT_INT32 && load != DIRECT_UINT32)
      block->is_half = 0;
    ++*words;
  }
}

static size_t rows_run(const rdc_abi *abi, rdc_code_pointer code, const rdc_column *columns,
                       const unsigned char *skip, size_t n, char *ret, const volatile int *stop)
{
  const rdc_direct *direct = abi->direct;
  size_t size = abi->ret->size, done = 0;
  unsigned words, reals;
  rows_block block;
  rows_chosen chosen;
  union {
    uint64_t words[ROWS_BLOCK];
    double reals[ROWS_BLOCK];
  } out;
  rows_begin(&block, direct, &words, &reals);
  rows_result result = direct->place == DIRECT_REAL                               ? ROWS_REAL
                       : direct->place == DIRECT_WORD && size == sizeof(uint32_t) ? ROWS_HALF
                                                                                  : ROWS_WORD;
  size_t unit = result == ROWS_HALF ? sizeof(uint32_t) : sizeof(uint64_t);
  int straight = direct->place != DIRECT_VOID && rows_lie(ret, size, unit);
  rows_loop loop = rows_loop_for(result, block.is_half && words, words, reals);
  while (done < n && !*stop) {
    size_t some = n - done < ROWS_BLOCK ? n - done : ROWS_BLOCK;
    rows_choose(&chosen, skip ? skip + done : NULL, some);
    rows_fill(&block, direct, columns, done, &chosen);
    int in_place = straight && chosen.is_all;
    char *to = ret + done * size;
    size_t made = loop(code, &block, chosen.count, in_place ? to : (char *)&out, stop);
    if (!in_place && direct->place != DIRECT_VOID)
      rows_store(size, unit, &out, &chosen, made, to);
    done += made == chosen.count ? some : chosen.is_all ? made : chosen.row[made];
  }
  return done;
}

#endif
#endif
