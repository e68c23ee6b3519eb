# Calling conventions. On 32-bit x86 the fixture's functions are of the convention in their name; on
# other platforms all are of the only one, and every call mode means that.

callmode_sym <- function(mode, name) .dynsym(fixture("callmode"), paste0(mode, "_", name))

# The conventions of C with the call modes and the letters that select them.
conventions <- list(
  cdecl = list(modes = c("default", "cdecl"), letters = c("c", ":", "e")),
  stdcall = list(modes = "stdcall", letters = "s"),
  fastcall = list(modes = c("fastcall", "fastcall.gcc"), letters = "f"),
  thiscall = list(modes = c("thiscall", "thiscall.gcc"), letters = "#"))

# Microsoft's modes differ from gcc's only where 64-bit integers or structs are arguments.
conventions_msvc <- list(fastcall = list(modes = "fastcall.msvc", letters = "F"),
                         thiscall = list(modes = "thiscall.msvc", letters = "+"))

parseStructInfos("
  cm_Point{id}x y; cm_One{i}a; cm_Three{c[3]}a; cm_Pair{ii}a b; cm_Triple{iii}a b c;
  cm_Float{f}a; cm_Double{d}a; cm_Floats{ff}a b; cm_Long{l}a;")
parseUnionInfos("cm_Word|if}i f;")
parseStructInfos("cm_Number{<cm_Word>}u; cm_In{d[1]}a; cm_Inner{<cm_In>}inside;")

made <- function(type, ...) {
  object <- new.struct(type)
  fields <- list(...)
  for (name in names(fields)) object[[name]] <- fields[[name]]
  object
}

fields_of <- function(object, ...) {
  vapply(c(...), function(name) as.numeric(object[[name]]), 0, USE.NAMES = FALSE)
}

# name, signature, arguments, what is expected
scalar_calls <- list(
  list("none", ")i", list(), 42L),
  list("one", "i)i", list(7L), 8L),
  list("ints", "iiii)i", list(1L, 2L, 3L, -4L), -3679L),
  list("doubles", "ddd)d", list(0.5, 0.25, 0.125), 15.5),
  list("floats", "fifii)f", list(0.5, 2L, 0.25, 3L, 4L), 43045.5),
  list("mixed", "dcfSlid)d", list(0.5, -3L, 0.25, 60000L, 2^33, -7L, 0.125),
       0.5 - 30 + 25 + 6e7 + 1e4 * 2^33 - 7e5 + 125000),
  list("chars", "ccc)c", list(-1L, 2L, -16L), -61L),
  list("wide", "DiDi)D", list(0.5, 2L, 0.25, -3L), -2954.5))

wide_calls <- list(
  list("longs", "lili)l", list(2^40, 2L, -2^35, 3L), 2^40 + 20 - 100 * 2^35 + 3000),
  list("int_long", "ilcs)l", list(1L, 2^40, -3L, -4L), 1 + 10 * 2^40 - 300 - 4000))

struct_calls <- function() {
  list(
    list("take_one", "<cm_One>ii)i", list(made(cm_One, a = 1L), 2L, 3L), 321L),
    list("take_three", "<cm_Three>ii)i", {
      three <- new.struct(cm_Three)
      for (i in 1:3) .pack(three, i - 1, "c", c(1L, 2L, -3L)[i])
      list(three, 2L, 3L)
    }, 313L),
    list("take_pair", "<cm_Pair>ii)i", list(made(cm_Pair, a = 1L, b = 4L), 2L, 3L), 329L),
    list("take_second", "i<cm_Triple>ci)i",
         list(2L, made(cm_Triple, a = 1L, b = 2L, c = 3L), -3L, 4L), 3737L),
    list("take_float", "<cm_Float>iii)d", list(made(cm_Float, a = 0.5), 2L, 3L, 4L), 4320.5),
    list("take_double", "i<cm_Double>ii)d", list(2L, made(cm_Double, a = 0.5), 3L, 4L), 4320.5),
    list("take_inner", "<cm_Inner>ii)d", {
      inner <- new.struct(cm_Inner)
      .pack(inner, 0, "d", 0.5)
      list(inner, 2L, 3L)
    }, 320.5),
    list("take_floats", "<cm_Floats>ii)d", list(made(cm_Floats, a = 0.5, b = 0.25), 2L, 3L), 321),
    list("take_word", "<cm_Word>ii)i", list(made(cm_Word, i = 5L), 2L, 3L), 325L),
    list("take_number", "<cm_Number>ii)i", {
      number <- new.struct(cm_Number)
      .pack(number, 0, "i", 5L)
      list(number, 2L, 3L)
    }, 325L),
    list("take_long", "<cm_Long>ii)l", list(made(cm_Long, a = 2^40), 2L, 3L), 2^40 + 320))
}

# Runs the body for each convention with its modes, letters and functions.
for_conventions <- function(run, which = conventions) {
  for (mode in names(which)) run(mode, which[[mode]]$modes, which[[mode]]$letters)
}

expect_calls <- function(calls, mode, modes, letters) {
  for (call in calls) {
    f <- callmode_sym(mode, call[[1L]])
    about <- paste(mode, call[[1L]])
    signature <- call[[2L]]
    for (m in modes) {
      value <- do.call(.dyncall, c(list(f, signature), call[[3L]], callmode = m))
      expect_equal(value, call[[4L]], tolerance = 0, info = paste(about, m))
      selector <- get(paste0(".dyncall.", m), envir = asNamespace("rdyncall"))
      value <- do.call(selector, c(list(f, signature), call[[3L]]))
      expect_equal(value, call[[4L]], tolerance = 0, info = paste(about, "selector", m))
    }
    for (letter in letters) {
      value <- do.call(.dyncall, c(list(f, paste0("_", letter, signature)), call[[3L]]))
      expect_equal(value, call[[4L]], tolerance = 0, info = paste0(about, " _", letter))
    }
  }
}

test_that("scalars are passed and returned in every convention", {
  for_conventions(function(...) expect_calls(scalar_calls, ...))
  for_conventions(function(...) expect_calls(scalar_calls, ...), conventions_msvc)
})

test_that("64-bit integers are passed and returned in every convention", {
  for_conventions(function(...) expect_calls(wide_calls, ...))
})

test_that("small structs and unions are passed in every convention", {
  for_conventions(function(...) expect_calls(struct_calls(), ...))
})

test_that("pointers to structs are passed and returned in every convention", {
  from <- made(cm_Point, x = 3L, y = 0.5)
  for_conventions(which = c(conventions, conventions_msvc), function(mode, modes, letters) {
    for (m in modes) {
      to <- new.struct(cm_Point)
      .dyncall(callmode_sym(mode, "move"), "*<cm_Point>id*<cm_Point>)v", to, 4L, 0.25, from,
               callmode = m)
      expect_identical(list(to$x, to$y), list(7L, 0.75), info = m)
      pointer <- .dyncall(callmode_sym(mode, "same"), "i*<cm_Point>)*<cm_Point>", 0L, to,
                          callmode = m)
      expect_identical(pointer$x, 7L, info = m)
    }
    for (letter in letters) {
      to <- new.struct(cm_Point)
      signature <- paste0("_", letter, "*<cm_Point>idp)v")
      .dyncall(callmode_sym(mode, "move"), signature, to, 4L, 0.25, from)
      expect_identical(list(to$x, to$y), list(7L, 0.75), info = letter)
    }
  })
})

test_that("structs are returned in every convention", {
  for_conventions(function(mode, modes, letters) {
    call <- function(m, name, signature, ...) {
      .dyncall(callmode_sym(mode, name), signature, ..., callmode = m)
    }
    for (m in modes) {
      expect_equal(call(m, "give_one", "iii)<cm_One>", 1L, 2L, 3L)$a, 321, info = m)
      pair <- call(m, "give_pair", "i<cm_Pair>i)<cm_Pair>", 1L, made(cm_Pair, a = 2L, b = 3L), 4L)
      expect_equal(fields_of(pair, "a", "b"), c(41, 32), info = m)
      triple <- call(m, "give_triple", "iii)<cm_Triple>", 1L, 2L, 3L)
      expect_equal(fields_of(triple, "a", "b", "c"), c(1, 2, 3), info = m)
      expect_equal(call(m, "give_double", "di)<cm_Double>", 0.5, 2L)$a, 20.5, info = m)
    }
    for (letter in letters) {
      triple <- call("default", "give_triple", paste0("_", letter, "iii)<cm_Triple>"), 1L, 2L, 3L)
      expect_equal(fields_of(triple, "a", "b", "c"), c(1, 2, 3), info = letter)
    }
  })
})

test_that("dynbind binds functions of a call mode", {
  signatures <- "ints(iiii)i; floats(fifii)f a b c d e; longs(lili)l; take_pair(<cm_Pair>ii)i;"
  check <- function(env, mode, about) {
    call <- function(name) env[[paste0(mode, "_", name)]]
    expect_identical(call("ints")(1L, 2L, 3L, -4L), -3679L, info = about)
    expect_equal(call("floats")(0.5, 2L, 0.25, 3L, e = 4L), 43045.5, info = about)
    expect_equal(call("longs")(2^40, 2L, -2^35, 3L), 2^40 + 20 - 100 * 2^35 + 3000, info = about)
    expect_identical(call("take_pair")(made(cm_Pair, a = 1L, b = 4L), 2L, 3L), 329L, info = about)
  }
  for_conventions(function(mode, modes, letters) {
    named <- gsub("(\\w+)\\(", paste0(mode, "_\\1("), signatures)
    for (m in modes) {
      env <- new.env()
      dynbind(fixture("callmode"), named, envir = env, callmode = m)
      check(env, mode, m)
    }
    for (letter in letters) {
      env <- new.env()
      prefixed <- gsub("(", paste0("(_", letter), named, fixed = TRUE)
      dynbind(fixture("callmode"), prefixed, envir = env)
      check(env, mode, letter)
    }
  })
})

test_that("a call mode other than the default overrides the prefix", {
  f <- callmode_sym("fastcall", "ints")
  expect_identical(.dyncall(f, "_siiii)i", 1L, 2L, 3L, 4L, callmode = "fastcall"), 4321L)
  expect_identical(.dyncall(f, "_fiiii)i", 1L, 2L, 3L, 4L, callmode = "default"), 4321L)
  expect_identical(.dyncall.fastcall(f, "_ciiii)i", 1L, 2L, 3L, 4L), 4321L)
  env <- new.env()
  dynbind(fixture("callmode"), "fastcall_ints(_siiii)i;", envir = env, callmode = "fastcall.gcc")
  expect_identical(env$fastcall_ints(1L, 2L, 3L, 4L), 4321L)
})

test_that("one signature in several modes is several plans", {
  for (mode in rep(names(conventions), 3L)) {
    value <- .dyncall(callmode_sym(mode, "ints"), "iiii)i", 1L, 2L, 3L, 4L, callmode = mode)
    expect_identical(value, 4321L, info = mode)
  }
})

test_that("Microsoft's modes use no register up for what is on the stack", {
  one <- made(cm_One, a = 1L)
  pair <- made(cm_Pair, a = 1L, b = 4L)
  fast <- function(name) callmode_sym("fastcall", name)
  expect_identical(.dyncall(fast("ms_long"), "lii)i", 1, 2L, 3L, callmode = "fastcall.msvc"), 321L)
  expect_identical(.dyncall(fast("ms_long"), "_Flii)i", 1, 2L, 3L), 321L)
  expect_identical(.dyncall(fast("ms_one"), "_F<cm_One>ii)i", one, 2L, 3L), 321L)
  this <- callmode_sym("thiscall", "ms_pair")
  expect_identical(.dyncall(this, "<cm_Pair>ii)i", pair, 2L, 3L, callmode = "thiscall.msvc"), 329L)
  expect_identical(.dyncall(this, "_+<cm_Pair>ii)i", pair, 2L, 3L), 329L)
})

test_that("functions with '...' are cdecl in every mode", {
  for (mode in c("cdecl", "stdcall")) {
    for (m in c("default", "cdecl", "stdcall", "fastcall", "thiscall")) {
      expect_identical(.dyncall(callmode_sym(mode, "sum"), "ii.iii)i", 3L, 1L, 2L, 3L, 4L,
                                callmode = m), 10L, info = paste(mode, m))
    }
  }
})

test_that("the modes differ on 32-bit x86 alone", {
  for (mode in c("fastcall", "thiscall")) {
    value <- .dyncall(callmode_sym(mode, "ints"), "iiii)i", 1L, 2L, 3L, 4L)
    expect_identical(identical(value, 4321L), !callmode_differs(), info = mode)
  }
})

# ---- callbacks ----

# name of the caller, signature, function, sum of the results for a first argument of 1 to n
callback_cases <- local({
  weigh <- function(a, b, c, d = 0) a + 10 * b + 100 * c + 1000 * d
  sums <- function(weight, rest) function(n) weight * n * (n + 1) / 2 + rest * n
  list(
    list("none", ")i", function() 3, sums(0, 3)),
    list("ints", "iii)i", weigh, sums(1, 320)),
    list("doubles", "difi)d", weigh, sums(1, 4370)),
    list("longs", "ilic)l", weigh, sums(1, 20 + 300 - 4000)),
    list("long_first", "li)l", function(a, b) a * 2^33 + b, sums(2^33, 2)),
    list("pair", "p<cm_Pair>i)i", function(p, s, c) weigh(s$a, s$b, c, !is.nullptr(p)),
         sums(1, 320)),
    list("one_struct", "<cm_One>ii)i", function(s, b, c) weigh(s$a, b, c), sums(1, 320)),
    list("float_struct", "<cm_Float>iii)d", function(s, b, c, d) weigh(s$a, b, c, d),
         sums(1, 4320)),
    list("triple", "iii)<cm_Triple>", function(a, b, c) made(cm_Triple, a = a, b = b, c = c),
         sums(1, 320)))
})

# The result of these callers.
caller_result <- function(signature) {
  result <- sub(".*\\)", "", signature)
  if (result %in% c("i", "d", "l")) result else "i"
}

test_that("callbacks are called in the convention of their prefix", {
  for_conventions(function(mode, modes, letters) {
    for (case in callback_cases) {
      caller <- callmode_sym(mode, paste0("call_", case[[1L]]))
      for (letter in letters) {
        about <- paste0(mode, " ", case[[1L]], " _", letter)
        callback <- new.callback(paste0("_", letter, case[[2L]]), case[[3L]])
        value <- .dyncall(caller, paste0("pi)", caller_result(case[[2L]])), callback, 50L)
        expect_equal(value, case[[4L]](50), tolerance = 0, info = about)
      }
    }
  })
})

test_that("a callback without a prefix is of the default convention", {
  callback <- new.callback("iii)i", callback_cases[[2L]][[3L]])
  expect_identical(.dyncall(callmode_sym("cdecl", "call_ints"), "pi)i", callback, 1L), 321L)
})

test_that("a callback can be called back from R in its mode", {
  for_conventions(which = c(conventions, conventions_msvc), function(mode, modes, letters) {
    for (letter in letters) {
      signature <- paste0("_", letter, "ild<cm_One>i)d")
      weigh <- function(a, b, c, s, d) a + 10 * b + 100 * c + 1000 * s$a + 10000 * d
      callback <- new.callback(signature, weigh)
      value <- .dyncall(callback, signature, 1L, 2, 0.5, made(cm_One, a = 3L), 4L)
      expect_identical(value, 43071, info = letter)
    }
  })
})
