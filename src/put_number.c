/* put for numbers: what an element of a vector is as a C number, and whether it is one, stands here once, for
   single values and for columns. There is a loop for each pair of a type in R and one in C, which ends at
   the first number that C has no value for. */
#include "marshal.h"

#include <math.h>
#include <string.h>

/* How R holds numbers, with the C type of an element; X gets target, too. */
#define NUMBER_SOURCES(X, target)                                                                  \
  X(int, target) X(uint8_t, target) X(double, target) X(int64_t, target) X(uint64_t, target)

/* Integer types of C with their least and greatest values; X gets source, too. */
#define NUMBER_WHOLES(X, source)                                                                   \
  X(source, int8_t, INT8_MIN, INT8_MAX)                                                            \
  X(source, uint8_t, 0, UINT8_MAX)                                                                 \
  X(source, int16_t, INT16_MIN, INT16_MAX)                                                         \
  X(source, uint16_t, 0, UINT16_MAX)                                                               \
  X(source, int32_t, INT32_MIN, INT32_MAX)                                                         \
  X(source, uint32_t, 0, UINT32_MAX)                                                               \
  X(source, int64_t, INT64_MIN, INT64_MAX)                                                         \
  X(source, uint64_t, 0, UINT64_MAX)

/* Whether there is a number: neither NA nor, where C wants an integer, infinite. */
static inline int is_there_int(int x) { return x != NA_INTEGER; }
static inline int is_there_uint8_t(uint8_t x)
{
  (void)x;
  return 1;
}
static inline int is_there_double(double x) { return isfinite(x); }
static inline int is_there_int64_t(int64_t x) { return x != INT64_MIN; }
static inline int is_there_uint64_t(uint64_t x)
{
  (void)x;
  return 1;
}

/* Whether it is in a range without its fraction. The bounds are exact doubles, but that below -2^63. */
static inline int fits_int64_t(int64_t x, int64_t least, uint64_t most)
{
  return is_there_int64_t(x) && x >= least && (x < 0 || (uint64_t)x <= most);
}
static inline int fits_uint64_t(uint64_t x, int64_t least, uint64_t most)
{
  (void)least;
  return x <= most;
}
static inline int fits_int(int x, int64_t least, uint64_t most)
{
  return is_there_int(x) && fits_int64_t(x, least, most);
}
static inline int fits_uint8_t(uint8_t x, int64_t least, uint64_t most)
{
  return fits_uint64_t(x, least, most);
}
static inline int fits_double(double x, int64_t least, uint64_t most)
{
  return (least == INT64_MIN ? x >= (double)least : x > (double)least - 1) && x < (double)most + 1;
}

/* Its value as a real; NA is a number there. */
static inline double real_int(int x) { return x == NA_INTEGER ? NA_REAL : x; }
static inline double real_uint8_t(uint8_t x) { return x; }
static inline double real_double(double x) { return x; }
static inline double real_int64_t(int64_t x) { return x == INT64_MIN ? NA_REAL : (double)x; }
static inline double real_uint64_t(uint64_t x) { return (double)x; }
static inline long double wide_int(int x) { return real_int(x); }
static inline long double wide_uint8_t(uint8_t x) { return x; }
static inline long double wide_double(double x) { return x; }
static inline long double wide_int64_t(int64_t x)
{
  return x == INT64_MIN ? NA_REAL : (long double)x;
}
static inline long double wide_uint64_t(uint64_t x) { return x; }

#define NUMBER_LOOP(source, name, target, fits, value, store)                                      \
  static size_t source##_to_##name(const char *from, size_t n, char *to)                           \
  {                                                                                                \
    size_t i = 0;                                                                                  \
    for (source x; i < n; i++) {                                                                   \
      memcpy(&x, from + i * sizeof x, sizeof x);                                                   \
      if (!(fits))                                                                                 \
        break;                                                                                     \
      target made = (target)(value);                                                               \
      store(to + i * sizeof made, made);                                                           \
    }                                                                                              \
    return i;                                                                                      \
  }
#define NUMBER_STORE(to, made) memcpy(to, &made, sizeof made)

#define WHOLE_LOOP(source, target, least, most)                                                    \
  NUMBER_LOOP(source, target, target, fits_##source(x, least, most), x, NUMBER_STORE)
/* C's bool of a number is its being non-zero, fractions included. */
#define NUMBER_LOOPS(source, unused)                                                               \
  NUMBER_WHOLES(WHOLE_LOOP, source)                                                                \
  NUMBER_LOOP(source, bool, uint8_t, is_there_##source(x), x != 0, NUMBER_STORE)                   \
  NUMBER_LOOP(source, float, float, 1, real_##source(x), NUMBER_STORE)                             \
  NUMBER_LOOP(source, double, double, 1, real_##source(x), NUMBER_STORE)                           \
  NUMBER_LOOP(source, wide, long double, 1, wide_##source(x), rdc_layout_long_double)
NUMBER_SOURCES(NUMBER_LOOPS, )

typedef size_t (*number_loop)(const char *from, size_t n, char *to);

/* Columns of the table of loops, which has the integer types first, by size; rows are as in rdc_number. */
enum { TO_BOOL = 8, TO_FLOAT, TO_DOUBLE, TO_WIDE, TARGETS };

#define WHOLE_NAME(source, target, least, most) source##_to_##target,
#define NUMBER_ROW(source, unused)                                                                 \
  {NUMBER_WHOLES(WHOLE_NAME, source) source##_to_bool, source##_to_float, source##_to_double,      \
   source##_to_wide},
static const number_loop loops[][TARGETS] = {NUMBER_SOURCES(NUMBER_ROW, )};

/* The column of a type, TARGETS if it is no real number. */
static int target_of(const rdc_type *bare)
{
  if (bare->kind == RDC_BOOL)
    return TO_BOOL;
  if (rdc_kind_is_integer(bare->kind))
    return (bare->size == 1   ? 0
            : bare->size == 2 ? 2
            : bare->size == 4 ? 4
                              : 6) +
           !rdc_kind_is_signed(bare->kind);
  return bare->kind == RDC_FLOAT     ? TO_FLOAT
         : bare->kind == RDC_DOUBLE  ? TO_DOUBLE
         : bare->kind == RDC_LDOUBLE ? TO_WIDE
                                     : TARGETS;
}

static int is_complex(const rdc_type *bare)
{
  return bare->kind == RDC_FCOMPLEX || bare->kind == RDC_DCOMPLEX || bare->kind == RDC_LCOMPLEX;
}

rdc_numbers rdc_numbers_of(SEXP value)
{
  const rdc_numbers none = {RDC_NUMBER_NONE, NULL, 0};
  rdc_numbers made = none;
  switch (TYPEOF(value)) {
  case LGLSXP:
  case INTSXP:
    made.kind = Rf_isObject(value) && Rf_isFactor(value) ? RDC_NUMBER_NONE : RDC_NUMBER_INT;
    break;
  case RAWSXP:
    made.kind = RDC_NUMBER_BYTE;
    break;
  case REALSXP:
    made.kind = rdc_marshal_is_integer64(value) ? RDC_NUMBER_INT64
                : rdc_marshal_is_uint64(value)  ? RDC_NUMBER_UINT64
                                                : RDC_NUMBER_DOUBLE;
    break;
  case CPLXSXP:
    made.kind = RDC_NUMBER_COMPLEX;
    break;
  default:
    break;
  }
  if (made.kind == RDC_NUMBER_NONE || XLENGTH(value) < 1)
    return none;
  made.from = rdc_r_bytes(value);
  made.size = rdc_r_element_size(value);
  return made;
}

int rdc_put_one(const rdc_type *bare, SEXP value, void *dest, int is_image)
{
  int target = target_of(bare);
  rdc_number kind = rdc_r_is_one(value, REALSXP)                                   ? RDC_NUMBER_DOUBLE
                    : rdc_r_is_one(value, INTSXP) || rdc_r_is_one(value, LGLSXP) ? RDC_NUMBER_INT
                                                                                 : RDC_NUMBER_NONE;
  if (target == TARGETS || kind == RDC_NUMBER_NONE || !loops[kind][target](rdc_r_inside(value), 1, dest))
    return 0;
  if (is_image && bare->size < sizeof(int64_t) && target <= TO_BOOL) {
    int64_t wide = rdc_layout_whole(bare, dest);
    memcpy(dest, &wide, sizeof wide);
  }
  return 1;
}

int rdc_numbers_suit(const rdc_type *bare, rdc_number kind)
{
  return kind != RDC_NUMBER_NONE &&
         (is_complex(bare) || (target_of(bare) < TARGETS && kind != RDC_NUMBER_COMPLEX));
}

int rdc_numbers_lie(const rdc_type *bare, rdc_number kind)
{
  switch (kind) {
  case RDC_NUMBER_INT:
    return bare->kind == RDC_INT;
  case RDC_NUMBER_BYTE:
    return bare->kind == RDC_UCHAR;
  case RDC_NUMBER_DOUBLE:
    return bare->kind == RDC_DOUBLE;
  case RDC_NUMBER_INT64:
  case RDC_NUMBER_UINT64:
    return rdc_kind_is_integer(bare->kind) && bare->size == 8 &&
           rdc_kind_is_signed(bare->kind) == (kind == RDC_NUMBER_INT64);
  case RDC_NUMBER_COMPLEX:
    return bare->kind == RDC_DCOMPLEX;
  default:
    return 0;
  }
}

/* Writes a complex number. */
static void store_complex(const rdc_type *bare, Rcomplex z, char *to)
{
  if (bare->kind == RDC_FCOMPLEX) {
    float parts[2] = {(float)z.r, (float)z.i};
    memcpy(to, parts, sizeof parts);
  } else if (bare->kind == RDC_DCOMPLEX) {
    memcpy(to, &z, sizeof z);
  } else {
    rdc_layout_long_double(to, z.r);
    rdc_layout_long_double(to + bare->size / 2, z.i);
  }
}

static size_t put_complexes(const rdc_type *bare, const rdc_numbers *numbers, const char *from,
                            size_t n, char *to)
{
  Rcomplex z = {.r = 0, .i = 0};
  for (size_t i = 0; i < n; i++, from += numbers->size) {
    if (numbers->kind == RDC_NUMBER_COMPLEX)
      memcpy(&z, from, sizeof z);
    else
      loops[numbers->kind][TO_DOUBLE](from, 1, (char *)&z.r);
    store_complex(bare, z, to + i * bare->size);
  }
  return n;
}

/* Writes numbers one behind the other. */
static size_t put_run(const rdc_type *bare, const rdc_numbers *numbers, const char *from, size_t n,
                      char *to)
{
  if (numbers->kind != RDC_NUMBER_INT && numbers->kind != RDC_NUMBER_INT64 &&
      rdc_numbers_lie(bare, numbers->kind)) {
    memcpy(to, from, n * numbers->size);
    return n;
  }
  if (is_complex(bare))
    return put_complexes(bare, numbers, from, n, to);
  return loops[numbers->kind][target_of(bare)](from, n, to);
}

static inline void spread(const char *from, size_t size, size_t n, char *to, size_t stride)
{
  for (size_t i = 0; i < n; i++)
    memcpy(to + i * stride, from + i * size, size);
}

enum { SOME = 256 }; /* numbers that are converted before they are put where they belong */

size_t rdc_put_numbers(const rdc_type *bare, const rdc_numbers *numbers, size_t i, size_t n,
                       void *dest, size_t stride)
{
  const char *from = numbers->from + i * numbers->size;
  char *to = dest, made[SOME * 2 * sizeof(long double)];
  size_t done = 0, some = SOME, have = SOME;
  if (n == 1 || stride == bare->size)
    return put_run(bare, numbers, from, n, to);
  for (; done < n && have == some; done += have) {
    some = n - done < SOME ? n - done : SOME;
    have = put_run(bare, numbers, from + done * numbers->size, some, made);
    if (bare->size == 4) /* a constant, so that the loop has no calls */
      spread(made, 4, have, to + done * stride, stride);
    else if (bare->size == 8)
      spread(made, 8, have, to + done * stride, stride);
    else
      spread(made, bare->size, have, to + done * stride, stride);
  }
  return done;
}

size_t rdc_fit_numbers(const rdc_type *bare, const rdc_numbers *numbers, size_t i, size_t n)
{
  char made[SOME * 2 * sizeof(long double)];
  size_t done = 0, some = SOME, have = SOME;
  for (; done < n && have == some; done += have) {
    some = n - done < SOME ? n - done : SOME;
    have = put_run(bare, numbers, numbers->from + (i + done) * numbers->size, some, made);
  }
  return done;
}

int rdc_numbers_fit_all(const rdc_type *bare)
{
  return is_complex(bare) || rdc_kind_is_real(bare->kind);
}

int rdc_numbers_will_fit(const rdc_type *type, SEXP value, R_xlen_t n)
{
  const rdc_type *bare = rdc_type_values(type);
  const rdc_numbers numbers = rdc_numbers_of(value);
  size_t have = numbers.kind == RDC_NUMBER_NONE ? 0 : (size_t)XLENGTH(value);
  return rdc_numbers_suit(bare, numbers.kind) && (have == 1 || have == (size_t)n) &&
         (rdc_numbers_fit_all(bare) || rdc_fit_numbers(bare, &numbers, 0, have) == have);
}

rdc_code rdc_number_failure(const rdc_numbers *numbers, size_t i)
{
  uint8_t any;
  const char *from = numbers->from + i * numbers->size;
  return loops[numbers->kind][TO_BOOL](from, 1, (char *)&any) ? RDC_ARG_RANGE : RDC_ARG_MISSING;
}

int rdc_number_whole(const rdc_numbers *numbers, size_t i, rdc_whole *out)
{
  char *bits = (char *)&out->bits;
  const char *from = numbers->from + i * numbers->size;
  number_loop as_signed = loops[numbers->kind][target_of(rdc_type_letter('l'))];
  number_loop as_unsigned = loops[numbers->kind][target_of(rdc_type_letter('L'))];
  out->negative = !as_unsigned(from, 1, bits);
  return !out->negative || as_signed(from, 1, bits);
}

int rdc_put_bits(const rdc_field *field, rdc_whole whole, void *base)
{
  int64_t bits;
  unsigned width = field->bits;
  uint64_t half = width ? (uint64_t)1 << (width - 1) : 0;
  int fits = rdc_layout_bits_signed(field)
                 ? (whole.negative ? ~whole.bits : whole.bits) < half
                 : !whole.negative && width && (width == 64 || whole.bits >> width == 0);
  if (!fits)
    return 0;
  memcpy(&bits, &whole.bits, sizeof bits);
  rdc_layout_bits_put(field, base, bits);
  return 1;
}
