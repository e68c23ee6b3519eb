# Vectorised calls: what dynmap() returns is what a call for each element returns.

parseStructInfos("Item{id}id value; Handler{i[2]*(d)d}key f; Handlers{<Handler>[2]}all;")
parseEnumInfos("Color{RED GREEN=5 BLUE};")

mapped <- new.env(parent = environment())

map_functions <- function() {
  if (!is.null(mapped$calls_made)) return(mapped)
  letters <- c("B", "c", "C", "s", "S", "i", "I", "j", "J", "l", "L", "f", "d", "D", "p", "x")
  dynbind(fixture("map"), c(
    sprintf("same_%s(%s)%s x @threadsafe;", letters, letters, letters),
    "same_Z(Z)Z x; same_complex(<double complex>)<double complex> x @threadsafe; calls_made()i;",
    "many(idsflkdCfidIfididddd)d a b c d e f g h i j k l m n o p q r s @threadsafe;",
    "sum_ints(iiiiii)i a b c d e f @threadsafe; sum_floats(fff)f a b c @threadsafe;",
    "item_new(id)<Item> id value @threadsafe; item_total(<Item>i)d item times @threadsafe;",
    "color_next(i)<Color> i @threadsafe; label(i)Z i @threadsafe;",
    "label_new(i)Z i @free=label_free @threadsafe; label_free(p)v text;",
    "fails_at(ii)i i at @threadsafe; negative_at(dd)d x at @threadsafe; nonzero_at(II)I x at @threadsafe;",
    "null_at(ii)p i at @threadsafe; errno_seen(i)i i; note(*ii)v where i @threadsafe;",
    "apply(*(d)dd)d f x @threadsafe; interrupted_at(ii)i i at; meets(i)i i @threadsafe; slow(d)d x @threadsafe;"),
    envir = mapped)
  mapped
}

# One call for each element, as a vector.
one_by_one <- function(f, ...) {
  rows <- lapply(seq_along(..1), function(i) do.call(f, lapply(list(...), `[[`, i)))
  unlist(rows)
}

# Runs code with each way that calls can go.
on_each_path <- function(code) {
  before <- rdyncall:::call_path(NULL)
  on.exit(rdyncall:::call_path(before))
  for (path in c("direct", "plan", "call")) {
    rdyncall:::call_path(path)
    code()
  }
}

# A copy of a bound function that has not been called.
bound_again <- function(...) {
  env <- new.env(parent = environment(map_functions))
  dynbind(fixture("map"), c(...), envir = env)
  env
}

test_that("each scalar type gives what single calls give, on one thread and on several", {
  m <- map_functions()
  ranges <- list(B = c(TRUE, FALSE, TRUE), c = c(-128, 0, 127), C = c(0, 200, 255), s = c(-32768, 5, 32767),
                 S = c(0, 40000, 65535), i = c(-2147483647, 0, 2147483647), I = c(0, 3e9, 4294967295),
                 j = c(-2147483647, 0, 2^31 - 1), J = c(0, 7, 2^31), l = c(-2^53, 0, 2^53),
                 L = c(0, 2^53, 1), f = c(-0.5, 0, Inf), d = c(1e300, -Inf, 0.1), D = c(0.1, -2.5, 1e300))
  for (letter in names(ranges)) {
    f <- m[[paste0("same_", letter)]]
    values <- rep(ranges[[letter]], 700L)
    want <- rep(one_by_one(f, ranges[[letter]]), 700L)
    expect_identical(dynmap(f, values), want, info = letter)
    expect_identical(dynmap(f, values, threads = 3), want, info = letter)
    expect_identical(dynmap(f, as.list(values)), want, info = letter)
    expect_identical(dynmap(f, values[0]), want[0], info = letter)
  }
  z <- complex(real = c(1, -2, 0), imaginary = c(0.5, 0, -1))
  expect_identical(dynmap(m$same_complex, z), z)
  expect_identical(dynmap(m$same_complex, z, threads = 2), z)
  text <- c("a", "", "\u00e4\u6f22", rep("longer", 3000L))
  expect_identical(dynmap(m$same_Z, text), text)
  latin <- iconv("\u00e4b", "UTF-8", "latin1")
  expect_identical(dynmap(m$same_Z, c(latin, "c")), c("\u00e4b", "c"))
  expect_identical(dynmap(m$same_x, list(1:3, "a", NULL)), list(1:3, "a", NULL))
})

test_that("rows go to the function in order, whatever way calls take", {
  on_each_path(function() {
    m <- bound_again(
      "many(idsflkdCfidIfididddd)d a b c d e f g h i j k l m n o p q r s @threadsafe;",
      "sum_ints(iiiiii)i a b c d e f @threadsafe; sum_floats(fff)f a b c @threadsafe; same_D(D)D x; same_s(s)s x;")
    set.seed(7)
    whole <- function(most) sample.int(most, 600L)
    half <- function() sample.int(100L, 600L, replace = TRUE) / 2
    args <- list(whole(1e4), half(), whole(3e4), half(), whole(1e6), half(), rep(0:255, length.out = 600L), half(),
                 whole(1e4), half(), whole(1e6), half(), whole(1e4), half(), whole(1e4), half(), half(), half(),
                 half())
    weights <- seq_along(args)
    want <- Reduce(`+`, Map(`*`, args, weights))
    expect_identical(do.call(dynmap, c(m$many, args)), want)
    expect_identical(do.call(dynmap, c(m$many, args, threads = 2)), want)
    ints <- replicate(6L, whole(1000L), simplify = FALSE)
    expect_identical(do.call(dynmap, c(m$sum_ints, ints)), as.integer(Reduce(`+`, Map(`*`, ints, 1:6))))
    expect_identical(dynmap(m$sum_floats, half(), 0.5, c(1, 2)) * 0, numeric(600L))
    expect_identical(dynmap(m$sum_floats, c(1, 2), 0.5, c(1, 2)), c(6, 11))
    expect_identical(dynmap(m$same_D, c(0.25, -3)), c(0.25, -3))
    expect_identical(dynmap(m$same_s, c(-5L, 5L)), c(-5L, 5L))
  })
})

test_that("arguments are recycled when their lengths fit", {
  m <- map_functions()
  expect_identical(dynmap(m$sum_ints, 1:6, 1L, 1:2, 1:3, 0L, 0L),
                   1:6 + 2L + 3L * rep(1:2, 3) + 4L * rep(1:3, 2))
  expect_identical(dynmap(m$sum_ints, integer(), 1L, 1:2, 1L, 1L, 1L), integer())
  e <- expect_error(dynmap(m$sum_ints, 1:6, 1:4, 1L, 1L, 1L, 1L), class = "dyncall_error_argument")
  expect_match(conditionMessage(e), "argument 2 ('b') of sum_ints: expected a length that divides 6, got 4", fixed = TRUE)
  expect_error(dynmap(m$sum_ints, 1:6), "expected 6 arguments, got 1", class = "dyncall_error_arity")
  expect_error(dynmap(.dynsym(fixture("map"), "same_i"), "i)i", 1, 2), class = "dyncall_error_arity")
})

test_that("names and dimensions are kept, and arguments may be named", {
  m <- map_functions()
  expect_identical(dynmap(m$same_d, c(a = 1, b = 2)), c(a = 1, b = 2))
  x <- matrix(c(1.5, 2, 3, 4), 2, dimnames = list(NULL, c("u", "v")))
  expect_identical(dynmap(m$same_d, x), x)
  expect_identical(dynmap(m$negative_at, at = c(k = 1, l = 5), x = c(5, 5)), c(k = 5, l = -0.5))
  expect_identical(dynmap(m$same_Z, c(n = "x")), c(n = "x"))
  day <- as.Date("2020-02-02")
  expect_identical(dynmap(m$same_d, c(day, day)), rep(18294, 2))
})

test_that("NA becomes NA, is passed, or is an error", {
  m <- map_functions()
  invisible(m$calls_made())
  expect_identical(dynmap(m$fails_at, c(1L, NA, 3L), 0L), c(1L, NA, 3L))
  expect_identical(m$calls_made(), 2L)
  expect_identical(dynmap(m$same_d, c(1, NA, NaN)), c(1, NA, NaN))
  expect_identical(dynmap(m$same_Z, c("a", NA)), c("a", NA))
  expect_identical(dynmap(m$same_B, c(TRUE, NA)), c(TRUE, NA))
  expect_identical(dynmap(m$negative_at, c(1, 2), c(NA, 2)), c(NA, -0.5))
  expect_identical(dynmap(m$same_complex, c(1i, NA_complex_)), c(1i, NA_complex_))
  expect_identical(dynmap(m$null_at, c(NA, 1L), 1L)[[1]], NULL)
  x <- replace(as.double(1:5000), c(1, 1025, 5000), NA)
  expect_identical(dynmap(m$slow, x), dynmap(m$slow, x, threads = 3))
  expect_identical(which(is.na(dynmap(m$slow, x))), c(1L, 1025L, 5000L))
  expect_identical(dynmap(m$same_d, c(1, NA), na = "pass"), c(1, NA))
  for (na in c("pass", "error")) {
    e <- expect_error(dynmap(m$same_i, c(1L, 2L, NA), na = na), class = "dyncall_error_argument")
    expect_identical(e$element, 3)
    expect_match(conditionMessage(e), "argument 1 ('x') of same_i, element 3: ", fixed = TRUE)
  }
  expect_identical(expect_error(dynmap(m$same_d, c(1, NA), na = "error"))$element, 2)
  expect_error(dynmap(m$item_new, c(1L, NA), 1), class = "dyncall_error_argument")
  y <- c(1, NA)
  invisible(dynmap(m$same_d, y))
  expect_identical(y, c(1, NA))
  expect_identical(dynmap(m$same_C, as.raw(0:2)), 0:2) # bytes have no NA
  e <- expect_error(dynmap(m$same_Z, c("a", NA), na = "pass"), class = "dyncall_error_argument")
  expect_match(conditionMessage(e), "argument 1 ('x') of same_Z, element 2: ", fixed = TRUE)
})

test_that("NA is found wherever it is, and nothing else is taken for it", {
  m <- map_functions()
  n <- 1100L
  for (at in c(1:17, 255:258, 511:514, 1024L, 1099:1100)) {
    invisible(m$calls_made())
    x <- seq_len(n)
    x[at] <- NA
    expect_identical(dynmap(m$fails_at, x, 0L), x, info = as.character(at))
    expect_identical(m$calls_made(), n - 1L, info = as.character(at))
    expect_identical(dynmap(m$same_d, as.double(x)), as.double(x), info = as.character(at))
    expect_identical(dynmap(m$same_Z, as.character(x)), as.character(x), info = as.character(at))
    complexes <- replace(x + 0.5i, at, NA_complex_)
    expect_identical(dynmap(m$same_complex, x + 0.5i), complexes, info = as.character(at))
    expect_identical(dynmap(m$same_B, x > 5L), x > 5L, info = as.character(at))
    expect_identical(expect_error(dynmap(m$same_d, as.double(x), na = "error"))$element, as.double(at))
    expect_identical(m$calls_made(), 0L)
  }
  # NA in several arguments, at first in later rows of one
  x <- replace(as.double(1:n), c(900, 1100), NA)
  y <- replace(as.double(1:n) + 1, c(3, 600, 900), NA)
  want <- ifelse(is.na(x) | is.na(y), NA, x)
  expect_identical(dynmap(m$negative_at, x, y), want)
  expect_identical(dynmap(m$negative_at, x, y, threads = 2), want)
  # the bits that tell NA from NaN, elsewhere: in a tiny number, and in the lower half of others
  odd <- readBin(as.raw(c(0, 0, 0, 0, 0xa2, 7, 0, 0, 0xa2, 7, 0, 0, 0, 0, 0xf0, 0x3f, 0xa2, 7, 0, 0, 0, 0, 0, 0,
                          0, 0, 0, 0, 0, 0, 0xf0, 0x7f)), "double", 4L, endian = "little")
  expect_identical(dynmap(m$same_d, rep(odd, 200L)), rep(odd, 200L))
  expect_identical(dynmap(m$same_d, c(NaN, -Inf, NA)), c(NaN, -Inf, NA))
  day <- as.Date("2020-02-02") + c(0, NA, 2)
  expect_identical(dynmap(m$same_d, day), as.double(day))
  expect_error(dynmap(m$same_i, factor(c("a", "b"))), class = "dyncall_error_argument")
})

test_that("NA of 64-bit integers is NA where these are shown exactly", {
  need_package_or_skip("bit64")
  options(rdyncall.int64 = "integer64")
  on.exit(options(rdyncall.int64 = NULL))
  m <- bound_again("same_l(l)l x;")
  x <- bit64::as.integer64(c("9007199254740993", NA, "-5"))
  expect_identical(dynmap(m$same_l, x), x)
  expect_identical(dynmap(m$same_l, c(2, NA)), bit64::as.integer64(c(2, NA)))
  expect_identical(expect_error(dynmap(m$same_l, x, na = "error"))$element, 2)
})

test_that("text that cannot be converted is an error of its element", {
  expect_child_output(c(
    sprintf("l <- .dynload(%s)", deparse(fixture_file("map"))),
    "dynbind(l, 'same_Z(Z)Z x;')",
    "cat(tryCatch(dynmap(same_Z, c('a', 'b', rawToChar(as.raw(0xe9)))), dyncall_error_argument = conditionMessage))"),
    "^argument 1 \\('x'\\) of same_Z, element 3: expected text in UTF-8, got a string that is no valid text$",
    env = c("LC_ALL=C", "LANG=C"))
})

test_that("results that R has no integer for are exact", {
  m <- map_functions()
  expect_identical(dynmap(m$same_i, c(-2147483648, 5)), c(-2147483648, 5))
  expect_identical(dynmap(m$same_i, c(-2147483648, NA, 5)), c(-2147483648, NA, 5))
  late <- c(rep(1, 700), NA, -2147483648, 5)
  expect_identical(dynmap(m$same_i, late), late)
  expect_identical(dynmap(m$same_i, late, threads = 2), late)
  expect_warning(wide <- dynmap(.dynsym(fixture("map"), "beyond"), "i)l", 0:2), class = "dyncall_warning_lossy")
  expect_identical(wide, 2^53 + c(0, 0, 2))
})

test_that("structs come as arrays, and go as arrays or lists", {
  m <- map_functions()
  items <- dynmap(m$item_new, 1:3, c(0.5, 1.5, 2.5))
  expect_s3_class(items, "carray")
  expect_identical(as.data.frame(items), data.frame(id = 1:3, value = c(0.5, 1.5, 2.5)))
  expect_identical(dynmap(m$item_new, 1:3, c(0.5, 1.5, 2.5), threads = 2)[[2]]$value, 1.5)
  expect_identical(dynmap(m$item_total, items, 2L), c(3, 7, 11))
  expect_identical(dynmap(m$item_total, items, 1:3, threads = 2), c(1.5, 7, 16.5))
  expect_identical(dynmap(m$item_total, items[[3]], 1:2), c(5.5, 11))
  expect_identical(dynmap(m$item_total, list(list(id = 1L, value = 2), items[[1]]), 1L), c(3, 1.5))
  expect_error(dynmap(m$item_total, new.array("i", 3), 1L), class = "dyncall_error_argument")
  expect_error(dynmap(m$item_total, list(list(id = 1L, value = 2), 5), 1L), class = "dyncall_error_argument")
  expect_identical(length(dynmap(m$item_new, integer(), 1)), 0L)
})

test_that("an array of numbers is a column where its elements are those of the argument", {
  m <- map_functions()
  for (type in c("d", "f", "i", "l", "S")) {
    expect_equal(dynmap(m[[paste0("same_", type)]], as.carray(c(4, 1, 5), type)), c(4, 1, 5), info = type)
  }
  x <- dynalloc("d", 2)
  x[] <- c(1, 2.5)
  expect_identical(dynmap(m$same_d, x), c(1, 2.5))
  texts <- as.carray(c("u", "v"), "Z")
  expect_identical(dynmap(m$same_Z, texts), c("u", "v"))
  refuse <- function(f, x, regexp) {
    expect_error(dynmap(f, x), class = "dyncall_error_argument",
                 regexp = paste0("argument 1 \\('x'\\) of same_.: expected ", regexp))
  }
  refuse(m$same_d, as.carray(1:2, "f"), "double, got an array of type 'f'")
  refuse(m$same_d, as.carray(1:2, "l"), "double, got an array of type 'l'")
  refuse(m$same_i, dynalloc("I", 2), "int, got a pointer to type 'I'")
  refuse(m$same_Z, as.carray(c("u", "v"), "<utf16>"), "const char \\*")
  refuse(bound_again("same_p(*d)p x;")$same_p, 1:3, "double \\*, got integer vector of length 3")
})

test_that("enums, text, pointers and nothing come as single calls give them", {
  m <- map_functions()
  expect_identical(dynmap(m$color_next, c(a = 0L, b = 1L, c = NA)), c(RED = 0L, GREEN = 5L, NA))
  expect_identical(names(dynmap(m$color_next, 0:2, threads = 2)), names(c(m$color_next(0L), m$color_next(1L), m$color_next(2L))))
  expect_identical(dynmap(m$label, c(1L, -1L, 3L)), c("number 1", NA, "number 3"))
  invisible(m$calls_made())
  expect_identical(dynmap(m$label_new, 1:5), paste("number", 1:5))
  expect_identical(m$calls_made(), 5L)
  expect_identical(dynmap(m$label_new, 1:500, threads = 2), paste("number", 1:500))
  expect_identical(m$calls_made(), 500L)
  pointers <- dynmap(m$null_at, 1:2, 2L)
  expect_true(is.externalptr(pointers[[1]]))
  expect_true(is.nullptr(pointers[[2]]))
  where <- integer(4)
  expect_invisible(dynmap(m$note, where, 0:3))
  expect_identical(where, 0:3)
  array <- dynalloc("i", 4)
  expect_null(dynmap(m$note, array, 0:3, threads = 2))
  expect_identical(array[], 0:3)
  dynfree(array)
  expect_identical(dynmap(m$same_p, list(as.extptr(where), NULL))[[2]], m$same_p(NULL))
})

test_that("an address with a signature is called in the same way", {
  f <- .dynsym(fixture("map"), "same_d")
  expect_identical(dynmap(f, "d)d", c(a = 1, b = NA)), c(a = 1, b = NA))
  expect_error(dynmap(f, 5, 1), "'signature'", class = "dyncall_error_argument")
  expect_error(dynmap(f), "'signature'", class = "dyncall_error_argument")
  expect_error(dynmap("sqrt", "d)d", 1), class = "dyncall_error_pointer")
  expect_error(dynmap(f, "d)", 1), class = "dyncall_error_signature")
  e <- expect_error(dynmap(f, "d)d", c("a", "b")), class = "dyncall_error_argument")
  expect_match(conditionMessage(e), "argument 1 of signature \"d)d\", element 1:", fixed = TRUE)
})

test_that("without arguments dynmap gives a function of columns", {
  m <- map_functions()
  f <- dynmap(m$negative_at)
  expect_identical(names(formals(f)), c("x", "at"))
  expect_identical(f(at = 2, x = 1:3), c(1, -0.5, 3))
  expect_error(f(1), "at")
  f <- dynmap(m$fails_at, check = "errno")
  expect_error(f(1:3, 2L), class = "dyncall_error_call")
  expect_identical(dynmap(bound_again("same_d(d)d;")$same_d)(c(u = 1)), c(u = 1))
  expect_type(dynmap(m$calls_made)(), "integer")
})

test_that("a call that fails stops with its index", {
  m <- map_functions()
  invisible(m$calls_made())
  for (check in c("errno", "negative")) {
    e <- expect_error(dynmap(m$fails_at, 1:10, 7L, check = check), class = "dyncall_error_call")
    expect_identical(e$element, 7)
    expect_identical(m$calls_made(), 7L)
  }
  expect_match(conditionMessage(e), "fails_at, element 7: expected a call that succeeds, got the result -1", fixed = TRUE)
  expect_identical(dynerrno(), 34L)
  expect_identical(dynmap(m$fails_at, 1:10, 11L, check = "errno"), 1:10)
  expect_identical(dynmap(m$fails_at, c(NA, 1:3), 11L, check = "errno"), c(NA, 1:3))
  failing <- function(...) expect_error(dynmap(...), class = "dyncall_error_call")
  expect_match(conditionMessage(failing(m$negative_at, c(1, 2, 3), 2, check = "negative")), "the result -0.5")
  expect_match(conditionMessage(failing(m$nonzero_at, 1:3, 3, check = "nonzero")), "element 3.*the result 4000000000")
  expect_match(conditionMessage(failing(m$null_at, 1:3, 2L, check = "zero")), "element 2")
  expect_match(conditionMessage(failing(m$null_at, 1:3, 2L, check = "nonzero")), "element 1.*not null")
  expect_identical(dynmap(m$nonzero_at, 1:3, 3, check = "negative"), c(0, 0, 4e9))
  for (threads in 2:4) {
    e <- failing(m$fails_at, 1:1000, 400L, check = "errno", threads = threads)
    expect_identical(e$element, 400)
    expect_identical(dynerrno(), 34L)
  }
  expect_error(dynmap(m$item_new, 1L, 1, check = "zero"), "'check'", class = "dyncall_error_argument")
  expect_error(dynmap(m$note, integer(3), 1L, check = "zero"), "'check'", class = "dyncall_error_argument")
  for (bad in list("odd", NA_character_, 1, c("zero", "none"))) {
    expect_error(dynmap(m$same_i, 1L, check = bad), "'check'", class = "dyncall_error_argument")
    expect_error(dynmap(m$same_i, 1L, na = bad), "'na'", class = "dyncall_error_argument")
    expect_error(dynmap(m$same_i, 1L, progress = bad), "'progress'", class = "dyncall_error_argument")
  }
})

test_that("errno goes from call to call, as in single calls", {
  m <- map_functions()
  dynerrno(3L)
  expect_identical(dynmap(m$errno_seen, 4:8), 3:7)
  expect_identical(dynerrno(), 8L)
})

test_that("a callback is called for each element, and its error ends the calls", {
  m <- map_functions()
  expect_identical(dynmap(m$apply, function(x) x + 1, c(1, 2, 3)), c(2, 3, 4))
  invisible(m$calls_made())
  seen <- NULL
  expect_error(dynmap(m$apply, function(x) if (x == 5) stop("five") else seen <<- c(seen, x), as.double(1:1000)),
               "five")
  expect_identical(seen, c(1, 2, 3, 4))
  expect_identical(m$calls_made(), 5L)
  for (last in c(1L, 6L, 255:258, 1000L)) {
    expect_error(dynmap(m$apply, function(x) if (x == last) stop("last") else x, as.double(1:1000)), "last")
    expect_identical(m$calls_made(), last)
  }
  # calls that take long are made in smaller portions, each once and in order
  seen <- NULL
  expect_identical(dynmap(m$apply, function(x) {
    if (x > 1) Sys.sleep(0.06)
    seen <<- c(seen, x)
    -x
  }, 1:8), -(1:8 + 0))
  expect_identical(seen, 1:8 + 0)
  inner <- function(x) sum(dynmap(m$same_d, c(x, x)))
  expect_identical(dynmap(m$apply, inner, c(1, 2)), c(2, 4))
})

test_that("an interrupt ends the calls", {
  skip_on_os("windows")
  expect_child_output(c(
    sprintf("l <- .dynload(%s)", deparse(fixture_file("map"))),
    "e <- new.env()",
    "dynbind(l, 'interrupted_at(ii)i i at; calls_made()i;', envir = e)",
    "cat(tryCatch(dynmap(e$interrupted_at, 1:1e6, 5L), interrupt = function(c) 'interrupted'), '')",
    "cat(e$calls_made() < 1e5)"), "^interrupted TRUE$")
})

test_that("progress is shown on request", {
  m <- map_functions()
  shown <- utils::capture.output(x <- dynmap(m$same_d, c(1, 2), progress = TRUE))
  expect_identical(x, c(1, 2))
  expect_match(paste(shown, collapse = ""), "100%")
  expect_output(expect_error(dynmap(m$fails_at, 1:3, 3L, check = "errno", progress = TRUE)), NA)
})

test_that("several threads call at the same time", {
  m <- map_functions()
  expect_identical(dynmap(m$meets, 1:2, threads = 2), c(1L, 1L))
  x <- as.double(seq_len(10000))
  for (threads in c(2L, 5L, 12L)) expect_identical(dynmap(m$slow, x, threads = threads), dynmap(m$slow, x))
  x <- as.double(seq_len(200000))
  expect_identical(dynmap(m$same_d, x, threads = 2), x)
})

test_that("threads are for functions that are declared, and call no R code", {
  m <- map_functions()
  refuse <- function(what, ...) {
    e <- expect_error(dynmap(..., threads = 2), class = "dyncall_error_argument")
    expect_match(conditionMessage(e), what)
  }
  refuse("@threadsafe", bound_again("same_d(d)d x;")$same_d, 1)
  refuse("for an address", .dynsym(fixture("map"), "same_d"), "d)d", 1)
  refuse("R code", m$apply, function(x) x, 1)
  refuse("R code", m$same_x, list(1))
  handling <- bound_again("item_total(<Handler>i)d item times @threadsafe; item_new(id)<Handlers> id value @threadsafe;")
  refuse("R code may be called, got <Handler>$", handling$item_total, list(list(f = sqrt)), 1)
  refuse("R code may be called, got <Handlers>$", handling$item_new, 1, 1)
  refuse("a callback", m$same_p, new.callback("d)d", sqrt))
  refuse("a callback", m$same_p, list(NULL, new.callback("d)d", sqrt)))
  refuse("@free", m$label, 1L)
  for (bad in list(0, -1, NA, "2", c(1, 2), 1.5, NULL)) {
    expect_error(dynmap(m$same_d, 1, threads = bad), "'threads'", class = "dyncall_error_argument")
  }
  env <- load_lines("[func]", "same_d(d)d x @threadsafe;", "slow(d)d x;", library = fixture_file("map"))
  expect_identical(dynmap(env$same_d, c(0, 0.5), threads = 2), c(0, 0.5))
  refuse("@threadsafe", env$slow, 0)
  copy <- unserialize(serialize(m$slow, NULL))
  expect_identical(dynmap(copy, c(1, 2), threads = 2), dynmap(m$slow, c(1, 2)))
})

test_that("functions with declared rules are refused", {
  m <- bound_again("fails_at(ii)i i at @fail=negative; same_i(i)i x;")
  e <- expect_error(dynmap(m$fails_at, 1:3, 2L), class = "dyncall_error_argument")
  expect_match(conditionMessage(e), "argument 'f': expected a function without declared rules, which 'check' may stand for, got fails_at", fixed = TRUE)
  expect_identical(dynmap(m$same_i, 1:3), 1:3)
})
