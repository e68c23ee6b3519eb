# Text that comes with its length has no nul at its end: an address, not a string.
list(
  title = "Expat, a stream-oriented XML parser",
  headers = "expat.h",
  source = "libexpat1-dev",
  licence = "MIT",
  defines = c("XML_DTD", "XML_GE=1"),
  files = "/expat(_external|_config)?\\.h$",
  keep = "^XML_",
  drop = "^XML_ENABLE_VISIBILITY$",
  library = c("expat.so.1 expat", windows = "libexpat-1 libexpat expat",
              darwin = "expat.1.dylib expat"),
  attributes = c("length=len:s" = "^XML_Parse$", "out=status" = "^XML_GetParsingStatus$"),
  package = "deb:libexpat1 rpm:expat brew:expat",
  replace = c("XML_CharacterDataHandler=*(*vpi)v", "XML_DefaultHandler=*(*vpi)v",
              "XML_EntityDeclHandler=*(*vZipiZZZZ)v",
              "XML_Encoding{i[256]*v*(*vp)i*(*v)v}map data convert release",
              "XML_Parse(*<XML_ParserStruct>pii)<XML_Status> parser s len isFinal",
              "XML_GetInputContext(*<XML_ParserStruct>*i*i)p parser offset size")
)
