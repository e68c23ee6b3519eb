# External pointers.

is.nullptr <- function(x) .Call(C_pointer_is_null, x)

is.externalptr <- function(x) typeof(x) == "externalptr"

as.extptr <- function(x) .Call(C_pointer_of_vector, x)

offsetPtr <- function(x, offset) .Call(C_pointer_offset, x, offset)

pointer_text <- function(x) .Call(C_pointer_address, x)

is_library <- function(x) {
  typeof(x) == "externalptr" && .Call(C_pointer_kind, x) == "library"
}
