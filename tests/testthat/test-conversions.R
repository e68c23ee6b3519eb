# The table of ?conversions, cell by cell: each kind of R value for each C type.

id <- function(letter, value, signature = paste0(letter, ")", letter)) {
  outcome_label(outcome_of(fixture_call("calls", paste0("id_", letter), signature, value)))
}

put_pointer <- function(signature, value) {
  got <- outcome_label(outcome_of(fixture_call("calls", "id_p", signature, value)))
  if (is.externalptr(got)) if (is.nullptr(got)) "null" else "set" else got
}

wrong <- "argument ARG_TYPE"
outside <- "argument ARG_RANGE"
missing_value <- "argument ARG_MISSING"

is_long_64 <- function() fixture_call("calls", "sizeof_long", ")i") == 8

ranges <- function() {
  long <- if (is_long_64()) c(-2^63, 2^63, 2^64) else c(-2^31, 2^31, 2^32)
  # the first value below, and the first above
  list(c = c(-128, 128), C = c(0, 256), s = c(-32768, 32768), S = c(0, 65536),
       i = c(-2^31, 2^31), I = c(0, 2^32), j = long[1:2], J = c(0, long[3]),
       l = c(-2^63, 2^63), L = c(0, 2^64))
}

integer_letters <- c("c", "s", "i", "C", "S", "I", "j", "J", "l", "L")
small <- c("c", "s", "i", "C", "S")
real_letters <- c("f", "d", "D")

# The face that a letter's results have in R.
as_face <- function(letter, value) {
  # R's integer has no -2^31
  if (letter %in% small && value != -2^31) as.integer(value) else as.numeric(value)
}

test_that("integers take numbers in their range, truncated as in C, and nothing else", {
  numbers <- list(0L, 1L, 127L, TRUE, FALSE, 0, 1, -1L, -1, 127, 128, 255, 256, 300, -128, -129,
                  32767, 32768, 65535, 65536, 2^31 - 1, 2^31, -2^31, -2^31 - 1, 3e9, 2^32 - 1, 2^32,
                  2^53, -2^53, 2^63, 2^64, -2^64, 1e300, 1.9, -1.9, 0.5, -0.5, 127.9, 255.9, -128.9,
                  as.raw(0), as.raw(127), as.raw(128), as.raw(255), c(5, 6), c(5L, NA), 1:10,
                  as.Date(5, origin = "1970-01-01"), structure(7L, class = "own"),
                  structure(TRUE, names = "a"), matrix(9, 1, 1))
  range <- ranges()
  for (letter in integer_letters) {
    for (number in numbers) {
      n <- trunc(as.numeric(number)[1L])
      n <- if (n == 0) 0 else n
      lowest <- range[[letter]][1L]
      want <- if (n < lowest || n >= range[[letter]][2L]) outside else as_face(letter, n)
      expect_identical(id(letter, number), want, label = paste(letter, deparse(number)))
    }
  }
})

test_that("integers take no missing, infinite or empty values", {
  for (letter in c(integer_letters, "B")) {
    for (value in list(NA, NA_integer_, NA_real_, NaN, Inf, -Inf)) {
      expect_identical(id(letter, value), missing_value, label = paste(letter, deparse(value)))
    }
    for (value in list(logical(), integer(), double(), raw(), character(), list(), NULL)) {
      expect_identical(id(letter, value), wrong, label = paste(letter, deparse(value)))
    }
  }
})

others <- list(list(1L), list(), "1", "a", NA_character_, 1i, NA_complex_, function(x) x, sin,
               quote(a), quote(a + b), factor("a"), factor("1"), globalenv(), as.name("x"),
               expression(1), data.frame(a = 1L), list(a = 1), ~ x, NULL)

test_that("numbers take nothing but numbers", {
  others <- c(others, as.extptr(1))
  for (letter in c(integer_letters, real_letters, "B")) {
    for (value in others) {
      expect_identical(id(letter, value), wrong, label = paste(letter, class(value)[1L]))
    }
  }
})

test_that("a bool is whether a number is not zero", {
  cases <- list(list(TRUE, TRUE), list(FALSE, FALSE), list(1L, TRUE), list(0L, FALSE),
                list(2, TRUE), list(0.5, TRUE), list(-1e-300, TRUE), list(0, FALSE), list(-0, FALSE),
                list(256L, TRUE), list(2^40, TRUE), list(1e300, TRUE), list(-3L, TRUE),
                list(as.raw(0), FALSE), list(as.raw(255), TRUE), list(c(TRUE, NA), TRUE),
                list(1:10, TRUE))
  for (case in cases) {
    expect_identical(id("B", case[[1L]]), case[[2L]], label = deparse(case[[1L]]))
  }
})

test_that("reals take numbers, NA and NaN", {
  cases <- list(list(1.5, 1.5), list(-2L, -2), list(TRUE, 1), list(as.raw(200), 200),
                list(0, 0), list(Inf, Inf), list(-Inf, -Inf), list(1:10, 1), list(c(2.5, NA), 2.5),
                list(2^-20, 2^-20), list(as.Date(5, origin = "1970-01-01"), 5))
  for (letter in real_letters) {
    for (case in cases) {
      expect_identical(id(letter, case[[1L]]), case[[2L]], label = paste(letter, deparse(case[[1L]])))
    }
    expect_true(is.nan(id(letter, NaN)), label = letter)
    for (value in list(NA, NA_integer_, NA_real_)) {
      expect_true(is.na(id(letter, value)), label = letter)
    }
    for (value in list(double(), integer(), logical(), raw())) {
      expect_identical(id(letter, value), wrong, label = letter)
    }
  }
  # NA is told from NaN where the type keeps the payload
  for (letter in c("d", "D")) {
    expect_false(is.nan(id(letter, NA_real_)), label = letter)
    expect_false(is.nan(id(letter, NA)), label = letter)
  }
  expect_identical(id("f", 0.1), 0.1 + (1 / 671088640))
  expect_identical(id("f", 1e300), Inf)
  expect_identical(id("f", 1e-300), 0)
})

test_that("negative zero keeps its sign", {
  for (letter in real_letters) expect_identical(1 / id(letter, -0), -Inf, label = letter)
})

test_that("integer64 is exact for 64-bit types and checked for the others", {
  need_package_or_skip("bit64")
  old <- options(rdyncall.int64 = "integer64")
  on.exit(options(old))
  for (digits in c("0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775807")) {
    got <- id("l", int64(digits))
    expect_identical(as.character(got), digits)
  }
  expect_identical(as.character(id("L", int64("9223372036854775807"))), "9223372036854775807")
  expect_identical(id("L", int64("-1")), outside)
  expect_identical(id("i", int64("2147483647")), .Machine$integer.max)
  expect_identical(id("i", int64("2147483648")), outside)
  expect_identical(id("c", int64("-128")), -128L)
  expect_identical(id("c", int64("128")), outside)
  expect_identical(id("C", int64("256")), outside)
  expect_identical(id("d", int64("3")), 3)
  expect_identical(id("B", int64("3")), TRUE)
  expect_identical(id("B", int64("0")), FALSE)
  expect_true(is.na(id("d", int64(NA))))
  for (letter in c("l", "L", "i", "B")) expect_identical(id(letter, int64(NA)), missing_value)
  expect_identical(id("l", int64(character())), wrong)
  buffer <- raw(64)
  n <- fixture_call("calls", "text_D", "D*Ci)i", int64("9223372036854775807"), buffer, 64L)
  if (.Machine$sizeof.longdouble > 8) {
    expect_identical(rawToChar(buffer[seq_len(n)]), "9223372036854775807")
  }
})

test_that("what no integer64 holds is a uint64, exact on the way back", {
  old <- options(rdyncall.int64 = "integer64")
  on.exit(options(old))
  max <- fixture_call("calls", "ullong_max", ")L")
  expect_identical(format(max), "18446744073709551615")
  expect_identical(utils::capture.output(print(max)), c("uint64", "[1] 18446744073709551615"))
  buffer <- raw(64)
  n <- fixture_call("calls", "text_L", "L*Ci)i", max, buffer, 64L)
  expect_identical(rawToChar(buffer[seq_len(n)]), "18446744073709551615")
  expect_identical(id("l", max), outside)
  expect_identical(id("i", max), outside)
  expect_identical(id("B", max), TRUE)
  expect_identical(id("d", max), 2^64)
  expect_identical(put_pointer("*d)p", max), wrong)
  memory <- as.extptr(c(raw(8), as.raw(rep(255, 8))))
  both <- .unpack(memory, 0, "L[2]")
  expect_identical(as.character(both), c("0", "18446744073709551615"))
  .pack(memory, 0, "L[2]", both)
  expect_identical(.unpack(memory, 8, "C[8]"), as.raw(rep(255, 8)))
  # parts of a vector are not mere doubles
  expect_identical(as.character(both[2]), "18446744073709551615")
  expect_identical(as.character(both[[2]]), "18446744073709551615")
  expect_identical(as.character(rev(both)), c("18446744073709551615", "0"))
})

# ---- pointers ----

pointer_cases <- function() {
  c_pointer <- as.extptr(1)
  list(list(NULL, "null"), list(c_pointer, "set"), list(1L, "set"), list(1, "set"),
       list(TRUE, "set"), list(NA, "set"), list(as.raw(1), "set"), list(1i, "set"),
       list("a", "set"), list(1:10, "set"), list(factor("a"), "set"), list(c("a", NA), "set"),
       list(as.Date("2020-01-01"), "set"), list(floatraw(2), "set"),
       list(NA_character_, missing_value), list(c(NA, "a"), missing_value), list(integer(), wrong),
       list(character(), wrong), list(raw(), wrong), list(list(1), wrong), list(list(), wrong),
       list(function(x) x, wrong), list(sin, wrong), list(quote(a), wrong),
       list(globalenv(), wrong), list(data.frame(a = 1), wrong), list(expression(1), wrong),
       list(as.struct(raw(8), "Rect"), "set"))
}

test_that("untyped pointers take vectors, pointers and NULL", {
  parseStructInfos("Rect{ssSS}x y w h;")
  for (signature in c("p)p", "*v)p", "*kv)p")) {
    for (case in pointer_cases()) {
      expect_identical(put_pointer(signature, case[[1L]]), case[[2L]],
                       label = paste(signature, class(case[[1L]])[1L]))
    }
  }
  x <- as.numeric(1:2)
  passed <- .dyncall(.dynsym(fixture("calls"), "id_p"), "p)p", x)
  expect_identical(format(passed), format(as.extptr(x)))
})

test_that("typed pointers take vectors of exactly their type", {
  parseStructInfos("Rect{ssSS}x y w h;Other{i}a;")
  rect <- new.struct(Rect)
  vectors <- list(logical = TRUE, integer = 1L, altrep = 1:10, double = 1, complex = 1i,
                  raw = raw(16), character = "a", floatraw = floatraw(4), list = list(1),
                  factor = factor("a"), function_ = function(x) x, rect = rect)
  taken <- list("*i" = c("integer", "altrep"), "*I" = c("integer", "altrep"), "*d" = "double",
                "*f" = "floatraw", "*c" = c("raw", "character"), "*C" = c("raw", "character"),
                "*kd" = "double", "*ki" = c("integer", "altrep"), "*kc" = c("raw", "character"),
                "*<double complex>" = "complex", "*s" = "raw", "*S" = "raw", "*l" = "raw",
                "*L" = "raw", "*j" = "raw", "*p" = "raw", "*Z" = c("raw", "character"), "*<Rect>" = "rect",
                "*<Other>" = character(), "*B" = "raw")
  for (type in names(taken)) {
    expect_identical(put_pointer(paste0(type, ")p"), NULL), "null", label = type)
    expect_identical(put_pointer(paste0(type, ")p"), integer()), wrong, label = type)
    for (kind in names(vectors)) {
      # raw vectors of a class are memory for bytes, too
      if (kind %in% c("rect", "floatraw") && type %in% c("*c", "*C", "*kc", "*B")) next
      want <- if (kind %in% taken[[type]]) "set" else wrong
      expect_identical(put_pointer(paste0(type, ")p"), vectors[[kind]]), want,
                       label = paste(type, kind))
    }
  }
})

test_that("typed pointers refuse pointers to other types", {
  parseStructInfos("Rect{ssSS}x y w h;Other{i}a;")
  plain <- as.extptr(raw(16))
  id_p <- .dynsym(fixture("calls"), "id_p")
  int <- .dyncall(id_p, "p)*i", plain)
  rect <- .dyncall(id_p, "p)*<Rect>", plain)
  for (type in c("*i", "*d", "*s", "*c", "p")) {
    expect_identical(put_pointer(paste0(type, ")p"), plain), "set", label = type)
    expect_identical(put_pointer(paste0(type, ")p"), int), if (type %in% c("*i", "p")) "set" else wrong,
                     label = type)
    expect_identical(put_pointer(paste0(type, ")p"), rect), if (type == "p") "set" else wrong,
                     label = type)
  }
  expect_identical(put_pointer("*<Rect>)p", rect), "set")
  expect_identical(put_pointer("*<Other>)p", rect), wrong)
  expect_identical(put_pointer("*<Other>)p", int), wrong)
  expect_identical(put_pointer("*ki)p", int), "set")
})

test_that("raw memory stands for whole elements only", {
  expect_identical(put_pointer("*l)p", raw(8)), "set")
  expect_identical(put_pointer("*l)p", raw(9)), wrong)
  expect_identical(put_pointer("*s)p", raw(3)), wrong)
})

# ---- strings ----

put_string <- function(value) {
  got <- outcome_label(outcome_of(fixture_call("calls", "id_Z", "Z)Z", value)))
  if (is.null(got)) "null" else got
}

test_that("strings take one string, pointers and NULL", {
  cases <- list(list("text", "text"), list("", ""), list(c("a", "b"), "a"), list(NULL, "null"),
                list(as.character(1:3), "1"), list(structure("s", class = "own"), "s"),
                list(NA_character_, missing_value), list(c(NA, "a"), missing_value),
                list(character(), wrong), list(1L, wrong), list(1, wrong), list(raw(3), wrong),
                list(TRUE, wrong), list(list("a"), wrong), list(factor("a"), wrong),
                list(quote(a), wrong), list(sin, wrong), list(1i, wrong))
  for (case in cases) {
    expect_identical(put_string(case[[1L]]), case[[2L]], label = deparse(case[[1L]])[1L])
  }
  expect_identical(put_string(strptr("there")), "there")
  expect_identical(put_string(strrep("x", 1e6)), strrep("x", 1e6))
})

test_that("strings go as UTF-8 and come back marked", {
  latin1 <- "\xe9t\xe9"
  Encoding(latin1) <- "latin1"
  for (text in list(latin1, enc2utf8(latin1))) {
    expect_identical(fixture_call("calls", "byte_length", "Z)i", text), 5L)
    expect_identical(fixture_call("calls", "byte_at", "Zi)i", text, 0L), 0xc3L)
    expect_identical(fixture_call("calls", "byte_length", "*kc)i", text), 5L)
    expect_identical(fixture_call("calls", "byte_length", "p)i", text), 5L)
    back <- put_string(text)
    expect_identical(Encoding(back), "UTF-8")
    expect_identical(back, enc2utf8(latin1))
  }
})

# ---- R objects ----

test_that("x takes any R object, unchanged", {
  for (value in c(others, list(1:10, integer(), NA, NaN, raw(2), Sys.Date(), TRUE))) {
    expect_identical(fixture_call("calls", "id_x", "x)x", value), value)
  }
})

# ---- named types ----

test_that("named scalar types follow their meaning", {
  size <- .Machine$sizeof.pointer
  expect_identical(id("L", 5, "<size_t>)<size_t>"), 5)
  expect_identical(id("L", -1, "<size_t>)<size_t>"), outside)
  expect_identical(id("l", -5, "<ptrdiff_t>)<ssize_t>"), if (size == 8) -5 else -5L)
  expect_identical(id("i", 2^32, "<wchar_t>)<wchar_t>"), outside) # some platforms have no sign in it
  expect_identical(id("S", 65536, "<char16_t>)<char16_t>"), outside)
  expect_identical(id("S", 65535, "<char16_t>)<char16_t>"), 65535L)
})

# ---- messages ----

message_of <- function(expr) conditionMessage(tryCatch(expr, error = identity))

test_that("messages say the place, what was expected and what came", {
  env <- new.env()
  dynbind(fixture("calls"), "id_i(i)i n;id_s(s)s;sum_ints(*ii)i values count;id_d(d)d x;",
          envir = env)
  expect_identical(message_of(env$id_i("a")),
                   "argument 1 ('n') of id_i: expected int, got the string \"a\"")
  expect_identical(message_of(env$id_i(3e9)),
                   "argument 1 ('n') of id_i: expected a value in the range of int, got 3000000000")
  expect_identical(message_of(env$id_i(NA)),
                   "argument 1 ('n') of id_i: expected a value of type int, got NA")
  expect_identical(message_of(env$id_s(NaN)),
                   "argument 1 of id_s: expected a value of type short, got NaN")
  expect_identical(message_of(env$sum_ints(c(1, 2), 2L)),
                   "argument 1 ('values') of sum_ints: expected int *, got double vector of length 2")
  expect_identical(message_of(env$sum_ints(1L, list())),
                   "argument 2 ('count') of sum_ints: expected int, got list")
  expect_identical(message_of(env$id_d(integer())),
                   "argument 1 ('x') of id_d: expected double, got integer of length 0")
  expect_identical(message_of(env$id_d(factor("a"))),
                   "argument 1 ('x') of id_d: expected double, got a factor")
  expect_identical(message_of(fixture_call("calls", "id_i", "iiZ)i", 1, 2, 3)),
                   "argument 3 of signature \"iiZ)i\": expected const char *, got 3")
})

test_that("the call of an error is the user's", {
  env <- new.env()
  dynbind(fixture("calls"), "id_i(i)i n;", envir = env)
  id_i <- env$id_i
  caught <- tryCatch(id_i("a"), error = identity)
  expect_identical(conditionCall(caught), quote(id_i("a")))
  expect_s3_class(caught, c("dyncall_error_argument", "dyncall_error", "error", "condition"),
                  exact = TRUE)
})

test_that("an error in a later argument leaves earlier ones untouched", {
  x <- c(1L, 2L)
  expect_error(fixture_call("calls", "add_ints", "*iii)v", x, "2", 1L),
               class = "dyncall_error_argument")
  expect_identical(x, c(1L, 2L))
})
