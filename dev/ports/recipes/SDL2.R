list(
  title = "Simple DirectMedia Layer 2",
  headers = "SDL2/SDL.h",
  pkg_config = "sdl2",
  source = "libsdl2-dev",
  licence = "Zlib",
  files = "/SDL2/",
  library = c("SDL2-2.0.so.0 SDL2-2.0 SDL2", windows = "SDL2",
              darwin = "SDL2-2.0.0.dylib SDL2-2.0 SDL2.framework SDL2"),
  package = "deb:libsdl2-2.0-0 rpm:SDL2 brew:sdl2"
)
