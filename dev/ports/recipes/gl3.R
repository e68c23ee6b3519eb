list(
  title = "OpenGL, core profile",
  headers = "GL/glcorearb.h",
  defines = "GL_GLEXT_PROTOTYPES",
  source = "libgl-dev",
  licence = "MIT",
  files = "/GL/glcorearb\\.h$",
  keep = "^(GL|gl|__GL|struct _cl)",
  library = c("GL.so.1 OpenGL.so.0 GL OpenGL", windows = "opengl32",
              darwin = "OpenGL.framework OpenGL GL"),
  text = c("glGetString", "glGetStringi"),
  package = "deb:libgl1 rpm:libglvnd-glx",
  extra = "Resolver[windows]: wglGetProcAddress"
)
