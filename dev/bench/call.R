# How fast calls from R are: bound functions, bound functions without parameter names and .dyncall(), against
# the wrapper that everybody writes by hand ("NS"), the same with the symbol itself in its body, .C(), Rcpp, and
# base R where it has such a function.
#
# Method: a slice is a compiled loop of some hundred calls. In each of `rounds` rounds the slices of a case, an
# empty loop among them, run once in random order; the empty loop is taken off, and a ratio is made of two
# slices of the same round. Printed are the median of the ratios and in parentheses their quartiles. The unit
# of a callback is a bare Rf_eval of a call built in C, which no error may leave; that of struct fields is the
# NS wrapper of "d)d". Numbers of one run compare with each other only.
#
#   call.R [--tsv]   the table, or its rows as case, column, nanoseconds, ratio and quartiles

source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L])),
                 "common.R"))

rounds <- as.integer(Sys.getenv("BENCH_ROUNDS", "301"))
has_rcpp <- requireNamespace("Rcpp", quietly = TRUE)
e <- make_functions(has_rcpp)

# The expressions of a target by column: the function of each prefix, called with the same arguments.
each <- function(name, ..., base = NULL) {
  args <- eval(substitute(alist(...)))
  prefixes <- c(NS = "ns_", literal = "l_", .C = "dot_", Rcpp = "r_", bound = "b_", dots = "n_")
  found <- list()
  for (column in names(prefixes)) {
    f <- paste0(prefixes[[column]], name)
    if (exists(f, envir = e, inherits = FALSE)) found[[column]] <- as.call(c(as.name(f), args))
  }
  if (!is.null(targets[[name]])) {
    found$.dyncall <- as.call(c(quote(.dyncall), as.name(paste0("a_", name)), targets[[name]][1L], args))
  }
  if (!is.null(base)) found$base <- base
  found
}

# Each case: expressions by column, calls in a slice, units (calls or callbacks) in one expression.
cases <- list(
  ")v" = list(each("v")),
  "d)d" = list(each("d", x, base = quote(sqrt(x)))),
  "dd)d" = list(each("dd", x, y, base = quote(atan2(x, y)))),
  "8 doubles" = list(each("d8", x, x, x, x, x, x, x, x)),
  "10 doubles" = list(each("d10", x, x, x, x, x, x, x, x, x, x)),
  "iiiiii)i" = list(each("i6", 1L, 2L, 3L, 4L, 5L, 6L)),
  "string in" = list(each("Z", s, base = quote(nchar(s)))),
  "string out" = list(each("out", 1L)),
  "1e6 doubles" = list(each("first", million)),
  "pp)v" = list(each("pp", million, second)),
  "struct of 16" = list(modifyList(each("two", two), list(NS = quote(ns_two(two_list)), literal = quote(l_two(two_list))))),
  "struct of 24" = list(modifyList(each("three", three),
                                   list(NS = quote(ns_three(three_list)), literal = quote(l_three(three_list))))),
  "out parameter" = list(each("modf", x)),
  "variadic" = list(each("var", 2L, x, x)),
  "callback dd)d" = list(list(NS = quote(ns_drive(minus, 200L)), Rcpp = if (has_rcpp) quote(r_drive(minus, 200L)),
                              bound = quote(b_drive(callback, 200L)),
                              .dyncall = quote(.dyncall(a_drive, "*(dd)di)d", callback, 200L))), slice = 2L, units = 200L),
  "qsort of 1e5" = list(list(NS = quote(ns_qsort(random + 0L, minus)), Rcpp = if (has_rcpp) quote(r_qsort(random + 0L, minus)),
                             bound = quote(qsort(random + 0L, 1e5, 4, compare)), base = quote(sort(random))),
                        slice = 1L, rounds = 5L),
  "struct get" = list(list(NS = quote(ns_d(x)), bound = quote(point$x))),
  "struct set" = list(list(NS = quote(ns_d(x)), bound = quote(point$x <- x))),
  "getter" = list(list(NS = quote(ns_d(x)), bound = quote(get_x(point)))),
  "setter" = list(list(NS = quote(ns_d(x)), bound = quote(set_x(point) <- x))),
  "allocation" = list(list(NS = quote(ns_alloc(80L)), bound = quote(dynalloc("d", 10))))
)
set.seed(1)
e$random <- sample.int(100000L)

measure <- function(case) {
  expressions <- Filter(Negate(is.null), case[[1L]])
  slice <- if (is.null(case$slice)) 200L else case$slice
  units <- if (is.null(case$units)) 1L else case$units
  net <- time_slices(expressions, e, if (is.null(case$rounds)) rounds else min(rounds, case$rounds), slice)
  list(ns = 1e9 * apply(net, 2L, stats::median) / (slice * units), ratios = net / net[, "NS"])
}

columns <- c("literal", ".C", "Rcpp", "base", "bound", "dots", ".dyncall")
set.seed(2)
is_tsv <- "--tsv" %in% commandArgs(TRUE)
if (!is_tsv) {
  cat(R.version.string, ", ", R.version$platform, ", ", rounds, " rounds\n", sep = "")
  cat("NS in ns; the others as multiples of NS: median (quartiles)\n")
  cat(sprintf("%-14s %9s %s\n", "", "NS", paste(sprintf("%17s", columns), collapse = "")))
}
for (name in names(cases)) {
  m <- measure(cases[[name]])
  if (is_tsv) {
    q <- apply(m$ratios, 2L, stats::quantile, c(0.5, 0.25, 0.75))
    cat(sprintf("%s\t%s\t%.1f\t%.3f\t%.3f\t%.3f\n", name, colnames(q), m$ns, q[1L, ], q[2L, ], q[3L, ]), sep = "")
  } else {
    shown <- vapply(columns, function(column) {
      if (column %in% colnames(m$ratios)) show_quartiles(m$ratios[, column]) else ""
    }, "")
    cat(sprintf("%-14s %9.0f %s\n", name, m$ns[["NS"]], paste(sprintf("%17s", shown), collapse = "")))
  }
}
