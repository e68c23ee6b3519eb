# How long dynport() takes, attached and not, in a fresh session with the package loaded, for each shipped
# port; and what the loaded port holds in memory.
#
# Method: one session for each measurement, `sessions` of them. Printed are functions and constants;
# milliseconds of wall-clock time, the fastest and the median, and the median of processor time, which is
# known to one; and kilobytes, what R's memory has grown by after a second load and a collection. The
# symbols of names, which stay in R for good, are not in it. The library is opened on first use, and not
# here, except for a port with probes, which asks it.

sessions <- as.integer(Sys.getenv("BENCH_SESSIONS", "15"))
only <- commandArgs(trailingOnly = TRUE)

child <- '
library(rdyncall)
call <- call("dynport", "%s", attach = %s)
used <- function() sum(gc()[, 1L] * c(56, 8)) / 1000
dynport
cpu <- proc.time(); cpu <- proc.time(); before <- Sys.time(); before <- Sys.time()
port <- suppressPackageStartupMessages(eval(call))
after <- Sys.time()
cpu <- sum((proc.time() - cpu)[1:2])
for (i in 1:3) kb <- used() # the compiler is loaded on the way
second <- base::eval(base::call("dynport", "%s", attach = FALSE))
again <- used() - kb # of the first one nothing is left to be loaded
rm(port, second)
cat(1000 * as.double(after - before, units = "secs"), 1000 * cpu, again)
'

run_one <- function(name, attach) {
  file <- tempfile(fileext = ".R")
  on.exit(unlink(file))
  writeLines(sprintf(child, name, attach, name), file)
  out <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", file), stdout = TRUE, stderr = FALSE)
  as.numeric(strsplit(out[length(out)], " ", fixed = TRUE)[[1L]])
}

main <- function() {
  records <- function(name) {
    rdyncall:::read_port(rdyncall:::find_port(name, rdyncall:::port_dirs()))$kind
  }
  ports <- rdyncall::dynports()
  ports <- ports$port[!is.na(ports$library)]
  if (length(only)) ports <- intersect(only, ports)
  cat(R.version.string, ", ", sessions, " sessions each; ms: fastest (median) processor\n", sep = "")
  cat(sprintf("%-12s %9s %9s   %-20s %-20s %8s\n", "", "functions", "constants", "attached", "not attached", "kB"))
  for (name in ports) {
    kinds <- records(name)
    attached <- vapply(seq_len(sessions), function(i) run_one(name, TRUE), c(0, 0, 0))
    plain <- vapply(seq_len(sessions), function(i) run_one(name, FALSE), c(0, 0, 0))
    time <- function(x) sprintf("%.1f (%.1f) %.0f", min(x[1L, ]), stats::median(x[1L, ]), stats::median(x[2L, ]))
    cat(sprintf("%-12s %9d %9d   %-20s %-20s %8.0f\n", name, sum(kinds == "func"),
                sum(kinds %in% c("const", "label")), time(attached), time(plain), stats::median(plain[3L, ])))
  }
}

main()
