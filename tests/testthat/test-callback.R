test_that("every scalar type passes through a callback both ways", {
  max32 <- .Machine$integer.max
  cases <- list(
    B = list(TRUE, FALSE), c = list(-128L, 127L), C = list(0L, 255L), s = list(-32768L, 32767L),
    S = list(0L, 65535L), i = list(-max32, max32), I = list(0, 4294967295),
    j = list(-2^31, max32 + 0), J = list(0, 4294967295), l = list(-2^53, 2^53), L = list(0, 2^53),
    f = list(-0.5, 1.25, Inf, NaN), d = list(0.1, -.Machine$double.xmax, NA_real_, -Inf),
    D = list(0.1, -1e300, Inf), Z = list("", "text", "\u00e9\u4e16"))
  for (letter in names(cases)) {
    for (value in cases[[letter]]) {
      got <- NULL
      signature <- paste0("*(", letter, ")", letter, letter, ")", letter)
      back <- .dyncall(sym(paste0("through_", letter)), signature, function(x) got <<- x, value)
      expect_identical(got, value, info = signature)
      expect_identical(back, value, info = signature)
    }
  }
  expect_balanced()
})

test_that("pointers, complex numbers and R objects pass through a callback", {
  address <- as.extptr(c(1.5, 2.5))
  back <- .dyncall(sym("through_p"), "*(p)pp)p", function(x) x, address)
  expect_identical(.unpack(back, 8, "d"), 2.5)
  expect_true(is.nullptr(.dyncall(sym("through_p"), "*(p)pp)p", function(x) NULL, address)))
  expect_true(is.nullptr(.dyncall(sym("through_p"), "*(p)pp)p", function(x) x, NULL)))
  z <- complex(real = 1.5, imaginary = -2)
  signature <- gsub("z", "<double complex>", "*(z)zz)z")
  expect_identical(.dyncall(sym("through_complex"), signature, function(x) Conj(x), z), Conj(z))
  for (value in list(quote(a), quote(a + b), new.env(), 1:3, NULL, list(1), sum, expression(x))) {
    expect_identical(.dyncall(sym("through_x"), "*(x)xx)x", function(x) x, value), value)
  }
})

test_that("structs and unions pass through a callback by value", {
  parseStructInfos("Point{id}x y; Big{d[4]i}v n; Wide{D}x; Pair{ff}x y;")
  parseUnionInfos("Number|id}i d;")
  through <- function(name, type, fun, value) {
    by_value <- paste0("<", type, ">")
    signature <- paste0("*(", by_value, ")", by_value, by_value, ")", by_value)
    .dyncall(sym(paste0("through_", name)), signature, fun, value)
  }
  mirror <- through("point", "Point", function(p) {
    expect_identical(p$x, 3L)
    p$x <- p$x * 2L
    p$y <- -p$y
    p
  }, list(x = 3L, y = 0.5))
  expect_identical(as.list(mirror), list(x = 6L, y = -0.5))
  big <- through("big", "Big", function(b) {
    b$v <- rev(b$v)
    b
  }, list(v = c(1, 2, 3, 4), n = 5L))
  expect_identical(as.list(big), list(v = c(4, 3, 2, 1), n = 5L))
  expect_identical(through("pair", "Pair", function(p) list(x = p$y, y = p$x), list(x = 1, y = 2))$x, 2)
  expect_identical(through("number", "Number", function(n) list(d = n$d + 1), list(d = 0.5))$d, 1.5)
  for (i in 1:20) {
    expect_identical(through("wide", "Wide", function(w) w, list(x = 0.25))$x, 0.25)
  }
  expect_identical(.dyncall(sym("fpu_tags"), ")i"), 0xffffL)
  expect_balanced()
})

test_that("a callback takes more arguments than there are registers", {
  parseStructInfos("Point{id}x y;")
  seen <- NULL
  f <- function(...) {
    seen <<- list(...)
    seen[[17]] <<- seen[[17]]$x
    seen[[18]] <<- seen[[18]]$y
    length(seen)
  }
  signature <- "*(BcCsSiIjJlLfdDZp*<Point><Point>dddddddd)i)i"
  expect_identical(.dyncall(sym("call_many"), signature, f), 26L)
  expect_true(is.nullptr(seen[[16]]))
  expect_identical(seen[-16], list(
    TRUE, -128L, 255L, -32768L, 65535L, -.Machine$integer.max, 4294967295, -1, 1, 2^53, 2^53, 0.5, 0.1, 0.25,
    "text", -7L, -0.5, 1, 2, 3, 4, 5, 6, 7, 8))
})

test_that("qsort sorts with a comparator in R", {
  qsort <- .dynsym(need_library_or_skip(c("msvcrt", "c")), "qsort")
  x <- sample(1e4L)
  calls <- 0
  compare <- new.callback("pp)i", function(a, b) {
    calls <<- calls + 1
    a <- .unpack(a, 0L, "i")
    b <- .unpack(b, 0L, "i")
    (a > b) - (a < b)
  })
  .dyncall(qsort, "*v<size_t><size_t>p)v", x, length(x), 4L, compare)
  expect_identical(x, 1:1e4L)
  expect_gt(calls, 1e4)
})

test_that("what the R function returns is checked like an argument", {
  gives <- function(value, type = "i") {
    .dyncall(sym(paste0("through_", type)), sprintf("*(%1$s)%1$s%1$s)%1$s", type), function(x) value,
             if (type == "Z") "" else 0)
  }
  expect_identical(gives(TRUE), 1L)
  expect_identical(gives(2.9), 2L)
  expect_identical(gives(as.raw(7)), 7L)
  expect_identical(gives(c(5L, 6L)), 5L)
  for (bad in list("abc", NA, NA_integer_, NaN, Inf, 2^31, NULL, integer(), list(1), factor("a"), quote(a), sum)) {
    expect_error(gives(bad), "result of callback \"i\\)i\"", class = "dyncall_error_argument")
  }
  expect_error(gives(256, "C"), "unsigned char", class = "dyncall_error_argument")
  expect_error(gives(-1, "I"), class = "dyncall_error_argument")
  expect_error(gives("1", "d"), class = "dyncall_error_argument")
  expect_identical(gives(NA, "d"), NA_real_)
  expect_error(gives(NA_character_, "Z"), class = "dyncall_error_argument")
  expect_error(gives(1, "Z"), class = "dyncall_error_argument")
  for (ignored in list(NULL, "abc", sum, NA)) {
    expect_null(.dyncall(sym("run"), "*()v)v", function() ignored))
  }
  expect_balanced()
})

test_that("null pointers and strings cross in both directions", {
  got <- "nothing"
  expect_null(.dyncall(sym("through_Z"), "*(Z)ZZ)Z", function(x) { got <<- x; x }, NULL))
  expect_null(got)
  expect_identical(.dyncall(sym("string_length"), "*()Z)i", function() "four"), 4L)
  expect_identical(.dyncall(sym("string_length"), "*()Z)i", function() "\u00e9"), 2L)
  expect_identical(.dyncall(sym("string_length"), "*()Z)i", function() NULL), -1L)
  expect_identical(.dyncall(sym("is_null"), "*()p)i", function() NULL), 1L)
  expect_identical(.dyncall(sym("is_null"), "*()p)i", function() as.extptr(1)), 0L)
  # memory that R returned is there after a collection
  text <- .dyncall(sym("through_Z"), "*(Z)ZZ)Z", function(x) paste0(x, "y"), "x")
  expect_identical(text, "xy")
})

test_that("a callback reads and writes through pointers to structs and values", {
  parseStructInfos("Point{id}x y;")
  f <- function(p) {
    p$x <- p$x + 1L
    p$y <- p$y * 2
  }
  expect_identical(.dyncall(sym("move_point"), "*(*<Point>)vid)d", f, 1L, 0.25), 2.5)
  expect_identical(.dyncall(sym("move_point"), "pid)d", new.callback("*<Point>)v", f), 1L, 0.25), 2.5)
  # the type is known where the signature stands, not where the function was written
  environment(f) <- globalenv()
  expect_identical(.dyncall(sym("move_point"), "*(*<Point>)vid)d", f, 1L, 0.25), 2.5)
  a <- integer(1)
  b <- numeric(1)
  .dyncall(sym("fill"), "*(*i*d)v*i*d)v", function(i, d) {
    .pack(i, 0, "i", 7L)
    .pack(d, 0, "d", 0.5)
  }, a, b)
  expect_identical(list(a, b), list(7L, 0.5))
})

test_that("functions are given to functions", {
  expect_identical(.dyncall(sym("apply"), "*(i)ii)i", function(x) x + 1L, 4L), 5L)
  expect_identical(.dyncall(sym("apply"), "*(i)ii)i", new.callback("i)i", function(x) x + 2L), 4L), 6L)
  expect_identical(.dyncall(sym("apply"), "pi)i", new.callback("i)i", function(x) x + 3L), 4L), 7L)
  twice <- .dyncall(sym("get_twice"), ")*(i)i")
  expect_identical(.dyncall(sym("apply"), "*(i)ii)i", twice, 4L), 8L)
  expect_identical(twice(4L), 8L)
  dynbind(local_fixture(), "do_job(p)i;apply(*(i)ii)i;", envir = environment())
  expect_identical(apply(base::abs, -4L), 4L)
  got <- .dyncall(sym("with_function"), "*(*(i)ii)ii)i", function(f, x) f(x) + 1L, 10L)
  expect_identical(got, 21L)
  parseStructInfos("Job{*(i)ii}f x;")
  job <- new.struct(Job)
  job$f <- function(x) x * 3L
  job$x <- 5L
  gc()
  expect_identical(.dyncall(sym("do_job"), "*<Job>)i", job), 15L)
  job$f <- NULL
  expect_true(is.nullptr(job$f))
})

test_that("words are sorted by a comparator that sees char**", {
  words <- strarrayptr(c("pear", "fig", "apple"))
  compare <- function(a, b) {
    a <- .unpack(a, 0, "Z")
    b <- .unpack(b, 0, "Z")
    if (a < b) -1L else a > b
  }
  .dyncall(sym("sort_words"), "pi*(pp)i)v", words, 3L, compare)
  size <- .Machine$sizeof.pointer
  expect_identical(vapply(0:2 * size, function(at) .unpack(words, at, "Z"), ""), c("apple", "fig", "pear"))
})

test_that("errno is the caller's around a callback", {
  expect_identical(.dyncall(sym("errno_after"), "*(i)ii)i", function(i) {
    file.exists("/no/such/file")
    i
  }, 34L), 34L)
})

test_that("a callback is evaluated in its environment", {
  e <- new.env()
  f <- new.callback("i)i", function(x) { assign("seen", x, parent.frame()); x }, e)
  .dyncall(sym("apply"), "pi)i", f, 4L)
  expect_identical(e$seen, 4L)
})

test_that("arguments of new.callback are checked", {
  expect_error(new.callback(1, identity), class = "dyncall_error_signature")
  expect_error(new.callback("i", identity), class = "dyncall_error_signature")
  expect_error(new.callback("i)?", identity), class = "dyncall_error_signature")
  expect_error(new.callback("<Nobody>)i", identity), "Nobody", class = "dyncall_error_type")
  expect_error(new.callback("i)i", "identity"), class = "dyncall_error_argument")
  expect_error(new.callback("i)i", identity, 1), class = "dyncall_error_argument")
})

test_that("a callback prints as the C type that it has and the R function behind it", {
  compare <- function(a, b, n) 0L
  f <- new.callback("pp<size_t>)i", compare)
  out <- capture.output(expect_invisible(print(f)))
  expect_match(out[1L], "^<callback: int \\(\\*\\)\\(void \\*, void \\*, size_t\\) at 0x[0-9a-f]+>$")
  expect_identical(out[-1L], capture.output(print(compare)))
  expect_true(is.externalptr(f))
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(f, file)
  expect_output(print(readRDS(file)), "int (*)(void *, void *, size_t), gone>", fixed = TRUE)
  expect_error(print(structure(1, class = "callback")), "expected a callback",
               class = "dyncall_error_pointer")
})

test_that("a function type of any length wraps an R function", {
  n <- 300L
  signature <- paste0("*(", strrep("i", n), ")i")
  sum_of <- function(...) sum(...)
  add <- new.callback(paste0(strrep("i", n), ")i"), sum_of)
  through <- new.callback("p)i", function(f) do.call(.dyncall, c(list(f, paste0(strrep("i", n), ")i")), 1:n)))
  expect_identical(.dyncall(through, paste0(signature, ")i"), sum_of), sum(1:n))
  expect_identical(.dyncall(through, "p)i", add), sum(1:n))
  parseStructInfos(paste0("Long{", signature, "}f;"))
  expect_identical(Long$fields$type, signature)
})
