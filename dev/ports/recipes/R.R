# The linear algebra that comes with R is another library's, and so are the constants of math.h. Where R is
# the program itself, its functions are in there.
extensions <- c("Altrep", "Applic", "Arith", "Boolean", "Callbacks", "Complex", "Connections", "Constants",
                "Error", "GraphicsEngine", "MathThreads", "Memory", "Parse", "Print",
                "PrtUtil", "RS", "RStartup", "Rallocators", "Random", "Rdynload", "Riconv", "Utils")
list(
  title = "R's own C interface",
  headers = c("R.h", "Rinternals.h", "Rmath.h", "Rembedded.h", "Rinterface.h", "Rversion.h",
              paste0("R_ext/", extensions, ".h")),
  version = paste(R.version$major, R.version$minor, sep = "."),
  include = R.home("include"),
  source = "r-base-core",
  licence = "LGPL-2.1+",
  files = paste0(R.home("include"), "/"),
  drop = paste0("^(_|user_|HAVE_|ENABLE_NLS$|USING_R$|R_VA_LIST$|SUPPORT_|SIZEOF_|IEEE_754$|",
                "attribute_|NORET$|F77_|FC_|M_(E|LOG2E|LOG10E|LN2|LN10|PI|PI_2|PI_4|1_PI|2_PI|2_SQRTPI|SQRT2|SQRT1_2)$)"),
  types = c(SEXP = "x"),
  library = c("R self", darwin = "R.dylib R self"),
  package = "deb:r-base-core rpm:R-core brew:r"
)
