# Converters of types and of classes.

at <- function(name) .dynsym(fixture("convert"), name)

days <- as.Date(c("2020-02-29", "1969-07-20", "1970-01-01"))

dynconvert("day", "i", preset = "Date")
dynconvert("<when>", preset = "POSIXct")
parseStructInfos("span{lj}tv_sec tv_nsec; usec{jj}tv_sec tv_usec;")
dynconvert("moment", span, preset = "POSIXct")
dynconvert("label", "Z", to = function(x) paste0("<", x, ">"), from = toupper, vectorised = TRUE)
dynconvert("word", "Z", to = function(x) paste0(x, "!"), from = function(x) list(x))
parseEnumInfos("color{RED GREEN=5 BLUE}; wide:l{BIG=0x100000000 NEG=-5};")
parseTypedefs("paint=<color>; birthday=<day>;")
dynconvert("fcolor", "<paint>", preset = "factor")
parseStructInfos("event{<day><day>[2][3]<moment><label><day>:20I:12}day days at label when rest;")

test_that("a type with a converter is a type of its name", {
  expect_true(is.typeinfo(day))
  expect_identical(c(day$size, day$align), c(4, 4))
  expect_output(print(day), "base day, 4 bytes, aligned to 4, converted from i", fixed = TRUE)
  expect_identical(names(day$converter), c("to", "from", "vectorised"))
  expect_null(color$converter)
  expect_identical(when$name, "when")
  e <- new.env()
  got <- withVisible(dynconvert("only", "d", to = as.numeric, envir = e))
  expect_false(got$visible)
  expect_identical(got$value, e$only)
  expect_identical(parseTypedefs("a=<only>;", e)$a$size, 8)
})

test_that("arguments and results are converted", {
  expect_identical(.dyncall(at("next_day"), "<day>)<day>", days[1]), days[1] + 1)
  expect_identical(.dyncall(at("next_day"), "<day>)i", days[2]), -164L)
  expect_identical(.dyncall(at("next_day"), "<birthday>)<birthday>", "2020-12-31"), as.Date("2021-01-01"))
  expect_identical(.dyncall(at("next_day"), "<day>)i", structure(-0.5, class = "Date")), 0L)
  now <- as.POSIXct("2024-05-06 07:08:09", tz = "UTC")
  got <- .dyncall(at("add_hours"), "<when>i)<when>", now, 2)
  expect_s3_class(got, "POSIXct")
  expect_identical(as.numeric(got), as.numeric(now) + 7200)
  expect_identical(.dyncall(at("tail_of"), "<label>)<label>", "ab"), "AB>")
  expect_identical(.dyncall(at("tail_of"), "<word>)<word>", "ab"), list("b!"))
  dynbind(fixture("convert"), "next_day(<day>)<day> d;")
  expect_identical(next_day(days[3]), as.Date("1970-01-02"))
  expect_output(print(next_day), "day next_day(day d)", fixed = TRUE)
})

test_that("either function may be missing", {
  dynconvert("half", "d", from = function(x) x / 2)
  dynconvert("twice", "i", to = function(x) 2 * x)
  expect_identical(.unpack(.pack(raw(8), 0, "<half>", 5), 0, "<half>"), 2.5)
  expect_identical(.dyncall(at("next_day"), "<twice>)<twice>", 5), 11L)
})

test_that("fields, arrays and bit-fields are converted", {
  x <- new.struct(event)
  x$day <- days[1]
  x$when <- days[1] + 1
  x$rest <- 5
  expect_identical(x$day, days[1])
  expect_identical(list(x$when, x$rest), list(days[1] + 1, 5))
  expect_error(x$when <- as.Date("9999-12-31"), class = "dyncall_error_argument", regexp = "field 'when' of 'event'")
  m <- structure(1:6 + 0, dim = c(2L, 3L), class = "Date")
  x$days <- m
  expect_identical(x$days, m)
  expect_identical(unclass(x$days)[1, 3], 5)
  expect_identical(.dyncall(at("event_days"), "<event>)i", x), sum(1:6 * c(1L, 3L, 5L, 2L, 4L, 6L)))
  x$days <- structure(1:6, class = "Date") # without dimensions in the order of C
  expect_identical(.dyncall(at("event_days"), "<event>)i", x), 91L)
  x$label <- "two"
  expect_identical(x$label, "<TWO>")
  expect_identical(.dyncall(at("event_label"), "<event>)i", x), 5L)
  expect_identical(.dyncall(at("event_label"), "<event>)i", list(label = "three", day = days[1])), 7L)
  got <- .dyncall(at("event_at"), "<day>)<event>", days[2])
  expect_identical(list(got$day, got$when), list(days[2], days[2] + 1))
  expect_output(print(x), "2020-02-29")
  for (bad in list(NA, NULL, character(), "no day", list(1, 2), sum)) {
    before <- x[]
    expect_error(x$day <- bad, class = "dyncall_error", regexp = "field 'day' of 'event'")
    expect_error(x$days <- bad, class = "dyncall_error", regexp = "field 'days' of 'event'")
    expect_identical(x[], before)
  }
  expect_error(x$days <- days, class = "dyncall_error_argument")
})

test_that("a converter gets a 64-bit field with the warning that it is not exact", {
  dynconvert("tag", "l", from = function(x) paste0("#", format(x, digits = 16)))
  parseStructInfos("tagged{<tag>}tag;")
  x <- new.struct(tagged)
  x <- .pack(x, 0, "C[8]", as.raw(c(1, 0, 0, 0, 0, 0, 32, 0))) # 2^53 + 1
  expect_warning(tag <- x$tag, class = "dyncall_warning_lossy")
  expect_identical(tag, "#9007199254740992")
})

test_that("getters and setters convert", {
  x <- new.struct(event)
  get_day <- new.getter(event, "day")
  set_day <- new.setter(event, "day")
  x <- set_day(x, days[2])
  expect_identical(get_day(x), days[2])
  expect_error(set_day(x, "no day"), class = "dyncall_error_converter", regexp = "field 'day' of 'event'")
  dynconvert(class = "dated", to = function(x) x$day)
  wide <- new.setter(event, "rest")
  x <- wide(x, structure(list(day = 7L), class = "dated"))
  expect_identical(x$rest, 7)
})

test_that("elements and columns are converted, at once where that is possible", {
  calls <- 0
  dynconvert("slow", "i", to = function(x) { calls <<- calls + 1; x + 1L },
             from = function(x) { calls <<- calls + 1; x - 1L })
  dynconvert("fast", "i", to = function(x) { calls <<- calls + 1; x + 1L },
             from = function(x) { calls <<- calls + 1; x - 1L }, vectorised = TRUE)
  a <- new.array("slow", 3)
  a[] <- 1:3
  expect_identical(calls, 3)
  expect_identical(a[], list(1L, 2L, 3L))
  expect_identical(a[2:3], list(2L, 3L))
  expect_identical(calls, 8)
  expect_identical(a[[2]], 2L)
  a[[2]] <- 7L
  a[c(1, 3)] <- list(8L, 9L)
  expect_identical(unlist(a[]), c(8L, 7L, 9L))
  calls <- 0
  b <- new.array("fast", 3)
  b[] <- 1:3
  b[2:3] <- 5L
  expect_identical(b[], c(1L, 5L, 5L))
  expect_identical(b[[3]], 5L)
  expect_identical(calls, 4)
  b[[1]] <- 8L
  b[2:3] <- list(9L, 10L)
  expect_identical(b[], 8:10)
  expect_error(b[] <- 1:2, class = "dyncall_error_argument")
  expect_identical(as.integer(b), 8:10)
  d <- new.array("day", 2)
  d[[2]] <- days[1]
  d[1] <- list("2000-01-01")
  expect_identical(d[], as.Date(c("2000-01-01", "2020-02-29")))
  m <- new.array("moment", 2)
  m[[2]] <- as.POSIXct(2.5, origin = "1970-01-01")
  expect_identical(as.numeric(m[]), c(0, 2.5))
  expect_error(m[[1]] <- as.POSIXct(character()), class = "dyncall_error_argument")
  expect_identical(new.array("day", 0)[], structure(numeric(), class = "Date"))
  expect_identical(new.array("slow", 0)[], list())

  rows <- new.array(event, 3)
  rows$day <- days
  rows$when <- days[1]
  rows$at <- as.POSIXct(c(1.5, -2.25, 1e9), origin = "1970-01-01")
  rows$label <- c("a", "b", "c")
  expect_identical(rows$day, days)
  expect_identical(rows$when, rep(days[1], 3))
  expect_identical(as.numeric(rows$at), c(1.5, -2.25, 1e9))
  table <- as.data.frame(rows)
  expect_s3_class(table$day, "Date")
  expect_s3_class(table$at, "POSIXct")
  expect_identical(table$label, c("<A>", "<B>", "<C>"))
  copy <- as.carray(table[c("day", "at", "when")], event)
  expect_identical(list(copy$day, copy$at, copy$when), list(rows$day, rows$at, rows$when))
  expect_error(rows$day <- days[1:2], class = "dyncall_error_argument", regexp = "field 'day'")
  expect_identical(rows[[2]]$day, days[2])
  expect_identical(dynview(dynpin(c(1L, 2L)), "day", 2)[], 1:2) # numbers as C has them
})

test_that("arguments and results of callbacks are converted", {
  seen <- NULL
  f <- function(d) {
    seen <<- d
    d + 30
  }
  expect_identical(.dyncall(at("call_day"), "*(<day>)<day><day>)<day>", f, days[1]), days[1] + 30)
  expect_identical(seen, days[1])
  cb <- new.callback("<day>)<day>", f)
  expect_identical(.dyncall(at("call_day"), "pi)i", cb, 5), 35L)
  # what is not a value of the type is an error that waits for C to return
  for (bad in list("no day", NA, NULL, sum, list())) {
    e <- tryCatch(.dyncall(at("call_day"), "*(<day>)<day><day>)i", function(d) bad, days[1]), error = identity)
    expect_s3_class(e, "dyncall_error")
    expect_match(conditionMessage(e), "result of callback \"<day>)<day>\"", fixed = TRUE)
  }
  dynconvert("picky", "i", from = function(x) if (x > 3) stop("too many") else x)
  e <- tryCatch(.dyncall(at("call_day"), "*(<picky>)ii)i", identity, 4), error = identity)
  expect_s3_class(e, "dyncall_error_converter")
  expect_match(conditionMessage(e), "argument 1 of callback \"<picky>)i\": .*<picky>.*too many")
  expect_identical(callCC(function(out) {
    dynconvert("leave", "i", from = function(x) out("left"))
    .dyncall(at("call_day"), "*(<leave>)ii)i", identity, 4)
  }), "left")
  expect_identical(.dyncall(at("balance"), ")i"), 0L)
})

test_that("errors say where, and keep what they are", {
  boom <- function(x) stop(structure(class = c("boom", "error", "condition"),
                                     list(message = "no such thing", call = NULL, extra = 42)))
  dynconvert("bad", "i", to = boom, from = boom)
  dynbind(fixture("convert"), "next_day(<bad>)<bad> d;")
  e <- tryCatch(next_day(1), boom = identity)
  expect_s3_class(e, c("dyncall_error_converter", "dyncall_error", "boom", "error"), exact = FALSE)
  expect_identical(conditionMessage(e), paste("argument 1 ('d') of next_day: expected a value from the converter of",
                                              "<bad>, got the error: no such thing"))
  expect_identical(list(e$extra, e$code, e$parent$extra), list(42, "CONVERTER", 42))
  expect_identical(e$call[[1]], quote(next_day))
  dynconvert("bad2", "i", from = boom)
  dynbind(fixture("convert"), "next_day(i)<bad2> d;")
  expect_error(next_day(1), class = "boom", regexp = "result of next_day: .*<bad2>")
  expect_error(.dyncall(at("next_day"), "i)<bad2>", 1), class = "boom", regexp = "result of signature")
  expect_error(.unpack(raw(4), 0, "<bad>"), class = "boom", regexp = "value at offset 0")
  expect_error(.pack(raw(4), 0, "<bad>", 1), class = "boom", regexp = "value at offset 0")
  a <- new.array("bad", 2)
  for (read in list(function() a[], function() a[1], function() a[[2]])) {
    expect_error(read(), class = "boom", regexp = "array of bad")
  }
  expect_error(a[] <- 1:2, class = "boom", regexp = "array of bad")
  parseStructInfos("holder{<bad>}x;")
  expect_error(new.struct(holder)$x, class = "boom", regexp = "field 'x' of 'holder'")
  dynconvert("listed", "<bad2>", from = list)
  expect_error(.unpack(raw(4), 0, "<listed>"), class = "boom", regexp = "value at offset 0: .*<bad2>")
  parseStructInfos("holders{<bad>[2]<bad>[2][2]}x y;")
  for (read in list(function(h) h$x, function(h) h$y, as.list, function(h) .unpack(h, 0, "<bad>[2]"))) {
    expect_error(read(new.struct(holders)), class = "boom", regexp = "from the converter of <bad>")
  }
  h <- new.struct(holder)
  expect_error(h$x <- 1, class = "boom", regexp = "field 'x' of 'holder'")
  # long messages are cut, never what follows
  dynconvert("long", "i", to = function(x) stop(strrep("long ", 1e5)))
  expect_error(.dyncall(at("next_day"), "<long>)i", 1), class = "dyncall_error_converter")
})

test_that("what a converter returns is checked as any value", {
  for (made in list("a", NULL, NA, 2^40, sum, list(1), quote(a + b), new.env(), pairlist(1), 1i, integer())) {
    dynconvert("wrong", "i", to = function(x) made)
    expect_error(.dyncall(at("next_day"), "<wrong>)i", 1), class = "dyncall_error_argument",
                 regexp = "argument 1")
  }
  for (made in list(1:3, 1L, NULL, sum, quote(a), new.env())) {
    dynconvert("short", "i", from = function(x) made, vectorised = TRUE)
    expect_error(new.array("short", 2)[], class = "dyncall_error_converter", regexp = "expected 2 values")
    expect_identical(new.array("short", 2)[[1]], made)
  }
  dynconvert("lt", "d", from = function(x) as.POSIXlt(x, origin = "1970-01-01"), vectorised = TRUE)
  expect_error(new.array("lt", 2)[], class = "dyncall_error_converter")
  expect_s3_class(new.array("lt", 2)[[1]], "POSIXlt")
  # language objects are values
  dynconvert("code", "x", to = function(x) x[[2]], from = function(x) list(x))
  expect_identical(.dyncall(at("same_pointer"), "<code>)<code>", quote(f(a + b))), list(quote(a + b)))
  expect_identical(.dyncall(at("same_pointer"), "<code>)<code>", quote(f(a))), list(quote(a)))
})

test_that("what converters make lives as long as C needs it", {
  dynconvert("numbers", "*kd", to = function(x) as.numeric(strsplit(x, " ")[[1]]))
  expect_identical(.dyncall(at("element"), "<numbers>iii)d", "1 2 3 4", 2, 1, 1), 4)
  parseStructInfos("keeps{<numbers><label>}v text;")
  k <- new.struct(keeps)
  k$v <- "5 6 7"
  k$text <- "kept"
  overwrite_garbage()
  expect_identical(.unpack(k$v, 0, "d[3]"), c(5, 6, 7))
  expect_identical(k$text, "<KEPT>")
  # a vector that something else holds is not written to
  table <- integer(2) + 1:2
  dynconvert("shared", "*i", to = function(x) table)
  expect_warning(expect_identical(.dyncall(at("bump"), "<shared>)i", 0), 1L), class = "dyncall_warning_shared")
  expect_identical(table, c(1L, 2L))
  dynconvert("asis", "*i", to = identity)
  x <- c(7L, 8L)
  y <- x
  expect_identical(.dyncall(at("bump"), "<asis>)i", x), 7L)
  expect_identical(list(x, y), list(c(8L, 8L), c(7L, 8L)))
  # a pointer that is read knows its memory before the converter sees it
  dynconvert("ref", "*i", from = function(p) list(pointer = p))
  parseStructInfos("refs{<ref>[2]<ref>}two one;")
  r <- new.struct(refs)
  memory <- dynalloc("i", 3)
  r$one <- memory
  expect_true(r$one$pointer == memory)
  dynfree(memory)
  expect_error(.unpack(r$one$pointer, 0, "i"), class = "dyncall_error_pointer")
})

test_that("converters may call C, and each other", {
  dynconvert("tomorrow", "<day>", to = function(x) .dyncall(at("next_day"), "<day>)<day>", x),
             from = function(x) .dyncall(at("next_day"), "<day>)<day>", x))
  expect_identical(.dyncall(at("next_day"), "<tomorrow>)<tomorrow>", days[1]), days[1] + 3)
  a <- new.array("tomorrow", 2)
  a[] <- list(days[1], days[2])
  expect_identical(a[], list(days[1] + 2, days[2] + 2))
  down <- function(n) if (n == 0) 0 else .dyncall(at("call_day"), "*(<deep>)ii)i", function(x) x, n - 1)
  dynconvert("deep", "i", from = function(n) down(n))
  expect_identical(down(20), 0L)
  dynconvert("errno", "i", from = function(x) {
    dynerrno(5)
    .dyncall(at("balance"), ")i")
    x
  })
  dynerrno(0)
  .dyncall(at("next_day"), "i)<errno>", 1)
  expect_identical(dynerrno(), 0L)
})

test_that("a converter that frees the memory harms nobody", {
  memory <- dynalloc("i", 2)
  dynconvert("evil", "i", to = function(x) { dynfree(memory); x }, from = function(x) { dynfree(memory); x })
  parseStructInfos("trap{<evil>i}x y;")
  tries <- list(function(t) t$x <- 1, function(t) t$x, function(t) as.list(t),
                function(t) .pack(t, 0, "<evil>", 1), function(t) .unpack(t, 0, "<evil>"),
                function(t) dyncast(t, "evil", 2)[] <- 1:2, function(t) dyncast(t, "evil", 2)[],
                function(t) dyncast(t, trap, 1)$x <- 1L)
  for (f in tries) {
    memory <- dynalloc("i", 2)
    got <- tryCatch(f(as.struct(memory, trap)), dyncall_error_pointer = function(e) "refused",
                    dyncall_error_converter = function(e) "refused")
    expect_true(identical(got, "refused") || is.numeric(got) || is.list(got))
    expect_error(dynfree(memory), class = "dyncall_error_pointer")
  }
})

test_that("variadic arguments are promoted below their converters", {
  dynconvert("tiny", "c", to = function(x) nchar(x), from = function(x) x)
  expect_identical(.dyncall(at("sum_of"), "i.<tiny><tiny>)i", 2, "abc", "de"), 5L)
  expect_error(.dyncall(at("sum_of"), "i.<tiny>)i", 1, NA_character_ + 1), class = "error")
  dynconvert("len", "i", to = nchar) # of a type that needs no promotion
  expect_identical(.dyncall(at("sum_of"), "i.<len><tiny>)i", 2, "abc", "de"), 5L)
})

test_that("vectors of calls are converted", {
  dynconvert("plus", "d", to = function(x) x + 1, from = function(x) list(x))
  dynconvert("angle", "d", to = function(x) x * 10, from = function(x) x / 10, vectorised = TRUE)
  dynbind(fixture("convert"), "next_day(<day>)<day> d; double_it(<angle>)<angle> x; later(<moment>i)<moment> s n;")
  dynbind(fixture("convert"), "double_it(<plus>)<plus> x;", envir = e <- new.env(parent = environment()))
  expect_identical(dynmap(next_day, days), days + 1)
  expect_identical(dynmap(double_it, c(1, 2.5)), c(2, 5))
  expect_identical(dynmap(e$double_it, c(1, 2)), list(list(4), list(6)))
  t <- as.POSIXct(c(1.5, 2.25), origin = "1970-01-01")
  expect_identical(as.numeric(dynmap(later, t, 1:2)), c(2.5, 4.25))
  expect_identical(dynmap(next_day, days[0]), days[0])
  dynconvert("bad", "i", from = function(x) stop("no such day"))
  dynbind(fixture("convert"), "next_day(i)<bad> d;")
  expect_error(dynmap(next_day, 1:3), class = "dyncall_error_converter", regexp = "results of next_day")
})

test_that("parameters that are made are converted", {
  dynbind(fixture("convert"), "bump(*<day>)i d @inout=d; set_day(i*<day>)v n d @out=d;")
  expect_identical(bump(days[1])$d, days[1] + 1)
  expect_identical(set_day(5L), as.Date("1970-01-06"))
})

test_that("names resolve where they are used", {
  e <- new.env()
  dynconvert("mine", "i", to = function(x) 100L, envir = e)
  expect_error(.dyncall(at("next_day"), "<mine>)i", 1), class = "dyncall_error_type")
  dynbind(fixture("convert"), "next_day(<mine>)i d;", envir = e)
  expect_identical(e$next_day(1), 101L)
  f <- function(k) {
    dynconvert("mine", "i", to = function(x) k)
    .dyncall(at("next_day"), "<mine>)i", 0) - 1L
  }
  expect_identical(c(f(1L), f(2L)), 1:2)
})

test_that("types with converters survive a file", {
  file <- tempfile()
  k <- 7L
  dynconvert("plus", "i", to = function(x) x + k)
  x <- new.array("plus", 2)
  saveRDS(list(plus, x), file)
  back <- readRDS(file)
  unlink(file)
  y <- new.array(back[[1]], 1)
  y[] <- 1L
  expect_identical(unlist(y[]), 8L)
  z <- back[[2]]
  z[] <- list(1L, 2L)
  expect_identical(unlist(z[]), 8:9)
})

test_that("arguments of dynconvert are checked", {
  expect_error(dynconvert("a", "i"), class = "dyncall_error_argument", regexp = "'to'")
  expect_error(dynconvert("a", "i", to = "x"), class = "dyncall_error_argument", regexp = "'to'")
  expect_error(dynconvert("a", "i", from = 1), class = "dyncall_error_argument", regexp = "'from'")
  expect_error(dynconvert(1, "i", to = identity), class = "dyncall_error_argument", regexp = "'name'")
  for (name in c("", "a>b", "a;", "<>", NA)) {
    expect_error(dynconvert(name, "i", to = identity), class = "dyncall_error_argument", regexp = "'name'")
  }
  expect_error(dynconvert("a", to = identity), class = "dyncall_error_argument", regexp = "'type'")
  expect_error(dynconvert("a", 5, to = identity), class = "dyncall_error_argument", regexp = "'type'")
  expect_error(dynconvert("a", "i", preset = "none"), class = "dyncall_error_argument", regexp = "'POSIXct'")
  expect_error(dynconvert("a", "i", to = identity, preset = "Date"), class = "dyncall_error_argument")
  expect_error(dynconvert("a", "i", preset = "factor"), class = "dyncall_error_argument", regexp = "enum")
  expect_error(dynconvert("a", "i", preset = "matrix"), class = "dyncall_error_argument", regexp = "pointer")
  expect_error(dynconvert("a", "i", to = identity, vectorised = NA), class = "dyncall_error_argument")
  expect_error(dynconvert("a", "i", to = identity, envir = 1), class = "dyncall_error_argument")
  expect_error(dynconvert("a", "q", to = identity), class = "dyncall_error_signature")
  expect_error(dynconvert("a", "v", to = identity), class = "dyncall_error_type")
  expect_error(dynconvert("a", "<nowhere>", to = identity), class = "dyncall_error_type")
  expect_error(dynconvert("time_t", "i", to = identity), class = "dyncall_error_type", regexp = "reserved")
  expect_error(dynconvert(class = "a"), class = "dyncall_error_argument")
  expect_error(dynconvert(class = "a", to = list(sum)), class = "dyncall_error_argument")
  expect_error(dynconvert(class = "a", to = list(i = 1)), class = "dyncall_error_argument")
  expect_error(dynconvert(class = 1, to = sum), class = "dyncall_error_argument")
})

# ---- presets ----

test_that("times are seconds, or seconds and parts of one", {
  for (time in c(0, 1.5, -0.25, 1e9 + 0.123456, -1e8 - 0.5)) {
    t <- as.POSIXct(time, origin = "1970-01-01")
    whole <- floor(time)
    part <- as.integer(round((time - whole) * 1e9))
    x <- .pack(raw(16), 0, "<moment>", t)
    expect_identical(.dyncall(at("is_span"), "*<span>di)i", as.struct(x, span), whole, part), 1L)
    expect_equal(as.numeric(.unpack(x, 0, "<moment>")), time, tolerance = 1e-15)
  }
  got <- .dyncall(at("later"), "<moment>i)<moment>", as.POSIXct(5.5, origin = "1970-01-01"), 3)
  expect_identical(as.numeric(got), 8.5)
  expect_identical(.dyncall(at("add_hours"), "<when>i)j", as.Date("1970-01-02"), 0), 86400)
  expect_identical(.dyncall(at("add_hours"), "<when>i)j", as.POSIXct(-0.5, origin = "1970-01-01"), 0), -1)
  dynconvert("utime", "usec", preset = "POSIXct")
  x <- .pack(raw(16), 0, "<utime>", as.POSIXct(3.9999999, origin = "1970-01-01"))
  expect_identical(as.list(as.struct(x, usec)), list(tv_sec = 4, tv_usec = 0))
  dynconvert("dtime", "d", preset = "POSIXct")
  expect_identical(.unpack(.pack(raw(8), 0, "<dtime>", as.POSIXct(0.25, origin = "1970-01-01")), 0, "d"), 0.25)
  for (bad in list(NA, as.POSIXct(NA), "no time", NULL, list(), sum)) {
    expect_error(.dyncall(at("add_hours"), "<when>i)<when>", bad, 0), class = "dyncall_error", regexp = "argument 1")
    expect_error(.dyncall(at("later"), "<moment>i)<moment>", bad, 0), class = "dyncall_error", regexp = "argument 1")
  }
})

test_that("presets do not depend on how 64-bit integers are shown", {
  withr_options <- options(rdyncall.int64 = "integer64")
  on.exit(options(withr_options))
  wide <- if (.Machine$sizeof.long == 8) c(2^31, 2^40 + 5, -2^40 - 5) # time_t is a long
  for (time in c(0, 1, -1, -2^31, 65535, -65536, wide)) {
    t <- as.POSIXct(time, origin = "1970-01-01")
    expect_identical(as.numeric(.dyncall(at("add_hours"), "<when>i)<when>", t, 0)), time)
    expect_identical(as.numeric(.unpack(.pack(raw(16), 0, "<moment>", t), 0, "<moment>")), time)
  }
  x <- .pack(raw(8), 0, "<wide>", "NEG")
  dynconvert("fwide", "<wide>", preset = "factor")
  expect_identical(.unpack(x, 0, "<fwide>"), factor("NEG", c("BIG", "NEG")))
})

test_that("enums are factors", {
  f <- factor(c("BLUE", "RED", "GREEN"), levels = names(color$labels))
  expect_identical(.dyncall(at("next_day"), "<fcolor>)i", factor("GREEN")), 6L)
  expect_identical(.dyncall(at("next_day"), "<fcolor>)<fcolor>", "GREEN"), f[1])
  a <- new.array("fcolor", 3)
  a[] <- f
  expect_identical(a[], f)
  expect_identical(a[[3]], f[3])
  a[2] <- "BLUE"
  expect_identical(a[], f[c(1, 1, 3)])
  for (bad in list(factor("PINK"), "PINK", factor(NA), NA, NULL)) {
    expect_error(.dyncall(at("next_day"), "<fcolor>)i", bad), class = "dyncall_error_argument")
  }
  expect_error(.dyncall(at("next_day"), "i)<fcolor>", 1), class = "dyncall_error_converter",
               regexp = "one of RED, GREEN, BLUE, got 2")
})

test_that("paths are expanded", {
  dynconvert("path", preset = "path")
  expect_identical(.dyncall(at("length_of"), "<path>)i", "~/a"), nchar(path.expand("~/a"), "bytes"))
  expect_identical(.dyncall(at("tail_of"), "<path>)<path>", "/x/y"), "x/y")
  expect_error(.dyncall(at("length_of"), "<path>)i", NA_character_), class = "dyncall_error_argument")
  expect_error(.dyncall(at("length_of"), "<path>)i", 5), class = "dyncall_error_converter")
  expect_true(is.nullptr(.dyncall(at("same_pointer"), "<path>)p", NULL)))
})

test_that("matrices are passed by rows", {
  dynconvert("rows", "*kd", preset = "matrix")
  dynconvert("frows", "*kf", preset = "matrix")
  m <- matrix(c(1.5, 2, 3, 4, 5, 6), 2)
  for (i in 1:2) for (j in 1:3) {
    expect_identical(.dyncall(at("element"), "<rows>iii)d", m, 3, i - 1, j - 1), m[i, j])
    expect_identical(.dyncall(at("float_element"), "<frows>iii)f", m, 3, i - 1, j - 1), m[i, j])
  }
  expect_identical(.dyncall(at("element"), "<rows>iii)d", c(7, 8), 2, 0, 1), 8)
  expect_error(.dyncall(at("element"), "<rows>iii)d", matrix(1:4, 2), 2, 0, 1), class = "dyncall_error_argument")
})

# ---- classes ----

test_that("an object that does not fit is converted by its class", {
  dynconvert(class = "patient", to = list(Z = function(x) x$name, "*i" = function(x) x$ages, i = function(x) x$ages[1]))
  ann <- structure(list(name = "ann", ages = c(5L, 6L)), class = c("child", "patient"))
  expect_identical(.dyncall(at("length_of"), "Z)i", ann), 3L)
  expect_identical(.dyncall(at("next_day"), "i)i", ann), 6L)
  expect_warning(expect_identical(.dyncall(at("bump"), "*i)i", ann), 5L), class = "dyncall_warning_shared")
  expect_identical(.dyncall(at("first"), "*ki)i", ann), 5L)
  expect_identical(ann$ages, c(5L, 6L))
  expect_error(.dyncall(at("add_hours"), "di)j", ann, 1), class = "dyncall_error_argument")
  x <- new.struct(event)
  x$label <- "a"
  parseStructInfos("named{Zi}name age;")
  n <- new.struct(named)
  n$name <- ann
  n$age <- ann
  expect_identical(as.list(n), list(name = "ann", age = 5L))
  expect_identical(.dyncall(at("call_day"), "*(i)ii)i", function(x) ann, 1), 5L)
  two <- new.array("i", 2)
  two[] <- list(ann, 3L)
  expect_identical(two[], c(5L, 3L))
  # the first class counts, and a function takes every type
  dynconvert(class = "child", to = function(x) stop("no children"))
  e <- tryCatch(.dyncall(at("next_day"), "i)i", ann), error = identity)
  expect_s3_class(e, "dyncall_error_converter")
  expect_match(conditionMessage(e), "argument 1 .*no children")
})

test_that("vectors of a class are converted as a whole", {
  calls <- 0
  dynconvert(class = "Date", to = list(Z = function(x) { calls <<- calls + 1; format(x) }))
  a <- new.array("Z", 3)
  a[] <- days
  expect_identical(a[], format(days))
  expect_identical(calls, 1)
  parseStructInfos("three{Z[3]}z;")
  expect_identical(.dyncall(at("length_of"), "Z)i", days[1]), 10L)
  x <- new.struct(three)
  dynconvert(class = "Date", to = function(x) format(x))
  x$z <- days
  expect_identical(x$z, format(days))
  # what fits is left alone
  expect_identical(.dyncall(at("next_day"), "i)i", days[3]), 1L)
})

test_that("converters of classes are found where names of types are, then where the call stands", {
  e <- new.env(parent = baseenv())
  dynbind(fixture("convert"), "next_day(i)i d;", envir = e)
  x <- structure(list(1L), class = "placed")
  expect_error(e$next_day(x), class = "dyncall_error_argument", regexp = "expected int, got list")
  dynconvert(class = "placed", to = function(x) 10L)
  expect_identical(e$next_day(x), 11L)
  dynconvert(class = "placed", to = function(x) 20L, envir = e)
  expect_identical(e$next_day(x), 21L)
  h <- new.env()
  parseStructInfos("place{i}n;", h)
  dynconvert(class = "placed", to = function(x) 30L, envir = h)
  p <- new.struct(h$place)
  p$n <- x
  expect_identical(p$n, 30L)
})

test_that("an object of a class that stands for a pointer is one", {
  dynconvert(class = "handle", to = function(x) x$pointer)
  memory <- dynalloc("i", 2)
  handle <- structure(list(pointer = memory), class = "handle")
  expect_true(.dyncall(at("same_pointer"), "p)p", handle) == memory)
  expect_error(.dyncall(at("next_day"), "i)i", handle), class = "dyncall_error_argument", regexp = "pointer")
  f <- structure(list(pointer = handle), class = "handle") # no chains
  expect_error(.dyncall(at("same_pointer"), "p)p", f), class = "dyncall_error_argument")
})
