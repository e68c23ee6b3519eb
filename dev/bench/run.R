# Runs all benchmarks and writes RESULTS.md: calls from R and from other languages in one table of ratios, columns,
# scaling, instructions, loading of ports. `sessions` sessions of each language take turns; a ratio is made of two
# numbers of the same turn. Languages that are not installed are named.
#
#   run.R [--quick]

file <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L])
here <- normalizePath(dirname(file))
quick <- "--quick" %in% commandArgs(TRUE)
sessions <- if (quick) 1L else 3L
rscript <- file.path(R.home("bin"), "Rscript")

run <- function(command, args, env = character()) {
  if (!nzchar(Sys.which(command))) return(structure(character(), status = 127L))
  suppressWarnings(system2(command, args, stdout = TRUE, stderr = FALSE, env = env))
}

# The one that Debian's packages are for.
python <- if (file.exists("/usr/bin/python3")) "/usr/bin/python3" else "python3"

# ---- calls ----

library_file <- function() {
  old <- setwd(tempdir())
  on.exit(setwd(old))
  file.copy(file.path(here, "targets.c"), ".")
  run(file.path(R.home("bin"), "R"), c("CMD", "SHLIB", "targets.c"))
  file.path(tempdir(), paste0("targets", .Platform$dynlib.ext))
}

other <- function(library) {
  script <- function(name) file.path(here, "other", name)
  list(ctypes = list(python, c(script("python.py"), library, tempdir(), "ctypes")),
       "cffi ABI" = list(python, c(script("python.py"), library, tempdir(), "cffi-abi")),
       "cffi API" = list(python, c(script("python.py"), library, tempdir(), "cffi-api")),
       LuaJIT = list("luajit", c(script("luajit.lua"), library)),
       "Ruby FFI" = list("ruby", c(script("ruby.rb"), library)),
       Platypus = list("perl", c(script("platypus.pl"), library)))
}

read_rows <- function(lines, columns) {
  utils::read.delim(text = lines, header = FALSE, col.names = columns, quote = "", stringsAsFactors = FALSE)
}

# One turn: rows of case, column, nanoseconds, ratio.
one_turn <- function(library, rounds) {
  rows <- read_rows(run(rscript, c(file.path(here, "call.R"), "--tsv"), paste0("BENCH_ROUNDS=", rounds)),
                    c("case", "column", "ns", "ratio", "low", "high"))[1:4]
  unit <- rows[rows$column == "NS", ]
  others <- other(library)
  for (name in names(others)) {
    lines <- run(others[[name]][[1L]], others[[name]][[2L]])
    if (!length(lines)) next
    got <- read_rows(lines, c("case", "ns"))
    rows <- rbind(rows, data.frame(case = got$case, column = name, ns = got$ns,
                                   ratio = got$ns / unit$ns[match(got$case, unit$case)]))
  }
  rows
}

digits <- function(x) if (is.na(x)) "" else if (x >= 100) sprintf("%.0f", x) else sprintf("%.2f", x)

table_lines <- function(rows) {
  columns <- c("literal", ".C", "Rcpp", "base", "bound", "dots", ".dyncall", names(other("")))
  cases <- unique(rows$case)
  cell <- function(case, column, what) {
    x <- rows[[what]][rows$case == case & rows$column == column]
    if (length(x)) stats::median(x) else NA_real_
  }
  body <- vapply(cases, function(case) {
    ratios <- vapply(columns, function(column) digits(cell(case, column, "ratio")), "")
    paste0("| ", paste(c(case, sprintf("%.0f", cell(case, "NS", "ns")), ratios), collapse = " | "), " |")
  }, "")
  c(paste0("| ", paste(c("case", "NS, ns", columns), collapse = " | "), " |"),
    paste0("| --- |", paste(rep(" ---: |", length(columns) + 1L), collapse = "")), body)
}

# ---- the rest ----

output_of <- function(name, args = character(), env = character()) {
  c("```", run(rscript, c(file.path(here, name), args), env), "```")
}

version_of <- function(command, args) {
  lines <- run(command, args)
  if (length(lines)) grep("[0-9]", lines, value = TRUE)[1L] else "not installed"
}

machine <- function() {
  cpu <- if (file.exists("/proc/cpuinfo")) grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)[1L]
  load <- if (file.exists("/proc/loadavg")) paste0("load average ", strsplit(readLines("/proc/loadavg"), " ")[[1L]][1L])
  paste(c(sub("^.*: ", "", cpu), paste(parallel::detectCores(), "cores"), R.version$platform, load), collapse = ", ")
}

versions <- function() {
  c(R.version.string, paste("libffi", version_of("pkg-config", c("--modversion", "libffi"))),
    version_of("gcc", "--version"),
    if (requireNamespace("Rcpp", quietly = TRUE)) paste("Rcpp", utils::packageVersion("Rcpp")) else "Rcpp: not installed",
    version_of(python, "--version"),
    paste("cffi", version_of(python, c("-c", shQuote("import cffi; print(cffi.__version__)")))),
    version_of("luajit", "-v"), paste("Ruby FFI", version_of("ruby", c("-e", shQuote("require 'ffi'; puts FFI::VERSION")))),
    paste("FFI::Platypus", version_of("perl", c("-MFFI::Platypus", "-e", shQuote("print FFI::Platypus->VERSION")))))
}

main <- function() {
  library <- library_file()
  rounds <- if (quick) 31L else 301L
  load_before <- machine()
  rows <- do.call(rbind, lapply(seq_len(sessions), function(i) one_turn(library, rounds)))
  few <- paste0("BENCH_ROUNDS=", if (quick) 5L else 31L)
  lines <- c(
    "# Benchmarks", "", "Written by `make bench`. Ratios of one run compare with each other; those of two machines do not.", "",
    paste0("* date: ", format(Sys.Date())), paste0("* machine: ", load_before),
    paste0("* commit: ", run("git", c("-C", here, "describe", "--always", "--dirty", "--abbrev=10"))),
    paste0("* ", versions()), "",
    "## Calls", "",
    "NS is `function(x) .Call(C_sym, x)`, compiled, in a package, in nanoseconds; the others are multiples of it: `.Call` with",
    "the symbol object in the body, `.C`, Rcpp, base R's own function for it (`sqrt`, `atan2`, `nchar`, `sort`), functions of",
    "`dynbind` with and without parameter names, `.dyncall`, and the FFIs of other languages from a loop of theirs (LuaJIT",
    "compiles the loop). NS of a callback and of qsort is a bare `Rf_eval`, which is not safe; of struct fields, `d)d`; of",
    "structs, a wrapper from list to list; of an out parameter, one that returns a list; of an allocation, `calloc` with a",
    "finalizer. Empty: there is no such way.", "",
    table_lines(rows), "",
    "## Instructions", "", output_of("count.R"), "",
    "## Columns", "", output_of("map.R", env = few), "",
    "## Scaling", "", output_of("scale.R", if (quick) "--quick"), "",
    "## Loading of ports", "", output_of("port.R", c("SDL", "GL"), paste0("BENCH_SESSIONS=", if (quick) 3L else 9L)))
  writeLines(lines, file.path(here, "RESULTS.md"))
  cat(lines, sep = "\n")
}

main()
