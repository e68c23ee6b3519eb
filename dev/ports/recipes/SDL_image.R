list(
  title = "SDL_image 1.2: images of many formats as SDL surfaces",
  headers = "SDL/SDL_image.h",
  pkg_config = "sdl",
  args = c("-include", file.path(Sys.getenv("PORTS_HERE"), "include", "SDL.h")),
  source = "libsdl-image1.2-dev",
  licence = "Zlib",
  files = "/SDL/SDL_image\\.h$",
  library = c("SDL_image-1.2.so.0 SDL_image-1.2 SDL_image", windows = "SDL_image",
              darwin = "SDL_image-1.2.0.dylib SDL_image-1.2 SDL_image.framework SDL_image"),
  package = "deb:libsdl-image1.2 rpm:SDL_image brew:sdl_image",
  import = "SDL"
)
