list(
  title = "Simple DirectMedia Layer 1.2: video, input, audio, timers and threads",
  headers = "SDL/SDL.h",
  source = "libsdl1.2-dev",
  licence = "LGPL-2.1+",
  files = "/SDL/",
  drop = "^(HAVE_|SIZEOF_|_|STDC_HEADERS$)|^SDL_(VIDEO|AUDIO|JOYSTICK|CDROM|LOADSO|TIMER|THREAD|INPUT)_",
  library = c("SDL-1.2.so.0 SDL-1.2 SDL", windows = "SDL",
              darwin = "SDL-1.2.0.dylib SDL-1.2 SDL.framework SDL"),
  package = "deb:libsdl1.2debian rpm:SDL brew:sdl12-compat"
)
