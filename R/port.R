# DynPorts: whole C libraries by name.

dynport <- function(portname, portfile = NULL, repo = system.file("dynports", package = "rdyncall"),
                    attach = TRUE) {
  portname <- substitute(portname)
  name <- if (is.character(portname)) portname else deparse(portname)
  check_flag(attach, "attach")
  place <- paste0("dynport:", check_string(name, "portname"))
  if (attach && place %in% search()) return(invisible(as.environment(place)))
  if (is.null(portfile)) portfile <- find_port(name, repo)
  port <- read_port(check_string(portfile, "portfile"))
  library <- need_library(port_libraries(port), port_header(port, "Package"))
  if (!attach) {
    env <- new.env(hash = TRUE, parent = baseenv(), size = length(port$name) * 2L + 16L)
    return(fill_port(env, port, library))
  }
  attach_list <- get("attach", envir = baseenv())
  env <- fill_port(attach_list(NULL, name = place), port, library)
  tell_masked(env, place)
  invisible(env)
}

find_port <- function(name, repo) {
  files <- file.path(check_strings(repo, "repo"), paste0(name, ".dynport"))
  found <- files[file.exists(files)]
  if (!length(found)) {
    known <- sort(sub("\\.dynport$", "", list.files(repo, "\\.dynport$")))
    abort("port", paste0("dynport '", name, "' not found: expected one of ",
                         paste(known, collapse = ", "), ", got no file ",
                         paste0("'", files, "'", collapse = ", ")), port = name)
  }
  found[1L]
}

port_kinds <- c("header", "const", "enum", "label", "type", "struct", "var", "alias", "func")

# The records of a port file, a list of columns.
read_port <- function(file) {
  if (!file.exists(file) || dir.exists(file)) {
    abort("port", paste0("port file '", file, "': expected a file, got none"), port = file)
  }
  scan_port(readBin(file, "raw", file.size(file)), file)
}

# The records of a text: raw bytes, or lines.
scan_port <- function(text, file = "text") {
  if (is.character(text)) text <- charToRaw(enc2utf8(paste0(text, "\n", collapse = "")))
  port <- .Call(C_dynport_scan, text, basename(file))
  port$kind <- port_kinds[port$kind + 1L]
  port$file <- file
  port
}

port_header <- function(port, key) {
  at <- which(port$kind == "header" & port$name == key)
  if (length(at)) port$body[at[length(at)]]
}

port_libraries <- function(port) {
  names <- port_header(port, "Library")
  if (is.null(names)) {
    abort("port", paste0(basename(port$file), ": expected a header 'Library:', got none"),
          port = port$file)
  }
  strsplit(names, "[[:space:]]+")[[1L]]
}

port_attribute <- function(text, key) {
  words <- strsplit(text, "[[:space:]]+")[[1L]]
  found <- words[startsWith(words, paste0("@", key, "="))]
  if (length(found)) sub("^[^=]*=", "", found[1L])
}

# Everything by name: constants at once, functions and types when they are first used.
fill_port <- function(env, port, library) {
  env$.library <- library
  fill_constants(env, port)
  for (i in which(port$kind == "struct")) delay_record(env, port, i)
  for (i in which(port$kind == "type")) delay_alias_type(env, port, i)
  for (i in which(port$kind == "enum" & nzchar(port$name))) delay_enum(env, port, i)
  for (i in which(port$kind == "func")) delay_function(env, port, i)
  for (i in which(port$kind == "alias")) delay_alias(env, port, i)
  for (i in which(port$kind == "var")) bind_variable(env, port, i)
  env
}

fill_constants <- function(env, port) {
  const <- port$kind == "const"
  values <- port$constants[const]
  names(values) <- port$name[const]
  label <- port$kind == "label"
  labels <- port$value[label]
  small <- abs(labels) <= .Machine$integer.max
  labels <- as.list(labels)
  labels[small] <- lapply(labels[small], as.integer)
  names(labels) <- port$name[label]
  list2env(c(values, labels), envir = env)
}

delay_record <- function(env, port, i) {
  delayedAssign(port$name[i], record_of(env, port, i), assign.env = env)
}

record_of <- function(env, port, i) {
  text <- port$body[i]
  handles <- resolve_types(.Call(C_typeinfo_names, text, "record"), env)
  new_typeinfo(.Call(C_typeinfo_record, text, 0L, handles, env)[[1L]])
}

delay_alias_type <- function(env, port, i) {
  delayedAssign(port$name[i], new_typeinfo(alias_handle(port$name[i], port$body[i], env)),
                assign.env = env)
}

delay_enum <- function(env, port, i) {
  delayedAssign(port$name[i], new_typeinfo(enum_handle(port, i, env)), assign.env = env)
}

delay_function <- function(env, port, i) {
  delayedAssign(port$name[i], {
    symbol <- port_attribute(port$attributes[i], "sym")
    mode <- port_attribute(port$attributes[i], "cc")
    params <- if (nzchar(port$params[i])) strsplit(port$params[i], "[[:space:]]+")[[1L]]
              else if (port$value[i] == 0) character()
    handle <- new_call(env$.library, if (is.null(symbol)) port$name[i] else symbol, port$body[i],
                       if (is.null(mode)) "default" else mode, env, params)
    new_bound(handle, port$body[i], params, port$value[i] < 0)
  }, assign.env = env)
}

delay_alias <- function(env, port, i) {
  delayedAssign(port$name[i], get(port$body[i], envir = env, inherits = FALSE), assign.env = env)
}

bind_variable <- function(env, port, i) {
  type <- port$body[i]
  name <- port$name[i]
  makeActiveBinding(name, function(value) {
    address <- .dynsym(env$.library, name)
    if (is.null(address)) {
      abort("symbol", paste0("expected a symbol of ", library_label(env$.library), ", got '", name,
                             "', which it does not have"), symbol = name)
    }
    if (missing(value)) .Call(C_memory_unpack, address, 0L, type, env)
    else .Call(C_memory_pack, address, 0L, type, value, env)
  }, env)
}

# A message like library()'s for functions of attached packages that the port hides.
tell_masked <- function(env, place) {
  own <- ls(env, sorted = FALSE)
  for (other in setdiff(search(), c(place, ".GlobalEnv", "Autoloads"))) {
    if (startsWith(other, "dynport:") && !startsWith(place, "dynport:")) next
    both <- intersect(own, ls(other, all.names = TRUE, sorted = FALSE))
    if (length(both)) {
      packageStartupMessage("The following ", if (length(both) > 1L) "objects are" else "object is",
                            " masked from ", sQuote(other, FALSE), ":\n\n    ",
                            paste(sort(both), collapse = ", "), "\n")
    }
  }
}
