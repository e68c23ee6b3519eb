# Type information: what it says, how its names are found, and the objects made of it.

test_that("type information has the parts that users know", {
  env <- new.env()
  expect_invisible(parseStructInfos("Rect{ssSS}x y w h;", envir = env))
  info <- env$Rect
  expect_true(is.typeinfo(info))
  expect_false(is.typeinfo(list()))
  expect_identical(info$name, "Rect")
  expect_identical(info$type, "struct")
  expect_identical(as.numeric(info$size), 8)
  expect_identical(as.numeric(info$align), 2)
  expect_identical(rownames(info$fields), c("x", "y", "w", "h"))
  expect_identical(info$fields$type, c("s", "s", "S", "S"))
  expect_identical(as.numeric(info$fields$offset), c(0, 2, 4, 6))
  parseUnionInfos("U|id}i d;", envir = env)
  expect_identical(env$U$type, "union")
  expect_identical(as.numeric(env$U$size), 8)
  expect_identical(as.numeric(env$U$fields$offset), c(0, 0))
})

test_that("several records in several strings are parsed in order", {
  env <- new.env()
  parseStructInfos(c("A{i}x;\nB{<A><A>}a", " b;", "C{<B>[2]}bs;"), envir = env)
  expect_identical(sort(ls(env)), c("A", "B", "C"))
  expect_identical(as.numeric(c(env$A$size, env$B$size, env$C$size)), c(4, 8, 16))
})

test_that("a failure assigns nothing", {
  env <- new.env()
  expect_error(parseStructInfos("A{i}x;B{<Nowhere>}y;", envir = env), class = "dyncall_error_type")
  expect_identical(ls(env), character())
  for (sigs in list(NULL, 1, NA_character_, list("A{i}x;"))) {
    expect_error(parseStructInfos(sigs, envir = env), class = "dyncall_error_argument")
  }
  expect_error(parseStructInfos("A{i}x;", envir = "here"), class = "dyncall_error_argument")
})

test_that("the type of an object is found where it was parsed", {
  make <- function() {
    parseStructInfos("Inner{ii}x y;Outer{<Inner>*<Inner>}a b;")
    o <- new.struct(Outer)
    o$a$x <- 3
    memory <- as.extptr(raw(8))
    .pack(memory, 0, "i", 77L)
    o$b <- as.struct(memory, Inner)
    o
  }
  o <- make()
  expect_identical(o$a$x, 3L)
  o$a$y <- 4
  inner <- o$a
  expect_identical(c(inner$x, inner$y), 3:4)
  # a pointer field is cast by a name that only that function knows
  expect_identical(o$b$x, 77L)
  o$b$y <- 78
  expect_identical(o$b$y, 78L)
})

test_that("types are found by name from the place of the call", {
  parseStructInfos("Local{i}x;")
  expect_identical(new.struct("Local")$x, 0L)
  f <- function() {
    parseStructInfos("Local{d}y;")
    names(new.struct("Local"))
  }
  expect_identical(f(), "y")
  expect_identical(names(new.struct("Local")), "x")
  expect_error(new.struct("Nowhere"), class = "dyncall_error_type", regexp = "'Nowhere'")
  for (type in list(1, NULL, NA_character_, c("a", "b"), list(), sin)) {
    expect_error(new.struct(type), class = "dyncall_error_argument")
  }
})

test_that("names of R functions and letters are names of types, too", {
  parseStructInfos("time{ii}sec nsec;c{i}x;i{d}value;sum{<time><c>*<i>}time c i;")
  t <- new.struct("time")
  t$sec <- 5
  expect_identical(t$sec, 5L)
  s <- new.struct("sum")
  s$time$nsec <- 6
  s$c$x <- 7
  expect_identical(as.list(s$time), list(sec = 0L, nsec = 6L))
  expect_identical(s[["c"]]$x, 7L)
  number <- new.struct("i")
  number$value <- 0.5
  s$i <- number
  expect_identical(s$i$value, 0.5)
  # the letters still are the base types
  parseStructInfos("Plain{ic}a b;")
  expect_identical(as.numeric(get("Plain")$size), 8)
  expect_identical(base::sum(1, 2), 3)
})

test_that("a name that a function shadows is still found", {
  parseStructInfos("shadowed{i}x;")
  f <- function() {
    shadowed <- function() NULL
    new.struct("shadowed")$x
  }
  expect_identical(f(), 0L)
  g <- function() {
    shadowed <- 1:3
    names(new.struct("shadowed"))
  }
  expect_identical(g(), "x")
})

test_that("an opaque type has no size and no objects", {
  parseStructInfos("Opaque;")
  expect_true(is.na(Opaque$size))
  expect_error(new.struct(Opaque), class = "dyncall_error_type")
  expect_error(parseStructInfos("Has{<Opaque>}o;"), class = "dyncall_error_type")
  parseStructInfos("Points{*<Opaque>}o;")
  expect_true(is.nullptr(new.struct(get("Points"))$o))
})

test_that("an empty struct has no bytes", {
  parseStructInfos("Empty{};")
  e <- new.struct(Empty)
  expect_identical(length(e), 0L)
  expect_identical(as.list(e), structure(list(), names = character()))
})

test_that("padding and anonymous members", {
  parseStructInfos("XY{ii}x y;")
  parseUnionInfos("Value|if}i f;")
  parseStructInfos("Any{iI<XY><Value>}kind _ . .;")
  a <- new.struct("Any")
  expect_identical(names(as.list(a)), c("kind", "x", "y", "i", "f"))
  a$y <- 5
  a$f <- 1
  expect_identical(a$y, 5L)
  expect_identical(a$i, 1065353216L)
  expect_error(a$`_`, class = "dyncall_error_argument")
  expect_identical(.unpack(a, 12, "i"), 5L)
})

test_that("unions share their bytes", {
  parseUnionInfos("Number|idC[8]}i d bytes;")
  u <- new.struct("Number")
  u$d <- 1
  expect_identical(u$bytes, if (.Platform$endian == "little") as.raw(c(0, 0, 0, 0, 0, 0, 0xf0, 0x3f))
                            else as.raw(c(0x3f, 0xf0, 0, 0, 0, 0, 0, 0)))
  u$i <- 7
  expect_identical(fixture_call("pairs", "number_int", "p)i", u), 7L)
  .dyncall(.dynsym(fixture("pairs"), "number_set"), "*<Number>d)v", u, 2.5)
  expect_identical(u$d, 2.5)
})

test_that("large objects are whole", {
  parseStructInfos("Large{c[100000]i}text last;")
  expect_identical(as.numeric(Large$size), 100004)
  l <- as.struct(as.extptr(raw(100004)), Large)
  l$last <- 9
  expect_identical(length(l[]), 100004L)
  expect_identical(l[100001:100004], writeBin(9L, raw()))
  l[100001:100004] <- writeBin(265L, raw())
  expect_identical(l$last, 265L)
})

# ---- printing ----

printed <- function(x) utils::capture.output(print(x))

test_that("objects print as in the paper", {
  parseStructInfos("Rect{ssSS}x y w h;")
  r <- new.struct(Rect)
  r$x <- -10
  r$y <- -20
  r$w <- 40
  r$h <- 30
  expect_identical(printed(r), c("struct Rect {", "  x: -10", "  y: -20", "  w: 40", "  h: 30", "}"))
  if (.Platform$endian == "little") {
    expect_identical(printed(r[]), c("[1] f6 ff ec ff 28 00 1e 00", "attr(,\"struct\")",
                                     "[1] \"Rect\""))
  }
  utils::capture.output(shown <- withVisible(print(r)))
  expect_identical(shown, list(value = r, visible = FALSE))
  pointer <- as.struct(as.extptr(r[]), Rect)
  expect_identical(printed(pointer), printed(r))
})

test_that("nested objects, arrays, strings and pointers print", {
  parseStructInfos("A{id}x y;B{<A>Zpi[3]*<A>}a s p v next;")
  b <- new.struct("B")
  b$a$x <- 1
  b$s <- "te\"xt"
  b$v <- 1:3
  expect_identical(printed(b), c("struct B {", "  a: struct A {", "    x: 1", "    y: 0", "  }",
                                 "  s: \"te\\\"xt\"", "  p: <pointer: 0x0>", "  v: 1 2 3",
                                 "  next: <pointer: 0x0> A", "}"))
  nil <- b$`next`
  expect_match(printed(nil), "null pointer to A")
  unknown <- fixture_call("calls", "null_pointer", ")*<Nowhere>")
  expect_match(printed(unknown), "Nowhere")
})

test_that("type information prints its fields and offsets", {
  parseStructInfos("Rect{ssI:3I:5}x y a b;")
  lines <- printed(Rect)
  expect_match(lines[1L], "struct Rect, 8 bytes, aligned to 4")
  expect_match(lines[3L], "2 +s +y")
  expect_match(lines[4L], "4 +I:3 +a")
})

# ---- what fields hold on to ----

test_that("strings and vectors stored in fields stay alive", {
  parseStructInfos("Holder{Z*di}name values n;Two{<Holder>i}h i;")
  make <- function(k) {
    h <- new.struct("Holder")
    h$name <- paste0("name ", k)
    h$values <- as.numeric(seq_len(k)) * 1.5
    h$n <- k
    h
  }
  holders <- lapply(1:200, make)
  overwrite_garbage()
  sum <- .dynsym(fixture("pairs"), "holder_sum")
  expect_identical(vapply(holders, function(h) h$name, ""), paste0("name ", 1:200))
  expect_identical(vapply(holders, function(h) .dyncall(sum, "*<Holder>)d", h), 0),
                   cumsum(1:200 * 1.5))
  two <- new.struct("Two")
  two$h <- make(3L)
  part <- two$h
  rm(two)
  overwrite_garbage()
  expect_identical(part$name, "name 3")
  expect_identical(.dyncall(sum, "*<Holder>)d", part), 9)
})

test_that("what a field points to is held until another value is stored", {
  parseStructInfos("Holder{Z*di}name values n;Two{<Holder>*d}h other;")
  before <- watched$gone
  h <- new.struct("Holder")
  h$values <- watched_pointer()
  expect_identical(gone_since(before), 0L)
  h$n <- 2L
  h$name <- "name"
  copy <- h
  h$values <- NULL
  expect_identical(gone_since(before), 0L)
  expect_identical(.dyncall(.dynsym(fixture("pairs"), "holder_sum"), "*<Holder>)d", copy), 3)
  copy$values <- NULL
  expect_identical(gone_since(before), 1L)
  two <- new.struct("Two")
  h$values <- watched_pointer()
  two$h <- h
  two$other <- watched_pointer()
  rm(h)
  expect_identical(gone_since(before), 1L)
  two$h <- list(n = 1)
  expect_identical(gone_since(before), 2L)
  rm(two)
  expect_identical(gone_since(before), 3L)
})

test_that("a function in a field is called by C", {
  parseStructInfos("Operation{*(ii)iii}run a b;")
  o <- new.struct("Operation")
  run <- .dynsym(fixture("pairs"), "operation_run")
  o$a <- 20
  o$b <- 22
  expect_identical(.dyncall(run, "*<Operation>)i", o), -1L)
  o$run <- function(a, b) a + b
  gc()
  expect_identical(.dyncall(run, "*<Operation>)i", o), 42L)
  o$run <- NULL
  expect_identical(.dyncall(run, "*<Operation>)i", o), -1L)
  fixture_call("pairs", "operation_subtract", "p)v", o)
  expect_error(o$run <- 5, class = "dyncall_error_argument")
})

test_that("the vector in a field is the variable's, a constant is never written to", {
  parseStructInfos("Holder{Z*di}name values n;")
  h <- new.struct("Holder")
  add <- .dynsym(fixture("pairs"), "holder_add")
  f <- function() {
    constant <- c(1, 2, 3)
    h$values <- constant
    h$n <- 3L
    .dyncall(add, "*<Holder>d)v", h, 10)
    c(1, 2, 3)
  }
  for (i in 1:3) expect_identical(f(), c(1, 2, 3))
})

# ---- other sessions ----

test_that("objects and types survive a file", {
  env <- new.env()
  parseStructInfos("Rect{ssSS}x y w h;Pair{<Rect><Rect>}a b;", envir = env)
  p <- new.struct(env$Pair)
  p$b$w <- 60000
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(list(p, env$Pair), file)
  back <- readRDS(file)
  expect_identical(back[[1]]$b$w, 60000L)
  back[[1]]$b$w <- 1
  expect_identical(back[[1]]$b$w, 1L)
  expect_identical(as.numeric(back[[2]]$size), 16)
  expect_identical(new.struct(back[[2]])$a$x, 0L)
  expect_child_output(c(sprintf("x <- readRDS(%s)", deparse(file)),
                        "cat('value', x[[1]]$b$w, length(new.struct(x[[2]])), '\\n')"),
                      "value 60000 16")
})

test_that("typedefs and enums survive a file, too", {
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  parseEnumInfos("shade{DARK=1 LIGHT=2};")
  parseTypedefs("number=l; handle=*<Thing>;")
  parseStructInfos("Shaded{<shade><number>}s n;")
  x <- new.struct(Shaded)
  x$s <- "LIGHT"
  x$n <- 2^40
  saveRDS(list(shade, number, x, handle), file)
  expect_child_output(c(
    sprintf("back <- readRDS(%s)", deparse(file)),
    "shade <- back[[1]]",
    "number <- back[[2]]",
    "handle <- back[[4]]",
    "x <- back[[3]]",
    "x$s <- 'DARK'",
    "x$n <- x$n - 2^40 + 5",
    "parseStructInfos('Other{<shade><number><handle>}s n h;')",
    "y <- new.struct(Other)",
    "y$s <- 'LIGHT'",
    "y$n <- 7",
    "cat(x$s, names(x$s), x$n, y$s, names(y$s), y$n, is.nullptr(y$h), Other$size)"),
    sprintf("^1 DARK 5 2 LIGHT 7 TRUE %.0f$", parseStructInfos("Plain{ilp}s n h;", new.env())[[1]]$size))
})

test_that("function types keep their call mode, and spell as in C", {
  parseStructInfos("Modes{*(_sik*c)v*(k*ii.)kd}f g;")
  expect_identical(Modes$fields$type, c("*(_sik*c)v", "*(k*ii.)kd"))
  refused <- function(type, value) conditionMessage(outcome_of(.pack(raw(16), 0, type, value)))
  expect_match(refused("k*i", "text"), "int *const", fixed = TRUE)
  expect_match(refused("*k*ki", "text"), "const int *const *", fixed = TRUE)
  expect_match(refused("kZ", 1), "const char *const", fixed = TRUE)
  parseUnionInfos("Number|id}i d;")
  a <- new.array(Number, 2)
  expect_error(a[1] <- 5, class = "dyncall_error_argument", regexp = "array of union Number")
})

test_that("a letter is a scalar type where elements are given, and a name where a struct is", {
  parseStructInfos("d{ii}a b;")
  expect_identical(new.struct("d")$b, 0L)
  expect_identical(new.struct(d)$b, 0L)
  expect_identical(new.array("d", 2)[], c(0, 0))
  expect_identical(new.array(d, 2)$b, c(0L, 0L))
  expect_identical(dyncast(dynalloc("d", 3))[], c(0, 0, 0))
  expect_identical(dynalloc(d)$b, 0L)
  expect_identical(.unpack(dynalloc(d, 2), 12, "i"), 0L)
  expect_error(new.struct("i"), class = "dyncall_error_type", regexp = "got 'i'")
  expect_error(new.array("q", 2), class = "dyncall_error_signature")
  expect_error(dynalloc(unclass(d)), class = "dyncall_error_argument")
  expect_error(dynalloc("v"), class = "dyncall_error_type")
  error <- expect_error(dynalloc("none", 2), class = "dyncall_error")
  expect_identical(conditionCall(error), quote(dynalloc("none", 2)))
})
