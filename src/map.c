/* Vectorised calls: arguments become columns of C values, one call is made for each row, and the results,
   which lie one behind the other, become a vector. */
#include "map.h"

#include <stdio.h>
#include <string.h>

#include "array.h"
#include "bound.h"
#include "cache.h"
#include "columns.h"
#include "convert.h"
#include "layout.h"
#include "missing.h"
#include "os.h"
#include "result.h"

/* Rows whose calls are made together, while they are in the processor's cache. */
enum { BLOCK = 256 };

typedef struct map {
  const rdc_plan *plan;
  rdc_code_pointer code;
  rdc_site site;
  rdc_columns in;
  size_t n;     /* rows */
  size_t block; /* rows in one go: arguments, calls, results */
  size_t room;  /* rows whose results there is memory for: all, or those of a block */
  rdc_rows_check check;
  unsigned threads; /* at most so many */
  int lossy;        /* whether a 64-bit result did not fit into a double */
  int odd;          /* whether there is an int that is NA to R among the results */
  SEXP progress;    /* R function of rows done and rows, or R_NilValue */
} map;

/* ---- calls ---- */

/* Raises the failure of a row, whose result is at ret. */
RDC_NORETURN static void raise_failed(const map *m, size_t row, const void *ret, int error)
{
  char why[256];
  const rdc_type *bare = m->plan->abi.ret;
  rdc_status status;
  if (m->check == RDC_ROWS_ERRNO)
    snprintf(why, sizeof why, "errno %d (%s)", error, strerror(error));
  else if (m->check == RDC_ROWS_ZERO)
    snprintf(why, sizeof why, "the result 0");
  else if (rdc_kind_is_real(bare->kind))
    snprintf(why, sizeof why, "the result %.17g", rdc_layout_real(bare, ret));
  else if (rdc_kind_is_integer(bare->kind))
    snprintf(why, sizeof why, "the result %lld", (long long)rdc_layout_whole(bare, ret));
  else
    snprintf(why, sizeof why, "an address that is not null");
  rdc_status_clear(&status);
  rdc_fail(&status, RDC_CALL_FAILED, why);
  rdc_status_place(&status, "%s, element %lu", m->site.name ? m->site.name : "the function",
                   (unsigned long)row + 1);
  status.element = row;
  rdc_raise(&status, NULL);
}

/* Calls for rows from a to b; the results follow each other at ret. */
static void call_rows(map *m, size_t a, size_t b, char *ret)
{
  const rdc_column *columns = rdc_columns_take(&m->in, a, b);
  rdc_rows rows = {.plan = m->plan,
                   .code = m->code,
                   .columns = columns,
                   .skip = m->in.skip ? m->in.skip + a : NULL,
                   .n = b - a,
                   .ret = ret,
                   .check = m->check,
                   .threads = m->threads};
  rdc_call_rows(&rows);
  if (rows.failed != RDC_NOWHERE)
    raise_failed(m, a + rows.failed, ret + rows.failed * m->plan->abi.ret->size, rows.error);
}

static void tell(const map *m, size_t done)
{
  SEXP call = PROTECT(Rf_lang3(m->progress, R_NilValue, R_NilValue));
  SETCADR(call, Rf_ScalarReal((double)done));
  SETCADDR(call, Rf_ScalarReal((double)m->n));
  Rf_eval(call, R_GlobalEnv);
  UNPROTECT(1);
}

/* What the vector of results has for a row that was skipped. */
static void set_missing(SEXP to, size_t i)
{
  const int64_t none = INT64_MIN;
  switch (TYPEOF(to)) {
  case LGLSXP:
    LOGICAL(to)[i] = NA_LOGICAL;
    break;
  case INTSXP:
    INTEGER(to)[i] = NA_INTEGER;
    break;
  case REALSXP:
    if (rdc_marshal_is_integer64(to))
      memcpy(REAL(to) + i, &none, sizeof none);
    else
      REAL(to)[i] = NA_REAL;
    break;
  case CPLXSXP:
    COMPLEX(to)[i].r = COMPLEX(to)[i].i = NA_REAL;
    break;
  case STRSXP:
    SET_STRING_ELT(to, (R_xlen_t)i, NA_STRING);
    break;
  default:
    break;
  }
}

/* The same for rows from a to b, which are not met one by one: nobody can foretell such branches. */
static void set_all_missing(const map *m, SEXP to, size_t a, size_t b)
{
  const unsigned char *skip = m->in.skip, *at = skip ? memchr(skip + a, 1, b - a) : NULL;
  for (; at; at = memchr(at + 1, 1, (size_t)(skip + b - at - 1)))
    set_missing(to, (size_t)(at - skip));
}

/* Takes the results of rows from a to b, which follow each other at ret. */
typedef void (*map_take)(map *m, size_t a, size_t b, const char *ret, SEXP to);

/* Makes the calls for rows from a to b, block by block; to is the vector of results, or R_NilValue. */
static void call_blocks(map *m, size_t a, size_t b, char *ret, map_take take, SEXP to)
{
  size_t size = m->plan->abi.ret->size;
  for (size_t end; a < b; a = end) {
    end = b - a < m->block ? b : a + m->block;
    char *at = m->room < m->n ? ret : ret + a * size;
    call_rows(m, a, end, at);
    if (take)
      take(m, a, end, at, to);
    set_all_missing(m, to, a, end);
  }
}

/* Makes all calls. Results are at ret, where there is room for those of all rows or of one block; take, if not
   NULL, gets those of one block at a time. Looks for interrupts several times a second. */
static void call_all(map *m, char *ret, map_take take, SEXP to)
{
  size_t most = m->threads > 1 ? m->block : 65536, some = m->threads;
  double told = rdc_os_now(), from = told;
  for (size_t a = 0, b; a < m->n; a = b) {
    b = m->n - a < some ? m->n : a + some;
    call_blocks(m, a, b, ret, take, to);
    R_CheckUserInterrupt();
    double now = rdc_os_now();
    if (now - from > 0.1 && some > 1)
      some /= 2;
    else if (now - from < 0.05 && some < most)
      some = some * 2 < most ? some * 2 : most;
    from = now;
    if (m->progress != R_NilValue && (b == m->n || now - told > 0.2)) {
      tell(m, b);
      told = from = rdc_os_now();
    }
  }
}

/* ---- results ---- */

static SEXP take_one(const map *m, const void *ret)
{
  rdc_view view = {m->site.scope, NULL, m->site.integer64, 0, 0};
  return m->site.result
             ? rdc_result_get(m->plan->ret, (void *)(uintptr_t)ret, m->site.result, &view)
             : rdc_get_bare(m->plan->ret, m->plan->abi.ret, ret, &view);
}

static void take_strings(map *m, size_t a, size_t b, const char *ret, SEXP to)
{
  for (size_t i = a; i < b; i++, ret += m->plan->abi.ret->size) {
    if (rdc_columns_skips(&m->in, i))
      continue;
    SEXP value = take_one(m, ret);
    SET_STRING_ELT(to, (R_xlen_t)i, value == R_NilValue ? NA_STRING : STRING_ELT(value, 0));
  }
}

static void take_objects(map *m, size_t a, size_t b, const char *ret, SEXP to)
{
  for (size_t i = a; i < b; i++, ret += m->plan->abi.ret->size)
    if (!rdc_columns_skips(&m->in, i))
      SET_VECTOR_ELT(to, (R_xlen_t)i, take_one(m, ret));
}

static rdc_view number_view(const map *m)
{
  return (rdc_view){m->site.scope, NULL, m->site.integer64, 0, 1};
}

/* Numbers of a few rows, while they are in the processor's cache. */
static void take_numbers(map *m, size_t a, size_t b, const char *ret, SEXP to)
{
  const rdc_type *bare = m->plan->abi.ret;
  rdc_view view = number_view(m);
  rdc_get_numbers(bare, ret, bare->size, (R_xlen_t)(b - a), &view, to, (R_xlen_t)a);
  m->lossy |= view.lossy;
}

/* Integers, which are where they belong already. */
static void take_ints(map *m, size_t a, size_t b, const char *ret, SEXP to)
{
  (void)ret;
  for (size_t i = rdc_missing_next(to, a, b); i < b && !m->odd; i = rdc_missing_next(to, i + 1, b))
    m->odd = !rdc_columns_skips(&m->in, i);
}

static int is_text(const rdc_type *bare)
{
  return bare->kind == RDC_STRING || (bare->kind == RDC_POINTER && (bare->base->kind == RDC_CHAR ||
                                                                    bare->base->kind == RDC_UCHAR));
}

static SEXP run_records(map *m)
{
  const rdc_type *bare = m->plan->abi.ret;
  SEXP bytes = PROTECT(Rf_allocVector(RAWSXP, (R_xlen_t)(m->n * bare->size)));
  memset(RAW(bytes), 0, m->n * bare->size);
  call_all(m, (char *)RAW(bytes), NULL, R_NilValue);
  rdc_array_tag(bytes, (SEXP)bare->owner, m->n);
  UNPROTECT(1);
  return bytes;
}

/* Room for the results of a block, zero at first. */
static char *room_for(map *m)
{
  size_t size = m->plan->abi.ret->size;
  m->room = m->block < m->n ? m->block : m->n;
  char *ret = R_alloc(m->room + 1, (int)(size ? size : 1));
  memset(ret, 0, m->room * size);
  return ret;
}

static SEXP run_numbers(map *m)
{
  const rdc_type *bare = m->plan->abi.ret;
  rdc_view view = number_view(m);
  char *ret = room_for(m);
  SEXP none = PROTECT(rdc_get_many(NULL, bare, ret, bare->size, 0, &view));
  SEXP made = PROTECT(Rf_allocVector(TYPEOF(none), (R_xlen_t)m->n));
  Rf_copyMostAttrib(none, made);
  call_all(m, ret, take_numbers, made);
  UNPROTECT(2);
  return made;
}

static SEXP run_objects(map *m, SEXPTYPE type, map_take take)
{
  if (type == STRSXP && m->threads == 1)
    m->block = 1; /* C may use the memory again for the next text */
  SEXP made = PROTECT(Rf_allocVector(type, (R_xlen_t)m->n));
  call_all(m, room_for(m), take, made);
  UNPROTECT(1);
  return made;
}

/* The results as doubles: one of them is the int that is NA to R. */
static SEXP as_doubles(const map *m, SEXP made)
{
  SEXP wide = Rf_allocVector(REALSXP, (R_xlen_t)m->n);
  for (size_t i = 0; i < m->n; i++)
    REAL(wide)[i] = rdc_columns_skips(&m->in, i) ? NA_REAL : INTEGER_RO(made)[i];
  return wide;
}

/* What the converters of the results make of them; rows that were skipped are NA, or NULL, for them. */
static SEXP converted(const map *m, SEXP made)
{
  rdc_status status;
  rdc_status_clear(&status);
  if (rdc_convert_from_many(m->plan->converted, made, (R_xlen_t)m->n, &made, &status)) {
    rdc_status_place(&status, "results of %s", m->site.name ? m->site.name : "the function");
    rdc_raise(&status, NULL);
  }
  return made;
}

static SEXP run(map *m)
{
  const rdc_type *type = m->plan->ret, *bare = m->plan->abi.ret;
  const rdc_type *declared = rdc_type_enum(type);
  int is_record = bare->kind == RDC_STRUCT || bare->kind == RDC_UNION;
  int is_object =
      is_record || bare->kind == RDC_POINTER || bare->kind == RDC_SEXP || rdc_type_is_exact(type);
  SEXP made;
  if (bare->kind == RDC_VOID) {
    char nothing[RDC_ALIGNMENT];
    call_all(m, nothing, NULL, R_NilValue);
    return R_NilValue;
  }
  if (bare->kind == RDC_DOUBLE) {
    made = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)m->n));
    call_all(m, (char *)REAL(made), NULL, made);
  } else if (type->kind == RDC_INT) {
    made = PROTECT(Rf_allocVector(INTSXP, (R_xlen_t)m->n));
    call_all(m, (char *)INTEGER(made), take_ints, made);
    made = m->odd ? as_doubles(m, made) : made;
    UNPROTECT(1);
    PROTECT(made);
  } else if (is_record && bare->owner && !m->plan->converted) {
    made = PROTECT(run_records(m));
  } else if (is_text(bare)) {
    made = PROTECT(run_objects(m, STRSXP, take_strings));
  } else if (is_object) {
    made = PROTECT(run_objects(m, VECSXP, take_objects));
  } else {
    made = PROTECT(run_numbers(m));
  }
  if (declared && !m->site.integer64)
    rdc_get_labels(declared, made);
  if (m->lossy && !*m->site.warned) {
    *m->site.warned = 1;
    rdc_marshal_warn_lossy();
  }
  if (m->plan->converted)
    made = converted(m, made);
  UNPROTECT(1);
  return made;
}

/* ---- threads ---- */

RDC_NORETURN static void refuse_threads(const map *m, const char *want, const char *got)
{
  rdc_status status;
  rdc_status_clear(&status);
  rdc_fail(&status, RDC_ARG_TYPE, want, got);
  rdc_status_place(&status, "argument 'threads' for %s",
                   m->site.name ? m->site.name : "an address");
  rdc_raise(&status, NULL);
}

/* Whether values of a type may lead to R code. */
static int leads_to_r(const rdc_type *type)
{
  const rdc_type *bare = rdc_type_strip(type);
  if (bare->kind == RDC_SEXP)
    return 1;
  if (bare->kind == RDC_POINTER)
    return rdc_type_strip(bare->base)->kind == RDC_FUNCTION;
  if (bare->kind == RDC_ARRAY)
    return leads_to_r(bare->base);
  for (size_t i = 0; (bare->kind == RDC_STRUCT || bare->kind == RDC_UNION) && i < bare->count; i++)
    if (leads_to_r(bare->fields[i].type))
      return 1;
  return 0;
}

static int has_callback(SEXP value)
{
  for (R_xlen_t i = 0; TYPEOF(value) == VECSXP && i < XLENGTH(value); i++)
    if (has_callback(VECTOR_ELT(value, i)))
      return 1;
  return TYPEOF(value) == EXTPTRSXP && rdc_pointer_kind_of(value) == RDC_POINTER_CALLBACK;
}

/* R's code runs on R's thread alone, and text lasts until the next call only, unless a rule says more. */
static void need_safe(const map *m, SEXP values)
{
  const rdc_plan *plan = m->plan;
  char text[160];
  if (!m->site.is_safe)
    refuse_threads(m, "1, or a function that is declared @threadsafe", "one that is not");
  for (size_t k = 0; k <= plan->nargs; k++) {
    const rdc_type *type = k < plan->nargs ? plan->args[k] : plan->ret;
    if (leads_to_r(type)) {
      rdc_type_text(type, text, sizeof text);
      refuse_threads(m, "1 where R code may be called", text);
    }
  }
  for (size_t k = 0; k < plan->nargs; k++)
    if (has_callback(VECTOR_ELT(values, (R_xlen_t)k)))
      refuse_threads(m, "1 where R code may be called", "a callback");
  if (is_text(plan->abi.ret) && !m->site.result)
    refuse_threads(m, "1 where text is returned that the function keeps", "no @free");
}

static void need_check(const map *m)
{
  rdc_status status;
  char text[160];
  if (rdc_rows_can_check(m->plan->abi.ret, m->check))
    return;
  rdc_type_text(m->plan->ret, text, sizeof text);
  rdc_status_clear(&status);
  rdc_fail(&status, RDC_ARG_TYPE, "a way to see from the result that a call failed", text);
  rdc_status_place(&status, "argument 'check'");
  rdc_raise(&status, NULL);
}

/* Rules look at one call with all its values; in columns there is no such thing. */
static void need_plain(SEXP f)
{
  rdc_status status;
  rdc_bound_about about;
  rdc_bound_tell(f, &about);
  if (about.rules == R_NilValue)
    return;
  rdc_status_clear(&status);
  rdc_fail(&status, RDC_ARG_TYPE, "a function without declared rules, which 'check' may stand for",
           about.name);
  rdc_status_place(&status, "argument 'f'");
  rdc_raise(&status, NULL);
}

/* f is the handle of a bound function, or the address of a function with a signature; args a list;
   missing a number of the enumeration, check a name; progress a function or NULL. Called by .External2. */
SEXP rdc_r_map_run(SEXP call, SEXP op, SEXP args, SEXP env)
{
  int warned = 0;
  map m;
  (void)call;
  (void)op;
  (void)env;
  args = CDR(args);
  SEXP f = CAR(args), signature = CADR(args), values = CADDR(args), plan = R_NilValue;
  args = CDR(CDDR(args));
  memset(&m, 0, sizeof m);
  m.in.na = (rdc_columns_na)INTEGER(CAR(args))[0];
  m.check = rdc_rows_check_named(R_CHAR(STRING_ELT(CADR(args), 0)));
  m.progress = CADDR(args);
  m.threads = (unsigned)INTEGER(CADDDR(args))[0];
  if (signature == R_NilValue) {
    need_plain(f);
    m.code = rdc_os_code(rdc_bound_open(f, &m.plan, &m.site));
  } else {
    m.site.params = m.site.scope = R_NilValue;
    m.site.text = rdc_call_need_signature(signature);
    m.site.warned = &warned;
    m.code = rdc_os_code(rdc_call_need_code(f));
    plan = rdc_cache_plan(m.site.text, RDC_MODE_DEFAULT, R_NilValue);
    m.plan = rdc_cache_plan_of(plan);
    m.site.integer64 = rdc_marshal_option_integer64(m.plan->ret);
  }
  PROTECT(plan);
  rdc_call_need_arity(m.plan, &m.site, (size_t)XLENGTH(values));
  need_check(&m);
  if (m.threads > 1)
    need_safe(&m, values);
  if ((m.plan->abi.ret->kind == RDC_STRUCT || m.plan->abi.ret->kind == RDC_UNION) &&
      m.in.na == RDC_NA_PROPAGATE)
    m.in.na = RDC_NA_ERROR; /* there is no such NA */
  m.block = m.threads > 1 ? 262144 : BLOCK;
  m.in.plan = m.plan;
  m.in.site = &m.site;
  m.in.threads = m.threads;
  m.in.block = m.block;
  m.in.hold = PROTECT(Rf_allocVector(VECSXP, XLENGTH(values)));
  rdc_keep_init(&m.in.keep, m.site.scope, NULL);
  m.in.keep.references = RDC_R_EXTERNAL; /* of the list of arguments */
  rdc_columns_make(&m.in, values);
  m.n = m.room = m.in.n;
  SEXP result = run(&m);
  UNPROTECT(3);
  return result;
}
