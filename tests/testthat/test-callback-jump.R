# Jumps out of R code that C called: none of them passes over a C frame, all of them arrive.

# C calls f with 0 ... 4; f jumps at 2. What C has seen, with what came of it.
jump_at_2 <- function(jump) {
  calls <- integer()
  seen <- new_ints(5L)
  before <- c_counts()
  value <- tryCatch(
    repeat_from_c(function(i) {
      calls <<- c(calls, i)
      if (i == 2L) jump()
      i + 10L
    }, 5L, seen),
    condition = identity)
  # C received zero for the call that jumped, nothing was called after it, and C went to its end
  expect_identical(calls, 0:2)
  expect_identical(ints(seen, 5L), c(10L, 11L, 0L, 0L, 0L))
  expect_identical(c_counts() - before, c(1L, 1L))
  value
}

test_that("an error arrives after C has returned, as the same object", {
  mark <- new.env()
  thrown <- structure(class = c("special", "error", "condition"),
                      list(message = "no such luck", call = quote(some(call)), mark = mark))
  caught <- jump_at_2(function() stop(thrown))
  expect_identical(caught, thrown)
  expect_identical(caught$mark, mark)
  caught <- jump_at_2(function() stop("plain"))
  expect_s3_class(caught, "simpleError")
  expect_identical(conditionMessage(caught), "plain")
})

test_that("errors of R itself and of foreign calls in callbacks arrive", {
  expect_match(conditionMessage(jump_at_2(function() log("a"))), "non-numeric argument")
  expect_match(conditionMessage(jump_at_2(function() no_such_function())), "no_such_function")
  expect_s3_class(jump_at_2(function() .dyncall(sym("apply"), "pi)i", 1L)), "dyncall_error_arity")
  expect_s3_class(jump_at_2(function() .dyncall(NULL, ")i")), "dyncall_error_pointer")
})

test_that("a warning is an error under options(warn = 2)", {
  old <- options(warn = 2)
  on.exit(options(old))
  seen <- new_ints(3L)
  before <- c_counts()
  message <- tryCatch(
    repeat_from_c(function(i) { if (i == 1L) warning("careful"); 7L }, 3L, seen),
    error = conditionMessage)
  expect_match(message, "converted from warning.*careful")
  expect_identical(ints(seen, 3L), c(7L, 0L, 0L))
  expect_identical(c_counts() - before, c(1L, 1L))
  expect_s3_class(jump_at_2(function() as.integer("x")), "warning")
})

test_that("a warning or message that is muffled does not disturb the call", {
  seen <- new_ints(3L)
  heard <- character()
  withCallingHandlers(
    repeat_from_c(function(i) { warning("w", i); message("m", i); i }, 3L, seen),
    warning = function(w) { heard <<- c(heard, conditionMessage(w)); invokeRestart("muffleWarning") },
    message = function(m) { heard <<- c(heard, trimws(conditionMessage(m))); invokeRestart("muffleMessage") })
  expect_identical(ints(seen, 3L), 0:2)
  expect_identical(heard, c("w0", "m0", "w1", "m1", "w2", "m2"))
})

test_that("any condition can leave", {
  custom <- structure(class = c("signal", "condition"), list(message = "leave", call = NULL))
  expect_identical(jump_at_2(function() signalCondition(custom)), custom)
  expect_s3_class(jump_at_2(function() warning("w")), "simpleWarning")
  expect_s3_class(jump_at_2(function() message("m")), "message")
})

test_that("restarts carry their values out", {
  seen <- new_ints(3L)
  before <- c_counts()
  value <- withRestarts(
    repeat_from_c(function(i) { if (i == 1L) invokeRestart("leave", 20L, 1L); 5L }, 3L, seen),
    leave = function(a, b) a + b)
  expect_identical(value, 21L)
  expect_identical(ints(seen, 3L), c(5L, 0L, 0L))
  expect_identical(c_counts() - before, c(1L, 1L))
  # chosen by a calling handler, which runs while C waits
  value <- withRestarts(
    withCallingHandlers(repeat_from_c(function(i) stop("e"), 3L, seen),
                        error = function(e) invokeRestart("leave", conditionMessage(e))),
    leave = function(text) paste("left by", text))
  expect_identical(value, "left by e")
  expect_balanced()
})

test_that("a restart inside of the callback stays inside", {
  seen <- new_ints(3L)
  repeat_from_c(function(i) withRestarts(invokeRestart("here", i * 2L), here = function(x) x), 3L, seen)
  expect_identical(ints(seen, 3L), c(0L, 2L, 4L))
})

test_that("callCC and return() leave", {
  seen <- new_ints(3L)
  before <- c_counts()
  value <- callCC(function(k) {
    repeat_from_c(function(i) { if (i == 1L) k("out"); 3L }, 3L, seen)
    "not here"
  })
  expect_identical(value, "out")
  expect_identical(ints(seen, 3L), c(3L, 0L, 0L))
  when_forced <- function(body) function(i) { if (i == 1L) body; 4L }
  enclosing <- function() {
    repeat_from_c(when_forced(return("returned")), 3L, seen)
    "not here"
  }
  expect_identical(enclosing(), "returned")
  expect_identical(ints(seen, 3L), c(4L, 0L, 0L))
  expect_identical(c_counts() - before, c(2L, 2L))
})

test_that("an interrupt leaves", {
  skip_on_windows()
  expect_child_output(c(
    sprintf("lib <- .dynload(%s)", deparse(fixture_file("callback"))),
    "seen <- rep(-1L, 3L)",
    "f <- function(i) {",
    "  if (i == 1L) { tools::pskill(Sys.getpid(), tools::SIGINT); Sys.sleep(10) }",
    "  6L",
    "}",
    "value <- tryCatch(.dyncall(.dynsym(lib, 'repeat'), '*(i)ii*i)i', f, 3L, seen),",
    "                  interrupt = function(c) class(c)[1L])",
    "both <- integer(2)",
    "invisible(.dyncall(.dynsym(lib, 'counts'), '*i)i', both))",
    "cat(value, seen, both, sum(c(1, 2, 3)))"
  ), "^interrupt 6 0 0 1 1 6$")
})

test_that("without a handler the error ends the script after C has returned", {
  child <- in_child(c(
    sprintf("lib <- .dynload(%s)", deparse(fixture_file("callback"))),
    "invisible(.dyncall(.dynsym(lib, 'apply'), '*(i)ii)i', function(i) stop('unhandled ', i), 4L))",
    "cat('not here')"))
  expect_identical(child$status, 1L)
  expect_match(child$output, "unhandled 4")
  expect_no_match(child$output, "not here")
})

test_that("calling handlers run before C returns, exiting ones after", {
  log <- character()
  note <- function(...) log <<- c(log, paste0(...))
  inside <- function() { n <- c_counts(); n[1L] - n[2L] }
  tryCatch(
    withCallingHandlers({
      on.exit(note("never"))
      .dyncall(sym("run"), "*()v)v", function() {
        on.exit(note("exit of the callback, C frames: ", inside()))
        tryCatch(stop("e"), finally = note("finally in the callback, C frames: ", inside()))
      })
    }, error = function(e) note("calling, C frames: ", inside())),
    error = function(e) note("exiting, C frames: ", inside()),
    finally = note("finally, C frames: ", inside()))
  on.exit()
  expect_identical(log, c(
    "calling, C frames: 1", "finally in the callback, C frames: 1", "exit of the callback, C frames: 1",
    "exiting, C frames: 0", "finally, C frames: 0"))
})

test_that("tryCatch and try inside of the callback keep C running", {
  seen <- new_ints(4L)
  repeat_from_c(function(i) tryCatch(if (i %% 2L) stop("odd") else i, error = function(e) -i), 4L, seen)
  expect_identical(ints(seen, 4L), c(0L, -1L, 2L, -3L))
  repeat_from_c(function(i) if (inherits(try(stop("e"), silent = TRUE), "try-error")) i else -1L, 4L, seen)
  expect_identical(ints(seen, 4L), 0:3)
})

test_that("calls and callbacks nest", {
  down <- function(n) {
    if (n == 0L) return(0L)
    1L + .dyncall(sym("apply"), "*(i)ii)i", down, n - 1L)
  }
  for (depth in c(1L, 2L, 50L, 200L)) expect_identical(down(depth), depth)
})

test_that("a jump leaves any number of nested calls, each of which ends", {
  for (depth in c(1L, 2L, 50L, 200L)) {
    reached <- NULL
    down <- function(n) {
      if (n == 0L) {
        reached <<- c_counts()
        stop("bottom")
      }
      .dyncall(sym("through_i"), "*(i)ii)i", down, n - 1L)
    }
    before <- c_counts()
    expect_identical(tryCatch(down(depth), error = conditionMessage), "bottom")
    expect_identical(reached - before, c(depth, 0L))
    expect_identical(c_counts() - before, c(depth, depth))
    expect_identical(callCC(function(out) {
      leave <- function(n) if (n == 0L) out(depth) else .dyncall(sym("through_i"), "*(i)ii)i", leave, n - 1L)
      leave(depth)
    }), depth)
    expect_balanced()
  }
})

test_that("a jump can end in the middle of nested calls", {
  trail <- integer()
  down <- function(n) {
    step <- function() .dyncall(sym("through_i"), "*(i)ii)i", down, n + 1L)
    if (n == 6L) stop("bottom")
    got <- if (n == 3L) tryCatch(step(), error = function(e) 100L) else step()
    trail <<- c(trail, n)
    got + 1L
  }
  expect_identical(down(0L), 104L)
  expect_identical(trail, 3:0)
  expect_balanced()
})

test_that("a jump gives way to one that starts in its unwinding, as without C", {
  fails <- function() {
    on.exit(stop("second"))
    stop("first")
  }
  plain <- tryCatch(fails(), error = conditionMessage)
  expect_identical(tryCatch(.dyncall(sym("run"), "*()v)v", fails), error = conditionMessage), plain)
  value <- tryCatch({
    tryCatch(.dyncall(sym("run"), "*()v)v", function() stop("first")), finally = stop("second"))
  }, error = conditionMessage)
  expect_identical(value, "second")
  expect_balanced()
})

test_that("calls that are made while a jump unwinds do not disturb it", {
  bad <- new.callback("i)i", function(x) stop("inner"))
  when_forced <- function(body) new.callback("i)i", function(i) body)
  enclosing <- function(k) {
    f <- when_forced(return(as.numeric(1:50) + k))
    between <- function() {
      on.exit({
        expect_error(.dyncall(sym("apply"), "pi)i", bad, 1L), "inner")
        gc()
        lapply(1:500, function(i) rep(-1, 50))
      })
      .dyncall(sym("apply"), "pi)i", f, 1L)
    }
    between()
    "not here"
  }
  for (k in 1:3) expect_identical(enclosing(k), as.numeric(1:50) + k)
})

test_that("a foreign function that jumps by itself leaves later calls and callbacks in order", {
  if (is.null(.dynsym(.dynload(""), "Rf_error"))) skip_or_fail("R exports no symbols")
  expect_child_output(c(
    sprintf("lib <- .dynload(%s)", deparse(fixture_file("callback"))),
    "sym <- function(name) .dynsym(lib, name)",
    "fail <- .dynsym(.dynload(''), 'Rf_error')",
    "message_of <- function(expr) tryCatch(expr, error = conditionMessage)",
    "for (k in 1:3) cat(message_of(.dyncall(fail, 'Z.i)v', 'error %d from C', k)), '')",
    "cat(message_of(.dyncall(sym('apply'), '*(i)ii)i', function(i) .dyncall(fail, 'Z.)v', 'from inside'), 1L)), '')",
    "seen <- as.extptr(integer(3))",
    "again <- function(i) {",
    "  for (k in 1:3) message_of(.dyncall(fail, 'Z.)v', 'caught'))",
    "  .dyncall(sym('apply'), '*(i)ii)i', function(x) x + 1L, i)",
    "}",
    "invisible(.dyncall(sym('repeat'), '*(i)ii*i)i', again, 3L, seen))",
    "cat(.unpack(seen, 0, 'i[3]'), '')",
    "cat(message_of(.dyncall(sym('apply'), '*(i)ii)i', function(x) stop('afterwards'), 1L)), '')",
    "both <- integer(2)",
    "cat(.dyncall(sym('counts'), '*i)i', both))"
  ), "^error 1 from C error 2 from C error 3 from C from inside 1 2 3 afterwards 0$")
})

test_that("recursion without end is an error of R, and each C function ends", {
  expect_child_output(c(
    sprintf("lib <- .dynload(%s)", deparse(fixture_file("callback"))),
    "s <- .dynsym(lib, 'through_i')",
    "f <- new.callback('i)i', function(n) .dyncall(s, 'pi)i', f, n + 1L))",
    "cat(tryCatch(.dyncall(s, 'pi)i', f, 1L), error = function(e) 'an error'), '')",
    "both <- integer(2)",
    "cat(.dyncall(.dynsym(lib, 'counts'), '*i)i', both), both[1L] > 100L, sum(c(1, 2, 3)))"
  ), "^an error 0 TRUE 6$")
})

test_that("after a jump the same callback works again", {
  fail <- TRUE
  f <- new.callback("i)i", function(i) if (fail) stop("not yet") else i * 2L)
  for (k in 1:3) {
    fail <- TRUE
    expect_error(.dyncall(sym("apply"), "pi)i", f, 4L), "not yet")
    fail <- FALSE
    expect_identical(.dyncall(sym("apply"), "pi)i", f, 4L), 8L)
  }
})

test_that("jumps leave R's stacks and the floating point unit as they were", {
  tags <- .dyncall(sym("fpu_tags"), ")i")
  f <- new.callback("D)D", function(x) stop("e"))
  for (k in 1:20000) try(.dyncall(sym("through_D"), "pD)D", f, 1), silent = TRUE)
  expect_identical(.dyncall(sym("fpu_tags"), ")i"), tags)
  expect_identical(sum(c(1, 2, 3)), 6)
  parseStructInfos("Wide{D}x;")
  g <- new.callback("<Wide>)<Wide>", function(w) stop("e"))
  for (k in 1:100) try(.dyncall(sym("through_wide"), "p<Wide>)<Wide>", g, list(x = 1)), silent = TRUE)
  expect_identical(.dyncall(sym("fpu_tags"), ")i"), tags)
  for (k in 1:2000) callCC(function(out) .dyncall(sym("apply"), "*(i)ii)i", function(i) out(i), 1L))
  expect_identical(sum(c(1, 2, 3)), 6)
  expect_balanced()
})

test_that("C gets a zero of the type for a call that jumped", {
  parseStructInfos("Point{id}x y; Big{d[4]i}v n; Pair{ff}x y;")
  parseUnionInfos("Number|id}i d;")
  zeros <- function(name, type, x) {
    signature <- sprintf("*(%1$s)%1$s%1$s)%1$s", type)
    .dyncall(sym(paste0("through_", name)), signature, function(y) y, x)
    n <- .dyncall(sym("last_zeros"), ")i")
    expect_error(.dyncall(sym(paste0("through_", name)), signature, function(y) stop("e"), x), "^e$")
    c(n, .dyncall(sym("last_zeros"), ")i"))
  }
  long <- .Machine$sizeof.long
  pointer <- .Machine$sizeof.pointer
  sizes <- c(B = 1L, c = 1L, C = 1L, s = 2L, S = 2L, i = 4L, I = 4L, j = long, J = long, l = 8L, L = 8L,
             f = 4L, d = 8L)
  for (letter in names(sizes)) {
    counted <- zeros(letter, letter, 1)
    expect_lt(counted[1L], sizes[[letter]])
    expect_identical(counted[2L], sizes[[letter]], info = letter)
  }
  expect_gte(zeros("D", "D", 1)[2L], 8L)
  expect_identical(zeros("Z", "Z", "a")[2L], pointer)
  expect_identical(zeros("p", "p", as.extptr(1))[2L], pointer)
  expect_identical(zeros("complex", "<double complex>", 1i)[2L], 16L)
  expect_identical(zeros("point", "<Point>", list(x = 1L, y = 1))[2L],
                   .dyncall(sym("size_of_point"), ")i"))
  expect_gte(zeros("big", "<Big>", list(v = 1:4, n = 1L))[2L], 36L)
  expect_identical(zeros("pair", "<Pair>", list(x = 1, y = 1))[2L], 8L)
  expect_identical(zeros("number", "<Number>", list(d = 1))[2L], 8L)
  expect_balanced()
})

test_that("C gets zeros, not what lies on the stack, for a call that jumped and for those after it", {
  parseStructInfos("Point{id}x y; Pair{ff}x y; Big{d[4]i}v n;")
  types <- c(c = "c", l = "l", d = "d", p = "p", point = "<Point>", pair = "<Pair>", big = "<Big>")
  sizes <- c(c = 1, l = 8, d = 8, p = .Machine$sizeof.pointer, point = Point$size, pair = Pair$size,
             big = Big$size)
  for (name in names(types)) {
    both <- as.extptr(as.raw(rep(0xff, 2 * sizes[[name]])))
    ran <- 0L
    f <- new.callback(paste0("i)", types[[name]]), function(i) {
      ran <<- ran + 1L
      stop("e")
    })
    expect_error(.dyncall(sym(paste0("twice_", name)), "pp)v", f, both), "^e$")
    expect_identical(ran, 1L)
    for (i in 0:1) {
      got <- .unpack(both, i * sizes[[name]], types[[name]])
      if (is.struct(got)) got <- unlist(as.list(got))
      expect_true(if (is.externalptr(got)) is.nullptr(got) else all(got == 0), label = paste(name, i))
    }
  }
})

test_that("a result that does not convert leaves no part of itself", {
  parseStructInfos("Point{id}x y;")
  half <- function(...) list(x = 5L, y = "no number")
  expect_error(.dyncall(sym("through_point"), "*(<Point>)<Point><Point>)<Point>", half, list()),
               class = "dyncall_error_argument")
  expect_identical(.dyncall(sym("last_zeros"), ")i"), .dyncall(sym("size_of_point"), ")i"))
})
