/* Loading, closing and searching libraries. */
#include "library.h"

#include "os.h"

#include <string.h>

/* What the protected slot of a library holds. The cell is an external pointer with the same address:
   symbols that must not keep the library alive look there. */
enum { HOLD_CELL, HOLD_NAME, HOLD_UNLOAD, HOLD_CLOSED, HOLD_COUNT };

static int library_open_count; /* handles opened and not closed, for leak checks */

static void library_shut(SEXP library)
{
  void *handle = R_ExternalPtrAddr(library);
  SEXP hold = R_ExternalPtrProtected(library);
  if (!handle)
    return;
  R_ClearExternalPtr(library);
  R_ClearExternalPtr(VECTOR_ELT(hold, HOLD_CELL));
  rdc_os_close(handle);
  library_open_count--;
}

static void library_finalize(SEXP library)
{
  SEXP hold = R_ExternalPtrProtected(library);
  if (TYPEOF(hold) == VECSXP && LOGICAL(VECTOR_ELT(hold, HOLD_UNLOAD))[0])
    library_shut(library);
}

static void library_set(SEXP library, void *handle)
{
  R_SetExternalPtrAddr(library, handle);
  R_SetExternalPtrAddr(VECTOR_ELT(R_ExternalPtrProtected(library), HOLD_CELL), handle);
  library_open_count++;
}

rdc_code rdc_library_handle(SEXP library, void **handle, rdc_status *status)
{
  char got[256], why[512];
  rdc_pointer_kind kind =
      TYPEOF(library) == EXTPTRSXP ? rdc_pointer_kind_of(library) : RDC_POINTER_DATA;
  if (kind == RDC_POINTER_R_DLL && R_ExternalPtrTag(library) == rdc_symbol.dll_handle &&
      R_ExternalPtrAddr(library)) {
    *handle = R_ExternalPtrAddr(library);
    return RDC_OK;
  }
  if (kind != RDC_POINTER_LIBRARY) {
    rdc_describe(library, got, sizeof got);
    return rdc_fail(status, RDC_POINTER_KIND, "a library", got);
  }
  *handle = R_ExternalPtrAddr(library);
  if (*handle)
    return RDC_OK;
  SEXP hold = R_ExternalPtrProtected(library);
  const char *name = R_CHAR(STRING_ELT(VECTOR_ELT(hold, HOLD_NAME), 0));
  if (LOGICAL(VECTOR_ELT(hold, HOLD_CLOSED))[0])
    return rdc_fail(status, RDC_LIBRARY_CLOSED, name);
  *handle = rdc_os_open(name, why, sizeof why);
  if (!*handle)
    return rdc_fail(status, RDC_LIBRARY_OPEN, why);
  library_set(library, *handle);
  R_RegisterCFinalizerEx(library, library_finalize, FALSE);
  return RDC_OK;
}

rdc_code rdc_library_find(SEXP library, const char *name, void **address, rdc_status *status)
{
  void *handle;
  rdc_code code = rdc_library_handle(library, &handle, status);
  if (code)
    return code;
  *address = rdc_os_find(handle, name);
  if (*address)
    return RDC_OK;
  const char *path = "the library";
  if (rdc_pointer_kind_of(library) == RDC_POINTER_LIBRARY)
    path = R_CHAR(STRING_ELT(VECTOR_ELT(R_ExternalPtrProtected(library), HOLD_NAME), 0));
  return rdc_fail(status, RDC_SYMBOL_MISSING, path, name);
}

static const char *need_string(SEXP x, const char *what)
{
  char got[256];
  if (!rdc_r_is_string(x)) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, what, got);
  }
  return R_CHAR(rdc_r_utf8(STRING_ELT(x, 0)));
}

/* A library, or a string that says why it could not be loaded. */
SEXP rdc_r_library_open(SEXP name, SEXP unload)
{
  char why[512], path[4096];
  const char *text = need_string(name, "the name of a library");
  if (TYPEOF(unload) != LGLSXP || XLENGTH(unload) != 1 || LOGICAL(unload)[0] == NA_LOGICAL)
    rdc_raise_code(RDC_ARG_TYPE, "TRUE or FALSE for auto.unload", "something else");
  SEXP hold = PROTECT(Rf_allocVector(VECSXP, HOLD_COUNT));
  SET_VECTOR_ELT(hold, HOLD_CELL, R_MakeExternalPtr(NULL, rdc_symbol.cell, R_NilValue));
  SET_VECTOR_ELT(hold, HOLD_NAME, name);
  SET_VECTOR_ELT(hold, HOLD_UNLOAD, unload);
  SET_VECTOR_ELT(hold, HOLD_CLOSED, Rf_ScalarLogical(0));
  SEXP library = PROTECT(rdc_pointer_new(RDC_POINTER_LIBRARY, NULL, hold));
  R_RegisterCFinalizerEx(library, library_finalize, FALSE);
  void *handle = rdc_os_open(text, why, sizeof why);
  if (!handle) {
    UNPROTECT(2);
    return Rf_mkString(why);
  }
  library_set(library, handle);
  SEXP file = PROTECT(
      rdc_os_path(handle, path, sizeof path) ? name : Rf_ScalarString(Rf_mkCharCE(path, CE_UTF8)));
  Rf_setAttrib(library, Rf_install("path"), file);
  Rf_setAttrib(library, Rf_install("auto.unload"), unload);
  UNPROTECT(3);
  return library;
}

SEXP rdc_r_library_close(SEXP library)
{
  rdc_status status;
  void *handle;
  rdc_status_clear(&status);
  if (TYPEOF(library) != EXTPTRSXP || rdc_pointer_kind_of(library) != RDC_POINTER_LIBRARY) {
    char got[256];
    rdc_describe(library, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "a library", got);
  }
  if (rdc_library_handle(library, &handle, &status))
    rdc_raise(&status, NULL);
  SET_VECTOR_ELT(R_ExternalPtrProtected(library), HOLD_CLOSED, Rf_ScalarLogical(1));
  library_shut(library);
  return R_NilValue;
}

/* The address of a symbol, or NULL. */
SEXP rdc_r_library_find(SEXP library, SEXP name, SEXP protect)
{
  rdc_status status;
  void *address;
  const char *symbol = need_string(name, "the name of a symbol");
  rdc_status_clear(&status);
  rdc_code code = rdc_library_find(library, symbol, &address, &status);
  if (code == RDC_SYMBOL_MISSING)
    return R_NilValue;
  if (code)
    rdc_raise(&status, NULL);
  SEXP owner = library;
  if (!Rf_asLogical(protect) && rdc_pointer_kind_of(library) == RDC_POINTER_LIBRARY)
    owner = VECTOR_ELT(R_ExternalPtrProtected(library), HOLD_CELL);
  return rdc_pointer_new(RDC_POINTER_FUNCTION, address, owner);
}

SEXP rdc_r_library_has(SEXP library, SEXP names)
{
  rdc_status status;
  void *handle;
  rdc_status_clear(&status);
  if (rdc_library_handle(library, &handle, &status))
    rdc_raise(&status, NULL);
  R_xlen_t n = XLENGTH(names);
  SEXP has = PROTECT(Rf_allocVector(LGLSXP, n));
  for (R_xlen_t i = 0; i < n; i++)
    LOGICAL(has)[i] = rdc_os_find(handle, R_CHAR(STRING_ELT(names, i))) != NULL;
  UNPROTECT(1);
  return has;
}

typedef struct symbol_list {
  rdc_arena *arena;
  struct symbol_node {
    const char *name;
    struct symbol_node *next;
  } * first;
  R_xlen_t count;
} symbol_list;

static void symbol_visit(void *user, const char *name, int is_function)
{
  symbol_list *list = user;
  struct symbol_node *node = rdc_arena_alloc(list->arena, sizeof *node);
  (void)is_function;
  if (!node)
    return;
  node->name = name;
  node->next = list->first;
  list->first = node;
  list->count++;
}

/* The exported symbols in no order, or NULL where the object format cannot be read. */
SEXP rdc_r_library_symbols(SEXP library)
{
  rdc_status status;
  rdc_arena *arena;
  void *handle;
  rdc_status_clear(&status);
  if (rdc_library_handle(library, &handle, &status))
    rdc_raise(&status, NULL);
  SEXP owner = PROTECT(rdc_pointer_arena(&arena));
  symbol_list list = {arena, NULL, 0};
  if (rdc_os_symbols(handle, symbol_visit, &list)) {
    UNPROTECT(1);
    return R_NilValue;
  }
  if (arena->failed)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  SEXP names = PROTECT(Rf_allocVector(STRSXP, list.count));
  R_xlen_t i = list.count;
  for (struct symbol_node *node = list.first; node; node = node->next)
    SET_STRING_ELT(names, --i, Rf_mkChar(node->name));
  rdc_pointer_release(owner);
  UNPROTECT(2);
  return names;
}

SEXP rdc_r_library_path(SEXP library)
{
  rdc_status status;
  void *handle;
  char path[4096];
  rdc_status_clear(&status);
  if (rdc_library_handle(library, &handle, &status))
    rdc_raise(&status, NULL);
  if (rdc_os_path(handle, path, sizeof path))
    return Rf_ScalarString(NA_STRING);
  return Rf_ScalarString(Rf_mkCharCE(path, CE_UTF8));
}

SEXP rdc_r_library_count(void) { return Rf_ScalarInteger(library_open_count); }
