# Call double sqrt(double) of the C math library.

library(rdyncall)

# The library has another name on each system; the first that is found is taken.
libm <- dynfind(c("msvcrt", "m", "c"))
address <- .dynsym(libm, "sqrt")

# "d)d": a double goes in, a double comes out.
.dyncall(address, "d)d", 144)
.dyncall(address, "d)d", 144L)

# What does not fit is an error before anything is called.
try(.dyncall(address, "d)d", "144"))
try(.dyncall(address, "d)d", 1, 2))

# Functions with names, several at once.
dynbind(c("msvcrt", "m", "c"), "hypot(dd)d x y; cbrt(d)d x;")
hypot(3, 4)
cbrt(27)
hypot
