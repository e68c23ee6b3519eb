list(
  title = "OpenGL Utility Library",
  headers = "GL/glu.h",
  source = "libglu1-mesa-dev",
  licence = "SGI-B-2.0",
  files = "/GL/glu\\.h$",
  keep = "^(_?GLU|glu)",
  library = c("GLU.so.1 GLU", windows = "glu32", darwin = "OpenGL.framework OpenGL GLU"),
  text = c("gluErrorString", "gluGetString"),
  package = "deb:libglu1-mesa rpm:mesa-libGLU"
)
