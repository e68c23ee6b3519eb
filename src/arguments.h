/* Arguments in the frame of an R function that calls C. */
#ifndef RDC_ARGUMENTS_H
#define RDC_ARGUMENTS_H

#include "marshal.h"

/* They are asked for in the order of the formals. What is not on the protection stack the frame protects. */
typedef struct rdc_arguments {
  SEXP env;        /* the frame */
  SEXP next;       /* its cells that were not looked at yet, NULL when they cannot be read */
  uint64_t direct; /* which arguments of C came straight from variables */
  int held;        /* values on the protection stack */
} rdc_arguments;

rdc_arguments rdc_arguments_of(SEXP env);

/* The value of an argument. Evaluates it; raises R's error if it was not given. */
SEXP rdc_arguments_value(rdc_arguments *from, SEXP symbol);

/* The same; NULL if it was not given. */
SEXP rdc_arguments_optional(rdc_arguments *from, SEXP symbol);

/* The values of `...`; few has room for RDC_R_FEW, as many as there are bits. Evaluates them. */
enum { RDC_R_FEW = 64 };
const SEXP *rdc_arguments_dots(rdc_arguments *from, SEXP *few, size_t *n);

/* The same for all arguments of a function, those of `...` included and last. One that was not given is R's
   missing argument if they are optional, else R's error. */
const SEXP *rdc_arguments_all(rdc_arguments *from, SEXP *few, size_t *n, int optional);

static inline rdc_references rdc_arguments_references(const rdc_arguments *from)
{
  rdc_references references = {RDC_R_CALL, from->direct};
  return references;
}

/* The environment that the function was called from, by its frame. No other R function may be running. */
SEXP rdc_arguments_caller(SEXP env);

/* The same if the user's code is what called it: R_NilValue when that is a function of base R or of this
   package, which R code looks through. */
SEXP rdc_arguments_user(SEXP env);

SEXP rdc_r_arguments_probe(SEXP call, SEXP op, SEXP args, SEXP env);

#endif
