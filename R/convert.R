# Converters: R functions that stand between R values and C types.

dynconvert <- function(name, type = NULL, to = NULL, from = NULL, vectorised = FALSE, preset = NULL,
                       class = NULL, envir = parent.frame()) {
  check_env(envir, "envir")
  check_flag(vectorised, "vectorised")
  if (!is.null(class)) return(invisible(convert_class(class, to, envir)))
  name <- sub("^<(.+)>$", "\\1", check_string(name, "name"))
  if (!nzchar(name) || grepl("[<>;]", name)) abort_argument("name", "the name of a type", name)
  given <- if (is.null(preset)) list(type = NULL) else find_preset(preset)
  base <- base_type(if (is.null(type)) given$type else type, envir)
  converter <- if (is.null(preset)) {
    list(to = to, from = from, vectorised = vectorised)
  } else {
    if (!is.null(to) || !is.null(from)) {
      abort("argument", "expected either 'preset' or 'to' and 'from', got both", argument = "preset")
    }
    given$make(.Call(C_typeinfo_describe, .Call(C_typeinfo_alias, name, base$text, base$handles, envir)))
  }
  converter <- check_converter(converter)
  info <- new_typeinfo(.Call(C_typeinfo_converter, name, base$text, base$handles, envir, converter))
  assign(name, info, envir = envir)
  invisible(info)
}

check_converter <- function(converter) {
  for (part in c("to", "from")) {
    f <- converter[[part]]
    if (!is.null(f) && !is.function(f)) abort_argument(part, "a function or NULL", f)
  }
  if (is.null(converter$to) && is.null(converter$from)) {
    abort_argument("to", "a function, as 'from' is none", NULL)
  }
  converter[c("to", "from", "vectorised")]
}

# A type given as type information, by name or as a signature: its signature and the handles of the names
# in it.
base_type <- function(type, env) {
  if (!is.typeinfo(type) && nchar(check_string(type, "type")) != 1L) {
    known <- find_typeinfo(type, env)
    if (!is.null(known)) return(named_type(type, known))
  }
  if (is.typeinfo(type)) return(named_type(type$name, type))
  list(text = type, handles = resolve_types(.Call(C_typeinfo_names, type, "type"), env))
}

named_type <- function(name, info) {
  handles <- list(info$handle)
  names(handles) <- name
  list(text = paste0("<", name, ">"), handles = handles)
}

# ---- called by C ----

# The error of the converter that failed last, for raise_condition().
converting <- new.env()

# What a converter makes of a value, or of n values (NA: any number): a list of that, or the message of
# the error. Without a converter it is the list of the values.
convert_value <- function(f, x, n) {
  tryCatch(list(if (is.null(n)) f(x) else convert_values(f, x, n)), error = keep_error)
}

convert_values <- function(f, x, n) {
  y <- if (is.null(f)) lapply(seq_len(length(x)), function(i) x[[i]]) else f(x)
  if (is.na(n)) {
    if (!is.null(dim(x)) && is.null(dim(y)) && length(y) == length(x)) dim(y) <- dim(x)
  } else if (!is.atomic(y) && !is.list(y) || length(y) != n || length(unclass(y)) != n) {
    abort("argument", paste0("expected ", n, " values, got ", describe(y)))
  }
  y
}

keep_error <- function(e) {
  converting$error <- e
  enc2utf8(paste(conditionMessage(e), collapse = "\n"))
}

# The same by the converter of a class of the object, NULL if there is none for the type.
convert_object <- function(x, type, scope) {
  for (name in class(x)) {
    found <- find_converter(name, if (is.environment(scope)) scope else user_frame())
    if (is.null(found) && is.environment(scope)) found <- find_converter(name, user_frame())
    f <- converter_for(found$to, type)
    if (!is.null(f)) return(tryCatch(list(f(x)), error = keep_error))
  }
  NULL
}

# ---- by class ----

convert_class <- function(class, to, envir) {
  check_string(class, "class")
  by_type <- is.list(to) && length(to) && !is.null(names(to)) && all(vapply(to, is.function, NA))
  if (!is.function(to) && !by_type) {
    abort_argument("to", "a function, or a list of functions whose names are types", to)
  }
  made <- structure(class = "classconverter", list(class = class, to = to))
  assign(converter_name(class), made, envir = envir)
  made
}

converter_name <- function(class) paste0(".dynconvert.", class)

find_converter <- function(class, env) {
  found <- get0(converter_name(class), envir = env, mode = "list")
  if (inherits(found, "classconverter")) found
}

# A type of its own counts before the same without const behind the stars.
converter_for <- function(to, type) {
  if (is.null(to) || is.function(to)) return(to)
  for (text in c(type, sub("^(\\*+)k", "\\1", type))) if (!is.null(to[[text]])) return(to[[text]])
  NULL
}

# ---- presets ----

find_preset <- function(preset) {
  check_string(preset, "preset")
  if (!preset %in% names(presets)) {
    abort_argument("preset", paste0("one of ", paste0("'", names(presets), "'", collapse = ", ")), preset)
  }
  presets[[preset]]
}

# Each has a type where none is given, and a function of what C_typeinfo_describe says of the type.
presets <- list(
  Date = list(type = "i", make = function(about) {
    list(to = function(x) floor(as.numeric(as.Date(x))),
         from = function(x) structure(plain_double(x), class = "Date"), vectorised = TRUE)
  }),
  POSIXct = list(type = "<time_t>", make = function(about) {
    part <- intersect(c("tv_nsec", "tv_usec"), about$fields)
    if (length(part) && "tv_sec" %in% about$fields) return(time_struct(part))
    whole <- if (about$signature %in% c("d", "f", "D")) identity else floor
    list(to = function(x) whole(as.numeric(as.POSIXct(x))),
         from = function(x) structure(plain_double(x), class = c("POSIXct", "POSIXt")),
         vectorised = TRUE)
  }),
  path = list(type = "<native>", make = function(about) {
    list(to = function(x) if (!is.null(x)) path.expand(x), from = NULL, vectorised = TRUE)
  }),
  factor = list(type = NULL, make = function(about) {
    if (is.null(about$labels)) abort_argument("type", "an enum for the preset 'factor'", about$signature)
    list(to = function(x) if (is.factor(x)) as.character(x) else x,
         from = function(x) enum_factor(x, about$labels, plain_double(about$values)),
         vectorised = TRUE)
  }),
  matrix = list(type = NULL, make = function(about) {
    if (about$type != "pointer") abort_argument("type", "a pointer for the preset 'matrix'", about$signature)
    is_float <- about$signature %in% c("*f", "*kf")
    list(to = function(x) {
      if (is.null(dim(x))) return(x)
      rows <- aperm(x)
      dim(rows) <- NULL
      if (is_float) as.floatraw(rows) else rows
    }, from = NULL, vectorised = FALSE)
  })
)

# struct timespec and struct timeval: whole seconds, and parts of one.
time_struct <- function(part) {
  per <- if (part == "tv_nsec") 1e9 else 1e6
  list(to = function(x) {
    time <- as.numeric(as.POSIXct(x))
    seconds <- floor(time)
    rest <- round((time - seconds) * per)
    seconds <- seconds + (rest >= per) # rounded up
    lapply(seq_along(time), function(i) {
      fields <- list(seconds[i], rest[i] %% per)
      names(fields) <- c("tv_sec", part)
      fields
    })
  }, from = function(x) {
    time <- vapply(x, function(t) plain_double(t$tv_sec) + plain_double(t[[part]]) / per, 0)
    structure(time, class = c("POSIXct", "POSIXt"))
  }, vectorised = TRUE)
}

enum_factor <- function(x, labels, values) {
  codes <- match(plain_double(x), values)
  if (anyNA(codes)) {
    abort("argument", paste0("expected the value of one of ", paste(labels, collapse = ", "), ", got ",
                             format(plain_double(x)[is.na(codes)][1L])))
  }
  structure(match(values, values)[codes], levels = labels, class = "factor")
}

# Integers of 64 bits as doubles, without the package that prints them.
plain_double <- function(x) {
  if (inherits(x, "uint64")) return(as.double(x))
  if (!inherits(x, "integer64")) return(as.double(x))
  words <- matrix(readBin(writeBin(as.vector(unclass(x)), raw(), endian = "little"), "integer",
                          4L * length(x), size = 2L, signed = FALSE, endian = "little"), 4L)
  top <- words[4L, ] - (words[4L, ] >= 32768) * 65536
  words[1L, ] + words[2L, ] * 65536 + words[3L, ] * 2^32 + top * 2^48
}
