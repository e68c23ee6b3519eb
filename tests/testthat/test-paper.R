# The transcripts of the paper, in its order, each with what the paper prints.

paper <- new.env(parent = globalenv())

# What a user who types the code sees; addresses read 0x0.
transcript <- function(code) {
  shown <- capture.output({
    for (typed in parse(text = code, keep.source = FALSE)) {
      value <- withVisible(eval(typed, paper))
      if (value$visible) print(value$value)
    }
  })
  gsub("0x[0-9a-f]+", "0x0", shown)
}

test_that("the foreign function interface of base R needs a wrapper in C", {
  dyn.load(fixture_file("paper"))
  expect_identical(transcript('
    .C("R_C_sqrt", 144, PACKAGE="paper")
  '), c("[[1]]", "[1] 12", ""))
  expect_identical(transcript('
    sqrtViaC <- function(x)
    {
      x <- as.numeric(x) # type(x) should be C double.
      # make sure length > 0:
      length(x) <- max(1, length(x))
      .C("R_C_sqrt", x, PACKAGE="paper")[[1]]
    }
    sqrtViaC(144L)
  '), "[1] 12")
})

test_that("an address and a signature call sqrt", {
  paper$path <- dynpath(need_library_or_skip(c("msvcrt", "m", "c")))
  expect_identical(transcript('
    libm <- dyn.load(path)
    sqrtAddr <- libm$sqrt$address
    .dyncall(sqrtAddr, "d)d", 144)
  '), "[1] 12")
})

test_that("one line of R encapsulates the call, with coercion", {
  expect_identical(transcript('
    sqrtViaDynCall <- function(...)
      .dyncall(sqrtAddr, "d)d", ...)
    sqrtViaDynCall(144L)
  '), "[1] 12")
})

test_that("incompatible arguments abort the invocation", {
  expect_error(transcript("sqrtViaDynCall()"), "expected 1 argument, got 0",
               class = "dyncall_error_arity")
  expect_error(transcript("sqrtViaDynCall(1, 2)"), "expected 1 argument, got 2",
               class = "dyncall_error_arity")
  expect_error(transcript("sqrtViaDynCall(numeric())"), "expected double, got a double vector of length 0",
               class = "dyncall_error_argument")
  expect_error(transcript('sqrtViaDynCall("144")'), 'expected double, got the string "144"',
               class = "dyncall_error_argument")
})

test_that("Table 3: a function with typed out pointers", {
  self <- .dynload("")
  expect_false(is.null(self))
  address <- .dynsym(self, "rsort_with_index")
  if (is.null(address)) skip_or_fail("R exports no rsort_with_index")
  x <- c(3, 1, 2)
  index <- c(30L, 10L, 20L)
  expect_null(.dyncall(address, "*d*ii)v", x, index, length(x)))
  expect_identical(x, c(1, 2, 3))
  expect_identical(index, c(10L, 20L, 30L))
  expect_error(.dyncall(address, "*d*ii)v", index, index, 3L), class = "dyncall_error_argument")
  expect_error(.dyncall(address, "*d*ii)v", x, x, 3L), class = "dyncall_error_argument")
})

test_that("libraries are found by short names", {
  expect_identical(transcript('
    mLib <- dynfind(c("msvcrt","m","c"))
    .dyncall(.dynsym(mLib, "sqrt"), "d)d", 144)
  '), "[1] 12")
})

test_that("dynbind installs wrappers that print as in the paper", {
  expect_identical(transcript('
    dynbind( c("msvcrt","m","c"),
             "sqrt(d)d;sin(d)d);cos(d)d;" )
  '), character())
  shown <- transcript("sin")
  expect_match(shown[1L], "^function \\(\\.\\.\\.\\) ?$")
  expect_identical(shown[2L], '.dyncall.cdecl(<pointer: 0x0>, "d)d)", ...)')
  expect_identical(transcript("sqrt(144L); sin(0); cos(0)"), c("[1] 12", "[1] 0", "[1] 1"))
  expect_true(all(c("sqrt", "sin", "cos") %in% ls(paper)))
  expect_identical(paper$sin(1), base::sin(1))
})

test_that("a wrapper is installed in the global environment when it is bound there", {
  had <- exists("tanh", globalenv(), inherits = FALSE)
  skip_if(had, "the global environment has a tanh")
  on.exit(rm("tanh", envir = globalenv()))
  eval(quote(dynbind(c("msvcrt", "m", "c"), "tanh(d)d;")), globalenv())
  expect_s3_class(get("tanh", globalenv(), inherits = FALSE), "dynbound")
  expect_identical(get("tanh", globalenv())(1), base::tanh(1))
})

test_that("a struct is allocated, filled and printed", {
  expect_identical(transcript('
    parseStructInfos("Rect{ssSS}x y w h;")
    r <- new.struct(Rect)
    r$x <- -10 ; r$y <- -20 ; r$w <- 40 ; r$h <- 30
    r
  '), c("struct Rect {", "  x: -10", "  y: -20", "  w: 40", "  h: 30", "}"))
  skip_if(.Platform$endian == "big", "the bytes of the paper are little-endian")
  expect_identical(transcript("r[]"), c("[1] f6 ff ec ff 28 00 1e 00", 'attr(,"struct")', '[1] "Rect"'))
})

test_that("fields are read and replaced with [ as well", {
  expect_identical(transcript('r["x"]'), "[1] -10")
  expect_identical(transcript('s <- r ; s["x"] <- 5 ; s["x"] ; s$x ; r$x'),
                   c("[1] 5", "[1] 5", "[1] -10"))
})

test_that("a struct is passed by a typed pointer", {
  paper$lib <- fixture("paper")
  expect_identical(transcript('
    setWindowRectAddr <- .dynsym(lib, "setWindowRect")
    .dyncall( setWindowRectAddr, "*<Rect>)v", r)
    .dyncall( .dynsym(lib, "windowArea"), ")i")
  '), "[1] 1200")
  expect_identical(transcript('
    .dyncall( .dynsym(lib, "getWindowRect"), ")*<Rect>")
  '), c("struct Rect {", "  x: -10", "  y: -20", "  w: 40", "  h: 30", "}"))
  expect_identical(transcript('
    w <- .dyncall( .dynsym(lib, "getWindowRect"), ")*<Rect>")
    w$w <- 50
    .dyncall( .dynsym(lib, "windowArea"), ")i")
  '), "[1] 1500")
})

test_that("what is no Rect is rejected where the paper's typed pointer is asked for", {
  transcript('parseStructInfos("Point{ssSS}x y w h;")')
  for (other in c("new.struct(Point)", "raw(8)", "1:4", "1", '"r"', "list(x = 1)", "as.extptr(raw(8))",
                  "quote(r)", "function() 1", "as.struct(as.extptr(raw(8)), Point)")) {
    expect_error(transcript(sprintf('.dyncall( setWindowRectAddr, "*<Rect>)v", %s)', other)),
                 "expected Rect \\*", class = "dyncall_error_argument", info = other)
  }
  expect_identical(transcript('.dyncall( .dynsym(lib, "windowArea"), ")i")'), "[1] 1500")
  # the untyped pointer prevents nothing
  expect_identical(transcript('
    .dyncall( setWindowRectAddr, "p)v", c(0L, 2L + 65536L * 3L))
    .dyncall( .dynsym(lib, "windowArea"), ")i")
  '), "[1] 6")
})

test_that("as.struct casts in the style of C", {
  expect_identical(transcript('
    bytes <- raw(8)
    .pack(bytes, 4, "S", 3)
    .pack(bytes, 6, "S", 4)
    as.struct(bytes, Rect)$h
    .dyncall( setWindowRectAddr, "*<Rect>)v", as.struct(bytes, "Rect"))
    .dyncall( .dynsym(lib, "windowArea"), ")i")
  '), c("[1] 4", "[1] 12"))
})

test_that("unions are registered with parseUnionInfos", {
  expect_identical(transcript('
    parseUnionInfos("Number|id}whole real;")
    n <- new.struct(Number)
    n$real <- 1
    n$whole <- 7
    n$whole
    length(n)
  '), c("[1] 7", "[1] 8"))
})

test_that(".pack and .unpack dereference pointers to pointers", {
  expect_identical(transcript('
    inner <- as.extptr(c(1.5, 2.5))
    outer <- raw(.Machine$sizeof.pointer)
    .pack(outer, 0, "p", inner)
    .unpack(.unpack(outer, 0, "p"), 8, "d")
  '), "[1] 2.5")
})

test_that("float arrays go through floatraw", {
  expect_identical(transcript("floatraw2numeric(as.floatraw(c(1, 2.5, -3)))"), "[1]  1.0  2.5 -3.0")
})

test_that("Parsing XML using Expat", {
  need_library_or_skip(c("expat.so.1", "expat", "libexpat-1"))
  on.exit(detach("dynport:expat", character.only = TRUE))
  expect_identical(transcript("
    dynport(expat)
    p <- XML_ParserCreate(NULL)
  "), character())
  expect_identical(transcript('
    start <- new.callback("pZp)v",
      function(ignored1,tag,ignored2)
        cat("Start tag:", tag, "\n")
    )
    end <- new.callback("pZ)v",
      function(ignored,tag)
        cat("Stop tag:", tag, "\n")
    )
    XML_SetElementHandler(p, start, end)
  '), character())
  shown <- transcript('
    text <- "<hello> <world> </world> </hello>"
    XML_Parse( p, text, nchar(text), 1)
  ')
  # the paper's code says Stop where its output says End
  expect_identical(sub("^Stop", "End", shown[1:4]),
                   c("Start tag: hello ", "Start tag: world ", "End tag: world ", "End tag: hello "))
  # the document has ended
  expect_identical(transcript('if (XML_Parse(p, text, nchar(text), 1) == XML_STATUS_ERROR) "no"'), '[1] "no"')
  transcript("XML_ParserFree(p)")
})

test_that("a window of SDL and OpenGL", {
  need_library_or_skip(c("SDL-1.2.so.0", "SDL"))
  need_library_or_skip(c("GL.so.1", "GL"))
  display <- start_display()
  on.exit(expect_true(stop_display(display)))
  # a quit request waits in the queue, as if the close button had been pressed
  child <- in_child('
    dynport(SDL)
    dynport(GL)
    SDL_Init(SDL_INIT_VIDEO)
    surface <- SDL_SetVideoMode(640,480,32,SDL_OPENGL)
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
      SDL_GL_SwapBuffers()
    }
    close <- new.struct(SDL_Event)
    close$type <- SDL_QUIT
    invisible(SDL_PushEvent(close))
    mainloop()
    cat("closed", surface$w, surface$h, "\n")
    SDL_Quit()
  ', display_env(display))
  expect_identical(child$status, 0L, info = child$output)
  expect_identical(child$output, "[1] 0\nclosed 640 480 ")
})
