# Checks of arguments. Each raises a classed error that names the argument.

describe <- function(x) {
  if (is.null(x)) "NULL"
  else if (length(x) == 1L && is.atomic(x) && !is.object(x)) deparse(x, nlines = 1L)[1L]
  else paste0("an object of class '", class(x)[1L], "' and length ", length(x))
}

abort_argument <- function(name, expected, value) {
  abort("argument", paste0("argument '", name, "': expected ", expected, ", got ", describe(value)),
        argument = name, value = value, call = sys.call(-3))
}

check_string <- function(x, name) {
  if (!is.character(x) || length(x) != 1L || is.na(x)) abort_argument(name, "a string", x)
  x
}

check_strings <- function(x, name) {
  if (!is.character(x) || anyNA(x)) abort_argument(name, "a character vector without NA", x)
  x
}

check_flag <- function(x, name) {
  if (!is.logical(x) || length(x) != 1L || is.na(x)) abort_argument(name, "TRUE or FALSE", x)
  x
}

check_env <- function(x, name) {
  if (!is.environment(x)) abort_argument(name, "an environment", x)
  x
}

# The number of the innermost function call on the stack that is not of this package, 0 for none.
user_call <- function() {
  own <- parent.env(environment())
  for (i in rev(seq_len(sys.nframe() - 1L))) {
    if (!identical(environment(sys.function(i)), own)) return(i)
  }
  0L
}

user_frame <- function() {
  i <- user_call()
  if (i) sys.frame(i) else globalenv()
}

# Called by C with a vector that C may write to and that something else holds, too. The variable that
# the user passed gets a copy of its own, so that writes show there and nowhere else. Says whether there
# was such a variable, or a literal, after which nobody looks.
unshare <- function(value) {
  i <- user_call()
  copy <- .Call(C_init_duplicate, value)
  list(copy, rebind(value, copy, sys.call(i + 1L), i, sys.calls(), sys.parents()))
}

# Finds the argument of a call made in frame i that is this very vector, and binds it to the copy. What
# came through `...` is an argument of the call that made the frame.
rebind <- function(value, copy, call, i, calls, parents) {
  frame <- if (i) sys.frame(i) else globalenv()
  known <- FALSE
  for (argument in as.list(call)[-1L]) {
    if (!is.language(argument)) {
      known <- known || (is.atomic(argument) && .Call(C_init_same, argument, value))
    } else if (identical(argument, quote(...)) && i) {
      if (rebind(value, copy, calls[[i]], parents[i], calls, parents)) return(TRUE)
    } else if (is.symbol(argument) && nzchar(argument)) {
      name <- as.character(argument)
      if (exists(name, envir = frame, inherits = FALSE) && !bindingIsLocked(name, frame) &&
          !bindingIsActive(name, frame) &&
          .Call(C_init_same, get0(name, envir = frame, inherits = FALSE), value)) {
        assign(name, copy, envir = frame)
        return(TRUE)
      }
    }
  }
  known
}
