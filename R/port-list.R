# What ports there are, and what is in a loaded one.

dynports <- function(repo = NULL) {
  if (!is.null(repo)) check_strings(repo, "repo")
  dirs <- port_dirs(repo)
  # list.files() of several folders would mix their files
  files <- unlist(lapply(dirs, list.files, "\\.dynport$", full.names = TRUE))
  names <- sub("\\.dynport$", "", basename(files))
  # in packages that are loaded
  for (package in setdiff(loadedNamespaces(), "rdyncall")) {
    more <- list.files(system.file("dynports", package = package), "\\.dynport$", full.names = TRUE)
    files <- c(files, more)
    names <- c(names, paste0(package, "::", sub("\\.dynport$", "", basename(more)), recycle0 = TRUE))
  }
  files <- files[!duplicated(names)]
  rows <- lapply(files, describe_port)
  column <- function(key) vapply(rows, function(row) row[[key]], "")
  made <- data.frame(port = names[!duplicated(names)], title = column("title"),
                     version = column("version"), library = column("library"),
                     package = column("package"), file = files, stringsAsFactors = FALSE)
  class(made) <- c("dynports", "data.frame")
  made
}

# One row: texts, NA where something is not known.
describe_port <- function(file) {
  headers <- tryCatch(open_headers(file), dyncall_error = function(e) e)
  if (inherits(headers, "dyncall_error")) {
    return(list(title = conditionMessage(headers), version = NA_character_, library = NA_character_,
                package = NA_character_))
  }
  text <- function(key) {
    value <- port_header(headers, key)
    if (is.null(value)) NA_character_ else value
  }
  library <- NULL
  for (n in library_numbers(headers)) {
    if (is.null(library)) library <- search_library(library_names(headers, n, basename(file)), TRUE)$library
  }
  list(title = text("Title"), version = text("Version"),
       library = if (is.null(library)) NA_character_ else library_label(library),
       package = system_package(port_header(headers, "Package")))
}

open_headers <- function(file) {
  headers <- port_records(read_bytes(file), basename(file), NULL, "header")
  library_names(headers, 1L, basename(file))
  headers
}

print.dynports <- function(x, ...) {
  found <- !is.na(x$library)
  state <- ifelse(found, "", ifelse(is.na(x$package), "not found", paste("not found, install", x$package)))
  title <- ifelse(is.na(x$title), "", x$title)
  cat(sprintf("%-*s  %s  %-*s  %s\n", max(nchar(x$port), 0L), x$port, ifelse(found, "*", " "),
              max(nchar(title), 0L), title, state), sep = "")
  cat("* the library was found here\n")
  invisible(x)
}

dynmissing <- function(port) {
  loader <- need_port(port)$.port
  records <- loaded_records(loader)
  wanted <- records$kind %in% c("func", "var")
  symbols <- lapply(which(wanted), record_symbol, records, loader)
  name <- vapply(symbols, function(symbol) symbol$symbol, "")
  library <- vapply(symbols, function(symbol) symbol$library, 0L)
  absent <- logical(length(symbols))
  for (n in setdiff(library, 0L)) {
    opened <- try_library(loader, n)
    absent[library == n] <- if (is.null(opened)) TRUE else !.Call(C_library_has, opened, name[library == n])
  }
  if (!is.null(port_header(loader$.headers, "Resolver"))) absent[records$kind[wanted] == "func"] <- FALSE
  records$name[wanted][absent]
}

# The symbol of record i, and the number of its library, 0 when it is not looked up there.
record_symbol <- function(i, records, loader) {
  if (!nzchar(records$attributes[i])) return(list(symbol = records$name[i], library = 1L))
  record <- port_line(get(".text", envir = loader), get(".file", envir = loader), records$at[i],
                      records$kind[i])
  symbol <- c(attribute(record, "ptr"), attribute(record, "sym"), record$name)[1L]
  library <- as.integer(c(attribute(record, "lib"), 1L)[1L])
  list(symbol = symbol, library = if (is.null(attribute(record, "get"))) library else 0L)
}

# The records of a loaded port that are in force, the last one of each name.
loaded_records <- function(loader, kinds = NULL) {
  records <- port_records(get(".text", envir = loader), get(".file", envir = loader), loader$.words, kinds)
  is_type <- records$kind %in% c("type", "struct", "enum")
  last <- !duplicated(paste(is_type, records$name), fromLast = TRUE) & nzchar(records$name) &
    records$kind != "header"
  lapply(records, function(column) column[last])
}

# A loaded port: the environment, or the name of an attached one.
need_port <- function(port) {
  if (is.character(port) && length(port) == 1L && !is.na(port)) {
    place <- paste0("dynport:", sub("^dynport:", "", port))
    if (place %in% search()) port <- as.environment(place)
  }
  if (!inherits(port, "dynport")) {
    abort_argument("port", "a loaded port, or the name of an attached one", port)
  }
  port
}

# ---- printing ----

port_title <- function(loader) {
  header <- function(key) port_header(loader$.headers, key)
  name <- sub("\\.dynport$", "", get(".file", envir = loader))
  version <- known_version(loader$.words)
  if (is.null(version)) version <- header("Version")
  paste0(name, if (!is.null(version)) paste0(" ", version),
         if (!is.null(header("Title"))) paste0(": ", header("Title")))
}

port_state <- function(loader) {
  opened <- loader$.libraries$Library
  if (is.null(opened)) paste(port_header_words(loader$.headers, "Library"), collapse = " ")
  else library_label(opened)
}

port_counts <- function(loader) {
  counts <- as.list(table(factor(loaded_records(loader)$kind, port_kinds)))
  counts <- c(func = counts$func, const = counts$const + counts$label, type = counts$type,
              enum = counts$enum, struct = counts$struct, var = counts$var, alias = counts$alias)
  names(counts) <- c("function", "constant", "type", "enum", "struct or union", "variable", "alias")
  counts <- counts[counts > 0L]
  plural <- c(alias = "aliases", "struct or union" = "structs and unions")
  many <- ifelse(names(counts) %in% names(plural), plural[names(counts)], paste0(names(counts), "s"))
  paste(counts, ifelse(counts == 1L, names(counts), many), collapse = ", ")
}

format.dynport <- function(x, ...) paste0("<dynport ", port_title(x$.port), ">")

print.dynport <- function(x, ...) {
  loader <- x$.port
  cat(format(x), "\nlibrary: ", port_state(loader), if (is.null(loader$.libraries$Library)) " (not opened yet)",
      "\n", port_counts(loader), "\nfile: ", loader$.path, "\n", sep = "")
  invisible(x)
}

# The first names of each kind.
str.dynport <- function(object, vec.len = 6L, ...) {
  loader <- object$.port
  records <- loaded_records(loader)
  cat(format(object), "\n", sep = "")
  kinds <- c(func = "functions", const = "constants", label = "labels", type = "types", enum = "enums",
             struct = "structs", var = "variables", alias = "aliases")
  for (kind in names(kinds)) {
    names <- records$name[records$kind == kind & nzchar(records$name)]
    if (!length(names)) next
    shown <- names[seq_len(min(length(names), vec.len))]
    cat(sprintf(" %-9s %5d  %s%s\n", kinds[[kind]], length(names), paste(shown, collapse = " "),
                if (length(names) > length(shown)) " ..." else ""), sep = "")
  }
  invisible()
}
