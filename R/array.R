# Arrays of C values.

# C knows scalar types by their letter and others by type information; names are looked up here.
new.array <- function(type, n) {
  made <- .Call(C_array_new, type, n)
  if (is.null(made)) .Call(C_array_new, element_handle(type, parent.frame()), n) else made
}

as.carray <- function(x, type, n = NULL) {
  handle <- element_handle(type, parent.frame())
  if (is.externalptr(x)) {
    check_count(n, "n")
    return(.Call(C_array_of, x, handle, as.double(n)))
  }
  if (is.data.frame(x)) {
    made <- .Call(C_array_new, handle, as.double(nrow(x)))
    for (name in names(x)) made <- .Call(C_array_set_column, made, name, x[[name]])
    return(made)
  }
  .Call(C_array_set, .Call(C_array_new, handle, as.double(length(x))), NULL, x)
}

is.carray <- function(x) inherits(x, "carray")

check_count <- function(n, name) {
  if (!is.numeric(n) || length(n) != 1L || is.na(n) || n < 0) {
    abort_argument(name, "a number of elements", n)
  }
}

# The handle of an element type given as type information, as the name of a type or as a signature; a
# single letter is always a signature.
element_handle <- function(type, env) {
  known <- .Call(C_typeinfo_known, type)
  if (!is.null(known)) return(known)
  info <- if (nchar(check_string(type, "type")) != 1L) find_typeinfo(type, env)
  if (is.null(info)) alias_handle(type, type, env) else info$handle
}

length.carray <- function(x) {
  n <- .Call(C_array_length, x)
  if (n <= .Machine$integer.max) as.integer(n) else n
}

# Any R index as numbers from 1.
array_index <- function(x, i) {
  if (is.character(i)) abort_argument("i", "numbers or logical values", i)
  n <- length(x)
  if (is.numeric(i)) {
    i <- as.double(i)
    far <- which(is.finite(i) & abs(i) > n) # R of 32 bits takes no number above 2^31
    i[far] <- sign(i[far]) * (n + 1)
  }
  as.double(seq_len(n)[i])
}

`[.carray` <- function(x, i) {
  if (missing(i)) .Call(C_array_get, x, NULL) else .Call(C_array_get, x, array_index(x, i))
}

`[<-.carray` <- function(x, i, value) {
  if (is.data.frame(value) && missing(i)) {
    for (name in names(value)) x <- .Call(C_array_set_column, x, name, value[[name]])
    return(x)
  }
  .Call(C_array_set, x, if (!missing(i)) array_index(x, i), value)
}

`[[.carray` <- function(x, i) {
  if (!is.numeric(i) || length(i) != 1L) abort_argument("i", "one number", i)
  .Call(C_array_element, x, as.double(i))
}

`[[<-.carray` <- function(x, i, value) {
  if (!is.numeric(i) || length(i) != 1L) abort_argument("i", "one number", i)
  .Call(C_array_set, x, as.double(i), list(value))
}

`$.carray` <- function(x, name) .Call(C_array_column, x, name)

`$<-.carray` <- function(x, name, value) .Call(C_array_set_column, x, name, value)

as.vector.carray <- function(x, mode = "any") as.vector(.Call(C_array_get, x, NULL), mode)

as.list.carray <- function(x, ...) as.list(.Call(C_array_get, x, NULL))

as.double.carray <- function(x, ...) as.double(.Call(C_array_get, x, NULL))

as.integer.carray <- function(x, ...) as.integer(.Call(C_array_get, x, NULL))

as.character.carray <- function(x, ...) as.character(.Call(C_array_get, x, NULL))

as.data.frame.carray <- function(x, row.names = NULL, optional = FALSE, ...) {
  info <- .Call(C_typeinfo_describe, attr(x, "typeinfo"))
  fields <- if (length(x)) names(.Call(C_array_element, x, 1)) else setdiff(info$fields, c("_", "."))
  if (is.null(info$fields)) {
    columns <- list(value = .Call(C_array_get, x, NULL))
  } else {
    columns <- lapply(fields, function(name) .Call(C_array_column, x, name))
    names(columns) <- fields
  }
  columns <- lapply(columns, function(column) {
    if (is.list(column)) structure(column, class = c("ccolumn", "AsIs")) else unname(column)
  })
  structure(columns, class = "data.frame",
            row.names = if (is.null(row.names)) .set_row_names(length(x)) else row.names)
}

# Lists as columns, of pointers for instance, which R cannot print.
format.ccolumn <- function(x, ...) vapply(unclass(x), format_value, "")

print.ccolumn <- function(x, ...) {
  print(unclass(x), ...)
  invisible(x)
}

`[.ccolumn` <- function(x, i) structure(unclass(x)[i], class = class(x))

print.carray <- function(x, ...) {
  if (!is_live(x) || is.nullptr(x)) {
    cat("<", attr(x, "pointee"), "[", attr(x, "count"), "]", pointer_words(x), ">\n", sep = "")
    return(invisible(x))
  }
  cat(attr(x, "pointee"), "[", length(x), "]", if (is.externalptr(x)) pointer_words(x), "\n", sep = "")
  most <- min(length(x), 20L)
  shown <- .Call(C_array_get, x, as.double(seq_len(most)))
  if (is.list(shown)) {
    # where pointers lead is not looked at: there may be nothing
    is_pointer <- .Call(C_typeinfo_describe, attr(x, "typeinfo"))$type == "pointer"
    words <- vapply(shown, if (is_pointer) format_value else format_element, "")
    cat(sprintf("  [[%d]] %s\n", seq_len(most), words), sep = "")
  } else {
    print(shown, ...)
  }
  if (most < length(x)) cat("  ...", length(x) - most, "more\n")
  invisible(x)
}

# A struct on one line.
format_element <- function(value) {
  if (!is.struct(value)) return(format_value(value))
  fields <- as.list.struct(value)
  paste0("{", paste0(names(fields), ": ", vapply(fields, format_value, ""), collapse = ", "), "}")
}
