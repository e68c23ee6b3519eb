# Conditions. Every error of the package is made by new_error(), every warning by new_warning().

new_error <- function(class, message, call, ...) {
  structure(class = c(paste0("dyncall_error_", class), "dyncall_error", "error", "condition"),
            list(message = message, call = call, ...))
}

new_warning <- function(class, message, call, ...) {
  structure(class = c(paste0("dyncall_warning_", class), "dyncall_warning", "warning", "condition"),
            list(message = message, call = call, ...))
}

# The call that the user wrote; NULL when C calls by itself, as the garbage collector does.
written_call <- function() {
  at <- user_call()
  if (!is_hook(sys.function(at))) sys.call(at)
}

# Raises an error of the call that the user wrote.
abort <- function(class, message, ...) {
  stop(new_error(class, message, written_call(), ...))
}

# A caret under the byte of the text where a parser stopped; other bytes than printable ASCII show as '?'.
with_caret <- function(message, text, offset) {
  bytes <- as.integer(charToRaw(text))
  bytes[bytes < 32L | bytes > 126L] <- 63L
  from <- max(0L, offset - 50L)
  shown <- bytes[seq_along(bytes) > from & seq_along(bytes) <= offset + 25L]
  paste0(message, "\n  ", rawToChar(as.raw(shown)), "\n  ", strrep(" ", offset - from), "^")
}

# Called by C with the parts of a status.
raise_condition <- function(class, code, message, text, offset, line, element) {
  if (!is.null(offset) && !is.null(text)) {
    message <- paste0("signature, byte ", offset + 1L, ": ", with_caret(message, text, offset))
  }
  error <- new_error(class, message, written_call(), code = code, signature = text,
                     offset = offset, line = line, element = element)
  stop(if (code == "CONVERTER") with_parent(error) else error)
}

# An error of the user's code in a converter keeps its classes and fields, and says where that ran.
with_parent <- function(error) {
  parent <- converting$error
  converting$error <- NULL
  fields <- unclass(parent)
  fields <- if (is.list(fields)) fields[setdiff(names(fields), names(error))]
  structure(c(unclass(error), fields, list(parent = parent)),
            class = unique(c(class(error)[1:2], class(parent))))
}

warn_condition <- function(class, message) {
  warning(new_warning(class, message, written_call()))
}
