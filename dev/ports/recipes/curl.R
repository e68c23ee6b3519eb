list(
  title = "libcurl, transfers by URL",
  headers = "curl/curl.h",
  targets = c("x86_64-linux", "aarch64-linux", "i386-linux", "x86_64-windows"),
  source = "libcurl4-openssl-dev",
  licence = "curl",
  pkg_config = "libcurl",
  files = "/curl/",
  keep = "^(CURL|curl|LIBCURL|_?Curl)",
  library = c("curl.so.4 curl", windows = "libcurl-4 libcurl curl", darwin = "curl.4.dylib curl"),
  package = "deb:libcurl4 rpm:libcurl brew:curl"
)
