# Vectorised calls.

missing_ways <- c("propagate", "pass", "error")
failure_checks <- c("none", "errno", "negative", "zero", "nonzero")

dynmap <- function(f, ..., na = "propagate", check = "none", progress = FALSE, threads = 1L) {
  options <- list(way = check_choice(na, "na", missing_ways) - 1L,
                  check = failure_checks[check_choice(check, "check", failure_checks)],
                  progress = check_flag(progress, "progress"), threads = check_threads(threads))
  if (!inherits(f, "dynbound")) return(map_address(f, list(...), options))
  if (...length()) map_bound(f, in_order(f, list(...)), options) else vectorised(f, options)
}

map_address <- function(address, args, options) {
  signature <- check_string(if (length(args)) args[[1L]], "signature")
  map_columns(address, signature, args[-1L], options)
}

map_bound <- function(f, args, options) map_columns(attr(f, "call"), NULL, args, options)

# A function with the formal arguments of a bound one that takes columns.
vectorised <- function(f, options) {
  formals <- formals(unclass(f))
  body <- bquote(map_bound(f, .(as.call(c(quote(list), lapply(names(formals), as.name)))), options))
  eval(call("function", as.pairlist(formals), body))
}

map_columns <- function(f, signature, args, options) {
  tell <- NULL
  if (options$progress) {
    tell <- progress_teller()
    on.exit(tell(NULL))
  }
  result <- .External2(C_map_run, f, signature, args, options$way, options$check, tell, options$threads)
  if (is.null(result)) invisible() else like_arguments(result, args)
}

# Which of the known strings x is.
check_choice <- function(x, name, known) {
  at <- if (is.character(x)) match(x, known, 0L) else 0L
  if (length(at) != 1L || at == 0L) {
    check_string(x, name)
    abort_argument(name, paste0("one of ", paste0('"', known, '"', collapse = ", ")), x)
  }
  at
}

check_threads <- function(x) {
  if (!is.numeric(x) || length(x) != 1L || is.na(x) || x < 1 || x > .Machine$integer.max || x != trunc(x)) {
    abort_argument("threads", "a whole number from 1 on", x)
  }
  as.integer(x)
}

# Arguments in the order of the formal arguments of a bound function.
in_order <- function(f, args) {
  if (is.null(names(args))) return(args)
  if (identical(names(formals(unclass(f))), "...")) return(args)
  places <- as.call(c(quote(f), structure(as.list(seq_along(args)), names = names(args))))
  args[unlist(as.list(match.call(unclass(f), places))[-1L])]
}

# Names and dimensions are those of the first argument that has as many values as there are results; names of
# enum values are labels.
like_arguments <- function(result, args) {
  for (arg in args) {
    if (is.null(attributes(arg)) || is.object(arg) || length(arg) != length(result)) next
    if (is.null(names(arg)) && is.null(dim(arg))) next
    if (is.carray(result) || !is.null(names(result))) break
    if (!is.null(dim(arg))) {
      dim(result) <- dim(arg)
      dimnames(result) <- dimnames(arg)
    } else {
      names(result) <- names(arg)
    }
    break
  }
  result
}

# A function of the number of calls made and of all; NULL is the end.
progress_teller <- function() {
  bar <- NULL
  function(done, all) {
    if (is.null(done)) {
      if (!is.null(bar)) close(bar)
      return(invisible())
    }
    if (is.null(bar)) bar <<- utils::txtProgressBar(0, all, style = 3L)
    utils::setTxtProgressBar(bar, done)
  }
}
