# DynPorts: whole C libraries by name.
#
# A loaded port is three environments. What the user sees has constants by value, functions and types by
# promise, and variables as active bindings; a function asks for its library when it is called. Its
# .port, the loader, is where functions and variables are made: it has the library. The loader's parent,
# the scope, has the types and the text of the file; signatures resolve there, and types keep it alive
# without the library. The scope's parent is that of the first imported port.

dynport <- function(portname, portfile = NULL, repo = NULL, attach = TRUE) {
  portname <- substitute(portname)
  name <- check_string(if (is.character(portname)) portname else deparse(portname), "portname")
  check_flag(attach, "attach")
  if (!is.null(repo)) check_strings(repo, "repo")
  place <- paste0("dynport:", name)
  attached <- attach && place %in% search()
  if (attached && is.null(portfile) && is.null(repo)) return(invisible(as.environment(place)))
  file <- if (is.null(portfile)) find_port(name, port_dirs(repo)) else check_string(portfile, "portfile")
  if (attached) return(invisible(same_port(as.environment(place), file, place)))
  env <- load_port(file, c(dirname(file), port_dirs(repo)), if (attach) place)
  if (attach) {
    tell_masked(env, place)
    invisible(env)
  } else {
    env
  }
}

# An attached port that was asked for again, with its file.
same_port <- function(env, file, place) {
  have <- if (inherits(env, "dynport")) env$.port$.path else ""
  if (!identical(have, normalizePath(file, mustWork = FALSE))) {
    abort("port", paste0("expected '", place, "' to be attached from '", file, "', got one from '", have,
                         "': detach it first, or use attach = FALSE"), port = file)
  }
  env
}

# ---- where ports are ----

# The directories of ports: those of the call, of the user, of this package.
port_dirs <- function(repo = NULL) {
  user <- getOption("rdyncall.repo")
  if (!is.null(user)) check_strings(user, "rdyncall.repo")
  path.expand(c(repo, user, installed$ports))
}

# Set by .onLoad. ports: the directory of this package's ports; base: the names of base R, which are slow
# to list once there are many symbols.
installed <- new.env()

# The file of a port; package::name is in the folder dynports of that package.
find_port <- function(name, dirs) {
  parts <- strsplit(name, "::", fixed = TRUE)[[1L]]
  if (!grepl("^([A-Za-z][A-Za-z0-9.]*::)?[A-Za-z0-9_][A-Za-z0-9_.+-]*$", name)) {
    abort("port", paste0("expected the name of a port, got '", name, "'"), port = name)
  }
  if (length(parts) == 2L) {
    dirs <- system.file("dynports", package = parts[1L])
    if (!nzchar(dirs)) {
      abort("port", paste0("dynport '", name, "' not found: expected an installed package with a folder ",
                           "'dynports', got '", parts[1L], "'"), port = name)
    }
  }
  files <- file.path(dirs, paste0(parts[length(parts)], ".dynport"))
  found <- files[file.exists(files)]
  if (!length(found)) {
    known <- sort(unique(port_names(dirs)))
    abort("port", paste0("dynport '", name, "' not found: expected one of ",
                         paste(known, collapse = ", "), ", got no file ",
                         paste0("'", files, "'", collapse = ", ")), port = name)
  }
  found[1L]
}

port_names <- function(dirs) sub("\\.dynport$", "", list.files(dirs, "\\.dynport$"))

# ---- reading files ----

port_kinds <- c("header", "const", "enum", "label", "type", "struct", "var", "alias", "func")

# The bytes of lines, as a port file has them.
port_bytes <- function(lines) charToRaw(enc2utf8(paste0(lines, "\n", collapse = "")))

read_bytes <- function(file) {
  if (!file.exists(file) || dir.exists(file)) {
    abort("port", paste0("port file '", file, "': expected a file, got none"), port = file)
  }
  readBin(file, "raw", file.size(file))
}

# The records of a port file, a list of columns. words, if given, are true in conditions instead of
# those of this platform, see platform_words().
read_port <- function(file, words = NULL) scan_port(read_bytes(file), file, words)

# The records of a text: raw bytes, or lines.
scan_port <- function(text, file = "text", words = NULL) {
  if (is.character(text)) text <- port_bytes(text)
  port <- port_records(text, basename(file), words)
  port$file <- file
  port
}

platform_words <- function() .Call(C_dynport_words)

port_records <- function(bytes, file, words = NULL, kinds = NULL) {
  port <- .Call(C_dynport_scan, bytes, file, words, if (!is.null(kinds)) match(kinds, port_kinds) - 1L)
  port$kind <- port_kinds[port$kind + 1L]
  port
}

port_line <- function(bytes, file, at, kind) {
  .Call(C_dynport_line, bytes, file, at, match(kind, port_kinds) - 1L)
}

# The value of a header, the last one that holds, or NULL; and of one that lists words.
port_header <- function(port, key) {
  at <- which(port$kind == "header" & port$name == key)
  if (length(at)) port$body[at[length(at)]]
}

port_header_words <- function(port, key) {
  value <- port_header(port, key)
  if (is.null(value)) character() else strsplit(value, "[[:space:]]+")[[1L]]
}

# ---- loading ----

load_port <- function(file, dirs, place = NULL) {
  source <- open_port(file)
  load_source(source, import_scope(source, dirs), dirs, place)
}

# What open_port() or text_port() read, with names resolved from parent on.
load_source <- function(source, parent, dirs = character(), place = NULL) {
  scope <- new_scope(source, parent)
  loader <- new.env(parent = scope)
  loader$.path <- source$path
  loader$.dirs <- dirs
  loader$.headers <- source$headers
  loader$.words <- source$words
  loader$.libraries <- source$libraries
  bytes <- length(source$text)
  if (is.null(place)) {
    # with room for all names a hash table need not grow
    env <- new.env(parent = baseenv(), size = bytes %/% 26L + 64L)
  } else {
    env <- attach_empty(place, bytes %/% 48L + 64L)
    on.exit(detach(place, character.only = TRUE))
  }
  env$.port <- loader
  delayedAssign(".library", port_library(loader), assign.env = env)
  fill_port(source, scope, loader, env)
  class(env) <- c("dynport", "environment") # later: R asks the class of an object each time it binds a name
  check_library(loader)
  on.exit()
  env
}

# Reads a file and binds what it declares; env may be NULL, for types only.
fill_port <- function(source, scope, loader, env) {
  tools <- list(delayedAssign, has_name, unbind)
  .Call(C_dynport_fill, source$text, source$label, source$words, scope, loader, env, tools)
}

has_name <- function(name, env) exists(name, envir = env, inherits = FALSE)

unbind <- function(name, env) rm(list = name, envir = env)

# A file and what its headers say: list(text, label, path, headers, words, libraries).
open_port <- function(file) {
  source <- list(text = read_bytes(file), label = basename(file),
                 path = normalizePath(file, mustWork = FALSE))
  source$headers <- port_records(source$text, source$label, NULL, "header")
  if ("Probe" %in% source$headers$name) probe_port(source) else source
}

# Lines as a port of a library that is open.
text_port <- function(lines, label, library) {
  text <- port_bytes(lines)
  list(text = text, label = label, path = label, headers = port_records(text, label, NULL, "header"),
       libraries = list(Library = library))
}

# The scope of a file without its library, where these words are true.
port_types <- function(file, dirs, words = NULL) {
  source <- list(text = read_bytes(file), label = basename(file), words = words)
  source$headers <- port_records(source$text, source$label, words, "header")
  scope <- new_scope(source, import_scope(source, dirs))
  fill_port(source, scope, scope, NULL)
  scope
}

new_scope <- function(source, parent) {
  scope <- new.env(parent = parent)
  scope$.text <- source$text
  scope$.file <- source$label
  scope
}

# The scopes of the ports that a port imports, and of those that these import, each the parent of the
# one before.
import_scope <- function(source, dirs) {
  sources <- imported(source, dirs, sub("\\.dynport$", "", source$label))
  scope <- parent.env(environment())
  for (one in rev(sources)) {
    scope <- new_scope(one, scope)
    fill_port(one, scope, scope, NULL)
  }
  scope
}

imported <- function(source, dirs, seen) {
  sources <- list()
  for (name in port_header_words(source$headers, "Import")) {
    if (name %in% seen) next
    seen <- c(seen, name)
    file <- tryCatch(find_port(name, dirs), dyncall_error_port = function(e) {
      at <- match("Import", source$headers$name)
      e$line <- source$headers$line[at]
      e$message <- paste0(source$label, ":", e$line, ": ", e$message)
      stop(e)
    })
    one <- open_port(file)
    below <- imported(one, dirs, seen)
    seen <- c(seen, names(below))
    sources <- c(sources, stats::setNames(list(one), name), below)
  }
  sources
}

# ---- libraries ----

library_key <- function(n, key = "Library") if (n == 1L) key else paste0(key, n)

library_names <- function(headers, n, label) {
  names <- port_header_words(headers, library_key(n))
  if (!length(names)) {
    abort("port", paste0(label, ": expected a header '", library_key(n), ":', got none"), port = label)
  }
  names[names == "self"] <- ""
  names
}

# A library of a port, opened when it is first asked for.
port_library <- function(loader, n = 1L) {
  key <- library_key(n)
  if (is.null(loader$.libraries[[key]])) {
    names <- library_names(loader$.headers, n, get(".file", envir = loader))
    loader$.libraries[[key]] <-
      need_library(names, port_header(loader$.headers, library_key(n, "Package")))
  }
  loader$.libraries[[key]]
}

# The numbers of the libraries that the headers list.
library_numbers <- function(headers) {
  numbers <- seq_len(9L)
  keys <- vapply(numbers, library_key, "")
  numbers[keys %in% headers$name[headers$kind == "header"]]
}

# That a library of a port is there is known by its file, so that it is opened when it is used; only where
# no file is seen they have to be tried at once. One of several is enough: what needs another one fails
# when it is called.
check_library <- function(loader) {
  label <- get(".file", envir = loader)
  numbers <- union(1L, library_numbers(loader$.headers))
  for (n in numbers) if (library_seen(library_names(loader$.headers, n, label))) return(invisible())
  for (n in numbers[-1L]) if (!is.null(try_library(loader, n))) return(invisible())
  port_library(loader)
}

# The library, or NULL.
try_library <- function(loader, n) {
  tryCatch(port_library(loader, n), dyncall_error_library = function(e) NULL)
}

# ---- probes ----

# Asks the library what the port's probes want to know, and reads the headers again with the answers.
probe_port <- function(source) {
  names <- library_names(source$headers, 1L, source$label)
  library <- if (length(library_numbers(source$headers)) > 1L) search_library(names, TRUE)$library
             else need_library(names, port_header(source$headers, "Package"))
  source$libraries <- list(Library = library)
  source$words <- platform_words()
  for (text in source$headers$body[source$headers$name == "Probe"]) {
    probe <- .Call(C_dynport_probe, text)
    source$words <- c(source$words, probe_word(probe, call_probe(library, probe)))
  }
  check_version(source)
  source$headers <- port_records(source$text, source$label, source$words, "header")
  source
}

# What the function returns, NULL if there is no such function, or one of several libraries is not there.
call_probe <- function(library, probe) {
  if (is.null(library) || is.null(.dynsym(library, probe$symbol))) return(NULL)
  params <- if (length(probe$arguments)) NULL else character()
  handle <- new_call(library, probe$symbol, probe$signature, "default", baseenv(), params)
  do.call(new_bound(handle, probe$signature, params, FALSE, compiled = FALSE), probe$arguments)
}

# The word that an answer makes true.
probe_word <- function(probe, answer) {
  if (probe$word != "version") return(if (length(answer) && answer != 0) probe$word)
  found <- regmatches(answer, regexpr("[0-9]+([.][0-9]+)*", answer))
  if (length(found)) paste0("version=", found)
}

known_version <- function(words) {
  found <- grep("^version=", words, value = TRUE)
  if (length(found)) substring(found[1L], 9L)
}

check_version <- function(source) {
  have <- known_version(source$words)
  least <- port_header(source$headers, "Min-Version")
  if (is.null(have) || is.null(least)) return(invisible())
  if (utils::compareVersion(have, sub("[^0-9.].*$", "", least)) < 0) {
    abort("library", paste0(source$label, ": expected ", library_label(source$libraries$Library),
                            " of version ", least, " or later, got version ", have))
  }
}

# ---- attaching ----

# An empty place on the search path with room for so many names. attach() takes no size but that of what
# it attaches, so it gets as many of one name, which go again: to grow to thousands costs more than that.
attach_empty <- function(place, room) {
  base_attach <- get("attach", envir = baseenv()) # the package checks look at calls of attach()
  if (room < 2000) return(base_attach(NULL, name = place))
  name <- rep(".", room)
  env <- base_attach(structure(vector("list", room), names = name), name = place, warn.conflicts = FALSE)
  rm(list = name, envir = env)
  env
}

# A message like library()'s for functions of attached packages that the port hides.
tell_masked <- function(env, place) {
  others <- setdiff(search(), c(place, ".GlobalEnv", "Autoloads"))
  others <- others[!startsWith(others, "dynport:")]
  names <- lapply(others, function(other) {
    if (other == "package:base") installed$base else names(as.environment(other))
  })
  own <- names(env)
  if (!any(own %in% unlist(names))) return(invisible())
  for (i in seq_along(others)) {
    both <- names[[i]][names[[i]] %in% own]
    if (length(both)) {
      packageStartupMessage("The following ", if (length(both) > 1L) "objects are" else "object is",
                            " masked from ", sQuote(others[i], FALSE), ":\n\n    ",
                            paste(sort(both), collapse = ", "), "\n")
    }
  }
}
