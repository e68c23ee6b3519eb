# Structs and unions by value: arguments and results of C functions and of callbacks.

parseStructInfos("
  L1{cd}tag x; L2{<L1>i}in n; L3{<L2>s[3]}in s; Deep{<L3>f}in f;
  M1{f}a; M2{<M1>f}in b; M3{<M2>i}in c; Small{<M3>}in;
  Vector{i[3]c[5]}v text; Square{f[2][2]}m; Point{ff}x y; Line{<Point>[2]}ends;
  Bits{I:3i:13B:1I:4L:40}a b c _ d; Mixed{d<Bits>}x bits;
  Packed{cds}a b c @pack=1; Aligned{is}a b @align=16; Wide{id[4]}a b @align=32;
  Floats{fff}x y z; Reals{fd}a b; Halves{dl}a b; Long{Di}a b; One{D}a;
  Fz{<float complex>}z; Dz{<double complex>i}z n; Empty{};")
parseUnionInfos("Number|id}i d; Pair|f[2]c}f c; Large|i[5]D}v d;")
parseStructInfos("Variant{c<Number>}kind u;")

# An object as nested lists of its fields, those of a list only.
as_fields <- function(x, like) {
  if (is.struct(x)) return(Map(function(name, l) as_fields(x[[name]], l), names(like), like))
  if (is.list(x)) return(Map(as_fields, x, like))
  x
}

as_object <- function(fields, type) {
  x <- new.struct(type)
  for (name in names(fields)) x[[name]] <- fields[[name]]
  x
}

address <- function(name) .dynsym(fixture("byvalue"), name)

# Runs a type through all functions of the fixture that take and return it.
expect_by_value <- function(type, name, given, want) {
  all <- function(signature) gsub("T", paste0("<", type, ">"), signature, fixed = TRUE)
  problems <- character()
  same <- function(got, like, what) {
    ok <- is.struct(got) && typeof(got) == "raw" && identical(attr(got, "struct"), type) &&
      isTRUE(all.equal(as_fields(got, like), like, tolerance = 1e-7))
    if (!ok) problems <<- c(problems, paste(what, deparse(got[])))
  }
  info <- get(type)
  expect_identical(as.integer(info$size), .dyncall(address(paste0(name, "_size")), ")i"), label = name)
  object <- as_object(given, info)
  view <- as.struct(as.extptr(object[]), info)
  before <- object[]
  for (value in list(given, object, view)) {
    same(.dyncall(address(name), all("T)T"), value), want, "result")
    same(.dyncall(address(paste0(name, "_amid")), all("idTfj)T"), 7, 0.5, value, 0.25, -9), want, "amid")
    for (answer in list(object, given, view, NULL)) {
      seen <- list()
      f <- function(v, n) {
        seen <<- list(v, n)
        if (is.null(answer)) v else answer
      }
      same(.dyncall(address(paste0(name, "_call")), all("*(Ti)TT)T"), f, value), want, "through R")
      same(seen[[1L]], given, "seen by R")
      if (!identical(seen[[2L]], 3L)) problems <- c(problems, "seen by R: 3")
    }
  }
  expect_identical(problems, character(), label = name)
  expect_identical(object[], before, label = paste("the object that was passed for", name))
  expect_identical(view[], before, label = paste("the memory that was passed for", name))
}

test_that("structs nested four deep", {
  deep <- function(tag, x, n, last, f) {
    list(`in` = list(`in` = list(`in` = list(tag = tag, x = x), n = n), s = c(1L, -2L, last)), f = f)
  }
  expect_by_value("Deep", "deep", deep(-3L, 1.25, 8L, 3L, 0.5), deep(-2L, 2.5, 7L, 8L, 0.25))
  expect_by_value("Small", "small",
                  list(`in` = list(`in` = list(`in` = list(a = 1.5), b = -4), c = 10L)),
                  list(`in` = list(`in` = list(`in` = list(a = 2.5), b = -2), c = 13L)))
})

test_that("structs with arrays", {
  expect_by_value("Vector", "vector", list(v = c(1L, 2L, 3L), text = "abcd"),
                  list(v = c(2L, 2L, -3L), text = "aXcd"))
  expect_by_value("Square", "square", list(m = rbind(c(1, 2), c(3, 4))), list(m = rbind(c(1, 12), c(-7, 4))))
  expect_by_value("Line", "line", list(ends = list(list(x = 1, y = 2), list(x = 3, y = 4))),
                  list(ends = list(list(x = 2, y = 2), list(x = 3, y = 3))))
})

test_that("structs with bit-fields", {
  expect_by_value("Bits", "bits", list(a = 6, b = -4000L, c = TRUE, d = 2^40 - 2),
                  list(a = 7, b = -4001L, c = FALSE, d = 2^40 - 1))
  expect_by_value("Mixed", "mixed", list(x = 0.5, bits = list(a = 5, b = 77L, c = TRUE, d = 2^39)),
                  list(x = 1.5, bits = list(a = 5, b = -77L, c = TRUE, d = 2^39)))
})

test_that("packed and aligned structs", {
  expect_by_value("Packed", "packed", list(a = 5L, b = 9, c = 300L), list(a = 6L, b = 2.25, c = -300L))
})

test_that("aligned structs are passed rightly or refused", {
  cases <- list(list("Aligned", "aligned", list(a = 5L, b = -1L), list(a = 6L, b = -2L)),
                list("Wide", "wide", list(a = 5L, b = c(1, 2, 3, 4)), list(a = 6L, b = c(1, 2, 3, 3))))
  for (case in cases) {
    expect_identical(as.integer(get(case[[1L]])$size), .dyncall(address(paste0(case[[2L]], "_size")), ")i"))
    signature <- sprintf("<%s>)<%s>", case[[1L]], case[[1L]])
    got <- outcome_of(.dyncall(address(case[[2L]]), signature, case[[3L]]))
    if (inherits(got, "error")) expect_s3_class(got, "dyncall_error_type")
    else expect_identical(as_fields(got, case[[4L]]), case[[4L]])
  }
})

test_that("structs of reals and complex numbers", {
  expect_by_value("Floats", "floats", list(x = 0.5, y = -1, z = 8), list(x = 1.5, y = 1, z = 11))
  expect_by_value("Reals", "reals", list(a = 0.5, b = 0.1), list(a = 1.5, b = 2.1))
  expect_by_value("Halves", "halves", list(a = 0.5, b = -2^52), list(a = 1.5, b = -2^52 - 2))
  expect_by_value("Long", "longs", list(a = 0.5, b = 4L), list(a = 1.5, b = 6L))
  for (i in 1:3) expect_by_value("One", "one", list(a = 0.75), list(a = 2.25))
  expect_identical(sum(c(1, 2, 3) / 3), 2) # the floating point stack is as it was
  expect_by_value("Fz", "fz", list(z = 1+2i), list(z = -2+1i))
  expect_by_value("Dz", "dz", list(z = 1+2i, n = 1L), list(z = 1-2i, n = 2L))
})

test_that("unions", {
  expect_by_value("Number", "number", list(d = 2.5), list(d = 3.5))
  expect_by_value("Pair", "pair", list(f = c(1.5, 2.5)), list(f = c(1.5, 3.5)))
  expect_by_value("Large", "large", list(v = 1:5), list(v = c(1:4, 6L)))
  expect_by_value("Variant", "variant", list(kind = 1L, u = list(i = 41L)),
                  list(kind = 2L, u = list(i = 42L)))
  expect_by_value("Variant", "variant", list(kind = 2L, u = list(d = 0.5)),
                  list(kind = 3L, u = list(d = 1.5)))
})

test_that("empty structs", {
  for (value in list(list(), new.struct(Empty))) {
    expect_identical(.dyncall(address("empty_between"), "i<Empty>i)i", 4, value, 2), 42L)
    got <- .dyncall(address("empty_call"), "*(<Empty>)<Empty><Empty>)<Empty>", function(e) e, value)
    expect_identical(length(got), 0L)
    expect_identical(attr(got, "struct"), "Empty")
  }
})

test_that("a result is a fresh object, and an argument in a callback too", {
  given <- as_object(list(x = 1, y = 2, z = 3), Floats)
  kept <- NULL
  keep <- function(v, n) {
    kept <<- v
    v$x <- 100
    v
  }
  first <- .dyncall(address("floats_call"), "*(<Floats>i)<Floats><Floats>)<Floats>", keep, given)
  second <- .dyncall(address("floats"), "<Floats>)<Floats>", first)
  first$y <- -1
  expect_identical(c(given$x, kept$x, first$x, second$x), c(1, 1, 101, 102))
  expect_identical(c(given$y, kept$y, first$y, second$y), c(2, 2, -1, 6))
  overwrite_garbage()
  expect_identical(as.list(kept), list(x = 1, y = 2, z = 3))
})

test_that("fields that a list lacks are zero", {
  got <- .dyncall(address("floats"), "<Floats>)<Floats>", list(z = 0.5))
  expect_identical(as.list(got), list(x = 1, y = 2, z = 3.5))
  got <- .dyncall(address("deep"), "<Deep>)<Deep>", list(`in` = list(s = 1:3)))
  expect_identical(c(got$`in`$`in`$`in`$tag, got$`in`$`in`$n, got$`in`$s), c(1L, -1L, 1L, 2L, 8L))
})

test_that("what is no value of the type is refused before anything is called", {
  parseStructInfos("Other{fff}x y z;")
  call <- function(value) .dyncall(address("floats"), "<Floats>)<Floats>", value)
  wrong <- list(new.struct(Other), 1, NULL, raw(12), "x", as.extptr(raw(12)), list(1, 2, 3), sin,
                list(x = "a"), list(x = 1, no = 2), data.frame(x = 1), as.struct(as.extptr(raw(12)), Other))
  for (value in wrong) {
    expect_error(call(value), class = "dyncall_error_argument", regexp = "^argument 1 of .*: expected ")
  }
  expect_error(call(list(x = 1, no = 2)), "a field of Floats, got 'no'")
  expect_error(call(list(y = "a")), class = "dyncall_error_argument", regexp = "float")
  expect_error(.dyncall(address("deep"), "<Deep>)<Deep>", list(`in` = list(`in` = list(n = 3e9)))),
               class = "dyncall_error_argument", regexp = "range of int")
  for (short in list(structure(raw(11), class = "struct", struct = "Floats"),
                     as.struct(as.extptr(raw(11)), Floats))) {
    expect_error(call(short), class = "dyncall_error_pointer")
  }
  nil <- .dyncall(address("pick"), "i)*<Floats>", 2)
  expect_true(is.nullptr(nil))
  expect_error(call(nil), class = "dyncall_error_pointer")
})

test_that("what an R function returns for a struct is checked, and C gets zeros", {
  parseStructInfos("Other{fff}x y z;")
  for (value in list(1, NULL, "a", new.struct(Other), list(no = 1), list(x = "a"), list(1))) {
    f <- function(v, n) value
    expect_error(.dyncall(address("floats_call"), "*(<Floats>i)<Floats><Floats>)<Floats>", f, list()),
                 class = "dyncall_error_argument")
  }
  cause <- structure(class = c("mine", "error", "condition"), list(message = "mine", call = NULL))
  f <- function(v, n) stop(cause)
  expect_error(.dyncall(address("dz_call"), "*(<Dz>i)<Dz><Dz>)<Dz>", f, list()), class = "mine")
})

test_that("types that are not known or have no size are refused", {
  parseStructInfos("Opaque;")
  for (signature in c("<Nowhere>)v", ")<Nowhere>", "<Opaque>)v", ")<Opaque>", "*(<Nowhere>)v)v")) {
    value <- if (startsWith(signature, "*")) list(function(x) NULL)
             else if (startsWith(signature, "<")) list(list())
    expect_error(do.call(.dyncall, c(list(address("floats"), signature), value)), class = "dyncall_error_type",
                 regexp = "Nowhere|Opaque", info = signature)
  }
  expect_error(new.callback("<Nowhere>)v", function(x) NULL), class = "dyncall_error_type", regexp = "Nowhere")
})

test_that(".dyncall sees a type of the same name that was declared since", {
  parseStructInfos("Twin{fd}a b;")
  f <- function(name, value) .dyncall(address(name), "<Twin>)<Twin>", value)
  old <- f("reals", list(a = 1, b = 2))
  expect_identical(as.list(old), list(a = 2, b = 4))
  dynbind(fixture("byvalue"), "reals(<Twin>)<Twin> v;", envir = environment())
  expect_identical(reals(list(a = 1))$a, 2)
  parseStructInfos("Twin{fff}x y z;")
  expect_identical(as.list(f("floats", list(x = 1, y = 2, z = 3))), list(x = 2, y = 4, z = 6))
  parseStructInfos("Twin{dli[8]}a b more;")
  expect_error(f("halves", old), class = "dyncall_error_pointer") # of the type that was
  local({
    parseStructInfos("Twin{dl}a b;")
    got <- .dyncall(address("halves"), "<Twin>)<Twin>", list(a = 1, b = 5))
    expect_identical(as.list(got), list(a = 2, b = 3))
  })
  # an object knows its own type
  expect_identical(old$b, 4)
  # a bound function and a callback keep the type that they were made with
  expect_identical(reals(list(a = 2, b = 3))$b, 5)
})

test_that("a callback resolves types where it is made", {
  make <- function() {
    parseStructInfos("Local{fff}x y z;")
    new.callback("<Local>i)<Local>", function(v, n) list(x = v$x + n, y = v$y, z = v$z))
  }
  callback <- make()
  parseStructInfos("Local{c}other;")
  got <- .dyncall(address("floats_call"), "p<Floats>)<Floats>", callback, list(x = 1))
  expect_identical(as.list(got), list(x = 5, y = 2, z = 3))
})

test_that("functions of typedefs and pointers to them take structs by value", {
  parseTypedefs("Trio=<Floats>; Step=*(<Trio>i)<Trio>;")
  got <- .dyncall(address("floats_call"), "<Step><Trio>)<Trio>", function(v, n) v, list(x = 1))
  expect_identical(got$x, 2)
  expect_error(.dyncall(address("floats_call"), "<Step><Trio>)<Trio>", function(v, n) v, list(no = 1)),
               class = "dyncall_error_argument", regexp = "'no'")
})

test_that("each call by address finds what a name means where it stands", {
  square <- address("d_square")
  signature <- "<double complex>)<Twin>"
  type_of <- function(text) {
    local <- new.env()
    parseStructInfos(text, envir = local)
    local$Twin
  }
  xy <- type_of("Twin{dd}x y;")
  uv <- type_of("Twin{dd}u v;")
  Twin <- xy
  seen <- function() names(.dyncall(square, signature, 1i))
  for (i in 1:2) expect_identical(seen(), c("x", "y"))
  inner <- function(Twin, drop = FALSE) {
    if (drop) rm(Twin)
    list(names(.dyncall(square, signature, 1i)), seen())
  }
  expect_identical(inner(uv), list(c("u", "v"), c("x", "y")))
  expect_identical(inner(uv, drop = TRUE), list(c("x", "y"), c("x", "y")))
  expect_identical(inner(1:3), list(c("x", "y"), c("x", "y"))) # no list
  expect_identical(inner(list(1)), list(c("x", "y"), c("x", "y"))) # no type
  Twin <- uv
  for (i in 1:2) expect_identical(seen(), c("u", "v"))
  # active and delayed bindings
  count <- 0L
  flip <- new.env()
  makeActiveBinding("Twin", function() if ((count <<- count + 1L) > 3L) xy else uv, flip)
  expect_identical(evalq(names(.dyncall(square, signature, 1i)), list2env(mget(c("square", "signature")), flip)),
                   c("u", "v"))
  count <- 10L
  expect_identical(evalq(names(.dyncall(square, signature, 1i)), flip), c("x", "y"))
  late <- function() {
    delayedAssign("Twin", xy)
    names(.dyncall(square, signature, 1i))
  }
  for (i in 1:2) expect_identical(late(), c("x", "y"))
  # through functions of base R
  Twin <- xy
  for (i in 1:2) {
    expect_identical(lapply(list(square), .dyncall, signature, 1i)[[1L]]$x, -1)
    expect_named(as.list(do.call(.dyncall, list(square, signature, 1i))), c("x", "y"))
    Twin <- type_of("Twin{dd}x y;")
  }
  rm(Twin)
  expect_error(seen(), class = "dyncall_error_type", regexp = "Twin")
})
