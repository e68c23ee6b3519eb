/* Forward calls: plan, put, invoke, resume a parked jump, get. */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "cache.h"
#include "convert.h"
#include "debug.h"
#include "os.h"
#include "result.h"

/* ---- frames ---- */

static rdc_frame *call_top;  /* of the foreign function that runs, NULL while R code does */
static rdc_frame *call_base; /* of the call whose callback runs R code, NULL outside of callbacks */
static int call_errno;
static int call_last_error; /* as Windows counts */
static SEXP call_tokens; /* preserved list, one token per depth */

RDC_ON_STACK rdc_frame *rdc_call_enter(void)
{
  /* A foreign function that itself jumped over its frame (R's own API can) leaves a dead frame at the
     top. What calls back then is C code that R calls, in a context of its own. And the dead frame lies
     below, where stacks grow downwards as wherever R runs, or something else has come to be there. */
  char here;
  rdc_frame *frame = call_top;
  if (frame && ((uintptr_t)frame < (uintptr_t)&here || frame->self != frame ||
                frame->context != R_GetCurrentEnv()))
    frame = NULL;
  call_top = NULL;
  if (frame)
    call_base = frame;
  return frame;
}

void rdc_call_leave(rdc_frame *frame, rdc_frame *base)
{
  call_top = frame;
  call_base = base;
}

rdc_frame *rdc_call_base(void) { return call_base; }

SEXP rdc_call_token(const rdc_frame *frame)
{
  R_xlen_t have = XLENGTH(call_tokens), depth = 0;
  for (const rdc_frame *at = frame->around; at && at->self == at; at = at->around)
    depth++;
  if (depth >= have) {
    SEXP more = PROTECT(Rf_allocVector(VECSXP, have * 2 > depth ? have * 2 : depth + 1));
    for (R_xlen_t i = 0; i < have; i++)
      SET_VECTOR_ELT(more, i, VECTOR_ELT(call_tokens, i));
    R_PreserveObject(more);
    R_ReleaseObject(call_tokens);
    call_tokens = more;
    UNPROTECT(1);
  }
  if (VECTOR_ELT(call_tokens, depth) == R_NilValue)
    SET_VECTOR_ELT(call_tokens, depth, R_MakeUnwindCont());
  return VECTOR_ELT(call_tokens, depth);
}

/* ---- failures of a call ---- */

void rdc_call_place(rdc_status *status, const rdc_plan *plan, const rdc_site *site, size_t i)
{
  char text[160];
  rdc_type_text(plan->type, text, sizeof text);
  if (!site->name)
    rdc_status_place(status, "argument %lu of signature \"%s\"", (unsigned long)i + 1, text + 1);
  else if (TYPEOF(site->params) == STRSXP && (size_t)XLENGTH(site->params) > i)
    rdc_status_place(status, "argument %lu ('%s') of %s", (unsigned long)i + 1,
                     R_CHAR(STRING_ELT(site->params, (R_xlen_t)i)), site->name);
  else
    rdc_status_place(status, "argument %lu of %s", (unsigned long)i + 1, site->name);
}

/* The same for the call itself; what is said before its name. */
static void place_call(rdc_status *status, const rdc_plan *plan, const rdc_site *site, const char *what)
{
  char text[160];
  rdc_type_text(plan->type, text, sizeof text);
  if (site->name)
    rdc_status_place(status, "%s%s", what, site->name);
  else
    rdc_status_place(status, "%ssignature \"%s\"", what, text + 1);
}

RDC_NORETURN static void raise_arity(const rdc_plan *plan, const rdc_site *site, size_t n)
{
  rdc_status status;
  char want[96];
  rdc_status_clear(&status);
  snprintf(want, sizeof want, "%s%lu argument%s",
           plan->type->fixed == RDC_NOWHERE ? "" : "at least ", (unsigned long)plan->nargs,
           plan->nargs == 1 ? "" : "s");
  rdc_fail(&status, RDC_ARITY, want, (unsigned long)n);
  place_call(&status, plan, site, "");
  rdc_raise(&status, NULL);
}

/* ---- variadic arguments typed by their R values ---- */

static char letter_of(SEXP x)
{
  switch (TYPEOF(x)) {
  case LGLSXP:
  case INTSXP:
    return 'i';
  case REALSXP:
    return rdc_marshal_is_integer64(x) ? 'l' : 'd';
  case STRSXP:
    return 'Z';
  case NILSXP:
  case EXTPTRSXP:
  case RAWSXP:
  case CPLXSXP:
    return 'p';
  default:
    return 0;
  }
}

/* Whether extra arguments may follow those of the signature. */
static int open_ended(const rdc_plan *plan) { return plan->type->fixed == plan->nargs; }

/* The plan for a call of an open-ended signature with these arguments. */
static SEXP plan_for_values(const rdc_plan *plan, const SEXP *args, size_t n, const rdc_site *site)
{
  char got[256];
  const char *bytes = R_CHAR(site->text);
  const char *dot = strrchr(bytes, '.');
  size_t head = (size_t)(dot - bytes) + 1, extra = n - plan->nargs;
  char *longer = R_alloc((size_t)LENGTH(site->text) + extra + 1, 1);
  memcpy(longer, bytes, head);
  for (size_t i = 0; i < extra; i++) {
    char letter = letter_of(args[plan->nargs + i]);
    if (!letter) {
      rdc_status status;
      rdc_status_clear(&status);
      rdc_describe(args[plan->nargs + i], got, sizeof got);
      rdc_fail(&status, RDC_ARG_TYPE, "a value with a C type for '...'", got);
      rdc_call_place(&status, plan, site, plan->nargs + i);
      rdc_raise(&status, NULL);
    }
    longer[head + i] = letter;
  }
  strcpy(longer + head + extra, bytes + head);
  SEXP extended = PROTECT(Rf_mkCharCE(longer, CE_UTF8));
  SEXP made = rdc_cache_plan(extended, site->mode, site->scope);
  UNPROTECT(1);
  return made;
}

/* A call whose number of arguments is not that of the plan. */
static SEXP call_extended(const rdc_plan *plan, rdc_code_pointer code, const SEXP *args, size_t n,
                          const rdc_site *site)
{
  if (n < plan->nargs || !open_ended(plan))
    raise_arity(plan, site, n);
  SEXP longer = PROTECT(plan_for_values(plan, args, n, site));
  SEXP result = rdc_call_run(rdc_cache_plan_of(longer), code, args, n, site);
  UNPROTECT(1);
  return result;
}

/* ---- one call ---- */

enum { CALL_STACK = 512 };

/* What the converters of the result make of it. */
static SEXP call_converted(const rdc_plan *plan, SEXP result, const rdc_site *site)
{
  rdc_status status;
  int saved = call_errno; /* they may call C, too */
  rdc_status_clear(&status);
  if (rdc_convert_from(plan->converted, result, &result, &status)) {
    place_call(&status, plan, site, "result of ");
    rdc_raise(&status, NULL);
  }
  call_errno = saved;
  return result;
}

/* What is seldom asked for: results with an owner, pointers into an argument, traces, warnings, converters.
   A list of what arguments depend on ends here. */
RDC_NOINLINE static SEXP call_finish(const rdc_plan *plan, const SEXP *args, const rdc_site *site,
                                     SEXP result, int lossy, rdc_keep *keep)
{
  int has_list = keep->objects != NULL;
  if (!has_list)
    keep->objects = R_NilValue;
  PROTECT(result);
  if (plan->finishes && TYPEOF(result) == EXTPTRSXP)
    rdc_result_relate(result, args, plan->nargs, keep);
  if (rdc_debug_trace)
    rdc_debug_tell(plan, site->name, site->params, args, plan->nargs, result);
  if (lossy && !*site->warned) {
    *site->warned = 1;
    rdc_marshal_warn_lossy();
  }
  if (plan->converted)
    result = call_converted(plan, result, site);
  PROTECT(result);
  if (keep->objects != R_NilValue) {
    int lost = rdc_keep_lost(keep);
    rdc_keep_clear(keep);
    if (lost)
      rdc_warn("shared",
               "the function wrote into a copy of a vector that other values share; assign "
               "the vector to a variable and pass that to see what was written");
  }
  UNPROTECT(2 + has_list);
  return result;
}

/* Puts the arguments from number `from` on, and starts the list of what they depend on. */
RDC_NOINLINE static void call_put(const rdc_plan *plan, const SEXP *args, size_t from, char *frame,
                                  rdc_keep *keep, const rdc_site *site)
{
  rdc_status status;
  rdc_status_clear(&status);
  rdc_keep_init(keep, site->scope, NULL);
  keep->passed = &site->references;
  keep->args = args;
  keep->nargs = plan->nargs;
  keep->lasting = !plan->keeps; /* what converters make of numbers is not kept */
  size_t put = rdc_put_arguments(plan, args, from, frame, keep, &status);
  if (RDC_LIKELY(put == plan->nargs))
    return;
  rdc_call_place(&status, plan, site, put);
  rdc_raise(&status, NULL);
}

/* The call itself, with its frame. Returns the continuation of a jump that is parked there, or NULL. */
RDC_ON_STACK static SEXP call_invoke(const rdc_plan *plan, rdc_code_pointer code, char *base,
                                     int is_image)
{
  rdc_frame frame = {&frame, R_GetCurrentEnv(), NULL, call_base, 0};
  void *ret = base + plan->ret_slot;
  call_top = &frame;
#if defined(_WIN32)
  rdc_os_set_last_error(call_last_error);
#endif
  errno = call_errno;
  if (RDC_LIKELY(is_image))
    rdc_abi_invoke_image(&plan->abi, code, ret, (rdc_image *)(void *)base);
  else
    rdc_abi_invoke(&plan->abi, code, ret, (void **)base);
  call_errno = errno;
#if defined(_WIN32)
  call_last_error = rdc_os_last_error();
#endif
  rdc_marshal_epoch++;
  call_top = NULL;
  return frame.parked;
}

/* put, invoke, resume, get */
SEXP rdc_call_run(const rdc_plan *plan, rdc_code_pointer code, const SEXP *args, size_t n,
                  const rdc_site *site)
{
  union {
    long double align;
    rdc_image image;
    char bytes[CALL_STACK];
  } few;
  rdc_keep keep;
  char *base = few.bytes;
  const unsigned *places = plan->abi.places;
  size_t put = 0;
  if (RDC_UNLIKELY(n != plan->nargs))
    return call_extended(plan, code, args, n, site);
  if (RDC_UNLIKELY(plan->frame_size > CALL_STACK)) {
    base = R_alloc(plan->frame_size + RDC_ALIGNMENT, 1);
    base = (char *)rdc_round_up((size_t)(uintptr_t)base, RDC_ALIGNMENT);
  }
  if (RDC_LIKELY(places != NULL)) {
    const rdc_type *const *bare = plan->bare;
    const rdc_references *references = &site->references;
    rdc_abi_clear(&plan->abi, (rdc_image *)(void *)base);
    while (put < n && rdc_put_plain(bare[put], args[put], base + places[put],
                                    rdc_references_of(references, put), 1))
      put++;
  }
  keep.objects = NULL; /* there is no list */
  if (RDC_UNLIKELY(put < n))
    call_put(plan, args, put, base, &keep, site);

  void *ret = base + plan->ret_slot;
  SEXP parked = call_invoke(plan, code, base, places != NULL);
  if (RDC_UNLIKELY(parked != NULL)) {
    if (rdc_debug_trace)
      rdc_debug_tell(plan, site->name, site->params, args, plan->nargs, NULL);
    R_ContinueUnwind(parked);
  }

  SEXP result = R_NilValue;
  int lossy = 0;
  if (plan->abi.ret->kind != RDC_VOID) {
    rdc_view view = {site->scope, NULL, site->integer64, 0, 0};
    result = RDC_LIKELY(!site->result) ? rdc_get_bare(plan->ret, plan->abi.ret, ret, &view)
                                       : rdc_result_get(plan->ret, ret, site->result, &view);
    lossy = view.lossy;
  }
  if (RDC_UNLIKELY(keep.objects || lossy | rdc_debug_trace | plan->finishes))
    result = call_finish(plan, args, site, result, lossy, &keep);
  return result;
}

RDC_ON_STACK void rdc_call_rows(rdc_rows *rows)
{
  rdc_frame frame = {&frame, R_GetCurrentEnv(), NULL, call_base, 0};
  call_top = &frame;
  errno = call_errno;
  rows->stop = &frame.stop;
  rdc_rows_run(rows);
  rdc_marshal_epoch++;
  call_errno = rows->failed == RDC_NOWHERE ? errno : rows->error;
  call_top = NULL;
  if (frame.parked)
    R_ContinueUnwind(frame.parked);
}

void rdc_call_need_arity(const rdc_plan *plan, const rdc_site *site, size_t n)
{
  if (n != plan->nargs)
    raise_arity(plan, site, n);
}

rdc_mode rdc_call_need_mode(SEXP mode)
{
  char got[256];
  rdc_mode found = RDC_MODE_COUNT;
  if (rdc_r_is_string(mode))
    found = rdc_abi_mode(R_CHAR(STRING_ELT(mode, 0)));
  if (found == RDC_MODE_COUNT) {
    char known[256] = "";
    for (int i = 0; i < RDC_MODE_COUNT; i++) {
      size_t used = strlen(known);
      snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "",
               rdc_abi_mode_name((rdc_mode)i));
    }
    rdc_describe(mode, got, sizeof got);
    if (rdc_r_is_string(mode))
      snprintf(got, sizeof got, "%.200s", R_CHAR(STRING_ELT(mode, 0)));
    rdc_raise_code(RDC_SIG_MODE, known, got);
  }
  return found;
}

SEXP rdc_call_need_signature(SEXP signature)
{
  char got[256];
  SEXP string = rdc_r_string(signature);
  if (RDC_LIKELY(string != NULL))
    return string;
  rdc_describe(signature, got, sizeof got);
  rdc_raise_code(RDC_SIG_TOKEN, "a signature (one string)", got);
}

void *rdc_call_need_code(SEXP address)
{
  rdc_status status;
  void *code = rdc_pointer_live_function(address);
  if (RDC_LIKELY(code != NULL))
    return code;
  rdc_status_clear(&status);
  SEXP bound = rdc_marshal_handle(address);
  if (bound != R_NilValue ? rdc_marshal_bound(bound, &code, &status)
                          : rdc_pointer_code(address, &code, &status)) {
    rdc_status_place(&status, "address");
    rdc_raise(&status, NULL);
  }
  return code;
}

/* A call whose result is a 64-bit integer or a pointer to a named type: it asks an option, and where the
   user's code stands, and warns once for each function. */
static SEXP dyncall_special(SEXP object, void *code, const SEXP *values, size_t n, rdc_site *site,
                            SEXP frame)
{
  const rdc_plan *plan = rdc_cache_plan_of(object);
  int is_64 = rdc_kind_is_integer(plan->abi.ret->kind),
      before = is_64 && rdc_cache_warned(object, code, 0);
  *site->warned = before;
  if (is_64)
    site->integer64 = rdc_marshal_option_integer64(plan->ret);
  if (rdc_type_pointee_name(plan->ret))
    site->scope = rdc_arguments_caller(frame); /* alive as long as the call */
  SEXP result = rdc_call_run(plan, rdc_os_code(code), values, n, site);
  if (*site->warned != before) {
    PROTECT(result);
    rdc_cache_warned(object, code, 1);
    UNPROTECT(1);
  }
  return result;
}

/* .External2(C_call_dyncall) out of a function (address, signature, ..., callmode), or
   .External2(C_call_dyncall, callmode) */
SEXP rdc_r_call_dyncall(SEXP call, SEXP op, SEXP args, SEXP env)
{
  SEXP few[RDC_R_FEW];
  size_t n;
  rdc_mode how = RDC_MODE_DEFAULT;
  int warned = 0;
  (void)call;
  (void)op;
  rdc_arguments from = rdc_arguments_of(env);
  SEXP address = rdc_arguments_value(&from, rdc_symbol.address);
  SEXP signature = rdc_arguments_value(&from, rdc_symbol.signature);
  const SEXP *values = rdc_arguments_dots(&from, few, &n);
  SEXP mode = CDR(args) != R_NilValue ? CADR(args) : rdc_arguments_optional(&from, rdc_symbol.callmode);
  if (mode)
    how = rdc_call_need_mode(mode);
  /* each member by itself: compilers clear what an initializer leaves out by slow instructions */
  rdc_site site;
  site.name = NULL;
  site.params = site.scope = R_NilValue;
  site.text = rdc_call_need_signature(signature);
  site.mode = how;
  site.warned = &warned;
  site.integer64 = 0;
  site.references = rdc_arguments_references(&from);
  site.result = NULL;
  site.is_safe = 0;
  void *code = rdc_call_need_code(address);
  SEXP object = PROTECT(rdc_cache_plan_for(site.text, how, env));
  const rdc_plan *plan = rdc_cache_plan_of(object);
  SEXP result = RDC_UNLIKELY(plan->is_special)
                    ? dyncall_special(object, code, values, n, &site, env)
                    : rdc_call_run(plan, rdc_os_code(code), values, n, &site);
  UNPROTECT(1 + from.held);
  return plan->ret->kind == RDC_VOID ? rdc_r_invisible() : result;
}

/* The errno of the last call; a value other than NULL is what the next call will find. */
SEXP rdc_r_call_errno(SEXP value)
{
  int before = call_errno;
  if (TYPEOF(value) == INTSXP && XLENGTH(value) == 1)
    call_errno = INTEGER(value)[0];
  return Rf_ScalarInteger(before);
}

int *rdc_call_error(rdc_call_errors which)
{
  return which == RDC_ERROR_ERRNO ? &call_errno : &call_last_error;
}

/* What GetLastError() told after the last call. */
SEXP rdc_r_call_last_error(void) { return Rf_ScalarInteger(call_last_error); }

/* The messages of error numbers, with their names, as far as they have any. */
SEXP rdc_r_call_error_text(SEXP numbers, SEXP is_last)
{
  char text[512];
  R_xlen_t n = XLENGTH(numbers);
  int last = Rf_asLogical(is_last) == 1;
  SEXP made = PROTECT(Rf_allocVector(STRSXP, n)), names = PROTECT(Rf_allocVector(STRSXP, n));
  for (R_xlen_t i = 0; i < n; i++) {
    int number = INTEGER(numbers)[i];
    const char *name = last ? NULL : rdc_os_error_name(number);
    rdc_os_error_text(number, last, text, sizeof text);
    SET_STRING_ELT(made, i, Rf_mkCharCE(text, last ? CE_UTF8 : CE_NATIVE));
    SET_STRING_ELT(names, i, Rf_mkChar(name ? name : ""));
  }
  Rf_setAttrib(made, R_NamesSymbol, names);
  UNPROTECT(2);
  return made;
}

/* The C prototype of a signature. */
SEXP rdc_r_call_prototype(SEXP signature, SEXP name, SEXP params)
{
  rdc_arena *arena;
  rdc_status status;
  rdc_sig sig;
  rdc_type *type;
  SEXP text = rdc_call_need_signature(signature);
  SEXP owner = PROTECT(rdc_pointer_arena(&arena));
  rdc_status_clear(&status);
  rdc_sig_init(&sig, R_CHAR(text), (size_t)LENGTH(text), arena, NULL, &status);
  if (rdc_sig_call(&sig, &type))
    rdc_raise(&status, R_CHAR(text));
  const char **names = NULL;
  if (TYPEOF(params) == STRSXP && (size_t)XLENGTH(params) == type->count) {
    names = (const char **)R_alloc(type->count + 1, sizeof *names);
    for (size_t i = 0; i < type->count; i++)
      names[i] = R_CHAR(STRING_ELT(params, (R_xlen_t)i));
  }
  const char *label = R_CHAR(STRING_ELT(name, 0));
  size_t n = rdc_type_spell(type, label, names, NULL, 0);
  char *buffer = R_alloc(n + 1, 1);
  rdc_type_spell(type, label, names, buffer, n + 1);
  SEXP made = PROTECT(Rf_ScalarString(Rf_mkCharCE(buffer, CE_UTF8)));
  rdc_pointer_release(owner);
  UNPROTECT(2);
  return made;
}

/* The declarations of a library signature, as columns. */
SEXP rdc_r_call_entries(SEXP library_signature)
{
  rdc_arena *arena;
  rdc_status status;
  rdc_sig sig;
  rdc_sig_entry entry;
  int more = 1;
  static const char *const parts[] = {"name",     "signature",  "params", "count",
                                      "variadic", "attributes", ""};
  SEXP text = rdc_call_need_signature(library_signature);
  const char *bytes = R_CHAR(text);
  SEXP owner = PROTECT(rdc_pointer_arena(&arena));
  rdc_status_clear(&status);
  R_xlen_t n = 0;
  for (int pass = 0; pass < 2; pass++) {
    if (pass) {
      SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts));
      SET_VECTOR_ELT(made, 0, Rf_allocVector(STRSXP, n));
      SET_VECTOR_ELT(made, 1, Rf_allocVector(STRSXP, n));
      SET_VECTOR_ELT(made, 2, Rf_allocVector(VECSXP, n));
      SET_VECTOR_ELT(made, 3, Rf_allocVector(INTSXP, n));
      SET_VECTOR_ELT(made, 4, Rf_allocVector(LGLSXP, n));
      SET_VECTOR_ELT(made, 5, Rf_allocVector(STRSXP, n));
      rdc_sig_init(&sig, bytes, (size_t)LENGTH(text), arena, NULL, &status);
      for (R_xlen_t i = 0; i < n; i++) {
        if (rdc_sig_entry_next(&sig, &entry, &more))
          rdc_raise(&status, bytes);
        SET_STRING_ELT(VECTOR_ELT(made, 0), i,
                       Rf_mkCharLenCE(bytes + entry.name, (int)entry.name_length, CE_UTF8));
        SET_STRING_ELT(VECTOR_ELT(made, 1), i,
                       Rf_mkCharLenCE(bytes + entry.call, (int)entry.call_length, CE_UTF8));
        SET_STRING_ELT(
            VECTOR_ELT(made, 5), i,
            Rf_mkCharLenCE(bytes + entry.attributes, (int)entry.attributes_length, CE_UTF8));
        INTEGER(VECTOR_ELT(made, 3))[i] = (int)entry.type->count;
        LOGICAL(VECTOR_ELT(made, 4))[i] = entry.type->fixed != RDC_NOWHERE;
        if (entry.names_length) {
          SEXP params = Rf_allocVector(STRSXP, (R_xlen_t)entry.type->count);
          SET_VECTOR_ELT(VECTOR_ELT(made, 2), i, params);
          for (size_t k = 0; k < entry.type->count; k++)
            SET_STRING_ELT(params, (R_xlen_t)k, Rf_mkCharCE(entry.params[k], CE_UTF8));
        }
      }
      rdc_pointer_release(owner);
      UNPROTECT(2);
      return made;
    }
    rdc_sig_init(&sig, bytes, (size_t)LENGTH(text), arena, NULL, &status);
    while (more) {
      if (rdc_sig_entry_next(&sig, &entry, &more))
        rdc_raise(&status, bytes);
      n += more;
    }
  }
  return R_NilValue;
}

/* The path that calls take at most, which a name changes for signatures that are not bound yet. */
SEXP rdc_r_call_path(SEXP name)
{
  char got[256];
  rdc_abi_path path = RDC_ABI_PATH_COUNT, before = rdc_abi_limit(RDC_ABI_DIRECT);
  rdc_abi_limit(before);
  if (rdc_r_is_string(name))
    path = rdc_abi_path_named(R_CHAR(STRING_ELT(name, 0)));
  if (path < RDC_ABI_PATH_COUNT) {
    rdc_abi_limit(path);
    rdc_cache_clear();
  } else if (name != R_NilValue) {
    rdc_describe(name, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, "\"direct\", \"plan\" or \"call\" as path of calls", got);
  }
  return Rf_mkString(rdc_abi_path_name(before));
}

/* The path of a signature's calls. */
SEXP rdc_r_call_path_of(SEXP signature, SEXP env)
{
  SEXP plan = PROTECT(rdc_cache_plan(rdc_call_need_signature(signature), RDC_MODE_DEFAULT, env));
  SEXP made = Rf_mkString(rdc_abi_path_name(rdc_abi_path_of(&rdc_cache_plan_of(plan)->abi)));
  UNPROTECT(1);
  return made;
}

void rdc_call_init(void)
{
  call_tokens = Rf_allocVector(VECSXP, 8);
  R_PreserveObject(call_tokens);
}
