# Arrays: as fields of structs, and as objects.

parseStructInfos("
  Item{di}x k; Inner{ii}a b; Names{ZZ}a b; Outer{i<Names>}n names; Text{c[6]i[2]Z}s v name;
  Arrays{i[3]d[2][3]<Item>[2]c[6]c[2][4]C[4]s[2][3][2]Z[2]f[2]l[2]}v m items text lines bytes cube names f l;")
parseEnumInfos("color{RED GREEN=5 BLUE};")

call_array <- function(name, signature, ...) fixture_call("array", name, signature, ...)

# C's a[i][j] is R's a[i + 1, j + 1].
the_matrix <- rbind(c(11, 12, 13), c(21, 22, 23))
the_cube <- array(0L, c(2, 3, 2))
for (i in 1:2) for (j in 1:3) for (k in 1:2) the_cube[i, j, k] <- 100L * i + 10L * j + k

test_that("array fields are read as C wrote them", {
  expect_identical(as.integer(Arrays$size), call_array("arrays_size", ")i"))
  a <- new.struct(Arrays)
  .dyncall(.dynsym(fixture("array"), "arrays_fill"), "*<Arrays>)v", a)
  for (x in list(a, as.struct(as.extptr(a[]), Arrays))) {
    expect_identical(x$v, c(-5L, 5L, 15L))
    expect_identical(x$m, the_matrix)
    expect_identical(lapply(x$items, as.list), list(list(x = 0.5, k = 7L), list(x = 1.5, k = 8L)))
    expect_identical(x$text, "sixsix")
    expect_identical(x$lines, c("ab", "wxyz"))
    expect_identical(x$bytes, as.raw(c(255, 0, 255, 0)))
    expect_identical(x$cube, the_cube)
    expect_identical(x$names, c("first", NA))
    expect_identical(x$f, c(0.25, 0.5))
    expect_identical(x$l, c(2^52, -2^52))
  }
})

test_that("array fields are written as C reads them", {
  a <- new.struct(Arrays)
  a$v <- c(-5, 5, 15)
  expect_identical(call_array("arrays_check", "*k<Arrays>)i", a), 2L)
  a$m <- the_matrix
  a$items <- list(list(x = 0.5, k = 7), list(x = 1.5, k = 8))
  a$text <- "six"
  a$lines <- c("ab", "xyz")
  a$bytes <- as.raw(c(255, 0, 255, 0))
  a$cube <- the_cube
  a$names <- list(paste0("fir", "st"), NULL)
  a$f <- c(0.25, 0.5)
  a$l <- c(2^52, -2^52)
  overwrite_garbage()
  expect_identical(call_array("arrays_check", "*k<Arrays>)i", a), 0L)
  cells <- outer(1:2, 1:3, Vectorize(function(i, j) call_array("cell", "*<Arrays>ii)d", a, i - 1L, j - 1L)))
  expect_identical(cells, the_matrix)
  # without dimensions in C's order
  a$m <- c(11, 12, 13, 21, 22, 23)
  a$cube <- as.vector(aperm(the_cube))
  expect_identical(call_array("arrays_check", "*k<Arrays>)i", a), 0L)
  a$m[2, 1] <- 99
  expect_identical(call_array("cell", "*<Arrays>ii)d", a, 1L, 0L), 99)
  expect_identical(a$m[2, ], c(99, 22, 23))
  a$items[[2]]$k <- 70
  expect_identical(c(a$items[[1]]$k, a$items[[2]]$k), c(7L, 70L))
})

test_that("array fields refuse other lengths, dimensions and texts that do not fit", {
  a <- new.struct(Arrays)
  a$text <- "abcde"
  before <- a[]
  wrong <- list(v = 1:2, v = 1:4, v = 1L, v = c(1, NA, 3), v = c("1", "2", "3"), m = t(the_matrix), m = 1:5,
                m = matrix(1, 3, 3), m = array(1, c(2, 3, 1)), cube = aperm(the_cube, c(2, 1, 3)),
                text = "sixsix", text = NA_character_, text = strrep("\u00e9", 3), lines = "ab", lines = c("ab", "long"), bytes = as.raw(1:5),
                items = list(list(x = 1)), items = list(list(x = 1), list(z = 1)), items = 1:2, names = "one", names = list("a", 5), f = NULL)
  for (k in seq_along(wrong)) {
    name <- names(wrong)[k]
    expect_error(a[[name]] <- wrong[[k]], class = "dyncall_error_argument", regexp = name, info = paste(k, name))
  }
  expect_identical(a[], before)
  a$text <- "\u00e9\u00e9" # 4 bytes
  expect_identical(a$text, "\u00e9\u00e9")
})

test_that("elements of scalar arrays are read and written by any index", {
  a <- new.array("s", 5)
  expect_true(is.carray(a))
  expect_false(is.carray(raw(10)))
  expect_identical(length(a), 5L)
  expect_identical(a[], rep(0L, 5))
  a[2:3] <- c(-1, 300)
  a[[5]] <- 7L
  expect_identical(a[], c(0L, -1L, 300L, 0L, 7L))
  expect_identical(a[c(5, 2)], c(7L, -1L))
  expect_identical(a[-1], c(-1L, 300L, 0L, 7L))
  expect_identical(a[c(TRUE, FALSE)], c(0L, 300L, 7L))
  expect_identical(a[0], integer())
  expect_identical(a[[2]], -1L)
  a[c(FALSE, TRUE)] <- 9 # one value for all
  expect_identical(a[], c(0L, 9L, 300L, 9L, 7L))
  a[] <- 1:5
  a[-(1:3)] <- c(TRUE, FALSE)
  expect_identical(a[], c(1L, 2L, 3L, 1L, 0L))
  expect_identical(`[<-`(a, integer(), 5)[], c(1L, 2L, 3L, 1L, 0L))
})

test_that("arrays neither grow nor take what their elements refuse", {
  a <- as.carray(1:3, "s")
  before <- a[]
  for (i in list(4, c(1, 4), NA, c(1, NA), 2^40)) {
    expect_error(a[i], class = "dyncall_error_pointer", regexp = "3 elements")
    expect_error(a[i] <- 1, class = "dyncall_error_pointer")
  }
  expect_identical(a[-2^40], before)
  for (i in list(0, 4, -1, NA_real_, Inf)) {
    expect_error(a[[i]], class = "dyncall_error_pointer")
    expect_error(a[[i]] <- 1, class = "dyncall_error_pointer")
  }
  for (i in list("1", 1:2, TRUE, NULL)) {
    expect_error(a[[i]], class = "dyncall_error_argument")
    expect_error(a[[i]] <- 1, class = "dyncall_error_argument")
  }
  expect_error(a["x"], class = "dyncall_error_argument")
  expect_error(a$x, class = "dyncall_error_argument", regexp = "'x'")
  expect_error(a$x <- 1, class = "dyncall_error_argument")
  for (value in list(1:2, 1:4, integer(), c(1, 2, 40000), c(1, NA, 2), "1", list(1, 2, "3"), factor(1:3))) {
    expect_error(a[] <- value, class = "dyncall_error_argument")
  }
  expect_error(a[[1]] <- 40000, class = "dyncall_error_argument", regexp = "range of short")
  expect_identical(a[], before)
  for (n in list(-1, NA, "3", 1:2, Inf, 2^60)) expect_error(new.array("s", n), class = "dyncall_error")
  expect_error(new.array("q", 1), class = "dyncall_error_signature")
  expect_error(new.array("<Nowhere>", 1), class = "dyncall_error_type")
  expect_error(new.array("v", 1), class = "dyncall_error_type")
  expect_error(as.carray(as.extptr(raw(8)), "i"), class = "dyncall_error_argument")
})

test_that("vectors become arrays of every scalar type and come back", {
  cases <- list(B = c(TRUE, FALSE), c = c(-128L, 127L), C = c(0L, 255L), s = c(-32768L, 5L), S = c(65535L, 1L),
                i = c(-5L, 5L), I = c(0, 2^32 - 1), j = c(-3, 3), L = c(0, 2^53), f = c(0.5, -2), d = c(0.1, NA),
                D = c(0.25, 1e300), Z = c("a", "\u00e9"), `<double complex>` = c(1+2i, 0i), `<size_t>` = c(1, 2))
  for (type in names(cases)) {
    a <- as.carray(cases[[type]], type)
    expect_identical(as.vector(a), cases[[type]], label = type)
    expect_identical(length(a), 2L)
    expect_identical(a[[2]], cases[[type]][2], label = type)
    expect_identical(as.list(a), as.list(cases[[type]]), label = type)
    expect_identical(as.data.frame(a), data.frame(value = cases[[type]], stringsAsFactors = FALSE), label = type)
  }
  a <- as.carray(list(1, 2L, TRUE), "d")
  expect_identical(list(as.integer(a), as.double(a), as.character(a)),
                   list(c(1L, 2L, 1L), c(1, 2, 1), c("1", "2", "1")))
  expect_identical(as.list(as.carray(numeric(), "d")), list())
  a <- as.carray(c("BLUE", "RED"), color)
  a[[2]] <- "GREEN"
  expect_identical(a[], c(BLUE = 6L, GREEN = 5L))
  expect_identical(as.vector(as.carray(1:4, "<color>")), 1:4)
})

test_that("apply functions and loops see the elements", {
  a <- as.carray(c(5, 6, 7), "i")
  expect_identical(vapply(a, function(v) v * 2L, 0L), c(10L, 12L, 14L))
  expect_identical(seq_along(a), 1:3)
  expect_identical(rev(a), 7:5)
  expect_identical(list(head(a, 2), tail(a, 1)), list(5:6, 7L))
  expect_output(print(a), "5 +6 +7")
  items <- as.carray(data.frame(x = c(1, 2), k = 3:4), Item)
  expect_identical(sapply(items, function(item) item$x * item$k), c(3, 8))
  expect_output(print(items), "k: 4")
})

test_that("arrays of structs have elements and columns", {
  a <- new.array(Item, 3)
  a$x <- c(1, 2, 3)
  a$k <- 9
  a[[2]] <- list(x = 20, k = -1)
  a[[3]]$k <- 30
  a$x[1] <- 0.5
  expect_identical(list(a$x, a$k), list(c(0.5, 20, 3), c(9L, -1L, 30L)))
  expect_identical(as.list(a[[2]]), list(x = 20, k = -1L))
  expect_identical(lapply(a[2:3], function(item) item$k), list(-1L, 30L))
  one <- new.struct("Item")
  one$x <- 4
  a[1:2] <- one
  expect_identical(a$x, c(4, 4, 3))
  a[c(1, 3)] <- list(list(x = 1), one)
  expect_identical(list(a$x, a$k), list(c(1, 4, 4), c(0L, 0L, 0L)))
  before <- a$x
  expect_error(a$z, class = "dyncall_error_argument", regexp = "a field of Item, got 'z'")
  expect_error(a$x <- 1:2, class = "dyncall_error_argument", regexp = "field 'x'")
  expect_error(a$k <- c(1, 2, 3e9), class = "dyncall_error_argument")
  expect_error(a[1:2] <- list(list(x = 9), list(q = 1)), class = "dyncall_error_argument", regexp = "'q'")
  expect_error(a[[1]] <- new.struct(Inner), class = "dyncall_error_argument")
  expect_error(a[[1]] <- 5, class = "dyncall_error_argument")
  expect_identical(a$x, before)
})

test_that("data frames and arrays of structs convert to each other", {
  df <- data.frame(x = c(0.5, 1.5), k = 3:4)
  a <- as.carray(df, "Item")
  expect_identical(as.data.frame(a), df)
  expect_identical(rownames(as.data.frame(a, row.names = c("u", "v"))), c("u", "v"))
  a[] <- data.frame(k = 8:9)
  expect_identical(as.data.frame(a), data.frame(x = c(0.5, 1.5), k = 8:9))
  expect_error(a[] <- data.frame(k = 1:3), class = "dyncall_error_argument")
  expect_error(a[] <- data.frame(k = 1:2, z = 1:2), class = "dyncall_error_argument", regexp = "'z'")
  expect_error(as.carray(data.frame(x = c("a", "b")), Item), class = "dyncall_error_argument")
  expect_identical(length(as.carray(df[0, ], Item)), 0L)
  a <- as.carray(data.frame(s = c("one", "two"), name = c("x", "y")), Text)
  a$v <- list(1:2, 3:4)
  expect_identical(list(a$s, a$name, a$v), list(c("one", "two"), c("x", "y"), list(1:2, 3:4)))
  expect_identical(as.data.frame(a)$v[[2]], 3:4)
  expect_error(a$s <- "too long", class = "dyncall_error_argument")
  # fields of anonymous members are fields
  parseStructInfos("Half{i<Inner>I}n . _;")
  a <- as.carray(data.frame(n = 1:2, b = 3:4), Half)
  expect_identical(a$b, 3:4)
  expect_identical(as.data.frame(a), data.frame(n = 1:2, a = c(0L, 0L), b = 3:4))
})

test_that("arrays in R vectors are values", {
  a <- as.carray(1:3, "i")
  b <- a
  b[1] <- 10
  f <- function(v) {
    v[[2]] <- 20L
    v
  }
  c <- f(a)
  d <- `[<-`(a, 3, 30)
  l <- list(a)
  l[[1]][1] <- 40
  expect_identical(list(a[], b[], c[], d[], l[[1]][]),
                   list(1:3, c(10L, 2:3), c(1L, 20L, 3L), c(1:2, 30L), c(40L, 2:3)))
  s <- as.carray(data.frame(x = 1), Item)
  item <- s[[1]]
  item$x <- 5
  expect_identical(c(s$x, item$x, unserialize(serialize(s, NULL))$x), c(1, 5, 1))
})

test_that("arrays are passed as typed pointers, and C writes to the one that was passed", {
  a <- as.carray(c(1, 2, 3), "s")
  b <- a
  .dyncall(.dynsym(fixture("array"), "double_shorts"), "*si)v", a, 3)
  expect_identical(list(a[], b[]), list(c(2L, 4L, 6L), 1:3))
  for (type in c("*s", "*ks", "p", "*kv")) {
    expect_identical(call_array("sum_shorts", paste0(type, "i)i"), a, 3), 12L)
  }
  for (bad in list(as.carray(1:3, "i"), as.carray(1:3, "S"), new.array(Item, 1))) {
    expect_error(call_array("sum_shorts", "*si)i", bad, 1), class = "dyncall_error_argument", regexp = "short \\*")
  }
  items <- new.array(Item, 4)
  .dyncall(.dynsym(fixture("array"), "fill_items"), "*<Item>i)v", items, 4)
  expect_identical(as.data.frame(items), data.frame(x = 0:3 + 0.5, k = c(0L, 1L, 4L, 9L)))
  expect_identical(call_array("sum_items", "*k<Item>i)d", items, 4), sum((0:3 + 0.5) * (0:3)^2))
  expect_error(call_array("sum_items", "*<Inner>i)d", items, 4), class = "dyncall_error_argument")
})

test_that("an array over memory is that memory", {
  a <- as.carray(call_array("shared_items", ")*<Item>"), Item, 4)
  b <- a
  a$x <- c(1, 2, 3, 4)
  a[[2]]$k <- 5
  b[[3]] <- list(x = 30)
  element <- a[[4]]
  element$x <- 40
  expect_identical(call_array("shared_items", ")*<Item>")$x, 1)
  expect_identical(list(a$x, b$k), list(c(1, 2, 30, 40), c(0L, 5L, 0L, 0L)))
  expect_identical(call_array("sum_items", "*<Item>i)d", a, 4), 10)
  expect_identical(length(a), 4L)
  expect_error(a[[5]], class = "dyncall_error_pointer")
  a[] <- list(list())
  expect_identical(b$x, rep(0, 4))
  memory <- as.extptr(1:4)
  expect_error(as.carray(memory, "i", 5), class = "dyncall_error_pointer", regexp = "16 bytes")
  view <- as.carray(memory, "i", 4)
  view[4] <- 9
  expect_identical(as.carray(memory, "S", 8)[7], 9L)
  expect_error(as.carray(call_array("total_length", "pi)p", NULL, 0), "i", 1), class = "dyncall_error_pointer")
})

test_that("strings and functions in arrays stay alive", {
  a <- new.array("Z", 50)
  long <- strrep("name ", 40)
  a[] <- paste0(long, 101:150)
  a[[1]] <- paste0("other", " name")
  texts <- as.carray(data.frame(name = paste0("text ", 1:20)), Text)
  texts$s <- "s" # another column
  texts[[1]]$name <- paste0("the ", "first")
  functions <- new.array("*(i)i", 2)
  functions[[1]] <- function(x) x + 1L
  functions[2] <- list(function(x) x * 10L)
  nested <- new.struct(Outer)
  nested$names <- list(a = paste0("let", "ter"), b = paste0(long, "number"))
  nested$names$a <- "other"
  overwrite_garbage()
  expect_identical(a[], c("other name", paste0(long, 102:150)))
  expect_identical(call_array("total_length", "*Zi)i", a, 50), 49L * 203L + 10L)
  expect_identical(texts$name, c("the first", paste0("text ", 2:20)))
  expect_identical(call_array("apply_all", "**(i)iii)i", functions, 2, 4), 50L)
  expect_identical(functions[[2]](7), 70L)
  expect_identical(c(nested$names$a, nested$names$b), c("other", paste0(long, "number")))
  a[2] <- NULL
  expect_identical(a[1:3], c("other name", NA, paste0(long, 103)))
  expect_identical(call_array("total_length", "*Zi)i", a, 3), 10L + 1000L + 203L)
})

test_that("arrays of elements without bytes have their elements", {
  parseStructInfos("Nil{};NilHolder{<Nil>[4][3]i}e n;")
  x <- new.struct(NilHolder)
  x$e <- rep(list(list()), 12)
  x$n <- 7L
  expect_identical(dim(x$e), 4:3)
  expect_identical(x$n, 7L)
  expect_error(x$e <- rep(list(list()), 4), class = "dyncall_error_argument")
})

test_that("an array over memory does not survive a file", {
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(list(as.carray(as.extptr(1:4), "i", 4), as.carray(1:4, "i")), file)
  back <- readRDS(file)
  for (use in list(function(a) a[1], function(a) a[[1]], function(a) length(a), function(a) a[2] <- 5)) {
    expect_error(use(back[[1]]), class = "dyncall_error_pointer", regexp = "not survived")
  }
  expect_identical(back[[2]][], 1:4)
})

test_that("64-bit elements, ranges and columns that are no exact doubles warn", {
  parseStructInfos("Wide{lL}l u;")
  bits <- as.raw(c(1, 0, 0, 0, 0, 0, 0x20, 0)) # 2^53 + 1
  a <- new.array("l", 3)
  a[2] <- structure(readBin(bits, "double"), class = "integer64")
  for (use in list(function() a[], function() a[2:3], function() a[[2]])) {
    expect_warning(use(), class = "dyncall_warning_lossy")
  }
  expect_no_warning(c(a[c(1, 3)], a[[3]]))
  w <- as.carray(as.extptr(c(bits, raw(24))), Wide, 2)
  expect_warning(w$l, class = "dyncall_warning_lossy")
  expect_warning(w[[1]]$l, class = "dyncall_warning_lossy")
  expect_warning(as.list(w[[1]]), class = "dyncall_warning_lossy")
  expect_no_warning(c(w$u, w[[1]]$u, w[[2]]$l))
})

test_that("what is neither a vector nor a list is no column", {
  parseStructInfos("Pair{ii}x y;")
  a <- new.array(Pair, 2)
  for (value in list(sin, quote(x), globalenv(), as.extptr(1))) {
    expect_error(a$x <- value, class = "dyncall_error_argument", regexp = "field 'x'")
  }
  expect_identical(a$x, c(0L, 0L))
})

test_that("a data frame with pointers, arrays and functions in it can be printed and taken apart", {
  parseStructInfos("Link{i*<Link>C[3]*(i)iZ}value to bytes run name;")
  links <- new.array(Link, 3)
  links$value <- 1:3
  links[[1]]$name <- "a"
  x <- as.data.frame(links)
  shown <- capture.output(print(x))
  expect_length(shown, 4L)
  expect_match(shown[2], "1 <pointer: 0x0> Link +00 00 00 +NULL +a")
  expect_identical(capture.output(print(x$to)), capture.output(print(as.list(links$to))))
  expect_identical(dim(x[2:3, ]), c(2L, 5L))
  expect_match(capture.output(print(x[2:3, c("value", "to")]))[2], "<pointer")
  expect_identical(x$value[x$value > 1], 2:3)
  expect_true(is.nullptr(x$to[[1]]))
  expect_identical(capture.output(print(rbind(x, x)[4, ]))[2], sub("^1", "4", shown[2]))
})

test_that("arrays of pointers are printed without a look at where they lead", {
  parseStructInfos("Rect{ss}x y;")
  parseTypedefs("Corner=*<Rect>;")
  for (type in c("*<Rect>", "Corner")) {
    x <- dynalloc(type, 2)
    x[[2]] <- dynalloc(Rect)
    shown <- capture.output(print(x))
    expect_match(shown[2], "<pointer: 0x0> Rect", fixed = TRUE)
    expect_match(shown[3], "<pointer: 0x[0-9a-f]{2,}> Rect")
  }
  expect_output(print(dynalloc(Rect, 1)), "x: 0, y: 0", fixed = TRUE)
})
