/* Forward calls: the call frame, one call, errno. */
#ifndef RDC_CALL_H
#define RDC_CALL_H

#include "marshal.h"
#include "rows.h"

/* A foreign call in progress. Frames nest and lie on the C stack. */
typedef struct rdc_frame {
  const struct rdc_frame *self; /* its own address, while nothing else is there */
  SEXP context;                 /* R's environment during the call, for comparison only */
  SEXP parked;       /* continuation of an R jump that waits for the end of the call, or NULL */
  const struct rdc_frame *around; /* the call whose callback made this one, or NULL */
  volatile int stop; /* whether something is parked, for loops of calls */
} rdc_frame;

/* A callback begins: the frame of the foreign function that called it, NULL if none of ours did but R
   itself, as it calls finalizers. R code runs on behalf of that frame from now on. */
rdc_frame *rdc_call_enter(void);

/* A callback ends: its frame runs again, and the R code around it had that base. */
void rdc_call_leave(rdc_frame *frame, rdc_frame *base);

/* The frame on whose behalf R code runs, NULL outside of callbacks. */
rdc_frame *rdc_call_base(void);

/* The continuation token for jumps out of callbacks in a frame; preserved for ever. */
SEXP rdc_call_token(const rdc_frame *frame);

/* Who calls: for messages, for names of types and for the memory of the warning about 64-bit results. */
typedef struct rdc_site {
  const char *name;    /* of the function, or NULL */
  SEXP params;         /* parameter names or R_NilValue */
  SEXP scope;          /* environment where names resolve, or R_NilValue */
  SEXP text;           /* signature, a string object */
  rdc_mode mode;       /* call mode */
  int *warned;         /* whether the warning was given */
  int integer64;       /* 64-bit results as integer64 */
  rdc_references references;
  SEXP result;         /* rule of result.h, or NULL */
  int is_safe;         /* whether several threads may call at once */
} rdc_site;

/* One foreign call: put, invoke, resume a parked jump, get. Extra arguments of an open-ended variadic
   signature are typed by their values. */
SEXP rdc_call_run(const rdc_plan *plan, rdc_code_pointer code, const SEXP *args, size_t n,
                  const rdc_site *site);

/* Makes the calls of rows, none after a callback has jumped, and resumes the jump. */
void rdc_call_rows(rdc_rows *rows);

/* Says in a status which argument of a call it is about. Raises unless n arguments are as many as the plan
   has. */
void rdc_call_place(rdc_status *status, const rdc_plan *plan, const rdc_site *site, size_t i);
void rdc_call_need_arity(const rdc_plan *plan, const rdc_site *site, size_t n);

/* The code of an address: an external pointer, or a bound function. Raises. */
void *rdc_call_need_code(SEXP address);

/* The call mode of an R value, the signature of an R value; raise. */
rdc_mode rdc_call_need_mode(SEXP mode);
SEXP rdc_call_need_signature(SEXP signature);

/* The error numbers that the last call left and the next one finds: errno, and on Windows what
   GetLastError() tells. */
typedef enum rdc_call_errors { RDC_ERROR_ERRNO, RDC_ERROR_LAST } rdc_call_errors;
int *rdc_call_error(rdc_call_errors which);

/* Sets up the cache. */
void rdc_call_init(void);

SEXP rdc_r_call_dyncall(SEXP call, SEXP op, SEXP args, SEXP env);
SEXP rdc_r_call_errno(SEXP value);
SEXP rdc_r_call_last_error(void);
SEXP rdc_r_call_error_text(SEXP numbers, SEXP is_last);
SEXP rdc_r_call_path(SEXP name);
SEXP rdc_r_call_path_of(SEXP signature, SEXP env);
SEXP rdc_r_call_prototype(SEXP signature, SEXP name, SEXP params);
SEXP rdc_r_call_entries(SEXP text);

#endif
