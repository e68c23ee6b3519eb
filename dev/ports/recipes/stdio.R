list(
  title = "Standard input and output of C",
  headers = "stdio.h",
  source = "libc6-dev",
  licence = "LGPL-2.1+",
  files = "/(stdio|bits/stdio_lim|bits/stdio|bits/types/.*FILE.*|bits/types/.*fpos.*)\\.h$",
  keep = "^[a-zA-Z]",
  library = c("c.so.6 c", windows = "ucrtbase msvcrt", darwin = "System.B.dylib c"),
  package = "deb:libc6 rpm:glibc"
)
