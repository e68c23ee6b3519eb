# C declarations, bound when they are written.

dyndecl <- function(decls, libnames = "", envir = parent.frame(), include = character(),
                    define = character(), args = character(), std = "gnu11", files = NULL) {
  check_env(envir, "envir")
  text <- paste0(check_header(decls, "decls", "C text"), "\n", collapse = "")
  library <- as_library(libnames)
  if (!is.externalptr(library)) library <- need_library(check_strings(library, "libnames"))
  before <- envir$.declared
  headers <- included_headers(text)
  want <- wanted(list(headers = headers), if (is.null(files) && !length(headers)) character() else files,
                 NULL, if (length(headers)) "^__", character(), NULL)
  want$reach <- TRUE
  want$scalars <- TRUE
  compiler <- compiler_args(std, include, define, args)
  made <- declare(text, before, headers, want, compiler)
  if (!length(headers)) check_dropped(made$dropped)
  rows <- made$rows
  keys <- paste(rows$kind, rows$text)
  new <- rows[!keys %in% made$before$keys, ]
  port <- text_port(c("#!dynport 2", "Library: self", all_sections(new)), "decls", library)
  own <- load_source(port, makers_above(envir))
  link_names(ls(own), own, envir)
  envir$.declared <- list(text = paste0(made$before$text, text), keys = c(made$before$keys, keys))
  if (!length(headers)) tell_missing(new, library)
  invisible(envir)
}

# What a text declares behind the earlier ones of its environment (`before`, which comes back); by itself
# when it declares some of them anew.
declare <- function(text, before, headers, want, compiler) {
  behind <- function(before) {
    source <- list(text = paste0(before$text, text), headers = headers, skip = count_lines(before$text))
    c(generate(source, want, compiler, list(NULL)), list(before = before))
  }
  tryCatch(behind(before), dyncall_error_generate = function(e) {
    if (is.null(before)) stop(e)
    tryCatch(behind(NULL), dyncall_error_generate = function(alone) stop(e))
  })
}

# What promises of a port call, where names go on to a user's environment.
makers_above <- function(envir) {
  makers <- c("port_function", "port_struct", "port_type", "port_enum", "port_alias", "port_variable")
  list2env(mget(makers, parent.env(environment())), new.env(parent = envir))
}

count_lines <- function(text) {
  if (is.null(text)) 0L else lengths(regmatches(text, gregexpr("\n", text, fixed = TRUE)))
}

# The names of headers in a text that has nothing but #include lines.
included_headers <- function(text) {
  lines <- trimws(strsplit(text, "\n", fixed = TRUE)[[1L]])
  lines <- lines[nzchar(lines)]
  pattern <- "^#[ \t]*include[ \t]*[<\"]([^>\"]+)[>\"]$"
  if (length(lines) && all(grepl(pattern, lines))) sub(pattern, "\\1", lines) else character()
}

# Who writes a declaration wants it: what cannot be bound is an error.
check_dropped <- function(dropped) {
  dropped <- dropped[dropped$kind %in% c("func", "inline", "var", "struct"), ]
  if (!nrow(dropped)) return()
  abort("generate", paste0("expected declarations that can be bound, got ",
                           paste0("'", dropped$name, "': ", dropped$reason, collapse = "; ")),
        errors = dropped$reason)
}

# The same names in another environment: promises are forced there, variables stay active.
link_names <- function(names, from, to) {
  for (name in names) {
    if (exists(name, envir = to, inherits = FALSE)) rm(list = name, envir = to)
    if (bindingIsActive(name, from)) makeActiveBinding(name, activeBindingFunction(name, from), to)
    else link_name(name, from, to)
  }
}

link_name <- function(name, from, to) {
  delayedAssign(name, get(name, envir = from, inherits = FALSE), assign.env = to)
}

tell_missing <- function(rows, library) {
  names <- rows$name[rows$kind == "func" & !grepl(" @(sym|ptr)=", rows$text)]
  missing <- names[vapply(names, function(name) is.null(.dynsym(library, name)), NA)]
  if (!length(missing)) return()
  warning(new_warning("symbol", paste0(library_label(library), " does not have ",
                                       paste0("'", missing, "'", collapse = ", ")),
                      sys.call(-1L), symbols = missing))
}
