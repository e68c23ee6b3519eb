# How arguments come to C: out of the frames of functions, as these can be read in most versions of R, or by
# R's own functions. Each test runs both ways; what users see is the same.

frames_are_read <- compiler::cmpfun(function(x) rdyncall:::probe(x, x))("any")

# C reads frames, or does not, while code runs. Byte code hands over variables as promises.
with_frames <- function(read, code) {
  probe <- compiler::cmpfun(function(x) rdyncall:::probe(x, x))
  use <- function(read) if (read) probe("any") else rdyncall:::probe(1, 1)
  on.exit(use(frames_are_read))
  if (use(read) != read) skip_or_fail("frames cannot be read")
  force(code)
}

both_ways <- function(what, test) {
  test_that(what, {
    with_frames(frames_are_read, test())
  })
  test_that(paste0(what, ", asked of R"), {
    with_frames(FALSE, test())
  })
}

test_that("frames are read where heads of objects are known", {
  expect_identical(frames_are_read, .Platform$endian == "little")
})

# A function of n ints in C that tells them apart: the sum of i times the i-th.
weighing <- function(n, fun = function(...) sum(seq_len(n) * c(...))) {
  signature <- paste0(strrep("i", n), ")i")
  pointer <- new.callback(signature, fun)
  params <- sprintf("p%d", seq_len(n))
  handle <- rdyncall:::new_call(pointer, "weigh", signature, "default", globalenv(), params)
  list(pointer = pointer, signature = signature,
       fixed = rdyncall:::new_bound(handle, signature, params, FALSE),
       plain = rdyncall:::new_bound(handle, signature, params, FALSE, compiled = FALSE),
       dots = rdyncall:::new_bound(handle, signature, NULL, FALSE),
       dyncall = function(...) .dyncall(pointer, signature, ...))
}

# The address of a vector of ints. The function is looked up before: what compiles it may hold frames.
addressing <- function() {
  id <- .dynsym(fixture("calls"), "id_p")
  function(x) .dyncall(id, "*ki)<uintptr_t>", x)
}

add <- function() .dynsym(fixture("calls"), "add_ints")

# add_ints as a function of arguments, of `...`, and through .dyncall; and with two vectors.
adding <- function() {
  add <- add()
  handle <- rdyncall:::new_call(add, "add_ints", "*iii)v", "default", globalenv(), c("x", "n", "by"))
  list(fixed = rdyncall:::new_bound(handle, "*iii)v", c("x", "n", "by"), FALSE),
       dots = rdyncall:::new_bound(handle, "*iii)v", NULL, FALSE),
       dyncall = function(...) .dyncall(add, "*iii)v", ...))
}

both_ways("any number of arguments arrive in their order", function() {
  for (n in c(1:4, 15:17, 31:34, 63:66)) {
    w <- weighing(n)
    x <- sample.int(1000L, n)
    for (way in c("fixed", "plain", "dots", "dyncall")) {
      expect_identical(do.call(w[[way]], as.list(x)), as.integer(sum(seq_len(n) * x)), info = paste(way, n))
      names <- paste0("v", seq_len(n))
      e <- list2env(stats::setNames(as.list(x), names), parent = globalenv())
      e$f <- w[[way]]
      call <- as.call(lapply(c("f", names), as.name))
      expect_identical(eval(call, e), as.integer(sum(seq_len(n) * x)), info = paste(way, n))
      caller <- compiler::cmpfun(eval(call("function", as.pairlist(alist(u = )), call), e))
      expect_identical(caller(), as.integer(sum(seq_len(n) * x)), info = paste(way, n))
    }
  }
})

both_ways("variables are found as R finds them", function() {
  w <- weighing(3L)
  outer <- 7L
  for (way in c("fixed", "plain", "dots", "dyncall")) {
    f <- w[[way]]
    inner <- compiler::cmpfun(function(a, b) {
      own <- 5L
      f(a, own, outer)
    })
    expect_identical(inner(1L), 32L, info = way)
    expect_identical(inner({own <- 2L; own}), 33L, info = way)
    local <- compiler::cmpfun(function() {
      outer <- 1L
      f(outer, outer, outer)
    })
    expect_identical(local(), 6L, info = way)
    handed <- compiler::cmpfun(function(...) f(...))
    expect_identical(handed(outer, 2L, 1L + 2L), 20L, info = way)
    twice <- compiler::cmpfun(function(...) handed(...))
    expect_identical(twice(outer, 2L, 1L + 2L), 20L, info = way)
    by_number <- compiler::cmpfun(function(...) f(..3, ..2, ..1))
    expect_identical(by_number(outer, 2L, 1L + 2L), 28L, info = way)
    looped <- compiler::cmpfun(function() {
      sum <- 0L
      for (i in 1:3) sum <- sum + f(i, i, i)
      sum
    })
    expect_identical(looped(), 36L, info = way)
    e <- new.env()
    asked <- 0L
    ask <- function(by) {
      asked <<- asked + by
      asked
    }
    makeActiveBinding("active", function() ask(1L), e)
    delayedAssign("late", ask(10L), assign.env = e)
    e$f <- f
    # not compiled, as byte code of R 4.6 asks active bindings twice
    expect_identical(eval(quote(f(active, late, active)), e), 59L, info = way)
    expect_identical(asked, 12L, info = way)
    expect_identical(vapply(1:3, f, 0L, 0L, 0L), 1:3, info = way)
    expect_identical(Map(f, 1:2, 3:4, 0L), list(7L, 10L), info = way)
    expect_identical(Reduce(function(a, b) f(a, b, 0L), 1:3), 11L, info = way)
  }
  expect_identical(w$fixed(p3 = 1L, p1 = outer, 2L), 14L)
  expect_identical(w$fixed(p3 = outer, p2 = outer, p1 = outer), 42L)
})

both_ways("arguments are evaluated once, from left to right, and errors are R's", function() {
  w <- weighing(3L)
  for (way in c("fixed", "plain", "dots", "dyncall")) {
    f <- w[[way]]
    order <- character()
    note <- function(x, value) {order <<- c(order, x); value}
    expect_identical(f(note("a", 1L), note("b", 2L), note("c", 3L)), 14L)
    expect_identical(order, c("a", "b", "c"), info = way)
    x <- 1L
    expect_identical(f(x, {x <- 5L; x}, x), 1L + 10L + 15L, info = way)
    expect_error(f(x, no_such_variable, x), "object 'no_such_variable' not found", info = way)
    expect_error(f(x, stop("mine"), x), "mine", info = way)
    passes <- compiler::cmpfun(function(a, b) f(x, a, b))
    expect_error(passes(1L), "argument \"b\" is missing", info = way)
    expect_identical(f(x, 1L, x), 22L, info = way)
  }
  expect_error(w$fixed(1L, 2L), "argument \"p3\" is missing, with no default", fixed = TRUE)
  expect_error(w$fixed(1L, , 3L), "argument \"p2\" is missing, with no default", fixed = TRUE)
  expect_error(w$dots(1L, , 3L), "a value for each argument", class = "dyncall_error_argument")
  expect_error(w$dyncall(1L, , 3L), "a value for each argument", class = "dyncall_error_argument")
  expect_error(.dyncall(w$pointer, w$signature, 1L, 2L), class = "dyncall_error_arity")
  expect_error(.dyncall(signature = w$signature), "argument \"address\" is missing")
  expect_error(.dyncall(w$pointer), "argument \"signature\" is missing")
  mode <- "cdecl"
  expect_identical(.dyncall(w$pointer, w$signature, 1L, 2L, 3L, callmode = mode), 14L)
  expect_identical(.dyncall(callmode = mode, 1L, signature = w$signature, 2L, address = w$pointer, 3L), 14L)
  expect_error(.dyncall(w$pointer, w$signature, 1L, 2L, 3L, callmode = "any"), class = "dyncall_error_signature")
  expect_identical(.dyncall.cdecl(w$pointer, w$signature, 1L, 2L, 3L), 14L)
})

both_ways("a vector that only its variable holds is written in place, any other copied", function() {
  address_of <- addressing()
  for (way in names(adding())) {
    f <- adding()[[way]]
    own <- compiler::cmpfun(function() {
      x <- integer(2) + 1:2
      before <- address_of(x)
      n <- 2L
      f(x, n, 10L)
      same <- identical(address_of(x), before)
      f(x, 2L, n)
      list(x, same)
    })
    expect_identical(own(), list(c(13L, 14L), TRUE), info = way)
    alias <- compiler::cmpfun(function() {
      x <- y <- integer(2) + 1:2
      n <- 2L
      f(x, n, 10L)
      list(x, y)
    })
    expect_identical(alias(), list(c(11L, 12L), c(1L, 2L)), info = way)
    argument <- compiler::cmpfun(function(v, n = length(v)) {
      f(v, n, 10L)
      v
    })
    value <- integer(2) + 1:2
    expect_identical(argument(value), c(11L, 12L), info = way)
    expect_identical(argument(v = value, 2L), c(11L, 12L), info = way)
    expect_identical(value, c(1L, 2L), info = way)
    handed <- compiler::cmpfun(function(...) f(...))
    handed(value, 2L, 10L)
    expect_identical(value, c(11L, 12L), info = way)
    other <- value
    handed(value, 2L, 10L)
    expect_identical(list(value, other), list(c(21L, 22L), c(11L, 12L)), info = way)
    constant <- compiler::cmpfun(function() {
      x <- 5L
      f(x, 1L, 1L)
      list(x, 5L)
    })
    for (i in 1:2) expect_identical(constant(), list(6L, 5L), info = way)
  }
})

both_ways("one vector for several arguments is one", function() {
  address_of <- addressing()
  copy <- .dynsym(dynfind(c("c", "msvcrt")), "memmove")
  if (is.null(copy)) skip_or_fail("no memmove")
  handle <- rdyncall:::new_call(copy, "memmove", "ppJ)p", "default", globalenv(), c("to", "from", "n"))
  ways <- list(fixed = rdyncall:::new_bound(handle, "ppJ)v", c("to", "from", "n"), FALSE),
               dots = rdyncall:::new_bound(handle, "ppJ)v", NULL, FALSE),
               dyncall = function(...) .dyncall(copy, "ppJ)v", ...))
  for (way in names(ways)) {
    f <- ways[[way]]
    same <- compiler::cmpfun(function() {
      x <- integer(2) + 1:2
      before <- address_of(x)
      f(x, x, 4L)
      same <- identical(address_of(x), before)
      f(x, identity(x), 4L)
      list(x, same)
    })
    expect_identical(same(), list(c(1L, 2L), way != "dyncall"), info = way) # which hands `...` on
    two <- compiler::cmpfun(function() {
      x <- integer(2) + 1:2
      y <- x
      z <- integer(2) + 7:8
      f(x, z, 8L)
      list(x, y, z)
    })
    expect_identical(two(), list(c(7L, 8L), c(1L, 2L), c(7L, 8L)), info = way)
    second <- compiler::cmpfun(function() {
      x <- integer(2) + 1:2
      y <- x
      z <- integer(2) + 7:8
      before <- address_of(x)
      f(z, x, 8L)
      list(x, y, z, identical(address_of(x), before))
    })
    expect_identical(second(), list(c(1L, 2L), c(1L, 2L), c(1L, 2L), FALSE), info = way)
  }
})

both_ways("a value stays alive although its variable is gone", function() {
  seen <- NULL
  for (way in c("fixed", "dots", "dyncall")) {
    e <- new.env()
    fill <- function() {
      rm("x", envir = e)
      overwrite_garbage()
      0L
    }
    signature <- "pp*()i)i"
    code <- new.callback(signature, function(a, b, f) {
      f()
      .unpack(a, 0, "i") + .unpack(b, 0, "i")
    })
    params <- c("a", "b", "f")
    handle <- rdyncall:::new_call(code, "late", signature, "default", globalenv(), params)
    e$f <- switch(way, fixed = rdyncall:::new_bound(handle, signature, params, FALSE),
                  dots = rdyncall:::new_bound(handle, signature, NULL, FALSE),
                  dyncall = function(...) .dyncall(code, signature, ...))
    e$x <- c(40L, 1L) + 0L
    e$y <- 2L
    e$fill <- fill
    expect_identical(eval(compiler::compile(quote(f(x, y, fill))), e), 42L, info = way)
  }
})

both_ways("functions work under the debugger, the profiler and as code", function() {
  w <- weighing(3L)
  f <- w$fixed
  x <- 2L
  expect_identical(eval(body(f), list(p1 = 1L, p2 = x, p3 = 3L)), 14L)
  interpreted <- eval(call("function", formals(f), body(f)))
  expect_identical(interpreted(1L, x, 3L), 14L)
  expect_error(interpreted(1L, x), "argument \"p3\" is missing", fixed = TRUE)
  profile <- tempfile()
  Rprof(profile, interval = 0.001)
  for (i in 1:2000) f(1L, x, 3L)
  Rprof(NULL)
  unlink(profile)
  expect_identical(f(1L, x, 3L), 14L)
  back <- unserialize(serialize(f, NULL))
  expect_identical(formals(back), formals(f))
})

both_ways("names of types mean what they mean where the call stands", function() {
  parseStructInfos("Two{ii}a b;", envir = one <- new.env())
  parseStructInfos("Two{dd}a b;", envir = other <- new.env())
  for (env in list(one, other)) env$callback <- eval(quote(new.callback("<Two>)<Two>", identity)), env)
  for (compiled in c(FALSE, TRUE)) {
    f <- function() {
      s <- new.struct(Two)
      s$a <- 3L
      list(.dyncall(callback, "<Two>)<Two>", s)$a, do.call(.dyncall, list(callback, "<Two>)<Two>", s))$a,
           sapply(list(s), function(x) .dyncall(callback, "<Two>)<Two>", x)$a),
           eval(quote(.dyncall(callback, "<Two>)<Two>", s)$a)),
           (function(...) .dyncall(callback, "<Two>)<Two>", ...))(s)$a)
    }
    if (compiled) f <- compiler::cmpfun(f)
    for (env in list(one, other, one)) {
      environment(f) <- env
      parent.env(env) <- globalenv()
      expected <- if (identical(env, one)) 3L else 3
      expect_identical(f(), rep(list(expected), 5L))
    }
  }
  # a function of base R that calls for the user, and the base environment itself
  expect_error(eval(quote(rdyncall::.dyncall(callback, "<Two>)<Two>", 1)), list(callback = one$callback), baseenv()),
               "Two", class = "dyncall_error_type")
})

# modf as a function whose last parameter is made, open ones, and one that returns nothing.
declared <- function() {
  env <- new.env()
  dynbind(c("m", "msvcrt"), "modf(d*d)d x whole @out=whole;", envir = env)
  dynbind(c("c", "msvcrt"), "snprintf(*cLZ.)i buffer size format @buffer=buffer:size;", envir = env)
  dynbind(fixture("calls"), "add_ints(*iii)v x n by @length=n:x @optional=by:5;", envir = env)
  env
}

both_ways("parameters may be left out, also by a function that hands them on", function() {
  f <- declared()
  whole <- list(result = 0.5, whole = 2)
  expect_identical(f$modf(2.5), whole)
  x <- 2.5
  expect_identical(f$modf(x), whole)
  expect_identical(f$modf(x + 0), whole)
  for (compiled in c(FALSE, TRUE)) {
    make <- if (compiled) compiler::cmpfun else identity
    on <- make(function(x, whole) f$modf(x, whole))
    expect_identical(on(2.5), whole)
    expect_identical(on(x), whole)
    over <- make(function(x, whole) on(x, whole))
    expect_identical(over(x), whole)
    standard <- make(function(x, whole = other, other) f$modf(x, whole))
    expect_identical(standard(x), whole)
    dots <- make(function(...) f$modf(...))
    expect_identical(dots(x), whole)
    w <- numeric(1)
    expect_identical(on(x, w), 0.5)
    expect_identical(w, 0) # what `on` has is a variable of its own
    w <- numeric(1)
    expect_identical(dots(x, w), 0.5)
    expect_identical(w, 2)
    alias <- w
    expect_identical(f$modf(7.25, w), 0.25)
    expect_identical(list(w, alias), list(7, 2))
    bad <- make(function(x) f$modf(x))
    expect_error(bad(), class = "dyncall_error_argument")
    expect_error(f$modf(no_such_variable), "object 'no_such_variable' not found")
    v <- integer(2) + 1:2
    expect_invisible(f$add_ints(v))
    expect_identical(v, 6:7)
    expect_invisible(f$add_ints(v, by = 1L))
    expect_identical(v, 7:8)
  }
  expect_error(f$modf(), class = "dyncall_error_argument")
})
