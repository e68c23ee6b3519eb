/* Calls of one function for rows of columns, on one thread or several. Knows no R. */
#ifndef RDC_ROWS_H
#define RDC_ROWS_H

#include "plan.h"

/* The list of what shows that a call failed: symbol, name in R. */
#define RDC_ROWS_CHECKS(X)                                                                         \
  X(NONE, "none")                                                                                  \
  X(ERRNO, "errno")                                                                                \
  X(NEGATIVE, "negative")                                                                          \
  X(ZERO, "zero")                                                                                  \
  X(NONZERO, "nonzero")

typedef enum rdc_rows_check {
#define X(symbol, name) RDC_ROWS_##symbol,
  RDC_ROWS_CHECKS(X)
#undef X
      RDC_ROWS_CHECK_COUNT
} rdc_rows_check;

/* Rows whose call another thread makes are made in any order. */
typedef struct rdc_rows {
  const rdc_plan *plan;
  rdc_code_pointer code;
  const rdc_column *columns; /* one for each argument */
  const unsigned char *skip; /* 1 for rows without a call, else 0; NULL for none */
  size_t n;                  /* rows */
  char *ret;                 /* results of their natural size follow each other */
  rdc_rows_check check;
  unsigned threads;         /* at most so many; 1 for the calling one alone */
  const volatile int *stop; /* not 0: make no more calls; for the calling thread */
  size_t failed;            /* out: the first row that is known to have failed, or RDC_NOWHERE */
  int error;                /* out: errno of that row */
} rdc_rows;

/* The check of a name, RDC_ROWS_CHECK_COUNT if there is none; its name. */
rdc_rows_check rdc_rows_check_named(const char *name);
const char *rdc_rows_check_name(rdc_rows_check check);

/* Whether results of a type can be checked that way. */
int rdc_rows_can_check(const rdc_type *bare, rdc_rows_check check);

/* Makes the calls; none after one has failed, but for those that other threads make by then. */
void rdc_rows_run(rdc_rows *rows);

#endif
