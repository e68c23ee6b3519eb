# An X server of the tests' own, whose screen can be read back.

# Starts Xvfb on a free display: list(name, pid, folder), to be stopped with stop_display().
start_display <- function() {
  if (!nzchar(Sys.which("Xvfb"))) skip_or_fail("no Xvfb")
  folder <- tempfile("display")
  dir.create(folder)
  script <- file.path(folder, "run")
  # SDL opens the display, closes it and opens it again, which is refused while the server resets
  server <- paste("exec Xvfb -displayfd 3 -screen 0 800x600x24 -fbdir . -nocursor -noreset -nolisten tcp",
                  "3>number >log 2>&1 </dev/null")
  writeLines(c(paste("cd", shQuote(folder)), "echo $$ >pid", server), script)
  system2("/bin/sh", shQuote(script), wait = FALSE)
  line <- function(name) {
    file <- file.path(folder, name)
    text <- if (file.exists(file)) readLines(file, warn = FALSE)
    if (length(text)) text[1L] else ""
  }
  running <- function() is.na(pid()) || tools::pskill(pid(), 0L)
  pid <- function() as.integer(line("pid"))
  for (i in 1:400) {
    if (nzchar(line("number")) || !running()) break
    Sys.sleep(0.05)
  }
  display <- list(name = paste0(":", line("number")), pid = pid(), folder = folder)
  if (!nzchar(line("number"))) {
    why <- line("log")
    stop_display(display)
    skip_or_fail(paste("Xvfb does not start:", why))
  }
  display
}

# Whether the server is gone.
stop_display <- function(display) {
  on.exit(unlink(display$folder, recursive = TRUE))
  if (is.na(display$pid)) return(TRUE)
  tools::pskill(display$pid)
  for (i in 1:200) {
    if (!tools::pskill(display$pid, 0L)) return(TRUE)
    Sys.sleep(0.02)
  }
  tools::pskill(display$pid, tools::SIGKILL)
  FALSE
}

# The variables with which a program uses this display and no other screen or sound. SCREEN names the
# file that holds the pixels.
display_env <- function(display) {
  c(paste0("DISPLAY=", display$name), "XAUTHORITY=", "SDL_VIDEODRIVER=x11", "SDL_AUDIODRIVER=dummy",
    "LIBGL_ALWAYS_SOFTWARE=1", paste0("SCREEN=", shQuote(file.path(display$folder, "Xvfb_screen0"))))
}

# A screen in XWD format as a matrix of 0xrrggbb, a row per line of the screen.
read_screen <- function(file) {
  bytes <- readBin(file, "raw", file.size(file))
  head <- readBin(bytes, "integer", 25L, 4L, endian = "big")
  width <- head[5L]
  height <- head[6L]
  colors <- head[20L]
  stopifnot(head[2L] == 7L, head[12L] == 32L, head[13L] == 4L * width)
  start <- head[1L] + 12L * colors
  pixels <- readBin(bytes[start + seq_len(4L * width * height)], "integer", width * height, 4L,
                    endian = if (head[8L] == 0L) "little" else "big")
  matrix(bitwAnd(pixels, 0xffffffL), nrow = height, byrow = TRUE)
}

# Red, green and blue of a pixel, each between 0 and 255.
rgb_of <- function(pixel) c(pixel %/% 65536L, pixel %/% 256L %% 256L, pixel %% 256L)
