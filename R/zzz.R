.onLoad <- function(libname, pkgname) {
  .Call(C_init_hooks, list(raise = raise_condition, warn = warn_condition,
                           resolve = resolve_types, typeinfo = find_handle,
                           unshare = unshare, callable = callable, frame = user_frame))
}

.onUnload <- function(libpath) {
  library.dynam.unload("rdyncall", libpath)
}
