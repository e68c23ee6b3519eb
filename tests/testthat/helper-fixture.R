# Libraries of C functions for the tests: fixtures/<name>.c, compiled once in a session.

fixture_cache <- new.env()

# The file of the library. Without a compiler the test is skipped.
fixture_file <- function(name) {
  source <- testthat::test_path("fixtures", paste0(name, ".c"))
  if (is.null(fixture_cache[[name]]) && !file.exists(source)) stop("no fixture ", source)
  fixture_made(name, function() readLines(source))
}

# The same for C source that a function makes.
fixture_made <- function(name, make) {
  if (is.null(fixture_cache[[name]])) fixture_cache[[name]] <- compile_fixture(name, make())
  if (!file.exists(fixture_cache[[name]])) {
    skip_or_fail(paste0("R CMD SHLIB makes no library of fixture ", name, ": ", fixture_cache[[name]]))
  }
  fixture_cache[[name]]
}

# The file of the library, or what the compiler said.
compile_fixture <- function(name, lines) {
  folder <- file.path(tempdir(), "rdyncall-fixtures", name)
  dir.create(folder, recursive = TRUE, showWarnings = FALSE)
  source <- file.path(folder, paste0(name, ".c"))
  file <- file.path(folder, paste0(name, .Platform$dynlib.ext))
  writeLines(lines, source)
  output <- tryCatch(
    suppressWarnings(system2(file.path(R.home("bin"), "R"),
                             c("CMD", "SHLIB", "-o", shQuote(file), shQuote(source)),
                             stdout = TRUE, stderr = TRUE)),
    error = conditionMessage)
  if (file.exists(file)) return(file)
  c(grep("not found|error:|Error [0-9]", output, value = TRUE), utils::tail(output, 1L), "?")[1L]
}

# A handle of the library of a fixture, one for all tests.
fixture <- function(name) {
  key <- paste0("handle ", name)
  if (is.null(fixture_cache[[key]])) fixture_cache[[key]] <- .dynload(fixture_file(name))
  fixture_cache[[key]]
}

# Calls a function of a fixture.
fixture_call <- function(name, symbol, signature, ...) {
  .dyncall(.dynsym(fixture(name), symbol), signature, ...)
}

# The lines that a function int f(char *out, int size) of a fixture writes.
fixture_lines <- function(name, symbol) {
  buffer <- raw(65536L)
  n <- fixture_call(name, symbol, "*Ci)i", buffer, length(buffer))
  strsplit(rawToChar(buffer[seq_len(n)]), "\n", fixed = TRUE)[[1L]]
}

# Whether functions differ by calling convention, as they do on 32-bit x86.
callmode_differs <- function() fixture_call("callmode", "conventions", ")i") == 1L
