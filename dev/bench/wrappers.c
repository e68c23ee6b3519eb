/* What people write by hand: .Call() wrappers of targets.c, a bare callback, C loops over columns. And the
   requests to callgrind of count.R, where its header is. */
#include <stdlib.h>
#include <string.h>

#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>
#include <R_ext/Rdynload.h>

#include "targets.c"

static SEXP ns_v(void)
{
  t_v();
  return R_NilValue;
}
static SEXP ns_d(SEXP x) { return Rf_ScalarReal(t_d(Rf_asReal(x))); }
static SEXP ns_dd(SEXP x, SEXP y) { return Rf_ScalarReal(t_dd(Rf_asReal(x), Rf_asReal(y))); }
static SEXP ns_d8(SEXP a, SEXP b, SEXP c, SEXP d, SEXP e, SEXP f, SEXP g, SEXP h)
{
  return Rf_ScalarReal(t_d8(Rf_asReal(a), Rf_asReal(b), Rf_asReal(c), Rf_asReal(d), Rf_asReal(e),
                            Rf_asReal(f), Rf_asReal(g), Rf_asReal(h)));
}
static SEXP ns_d10(SEXP a, SEXP b, SEXP c, SEXP d, SEXP e, SEXP f, SEXP g, SEXP h, SEXP i, SEXP j)
{
  return Rf_ScalarReal(t_d10(Rf_asReal(a), Rf_asReal(b), Rf_asReal(c), Rf_asReal(d), Rf_asReal(e),
                             Rf_asReal(f), Rf_asReal(g), Rf_asReal(h), Rf_asReal(i), Rf_asReal(j)));
}
static SEXP ns_i6(SEXP a, SEXP b, SEXP c, SEXP d, SEXP e, SEXP f)
{
  return Rf_ScalarInteger(t_i6(Rf_asInteger(a), Rf_asInteger(b), Rf_asInteger(c), Rf_asInteger(d),
                               Rf_asInteger(e), Rf_asInteger(f)));
}
static SEXP ns_Z(SEXP s)
{
  if (TYPEOF(s) != STRSXP || XLENGTH(s) != 1)
    Rf_error("expected a string");
  return Rf_ScalarReal((double)t_Z(Rf_translateCharUTF8(STRING_ELT(s, 0))));
}
static SEXP ns_out(SEXP i)
{
  return Rf_ScalarString(Rf_mkCharCE(t_out(Rf_asInteger(i)), CE_UTF8));
}
static SEXP ns_pp(SEXP a, SEXP b)
{
  if (TYPEOF(a) != REALSXP || TYPEOF(b) != REALSXP)
    Rf_error("expected doubles");
  t_pp(REAL(a), REAL(b));
  return R_NilValue;
}
static SEXP ns_first(SEXP x)
{
  if (TYPEOF(x) != REALSXP)
    Rf_error("expected doubles");
  return Rf_ScalarReal(t_first(REAL(x)));
}

/* Structs are lists, as packages have them. */
static SEXP ns_two(SEXP a)
{
  const char *names[] = {"x", "y", ""};
  if (TYPEOF(a) != VECSXP || XLENGTH(a) != 2)
    Rf_error("expected a list");
  two in = {Rf_asReal(VECTOR_ELT(a, 0)), Rf_asReal(VECTOR_ELT(a, 1))}, out = t_two(in);
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(made, 0, Rf_ScalarReal(out.x));
  SET_VECTOR_ELT(made, 1, Rf_ScalarReal(out.y));
  UNPROTECT(1);
  return made;
}
static SEXP ns_modf(SEXP x)
{
  const char *names[] = {"result", "whole", ""};
  double whole, rest = t_modf(Rf_asReal(x), &whole);
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(made, 0, Rf_ScalarReal(rest));
  SET_VECTOR_ELT(made, 1, Rf_ScalarReal(whole));
  UNPROTECT(1);
  return made;
}
static SEXP ns_three(SEXP a)
{
  const char *names[] = {"x", "y", "n", ""};
  if (TYPEOF(a) != VECSXP || XLENGTH(a) != 3)
    Rf_error("expected a list");
  three in = {Rf_asReal(VECTOR_ELT(a, 0)), Rf_asReal(VECTOR_ELT(a, 1)),
              Rf_asInteger(VECTOR_ELT(a, 2))},
        out = t_three(in);
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(made, 0, Rf_ScalarReal(out.x));
  SET_VECTOR_ELT(made, 1, Rf_ScalarReal(out.y));
  SET_VECTOR_ELT(made, 2, Rf_ScalarInteger(out.n));
  UNPROTECT(1);
  return made;
}
static SEXP ns_var(SEXP n, SEXP a, SEXP b)
{
  return Rf_ScalarReal(t_var(Rf_asInteger(n), Rf_asReal(a), Rf_asReal(b)));
}

/* Callbacks as nobody may write them: no error may leave the function. */
static SEXP bare_function;
static double bare(double a, double b)
{
  SEXP x = PROTECT(Rf_ScalarReal(a)), y = PROTECT(Rf_ScalarReal(b));
  SEXP call = PROTECT(Rf_lang3(bare_function, x, y));
  double result = Rf_asReal(Rf_eval(call, R_GlobalEnv));
  UNPROTECT(3);
  return result;
}
static SEXP ns_drive(SEXP f, SEXP n)
{
  bare_function = f;
  return Rf_ScalarReal(t_drive(bare, Rf_asInteger(n)));
}
static int bare_compare(const void *a, const void *b)
{
  SEXP x = PROTECT(Rf_ScalarInteger(*(const int *)a));
  SEXP y = PROTECT(Rf_ScalarInteger(*(const int *)b));
  SEXP call = PROTECT(Rf_lang3(bare_function, x, y));
  int result = Rf_asInteger(Rf_eval(call, R_GlobalEnv));
  UNPROTECT(3);
  return result;
}
static SEXP ns_qsort(SEXP x, SEXP f)
{
  bare_function = f;
  qsort(INTEGER(x), (size_t)XLENGTH(x), sizeof(int), bare_compare);
  return R_NilValue;
}
static void memory_end(SEXP x)
{
  free(R_ExternalPtrAddr(x));
  R_ClearExternalPtr(x);
}
static SEXP ns_alloc(SEXP n)
{
  SEXP made = PROTECT(R_MakeExternalPtr(calloc(1, (size_t)Rf_asInteger(n)), R_NilValue, R_NilValue));
  R_RegisterCFinalizerEx(made, memory_end, FALSE);
  UNPROTECT(1);
  return made;
}

/* The interface .C() */
void dot_v(void) { t_v(); }
void dot_d(double *x, double *made) { *made = t_d(*x); }
void dot_dd(double *x, double *y, double *made) { *made = t_dd(*x, *y); }
void dot_i6(int *a, int *b, int *c, int *d, int *e, int *f, int *made)
{
  *made = t_i6(*a, *b, *c, *d, *e, *f);
}
void dot_Z(char **s, double *made) { *made = (double)t_Z(*s); }

/* Loops over columns; what they call cannot be inlined. */
static double (*volatile loop_d)(double) = t_d;
static int (*volatile loop_i)(int) = t_i;
static double (*volatile loop_dd)(double, double) = t_dd;
static double (*volatile loop_idd)(int, double) = t_idd;
static double (*volatile loop_mixed)(int, double, int, double) = t_mixed;
static unsigned long long (*volatile loop_Z)(const char *) = t_Z;
static float (*volatile loop_f)(float) = t_f;
static long long (*volatile loop_l)(long long) = t_l;
static short (*volatile loop_s)(short) = t_s;
static bool (*volatile loop_B)(bool) = t_B;

#define LOOP(name, parameters, sexptype, type, data, setup, value)                                 \
  static SEXP name parameters                                                                      \
  {                                                                                                \
    R_xlen_t n = XLENGTH(a);                                                                       \
    SEXP made = PROTECT(Rf_allocVector(sexptype, n));                                              \
    type *to = data(made);                                                                         \
    setup;                                                                                         \
    for (R_xlen_t i = 0; i < n; i++)                                                               \
      to[i] = value;                                                                               \
    UNPROTECT(1);                                                                                  \
    return made;                                                                                   \
  }
#define COLUMNS(...) __VA_ARGS__
LOOP(column_d, (SEXP a), REALSXP, double, REAL,
     COLUMNS(const double *x = REAL(a); double (*f)(double) = loop_d), f(x[i]))
LOOP(column_i, (SEXP a), INTSXP, int, INTEGER,
     COLUMNS(const int *x = INTEGER(a); int (*f)(int) = loop_i), f(x[i]))
LOOP(column_dd, (SEXP a, SEXP b), REALSXP, double, REAL,
     COLUMNS(const double *x = REAL(a), *y = REAL(b); double (*f)(double, double) = loop_dd),
     f(x[i], y[i]))
LOOP(column_idd, (SEXP a, SEXP b), REALSXP, double, REAL,
     COLUMNS(const int *x = INTEGER(a); const double *y = REAL(b);
             double (*f)(int, double) = loop_idd),
     f(x[i], y[i]))
LOOP(column_mixed, (SEXP a, SEXP b, SEXP c, SEXP d), REALSXP, double, REAL,
     COLUMNS(const int *x = INTEGER(a), *z = INTEGER(c); const double *y = REAL(b), *w = REAL(d);
             double (*f)(int, double, int, double) = loop_mixed),
     f(x[i], y[i], z[i], w[i]))
LOOP(column_Z, (SEXP a), REALSXP, double, REAL,
     COLUMNS(unsigned long long (*f)(const char *) = loop_Z),
     (double)f(Rf_translateCharUTF8(STRING_ELT(a, i))))

/* The same with conversions, as a careful author writes them: NA gives NA without a call, and a number that is
   not in the range of its type is an error with its index. */
static void refuse(R_xlen_t i) { Rf_error("element %.0f is out of range", (double)i + 1); }
static int int_of(double x, R_xlen_t i)
{
  if (!(x > -2147483649.0 && x < 2147483648.0))
    refuse(i);
  return (int)x;
}
static long long llong_of(double x, R_xlen_t i)
{
  if (!(x >= -9223372036854775808.0 && x < 9223372036854775808.0))
    refuse(i);
  return (long long)x;
}
static short short_of(int x, R_xlen_t i)
{
  if (x < -32768 || x > 32767)
    refuse(i);
  return (short)x;
}
LOOP(column_na_d, (SEXP a), REALSXP, double, REAL,
     COLUMNS(const double *x = REAL(a); double (*f)(double) = loop_d),
     ISNAN(x[i]) && R_IsNA(x[i]) ? NA_REAL : f(x[i]))
LOOP(column_na_i, (SEXP a), INTSXP, int, INTEGER,
     COLUMNS(const int *x = INTEGER(a); int (*f)(int) = loop_i),
     x[i] == NA_INTEGER ? NA_INTEGER : f(x[i]))
LOOP(column_i_from_d, (SEXP a), INTSXP, int, INTEGER,
     COLUMNS(const double *x = REAL(a); int (*f)(int) = loop_i),
     ISNAN(x[i]) && R_IsNA(x[i]) ? NA_INTEGER : f(int_of(x[i], i)))
LOOP(column_d_from_i, (SEXP a), REALSXP, double, REAL,
     COLUMNS(const int *x = INTEGER(a); double (*f)(double) = loop_d),
     x[i] == NA_INTEGER ? NA_REAL : f(x[i]))
LOOP(column_f, (SEXP a), REALSXP, double, REAL,
     COLUMNS(const double *x = REAL(a); float (*f)(float) = loop_f),
     ISNAN(x[i]) && R_IsNA(x[i]) ? NA_REAL : (double)f((float)x[i]))
LOOP(column_l, (SEXP a), REALSXP, double, REAL,
     COLUMNS(const double *x = REAL(a); long long (*f)(long long) = loop_l),
     ISNAN(x[i]) && R_IsNA(x[i]) ? NA_REAL : (double)f(llong_of(x[i], i)))
LOOP(column_s, (SEXP a), INTSXP, int, INTEGER,
     COLUMNS(const int *x = INTEGER(a); short (*f)(short) = loop_s),
     x[i] == NA_INTEGER ? NA_INTEGER : f(short_of(x[i], i)))
LOOP(column_B, (SEXP a), LGLSXP, int, LOGICAL,
     COLUMNS(const int *x = LOGICAL(a); bool (*f)(bool) = loop_B),
     x[i] == NA_LOGICAL ? NA_LOGICAL : f(x[i] != 0))

#ifdef HAVE_CALLGRIND
#include <valgrind/callgrind.h>
static SEXP count_start(void)
{
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  return R_NilValue;
}
static SEXP count_dump(SEXP label)
{
  const char *text = R_CHAR(STRING_ELT(label, 0));
  CALLGRIND_DUMP_STATS_AT(text);
  CALLGRIND_STOP_INSTRUMENTATION;
  return R_NilValue;
}
#endif

#define ROW(name, n) {#name, (DL_FUNC)name, n}
static const R_CallMethodDef routines[] = {
    ROW(ns_v, 0), ROW(ns_d, 1), ROW(ns_dd, 2), ROW(ns_d8, 8), ROW(ns_d10, 10), ROW(ns_i6, 6),
    ROW(ns_Z, 1), ROW(ns_out, 1), ROW(ns_pp, 2), ROW(ns_first, 1), ROW(ns_two, 1), ROW(ns_three, 1),
    ROW(ns_modf, 1),
    ROW(ns_var, 3), ROW(ns_drive, 2), ROW(ns_qsort, 2), ROW(ns_alloc, 1), ROW(column_d, 1),
    ROW(column_i, 1), ROW(column_dd, 2), ROW(column_idd, 2), ROW(column_mixed, 4), ROW(column_Z, 1),
    ROW(column_na_d, 1), ROW(column_na_i, 1), ROW(column_i_from_d, 1), ROW(column_d_from_i, 1),
    ROW(column_f, 1), ROW(column_l, 1), ROW(column_s, 1), ROW(column_B, 1),
#ifdef HAVE_CALLGRIND
    ROW(count_start, 0), ROW(count_dump, 1),
#endif
    {NULL, NULL, 0}};
static const R_CMethodDef c_routines[] = {ROW(dot_v, 0),  ROW(dot_d, 2), ROW(dot_dd, 3),
                                          ROW(dot_i6, 7), ROW(dot_Z, 2), {NULL, NULL, 0}};
void R_init_wrappers(DllInfo *dll)
{
  R_registerRoutines(dll, c_routines, routines, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
}
