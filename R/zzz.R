# The functions that C calls, by the names of RDC_HOOKS in src/r.h.
hooks <- list(raise = raise_condition, warn = warn_condition, resolve = resolve_types,
              typeinfo = find_handle, locate = locate, assigning = assigning, callable = callable,
              frame = dyncall_frame, origin = origin, release = release, trace = trace_call,
              ask = ask_getter, complete = port_handle)

.onLoad <- function(libname, pkgname) {
  .Call(C_init_hooks, hooks)
  installed$ports <- file.path(libname, pkgname, "dynports")
  if (isTRUE(getOption("rdyncall.debug"))) dyndebug(TRUE)
  if (isTRUE(getOption("rdyncall.trace"))) dyntrace(TRUE)
}

.onUnload <- function(libpath) {
  library.dynam.unload("rdyncall", libpath)
}
