list(
  title = "Expat, a stream-oriented XML parser",
  headers = "expat.h",
  source = "libexpat1-dev",
  licence = "MIT",
  files = "/expat(_external|_config)?\\.h$",
  defines = c("XML_DTD", "XML_GE=1"),
  keep = "^XML_",
  library = c("expat.so.1 expat", windows = "libexpat-1 libexpat expat",
              darwin = "expat.1.dylib expat"),
  package = "deb:libexpat1 rpm:expat brew:expat"
)
