# void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));

library(rdyncall)

dynbind(c("msvcrt", "c"), "qsort(*v<size_t><size_t>*(pp)i)v base count size compare;")

# C hands over two addresses; .unpack() reads the double that is there.
compare <- function(a, b) {
  a <- .unpack(a, 0, "d")
  b <- .unpack(b, 0, "d")
  (a > b) - (a < b)
}

x <- runif(8)
x
qsort(x, length(x), 8, compare)
x

# A mistake in the R function reaches C as a zero, and R as the error that it is.
y <- c(2, 1)
try(qsort(y, length(y), 8, function(a, b) stop("cannot compare")))
