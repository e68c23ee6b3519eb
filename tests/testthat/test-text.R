# Strings in all encodings, and arrays of strings.

at <- function(name) .dynsym(fixture("text"), name)

ete <- "\u00e9t\u00e9"
euro <- "5 \u20ac"
smile <- "a\U{1F600}b"
latin1 <- function(bytes) {
  Encoding(bytes) <- "latin1"
  bytes
}
marked <- function(bytes, encoding) {
  Encoding(bytes) <- encoding
  bytes
}

# The bytes that C gets for a string.
bytes_of <- function(text, type) {
  unit <- switch(type, "<utf16>" = 16, "<utf32>" = 32, 8)
  out <- raw(64)
  n <- .dyncall(at(paste0("bytes", unit)), paste0(type, "*C)i"), text, out)
  out[seq_len(n)]
}
units <- function(bytes, size) readBin(bytes, "integer", length(bytes) %/% size, size = size, signed = size > 2)

test_that("each encoding has its bytes", {
  for (text in list(ete, enc2native(ete), latin1("\xe9t\xe9"))) {
    expect_identical(bytes_of(text, "Z"), charToRaw(enc2utf8(ete)))
    expect_identical(bytes_of(text, "<latin1>"), as.raw(c(0xe9, 0x74, 0xe9)))
    expect_identical(units(bytes_of(text, "<utf16>"), 2L), c(0xe9L, 0x74L, 0xe9L))
    expect_identical(units(bytes_of(text, "<utf32>"), 4L), c(0xe9L, 0x74L, 0xe9L))
    expect_identical(bytes_of(text, "<native>"), charToRaw(enc2native(ete)))
  }
  expect_identical(units(bytes_of(smile, "<utf16>"), 2L), c(97L, 0xd83dL, 0xde00L, 98L))
  expect_identical(units(bytes_of(smile, "<utf32>"), 4L), c(97L, 0x1f600L, 98L))
  for (type in c("Z", "<native>", "<latin1>", "<utf16>", "<utf32>")) {
    expect_identical(bytes_of("", type), raw())
    expect_identical(.dyncall(at("same"), paste0(type, ")", type), ""), "")
    expect_null(.dyncall(at("same"), paste0(type, ")", type), NULL))
  }
  expect_identical(.dyncall(at("wide_length"), "<wstring>)i", "abc"), 3L)
  expect_identical(.dyncall(at("wide_length"), "<wstring>)i", NULL), -1L)
})

test_that("results are strings marked as UTF-8", {
  for (type in c("<utf16>", "<utf32>", "<wstring>", "Z", "<native>")) {
    for (text in c(ete, euro, smile, "plain", strrep("long\u20ac ", 10000))) {
      got <- .dyncall(at("same"), paste0(type, ")", type), text)
      expect_identical(got, text)
      expect_true(validUTF8(got))
      if (type != "<native>" && text != "plain") expect_identical(Encoding(got), "UTF-8")
    }
  }
  got <- .dyncall(at("same"), "<latin1>)<latin1>", ete)
  expect_identical(list(got, Encoding(got)), list(ete, "UTF-8"))
  every <- rawToChar(as.raw(1:255))
  expect_identical(charToRaw(.dyncall(at("same"), "<latin1>)<latin1>", latin1(every))), charToRaw(iconv(every, "latin1", "UTF-8")))
})

test_that("what an encoding does not have is refused", {
  for (case in list(list("<latin1>", euro, "U\\+20AC"), list("<latin1>", smile, "U\\+1F600"),
                    list("<utf16>", marked("\xff", "UTF-8"), "no valid text"),
                    list("<utf32>", marked("\xed\xa0\x80", "UTF-8"), "no valid text"),
                    list("<wstring>", marked("a\xc3", "UTF-8"), "no valid text"),
                    list("<utf32>", marked("a\xc3(b", "UTF-8"), "no valid text"),
                    list("<latin1>", marked("\xc3", "UTF-8"), "no valid text"),
                    list("<utf16>", marked("a\xc0\x80b", "UTF-8"), "no valid text"), # a nul in disguise
                    list("<utf32>", marked("\xe0\x80\x80", "UTF-8"), "no valid text"),
                    list("<utf16>", marked("\xf0\x80\x80\x80", "UTF-8"), "no valid text"),
                    list("<utf32>", marked("\xf4\x90\x80\x80", "UTF-8"), "no valid text"),
                    list("<utf16>", marked("\xff", "bytes"), "no valid text"))) {
    e <- tryCatch(.dyncall(at("same"), paste0(case[[1]], ")p"), case[[2]]), error = identity)
    expect_s3_class(e, "dyncall_error_argument")
    expect_identical(e$code, "ARG_TEXT")
    expect_match(conditionMessage(e), paste0("argument 1.*expected text in .*", case[[3]]))
  }
  for (type in c("<latin1>", "<utf16>", "<native>", "<wstring>")) {
    for (bad in list(NA_character_, character(), 1, raw(3), charToRaw("a"), list("a"), sum, quote(a))) {
      expect_error(.dyncall(at("same"), paste0(type, ")p"), bad), class = "dyncall_error_argument")
    }
  }
  # no string of R has a nul in it, and bytes are no strings
  expect_error(.dyncall(at("same"), "Z)p", as.raw(c(97, 0, 98))), class = "dyncall_error_argument", regexp = "raw")
  bytes <- marked("\xff\xfe", "bytes")
  expect_identical(bytes_of(bytes, "<latin1>"), as.raw(c(0xff, 0xfe)))
  expect_identical(bytes_of(bytes, "<native>"), as.raw(c(0xff, 0xfe)))
})

test_that("C text that is none is refused", {
  expect_error(.dyncall(at("lone"), ")<utf16>"), class = "dyncall_error_argument", regexp = "UTF-16, got the unit 0xd83d")
  expect_error(.dyncall(at("far_away"), ")<utf32>"), class = "dyncall_error_argument", regexp = "UTF-32, got the unit 0x110000")
  p <- .dyncall(at("lone"), ")p")
  expect_error(ptr2str(p, "<utf16>"), class = "dyncall_error_argument")
})

test_that("another locale's strings are converted or refused, never replaced", {
  code <- c(
    sprintf("lib <- .dynload(%s)", deparse(fixture_file("text"))),
    "f <- function(type, text) {",
    "  out <- raw(16)",
    "  n <- tryCatch(.dyncall(.dynsym(lib, 'bytes8'), paste0(type, '*C)i'), text, out), error = function(e) class(e)[1])",
    "  if (is.character(n)) n else paste(out[seq_len(n)], collapse = '')",
    "}",
    "cat(l10n_info()[['UTF-8']], f('<native>', '\\u00e9'), f('<native>', 'abc'), f('Z', '\\u00e9'),",
    "    f('Z', rawToChar(as.raw(0xe9))), f('<latin1>', rawToChar(as.raw(0xe9))), f('<latin1>', '\\u00e9'))")
  child <- in_child(code, env = c("LC_ALL=C", "LANG=C"))
  expect_identical(child$status, 0L, info = child$output)
  expect_match(child$output, paste("^FALSE dyncall_error_argument 616263 c3a9 dyncall_error_argument",
                                   "dyncall_error_argument e9$"))
})

test_that("fields and callbacks take all encodings", {
  parseStructInfos("texts{<latin1><utf16><utf32><wstring>*Z}latin1 utf16 utf32 wide list;")
  t <- new.struct(texts)
  t$latin1 <- ete
  t$utf16 <- smile
  t$utf32 <- smile
  t$wide <- "wide"
  t$list <- c("a", "b")
  overwrite_garbage()
  expect_identical(.dyncall(at("text_lengths"), "*<texts>)i", t), 4L + 30L + 300L + 4000L + 20000L)
  expect_identical(list(t$latin1, t$utf16, t$utf32, t$wide), list(ete, smile, smile, "wide"))
  expect_identical(dynstrings(t$list), c("a", "b"))
  copy <- t
  t$list <- strrep("c", 1000)
  rm(t)
  overwrite_garbage()
  expect_identical(dynstrings(copy$list), c("a", "b"))
  expect_error(copy$latin1 <- euro, class = "dyncall_error_argument", regexp = "field 'latin1' of 'texts'")
  expect_identical(copy$latin1, ete)
  seen <- NULL
  f <- function(x) {
    seen <<- x
    paste0(x, "!")
  }
  expect_identical(.dyncall(at("call16"), "*(<utf16>)<utf16><utf16>)i", f, smile), 5L)
  expect_identical(seen, smile)
  expect_identical(.dyncall(at("call16"), "*(<utf16>)<utf16><utf16>)i", function(x) NULL, smile), -1L)
  expect_error(.dyncall(at("call16"), "*(<latin1>)<latin1><utf16>)i", function(x) euro, "a"),
               class = "dyncall_error_argument", regexp = "result of callback")
  a <- new.array("<utf16>", 3)
  a[] <- c(ete, euro, smile)
  expect_identical(a[], c(ete, euro, smile))
  dynbind(fixture("text"), "new16(<utf16>)<utf16> from @free=free;")
  expect_identical(new16(smile), smile)
})

test_that("types of strings are spelled as in C", {
  expect_error(.dyncall(at("same"), "<utf16>)p", 1), regexp = "expected const char16_t *, got 1", fixed = TRUE)
  expect_error(.dyncall(at("same"), "<latin1>)p", 1), regexp = "expected const char *, got 1", fixed = TRUE)
  dynbind(fixture("text"), "same(<utf16><utf32><wstring>k<utf16><native>*<utf16>)<latin1> a b c d e f;")
  expect_output(print(same), paste0("const char *same(const char16_t *a, const char32_t *b, const wchar_t *c, ",
                                    "const char16_t *const d, const char *e, const char16_t **f)"), fixed = TRUE)
  parseTypedefs("text=<utf16>; plain=Z;")
  expect_identical(.dyncall(at("same"), "<text>)<text>", smile), smile)
  expect_error(.dyncall(at("same"), "<plain>)p", 1), regexp = "expected plain", fixed = TRUE)
})

test_that("the length of text is counted in its units", {
  dynbind(fixture("text"), "units_given(<utf16>i)i text n @length=n:text;")
  for (text in c("", "abc", ete, smile)) expect_identical(units_given(text), sum(nchar(text) + (text == smile)))
})

# ---- arrays of strings ----

test_that("a character vector is an array of strings that a null pointer ends", {
  both <- integer(1)
  for (type in c("*Z", "*kZ", "k*Z", "**c", "**kc", "*k*kc", "*<native>")) {
    n <- .dyncall(at("count_strings"), paste0(type, "*i)i"), c("one", "", ete), both)
    expect_identical(c(n, both), c(3L, 8L), label = type)
    expect_identical(.dyncall(at("count_strings"), paste0(type, "*i)i"), character(), both), 0L)
    expect_error(.dyncall(at("count_strings"), paste0(type, "*i)i"), c("a", NA), both),
                 class = "dyncall_error_argument", regexp = "argument 1")
    expect_error(.dyncall(at("count_strings"), paste0(type, "*i)i"), list("a"), both), class = "dyncall_error_argument")
  }
  .dyncall(at("count_strings"), "*<latin1>*i)i", c(ete, "a"), both)
  expect_identical(both, 4L)
  expect_error(.dyncall(at("count_strings"), "*<latin1>*i)i", c(ete, euro), both),
               class = "dyncall_error_argument", regexp = "argument 1.*U\\+20AC")
  # C may write: to a copy
  words <- c("abc", "def")
  .dyncall(at("spoil"), "**c)v", words)
  expect_identical(words, c("abc", "def"))
  p <- strarrayptr(words)
  .dyncall(at("spoil"), "**c)v", p)
  expect_identical(dynstrings(p), "Xbc")
  # a string that is found in an argument stays
  many <- paste0("word", 1:100)
  expect_identical(.dyncall(at("string_at"), "*Zi)Z", many, 99), "word100")
  back <- .dyncall(at("same"), "*Z)p", many)
  overwrite_garbage()
  expect_identical(dynstrings(back), many)
})

test_that("arrays of strings are read", {
  words <- .dyncall(at("word_list"), ")*Z")
  expect_identical(dynstrings(words), c("one", "two", ete))
  expect_identical(dynstrings(words, 2), c("one", "two"))
  expect_identical(dynstrings(words, 5), c("one", "two", ete, NA, "five"))
  expect_identical(dynstrings(words, 0), character())
  expect_identical(dynstrings(.dyncall(at("word_list16"), ")p"), type = "<utf16>"), c("one", substr(smile, 2, 2)))
  expect_null(dynstrings(NULL))
  expect_null(dynstrings(.dyncall(at("same"), "p)p", NULL)))
  expect_identical(dynstrings(NULL, 0), character())
  expect_error(dynstrings(NULL, 1), class = "dyncall_error_pointer")
  for (bad in list(-1, NA, "1", 1:2)) expect_error(dynstrings(words, bad), class = "dyncall_error_argument")
  expect_error(dynstrings(words, type = "i"), class = "dyncall_error_type")
  expect_error(dynstrings(words, type = "<nothing>"), class = "dyncall_error_type")
  for (bad in list("a", 1, list(), sum)) expect_error(dynstrings(bad), class = "dyncall_error_pointer")
  # memory of known size is not read past its end
  p <- strarrayptr(c("a", "b"))
  room <- dynalloc("p", 2)
  room[] <- list(strptr("a"), strptr("b"))
  expect_identical(dynstrings(room, 2), c("a", "b"))
  expect_error(dynstrings(room), class = "dyncall_error_pointer")
  expect_error(dynstrings(room, 3), class = "dyncall_error_pointer")
  dynfree(room)
  expect_error(dynstrings(room, 1), class = "dyncall_error_pointer")
})

test_that("strptr, ptr2str and strarrayptr know encodings", {
  for (type in c("Z", "<native>", "<utf16>", "<utf32>", "<wstring>")) {
    for (text in c("", "plain", ete, euro, smile)) {
      expect_identical(ptr2str(strptr(text, type), type), text)
    }
    expect_identical(dynstrings(strarrayptr(c(ete, NA, smile), type), 3, type), c(ete, NA, smile))
    expect_null(ptr2str(NULL, type))
  }
  expect_identical(ptr2str(strptr(ete, "<latin1>"), "<latin1>"), ete)
  expect_identical(ptr2str(strptr(ete, "*c"), "*c"), ete)
  expect_identical(ptr2str(as.raw(c(0xe9, 0)), "<latin1>"), "\u00e9")
  for (f in list(strptr, strarrayptr)) {
    expect_error(f(euro, "<latin1>"), class = "dyncall_error_argument", regexp = "U\\+20AC")
    expect_error(f("a", "d"), class = "dyncall_error_type")
  }
  # a zero byte is no zero unit, and half a unit is none
  expect_error(ptr2str(as.raw(c(97, 0)), "<utf16>"), class = "dyncall_error_pointer")
  expect_error(ptr2str(as.raw(c(97, 0, 0)), "<utf16>"), class = "dyncall_error_pointer")
  expect_identical(ptr2str(as.raw(c(0, 0, 0)), "<utf16>"), "")
})
