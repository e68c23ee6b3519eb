# SDL 1.2 and OpenGL through their DynPorts, in a child with a screen of its own.

need_sdl <- function() {
  need_library_or_skip(c("SDL-1.2.so.0", "SDL"))
  invisible()
}

need_gl <- function() {
  need_sdl()
  need_library_or_skip(c("GL.so.1", "GL"))
  invisible()
}

# Runs code under a screen; lines of output, and the pixels in the file that the code saved the screen to.
on_screen <- function(code) {
  display <- start_display()
  on.exit(testthat::expect_true(stop_display(display)))
  shot <- tempfile("shot")
  on.exit(unlink(shot), add = TRUE)
  save <- sprintf("save_screen <- function() file.copy(Sys.getenv('SCREEN'), %s)", deparse(shot))
  child <- in_child(c(save, code), display_env(display))
  expect_identical(child$status, 0L, info = child$output)
  list(lines = strsplit(child$output, "\n", fixed = TRUE)[[1L]],
       screen = if (file.exists(shot)) read_screen(shot))
}

# The rows and columns of the rectangle that holds all pixels of a kind.
box <- function(pixels) {
  at <- which(pixels, arr.ind = TRUE)
  c(range(at[, 1L]), range(at[, 2L]))
}

test_that("the program of the paper draws its rectangle", {
  need_gl()
  got <- on_screen('
    dynport(SDL)
    dynport(GL)
    if (SDL_Init(SDL_INIT_VIDEO)) stop(SDL_GetError())
    surface <- SDL_SetVideoMode(640,480,32,SDL_OPENGL)
    stopifnot(surface$w == 640, surface$h == 480)
    frames <- 0
    mainloop <- function()
    {
      ev <- new.struct(SDL_Event)
      quit <- FALSE
      while(!quit) {
        draw()
        while(SDL_PollEvent(ev)) {
          if (ev$type == SDL_QUIT) {
            quit <- TRUE
          }
        }
      }
    }
    draw <- function()
    {
      glClearColor(0,0,1,0)
      glClear(GL_COLOR_BUFFER_BIT)
      glColor3f(0.5,1,0.5)
      glRectf(-0.5,-0.5,0.5,0.5)
      read_pixels()
      SDL_GL_SwapBuffers()
      frames <<- frames + 1
      if (frames == 5) push_quit()
    }
    read_pixels <- function()
    {
      pixel <- raw(4)
      for (at in list(c(0, 0), c(639, 479), c(320, 240), c(159, 240), c(160, 240), c(479, 240), c(480, 240))) {
        glReadPixels(at[1], at[2], 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel)
        if (frames == 4) cat(as.integer(pixel[1:3]), "\n")
      }
    }
    push_quit <- function()
    {
      event <- new.struct(SDL_Event)
      event$type <- SDL_QUIT
      stopifnot(SDL_PushEvent(event) == 0)
    }
    mainloop()
    cat("frames", frames, "error", glGetError(), "\n")
    stopifnot(save_screen())
    SDL_Quit()
  ')
  blue <- "0 0 255 "
  expect_identical(got$lines[c(1:2, 4, 7)], rep(blue, 4))
  green <- lapply(strsplit(got$lines[c(3, 5, 6)], " "), as.integer)
  for (pixel in green) expect_true(all(abs(pixel - c(127.5, 255, 127.5)) < 1))
  expect_identical(got$lines[8L], "frames 5 error 0 ")

  screen <- got$screen
  window <- box(screen != 0L)
  expect_identical(window[c(2, 4)] - window[c(1, 3)] + 1L, c(480L, 640L))
  inside <- screen[window[1L]:window[2L], window[3L]:window[4L]]
  for (corner in inside[cbind(c(1, 1, 480, 480), c(1, 640, 1, 640))]) expect_identical(rgb_of(corner), c(0L, 0L, 255L))
  middle <- rgb_of(inside[240, 320])
  expect_true(all(abs(middle - c(127.5, 255, 127.5)) < 1))
  # half of the window in each direction, and nothing else
  expect_identical(box(inside == inside[240, 320]), c(121L, 360L, 161L, 480L))
  expect_identical(sum(inside == inside[240, 320]), 240L * 320L)
  expect_identical(sum(inside == 255L), 640L * 480L - 240L * 320L)
})

test_that("OpenGL takes arrays, matrices and strings", {
  need_gl()
  got <- on_screen('
    dynport(SDL)
    dynport(GL)
    invisible(SDL_Init(SDL_INIT_VIDEO))
    invisible(SDL_SetVideoMode(200, 100, 32, SDL_OPENGL))
    cat(is.character(glGetString(GL_VERSION)), nzchar(glGetString(GL_RENDERER)), "\n")
    size <- integer(4)
    glGetIntegerv(GL_VIEWPORT, size)
    cat(size, "\n")
    glMatrixMode(GL_MODELVIEW)
    glLoadMatrixd(as.double(diag(4) * 2))
    m <- numeric(16)
    glGetDoublev(GL_MODELVIEW_MATRIX, m)
    cat(identical(m, as.double(diag(4) * 2)), "\n")
    glLoadIdentity()
    corners <- as.floatraw(c(-1, -1, 0, -1, 0, 1, -1, 1))
    glEnableClientState(GL_VERTEX_ARRAY)
    glVertexPointer(2L, GL_FLOAT, 0L, corners)
    glColor3ub(255L, 0L, 128L)
    glClear(GL_COLOR_BUFFER_BIT)
    glDrawArrays(GL_QUADS, 0L, 4L)
    glFinish()
    pixels <- raw(200 * 100 * 4)
    glReadPixels(0, 0, 200, 100, GL_RGBA, GL_UNSIGNED_BYTE, pixels)
    red <- matrix(as.integer(pixels[seq(1, length(pixels), 4)]), 200)
    cat(sum(red == 255), all(red[1:100, ] == 255), all(red[101:200, ] == 0), glGetError(), "\n")
    SDL_Quit()
  ')
  expect_identical(got$lines, c("TRUE TRUE ", "0 0 200 100 ", "TRUE ", "10000 TRUE TRUE 0 "))
})

test_that("events have the fields of their kind", {
  need_sdl()
  child <- in_child('
    dynport(SDL)
    invisible(SDL_Init(SDL_INIT_VIDEO))
    invisible(SDL_SetVideoMode(64, 64, 32, SDL_SWSURFACE))
    ev <- new.struct(SDL_Event)
    while (SDL_PollEvent(ev)) NULL
    ev$type <- SDL_KEYDOWN
    ev$key$keysym$sym <- SDLK_ESCAPE
    ev$key$state <- SDL_PRESSED
    invisible(SDL_PushEvent(ev))
    ev <- new.struct(SDL_Event)
    ev$type <- SDL_MOUSEMOTION
    ev$motion$x <- 65535
    ev$motion$xrel <- -5
    invisible(SDL_PushEvent(ev))
    got <- new.struct(SDL_Event)
    cat(SDL_PollEvent(got), got$type == SDL_KEYDOWN, got$key$keysym$sym == SDLK_ESCAPE, got$key$state, "\n")
    cat(SDL_PollEvent(got), got$type == SDL_MOUSEMOTION, got$motion$x, got$motion$xrel, "\n")
    cat(SDL_PollEvent(got), "\n")
    SDL_Quit()
  ', c("SDL_VIDEODRIVER=dummy", "SDL_AUDIODRIVER=dummy"))
  expect_identical(child$status, 0L, info = child$output)
  expect_identical(child$output, "1 TRUE TRUE 1 \n1 TRUE 65535 -5 \n0 ")
})

test_that("surfaces are filled, blitted and read through their pointers", {
  need_sdl()
  child <- in_child('
    dynport(SDL)
    invisible(SDL_Init(SDL_INIT_VIDEO))
    screen <- SDL_SetVideoMode(32, 16, 32, SDL_SWSURFACE)
    invisible(SDL_ShowCursor(SDL_DISABLE))
    format <- screen$format
    cat(screen$w, screen$h, format$BitsPerPixel, format$BytesPerPixel, "\n")
    red <- SDL_MapRGB(format, 255, 0, 0)
    cat(red == format$Rmask, "\n")
    r <- new.struct(SDL_Rect)
    r$x <- 4 ; r$y <- 2 ; r$w <- 8 ; r$h <- 3
    small <- SDL_CreateRGBSurface(SDL_SWSURFACE, 8, 3, 32, format$Rmask, format$Gmask, format$Bmask, 0)
    cat(SDL_FillRect(small, NULL, red), SDL_BlitSurface(small, NULL, screen, r), "\n")
    pixels <- .unpack(screen$pixels, 0, paste0("I[", screen$pitch / 4 * screen$h, "]"))
    m <- matrix(pixels, screen$pitch / 4)[1:32, ]
    at <- which(m == red, arr.ind = TRUE)
    cat(range(at[, 1]), range(at[, 2]), sum(m == red), sum(m == 0), "\n")
    SDL_FreeSurface(small)
    SDL_WM_SetCaption("a caption", "an icon")
    title <- raw(.Machine$sizeof.pointer)
    SDL_WM_GetCaption(as.extptr(title), NULL)
    cat(.unpack(title, 0, "Z"), "\n")
    info <- SDL_GetVideoInfo()
    cat(info$vfmt$BitsPerPixel, info$hw_available, "\n")
    SDL_SetError("no %s at %d", "luck", 7L)
    cat(SDL_GetError(), "\n")
    SDL_Quit()
  ', "SDL_VIDEODRIVER=dummy")
  expect_identical(child$status, 0L, info = child$output)
  expect_identical(strsplit(child$output, "\n")[[1L]],
                   c("32 16 32 4 ", "TRUE ", "0 0 ", "5 12 3 5 24 488 ", "a caption ", "32 0 ",
                     "no luck at 7 "))
})

test_that("a timer on a thread of SDL's runs no R code and harms nothing", {
  need_sdl()
  child <- in_child('
    dynport(SDL)
    invisible(SDL_Init(SDL_INIT_TIMER))
    ran <- 0
    tick <- new.callback("Ip)I", function(interval, data) { ran <<- ran + 1; interval })
    id <- SDL_AddTimer(10, tick, NULL)
    cat(is.nullptr(id), "")
    foreign <- function() .Call(rdyncall:::C_callback_count)[3]
    for (i in 1:500) {
      SDL_Delay(10)
      x <- sort(runif(1000))
      if (foreign() > 0) break
    }
    cat(foreign(), ran, sum(c(1, 2, 3)))
    SDL_Quit()
  ')
  expect_identical(child$status, 0L, info = child$output)
  # the zero that the timer gets ends it
  expect_identical(child$output, "FALSE 1 0 6")
})
