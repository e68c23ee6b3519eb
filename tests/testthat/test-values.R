# Values of named types, and what C may write to.

v <- function(symbol, signature, ...) fixture_call("values", symbol, signature, ...)

test_that("complex numbers go both ways", {
  expect_identical(v("twice_complex", "<double complex>)<double complex>", 1.5 - 2i), 3 - 4i)
  expect_identical(v("twice_complex", "<double complex>)<double complex>", 3L), 6 + 0i)
  expect_identical(v("twice_float_complex", "<float complex>)<float complex>", 0.5 + 4i), 1 + 8i)
  z <- c(1 + 1i, 2i)
  .dyncall(.dynsym(fixture("values"), "double_all"), "*<double complex>i)v", z, 2L)
  expect_identical(z, c(2 + 2i, 4i))
  for (value in list("1", NULL, list(1i), complex(), factor("a"))) {
    expect_error(v("twice_complex", "<double complex>)<double complex>", value),
                 class = "dyncall_error_argument")
  }
})

test_that("enums are numbers with names", {
  parseEnumInfos("color{RED GREEN=5 BLUE};")
  next_color <- .dynsym(fixture("values"), "next_color")
  number <- .dynsym(fixture("values"), "color_number")
  expect_identical(.dyncall(next_color, "<color>)<color>", "RED"), c(GREEN = 5L))
  expect_identical(.dyncall(next_color, "<color>)<color>", 5), c(BLUE = 6L))
  expect_identical(.dyncall(number, "<color>)i", "BLUE"), 6L)
  expect_identical(.dyncall(number, "<color>)i", 77L), 77L)
  expect_identical(.dyncall(number, "i)<color>", 77L), 77L)
  for (value in list("PURPLE", NA_character_, c("RED", "BLUE"), character(), factor("RED"), NA)) {
    expect_error(.dyncall(number, "<color>)i", value), class = "dyncall_error_argument")
  }
  expect_identical(color$labels, c(RED = 0, GREEN = 5, BLUE = 6))
  parseStructInfos("Pen{<color>i}color width;")
  pen <- new.struct("Pen")
  pen$color <- "GREEN"
  expect_identical(pen$color, c(GREEN = 5L))
  expect_error(pen$color <- "PURPLE", class = "dyncall_error_argument")
  expect_identical(pen$color, c(GREEN = 5L))
})

test_that("flags are combined", {
  parseEnumInfos("mode:I{READ=1 WRITE=2 EXEC=4} @flags;")
  number <- .dynsym(fixture("values"), "color_number")
  expect_identical(.dyncall(number, "<mode>)i", c("READ", "EXEC")), 5L)
  expect_identical(.dyncall(number, "<mode>)i", "WRITE"), 2L)
  expect_identical(unname(.dyncall(number, "i)<mode>", 6L)), 6)
  expect_match(names(.dyncall(number, "i)<mode>", 6L)), "WRITE.*EXEC")
  expect_error(.dyncall(number, "<mode>)i", c("READ", "NO")), class = "dyncall_error_argument")
})

test_that("typedefs stand for their meaning", {
  parseTypedefs("Count=<size_t>; Number=d; Text=*kc;")
  expect_identical(.dyncall(.dynsym(fixture("calls"), "id_d"), "<Number>)<Number>", 2.5), 2.5)
  expect_identical(.dyncall(.dynsym(fixture("calls"), "id_Z"), "<Text>)<Text>", "text"), "text")
  expect_error(.dyncall(.dynsym(fixture("calls"), "id_L"), "<Count>)<Count>", -1),
               class = "dyncall_error_argument")
  parseStructInfos("Item{<Count><Number>[2]}n x;")
  expect_identical(as.numeric(Item$size), 16 + .Machine$sizeof.pointer)
})

test_that("structs and unions are passed by value", {
  parseStructInfos("Rect{ssSS}x y w h;Big{d[5]i}values n;Other{i}x;")
  parseUnionInfos("Either|dl}d l;")
  area <- .dynsym(fixture("values"), "area")
  r <- .dyncall(.dynsym(fixture("values"), "rect"), "ssSS)<Rect>", -1, -2, 3, 4)
  expect_identical(as.list(r), list(x = -1L, y = -2L, w = 3L, h = 4L))
  expect_identical(.dyncall(area, "<Rect>)i", r), 12L)
  expect_identical(.dyncall(area, "<Rect>)i", list(w = 5, h = 6)), 30L)
  expect_identical(.dyncall(area, "<Rect>)i", as.struct(as.extptr(r[]), Rect)), 12L)
  for (value in list(new.struct(Other), raw(8), NULL, 1, list(1, 2), list(w = 1, zz = 2),
                     list(w = -1), "Rect")) {
    expect_error(.dyncall(area, "<Rect>)i", value), class = "dyncall_error_argument")
  }
  b <- new.struct(Big)
  b$values <- 1:5
  b$n <- 10
  got <- .dyncall(.dynsym(fixture("values"), "big"), "<Big>i)<Big>", b, 3L)
  expect_identical(as.list(got), list(values = c(3, 6, 9, 12, 15), n = 13L))
  expect_identical(b$values, c(1, 2, 3, 4, 5))
  e <- .dyncall(.dynsym(fixture("values"), "either"), "<Either>i)<Either>", list(d = 1.5), 2L)
  expect_identical(e$d, 3.5)
  expect_error(.dyncall(area, "<Nowhere>)i", r), class = "dyncall_error_type", regexp = "Nowhere")
})

test_that("a struct of one long double comes back, and leaves R's arithmetic alone", {
  parseStructInfos("Wide{D}x;")
  wide <- .dynsym(fixture("values"), "wide")
  for (i in 1:20) expect_identical(.dyncall(wide, "<Wide>)<Wide>", list(x = i))$x, 2 * i)
  expect_identical(sum(c(1, 2, 3)), 6)
  expect_identical(mean(c(1, 2, 6)), 3)
})

test_that("long double is exact in bytes", {
  third <- v("third", ")<long double>")
  expect_type(third, "raw")
  expect_identical(length(third), length(v("third", ")<long double>")))
  expect_identical(v("third", ")D"), 1 / 3)
  expect_true(v("is_third", "<long double>)B", third))
  if (.Machine$sizeof.longdouble > 8) expect_false(v("is_third", "D)B", 1 / 3))
})

test_that("function pointers come back as functions", {
  expect_null(v("choose", "i)*(ii)i", 0L))
  add <- v("choose", "i)*(ii)i", 1L)
  multiply <- v("choose", "i)*(ii)i", 2L)
  expect_true(is.function(add))
  expect_identical(c(add(3, 4), multiply(3, 4)), c(7L, 12L))
  expect_error(add("a", 1), class = "dyncall_error_argument")
  expect_error(add(1), class = "dyncall_error_arity")
  parseStructInfos("Operation{*(ii)iii}run a b;")
  o <- new.struct("Operation")
  expect_null(o$run)
  fixture_call("pairs", "operation_subtract", "p)v", o)
  expect_identical(o$run(9L, 4L), 5L)
  o$run <- multiply
  o$a <- 6
  o$b <- 7
  expect_identical(.dyncall(.dynsym(fixture("pairs"), "operation_run"), "*<Operation>)i", o), 42L)
})

test_that("arrays of strings are character vectors", {
  pointer <- v("some_names", ")**kc")
  expect_identical(.unpack(pointer, 0, "Z[3]"), c("one", NA, "three"))
})

test_that("packed structs are packed", {
  parseStructInfos("Packed{cds}a b c @pack=1;Aligned{cc}a b @align=16;")
  expect_identical(as.numeric(Packed$size), as.numeric(v("sizeof_packed", ")i")))
  expect_identical(as.numeric(Packed$fields$offset), c(0, 1, 9))
  p <- new.struct(Packed)
  p[c("a", "b", "c")] <- c(1, 0.5, 300)
  expect_identical(.dyncall(.dynsym(fixture("values"), "packed_sum"), "*<Packed>)d", p), 301.5)
  expect_identical(as.numeric(c(Aligned$size, Aligned$align)), c(16, 16))
  for (bad in c("A{i}a @pack=3;", "A{i}a @pack=;", "A{i}a @align=0;",
                "A{i}a @align=-8;", "A{i}a @pack=99999999999999999999;", "A{i}@pack=1;")) {
    expect_error(parseStructInfos(bad), class = "dyncall_error_signature", info = bad)
  }
})

# ---- who sees what C writes ----

test_that("C's writes into a copy that nobody sees give a warning", {
  add <- .dynsym(fixture("calls"), "add_doubles")
  x <- c(1, 2) + 0
  l <- list(x)
  expect_warning(.dyncall(add, "*did)v", l[[1]], 2L, 5), class = "dyncall_warning_shared")
  expect_identical(list(x, l), list(c(1, 2), list(c(1, 2))))
  # nothing was changed, nothing is lost
  expect_silent(.dyncall(add, "*did)v", l[[1]], 2L, 0))
  y <- l[[1]]
  expect_silent(.dyncall(add, "*did)v", y, 2L, 5))
  expect_identical(list(x, y, l), list(c(1, 2), c(6, 7), list(c(1, 2))))
})

test_that("an element of a list is written in place, a variable that was taken from it is not", {
  add <- .dynsym(fixture("calls"), "add_doubles")
  l <- list(c(1, 2) + 0)
  other <- l
  y <- l[[1]]
  .dyncall(add, "*did)v", y, 2L, 5)
  expect_identical(list(y, l, other), list(c(6, 7), list(c(1, 2)), list(c(1, 2))))
  # what is documented: R counts the list, not the two variables that share it
  rm(y)
  l <- list(c(1, 2) + 0)
  .dyncall(add, "*did)v", l[[1]], 2L, 5)
  expect_identical(l, list(c(6, 7)))
})

test_that("vectors for pointers to const are not copied", {
  id <- .dynsym(fixture("calls"), "id_p")
  x <- c(1, 2) + 0
  y <- x
  first <- .dyncall(id, "*kd)p", x)
  expect_identical(format(.dyncall(id, "*kd)p", y)), format(first))
  expect_identical(format(.dyncall(id, "*kv)p", x)), format(first))
})

test_that("large vectors are written in place", {
  # as a number: a pointer would hold the vector
  address_of <- function(x) .dyncall(.dynsym(fixture("calls"), "id_p"), "*kd)<uintptr_t>", x)
  x <- double(1e6)
  address <- address_of(x)
  for (round in 1:3) .dyncall(.dynsym(fixture("calls"), "add_doubles"), "*did)v", x, 1000000L, 1)
  expect_identical(sum(x), 3e6)
  expect_identical(address_of(x), address)
})

test_that("a variable of the package's own code is written to as well", {
  own <- function(add) {
    x <- c(1, 2) + 0
    y <- x
    .dyncall(add, "*did)v", x, 2L, 5)
    list(x, y)
  }
  environment(own) <- asNamespace("rdyncall")
  expect_silent(got <- own(.dynsym(fixture("calls"), "add_doubles")))
  expect_identical(got, list(c(6, 7), c(1, 2)))
})

test_that("a vector that is passed twice in a call is one for C", {
  symbol <- .dynsym(fixture("calls"), "bump_both")
  env <- new.env()
  dynbind(fixture("calls"), "bump_both(*i*i)i a b;", envir = env)
  params <- new.env()
  dynbind(fixture("calls"), "bump_both(*i*i)i a b @optional=b;", envir = params)
  both <- env$bump_both
  declared <- params$bump_both
  run <- function(text) {
    x <- c(1L, 5L) + 0L
    got <- eval(parse(text = text)[[1L]])
    list(got, x)
  }
  for (text in c(".dyncall(symbol, '*i*i)i', x, x)", "both(x, x)", "declared(x, x)")) {
    expect_identical(run(text), list(1L, c(3L, 5L)), info = text)
  }
  # another variable keeps its values, and there is one copy
  for (text in c(".dyncall(symbol, '*i*i)i', x, x)", "both(x, x)", "declared(x, x)")) {
    expect_identical(run(paste("{ y <- x; got <- ", text, "; list(got, y) }")),
                     list(list(1L, c(1L, 5L)), c(3L, 5L)), info = text)
  }
  # two variables that share a vector are two
  for (text in c(".dyncall(symbol, '*i*i)i', x, y)", "both(x, y)", "declared(x, y)")) {
    expect_identical(run(paste("{ y <- x; got <- ", text, "; list(got, y) }")),
                     list(list(0L, c(2L, 5L)), c(2L, 5L)), info = text)
  }
  # what nobody sees is one copy, too, and is told
  l <- list(c(1L, 5L) + 0L)
  z <- l[[1]]
  expect_warning(expect_identical(both(l[[1]], l[[1]]), 1L), class = "dyncall_warning_shared")
  expect_identical(list(l, z), list(list(c(1L, 5L)), c(1L, 5L)))
})

test_that("R functions that are written to in a loop keep their meaning", {
  fill <- function(value) {
    buffer <- integer(3)
    .dyncall(.dynsym(fixture("calls"), "add_ints"), "*iii)v", buffer, 3L, value)
    buffer
  }
  for (i in 1:20) expect_identical(fill(i), rep(i, 3))
  repeated <- vapply(1:5, function(i) {
    x <- 1:3
    .dyncall(.dynsym(fixture("calls"), "add_ints"), "*iii)v", x, 3L, i)
    sum(x)
  }, 0L)
  expect_identical(repeated, 6L + 3L * 1:5)
  x <- 1:3
  .dyncall(.dynsym(fixture("calls"), "add_ints"), "*iii)v", x, 3L, 10L)
  expect_identical(list(x, sum(x), x + 0L, rev(x), is.unsorted(x), 1:3),
                   list(11:13, 36L, 11:13, 13:11, FALSE, c(1L, 2L, 3L)))
})
