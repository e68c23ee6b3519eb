list(
  title = "zlib, data compression",
  headers = "zlib.h",
  source = "zlib1g-dev",
  licence = "Zlib",
  files = "/z(lib|conf)\\.h$",
  drop = "^(SEEK_|Z_(HAVE|SOLO|PREFIX|U8|U4)|HAVE_|MAX_(MEM|WBITS)$|FAR$|ZEXTERN|z_off64_t$|z_crc_t$)",
  library = c("z.so.1 z", windows = "zlib1 z", darwin = "z.1.dylib z"),
  attributes = c("buffer=dest:destLen" = "^(un)?compress2?$", "length=sourceLen:source" = "^(un)?compress2?$",
                 "length=len:buf" = "^(gzwrite|(adler|crc)32(_z)?)$",
                 "buffer=buf:len" = "^gzread$", "used=buf:result" = "^gzread$",
                 "out=pending,bits" = "^deflatePending$"),
  package = "deb:zlib1g rpm:zlib brew:zlib"
)
