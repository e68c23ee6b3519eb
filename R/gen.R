# dyngen(): DynPorts from C headers.

dyngen <- function(header, portname = NULL, title = NULL, version = NULL, libnames = NULL,
                   packages = NULL, include = character(), define = character(), args = character(),
                   std = "gnu11", files = NULL, keep = NULL, drop = NULL, scalars = FALSE,
                   imports = character(), targets = NULL, file = NULL) {
  cl <- clang()
  source <- source_text(check_strings(header, "header"))
  want <- wanted(source, files, keep, drop, imports)
  want$scalars <- check_flag(scalars, "scalars")
  common <- c("-x", "c", paste0("-std=", check_string(std, "std")), "-ferror-limit=0",
              if (length(include)) paste0("-I", path.expand(check_strings(include, "include"))),
              if (length(define)) paste0("-D", check_strings(define, "define")),
              check_strings(args, "args"))
  g <- walk_target(cl, source$text, common, want)
  rows <- unique_rows(g$rows())
  rows$text <- resolve_widths(rows$text, g$widths)
  lines <- c("#!dynport 2", header_lines("Port", portname), header_lines("Title", title),
             header_lines("Version", version), platform_lines("Library", libnames),
             header_lines("Package", if (length(packages)) paste(packages, collapse = " ")),
             header_lines("Import", if (length(imports)) paste(imports, collapse = " ")),
             if (length(source$headers)) header_lines("Header", provenance(source$headers, setdiff(g$files, main_file))),
             generator_line(cl, g$triple), section_lines(rows))
  made <- structure(lines, class = "dyngen", counts = count_rows(rows), dropped = g$dropped(),
                    files = g$files)
  if (!is.null(file)) writeLines(made, check_string(file, "file"), useBytes = TRUE)
  made
}

main_file <- "rdyncall.c"

# The text to compile: header names become #include lines.
source_text <- function(header) {
  is_text <- grepl("[;{#\n]", header)
  if (any(is_text)) return(list(text = paste0(header, "\n", collapse = ""), headers = character()))
  lines <- ifelse(file.exists(header) & grepl("^(/|[A-Za-z]:|\\.)", header),
                  paste0("#include \"", normalizePath(header, "/", FALSE), "\""),
                  paste0("#include <", header, ">"))
  list(text = paste0(lines, "\n", collapse = ""), headers = header)
}

# What to take: functions that answer for files and for names.
wanted <- function(source, files, keep, drop, imports) {
  if (is.null(files)) files <- default_files(source$headers)
  patterns <- file_patterns(check_strings(files, "files"))
  is_file <- function(paths) {
    taken <- paths == main_file
    for (pattern in patterns) taken <- taken | grepl(pattern, paths)
    taken
  }
  is_name <- function(name) {
    (is.null(keep) || any(vapply(keep, grepl, NA, name))) &&
      !any(vapply(drop, grepl, NA, name))
  }
  list(is_file = is_file, is_name = is_name, reach = FALSE, imported = character(), types = emptyenv())
}

# The headers themselves, and those in their own folder.
default_files <- function(headers) {
  unique(c(headers, file.path(dirname(headers), "*")[dirname(headers) != "."]))
}

# Globs match the end of a path from a slash on; a pattern with ^ or $ is a regular expression.
file_patterns <- function(files) {
  regex <- grepl("^\\^|\\$$", files)
  globs <- gsub("([.+(){}|\\\\])", "\\\\\\1", files)
  globs <- gsub("?", "[^/]", gsub("*", "[^/]*", globs, fixed = TRUE), fixed = TRUE)
  ifelse(regex, files, paste0("(^|/)", globs, "$"))
}

walk_target <- function(cl, text, args, want, target = NULL) {
  args <- c(args, if (!is.null(cl$.resources)) c("-resource-dir", cl$.resources))
  unit <- open_unit(cl, text, args, 0x41L) # detailed preprocessing record, no function bodies
  on.exit(close_unit(unit))
  check_errors(unit)
  g <- walk_unit(unit, want)
  walk_macros(g, unit, text, args)
  g
}

check_errors <- function(unit) {
  errors <- unit_errors(unit)
  if (!nrow(errors)) return()
  shown <- utils::head(errors$text, 5L)
  abort("generate", paste0("expected C without errors, got ", nrow(errors), ":\n  ",
                           paste(shown, collapse = "\n  ")), errors = errors$text)
}

generator_line <- function(cl, triples) {
  paste0("Generator: rdyncall ", utils::packageVersion("rdyncall"), " libclang ", cl$.version,
         "; targets ", paste(short_triple(triples), collapse = " "))
}

count_rows <- function(rows) {
  counts <- table(factor(rows$kind, port_sections))
  structure(as.integer(counts), names = names(counts))
}

as.character.dyngen <- function(x, ...) {
  attributes(x) <- NULL
  x
}

`$.dyngen` <- function(x, name) attr(x, name, exact = TRUE)

print.dyngen <- function(x, ...) {
  counts <- x$counts
  cat("DynPort of ", length(x), " lines: ", paste(counts[counts > 0L], names(counts)[counts > 0L], collapse = ", "),
      "\n", sep = "")
  invisible(x)
}
