# Checks that man/conditions.Rd names the condition classes of the code, all of them and no others:
# Rscript tools/check-conditions.R [root]

args <- commandArgs(trailingOnly = TRUE)
root <- if (length(args)) args[1] else "."

# The condition classes that `lines` name as strings of their own, or as any word of a help page.
classes <- function(lines, quotes = TRUE) {
  name <- "dyncall_(error|warning)(_[a-z0-9]+)*"
  pattern <- if (quotes) paste0("[\"']", name, "[\"']") else paste0("\\b", name, "\\b")
  gsub("[\"']", "", unlist(regmatches(lines, gregexpr(pattern, lines))))
}
read <- function(path) readLines(path, warn = FALSE, encoding = "UTF-8")

# src/statuses.h gives suffixes: X(SIG_TOKEN, "signature", ...).
pattern <- "^[ \t]*X\\([A-Z0-9_]+,[ \t]*\"([a-z_]+)\".*$"
rows <- grep(pattern, read(file.path(root, "src/statuses.h")), value = TRUE)
if (length(rows) == 0) stop("src/statuses.h lists no failures that this script can read")
sources <- list.files(file.path(root, c("R", "src")), "\\.[RCch]$", full.names = TRUE)
text <- unlist(lapply(sources, read))
# Classes that are made from a suffix.
made <- function(pattern, prefix) {
  hits <- unlist(regmatches(text, gregexpr(paste0("\\b", pattern, "\\(\"[a-z_]+\""), text)))
  if (length(hits)) paste0(prefix, gsub("^.*\"([a-z_]+)\"$", "\\1", hits))
}
used <- unique(c(
  "dyncall_error", made("(new_error|abort)", "dyncall_error_"),
  made("(new_warning|rdc_warn)", "dyncall_warning_"), paste0("dyncall_error_", sub(pattern, "\\1", rows)),
  classes(text)
))

page <- file.path(root, "man/conditions.Rd")
if (!file.exists(page)) {
  cat("there is no man/conditions.Rd; it has to describe:", sort(used), sep = "\n  ")
  quit(status = 1)
}
told <- unique(classes(gsub("\\_", "_", read(page), fixed = TRUE), quotes = FALSE))

problems <- c(
  sprintf("man/conditions.Rd does not describe %s", sort(setdiff(used, told))),
  sprintf("man/conditions.Rd describes %s, which the code does not know", sort(setdiff(told, used)))
)
if (length(problems)) {
  writeLines(problems)
  quit(status = 1)
}
cat("conditions: man/conditions.Rd describes the", length(used), "classes of the code\n")
