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
  # functions of OpenGL 1.1 are no variables of GLEW
  library2 = c("GL.so.1 GL", windows = "opengl32", darwin = "OpenGL.framework OpenGL GL"),
  attributes = c("lib=2" = "^gl(?!ew)"),
  extra = "Init: glewInit",
  package = "deb:libglew2.2 rpm:libGLEW brew:glew"
)
