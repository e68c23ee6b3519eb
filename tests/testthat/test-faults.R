# What planted faults (dev/mutate) showed that no other test sees.

test_that("-2^63 is in the range of the signed 64-bit types, exactly", {
  m <- raw(16)
  .pack(m, 0, "l", -2^63)
  expect_identical(m[1:8], as.raw(c(0, 0, 0, 0, 0, 0, 0, 0x80)))
  expect_error(.pack(m, 0, "l", -2^63 - 2048), class = "dyncall_error_argument")
})

test_that("long double complex lies in memory as C has it", {
  m <- raw(2 * 2 * 16)
  n <- if (.Machine$sizeof.pointer == 8) 16L else 12L
  .pack(m, 0, "<long double complex>", 1+2i)
  expect_identical(.unpack(m, 0, "D"), 1)
  expect_identical(.unpack(m, n, "D"), 2)
  expect_identical(.unpack(m, 0, "<long double complex>"), 1+2i)
})

test_that("C that writes into text writes into a copy", {
  upper <- new.callback("p)v", function(p) .pack(p, 0, "c", 88L))
  text <- paste0("a", "bc")
  .dyncall(upper, "*c)v", text)
  .dyncall(upper, "p)v", text)
  expect_identical(charToRaw(text), as.raw(c(0x61, 0x62, 0x63))) # R has one object for all "abc"
})

test_that("strings in fields live as long as their object", {
  parseStructInfos("Label{Z*kcp}a b c;")
  all <- lapply(1:200, function(i) {
    x <- new.struct(Label)
    x$a <- paste0("keptA", i)
    x$b <- paste0("keptB", i)
    x$c <- paste0("keptC", i)
    x
  })
  for (i in 1:3) gc()
  junk <- paste0("junk", 1:1e5) # as long, in place of what was freed
  expect_identical(vapply(all, function(x) x$a, ""), paste0("keptA", 1:200))
  expect_identical(vapply(all, function(x) x$b, ""), paste0("keptB", 1:200))
  expect_identical(vapply(all, function(x) ptr2str(x$c), ""), paste0("keptC", 1:200))
  expect_length(junk, 1e5)
})

test_that("the address of a function of an unloaded library is no argument", {
  file <- tempfile(fileext = .Platform$dynlib.ext)
  file.copy(fixture_file("calls"), file)
  library <- .dynload(file)
  all <- dynlist(library)
  symbol <- .dynsym(library, all[1L])
  take <- new.callback("p)v", function(p) NULL)
  expect_no_error(.dyncall(take, "p)v", symbol))
  .dynunload(library)
  expect_error(.dyncall(take, "p)v", symbol), class = "dyncall_error")
})

test_that("vectors of integer64 and uint64 are no arrays of double", {
  take <- new.callback("p)v", function(p) NULL)
  expect_error(.dyncall(take, "*d)v", structure(c(1, 2), class = "integer64")), class = "dyncall_error_argument")
  expect_error(.dyncall(take, "*kd)v", structure(c(1, 2), class = "uint64")), class = "dyncall_error_argument")
  expect_no_error(.dyncall(take, "*l)v", structure(c(1, 2), class = "integer64")))
})

test_that("large negative integers warn, too", {
  m <- as.raw(c(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xdf, 0xff)) # -2^53 - 1
  expect_warning(.unpack(m, 0, "l"), class = "dyncall_warning_lossy")
})

test_that("any byte that is not zero is TRUE", {
  expect_identical(.unpack(as.raw(c(2, 0, 255)), 0, "B[3]"), c(TRUE, FALSE, TRUE))
  expect_true(as.logical(.unpack(as.raw(2), 0, "B")) == TRUE)
  expect_identical(.unpack(as.raw(2), 0, "B"), TRUE)
})

test_that("a pointer to const that C returned goes to a pointer parameter of that type", {
  m <- as.extptr(c(1.5, 2.5))
  p <- .dyncall(new.callback("p)p", function(p) p), "p)*kd", m)
  expect_no_error(.dyncall(new.callback("p)v", function(p) NULL), "*d)v", p))
  expect_no_error(.dyncall(new.callback("p)v", function(p) NULL), "*kd)v", p))
})

test_that("an inner struct keeps the memory of the outer one alive", {
  parseStructInfos("In{dd}x y; Out{d<In>}a i;")
  f <- function() {
    p <- as.struct(as.extptr(as.raw(rep(c(0, 0, 0, 0, 0, 0, 0xf0, 0x3f), 3))), Out)
    p$i
  }
  inner <- f()
  overwrite_garbage()
  expect_identical(inner$x, 1)
  expect_identical(inner$y, 1)
})

test_that("labels of a column stay when the last value has none", {
  parseEnumInfos("shade{DARK=1 LIGHT=2};")
  parseStructInfos("Shades{<shade>[3]}s;")
  x <- new.struct(Shades)
  x$s <- c(1L, 2L, 9L)
  expect_identical(names(x$s), c("DARK", "LIGHT", ""))
})

test_that("matrices of 64-bit integers keep their class, as fields, both ways", {
  old <- options(rdyncall.int64 = "integer64")
  on.exit(options(old))
  parseStructInfos("Grid{l[2][3]L[2][2]}l u;")
  x <- new.struct(Grid)
  x$l <- matrix(as.numeric(1:6), 2)
  l <- x$l
  expect_s3_class(l, "integer64")
  expect_identical(dim(l), 2:3)
  y <- new.struct(Grid)
  y$l <- l
  expect_identical(.unpack(y, 8, "l"), .unpack(x, 8, "l"))
  expect_identical(unclass(.unpack(y, 0, "i")), 1L)
  expect_identical(.unpack(y, 8, "i"), 3L)
})

test_that("matrices of uint64 keep their class, as fields, both ways", { # needs turn(), rdc_put_array()
  old <- options(rdyncall.int64 = "integer64")
  on.exit(options(old))
  parseStructInfos("Unsigned{L[2][2]}u;")
  x <- new.struct(Unsigned)
  y <- new.struct(Unsigned)
  x$u <- matrix(c(1, 2, 3, 2^63), 2)
  u <- x$u
  expect_s3_class(u, "uint64")
  y$u <- u
  expect_identical(x$u, y$u)
})

test_that("matrices of strings and of structs, both ways", {
  parseStructInfos("Cell{ii}x y; Table{<Cell>[2][2]Z[2][2]c[4]}m z c;")
  x <- new.struct(Table)
  x$m <- matrix(list(list(x = 1), list(x = 2), list(x = 3), list(x = 4)), 2)
  expect_identical(x$m[[2, 1]]$x, 2L)
  expect_identical(x$m[[1, 2]]$x, 3L)
  expect_identical(.unpack(x, 8, "i"), 3L)
  x$z <- matrix(c("a", "b", "c", "d"), 2)
  expect_identical(x$z, matrix(c("a", "b", "c", "d"), 2))
  x$c <- c(72L, 105L, 33L, 0L)
  expect_identical(x$c, "Hi!")
  expect_error(x$c <- c(72L, 105L), class = "dyncall_error_argument")
})

test_that("NULL and pointers without bytes go where a named struct is wanted", {
  parseStructInfos("Node{i*<Node>}v next;")
  x <- new.struct(Node)
  x$"next" <- NULL
  expect_true(is.nullptr(x$"next"))
  expect_error(x$"next" <- structure(raw(), struct = "Node", class = "struct"), class = "dyncall_error_argument")
  p <- as.extptr(x)
  p$v <- 5L
  expect_identical(x$v, 5L)
  expect_identical(attr(as.extptr(new.array("i", 2)), "pointee"), "i")
})

test_that("@align raises alignments and never lowers them", {
  parseStructInfos("Low{ic}a b @align=1; High{ic}a b @align=16;")
  expect_identical(c(Low$size, Low$align), c(8, 4))
  expect_identical(c(High$size, High$align), c(16, 16))
})

on_arm <- function() grepl("^(aarch|arm)", R.version$arch)

test_that("unnamed bit-fields align their struct on ARM only", {
  parseStructInfos("Unnamed{ci:3}a _;")
  expect_identical(as.numeric(Unnamed$align), if (on_arm()) 4 else 1)
})

test_that("sizes of arrays do not overflow", {
  expect_error(parseStructInfos("Huge{i[268435455][268435455][268435455][268435455]}a;"), class = "dyncall_error")
  expect_error(.unpack(raw(8), 0, "l[268435456][268435456][256]"), class = "dyncall_error")
})

test_that("the padding of a long double is zero", {
  m <- as.raw(rep(0xff, 32))
  .pack(m, 0, "D", 1)
  expect_identical(.unpack(m, 0, "D"), 1)
  if (grepl("86", R.version$arch)) expect_identical(m[11:12], raw(2)) # elsewhere there is none
})

test_that("large structs are returned", {
  parseStructInfos("Large{d[100]}v;")
  x <- new.struct(Large)
  x$v <- as.numeric(1:100)
  give <- new.callback(")<Large>", function() x)
  for (i in 1:20) expect_identical(.dyncall(give, ")<Large>")$v, as.numeric(1:100))
})

test_that("bit-fields of Microsoft's rule", { # sizes of gcc and clang with ms_struct
  parseStructInfos("Fits{i:16i:16}a b @ms; Over{i:16i:17}a b @ms; Behind{i:8ci:8}a b c @ms;")
  expect_identical(c(Fits$size, Over$size, Behind$size), c(4, 8, 12))
})

test_that("a bit-field of no width aligns the next one, packing or not", {
  parseStructInfos("Zero{c:3i:0c:2}a _ b @pack=1;")
  expect_identical(c(Zero$size, Zero$align), if (on_arm()) c(8, 4) else c(5, 1))
})

test_that("unsigned behind '...' keeps its range", {
  out <- raw(32)
  libc <- need_library_or_skip(c("msvcrt", "c", "libc.so.6", "libSystem.B.dylib"))
  n <- .dyncall(.dynsym(libc, "snprintf"), "*c<size_t>Z.I)i", out, 32, "%u", 3e9)
  expect_identical(rawToChar(out[seq_len(n)]), "3000000000")
})

test_that("arguments of more than 2^31 bytes are refused", {
  parseStructInfos("Giant{c[134217727]}a;") # the longest on 32-bit platforms
  expect_error(new.callback(paste0(strrep("<Giant>", 17), ")v"), function(...) NULL), class = "dyncall_error")
})

test_that("a callback works after its plan has left the cache", {
  f <- new.callback("id)d", function(a, b) a + b)
  for (k in 1:1100) {
    digits <- as.integer(intToBits(k))[1:11]
    new.callback(paste0(paste(c("i", "d")[digits + 1L], collapse = ""), ")v"), function(...) NULL)
  }
  for (k in 1:3) gc()
  overwrite_garbage()
  expect_identical(.dyncall(f, "id)d", 1L, 2), 3)
})

test_that("only the outermost dimension may be left out; alignments are powers of two", {
  expect_error(parseStructInfos("A{*i[2][]}a;"), class = "dyncall_error_signature")
  expect_error(parseStructInfos("A{i[2][]}a;"), class = "dyncall_error_signature")
  expect_error(parseStructInfos("A{i}a @align=3;"), class = "dyncall_error_signature")
  expect_error(parseStructInfos("A{i}a @pack=6;"), class = "dyncall_error_signature")
})

test_that("an array parameter is a pointer to its first element", {
  third <- new.callback("p)i", function(p) .unpack(p, 8, "i"))
  expect_identical(.dyncall(third, "i[3])i", c(1L, 2L, 3L)), 3L)
  expect_identical(.dyncall(third, "i[3][2])i", c(1L, 2L, 3L)), 3L)
})

test_that("a signature means the types of who calls, also after they change", {
  use <- function(value) {
    f <- new.callback("<Changing>)d", function(x) as.numeric(x$a))
    x <- new.struct("Changing")
    x$a <- value
    .dyncall(f, "<Changing>)d", x)
  }
  environment(use) <- environment()
  parseStructInfos("Changing{i}a;")
  expect_identical(use(7L), 7)
  parseStructInfos("Changing{d}a;")
  expect_identical(use(1.5), 1.5)
  parseStructInfos("Changing{id}b a;")
  expect_identical(use(2.5), 2.5)
})

test_that("64-bit arguments of callbacks that are no exact doubles warn", {
  take <- new.callback("l)v", function(x) NULL)
  exact <- .unpack(as.raw(c(1, 0, 0, 0, 0, 0, 0x20, 0)), 0, "d") # the bits of 2^53 + 1
  expect_warning(.dyncall(take, "l)v", structure(exact, class = "integer64")), class = "dyncall_warning_lossy")
})

test_that("an aggregate that lacks its last byte is refused", {
  parseStructInfos("Pair{ii}x y; Around{c<Pair>}c p;")
  x <- new.struct(Around)
  short <- structure(raw(7), struct = "Pair", class = "struct")
  expect_error(x$p <- short, class = "dyncall_error")
  expect_error(.dyncall(new.callback("<Pair>)v", function(p) NULL), "<Pair>)v", short), class = "dyncall_error")
})

test_that("an aggregate that is copied into another brings what it keeps", {
  parseStructInfos("Inside{Z}a; Outside{i<Inside>}i s;")
  all <- lapply(1:200, function(i) {
    inner <- new.struct(Inside)
    inner$a <- paste0("keptI", i)
    x <- new.struct(Outside)
    x$s <- inner
    x
  })
  for (i in 1:3) gc()
  junk <- paste0("junk", 1:1e5)
  expect_identical(vapply(all, function(x) x$s$a, ""), paste0("keptI", 1:200))
  expect_length(junk, 1e5)
})

test_that("assigning a column keeps what other columns refer to", {
  parseStructInfos("Two{ZZ}a b;")
  x <- new.array("<Two>", 200)
  x$a <- paste0("keptX", 1:200)
  x$b <- paste0("keptY", 1:200)
  for (i in 1:3) gc()
  junk <- paste0("junk", 1:1e5)
  expect_identical(x$a, paste0("keptX", 1:200))
  expect_identical(x$b, paste0("keptY", 1:200))
  expect_length(junk, 1e5)
})

test_that("a struct that holds a copy of a shared vector can be copied, printed and saved", {
  parseStructInfos("Holder{*di}p n;")
  many <- rep(list(c(1, 2, 3)), 9) # one vector, held nine times
  hold <- function(x, value) {
    x$p <- value
    x
  }
  x <- hold(new.struct(Holder), many[[1]])
  y <- `$<-`(x, "n", 5L) # a copy, since nothing is assigned
  gc()
  expect_identical(c(x$n, y$n), c(0L, 5L))
  expect_identical(.unpack(y$p, 0, "d[3]"), c(1, 2, 3))
  .pack(x$p, 8, "d", 9)
  expect_identical(.unpack(x$p, 0, "d[3]"), c(1, 9, 3))
  expect_identical(many[[1]], c(1, 2, 3))
  expect_output(str(attributes(x)), "Holder")
  expect_identical(unserialize(serialize(x, NULL))$n, 0L)
})
