/* Declared parameters and failures: out, inout, lengths, buffers, defaults; rules for results. */
#include "params.h"

#include <string.h>

#include "arguments.h"
#include "array.h"
#include "failure.h"
#include "result.h"
#include "text.h"

/* The rules of a function, a list made by R/declare.R. Most are vectors over the parameters;
   numbers of parameters count from 1, and 0 is none. */
enum {
  RULES_TEXT,    /* as it was declared */
  RULES_ROLE,    /* integer: a role below */
  RULES_COUNT,   /* double: elements that are made, NA for one value */
  RULES_SIZE,    /* integer: the parameter that says how many elements are made */
  RULES_USED,    /* integer: the one that says how many C has written, -1 for the result */
  RULES_OF,      /* integer: the parameter whose length this one is */
  RULES_DEFAULT, /* list: NULL, or a list with the value that is passed when none is given */
  RULES_OWN,     /* list: NULL, or a rule of result.h for the value that comes back */
  RULES_SHOWN,   /* logical: whether the value is returned */
  RULES_NEEDED,  /* logical: whether the rules about failures look at the value */
  RULES_TYPES,   /* list: NULL, or the handle of the type that a parameter points to by name */
  RULES_RESULT,  /* one logical: whether the result is returned beside other values */
  RULES_FAIL     /* NULL, or the rules of failure.h */
};

enum { ROLE_IN, ROLE_OUT, ROLE_INOUT, ROLE_BUFFER };

/* A parameter in a call. */
typedef struct param {
  SEXP value;           /* what is passed; R_MissingArg while there is none */
  int is_made;          /* whether it is memory that is made for the call */
  int is_given;         /* whether the caller has passed it */
  const rdc_type *type; /* what it points to, NULL where that does not matter */
  char *bytes;          /* of the memory */
  size_t count;         /* elements in it, or the number that a size is */
} param;

typedef struct call {
  SEXP rules;
  rdc_bound_about about; /* of the function */
  param *params;
  R_xlen_t n;    /* of params */
  SEXP memory;   /* list: what the parameters that are made lie in; R_NilValue while there is none */
  PROTECT_INDEX index; /* of memory */
  rdc_keep keep; /* what is written into it depends on that */
} call;

static SEXP rule(const call *c, int slot) { return rdc_r_element(c->rules, (size_t)slot); }

static int number_of(const call *c, int slot, R_xlen_t i) { return rdc_r_ints(rule(c, slot))[i]; }

RDC_NORETURN static void raise_at(const call *c, R_xlen_t i, rdc_status *status)
{
  rdc_status_place(status, "argument %lu ('%s') of %s", (unsigned long)i + 1,
                   R_CHAR(STRING_ELT(c->about.params, i)), c->about.name);
  rdc_raise(status, NULL);
}

RDC_NORETURN static void refuse(const call *c, R_xlen_t i, rdc_code code, const char *expected,
                                const char *got)
{
  rdc_status status;
  rdc_status_clear(&status);
  rdc_fail(&status, code, expected, got);
  raise_at(c, i, &status);
}

RDC_NORETURN static void refuse_value(const call *c, R_xlen_t i, rdc_code code,
                                      const char *expected, SEXP got)
{
  char text[256];
  rdc_describe(got, text, sizeof text);
  refuse(c, i, code, expected, text);
}

RDC_NORETURN static void refuse_type(const call *c, R_xlen_t i, const char *expected)
{
  char text[160];
  rdc_type_spell(c->about.plan->args[i], NULL, NULL, text, sizeof text);
  refuse(c, i, RDC_TYPE_VALUE, expected, text);
}

/* ---- types ---- */

static const rdc_type *bare_param(const call *c, R_xlen_t i)
{
  return rdc_type_strip(c->about.plan->args[i]);
}

/* What a parameter points to, NULL if it is no pointer to data. */
static const rdc_type *pointee(const call *c, R_xlen_t i)
{
  const rdc_type *bare = bare_param(c, i);
  if (bare->kind != RDC_POINTER || rdc_type_strip(bare->base)->kind == RDC_FUNCTION)
    return NULL;
  return bare->base;
}

static int is_bytes(const rdc_type *type)
{
  return rdc_type_strip(type)->size == 1 && rdc_kind_is_integer(rdc_type_strip(type)->kind);
}

/* The layout of what a parameter points to, which a signature needs not: it is looked up once. */
static const rdc_type *known_type(const call *c, R_xlen_t i, const rdc_type *type)
{
  char text[512];
  if (rdc_type_strip(type)->is_complete || rdc_type_strip(type)->kind == RDC_VOID)
    return type;
  SEXP handle = VECTOR_ELT(rule(c, RULES_TYPES), i);
  if (handle == R_NilValue) {
    rdc_type_text(type, text, sizeof text);
    SEXP string = PROTECT(Rf_mkString(text)), kind = PROTECT(Rf_mkString("type"));
    SEXP names = PROTECT(rdc_typeinfo_open_names(string, kind));
    SEXP handles = PROTECT(rdc_typeinfo_resolve(names, c->about.scope));
    handle = rdc_r_typeinfo_alias(string, string, handles, c->about.scope);
    SET_VECTOR_ELT(rule(c, RULES_TYPES), i, handle);
    UNPROTECT(4);
  }
  return rdc_typeinfo_type(handle);
}

/* What the memory that is made for a parameter consists of. void is bytes where their number is
   known. */
static const rdc_type *made_type(const call *c, R_xlen_t i, int role)
{
  const rdc_type *type = pointee(c, i);
  if (!type || type->is_const)
    refuse_type(c, i, "a pointer through which C writes");
  if (rdc_type_strip(type)->kind == RDC_VOID &&
      (number_of(c, RULES_SIZE, i) || !ISNAN(REAL(rule(c, RULES_COUNT))[i])))
    return rdc_type_letter('C');
  type = known_type(c, i, type);
  if (!rdc_type_strip(type)->is_complete || !rdc_type_strip(type)->size)
    refuse_type(c, i, "a pointer to a type whose size is known");
  if (role == ROLE_BUFFER && !is_bytes(type))
    refuse_type(c, i, "a pointer to char, unsigned char or void, for @buffer");
  return type;
}

static int is_whole(const rdc_type *type) { return rdc_kind_is_integer(type->kind); }

/* The integer type that a parameter which says a number points to; NULL if it is that number. */
static const rdc_type *number_type(const call *c, R_xlen_t i)
{
  const rdc_type *type = pointee(c, i);
  if (is_whole(bare_param(c, i)))
    return NULL;
  if (!type || !is_whole(rdc_type_strip(type)))
    refuse_type(c, i, "an integer or a pointer to one, for a number of elements");
  return type;
}

/* ---- numbers ---- */

/* A number of elements of a size that memory can hold. */
static size_t need_count(const call *c, R_xlen_t i, SEXP x, size_t size)
{
  double count = rdc_failure_number(x);
  if (!(count >= 0) || count * (double)size > 4503599627370496.0)
    refuse_value(c, i, RDC_ARG_RANGE, "a number of elements", x);
  return (size_t)count;
}

static SEXP count_value(size_t count)
{
  return count <= INT32_MAX ? Rf_ScalarInteger((int)count) : Rf_ScalarReal((double)count);
}

/* Whether a value stands for what a pointer points to, and is not such a pointer. */
static int is_plain(SEXP x)
{
  return x != R_NilValue && TYPEOF(x) != EXTPTRSXP &&
         Rf_getAttrib(x, rdc_symbol.count) == R_NilValue && !Rf_inherits(x, "carray");
}

/* The units of text in the encoding of its parameter. */
static size_t text_length(const call *c, R_xlen_t i, SEXP string)
{
  SEXP text;
  size_t size;
  rdc_status status;
  rdc_encoding encoding = bare_param(c, i)->encoding;
  rdc_status_clear(&status);
  if (rdc_text_make(encoding, string, &text, &status))
    raise_at(c, i, &status);
  rdc_text_bytes(text, encoding, &size);
  return size / rdc_encoding_unit(encoding);
}

/* How many elements a value has that is passed for parameter i: values of an inout parameter, bytes
   of a text, else what the memory holds. */
static size_t length_of(const call *c, R_xlen_t i)
{
  const char *begin;
  size_t size;
  SEXP x = c->params[i].value;
  const rdc_type *type = pointee(c, i);
  int is_text = bare_param(c, i)->kind == RDC_STRING;
  if (x == R_NilValue)
    return 0;
  if (number_of(c, RULES_ROLE, i) == ROLE_INOUT && is_plain(x))
    return (size_t)Rf_xlength(x);
  if (TYPEOF(x) == STRSXP) {
    if (!is_text && type && rdc_type_strip(type)->size == sizeof(void *))
      return (size_t)XLENGTH(x);
    if (XLENGTH(x) < 1 || STRING_ELT(x, 0) == NA_STRING)
      refuse_value(c, i, RDC_ARG_TYPE, "a string", x);
    return text_length(c, i, STRING_ELT(x, 0));
  }
  if (!is_text && !type)
    refuse_type(c, i, "a pointer, whose elements are counted");
  SEXP count = Rf_getAttrib(x, rdc_symbol.count);
  if (TYPEOF(count) == REALSXP) { /* an array over memory of others */
    SEXP handle = Rf_getAttrib(x, rdc_symbol.typeinfo);
    size = (size_t)REAL(count)[0] * rdc_type_strip(rdc_array_element(handle))->size;
  } else if (!rdc_pointer_extent(x, &begin, &size)) {
    refuse_value(c, i, RDC_ARG_TYPE, "memory whose size is known, or its number of elements", x);
  } else if (TYPEOF(x) == EXTPTRSXP) {
    size -= (size_t)((const char *)R_ExternalPtrAddr(x) - begin);
  }
  if (type && rdc_type_strip(type)->kind != RDC_VOID)
    type = known_type(c, i, type);
  size_t each = type ? rdc_type_strip(type)->size : 1;
  return each ? size / each : size;
}

/* ---- memory ---- */

/* Keeps what is made for a parameter, at one of two places. */
static void hold(call *c, R_xlen_t i, int at, SEXP x)
{
  if (c->memory == R_NilValue) {
    PROTECT(x);
    REPROTECT(c->memory = Rf_allocVector(VECSXP, 2 * c->n), c->index);
    UNPROTECT(1);
  }
  SET_VECTOR_ELT(c->memory, 2 * i + at, x);
}

/* Memory of count elements for a parameter, and a pointer to it, which is passed. */
static void make_memory(call *c, R_xlen_t i, const rdc_type *type, size_t count)
{
  char text[512];
  param *p = &c->params[i];
  const rdc_type *bare = rdc_type_strip(type);
  size_t more = bare->align > sizeof(double) ? bare->align : 0, size = bare->size * count;
  SEXP bytes = Rf_allocVector(RAWSXP, (R_xlen_t)(size + more + 1)); /* no address has no bytes */
  hold(c, i, 0, bytes);
  memset(RAW(bytes), 0, size + more + 1);
  p->bytes = (char *)RAW(bytes);
  if (more)
    p->bytes = (char *)(uintptr_t)rdc_round_up((size_t)(uintptr_t)p->bytes, more);
  p->is_made = 1;
  p->type = type;
  p->count = count;
  p->value = rdc_pointer_new(RDC_POINTER_DATA, p->bytes, bytes);
  hold(c, i, 1, p->value);
  if (rdc_type_pointee_name(bare_param(c, i))) { /* only a pointer of that type may be passed */
    rdc_type_text(bare_param(c, i)->base, text, sizeof text);
    Rf_setAttrib(p->value, rdc_symbol.pointee, PROTECT(Rf_mkString(text)));
    UNPROTECT(1);
  }
}

static void make_out(call *c, R_xlen_t i, int role)
{
  int size = number_of(c, RULES_SIZE, i);
  const rdc_type *type = made_type(c, i, role);
  size_t each = rdc_type_strip(type)->size, count = 1;
  double fixed = REAL(rule(c, RULES_COUNT))[i];
  if (size) {
    const param *p = &c->params[size - 1];
    if (p->value == R_MissingArg)
      refuse(c, size - 1, RDC_ARG_MISSING, "a number of elements", "none");
    SEXP number = PROTECT(p->is_made ? Rf_ScalarReal((double)p->count) : p->value);
    count = need_count(c, size - 1, number, each);
    UNPROTECT(1);
  } else if (!ISNAN(fixed)) {
    count = (size_t)fixed;
  }
  make_memory(c, i, type, count);
}

/* Whether another parameter tells C how many elements this one has, as counted here. */
static int is_counted(const call *c, R_xlen_t i)
{
  for (R_xlen_t k = 0; k < c->n; k++)
    if (number_of(c, RULES_OF, k) == i + 1)
      return !c->params[k].is_given;
  return 0;
}

/* Whether a value is a vector of no elements of which C is told so. */
static int is_none(const call *c, R_xlen_t i)
{
  SEXP x = c->params[i].value;
  int is_vector = TYPEOF(x) == LGLSXP || TYPEOF(x) == INTSXP || TYPEOF(x) == REALSXP ||
                  TYPEOF(x) == CPLXSXP || TYPEOF(x) == RAWSXP;
  return is_vector && !Rf_isObject(x) && !XLENGTH(x) && pointee(c, i) && is_counted(c, i);
}

static void make_inout(call *c, R_xlen_t i)
{
  rdc_status status;
  rdc_code code;
  param *p = &c->params[i];
  SEXP value = p->value;
  const rdc_type *type = made_type(c, i, ROLE_INOUT), *bare = rdc_type_strip(type);
  int is_vector = rdc_kind_is_integer(bare->kind) || rdc_kind_is_real(bare->kind);
  size_t count = is_vector ? (size_t)Rf_xlength(value) : 1;
  if (!count && !is_none(c, i))
    refuse_value(c, i, RDC_ARG_LENGTH, "at least one value", value);
  make_memory(c, i, type, count);
  rdc_status_clear(&status);
  if (count == 1)
    code = rdc_put(type, value, p->bytes, &c->keep, &status);
  else
    code =
        rdc_put_many(NULL, type, value, p->bytes, bare->size, (R_xlen_t)count, &c->keep, &status);
  if (code)
    raise_at(c, i, &status);
}

/* ---- before the call ---- */

/* The number that a parameter passes on, which is the length of another one. */
static void fill_number(call *c, R_xlen_t i)
{
  rdc_status status;
  param *p = &c->params[i];
  R_xlen_t of = number_of(c, RULES_OF, i) - 1;
  const rdc_type *type = number_type(c, i);
  SEXP standard = rdc_r_element(rule(c, RULES_DEFAULT), (size_t)i);
  double fixed = REAL(rule(c, RULES_COUNT))[of];
  if (p->is_given) {
    /* where C wants the address of the size of memory that is made, the caller gives the size */
    if (!type || c->params[of].is_given || !is_plain(p->value))
      return;
  } else if (c->params[of].is_given) {
    p->value = count_value(length_of(c, of));
  } else if (standard != R_NilValue) {
    p->value = VECTOR_ELT(standard, 0);
  } else if (!ISNAN(fixed)) {
    p->value = count_value((size_t)fixed);
  } else {
    return;
  }
  hold(c, i, 0, p->value);
  if (!type)
    return;
  SEXP number = PROTECT(p->value);
  make_memory(c, i, type, 1);
  rdc_status_clear(&status);
  if (rdc_put(type, number, p->bytes, &c->keep, &status))
    raise_at(c, i, &status);
  p->count = need_count(c, i, number, 1);
  UNPROTECT(1);
}

static void fill_params(call *c)
{
  for (R_xlen_t i = 0; i < c->n; i++)
    if (number_of(c, RULES_OF, i))
      fill_number(c, i);
  for (R_xlen_t i = 0; i < c->n; i++) {
    param *p = &c->params[i];
    SEXP standard = rdc_r_element(rule(c, RULES_DEFAULT), (size_t)i);
    if (p->value == R_MissingArg && standard != R_NilValue)
      p->value = VECTOR_ELT(standard, 0);
  }
  for (R_xlen_t i = 0; i < c->n; i++) {
    param *p = &c->params[i];
    int role = number_of(c, RULES_ROLE, i);
    if (role == ROLE_INOUT && p->value != R_MissingArg && is_plain(p->value))
      make_inout(c, i);
    else if (p->value != R_MissingArg && is_none(c, i))
      make_memory(c, i, pointee(c, i), 0); /* an address that is not NULL */
    else if (p->value != R_MissingArg)
      continue;
    else if (role == ROLE_OUT || role == ROLE_BUFFER)
      make_out(c, i, role);
    else {
      char text[160];
      rdc_type_spell(c->about.plan->args[i], NULL, NULL, text, sizeof text);
      refuse(c, i, RDC_ARG_MISSING, text, "none");
    }
  }
}

/* ---- after the call ---- */

/* How many elements of its memory C has written, as far as the rules say. */
static size_t used_count(const call *c, R_xlen_t i, SEXP result)
{
  const param *p = &c->params[i];
  int by = number_of(c, RULES_USED, i);
  if (!by && number_of(c, RULES_SIZE, i) && c->params[number_of(c, RULES_SIZE, i) - 1].is_made)
    by = number_of(c, RULES_SIZE, i);
  if (!by)
    return p->count;
  SEXP said = result;
  if (by > 0) {
    const param *teller = &c->params[by - 1];
    rdc_view view = {R_NilValue, NULL, 0, 0, 1};
    said = teller->is_made ? rdc_get(teller->type, teller->bytes, &view) : teller->value;
  }
  double count = rdc_failure_number(said);
  if (ISNAN(count)) /* memory of the caller, who can look there */
    return p->count;
  return count > 0 ? (count < (double)p->count ? (size_t)count : p->count) : 0;
}

/* The value that C wrote to the memory of a parameter. */
static SEXP read_out(call *c, R_xlen_t i, SEXP result)
{
  const param *p = &c->params[i];
  SEXP own = rdc_r_element(rule(c, RULES_OWN), (size_t)i);
  rdc_view view = {c->about.scope, NULL, rdc_marshal_option_integer64(p->type), 0, 0};
  rdc_status status;
  SEXP value;
  int role = number_of(c, RULES_ROLE, i);
  int is_many = role == ROLE_INOUT
                    ? p->count != 1
                    : number_of(c, RULES_SIZE, i) || !ISNAN(REAL(rule(c, RULES_COUNT))[i]);
  if (own != R_NilValue) {
    rdc_status_clear(&status);
    if (is_many)
      refuse_type(c, i, "one pointer, for @copy or @free");
    if (rdc_result_check(p->type, own, &status))
      raise_at(c, i, &status);
    value = rdc_result_get(p->type, p->bytes, own, &view);
  } else if (is_many) {
    const rdc_type *bare = rdc_type_strip(p->type);
    rdc_type array = {.kind = RDC_ARRAY, .is_complete = 1, .base = p->type};
    array.count = used_count(c, i, result);
    array.size = array.count * bare->size;
    array.align = bare->align;
    value = rdc_get(&array, p->bytes, &view);
  } else {
    value = rdc_get(p->type, p->bytes, &view);
  }
  PROTECT(value);
  if (view.lossy)
    rdc_marshal_warn_lossy();
  UNPROTECT(1);
  return value;
}

/* ---- the call ---- */

/* The result, or what C wrote, or a list of both. */
static SEXP answer(const call *c, SEXP result, SEXP outs)
{
  R_xlen_t count = 0, at = 0, last = 0;
  int shows_result = c->about.plan->ret->kind != RDC_VOID && number_of(c, RULES_RESULT, 0);
  for (R_xlen_t i = 0; i < c->n; i++)
    if (c->params[i].is_made && number_of(c, RULES_SHOWN, i))
      count++, last = i;
  if (!count)
    return result;
  if (count == 1 && !shows_result)
    return VECTOR_ELT(outs, last);
  SEXP made = PROTECT(Rf_allocVector(VECSXP, count + shows_result));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, count + shows_result));
  if (shows_result) {
    SET_STRING_ELT(names, at, Rf_mkChar("result"));
    SET_VECTOR_ELT(made, at++, result);
  }
  for (R_xlen_t i = 0; i < c->n; i++)
    if (c->params[i].is_made && number_of(c, RULES_SHOWN, i)) {
      SET_STRING_ELT(names, at, STRING_ELT(c->about.params, i));
      SET_VECTOR_ELT(made, at++, VECTOR_ELT(outs, i));
    }
  Rf_setAttrib(made, R_NamesSymbol, names);
  UNPROTECT(2);
  return made;
}

/* What came back by the parameters, as far as somebody wants it: the caller, or the rules about
   failures. What C gave away is taken in any case. */
static SEXP read_outs(call *c, SEXP result, const SEXP *values, size_t n, rdc_verdict verdict)
{
  if (c->memory == R_NilValue)
    return R_NilValue;
  SEXP outs = PROTECT(Rf_allocVector(VECSXP, c->n));
  for (R_xlen_t i = 0; i < c->n; i++) {
    int wanted = (verdict != RDC_FAILED && number_of(c, RULES_SHOWN, i)) ||
                 (verdict != RDC_FINE && number_of(c, RULES_NEEDED, i)) ||
                 rdc_r_element(rule(c, RULES_OWN), (size_t)i) != R_NilValue;
    if (!c->params[i].is_made || !wanted)
      continue;
    SET_VECTOR_ELT(outs, i, read_out(c, i, result));
    if (TYPEOF(VECTOR_ELT(outs, i)) == EXTPTRSXP)
      rdc_result_relate(VECTOR_ELT(outs, i), values, n, &c->keep);
  }
  UNPROTECT(1);
  return outs;
}

/* The hook judge(rules, name, result, values, made, errno, last) returns unless the call has
   failed. values are what came back, and else what was passed. */
static void judge(const call *c, SEXP result, SEXP outs, const rdc_errors *errors)
{
  SEXP values = PROTECT(Rf_allocVector(VECSXP, c->n));
  SEXP made = PROTECT(Rf_allocVector(LGLSXP, c->n));
  for (R_xlen_t i = 0; i < c->n; i++) {
    LOGICAL(made)[i] = c->params[i].is_made;
    SET_VECTOR_ELT(values, i, c->params[i].is_made ? VECTOR_ELT(outs, i) : c->params[i].value);
  }
  if (c->n)
    Rf_setAttrib(values, R_NamesSymbol, c->about.params);
  SEXP name = PROTECT(Rf_mkString(c->about.name));
  SEXP number = PROTECT(Rf_ScalarInteger(errors->number));
  SEXP last = PROTECT(Rf_ScalarInteger(errors->last));
  SEXP arguments = PROTECT(Rf_list5(result, values, made, number, last));
  SEXP call = PROTECT(Rf_lcons(rdc_hook.judge, Rf_cons(c->rules, Rf_cons(name, arguments))));
  for (SEXP at = CDR(call); at != R_NilValue; at = CDR(at)) /* values, no code */
    if (TYPEOF(CAR(at)) == LANGSXP || TYPEOF(CAR(at)) == SYMSXP)
      SETCAR(at, Rf_lang2(rdc_symbol.quote, CAR(at)));
  Rf_eval(call, R_GlobalEnv);
  UNPROTECT(7);
}

static SEXP run(call *c, SEXP handle, SEXP *values, size_t n, rdc_references references)
{
  SEXP fail = rule(c, RULES_FAIL);
  rdc_failure_reset(fail);
  for (R_xlen_t i = 0; i < c->n; i++)
    values[i] = c->params[i].value;
  SEXP result = PROTECT(rdc_bound_run(handle, values, n, references));
  rdc_errors errors = {*rdc_call_error(RDC_ERROR_ERRNO), *rdc_call_error(RDC_ERROR_LAST)};
  rdc_verdict verdict = rdc_failure_look(fail, &c->about, result, &errors);
  SEXP outs = PROTECT(read_outs(c, result, values, n, verdict));
  if (verdict != RDC_FINE)
    judge(c, result, outs, &errors);
  /* destructors and judges may have called C, too */
  *rdc_call_error(RDC_ERROR_ERRNO) = errors.number;
  *rdc_call_error(RDC_ERROR_LAST) = errors.last;
  SEXP made = answer(c, result, outs);
  UNPROTECT(2);
  return made;
}

/* A call with these arguments; what is left out is R's missing argument. *is_void says whether C returns
   nothing. */
static SEXP params_call(SEXP handle, const SEXP *given, size_t n, rdc_references references, int *is_void)
{
  call c;
  rdc_bound_tell(handle, &c.about);
  *is_void = c.about.plan->ret->kind == RDC_VOID;
  c.rules = c.about.rules;
  if (c.rules == R_NilValue)
    return rdc_bound_run(handle, given, n, references);
  c.n = XLENGTH(rule(&c, RULES_ROLE));
  if ((size_t)c.n > n) /* by no function of this package */
    rdc_raise_code(RDC_ARITY, "all parameters", (unsigned long)n);
  SEXP few[RDC_R_FEW], *values = few;
  param params[RDC_R_FEW];
  c.params = params;
  if (n > RDC_R_FEW) {
    values = (SEXP *)(void *)R_alloc(n, sizeof *values);
    c.params = (param *)(void *)R_alloc(n, sizeof *c.params);
  }
  for (size_t i = 0; i < n; i++)
    values[i] = given[i];
  for (R_xlen_t i = 0; i < c.n; i++) {
    param p = {given[i], 0, given[i] != R_MissingArg, NULL, NULL, 0};
    c.params[i] = p;
  }
  PROTECT_WITH_INDEX(c.memory = R_NilValue, &c.index);
  rdc_keep_init(&c.keep, c.about.scope, NULL);
  rdc_failure_check(rule(&c, RULES_FAIL), &c.about);
  fill_params(&c);
  SEXP result = PROTECT(run(&c, handle, values, n, references));
  rdc_keep_clear(&c.keep);
  UNPROTECT(3);
  return result;
}

/* .External2 out of a function of arguments that may be left out. Nothing comes back invisibly. */
SEXP rdc_r_params_frame(SEXP call, SEXP op, SEXP args, SEXP env)
{
  SEXP few[RDC_R_FEW];
  size_t n;
  int is_void;
  (void)call;
  (void)op;
  rdc_arguments from = rdc_arguments_of(env);
  const SEXP *given = rdc_arguments_all(&from, few, &n, 1);
  SEXP result = params_call(rdc_bound_of(args), given, n, rdc_arguments_references(&from), &is_void);
  UNPROTECT(from.held);
  return is_void && result == R_NilValue ? rdc_r_invisible() : result;
}
