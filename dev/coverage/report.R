# Rscript report.R <folder of .gcov files> <this folder> <verdict of the tests> <number of filters>
# notes.txt: a line `file <tab> text of the line or of the function <tab> why`; a group of lines that is not
# covered gets the first note whose text is in it, or in the line that begins its function.
args <- commandArgs(trailingOnly = TRUE)
here <- args[2]
notes <- utils::read.delim(file.path(here, "notes.txt"), header = FALSE, quote = "", comment.char = "#",
                           col.names = c("file", "text", "why"), colClasses = "character")

read_gcov <- function(file) {
  lines <- grep("^[^:]*: *[0-9]+:", readLines(file, warn = FALSE), value = TRUE)
  count <- trimws(sub("^([^:]*):.*", "\\1", lines))
  number <- as.integer(sub("^[^:]*: *([0-9]+):.*", "\\1", lines))
  text <- sub("^[^:]*: *[0-9]+:", "", lines)
  keep <- number > 0L
  data.frame(count = count, number = number, text = text)[keep, ]
}

# The line that begins the function around a line.
function_of <- function(text, at) {
  start <- which(grepl("^[a-zA-Z].*\\(", text) & !grepl(";$", text) & seq_along(text) <= at)
  if (length(start)) text[max(start)] else ""
}

why_of <- function(file, text, around) {
  for (i in seq_len(nrow(notes)))
    if (notes$file[i] %in% c(file, "*") &&
        (any(grepl(notes$text[i], text, fixed = TRUE)) || grepl(notes$text[i], around, fixed = TRUE)))
      return(notes$why[i])
  "?"
}

files <- sort(list.files(args[1], "[.]c$"))
table <- NULL
left <- NULL
for (file in files) {
  gcov <- file.path(args[1], paste0(file, ".gcov"))
  if (!file.exists(gcov)) next # nothing is compiled from it here
  all <- read_gcov(gcov)
  code <- all[all$count != "-", ]
  missed <- grepl("^[#=]", code$count)
  table <- rbind(table, data.frame(file = file, lines = nrow(code), covered = sum(!missed)))
  # neighbours in terms of lines with code are one group
  group <- cumsum(c(TRUE, diff(missed) != 0))
  for (g in unique(group[missed])) {
    rows <- code[group == g, ]
    around <- function_of(all$text, match(rows$number[1L], all$number))
    name <- sub(".*[ *]([a-zA-Z_0-9]+)\\(.*", "\\1", around)
    span <- if (nrow(rows) == 1L) rows$number else paste(range(rows$number), collapse = "-")
    left <- rbind(left, data.frame(file = file, span = span, name = name, lines = nrow(rows),
                                   why = why_of(file, rows$text, around), text = trimws(rows$text[1L])))
  }
}
total <- data.frame(file = "total", lines = sum(table$lines), covered = sum(table$covered))
table <- rbind(table, total)
table$percent <- sprintf("%.1f", floor(1000 * table$covered / table$lines) / 10)
print(table, row.names = FALSE)
if (!is.null(left)) {
  cat("\nnot covered:\n")
  cat(sprintf("%s:%s %s: %s  [%s]\n", left$file, left$span, left$name, left$why, left$text), sep = "")
}

if (args[4] == "0") {
  first <- function(...) tryCatch(suppressWarnings(system2(..., stdout = TRUE))[1L], error = function(e) "")
  lines <- c(
    "# Line coverage", "",
    "Made by `dev/coverage/run.sh`: lines of `src/` that `tests/testthat` runs, by gcov. The tests of the core",
    "(`make sanitize`) are not counted. Files that this platform compiles to nothing are left out.", "",
    paste0("* ", Sys.Date(), ", ", R.version.string, ", libffi ", first("pkg-config", c("--modversion", "libffi")),
           ", ", first("gcc", "--version"), ", ", R.version$platform),
    paste0("* ", args[3]), "",
    "| file | lines | covered | % |", "| --- | ---: | ---: | ---: |",
    sprintf("| %s | %d | %d | %s |", table$file, table$lines, table$covered, table$percent), "",
    "## Not covered", "")
  for (why in unique(left$why)) {
    rows <- left[left$why == why, ]
    lines <- c(lines, sprintf("* %s (%d lines): %s", if (why == "?") "open" else why, sum(rows$lines),
                              paste0("`", rows$file, ":", rows$span, "` ", rows$name, collapse = ", ")))
  }
  writeLines(lines, file.path(here, "RESULTS.md"))
}
if (total$covered < 0.95 * total$lines) quit(status = 1)
