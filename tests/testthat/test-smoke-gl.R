# GL, GLU, gl3 and glew in a context of SDL's under Xvfb: a shader draws, pixels are read back.

# Code behind the opening of a 64 x 64 window with a context of OpenGL.
in_context <- function(code) {
  need_library_or_skip(c("SDL-1.2.so.0", "SDL"))
  need_library_or_skip(c("GL.so.1", "GL"))
  display <- start_display()
  on.exit(testthat::expect_true(stop_display(display)))
  open <- '
    sdl <- dynport(SDL, attach = FALSE)
    stopifnot(sdl$SDL_Init(sdl$SDL_INIT_VIDEO) == 0)
    surface <- sdl$SDL_SetVideoMode(64, 64, 32, sdl$SDL_OPENGL)
    if (is.nullptr(surface)) stop(sdl$SDL_GetError())
    pixel <- function(gl, x, y) {
      bytes <- raw(4)
      gl$glReadPixels(x, y, 1, 1, gl$GL_RGBA, gl$GL_UNSIGNED_BYTE, bytes)
      as.integer(bytes)[1:3]
    }'
  in_child(c(open, code, "sdl$SDL_Quit()"), display_env(display))
}

test_that("GL draws a triangle, with matrices of GLU", {
  need_library_or_skip(c("GLU.so.1", "GLU"))
  child <- in_context('
    gl <- dynport(GL, attach = FALSE)
    glu <- dynport(GLU, attach = FALSE)
    gl$glViewport(0, 0, 64, 64)
    gl$glMatrixMode(gl$GL_PROJECTION)
    gl$glLoadIdentity()
    glu$gluOrtho2D(0, 64, 0, 64)
    gl$glClearColor(0, 0, 1, 1)
    gl$glClear(gl$GL_COLOR_BUFFER_BIT)
    gl$glColor3f(1, 0.5, 0)
    gl$glBegin(gl$GL_TRIANGLES)
    gl$glVertex2d(0, 0); gl$glVertex2d(40, 0); gl$glVertex2d(0, 40)
    gl$glEnd()
    gl$glFinish()
    cat(pixel(gl, 5, 5), pixel(gl, 60, 60), gl$glGetError(), "")
    cat(glu$gluErrorString(gl$GL_INVALID_ENUM), "")
    view <- integer(4)
    model <- numeric(16)
    projection <- numeric(16)
    gl$glGetIntegerv(gl$GL_VIEWPORT, view)
    gl$glGetDoublev(gl$GL_MODELVIEW_MATRIX, model)
    gl$glGetDoublev(gl$GL_PROJECTION_MATRIX, projection)
    x <- numeric(1); y <- numeric(1); z <- numeric(1)
    stopifnot(glu$gluProject(16, 48, 0, model, projection, view, x, y, z) == 1)
    cat(x, y)')
  expect_identical(child$status, 0L, info = child$output)
  expect_match(child$output, "255 12[78] 0 0 0 255 0 invalid enum(erant|erated value)? 16 48")
})

shader_program <- '
  compile <- function(gl, kind, text) {
    shader <- gl$glCreateShader(kind)
    source <- strarrayptr(text)
    gl$glShaderSource(shader, 1, source, NULL)
    gl$glCompileShader(shader)
    fine <- integer(1)
    gl$glGetShaderiv(shader, gl$GL_COMPILE_STATUS, fine)
    if (!fine) {
      log <- raw(1000)
      gl$glGetShaderInfoLog(shader, 1000, NULL, log)
      stop(ptr2str(log))
    }
    shader
  }
  draw <- function(gl) {
    program <- gl$glCreateProgram()
    gl$glAttachShader(program, compile(gl, gl$GL_VERTEX_SHADER,
      "#version 120\\nattribute vec2 at; void main() { gl_Position = vec4(at, 0.0, 1.0); }"))
    gl$glAttachShader(program, compile(gl, gl$GL_FRAGMENT_SHADER,
      "#version 120\\nuniform vec3 ink; void main() { gl_FragColor = vec4(ink, 1.0); }"))
    gl$glBindAttribLocation(program, 0, "at")
    gl$glLinkProgram(program)
    fine <- integer(1)
    gl$glGetProgramiv(program, gl$GL_LINK_STATUS, fine)
    stopifnot(fine == 1)
    gl$glUseProgram(program)
    gl$glUniform3f(gl$glGetUniformLocation(program, "ink"), 0, 1, 0.2)
    names <- new.array("I", 1)
    gl$glGenBuffers(1, names)
    gl$glBindBuffer(gl$GL_ARRAY_BUFFER, names[1])
    corners <- as.floatraw(c(-1, -1, 1, -1, -1, 1))
    gl$glBufferData(gl$GL_ARRAY_BUFFER, length(corners), corners, gl$GL_STATIC_DRAW)
    gl$glVertexAttribPointer(0, 2, gl$GL_FLOAT, gl$GL_FALSE, 0, NULL)
    gl$glEnableVertexAttribArray(0)
    gl$glClearColor(1, 0, 0, 1)
    gl$glClear(gl$GL_COLOR_BUFFER_BIT)
    gl$glDrawArrays(gl$GL_TRIANGLES, 0, 3)
    gl$glFinish()
    cat(pixel(gl, 5, 5), pixel(gl, 60, 60), gl$glGetError())
  }'

test_that("a shader of gl3 draws", {
  child <- in_context(c(shader_program, 'gl <- dynport(gl3, attach = FALSE)', 'draw(gl)'))
  expect_identical(child$status, 0L, info = child$output)
  expect_match(child$output, "0 255 51 255 0 0 0")
})

test_that("a shader of glew draws, once glewInit() has filled its pointers", {
  need_library_or_skip(c("GLEW.so.2.2", "GLEW.so.2.1", "GLEW"))
  child <- in_context(c(shader_program, '
    gl <- dynport(glew, attach = FALSE)
    early <- tryCatch(gl$glCreateProgram(), dyncall_error_symbol = conditionMessage)
    cat(early, "\n")
    stopifnot(gl$glewInit() == gl$GLEW_OK, gl$GLEW_VERSION_2_0 == 1)
    draw(gl)'))
  expect_identical(child$status, 0L, info = child$output)
  expect_match(child$output, "glCreateProgram.*0 255 51 255 0 0 0")
})
