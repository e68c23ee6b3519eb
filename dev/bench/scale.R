# How costs grow: a call with the number of its arguments, a column with its length, binding with the number of
# functions; and what a bound function, a callback and a struct hold in memory.
#
#   scale.R [--quick]

source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L])),
                 "common.R"))

quick <- "--quick" %in% commandArgs(TRUE)
rounds <- if (quick) 11L else 101L
arities <- c(0L, 1L, 2L, 4L, 8L, 12L, 15L, 16L, 20L, 30L, 40L, 1000L)

# C functions of n doubles, and of which there are many.
many_functions <- function() {
  sums <- vapply(arities, function(n) {
    parameters <- if (n) paste0("double a", seq_len(n), collapse = ", ") else "void"
    sprintf("double sum%d(%s) { return %s; }", n, parameters, if (n) paste0("a", c(1L, n), collapse = " + ") else "0")
  }, "")
  c(sums, sprintf("double one%d(double x) { return x; }", 1:5000))
}

own <- .dynload(compile("many", many_functions()))
e <- new.env()
e$.dyncall <- .dyncall

show <- function(...) cat(sprintf(...))

call_by_arity <- function() {
  show("nanoseconds of a call with n doubles\n%9s %9s %9s\n", "n", "bound", ".dyncall")
  for (n in arities) {
    signature <- paste0(strrep("d", n), ")d")
    names <- paste0("a", seq_len(n), collapse = " ")
    dynbind(own, sprintf("sum%d(%s %s;", n, signature, if (n) names else ""), envir = e)
    e$address <- .dynsym(own, paste0("sum", n))
    args <- rep(list(1.5), n)
    slice <- if (n > 100L) 20L else 200L
    net <- time_slices(list(bound = as.call(c(as.name(paste0("sum", n)), args)),
                            dyncall = as.call(c(quote(.dyncall), quote(address), signature, args))), e, rounds, slice)
    ns <- 1e9 * apply(net, 2L, stats::median) / slice
    show("%9d %9.0f %9.0f\n", n, ns[[1L]], ns[[2L]])
  }
}

# Seconds of processor time; short ones are repeated.
seconds <- function(code) {
  times <- 1L
  repeat {
    from <- processor_time()
    for (i in seq_len(times)) code()
    taken <- processor_time() - from
    if (taken > 0.05) return(taken / times)
    times <- times * 4L
  }
}

column_by_length <- function() {
  dynbind(own, "sum1(d)d x;", envir = e)
  show("\nmicroseconds of a column of n doubles, and nanoseconds per element\n%9s %12s %9s\n", "n", "column", "element")
  for (n in 10^seq(0, if (quick) 5 else 7)) {
    x <- as.double(seq_len(n))
    s <- seconds(function() dynmap(e$sum1, x))
    show("%9.0f %12.1f %9.2f\n", n, 1e6 * s, 1e9 * s / n)
  }
}

binding_by_count <- function() {
  show("\nmilliseconds of binding n functions, microseconds per function, and of the first call of one\n%9s %9s %9s %9s\n",
       "n", "binding", "function", "first")
  for (n in c(10L, 100L, 1000L, 5000L)) {
    text <- paste0(sprintf("one%d(d)d x;", seq_len(n)), collapse = " ")
    s <- seconds(function() dynbind(own, text, envir = new.env()))
    env <- new.env()
    dynbind(own, text, envir = env)
    some <- head(names(env), 10L)
    from <- now()
    for (name in some) env[[name]](1)
    show("%9d %9.2f %9.2f %9.0f\n", n, 1e3 * s, 1e6 * s / n, 1e6 * (now() - from) / length(some))
  }
}

# R's memory in bytes.
held <- function() {
  for (i in 1:3) used <- gc()
  sum(used[, 1L] * c(56, 8))
}

memory_of <- function(n, make) {
  things <- make(1L)
  before <- held()
  things <- make(n)
  (held() - before) / n
}

memory_of_each <- function() {
  parseStructInfos("P{dd}x y;", envir = e)
  bind <- function(used) function(n) {
    env <- new.env()
    dynbind(own, paste0(sprintf("one%d(d)d x;", seq_len(n)), collapse = " "), envir = env)
    if (used) for (name in names(env)) env[[name]](1)
    env
  }
  f <- function(x) x
  show("\nbytes of R's memory for each of 1,000; libffi and C hold more\n")
  show("%-34s %6.0f\n", "bound function, not used yet", memory_of(1000L, bind(FALSE)))
  show("%-34s %6.0f\n", "bound function that was called", memory_of(1000L, bind(TRUE)))
  show("%-34s %6.0f\n", "callback", memory_of(1000L, function(n) lapply(seq_len(n), function(i) new.callback("d)d", f))))
  show("%-34s %6.0f\n", "struct of 16 bytes", memory_of(1000L, function(n) lapply(seq_len(n), function(i) new.struct(e$P))))
}

call_by_arity()
column_by_length()
binding_by_count()
memory_of_each()
