# Batches of bound functions.

calls <- function() fixture("calls")

test_that("dynbind assigns one function per name and reports", {
  env <- new.env()
  report <- withVisible(dynbind(calls(), "id_i(i)i;id_d(d)d;", envir = env))
  expect_false(report$visible)
  expect_s3_class(report$value, "dynbind.report")
  expect_identical(names(report$value), c("libhandle", "unresolved.symbols"))
  expect_true(is.externalptr(report$value$libhandle))
  expect_identical(report$value$unresolved.symbols, character())
  expect_identical(sort(ls(env)), c("id_d", "id_i"))
  expect_identical(env$id_i(7L), 7L)
  expect_identical(env$id_d(0.5), 0.5)
})

test_that("the default place is the caller's environment", {
  f <- function() {
    dynbind(calls(), "id_i(i)i;")
    c(id_i(3L), exists("id_i", envir = parent.frame(), inherits = FALSE))
  }
  expect_identical(f(), c(3L, 0L))
})

test_that("functions whose symbol is missing are reported and not bound", {
  env <- new.env()
  caught <- NULL
  report <- withCallingHandlers(
    dynbind(calls(), "id_i(i)i;not_there(i)i;nor_this()v;id_d(d)d;", envir = env),
    dyncall_warning_symbol = function(w) {
      caught <<- w
      invokeRestart("muffleWarning")
    })
  expect_s3_class(caught, c("dyncall_warning_symbol", "dyncall_warning", "warning", "condition"),
                  exact = TRUE)
  expect_identical(caught$symbols, c("not_there", "nor_this"))
  expect_match(conditionMessage(caught), "'not_there', 'nor_this'", fixed = TRUE)
  expect_identical(report$unresolved.symbols, c("not_there", "nor_this"))
  expect_identical(sort(ls(env)), c("id_d", "id_i"))
})

test_that("several libraries are tried in turn", {
  env <- new.env()
  dynbind(c("no-such-library", fixture_file("calls")), "id_i(i)i;", envir = env)
  expect_identical(env$id_i(4L), 4L)
})

test_that("names are changed by pattern", {
  env <- new.env()
  dynbind(calls(), "id_i(i)i;id_d(d)d;nothing()v;", envir = env, pat = "^id_", replace = "same.")
  expect_identical(sort(ls(env)), c("nothing", "same.d", "same.i"))
  expect_identical(env$same.i(2L), 2L)
  dynbind(calls(), "id_s(s)s;", envir = env, pat = "(id)_(s)", replace = "\\2_\\1")
  expect_identical(env$s_id(3L), 3L)
  expect_error(dynbind(calls(), "id_i(i)i;", envir = env, pat = "id"),
               class = "dyncall_error_argument", regexp = "'replace'")
  expect_error(dynbind(calls(), "id_i(i)i;", envir = env, pat = NA_character_, replace = "x"),
               class = "dyncall_error_argument")
})

test_that("arguments are checked before anything is assigned", {
  env <- new.env()
  expect_error(dynbind(calls(), "id_i(i)i;id_d(q)d;", envir = env), class = "dyncall_error_signature")
  expect_error(dynbind(calls(), NULL, envir = env), class = "dyncall_error_argument")
  expect_error(dynbind(calls(), NA_character_, envir = env), class = "dyncall_error_argument")
  expect_error(dynbind(calls(), "id_i(i)i;", envir = "env"), class = "dyncall_error_argument")
  expect_error(dynbind(calls(), "id_i(i)i;", envir = env, funcptr = NA),
               class = "dyncall_error_argument")
  expect_error(dynbind(calls(), "id_i(i)i;", envir = env, callmode = "nonsense"),
               class = "dyncall_error_signature")
  expect_error(dynbind(5, "id_i(i)i;", envir = env), class = "dyncall_error_argument")
  expect_error(dynbind(as.extptr(1), "id_i(i)i;", envir = env), class = "dyncall_error")
  expect_identical(ls(env), character())
})

test_that("functions have the names of their parameters", {
  env <- new.env()
  dynbind(calls(), paste("sum_ints(*ii)i values n;id_i(i)i;describe(*CiZ.)i out size kinds;",
                         "id_d(d)d function;nothing()v;"), envir = env)
  expect_identical(names(formals(env$sum_ints)), c("values", "n"))
  expect_identical(env$sum_ints(n = 2L, values = c(5L, 6L)), 11L)
  expect_identical(names(formals(env$id_i)), "...")
  expect_identical(names(formals(env$id_d)), "function")
  expect_identical(env$id_d(`function` = 2), 2)
  expect_identical(env$id_d(2), 2)
  buffer <- raw(100)
  expect_identical(env$describe(buffer, 100L, "id", 5L, 0.5), 8L)
  expect_identical(rawToChar(buffer[1:8]), "i5;d0.5;")
  expect_error(env$sum_ints(1L), "argument \"n\" is missing|expected 2 arguments")
  expect_error(env$sum_ints(1L, 2L, 3L), "unused argument")
})

test_that("functions through a variable are called when it is set", {
  env <- new.env()
  dynbind(calls(), "through(i)i x;", envir = env, funcptr = TRUE)
  fixture_call("calls", "through_set", "i)v", 0L)
  expect_error(env$through(2L), class = "dyncall_error_symbol", regexp = "'through'")
  fixture_call("calls", "through_set", "i)v", 1L)
  expect_identical(env$through(2L), 6L)
  expect_identical(env$through(-5L), -15L)
  fixture_call("calls", "through_set", "i)v", 0L)
  expect_error(env$through(2L), class = "dyncall_error_symbol")
})

test_that("function pointers through variables are passed as their code", {
  env <- new.env()
  dynbind(calls(), "through(i)i x;", envir = env, funcptr = TRUE)
  fixture_call("calls", "through_set", "i)v", 1L)
  expect_identical(.dyncall(.dynsym(fixture("callers"), "call_int"), "*(i)ii)i", env$through, 7L), 21L)
  fixture_call("calls", "through_set", "i)v", 0L)
  expect_error(.dyncall(.dynsym(fixture("callers"), "call_int"), "*(i)ii)i", env$through, 7L),
               class = "dyncall_error_symbol")
})

test_that("bound functions print as in the paper, and say the C prototype", {
  env <- new.env()
  dynbind(c("msvcrt", "m"), "sin(d)d);pow(dd)d x y;", envir = env)
  lines <- utils::capture.output(print(env$sin))
  expect_match(lines[1], "^function \\(\\.\\.\\.\\)")
  expect_match(lines[2], "^\\.dyncall\\.cdecl\\(<pointer: 0x[0-9a-f]+>, \"d\\)d\\)\", \\.\\.\\.\\)$")
  expect_match(lines[3], "double sin(double)", fixed = TRUE)
  lines <- utils::capture.output(print(env$pow))
  expect_match(lines[1], "function (x, y)", fixed = TRUE)
  expect_match(lines[2], "\"dd\\)d\", x, y\\)")
  expect_identical(format(env$pow), "double pow(double x, double y)")
})

test_that("reports print", {
  report <- suppressWarnings(dynbind(calls(), "id_i(i)i;not_there()v;", envir = new.env()))
  expect_match(utils::capture.output(print(report)), "not_there", all = FALSE)
  expect_match(utils::capture.output(print(dynbind(calls(), "id_i(i)i;", envir = new.env()))),
               "all symbols found", all = FALSE)
})

test_that("names that mask functions only do so in their environment", {
  env <- new.env()
  dynbind(c("msvcrt", "m"), "sin(d)d;exp(d)d;", envir = env)
  expect_identical(env$exp(0), 1)
  expect_identical(sin(c(0, 0)), c(0, 0))
  expect_error(env$sin("a"), class = "dyncall_error_argument")
  # the package's own code does not see what a bound environment masks
  dynbind(c("msvcrt", "c"), "getenv(Z)Z;", envir = env)
  masked <- list2env(list(structure = stop, paste0 = stop, list = stop, sys.call = stop), parent = env)
  expect_identical(eval(quote(exp(0)), masked), 1)
  expect_error(eval(quote(exp("a")), masked), class = "dyncall_error_argument")
})

test_that("the package works without being attached", {
  expect_child_output(c(
    "detach('package:rdyncall')",
    "rdyncall::dynbind(c('msvcrt', 'm'), 'sqrt(d)d;cos(d)d x;')",
    "rdyncall::parseStructInfos('Rect{ssSS}x y w h;')",
    "r <- rdyncall::new.struct(Rect)",
    "r$x <- 5",
    "cat('got', sqrt(81), cos(x = 0), r$x, '\\n')"), "got 9 1 5")
})

test_that("types of a library signature are found where it was bound", {
  f <- function() {
    parseStructInfos("Rect{ssSS}x y w h;")
    env <- new.env()
    dynbind(fixture("pairs"), "rect_static()*<Rect>;rect_area(*<Rect>)i r;rect_reset()v;", envir = env)
    env
  }
  env <- f()
  env$rect_reset()
  expect_identical(env$rect_area(env$rect_static()), 12L)
  expect_error(env$rect_area(raw(8)), class = "dyncall_error_argument",
               regexp = "argument 1 \\('r'\\) of rect_area")
})

test_that("functions without a result return NULL, invisibly", {
  env <- new.env()
  dynbind(calls(), "nothing()v;id_i(i)v;id_d(d)v x;id_s(s.)v;", envir = env)
  for (value in list(withVisible(env$nothing()), withVisible(env$id_i(1L)), withVisible(env$id_d(1)),
                     withVisible(env$id_s(1L)))) {
    expect_null(value$value)
    expect_false(value$visible)
  }
  expect_identical(names(formals(env$nothing)), NULL)
  dynbind(calls(), "id_Z(Z)Z x;", envir = env)
  null <- withVisible(env$id_Z(NULL))
  expect_null(null$value)
  expect_true(null$visible)
})

test_that("functions are made when they are first used", {
  env <- new.env()
  dynbind(calls(), "id_i(i)i x;id_d(d)d;nothing()v;", envir = env)
  expect_s3_class(env$id_i, "dynbound")
  expect_identical(env$id_i, env$id_i)
  for (f in list(env$id_i, env$id_d, env$nothing)) {
    expect_match(utils::capture.output(print(unclass(f))), "bytecode", all = FALSE)
  }
})

test_that("bound functions work again out of a file, compiled as they are", {
  env <- new.env()
  many <- paste0("sum_ints(*ii)i values n;id_d(d)d;nothing()v;", "id_i(i)i x;")
  dynbind(calls(), many, envir = env)
  expect_identical(env$id_i(1L), 1L)
  back <- unserialize(serialize(as.list(env), NULL))
  expect_identical(back$id_i(5L), 5L)
  expect_identical(back$id_d(0.5), 0.5)
  expect_identical(back$sum_ints(1:3, 3L), 6L)
  expect_null(back$nothing())
  again <- unserialize(serialize(back, NULL))
  expect_identical(again$id_i(6L), 6L)
  expect_identical(again$id_d(0.25), 0.25)
  old <- unserialize(serialize(env$id_i, NULL, version = 2))
  expect_error(old(5L), "NULL value passed as symbol address", fixed = TRUE)
  file <- tempfile()
  on.exit(unlink(file))
  save(env, file = file)
  expect_child_output(c("detach('package:rdyncall')", sprintf("load(%s)", deparse(file)),
                        "cat('got', env$id_i(7L), env$sum_ints(n = 2L, 4:5), '\\n')"), "got 7 9")
})

test_that("bound functions outlive the package's namespace", {
  expect_child_output(c(
    "dynbind(c('msvcrt', 'm'), 'sqrt(d)d x;')",
    "callback <- new.callback('i)i', function(x) x)",
    "root <- sqrt(16)",
    "detach('package:rdyncall')",
    "unloadNamespace('rdyncall')",
    "rm(callback)",
    "gc()",
    "root <- c(root, sqrt(81))",
    "library(rdyncall)",
    "dynbind(c('msvcrt', 'm'), 'cos(d)d x;')",
    "cat('got', root, sqrt(25), cos(0), '\\n')"), "got 4 9 5 1")
})

test_that("many functions are bound at once", {
  env <- new.env()
  signature <- paste0(rep(c("id_i(i)i;", "id_d(d)d;", "id_s(s)s;"), 1000), collapse = "\n")
  dynbind(calls(), signature, envir = env)
  expect_identical(sort(ls(env)), c("id_d", "id_i", "id_s"))
  expect_identical(env$id_s(5L), 5L)
})

test_that("a function pointer that C gave is called as long as it lives", {
  file <- tempfile(fileext = c(".rds", .Platform$dynlib.ext))
  on.exit(unlink(file))
  twice <- .dyncall(.dynsym(fixture("callback"), "get_twice"), ")*(i)i")
  expect_identical(twice(4L), 8L)
  saveRDS(twice, file[1L])
  back <- readRDS(file[1L])
  expect_error(back(4L), class = "dyncall_error_pointer", regexp = "a null pointer")
  expect_error(.dyncall(.dynsym(fixture("callback"), "apply"), "*(i)ii)i", back, 4L),
               class = "dyncall_error_pointer")
  # neither does a bound function go where its library has gone
  file.copy(fixture_file("callback"), file[2L])
  lib <- .dynload(file[2L])
  env <- new.env()
  dynbind(lib, "fpu_tags()i;", envir = env)
  symbol <- .dynsym(lib, "fpu_tags")
  expect_identical(env$fpu_tags(), .dyncall(symbol, ")i"))
  .dynunload(lib)
  apply <- .dynsym(fixture("callback"), "apply")
  expect_error(.dyncall(apply, "*(i)ii)i", env$fpu_tags, 1L), class = "dyncall_error_library")
  expect_error(.dyncall(apply, "pi)i", env$fpu_tags, 1L), class = "dyncall_error_library")
  expect_error(.dyncall(apply, "*(i)ii)i", symbol, 1L), class = "dyncall_error_pointer", regexp = "unloaded")
})

test_that("a function is bound by its handle, not by an attribute of that name", {
  f <- stats::ecdf(c(1, 2, 3, 4)) # has the call that made it
  dynbind(fixture("map"), "apply(*(d)dd)d f x; same_p(p)p x;", envir = e <- new.env())
  expect_identical(e$apply(f, 2.5), 0.5)
  expect_identical(dynmap(e$apply, f, c(1, 2.5)), c(0.25, 0.5))
  expect_error(e$same_p(f), class = "dyncall_error_argument", regexp = "got a function")
  expect_error(.dyncall(f, "d)d", 1), class = "dyncall_error_pointer", regexp = "address: .*got a function")
  parseStructInfos("Handler{*(d)d}f;")
  h <- new.struct(Handler)
  h$f <- f
  expect_identical(h$f(2.5), 0.5)
  for (attribute in list(1, NULL, quote(f()), as.extptr(1))) {
    attr(e$apply, "call") <- attribute
    expect_output(print(e$apply), "cannot be called: expected a bound function")
    expect_error(dynmap(e$apply, f, 1), class = "dyncall_error_pointer", regexp = "a bound function")
    expect_identical(e$apply(f, 2.5), 0.5)
  }
})
