# Constants that say how SDL was built are no interface, nor are other names for the C library's functions.
list(
  title = "Simple DirectMedia Layer 1.2: video, input, audio, timers and threads",
  headers = "SDL/SDL.h",
  pkg_config = "sdl",
  args = c("-include", file.path(Sys.getenv("PORTS_HERE"), "include", "SDL.h")),
  source = "libsdl1.2-dev",
  licence = "LGPL-2.1+",
  files = "/SDL/",
  drop = paste0("^(HAVE_|SIZEOF_|_[A-Z_]|STDC_HEADERS$|NeedFunctionPrototypes|DECLSPEC|NULL$)|",
                "^SDL_(HAS_64BIT_TYPE|ASSEMBLY_ROUTINES|HERMES_BLITTERS|ALTIVEC_BLITTERS)$|",
                "^SDL_(VIDEO|AUDIO|JOYSTICK|CDROM|LOADSO|TIMER|THREAD|INPUT)_(DRIVER|DLOPEN|PTHREAD|",
                "UNIX|LINUX|OPENGL|DUMMY|DISABLE|LINUXEV|TSLIB|USBHID|DC$)|",
                "^SDL_(malloc|calloc|realloc|free|getenv|putenv|qsort|abs|mem(set|cpy|move|cmp)|",
                "str(len|dup|chr|rchr|str|tol|toul|toll|toull|tod|cmp|ncmp|casecmp|ncasecmp)|",
                "ato[if]|sscanf|v?snprintf)$|^(SDL_)?main$"),
  library = c("SDL-1.2.so.0 SDL-1.2 SDL", windows = "SDL",
              darwin = "SDL-1.2.0.dylib SDL-1.2 SDL.framework SDL"),
  attributes = c("out=x,y" = "^SDL_Get(Relative)?MouseState$", "out=event" = "^SDL_(Poll|Wait)Event$",
                 "out=r,g,b" = "^SDL_GetRGB$", "out=r,g,b,a" = "^SDL_GetRGBA$", "out=rect" = "^SDL_GetClipRect$",
                 "out=value" = "^SDL_GL_GetAttribute$"),
  package = "deb:libsdl1.2debian rpm:SDL brew:sdl12-compat",
  replace = "SDL_iconv_string(ZZp<size_t>)*c tocode fromcode inbuf inbytesleft",
  # types that the headers only point to
  more = c("[struct]", "SDL_BlitMap;", "private_hwdata;", "private_yuvhwfuncs;", "private_yuvhwdata;", "",
           "[alias]", "SDL_LockMutex=SDL_mutexP;", "SDL_UnlockMutex=SDL_mutexV;")
)
