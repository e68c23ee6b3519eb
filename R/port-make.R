# What the bindings of a loaded port make when they are used, each from the line at a byte of the file. C
# writes the calls: port_struct(at), port_type(at) and port_enum(at) are evaluated in the scope,
# port_function(at) and port_alias(at) in the loader, port_variable(at, value) in a frame above the loader.

port_function <- function(at) {
  loader <- parent.frame()
  record <- port_line(get(".text", envir = loader), get(".file", envir = loader), at, "func")
  new_bound(.Call(C_bound_pending, loader, at), record$body, record$params, record$count < 0L,
            rules = any(names(record$attributes) %in% rule_keys))
}

# Called by C: the handle of a function, when it is first called or printed. If it cannot be made, e.g. for
# want of a library, the next call tries again.
port_handle <- function(loader, at) from_line(loader, at, "func", function_handle)

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
  told <- function(e) {
    e["call"] <- list(NULL)
    if (!inherits(e, "dyncall_error_library")) {
      e$message <- paste0(file, ":", record$line, ": ", kind, " '", record$name, "': ", e$message)
      e$line <- record$line
    }
    stop(e)
  }
  tryCatch(make(env, record), dyncall_error = told, error = function(e) {
    if (!is_circle(e)) stop(e)
    told(new_error("type", "expected a type that does not contain itself, got one that does", NULL))
  })
}

# Whether an error is that of a promise which needs its own value.
is_circle <- function(e) {
  text <- "promise already under evaluation: recursive default argument reference or earlier problems?"
  identical(conditionMessage(e), gettext(text, domain = "R"))
}

# The value of an attribute, NULL if it is not there.
attribute <- function(record, key) {
  if (key %in% names(record$attributes)) record$attributes[[key]]
}

record_library <- function(loader, record) {
  n <- attribute(record, "lib")
  port_library(loader, if (is.null(n)) 1L else as.integer(n))
}

function_handle <- function(loader, record) {
  library <- record_library(loader, record)
  mode <- attribute(record, "cc")
  way <- address_way(loader, record)
  handle <- new_call(library, record$name, record$body, if (is.null(mode)) "default" else mode,
                     parent.env(loader), record$params, way$how, way$symbol, way$getter, way$hint,
                     record_note(record))
  apply_attributes(handle, record$attributes, record$name, record$params, library,
                   function(name, mode) declared_here(loader, name, mode, record$name))
}

# The function or constant of a name in the port itself, or NULL; not the one that asks.
declared_here <- function(loader, name, mode, from) {
  if (mode == "function") return(if (name != from) declared_function(loader, name))
  records <- loaded_records(loader)
  at <- which(records$name == name & records$kind %in% c("const", "label"))
  if (length(at)) records$constants[[at[1L]]]
}

# The function of a name in the port itself, or NULL.
declared_function <- function(loader, name) {
  records <- loaded_records(loader, "func")
  at <- records$at[records$name == name]
  if (!length(at)) return(NULL)
  record <- port_line(get(".text", envir = loader), get(".file", envir = loader), at, "func")
  new_bound(port_handle(loader, at), record$body, record$params, record$count < 0L, compiled = FALSE)
}

# What printing a function says about it, or NULL.
record_note <- function(record) {
  instead <- attribute(record, "deprecated")
  since <- attribute(record, "since")
  notes <- c(if (!is.null(since)) paste("since version", since),
             if (!is.null(instead)) paste0("deprecated", if (nzchar(instead)) paste0(": ", instead)))
  if (length(notes)) paste(notes, collapse = ", ")
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
    abort("port", paste0("expected another function behind '@get=', got '", name, "' itself"))
  }
  declared <- declared_function(loader, name)
  if (!is.null(declared)) return(declared)
  for (port in imported_ports(loader)) {
    if (exists(name, envir = port, inherits = FALSE)) return(get(name, envir = port))
  }
  library <- port_library(loader)
  if (is.null(.dynsym(library, name))) {
    abort("symbol", paste0("expected a function of ", library_label(library), " that tells addresses, got '",
                           name, "', which it does not have"), symbol = name)
  }
  new_bound(new_call(library, name, "Z)p", "default", baseenv(), "name"), "Z)p", "name", FALSE,
            compiled = FALSE)
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
  abort("port", paste0("expected a name that the port declares, or a function, constant or type that it ",
                       "imports, got '", record$body, "'"))
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
    abort_variable("symbol", variable, paste0("expected a symbol of ", library_label(variable$library),
                                              ", got '", variable$symbol, "', which it does not have"))
  }
  if (missing(value)) return(.Call(C_memory_unpack, address, 0L, variable$type, parent.env(loader)))
  if (startsWith(variable$type, "k")) abort_variable("argument", variable, "expected no new value, being const")
  tryCatch(.Call(C_memory_pack, address, 0L, variable$type, value, parent.env(loader)),
           dyncall_error = function(e) {
             e$message <- paste0("variable ", variable$name, ": ", sub("^value at offset 0: ", "", e$message))
             e["call"] <- list(NULL)
             stop(e)
           })
}

# The call would be that of the active binding, which nobody has written.
abort_variable <- function(class, variable, message) {
  stop(new_error(class, paste0("variable ", variable$name, ": ", message), NULL, symbol = variable$symbol))
}

find_variable <- function(loader, record) {
  symbol <- attribute(record, "sym")
  list(name = record$name, type = record$body, library = record_library(loader, record),
       symbol = if (is.null(symbol)) record$name else symbol)
}
