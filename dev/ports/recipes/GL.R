list(
  title = "OpenGL",
  headers = c("GL/gl.h", "GL/glext.h"),
  source = "libgl-dev",
  licence = "MIT",
  files = "/GL/gl(ext)?\\.h$",
  keep = "^(GL|gl)",
  library = c("GL.so.1 GL OpenGL", windows = "opengl32", darwin = "OpenGL.framework OpenGL GL"),
  package = "deb:libgl1 rpm:libglvnd-glx",
  extra = "Resolver[windows]: wglGetProcAddress"
)
