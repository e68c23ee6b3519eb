# How fast columns are: dynmap() against the same loop written in C, which a package would call by .Call(),
# and against mapply() over a bound function. Where values convert, the C loop converts them with the same
# checks (wrappers.c).
#
# In each of `rounds` rounds the ways run once in random order; printed are the processor time per element of
# the C loop and medians of ratios made within a round, with quartiles. mapply() is timed over fewer elements.

source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L])),
                 "common.R"))

rounds <- as.integer(Sys.getenv("BENCH_ROUNDS", "31"))
n <- as.integer(Sys.getenv("BENCH_LENGTH", "1000000"))
few <- 10000L

e <- make_functions()

set.seed(1)
d <- runif(n)
d2 <- runif(n)
i <- sample.int(1e6L, n, replace = TRUE)
s <- paste0("text ", i)
gaps <- function(x) replace(x, sample.int(n, n / 10), NA)

# The suffix of the C loop, that of the bound function, and the columns.
cases <- list("d)d" = list("d", "d", list(d)), "i)i" = list("i", "i", list(i)),
              "dd)d" = list("dd", "dd", list(d, d2)), "id)d" = list("idd", "idd", list(i, d)),
              "idid)d" = list("mixed", "mixed", list(i, d, rev(i), d2)), "Z)L" = list("Z", "Z", list(s)),
              "double to i" = list("i_from_d", "i", list(d * 1e6)), "int to d" = list("d_from_i", "d", list(i)),
              "double to f" = list("f", "f", list(d)), "double to l" = list("l", "l", list(d * 1e15)),
              "int to s" = list("s", "s", list(i %% 30000L)), "logical to B" = list("B", "B", list(d < 0.5)),
              "d)d, 10 % NA" = list("na_d", "d", list(gaps(d))),
              "i)i, 10 % NA" = list("na_i", "i", list(gaps(i))),
              "double to i, 10 % NA" = list("i_from_d", "i", list(gaps(d * 1e6))))

measure_columns <- function(loop, f, args) {
  loop <- e[[paste0("column_", loop)]]
  f <- e[[paste0("b_", f)]]
  some <- lapply(args, `[`, seq_len(few))
  single <- if (anyNA(some[[1L]])) compiler::cmpfun(function(x) if (is.na(x)) NA else f(x)) else f
  stopifnot(identical(do.call(loop, some), do.call(dynmap, c(f, some))),
            identical(do.call(loop, some), do.call(mapply, c(single, some, USE.NAMES = FALSE))))
  ways <- list(C = function() do.call(loop, args), dynmap = function() do.call(dynmap, c(f, args)),
               mapply = function() do.call(mapply, c(single, some, USE.NAMES = FALSE)))
  times <- c(C = 10L, dynmap = 10L, mapply = 1L) # the clock counts in milliseconds
  taken <- matrix(NA_real_, rounds, length(ways), dimnames = list(NULL, names(ways)))
  for (round in seq_len(rounds)) {
    for (k in sample.int(length(ways))) {
      gc(FALSE)
      from <- processor_time()
      for (again in seq_len(times[[k]])) ways[[k]]()
      taken[round, k] <- processor_time() - from
    }
  }
  taken[, "mapply"] <- taken[, "mapply"] * times[["C"]] * n / few
  list(ns = 1e9 * stats::median(taken[, "C"]) / (n * times[["C"]]), ratios = taken / taken[, "C"])
}

cat(R.version.string, ", ", R.version$platform, ", ", rounds, " rounds of ", n, " elements\n", sep = "")
cat("C loop in ns per element; the others as multiples of it: median (quartiles)\n")
format <- "%-20s %7s  %-18s %-18s\n"
cat(sprintf(format, "", "C loop", "dynmap", "mapply"))
for (name in names(cases)) {
  m <- do.call(measure_columns, cases[[name]])
  cat(sprintf(format, name, sprintf("%.1f", m$ns), show_quartiles(m$ratios[, "dynmap"]),
              show_quartiles(m$ratios[, "mapply"])))
}
