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

# ---- one run after the other ----

test_that("what a callback keeps of its arguments and its call does not change later", {
  kept <- list()
  memory <- new_ints(3)
  keepers <- list(
    value = function(x) { kept <<- c(kept, x); x },
    list = function(x) { kept <<- c(kept, list(x)); x },
    promise = function(x) { kept <<- c(kept, list(function() x)); 0L },
    code = function(x) { kept <<- c(kept, list(substitute(x))); x },
    call = function(x) { kept <<- c(kept, list(sys.call()[[2L]])); x },
    calls = function(x) { kept <<- c(kept, list(sys.call())); x },
    matched = function(x) { kept <<- c(kept, list(match.call())); x },
    frame = function(x) { kept <<- c(kept, list(environment())); x },
    condition = function(x) { kept <<- c(kept, list(simpleError("no", sys.call()))); x },
    changed = function(x) { x[2L] <- x; attr(x, "mark") <- TRUE; kept <<- c(kept, list(x)); x })
  read <- list(promise = function(k) k(), calls = function(k) k[[2L]], matched = function(k) k[[2L]],
               frame = function(k) k$x, condition = function(k) conditionCall(k)[[2L]],
               changed = function(k) { expect_true(attr(k, "mark")); k[1:2][2L] })
  for (what in names(keepers)) {
    kept <- list()
    repeat_from_c(new.callback("i)i", keepers[[what]]), 3L, memory)
    get <- if (is.null(read[[what]])) identity else read[[what]]
    expect_identical(lapply(kept, get), list(0L, 1L, 2L), info = what)
  }
})

test_that("a callback may call itself through C", {
  sum_to <- NULL
  sum_to <- new.callback("i)i", function(n) {
    below <- if (n > 0L) .dyncall(sym("apply"), "pi)i", sum_to, n - 1L) else 0L
    n + below
  })
  expect_identical(.dyncall(sym("apply"), "pi)i", sum_to, 30L), 465L)
  # and an error in the middle leaves it as it was
  failing <- NULL
  failing <- new.callback("i)i", function(n) {
    if (n == 3L) stop("at three")
    n + .dyncall(sym("apply"), "pi)i", failing, n - 1L)
  })
  for (i in 1:3) expect_error(.dyncall(sym("apply"), "pi)i", failing, 6L), "at three")
  expect_error(.dyncall(sym("apply"), "pi)i", failing, 3L), "at three")
  steady <- new.callback("i)i", function(n) if (n == 2L) stop("at two") else n * 10L)
  for (i in 1:3) {
    expect_error(.dyncall(sym("apply"), "pi)i", steady, 2L), "at two")
    expect_identical(.dyncall(sym("apply"), "pi)i", steady, 4L), 40L)
  }
})

test_that("a callback holds no argument when it has run", {
  gone <- FALSE
  f <- new.callback("x)i", function(x) 1L)
  local({
    object <- new.env()
    reg.finalizer(object, function(e) gone <<- TRUE)
    .dyncall(f, "x)i", object)
  })
  gc()
  gc()
  expect_true(gone)
})

test_that("more callbacks work at a time than there is room for in the pools", {
  memory <- new_ints(1)
  all <- lapply(1:300, function(k) new.callback("i)i", function(x) x + k))
  reals <- lapply(1:300, function(k) new.callback("d)d", function(x) x + k))
  for (k in c(1L, 127:130, 255:258, 300L)) {
    expect_identical(.dyncall(sym("apply"), "pi)i", all[[k]], 1000L), 1000L + k)
    expect_identical(.dyncall(reals[[k]], "d)d", 0.5), 0.5 + k)
  }
})

test_that("the values behind pointers are what a function gets with deref", {
  compare <- new.callback("*ki*ki)i", function(a, b) a - b, deref = TRUE)
  x <- c(5L, 3L, 9L, -2L, 3L)
  dynbind(c("msvcrt", "c", ""), "qsort(p<size_t><size_t>*(pp)i)v base n size compare;")
  qsort(x, length(x), 4, compare)
  expect_identical(x, c(-2L, 3L, 3L, 5L, 9L))
  y <- c(2.5, -1, 1e300, NaN)
  qsort(y, 3, 8, new.callback("*d*d)i", function(a, b) sign(b - a), deref = TRUE))
  expect_identical(y, c(1e300, 2.5, -1, NaN))
  words <- strarrayptr(c("pear", "apple", "fig"))
  qsort(words, 3, .Machine$sizeof.pointer,
        new.callback("*Z*Z)i", function(a, b) if (a < b) -1L else 1L, deref = TRUE))
  expect_identical(vapply(0:2, function(i) .unpack(words, i * .Machine$sizeof.pointer, "Z"), ""),
                   c("apple", "fig", "pear"))
  both <- as.extptr(c(1+2i, 3-1i))
  qsort(both, 2, 16, new.callback("*<double complex>*<double complex>)i",
                                  function(a, b) sign(Im(a) - Im(b)), deref = TRUE))
  expect_identical(.unpack(both, 0, "<double complex>"), 3-1i)
})

test_that("deref leaves other arguments, and null pointers are NULL", {
  got <- NULL
  f <- new.callback("p*ii*c*(i)i)v", function(...) got <<- list(...), deref = TRUE)
  .dyncall(f, "p*ii*c*(i)i)v", NULL, NULL, 3L, "text", NULL)
  expect_true(is.nullptr(got[[1L]]))
  expect_identical(got[2:5], list(NULL, 3L, "text", NULL))
  .dyncall(f, "p*ii*c*(i)i)v", NULL, 7L, 3L, NULL, NULL)
  expect_identical(got[[2L]], 7L)
  expect_error(new.callback("pi)v", function(...) NULL, deref = TRUE), class = "dyncall_error_argument",
               regexp = "pointers to values for 'deref'")
  expect_error(new.callback("*i)v", function(...) NULL, deref = NA), class = "dyncall_error_argument")
})
