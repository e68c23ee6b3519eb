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
  attributes = c("length=length:string" = "^curl_easy_escape$", "free=curl_free" = "^curl_easy_escape$",
                 "out=part" = "^curl_url_get$", "free=part:curl_free" = "^curl_url_get$",
                 "out=running_handles" = "^curl_multi_perform$", "out=milliseconds" = "^curl_multi_timeout$",
                 "out=msgs_in_queue" = "^curl_multi_info_read$"),
  package = "deb:libcurl4 rpm:libcurl brew:curl"
)
