# The factorial three ways: in R, with a C library in the loop, and by C calling R back.

library(rdyncall)

in_r <- function(n) if (n <= 1) 1 else n * in_r(n - 1)

# n! = gamma(n + 1); the C library calls it tgamma.
dynbind(c("msvcrt", "m", "c"), "tgamma(d)d x;")
in_c <- function(n) tgamma(n + 1)

# A C function pointer to an R function, which calls the pointer again.
back_and_forth <- new.callback("d)d", function(n) {
  if (n <= 1) 1 else n * .dyncall(back_and_forth, "d)d", n - 1)
})

data.frame(n = 0:12,
           R = sapply(0:12, in_r),
           C = round(sapply(0:12, in_c)),
           both = sapply(0:12, function(n) .dyncall(back_and_forth, "d)d", n)))
