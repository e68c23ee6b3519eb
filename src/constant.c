/* R calls C fastest when the native symbol is a constant in the body of a function: a variable has to be
   looked up in each call. And when it is just an address: of a registered routine R copies the name first.
   But an address is lost in a file. A constant protects a list: what the routine of one function needs, or
   NULL, and an object of a class whose members R tells when they are read from a file; it sets the address
   again, if that routine has as many arguments. */
#include "constant.h"

#include <stdio.h>
#include <string.h>

static R_altrep_class_t reviver_class;
static const R_CallMethodDef *constant_calls;
static const R_ExternalMethodDef *constant_externals;
static SEXP constant_list; /* preserved */

static SEXP reviver_new(SEXP symbol, SEXP text)
{
  return R_new_altrep(reviver_class, symbol, text);
}

static R_xlen_t reviver_length(SEXP x)
{
  (void)x;
  return 1;
}

static SEXP reviver_elt(SEXP x, R_xlen_t i) { return STRING_ELT(R_altrep_data2(x), i); }

/* For formats of files that know no such objects: the constant stays without an address there. */
static void *reviver_bytes(SEXP x, Rboolean writable)
{
  (void)writable;
  return (void *)(uintptr_t)STRING_PTR_RO(R_altrep_data2(x));
}

static SEXP reviver_state(SEXP x)
{
  SEXP state = Rf_allocVector(VECSXP, 2);
  SET_VECTOR_ELT(state, 0, R_altrep_data1(x));
  SET_VECTOR_ELT(state, 1, R_altrep_data2(x));
  return state;
}

/* A constant that holds data. */
static SEXP constant_new(DL_FUNC fun, SEXP text, SEXP data)
{
  SEXP symbol = PROTECT(R_MakeExternalPtrFn(fun, rdc_symbol.native, R_NilValue));
  SEXP reviver = PROTECT(reviver_new(symbol, text));
  R_SetExternalPtrProtected(symbol, Rf_list2(data, reviver));
  UNPROTECT(2);
  return symbol;
}

static SEXP constant_text(SEXP symbol) { return R_altrep_data2(CADR(R_ExternalPtrProtected(symbol))); }

/* The constant with a text, or NULL. */
static SEXP find_constant(SEXP text)
{
  for (R_xlen_t i = 0; constant_list && i < XLENGTH(constant_list); i++) {
    if (STRING_ELT(constant_text(VECTOR_ELT(constant_list, i)), 0) == STRING_ELT(text, 0))
      return VECTOR_ELT(constant_list, i);
  }
  return NULL;
}

static SEXP reviver_unserialize(SEXP class, SEXP state)
{
  (void)class;
  if (TYPEOF(state) == VECSXP && XLENGTH(state) == 2 && TYPEOF(VECTOR_ELT(state, 0)) == EXTPTRSXP &&
      rdc_r_is_string(VECTOR_ELT(state, 1))) {
    SEXP symbol = VECTOR_ELT(state, 0), text = VECTOR_ELT(state, 1), own = find_constant(text);
    if (own) {
      R_SetExternalPtrAddr(symbol, R_ExternalPtrAddr(own));
      return reviver_new(symbol, text);
    }
  }
  return Rf_mkString(""); /* of another version of the package: R refuses to call it */
}

/* Constants of entry points, in a list from a place on, with their names. What files have of them is the
   name, and how many arguments the routine takes. */
static R_xlen_t make_all(const R_CallMethodDef *entry, SEXP made, SEXP names, R_xlen_t at)
{
  char text[64];
  for (; entry->name; entry++, at++) {
    snprintf(text, sizeof text, "%s/%d", entry->name, entry->numArgs);
    SEXP string = PROTECT(Rf_mkString(text));
    SET_VECTOR_ELT(made, at, constant_new(entry->fun, string, R_NilValue));
    snprintf(text, sizeof text, "C_%s", entry->name);
    SET_STRING_ELT(names, at, Rf_mkChar(text));
    UNPROTECT(1);
  }
  return at;
}

static R_xlen_t count_entries(const R_CallMethodDef *entry)
{
  R_xlen_t n = 0;
  while (entry[n].name)
    n++;
  return n;
}

/* The constants of all entry points. */
SEXP rdc_r_constant_all(void)
{
  R_xlen_t n = count_entries(constant_calls) + count_entries(constant_externals);
  SEXP made = PROTECT(Rf_allocVector(VECSXP, n)), names = PROTECT(Rf_allocVector(STRSXP, n));
  make_all(constant_externals, made, names, make_all(constant_calls, made, names, 0));
  Rf_setAttrib(made, R_NamesSymbol, names);
  R_PreserveObject(constant_list = made);
  UNPROTECT(2);
  return made;
}

/* A constant for one function. */
SEXP rdc_r_constant_with(SEXP symbol, SEXP data)
{
  return constant_new(R_ExternalPtrAddrFn(symbol), constant_text(symbol), data);
}

void rdc_constant_init(DllInfo *dll, const R_CallMethodDef *calls, const R_ExternalMethodDef *externals)
{
  constant_calls = calls;
  constant_externals = externals;
  reviver_class = R_make_altstring_class("entry", "rdyncall", dll);
  R_set_altrep_Length_method(reviver_class, reviver_length);
  R_set_altvec_Dataptr_method(reviver_class, reviver_bytes);
  R_set_altrep_Serialized_state_method(reviver_class, reviver_state);
  R_set_altrep_Unserialize_method(reviver_class, reviver_unserialize);
  R_set_altstring_Elt_method(reviver_class, reviver_elt);
}
