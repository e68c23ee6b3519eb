# Parameters as C programmers mean them: declared once, left out by the caller.

declared <- function(signature, envir = new.env()) {
  parseStructInfos("point{id}x y;", envir = envir)
  parseEnumInfos("outcome{FINE BUSY=5 BROKEN=9};", envir = envir)
  dynbind(fixture("params"), paste0(signature, ";"), envir = envir)
  envir
}

# 64-bit integers of R without the package that makes them.
int64_as <- function(x, class) {
  words <- writeBin(c(as.integer(x), if (x < 0) -1L else 0L), raw(), endian = "little")
  structure(readBin(words, "double", endian = "little"), class = class)
}
integer64_bits <- function(x) int64_as(x, "integer64")
uint64_bits <- function(x) int64_as(x, "uint64")

test_that("out parameters are made, and returned beside the result", {
  f <- declared("limits(*kdi*d*d)v x n lo hi @out=lo,hi @length=n:x; bump(*i)i x @out=x;
                 get_twice(**(i)i)v f @out=f; after(Zc**kc)Z text mark rest @out=rest")
  expect_identical(f$limits(c(3, 1, 2)), list(lo = 1, hi = 3))
  expect_identical(names(formals(f$limits)), c("x", "n", "lo", "hi"))
  expect_identical(f$bump(), list(result = 0L, x = 1L))
  expect_identical(f$get_twice()(21L), 42L)
  expect_identical(f$after("a=b", 61L), list(result = "a=b", rest = "=b"))
  expect_identical(f$after("ab", 61L), list(result = "ab", rest = NULL))
})

test_that("plain calls keep working", {
  f <- declared("limits(*kdi*d*d)v x n lo hi @out=lo,hi @length=n:x; bump(*i)i x @out=x; scale(*did)v x n by @inout=x @length=n:x")
  lo <- numeric(1)
  hi <- new.array("d", 1)
  expect_null(f$limits(c(3, 1, 2), 2L, lo, hi))
  expect_identical(c(lo, hi[1]), c(1, 3))
  expect_identical(f$limits(c(3, 1, 2), 2L, lo), 3) # what was not passed comes back
  x <- 5L
  expect_identical(f$bump(x), 5L)
  expect_identical(x, 6L)
  memory <- dynalloc("d", 2)
  memory[] <- c(1, 2)
  expect_invisible(f$scale(memory, by = 2))
  expect_identical(memory[], c(2, 4))
  expect_null(f$scale(NULL, 0L, 2))
})

test_that("an argument that the caller's caller left out is left out", {
  f <- declared("bump(*i)i x @out=x; limits(*kdi*d*d)v x n lo hi @out=lo,hi")
  outer <- function(y) f$bump(y)
  expect_identical(outer(), list(result = 0L, x = 1L))
  dots <- function(...) f$limits(...)
  expect_identical(dots(c(3, 1), 2L), list(lo = 1, hi = 3))
  expect_identical(do.call(f$limits, list(n = 2L, x = c(3, 1))), list(lo = 1, hi = 3))
  # NULL is an argument, too
  g <- declared("choose(iZ<outcome>*i)i a text how p @out=p @fail=negative")
  expect_identical(g$choose(1L, NULL, 0L, NULL), 1L)
  expect_identical(g$choose(1L, NULL, 0L), list(result = 100001L, p = 0L))
})

test_that("inout parameters take values and return them", {
  f <- declared("scale(*did)v x n by @inout=x @length=n:x; bump(*i)i x @inout=x; move_point(*<point>d)v p by @inout=p")
  x <- c(1, 2, 3)
  expect_identical(f$scale(x, by = 2), c(2, 4, 6))
  expect_identical(x, c(1, 2, 3))
  expect_identical(f$scale(1:2, by = 0.5), c(0.5, 1)) # converted, as nothing is shared
  expect_identical(f$bump(41), list(result = 41L, x = 42L))
  p <- f$move_point(list(x = 1L, y = 0.5), 2)
  expect_identical(c(p$x, p$y), c(2, 2.5))
  q <- f$move_point(p, 1)
  expect_identical(c(p$x, q$x), c(2L, 3L))
  expect_error(f$bump("a"), class = "dyncall_error_argument", regexp = "argument 1 \\('x'\\) of bump: expected int")
  expect_error(f$bump(NA), class = "dyncall_error_argument")
  expect_error(f$bump(integer()), class = "dyncall_error_argument", regexp = "at least one value")
  expect_error(f$scale(c(1, NA, 3), 3L), class = "dyncall_error_argument", regexp = "'by'.*got none")
  expect_identical(f$scale(c(1, NA), by = 2), c(2, NA))
})

test_that("arrays are made with as many elements as a parameter or a number says", {
  f <- declared("count_up(i*i)i n out @out=out[n] @used=out:result @fail=negative; two_points(*<point>i*i)v p n written @out=p[n],written @used=p:written @optional=n:5")
  expect_identical(f$count_up(6L), 1:3)
  expect_identical(f$count_up(0L), integer())
  g <- declared("count_up(i*i)i n out @out=out[n]")
  expect_identical(g$count_up(4), list(result = 2L, out = 1:4))
  expect_error(g$count_up(-1L), class = "dyncall_error_argument", regexp = "'n'.*number of elements")
  expect_error(g$count_up(NA), class = "dyncall_error_argument")
  expect_error(g$count_up("3"), class = "dyncall_error_argument")
  expect_error(g$count_up(), class = "dyncall_error_argument", regexp = "'n'.*got none")
  expect_identical(g$count_up(out = integer(3)), 1L) # the length of what was passed
  for (two in list(TRUE + 1L, as.raw(2), 2.9, integer64_bits(2), uint64_bits(2))) {
    expect_identical(g$count_up(two)$out, 1:2, info = class(two))
  }
  for (bad in list(factor(2), integer(), list(2), integer64_bits(-1), uint64_bits(-1))) {
    expect_error(g$count_up(bad), class = "dyncall_error_argument", info = class(bad),
                 regexp = "argument 1 \\('n'\\) of count_up: expected a value in the range of a number of elements")
  }
  both <- f$two_points()
  expect_identical(both$written, 2L)
  expect_identical(vapply(both$p, function(p) p$y, 0), c(0.5, 1))
  three <- declared("count_up(i*i)i n out @out=out[3]")
  expect_identical(three$count_up(2L), list(result = 1L, out = c(1L, 2L, 0L)))
})

test_that("lengths follow from what is passed", {
  f <- declared("bytes_of(p<size_t>)<size_t> data n @length=n:data")
  expect_identical(f$bytes_of(raw(5)), 5)
  expect_identical(f$bytes_of(c(1, 2)), 16)
  expect_identical(f$bytes_of("t\u00e9xt"), 5)
  expect_identical(f$bytes_of(NULL), 1000)
  expect_identical(f$bytes_of(dynalloc("i", 3)), 12)
  expect_identical(f$bytes_of(offsetPtr(dynalloc("i", 3), 4L)), 8)
  expect_identical(f$bytes_of(raw(5), 2), 2)
  expect_error(f$bytes_of(as.extptr(1)), NA)
  unknown <- declared("address(i*i)p wanted error")$address(1L, integer(1))
  expect_error(f$bytes_of(unknown), class = "dyncall_error_argument", regexp = "size is known")
  expect_identical(f$bytes_of(unknown, 3), 3)
  expect_error(f$bytes_of(), class = "dyncall_error_argument", regexp = "'data'.*got none")
  typed <- declared("bytes_of(*ki<size_t>)<size_t> data n @length=n:data")
  expect_identical(typed$bytes_of(1:7), 7)
  expect_identical(typed$bytes_of(as.carray(1:7, "i")), 7)
  # of text the units in its encoding, of several texts their number
  wide <- declared("bytes_of(<utf16><size_t>)<size_t> data n @length=n:data")
  expect_identical(wide$bytes_of("a\U{1F600}b"), 4)
  bad <- "\xff"
  Encoding(bad) <- "UTF-8"
  for (case in list(list(bad, "text in UTF-16, got .*no valid text"), list(NA_character_, "a string, got NA"),
                    list(character(), "a string, got character of length 0"))) {
    expect_error(wide$bytes_of(case[[1]]), class = "dyncall_error_argument",
                 regexp = paste0("argument 1 \\('data'\\) of bytes_of: expected ", case[[2]]))
  }
  texts <- declared("bytes_of(*Z<size_t>)<size_t> data n @length=n:data")
  expect_identical(texts$bytes_of(c("a", "b", "")), 3)
  for (type in c("*(i)i", "i")) {
    other <- declared(paste0("bytes_of(", type, "<size_t>)<size_t> data n @length=n:data"))
    expect_error(other$bytes_of(if (type == "i") 1L else function(x) x), class = "dyncall_error_type",
                 regexp = "argument 1 \\('data'\\) of bytes_of: expected a pointer, whose elements are counted")
  }
})

test_that("buffers come back as text or bytes, as much as was written", {
  f <- declared("say(*c<size_t>Z)i text size name @buffer=text[64]:size")
  expect_identical(f$say(name = "you"), list(result = 9L, text = "hello you"))
  expect_identical(f$say(size = 5, name = "you"), list(result = 9L, text = "hell"))
  expect_identical(f$say(, 0, "you"), list(result = 9L, text = ""))
  own <- raw(20)
  expect_identical(f$say(own, name = "me"), 8L)
  expect_identical(rawToChar(own[1:8]), "hello me")
  must <- declared("say(*c<size_t>Z)i text size name @buffer=text:size")
  expect_error(must$say(name = "you"), class = "dyncall_error_argument", regexp = "'size'.*got none")
  expect_identical(must$say(, 10, "you")$text, "hello you")

  d <- declared("digest(*C*I)v bytes length @buffer=bytes[64]:length")
  expect_identical(d$digest(), as.raw(c(1, 0, 2, 0, 3)))
  d <- declared("digest(*C*I)v bytes length @out=bytes[64],length @used=bytes:length")
  expect_identical(d$digest(), list(bytes = as.raw(c(1, 0, 2, 0, 3)), length = 5))
  own <- new.array("I", 1)
  expect_length(d$digest(length = own), 64L) # the caller can look for the number
  expect_identical(own[1], 5)
  s <- declared("stretch(*C*J*kCJ)i to size from n @buffer=to:size @length=n:from @fail=nonzero")
  expect_identical(s$stretch(, 10, as.raw(1:2)), as.raw(c(1, 1, 2, 2)))
  expect_error(s$stretch(, 3, as.raw(1:2)), class = "dyncall_error_foreign")
  v <- declared("stretch(p*J*kCJ)i to size from n @buffer=to[100]:size @length=n:from @fail=nonzero")
  expect_identical(v$stretch(from = as.raw(7)), as.raw(c(7, 7)))
  # one's own buffer: its size is passed by address
  own <- raw(8)
  expect_identical(s$stretch(own, from = as.raw(9)), 0L)
  expect_identical(own, as.raw(c(9, 9, 0, 0, 0, 0, 0, 0)))
})

test_that("optional parameters have values of all kinds", {
  f <- declared("choose(iZ<outcome>p)i a text how p @optional=a:0x10,text,how:BUSY,p")
  expect_identical(f$choose(), 5016L)
  expect_identical(f$choose(1, "ab", "FINE", raw(1)), 100201L)
  g <- declared("choose(iZ<outcome>p)i a text how p @optional=a:-1,text:\"abc\",how:0,p:NULL")
  expect_identical(g$choose(), 299L)
  h <- declared("choose(iZ<outcome>p)i a text how p @optional=a:many,text,how:BROKE")
  expect_error(h$choose(how = 0L, p = NULL), class = "dyncall_error_argument", regexp = "argument 1 \\('a'\\)")
  expect_error(h$choose(1L), class = "dyncall_error_argument", regexp = "argument 4 \\('p'\\).*got none")
})

test_that("values of every type come back", {
  f <- declared("wide(*D*<double complex>*l*c*C*Z)v d z l c b text @out=d,z,l,c,b,text")
  expect_warning(x <- f$wide(), class = "dyncall_warning_lossy")
  expect_identical(x[c("d", "z", "c", "b", "text")],
                   list(d = 0.25, z = 1 + 2i, c = -3L, b = 200L, text = "some text"))
  withr_int64 <- options(rdyncall.int64 = "integer64")
  on.exit(options(withr_int64))
  expect_s3_class(f$wide()$l, "integer64")
  options(withr_int64)
  p <- declared("point_at(i*<point>)*<point> x p @out=p")$point_at(3L)
  expect_identical(c(p$p$x, p$result$x), c(3L, 3L)) # C returned the address of what was made
  gc()
  expect_identical(p$result$y, 1.5)
})

test_that("many and variadic parameters", {
  f <- declared("ten(iiiiiiii*i*i)i a b c d e f g h out more @out=out,more; sum(*ii.)i total n @out=total")
  expect_identical(f$ten(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L), list(result = 10L, out = 36L, more = 360L))
  expect_identical(f$sum(, 3L, 1L, 2L, 3L), list(result = 3L, total = 6L))
  total <- 0L
  expect_identical(f$sum(total, 2L, 20L, 3L), 2L)
  expect_identical(total, 23L)
  expect_error(f$ten(1L, 2L), class = "dyncall_error_argument", regexp = "'c'.*got none")
})

test_that("what C gives away by a parameter has an owner", {
  f <- declared("item_new(i**<item>)i id out @out=out @free=out:item_free; item_free(*<item>)v x; item_id(*<item>)i x;
                 items_live()i; text_new(i**c)i fails text @out=text @free=text:text_free; text_free(*c)v text")
  before <- f$items_live()
  x <- f$item_new(4L)
  expect_identical(f$item_id(x$out), 4L)
  expect_identical(f$items_live(), before + 1L)
  dynfree(x$out)
  expect_identical(f$items_live(), before)
  expect_error(f$item_id(x$out), class = "dyncall_error_pointer")
  dynscope(f$item_new(5L))
  expect_identical(f$items_live(), before)
  expect_identical(f$text_new(0L), list(result = 0L, text = "a text"))
  expect_identical(f$items_live(), before)
  expect_identical(dynerrno(), 0L) # of the function, not of what freed
  copied <- declared("item_new(i**<item>)i id out @out=out @free=out:item_free @copy=out; item_free(*<item>)v x; items_live()i")
  parseStructInfos("item{i}id;", envir = copied)
  expect_identical(copied$item_new(6L)$out$id, 6L)
  expect_identical(copied$items_live(), before)
})

test_that("functions that are bound get attributes later", {
  env <- declared("item_new(i**<item>)i id out; item_free(*<item>)v x; item_id(*<item>)i x; limits(*kdi*d*d)v; sum(*ii.)i total n")
  expect_identical(dyndeclare("item_new @out=out @free=out:item_free;
                               limits x n lo hi @out=lo,hi @length=n:x;", env), c("item_new", "limits"))
  expect_identical(env$item_id(env$item_new(3L)$out), 3L)
  expect_identical(env$limits(c(4, 2)), list(lo = 2, hi = 4))
  # what was said before holds, unless it is said anew
  dyndeclare("item_new @fail=nonzero", env)
  expect_identical(env$item_id(env$item_new(3L)), 3L)
  expect_error(env$item_new(-3L), class = "dyncall_error_foreign")
  expect_output(print(env$item_new), "@out=out @free=out:item_free @fail=nonzero", fixed = TRUE)
  # elsewhere, without touching the original
  other <- new.env(parent = env)
  dyndeclare("item_new @optional=id:8", other)
  expect_identical(env$item_id(other$item_new()), 8L)
  expect_error(env$item_new(), class = "dyncall_error_argument")
  dyndeclare("sum @out=total", env)
  expect_identical(env$sum(, 2L, 4L, 5L)$total, 9L)
  expect_error(dyndeclare("nothing_bound @out=x", env), class = "dyncall_error_argument", regexp = "nothing_bound")
  expect_error(dyndeclare("item_new a b c @out=c", env), class = "dyncall_error_signature")
  expect_error(dyndeclare("item_new @out=nope", env), class = "dyncall_error_signature",
               regexp = "item_new: expected a parameter of id, out behind '@out=', got 'nope'")
  expect_error(dyndeclare(1, env), class = "dyncall_error_argument")
  expect_error(dyndeclare("item_new", 1), class = "dyncall_error_argument")
  expect_identical(dyndeclare(" ; ", env), character())
})

test_that("attributes that make no sense are refused where they are written", {
  bad <- function(attributes, regexp, signature = "limits(*kdi*d*d)v x n lo hi") {
    expect_error(declared(paste(signature, attributes)), class = "dyncall_error_signature", regexp = regexp,
                 info = attributes)
  }
  bad("@outt=lo", "attribute of functions")
  bad("@out", "value behind '='")
  bad("@out= lo", "value behind '='|attributes")
  bad("@out=lo @out=hi", "each attribute once")
  bad("@out=low", "limits: expected a parameter of x, n, lo, hi behind '@out=', got 'low'")
  bad("@out=lo,lo", "each parameter once")
  bad("@out=lo @inout=lo", "each parameter once")
  bad("@out=lo,", "parameter or parameter\\[number\\]")
  bad("@out=lo[", "parameter or parameter\\[number\\]")
  bad("@out=lo[m]", "a parameter of")
  bad("@out=lo[lo]", "another parameter")
  bad("@out=lo[-1]", "a parameter of")
  bad("@length=n", "parameter:parameter")
  bad("@length=n:y", "a parameter of")
  bad("@length=n:n", "another parameter")
  bad("@buffer=lo", "parameter:size")
  bad("@buffer=lo[x]:n", "parameter:size")
  bad("@used=lo:n", "an array that is made")
  bad("@out=lo[2] @used=lo:m", "a parameter of")
  bad("@optional=lo @out=lo", "a parameter that C reads")
  bad("@optional=m:1", "a parameter of")
  bad("@free=lo:free", "a parameter of @out")
  bad("@copy=lo", "a parameter of @out")
  bad("@message=explain(code)", "'@fail='")
  bad("@out=x", "named in the declaration", "bump(*i)i")
})

test_that("parameters of other types are refused at the first call", {
  wrong <- function(signature, regexp) {
    env <- declared(signature)
    expect_error(env$bump(), class = "dyncall_error_type", regexp = regexp, info = signature)
  }
  wrong("bump(i)i x @out=x", "argument 1 \\('x'\\) of bump: expected a pointer through which C writes, got int")
  wrong("bump(*ki)i x @out=x", "got const int \\*")
  wrong("bump(Z)i x @out=x", "pointer through which C writes")
  wrong("bump(p)i x @out=x", "a type whose size is known, got void \\*")
  wrong("bump(*<nobody_knows>)i x @out=x", "nobody_knows")
  wrong("bump(*(i)i)i x @out=x", "pointer through which C writes")
  wrong("bump(*i)i x @buffer=x[4]", "char, unsigned char or void")
  wrong("bump(*id)i x n @out=x[n]", "integer or a pointer to one")
  wrong("bump(*i*d)i x n @optional=x @length=n:x", "integer or a pointer to one")
  wrong("bump(*i)i x @out=x @copy=x", "@copy or @free")
  wrong("bump(**v)i x @out=x[2] @copy=x", "one pointer, for @copy")
})

test_that("a number of elements that is passed by address fits its type", {
  f <- declared("digest(*C*I)v bytes length @buffer=bytes:length @optional=length:20")
  expect_identical(f$digest(), as.raw(c(1, 0, 2, 0, 3)))
  for (bad in list(-1, 2^32, "a", NA)) {
    expect_error(f$digest(, bad), class = "dyncall_error_argument", info = bad,
                 regexp = "argument 2 \\('length'\\) of digest: expected .*unsigned int")
  }
})

test_that("declared functions survive a file", {
  f <- declared("item_new(i**<item>)i id out @out=out @free=out:item_free @fail=nonzero @message=explain(code);
                 item_free(*<item>)v x; item_id(*<item>)i x; explain(i)Z code")
  file <- tempfile()
  on.exit(unlink(file))
  saveRDS(list(f$item_new, f$item_id), file)
  child <- in_child(c(
    sprintf("f <- readRDS(%s)", deparse(file)),
    "x <- f[[1]](12L)",
    "cat(f[[2]](x), conditionMessage(tryCatch(f[[1]](-1L), dyncall_error_foreign = identity)))"))
  expect_identical(child$output, "12 item_new: expected 0, got 41 (an item of one)")
})

test_that("ports declare the same", {
  file <- tempfile(fileext = ".dynport")
  on.exit(unlink(file))
  writeLines(c("#!dynport 2", paste("Library:", fixture_file("params")),
               "[const]", "ALL_WELL=0;",
               "[func]",
               "item_new(i**<item>)i id out @out=out @free=out:item_free @fail=!ALL_WELL @message=explain(code);",
               "item_free(*<item>)v x;", "item_id(*<item>)i x;", "explain(i)Z code;",
               "limits(*kdi*d*d)v x n lo hi @out=lo,hi @length=n:x;",
               "scale(*did)v x n by @length=n:x;",
               "sum(*ii.)i total n @out=total;",
               "bump(*i)i x @out=y;",
               "count_up(i*i)i @fail=zero;",
               "[struct]", "item;"), file)
  port <- dynport(params, portfile = file, attach = FALSE)
  expect_identical(port$item_id(port$item_new(2L)), 2L)
  expect_error(port$item_new(-1L), class = "dyncall_error_foreign", regexp = "an item of one")
  expect_identical(port$limits(c(2, 1)), list(lo = 1, hi = 2))
  expect_identical(port$sum(, 1L, 9L)$total, 9L)
  expect_invisible(port$scale(c(1, 2), by = 2))
  expect_error(port$bump(), class = "dyncall_error_signature", regexp = "dynport:[0-9]+: func 'bump'.*'@out='")
  expect_error(port$count_up(1L, integer(1)), class = "dyncall_error_foreign")
})

test_that("an array of no elements passes where its length is told", {
  f <- new.env()
  dynbind(need_library_or_skip(c("msvcrt", "c")), "memcmp(*C*C<size_t>)i a b n @length=n:a;
                   qsort(*d<size_t><size_t>*(*d*d)i)v base n size compare @length=n:base @inout=base;", envir = f)
  expect_identical(f$memcmp(raw(0), raw(1)), 0L)
  expect_identical(f$qsort(numeric(0), size = 8, compare = function(a, b) 0L), numeric(0))
  up <- function(a, b) if (.unpack(a, 0, "d") < .unpack(b, 0, "d")) -1L else 1L
  expect_identical(f$qsort(c(2, 1), size = 8, compare = up), c(1, 2))
  # not where the caller says how many there are, nor for what is no array of numbers
  expect_error(f$memcmp(raw(0), raw(1), 1), class = "dyncall_error_argument")
  expect_error(f$memcmp(raw(1), raw(0)), class = "dyncall_error_argument", regexp = "'b'")
  for (bad in list(character(0), list(), factor(character(0)), expression())) {
    expect_error(f$memcmp(bad, raw(1)), class = "dyncall_error_argument", info = class(bad))
  }
  expect_error(f$qsort(numeric(0), 1, 8, function(a, b) 0L), class = "dyncall_error_argument")
})
