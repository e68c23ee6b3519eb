# Typed access to bytes.

.pack <- function(x, offset, sigchar, value)
  invisible(.Call(C_memory_pack, x, offset, sigchar, value, NULL))

.unpack <- function(x, offset, sigchar)
  .Call(C_memory_unpack, x, offset, sigchar, NULL)

# Unsigned 64-bit integers that no other R number holds exactly.

`[.uint64` <- function(x, i) structure(unclass(x)[i], class = "uint64")

`[[.uint64` <- function(x, i) structure(unclass(x)[[i]], class = "uint64")

format.uint64 <- function(x, ...) .Call(C_memory_uint64, x)

as.character.uint64 <- function(x, ...) .Call(C_memory_uint64, x)

as.double.uint64 <- function(x, ...) as.numeric(.Call(C_memory_uint64, x))

print.uint64 <- function(x, ...) {
  cat("uint64\n")
  print(.Call(C_memory_uint64, x), quote = FALSE, ...)
  invisible(x)
}
