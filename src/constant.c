/* R calls C fastest when the native symbol is a constant in the body of a function: a variable has to be
   looked up in each call. But the address in a symbol object is lost in a file. What a constant protects
   is an object of a class whose members R tells when they are read from a file; it sets the address
   again. */
#include "constant.h"

#include <string.h>

static R_altrep_class_t reviver_class;
static SEXP constant_natives; /* R's symbol objects by name, preserved */

static SEXP reviver_new(SEXP symbol, SEXP name)
{
  return R_new_altrep(reviver_class, symbol, name);
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

static SEXP native_named(SEXP name)
{
  SEXP names = Rf_getAttrib(constant_natives, R_NamesSymbol);
  for (R_xlen_t i = 0; i < XLENGTH(constant_natives); i++)
    if (!strcmp(R_CHAR(STRING_ELT(names, i)), R_CHAR(STRING_ELT(name, 0))))
      return VECTOR_ELT(constant_natives, i);
  return R_NilValue;
}

static SEXP reviver_unserialize(SEXP class, SEXP state)
{
  (void)class;
  if (TYPEOF(state) == VECSXP && XLENGTH(state) == 2 && TYPEOF(VECTOR_ELT(state, 0)) == EXTPTRSXP &&
      rdc_r_is_string(VECTOR_ELT(state, 1))) {
    SEXP symbol = VECTOR_ELT(state, 0), name = VECTOR_ELT(state, 1), native = native_named(name);
    if (native != R_NilValue) {
      R_SetExternalPtrAddr(symbol, R_ExternalPtrAddr(native));
      return reviver_new(symbol, name);
    }
  }
  return Rf_mkString(""); /* of another version of the package: R refuses to call it */
}

/* Constants for a named list of R's symbol objects. */
SEXP rdc_r_constant_new(SEXP natives)
{
  SEXP names = Rf_getAttrib(natives, R_NamesSymbol);
  SEXP made = PROTECT(Rf_allocVector(VECSXP, XLENGTH(natives)));
  R_PreserveObject(constant_natives = natives);
  for (R_xlen_t i = 0; i < XLENGTH(natives); i++) {
    SEXP native = VECTOR_ELT(natives, i), tag = R_ExternalPtrTag(native);
    SEXP symbol = R_MakeExternalPtr(R_ExternalPtrAddr(native), tag, R_NilValue);
    SET_VECTOR_ELT(made, i, symbol);
    SEXP name = PROTECT(Rf_ScalarString(STRING_ELT(names, i)));
    R_SetExternalPtrProtected(symbol, reviver_new(symbol, name));
    UNPROTECT(1);
  }
  Rf_setAttrib(made, R_NamesSymbol, names);
  UNPROTECT(1);
  return made;
}

void rdc_constant_init(DllInfo *dll)
{
  reviver_class = R_make_altstring_class("entry", "rdyncall", dll);
  R_set_altrep_Length_method(reviver_class, reviver_length);
  R_set_altvec_Dataptr_method(reviver_class, reviver_bytes);
  R_set_altrep_Serialized_state_method(reviver_class, reviver_state);
  R_set_altrep_Unserialize_method(reviver_class, reviver_unserialize);
  R_set_altstring_Elt_method(reviver_class, reviver_elt);
}
