# C99 has what stands without a condition; the rest is POSIX or of one C library. FILE stays opaque.
c99 <- paste0("^(BUFSIZ|EOF|FILENAME_MAX|FOPEN_MAX|L_tmpnam|SEEK_SET|SEEK_CUR|SEEK_END|TMP_MAX|FILE|",
              "std(in|out|err)|remove|rename|tmpfile|tmpnam|f(close|flush|open|printf|scanf|getc|gets|putc|",
              "puts|read|write|getpos|seek|setpos|tell|eof)|freopen|set(v)?buf|v?f?printf|v?f?scanf|",
              "v?s(n)?printf|v?sscanf|[gp]etc(har)?|put(c|char|s)|gets|ungetc|rewind|clearerr|ferror|perror|fpos_t)$")
list(
  title = "Standard input and output of C",
  targets = "x86_64-linux",
  headers = "stdio.h",
  defines = "_GNU_SOURCE",
  source = "libc6-dev",
  licence = "LGPL-2.1+",
  files = "/(stdio|bits/stdio_lim)\\.h$",
  keep = "^[a-zA-Z]",
  library = c("c.so.6 c", windows = "ucrtbase msvcrt", darwin = "System.B.dylib c"),
  package = "deb:libc6 rpm:glibc"
)
