list(
  title = "Simple DirectMedia Layer 2",
  headers = "SDL2/SDL.h",
  pkg_config = "sdl2",
  # the compiler's own headers for vectors, which other targets do not have
  defines = c("MAC_OS_X_VERSION_MIN_REQUIRED=101300",
              paste0("SDL_DISABLE_", c("IMMINTRIN", "MMINTRIN", "XMMINTRIN", "EMMINTRIN", "PMMINTRIN",
                                       "MM3DNOW", "ARM_NEON"), "_H")),
  source = "libsdl2-dev",
  licence = "Zlib",
  files = "/SDL2/",
  keep = "^(SDL|KMOD_|RW_|AUDIO_|WindowShape|Shape)",
  drop = paste0("^SDL_(FILE|LINE|FUNCTION|ASSERT_LEVEL|NULL_WHILE_LOOP_CONDITION|BYTEORDER|",
                "FLOATWORDORDER)$|^SDL_(PRI|VIDEO_|AUDIO_DRIVER|JOYSTICK_|HAPTIC_|SENSOR_|LOADSO_|",
                "THREAD_|TIMER_|POWER_LINUX|POWER_UNIX|FILESYSTEM_|INPUT_|LIBUSB_)"),
  library = c("SDL2-2.0.so.0 SDL2-2.0 SDL2", windows = "SDL2",
              darwin = "SDL2-2.0.0.dylib SDL2-2.0 SDL2.framework SDL2"),
  package = "deb:libsdl2-2.0-0 rpm:SDL2 brew:sdl2"
)
