# Arrays of C float, which R has no vector type for.

floatraw <- function(n) {
  if (!is.numeric(n) || length(n) != 1L || is.na(n) || n < 0 || n > 2^51) {
    abort_argument("n", "a number of elements", n)
  }
  structure(raw(4 * trunc(n)), class = "floatraw")
}

as.floatraw <- function(x) {
  if (inherits(x, "floatraw")) return(x)
  if (!is.numeric(x) && !is.logical(x)) abort_argument("x", "a numeric vector", x)
  structure(.Call(C_memory_floats, as.double(x)), class = "floatraw")
}

floatraw2numeric <- function(x) {
  if (!inherits(x, "floatraw")) abort_argument("x", "a floatraw vector", x)
  .Call(C_memory_doubles, x)
}

print.floatraw <- function(x, ...) {
  print(floatraw2numeric(x), ...)
  invisible(x)
}
