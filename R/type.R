# Type information objects.

parseStructInfos <- function(sigs, envir = parent.frame()) parse_records(sigs, envir, "struct")

parseUnionInfos <- function(sigs, envir = parent.frame()) parse_records(sigs, envir, "union")

# Parses records one after the other, so that later ones can contain earlier ones.
parse_records <- function(sigs, envir, kind) {
  check_env(envir, "envir")
  text <- paste(check_strings(sigs, "sigs"), collapse = "")
  handles <- resolve_types(.Call(C_typeinfo_names, text, "record"), envir)
  made <- list()
  at <- 0L
  repeat {
    record <- .Call(C_typeinfo_record, text, at, handles, envir)
    if (is.null(record[[1L]])) break
    info <- new_typeinfo(record[[1L]])
    if (info$type != kind) {
      abort("signature", paste0("expected a ", kind, " signature, got that of the ", info$type,
                                " '", info$name, "'"), signature = text)
    }
    made[[info$name]] <- info
    handles[[info$name]] <- record[[1L]]
    at <- record[[2L]]
  }
  for (name in names(made)) assign(name, made[[name]], envir = envir)
  invisible(made)
}

# Enums by the text of DynPort files: Name{LABEL LABEL=value ...} names, one or more.
parseEnumInfos <- function(sigs, envir = parent.frame()) {
  parse_lines("enum", sigs, envir, function(record) enum_handle(record, envir))
}

# The handle of an enum by its record, as C_dynport_line gives it.
enum_handle <- function(record, env) {
  if (!nzchar(record$name)) {
    abort("signature", "expected the name of an enum before '{', got none")
  }
  twice <- record$labels[duplicated(record$labels)]
  if (length(twice)) {
    abort("signature", paste0("expected labels that differ, got '", twice[1L], "' twice in enum '",
                              record$name, "'"), signature = record$name)
  }
  .Call(C_typeinfo_enum, record$name, record$letter, record$labels, record$values,
        "flags" %in% names(record$attributes), env)
}

# Other names for types: Name=type;
parseTypedefs <- function(sigs, envir = parent.frame()) {
  parse_lines("type", sigs, envir, function(record) alias_handle(record$name, record$body, envir))
}

alias_handle <- function(name, text, env) {
  handles <- resolve_types(.Call(C_typeinfo_names, text, "type"), env)
  .Call(C_typeinfo_alias, name, text, handles, env)
}

record_handle <- function(text, env) {
  handles <- resolve_types(.Call(C_typeinfo_names, text, "record"), env)
  .Call(C_typeinfo_record, text, 0L, handles, env)[[1L]]
}

# Reads declarations as a section of a port file and assigns the types.
parse_lines <- function(section, sigs, envir, make) {
  check_env(envir, "envir")
  text <- paste(check_strings(sigs, "sigs"), collapse = "")
  lines <- trimws(strsplit(text, ";", fixed = TRUE)[[1L]])
  lines <- gsub("[\r\n]+", " ", lines[nzchar(lines)])
  bytes <- port_bytes(c("#!dynport 2", paste0("[", section, "]"), paste0(lines, ";", recycle0 = TRUE)))
  records <- tryCatch(port_records(bytes, "text", NULL, section),
                      dyncall_error_port = function(e) e)
  if (inherits(records, "dyncall_error_port")) {
    abort("signature", sub("^text:[0-9]+: ", "", conditionMessage(records)), signature = text)
  }
  made <- list()
  for (at in records$at) {
    record <- port_line(bytes, "text", at, section)
    made[[record$name]] <- new_typeinfo(make(record))
    assign(record$name, made[[record$name]], envir = envir)
  }
  invisible(made)
}

# The R object of a type handle: a list as users know it, with the handle at its end.
new_typeinfo <- function(handle) {
  about <- .Call(C_typeinfo_describe, handle)
  fields <- if (!is.null(about$fields)) {
    data.frame(type = about$types, offset = about$offsets, bits = about$bits,
               row.names = make.unique(about$fields), stringsAsFactors = FALSE)
  }
  structure(class = "typeinfo",
            list(name = about$name, type = about$type, size = about$size, align = about$align,
                 basetype = NULL, fields = fields, signature = about$signature,
                 labels = if (!is.null(about$labels)) stats::setNames(about$values, about$labels),
                 converter = about$converter, handle = handle))
}

print.typeinfo <- function(x, ...) {
  cat(x$type, " ", x$name, if (!is.na(x$size)) paste0(", ", x$size, " bytes, aligned to ", x$align),
      if (!is.null(x$converter)) paste0(", converted from ", x$signature), "\n", sep = "")
  if (!is.null(x$fields) && nrow(x$fields)) {
    bits <- ifelse(is.na(x$fields$bits), "", paste0(":", x$fields$bits))
    text <- paste0(x$fields$type, bits)
    cat(sprintf("  %4d  %-*s  %s\n", as.integer(x$fields$offset), max(nchar(text)), text,
                rownames(x$fields)), sep = "")
  }
  if (length(x$labels)) {
    cat(sprintf("  %s = %s\n", names(x$labels), format(x$labels, trim = TRUE)), sep = "")
  }
  invisible(x)
}

is.typeinfo <- function(x) inherits(x, "typeinfo")

# The type of a name: the first type information object of that name on the way from an environment to
# the search path. Functions and data of the same name are passed over, also in ports, which then have
# the type in their scope.
find_typeinfo <- function(name, env) {
  if (!nzchar(name)) return(NULL)
  found <- get0(name, envir = env, mode = "list")
  if (is.typeinfo(found)) return(found)
  while (!identical(env, emptyenv())) {
    place <- if (inherits(env, "dynport")) parent.env(env$.port) else env
    found <- get0(name, envir = place, mode = "list", inherits = FALSE)
    if (is.typeinfo(found)) return(found)
    env <- parent.env(env)
  }
  NULL
}

# Called by C: the handles of names, NULL where a name means nothing.
resolve_types <- function(names, env) {
  if (is.null(names)) return(NULL)
  if (is.null(env)) env <- user_frame()
  handles <- lapply(names, function(name) find_typeinfo(name, env)$handle)
  names(handles) <- names
  handles
}

# Called by C: the handle of the type that an object names.
find_handle <- function(name, scope) {
  env <- if (is.environment(scope)) scope else user_frame()
  info <- find_typeinfo(name, env)
  if (is.null(info) && is.environment(scope)) info <- find_typeinfo(name, user_frame())
  if (is.null(info)) {
    abort("type", paste0("expected the name of a known type, got '", name, "'"), type = name)
  }
  info$handle
}

# A type given as type information or by name, from the frame of the caller's caller.
as_typeinfo <- function(type, env, name = "type") {
  if (is.typeinfo(type)) return(type)
  check_string(type, name)
  info <- find_typeinfo(type, env)
  if (is.null(info)) {
    abort("type", paste0("argument '", name, "': expected the name of a known type, got '", type, "'"),
          type = type)
  }
  info
}
