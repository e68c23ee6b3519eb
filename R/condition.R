# Conditions. Every error of the package is made by new_error(), every warning by new_warning().

new_error <- function(class, message, call, ...) {
  structure(class = c(paste0("dyncall_error_", class), "dyncall_error", "error", "condition"),
            list(message = message, call = call, ...))
}

new_warning <- function(class, message, call, ...) {
  structure(class = c(paste0("dyncall_warning_", class), "dyncall_warning", "warning", "condition"),
            list(message = message, call = call, ...))
}

# Raises an error of the call that the user wrote.
abort <- function(class, message, ...) {
  stop(new_error(class, message, sys.call(user_call()), ...))
}

# A caret under the byte of the text where a parser stopped.
with_caret <- function(message, text, offset) {
  line <- substring(text, 1L, offset)
  Encoding(line) <- "bytes"
  before <- substr(text, max(1L, offset - 50L), offset)
  shown <- substr(text, max(1L, offset - 50L), offset + 25L)
  shown <- gsub("[[:cntrl:]]", " ", shown)
  paste0(message, "\n  ", shown, "\n  ", strrep(" ", nchar(before)), "^")
}

# Called by C with the parts of a status.
raise_condition <- function(class, code, message, text, offset, line) {
  if (!is.null(offset) && !is.null(text)) {
    message <- paste0("signature, byte ", offset + 1L, ": ", with_caret(message, text, offset))
  }
  stop(new_error(class, message, sys.call(user_call()), code = code, signature = text,
                 offset = offset, line = line))
}

warn_condition <- function(class, message) {
  warning(new_warning(class, message, sys.call(user_call())))
}
