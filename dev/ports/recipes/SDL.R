# Constants that say how SDL was built are no interface.
list(
  title = "Simple DirectMedia Layer 1.2: video, input, audio, timers and threads",
  headers = "SDL/SDL.h",
  source = "libsdl1.2-dev",
  licence = "LGPL-2.1+",
  files = "/SDL/",
  drop = paste0("^(HAVE_|SIZEOF_|_[A-Z]|STDC_HEADERS$|NeedFunctionPrototypes|DECLSPEC|NULL$)|",
                "^SDL_(HAS_64BIT_TYPE|ASSEMBLY_ROUTINES|HERMES_BLITTERS|ALTIVEC_BLITTERS)$|",
                "^SDL_(VIDEO|AUDIO|JOYSTICK|CDROM|LOADSO|TIMER|THREAD|INPUT)_(DRIVER|DLOPEN|PTHREAD|",
                "UNIX|LINUX|OPENGL|DUMMY|DISABLED|LINUXEV|TSLIB|USBHID|DC$)"),
  library = c("SDL-1.2.so.0 SDL-1.2 SDL", windows = "SDL",
              darwin = "SDL-1.2.0.dylib SDL-1.2 SDL.framework SDL"),
  package = "deb:libsdl1.2debian rpm:SDL brew:sdl12-compat",
  replace = "SDL_iconv_string(ZZp<size_t>)*c tocode fromcode inbuf inbytesleft",
  more = c("[alias]", "SDL_LockMutex=SDL_mutexP;", "SDL_UnlockMutex=SDL_mutexV;")
)
