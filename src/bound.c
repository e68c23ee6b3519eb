/* Bound functions: a C function by library, name and signature, resolved on first use. */
#include "bound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
  BOUND_PLAN,
  BOUND_COUNT
};

/* How the address is had: as a symbol of the library, from a variable of that name at each call, from a
   function of the library that is asked by name, or from that function where there is no symbol. */
typedef enum bound_how { HOW_SYMBOL, HOW_VARIABLE, HOW_ASKED, HOW_SYMBOL_OR_ASKED } bound_how;

typedef struct bound {
  void *address;        /* of the function, or of the variable that points to it */
  SEXP library;         /* held by the object; its address is NULL once it is closed */
  const rdc_plan *plan; /* held by the object */
  const char *name;     /* for messages */
  int warned;           /* the lossy warning was given */
  int integer64;        /* 64-bit results as integer64 */
  bound_how how;        /* where the address comes from */
  SEXP result;          /* held by the object; see rdc_site */
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

/* A pending handle holds cons(loader, place of its line). */
SEXP rdc_bound_pending(SEXP loader, SEXP at)
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
  if (code == RDC_SYMBOL_MISSING && (strcmp(symbol, b->name) || hold_string(hold, BOUND_HINT)))
    rdc_status_place(status, "%s%s%s", b->name, hold_string(hold, BOUND_HINT) ? ", " : "",
                     hold_string(hold, BOUND_HINT) ? hold_string(hold, BOUND_HINT) : "");
  return code;
}

/* The state of a bound function: symbol and plan are found on first use, and again when the object
   comes from a file or its library was re-opened. */
static rdc_code bound_ready(SEXP object, bound **out, rdc_status *status)
{
  bound *b = R_ExternalPtrAddr(object);
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
  b->name = name;
  if (!b->plan) {
    SEXP plan = rdc_call_plan(STRING_ELT(VECTOR_ELT(hold, BOUND_SIGNATURE), 0),
                              rdc_call_need_mode(VECTOR_ELT(hold, BOUND_MODE)),
                              VECTOR_ELT(hold, BOUND_ENV));
    SET_VECTOR_ELT(hold, BOUND_PLAN, plan);
    if (VECTOR_ELT(hold, BOUND_RESULT) != R_NilValue) {
      rdc_code code =
          rdc_result_check(rdc_call_plan_of(plan)->ret, VECTOR_ELT(hold, BOUND_RESULT), status);
      if (code) {
        rdc_status_place(status, "%s", name);
        return code;
      }
      b->result = VECTOR_ELT(hold, BOUND_RESULT);
    }
    b->plan = rdc_call_plan_of(plan);
    b->integer64 = rdc_marshal_option_integer64(b->plan->ret);
    b->how = (bound_how)INTEGER(VECTOR_ELT(hold, BOUND_HOW))[0];
  }
  void *address; /* the getter can be a call of this very function */
  rdc_code code = bound_find(hold, b, &address, status);
  if (code)
    return code;
  b->address = address;
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
  return rdc_fail(status, RDC_SYMBOL_NULL, b->name, hold_string(hold, BOUND_SYMBOL),
                  filler ? filler : "its initialization");
}

static SEXP bound_run(SEXP object, const SEXP *args, size_t n, unsigned references)
{
  rdc_status status;
  bound *b;
  rdc_status_clear(&status);
  if (RDC_UNLIKELY(bound_ready(object, &b, &status)))
    rdc_raise(&status, NULL);
  void *code = b->address;
  if (RDC_UNLIKELY(b->how == HOW_VARIABLE) && bound_code(object, &code, &status))
    rdc_raise(&status, NULL);
  SEXP hold = R_ExternalPtrProtected(object);
  rdc_site site = {.name = b->name,
                   .params = VECTOR_ELT(hold, BOUND_PARAMS),
                   .scope = VECTOR_ELT(hold, BOUND_ENV),
                   .text = STRING_ELT(VECTOR_ELT(hold, BOUND_SIGNATURE), 0),
                   .mode = b->plan->mode,
                   .warned = &b->warned,
                   .integer64 = b->integer64,
                   .references = references,
                   .result = b->result};
  return rdc_call_run(b->plan, rdc_os_code(code), args, n, &site);
}

#define NAMES(...)                                                                                 \
  {                                                                                                \
    __VA_ARGS__                                                                                    \
  }
#define X(n, params, names)                                                                        \
  SEXP rdc_r_bound_call##n params                                                                  \
  {                                                                                                \
    const SEXP all[] = NAMES names;                                                                \
    return bound_run(all[0], all + 1, n, RDC_R_CALL);                                              \
  }
RDC_BOUND(X)
#undef X

/* .External(C_bound_list, f, ...) for variadic functions and many arguments */
SEXP rdc_r_bound_list(SEXP args)
{
  SEXP few[RDC_CALL_FEW];
  size_t n;
  args = CDR(args);
  const SEXP *values = rdc_call_collect(CDR(args), few, &n);
  return bound_run(CAR(args), values, n, RDC_R_EXTERNAL);
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

/* list(library, name, signature, mode, params, symbol, how, env, note, address: NULL before the first
   call) */
SEXP rdc_r_bound_describe(SEXP object)
{
  static const char *const parts[] = {"library", "name", "signature", "mode",    "params", "symbol",
                                      "how",     "env",  "note",      "address", ""};
  static const int slots[] = {BOUND_LIBRARY, BOUND_NAME, BOUND_SIGNATURE, BOUND_MODE, BOUND_PARAMS,
                              BOUND_SYMBOL,  BOUND_HOW,  BOUND_ENV,       BOUND_NOTE};
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

/* ---- closures ---- */

enum { BOUND_FIXED = 8 }; /* parameters up to which there is an entry of their number */

/* The symbol of a parameter; a second one of its name gets a number, as formals have to differ. */
static SEXP parameter(SEXP params, R_xlen_t i)
{
  char numbered[300];
  int before = 0;
  for (R_xlen_t k = 0; k < i; k++)
    before += STRING_ELT(params, k) == STRING_ELT(params, i);
  if (!before)
    return Rf_installTrChar(STRING_ELT(params, i));
  snprintf(numbered, sizeof numbered, "%.280s.%d", R_CHAR(STRING_ELT(params, i)), before);
  return Rf_install(numbered);
}

/* list(formals, interface, entry, argument ...) */
SEXP rdc_bound_shape(SEXP params)
{
  int is_open = TYPEOF(params) != STRSXP;
  R_xlen_t n = is_open ? 1 : XLENGTH(params);
  SEXP formals = R_NilValue, arguments = R_NilValue;
  PROTECT_INDEX at_formals, at_arguments;
  PROTECT_WITH_INDEX(formals, &at_formals);
  PROTECT_WITH_INDEX(arguments, &at_arguments);
  for (R_xlen_t i = n - 1; i >= 0; i--) {
    SEXP name = is_open ? R_DotsSymbol : parameter(params, i);
    REPROTECT(formals = Rf_cons(R_MissingArg, formals), at_formals);
    SET_TAG(formals, name);
    REPROTECT(arguments = Rf_cons(name, arguments), at_arguments);
  }
  char entry[32];
  int is_fixed = !is_open && n <= BOUND_FIXED;
  snprintf(entry, sizeof entry, is_fixed ? "C_bound_call%d" : "C_bound_list", (int)n);
  REPROTECT(arguments = Rf_cons(Rf_install(entry), arguments), at_arguments);
  REPROTECT(arguments =
                Rf_cons(is_fixed ? rdc_symbol.dot_call : rdc_symbol.dot_external, arguments),
            at_arguments);
  SEXP shape = Rf_cons(formals, arguments);
  UNPROTECT(2);
  return shape;
}

static SEXP bound_class; /* "dynbound" */

SEXP rdc_bound_function(SEXP handle, SEXP shape, int is_void, SEXP env)
{
  SEXP body = PROTECT(Rf_cons(handle, CDDR(CDR(shape))));
  body = PROTECT(Rf_cons(CADDR(shape), body));
  body = PROTECT(Rf_lcons(CADR(shape), body));
  if (is_void)
    body = Rf_lang2(rdc_symbol.invisible, body);
  PROTECT(body);
  SEXP call = PROTECT(Rf_lang4(rdc_symbol.function_, CAR(shape), body, R_NilValue));
  SEXP closure = PROTECT(Rf_eval(call, env));
  Rf_setAttrib(closure, rdc_symbol.call, handle);
  Rf_setAttrib(closure, R_ClassSymbol, bound_class);
  UNPROTECT(6);
  return closure;
}

/* The R function over a handle: with these parameters, or `...` if they are NULL. */
SEXP rdc_r_bound_function(SEXP handle, SEXP params, SEXP is_void, SEXP env)
{
  SEXP shape = PROTECT(rdc_bound_shape(params));
  SEXP closure = rdc_bound_function(handle, shape, Rf_asLogical(is_void) == 1, env);
  UNPROTECT(1);
  return closure;
}

void rdc_bound_init(void)
{
  rdc_marshal_bound = bound_code;
  bound_class = Rf_mkString("dynbound");
  R_PreserveObject(bound_class);
  MARK_NOT_MUTABLE(bound_class);
}
