f <- function(name) .dynsym(fixture("calls"), name)

test_that("every scalar type comes back as it went in", {
  values <- list(
    B = c(TRUE, FALSE), c = c(-128L, 0L, 127L), C = c(0L, 255L), s = c(-32768L, 0L, 32767L),
    S = c(0L, 65535L), i = c(-.Machine$integer.max, 0L, .Machine$integer.max),
    I = c(0, 1, 2^31, 2^32 - 1), l = c(-2^53, -1, 0, 2^53), L = c(0, 2^53),
    f = c(-1.5, 0, 3.25, 2^127), d = c(-0.1, pi, .Machine$double.xmax, 5e-324),
    D = c(-0.1, pi, .Machine$double.xmax))
  long <- if (fixture_call("calls", "sizeof_long", ")i") == 8) 2^53 else 2^31
  values$j <- c(-long, -1, 0, long - 1)
  values$J <- c(0, 1, long)
  for (letter in names(values)) {
    id <- f(paste0("id_", letter))
    for (value in values[[letter]]) {
      expect_identical(.dyncall(id, paste0(letter, ")", letter), value), value, info = letter)
    }
  }
})

test_that("C sees the limits of its types, and one beyond them is an error", {
  long <- if (fixture_call("calls", "sizeof_long", ")i") == 8) {
    c("-9223372036854775808", "9223372036854774784", "18446744073709549568")
  } else {
    c("-2147483648", "2147483647", "4294967295")
  }
  # what R holds, and how C prints it; beyond 2^53 not every integer is a double
  limits <- list(
    c = c("-128", "127"), C = c("0", "255"), s = c("-32768", "32767"), S = c("0", "65535"),
    i = c("-2147483648", "2147483647"), I = c("0", "4294967295"),
    j = long[1:2], J = c("0", long[3]),
    l = c("-9223372036854775808", "9223372036854774784"), L = c("0", "18446744073709549568"))
  for (letter in names(limits)) {
    text <- f(paste0("text_", letter))
    signature <- paste0(letter, "*Ci)i")
    for (limit in limits[[letter]]) {
      buffer <- raw(64)
      n <- .dyncall(text, signature, as.numeric(limit), buffer, 64L)
      expect_identical(rawToChar(buffer[seq_len(n)]), limit, info = letter)
    }
    ends <- as.numeric(limits[[letter]])
    # the neighbours in doubles, an integer apart where that exists
    beyond <- c(if (ends[1] == -2^63) -2^63 - 2048 else ends[1] - 1,
                if (ends[2] >= 2^62) ends[2] + 2 * if (ends[2] > 2^63) 1024 else 512 else ends[2] + 1)
    for (value in beyond) {
      buffer <- raw(64)
      expect_error(.dyncall(text, signature, value, buffer, 64L),
                   class = "dyncall_error_argument", regexp = "in the range of", info = letter)
      expect_true(all(buffer == 0), info = letter)
    }
  }
})

test_that("results beyond R's integer are doubles", {
  expect_identical(fixture_call("calls", "int_min", ")i"), -2147483648)
  expect_identical(fixture_call("calls", "uint_max", ")I"), 4294967295)
})

test_that("a bool is read from its byte alone", {
  expect_true(fixture_call("calls", "dirty_true", ")B"))
  expect_false(fixture_call("calls", "dirty_false", ")B"))
  expect_true(fixture_call("calls", "odd_byte", ")B"))
})

test_that("pointers, strings and R objects come back", {
  x <- c(1, 2)
  expect_identical(.dyncall(f("id_x"), "x)x", x), x)
  expect_identical(.dyncall(f("id_x"), "x)x", quote(a + b)), quote(a + b))
  expect_identical(.dyncall(f("id_x"), "x)x", globalenv()), globalenv())
  expect_null(.dyncall(f("id_x"), "x)x", NULL))
  expect_identical(.dyncall(f("id_x"), "x)x", pairlist(1, 2)), pairlist(1, 2)) # no pair of vector and copy
  pointer <- as.extptr(x)
  expect_identical(format(.dyncall(f("id_p"), "p)p", pointer)), format(pointer))
  expect_true(is.nullptr(.dyncall(f("id_p"), "p)p", NULL)))
  expect_true(is.externalptr(.dyncall(f("null_pointer"), ")p")))
  expect_identical(.dyncall(f("id_Z"), "Z)Z", "text"), "text")
  expect_null(.dyncall(f("id_Z"), "Z)Z", NULL))
  expect_null(.dyncall(f("null_string"), ")*c"))
  expect_identical(Encoding(.dyncall(f("utf8_string"), ")Z")), "UTF-8")
  expect_identical(.dyncall(f("utf8_string"), ")*C"), "\u00e9t\u00e9")
})

test_that("a function without a result gives NULL and shows nothing", {
  before <- fixture_call("calls", "nothing_count", ")i")
  shown <- withVisible(.dyncall(f("nothing"), ")v"))
  expect_identical(shown, list(value = NULL, visible = FALSE))
  expect_identical(fixture_call("calls", "nothing_count", ")i"), before + 1L)
  expect_true(withVisible(.dyncall(f("null_string"), ")Z"))$visible)
  expect_true(withVisible(.dyncall(f("int_min"), ")i"))$visible)
  env <- new.env()
  dynbind(fixture("calls"), "nothing()v;null_string()Z;", envir = env)
  expect_false(withVisible(env$nothing())$visible)
  expect_true(withVisible(env$null_string())$visible)
})

# ---- numbers of arguments ----

mixed_letters <- c("i", "d", "c", "f", "l", "S", "B", "I", "s", "C", "D", "L", "j")
mixed_types <- c(i = "int", d = "double", c = "signed char", f = "float", l = "long long",
                 S = "unsigned short", B = "_Bool", I = "unsigned", s = "short",
                 C = "unsigned char", D = "long double", L = "unsigned long long", j = "long")
mixed_values <- c(i = -70000, d = 0.5, c = -7, f = 2.25, l = 2^33, S = 60000, B = 1, I = 3e9,
                  s = -300, C = 200, D = 0.125, L = 2^34, j = -2^30)

arity_source <- function() {
  one <- function(name, types) {
    n <- length(types)
    parameters <- if (n) paste0(types, " a", seq_len(n), collapse = ", ") else "void"
    sum <- paste(c("0.0", if (n) paste0(seq_len(n), " * (double)a", seq_len(n))), collapse = " + ")
    paste0("double ", name, "(", parameters, ") { return ", sum, "; }")
  }
  counts <- c(0:40, 1000)
  c(vapply(counts, function(n) one(paste0("doubles", n), rep("double", n)), ""),
    vapply(counts, function(n) {
      one(paste0("mixed", n), mixed_types[rep_len(mixed_letters, n)])
    }, ""))
}

test_that("0 to 40 and 1,000 arguments arrive in order", {
  library <- .dynload(fixture_made("arity", arity_source))
  for (n in c(0:40, 1000)) {
    weights <- as.numeric(seq_len(n))
    doubles <- weights^2 / 8
    signature <- paste0(strrep("d", n), ")d")
    expect_identical(do.call(.dyncall, c(.dynsym(library, paste0("doubles", n)), signature,
                                         as.list(doubles))), sum(weights * doubles), info = n)
    letters <- rep_len(mixed_letters, n)
    values <- unname(mixed_values[letters])
    signature <- paste0(paste(letters, collapse = ""), ")d")
    expect_identical(do.call(.dyncall, c(.dynsym(library, paste0("mixed", n)), signature,
                                         as.list(values))), sum(weights * values), info = n)
  }
})

test_that("bound functions take 0 to 40 and 1,000 arguments", {
  library <- .dynload(fixture_made("arity", arity_source))
  env <- new.env()
  for (n in c(0:40, 1000)) {
    name <- paste0("doubles", n)
    named <- paste0(name, "(", strrep("d", n), ")d ", paste0("a", seq_len(n), collapse = " "), ";")
    plain <- paste0(name, "(", strrep("d", n), ")d;")
    values <- as.list(seq_len(n) + 0.5)
    want <- sum(seq_len(n) * (seq_len(n) + 0.5))
    dynbind(library, plain, envir = env)
    expect_identical(do.call(env[[name]], values), want, info = n)
    if (n) dynbind(library, named, envir = env)
    expect_identical(do.call(env[[name]], values), want, info = n)
  }
})

test_that("arguments are evaluated once, from left to right, and none may be empty", {
  order <- character()
  note <- function(what, value) {
    order <<- c(order, what)
    value
  }
  .dyncall(note("address", f("id_i")), note("signature", "i)i"), note("argument", 1L),
           callmode = note("mode", "default"))
  expect_setequal(order, c("address", "signature", "argument", "mode"))
  expect_length(order, 4)
  expect_identical(order[1:2], c("address", "signature"))
  env <- new.env()
  dynbind(fixture("calls"), "sum_ints(*ii)i;", envir = env)
  order <- character()
  expect_identical(env$sum_ints(note("first", 1:3), note("second", 3L)), 6L)
  expect_identical(order, c("first", "second"))
  expect_error(.dyncall(f("sum_ints"), "*ii)i", , 1L), class = "dyncall_error_argument")
  expect_error(.dyncall(f("sum_ints"), "*ii)i", 1L, ), class = "dyncall_error_argument")
  expect_error(env$sum_ints(1L, ), class = "dyncall_error_argument", regexp = "an empty one")
  expect_error(.dyncall(f("sum_ints"), "*ii)i", stop("here"), 1L), "here")
  expect_error(.dyncall(, "*ii)i"), "address")
  expect_error(.dyncall(f("sum_ints")), "signature")
})

test_that(".dyncall passes the arguments of other functions on", {
  through <- function(...) .dyncall(f("sum_ints"), "*ii)i", ...)
  twice <- function(...) through(...)
  expect_identical(through(1:4, 4L), 10L)
  expect_identical(twice(1:4, 3L), 6L)
  expect_identical(do.call(.dyncall, list(f("sum_ints"), "*ii)i", 1:4, 2L)), 3L)
  expect_identical(vapply(1:3, function(i) .dyncall(f("id_i"), "i)i", i), 1L), 1:3)
  expect_identical(sapply(1:3, .dyncall, address = f("id_i"), signature = "i)i"), 1:3)
})

test_that("calls take the path that the signature and the option allow", {
  before <- rdyncall:::call_path()
  on.exit(rdyncall:::call_path(before))
  expect_identical(rdyncall:::call_path("call"), before)
  expect_identical(rdyncall:::call_path(), "call")
  for (signature in c("d)d", "iiiiii)i", "D)D", "dddddddddd)d")) {
    expect_identical(rdyncall:::call_path_of(signature), "call")
  }
  for (x in list("quick", NA_character_, c("call", "plan"), 1)) {
    expect_error(rdyncall:::call_path(x), class = "dyncall_error_argument", regexp = "path of calls")
  }
  expect_identical(rdyncall:::call_path("direct"), "call")
  expect_match(rdyncall:::call_path_of("D)D"), "^(call|plan)$")
  expect_match(rdyncall:::call_path_of(paste0(strrep("d", 40), ")d")), "^(call|plan)$")
  expect_child_output("cat('got', rdyncall:::call_path())", "got direct")
  expect_child_error("options(rdyncall.path = 'quick'); unloadNamespace('rdyncall'); library(rdyncall)",
                     "path of calls")
})

test_that("on x86-64 what fits into registers and a few words of the stack is called directly", {
  if (R.version$arch != "x86_64" || .Platform$OS.type == "windows") skip("about x86-64")
  parseStructInfos("Small{di}x y; Large{ddd}x y z; Wide{D}x;")
  direct <- c(")v", "dddddddd)d", "iiiiii)i", "ppppppdddddddd)p", "cCsSiI)B", "ZfdZ)f", "<Small>)<Small>",
              "d)<Large>", "iiiii)<Large>", "Z.id)i", "<float complex><double complex>)<double complex>",
              # eight words of the stack
              "ddddddddd)d", "iiiiiii)i", "iiiiii<Small>)v", "<Large>)v", "iiiiii)<Large>",
              paste0(strrep("d", 16), ")d"), paste0(strrep("di", 11), ")d"), "<Large><Large>dddddddddd)v")
  other <- c(paste0(strrep("d", 17), ")d"), paste0(strrep("i", 15), ")d"), "<Large><Large>dddddddddd<Large>)v",
             "D)v", ")D", "<Wide>)v", ")<Wide>", "<long double complex>)v")
  for (signature in direct) expect_identical(rdyncall:::call_path_of(signature), "direct", info = signature)
  for (signature in other) {
    expect_match(rdyncall:::call_path_of(signature), "^(call|plan)$", info = signature)
  }
})

test_that("a wrong number of arguments is an error before the call", {
  before <- fixture_call("calls", "nothing_count", ")i")
  expect_error(.dyncall(f("nothing"), ")v", 1), class = "dyncall_error_arity",
               regexp = "signature \"\\)v\": expected 0 arguments, got 1")
  expect_error(.dyncall(f("nothing"), "ii)v", 1), class = "dyncall_error_arity",
               regexp = "expected 2 arguments, got 1")
  expect_error(.dyncall(f("nothing"), "i)v"), class = "dyncall_error_arity",
               regexp = "expected 1 argument, got 0")
  env <- new.env()
  dynbind(fixture("calls"), "nothing(i)v;", envir = env)
  expect_error(env$nothing(), class = "dyncall_error_arity", regexp = "nothing: expected 1 argument")
  expect_error(env$nothing(1L, 2L), class = "dyncall_error_arity", regexp = "got 2")
  expect_error(.dyncall(f("describe"), "*CiZ.)i", raw(9), 9L), class = "dyncall_error_arity",
               regexp = "expected at least 3 arguments, got 2")
  expect_identical(fixture_call("calls", "nothing_count", ")i"), before)
})

# ---- call modes ----

# The call modes and letters that mean the C convention. On 32-bit x86 these are some; test-callmode.R
# tests the others.
c_modes <- function() {
  if (callmode_differs()) return(list(modes = c("default", "cdecl"), letters = c("c", "e", ":")))
  list(modes = c("default", "cdecl", "stdcall", "thiscall", "thiscall.gcc", "thiscall.msvc",
                 "fastcall", "fastcall.gcc", "fastcall.msvc"),
       letters = c("s", "F", "f", "c", "e", ":", "#", "+"))
}

test_that("all call modes that mean the C convention call C functions", {
  id <- f("id_d")
  for (mode in c_modes()$modes) {
    expect_identical(.dyncall(id, "d)d", 1.5, callmode = mode), 1.5, info = mode)
    env <- new.env()
    dynbind(fixture("calls"), "id_d(d)d;", envir = env, callmode = mode)
    expect_identical(env$id_d(2.5), 2.5, info = mode)
    selector <- get(paste0(".dyncall.", mode))
    expect_identical(selector(id, "d)d", 3.5), 3.5, info = mode)
  }
  for (letter in c_modes()$letters) {
    expect_identical(.dyncall(id, paste0("_", letter, "d)d"), 4.5), 4.5, info = letter)
  }
})

test_that("the default mode is the C one everywhere", {
  expect_identical(.dyncall(f("id_d"), "d)d", 1.5, callmode = "default"), 1.5)
  expect_identical(.dyncall(f("id_d"), "d)d", 1.5, callmode = "cdecl"), 1.5)
})

test_that("an unknown call mode is an error", {
  id <- f("id_d")
  for (mode in list("nonsense", "", NA_character_, NULL, 1, c("cdecl", "default"))) {
    expect_error(.dyncall(id, "d)d", 1, callmode = mode), class = "dyncall_error_signature",
                 regexp = "call mode.*default, cdecl, stdcall")
    expect_error(dynbind(fixture("calls"), "id_d(d)d;", envir = new.env(), callmode = mode),
                 class = "dyncall_error_signature")
  }
  expect_error(.dyncall(id, "_qd)d", 1), class = "dyncall_error_signature", regexp = "byte 2")
})

test_that("what is no function cannot be called", {
  nil <- .dyncall(f("null_pointer"), ")p")
  for (address in list(nil, NULL, 1, "sin", fixture("calls"), sin, list(),
                       getLoadedDLLs()[["rdyncall"]], quote(a))) {
    expect_error(.dyncall(address, ")v"), class = "dyncall_error_pointer",
                 regexp = "address: expected")
  }
})

test_that("a signature is one string", {
  for (signature in list(NULL, NA_character_, 1, character(), c("d)d", "d)d"), quote(a))) {
    expect_error(.dyncall(f("id_d"), signature, 1), class = "dyncall_error_signature")
  }
})

test_that("names of arguments do not matter", {
  expect_identical(.dyncall(f("id_d"), "d)d", value = 2.5), 2.5)
})

# ---- variadic functions ----

describe <- function(signature, kinds, ...) {
  buffer <- raw(512)
  n <- .dyncall(f("describe"), signature, buffer, 512L, kinds, ...)
  rawToChar(buffer[seq_len(n)])
}

test_that("extra arguments are typed by the signature and promoted", {
  expect_identical(describe("*CiZ.idlZp)i", "idlZp", 1L, 2.5, 2^40, "s", NULL),
                   "i1;d2.5;l1099511627776;Zs;pnull;")
  expect_identical(describe("*CiZ.cCsSB)i", "iiiii", -5L, 200L, -300L, 60000L, TRUE),
                   "i-5;i200;i-300;i60000;i1;")
  expect_identical(describe("*CiZ.ff)i", "dd", 0.1, 2.5), "d0.1;d2.5;")
  expect_identical(describe("*CiZ.p)i", "p", raw(1)), "pset;")
})

test_that("extra arguments without types are typed by their R values", {
  expect_identical(describe("*CiZ.)i", "idZp", 7L, 0.5, "text", NULL), "i7;d0.5;Ztext;pnull;")
  expect_identical(describe("*CiZ.)i", "i", TRUE), "i1;")
  expect_identical(describe("*CiZ.)i", "pp", as.extptr(1), raw(4)), "pset;pset;")
  expect_identical(describe("*CiZ.)i", ""), "")
  expect_identical(describe("*CiZ.)i", strrep("d", 40), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
                            14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                            32, 33, 34, 35, 36, 37, 38, 39, 40),
                   paste0("d", 1:40, ";", collapse = ""))
  need_package_or_skip("bit64")
  expect_identical(describe("*CiZ.)i", "l", bit64::as.integer64("9223372036854775807")),
                   "l9223372036854775807;")
})

test_that("values without a C type are no extra arguments", {
  for (value in list(list(1), sin, function(x) x, quote(a), globalenv())) {
    expect_error(describe("*CiZ.)i", "p", value), class = "dyncall_error_argument",
                 regexp = "argument 4")
  }
  expect_error(describe("*CiZ.)i", "i", NA), class = "dyncall_error_argument", regexp = "NA")
  expect_error(describe("*CiZ.)i", "Z", NA_character_), class = "dyncall_error_argument")
  expect_error(describe("*CiZ.)i", "i", factor("a")), class = "dyncall_error_argument",
               regexp = "factor")
})

test_that("snprintf formats what R gives it", {
  env <- new.env()
  dynbind(c("msvcrt", "c"), "snprintf(*C<size_t>Z.)i;", envir = env)
  buffer <- raw(100)
  n <- env$snprintf(buffer, 100, "%d %s %.3f %c", 42L, "pi", pi, 65L)
  expect_identical(rawToChar(buffer[seq_len(n)]), "42 pi 3.142 A")
  expect_identical(env$snprintf(NULL, 0, "%s", strrep("x", 5000)), 5000L)
  buffer <- raw(100)
  n <- .dyncall(.dynsym(dynfind(c("msvcrt", "c")), "sprintf"), "*CZ.fd)i", buffer, "%g|%g", 1.5, 2.5)
  expect_identical(rawToChar(buffer[seq_len(n)]), "1.5|2.5")
})

# ---- errno ----

test_that("errno is that of the last call", {
  skip_on_windows()
  libc <- need_library_or_skip("c")
  fd <- .dyncall(.dynsym(libc, "open"), "Zi.)i", file.path(tempdir(), "does", "not", "exist"), 0L)
  expect_identical(fd, -1L)
  expect_identical(dynerrno(), 2L)
  file.exists("/nonexistent/and/so/on") # what R does in between does not count
  expect_identical(dynerrno(), 2L)
  shown <- withVisible(dynerrno(0))
  expect_identical(shown, list(value = 2L, visible = FALSE))
  expect_identical(dynerrno(), 0L)
  suppressWarnings(.dyncall(.dynsym(libc, "strtol"), "Zpi)j", strrep("9", 30), NULL, 10L))
  expect_identical(dynerrno(), 34L)
})

test_that("a call finds the errno that was set", {
  dynerrno(77)
  expect_identical(fixture_call("calls", "get_errno", ")i"), 77L)
  fixture_call("calls", "set_errno", "i)v", 5L)
  expect_identical(dynerrno(), 5L)
  expect_identical(fixture_call("calls", "get_errno", ")i"), 5L)
  for (value in list(-1, NA, "a", NULL[0], 1e10, c(1, 2))) {
    if (is.null(value)) next
    expect_error(dynerrno(value), class = "dyncall_error_argument")
  }
  expect_identical(dynerrno(0L), 5L)
})

# ---- functions as arguments ----

test_that("an R function is a function pointer for the length of a call", {
  libc <- need_library_or_skip(c("msvcrt", "c"))
  x <- c(3, 1, 2)
  .dyncall(.dynsym(libc, "qsort"), "*d<size_t><size_t>*(*d*d)i)v", x, length(x), 8,
           function(a, b) {
             d <- .unpack(a, 0, "d") - .unpack(b, 0, "d")
             if (d < 0) -1L else if (d > 0) 1L else 0L
           })
  expect_identical(x, c(1, 2, 3))
  expect_identical(.dyncall(f("apply"), "*(d)dd)d", function(x) x * 2, 21), 42)
  expect_identical(.dyncall(f("apply"), "*(d)dd)d", sqrt, 16), 4)
  expect_identical(.dyncall(f("apply"), "*(d)dd)d", NULL, 16), -1)
})

test_that("a bound function is a function pointer", {
  env <- new.env()
  dynbind(c("msvcrt", "m"), "cos(d)d;", envir = env)
  expect_identical(.dyncall(f("apply"), "*(d)dd)d", env$cos, 0), 1)
  expect_identical(.dyncall(f("apply"), "pd)d", env$cos, 0), 1)
  expect_identical(.dyncall(f("apply"), "*(d)dd)d", .dynsym(need_library_or_skip(c("msvcrt", "m")),
                                                           "cos"), 0), 1)
})

test_that("a callback is a function pointer", {
  callback <- new.callback("d)d", function(x) x + 1)
  expect_identical(.dyncall(f("apply"), "*(d)dd)d", callback, 1), 2)
  expect_identical(.dyncall(f("apply"), "pd)d", callback, 2), 3)
})

test_that("what is no function is no function pointer", {
  for (value in list(1, "sin", list(), TRUE, raw(8))) {
    expect_error(.dyncall(f("apply"), "*(d)dd)d", value, 1), class = "dyncall_error_argument",
                 regexp = "argument 1")
  }
  expect_error(.dyncall(f("apply"), "*(d)dd)d", fixture("calls"), 1),
               class = "dyncall_error_pointer", regexp = "argument 1.*a library")
})

# ---- 64-bit results ----

test_that("a 64-bit result that no double holds gives one warning per call site", {
  env <- new.env()
  dynbind(fixture("calls"), "two_53()l;two_53_1()l;ullong_max()L;llong_max()l;llong_min()l;",
          envir = env)
  expect_silent(x <- env$two_53())
  expect_identical(x, 2^53)
  expect_warning(x <- env$two_53_1(), class = "dyncall_warning_lossy")
  expect_identical(x, 2^53)
  expect_silent(env$two_53_1())
  expect_warning(x <- env$ullong_max(), class = "dyncall_warning_lossy")
  expect_identical(x, 2^64)
  expect_warning(x <- env$llong_max(), class = "dyncall_warning_lossy")
  expect_identical(x, 2^63)
  expect_silent(x <- env$llong_min())
  expect_identical(x, -2^63)
})

test_that("two functions of one signature are two call sites", {
  expect_warning(.dyncall(f("two_53_1"), ")l"), class = "dyncall_warning_lossy")
  expect_warning(.dyncall(f("llong_max"), ")l"), class = "dyncall_warning_lossy")
})

test_that("the option gives integer64", {
  need_package_or_skip("bit64")
  old <- options(rdyncall.int64 = "integer64")
  on.exit(options(old))
  expect_silent(x <- .dyncall(f("two_53_1"), ")l"))
  expect_s3_class(x, "integer64")
  expect_identical(as.character(x), "9007199254740993")
  expect_identical(as.character(.dyncall(f("llong_max"), ")l")), "9223372036854775807")
  env <- new.env()
  dynbind(fixture("calls"), "two_53_1()l;ullong_max()L;id_i(i)i;", envir = env)
  expect_identical(as.character(env$two_53_1()), "9007199254740993")
  expect_identical(env$id_i(3L), 3L)
  # larger than any integer64
  expect_silent(x <- env$ullong_max())
  expect_s3_class(x, "uint64")
  expect_identical(as.character(x), "18446744073709551615")
  expect_identical(as.numeric(x), 2^64)
})
