# R functions as C function pointers.

new.callback <- function(signature, fun, envir = new.env())
  .Call(C_callback_new, signature, fun, envir, parent.frame())
