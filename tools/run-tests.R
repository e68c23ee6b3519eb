# Runs tests/testthat with the installed package: Rscript tools/run-tests.R [filter]
# The last line is `N passed, N failed, N skipped`, counted in expectations.

# In CI nothing may be skipped for want of a library, a compiler or a display.
if (identical(Sys.getenv("CI"), "true")) Sys.setenv(RDYNCALL_CI = "true")
Sys.setenv(NOT_CRAN = "true")

suppressPackageStartupMessages({
  library(testthat)
  library(rdyncall)
})

args <- commandArgs(trailingOnly = TRUE)
filter <- if (length(args) && nzchar(args[1])) args[1]

outcome <- test_dir(
  "tests/testthat", filter = filter, package = "rdyncall", load_package = "installed",
  reporter = ProgressReporter$new(max_failures = Inf, show_praise = FALSE, update_interval = 1e6),
  stop_on_failure = FALSE, stop_on_warning = FALSE
)

count <- function(...) {
  sum(vapply(outcome, function(test) {
    sum(vapply(test$results, inherits, NA, what = paste0("expectation_", c(...))))
  }, 0))
}
passed <- count("success")
failed <- count("failure", "error")
cat(sprintf("%d passed, %d failed, %d skipped\n", passed, failed, count("skip")))
if (failed > 0 || passed == 0) quit(status = 1)
