list(
  title = "SDL_mixer 1.2: sound effects and music",
  headers = "SDL/SDL_mixer.h",
  pkg_config = "sdl",
  args = c("-include", file.path(Sys.getenv("PORTS_HERE"), "include", "SDL.h")),
  source = "libsdl-mixer1.2-dev",
  licence = "Zlib",
  files = "/SDL/SDL_mixer\\.h$",
  library = c("SDL_mixer-1.2.so.0 SDL_mixer-1.2 SDL_mixer", windows = "SDL_mixer",
              darwin = "SDL_mixer-1.2.0.dylib SDL_mixer-1.2 SDL_mixer.framework SDL_mixer"),
  package = "deb:libsdl-mixer1.2 rpm:SDL_mixer brew:sdl_mixer",
  import = "SDL"
)
