list(
  title = "libcurl, transfers by URL",
  headers = "curl/curl.h",
  source = "libcurl4-openssl-dev",
  licence = "curl",
  pkg_config = "libcurl",
  args = c("-include", file.path(Sys.getenv("PORTS_HERE"), "include", "curl.h")),
  files = "/curl/",
  drop = "^CURL_PULL_",
  keep = "^(CURL|curl|LIBCURL|_?Curl)",
  library = c("curl.so.4 curl", windows = "libcurl-4 libcurl curl", darwin = "curl.4.dylib curl"),
  package = "deb:libcurl4 rpm:libcurl brew:curl"
)
