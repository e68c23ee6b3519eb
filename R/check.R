# Checks of arguments. Each raises a classed error that names the argument.

describe <- function(x) {
  if (is.null(x)) "NULL"
  else if (length(x) == 1L && is.atomic(x) && !is.object(x)) deparse(x, nlines = 1L)[1L]
  else paste0("an object of class '", class(x)[1L], "' and length ", length(x))
}

abort_argument <- function(name, expected, value) {
  abort("argument", paste0("argument '", name, "': expected ", expected, ", got ", describe(value)),
        argument = name, value = value)
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

# The number of the call of a function of this package that the user wrote: the outermost one with only
# this package and base R between it and the top of the stack.
user_call <- function() {
  own <- parent.env(environment())
  found <- sys.nframe() - 1L
  for (i in rev(seq_len(found))) {
    home <- environment(sys.function(i))
    if (identical(home, own)) found <- i
    else if (!is.null(home) && !identical(home, .BaseNamespaceEnv)) break
  }
  found
}

# The environment from which frame i was called; that of a promise when the call stands in one.
calling_frame <- function(i, parents = sys.parents()) {
  if (i && parents[i]) sys.frame(parents[i]) else globalenv()
}

user_frame <- function() calling_frame(user_call())

# Called by C with a vector that C may write to and that something else holds, too. The variable that
# the user passed gets a copy of its own, so that writes show there and nowhere else. Says whether there
# was such a variable, or a literal, after which nobody looks.
unshare <- function(value) {
  copy <- .Call(C_init_duplicate, value)
  list(copy, rebind(value, copy, user_call(), sys.calls(), sys.parents()))
}

# Finds the argument of call i that is this very vector, and binds it to the copy. What came through
# `...` is an argument of the call that made the calling frame.
rebind <- function(value, copy, i, calls, parents) {
  frame <- calling_frame(i, parents)
  known <- FALSE
  for (argument in as.list(calls[[i]])[-1L]) {
    if (!is.language(argument)) {
      # a number in the code; a longer vector stands in a call only when do.call() put it there
      known <- known || (length(argument) == 1L && .Call(C_init_same, argument, value))
    } else if (identical(argument, quote(...)) && parents[i]) {
      if (rebind(value, copy, parents[i], calls, parents)) return(TRUE)
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
