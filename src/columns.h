/* Arguments of a vectorised call as columns of C values. */
#ifndef RDC_COLUMNS_H
#define RDC_COLUMNS_H

#include "call.h"
#include "marshal.h"

/* What an NA among the arguments means; as in R/map.R. */
typedef enum rdc_columns_na { RDC_NA_PROPAGATE, RDC_NA_PASS, RDC_NA_ERROR } rdc_columns_na;

/* What there is of an argument beside its column. */
typedef struct rdc_late rdc_late;

typedef struct rdc_columns {
  /* set by the caller */
  const rdc_plan *plan;
  const rdc_site *site;
  rdc_columns_na na;
  unsigned threads; /* that call, at most */
  size_t block;     /* rows that rdc_columns_take is asked for, at most */
  SEXP hold;        /* a list that is as long as the arguments and protected: what columns refer to */
  rdc_keep keep;    /* what arguments depend on */
  /* out */
  size_t n;            /* rows */
  unsigned char *skip; /* 1 for rows without a call, NULL while there are none; known of rows that were taken */
  /* its own */
  rdc_column *columns; /* one for each argument */
  rdc_column *at;      /* the same for the rows that were taken */
  rdc_late *late;
  int is_utf8;         /* whether the native encoding is, when there is text */
} rdc_columns;

/* Makes columns of a list of arguments, or raises what is wrong with these. What takes as long as calls
   themselves waits for rdc_columns_take: text and numbers that are known to convert, and the search for NA
   in columns that can be read without it. Its memory is that of R_alloc. */
void rdc_columns_make(rdc_columns *c, SEXP args);

/* The columns of rows from a to b, from a on. */
const rdc_column *rdc_columns_take(rdc_columns *c, size_t a, size_t b);

static inline int rdc_columns_skips(const rdc_columns *c, size_t row)
{
  return c->skip && c->skip[row];
}

#endif
