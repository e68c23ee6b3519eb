list(
  title = "GLEW, the OpenGL Extension Wrangler",
  headers = "GL/glew.h",
  defines = "GLEW_NO_GLU",
  source = "libglew-dev",
  licence = "BSD-3-Clause and MIT",
  files = "/GL/glew\\.h$",
  keep = "^(GL|gl|__GL)",
  library = c("GLEW.so.2.2 GLEW", windows = "glew32", darwin = "GLEW.2.2.dylib GLEW"),
  text = c("glGetString", "glGetStringi", "glewGetString", "glewGetErrorString"),
  package = "deb:libglew2.2 rpm:libGLEW brew:glew"
)
