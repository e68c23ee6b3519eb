# C structures, unions and arrays.

library(rdyncall)

# struct Rect { short x, y; unsigned short w, h; };
parseStructInfos("Rect{ssSS}x y w h;")
Rect
r <- new.struct(Rect)
r$x <- -10
r$y <- -20
r$w <- 40
r$h <- 30
r
r[]

# What a field cannot hold is an error.
try(r$w <- 70000)

# Structures in structures, arrays, bit-fields, pointers to strings.
parseStructInfos("Window{Z<Rect>C[4]I:1I:3}title frame color visible layer;")
w <- new.struct(Window)
w$title <- "caf\u00e9"
w$frame <- r
w$frame$w <- 640
w$color <- as.raw(c(255, 128, 0, 255))
w$visible <- TRUE
w$layer <- 5
w

# A union shows the bytes of a number.
parseUnionInfos("Bits|dC[8]}number bytes;")
b <- new.struct(Bits)
b$number <- 1
b$bytes
