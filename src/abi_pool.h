/* Closures without libffi: functions that are compiled into the package and read every register for
   arguments, whatever their caller has put there; one for each closure that there is at a time. For
   scalars in registers only, the rest goes through libffi. Included by abi.c alone. */
#ifndef RDC_ABI_POOL_H
#define RDC_ABI_POOL_H

#include "abi_direct.h"

#if ABI_HAS_DIRECT

/* Names of the functions of a pool, which are numbers, too. */
/* clang-format off */
#define POOL_ROW(X, n)                                                                             \
  X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7)                                  \
  X(n##8) X(n##9) X(n##a) X(n##b) X(n##c) X(n##d) X(n##e) X(n##f)
#define POOL(X)                                                                                    \
  POOL_ROW(X, 0x0) POOL_ROW(X, 0x1) POOL_ROW(X, 0x2) POOL_ROW(X, 0x3)                              \
  POOL_ROW(X, 0x4) POOL_ROW(X, 0x5) POOL_ROW(X, 0x6) POOL_ROW(X, 0x7)
/* clang-format on */

enum { POOL_SLOTS = 128 };

/* Threads open and close at the same time. */
typedef struct pool {
  rdc_closure *closures[POOL_SLOTS]; /* who answers, NULL when free */
  unsigned next;                     /* where the search for a free slot begins: behind the last */
} pool;

static pool pool_words, pool_reals; /* by the register of the result */

/* Calls the handler; a result in ret as a register holds it. C that calls a free slot gets zero. */
static void pool_run(const rdc_closure *closure, rdc_registers *at, uint64_t *ret)
{
  void *args[DIRECT_WORDS + DIRECT_REALS];
  ret[0] = ret[1] = 0;
  if (!closure)
    return;
  const rdc_direct *direct = closure->abi->direct;
  for (unsigned i = 0; i < direct->count; i++)
    args[direct->moves[i].argument] = (char *)at + direct->moves[i].to * sizeof(uint64_t);
  closure->handler(ret, args, closure->user);
  abi_widen(closure->abi->ret, ret);
}

#define X(n)                                                                                       \
  static uint64_t pool_word_##n(DIRECT_NAMED)                                                      \
  {                                                                                                \
    rdc_registers at = DIRECT_NAMES;                                                                \
    uint64_t ret[2];                                                                               \
    pool_run(RDC_ATOMIC_GET(&pool_words.closures[n]), &at, ret);                                   \
    return ret[0];                                                                                 \
  }                                                                                                \
  static double pool_real_##n(DIRECT_NAMED)                                                        \
  {                                                                                                \
    rdc_registers at = DIRECT_NAMES;                                                                \
    uint64_t ret[2];                                                                               \
    double real;                                                                                   \
    pool_run(RDC_ATOMIC_GET(&pool_reals.closures[n]), &at, ret);                                   \
    memcpy(&real, ret, sizeof real);                                                               \
    return real;                                                                                   \
  }
POOL(X)
#undef X

/* The code of a slot. */
static void *pool_code(int real, unsigned slot)
{
  static uint64_t (*const words[])(DIRECT_NAMED) = {
#define X(n) pool_word_##n,
      POOL(X)
#undef X
  };
  static double (*const reals[])(DIRECT_NAMED) = {
#define X(n) pool_real_##n,
      POOL(X)
#undef X
  };
  void *code;
  if (real)
    memcpy(&code, &reals[slot], sizeof code);
  else
    memcpy(&code, &words[slot], sizeof code);
  return code;
}

static pool *pool_of(const rdc_abi *abi)
{
  return abi->direct->place == DIRECT_REAL ? &pool_reals : &pool_words;
}

/* Whether all arguments and the result are scalars in registers. */
static int pool_serves(const rdc_abi *abi)
{
  const rdc_direct *direct = abi->direct;
  if (!direct || abi->reach == RDC_REACH_STACK || direct->count != abi->nargs ||
      direct->place > DIRECT_REAL || direct->offset)
    return 0;
  for (unsigned i = 0; i < direct->count; i++)
    if (direct->moves[i].offset || direct->moves[i].load == DIRECT_PART)
      return 0;
  return abi->ret->kind == RDC_VOID || direct_class(abi->ret) >= 0;
}

/* Gives a closure a slot; 0 if there is none. */
static int pool_open(rdc_closure *closure)
{
  if (!pool_serves(closure->abi))
    return 0;
  pool *from = pool_of(closure->abi);
  unsigned next = RDC_ATOMIC_GET(&from->next);
  for (unsigned i = 0; i < POOL_SLOTS; i++) {
    unsigned slot = (next + i) % POOL_SLOTS;
    if (RDC_ATOMIC_CLAIM(&from->closures[slot], closure)) {
      RDC_ATOMIC_SET(&from->next, slot + 1);
      closure->slot = slot + 1;
      closure->code = pool_code(from == &pool_reals, slot);
      return 1;
    }
  }
  return 0;
}

static void pool_close(rdc_closure *closure)
{
  if (closure->slot)
    RDC_ATOMIC_SET(&pool_of(closure->abi)->closures[closure->slot - 1], NULL);
  closure->slot = 0;
}

#endif
#endif
