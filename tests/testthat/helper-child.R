# Code that might crash R runs in another R.

# Runs R code with the package attached. A list: status (139 and the like for a signal), output.
in_child <- function(code, env = character(), timeout = 600) {
  if (is.language(code)) code <- deparse(code)
  file <- tempfile("child", fileext = ".R")
  on.exit(unlink(file))
  writeLines(c("library(rdyncall)", code), file)
  rscript <- file.path(R.home("bin"), "Rscript")
  libs <- paste0("R_LIBS=", shQuote(paste(.libPaths(), collapse = .Platform$path.sep)))
  output <- suppressWarnings(system2(rscript, c("--vanilla", shQuote(file)), stdout = TRUE,
                                     stderr = TRUE, env = c(libs, env), timeout = timeout))
  status <- attr(output, "status")
  list(status = if (is.null(status)) 0L else status, output = paste(output, collapse = "\n"))
}

# The code ends in an R error (status 1) that says so, not in a signal.
expect_child_error <- function(code, message, ...) {
  child <- in_child(code, ...)
  testthat::expect_identical(child$status, 1L, info = child$output)
  testthat::expect_match(child$output, message)
}

# The code runs to its end and prints what is expected.
expect_child_output <- function(code, output, ...) {
  child <- in_child(code, ...)
  testthat::expect_identical(child$status, 0L, info = child$output)
  testthat::expect_match(child$output, output)
}
