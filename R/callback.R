# R functions as C function pointers.

new.callback <- function(signature, fun, envir = new.env(), name = NULL, owner = NULL, deref = FALSE) {
  if (!is.null(name)) check_string(name, "name")
  .Call(C_callback_new, signature, fun, envir, parent.frame(), name, owner, check_flag(deref, "deref"))
}

# Callbacks by name. Those that have been released in the meantime are dropped at the next use.
named_callbacks <- new.env()

dyncallback <- function(name, signature = NULL, fun = NULL, envir = new.env()) {
  check_string(name, "name")
  for (one in ls(named_callbacks, all.names = TRUE)) {
    if (!.Call(C_callback_describe, named_callbacks[[one]])$live) rm(list = one, envir = named_callbacks)
  }
  known <- named_callbacks[[name]]
  if (is.null(fun)) {
    if (!is.null(known)) return(known)
    abort("callback", paste0("expected the name of a live callback, got '", name, "'"), name = name)
  }
  if (is.null(known)) {
    if (is.null(signature)) abort_argument("signature", "the signature of a new callback", signature)
    made <- .Call(C_callback_new, signature, fun, envir, parent.frame(), name, NULL, FALSE)
    assign(name, made, envir = named_callbacks)
    return(made)
  }
  have <- .Call(C_callback_describe, known)$signature
  if (!is.null(signature) && !identical(signature, have)) {
    abort_argument("signature", paste0("that of the callback '", name, "', \"", have, "\""), signature)
  }
  .Call(C_callback_replace, known, fun, envir)
}

print.callback <- function(x, ...) {
  about <- .Call(C_callback_describe, x)
  cat("<callback", if (!is.null(about$name)) paste0(" '", about$name, "'"), ": ",
      prototype(about$signature, "(*)", NULL), if (about$live) paste0(" at ", pointer_text(x)) else ", gone",
      ">\n", sep = "")
  print(about$`function`, ...)
  invisible(x)
}
