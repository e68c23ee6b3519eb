/* R makes a promise of each argument, and to evaluate one takes as long as a fourth of a call. Most arguments
   are variables: these are looked up here, where the promise says, and it stays as it is. Frames and promises
   have no entry in R's API that is as fast; what is read from them is compared with what R says when the
   package is loaded, and R is asked where that differs. */
#include "arguments.h"

#include "condition.h"

static int is_known;      /* whether frames and promises are as expected */
static int knows_compiled; /* whether byte code is, too */
static int knows_caller;   /* whether R tells where a function was called from */

/* The three pointers of an object that is no vector. */
enum { CELL_VALUE, CELL_NEXT, CELL_TAG };
enum { PROMISE_VALUE, PROMISE_CODE, PROMISE_ENV };
enum { ENV_FRAME };
enum { CODE_CONSTANTS = 1 };

static unsigned type_of(SEXP x) { return rdc_r_first_byte(x) & 0x1f; }

/* Whether an object says that its parts are not all pointers. */
static int is_special(SEXP x)
{
  uint64_t head;
  memcpy(&head, (const void *)x, sizeof head);
  return head >> 48 != 0;
}

/* The cell of an argument, from the last one on; NULL if it is not seen there. */
static inline SEXP find_cell(rdc_arguments *from, SEXP symbol)
{
  SEXP cell = from->next;
  while (cell && type_of(cell) == LISTSXP && rdc_r_part(cell, CELL_TAG) != symbol)
    cell = rdc_r_part(cell, CELL_NEXT);
  if (RDC_UNLIKELY(!cell || type_of(cell) != LISTSXP || is_special(cell)))
    return NULL;
  from->next = rdc_r_part(cell, CELL_NEXT);
  return cell;
}

/* The variable that a promise is of and that was not asked for yet; NULL for any other. */
static SEXP promised_symbol(SEXP promise)
{
  if (rdc_r_part(promise, PROMISE_VALUE) != R_UnboundValue || is_special(promise))
    return NULL;
  SEXP code = rdc_r_part(promise, PROMISE_CODE);
  if (type_of(code) == BCODESXP && knows_compiled) {
    SEXP constants = rdc_r_part(code, CODE_CONSTANTS);
    if (type_of(constants) != VECSXP)
      return NULL;
    memcpy(&code, rdc_r_inside(constants), sizeof code); /* the first is the expression */
  }
  return type_of(code) == SYMSXP && type_of(rdc_r_part(promise, PROMISE_ENV)) == ENVSXP ? code : NULL;
}

/* The cell of a variable of a function in its frame, NULL if there is none. */
static SEXP own_cell(SEXP symbol, SEXP env)
{
  rdc_arguments all = {env, rdc_r_part(env, ENV_FRAME), 0, 0};
  return find_cell(&all, symbol);
}

/* The value of a variable where that is found without evaluation and errors; else NULL. */
static SEXP plain_value(SEXP symbol, SEXP env)
{
#if R_VERSION >= R_Version(4, 5, 0)
  SEXP cell = own_cell(symbol, env), value = cell ? rdc_r_part(cell, CELL_VALUE) : R_MissingArg;
  int is_plain = !Rf_isFunction(value); /* which may be one to be called for the value */
#else
  SEXP value = Rf_findVar(symbol, env);
  int is_plain = value != R_UnboundValue;
#endif
  is_plain = is_plain && value != R_MissingArg && type_of(value) != PROMSXP;
  return RDC_LIKELY(is_plain) ? value : NULL;
}

/* Whether a promise is of an argument of the caller that was not given, by R's rules. */
static int is_absent(SEXP promise)
{
  for (int depth = 0; depth < 64 && type_of(promise) == PROMSXP; depth++) {
    SEXP symbol = promised_symbol(promise);
    SEXP cell = symbol ? own_cell(symbol, rdc_r_part(promise, PROMISE_ENV)) : NULL;
    if (!cell)
      return 0;
    promise = rdc_r_part(cell, CELL_VALUE);
  }
  return promise == R_MissingArg;
}

rdc_arguments rdc_arguments_of(SEXP env)
{
  rdc_arguments from = {env, RDC_LIKELY(is_known) ? rdc_r_part(env, ENV_FRAME) : NULL, 0, 0};
  return from;
}

/* The value of what is x in the frame; of an optional argument R's missing argument if it was not given.
   Protects it unless something else does. bit is for direct. */
static inline SEXP take(rdc_arguments *from, SEXP x, uint64_t bit, int optional)
{
  if (type_of(x) != PROMSXP)
    return x;
  SEXP symbol = promised_symbol(x);
  if (!symbol)
    return Rf_eval(x, from->env);
  SEXP env = rdc_r_part(x, PROMISE_ENV), value = plain_value(symbol, env);
  if (RDC_UNLIKELY(!value)) {
    if (optional && is_absent(x))
      return R_MissingArg;
    value = Rf_eval(symbol, env);
  }
  from->direct |= bit;
  from->held++;
  return PROTECT(value);
}

SEXP rdc_arguments_value(rdc_arguments *from, SEXP symbol)
{
  SEXP cell = find_cell(from, symbol);
  if (RDC_UNLIKELY(!cell || rdc_r_part(cell, CELL_VALUE) == R_MissingArg)) {
    from->held++;
    return PROTECT(Rf_eval(symbol, from->env));
  }
  return take(from, rdc_r_part(cell, CELL_VALUE), 0, 0);
}

RDC_NORETURN static void raise_empty(void)
{
  rdc_raise_code(RDC_ARG_TYPE, "a value for each argument", "an empty one");
}

#if R_VERSION >= R_Version(4, 6, 0)

static const SEXP *dots_values(SEXP env, SEXP *few, size_t *n)
{
  *n = R_DotsExist(env) ? (size_t)R_DotsLength(env) : 0;
  SEXP *values = *n > RDC_R_FEW ? (SEXP *)(void *)R_alloc(*n, sizeof *values) : few;
  for (size_t i = 0; i < *n; i++) {
    if (R_GetDotType((int)i + 1, env) == R_DotTypeMissing)
      raise_empty();
    values[i] = R_DotsElt((int)i + 1, env);
  }
  return values;
}

static int is_missing(SEXP symbol, SEXP env)
{
  return R_GetBindingType(symbol, env) == R_BindingTypeMissing;
}

#else

/* Elements are promises, which keep their values, or values. */
static int dots_value(SEXP element, SEXP env, SEXP *value)
{
  *value = TYPEOF(element) == PROMSXP ? Rf_eval(element, env) : element;
  return element != R_MissingArg;
}

static const SEXP *dots_values(SEXP env, SEXP *few, size_t *n)
{
  SEXP dots = Rf_findVarInFrame(env, R_DotsSymbol);
  *n = 0;
  if (TYPEOF(dots) != DOTSXP)
    return few;
  SEXP *values = few;
  size_t have = (size_t)Rf_length(dots);
  if (have > RDC_R_FEW)
    values = (SEXP *)(void *)R_alloc(have, sizeof *values);
  for (; *n < have; dots = CDR(dots), ++*n)
    if (!dots_value(CAR(dots), env, &values[*n]))
      raise_empty();
  return values;
}

static int is_missing(SEXP symbol, SEXP env) { return Rf_findVarInFrame(env, symbol) == R_MissingArg; }

#endif

SEXP rdc_arguments_optional(rdc_arguments *from, SEXP symbol)
{
  SEXP cell = from->next;
  if (RDC_LIKELY(cell && type_of(cell) == LISTSXP && rdc_r_part(cell, CELL_TAG) == symbol &&
                 rdc_r_part(cell, CELL_VALUE) == R_MissingArg))
    return NULL;
  return !cell && is_missing(symbol, from->env) ? NULL : rdc_arguments_value(from, symbol);
}

/* The values of what may be a list of arguments, behind *n others. */
static void take_dots(rdc_arguments *from, SEXP dots, SEXP *few, size_t *n)
{
  for (; type_of(dots) == DOTSXP || type_of(dots) == LISTSXP; dots = rdc_r_part(dots, CELL_NEXT)) {
    SEXP x = rdc_r_part(dots, CELL_VALUE);
    if (x == R_MissingArg)
      raise_empty();
    few[*n] = take(from, x, (uint64_t)1 << *n, 0);
    ++*n;
  }
}

const SEXP *rdc_arguments_dots(rdc_arguments *from, SEXP *few, size_t *n)
{
  SEXP cell = find_cell(from, R_DotsSymbol);
  SEXP dots = cell ? rdc_r_part(cell, CELL_VALUE) : NULL;
  if (RDC_UNLIKELY(!dots || (type_of(dots) == DOTSXP && Rf_length(dots) > RDC_R_FEW)))
    return dots_values(from->env, few, n);
  *n = 0;
  take_dots(from, dots, few, n);
  return few;
}

/* ---- all arguments of a function ---- */

/* How many arguments a frame has, with those of `...`; RDC_NOWHERE when it cannot be read. */
static size_t count_all(SEXP cell)
{
  size_t n = 0;
  for (; cell && type_of(cell) == LISTSXP && !is_special(cell); cell = rdc_r_part(cell, CELL_NEXT)) {
    if (rdc_r_part(cell, CELL_TAG) != R_DotsSymbol)
      n++;
    else if (type_of(rdc_r_part(cell, CELL_VALUE)) == DOTSXP)
      n += (size_t)Rf_length(rdc_r_part(cell, CELL_VALUE));
  }
  return cell == R_NilValue && n <= RDC_R_FEW ? n : RDC_NOWHERE;
}

/* Whether an argument was not given. */
static int ask_absent(SEXP symbol, SEXP env)
{
  SEXP function = PROTECT(Rf_findFun(Rf_install("missing"), R_BaseEnv)), call = PROTECT(Rf_lang2(function, symbol));
  int absent = Rf_asLogical(Rf_eval(call, env)) == 1;
  UNPROTECT(2);
  return absent;
}

/* The same values by R's own functions. */
static const SEXP *ask_all(SEXP env, SEXP *few, size_t *n, int optional)
{
  SEXP names = PROTECT(R_lsInternal3(env, TRUE, FALSE)), *values = few;
  SEXP rest[RDC_R_FEW];
  const SEXP *dots = rest;
  size_t formals = (size_t)XLENGTH(names), last = 0;
  int is_open = formals && Rf_installTrChar(STRING_ELT(names, (R_xlen_t)formals - 1)) == R_DotsSymbol;
  if (is_open) {
    dots = dots_values(env, rest, &last);
    formals--;
  }
  *n = formals + last;
  if (*n > RDC_R_FEW)
    values = (SEXP *)(void *)R_alloc(*n, sizeof *values);
  for (size_t i = 0; i < formals; i++) {
    SEXP symbol = Rf_installTrChar(STRING_ELT(names, (R_xlen_t)i));
    values[i] = optional && ask_absent(symbol, env) ? R_MissingArg : Rf_eval(symbol, env);
  }
  for (size_t i = 0; i < last; i++)
    values[formals + i] = dots[i];
  UNPROTECT(1);
  return values;
}

const SEXP *rdc_arguments_all(rdc_arguments *from, SEXP *few, size_t *n, int optional)
{
  size_t count = count_all(from->next);
  if (RDC_UNLIKELY(count == RDC_NOWHERE))
    return ask_all(from->env, few, n, optional);
  *n = 0;
  for (SEXP cell = from->next; cell != R_NilValue; cell = rdc_r_part(cell, CELL_NEXT)) {
    SEXP x = rdc_r_part(cell, CELL_VALUE), tag = rdc_r_part(cell, CELL_TAG);
    if (RDC_UNLIKELY(tag == R_DotsSymbol)) {
      take_dots(from, x, few, n);
      continue;
    }
    few[*n] = x == R_MissingArg && !optional ? Rf_eval(tag, from->env)
                                             : take(from, x, (uint64_t)1 << *n, optional);
    ++*n;
  }
  return few;
}

/* ---- who calls ---- */

SEXP rdc_arguments_caller(SEXP frame)
{
  static SEXP call;
  SEXP env = RDC_LIKELY(knows_caller) ? R_GetCurrentEnv() : R_BaseEnv;
  if (RDC_LIKELY(env != R_BaseEnv))
    return env; /* else the base environment, or what is called by code that is not compiled */
  if (!call)
    R_PreserveObject(call = Rf_lang1(Rf_findFun(Rf_install("parent.frame"), R_BaseEnv)));
  return Rf_eval(call, frame);
}

SEXP rdc_arguments_user(SEXP frame)
{
  SEXP env = rdc_arguments_caller(frame);
  if (env == R_EmptyEnv || env == R_BaseNamespace || env == rdc_r_enclosure(frame))
    return R_NilValue;
  SEXP enclosure = rdc_r_enclosure(env);
  return enclosure == R_BaseNamespace || enclosure == rdc_r_enclosure(frame) ? R_NilValue : env;
}

/* .External2(C_arguments_probe) out of a function (name, ...) that is called with the same variable twice, by byte
   code where the package is compiled: whether frames and promises are as expected. */
SEXP rdc_r_arguments_probe(SEXP call, SEXP op, SEXP args, SEXP env)
{
  SEXP name = Rf_install("name"), frame = rdc_r_head.parts ? rdc_r_part(env, ENV_FRAME) : NULL;
  (void)call;
  (void)op;
  (void)args;
  is_known = knows_compiled = knows_caller = 0;
  if (!frame || TYPEOF(frame) != LISTSXP)
    return Rf_ScalarLogical(0);
  rdc_arguments from = {env, frame, 0, 0};
  SEXP first = find_cell(&from, name), rest = find_cell(&from, R_DotsSymbol);
  if (first != frame || !rest || from.next != R_NilValue)
    return Rf_ScalarLogical(0);
  SEXP promise = rdc_r_part(first, CELL_VALUE), dots = rdc_r_part(rest, CELL_VALUE);
  if (TYPEOF(promise) != PROMSXP || TYPEOF(dots) != DOTSXP)
    return Rf_ScalarLogical(0);
  knows_compiled = TYPEOF(rdc_r_part(promise, PROMISE_CODE)) == BCODESXP;
  knows_caller = R_GetCurrentEnv() == rdc_r_part(promise, PROMISE_ENV);
  SEXP symbol = promised_symbol(promise), other = rdc_r_part(dots, CELL_VALUE);
  if (!symbol || rdc_r_part(dots, CELL_NEXT) != R_NilValue || promised_symbol(other) != symbol)
    return Rf_ScalarLogical(0);
  SEXP value = PROTECT(Rf_eval(symbol, rdc_r_part(promise, PROMISE_ENV)));
  is_known = Rf_eval(name, env) == value && !promised_symbol(promise) && Rf_eval(other, env) == value &&
             !promised_symbol(other) && TYPEOF(value) == STRSXP;
  UNPROTECT(1);
  return Rf_ScalarLogical(is_known);
}
