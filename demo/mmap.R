# A file of one gigabyte as a vector, without reading it in: the system maps it into memory, and a view
# shows the numbers where they lie.

library(rdyncall)

if (.Platform$OS.type == "windows") stop("this demo needs a POSIX system")

dynbind(c("c", "System"), "
  open(Zi.)i path flags; close(i)i fd; truncate(Z<off_t>)i path size;
  mmap(p<size_t>iii<off_t>)p start n protection flags fd at; munmap(p<size_t>)i start n;")
READ <- 1L
WRITE <- 2L
SHARED <- 1L

# The bytes of a file; they are unmapped when the scope ends.
map_file <- function(file, write = FALSE) {
  fd <- open(path.expand(file), if (write) 2L else 0L)
  if (fd < 0L) stop("open: errno ", dynerrno())
  on.exit(close(fd))
  size <- file.size(file)
  at <- mmap(NULL, size, READ + if (write) WRITE else 0L, SHARED, fd, 0)
  if (at == failed) stop("mmap: errno ", dynerrno())
  dynown(at, function(at) munmap(at, size), size = size)
}
failed <- .unpack(as.raw(rep(255, .Machine$sizeof.pointer)), 0, "p") # the address -1

# A file with a hole: it takes no room on the disk until something is written.
file <- tempfile()
size <- if (.Machine$sizeof.pointer == 8) 2^30 else 2^26
file.create(file)
truncate(file, size)
file.size(file)

dynscope({
  numbers <- dyncast(map_file(file, write = TRUE), "d", size / 8)
  numbers[seq(1, size / 8, length.out = 101)] <- 0:100
})

gc(reset = TRUE)[, "max used"] -> before
total <- dynscope({
  x <- dynview(map_file(file), "d")
  cat(format(length(x)), "numbers, of which the last is", x[length(x)], "\n")
  sum(x)
})
total == sum(0:100)
cat("memory that R took for it:", max(0, sum(gc()[, "max used"] - before) * 8 / 2^20) < 100, "\n")

# the scope has unmapped the file
tryCatch(x[1], dyncall_error_pointer = conditionMessage)
unlink(file)
