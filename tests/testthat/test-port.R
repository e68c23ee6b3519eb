need_expat <- function() {
  need_library_or_skip(c("expat.so.1", "expat", "libexpat-1"))
  invisible()
}

test_that("a port is attached once, by name or by string", {
  need_expat()
  on.exit(detach_port("expat"))
  shown <- withVisible(dynport(expat))
  expect_false(shown$visible)
  expect_true(is.environment(shown$value))
  at <- which(search() == "dynport:expat")
  expect_length(at, 1L)
  expect_identical(as.environment("dynport:expat"), shown$value)
  before <- search()
  again <- withVisible(dynport("expat"))
  expect_identical(again, shown)
  expect_identical(search(), before)
  # a variable is not evaluated
  name <- "expat"
  expect_error(dynport(name), "'name' not found", class = "dyncall_error_port")
})

test_that("what is attached is used by name, and detached like a package", {
  need_expat()
  on.exit(detach_port("expat"))
  dynport(expat)
  user <- new.env(parent = globalenv())
  expect_identical(eval(quote(XML_ErrorString(XML_ERROR_SYNTAX)), user), "syntax error")
  detach("dynport:expat", character.only = TRUE)
  expect_false("dynport:expat" %in% search())
  expect_error(eval(quote(XML_ErrorString), user), "XML_ErrorString")
  dynport(expat)
  expect_identical(eval(quote(XML_ErrorString(XML_ERROR_SYNTAX)), user), "syntax error")
})

test_that("attach = FALSE leaves the search path alone", {
  need_expat()
  before <- search()
  first <- dynport(expat, attach = FALSE)
  second <- dynport("expat", attach = FALSE)
  expect_identical(search(), before)
  expect_true(is.environment(first))
  expect_false(identical(first, second))
  expect_identical(first$XML_ErrorString(first$XML_ERROR_SYNTAX), "syntax error")
  expect_error(dynport(expat, attach = NA), class = "dyncall_error_argument")
})

test_that("names that hide those of packages are told, as library() tells them", {
  file <- port_file(c("[const]", "sd=1;", "port_own_name=2;", "[func]", "median(ii)i a b @sym=port_add;"))
  on.exit({ detach_port("fixture"); unlink(dirname(file), recursive = TRUE) })
  told <- expect_message(dynport(fixture, file), "masked from 'package:stats'.*median, sd",
                         class = "packageStartupMessage")
  expect_no_match(conditionMessage(told), "port_own_name")
  detach_port("fixture")
  expect_silent(suppressPackageStartupMessages(dynport(fixture, file)))
  detach_port("fixture")
  expect_silent(dynport(fixture, file, attach = FALSE))
})

test_that("constants have the values and types of their literals", {
  port <- load_lines("[const]", "A=1;", "B=0x10;", "C=-3;", "D=4294967295;", "E=1.5f;", "F=0.1;", "G=-2e3;",
                     'H="a\\"b;\\n";', "I=0p;", "J=0x7fffffff;", "K=-2147483648;", "L=0x20p;")
  expect_identical(port$A, 1L)
  expect_identical(port$B, 16L)
  expect_identical(port$C, -3L)
  expect_identical(port$D, 4294967295)
  expect_identical(port$E, 1.5)
  expect_identical(port$F, 0.1)
  expect_identical(port$G, -2000)
  expect_identical(port$H, 'a"b;\n')
  expect_true(is.nullptr(port$I))
  expect_identical(port$J, .Machine$integer.max)
  expect_identical(port$K, -2147483648)
  expect_true(is.externalptr(port$L) && !is.nullptr(port$L))
})

test_that("a constant of type float has the value that a float holds", {
  port <- load_lines("[const]", "A=0.1f;", "B=1.2f;", "C=1.1920929e-07f;")
  expect_identical(port$A, 0x1.99999ap-4)
  expect_identical(port$B, 0x1.333334p+0)
  expect_identical(port$C, 2^-23)
})

test_that("64-bit constants reach C exactly", {
  port <- load_lines("[const]", "ALL=0xffffffffffffffffL;", "MOST=9223372036854775807l;", "[func]",
                     "port_is_max(L)i x;", "port_is_most(l)i x;")
  expect_identical(port$port_is_most(port$MOST), 1L)
  expect_identical(port$port_is_max(port$ALL), 1L)
})

test_that("enums count as in C, and their labels are constants", {
  port <- load_lines("[enum]", "shade{DARK=-1 MIDDLE LIGHT=10 LIGHTER};", "big:L{HUGE=0x100000000 HUGER};",
                     "{ANONYMOUS=7 NEXT};", "[func]", "port_shade(<shade>)<shade> s;")
  expect_identical(mget(c("DARK", "MIDDLE", "LIGHT", "LIGHTER", "ANONYMOUS", "NEXT"), envir = port),
                   list(DARK = -1L, MIDDLE = 0L, LIGHT = 10L, LIGHTER = 11L, ANONYMOUS = 7L, NEXT = 8L))
  expect_identical(c(port$HUGE, port$HUGER), c(2^32, 2^32 + 1))
  expect_identical(port$shade$size, 4)
  expect_identical(port$big$size, 8)
  expect_identical(as.vector(port$port_shade(port$LIGHT)), 10L)
  expect_identical(as.vector(port$port_shade("DARK")), -1L)
  expect_error(port$port_shade("PALE"), class = "dyncall_error_argument")
})

test_that("types are made when they are first used, in the environment of the port", {
  port <- load_lines("[struct]", "point{ii}x y;", "pair{<point><point>}a b;", "packed{ci}a b @pack=1;",
                     "aligned{c}a @align=16;", "number|id}i d;", "opaque;", "lost{<nowhere>}a;",
                     "[type]", "handle=*<opaque>;", "whole=l;", "[func]", "port_swap(<point>)<point> p;")
  expect_identical(port$pair$size, 16)
  expect_identical(port$packed$size, 5)
  expect_identical(port$aligned$size, 16)
  expect_identical(port$number$type, "union")
  expect_identical(port$whole$size, 8)
  expect_identical(as.list(port$port_swap(list(x = 1L, y = 2L))), list(x = 2L, y = 1L))
  pair <- new.struct(port$pair)
  pair$b$y <- 5L
  expect_identical(pair$b$y, 5L)
  # the port was loaded in spite of it
  expect_error(port$lost, "nowhere", class = "dyncall_error_type")
  expect_error(new.struct(port$opaque), class = "dyncall_error_type")
})

test_that("functions are resolved when they are first called", {
  port <- load_lines("[func]", "port_add(ii)i a b;", "port_gone(ii)i a b;", "port_length(Z)i text;")
  address <- function(f) rdyncall:::pointer_text(attr(f, "call"))
  expect_identical(names(formals(port$port_add)), c("a", "b"))
  expect_identical(address(port$port_add), "0x0")
  expect_identical(port$port_add(b = 1L, a = 2L), 3L)
  expect_false(address(port$port_add) == "0x0")
  expect_error(port$port_gone(1L, 2L), "port_gone", class = "dyncall_error_symbol")
  expect_output(print(port$port_gone), "unresolved")
  error <- expect_error(port$port_length(5), class = "dyncall_error_argument")
  expect_match(conditionMessage(error), "argument 1 ('text') of port_length", fixed = TRUE)
  expect_output(print(port$port_add), "int port_add(int a, int b)", fixed = TRUE)
})

test_that("attributes name another symbol and a call mode", {
  port <- load_lines("[func]", "port_add(ii)i a b @sym=port_add_v2;", "old(ii)i a b @cc=cdecl @sym=port_add;",
                     "bad(ii)i a b @cc=mystery;")
  expect_identical(port$port_add(1L, 2L), 1003L)
  expect_identical(port$old(1L, 2L), 3L)
  expect_error(port$bad(1L, 2L), "mystery", class = "dyncall_error_signature")
})

test_that("aliases are the function or constant that they name", {
  port <- load_lines("[const]", "ONE=1;", "[alias]", "plus=port_add;", "UN=ONE;", "[func]", "port_add(ii)i a b;")
  expect_identical(port$plus(2L, 3L), 5L)
  expect_identical(port$plus, port$port_add)
  expect_identical(port$UN, 1L)
})

test_that("variables are read and written where they are", {
  port <- load_lines("[struct]", "point{ii}x y;", "[var]", "port_counter:i;", "port_ratio:d;", "port_name:Z;",
                     "port_origin:<point>;", "port_gone:i;", "[func]", "port_read_counter()i;",
                     "port_last_x()i;")
  old <- port$port_counter
  on.exit(port$port_counter <- old)
  expect_identical(port$port_read_counter(), old)
  port$port_counter <- 41L
  expect_identical(port$port_read_counter(), 41L)
  expect_identical(port$port_counter, 41L)
  expect_error(port$port_counter <- "x", class = "dyncall_error_argument")
  expect_identical(port$port_ratio, 0.25)
  expect_identical(port$port_name, "fixture")
  expect_error(port$port_gone, "port_gone", class = "dyncall_error_symbol")
  expect_identical(port$port_origin$y, 4L)
  port$port_origin$x <- 30L
  expect_identical(port$port_last_x(), 30L)
})

test_that("sections and headers hold where their condition does", {
  here <- if (.Platform$OS.type == "windows") "windows" else "unix"
  other <- if (here == "unix") "windows" else "unix"
  bits <- 8L * .Machine$sizeof.pointer
  file <- port_file(library = NULL, c(
    paste0("Library[", other, "]: no-such-library"), paste0("Library[", here, "]: ", fixture_file("port")),
    paste0("[const ", other, "]"), "A=1;", "B=1;", paste0("[const !", other, "]"), "A=2;",
    paste0("[const ", here, "&", bits, "]"), "C=3;", paste0("[const ", here, "&", 96L - bits, "]"), "D=4;",
    paste0("[const ", other, " | ", here, "]"), "E=5;", paste0("[const ", other, "|", here, "&!", bits, "]"), "F=6;",
    "[const]", "G=7;", "H=1;", paste0("[const ", here, "]"), "H=8;"))
  on.exit(unlink(dirname(file), recursive = TRUE))
  port <- dynport(fixture, file, attach = FALSE)
  expect_identical(mget(ls(port), envir = port), list(A = 2L, C = 3L, E = 5L, G = 7L, H = 8L))
})

test_that("ports are found in repo, or given as portfile", {
  file <- port_file(c("[const]", "A=1;"))
  other <- port_file(c("[const]", "A=2;"))
  on.exit(unlink(c(dirname(file), dirname(other)), recursive = TRUE))
  expect_identical(dynport(fixture, repo = dirname(file), attach = FALSE)$A, 1L)
  expect_identical(dynport("fixture", repo = c(tempfile(), dirname(other), dirname(file)), attach = FALSE)$A, 2L)
  expect_identical(dynport(anything, portfile = other, attach = FALSE)$A, 2L)
  error <- expect_error(dynport(nothing, repo = dirname(file)), "expected one of .*fixture.*, got no file",
                        class = "dyncall_error_port")
  expect_identical(error$port, "nothing")
  expect_error(dynport(no_such_port), "'no_such_port' not found.*SDL", class = "dyncall_error_port")
  expect_error(dynport(fixture, portfile = tempfile()), "expected a file", class = "dyncall_error_port")
  expect_error(dynport(fixture, portfile = dirname(file)), "expected a file", class = "dyncall_error_port")
  expect_error(dynport(fixture, portfile = 1), class = "dyncall_error_argument")
})

test_that("a library that is absent is an error that names it and its package, and nothing is attached", {
  before <- search()
  file <- port_file(c("Package: deb:libnowhere7 rpm:nowhere", "[const]", "A=1;"), library = "nowhere.so.7 nowhere")
  on.exit(unlink(dirname(file), recursive = TRUE))
  error <- expect_error(dynport(fixture, file), "nowhere", class = "dyncall_error_library")
  expect_match(conditionMessage(error), "libnowhere7")
  expect_match(conditionMessage(error), "nowhere.so.7", fixed = TRUE)
  expect_identical(search(), before)
  file2 <- port_file("[const]", library = NULL)
  on.exit(unlink(dirname(file2), recursive = TRUE), add = TRUE)
  expect_error(dynport(fixture, file2), "Library", class = "dyncall_error_port")
})

test_that("a malformed file is an error with the number of the line", {
  before <- search()
  cases <- list(
    list(line = 4L, c("[const]", "A=;")), list(line = 4L, c("[const]", "A=1")), list(line = 4L, c("[const]", "A=x;")),
    list(line = 5L, c("[const]", "A=1;", "=2;")), list(line = 3L, "[constant]"), list(line = 3L, "[const"),
    list(line = 3L, "[const beos]"), list(line = 4L, c("[const]", "A=\"open;")),
    list(line = 6L, c("", "# a comment", "[func]", "f(i;")), list(line = 4L, c("[func]", "f(?)i a;")),
    list(line = 4L, c("[func]", "f(ii)i a;")), list(line = 4L, c("[func]", "f(i)i a; g()v;")),
    list(line = 4L, c("[enum]", "E{A B=x};")), list(line = 4L, c("[enum]", "E{A B;")),
    list(line = 4L, c("[struct]", "{ii}a b;")), list(line = 4L, c("[struct]", "S{i?}a b;")),
    list(line = 4L, c("[struct]", "S{ii}a;")), list(line = 4L, c("[type]", "T=?;")),
    list(line = 4L, c("[var]", "v;")), list(line = 4L, c("[var]", "v:?;")), list(line = 4L, c("[alias]", "a;")),
    list(line = 3L, "no header"))
  for (case in cases) {
    file <- port_file(case[[2L]], library = NULL)
    shown <- paste(case[[2L]], collapse = " | ")
    error <- expect_error(dynport(fixture, file), class = "dyncall_error_port", info = shown)
    expect_identical(error$line, case$line, info = shown)
    expect_match(conditionMessage(error), paste0("fixture.dynport:", case$line, ": expected"), fixed = TRUE,
                 info = shown)
    unlink(dirname(file), recursive = TRUE)
  }
  for (head in list("", "#!dynport 3", "Port: fixture", character())) {
    file <- port_file(character(), library = NULL, head = head)
    error <- expect_error(dynport(fixture, file), "#!dynport 2", class = "dyncall_error_port")
    unlink(dirname(file), recursive = TRUE)
  }
  expect_identical(search(), before)
})

test_that("line ends, blanks, comments and bytes of any kind are read or refused, never crash", {
  file <- port_file(library = NULL, character())
  on.exit(unlink(dirname(file), recursive = TRUE))
  text <- paste0("#!dynport 2\r\nPort: fixture\r\nLibrary: ", fixture_file("port"), "\r\n\r\n  [const]  \r\n",
                 "# comment\r\n\t A = 1 ;\r\n[func]\r\nport_add( i i ) i  a  b ;")
  writeBin(charToRaw(text), file)
  port <- dynport(fixture, file, attach = FALSE)
  expect_identical(port$A, 1L)
  expect_identical(port$port_add(1L, 2L), 3L)
  writeBin(c(charToRaw("#!dynport 2\n[const]\nA=1;\n"), as.raw(0), charToRaw("B=2;\n")), file)
  expect_error(dynport(fixture, file), class = "dyncall_error_port")
  set.seed(11)
  whole <- charToRaw(text)
  for (k in 1:300) {
    bytes <- whole
    bytes[sample(12:length(bytes), 3L)] <- as.raw(sample(0:255, 3L))
    writeBin(bytes, file)
    got <- tryCatch({ dynport(fixture, file, attach = FALSE); "loaded" }, dyncall_error = function(e) "refused")
    expect_true(got %in% c("loaded", "refused"))
  }
})

test_that("the ports of the package load, and what is in them can be had", {
  shipped <- sub("\\.dynport$", "", list.files(system.file("dynports", package = "rdyncall"), "\\.dynport$"))
  expect_true(all(c("expat", "SDL", "GL") %in% shipped))
  for (name in shipped) {
    port <- tryCatch(eval(call("dynport", name, attach = FALSE)), dyncall_error_library = function(e) NULL)
    if (is.null(port)) {
      if (name %in% c("expat", "SDL", "GL")) skip_or_fail(paste("no library for the port", name))
      next
    }
    # all of the smaller ones, evenly spread parts of the others
    names <- ls(port)
    names <- names[unique(round(seq(1, length(names), length.out = min(length(names), 1000L))))]
    kinds <- vapply(names, function(one) {
      if (bindingIsActive(one, port)) "variable"
      else tryCatch(class(port[[one]])[1L], dyncall_error_library = function(e) "no library",
                    dyncall_error = conditionMessage)
    }, "")
    known <- c("variable", "dynbound", "typeinfo", "integer", "numeric", "character", "cpointer",
               "externalptr", "integer64", "uint64", if (name == "cuda") "no library")
    expect_identical(kinds[!kinds %in% known], kinds[0L], info = name)
    functions <- names(kinds)[kinds == "dynbound"]
    formats <- vapply(functions, function(one) format(port[[one]]), "")
    expect_identical(formats[!grepl("(", formats, fixed = TRUE)], formats[0L], info = name)
  }
})

test_that("the port of OpenGL has at least what the paper counts", {
  need_library_or_skip(c("GL.so.1", "GL"))
  port <- dynport(GL, attach = FALSE)
  expect_gt(length(ls(port)), 336L + 3254L)
  expect_identical(port$GL_COLOR_BUFFER_BIT, 16384L)
})
