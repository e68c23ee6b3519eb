# C strings.

test_that("strptr and ptr2str are inverse", {
  for (text in c("text", "", "\u00e9t\u00e9", strrep("long ", 10000))) {
    back <- ptr2str(strptr(text))
    expect_identical(back, text)
    expect_identical(Encoding(back), if (text == "\u00e9t\u00e9") "UTF-8" else "unknown")
  }
  expect_identical(ptr2str(strptr(c("first", "second"))), "first")
})

test_that("strings are passed as UTF-8", {
  latin1 <- "\xe9"
  Encoding(latin1) <- "latin1"
  expect_identical(.unpack(strptr(latin1), 0, "C"), 0xc3L)
  expect_identical(ptr2str(strptr(latin1)), "\u00e9")
})

test_that("strptr gives a copy that C may write to", {
  text <- "lower"
  pointer <- strptr(text)
  fixture_call("calls", "upper", "p)v", pointer)
  expect_identical(ptr2str(pointer), "LOWER")
  expect_identical(text, "lower")
  expect_identical(paste0("low", "er"), "lower")
  keep <- strptr(paste("kept", 1))
  gc()
  garbage <- lapply(1:1000, function(i) paste("kept", i))
  expect_identical(ptr2str(keep), "kept 1")
})

test_that("strings passed to C that writes are not R's own", {
  text <- "lower"
  fixture_call("calls", "upper", "*c)v", text)
  fixture_call("calls", "upper", "p)v", text)
  expect_identical(text, "lower")
  expect_identical(toupper("lower"), "LOWER")
})

test_that("what is no string is an error", {
  for (x in list(NULL, NA_character_, character(), 1, list("a"), quote(a), sin)) {
    expect_error(strptr(x), class = "dyncall_error")
  }
  for (x in list("abc", 1L, TRUE, list(), sin, quote(a), fixture("calls"))) {
    expect_error(ptr2str(x), class = "dyncall_error_pointer")
  }
})

test_that("null pointers are NULL", {
  expect_null(ptr2str(fixture_call("calls", "null_pointer", ")p")))
  expect_null(ptr2str(NULL))
  expect_null(fixture_call("calls", "null_string", ")Z"))
})

test_that("memory of known size is not read past its end", {
  expect_error(ptr2str(as.extptr(as.raw(c(65, 66)))), class = "dyncall_error_pointer")
  expect_identical(ptr2str(as.extptr(as.raw(c(65, 66, 0, 67)))), "AB")
  expect_identical(ptr2str(offsetPtr(as.extptr(as.raw(c(65, 66, 0))), 1)), "B")
})

test_that("string arrays end with a null pointer and stay alive", {
  texts <- c("one", "", "tr\u00e9s", NA, strrep("x", 1000))
  array <- strarrayptr(texts)
  gc()
  garbage <- lapply(1:1000, function(i) raw(2000))
  size <- .Machine$sizeof.pointer
  for (i in seq_along(texts)) {
    at <- .unpack(array, (i - 1) * size, "Z")
    if (is.na(texts[i])) expect_null(at) else expect_identical(at, texts[i])
  }
  expect_true(is.nullptr(.unpack(array, length(texts) * size, "p")))
  expect_true(is.nullptr(.unpack(strarrayptr(character()), 0, "p")))
  expect_identical(ptr2str(.unpack(strarrayptr("a"), 0, "p")), "a")
  for (x in list(NULL, 1, list("a"), sin)) expect_error(strarrayptr(x), class = "dyncall_error")
})

test_that("strings of bytes go to C as they are", {
  bytes <- "\xff\xfe"
  Encoding(bytes) <- "bytes"
  expect_identical(fixture_call("calls", "id_Z", "Z)p", bytes) |> .unpack(0, "C[3]"), as.raw(c(0xff, 0xfe, 0)))
  parseStructInfos("Code{c[4]}text;")
  x <- new.struct(Code)
  x$text <- bytes
  expect_identical(as.vector(unclass(x[])), as.raw(c(0xff, 0xfe, 0, 0)))
})
