# Libraries and symbols.

.dynload <- function(libname, auto.unload = TRUE) {
  opened <- .Call(C_library_open, libname, auto.unload)
  if (is.character(opened)) NULL else opened
}

.dynunload <- function(libhandle) {
  invisible(.Call(C_library_close, libhandle))
}

.dynsym <- function(libhandle, symname, protect.lib = TRUE) {
  .Call(C_library_find, as_library(libhandle), symname, check_flag(protect.lib, "protect.lib"))
}

dynlist <- function(libhandle) {
  symbols <- .Call(C_library_symbols, as_library(libhandle))
  if (is.null(symbols)) NULL else sort(unique(symbols), method = "radix")
}

dynpath <- function(libhandle) .Call(C_library_path, as_library(libhandle))

# A library of this package, or the handle inside what dyn.load() returns.
as_library <- function(x) {
  if (inherits(x, "DLLInfo")) unclass(x)$handle else x
}

library_label <- function(library) {
  path <- attr(library, "path")
  if (is.null(path) || !nzchar(path)) "the program itself" else path
}
