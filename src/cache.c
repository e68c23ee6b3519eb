/* Plans by signature. */
#include "cache.h"

#include <string.h>

#include "arguments.h"
#include "condition.h"
#include "typeinfo.h"

enum { PLAN_TEXT, PLAN_MODE, PLAN_HANDLES, PLAN_NAMES, PLAN_SYMBOLS, PLAN_WARNED, PLAN_COUNT };

/* Open addressing over the addresses of string objects, which R keeps unique; the list keeps keys
   and plans alive. */
typedef struct cache_slot {
  SEXP key;  /* string object, NULL when free */
  int mode;  /* call mode */
  int named; /* whether what the plan means depends on names */
  SEXP plan; /* plan object */
} cache_slot;

enum { CACHE_SLOTS = 2048, CACHE_MOST = 1024 };
static cache_slot cache[CACHE_SLOTS];
static size_t cache_count;
static SEXP cache_keep;

static cache_slot *cache_find(SEXP key, int mode)
{
  size_t i = ((uintptr_t)key >> 4 ^ (uintptr_t)key >> 16 ^ (uintptr_t)mode) & (CACHE_SLOTS - 1);
  while (cache[i].key && (cache[i].key != key || cache[i].mode != mode))
    i = (i + 1) & (CACHE_SLOTS - 1);
  return &cache[i];
}

void rdc_cache_clear(void)
{
  memset(cache, 0, sizeof cache);
  cache_count = 0;
  SETCDR(cache_keep, R_NilValue);
}

static void cache_add(SEXP key, int mode, SEXP plan)
{
  if (cache_count == CACHE_MOST)
    rdc_cache_clear();
  cache_slot *slot = cache_find(key, mode);
  SETCDR(cache_keep, Rf_cons(plan, CDR(cache_keep)));
  cache_count++;   /* also for a replaced plan, which the list still holds */
  slot->key = key; /* held by the plan's text */
  slot->mode = mode;
  slot->plan = plan;
  slot->named = VECTOR_ELT(R_ExternalPtrProtected(plan), PLAN_NAMES) != R_NilValue;
}

static void plan_finalize(SEXP object)
{
  rdc_plan *plan = R_ExternalPtrAddr(object);
  R_ClearExternalPtr(object);
  rdc_plan_drop(plan);
}

static SEXP plan_compile(SEXP text, rdc_mode mode, SEXP names, SEXP handles)
{
  rdc_typeinfo_scope scope;
  rdc_status status;
  rdc_plan *plan;
  rdc_typeinfo_scope_init(&scope, handles);
  SEXP hold = PROTECT(Rf_allocVector(VECSXP, PLAN_COUNT));
  SEXP object = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.plan, hold));
  SET_VECTOR_ELT(hold, PLAN_TEXT, Rf_ScalarString(text));
  SET_VECTOR_ELT(hold, PLAN_MODE, Rf_ScalarInteger(mode));
  SET_VECTOR_ELT(hold, PLAN_HANDLES, handles);
  SET_VECTOR_ELT(hold, PLAN_NAMES, names);
  if (names != R_NilValue)
    SET_VECTOR_ELT(hold, PLAN_SYMBOLS, rdc_r_symbols_of(names));
  R_RegisterCFinalizerEx(object, plan_finalize, FALSE);
  rdc_status_clear(&status);
  if (rdc_plan_new(R_CHAR(text), (size_t)LENGTH(text), mode, &scope.scope, &plan, &status))
    rdc_raise(&status, R_CHAR(text));
  R_SetExternalPtrAddr(object, plan);
  UNPROTECT(2);
  return object;
}

static int same_handles(SEXP a, SEXP b)
{
  if (TYPEOF(a) != VECSXP || TYPEOF(b) != VECSXP || XLENGTH(a) != XLENGTH(b))
    return 0;
  for (R_xlen_t i = 0; i < XLENGTH(a); i++)
    if (VECTOR_ELT(a, i) != VECTOR_ELT(b, i))
      return 0;
  return 1;
}

/* Whether the names of a plan mean in an environment what they meant when it was made. */
static int same_names(SEXP hold, SEXP env)
{
  return rdc_typeinfo_are(VECTOR_ELT(hold, PLAN_SYMBOLS), VECTOR_ELT(hold, PLAN_HANDLES), env);
}

SEXP rdc_cache_plan_for(SEXP text, rdc_mode mode, SEXP frame)
{
  cache_slot *slot = cache_find(text, mode);
  if (slot->key) {
    if (RDC_LIKELY(!slot->named))
      return slot->plan;
    SEXP hold = R_ExternalPtrProtected(slot->plan);
    SEXP plan = PROTECT(slot->plan), env = PROTECT(rdc_arguments_user(frame));
    int same = env != R_NilValue && same_names(hold, env);
    UNPROTECT(2);
    if (same)
      return plan;
  }
  return rdc_cache_plan(text, mode, R_NilValue);
}

SEXP rdc_cache_plan(SEXP text, rdc_mode mode, SEXP env)
{
  cache_slot *slot = cache_find(text, mode);
  if (RDC_LIKELY(slot->key != NULL)) {
    SEXP hold = R_ExternalPtrProtected(slot->plan), names = VECTOR_ELT(hold, PLAN_NAMES);
    if (!slot->named)
      return slot->plan;
    /* what a name means depends on the environment and may change between calls */
    SEXP plan = PROTECT(slot->plan);
    if (TYPEOF(env) == ENVSXP && same_names(hold, env)) {
      UNPROTECT(1);
      return plan;
    }
    SEXP handles = PROTECT(rdc_typeinfo_resolve(names, env));
    if (!same_handles(handles, VECTOR_ELT(hold, PLAN_HANDLES))) {
      plan = PROTECT(plan_compile(text, mode, names, handles));
      cache_add(text, mode, plan);
      UNPROTECT(1);
    }
    UNPROTECT(2);
    return plan;
  }
  SEXP string = PROTECT(Rf_ScalarString(text)), kind = PROTECT(Rf_mkString("call"));
  SEXP names = PROTECT(rdc_typeinfo_open_names(string, kind));
  SEXP handles = PROTECT(rdc_typeinfo_resolve(names, env));
  SEXP plan = PROTECT(plan_compile(text, mode, names, handles));
  cache_add(text, mode, plan);
  UNPROTECT(5);
  return plan;
}

int rdc_cache_warned(SEXP plan, const void *code, int note)
{
  SEXP hold = R_ExternalPtrProtected(plan);
  SEXP warned = VECTOR_ELT(hold, PLAN_WARNED); /* the addresses, as raw bytes */
  R_xlen_t n = warned == R_NilValue ? 0 : XLENGTH(warned);
  for (R_xlen_t i = 0; i < n; i += (R_xlen_t)sizeof code)
    if (!memcmp(RAW(warned) + i, &code, sizeof code))
      return 1;
  if (note) {
    SEXP longer = PROTECT(Rf_allocVector(RAWSXP, n + (R_xlen_t)sizeof code));
    if (n)
      memcpy(RAW(longer), RAW(warned), (size_t)n);
    memcpy(RAW(longer) + n, &code, sizeof code);
    SET_VECTOR_ELT(hold, PLAN_WARNED, longer);
    UNPROTECT(1);
  }
  return 0;
}

void rdc_cache_init(void)
{
  cache_keep = Rf_cons(R_NilValue, R_NilValue);
  R_PreserveObject(cache_keep);
}
