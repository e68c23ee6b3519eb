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

is_own <- function(f) identical(environment(f), parent.env(environment()))

# Whether frame i is that of a function of base R; the second frame of eval() is not, its environment
# being where the user's code runs.
is_base_frame <- function(i) {
  identical(environment(sys.function(i)), .BaseNamespaceEnv) &&
    identical(parent.env(sys.frame(i)), .BaseNamespaceEnv)
}

# Functions that C calls: what they were called from is the frame below them.
is_hook <- function(f) {
  for (hook in hooks) if (identical(f, hook)) return(TRUE)
  FALSE
}

# The environment that frame i was called from. sys.parents() is not asked, because it knows no
# environments that are no frames, in which eval() and test suites run code.
calling_env <- function(i) {
  if (i < 1L) globalenv() else do.call(parent.frame, list(), envir = sys.frame(i))
}

# The number of the frame below i that is this environment, 0 if none is.
frame_number <- function(env, i) {
  for (at in rev(seq_len(i - 1L))) if (identical(sys.frame(at), env)) return(at)
  0L
}

# The number of the call of a function of this package that the user wrote. The way goes from the
# caller's frame to the frames that calls were made from, not down the stack: arguments are evaluated
# late, in frames of their own. Functions of base R on the way (lapply, eval) are looked through.
user_call <- function() own_calls(sys.nframe() - 1L)[1L]

# The calls of functions of this package on that way from frame `at`, the user's first.
own_calls <- function(at) {
  found <- at
  repeat {
    at <- if (is_hook(sys.function(at))) at - 1L else frame_number(calling_env(at), at)
    if (at < 1L) break
    if (is_own(sys.function(at))) found <- c(at, found)
    else if (!is_base_frame(at)) break
  }
  found
}

# The environment in which the user's call stands.
user_frame <- function() {
  at <- user_call()
  repeat {
    env <- calling_env(at)
    at <- frame_number(env, at)
    if (at < 1L || !is_base_frame(at)) return(env)
  }
}

# Called by C: the environment that .dyncall() was called from.
dyncall_frame <- function() calling_env(sys.nframe() - 1L)

# Called by C for a vector that C may write to and that something else holds, too: the variable that the
# user passed, as list(name, environment, functions that handed it on as `...`); else TRUE when it was a
# number in the code, after which nobody looks, or FALSE.
#
# A variable of this package's own code counts when the user passed none.
locate <- function(value) {
  calls <- own_calls(sys.nframe())
  known <- locate_in(value, calls[1L], 0L)
  for (call in calls[-1L]) {
    if (is.list(known)) break
    found <- if (!is_hook(sys.function(call))) locate_in(value, call, 0L)
    if (is.list(found)) known <- found
  }
  known
}

# What came through `...` is an argument of the call that made the calling frame.
locate_in <- function(value, i, depth) {
  env <- calling_env(i)
  known <- FALSE
  for (argument in as.list(sys.call(i))[-1L]) {
    if (!is.language(argument)) {
      # a longer vector stands in a call only when do.call() put it there
      known <- known || (length(argument) == 1L && .Call(C_init_same, argument, value))
    } else if (identical(argument, quote(...))) {
      outer <- frame_number(env, i)
      found <- if (outer) locate_in(value, outer, depth + 1L)
      if (is.list(found)) return(found)
    } else if (is.symbol(argument) && nzchar(argument)) {
      name <- as.character(argument)
      home <- variable_home(name, env)
      if (!is.null(home) && !bindingIsLocked(name, home) && !bindingIsActive(name, home) &&
          .Call(C_init_same, bound_value(name, home), value)) {
        return(list(name, home, depth))
      }
    }
  }
  known
}

# The environment of the variable that a name means somewhere, or NULL.
variable_home <- function(name, env) {
  while (!identical(env, emptyenv())) {
    if (exists(name, envir = env, inherits = FALSE)) return(env)
    env <- parent.env(env)
  }
  NULL
}

# The value of a variable; NULL for an argument that is being evaluated.
bound_value <- function(name, frame) {
  tryCatch(get0(name, envir = frame, inherits = FALSE), error = function(e) NULL)
}

# Called by C: whether the innermost call is that of a replacement function in an assignment, whose
# object is R's own `*tmp*`.
assigning <- function() {
  call <- sys.call(sys.nframe() - 1L)
  length(call) > 1L && identical(call[[2L]], quote(`*tmp*`))
}
