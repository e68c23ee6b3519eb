/* Forward calls: plans cached by signature, the call frame, bound functions, errno. */
#ifndef RDC_CALL_H
#define RDC_CALL_H

#include "marshal.h"
#include "plan.h"

/* A foreign call in progress. Frames nest and lie on the C stack. */
typedef struct rdc_frame {
  struct rdc_frame *previous; /* the call around this one */
  SEXP parked;                /* continuation of an R jump that waits for the foreign function to
                                 return, or NULL */
  int depth;                  /* calls around this one */
} rdc_frame;

/* The innermost foreign call in progress on R's thread, NULL if there is none. */
rdc_frame *rdc_call_frame(void);

/* Makes frame the innermost one again after a jump out of deeper ones. */
void rdc_call_frame_restore(rdc_frame *frame);

/* The continuation token for jumps out of callbacks in a frame; preserved for ever. */
SEXP rdc_call_token(const rdc_frame *frame);

/* The plan object (external pointer) of a signature in an environment, from the cache if it is there.
   text is a string object; raises when it does not compile. The caller protects the result. */
SEXP rdc_call_plan(SEXP text, rdc_mode mode, SEXP env);

/* The plan of a plan object. */
rdc_plan *rdc_call_plan_of(SEXP plan);

/* Sets up the cache and the hooks of the marshal module. */
void rdc_call_init(void);

SEXP rdc_r_call_dyncall(SEXP args);
SEXP rdc_r_call_list(SEXP args);
SEXP rdc_r_call_new(SEXP library, SEXP name, SEXP signature, SEXP mode, SEXP env, SEXP params,
                    SEXP variable);
SEXP rdc_r_call_describe(SEXP bound);
SEXP rdc_r_call_errno(SEXP value);
SEXP rdc_r_call_prototype(SEXP signature, SEXP name, SEXP params);
SEXP rdc_r_call_entries(SEXP text);
#define X(n, params, names) SEXP rdc_r_call_bound##n params;
#define RDC_BOUND(X)                                                                               \
  X(0, (SEXP f), (f))                                                                              \
  X(1, (SEXP f, SEXP a), (f, a))                                                                   \
  X(2, (SEXP f, SEXP a, SEXP b), (f, a, b))                                                        \
  X(3, (SEXP f, SEXP a, SEXP b, SEXP c), (f, a, b, c))                                             \
  X(4, (SEXP f, SEXP a, SEXP b, SEXP c, SEXP d), (f, a, b, c, d))                                  \
  X(5, (SEXP f, SEXP a, SEXP b, SEXP c, SEXP d, SEXP e), (f, a, b, c, d, e))                       \
  X(6, (SEXP f, SEXP a, SEXP b, SEXP c, SEXP d, SEXP e, SEXP g), (f, a, b, c, d, e, g))            \
  X(7, (SEXP f, SEXP a, SEXP b, SEXP c, SEXP d, SEXP e, SEXP g, SEXP h),                           \
    (f, a, b, c, d, e, g, h))                                                                      \
  X(8, (SEXP f, SEXP a, SEXP b, SEXP c, SEXP d, SEXP e, SEXP g, SEXP h, SEXP i),                   \
    (f, a, b, c, d, e, g, h, i))
RDC_BOUND(X)
#undef X

#endif
