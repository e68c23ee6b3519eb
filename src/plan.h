/* A compiled signature: how to call, step by step. Immutable once made but for the number of its holders;
   any thread may hold, use and drop it. */
#ifndef RDC_PLAN_H
#define RDC_PLAN_H

#include "abi.h"
#include "sig.h"

typedef struct rdc_plan {
  rdc_arena arena;       /* everything below */
  const rdc_type *type;  /* the function type as written */
  rdc_mode mode;         /* calling convention */
  size_t nargs;          /* arguments */
  const rdc_type **args; /* as written; variadic ones promoted */
  const rdc_type **bare; /* the same, names and enums looked through but for those with converters */
  const rdc_type *ret;   /* as written, but for converters */
  const rdc_type *converted; /* the result as written if it has converters, else NULL */
  size_t *slots;         /* offset of each argument in a frame */
  size_t ret_slot;       /* offset of the result */
  size_t frame_size;     /* bytes of a frame: argument pointers, arguments, result; where abi.places are, an
                            image has room in place of pointers and arguments */
  int keeps;             /* whether an argument may be an address that something must keep valid */
  int finishes;          /* whether a result is converted, or may point into an argument */
  int is_special; /* whether the result is an integer of 64 bits or a pointer to a named type */
  rdc_abi abi;    /* how it is called */
  size_t users;   /* who holds it; atomic */
} rdc_plan;

/* Compiles a call signature. A mode other than default overrides the text's prefix. The plan refers to
   the aggregates that scope found; they must outlive it. */
rdc_code rdc_plan_new(const char *text, size_t length, rdc_mode mode, const rdc_scope *scope,
                      rdc_plan **out, rdc_status *status);

/* One more holder of a plan. */
rdc_plan *rdc_plan_hold(rdc_plan *plan);

/* One holder less; the last one releases the plan. NULL is allowed. */
void rdc_plan_drop(rdc_plan *plan);

#endif
