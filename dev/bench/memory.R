# What memory costs: blocks freed by the collector, by a scope, by hand and with an arena, against malloc and free
# through bound functions; and views, as ratios to plain vectors of the same numbers.
#
# Method: as in call.R, slices in random order within each of `rounds` rounds; printed are the medians with
# quartiles. A slice of blocks makes and frees `many` of them. Numbers of one run compare with each other only.

library(rdyncall)

rounds <- as.integer(Sys.getenv("BENCH_ROUNDS", "41"))
many <- as.integer(Sys.getenv("BENCH_BLOCKS", "10000"))
long <- as.numeric(Sys.getenv("BENCH_VIEW", "1e8"))

resident <- function() {
  if (!file.exists("/proc/self/statm")) return(NA)
  scan("/proc/self/statm", quiet = TRUE)[2L] * as.numeric(system2("getconf", "PAGESIZE", stdout = TRUE)) / 2^20
}

# Of the processor, which other work on the machine disturbs less than the time of day.
seconds <- function(expr) {
  start <- sum(proc.time()[1:2])
  expr
  sum(proc.time()[1:2]) - start
}

# Seconds of each case in each round, a matrix.
measure <- function(cases, rounds) {
  times <- matrix(NA_real_, rounds, length(cases), dimnames = list(NULL, names(cases)))
  for (case in cases) case()
  for (r in seq_len(rounds)) for (i in sample(length(cases))) times[r, i] <- seconds(cases[[i]]())
  times
}

show <- function(label, values, unit) {
  q <- stats::quantile(values, c(0.5, 0.25, 0.75), na.rm = TRUE)
  cat(sprintf("%-34s %8.2f %s (%.2f to %.2f)\n", label, q[1], unit, q[2], q[3]))
}

# ---- blocks ----

dynbind(c("msvcrt", "c", ""), "malloc(<size_t>)p size; free(p)v address;")
blocks <- lapply(list(
  "malloc and free, bound" = function() for (i in 1:many) free(malloc(40)),
  "dynalloc and dynfree" = function() for (i in 1:many) dynfree(dynalloc("i", 10)),
  "dynalloc, the collector" = function() for (i in 1:many) dynalloc("i", 10),
  "dynalloc in one scope" = function() dynscope(for (i in 1:many) dynalloc("i", 10)),
  "dynalloc in a scope each" = function() for (i in 1:many) dynscope(dynalloc("i", 10)),
  "dynalloc in an arena" = function() {
    arena <- new.arena()
    for (i in 1:many) dynalloc("i", 10, arena = arena)
    dynfree(arena)
  },
  "new.array" = function() for (i in 1:many) new.array("i", 10)), compiler::cmpfun)
times <- measure(blocks, rounds) / many * 1e6
for (label in names(blocks)) show(label, times[, label], "us")
show("arena against malloc and free", times[, "dynalloc in an arena"] / times[, "malloc and free, bound"], "times")
show("scope against malloc and free", times[, "dynalloc in one scope"] / times[, "malloc and free, bound"], "times")

for (round in 1:3) {
  s <- seconds(dynscope(for (i in 1:1e6) dynalloc("i", 10)))
  invisible(gc())
  cat(sprintf("1e6 blocks in a scope, round %d: %.1f s, then %.0f MB resident, %d live\n", round, s, resident(),
              nrow(dynleaks())))
}

# ---- views ----

x <- dynalloc("d", long, zero = FALSE)
for (from in seq(1, long, by = 1e6)) {
  to <- min(from + 1e6 - 1, long)
  part <- dyncast(offsetPtr(x, (from - 1) * 8), "d", to - from + 1)
  part[] <- sqrt(from:to)
}
view <- dynview(x)
plain <- c(view)
times <- measure(list(view = function() sum(view), plain = function() sum(plain)), max(5L, rounds %/% 6L))
show(sprintf("sum of a view of %g doubles", long), times[, "view"] / times[, "plain"], "plain")
rm(plain)
dynfree(x)

# Against an ordinary vector of the R type that shows the elements.
n <- as.integer(long / 20)
for (type in c("d", "i", "f", "s", "l", "B")) {
  x <- dynalloc(type, n)
  view <- dynview(x)
  plain <- c(view)
  times <- measure(list(view = function() sum(view), plain = function() sum(plain)), max(5L, rounds %/% 6L))
  show(sprintf("sum of a view of type '%s'", type), times[, "view"] / times[, "plain"], "plain")
  dynfree(x)
}
