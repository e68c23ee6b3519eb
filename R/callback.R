# R functions as C function pointers.

new.callback <- function(signature, fun, envir = new.env())
  .Call(C_callback_new, signature, fun, envir, parent.frame())

print.callback <- function(x, ...) {
  about <- .Call(C_callback_describe, x)
  cat("<callback: ", prototype(about$signature, "(*)", NULL), " at ", pointer_text(x), ">\n", sep = "")
  print(about$`function`, ...)
  invisible(x)
}
