# Objects of struct and union types.

new.struct <- function(type) {
  made <- .Call(C_struct_new, type)
  if (is.null(made)) .Call(C_struct_new, as_typeinfo(type, parent.frame())$handle) else made
}

as.struct <- function(x, type) {
  if (!is.typeinfo(type)) check_string(type, "type")
  info <- if (is.typeinfo(type)) type else find_typeinfo(type, parent.frame())
  .Call(C_struct_cast, x, info$handle, if (is.typeinfo(type)) type$name else type)
}

# Compiled functions of one field, which is looked up once.
new.getter <- function(type, field) {
  handle <- .Call(C_struct_accessor, as_typeinfo(type, parent.frame())$handle, check_path(field))
  compiled_function(alist(x = ), call(".Call", constants$C_struct_getter, handle, quote(x)))
}

new.setter <- function(type, field) {
  handle <- .Call(C_struct_accessor, as_typeinfo(type, parent.frame())$handle, check_path(field))
  compiled_function(alist(x = , value = ),
                    call(".Call", constants$C_struct_setter, handle, quote(x), quote(value)))
}

check_path <- function(field) {
  if (!length(check_strings(field, "field"))) abort_argument("field", "the name of a field", field)
  field
}

is.struct <- function(x) inherits(x, "struct")

`$.struct` <- function(x, name) .Call(C_struct_get, x, name)

`$<-.struct` <- function(x, name, value) .Call(C_struct_set, x, name, value)

`[[.struct` <- function(x, i) {
  if (is.character(i)) .Call(C_struct_get, x, i) else struct_bytes(x)[[i]]
}

`[[<-.struct` <- function(x, i, value) {
  if (is.character(i)) .Call(C_struct_set, x, i, value) else `[<-.struct`(x, i, value)
}

`[.struct` <- function(x, i) {
  if (missing(i)) {
    bytes <- struct_bytes(x)
    attr(bytes, "struct") <- attr(x, "struct")
    return(bytes)
  }
  if (!is.character(i)) return(struct_bytes(x)[i])
  if (length(i) == 1L) return(.Call(C_struct_get, x, i))
  stats::setNames(lapply(i, function(name) .Call(C_struct_get, x, name)), i)
}

`[<-.struct` <- function(x, i, value) {
  if (!missing(i) && is.character(i)) {
    if (length(i) == 1L) return(.Call(C_struct_set, x, i, value))
    if (length(value) != length(i) && length(value) != 1L) {
      abort("argument", paste0("argument 'value': expected ", length(i), " values, got ",
                               length(value)))
    }
    for (k in seq_along(i)) {
      x <- .Call(C_struct_set, x, i[k], value[[if (length(value) == 1L) 1L else k]])
    }
    return(x)
  }
  bytes <- struct_bytes(x)
  size <- length(bytes)
  bytes[i] <- as.raw(value)
  if (length(bytes) != size) {
    abort("pointer", paste0("expected an access within ", size, " bytes, got one that needs ",
                            length(bytes)))
  }
  if (!is.raw(x)) return(.pack(x, 0L, paste0("C[", size, "]"), bytes))
  attributes(bytes) <- attributes(x)
  bytes
}

# The bytes of an object, without attributes.
struct_bytes <- function(x) {
  if (is.raw(x)) return(as.vector(unclass(x)))
  .unpack(x, 0L, paste0("C[", .Call(C_typeinfo_describe, .Call(C_struct_handle, x))$size, "]"))
}

as.list.struct <- function(x, ...) .Call(C_struct_list, x)

# R asks any object for its names and length: what a pointer to a type that is opaque or not known has is none.

names.struct <- function(x) {
  tryCatch(.Call(C_struct_names, x), dyncall_error_type = function(e) character())
}

length.struct <- function(x) {
  if (is.raw(x)) return(length(unclass(x)))
  tryCatch(as.integer(.Call(C_typeinfo_describe, .Call(C_struct_handle, x))$size),
           dyncall_error_type = function(e) 0L)
}

.DollarNames.struct <- function(x, pattern = "") {
  grep(pattern, names(x), value = TRUE)
}

print.struct <- function(x, indent = 0, ...) {
  if (typeof(x) == "externalptr" && is.nullptr(x)) {
    cat("<null pointer to ", attr(x, "struct"), ">\n", sep = "")
    return(invisible(x))
  }
  info <- tryCatch(.Call(C_typeinfo_describe, .Call(C_struct_handle, x)),
                   dyncall_error_type = function(e) NULL)
  if (is.null(info) || is.null(info$fields)) {
    cat("<opaque ", attr(x, "struct"), if (typeof(x) == "externalptr") pointer_words(x), ">\n", sep = "")
    return(invisible(x))
  }
  if (!is_live(x)) {
    cat("<", info$type, " ", info$name, pointer_words(x), ">\n", sep = "")
    return(invisible(x))
  }
  cat(info$type, " ", info$name, " {\n", sep = "")
  pad <- strrep("  ", indent + 1)
  values <- as.list.struct(x)
  for (name in names(values)) {
    cat(pad, name, ": ", sep = "")
    value <- values[[name]]
    if (is.struct(value) && typeof(value) == "raw") {
      print.struct(value, indent + 1)
    } else if (is.struct(value) && !is.null(info$types) &&
               grepl("^<", info$types[match(name, info$fields)])) {
      print.struct(value, indent + 1)
    } else {
      cat(format_value(value), "\n", sep = "")
    }
  }
  cat(strrep("  ", indent), "}\n", sep = "")
  invisible(x)
}

# One field on one line.
format_value <- function(value) {
  if (is.null(value)) return("NULL")
  if (typeof(value) == "externalptr") {
    type <- attr(value, "struct")
    return(paste0("<pointer: ", pointer_text(value), ">", if (!is.null(type)) paste0(" ", type)))
  }
  if (is.function(value)) return(paste0("<function: ", format(value), ">"))
  if (length(value) == 1L && !is.null(names(value))) return(paste0(value, " (", names(value), ")"))
  if (is.list(value)) {
    return(paste0("{", paste(vapply(value, format_value, ""), collapse = ", "), "}"))
  }
  if (is.struct(value)) return(paste0(attr(value, "struct"), "{...}"))
  if (is.character(value)) value <- encodeString(value, quote = "\"")
  shown <- format(value, trim = TRUE, digits = 7)
  if (length(shown) > 16L) shown <- c(shown[1:16], "...")
  paste(shown, collapse = " ")
}
