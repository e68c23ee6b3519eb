# What C99 has stands without a condition, what POSIX and the BSDs have is for unix, the rest is glibc's.
# Values and objects that every C library has, but each its own, are given for those of the other systems
# by hand. FILE stays opaque.
c99 <- paste0("^(EOF|SEEK_(SET|CUR|END)|FILE|remove|rename|tmpfile|tmpnam|freopen|fgetpos|fsetpos|",
              "f(close|flush|open|getc|gets|putc|puts|read|write|seek|tell|eof|error)|setv?buf|",
              "v?[fs]?printf|v?snprintf|[gp](et|ut)(c|char)|gets|puts|ungetc|rewind|clearerr|perror)$")
unix <- paste0("^(L_ctermid|fdopen|fileno|p(open|close)|ctermid|get(delim|line)|v?dprintf|fmemopen|",
               "open_memstream|(fseek|ftell)o|f(try|un)?lockfile|[gp](et|ut)c(har)?_unlocked|renameat|tempnam|",
               "setbuffer|setlinebuf|v?asprintf|[gp](et|ut)w)$")
list(
  title = "Standard input and output of C",
  headers = "stdio.h",
  defines = "_GNU_SOURCE",
  targets = "x86_64-linux",
  checked = c("i386-linux", "aarch64-linux", "x86_64-windows"),
  source = "libc6-dev",
  licence = "LGPL-2.1+",
  files = "/(stdio|bits/stdio_lim|bits/types/__fpos(64)?_t|bits/types/__mbstate_t)\\.h$",
  keep = "^([a-zA-Z]|__fpos_t|__fpos64_t|__mbstate_t|_G_fpos)",
  drop = "^(obstack|RENAME_|_IO_)",
  library = c("c.so.6 c", windows = "ucrtbase msvcrt", darwin = "System.B.dylib c"),
  package = "deb:libc6 rpm:glibc",
  conditions = c(unix = unix, linux = paste0("^(?!(", substring(c99, 2L, nchar(c99) - 1L), "|",
                                             substring(unix, 2L, nchar(unix) - 1L), ")$)")),
  replace = c("fgetpos(*<FILE>*<fpos_t>)i stream pos", "fsetpos(*<FILE>*k<fpos_t>)i stream pos",
              "fseeko(*<FILE><off_t>i)i stream off whence", "ftello(*<FILE>)<off_t> stream",
              "fseeko64(*<FILE>li)i stream off whence", "ftello64(*<FILE>)l stream",
              "__fpos_t{<off_t><__mbstate_t>}__pos __state", "__fpos64_t{l<__mbstate_t>}__pos __state",
              "cookie_io_functions_t{*(*vp<size_t>)j*(*vp<size_t>)j*(*v*li)i*(*v)i}read write seek close"),
  more = c(
    "[const windows]", "BUFSIZ=512;", "FILENAME_MAX=260;", "FOPEN_MAX=20;", "",
    "[const darwin]", "BUFSIZ=1024;", "FILENAME_MAX=1024;", "FOPEN_MAX=20;", "L_tmpnam=1024;",
    "TMP_MAX=308915776;", "P_tmpdir=\"/var/tmp/\";", "",
    "[type !linux]", "fpos_t=l;", "",
    "[func !linux]", "fscanf(*<FILE>Z.)i stream format;", "scanf(Z.)i format;", "sscanf(ZZ.)i s format;",
    "vfscanf(*<FILE>Z<va_list>)i s format arg;", "vscanf(Z<va_list>)i format arg;",
    "vsscanf(ZZ<va_list>)i s format arg;", "",
    "[var darwin|bsd]", "stdin:*<FILE> @sym=__stdinp;", "stdout:*<FILE> @sym=__stdoutp;",
    "stderr:*<FILE> @sym=__stderrp;", "",
    "[func darwin|bsd]", "fgetln(*<FILE>*<size_t>)p stream len;", "fpurge(*<FILE>)i stream;",
    "funopen(*kv*(*vpi)i*(*vpi)i*(*vli)l*(*v)i)*<FILE> cookie readfn writefn seekfn closefn;", "",
    "[func windows]", "__acrt_iob_func(I)*<FILE> index;")
)
