# Arrays of C float.

test_that("floatraw makes room for floats", {
  f <- floatraw(3)
  expect_s3_class(f, "floatraw")
  expect_identical(length(unclass(f)), 12L)
  expect_identical(floatraw2numeric(f), c(0, 0, 0))
  expect_identical(floatraw2numeric(floatraw(0)), numeric())
  expect_identical(length(unclass(floatraw(2.9))), 8L)
  for (n in list(-1, NA, "3", NULL, c(1, 2), Inf, NaN, list(3))) {
    expect_error(floatraw(n), class = "dyncall_error_argument")
  }
})

test_that("numbers are rounded to floats and come back", {
  x <- c(0, 1, -2.5, 1e10, Inf, -Inf)
  expect_identical(floatraw2numeric(as.floatraw(x)), x)
  back <- floatraw2numeric(as.floatraw(c(0.1, NA, NaN, 1e300, 1e-300)))
  expect_identical(back[1], 0.1 + 1 / 671088640)
  expect_true(all(is.na(back[2:3])))
  expect_identical(back[4:5], c(Inf, 0))
  expect_identical(floatraw2numeric(as.floatraw(1:3)), c(1, 2, 3))
  expect_identical(floatraw2numeric(as.floatraw(c(TRUE, FALSE))), c(1, 0))
  expect_identical(as.floatraw(as.floatraw(1.5)), as.floatraw(1.5))
  for (x in list("1", NULL, list(1), raw(4), 1i, sin)) {
    expect_error(as.floatraw(x), class = "dyncall_error_argument")
  }
})

test_that("C reads and writes the floats", {
  f <- as.floatraw(c(0.5, 0.25, 8))
  expect_identical(fixture_call("calls", "sum_floats", "*fi)d", f, 3L), 8.75)
  expect_identical(.unpack(f, 4, "f"), 0.25)
  .pack(f, 4, "f", 1)
  expect_identical(floatraw2numeric(f), c(0.5, 1, 8))
  expect_error(fixture_call("calls", "sum_floats", "*fi)d", c(0.5, 0.25), 2L),
               class = "dyncall_error_argument")
})

test_that("what is no floatraw is not read as one", {
  for (x in list(raw(4), 1, NULL, structure(raw(3), class = "floatraw"),
                 structure(1, class = "floatraw"))) {
    expect_error(floatraw2numeric(x), class = "dyncall_error_argument")
  }
})

test_that("floats print as numbers", {
  expect_identical(utils::capture.output(print(as.floatraw(c(1, 2.5)))), "[1] 1.0 2.5")
})
