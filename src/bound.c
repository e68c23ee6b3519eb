/* Bound functions: a C function by library, name and signature, resolved on first use. */
#include "bound.h"

#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "cache.h"
#include "constant.h"
#include "library.h"
#include "os.h"
#include "result.h"

enum {
  BOUND_LIBRARY,
  BOUND_NAME,
  BOUND_SIGNATURE,
  BOUND_MODE,
  BOUND_ENV,
  BOUND_PARAMS,
  BOUND_SYMBOL,
  BOUND_HOW,
  BOUND_GETTER,
  BOUND_HINT,
  BOUND_NOTE,
  BOUND_RESULT,
  BOUND_SAFE,
  BOUND_RULES,
  BOUND_PLAN,
  BOUND_COUNT
};

/* How the address is had: as a symbol of the library, from a variable of that name at each call, from a
   function of the library that is asked by name, or from that function where there is no symbol. */
typedef enum bound_how { HOW_SYMBOL, HOW_VARIABLE, HOW_ASKED, HOW_SYMBOL_OR_ASKED } bound_how;

typedef struct bound {
  void *address;        /* of the function, or of the variable that points to it */
  void *code;           /* the address, unless it is looked up at each call */
  SEXP library;         /* held by the object; its address is NULL once it is closed */
  const rdc_plan *plan; /* held by the object */
  rdc_site site;        /* its objects are held by the object */
  int warned;           /* the lossy warning was given */
  bound_how how;        /* where the address comes from */
} bound;

static void bound_finalize(SEXP object)
{
  free(R_ExternalPtrAddr(object));
  R_ClearExternalPtr(object);
}

static int has_tag(SEXP x)
{
  return TYPEOF(x) == EXTPTRSXP && R_ExternalPtrTag(x) == rdc_symbol.bound;
}

static int is_hold(SEXP x) { return TYPEOF(x) == VECSXP && XLENGTH(x) == BOUND_COUNT; }

/* A handle that the hook `complete` makes of the line at a place of a port file, on first use: it holds
   cons(loader, place). */
SEXP rdc_r_bound_pending(SEXP loader, SEXP at)
{
  SEXP pending = PROTECT(Rf_cons(loader, at));
  SEXP object = R_MakeExternalPtr(NULL, rdc_symbol.bound, pending);
  UNPROTECT(1);
  return object;
}

/* The parts of a bound function, which a pending one gets from R now; NULL when x is no such thing. */
static SEXP bound_hold(SEXP x)
{
  if (!has_tag(x))
    return NULL;
  SEXP hold = R_ExternalPtrProtected(x);
  if (TYPEOF(hold) == LISTSXP) {
    SEXP call = PROTECT(Rf_lang3(rdc_hook.complete, CAR(hold), CDR(hold)));
    SEXP made = PROTECT(Rf_eval(call, R_GlobalEnv));
    if (has_tag(made))
      R_SetExternalPtrProtected(x, R_ExternalPtrProtected(made));
    UNPROTECT(2);
    hold = R_ExternalPtrProtected(x);
  }
  return is_hold(hold) ? hold : NULL;
}

static const char *hold_string(SEXP hold, int slot)
{
  SEXP string = VECTOR_ELT(hold, slot);
  return string == R_NilValue ? NULL : R_CHAR(STRING_ELT(string, 0));
}

/* Asks the getter, an R function, for the address of a symbol. Drivers answer with small numbers, too,
   where they know none. */
static rdc_code bound_ask(SEXP hold, void **address, rdc_status *status)
{
  SEXP getter = VECTOR_ELT(hold, BOUND_GETTER), symbol = VECTOR_ELT(hold, BOUND_SYMBOL);
  SEXP call = PROTECT(Rf_lang3(rdc_hook.ask, getter, symbol));
  SEXP answer = Rf_eval(call, R_GlobalEnv);
  UNPROTECT(1);
  *address = TYPEOF(answer) == EXTPTRSXP ? R_ExternalPtrAddr(answer) : NULL;
  uintptr_t number = (uintptr_t)*address;
  if (number > 3 && number != UINTPTR_MAX)
    return RDC_OK;
  *address = NULL;
  return rdc_fail(status, RDC_SYMBOL_REFUSED, hold_string(hold, BOUND_SYMBOL),
                  hold_string(hold, BOUND_HINT));
}

static rdc_code bound_find(SEXP hold, bound *b, void **address, rdc_status *status)
{
  SEXP library = VECTOR_ELT(hold, BOUND_LIBRARY);
  const char *symbol = hold_string(hold, BOUND_SYMBOL);
  rdc_pointer_kind kind = rdc_pointer_kind_of(library);
  if (b->how == HOW_ASKED)
    return bound_ask(hold, address, status);
  if (kind != RDC_POINTER_LIBRARY && kind != RDC_POINTER_R_DLL)
    return rdc_pointer_code(library, address, status);
  rdc_code code = rdc_library_find(library, symbol, address, status);
  if (code == RDC_SYMBOL_MISSING && b->how == HOW_SYMBOL_OR_ASKED)
    return bound_ask(hold, address, status);
  if (code == RDC_SYMBOL_MISSING && (strcmp(symbol, b->site.name) || hold_string(hold, BOUND_HINT)))
    rdc_status_place(status, "%s%s%s", b->site.name, hold_string(hold, BOUND_HINT) ? ", " : "",
                     hold_string(hold, BOUND_HINT) ? hold_string(hold, BOUND_HINT) : "");
  return code;
}

/* The state of a bound function: symbol and plan are found on first use, and again when the object
   comes from a file or its library was re-opened. */
static rdc_code bound_ready(SEXP object, bound **out, rdc_status *status)
{
  bound *b = has_tag(object) ? R_ExternalPtrAddr(object) : NULL;
  char got[256];
  if (RDC_LIKELY(b && b->address && R_ExternalPtrAddr(b->library))) {
    *out = b;
    return RDC_OK;
  }
  SEXP hold = bound_hold(object);
  if (!hold) {
    rdc_describe(object, got, sizeof got);
    return rdc_fail(status, RDC_POINTER_KIND, "a bound function", got);
  }
  SEXP library = VECTOR_ELT(hold, BOUND_LIBRARY);
  const char *name = R_CHAR(STRING_ELT(VECTOR_ELT(hold, BOUND_NAME), 0));
  if (!b) {
    b = calloc(1, sizeof *b);
    if (!b)
      return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
    R_RegisterCFinalizerEx(object, bound_finalize, FALSE);
    R_SetExternalPtrAddr(object, b);
  }
  b->site.name = name;
  if (!b->plan) {
    SEXP plan = rdc_cache_plan(STRING_ELT(VECTOR_ELT(hold, BOUND_SIGNATURE), 0),
                              rdc_call_need_mode(VECTOR_ELT(hold, BOUND_MODE)),
                              VECTOR_ELT(hold, BOUND_ENV));
    SET_VECTOR_ELT(hold, BOUND_PLAN, plan);
    if (VECTOR_ELT(hold, BOUND_RESULT) != R_NilValue) {
      rdc_code code =
          rdc_result_check(rdc_cache_plan_of(plan)->ret, VECTOR_ELT(hold, BOUND_RESULT), status);
      if (code) {
        rdc_status_place(status, "%s", name);
        return code;
      }
      b->site.result = VECTOR_ELT(hold, BOUND_RESULT);
    }
    b->plan = rdc_cache_plan_of(plan);
    b->site.params = VECTOR_ELT(hold, BOUND_PARAMS);
    b->site.scope = VECTOR_ELT(hold, BOUND_ENV);
    b->site.text = STRING_ELT(VECTOR_ELT(hold, BOUND_SIGNATURE), 0);
    b->site.mode = b->plan->mode;
    b->site.is_safe = VECTOR_ELT(hold, BOUND_SAFE) != R_NilValue;
    b->site.warned = &b->warned;
    b->site.integer64 = rdc_marshal_option_integer64(b->plan->ret);
    b->how = (bound_how)INTEGER(VECTOR_ELT(hold, BOUND_HOW))[0];
  }
  void *address; /* the getter can be a call of this very function */
  rdc_code code = bound_find(hold, b, &address, status);
  if (code)
    return code;
  b->address = address;
  b->code = b->how == HOW_VARIABLE ? NULL : address;
  b->library = library;
  *out = b;
  return RDC_OK;
}

static rdc_code bound_code(SEXP object, void **code, rdc_status *status)
{
  bound *b;
  rdc_code failed = bound_ready(object, &b, status);
  if (failed)
    return failed;
  *code = b->address;
  if (b->how == HOW_VARIABLE)
    memcpy(code, b->address, sizeof *code);
  if (*code)
    return RDC_OK;
  SEXP hold = R_ExternalPtrProtected(object);
  const char *filler = hold_string(hold, BOUND_HINT);
  return rdc_fail(status, RDC_SYMBOL_NULL, b->site.name, hold_string(hold, BOUND_SYMBOL),
                  filler ? filler : "its initialization");
}

/* The slow ways to a function: its state is made first, or a variable has its address. */
RDC_NOINLINE static bound *bound_slow(SEXP object, void **code)
{
  rdc_status status;
  bound *b;
  rdc_status_clear(&status);
  if (bound_code(object, code, &status) || bound_ready(object, &b, &status))
    rdc_raise(&status, NULL);
  return b;
}

RDC_NOINLINE static SEXP bound_run_slow(SEXP object, const SEXP *args, size_t n,
                                        rdc_references references)
{
  void *code;
  bound *b = bound_slow(object, &code);
  b->site.references = references;
  return rdc_call_run(b->plan, rdc_os_code(code), args, n, &b->site);
}

static inline SEXP bound_run(SEXP object, const SEXP *args, size_t n, rdc_references references)
{
  bound *b = rdc_r_pointer(object);
  if (RDC_UNLIKELY(!b || !b->code || !rdc_r_pointer(b->library)))
    return bound_run_slow(object, args, n, references);
  b->site.references = references;
  return rdc_call_run(b->plan, rdc_os_code(b->code), args, n, &b->site);
}

void *rdc_bound_open(SEXP object, const rdc_plan **plan, rdc_site *site)
{
  void *code;
  const bound *b = bound_slow(object, &code);
  *plan = b->plan;
  *site = b->site;
  return code;
}

SEXP rdc_bound_run(SEXP object, const SEXP *args, size_t n, rdc_references references)
{
  return bound_run(object, args, n, references);
}

void rdc_bound_tell(SEXP object, rdc_bound_about *about)
{
  void *code;
  const bound *b = has_tag(object) ? rdc_r_pointer(object) : NULL;
  if (RDC_UNLIKELY(!b || !b->code || !rdc_r_pointer(b->library)))
    b = bound_slow(object, &code);
  about->plan = b->plan;
  about->name = b->site.name;
  about->params = b->site.params;
  about->scope = b->site.scope;
  about->rules = VECTOR_ELT(R_ExternalPtrProtected(object), BOUND_RULES);
}

/* .Call out of a function of no arguments */
SEXP rdc_r_bound_none(SEXP f)
{
  static const rdc_references none = {RDC_R_CALL, 0};
  return bound_run(f, NULL, 0, none);
}

SEXP rdc_bound_of(SEXP args)
{
  SEXP handle = rdc_constant_data(args);
  char got[256];
  if (RDC_LIKELY(TYPEOF(handle) == EXTPTRSXP && rdc_r_pointer_tag(handle) == rdc_symbol.bound))
    return handle;
  rdc_describe(handle, got, sizeof got);
  rdc_raise_code(RDC_POINTER_KIND, "a bound function", got);
}

/* .External2 out of a function of arguments or of `...` */
SEXP rdc_r_bound_frame(SEXP call, SEXP op, SEXP args, SEXP env)
{
  SEXP few[RDC_R_FEW];
  size_t n;
  (void)call;
  (void)op;
  rdc_arguments from = rdc_arguments_of(env);
  const SEXP *values = rdc_arguments_all(&from, few, &n, 0);
  SEXP result = bound_run(rdc_bound_of(args), values, n, rdc_arguments_references(&from));
  UNPROTECT(from.held);
  return result;
}

/* library is a library, or a pointer to a function; how a number of bound_how; getter a function of a
   symbol's name, or NULL; hint a string that error messages need: for a variable the function that
   fills it, for a symbol the version that it came with, for a getter its name; note is for printing. */
SEXP rdc_r_bound_new(SEXP library, SEXP name, SEXP signature, SEXP mode, SEXP env, SEXP params,
                     SEXP symbol, SEXP how, SEXP getter, SEXP hint, SEXP note)
{
  rdc_call_need_signature(signature);
  rdc_call_need_mode(mode);
  SEXP hold = PROTECT(Rf_allocVector(VECSXP, BOUND_COUNT));
  SET_VECTOR_ELT(hold, BOUND_LIBRARY, library);
  SET_VECTOR_ELT(hold, BOUND_NAME, name);
  SET_VECTOR_ELT(hold, BOUND_SIGNATURE, signature);
  SET_VECTOR_ELT(hold, BOUND_MODE, mode);
  SET_VECTOR_ELT(hold, BOUND_ENV, env);
  SET_VECTOR_ELT(hold, BOUND_PARAMS, params);
  SET_VECTOR_ELT(hold, BOUND_SYMBOL, symbol);
  SET_VECTOR_ELT(hold, BOUND_HOW, how);
  SET_VECTOR_ELT(hold, BOUND_GETTER, getter);
  SET_VECTOR_ELT(hold, BOUND_HINT, hint);
  SET_VECTOR_ELT(hold, BOUND_NOTE, note);
  SEXP object = R_MakeExternalPtr(NULL, rdc_symbol.bound, hold);
  UNPROTECT(1);
  return object;
}

static SEXP need_hold(SEXP object)
{
  char got[256];
  SEXP hold = bound_hold(object);
  if (hold)
    return hold;
  rdc_describe(object, got, sizeof got);
  rdc_raise_code(RDC_POINTER_KIND, "a bound function", got);
}

/* list(library, name, signature, mode, params, symbol, how, env, note, rules, address: NULL before the
   first call) */
SEXP rdc_r_bound_describe(SEXP object)
{
  static const char *const parts[] = {"library", "name", "signature", "mode",  "params",  "symbol",
                                      "how",     "env",  "note",      "rules", "address", ""};
  static const int slots[] = {BOUND_LIBRARY, BOUND_NAME, BOUND_SIGNATURE, BOUND_MODE, BOUND_PARAMS,
                              BOUND_SYMBOL,  BOUND_HOW,  BOUND_ENV,       BOUND_NOTE, BOUND_RULES};
  enum { SLOTS = sizeof slots / sizeof *slots };
  SEXP hold = need_hold(object);
  const bound *b = R_ExternalPtrAddr(object);
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts));
  for (int i = 0; i < SLOTS; i++)
    SET_VECTOR_ELT(made, i, VECTOR_ELT(hold, slots[i]));
  if (b && b->address)
    SET_VECTOR_ELT(
        made, SLOTS,
        rdc_pointer_new(RDC_POINTER_FUNCTION, b->address, VECTOR_ELT(hold, BOUND_LIBRARY)));
  UNPROTECT(1);
  return made;
}

/* Says who owns what the results refer to, as in rdc_site. */
SEXP rdc_r_bound_own(SEXP object, SEXP result)
{
  SET_VECTOR_ELT(need_hold(object), BOUND_RESULT, result);
  return object;
}

/* Says that several threads may call the function at once. */
SEXP rdc_r_bound_safe(SEXP object)
{
  SET_VECTOR_ELT(need_hold(object), BOUND_SAFE, Rf_ScalarLogical(1));
  return object;
}

/* Gives a function the rules of params.h for its parameters and failures. */
SEXP rdc_r_bound_declare(SEXP object, SEXP rules)
{
  SET_VECTOR_ELT(need_hold(object), BOUND_RULES, rules);
  return object;
}

SEXP rdc_r_bound_rules(SEXP object) { return VECTOR_ELT(need_hold(object), BOUND_RULES); }

/* A handle of the same function that can get other attributes, with other names of parameters. */
SEXP rdc_r_bound_copy(SEXP object, SEXP params)
{
  SEXP hold = PROTECT(Rf_shallow_duplicate(need_hold(object)));
  SET_VECTOR_ELT(hold, BOUND_PARAMS, params);
  SET_VECTOR_ELT(hold, BOUND_PLAN, R_NilValue);
  SEXP copy = R_MakeExternalPtr(NULL, rdc_symbol.bound, hold);
  UNPROTECT(1);
  return copy;
}

void rdc_bound_init(void) { rdc_marshal_bound = bound_code; }
