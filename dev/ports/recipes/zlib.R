list(
  title = "zlib, data compression",
  headers = "zlib.h",
  source = "zlib1g-dev",
  licence = "Zlib",
  files = "/z(lib|conf)\\.h$",
  drop = "^(SEEK_|Z_(HAVE|SOLO|PREFIX|U8|U4)|HAVE_|MAX_(MEM|WBITS)$|FAR$|ZEXTERN|z_off64_t$|z_crc_t$)",
  library = c("z.so.1 z", windows = "zlib1 z", darwin = "z.1.dylib z"),
  package = "deb:zlib1g rpm:zlib brew:zlib"
)
