list(
  title = "SDL_net 1.2: network sockets",
  headers = "SDL/SDL_net.h",
  pkg_config = "sdl",
  args = c("-include", file.path(Sys.getenv("PORTS_HERE"), "include", "SDL.h")),
  source = "libsdl-net1.2-dev",
  licence = "Zlib",
  files = "/SDL/SDL_net\\.h$",
  library = c("SDL_net-1.2.so.0 SDL_net-1.2 SDL_net", windows = "SDL_net",
              darwin = "SDL_net-1.2.0.dylib SDL_net-1.2 SDL_net.framework SDL_net"),
  package = "deb:libsdl-net1.2 rpm:SDL_net brew:sdl_net",
  import = "SDL"
)
