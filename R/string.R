# C strings.

ptr2str <- function(x) .Call(C_pointer_to_string, x)

strptr <- function(x) .Call(C_pointer_of_string, x)

strarrayptr <- function(x) .Call(C_pointer_of_strings, x)
