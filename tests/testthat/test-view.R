# Vectors over memory.

expanded <- function(v) .Call(rdyncall:::C_view_is_expanded, v)

view_cases <- list(
  B = c(TRUE, FALSE, TRUE, TRUE), c = c(-128L, 0L, 127L, 5L), C = as.raw(c(0, 255, 3, 4)),
  s = c(-32768L, 32767L, 0L, 1L), S = c(0L, 65535L, 3L, 9L), i = c(-2147483647L, 2147483647L, 0L, 7L),
  I = c(0, 4294967295, 1, 2), j = c(-5, 0, 5, 6), J = c(1, 2, 3, 4), l = c(-2^53, 2^53, 0, 1), L = c(2^53, 0, 1, 2),
  f = c(0.5, -Inf, NaN, 2), d = c(0.1, NA, -0, 1e300), D = c(0.25, 1, 2, NaN),
  "<double complex>" = c(1i, 2, 0, -1 - 1i), "<float complex>" = c(1i, 2, 0, -1 - 1i), "<size_t>" = c(1, 2, 3, 4),
  "<char16_t>" = c(1L, 65535L, 2L, 0L))

filled <- function(type, values) {
  x <- dynalloc(type, length(values))
  x[] <- if (is.raw(values)) as.integer(values) else values
  x
}

test_that("views show numbers of all types", {
  for (type in names(view_cases)) {
    want <- view_cases[[type]]
    v <- dynview(filled(type, want))
    expect_identical(typeof(v), typeof(want), info = type)
    expect_identical(length(v), 4L)
    for (i in 1:4) expect_identical(v[i], want[i], info = type)
    expect_identical(v[c(4, 2)], want[c(4, 2)], info = type)
    expect_identical(v[-1], want[-1], info = type)
    expect_identical(rev(v), rev(want), info = type)
    expect_identical(c(v), want, info = type)
    expect_identical(v, want, info = type)
    if (is.raw(want)) {
      expect_identical(xor(v, as.raw(1)), xor(want, as.raw(1)))
    } else {
      expect_identical(v == want, want == want, info = type)
      expect_identical(sum(v), sum(want), info = type)
    }
    expect_identical(unlist(lapply(v, identity)), want, info = type)
  }
})

test_that("views are strided, and of fields", {
  parseStructInfos("Inner{C[2]B}x y; View{cdsi:3I:5f<Inner>S}a b c d e f g h;")
  parseUnionInfos("Either|id}i d;")
  x <- dynalloc(View, 100)
  columns <- list(a = rep(-2:2, 20), b = seq(0.1, 10, 0.1), c = -(1:100), d = rep(c(-4L, 3L, 0L, 1L), 25),
                  e = rep(c(31, 0, 1, 7), 25), f = 1:100 / 2, h = 65436:65535)
  x[] <- as.data.frame(columns)
  for (name in names(columns)) {
    v <- dynview(x, field = name)
    expect_identical(v, columns[[name]], info = name)
    expect_identical(sum(v), sum(columns[[name]]), info = name)
    expect_identical(max(v), max(columns[[name]]), info = name)
    expect_identical(v[7:9], columns[[name]][7:9], info = name)
  }
  expect_error(dynview(x, field = "g"), class = "dyncall_error_type")
  expect_error(dynview(x, field = "z"), class = "dyncall_error_argument")
  expect_error(dynview(x), class = "dyncall_error_type")
  expect_identical(dynview(offsetPtr(x, View$fields["b", "offset"]), "d", 100, stride = View$size), columns$b)
  expect_identical(dynview(x, View, 10, stride = 2 * View$size, field = "c"), columns$c[seq(1, 19, 2)])
  u <- dynalloc(Either, 3)
  u$i <- 1:3
  expect_identical(dynview(u, field = "i"), 1:3)
  # bytes at odd addresses
  y <- dynalloc("C", 33)
  z <- dyncast(offsetPtr(y, 1), "d", 4)
  z[] <- c(1, 2, 3, 4)
  expect_identical(dynview(z), c(1, 2, 3, 4))
  expect_identical(dynview(y, "C", 8, stride = 4), as.raw(y[seq(1, 29, 4)]))
})

test_that("C code of others reads regions of views", {
  if (is.null(.dynsym(.dynload(""), "REAL_GET_REGION"))) skip_or_fail("R exports no symbols")
  region <- function(name, type, view, out) {
    get <- .dynsym(.dynload(""), paste0(name, "_GET_REGION"))
    as.double(.dyncall(get, "x<ptrdiff_t><ptrdiff_t>p)<ptrdiff_t>", view, 1, 9, out))
  }
  rows <- list(list("REAL", "f", "d", c(1.5, -2, 3)), list("INTEGER", "s", "i", c(1L, -2L, 3L)),
               list("LOGICAL", "B", "i", c(TRUE, FALSE, TRUE)), list("RAW", "C", "C", c(1, 2, 255)),
               list("COMPLEX", "<float complex>", "<double complex>", c(1i, 2, -3)))
  for (row in rows) {
    x <- filled(row[[2]], row[[4]])
    size <- new.array(row[[2]], 1)
    for (view in list(dynview(x), dynview(x, row[[2]], 3, stride = length(unclass(size))))) {
      out <- dynalloc(row[[3]], 3)
      expect_identical(region(row[[1]], row[[2]], view, out), 2, info = row[[1]])
      expect_equal(out[], c(row[[4]][2:3], 0) + 0, info = row[[1]])
    }
  }
  bytes <- filled("C", 1:9)
  out <- dynalloc("C", 3)
  expect_identical(region("RAW", "C", dynview(bytes, "C", 3, stride = 3), out), 2)
  expect_equal(out[], c(4, 7, 0))
})

test_that("what a view shows follows the memory", {
  for (type in c("d", "f", "s", "i", "l")) {
    x <- filled(type, 1:5)
    v <- dynview(x)
    expect_identical(sum(v + 0), 15)
    x[2] <- 100
    expect_equal(v[2], 100)
    expect_equal(sum(v), 113)
    expect_equal((v + 0)[2], 100)
    fixture_call("owner", "zero", "pi)v", x, as.integer(5 * if (type %in% c("d", "l")) 8 else if (type == "s") 2 else 4))
    expect_equal(v + 0, rep(0, 5))
    expect_equal(v[2], 0)
  }
})

test_that("a view cannot be written to", {
  for (type in c("d", "f", "i", "s", "C", "B")) {
    x <- filled(type, c(1, 0, 1))
    v <- dynview(x)
    w <- v
    w[1] <- w[2]
    expect_equal(as.integer(x[]), c(1, 0, 1))
    expect_equal(as.integer(v), c(1, 0, 1))
    v[1] <- v[2]
    expect_equal(as.integer(v), c(0, 0, 1))
    expect_equal(as.integer(x[]), c(1, 0, 1))
    v <- dynview(x)
    names(v) <- c("a", "b", "c")
    v[["b"]] <- v[["a"]]
    expect_equal(as.integer(x[]), c(1, 0, 1))
    f <- function(u) {
      u[1] <- u[2]
      u
    }
    f(dynview(x))
    expect_equal(as.integer(x[]), c(1, 0, 1))
  }
  x <- filled("d", 1:200)
  v <- dynview(x)
  names(v) <- 1:200
  v["7"] <- 0
  expect_identical(x[], 1:200 + 0)
  text <- as.character(dynview(x))
  x[] <- 0
  expect_identical(text, as.character(1:200))
  x <- filled("d", c(3, 1, 2))
  v <- dynview(x)
  expect_identical(sort(v), c(1, 2, 3))
  expect_identical(x[], c(3, 1, 2))
  .dyncall(.dynsym(fixture("calls"), "add_doubles"), "*did)v", v, 3L, 10)
  expect_identical(x[], c(3, 1, 2))
  expect_identical(v, c(13, 11, 12))
})

test_that("summaries make no copy", {
  for (type in c("d", "f", "s", "i", "S", "l", "I", "C", "B")) {
    v <- dynview(filled(type, rep(c(1, 0), 5000)))
    if (type != "C") {
      list(sum(v), min(v), max(v), mean(v), anyNA(v), prod(v), is.na(v))
    }
    v[c(1, 10000)]
    head(v)
    format(v[1:5])
    for (e in v) break
    expect_false(expanded(v), info = type)
    utils::capture.output(utils::str(v))
  }
  v <- dynview(filled("s", 1:10))
  v + 1L
  expect_true(expanded(v))
})

test_that("a view of freed memory is an error, not a crash", {
  for (type in c("d", "f", "i", "s", "C", "B", "l", "<double complex>")) {
    x <- filled(type, c(1, 0, 1))
    v <- dynview(x)
    if (type != "C") v + 1
    dynfree(x)
    for (use in alist(v[1], v[], v[1:2], c(v), sum(v), rev(v), as.character(v), utils::capture.output(print(v)), v == v,
                      lapply(v, identity), saveRDS(v, tempfile()))) {
      if (type == "C" && identical(use, quote(sum(v)))) next
      expect_error(eval(use), "use after free", class = "dyncall_error_pointer", info = deparse(use))
    }
    expect_error(v[1] <- v[2], class = "dyncall_error_pointer")
    expect_identical(length(v), 3L)
  }
  expect_error(dynscope(dynview(filled("d", 1:3)))[1], "freed with its scope", class = "dyncall_error_pointer")
  v <- dynview(filled("d", 1:3))
  overwrite_garbage()
  expect_identical(v, c(1, 2, 3))
})

test_that("a saved view is an ordinary vector", {
  file <- tempfile()
  on.exit(unlink(file))
  for (type in names(view_cases)) {
    x <- filled(type, view_cases[[type]])
    saveRDS(dynview(x), file)
    dynfree(x)
    expect_identical(readRDS(file), view_cases[[type]])
  }
})

test_that("64-bit integers are exact or tell", {
  need_package_or_skip("bit64")
  x <- dynalloc("l", 3)
  x[] <- int64(c("9007199254740993", "-9223372036854775807", "5"))
  v <- dynview(x)
  expect_warning(v[1], class = "dyncall_warning_lossy")
  expect_silent(v[1])
  u <- dynalloc("L", 2)
  u[2] <- 2^63
  options(rdyncall.int64 = "integer64")
  on.exit(options(rdyncall.int64 = NULL))
  v <- dynview(x)
  expect_s3_class(v, "integer64")
  expect_identical(as.character(v), c("9007199254740993", "-9223372036854775807", "5"))
  expect_false(expanded(v))
  v <- dynview(u)
  expect_s3_class(v, "uint64")
  expect_identical(as.character(v), c("0", "9223372036854775808"))
})

test_that("the least int is NA", {
  x <- dynalloc("i", 2)
  x[2] <- -2147483648
  expect_identical(dynview(x), c(0L, NA))
  expect_identical(dynview(x, "i", 1, stride = 8), 0L)
  expect_identical(dynview(offsetPtr(x, 4), "i", 1, stride = 8), NA_integer_)
})

test_that("views know their bounds", {
  x <- dynalloc("d", 4)
  expect_identical(length(dynview(x)), 4L)
  expect_identical(length(dynview(offsetPtr(x, 4), "i")), 7L)
  expect_identical(length(dynview(x, "c", stride = 5)), 7L)
  expect_identical(length(dynview(offsetPtr(x, 32), "c")), 0L)
  expect_identical(length(dynview(x, "d", 0)), 0L)
  expect_identical(sum(dynview(x, "d", 0)), 0)
  empty <- dynview(x, "d", 0)
  attr(empty, "unit") <- "m" # in a copy
  expect_identical(empty, structure(numeric(), unit = "m"))
  for (call in alist(dynview(x, "d", 5), dynview(x, "d", 2, stride = 25), dynview(offsetPtr(x, 8), "d", 4),
                     dynview(x, "i", 1e8), dynview(fixture("owner"), "d", 1),
                     dynview(fixture_call("calls", "null_pointer", ")p"), "d", 1))) {
    expect_error(eval(call), class = "dyncall_error_pointer", info = deparse(call))
  }
  for (call in alist(dynview(1, "d", 1), dynview(x, "d", -1), dynview(x, "d", 1, stride = 0),
                     dynview(x, "d", 1, stride = -8), dynview(x, field = "y"), dynview(x, "d", NA),
                     dynview(fixture_call("owner", "const_numbers", ")*i")), dynview(x, field = 1),
                     dynview(offsetPtr(x, 0)), dynview(x, "d", 1e15, stride = 100),
                     dynview(x, "d", 1e7, stride = 2^52), dynview(x, "c", 2^53))) {
    expect_error(eval(call), class = "dyncall_error_argument", info = deparse(call))
  }
  for (call in alist(dynview(x, "p"), dynview(x, "Z"), dynview(x, "c[8]"), dynview(x, "<Nothing>"), dynview(x, "v"))) {
    expect_error(eval(call), class = "dyncall_error_type", info = deparse(call))
  }
  expect_identical(dynview(fixture_call("owner", "const_numbers", ")*i"), n = 4), 1:4)
})
