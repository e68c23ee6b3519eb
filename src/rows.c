/* Rows are handed out to threads in pieces; each thread works through a piece up to its first failure. */
#include "rows.h"

#include <errno.h>
#include <string.h>

#include "layout.h"
#include "os.h"

static const char *const rows_names[] = {
#define X(symbol, name) name,
    RDC_ROWS_CHECKS(X)
#undef X
};

rdc_rows_check rdc_rows_check_named(const char *name)
{
  int check = 0;
  while (check < RDC_ROWS_CHECK_COUNT && strcmp(rows_names[check], name))
    check++;
  return (rdc_rows_check)check;
}

const char *rdc_rows_check_name(rdc_rows_check check) { return rows_names[check]; }

static int is_address(const rdc_type *bare)
{
  return bare->kind == RDC_POINTER || bare->kind == RDC_STRING;
}

int rdc_rows_can_check(const rdc_type *bare, rdc_rows_check check)
{
  int is_number = rdc_kind_is_integer(bare->kind) || rdc_kind_is_real(bare->kind);
  if (check == RDC_ROWS_NEGATIVE)
    return is_number;
  return check == RDC_ROWS_NONE || check == RDC_ROWS_ERRNO || is_number || is_address(bare);
}

/* Whether a result is not zero; of reals, whether it does not equal zero. */
static int is_nonzero(const rdc_type *bare, const char *ret)
{
  static const char zeros[16];
  return rdc_kind_is_real(bare->kind) ? rdc_layout_real(bare, ret) != 0
                                      : memcmp(ret, zeros, bare->size) != 0;
}

static int has_failed(const rdc_rows *rows, const char *ret)
{
  const rdc_type *bare = rows->plan->abi.ret;
  switch (rows->check) {
  case RDC_ROWS_ERRNO:
    return errno != 0;
  case RDC_ROWS_NEGATIVE:
    return rdc_kind_is_real(bare->kind)
               ? rdc_layout_real(bare, ret) < 0
               : rdc_kind_is_signed(bare->kind) && rdc_layout_whole(bare, ret) < 0;
  case RDC_ROWS_ZERO:
    return !is_nonzero(bare, ret);
  default:
    return is_nonzero(bare, ret);
  }
}

/* The columns from a row on. */
static void columns_from(const rdc_rows *rows, size_t row, rdc_column *at)
{
  for (size_t k = 0; k < rows->plan->nargs; k++) {
    at[k].step = rows->columns[k].step;
    at[k].base = rows->columns[k].base + row * at[k].step;
  }
}

/* Makes the calls of rows from a to b: all at once, or one by one when each is checked. */
static void rows_piece(rdc_rows *rows, size_t a, size_t b)
{
  const rdc_abi *abi = &rows->plan->abi;
  rdc_column at[rows->plan->nargs + 1];
  if (rows->check == RDC_ROWS_NONE) {
    columns_from(rows, a, at);
    rdc_abi_invoke_rows(abi, rows->code, at, rows->skip ? rows->skip + a : NULL, b - a,
                        rows->ret + a * abi->ret->size, rows->stop);
    return;
  }
  for (; a < b && !*rows->stop; a++) {
    char *ret = rows->ret + a * abi->ret->size;
    if (rows->skip && rows->skip[a])
      continue;
    columns_from(rows, a, at);
    if (rows->check == RDC_ROWS_ERRNO)
      errno = 0;
    rdc_abi_invoke_rows(abi, rows->code, at, NULL, 1, ret, rows->stop);
    if (!*rows->stop && has_failed(rows, ret)) {
      rows->failed = a;
      rows->error = errno;
      return;
    }
  }
}

/* ---- several threads ---- */

enum { ROWS_THREADS = 256, ROWS_PIECE = 4096 };

typedef struct rows_team {
  rdc_rows *rows; /* of the calling thread */
  size_t next;    /* first row that no thread has taken */
  size_t piece;   /* rows that a thread takes at a time */
  int is_over;    /* a call has failed, or the calling thread stops */
  rdc_rows parts[ROWS_THREADS];
} rows_team;

static void rows_work(void *user, unsigned number)
{
  static const volatile int never;
  rows_team *team = user;
  rdc_rows *part = &team->parts[number];
  *part = *team->rows;
  if (number)
    part->stop = &never; /* what sets it is a callback, and R's thread alone runs these */
  while (!__atomic_load_n(&team->is_over, __ATOMIC_RELAXED)) {
    size_t a = __atomic_fetch_add(&team->next, team->piece, __ATOMIC_RELAXED);
    if (a >= part->n)
      return;
    rows_piece(part, a, a + team->piece < part->n ? a + team->piece : part->n);
    if (part->failed != RDC_NOWHERE || *part->stop)
      __atomic_store_n(&team->is_over, 1, __ATOMIC_RELAXED);
  }
}

void rdc_rows_run(rdc_rows *rows)
{
  unsigned threads = rows->threads < ROWS_THREADS ? rows->threads : ROWS_THREADS;
  rows->failed = RDC_NOWHERE;
  if (threads < 2 || rows->n < 2) {
    rows_piece(rows, 0, rows->n);
    return;
  }
  rows_team team;
  team.rows = rows;
  team.next = 0;
  team.is_over = 0;
  team.piece = rows->n / (threads * 8u) + 1;
  if (team.piece > ROWS_PIECE)
    team.piece = ROWS_PIECE;
  for (unsigned k = 0; k < threads; k++)
    team.parts[k].failed = RDC_NOWHERE;
  rdc_os_together(threads, rows_work, &team);
  for (unsigned k = 0; k < threads; k++) {
    if (team.parts[k].failed < rows->failed) {
      rows->failed = team.parts[k].failed;
      rows->error = team.parts[k].error;
    }
  }
}
