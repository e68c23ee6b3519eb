# Plants the faults of faults.txt in a copy of the package, one at a time, and runs the tests that can
# see them:
#   Rscript dev/mutate/run.R [words]     only faults whose file, purpose or number matches a word
# Environment: MUTATE_LIMIT, seconds that one run of tests may take (180).
# Prints a table and writes RESULTS.md beside this file; a run of some faults replaces their rows only. The
# exit status is 1 when fewer than 95 % were killed or a fault no longer applies.

words <- commandArgs(trailingOnly = TRUE)
limit <- as.integer(Sys.getenv("MUTATE_LIMIT", "180"))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
root <- normalizePath(file.path(here, "..", ".."))
here <- normalizePath(here)
rbin <- file.path(R.home("bin"), "R")
work <- tempfile("mutate")
tree <- file.path(work, "tree")
lib <- file.path(work, "lib")
dir.create(tree, recursive = TRUE)
dir.create(lib)
on_exit <- function() unlink(work, recursive = TRUE)
stop_with <- function(...) {
  on_exit()
  message(...)
  quit(status = 2)
}

# ---- the faults ----

# Blocks of `key: value` lines with a blank line between them; see the head of faults.txt.
read_faults <- function(file) {
  lines <- readLines(file)
  lines <- lines[!startsWith(lines, "#")]
  block <- cumsum(!nzchar(lines))[nzchar(lines)]
  lapply(unname(split(lines[nzchar(lines)], block)), function(fault) {
    key <- sub(":.*", "", fault)
    as.list(stats::setNames(sub("^[a-z]+: ?", "", fault), key))
  })
}

# The text of the file with the fault; NULL when it no longer applies: `old` must be in one line only,
# counted behind the line with `after` and before the end of that function.
plant <- function(lines, fault) {
  first <- 1L
  last <- length(lines)
  if (!is.null(fault$after)) {
    first <- which(grepl(fault$after, lines, fixed = TRUE))[1L]
    if (is.na(first)) return(NULL)
    end <- which(lines == "}" & seq_along(lines) > first)
    if (length(end)) last <- end[1L]
  }
  at <- which(grepl(fault$old, lines, fixed = TRUE))
  at <- at[at >= first & at <= last]
  if (!is.null(fault$after)) at <- at[1L][length(at) > 0L]
  if (length(at) != 1L) return(NULL)
  lines[at] <- sub(fault$old, fault$new, lines[at], fixed = TRUE)
  lines
}

faults <- read_faults(file.path(here, "faults.txt"))
for (i in seq_along(faults)) faults[[i]]$number <- i
everything <- faults
if (length(words)) {
  faults <- Filter(function(fault) {
    text <- paste0(fault$number, " ", fault$file, " ", fault$what)
    any(vapply(words, function(word) {
      if (grepl("^[0-9]+$", word)) word == fault$number else grepl(word, text, fixed = TRUE)
    }, NA))
  }, faults)
}
if (!length(faults)) stop_with("no such faults")

# ---- the copy, its library and the fixtures of the tests ----

run <- function(command, args, log, time = 600, env = character(), dir = tree) {
  old <- setwd(dir)
  on.exit(setwd(old))
  suppressWarnings(system2("nice", c(command, args), stdout = log, stderr = log, stdin = "/dev/null",
                           timeout = time, env = c("MAKEFLAGS=", "MAKELEVEL=", env)))
}

log <- file.path(work, "log")
old <- setwd(root)
parts <- intersect(c("DESCRIPTION", "NAMESPACE", "LICENSE", "NEWS.md", "configure", "cleanup", "R", "src",
                     "inst", "man", "demo", "tests"), list.files())
invisible(file.copy(parts, tree, recursive = TRUE, copy.date = TRUE))
setwd(old)
unlink(file.path(tree, "src", c("*.o", "*.so", "Makevars")))
libs <- paste0("R_LIBS=", shQuote(paste(c(lib, .libPaths()), collapse = .Platform$path.sep)))
if (run(rbin, c("CMD", "INSTALL", "--no-docs", "--no-test-load", "--no-clean-on-error",
                paste0("--library=", shQuote(lib)), shQuote(tree)), log) != 0L) {
  stop_with(paste(readLines(log), collapse = "\n"))
}
tests <- file.path(tree, "tests", "testthat")
made <- file.path(work, "fixtures")
dir.create(made)
for (source in list.files(file.path(tests, "fixtures"), "[.]c$", full.names = TRUE)) {
  name <- sub("[.]c$", "", basename(source))
  file.copy(source, made)
  run(rbin, c("CMD", "SHLIB", "-o", paste0(name, .Platform$dynlib.ext), basename(source)), log, dir = made)
}
# the tests find these compiled
writeLines(c(sprintf("for (file in list.files(%s, \"[.](so|dylib|dll)$\", full.names = TRUE))",
                     deparse(made)),
             "  fixture_cache[[sub(\"[.][a-z]+$\", \"\", basename(file))]] <- file"),
           file.path(tests, "helper-zz-compiled.R"))

# Runs test files in order and ends at the first failure in a test that is not in `known`.
writeLines(c(
  "Sys.setenv(NOT_CRAN = \"true\")",
  "suppressPackageStartupMessages({ library(testthat); library(rdyncall) })",
  "args <- commandArgs(trailingOnly = TRUE)",
  "known <- readLines(args[1])",
  "all <- args[2] == \"all\"",
  "reporter <- R6::R6Class(\"first\", inherit = Reporter, public = list(",
  "  add_result = function(context, test, result) {",
  "    if (!inherits(result, c(\"expectation_failure\", \"expectation_error\")) || test %in% known) return()",
  "    cat(\"FAILED\\t\", if (is.null(test)) context else test, \"\\n\", sep = \"\")",
  "    if (!all) quit(status = 3)",
  "  }))",
  "for (name in args[-(1:2)])",
  "  test_dir(\"tests/testthat\", filter = paste0(\"^\", name, \"$\"), package = \"rdyncall\",",
  "           load_package = \"installed\", reporter = reporter$new(), stop_on_failure = FALSE,",
  "           stop_on_warning = FALSE)",
  "cat(\"\\nDONE\\n\")"
), file.path(work, "some.R"))
known <- file.path(work, "known")
invisible(file.create(known))
run_tests <- function(names, mode, time) {
  status <- run(file.path(R.home("bin"), "Rscript"),
                c(shQuote(file.path(work, "some.R")), shQuote(known), mode, names), log, time,
                c(libs, "LC_ALL=C.UTF-8"))
  list(status = status, output = readLines(log, warn = FALSE))
}

# A test that fails without a fault cannot kill one.
named <- unique(unlist(lapply(faults, function(fault) strsplit(fault$tests, " +")[[1L]])))
gone <- named[!file.exists(file.path(tests, paste0("test-", named, ".R")))]
if (length(gone)) message("no such test files: ", paste(gone, collapse = ", "))
cat("the tests without a fault:", setdiff(named, gone), "\n")
base <- run_tests(setdiff(named, gone), "all", max(1200, 10 * limit))
if (base$status != 0L || !any(base$output == "DONE")) {
  stop_with(paste(c("the tests do not run to their end", utils::tail(base$output, 20)), collapse = "\n"))
}
failing <- sub("^FAILED\t", "", grep("^FAILED\t", base$output, value = TRUE))
writeLines(unique(failing), known)
if (length(failing)) cat("they fail without a fault and do not count:", unique(failing), sep = "\n  ")

# ---- one fault after the other ----

build <- function() {
  src <- file.path(tree, "src")
  name <- paste0("rdyncall", .Platform$dynlib.ext)
  status <- run(rbin, c("CMD", "SHLIB", "-o", name, "*.c"), log, dir = src)
  if (status == 0L) {
    # a new file: another R may have the old one mapped
    to <- file.path(lib, "rdyncall", "libs", name)
    unlink(to)
    file.copy(file.path(src, name), to)
  }
  status == 0L
}

# The files that include a header, or one that does: make knows no dependencies on headers.
including <- function(header) {
  src <- file.path(tree, "src")
  files <- list.files(src, "[.][ch]$")
  lines <- lapply(file.path(src, files), readLines)
  found <- header
  repeat {
    wanted <- sprintf("#include \"%s\"", found)
    more <- files[vapply(lines, function(text) any(wanted %in% text), NA)]
    if (all(more %in% found)) return(setdiff(found, header))
    found <- union(found, more)
  }
}

try_fault <- function(fault) {
  file <- file.path(tree, "src", fault$file)
  before <- readLines(file)
  after <- plant(before, fault)
  if (is.null(after)) return(list(state = "no longer applies", by = ""))
  objects <- file.path(dirname(file), sub("[.]c$", ".o", grep("[.]c$", including(fault$file), value = TRUE)))
  on.exit({
    writeLines(before, file)
    unlink(objects)
  })
  writeLines(after, file)
  unlink(objects)
  if (!build()) return(list(state = "does not compile", by = ""))
  start <- Sys.time()
  done <- run_tests(setdiff(strsplit(fault$tests, " +")[[1L]], gone), "first", limit)
  time <- as.integer(difftime(Sys.time(), start, units = "secs"))
  by <- sub("^FAILED\t", "", grep("^FAILED\t", done$output, value = TRUE))
  if (length(by)) return(list(state = "killed", by = by[1L], time = time))
  if (done$status == 124L) return(list(state = "killed", by = "(time limit)", time = time))
  if (done$status != 0L || !any(done$output == "DONE"))
    return(list(state = "killed", by = "(crash)", time = time))
  list(state = "survived", by = "", time = time)
}

rows <- list()
for (fault in faults) {
  result <- try_fault(fault)
  cat(sprintf("%3d %-10s %-17s %-60s %s\n", fault$number, fault$file, result$state, fault$what, result$by))
  rows[[length(rows) + 1L]] <- c(fault, result)
}

# Of the faults that were not tried this time RESULTS.md tells what became of them the last time.
results <- file.path(here, "RESULTS.md")
complete <- !length(words) || file.exists(results)
if (length(words) && complete) {
  cells <- strsplit(sub("^[|] ", "", grep("^[|] [0-9]+ [|]", readLines(results), value = TRUE)),
                    " [|] ?|[|]$")
  before <- lapply(cells, function(x) list(state = x[4L], by = if (is.na(x[5L])) "" else x[5L]))
  names(before) <- vapply(cells, function(x) paste(x[2L], x[3L]), "")
  tried <- rows
  names(tried) <- vapply(rows, function(row) as.character(row$number), "")
  rows <- lapply(everything, function(fault) {
    old <- before[[paste(fault$file, fault$what)]]
    if (!is.null(tried[[as.character(fault$number)]])) tried[[as.character(fault$number)]]
    else c(fault, if (is.null(old)) list(state = "not tried", by = "") else old)
  })
}

get <- function(name) vapply(rows, function(row) if (is.null(row[[name]])) "" else paste(row[[name]]), "")
state <- get("state")
killed <- sum(state == "killed")
counted <- sum(state %in% c("killed", "survived"))
percent <- if (counted) 100 * killed / counted else 0
verdict <- sprintf("%d faults: %d killed, %d survived, %d not tried; %.1f %% killed", length(rows), killed,
                   sum(state == "survived"), length(rows) - counted, percent)
cat(verdict, "\n", sep = "")

# ---- RESULTS.md ----

if (complete) {
  cell <- function(x) gsub("|", "\\|", x, fixed = TRUE)
  gcc <- tryCatch(system2("gcc", "--version", stdout = TRUE)[1L], error = function(e) "")
  ffi <- tryCatch(suppressWarnings(system2("pkg-config", c("--modversion", "libffi"), stdout = TRUE))[1L],
                  error = function(e) "")
  lines <- c(
    "# Planted faults", "",
    "Made by `Rscript dev/mutate/run.R`: the faults of `faults.txt`, one at a time, against the tests in",
    "`tests/testthat` (without the tests of the core that `make sanitize` runs).", "",
    paste0("* ", Sys.Date(), ", ", R.version.string, ", libffi ", ffi, ", ", gcc, ", ", R.version$platform),
    paste0("* ", verdict), "")
  by_file <- table(factor(get("file"), unique(get("file"))), state)
  count <- function(name) if (name %in% colnames(by_file)) by_file[, name] else 0 * by_file[, 1L]
  lines <- c(lines, "| file | faults | killed | survived |", "| --- | ---: | ---: | ---: |",
             sprintf("| %s | %d | %d | %d |", rownames(by_file), rowSums(by_file), count("killed"),
                     count("survived")), "")
  left <- which(state != "killed")
  if (length(left)) {
    lines <- c(lines, "## Not killed", "",
               sprintf("* %s `%s`, %s: %s%s", get("number")[left], get("file")[left], get("what")[left],
                       state[left], ifelse(nzchar(get("because")[left]),
                                           paste0(": ", get("because")[left]), "")), "")
  }
  lines <- c(lines, "## All", "", "| | file | fault | result | first test that fails |",
             "| ---: | --- | --- | --- | --- |",
             sprintf("| %s | %s | %s | %s | %s |", get("number"), get("file"), cell(get("what")), state,
                     cell(get("by"))))
  writeLines(lines, results)
}
on_exit()
if (percent < 95 || any(state %in% c("no longer applies", "does not compile"))) quit(status = 1)
