/* Registration, symbols, hooks. */
#include "entries.h"

#include <string.h>

#include "arguments.h"
#include "array.h"
#include "bound.h"
#include "cache.h"
#include "callback.h"
#include "constant.h"
#include "debug.h"
#include "dynport.h"
#include "library.h"
#include "map.h"
#include "memory.h"
#include "os.h"
#include "params.h"
#include "struct.h"
#include "text.h"
#include "view.h"

rdc_r_symbols rdc_symbol;
rdc_r_hooks rdc_hook;

/* .onLoad hands over the closures of r.h by name. */
static SEXP rdc_r_init_hooks(SEXP hooks)
{
  SEXP names = Rf_getAttrib(hooks, R_NamesSymbol);
  for (R_xlen_t i = 0; i < XLENGTH(hooks); i++) {
    const char *name = R_CHAR(STRING_ELT(names, i));
#define X(member)                                                                                  \
  if (!strcmp(name, #member))                                                                      \
    rdc_hook.member = VECTOR_ELT(hooks, i);
    RDC_HOOKS(X)
#undef X
  }
  R_PreserveObject(hooks);
  return R_NilValue;
}

#define CALL(entry, count)                                                                         \
  call_entries[calls].name = #entry;                                                               \
  call_entries[calls].fun = (DL_FUNC)(rdc_code_pointer)rdc_r_##entry;                              \
  call_entries[calls++].numArgs = count;
#define EXTERNAL(entry, count)                                                                     \
  external_entries[externals].name = #entry;                                                       \
  external_entries[externals].fun = (DL_FUNC)(rdc_code_pointer)rdc_r_##entry;                      \
  external_entries[externals++].numArgs = count;

RDC_EXPORT void R_init_rdyncall(DllInfo *dll);

void R_init_rdyncall(DllInfo *dll)
{
  enum {
    MOST = 0
#define X(name, interface, n) +1
    RDC_ENTRIES(X)
#undef X
  };
  static R_CallMethodDef call_entries[MOST + 1];
  static R_ExternalMethodDef external_entries[MOST + 1];
  int calls = 0, externals = 0;
#define X(name, interface, n) interface(name, n)
  RDC_ENTRIES(X)
#undef X
  R_registerRoutines(dll, NULL, call_entries, NULL, external_entries);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
#define X(member, text) rdc_symbol.member = Rf_install(text);
  RDC_SYMBOLS(X)
#undef X
  rdc_os_main_thread_set();
  rdc_r_init();
  rdc_pointer_init();
  rdc_keep_setup();
  rdc_cache_init();
  rdc_call_init();
  rdc_bound_init();
  rdc_constant_init(dll, call_entries, external_entries);
  rdc_callback_init();
  rdc_view_init(dll);
}
