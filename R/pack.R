# Typed access to bytes.

.pack <- function(x, offset, sigchar, value)
  invisible(.Call(C_memory_pack, x, offset, sigchar, value, NULL))

.unpack <- function(x, offset, sigchar)
  .Call(C_memory_unpack, x, offset, sigchar, NULL)
