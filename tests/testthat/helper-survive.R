# What can be saved, sent to other processes or lazy-loaded: one row for each kind of object. make() gives an
# object, use() works with it, want is what that gives in another process: a value, or the class of an
# error and words of its message that say what to do. The functions are run in other processes, so they see
# the package and base R only.

survive_row <- function(make, use, want = NULL, error = NULL, words = NULL) {
  environment(make) <- environment(use) <- globalenv()
  list(make = make, use = use, want = want, error = error, words = words)
}

gone <- function(make, use, words, error = "dyncall_error_pointer") {
  survive_row(make, use, error = error, words = words)
}

survive_table <- list(
  # text, which is made again on first use
  "bound function" = survive_row(
    function() {
      dynbind(c("m", "msvcrt"), "sqrt(d)d x;", envir = e <- new.env())
      e$sqrt
    }, function(x) x(16), 4),
  "bound function that was used" = survive_row(
    function() {
      dynbind(c("m", "msvcrt"), "pow(dd)d x y;", envir = e <- new.env())
      e$pow(2, 2)
      e$pow
    }, function(x) x(2, 10), 1024),
  "bound function of a struct type" = survive_row(
    function() {
      e <- new.env()
      parseStructInfos("div_t{ii}quot rem;", e)
      dynbind(c("c", "msvcrt"), "div(ii)<div_t> numer denom;", envir = e)
      e$div
    }, function(x) x(17L, 5L)$rem, 2L),
  "bound function that takes an R function" = survive_row(
    function() {
      dynbind(c("c", "msvcrt"), "qsort(*i<size_t><size_t>*(*i*i)i)v base n size compare;", envir = e <- new.env())
      e$qsort
    }, function(x) {
      v <- c(3L, 1L, 2L)
      x(v, 3, 4, function(a, b) .unpack(a, 0, "i") - .unpack(b, 0, "i"))
      v
    }, 1:3),
  "library" = survive_row(
    function() dynfind(c("m", "msvcrt")), function(x) .dyncall(.dynsym(x, "sqrt"), "d)d", 9), 3),
  "struct type" = survive_row(
    function() {
      parseStructInfos("Inner{sd}a b; Outer{<Inner>i:3*<Outer>}in bits next;", e <- new.env())
      e$Outer
    }, function(x) {
      s <- new.struct(x)
      s$`in`$b <- 2.5
      s$bits <- -4L
      c(s$`in`$b, s$bits, x$size >= 20)
    }, c(2.5, -4, 1)),
  "union type" = survive_row(
    function() {
      parseUnionInfos("Either|id}i d;", e <- new.env())
      e$Either
    }, function(x) x$size, 8L),
  "enum type" = survive_row(
    function() {
      parseEnumInfos("Colour{RED GREEN=5 BLUE};", e <- new.env())
      e$Colour
    }, function(x) {
      v <- new.array(x, 1)
      v[1] <- "GREEN"
      names(v[1])
    }, "GREEN"),
  "struct object" = survive_row(
    function() {
      parseStructInfos("Point{dd}x y;", e <- new.env())
      p <- new.struct(e$Point)
      p$y <- 7
      p
    }, function(x) {
      x$x <- 1
      c(x$x, x$y)
    }, c(1, 7)),
  "struct object with text, vectors, functions and other objects" = survive_row(
    function() {
      parseStructInfos("Node{Z*d*<Node>pi}name values next any n;", e <- new.env())
      dynbind(c("m", "msvcrt"), "sqrt(d)d;", envir = e)
      second <- new.struct(e$Node)
      second$name <- paste0("sec", "ond")
      second$values <- c(5, 6)
      first <- new.struct(e$Node)
      first$name <- "f\u00fcrst"
      first$values <- c(1.5, 2.5)
      first$`next` <- second
      first$any <- e$sqrt
      first
    }, function(x) {
      second <- x$`next`
      gc()
      x$n <- 3L
      y <- x
      list(x$name, .unpack(x$values, 0, "d[2]"), second$name, .unpack(second$values, 8, "d"), x$n, y$name,
           .dyncall(x$any, "d)d", 4))
    }, list("f\u00fcrst", c(1.5, 2.5), "second", 6, 3L, "f\u00fcrst", 2)),
  "struct object that C reads" = survive_row(
    function() {
      parseStructInfos("Text{Z}name;", e <- new.env())
      x <- new.struct(e$Text)
      x$name <- paste0("te", "xt")
      x
    }, function(x) {
      copy <- dynalloc("p")
      .dyncall(.dynsym(dynfind(c("c", "msvcrt")), "memcpy"), "pp<size_t>)p", copy, x, .Machine$sizeof.pointer)
      ptr2str(copy[[1]])
    }, "text"),
  "array of texts" = survive_row(
    function() as.carray(c("one", "two"), "Z"), function(x) {
      x[1] <- "eins"
      x[]
    }, c("eins", "two")),
  "array" = survive_row(
    function() as.carray(c(1, 2, 3), "f"), function(x) {
      x[2] <- 9
      x[]
    }, c(1, 9, 3)),
  "port" = survive_row(
    function() dynport("stdio", attach = FALSE), function(x) {
      text <- raw(16)
      x$snprintf(text, 16, "%d-%s", 5L, "x")
      c(ptr2str(text), x$EOF, x$SEEK_END)
    }, c("5-x", "-1", "2")),
  "port that was used" = survive_row(
    function() {
      x <- dynport("stdio", attach = FALSE)
      x$fclose(x$tmpfile())
      x
    }, function(x) x$fclose(x$tmpfile()), 0L),
  "function of a port" = survive_row(
    function() dynport("stdio", attach = FALSE)$fopen,
    function(x) is.nullptr(x("/no/such/file", "r")), TRUE),
  "view" = survive_row(
    function() {
      m <- dynalloc("d", 3)
      m[] <- c(1, 2, 4)
      dynview(m)
    }, function(x) c(sum(x), x[2]), c(7, 2)),
  # addresses, which mean nothing elsewhere
  "memory" = gone(function() dynalloc("d", 3), function(x) x[1], "save values"),
  "memory that is written" = gone(function() dynalloc("d", 3), function(x) {
    x[1] <- 2
    x
  }, "save values"),
  "memory that is passed" = gone(function() dynalloc("d", 3), function(x) .pack(x, 0, "d", 1), "save values"),
  "memory that C is given" = gone(function() {
    m <- dynalloc("c", 4)
    m[1] <- 65
    m
  }, function(x) .dyncall(.dynsym(dynfind(c("c", "msvcrt")), "strlen"), "p)<size_t>", x), "save values"),
  "memory that C is given by type" = gone(
    function() dynalloc("i", 4),
    function(x) .dyncall(.dynsym(dynfind(c("c", "msvcrt")), "memset"), "*ii<size_t>)p", x, 0L, 4), "save values"),
  "memory that is freed" = gone(function() dynalloc("d", 3), function(x) dynfree(x), "save values"),
  "pointer into memory" = gone(function() offsetPtr(dynalloc("d", 3), 8), function(x) .unpack(x, 0, "d"),
                               "save values"),
  "struct in memory" = gone(function() {
    parseStructInfos("Point{dd}x y;", e <- new.env())
    dynalloc(e$Point)
  }, function(x) x$x, "save values"),
  "string in memory" = gone(function() dynalloc("c", 4), function(x) ptr2str(x), "save values"),
  "arena" = gone(function() new.arena(), function(x) dynalloc("i", 1, arena = x), "make another"),
  "arena that is freed" = gone(function() new.arena(), function(x) dynfree(x), "make another"),
  "part of an arena" = gone(function() dynalloc("i", 1, arena = new.arena()), function(x) x[1], "save values"),
  "pin" = gone(function() dynpin(c(1, 2)), function(x) x[1], "pin the vector again"),
  "C object" = gone(function() dynown(.dyncall(.dynsym(dynfind(c("c", "msvcrt")), "malloc"), "J)p", 8), function(p) p),
                    function(x) .unpack(x, 0, "C"), "make it again"),
  "C object that is freed" = gone(
    function() dynown(.dyncall(.dynsym(dynfind(c("c", "msvcrt")), "malloc"), "J)p", 8), function(p) p),
    function(x) dynfree(x), "make it again"),
  "struct object that refers to memory" = gone(function() {
    parseStructInfos("Refers{p*(i)ii}p f n;", e <- new.env())
    x <- new.struct(e$Refers)
    x$p <- dynalloc("i", 4)
    x$n <- 5L
    x
  }, function(x) {
    stopifnot(x$n == 5L)
    .dyncall(.dynsym(dynfind(c("c", "msvcrt")), "memchr"), "pi<size_t>)p", x, 0L, 1)
  }, "assign it again"),
  "struct object that C wrote a pointer to" = gone(function() {
    parseStructInfos("Wrote{Zip}text n any;", e <- new.env())
    libc <- dynfind(c("c", "msvcrt"))
    from <- dynalloc(e$Wrote)
    from$text <- "of C"
    from$n <- 3L
    x <- new.struct(e$Wrote)
    .dyncall(.dynsym(libc, "memcpy"), "pp<size_t>)v", x, from, e$Wrote$size)
    x$any <- c(1, 2)
    rm(from)
    x
  }, function(x) {
    stopifnot(x$n == 3L, .unpack(x$any, 8, "d") == 2)
    .dyncall(.dynsym(dynfind(c("c", "msvcrt")), "memchr"), "pi<size_t>)p", x, 0L, 1)
  }, "at byte 0 that has not survived"),
  "array of structs that C wrote pointers to" = gone(function() {
    parseStructInfos("Wrote{Zi}text n;", e <- new.env())
    from <- dynalloc(e$Wrote)
    from$text <- "of C"
    x <- new.array(e$Wrote, 2)
    .dyncall(.dynsym(dynfind(c("c", "msvcrt")), "memcpy"), "pp<size_t>)v", x, from, e$Wrote$size)
    x$n <- 1:2
    x
  }, function(x) {
    stopifnot(identical(x$n, 1:2))
    .dyncall(.dynsym(dynfind(c("c", "msvcrt")), "memchr"), "pi<size_t>)p", x, 0L, 1)
  }, "at byte 0 that has not survived"),
  "pinned struct object" = survive_row(function() {
    parseStructInfos("Pinned{Z}text;", e <- new.env())
    x <- new.struct(e$Pinned)
    x$text <- paste0("te", "xt")
    x
  }, function(x) {
    y <- x
    c(.unpack(as.extptr(x), 0, "Z"), .unpack(dynpin(y), 0, "Z"))
  }, c("text", "text")),
  "vector with the address of a text" = survive_row(
    function() .pack(raw(16), 8, "Z", paste0("te", "xt")),
    function(x) {
      copy <- dynalloc("C", 16)
      .dyncall(.dynsym(dynfind(c("c", "msvcrt")), "memcpy"), "pp<size_t>)v", copy, x, 16)
      c(ptr2str(.unpack(copy, 8, "p")), .unpack(x, 8, "Z"))
    }, c("text", "text")),
  "pointer to a vector" = gone(function() as.extptr(c(1, 2)), function(x) .unpack(x, 0, "d"), "save the vector"),
  "pointer to a vector that C is given" = gone(
    function() as.extptr(raw(2)),
    function(x) .dyncall(.dynsym(dynfind(c("c", "msvcrt")), "strlen"), "p)<size_t>", x), "save the vector"),
  "pointer to a string" = gone(function() strptr("abc"), function(x) ptr2str(x), "save the vector"),
  "pointers to strings" = gone(function() strarrayptr("abc"), function(x) .unpack(x, 0, "p"), "save the vector"),
  "borrowed pointer" = gone(function() .dyncall(.dynsym(dynfind(c("c", "msvcrt")), "getenv"), "Z)p", "PATH"),
                            function(x) .unpack(x, 0, "C"), "null pointer"),
  "address of a function" = gone(function() .dynsym(dynfind(c("m", "msvcrt")), "sqrt"),
                                 function(x) .dyncall(x, "d)d", 4), "look the symbol up again"),
  "callback" = gone(function() new.callback("i)i", function(x) x, name = "saved"),
                    function(x) .dyncall(x, "i)i", 1L), "'saved' \"i)i\"", "dyncall_error_callback"),
  "callback that is passed" = gone(
    function() new.callback("*i*i)i", function(a, b) 0L), function(x) {
      dynbind(c("c", "msvcrt"), "qsort(*i<size_t><size_t>*(*i*i)i)v;", envir = e <- new.env())
      e$qsort(1:3, 3, 4, x)
    }, "not survived", "dyncall_error_callback"),
  "callback that is freed" = gone(function() new.callback("i)i", function(x) x), function(x) dynfree(x), "callback")
)

# What becomes of objects in some process: for each list(value) or list(class, message).
survive_try <- function(objects, uses) {
  Map(function(x, use) {
    tryCatch(list(value = use(x)), error = function(e) list(class = class(e)[1L], message = conditionMessage(e)))
  }, objects, uses)
}
environment(survive_try) <- globalenv()

expect_survived <- function(got, table = survive_table) {
  testthat::expect_identical(names(got), names(table))
  for (kind in names(table)) {
    row <- table[[kind]]
    if (is.null(row$error)) {
      testthat::expect_equal(got[[kind]]$value, row$want, info = paste(kind, "-", got[[kind]]$message))
    } else {
      testthat::expect_identical(got[[kind]]$class, row$error, info = kind)
      testthat::expect_match(as.character(got[[kind]]$message), row$words, fixed = TRUE, info = kind)
    }
  }
}

survive_objects <- function(table = survive_table) lapply(table, function(row) row$make())
survive_uses <- function(table = survive_table) lapply(table, `[[`, "use")
