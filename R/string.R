# C strings.

ptr2str <- function(x, type = "Z") .Call(C_text_string, x, element_handle(type, parent.frame()))

strptr <- function(x, type = "Z") .Call(C_text_pointer, x, element_handle(type, parent.frame()))

strarrayptr <- function(x, type = "Z") .Call(C_text_array, x, element_handle(type, parent.frame()))

dynstrings <- function(x, n = NULL, type = "Z") {
  if (!is.null(n)) check_count(n, "n")
  .Call(C_text_strings, x, if (!is.null(n)) as.double(n), element_handle(type, parent.frame()))
}
