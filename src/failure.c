/* Tests of results and error numbers. */
#include "failure.h"

#include <stdio.h>
#include <string.h>

/* The rules of a function, a list. */
enum {
  FAIL_TEST,    /* integer: a test below */
  FAIL_NEGATED, /* logical: any other value than those of the set */
  FAIL_LABELS,  /* character: the set as it is written */
  FAIL_VALUES,  /* double: the set, NA for labels whose values are not known yet */
  FAIL_ERRNO,   /* logical: errno is not 0 */
  FAIL_LAST,    /* logical: the last error of Windows is not 0 */
  FAIL_ASKS     /* logical: a function judges */
};

enum { TEST_NONE, TEST_NEGATIVE, TEST_NULL, TEST_SET };

static int says(SEXP rules, int slot) { return LOGICAL(VECTOR_ELT(rules, slot))[0]; }

static int test_of(SEXP rules) { return INTEGER(VECTOR_ELT(rules, FAIL_TEST))[0]; }

RDC_NORETURN static void refuse_result(const rdc_bound_about *about, const char *expected)
{
  char text[160];
  rdc_status status;
  rdc_type_spell(about->plan->ret, NULL, NULL, text, sizeof text);
  rdc_status_clear(&status);
  rdc_fail(&status, RDC_TYPE_VALUE, expected, text);
  rdc_status_place(&status, "%s", about->name);
  rdc_raise(&status, NULL);
}

void rdc_failure_check(SEXP rules, const rdc_bound_about *about)
{
  if (rules == R_NilValue)
    return;
  int test = test_of(rules);
  const rdc_type *bare = rdc_type_strip(about->plan->ret);
  int is_whole = rdc_kind_is_integer(bare->kind);
  int is_number = is_whole || rdc_kind_is_real(bare->kind);
  if (test == TEST_NULL && bare->kind != RDC_POINTER && bare->kind != RDC_STRING)
    refuse_result(about, "a result that is a pointer, for @fail=null");
  if (test == TEST_SET && !is_number)
    refuse_result(about, "a result that is a number, for @fail");
  if (test == TEST_NEGATIVE && (!is_number || (is_whole && !rdc_kind_is_signed(bare->kind))))
    refuse_result(about, "a result that can be negative, for @fail=negative");
}

void rdc_failure_reset(SEXP rules)
{
  if (rules == R_NilValue)
    return;
  if (says(rules, FAIL_ERRNO))
    *rdc_call_error(RDC_ERROR_ERRNO) = 0;
  if (says(rules, FAIL_LAST))
    *rdc_call_error(RDC_ERROR_LAST) = 0;
}

double rdc_failure_number(SEXP x)
{
  int64_t whole;
  if (Rf_xlength(x) < 1 || Rf_isFactor(x))
    return R_NaN;
  switch (TYPEOF(x)) {
  case LGLSXP:
  case INTSXP:
    return INTEGER_RO(x)[0] == NA_INTEGER ? R_NaN : INTEGER_RO(x)[0];
  case RAWSXP:
    return Rf_isObject(x) ? R_NaN : RAW_RO(x)[0];
  case REALSXP:
    if (!rdc_marshal_is_integer64(x) && !rdc_marshal_is_uint64(x))
      return REAL_RO(x)[0];
    memcpy(&whole, REAL_RO(x), sizeof whole);
    return rdc_marshal_is_uint64(x) ? (double)(uint64_t)whole : (double)whole;
  default:
    return R_NaN;
  }
}

/* The values of the set. Labels of the result's enum get theirs when they are first asked for. */
static const double *set_values(SEXP rules, const rdc_bound_about *about)
{
  SEXP labels = VECTOR_ELT(rules, FAIL_LABELS);
  double *values = REAL(VECTOR_ELT(rules, FAIL_VALUES));
  const rdc_type *type = rdc_type_enum(about->plan->ret);
  for (R_xlen_t i = 0; i < XLENGTH(labels); i++) {
    const char *label = R_CHAR(STRING_ELT(labels, i));
    for (size_t k = 0; ISNAN(values[i]) && type && k < type->count; k++)
      if (!strcmp(type->labels[k].name, label))
        values[i] = (double)type->labels[k].value;
    if (ISNAN(values[i])) {
      char expected[200];
      snprintf(expected, sizeof expected,
               "a number, a constant or a label of the result behind @fail, not '%.80s',", label);
      refuse_result(about, expected);
    }
  }
  return values;
}

static int in_set(SEXP rules, const rdc_bound_about *about, double number)
{
  const double *values = set_values(rules, about);
  for (R_xlen_t i = 0; i < XLENGTH(VECTOR_ELT(rules, FAIL_VALUES)); i++)
    if (values[i] == number)
      return 1;
  return 0;
}

static int is_suspect(SEXP rules, const rdc_bound_about *about, SEXP result)
{
  switch (test_of(rules)) {
  case TEST_NULL:
    return result == R_NilValue || (TYPEOF(result) == EXTPTRSXP && !R_ExternalPtrAddr(result));
  case TEST_NEGATIVE:
    return rdc_failure_number(result) < 0;
  case TEST_SET:
    return in_set(rules, about, rdc_failure_number(result)) != says(rules, FAIL_NEGATED);
  default:
    return 1;
  }
}

rdc_verdict rdc_failure_look(SEXP rules, const rdc_bound_about *about, SEXP result,
                             const rdc_errors *errors)
{
  if (rules == R_NilValue || !is_suspect(rules, about, result))
    return RDC_FINE;
  if ((says(rules, FAIL_ERRNO) && !errors->number) || (says(rules, FAIL_LAST) && !errors->last))
    return RDC_FINE;
  return says(rules, FAIL_ASKS) ? RDC_IN_DOUBT : RDC_FAILED;
}
