/* A column is the vector itself where its elements are such C values already. Else it is converted: as a whole
   before the first call, or a few rows at a time, so that memory is read and written once, if it is known
   before that all will convert. */
#include "columns.h"

#include <stdio.h>
#include <string.h>

#include "array.h"
#include "missing.h"

enum { SOME = 256 }; /* numbers that are looked at in one go */

/* What happens to an argument when its rows are taken. */
struct rdc_late {
  SEXP unseen;         /* a vector whose NA are looked for, else NULL */
  SEXP text;           /* a character vector that is converted, else NULL */
  rdc_numbers numbers; /* that are converted, or none */
};

RDC_NORETURN static void raise_at(const rdc_columns *c, rdc_status *status, size_t k,
                                  size_t element)
{
  rdc_call_place(status, c->plan, c->site, k);
  if (element != RDC_NOWHERE) {
    size_t used = strlen(status->place);
    snprintf(status->place + used, sizeof status->place - used, ", element %lu",
             (unsigned long)element + 1);
  }
  status->element = element;
  rdc_raise(status, NULL);
}

static int is_carray(SEXP x) { return Rf_isObject(x) && Rf_inherits(x, "carray"); }

/* Whether an argument has a value for each row; else it is the same in all. A vector for a pointer is
   passed by its address. */
static int is_column(const rdc_type *bare, SEXP value)
{
  int is_list = TYPEOF(value) == VECSXP && !Rf_isObject(value);
  switch (bare->kind) {
  case RDC_STRUCT:
  case RDC_UNION:
    return is_carray(value) || (is_list && Rf_getAttrib(value, R_NamesSymbol) == R_NilValue);
  case RDC_POINTER:
  case RDC_SEXP:
    return is_list;
  default:
    return is_list || is_carray(value) || Rf_isVectorAtomic(value);
  }
}

/* The rows of an argument. */
static size_t column_length(const rdc_columns *c, size_t k, SEXP value)
{
  return !is_column(c->plan->bare[k], value) ? 1
         : is_carray(value)                  ? rdc_array_span(value).count
                                             : (size_t)XLENGTH(value);
}

/* The number of rows: that of the longest argument, 0 if any has none. */
static size_t count_rows(const rdc_columns *c, SEXP args)
{
  size_t n = 1;
  for (size_t k = 0; k < c->plan->nargs; k++) {
    size_t have = column_length(c, k, VECTOR_ELT(args, (R_xlen_t)k));
    if (!have)
      return 0;
    if (have > n)
      n = have;
  }
  for (size_t k = 0; k < c->plan->nargs; k++) {
    size_t have = column_length(c, k, VECTOR_ELT(args, (R_xlen_t)k));
    if (n % have) {
      rdc_status status;
      char want[64], got[32];
      snprintf(want, sizeof want, "a length that divides %lu", (unsigned long)n);
      snprintf(got, sizeof got, "%lu", (unsigned long)have);
      rdc_status_clear(&status);
      rdc_fail(&status, RDC_ARG_LENGTH, want, got);
      raise_at(c, &status, k, RDC_NOWHERE);
    }
  }
  return n;
}

/* ---- NA ---- */

static void need_skip(rdc_columns *c)
{
  if (c->skip)
    return;
  c->skip = (unsigned char *)R_alloc(c->n, 1);
  memset(c->skip, 0, c->n);
}

/* Notes the rows where a column has NA, and returns one that has values there, too, which nobody sees. */
static SEXP without_missing(rdc_columns *c, size_t k, SEXP value, size_t n)
{
  size_t first = c->na == RDC_NA_PASS ? n : rdc_missing_next(value, 0, n);
  if (first == n)
    return value;
  if (c->na == RDC_NA_ERROR) {
    rdc_status status;
    rdc_status_clear(&status);
    rdc_marshal_bad(RDC_ARG_MISSING, c->plan->args[k], Rf_ScalarLogical(NA_LOGICAL), &status);
    raise_at(c, &status, k, first);
  }
  need_skip(c);
  unsigned char *marks = (unsigned char *)R_alloc(n, 1);
  memset(marks, 0, n);
  rdc_missing_mark(value, first, n, marks + first);
  for (size_t row = 0; row < c->n; row += n)
    for (size_t i = first; i < n; i++)
      c->skip[row + i] |= marks[i];
  SEXP made = PROTECT(Rf_duplicate(value));
  size_t size = rdc_r_element_size(made);
  for (size_t i = first; i < n; i++) {
    if (marks[i] && TYPEOF(made) == STRSXP)
      SET_STRING_ELT(made, (R_xlen_t)i, R_BlankString);
    else if (marks[i])
      memset((char *)rdc_r_bytes(made) + i * size, 0, size);
  }
  UNPROTECT(1);
  return made;
}

/* ---- columns ---- */

/* Repeats the rows of a block until there are n. */
static const char *repeated(const char *base, size_t size, size_t have, size_t n)
{
  char *made = R_alloc(n, (int)size);
  for (size_t i = 0; i < n; i += have)
    memcpy(made + i * size, base, size * (n - i < have ? n - i : have));
  return made;
}

/* A value that is the same in all rows. */
static void column_of_one(rdc_columns *c, size_t k, SEXP value)
{
  rdc_status status;
  char *one = R_alloc(c->plan->bare[k]->size + RDC_ALIGNMENT, 1);
  rdc_status_clear(&status);
  if (rdc_put(c->plan->args[k], value, one, &c->keep, &status))
    raise_at(c, &status, k, RDC_NOWHERE);
  c->columns[k].base = one;
  c->columns[k].step = 0;
}

static void column_of_array(rdc_columns *c, size_t k, SEXP value)
{
  rdc_status status;
  rdc_elements span = rdc_array_span(value);
  rdc_status_clear(&status);
  if (!rdc_array_is_same(c->plan->args[k], span.type)) {
    rdc_marshal_bad(RDC_ARG_TYPE, c->plan->args[k], value, &status);
    raise_at(c, &status, k, RDC_NOWHERE);
  }
  c->columns[k].base = span.base;
}

/* Numbers that are copied with zero for those that have a mark. */
typedef struct blanked {
  rdc_numbers numbers;
  uint64_t bytes[SOME];
} blanked;

static void blank(blanked *to, const rdc_numbers *numbers, size_t from, size_t n,
                  const unsigned char *marks)
{
  const char *at = numbers->from + from * numbers->size;
  to->numbers = *numbers;
  to->numbers.from = (const char *)to->bytes;
  for (size_t i = 0; numbers->size == sizeof(uint64_t) && i < n; i++) {
    uint64_t bits; /* no branches: nobody can foretell them */
    memcpy(&bits, at + i * sizeof bits, sizeof bits);
    to->bytes[i] = bits & (marks[i] - (uint64_t)1);
  }
  for (size_t i = 0; numbers->size == sizeof(uint32_t) && i < n; i++) {
    uint32_t bits;
    memcpy(&bits, at + i * sizeof bits, sizeof bits);
    bits &= marks[i] - 1u;
    memcpy((char *)to->bytes + i * sizeof bits, &bits, sizeof bits);
  }
}

/* Whether all numbers of a vector convert but NA. */
static int will_convert(const rdc_type *bare, SEXP value, const rdc_numbers *numbers, size_t n)
{
  blanked rest;
  for (size_t a = 0, some; a < n && !rdc_numbers_fit_all(bare); a += some) {
    unsigned char marks[SOME] = {0};
    some = n - a < SOME ? n - a : SOME;
    if (rdc_fit_numbers(bare, numbers, a, some) == some)
      continue;
    rdc_missing_mark(value, a, a + some, marks);
    blank(&rest, numbers, a, some, marks);
    if (rdc_fit_numbers(bare, &rest.numbers, 0, some) < some)
      return 0;
  }
  return 1;
}

/* Makes a column of a vector with an element for each row, if that lies as C wants it, or will convert when its
   rows are taken; returns whether it is one. */
static int column_lay(rdc_columns *c, size_t k, SEXP value)
{
  const rdc_type *bare = c->plan->bare[k];
  const rdc_numbers numbers = rdc_numbers_of(value);
  rdc_late *late = &c->late[k];
  size_t room = c->block < c->n ? c->block : c->n;
  int is_text = c->plan->args[k]->kind == RDC_STRING && TYPEOF(value) == STRSXP && c->threads == 1;
  int is_number = rdc_numbers_suit(bare, numbers.kind);
  int lies = is_number && rdc_numbers_lie(bare, numbers.kind);
  int takes_missing = is_number && rdc_numbers_fit_all(bare) && c->na == RDC_NA_PASS;
  if (c->n < 2 || !(is_text || is_number))
    return 0;
  if (c->na != RDC_NA_PROPAGATE && !takes_missing && rdc_missing_next(value, 0, c->n) < c->n)
    return 0;
  if (is_number && !lies && !will_convert(bare, value, &numbers, c->n))
    return 0;
  if (c->na == RDC_NA_PROPAGATE)
    late->unseen = value;
  if (is_text) {
    late->text = value;
    c->is_utf8 = rdc_r_native_is_utf8();
  } else if (!lies) {
    late->numbers = numbers;
  }
  c->columns[k].base = lies ? numbers.from : R_alloc(room, (int)bare->size);
  return 1;
}

/* Makes the column of an argument. */
static void column_make(rdc_columns *c, size_t k, SEXP value)
{
  const rdc_type *type = c->plan->args[k];
  size_t size = c->plan->bare[k]->size, have = column_length(c, k, value);
  rdc_column *column = &c->columns[k];
  if (!is_column(c->plan->bare[k], value)) {
    column_of_one(c, k, value);
    return;
  }
  SET_VECTOR_ELT(c->hold, (R_xlen_t)k, value);
  column->step = have == 1 ? 0 : size;
  if (is_carray(value)) {
    column_of_array(c, k, value);
  } else if (have < c->n || !column_lay(c, k, value)) {
    rdc_status status;
    char *block = R_alloc(have + 1, (int)(size ? size : 1));
    rdc_status_clear(&status);
    value = without_missing(c, k, value, have);
    SET_VECTOR_ELT(c->hold, (R_xlen_t)k, value);
    if (rdc_put_many(NULL, type, value, block, size, (R_xlen_t)have, &c->keep, &status))
      raise_at(c, &status, k, status.element);
    column->base = block;
  }
  if (have > 1 && have < c->n)
    column->base = repeated(column->base, size, have, c->n);
}

void rdc_columns_make(rdc_columns *c, SEXP args)
{
  size_t nargs = c->plan->nargs;
  c->n = count_rows(c, args);
  c->skip = NULL;
  c->is_utf8 = 0;
  c->columns = (rdc_column *)(void *)R_alloc(nargs + 1, sizeof *c->columns);
  c->at = (rdc_column *)(void *)R_alloc(nargs + 1, sizeof *c->at);
  c->late = (rdc_late *)(void *)R_alloc(nargs + 1, sizeof *c->late);
  for (size_t k = 0; c->n && k < nargs; k++) {
    c->late[k] = (rdc_late){NULL, NULL, {RDC_NUMBER_NONE, NULL, 0}};
    column_make(c, k, VECTOR_ELT(args, (R_xlen_t)k));
  }
}

/* ---- rows ---- */

/* Notes which of some rows have NA in a column. */
static void see_rows(rdc_columns *c, SEXP value, size_t a, size_t b)
{
  size_t first = rdc_missing_next(value, a, b);
  if (first == b)
    return;
  need_skip(c);
  rdc_missing_mark(value, first, b, c->skip + first);
}

/* Converts rows from a to b of a column of numbers; what is there for those that are left out, nobody sees. */
static void convert_numbers(rdc_columns *c, size_t k, size_t a, size_t b, char *dest)
{
  const rdc_type *bare = c->plan->bare[k];
  const rdc_numbers *numbers = &c->late[k].numbers;
  blanked rest;
  for (size_t some; a < b; a += some, dest += some * bare->size) {
    some = b - a < SOME ? b - a : SOME;
    int has_gaps = c->skip && !rdc_numbers_fit_all(bare) && memchr(c->skip + a, 1, some);
    if (has_gaps)
      blank(&rest, numbers, a, some, c->skip + a);
    size_t done = rdc_put_numbers(bare, has_gaps ? &rest.numbers : numbers, has_gaps ? 0 : a, some,
                                  dest, bare->size);
    if (done == some)
      continue;
    /* it did convert before the first call: C has written into the vector since then */
    rdc_status status;
    rdc_status_clear(&status);
    rdc_marshal_bad(rdc_number_failure(numbers, a + done), c->plan->args[k],
                    VECTOR_ELT(c->hold, (R_xlen_t)k), &status);
    raise_at(c, &status, k, a + done);
  }
}

/* The same for text, from gap to gap: text that is NA does not convert. */
static void convert_text(rdc_columns *c, size_t k, size_t a, size_t b, char *dest)
{
  for (size_t i = a, end; i < b; i = end + 1) {
    const unsigned char *gap = c->skip ? memchr(c->skip + i, 1, b - i) : NULL;
    rdc_status status;
    rdc_status_clear(&status);
    end = gap ? (size_t)(gap - c->skip) : b;
    if (rdc_put_texts(c->late[k].text, (R_xlen_t)i, (R_xlen_t)(end - i), c->is_utf8,
                      dest + (i - a) * sizeof(char *), &c->keep, &status))
      raise_at(c, &status, k, i + status.element);
  }
}

const rdc_column *rdc_columns_take(rdc_columns *c, size_t a, size_t b)
{
  for (size_t k = 0; k < c->plan->nargs; k++)
    if (c->late[k].unseen)
      see_rows(c, c->late[k].unseen, a, b);
  for (size_t k = 0; k < c->plan->nargs; k++) {
    char *dest = (char *)(uintptr_t)c->columns[k].base;
    c->at[k] = c->columns[k];
    if (c->late[k].text)
      convert_text(c, k, a, b, dest);
    else if (c->late[k].numbers.kind != RDC_NUMBER_NONE)
      convert_numbers(c, k, a, b, dest);
    else
      c->at[k].base += a * c->at[k].step;
  }
  return c->at;
}
