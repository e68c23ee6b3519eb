# dyngen(): DynPorts from C headers.

dyngen <- function(header, portname = NULL, title = NULL, version = NULL, libnames = NULL,
                   packages = NULL, include = character(), define = character(), args = character(),
                   std = "gnu11", files = NULL, keep = NULL, drop = NULL, types = character(),
                   scalars = FALSE, imports = character(), repo = NULL,
                   targets = NULL, file = NULL) {
  source <- source_text(check_header(header))
  want <- wanted(source, files, keep, drop, check_strings(imports, "imports"), repo)
  want$scalars <- check_flag(scalars, "scalars")
  want$spellings <- check_types(types)
  args <- compiler_args(std, include, define, args)
  targets <- check_targets(targets)
  made <- generate(source, want, args, targets) # from here on libclang is needed
  if (length(source$headers) && !length(made$files)) {
    abort_argument("files", "patterns of headers that are read", files)
  }
  rows <- made$rows
  headers <- c(text_header("Port", portname), text_header("Title", title),
               text_header("Version", version), platform_lines("Library", libnames),
               platform_lines("Package", packages), text_header("Import", imports),
               if (length(source$headers)) paste0("Header: ", provenance(source$headers, made$files)),
               generator_line(made$version, made$triples))
  lines <- c("#!dynport 2", headers, all_sections(rows))
  if (!is.null(file)) writeLines(enc2utf8(lines), check_string(file, "file"), useBytes = TRUE)
  structure(lines, class = "dyngen", counts = count_rows(rows), dropped = made$dropped,
            files = made$files, triples = made$triples)
}

main_file <- "rdyncall.c"

check_header <- function(header, name = "header", expected = "names of headers, or C text") {
  if (!is.character(header) || !length(header) || anyNA(header) || !all(nzchar(header))) {
    abort_argument(name, expected, header)
  }
  enc2utf8(header)
}

# Signatures by the names of typedefs.
check_types <- function(types) {
  if (length(check_strings(types, "types")) && (is.null(names(types)) || !all(nzchar(names(types))))) {
    abort_argument("types", "signatures with the names of types", types)
  }
  for (text in types) .Call(C_typeinfo_names, text, "type")
  types
}

check_targets <- function(targets) {
  if (is.null(targets)) return(list(NULL))
  if (!is.character(targets) || !length(targets) || anyNA(targets) || anyDuplicated(targets)) {
    abort_argument("targets", "different names of platforms", targets)
  }
  as.list(target_triples(targets))
}

compiler_args <- function(std, include, define, args) {
  # without -fno-builtin, functions that clang knows have its own types: unsigned long for size_t
  c("-x", "c", paste0("-std=", check_string(std, "std")), "-ferror-limit=0", "-fno-builtin",
    paste0("-I", path.expand(check_strings(include, "include")), recycle0 = TRUE),
    paste0("-D", check_strings(define, "define"), recycle0 = TRUE), check_strings(args, "args"))
}

# The text to compile: header names become #include lines.
source_text <- function(header) {
  if (any(grepl("[;{#\n]", header))) {
    return(list(text = paste0(header, "\n", collapse = ""), headers = character(), skip = 0L))
  }
  is_path <- file.exists(header) & grepl("^(/|[A-Za-z]:|~|\\.)", header)
  header[is_path] <- normalizePath(header[is_path], "/")
  lines <- ifelse(is_path, paste0("#include \"", header, "\""), paste0("#include <", header, ">"))
  list(text = paste0(lines, "\n", collapse = ""), headers = header, skip = 0L)
}

# What to take: functions that answer for files and for names.
wanted <- function(source, files, keep, drop, imports, repo) {
  if (is.null(files)) files <- default_files(source$headers)
  patterns <- check_patterns(file_patterns(check_strings(files, "files")), "files")
  keep <- check_patterns(keep, "keep")
  drop <- check_patterns(drop, "drop")
  matches <- function(patterns, x) {
    Reduce(`|`, lapply(patterns, grepl, x, perl = TRUE), logical(length(x)))
  }
  types <- import_types(imports, repo)
  list(is_file = function(paths) paths == main_file | matches(patterns, paths),
       is_name = function(names) (!length(keep) | matches(keep, names)) & !matches(drop, names),
       reach = FALSE, types = types, imported = scope_names(types))
}

check_patterns <- function(patterns, name) {
  for (pattern in check_strings(if (is.null(patterns)) character() else patterns, name)) {
    valid <- tryCatch(is.logical(grepl(pattern, "", perl = TRUE)), error = function(e) FALSE,
                      warning = function(w) FALSE)
    if (!valid) abort_argument(name, "regular expressions", pattern)
  }
  patterns
}

# The headers themselves; those in a folder that was named with them; the parts of others.
default_files <- function(headers) {
  folders <- dirname(headers)
  alone <- folders == "."
  stems <- sub("\\.[^.]*$", "", headers[alone])
  unique(c(headers, paste0(folders, "/*", recycle0 = TRUE)[!alone & !startsWith(folders, "/")],
           paste0(stems, "_*", recycle0 = TRUE), paste0("bits/", stems, "*", recycle0 = TRUE)))
}

# Globs match the end of a path from a slash on; a pattern with ^ or $ is a regular expression.
file_patterns <- function(files) {
  regex <- grepl("^\\^|\\$$", files)
  globs <- gsub("([.+(){}|\\\\])", "\\\\\\1", files)
  globs <- gsub("?", "[^/]", gsub("*", "[^/]*", globs, fixed = TRUE), fixed = TRUE)
  as.character(ifelse(regex, files, paste0("(^|/)", sub("^/", "", globs), "$")))
}

# The scope with the types of other ports, whose libraries are not needed.
import_types <- function(imports, repo) {
  lines <- c("#!dynport 2", text_header("Import", imports))
  import_scope(text_port(lines, "imports", NULL), port_dirs(repo))
}

scope_names <- function(scope) {
  names <- character()
  while (exists(".file", envir = scope, inherits = FALSE)) {
    names <- c(names, ls(scope))
    scope <- parent.env(scope)
  }
  unique(names)
}

# Parses the text for each target and merges what they have: list(rows, dropped, files, triples).
generate <- function(source, want, args, targets) {
  cl <- clang()
  want$several <- length(targets) > 1L
  walks <- list()
  pinned <- NULL
  for (target in targets) {
    g <- walk_target(cl, source, args, want, target, pinned)
    if (want$several && is.null(pinned)) {
      pinned <- pin_headers(g$files, source$headers)
      on.exit(unlink(pinned$folder, recursive = TRUE))
    }
    walks <- c(walks, list(g))
  }
  widths <- merge_widths(walks)
  tables <- lapply(walks, function(g) {
    rows <- unique_rows(g$rows())
    rows$text <- resolve_widths(rows$text, widths)
    rows
  })
  rows <- if (want$several) merge_rows(tables, lapply(walks, function(g) target_words(g$triple)))
          else cbind(tables[[1L]], condition = rep("", nrow(tables[[1L]])))
  dropped <- unique(do.call(rbind, lapply(walks, function(g) g$dropped())))
  names(dropped) <- c("kind", "name", "reason")
  rownames(dropped) <- NULL
  # what another target has is no loss; of a struct without a layout there is the name
  kept <- dropped$kind != "struct" & paste(dropped$kind, dropped$name) %in% paste(rows$kind, rows$name)
  list(rows = rows, dropped = dropped[!kept, ],
       files = setdiff(walks[[1L]]$files, main_file), triples = vapply(walks, function(g) g$triple, ""),
       version = cl$.version, walks = walks)
}

walk_target <- function(cl, source, args, want, target, pinned) {
  if (!is.null(pinned)) {
    is_file <- want$is_file
    want$is_file <- function(paths) is_file(unpinned(paths, pinned))
  }
  args <- c(args, target_args(cl, target, pinned))
  unit <- open_unit(cl, source$text, args, 0x41L) # detailed preprocessing record, no function bodies
  on.exit(close_unit(unit))
  check_errors(unit, source, target)
  g <- walk_unit(unit, want)
  walk_macros(g, unit, source$text, args)
  g
}

check_errors <- function(unit, source, target) {
  errors <- unit_errors(unit)
  n <- nrow(errors)
  if (!n) return()
  own <- errors$file == main_file
  where <- ifelse(own, paste0("line ", errors$line - source$skip), paste0(errors$file, ":", errors$line))
  where[errors$line == 0] <- "arguments"
  errors <- paste0(where, ": ", errors$text)
  absent <- grepl("file not found", errors, fixed = TRUE)
  hint <- if (any(absent)) paste0("\n  'include' adds folders with headers",
                                  if (!is.null(target)) target_hint(target))
  abort("generate", paste0(if (!is.null(target)) paste0("for ", target, ": "),
                           "expected C that compiles, got ", n, if (n == 1L) " error" else " errors",
                           ":\n  ", paste(errors[seq_len(min(n, 5L))], collapse = "\n  "), hint),
        errors = errors)
}

generator_line <- function(version, triples) {
  paste0("Generator: rdyncall ", utils::packageVersion("rdyncall"), " libclang ", version,
         "; targets ", paste(short_triple(triples), collapse = " "))
}

count_rows <- function(rows) {
  counts <- table(factor(rows$kind[!duplicated(paste(rows$kind, rows$name))], port_sections))
  structure(as.integer(counts), names = names(counts))
}

as.character.dyngen <- function(x, ...) {
  attributes(x) <- NULL
  x
}

`$.dyngen` <- function(x, name) attr(x, name, exact = TRUE)

print.dyngen <- function(x, ...) {
  counts <- x$counts[x$counts > 0L]
  cat("DynPort: ", length(x), " lines from ", length(x$files), " headers for ",
      paste(short_triple(x$triples), collapse = ", "), "\n", sep = "")
  if (length(counts)) cat("  ", paste(counts, names(counts), collapse = ", "), "\n", sep = "")
  if (nrow(x$dropped)) {
    reasons <- sort(table(paste0(x$dropped$kind, ": ", x$dropped$reason)), decreasing = TRUE)
    most <- reasons[seq_len(min(length(reasons), 10L))]
    cat("left out:\n", sprintf("  %d  %s\n", most, names(most)), sep = "")
    if (length(reasons) > 10L) cat("  ...", length(reasons) - 10L, "more reasons in $dropped\n")
  }
  invisible(x)
}
