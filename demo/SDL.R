# A rotating cube, with SDL 1.2 and OpenGL: https://www.libsdl.org
# Ends when the window is closed or Escape is pressed; without a user, after two seconds.

library(rdyncall)

dynport(SDL)
dynport(GL)

if (SDL_Init(SDL_INIT_VIDEO)) stop("no window can be opened: ", SDL_GetError())
SDL_GL_SetAttribute("SDL_GL_DOUBLEBUFFER", 1)
SDL_GL_SetAttribute("SDL_GL_DEPTH_SIZE", 16)
surface <- SDL_SetVideoMode(640, 480, 32, SDL_OPENGL)
if (is.nullptr(surface)) stop("no OpenGL: ", SDL_GetError())
SDL_WM_SetCaption("rdyncall", NULL)
glGetString(GL_RENDERER)

# The corners of the cube, a color for each, and four corners for each side. OpenGL keeps the addresses of
# these arrays, so the variables have to live as long as it draws.
corners <- as.floatraw(t(expand.grid(x = c(-1, 1), y = c(-1, 1), z = c(-1, 1))))
colors <- as.floatraw(t(expand.grid(red = c(0.2, 1), green = c(0.2, 1), blue = c(0.4, 1))))
sides <- as.raw(c(0, 1, 3, 2,  4, 6, 7, 5,  0, 4, 5, 1,  2, 3, 7, 6,  0, 2, 6, 4,  1, 5, 7, 3))

prepare <- function() {
  glClearColor(0.1, 0.1, 0.2, 0)
  glEnable(GL_DEPTH_TEST)
  glMatrixMode(GL_PROJECTION)
  glFrustum(-0.8, 0.8, -0.6, 0.6, 1, 20)
  glMatrixMode(GL_MODELVIEW)
  glEnableClientState(GL_VERTEX_ARRAY)
  glVertexPointer(3, GL_FLOAT, 0, corners)
  glEnableClientState(GL_COLOR_ARRAY)
  glColorPointer(3, GL_FLOAT, 0, colors)
}

draw <- function(seconds) {
  glClear(GL_COLOR_BUFFER_BIT + GL_DEPTH_BUFFER_BIT)
  glLoadIdentity()
  glTranslatef(0, 0, -5)
  glRotatef(60 * seconds, 0, 1, 0)
  glRotatef(40 * seconds, 1, 0, 0)
  glDrawElements(GL_QUADS, length(sides), GL_UNSIGNED_BYTE, sides)
  SDL_GL_SwapBuffers()
}

mainloop <- function(limit) {
  event <- new.struct(SDL_Event)
  begin <- SDL_GetTicks()
  frames <- 0
  repeat {
    seconds <- (SDL_GetTicks() - begin) / 1000
    draw(seconds)
    frames <- frames + 1
    while (SDL_PollEvent(event)) {
      if (event$type == SDL_QUIT) return(frames / seconds)
      if (event$type == SDL_KEYDOWN && event$key$keysym$sym == SDLK_ESCAPE) return(frames / seconds)
    }
    if (seconds > limit) return(frames / seconds)
    SDL_Delay(5)
  }
}

prepare()
rate <- mainloop(if (interactive()) Inf else 2)
cat("frames per second:", round(rate), "\n")
SDL_Quit()
