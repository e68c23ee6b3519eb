# Libraries and symbols.

libm <- function() need_library_or_skip(c("msvcrt", "m"))

test_that(".dynload gives a handle with its path, or NULL", {
  file <- fixture_file("calls")
  handle <- .dynload(file)
  expect_true(is.externalptr(handle))
  expect_identical(basename(attr(handle, "path")), basename(file))
  expect_identical(attr(handle, "auto.unload"), TRUE)
  expect_identical(attr(.dynload(file, auto.unload = FALSE), "auto.unload"), FALSE)
  expect_null(.dynload(file.path(tempdir(), "no-such-library.so")))
  expect_null(.dynload("no-such-library-anywhere"))
  for (name in list(NULL, 1, NA_character_, c("a", "b"), character(), list("m"))) {
    expect_error(.dynload(name), class = "dyncall_error_argument")
  }
  for (flag in list(NA, "yes", NULL, c(TRUE, FALSE))) {
    expect_error(.dynload(file, auto.unload = flag), class = "dyncall_error_argument")
  }
})

test_that("a file that is no library is NULL", {
  file <- tempfile(fileext = ".so")
  on.exit(unlink(file))
  writeLines("no library", file)
  expect_null(.dynload(file))
})

test_that("the empty name is the program itself", {
  skip_on_windows()
  self <- .dynload("")
  expect_true(is.externalptr(.dynsym(self, "malloc")))
})

test_that(".dynsym finds symbols, or gives NULL", {
  handle <- fixture("calls")
  expect_identical(.dyncall(.dynsym(handle, "id_i"), "i)i", 5L), 5L)
  expect_null(.dynsym(handle, "no_such_symbol"))
  expect_null(.dynsym(handle, ""))
  for (name in list(NULL, 1, NA_character_, c("sin", "cos"), character())) {
    expect_error(.dynsym(handle, name), class = "dyncall_error_argument")
  }
  nil <- fixture_call("calls", "null_pointer", ")p")
  for (x in list(NULL, 1, "m", list(), sin, as.extptr(1), nil, .dynsym(handle, "id_i"),
                 new.callback(")v", function() NULL), globalenv())) {
    expect_error(.dynsym(x, "sin"), class = "dyncall_error_pointer", regexp = "a library")
  }
  for (flag in list(NA, "yes", NULL)) {
    expect_error(.dynsym(handle, "id_i", protect.lib = flag), class = "dyncall_error_argument")
  }
})

test_that("a symbol keeps its library, unless asked not to", {
  file <- fixture_file("calls")
  symbol <- .dynsym(.dynload(file), "id_i")
  gc()
  gc()
  expect_identical(.dyncall(symbol, "i)i", 3L), 3L)
  loose <- .dynsym(.dynload(file), "id_i", protect.lib = FALSE)
  gc()
  gc()
  expect_error(.dyncall(loose, "i)i", 3L), class = "dyncall_error_pointer",
               regexp = "library has been unloaded")
  # as long as the handle is held it can be called
  handle <- .dynload(file)
  loose <- .dynsym(handle, "id_i", protect.lib = FALSE)
  gc()
  expect_identical(.dyncall(loose, "i)i", 4L), 4L)
  .dynunload(handle)
  expect_error(.dyncall(loose, "i)i", 4L), class = "dyncall_error_pointer")
})

test_that("an unloaded library is refused everywhere", {
  handle <- .dynload(fixture_file("calls"))
  symbol <- .dynsym(handle, "id_i")
  env <- new.env()
  dynbind(handle, "id_i(i)i;id_d(d)d;", envir = env)
  expect_identical(env$id_i(1L), 1L)
  expect_null(.dynunload(handle))
  expect_error(.dyncall(symbol, "i)i", 1L), class = "dyncall_error_pointer")
  expect_error(env$id_i(1L), class = "dyncall_error_library", regexp = "has been unloaded")
  expect_error(env$id_d(1), class = "dyncall_error_library")
  expect_error(.dynsym(handle, "id_i"), class = "dyncall_error_library")
  expect_error(.dynunload(handle), class = "dyncall_error_library")
  expect_error(dynlist(handle), class = "dyncall_error_library")
  expect_error(dynpath(handle), class = "dyncall_error_library")
  expect_error(dynbind(handle, "id_i(i)i;", envir = new.env()), class = "dyncall_error_library")
  expect_error(.dyncall(handle, ")v"), class = "dyncall_error_pointer")
})

test_that("only libraries are unloaded", {
  for (x in list(NULL, 1, "m", as.extptr(1), .dynsym(fixture("calls"), "id_i"), sin)) {
    expect_error(.dynunload(x), class = "dyncall_error_pointer")
  }
  # the handle of another is not touched
  a <- .dynload(fixture_file("calls"))
  b <- .dynload(fixture_file("calls"))
  .dynunload(a)
  expect_identical(.dyncall(.dynsym(b, "id_i"), "i)i", 6L), 6L)
})

test_that("unloading once and by the finalizer closes once", {
  count <- function() .Call(rdyncall:::C_library_count)
  gc()
  before <- count()
  handle <- .dynload(fixture_file("calls"))
  expect_identical(count(), before + 1L)
  .dynunload(handle)
  expect_identical(count(), before)
  rm(handle)
  gc()
  gc()
  expect_identical(count(), before)
  .dynload(fixture_file("calls"))
  gc()
  gc()
  expect_identical(count(), before)
  .dynload(fixture_file("calls"), auto.unload = FALSE)
  gc()
  gc()
  expect_identical(count(), before + 1L)
})

test_that("libraries of dyn.load() are libraries", {
  file <- fixture_file("pairs")
  dll <- dyn.load(file)
  on.exit(dyn.unload(file))
  expect_identical(.dyncall(.dynsym(dll, "rect_area"), "p)i", NULL), -1L)
  expect_identical(.dyncall(.dynsym(unclass(dll)$handle, "rect_area"), "p)i", NULL), -1L)
  expect_null(.dynsym(dll, "no_such_symbol"))
  expect_true("rect_area" %in% dynlist(dll))
  native <- getNativeSymbolInfo("rect_area", dll)
  expect_identical(.dyncall(native$address, "p)i", NULL), -1L)
  env <- new.env()
  dynbind(dll, "rect_area(p)i;", envir = env)
  expect_identical(env$rect_area(NULL), -1L)
})

test_that("R's descriptions of registered routines are refused", {
  routine <- getDLLRegisteredRoutines("stats")[[".Call"]][[1L]]
  expect_error(.dyncall(routine$address, ")v"), class = "dyncall_error_pointer",
               regexp = "registered routine")
  expect_error(fixture_call("calls", "is_null", "p)i", routine$address),
               class = "dyncall_error_pointer")
})

test_that("dynlist lists what a library exports", {
  skip_unless_linux()
  symbols <- dynlist(libm())
  expect_true(all(c("sqrt", "sin", "cos", "pow") %in% symbols))
  expect_identical(symbols, sort(unique(symbols), method = "radix"))
  own <- dynlist(fixture("calls"))
  expect_true(all(c("id_i", "nothing", "through", "exported_number") %in% own))
  expect_false(any(c("triple", "count", "snprintf") %in% own))
  for (symbol in own) expect_true(is.externalptr(.dynsym(fixture("calls"), symbol)), label = symbol)
  for (x in list(NULL, 1, "m", as.extptr(1))) {
    expect_error(dynlist(x), class = "dyncall_error_pointer")
    expect_error(dynpath(x), class = "dyncall_error_pointer")
  }
})

test_that("dynpath is the file", {
  skip_unless_linux()
  expect_identical(normalizePath(dynpath(fixture("calls"))), normalizePath(fixture_file("calls")))
  expect_match(dynpath(libm()), "^/.*libm\\.so")
})

test_that("a library out of a file is opened again", {
  file <- tempfile()
  on.exit(unlink(file))
  env <- new.env()
  dynbind(fixture("calls"), "id_i(i)i n;", envir = env)
  saveRDS(list(fixture("calls"), env$id_i, .dynsym(fixture("calls"), "id_i")), file)
  back <- readRDS(file)
  expect_identical(.dyncall(.dynsym(back[[1]], "id_i"), "i)i", 8L), 8L)
  expect_identical(back[[2]](9L), 9L)
  expect_error(.dyncall(back[[3]], "i)i", 1L), class = "dyncall_error_pointer")
  expect_child_output(c(sprintf("x <- readRDS(%s)", deparse(file)), "cat('got', x[[2]](11L), '\\n')"),
                      "got 11")
})

test_that("a library out of a file whose own file is gone is an error that says so", {
  file <- tempfile(fileext = c(".rds", .Platform$dynlib.ext))
  on.exit(unlink(file))
  file.copy(fixture_file("calls"), file[2L])
  lib <- .dynload(file[2L])
  saveRDS(lib, file[1L])
  .dynunload(lib)
  unlink(file[2L])
  back <- readRDS(file[1L])
  expect_error(.dynsym(back, "id_i"), class = "dyncall_error_library", regexp = basename(file[2L]), fixed = TRUE)
  expect_error(dynlist(back), class = "dyncall_error_library")
})

test_that("handles of libraries and of the package's own objects are no code and no data", {
  dll <- dyn.load(fixture_file("pairs"))
  on.exit(dyn.unload(fixture_file("pairs")))
  take <- new.callback("p)v", function(p) NULL)
  expect_error(.dyncall(unclass(dll)$handle, ")v"), class = "dyncall_error_pointer", regexp = "a library")
  env <- new.env()
  dynbind(fixture("calls"), "id_i(i)i;", envir = env)
  for (own in list(attr(env$id_i, "call"), attr(new.struct(parseStructInfos("A{i}a;")$A), "typeinfo"))) {
    expect_error(.dyncall(own, ")v"), class = "dyncall_error_pointer")
    expect_error(.dyncall(take, "p)v", own), class = "dyncall_error_pointer")
    expect_error(.unpack(own, 0, "i"), class = "dyncall_error_pointer")
  }
})
