/* NA among the elements of vectors. All that is NA has 32 bits that are rare elsewhere, so that vectors of
   each type are searched for these first, several at a time. */
#include "missing.h"

#include <string.h>

#include "marshal.h"

/* What the elements of a vector are. */
typedef enum missing_kind {
  MISSING_NEVER,
  MISSING_INT,
  MISSING_INT64,
  MISSING_DOUBLE,
  MISSING_COMPLEX,
  MISSING_STRING
} missing_kind;

typedef struct search {
  missing_kind kind;
  const char *base;
  size_t size;   /* of an element */
  uint32_t word; /* what is in each NA, at a multiple of 4 bytes */
} search;

/* The part of the double NA that tells it from other NaNs. */
static uint32_t word_of_double(void)
{
  const double na = NA_REAL;
  uint64_t bits;
  memcpy(&bits, &na, sizeof bits);
  return (uint32_t)bits;
}

static search search_of(SEXP value)
{
  switch (TYPEOF(value)) {
  case LGLSXP:
    return (search){MISSING_INT, (const char *)LOGICAL_RO(value), sizeof(int),
                    (uint32_t)NA_LOGICAL};
  case INTSXP:
    return (search){MISSING_INT, (const char *)INTEGER_RO(value), sizeof(int),
                    (uint32_t)NA_INTEGER};
  case STRSXP:
    return (search){MISSING_STRING, (const char *)STRING_PTR_RO(value), sizeof(SEXP),
                    (uint32_t)(uintptr_t)NA_STRING};
  case CPLXSXP:
    return (search){MISSING_COMPLEX, (const char *)COMPLEX_RO(value), sizeof(Rcomplex),
                    word_of_double()};
  case REALSXP:
    if (rdc_marshal_is_integer64(value))
      return (search){MISSING_INT64, (const char *)REAL_RO(value), sizeof(double), 0x80000000u};
    if (!rdc_marshal_is_uint64(value))
      return (search){MISSING_DOUBLE, (const char *)REAL_RO(value), sizeof(double),
                      word_of_double()};
    break;
  default:
    break;
  }
  return (search){MISSING_NEVER, NULL, 0, 0};
}

/* Whether a double has the bits of NA. */
static inline int is_missing_double(double d, uint32_t word)
{
  uint64_t bits;
  memcpy(&bits, &d, sizeof bits);
  return ((uint32_t)bits == word) & (d != d);
}

static inline int is_missing(missing_kind kind, uint32_t word, const char *at)
{
  int i;
  int64_t wide;
  double d[2];
  SEXP string;
  switch (kind) {
  case MISSING_INT:
    memcpy(&i, at, sizeof i);
    return i == NA_INTEGER;
  case MISSING_INT64:
    memcpy(&wide, at, sizeof wide);
    return wide == INT64_MIN;
  case MISSING_DOUBLE:
    memcpy(d, at, sizeof *d);
    return is_missing_double(d[0], word);
  case MISSING_COMPLEX:
    memcpy(d, at, sizeof d);
    return is_missing_double(d[0], word) | is_missing_double(d[1], word);
  case MISSING_STRING:
    memcpy(&string, at, sizeof string);
    return string == NA_STRING;
  default:
    return 0;
  }
}

/* Whether a word is among those at base. What comes next is fetched meanwhile, so that it is there when calls
   for these have been made. */
static int has_word(const char *base, size_t n, uint32_t word)
{
  enum { LANES = 8, AHEAD = 2048 };
  uint32_t lanes[LANES] = {0}, found = 0, one;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    RDC_PREFETCH((const void *)((uintptr_t)base + i * sizeof one + AHEAD));
    for (size_t k = 0; k < LANES; k++) {
      memcpy(&one, base + (i + k) * sizeof one, sizeof one);
      lanes[k] |= 0u - (one == word);
    }
  }
  for (size_t k = 0; k < LANES; k++)
    found |= lanes[k];
  for (; i < n; i++) {
    memcpy(&one, base + i * sizeof one, sizeof one);
    found |= one == word;
  }
  return found != 0;
}

size_t rdc_missing_next(SEXP value, size_t i, size_t n)
{
  enum { SOME = 256 };
  const search all = search_of(value);
  while (i < n && all.kind != MISSING_NEVER) {
    size_t end = n - i < SOME ? n : i + SOME;
    if (!has_word(all.base + i * all.size, (end - i) * (all.size / sizeof all.word), all.word)) {
      i = end;
      continue;
    }
    for (; i < end; i++)
      if (is_missing(all.kind, all.word, all.base + i * all.size))
        return i;
  }
  return n;
}

static inline void mark_as(missing_kind kind, size_t size, const char *base, uint32_t word,
                           size_t n, unsigned char *marks)
{
  for (size_t i = 0; i < n; i++)
    marks[i] |= (unsigned char)is_missing(kind, word, base + i * size);
}

void rdc_missing_mark(SEXP value, size_t i, size_t n, unsigned char *marks)
{
  const search all = search_of(value);
  const char *base = all.kind == MISSING_NEVER ? NULL : all.base + i * all.size;
  switch (all.kind) { /* constants, so that the loops have no branches */
  case MISSING_INT:
    mark_as(MISSING_INT, sizeof(int), base, all.word, n - i, marks);
    break;
  case MISSING_DOUBLE:
    mark_as(MISSING_DOUBLE, sizeof(double), base, all.word, n - i, marks);
    break;
  case MISSING_NEVER:
    break;
  default:
    mark_as(all.kind, all.size, base, all.word, n - i, marks);
  }
}
