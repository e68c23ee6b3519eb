list(
  title = "SDL_ttf 2.0: text from TrueType fonts",
  headers = "SDL/SDL_ttf.h",
  pkg_config = "sdl",
  args = c("-include", file.path(Sys.getenv("PORTS_HERE"), "include", "SDL.h")),
  source = "libsdl-ttf2.0-dev",
  licence = "Zlib",
  files = "/SDL/SDL_ttf\\.h$",
  library = c("SDL_ttf-2.0.so.0 SDL_ttf-2.0 SDL_ttf", windows = "SDL_ttf",
              darwin = "SDL_ttf-2.0.0.dylib SDL_ttf-2.0 SDL_ttf.framework SDL_ttf"),
  package = "deb:libsdl-ttf2.0-0 rpm:SDL_ttf brew:sdl_ttf",
  import = "SDL"
)
