/* Closures around R functions. A jump out of R code never crosses a C frame: it is parked in the
   frame of the foreign call and resumed after the foreign function has returned. */
#include "callback.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "convert.h"
#include "os.h"
#include "owner.h"

/* What the protected slot of a callback object holds; RESULT keeps the last pointer or string that
   was returned to C, CALL is the call of the function that runs of the callback fill in. */
enum {
  HOLD_FUNCTION,
  HOLD_ENVIR,
  HOLD_SIGNATURE,
  HOLD_NAME,
  HOLD_PLAN,
  HOLD_SCOPE,
  HOLD_OWNER, /* the block object that it lives as long as, NULL if there is none */
  HOLD_RESULT,
  HOLD_CALL,
  HOLD_COUNT
};

/* A closure whose object is gone stays mapped for a while, so that C calling it gets an R error; the
   oldest is released when so many are waiting. */
enum { CALLBACK_STALE_MOST = 16384 };

typedef struct parameter {
  const rdc_type *type; /* what R gets */
  const rdc_type *bare; /* the same, names and enums looked through */
  int by_address;       /* C passes the address of such a value */
} parameter;

typedef struct callback {
  rdc_closure closure;   /* what C calls */
  rdc_plan *plan;        /* one hold */
  parameter *parameters; /* as many as the plan has arguments */
  SEXP hold;             /* protected slot of the object, NULL once the object is gone */
  rdc_block *block;      /* while it is live */
  SEXP call;             /* in that slot, like the next two */
  SEXP envir;            /* where the call is evaluated */
  SEXP scope;            /* where names of types resolve */
  int in_use;            /* whether the call in the slot is being evaluated */
  struct callback *next; /* younger stale callback */
  char label[112];       /* "signature" or 'name' "signature", for messages */
} callback;

static callback *stale_first, *stale_last;
static int callback_live, callback_stale;
static int callback_foreign; /* calls that arrived on other threads; atomic */

static void callback_release(callback *cb)
{
  rdc_abi_closure_close(&cb->closure);
  rdc_plan_drop(cb->plan);
  free(cb->parameters);
  free(cb);
}

static callback *callback_of(SEXP object)
{
  SEXP hold = R_ExternalPtrProtected(object);
  if (TYPEOF(hold) != VECSXP || XLENGTH(hold) != HOLD_COUNT || !R_ExternalPtrAddr(object))
    return NULL;
  return R_ExternalPtrAddr(VECTOR_ELT(hold, HOLD_PLAN));
}

static void callback_retire(SEXP object)
{
  callback *cb = callback_of(object);
  if (cb)
    R_ClearExternalPtr(VECTOR_ELT(R_ExternalPtrProtected(object), HOLD_PLAN));
  R_ClearExternalPtr(object);
  if (!cb)
    return;
  if (cb->block) {
    rdc_block *block = cb->block;
    cb->block = NULL;
    block->release = NULL;
    rdc_owner_close(block, "with its callback");
    rdc_block_forget(block);
  }
  cb->hold = NULL;
  cb->next = NULL;
  callback_live--;
  callback_stale++;
  if (stale_last)
    stale_last->next = cb;
  else
    stale_first = cb;
  stale_last = cb;
  if (callback_stale > CALLBACK_STALE_MOST) {
    callback *oldest = stale_first;
    stale_first = oldest->next;
    callback_stale--;
    callback_release(oldest);
  }
}

/* An owner that goes together with its callbacks is ended while they can still be called. */
static void callback_finalize(SEXP object)
{
  SEXP hold = R_ExternalPtrProtected(object);
  if (callback_of(object) && VECTOR_ELT(hold, HOLD_OWNER) != R_NilValue)
    rdc_owner_finalize(VECTOR_ELT(hold, HOLD_OWNER));
  callback_retire(object);
}

static rdc_block *callback_block(SEXP object)
{
  callback *cb = callback_of(object);
  return cb ? cb->block : NULL;
}

/* Its block is freed: by dynfree(), or with its scope. */
static void callback_end(rdc_block *block)
{
  SEXP object = block->object;
  SEXP owner = VECTOR_ELT(R_ExternalPtrProtected(object), HOLD_OWNER);
  if (owner != R_NilValue)
    rdc_owner_detach(owner, object);
  callback_of(object)->block = NULL;
  block->object = NULL;
  callback_retire(object);
}

/* One run of a callback. */
typedef struct job {
  callback *cb;
  void *ret;
  void **args;
  int in_use;   /* whether it uses the call that the callback holds */
  jmp_buf back; /* out of R_UnwindProtect */
} job;

/* An argument that has converters. */
static SEXP callback_converted(const callback *cb, size_t i, const void *src, rdc_view *view)
{
  rdc_status status;
  const rdc_type *type = cb->parameters[i].type;
  rdc_status_clear(&status);
  SEXP value = PROTECT(rdc_get(rdc_type_plain(type), src, view));
  if (rdc_convert_from(type, value, &value, &status)) {
    rdc_status_place(&status, "argument %lu of callback %s", (unsigned long)i + 1, cb->label);
    rdc_raise(&status, NULL);
  }
  UNPROTECT(1);
  return value;
}

/* A call of a function with room for n arguments. */
static SEXP call_new(SEXP function, size_t n)
{
  SEXP cells = PROTECT(Rf_allocList((int)n));
  SEXP call = Rf_lcons(function, cells);
  UNPROTECT(1);
  return call;
}

/* Fills in the arguments. What the last run left there is used again where nothing else holds it. */
static void call_fill(SEXP call, const job *j, rdc_view *view)
{
  SEXP cell = CDR(call);
  const parameter *p = j->cb->parameters;
  for (size_t i = 0; i < j->cb->plan->nargs; i++, p++, cell = CDR(cell)) {
    SEXP before = CAR(cell), value = R_NilValue;
    const void *src = j->args[i];
    if (p->by_address)
      memcpy(&src, src, sizeof src);
    if (RDC_UNLIKELY(p->bare->is_converted))
      value = callback_converted(j->cb, i, src, view);
    else if (src)
      value = rdc_get_again(p->type, p->bare, src, view, before);
    if (p->bare->kind == RDC_SEXP || p->bare->is_converted)
      value = rdc_r_quoted(value);
    if (value != before)
      SETCAR(cell, value);
  }
  if (view->lossy)
    rdc_marshal_warn_lossy();
}

/* Lets go what a call has that is not for the next run. */
static void call_empty(SEXP call, const callback *cb)
{
  SEXP cell = CDR(call);
  for (size_t i = 0; i < cb->plan->nargs; i++, cell = CDR(cell))
    if (!rdc_get_uses_again(cb->parameters[i].bare))
      SETCAR(cell, R_NilValue);
}

/* Gives C the value of the function. */
static void callback_answer(callback *cb, SEXP hold, SEXP value, void *ret)
{
  rdc_status status;
  rdc_keep keep;
  PROTECT(value);
  rdc_keep_init(&keep, VECTOR_ELT(hold, HOLD_SCOPE), ret);
  rdc_status_clear(&status);
  if (rdc_put(cb->plan->converted ? cb->plan->converted : cb->plan->ret, value, ret, &keep,
              &status)) {
    rdc_status_place(&status, "result of callback %s", cb->label);
    rdc_raise(&status, NULL);
  }
  SET_VECTOR_ELT(hold, HOLD_RESULT, keep.objects);
  UNPROTECT(2);
}

static SEXP callback_run(void *data)
{
  job *j = data;
  callback *cb = j->cb;
  if (!cb->hold)
    rdc_raise_code(RDC_CALLBACK_STALE, cb->label);
  SEXP hold = PROTECT(cb->hold), call = cb->call;
  rdc_view view = {cb->scope, NULL, 0, 0, 0};
  /* a run within a run has a call of its own, and code that keeps a call sees no other arguments in it */
  int is_own = cb->in_use || MAYBE_SHARED(call);
  if (is_own)
    call = call_new(VECTOR_ELT(hold, HOLD_FUNCTION), cb->plan->nargs);
  PROTECT(call);
  if (!is_own)
    j->in_use = cb->in_use = 1;
  call_fill(call, j, &view);
  SEXP value = Rf_eval(call, cb->envir);
  if (cb->plan->abi.ret->kind != RDC_VOID &&
      (cb->plan->converted || !rdc_put_exact(cb->plan->abi.ret->kind, value, j->ret)))
    callback_answer(cb, hold, value, j->ret);
  if (!is_own && cb->plan->keeps)
    call_empty(call, cb);
  UNPROTECT(2);
  return R_NilValue;
}

static void callback_clean(void *data, Rboolean jump)
{
  job *j = data;
  if (jump)
    longjmp(j->back, 1);
}

static void callback_run_toplevel(void *data) { callback_run(data); }

static void callback_warn(void *data)
{
  char text[200];
  snprintf(text, sizeof text,
           "callback %s was called outside of a foreign call and failed; C got zero",
           ((callback *)data)->label);
  rdc_warn("callback", text);
}

static void callback_handle(void *ret, void **args, void *user)
{
  callback *cb = user;
  size_t size = cb->plan->abi.ret->size;
  if (size)
    memset(ret, 0, size);
  if (!rdc_os_main_thread()) {
    RDC_ATOMIC_ADD(&callback_foreign, 1); /* never an R call on a thread that is not R's */
    return;
  }
  int saved = errno;
  rdc_frame *base = rdc_call_base(), *frame = rdc_call_enter();
  job j = {.cb = cb, .ret = ret, .args = args};
  if (!frame) {
    if (!R_ToplevelExec(callback_run_toplevel, &j)) {
      if (size)
        memset(ret, 0, size);
      R_ToplevelExec(callback_warn, cb);
    }
  } else if (!frame->parked) {
    SEXP token = rdc_call_token(frame);
    if (!setjmp(j.back)) {
      R_UnwindProtect(callback_run, &j, callback_clean, &j, token);
    } else {
      frame->parked = token;
      frame->stop = 1;
      if (size)
        memset(ret, 0, size);
    }
  }
  if (j.in_use)
    cb->in_use = 0;
  rdc_call_leave(frame, base);
  errno = saved;
}

/* What R gets for an argument: the value behind a pointer where that is asked for and there is one that
   R has. Text behind a char pointer is what R gets anyway. */
static parameter parameter_of(const rdc_type *type, const rdc_type *bare, int by_address)
{
  parameter p = {type, bare, 0};
  if (!by_address || bare->kind != RDC_POINTER)
    return p;
  const rdc_type *value = rdc_type_strip(bare->base);
  if (value->kind == RDC_VOID || value->kind == RDC_FUNCTION || value->kind == RDC_NAMED ||
      value->kind == RDC_CHAR || value->kind == RDC_UCHAR || !value->is_complete)
    return p;
  p.type = bare->base;
  p.bare = value;
  p.by_address = 1;
  return p;
}

static void callback_parameters(callback *cb, int by_address)
{
  size_t n = cb->plan->nargs, found = 0;
  cb->parameters = calloc(n + 1, sizeof *cb->parameters);
  if (!cb->parameters) {
    callback_release(cb);
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  }
  for (size_t i = 0; i < n; i++) {
    cb->parameters[i] = parameter_of(cb->plan->args[i], cb->plan->bare[i], by_address);
    found += (size_t)cb->parameters[i].by_address;
  }
  if (by_address && !found) {
    char label[sizeof cb->label];
    memcpy(label, cb->label, sizeof label);
    callback_release(cb);
    rdc_raise_code(RDC_ARG_TYPE, "a signature with pointers to values for 'deref'", label);
  }
}

/* name is a string vector, or NULL. */
static SEXP callback_make(SEXP text, SEXP name, rdc_mode mode, SEXP function, SEXP envir,
                          SEXP scope, int by_address, int is_brief)
{
  rdc_status status;
  SEXP plan = PROTECT(rdc_cache_plan(text, mode, scope));
  SEXP hold = PROTECT(Rf_allocVector(VECSXP, HOLD_COUNT));
  SET_VECTOR_ELT(hold, HOLD_FUNCTION, function);
  SET_VECTOR_ELT(hold, HOLD_ENVIR, envir);
  SET_VECTOR_ELT(hold, HOLD_SIGNATURE, Rf_ScalarString(text));
  SET_VECTOR_ELT(hold, HOLD_NAME, name);
  SET_VECTOR_ELT(hold, HOLD_SCOPE, scope);
  SET_VECTOR_ELT(hold, HOLD_CALL, call_new(function, rdc_cache_plan_of(plan)->nargs));
  /* the state hangs on an inner pointer that also keeps the plan's types alive */
  SET_VECTOR_ELT(hold, HOLD_PLAN, R_MakeExternalPtr(NULL, rdc_symbol.scratch, plan));
  SEXP object = PROTECT(rdc_pointer_new(RDC_POINTER_CALLBACK, NULL, hold));
  R_RegisterCFinalizerEx(object, callback_finalize, FALSE);
  callback *cb = calloc(1, sizeof *cb);
  rdc_status_clear(&status);
  if (!cb)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  cb->plan = rdc_plan_hold(rdc_cache_plan_of(plan));
  cb->hold = hold;
  cb->call = VECTOR_ELT(hold, HOLD_CALL);
  cb->envir = envir;
  cb->scope = scope;
  cb->closure.abi = &cb->plan->abi;
  cb->closure.handler = callback_handle;
  cb->closure.user = cb;
  if (name == R_NilValue)
    snprintf(cb->label, sizeof cb->label, "\"%.60s\"", R_CHAR(text));
  else
    snprintf(cb->label, sizeof cb->label, "'%.40s' \"%.60s\"", R_CHAR(STRING_ELT(name, 0)),
             R_CHAR(text));
  cb->closure.is_brief = is_brief;
  callback_parameters(cb, by_address);
  if (rdc_abi_closure_open(&cb->closure, &status)) {
    callback_release(cb);
    rdc_raise(&status, NULL);
  }
  R_SetExternalPtrAddr(VECTOR_ELT(hold, HOLD_PLAN), cb);
  R_SetExternalPtrAddr(object, cb->closure.code);
  callback_live++;
  cb->block = rdc_block_open(rdc_owner_pool(), RDC_BLOCK_CALLBACK, cb->closure.code, RDC_NOWHERE);
  if (!cb->block)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  cb->block->object = object;
  cb->block->release = callback_end;
  snprintf(cb->block->type, sizeof cb->block->type, "%.20s%s%.25s",
           name == R_NilValue ? "" : R_CHAR(STRING_ELT(name, 0)), name == R_NilValue ? "" : " ",
           R_CHAR(text));
  rdc_owner_note(cb->block);
  UNPROTECT(3);
  return object;
}

static void need_parts(SEXP function, SEXP envir)
{
  char got[256];
  if (!Rf_isFunction(function)) {
    rdc_describe(function, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, "a function to wrap", got);
  }
  if (TYPEOF(envir) != ENVSXP) {
    rdc_describe(envir, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, "an environment", got);
  }
}

/* name is a string or NULL, owner an owned pointer or NULL. */
SEXP rdc_r_callback_new(SEXP signature, SEXP function, SEXP envir, SEXP env, SEXP name, SEXP owner,
                        SEXP deref)
{
  char got[256];
  if (!rdc_r_is_string(signature)) {
    rdc_describe(signature, got, sizeof got);
    rdc_raise_code(RDC_SIG_TOKEN, "a signature (one string)", got);
  }
  need_parts(function, envir);
  owner = PROTECT(owner == R_NilValue ? owner : rdc_owner_object(owner));
  SEXP object = PROTECT(callback_make(STRING_ELT(signature, 0), name, RDC_MODE_DEFAULT, function,
                                      envir, env, LOGICAL_ELT(deref, 0), 0));
  Rf_setAttrib(object, R_ClassSymbol, PROTECT(Rf_mkString("callback")));
  if (owner == R_NilValue) {
    rdc_owner_hold(callback_block(object), object);
  } else {
    rdc_owner_attach(owner, callback_block(object));
    SET_VECTOR_ELT(R_ExternalPtrProtected(object), HOLD_OWNER, owner);
  }
  UNPROTECT(3);
  return object;
}

static rdc_code callback_wrap(const rdc_type *type, SEXP function, SEXP scope, SEXP *out,
                              rdc_status *status)
{
  char few[256], *text = few;
  size_t n = rdc_type_text(type, few, sizeof few);
  (void)status;
  if (n >= sizeof few) {
    text = R_alloc(n + 1, 1);
    rdc_type_text(type, text, n + 1);
  }
  SEXP string = PROTECT(Rf_mkCharCE(text + 1, CE_UTF8)); /* behind the parenthesis */
  if (scope == R_NilValue) {
    SEXP frame = PROTECT(Rf_lang1(rdc_hook.frame));
    scope = Rf_eval(frame, R_GlobalEnv);
    UNPROTECT(1);
  }
  PROTECT(scope);
  *out = callback_make(string, R_NilValue, RDC_MODE_DEFAULT, function, R_GlobalEnv, scope, 0, 1);
  UNPROTECT(2);
  return RDC_OK;
}

static SEXP need_callback(SEXP x)
{
  char got[256];
  if (TYPEOF(x) != EXTPTRSXP || rdc_pointer_kind_of(x) != RDC_POINTER_CALLBACK) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "a callback", got);
  }
  return R_ExternalPtrProtected(x);
}

/* Also of a callback out of a file, of which only R objects are left. */
static void callback_label(SEXP object, char *buffer, size_t size)
{
  SEXP hold = R_ExternalPtrProtected(object);
  const char *name = NULL, *signature = "?";
  if (TYPEOF(hold) == VECSXP && XLENGTH(hold) == HOLD_COUNT) {
    if (VECTOR_ELT(hold, HOLD_NAME) != R_NilValue)
      name = R_CHAR(STRING_ELT(VECTOR_ELT(hold, HOLD_NAME), 0));
    signature = R_CHAR(STRING_ELT(VECTOR_ELT(hold, HOLD_SIGNATURE), 0));
  }
  snprintf(buffer, size, "%s%.40s%s\"%.60s\", which was released or has not survived the session",
           name ? "'" : "", name ? name : "", name ? "' " : "", signature);
}

/* Puts another function behind a live callback; C keeps its pointer. */
SEXP rdc_r_callback_replace(SEXP object, SEXP function, SEXP envir)
{
  SEXP hold = need_callback(object);
  need_parts(function, envir);
  callback *cb = callback_of(object);
  if (!cb) {
    char label[256];
    callback_label(object, label, sizeof label);
    rdc_raise_code(RDC_CALLBACK_STALE, label);
  }
  SET_VECTOR_ELT(hold, HOLD_FUNCTION, function);
  SET_VECTOR_ELT(hold, HOLD_ENVIR, envir);
  SET_VECTOR_ELT(hold, HOLD_CALL, call_new(function, cb->plan->nargs));
  cb->call = VECTOR_ELT(hold, HOLD_CALL);
  cb->envir = envir;
  return object;
}

/* list(signature, function, name, live) */
SEXP rdc_r_callback_describe(SEXP object)
{
  static const char *const parts[] = {"signature", "function", "name", "live", ""};
  SEXP hold = need_callback(object);
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts));
  SET_VECTOR_ELT(made, 0, VECTOR_ELT(hold, HOLD_SIGNATURE));
  SET_VECTOR_ELT(made, 1, VECTOR_ELT(hold, HOLD_FUNCTION));
  SET_VECTOR_ELT(made, 2, VECTOR_ELT(hold, HOLD_NAME));
  SET_VECTOR_ELT(made, 3, Rf_ScalarLogical(callback_of(object) != NULL));
  UNPROTECT(1);
  return made;
}

/* c(live, stale, calls from other threads) */
SEXP rdc_r_callback_count(void)
{
  SEXP made = Rf_allocVector(INTSXP, 3);
  INTEGER(made)[0] = callback_live;
  INTEGER(made)[1] = callback_stale;
  INTEGER(made)[2] = callback_foreign;
  return made;
}

void rdc_callback_init(void)
{
  rdc_marshal_wrap = callback_wrap;
  rdc_owner_of_callback = callback_block;
  rdc_pointer_callback_label = callback_label;
}
