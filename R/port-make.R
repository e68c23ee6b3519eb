# What the promises of a loaded port make, each from the line at a byte of the file. C writes the calls:
# port_function(at) is evaluated in the loader, port_struct(at), port_type(at) and port_enum(at) in the
# scope, port_variable(at, value) in a frame above the loader.

port_function <- function(at) from_line(parent.frame(), at, "func", bind_function)

port_struct <- function(at) {
  from_line(parent.frame(), at, "struct",
            function(env, record) new_typeinfo(record_handle(record$body, env)))
}

port_type <- function(at) {
  from_line(parent.frame(), at, "type",
            function(env, record) new_typeinfo(alias_handle(record$name, record$body, env)))
}

port_enum <- function(at) {
  from_line(parent.frame(), at, "enum", function(env, record) new_typeinfo(enum_handle(record, env)))
}

port_alias <- function(at) from_line(parent.frame(), at, "alias", find_import)

# Makes something of a line. Errors say where it is and what it declares.
from_line <- function(env, at, kind, make) {
  file <- get(".file", envir = env)
  record <- port_line(get(".text", envir = env), file, at, kind)
  tryCatch(make(env, record), dyncall_error = function(e) {
    if (inherits(e, c("dyncall_error_library", "dyncall_error_port"))) stop(e)
    e$message <- paste0(file, ":", record$line, ": ", kind, " '", record$name, "': ", e$message)
    e$line <- record$line
    e["call"] <- list(NULL)
    stop(e)
  })
}

# The value of an attribute, NULL if it is not there.
attribute <- function(record, key) {
  if (key %in% names(record$attributes)) record$attributes[[key]]
}

record_library <- function(loader, record) {
  n <- attribute(record, "lib")
  port_library(loader, if (is.null(n)) 1L else as.integer(n))
}

bind_function <- function(loader, record) {
  library <- record_library(loader, record)
  mode <- attribute(record, "cc")
  way <- address_way(loader, record)
  handle <- new_call(library, record$name, record$body, if (is.null(mode)) "default" else mode,
                     parent.env(loader), record$params, way$how, way$symbol, way$getter, way$hint)
  f <- new_bound(handle, record$body, record$params, record$count < 0L)
  own_result(f, attribute(record, "free"), !is.null(attribute(record, "copy")), library,
             function(name) get0(name, envir = loader$.env, mode = "function", inherits = FALSE))
}

# How the address of a function is had, as arguments of new_call().
address_way <- function(loader, record) {
  symbol <- attribute(record, "sym")
  if (is.null(symbol)) symbol <- record$name
  variable <- attribute(record, "ptr")
  getter <- attribute(record, "get")
  resolver <- port_header(loader$.headers, "Resolver")
  since <- attribute(record, "since")
  if (!is.null(variable)) {
    init <- port_header(loader$.headers, "Init")
    list(how = "variable", symbol = variable, hint = if (!is.null(init)) paste0(init, "()"))
  } else if (!is.null(getter)) {
    list(how = "asked", symbol = symbol, getter = find_getter(loader, getter, record), hint = getter)
  } else if (!is.null(resolver) && resolver != record$name) {
    list(how = "symbol or asked", symbol = symbol, getter = find_getter(loader, resolver, record),
         hint = resolver)
  } else {
    list(how = "symbol", symbol = symbol,
         hint = if (!is.null(since)) paste("which came with version", since))
  }
}

# The function that is asked for addresses by name: as the port or an import declares it, else one of
# the library that takes a string and returns a pointer.
find_getter <- function(loader, name, record) {
  if (name == record$name) {
    abort("port", paste0(get(".file", envir = loader), ":", record$line, ": expected another function ",
                         "behind '@get=', got '", name, "' itself"), line = record$line)
  }
  if (exists(name, envir = loader$.env, inherits = FALSE)) return(get(name, envir = loader$.env))
  for (port in imported_ports(loader)) {
    if (exists(name, envir = port, inherits = FALSE)) return(get(name, envir = port))
  }
  new_bound(new_call(port_library(loader), name, "Z)p", "default", baseenv(), "name"), "Z)p", "name", FALSE)
}

# The ports that a port imports, whole, for aliases of their functions.
imported_ports <- function(loader) {
  if (is.null(loader$.imports)) {
    names <- port_header_words(loader$.headers, "Import")
    loader$.imports <- lapply(names, function(name) {
      file <- find_port(name, loader$.dirs)
      load_port(file, c(dirname(file), loader$.dirs))
    })
  }
  loader$.imports
}

# What an alias means that leads out of its port.
find_import <- function(loader, record) {
  for (port in imported_ports(loader)) {
    if (exists(record$body, envir = port, inherits = FALSE) && !bindingIsActive(record$body, port)) {
      return(get(record$body, envir = port))
    }
  }
  abort("port", paste0(get(".file", envir = loader), ":", record$line, ": alias '", record$name,
                       "': expected a name that the port declares, or a function, constant or type that ",
                       "it imports, got '", record$body, "'"), line = record$line)
}

# ---- variables ----

# Reads a variable of the library, or writes value to it.
port_variable <- function(at, value) {
  loader <- parent.env(parent.frame())
  key <- as.character(at)
  variable <- loader$.variables[[key]]
  if (is.null(variable)) {
    variable <- from_line(loader, at, "var", find_variable)
    loader$.variables[[key]] <- variable
  }
  address <- .dynsym(variable$library, variable$symbol)
  if (is.null(address)) {
    abort("symbol", paste0("variable ", variable$name, ": expected a symbol of ",
                           library_label(variable$library), ", got '", variable$symbol,
                           "', which it does not have"), symbol = variable$symbol)
  }
  if (missing(value)) return(.Call(C_memory_unpack, address, 0L, variable$type, parent.env(loader)))
  if (startsWith(variable$type, "k")) {
    abort("argument", paste0("variable ", variable$name, ": expected no assignment, being const, got one"))
  }
  .Call(C_memory_pack, address, 0L, variable$type, value, parent.env(loader))
}

find_variable <- function(loader, record) {
  symbol <- attribute(record, "sym")
  list(name = record$name, type = record$body, library = record_library(loader, record),
       symbol = if (is.null(symbol)) record$name else symbol)
}
