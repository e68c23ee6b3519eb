# A folder with an importing port, a chain and a circle of imports.
import_folder <- function() {
  folder <- tempfile("ports")
  port_file(c("[struct]", "point{ii}x y;", "base_only{i}a;", "[const]", "BASE=1;", "[func]",
              "port_swap(<point>)<point> p;", "[var]", "port_counter:i;"), name = "base", folder = folder)
  port_file(c("Import: base", "[type]", "spot=<point>;", "[struct]", "box{<point><point>}a b;"),
            name = "middle", folder = folder)
  port_file(c("Import: middle", "[func]", "port_swap(<spot>)<point> p;", "[struct]", "frame{<box>i}outer width;",
              "[alias]", "swap=port_swap;", "POINT=point;"), name = "top", folder = folder)
  folder
}

test_that("types of imported ports are known in signatures, and nothing else leaks", {
  folder <- import_folder()
  on.exit(unlink(folder, recursive = TRUE))
  port <- dynport(top, repo = folder, attach = FALSE)
  expect_identical(as.list(port$port_swap(list(x = 1L, y = 2L))), list(x = 2L, y = 1L))
  expect_identical(port$frame$size, 20)
  frame <- new.struct(port$frame)
  frame$outer$b$y <- 4L
  expect_identical(frame$outer$b$y, 4L)
  expect_identical(sort(ls(port)), c("POINT", "frame", "port_swap", "swap"))
  expect_null(get0("BASE", envir = port))
  # results know their type, which only the import declares
  back <- port$swap(list(x = 5L, y = 6L))
  expect_identical(back$x, 6L)
})

test_that("aliases reach functions, constants and types of imports", {
  folder <- tempfile("ports")
  on.exit(unlink(folder, recursive = TRUE))
  port_file(c("[struct]", "point{ii}x y;", "[const]", "BASE=7;", "[func]", "port_add(ii)i a b;", "[var]",
              "port_counter:i;"), name = "base", folder = folder)
  port_file(c("Import: base", "[alias]", "own_add=port_add;", "OWN=BASE;", "spot=point;", "counter=port_counter;"),
            name = "over", folder = folder)
  port <- dynport(over, repo = folder, attach = FALSE)
  expect_identical(port$own_add(1L, 2L), 3L)
  expect_identical(port$OWN, 7L)
  expect_identical(port$spot$size, 8)
  expect_error(port$counter, "function, constant or type that it imports", class = "dyncall_error_port")
})

test_that("imports need their files, not their libraries", {
  folder <- tempfile("ports")
  on.exit(unlink(folder, recursive = TRUE))
  port_file(c("[struct]", "point{ii}x y;", "[func]", "gone()v;"), library = "no-such-library", name = "base", folder = folder)
  file <- port_file(c("Import: base", "[func]", "port_swap(<point>)<point> p;", "[alias]", "gone2=gone;"),
                    name = "over", folder = folder)
  # found beside the importing file
  port <- dynport(over, file, attach = FALSE)
  expect_identical(port$port_swap(list(x = 1L, y = 2L))$x, 2L)
  expect_error(port$gone2, "no-such-library", class = "dyncall_error_library")
  port_file(c("Note: before", "Import: missing_one"), name = "lost", folder = folder)
  error <- expect_error(dynport(lost, repo = folder), "^lost.dynport:5: dynport 'missing_one' not found",
                        class = "dyncall_error_port")
  expect_identical(error$line, 5L)
  port_file(c("[const]", "A=;"), name = "broken", folder = folder)
  port_file(c("Import: broken"), name = "over2", folder = folder)
  expect_error(dynport(over2, repo = folder), "^broken.dynport:5: ", class = "dyncall_error_port")
})

test_that("ports may import each other", {
  folder <- tempfile("ports")
  on.exit(unlink(folder, recursive = TRUE))
  port_file(c("Import: two", "[struct]", "a{i}x;", "[func]", "port_add(ii)i a b;", "port_swap(<b>)<b> x;"),
            name = "one", folder = folder)
  port_file(c("Import: one two", "[struct]", "b{ii}x y;"), name = "two", folder = folder)
  one <- dynport(one, repo = folder, attach = FALSE)
  expect_identical(one$port_swap(list(x = 1L, y = 2L))$x, 2L)
  expect_identical(dynport(two, repo = folder, attach = FALSE)$b$size, 8)
})

test_that("the user's ports come before those of the package: argument, option, package", {
  first <- tempfile("ports")
  second <- tempfile("ports")
  on.exit(unlink(c(first, second), recursive = TRUE))
  port_file(c("[const]", "WHO=1;"), name = "expat", folder = first)
  port_file(c("[const]", "WHO=2;"), name = "expat", folder = second)
  old <- options(rdyncall.repo = second)
  on.exit(options(old), add = TRUE)
  expect_identical(dynport(expat, attach = FALSE)$WHO, 2L)
  expect_identical(dynport(expat, repo = first, attach = FALSE)$WHO, 1L)
  listed <- function(...) dynports(...)$file[dynports(...)$port == "expat"]
  expect_identical(listed(), file.path(second, "expat.dynport"))
  expect_identical(listed(c(first, second)), file.path(first, "expat.dynport"))
  expect_identical(listed(c(second, first)), file.path(second, "expat.dynport"))
  options(rdyncall.repo = 1)
  expect_error(dynport(expat, attach = FALSE), "rdyncall.repo", class = "dyncall_error_argument")
  options(rdyncall.repo = NULL)
  expect_null(get0("WHO", envir = dynport(expat, attach = FALSE)))
  expect_error(dynport(expat, repo = 5), "'repo'", class = "dyncall_error_argument")
})

test_that("a name that is no port's is refused before any file is looked for", {
  for (name in c("../expat", "a/b", "", ".hidden", "a::b::c", "::expat", "x y")) {
    expect_error(eval(call("dynport", name)), "expected the name of a port", class = "dyncall_error_port", info = name)
  }
  expect_error(dynport(c("a", "b")), class = "dyncall_error_port")
})

test_that("a package ships ports in its folder dynports", {
  library <- tempfile("library")
  package <- file.path(library, "portpack")
  dir.create(file.path(package, "dynports"), recursive = TRUE)
  on.exit(unlink(library, recursive = TRUE))
  writeLines(c("Package: portpack", "Version: 1.0", "Title: T", "Description: D.", "License: MIT",
               "Built: R 4.0.0; ; 2020-01-01 00:00:00 UTC; unix"), file.path(package, "DESCRIPTION"))
  port_file(c("[const]", "MINE=1;"), name = "mine", folder = file.path(package, "dynports"))
  port_file(c("Import: portpack::mine", "[const]", "NEXT=1;"), name = "next_", folder = file.path(package, "dynports"))
  paths <- .libPaths()
  .libPaths(c(library, paths))
  on.exit(.libPaths(paths), add = TRUE)
  # as it is written; R CMD check takes `::` in code for a package that has to be declared
  written <- function(text) eval(parse(text = text)[[1L]])
  expect_identical(written("dynport(portpack::mine, attach = FALSE)$MINE"), 1L)
  expect_identical(dynport("portpack::next_", attach = FALSE)$NEXT, 1L)
  written("dynport(portpack::mine)")
  on.exit(detach_port("portpack::mine"), add = TRUE)
  expect_true("dynport:portpack::mine" %in% search())
  expect_error(dynport("portpack::other"), "expected one of mine, next_", class = "dyncall_error_port")
  expect_error(dynport("nopackage::other"), "an installed package .*got 'nopackage'", class = "dyncall_error_port")
})

test_that("an attached port is not taken for another one of its name", {
  one <- port_file(c("[const]", "A=1;"))
  two <- port_file(c("[const]", "A=2;"))
  on.exit({ detach_port("fixture"); unlink(dirname(c(one, two)), recursive = TRUE) })
  env <- dynport(fixture, one)
  expect_identical(dynport(fixture), env)
  expect_identical(dynport(fixture, one), env)
  expect_identical(dynport(fixture, repo = dirname(one)), env)
  error <- expect_error(dynport(fixture, two), "detach it first", class = "dyncall_error_port")
  expect_match(conditionMessage(error), two, fixed = TRUE)
  expect_error(dynport(fixture, repo = dirname(two)), "detach it first", class = "dyncall_error_port")
  expect_identical(dynport(fixture, two, attach = FALSE)$A, 2L)
  expect_identical(get("A", envir = as.environment("dynport:fixture")), 1L)
  detach_port("fixture")
  dynport(fixture, two)
  expect_identical(get("A", envir = as.environment("dynport:fixture")), 2L)
})

test_that("detaching gives everything back: types, variables, library", {
  file <- port_file(c("[struct]", "point{ii}x y;", "[var]", "port_counter:i;", "[func]", "port_swap(<point>)<point> p;",
                      "port_read_counter()i;"))
  on.exit({ detach_port("fixture"); unlink(dirname(file), recursive = TRUE) })
  run <- function(code) eval(code, new.env(parent = globalenv()))
  open <- function() {
    gc()
    .Call(rdyncall:::C_library_count)
  }
  before <- open()
  for (round in 1:3) {
    dynport(fixture, file)
    expect_identical(open(), before)
    expect_identical(run(quote(port_swap(list(x = 1L, y = 5L))))$x, 5L)
    expect_identical(run(quote(port_read_counter())), run(quote(port_counter)))
    expect_identical(open(), before + 1L)
    detach_port("fixture")
    expect_identical(open(), before)
    for (name in c("port_swap", "port_counter", "point")) expect_false(exists(name, envir = globalenv()))
    expect_error(new.struct("point"), class = "dyncall_error_type")
  }
  # what was taken out of a port works on
  dynport(fixture, file)
  swap <- run(quote(port_swap))
  detach_port("fixture")
  open()
  expect_identical(swap(list(x = 1L, y = 2L))$x, 2L)
})

test_that("functions, types and objects of a port can be saved and read", {
  file <- port_file(c("[struct]", "point{ii}x y;", "[enum]", "shade{DARK=-1};", "[func]", "port_swap(<point>)<point> p;",
                      "port_shade(<shade>)<shade> s;"))
  on.exit(unlink(dirname(file), recursive = TRUE))
  port <- dynport(fixture, file, attach = FALSE)
  unused <- port$port_shade
  point <- port$port_swap(list(x = 1L, y = 2L))
  saved <- tempfile()
  on.exit(unlink(saved), add = TRUE)
  saveRDS(list(swap = port$port_swap, shade = unused, point = point, type = port$point), saved)
  expect_child_output(bquote({
    x <- readRDS(.(saved))
    p <- x$swap(list(x = 3L, y = 4L))
    cat(p$x, as.vector(x$shade("DARK")), x$point$y, x$swap(x$point)$x, new.struct(x$type)$x, x$type$size)
  }), "^4 -1 1 1 0 8$")
  expect_lt(file.size(saved), 20000)
})

test_that("a port says what it holds", {
  file <- port_file(c("Title: A test", "Version: 1.2", "[const]", "A=1;", "[enum]", "e{B C};", "[func]", "port_add(ii)i a b;",
                      "[alias]", "plus=port_add;", "[var]", "port_counter:i;"))
  on.exit(unlink(dirname(file), recursive = TRUE))
  port <- dynport(fixture, file, attach = FALSE)
  expect_s3_class(port, "dynport")
  expect_identical(sort(ls(port)), c("A", "B", "C", "e", "plus", "port_add", "port_counter"))
  expect_identical(format(port), "<dynport fixture 1.2: A test>")
  expect_output(print(port), "not opened yet")
  expect_output(print(port), "1 function, 3 constants, 1 enum, 1 variable, 1 alias", fixed = TRUE)
  expect_output(print(port), file, fixed = TRUE)
  port$port_add(1L, 2L)
  expect_output(print(port), paste0("library: ", fixture_file("port"), "\n"), fixed = TRUE)
  expect_output(str(port), "functions +1  port_add")
  expect_output(str(port), "labels +2  B C")
  expect_output(str(list(port)), "dynport")
  expect_true(is.list(as.list(port)))
})

test_that("the library is opened on first use", {
  file <- port_file(c("[const]", "A=1;", "[struct]", "point{ii}x y;", "[func]", "port_add(ii)i a b;"))
  on.exit(unlink(dirname(file), recursive = TRUE))
  gc()
  before <- .Call(rdyncall:::C_library_count)
  port <- dynport(fixture, file, attach = FALSE)
  expect_identical(c(port$A, port$point$size), c(1, 8))
  expect_identical(.Call(rdyncall:::C_library_count), before)
  expect_identical(port$port_add(1L, 2L), 3L)
  expect_identical(.Call(rdyncall:::C_library_count), before + 1L)
  expect_true(is.externalptr(port$.library))
  expect_identical(.Call(rdyncall:::C_library_count), before + 1L)
})

test_that("dynports() lists what is shipped, what is found here and what to install", {
  folder <- tempfile("ports")
  on.exit(unlink(folder, recursive = TRUE))
  port_file(c("Title: Not here", "Version: 3", "Package: deb:libnone1 rpm:none brew:none"), library = "no-such-library",
            name = "absent", folder = folder)
  port_file("Title: Here", name = "present", folder = folder)
  port_file("Titel: x", name = "wrong", folder = folder)
  ports <- dynports(folder)
  expect_s3_class(ports, "data.frame")
  expect_identical(names(ports), c("port", "title", "version", "library", "package", "file"))
  expect_true(all(c("expat", "SDL", "GL", "absent", "present", "wrong") %in% ports$port))
  row <- function(name) as.list(ports[ports$port == name, ])
  expect_identical(row("absent")$library, NA_character_)
  expect_match(row("absent")$package, "none")
  expect_identical(row("absent")$version, "3")
  expect_identical(row("present")$library, fixture_file("port"))
  expect_match(row("wrong")$title, "wrong.dynport:4: expected a header")
  expect_output(print(ports), "absent +Not here +not found, install .*none")
  expect_output(print(ports), "present +\\* +Here")
  expect_error(dynports(1), "'repo'", class = "dyncall_error_argument")
})
