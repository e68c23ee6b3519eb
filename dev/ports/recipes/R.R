list(
  title = "R's own C interface",
  headers = c("R.h", "Rinternals.h", "Rmath.h", "Rembedded.h", "R_ext/Rdynload.h", "R_ext/Altrep.h",
              "R_ext/Connections.h", "R_ext/Parse.h", "R_ext/GraphicsEngine.h", "R_ext/Callbacks.h"),
  include = R.home("include"),
  source = "r-base-core",
  licence = "LGPL-2.1+",
  files = paste0(R.home("include"), "/"),
  types = c(SEXP = "x"),
  library = c("R.so R", windows = "R", darwin = "R.dylib R"),
  package = "deb:r-base-core rpm:R-core brew:r"
)
