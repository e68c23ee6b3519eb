# What the benchmarks share. Sourced by each of them.

library(rdyncall)

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L]))

# Compiles C code into a library by R CMD SHLIB; returns its file.
compile <- function(code, name) {
  here <- setwd(tempdir())
  on.exit(setwd(here))
  writeLines(code, paste0(name, ".c"))
  r <- file.path(R.home("bin"), "R")
  log <- suppressWarnings(system2(r, c("CMD", "SHLIB", paste0(name, ".c")), stdout = TRUE, stderr = TRUE))
  library <- file.path(tempdir(), paste0(name, .Platform$dynlib.ext))
  if (!file.exists(library)) stop("R CMD SHLIB failed:\n", paste(log, collapse = "\n"))
  library
}

now <- function() as.double(Sys.time())

processor_time <- function() sum(proc.time()[c("user.self", "sys.self")])

show_quartiles <- function(x) {
  q <- stats::quantile(x, c(0.25, 0.5, 0.75))
  sprintf("%.2f (%.2f-%.2f)", q[[2L]], q[[1L]], q[[3L]])
}
