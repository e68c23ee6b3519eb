# External pointers.

test_that("null and external pointers are told apart", {
  nil <- fixture_call("calls", "null_pointer", ")p")
  expect_true(is.nullptr(nil))
  expect_true(is.nullptr(NULL))
  expect_false(is.nullptr(as.extptr(1)))
  for (x in list(0, "", list(), sin, NA)) expect_false(is.nullptr(x))
  expect_true(is.externalptr(nil))
  expect_true(is.externalptr(as.extptr(1)))
  for (x in list(NULL, 0, "a", sin, list(nil))) expect_false(is.externalptr(x))
})

test_that("as.extptr gives the memory of a vector", {
  for (x in list(1:3 + 0L, c(1, 2), c(TRUE, FALSE), as.raw(1:3), 1 + 2i)) {
    type <- c(integer = "i", double = "d", logical = "i", raw = "C", complex = "d")[[typeof(x)]]
    pointer <- as.extptr(x)
    expect_true(is.externalptr(pointer))
    expect_equal(.unpack(pointer, 0, type), 1)
  }
  expect_identical(ptr2str(as.extptr("text")), "text")
  pointer <- as.extptr(1)
  expect_identical(as.extptr(pointer), pointer)
  for (x in list(NULL, integer(), raw(), list(1), sin, quote(a), globalenv(), character(),
                 NA_character_)) {
    expect_error(as.extptr(x), class = "dyncall_error")
  }
})

test_that("a pointer keeps its vector alive", {
  pointers <- lapply(1:100, function(i) as.extptr(rep(i + 0.5, 100)))
  overwrite_garbage()
  expect_identical(vapply(pointers, function(p) .unpack(p, 792, "d"), 0), 1:100 + 0.5)
  ends <- lapply(pointers, offsetPtr, 400)
  rm(pointers)
  overwrite_garbage()
  expect_identical(.unpack(ends[[7]], 0, "d"), 7.5)
  before <- watched$gone
  pointer <- watched_pointer()
  end <- offsetPtr(pointer, 8)
  rm(pointer)
  expect_identical(gone_since(before), 0L)
  expect_identical(.unpack(end, 0, "d"), 2)
  rm(end)
  expect_identical(gone_since(before), 1L)
})

test_that("what is written through a pointer shows in the variable", {
  x <- c(1, 2) + 0
  pointer <- as.extptr(x)
  .pack(pointer, 8, "d", 9)
  expect_identical(x, c(1, 9))
  fixture_call("calls", "add_doubles", "pid)v", pointer, 2L, 10)
  expect_identical(x, c(11, 19))
})

test_that("pointers to one variable are one address, whatever else is done with it", {
  x <- c(1, 2) + 0
  p <- as.extptr(x)
  q <- as.extptr(x)
  expect_identical(format(p), format(q))
  .pack(p, 0, "d", 5)
  expect_identical(.unpack(q, 0, "d"), 5)
  add <- .dynsym(fixture("calls"), "add_doubles")
  .dyncall(add, "*did)v", x, 2L, 100)
  expect_identical(x, c(105, 102))
  expect_identical(.unpack(p, 0, "d"), 105)
  .pack(p, 0, "d", 7)
  expect_identical(x, c(7, 102))
})

test_that("a variable that was shared once is copied once", {
  y <- c(1, 2) + 0
  x <- y
  id <- .dynsym(fixture("calls"), "id_p")
  first <- .dyncall(id, "*d)p", x)
  expect_identical(format(.dyncall(id, "*d)p", x)), format(first))
  pass <- function(...) .dyncall(id, "*d)p", ...)
  expect_identical(format(pass(x)), format(first))
})

test_that("as.extptr leaves other variables and constants alone", {
  x <- c(1, 2) + 0
  y <- x
  .pack(as.extptr(x), 0, "d", 9)
  expect_identical(y, c(1, 2))
  f <- function() {
    v <- c(1L, 2L)
    .pack(as.extptr(v), 0, "i", 50L)
    c(1L, 2L)
  }
  for (i in 1:3) expect_identical(f(), 1:2)
})

test_that("offsets move a pointer within its memory", {
  x <- c(1, 2, 3) + 0
  pointer <- as.extptr(x)
  expect_identical(.unpack(offsetPtr(pointer, 8), 0, "d"), 2)
  expect_identical(.unpack(offsetPtr(offsetPtr(pointer, 16L), -8L), 0, "d"), 2)
  end <- offsetPtr(pointer, 24)
  expect_identical(.unpack(end, -8, "d"), 3)
  expect_error(.unpack(end, 0, "c"), class = "dyncall_error_pointer")
  for (offset in c(25, -1, 1e6, -1e6)) {
    expect_error(offsetPtr(pointer, offset), class = "dyncall_error_pointer",
                 regexp = "within 24 bytes")
  }
  for (offset in list(NA, "a", NULL, c(1, 2), NaN, Inf, list(1))) {
    expect_error(offsetPtr(pointer, offset), class = "dyncall_error_argument")
  }
  expect_identical(.unpack(offsetPtr(c(1, 2), 8), 0, "d"), 2)
  nil <- fixture_call("calls", "null_pointer", ")p")
  for (x in list(nil, fixture("calls"), NULL, list())) {
    expect_error(offsetPtr(x, 0L), class = "dyncall_error_pointer")
  }
})

test_that("memory of unknown size can be read at any offset", {
  parseStructInfos("Rect{ssSS}x y w h;")
  fixture_call("pairs", "rect_reset", ")v")
  rect <- fixture_call("pairs", "rect_static", ")p")
  expect_identical(.unpack(rect, 6, "S"), 4L)
  expect_identical(.unpack(offsetPtr(rect, 6), 0, "S"), 4L)
  expect_identical(.unpack(offsetPtr(rect, 6), -4, "s"), 2L)
})

test_that("a pointer out of a file is null, and using it is an error", {
  file <- tempfile()
  on.exit(unlink(file))
  pointer <- as.extptr(c(1, 2))
  saveRDS(pointer, file)
  back <- readRDS(file)
  expect_true(is.nullptr(back))
  expect_error(.unpack(back, 0, "d"), class = "dyncall_error_pointer")
  expect_error(.pack(back, 0, "d", 1), class = "dyncall_error_pointer")
  expect_error(offsetPtr(back, 8), class = "dyncall_error_pointer")
  expect_error(fixture_call("calls", "is_null", "p)i", back), "save the vector", class = "dyncall_error_pointer")
  expect_error(.dyncall(back, ")v"), class = "dyncall_error_pointer")
})
