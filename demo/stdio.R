# The C functions of <stdio.h>: formatting, and a file.

library(rdyncall)

libc <- c("msvcrt", "c")
dynbind(libc, "snprintf(*C<size_t>Z.)i; fopen(ZZ)*<FILE> path mode; fputs(Z*<FILE>)i text file;
               fclose(*<FILE>)i file;")

# What follows the dot in a signature is variadic: its C types follow from the R values.
buffer <- raw(80)
snprintf(buffer, length(buffer), "%s is %.10f or about %d", "pi", pi, 3L)
rawToChar(buffer[buffer != 0])

# A FILE * is a pointer that carries the name of its type; other pointers are refused in its place.
path <- tempfile()
file <- fopen(path, "w")
file
fputs("first line\n", file)
fputs("caf\u00e9\n", file)
fclose(file)
readLines(path, encoding = "UTF-8")

# A failure leaves its reason in errno; 2 is ENOENT.
is.nullptr(fopen(file.path(tempdir(), "nowhere"), "r"))
dynerrno()
