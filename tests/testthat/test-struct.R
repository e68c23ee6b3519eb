# Objects of struct and union types.

test_that("sizes, alignments and offsets are the compiler's", {
  env <- new.env()
  lines <- fixture_lines("layouts", "layouts")
  expect_gt(length(lines), 20)
  for (line in lines) {
    # a union's signature has a bar of its own
    parts <- strsplit(line, ";|", fixed = TRUE)[[1L]]
    signature <- paste0(parts[1L], ";")
    numbers <- as.numeric(strsplit(parts[2L], "[| ]+")[[1L]])
    name <- sub("[{|].*", "", signature)
    parse <- if (grepl("|", signature, fixed = TRUE)) parseUnionInfos else parseStructInfos
    parse(signature, envir = env)
    info <- env[[name]]
    expect_identical(as.numeric(c(info$size, info$align, info$fields$offset)), numbers,
                     label = signature)
    expect_identical(length(new.struct(info)), as.integer(numbers[1L]), label = signature)
  }
})

test_that("bit-fields are where the compiler puts them", {
  env <- new.env()
  for (line in fixture_lines("layouts", "bit_layouts")) {
    parts <- strsplit(line, ";|", fixed = TRUE)[[1L]]
    signature <- paste0(parts[1L], ";")
    numbers <- strsplit(parts[2L], "[| ]+")[[1L]]
    name <- sub("[{|].*", "", signature)
    parse <- if (grepl("|", signature, fixed = TRUE)) parseUnionInfos else parseStructInfos
    parse(signature, envir = env)
    info <- env[[name]]
    expect_identical(as.numeric(c(info$size, info$align)), as.numeric(numbers[1:2]), label = signature)
    fields <- names(new.struct(info))
    expect_length(fields, length(numbers) - 2L)
    for (k in seq_along(fields)) {
      type <- info$fields[fields[k], "type"]
      bits <- info$fields[fields[k], "bits"]
      ones <- if (type == "B" || type == "d") 1
              else if (type %in% c("I", "C", "S") && !is.na(bits)) 2^bits - 1
              else if (type == "C") 255
              else -1
      object <- new.struct(info)
      object[[fields[k]]] <- ones
      expect_identical(paste(object[], collapse = ""), numbers[k + 2L],
                       label = paste(signature, fields[k]))
      expect_equal(as.numeric(object[[fields[k]]]), ones, label = paste(signature, fields[k]))
      for (other in setdiff(fields, fields[k])) {
        if (info$type == "struct") expect_true(object[[other]] == 0, label = paste(signature, other))
      }
    }
  }
})

all_types <- "All{BcCsSiIjJlLfdDpZ}B c C s S i I j J l L f d D p Z;"

test_that("every scalar field is read as C wrote it", {
  env <- new.env()
  parseStructInfos(all_types, envir = env)
  a <- new.struct(env$All)
  fixture_call("pairs", "all_fill", "p)v", a)
  expect_identical(a$B, TRUE)
  expect_identical(a$c, -12L)
  expect_identical(a$C, 200L)
  expect_identical(a$s, -30000L)
  expect_identical(a$S, 60000L)
  expect_identical(a$i, -2000000000L)
  expect_identical(a$I, 4e9)
  expect_identical(a$j, -123456789)
  expect_identical(a$J, 123456789)
  expect_identical(a$l, -2^53)
  expect_identical(a$L, 2^53)
  expect_identical(a$f, 0.5)
  expect_identical(a$d, 0.1)
  expect_identical(a$D, 0.25)
  expect_true(is.nullptr(a$p))
  expect_identical(a$Z, "text")
})

test_that("every scalar field is written as C reads it", {
  env <- new.env()
  parseStructInfos(all_types, envir = env)
  a <- new.struct(env$All)
  expect_identical(fixture_call("pairs", "all_fill", "p)v", new.struct(env$All)), NULL)
  a$B <- TRUE
  a$c <- -12
  a$C <- 200L
  a$s <- -30000
  a$S <- 60000
  a$i <- -2e9
  a$I <- 4e9
  a$j <- -123456789L
  a$J <- 123456789
  a$l <- -2^53
  a$L <- 2^53
  a$f <- 0.5
  a$d <- 0.1
  a$D <- 0.25
  a$p <- NULL
  a$Z <- "text"
  gc()
  expect_identical(fixture_call("pairs", "all_equal", "p)i", a), 1L)
  expect_identical(fixture_call("pairs", "all_equal", "*<All>)i", a), 1L)
  a$c <- -11
  expect_identical(fixture_call("pairs", "all_equal", "p)i", a), 0L)
})

test_that("fields refuse what their type refuses, and stay as they were", {
  env <- new.env()
  parseStructInfos(c(all_types, "Inner{ii}x y;Outer{<Inner>d[3]c[4]}inner v text;"), envir = env)
  a <- new.struct(env$All)
  a$i <- 5L
  cases <- list(B = NA, c = 128, C = 256, C = -1, s = 32768, S = 65536, i = 3e9, i = NA, i = "5",
                I = 2^32, l = 2^63, L = 2^64, L = -1, f = "a", d = list(), p = list(), p = sin, Z = 5,
                Z = NA_character_, i = integer(), i = factor("a"), i = NULL)
  before <- a[]
  for (k in seq_along(cases)) {
    field <- names(cases)[k]
    expect_error(a[[field]] <- cases[[k]], class = "dyncall_error_argument",
                 regexp = paste0("^field '", field, "' of 'All': expected "), info = field)
    expect_identical(a[], before, info = field)
  }
  o <- new.struct(env$Outer)
  o$v <- c(1, 2, 3)
  o$inner$x <- 4L
  before <- o[]
  expect_error(o$v <- c(1, 2), class = "dyncall_error_argument")
  expect_error(o$v <- list(7, 8, "a"), class = "dyncall_error_argument")
  expect_error(o$text <- "1234", class = "dyncall_error_argument")
  expect_error(o$inner <- list(x = 9L, y = "a"), class = "dyncall_error_argument")
  expect_error(o$inner <- list(x = 9L, z = 1L), class = "dyncall_error_argument", regexp = "'z'")
  expect_error(o$inner <- list(9L, 1L), class = "dyncall_error_argument")
  expect_error(o$inner <- a, class = "dyncall_error_argument", regexp = "All")
  expect_error(o$inner <- 1:2, class = "dyncall_error_argument")
  expect_identical(o[], before)
})

test_that("unknown fields are errors that name the field and the type", {
  env <- new.env()
  parseStructInfos("Rect{ssSS}x y w h;", envir = env)
  r <- new.struct(env$Rect)
  expect_error(r$zz, class = "dyncall_error_argument", regexp = "a field of Rect, got 'zz'")
  expect_error(r$zz <- 1, class = "dyncall_error_argument", regexp = "'zz'")
  expect_error(r[["zz"]], class = "dyncall_error_argument")
  expect_error(r[["zz"]] <- 1, class = "dyncall_error_argument")
  expect_error(r["zz"], class = "dyncall_error_argument")
  expect_error(r[c("x", "zz")], class = "dyncall_error_argument")
  expect_error(r[c("x", "zz")] <- list(1, 2), class = "dyncall_error_argument")
  expect_error(r[[NA_character_]], class = "dyncall_error_argument")
  expect_error(r[[c("x", "y")]], class = "dyncall_error_argument")
  # no partial matching
  parseStructInfos("Long{i}value;", envir = env)
  expect_error(new.struct(env$Long)$val, class = "dyncall_error_argument")
})

test_that("names that begin alike, hold others or are no names of C are told apart", {
  e <- new.env()
  parseStructInfos("Alike{iiici}x xy xyz _ xx; Holds{i<Alike>d}y . yx;", envir = e)
  x <- new.struct(e$Holds)
  names <- c("y", "x", "xy", "xyz", "xx", "yx")
  for (i in seq_along(names)) x[[names[i]]] <- i
  for (i in seq_along(names)) expect_identical(x[[names[i]]], if (names[i] == "yx") 6 else i)
  for (name in c("_", ".", "", "xyzz", "yxy", "X")) {
    expect_error(x[[name]], class = "dyncall_error_argument")
    expect_error(x[[name]] <- 1, class = "dyncall_error_argument")
  }
  expect_error(x[[NA_character_]], class = "dyncall_error_argument")
})

test_that("methods that only call C have its address in their body, and errors the call of the user", {
  e <- new.env()
  parseStructInfos("Point{dd}x y;", envir = e)
  point <- new.struct(e$Point)
  points <- new.array(e$Point, 2)
  point$x <- 1
  points$x <- c(3, 4)
  points[[2]] <- point
  expect_identical(point[["x"]], point$x)
  expect_identical(points$x, c(3, points[[2]]$x))
  for (name in c("$.struct", "$<-.struct", "[[.struct", "[[<-.struct",
                 "$.carray", "$<-.carray", "[[.carray", "[[<-.carray")) {
    method <- get(name, envir = .BaseNamespaceEnv[[".__S3MethodsTable__."]])
    expect_false(any(startsWith(all.names(body(method)), "C_")), label = name)
    expect_identical(environment(method), asNamespace("rdyncall"))
  }
  error <- expect_error(point$z, class = "dyncall_error_argument")
  expect_identical(conditionCall(error), quote(`$.struct`(point, z)))
})

test_that("[, [[, $ and their assignments agree", {
  env <- new.env()
  parseStructInfos("Rect{ssSS}x y w h;", envir = env)
  r <- new.struct(env$Rect)
  r["x"] <- 1
  r[["y"]] <- 2L
  r$w <- 3
  r[c("w", "h")] <- list(5, 6)
  expect_identical(list(r$x, r[["y"]], r["w"], r$h), list(1L, 2L, 5L, 6L))
  expect_identical(r[c("h", "x")], list(h = 6L, x = 1L))
  r[c("x", "y")] <- 9
  expect_identical(as.list(r), list(x = 9L, y = 9L, w = 5L, h = 6L))
  expect_identical(names(r), c("x", "y", "w", "h"))
  expect_identical(length(r), 8L)
  expect_error(r[c("x", "y", "w")] <- list(1, 2), class = "dyncall_error_argument")
  expect_identical(r[1:2], writeBin(9L, raw(), size = 2))
  expect_identical(r[[3]], r[1])
  r[3:4] <- as.raw(c(1, 1))
  expect_identical(r$y, 257L)
  expect_error(r[9] <- as.raw(1), class = "dyncall_error_pointer")
  expect_identical(length(r), 8L)
  name <- "h"
  r[[name]] <- 7
  expect_identical(r[[name]], 7L)
})

test_that("nested structs are assigned through", {
  env <- new.env()
  parseStructInfos("A{id}x y;B{c<A>}tag a;C{<B>[2]<A>}bs a;", envir = env)
  b <- new.struct(env$B)
  b$a$x <- 3
  expect_identical(b$a$x, 3L)
  b$a$y <- 2.5
  expect_identical(as.list(b$a), list(x = 3L, y = 2.5))
  b$a <- list(x = 7)
  expect_identical(as.list(b$a), list(x = 7L, y = 0))
  other <- new.struct(env$A)
  other$x <- 11
  b$a <- other
  other$x <- 12
  expect_identical(b$a$x, 11L)
  c <- new.struct(env$C)
  c$a$x <- 5
  c$bs <- list(b, list(tag = 1L, a = list(x = 21L, y = 0.5)))
  expect_identical(c$bs[[1]]$a$x, 11L)
  expect_identical(c$bs[[2]]$a$y, 0.5)
  c$bs[[2]]$a$x <- 22
  expect_identical(c$bs[[2]]$a$x, 22L)
  expect_identical(c$bs[[1]]$a$x, 11L)
  expect_identical(c$a$x, 5L)
})

test_that("arrays in structs are vectors of exactly their length", {
  env <- new.env()
  parseStructInfos("A{d[3]i[2]c[8]C[4]f[2]s[2][3]B[2]}d i text bytes f rows flags;", envir = env)
  a <- new.struct(env$A)
  expect_identical(a$d, c(0, 0, 0))
  a$d <- c(1, 2.5, -3)
  a$i <- c(1, -2)
  a$text <- "abc"
  a$bytes <- as.raw(1:4)
  a$f <- c(0.5, 0.25)
  rows <- matrix(1:6, 2, byrow = TRUE) # C's x[2][3]: two rows of three
  a$rows <- rows
  a$flags <- c(TRUE, FALSE)
  expect_identical(a$d, c(1, 2.5, -3))
  expect_identical(a$i, c(1L, -2L))
  expect_identical(a$text, "abc")
  expect_identical(a$bytes, as.raw(1:4))
  expect_identical(a$f, c(0.5, 0.25))
  expect_identical(a$rows, rows)
  a$rows <- 1:6 # without dimensions, in C's order
  expect_identical(a$rows, rows)
  expect_error(a$rows <- t(rows), class = "dyncall_error_argument")
  expect_identical(a$flags, c(TRUE, FALSE))
  a$d[2] <- 9
  expect_identical(a$d, c(1, 9, -3))
  a$text <- "1234567"
  expect_identical(a$text, "1234567")
  for (value in list(1, c(1, 2), 1:4, NULL, "abc", list(1, 2))) {
    expect_error(a$d <- value, class = "dyncall_error_argument")
  }
  expect_error(a$i <- factor(c("a", "b")), class = "dyncall_error_argument")
  expect_error(a$i <- c(1L, NA), class = "dyncall_error_argument")
  expect_error(a$bytes <- as.raw(1:3), class = "dyncall_error_argument")
  expect_identical(a$d, c(1, 9, -3))
})

# ---- value semantics ----

test_that("objects in R vectors are values", {
  env <- new.env()
  parseStructInfos("A{id}x y;B{<A>i}a n;", envir = env)
  s <- new.struct(env$A)
  s$x <- 1
  s2 <- s
  s2$x <- 2
  expect_identical(c(s$x, s2$x), c(1L, 2L))
  change <- function(v) {
    v$x <- 100L
    v[["y"]] <- 0.5
    v["y"] <- 1.5
    v
  }
  s3 <- change(s)
  expect_identical(list(s$x, s$y, s3$x, s3$y), list(1L, 0, 100L, 1.5))
  l <- list(a = s, b = s)
  l$a$x <- 3
  expect_identical(c(s$x, l$a$x, l$b$x), c(1L, 3L, 1L))
  l2 <- l
  l2[["b"]]$x <- 4
  l2[[1]]$y <- 9
  expect_identical(c(s$x, l$b$x, l2$b$x), c(1L, 1L, 4L))
  expect_identical(c(l$a$y, l2$a$y), c(0, 9))
  many <- lapply(1:3, function(i) {
    s$x <- i
    s
  })
  expect_identical(vapply(many, function(o) o$x, 0L), 1:3)
  expect_identical(s$x, 1L)
  e <- new.env()
  e$s <- s
  e$s$x <- 50
  expect_identical(c(s$x, e$s$x), c(1L, 50L))
  b <- new.struct(env$B)
  b$a$x <- 5
  inner <- b$a
  inner$x <- 6
  expect_identical(c(b$a$x, inner$x), c(5L, 6L))
})

test_that("assignment functions called as functions leave their argument alone", {
  env <- new.env()
  parseStructInfos("A{i}x;", envir = env)
  s <- new.struct(env$A)
  s2 <- `$<-`(s, "x", 5)
  s3 <- `[[<-`(s, "x", 6)
  s4 <- `[<-`(s, "x", 7)
  s5 <- replace(s, "x", 8)
  expect_identical(c(s$x, s2$x, s3$x, s4$x, s5$x), c(0L, 5L, 6L, 7L, 8L))
  outer <- list(s)
  outer2 <- Map(function(o, v) `$<-`(o, "x", v), outer, 9L)
  expect_identical(c(outer[[1]]$x, outer2[[1]]$x), c(0L, 9L))
})

test_that("what C writes by reference shows in the variable that was passed and in no other", {
  env <- new.env()
  parseStructInfos("Rect{ssSS}x y w h;", envir = env)
  r <- new.struct(env$Rect)
  r2 <- r
  .dyncall(.dynsym(fixture("pairs"), "rect_move"), "*<Rect>ii)v", r, 3L, -4L)
  expect_identical(c(r$x, r$y, r2$x, r2$y), c(3L, -4L, 0L, 0L))
})

test_that("a pointer-backed object is the memory that it points to", {
  env <- new.env()
  parseStructInfos("Rect{ssSS}x y w h;Two{<Rect><Rect>}a b;", envir = env)
  bytes <- raw(8)
  r <- as.struct(as.extptr(bytes), env$Rect)
  r2 <- r
  r$x <- 258
  expect_identical(r2$x, 258L)
  expect_identical(bytes, c(writeBin(258L, raw(), size = 2), raw(6)))
  expect_identical(r[], structure(bytes, struct = "Rect"))
  r[3:4] <- as.raw(c(1, 1))
  expect_identical(r$y, 257L)
  two <- as.struct(as.extptr(raw(16)), env$Two)
  two$b$x <- 7
  expect_identical(two$b$x, 7L)
  b <- two$b
  b$y <- 8
  expect_identical(as.list(two$b), list(x = 7L, y = 8L, w = 0L, h = 0L))
  # the memory outlives the variable
  rm(two)
  gc()
  expect_identical(b$x, 7L)
})

test_that("objects need memory of their size", {
  parseStructInfos("Rect{ssSS}x y w h;")
  expect_error(as.struct(raw(7), Rect), class = "dyncall_error_pointer")
  short <- as.struct(as.extptr(raw(7)), Rect)
  expect_error(short$h, class = "dyncall_error_pointer")
  expect_error(short$x <- 1, class = "dyncall_error_pointer")
  nil <- fixture_call("pairs", "rect_null", ")*<Rect>")
  expect_true(is.nullptr(nil))
  expect_error(nil$x, class = "dyncall_error_pointer", regexp = "null pointer")
  expect_error(nil$x <- 1, class = "dyncall_error_pointer")
  for (x in list(list(), NULL, sin, quote(a), "a", globalenv())) {
    expect_error(as.struct(x, Rect), class = "dyncall_error_pointer")
  }
})

test_that("returned pointers have fields and write to C's memory", {
  parseStructInfos("Rect{ssSS}x y w h;Node{i*<Node>}value next;")
  fixture_call("pairs", "rect_reset", ")v")
  r <- fixture_call("pairs", "rect_static", ")*<Rect>")
  expect_true(is.struct(r))
  expect_identical(as.list(r), list(x = 1L, y = 2L, w = 3L, h = 4L))
  r$w <- 10
  expect_identical(fixture_call("pairs", "rect_area", "*<Rect>)i", r), 40L)
  again <- fixture_call("pairs", "rect_static", ")*<Rect>")
  expect_identical(again$w, 10L)
  node <- fixture_call("pairs", "node_first", ")*<Node>")
  expect_identical(c(node$value, node$`next`$value, node$`next`$`next`$value), 1:3)
  expect_true(is.nullptr(node$`next`$`next`$`next`))
  expect_identical(fixture_call("pairs", "node_sum", "*<Node>)i", node$`next`), 5L)
})

test_that("typed pointers take objects of their type only", {
  parseStructInfos("Rect{ssSS}x y w h;Other{ssSS}x y w h;")
  area <- .dynsym(fixture("pairs"), "rect_area")
  r <- new.struct(Rect)
  r[c("w", "h")] <- c(3, 4)
  expect_identical(.dyncall(area, "*<Rect>)i", r), 12L)
  expect_identical(.dyncall(area, "*k<Rect>)i", r), 12L)
  expect_identical(.dyncall(area, "p)i", r), 12L)
  expect_identical(.dyncall(area, "*<Rect>)i", NULL), -1L)
  expect_identical(.dyncall(area, "*<Rect>)i", as.struct(as.extptr(r[]), "Rect")), 12L)
  for (value in list(new.struct(Other), raw(8), 1, as.extptr(raw(8)), list(x = 1), "Rect",
                     as.struct(as.extptr(raw(8)), Other))) {
    expect_error(.dyncall(area, "*<Rect>)i", value), class = "dyncall_error_argument",
                 regexp = "argument 1.*expected (const )?(struct )?Rect \\*")
  }
})

test_that("an empty struct has an address, an object without its bytes has none", {
  parseStructInfos("Nothing{}; Node{i}v;")
  is_null <- new.callback("p)i", function(p) as.integer(is.nullptr(p)))
  expect_identical(.dyncall(is_null, "*<Nothing>)i", new.struct(Nothing)), 0L)
  expect_identical(.dyncall(is_null, "*<Nothing>)i", NULL), 1L)
  none <- new.struct(Node)
  short <- structure(raw(), struct = "Node", typeinfo = attr(none, "typeinfo"), class = "struct")
  expect_error(.dyncall(is_null, "*<Node>)i", short), class = "dyncall_error_argument")
  for (value in list(structure(list(v = 1L), struct = "Node"), structure("v", struct = "Node"))) {
    expect_error(.dyncall(is_null, "*<Node>)i", value), class = "dyncall_error_argument")
  }
})

test_that("an object of a type without fields has none to ask for", {
  parseStructInfos("Handle; Owner{*<Handle>}h;")
  x <- new.struct(Owner)
  x$h <- as.struct(as.extptr(raw(8)), "Handle")
  expect_error(x$h$field, class = "dyncall_error_type", regexp = "Handle")
  expect_error(x$h$field <- 1, class = "dyncall_error_type", regexp = "Handle")
  parseStructInfos("Handle{i}field;") # a type of that name declared later is another one's
  expect_identical(as.struct(as.extptr(5:6), "Handle")$field, 5L)
})

test_that("the anonymous member that is no aggregate has no name", {
  parseStructInfos("Odd{ii}. x;")
  x <- new.struct(Odd)
  x$x <- 7
  expect_identical(as.vector(unclass(x[])), as.raw(c(0, 0, 0, 0, 7, 0, 0, 0)))
  expect_error(x$.y, class = "dyncall_error_argument", regexp = "a field of Odd")
})

test_that("numbers behind pointers are reached where that is allowed", {
  e <- new.env()
  parseStructInfos("Point{di}x n; Line{p<Point>}to at;", envir = e)
  get_x <- new.getter(e$Point, "x")
  `set_x<-` <- new.setter(e$Point, "x")
  size <- e$Point$size
  two <- dynalloc("C", 2 * size)
  arena <- new.arena()
  whole <- dynalloc(e$Line)
  v <- raw(size)
  objects <- list(as.struct(two, e$Point), as.struct(offsetPtr(two, size), e$Point),
                  dynalloc(e$Point, arena = arena), whole$at, as.struct(dynpin(v), e$Point))
  for (p in objects) {
    other <- p
    p$x <- 1.5
    p$n <- 7L
    set_x(p) <- get_x(p) + 1
    expect_identical(list(p$x, p$n, other$x, get_x(other)), list(2.5, 7L, 2.5, 2.5))
    expect_error(p$n <- NA_integer_, class = "dyncall_error_argument")
    expect_identical(p$n, 7L)
  }
  expect_identical(.unpack(v, 0, "d"), 2.5)
  dynfree(two)
  dynfree(arena)
  short <- as.struct(offsetPtr(dynalloc("C", 2 * size), size + 1), e$Point)
  null <- as.struct(.unpack(raw(.Machine$sizeof.pointer), 0, "p"), e$Point)
  for (p in c(objects[1:3], short, null)) {
    expect_error(p$x, class = "dyncall_error_pointer")
    expect_error(p$x <- 1, class = "dyncall_error_pointer")
    expect_error(get_x(p), class = "dyncall_error_pointer")
    expect_error(set_x(p) <- 1, class = "dyncall_error_pointer")
  }
})

test_that("a number in place of an address lets go of what the address kept", {
  e <- new.env()
  parseStructInfos("Pair{dd}x y;", envir = e)
  for (object in list(new.struct(e$Pair), dynalloc(e$Pair))) {
    gone <- FALSE
    text <- new.env()
    reg.finalizer(text, function(x) gone <<- TRUE)
    target <- structure(c(1, 2), owner = text)
    object <- .pack(object, 0, "p", target)
    rm(text, target)
    gc()
    expect_false(gone)
    object$x <- 1
    gc()
    expect_true(gone)
    expect_identical(object$x, 1)
  }
})

# ---- accessors ----

test_that("getters and setters reach one field, nested and bit-fields included", {
  parseStructInfos("Inner{fi}a b; Outer{d<Inner>i:3Zc[8]}x inner bits text name;")
  o <- new.struct(Outer)
  set_x <- new.setter(Outer, "x")
  expect_identical(names(formals(set_x)), c("x", "value"))
  `x_of<-` <- set_x
  `b_of<-` <- new.setter("Outer", c("inner", "b"))
  `bits_of<-` <- new.setter(Outer, "bits")
  `text_of<-` <- new.setter(Outer, "text")
  `inner_of<-` <- new.setter(Outer, "inner")
  x_of(o) <- 2.5
  b_of(o) <- 7L
  bits_of(o) <- -2
  text_of(o) <- "kept"
  gc()
  expect_identical(o$x, 2.5)
  expect_identical(o$inner$b, 7L)
  expect_identical(o$bits, -2L)
  expect_identical(o$text, "kept")
  inner_of(o) <- list(a = 0.5, b = 8L)
  expect_identical(new.getter(Outer, "x")(o), 2.5)
  expect_identical(new.getter(Outer, c("inner", "b"))(o), 8L)
  expect_identical(new.getter(Outer, c("inner", "a"))(o), 0.5)
  expect_identical(as.list(new.getter(Outer, "inner")(o)), list(a = 0.5, b = 8L))
  expect_identical(new.getter(Outer, "bits")(o), -2L)
  expect_identical(new.getter(Outer, "text")(o), "kept")
})

test_that("setters change the object of the assignment alone", {
  parseStructInfos("Point{dd}x y;")
  `x_of<-` <- new.setter(Point, "x")
  x_of <- new.getter(Point, "x")
  p <- new.struct(Point)
  q <- p
  x_of(q) <- 1
  expect_identical(c(p$x, q$x), c(0, 1))
  f <- function(s) {
    x_of(s) <- 9
    s
  }
  expect_identical(c(f(p)$x, p$x), c(9, 0))
  both <- list(p, p)
  x_of(both[[2]]) <- 5
  expect_identical(c(both[[1]]$x, both[[2]]$x, p$x), c(0, 5, 0))
  for (k in 1:3) {
    old <- p
    x_of(p) <- k
    expect_identical(c(old$x, p$x), c(k - 1, k))
  }
  # a pointer stands for the memory
  to <- as.extptr(p)
  same <- to
  x_of(same) <- 4.5
  expect_identical(c(x_of(to), to$x, p$x), c(4.5, 4.5, 4.5))
})

test_that("accessors refuse other objects, fields and values", {
  parseStructInfos("Point{dd}x y; Other{di}x n;")
  x_of <- new.getter(Point, "x")
  `x_of<-` <- new.setter(Point, "x")
  p <- new.struct(Point)
  for (x in list(1, NULL, raw(16), new.struct(Other), as.extptr(1))) {
    expect_error(x_of(x), class = "dyncall_error_pointer")
    expect_error(`x_of<-`(x, 1), class = "dyncall_error_pointer")
  }
  expect_error(x_of(p) <- "a", class = "dyncall_error_argument", regexp = "field 'x' of 'Point'")
  expect_error(new.getter(Point, "z"), class = "dyncall_error_argument", regexp = "field of Point")
  expect_error(new.getter(Point, c("x", "y")), class = "dyncall_error_type")
  expect_error(new.getter(Point, character()), class = "dyncall_error_argument")
  expect_error(new.getter(Point, 1), class = "dyncall_error_argument")
  expect_error(new.setter("NoSuchType", "x"), class = "dyncall_error_type")
  parseStructInfos("OpaqueThing;")
  expect_error(new.getter(OpaqueThing, "x"), "size is known, got 'OpaqueThing'", class = "dyncall_error_type")
  null <- .dyncall(new.callback("p)p", function(p) NULL), "p)*<Point>", NULL)
  expect_error(x_of(null), class = "dyncall_error_pointer")
})

test_that("accessors and objects out of a file work together", {
  parseStructInfos("Point{dd}x y; Other{di}x n;")
  x_of <- new.getter(Point, "x")
  p <- new.struct(Point)
  p$x <- 6
  back <- unserialize(serialize(list(x_of, p), NULL))
  expect_identical(back[[1]](p), 6)
  expect_identical(x_of(back[[2]]), 6)
  expect_identical(back[[1]](back[[2]]), 6)
  expect_error(back[[1]](new.struct(Other)), class = "dyncall_error_pointer")
})

test_that("pointers to opaque and unknown types have no names and no length", {
  parseStructInfos("OpaqueThing;")
  for (type in c("*<OpaqueThing>", "*<NeverDeclared>")) {
    p <- .unpack(as.raw(c(1, rep(0, 7))), 0, type)
    expect_identical(names(p), character())
    expect_identical(length(p), 0L)
    expect_error(as.list(p), class = "dyncall_error_type")
    expect_output(str(list(p)), "List of 1")
    expect_error(p$x, class = "dyncall_error_type")
  }
})

test_that("the size of an object can be asked for", {
  parseStructInfos("Sized{di}x n;")
  new.struct(Sized)
  expect_gt(as.numeric(object.size(new.struct(Sized))), 16) # nothing refers to itself
})
