# R functions as C function pointers.

library(rdyncall)

# A signature and a function make a callback: a pointer that C code can call.
add <- new.callback("ii)i", function(x, y) x + y)
add
.dyncall(add, "ii)i", 20L, 3L)

# Strings, pointers and structures arrive as R values.
parseStructInfos("Point{dd}x y;")
shout <- new.callback("Z)Z", function(text) toupper(text))
.dyncall(shout, "Z)Z", "hello")
move <- new.callback("*<Point>d)v", function(point, by) point$x <- point$x + by)
p <- new.struct(Point)
.dyncall(move, "*<Point>d)v", p, 2.5)
p

# What the R function gives is checked against the signature.
wrong <- new.callback("i)i", function(x) "no number")
try(.dyncall(wrong, "i)i", 1L))

# Errors pass through C code, which sees a zero and returns in good order.
fails <- new.callback("i)i", function(x) stop("x is ", x))
tryCatch(.dyncall(fails, "i)i", 7L), error = function(e) conditionMessage(e))

# A callback lives as long as its object. Where an argument has a function type, an R function can stand
# for itself; it lives as long as the call.
dynbind(c("msvcrt", "c"), "bsearch(pp<size_t><size_t>*(pp)i)p key base count size compare;")
odd <- c(1L, 3L, 5L, 7L, 9L)
at <- bsearch(7L, odd, length(odd), 4, function(key, x) .unpack(key, 0, "i") - .unpack(x, 0, "i"))
.unpack(at, 0, "i")
