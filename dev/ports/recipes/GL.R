# Function pointer typedefs (PFN...) are left out: nobody can name the functions by them that dlsym does
# not find by name, and they would be a third of the file.
list(
  title = "OpenGL, with the functions and constants of all versions and extensions",
  headers = c("GL/gl.h", "GL/glext.h"),
  defines = "GL_GLEXT_PROTOTYPES",
  source = "libgl-dev",
  licence = "MIT",
  files = "/GL/gl(ext)?\\.h$",
  keep = "^(GL|gl|__GL)",
  library = c("GL.so.1 GL OpenGL", windows = "opengl32", darwin = "OpenGL.framework OpenGL GL"),
  text = c("glGetString", "glGetStringi"),
  package = "deb:libgl1 rpm:libglvnd-glx",
  extra = "Resolver[windows]: wglGetProcAddress"
)
