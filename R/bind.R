# Batches of bound functions from a library signature.

dynbind <- function(libnames, signature, envir = parent.frame(), callmode = "default",
                    pat = NULL, replace = NULL, funcptr = FALSE) {
  check_env(envir, "envir")
  check_flag(funcptr, "funcptr")
  library <- if (is_library(libnames)) libnames else need_library(check_strings(libnames, "libnames"))
  entries <- .Call(C_call_entries, paste(check_strings(signature, "signature"), collapse = ""))
  names <- entries$name
  if (!is.null(pat)) {
    names <- sub(check_string(pat, "pat"), check_string(replace, "replace"), names)
  }
  found <- .Call(C_library_has, library, entries$name)
  for (i in which(found)) {
    handle <- new_call(library, entries$name[i], entries$signature[i], callmode, envir,
                       entries$params[[i]], funcptr)
    assign(names[i], new_bound(handle, entries$signature[i], entries$params[[i]],
                               entries$variadic[i]), envir = envir)
  }
  missing <- entries$name[!found]
  if (length(missing)) {
    warning(new_warning("symbol", paste0(library_label(library), " does not have ",
                                         paste0("'", missing, "'", collapse = ", ")),
                        sys.call(), symbols = missing))
  }
  invisible(structure(class = "dynbind.report",
                      list(libhandle = library, unresolved.symbols = missing)))
}

print.dynbind.report <- function(x, ...) {
  cat("library: ", library_label(x$libhandle), "\n", sep = "")
  if (length(x$unresolved.symbols)) {
    cat("unresolved symbols: ", paste(x$unresolved.symbols, collapse = ", "), "\n", sep = "")
  } else {
    cat("all symbols found\n")
  }
  invisible(x)
}
