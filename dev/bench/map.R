# How fast columns are: dynmap() against the same loop written in C, which a package would call by .Call(),
# and against mapply() over a bound function.
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
cases <- list("d)d" = list("d", list(d)), "i)i" = list("i", list(i)), "dd)d" = list("dd", list(d, d2)),
              "id)d" = list("idd", list(i, d)), "idid)d" = list("mixed", list(i, d, rev(i), d2)),
              "Z)L" = list("Z", list(s)))

measure_columns <- function(name, args) {
  loop <- e[[paste0("column_", name)]]
  f <- e[[paste0("b_", name)]]
  some <- lapply(args, `[`, seq_len(few))
  stopifnot(identical(do.call(loop, some), do.call(dynmap, c(f, some))),
            identical(do.call(loop, some), do.call(mapply, c(f, some, USE.NAMES = FALSE))))
  ways <- list(C = function() do.call(loop, args), dynmap = function() do.call(dynmap, c(f, args)),
               mapply = function() do.call(mapply, c(f, some, USE.NAMES = FALSE)))
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
format <- "%-14s %7s  %-18s %-18s\n"
cat(sprintf(format, "", "C loop", "dynmap", "mapply"))
for (name in names(cases)) {
  m <- measure_columns(cases[[name]][[1L]], cases[[name]][[2L]])
  cat(sprintf(format, name, sprintf("%.1f", m$ns), show_quartiles(m$ratios[, "dynmap"]),
              show_quartiles(m$ratios[, "mapply"])))
}
