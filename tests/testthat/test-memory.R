# .pack and .unpack: one value of a type at an offset.

test_that("every type is read back as it was written", {
  cases <- list(B = list(TRUE, FALSE), c = list(-128L, 127L), C = list(0L, 255L),
                s = list(-32768L, 32767L), S = list(65535L), i = list(-5L, .Machine$integer.max),
                I = list(2^32 - 1), j = list(-2^31), J = list(2^31 - 1), l = list(-2^53, 2^53),
                L = list(2^53), f = list(0.5, -2), d = list(0.1, NA_real_, Inf), D = list(0.25))
  buffer <- raw(64)
  pointer <- as.extptr(raw(64))
  for (letter in names(cases)) {
    for (value in cases[[letter]]) {
      for (offset in c(0, 1, 7, 48)) {
        buffer <- .pack(buffer, offset, letter, value)
        expect_identical(.unpack(buffer, offset, letter), value, label = paste(letter, offset))
        .pack(pointer, offset, letter, value)
        expect_identical(.unpack(pointer, offset, letter), value, label = paste(letter, offset))
      }
    }
  }
  .pack(pointer, 8, "Z", "text")
  gc()
  expect_identical(.unpack(pointer, 8, "Z"), "text")
  .pack(pointer, 8, "p", NULL)
  expect_true(is.nullptr(.unpack(pointer, 8, "p")))
  expect_null(.unpack(pointer, 8, "Z"))
  expect_identical(.unpack(pointer, 8, "<size_t>"), 0)
})

test_that("bytes are where C has them", {
  if (.Platform$endian != "little") skip("about little-endian machines")
  buffer <- raw(8)
  .pack(buffer, 2, "s", -2)
  expect_identical(buffer, as.raw(c(0, 0, 0xfe, 0xff, 0, 0, 0, 0)))
  .pack(buffer, 4, "i", 1)
  expect_identical(buffer, as.raw(c(0, 0, 0xfe, 0xff, 1, 0, 0, 0)))
  expect_identical(.unpack(buffer, 3, "S"), 0x01ffL)
  .pack(buffer, 0, "B", 3)
  expect_identical(buffer[1], as.raw(1))
  expect_identical(.unpack(as.raw(c(0, 0x80)), 1, "B"), TRUE)
})

test_that(".pack writes into the variable's vector and returns it", {
  for (x in list(raw(16), integer(4), double(2), logical(4), complex(1))) {
    .pack(x, 8, "i", 5L)
    expect_identical(.unpack(x, 8, "i"), 5L, label = typeof(x))
    y <- .pack(x, 12, "i", 6L)
    expect_identical(y, x, label = typeof(x))
    expect_identical(.unpack(x, 12, "i"), 6L, label = typeof(x))
  }
  x <- integer(2)
  .pack(x, 4, "i", 9L)
  expect_identical(x, c(0L, 9L))
  expect_invisible(.pack(x, 4, "i", 10L))
})

test_that(".pack leaves other variables and constants alone", {
  x <- c(1, 2)
  y <- x
  .pack(x, 0, "d", 9)
  expect_identical(list(x, y), list(c(9, 2), c(1, 2)))
  f <- function() {
    z <- c(1L, 2L, 3L)
    .pack(z, 0, "i", 100L)
    c(1L, 2L, 3L)
  }
  for (i in 1:3) expect_identical(f(), 1:3)
  g <- function(v = c(1, 2)) {
    .pack(v, 0, "d", 50)
    v
  }
  expect_identical(g(), c(50, 2))
  expect_identical(g(), c(50, 2))
  expect_identical(formals(g)$v, quote(c(1, 2)))
  l <- list(x)
  e <- l[[1]]
  .pack(e, 0, "d", 7)
  expect_identical(l, list(c(9, 2)))
})

test_that("bounds of vectors and of pointers to them are checked", {
  x <- raw(8)
  pointer <- as.extptr(raw(8))
  offsets <- list(c("c", 7), c("s", 6), c("i", 4), c("d", 0))
  for (case in offsets) {
    last <- as.numeric(case[2])
    for (memory in list(x, pointer)) {
      .pack(memory, last, case[1], 1)
      expect_identical(as.numeric(.unpack(memory, last, case[1])), 1)
      for (offset in c(last + 1, 8, 9, 1000, 2^31, 2^52, -1, -8)) {
        expect_error(.unpack(memory, offset, case[1]), class = "dyncall_error_pointer",
                     regexp = "within 8 bytes", info = offset)
        expect_error(.pack(memory, offset, case[1], 1), class = "dyncall_error_pointer",
                     info = offset)
      }
    }
  }
  middle <- offsetPtr(pointer, 4)
  expect_identical(.unpack(middle, -4, "i"), .unpack(pointer, 0, "i"))
  expect_error(.unpack(middle, 1, "i"), class = "dyncall_error_pointer")
  expect_error(.unpack(middle, -5, "i"), class = "dyncall_error_pointer")
  expect_error(.unpack(raw(), 0, "c"), class = "dyncall_error_pointer")
})

test_that("offsets are numbers", {
  x <- raw(8)
  for (offset in list(NA, NA_real_, NaN, Inf, "1", NULL, c(1, 2), list(0), TRUE, 1i, 1e300)) {
    expect_error(.unpack(x, offset, "c"), class = "dyncall_error_argument")
    expect_error(.pack(x, offset, "c", 1), class = "dyncall_error_argument")
  }
})

test_that("what is no memory is an error", {
  nil <- fixture_call("calls", "null_pointer", ")p")
  for (x in list(NULL, list(1), "text", sin, quote(a), globalenv(), nil, fixture("calls"),
                 new.callback(")v", function() NULL))) {
    expect_error(.unpack(x, 0, "i"), class = "dyncall_error_pointer")
    expect_error(.pack(x, 0, "i", 1), class = "dyncall_error_pointer")
  }
})

test_that("a symbol may be a variable", {
  number <- .dynsym(fixture("calls"), "exported_number")
  expect_identical(.unpack(number, 0, "i"), 42L)
  .pack(number, 0, "i", 43L)
  expect_identical(.unpack(.dynsym(fixture("calls"), "exported_number"), 0, "i"), 43L)
  .pack(number, 0, "i", 42L)
})

test_that("a variable of a library that was unloaded is an error", {
  file <- tempfile(fileext = .Platform$dynlib.ext)
  on.exit(unlink(file))
  file.copy(fixture_file("calls"), file)
  lib <- .dynload(file)
  number <- .dynsym(lib, "exported_number")
  before <- .unpack(number, 0, "i")
  .dynunload(lib)
  expect_error(.unpack(number, 0, "i"), class = "dyncall_error_pointer", regexp = "unloaded")
  expect_error(.pack(number, 0, "i", 1L), class = "dyncall_error_pointer", regexp = "unloaded")
  expect_identical(.unpack(.dynsym(fixture("calls"), "exported_number"), 0, "i"), before)
})

test_that("types are checked and values as for arguments", {
  x <- raw(16)
  for (type in list("", NA_character_, NULL, 1, c("i", "i"))) {
    expect_error(.unpack(x, 0, type), class = "dyncall_error_signature")
    expect_error(.pack(x, 0, type, 1), class = "dyncall_error_signature")
  }
  for (type in c("q", "ii", "i)", "*", "<", "i[")) {
    expect_error(.unpack(x, 0, type), class = "dyncall_error_signature", info = type)
  }
  expect_error(.unpack(x, 0, "v"), class = "dyncall_error")
  expect_error(.unpack(x, 0, "<Nowhere>"), class = "dyncall_error_type")
  expect_error(.pack(x, 4, "i", NA), class = "dyncall_error_argument",
               regexp = "value at offset 4: expected a value of type int, got NA")
  expect_error(.pack(x, 0, "c", 128), class = "dyncall_error_argument")
  expect_error(.pack(x, 0, "d", "1"), class = "dyncall_error_argument")
  expect_identical(x, raw(16))
})

test_that("whole types are read and written, too", {
  parseStructInfos("Rect{ssSS}x y w h;")
  memory <- as.extptr(raw(32))
  .pack(memory, 8, "<Rect>", list(x = 1, h = 4))
  r <- .unpack(memory, 8, "<Rect>")
  expect_identical(as.list(r), list(x = 1L, y = 0L, w = 0L, h = 4L))
  r$w <- 9
  expect_identical(.unpack(memory, 12, "S"), 9L)
  .pack(memory, 16, "i[3]", 1:3)
  expect_identical(.unpack(memory, 16, "i[3]"), 1:3)
  expect_identical(.unpack(memory, 20, "i"), 2L)
  expect_error(.unpack(memory, 28, "i[2]"), class = "dyncall_error_pointer")
  .pack(memory, 0, "c[8]", "abc")
  expect_identical(.unpack(memory, 0, "c[8]"), "abc")
  copy <- .unpack(raw(8), 0, "<Rect>")
  expect_identical(copy$x, 0L)
})

test_that("64-bit integers are exact or say so", {
  x <- as.raw(c(1, 0, 0, 0, 0, 0, 0x20, 0))
  if (.Platform$endian == "big") x <- rev(x)
  expect_warning(value <- .unpack(x, 0, "l"), class = "dyncall_warning_lossy")
  expect_identical(value, 2^53)
  need_package_or_skip("bit64")
  old <- options(rdyncall.int64 = "integer64")
  on.exit(options(old))
  expect_identical(as.character(.unpack(x, 0, "l")), "9007199254740993")
  expect_identical(as.character(.unpack(rep(x, 2), 0, "l[2]")), rep("9007199254740993", 2))
  .pack(x, 0, "l", int64("-9223372036854775807"))
  expect_identical(as.character(.unpack(x, 0, "l")), "-9223372036854775807")
})

test_that("pointers to pointers are followed", {
  outer <- as.extptr(raw(32))
  .pack(outer, 8, "p", as.extptr(c(1.5, 2.5) + 0))
  .pack(outer, 16, "Z", paste("a", "string"))
  overwrite_garbage()
  expect_identical(.unpack(.unpack(outer, 8, "*d"), 8, "d"), 2.5)
  expect_identical(.unpack(outer, 16, "Z"), "a string")
})

test_that("memory holds what was stored in it until it is stored over", {
  before <- watched$gone
  for (memory in list(as.extptr(raw(32)), raw(32))) {
    memory <- .pack(memory, 8, "p", watched_pointer())
    expect_identical(gone_since(before), 0L)
    .pack(memory, 0, "i", 5L)
    .pack(memory, 16, "Z", "text")
    expect_identical(gone_since(before), 0L)
    memory <- .pack(memory, 8, "p", NULL)
    expect_identical(gone_since(before), 1L)
    before <- watched$gone
  }
})
