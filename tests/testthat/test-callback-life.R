# How long a callback stays callable, and calls of C that come when they should not.

counts <- function() .Call(rdyncall:::C_callback_count)
live <- function() counts()[1L]
keep <- function(f) .dyncall(sym("keep"), "p)v", f)
call_kept <- function(x) .dyncall(sym("call_kept"), "i)i", x)

test_that("a callback lives as long as its object", {
  gc()
  before <- live()
  f <- new.callback("i)i", function(x) x + 1L)
  keep(f)
  expect_identical(live(), before + 1L)
  gc()
  expect_identical(call_kept(1L), 2L)
  expect_identical(live(), before + 1L)
  rm(f)
  gc()
  expect_identical(live(), before)
})

test_that("C that calls a callback whose object is gone gets zero and R an error with its signature", {
  keep(new.callback("i)i", function(x) x + 1L))
  gc()
  error <- expect_error(call_kept(1L), "i)i", fixed = TRUE, class = "dyncall_error_callback")
  expect_match(conditionMessage(error), "expected a live callback, got one that is gone")
  # again, and with other callbacks made since
  others <- lapply(1:100, function(k) new.callback("i)i", function(x) k))
  expect_error(call_kept(1L), class = "dyncall_error_callback")
  expect_length(others, 100L)
})

test_that("a callback that is gone gives zero also when its signature is forgotten", {
  parseStructInfos("Big{d[4]i}v n;")
  .dyncall(sym("keep_l"), "p)v", new.callback("ki)l", function(x) x))
  # so many others push the signature out of the cache and take the place of what was freed
  for (batch in list(1:1100, 1101:2047)) {
    for (k in batch) {
      digits <- as.integer(intToBits(k))[1:11]
      new.callback(paste0("k", paste(c("i", "d")[digits + 1L], collapse = ""), ")<Big>"), function(...) NULL)
    }
    for (i in 1:2) gc()
  }
  both <- as.extptr(as.raw(rep(0xff, 16)))
  expect_error(.dyncall(sym("twice_kept_l"), "p)v", both), "one that is gone: \"ki)l\"", fixed = TRUE,
               class = "dyncall_error_callback")
  expect_identical(.unpack(both, 0, "l[2]"), c(0, 0))
})

test_that("an R function given to C lasts for the call", {
  gc()
  before <- live()
  keep_and_call <- function(f) .dyncall(sym("apply"), "*(i)ii)i", f, 3L)
  expect_identical(keep_and_call(function(x) { gc(); x * 5L }), 15L)
  .dyncall(sym("keep"), "*(i)i)v", function(x) x)
  gc()
  expect_error(call_kept(1L), class = "dyncall_error_callback")
  expect_identical(live(), before)
})

test_that("a callback may lose its object while it runs", {
  held <- new.env()
  held$f <- new.callback("i)i", function(x) {
    rm("f", envir = held)
    gc()
    x + 100L
  })
  keep(held$f)
  expect_identical(call_kept(1L), 101L)
  gc()
  expect_error(call_kept(1L), class = "dyncall_error_callback")
})

test_that("a struct field keeps a callback, and lets it go when it is replaced", {
  gc()
  before <- live()
  parseStructInfos("Job{*(i)ii}f x;")
  job <- new.struct(Job)
  job$f <- new.callback("i)i", function(x) x * 2L)
  gc()
  expect_identical(live(), before + 1L)
  job$x <- 4L
  copy <- job
  expect_identical(.dyncall(sym("do_job"), "*<Job>)i", job), 8L)
  job$f <- NULL
  gc()
  expect_identical(live(), before + 1L)
  expect_identical(.dyncall(sym("do_job"), "*<Job>)i", copy), 8L)
  rm(copy)
  gc()
  expect_identical(live(), before)
})

test_that("memory that a callback returned is there until it returns again", {
  litter <- function() {
    gc()
    lapply(1:2000, function(k) list(strrep("#", 200L), rep(-1, 30)))
  }
  long <- strrep("long ", 40L)
  expect_identical(.dyncall(sym("text_after"), "*()Z*()v)Z", function() strrep("long ", 40L), litter), long)
  expect_identical(.dyncall(sym("text_after"), "*()*c*()v)Z", function() strrep("long ", 40L), litter), long)
  expect_identical(.dyncall(sym("value_after"), "*()*d*()v)d", function() rep(5, 30), litter), 5)
  expect_identical(.dyncall(sym("value_after"), "*()p*()v)d", function() as.extptr(rep(6, 30)), litter), 6)
  made <- function() function(x) x * 2L
  expect_identical(.dyncall(sym("apply_after"), "*()*(i)i*()v)i", made, litter), 40L)
  made <- function() new.callback("i)i", function(x) x * 3L)
  expect_identical(.dyncall(sym("apply_after"), "*()p*()v)i", made, litter), 60L)
})

test_that("a callback does not survive a file, and says so", {
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  f <- new.callback("i)i", function(x) x)
  saveRDS(f, file)
  again <- readRDS(file)
  expect_error(.dyncall(sym("apply"), "pi)i", again, 1L), "not survived",
               class = "dyncall_error_callback")
  expect_error(.dyncall(sym("apply"), "*(i)ii)i", again, 1L), class = "dyncall_error")
  expect_error(.dyncall(again, "i)i", 1L), class = "dyncall_error_callback")
  rm(again)
  gc()
  expect_identical(.dyncall(sym("apply"), "pi)i", f, 1L), 1L)
})

test_that("a callback is called from R like any other function", {
  f <- new.callback("id)d", function(i, d) i * d)
  expect_identical(.dyncall(f, "id)d", 3L, 0.5), 1.5)
  g <- new.callback("i)i", function(x) stop("from R"))
  expect_error(.dyncall(g, "i)i", 3L), "^from R$")
})

test_that("a call from a thread that is not R's gives zero and runs no R code", {
  skip_on_windows()
  ran <- 0
  f <- new.callback("i)i", function(x) { ran <<- ran + 1; x })
  before <- counts()[3L]
  expect_identical(.dyncall(sym("from_thread"), "p)i", f), 0L)
  expect_identical(ran, 0)
  expect_identical(counts()[3L] - before, 100L)
  # R's own thread is not disturbed
  expect_identical(.dyncall(sym("apply"), "pi)i", f, 6L), 6L)
  expect_identical(ran, 1)
})

# A C finalizer is what R itself calls, outside of any foreign call.
finalizer <- "
  register <- .dynsym(.dynload(''), 'R_RegisterCFinalizerEx')
  finalize_by <- function(f) invisible(.dyncall(register, 'xpi)v', new.env(), f, 0L))
"

test_that("a callback works outside of a foreign call", {
  if (is.null(.dynsym(.dynload(""), "R_RegisterCFinalizerEx"))) skip_or_fail("R exports no symbols")
  expect_child_output(c(finalizer,
    "f <- new.callback('x)v', function(e) cat('finalizing', class(e), ''))",
    "finalize_by(f)",
    "invisible(gc())",
    "cat('done')"
  ), "^finalizing environment done$")
})

test_that("an error outside of a foreign call is a warning, and C goes on", {
  if (is.null(.dynsym(.dynload(""), "R_RegisterCFinalizerEx"))) skip_or_fail("R exports no symbols")
  child <- in_child(c(finalizer,
    "f <- new.callback('x)v', function(e) stop('in the finalizer'))",
    "finalize_by(f)",
    "invisible(gc())",
    "cat('went on, ')",
    "g <- new.callback('x)v', function(e) cat('next '))",
    "finalize_by(g)",
    "invisible(gc())",
    "cat(.dyncall(.dynsym(dynfind(c('msvcrt', 'm', 'c')), 'sqrt'), 'd)d', 144))"))
  expect_identical(child$status, 0L, info = child$output)
  expect_match(child$output, "in the finalizer")
  expect_match(child$output, "was called outside of a foreign call and failed")
  expect_match(child$output, "went on")
  expect_match(child$output, "next 12")
})

test_that("C that R calls by .C gets the results of callbacks, zeros for one that failed", {
  child <- in_child(c(
    sprintf("file <- %s", deparse(fixture_file("callback"))),
    "invisible(dyn.load(file))",
    "lib <- .dynload(file)",
    "parseStructInfos('Point{id}x y;')",
    "ask <- function(f) {",
    "  .dyncall(.dynsym(lib, 'keep_point'), 'p)v', f)",
    "  unlist(.C('from_r', x = -1L, y = -1))",
    "}",
    "good <- ask(new.callback(')<Point>', function() list(x = 5L, y = 2.5)))",
    "bad <- ask(new.callback(')<Point>', function() list(x = 5L, y = 'no number')))",
    "cat('got', good, 'and', bad)"))
  expect_identical(child$status, 0L, info = child$output)
  expect_match(child$output, "got 5 2.5 and 0 0", fixed = TRUE)
  expect_match(child$output, "expected double, got the string \"no number\"", fixed = TRUE)
  expect_match(child$output, "was called outside of a foreign call and failed")
})

test_that("C that R calls in a callback is not the C that called back", {
  # all in one R context
  child <- in_child(c(
    sprintf("file <- %s", deparse(fixture_file("callback"))),
    "invisible(dyn.load(file))",
    "lib <- .dynload(file)",
    "parseStructInfos('Point{id}x y;')",
    "late <- new.callback(')<Point>', function() stop('late'))",
    ".dyncall(.dynsym(lib, 'keep_point'), 'p)v', late)",
    "during <- compiler::cmpfun(function(i) { got <<- .C('from_r', x = -1L, y = -1); i + 1L })",
    "f <- new.callback('i)i', during, envir = globalenv())",
    "more <- .dyncall(.dynsym(lib, 'apply'), 'pi)i', f, 1L)",
    "cat('got', unlist(got), more)"))
  expect_identical(child$status, 0L, info = child$output)
  expect_match(child$output, "late")
  expect_match(child$output, "got 0 0 2", fixed = TRUE)
  expect_match(child$output, "was called outside of a foreign call and failed")
})

test_that("an error in a finalizer that R runs during a callback ends there", {
  if (is.null(.dynsym(.dynload(""), "R_RegisterCFinalizerEx"))) skip_or_fail("R exports no symbols")
  child <- in_child(c("options(warn = 1)", finalizer,
    sprintf("lib <- .dynload(%s)", deparse(fixture_file("callback"))),
    "f <- new.callback('x)v', function(e) stop('in the finalizer'))",
    "during <- function(i) { finalize_by(f); for (k in 1:2) gc(); i + 1L }",
    "got <- .dyncall(.dynsym(lib, 'apply'), '*(i)ii)i', during, 41L)",
    "seen <- as.extptr(integer(3))",
    "invisible(.dyncall(.dynsym(lib, 'repeat'), '*(i)ii*i)i', during, 3L, seen))",
    "cat('got', got, .unpack(seen, 0, 'i[3]'))"))
  expect_identical(child$status, 0L, info = child$output)
  expect_length(gregexpr("outside of a foreign call", child$output)[[1L]], 4L)
  expect_match(child$output, "got 42 1 2 3$")
})

test_that("a foreign function that jumped is no longer the one that calls back", {
  if (is.null(.dynsym(.dynload(""), "R_RegisterCFinalizerEx"))) skip_or_fail("R exports no symbols")
  child <- in_child(c("options(warn = 1)", finalizer,
    "fail <- .dynsym(.dynload(''), 'Rf_error')",
    "f <- new.callback('x)v', function(e) stop('in the finalizer'))",
    "deep <- function(n, g) if (n > 0) deep(n - 1, g) else g()",
    "collect <- function() for (i in 1:2) gc()",
    "invisible(compiler::enableJIT(0))",
    "interpreted <- .dyncall",
    "body(interpreted) <- body(interpreted)",
    "jump <- function(call) tryCatch(call(fail, 'Z.)v', 'jump'), error = identity)",
    "for (k in seq(0, 87, by = 3)) {",
    "  finalize_by(f)",
    "  jump(.dyncall)",
    "  deep(k, collect)",
    "  finalize_by(f)",
    "  deep(k + 5, function() jump(interpreted))",
    "  collect()",
    "}",
    "cat('done')"))
  expect_identical(child$status, 0L, info = child$output)
  expect_length(gregexpr("outside of a foreign call", child$output)[[1L]], 60L)
  expect_match(child$output, "done$")
})

test_that("a child process that was forked calls back on its own", {
  skip_on_windows()
  f <- new.callback("i)i", function(x) x + 1L)
  job <- parallel::mcparallel(.dyncall(sym("apply"), "pi)i", f, 41L))
  expect_identical(parallel::mccollect(job)[[1L]], 42L)
})
