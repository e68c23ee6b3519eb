# What earlier implementations of this interface did wrong, one test each. Where the fault was a crash,
# another R tries it, too.

fixture_code <- function(name) {
  sprintf("lib <- .dynload(%s)", deparse(fixture_file(name)))
}

# ---- crashes ----

test_that("a NULL char* returned as Z or *c", {
  for (type in c("Z", "*c", "*C", "*kc")) {
    expect_null(fixture_call("calls", "null_string", paste0(")", type)))
  }
  expect_child_output(c(fixture_code("calls"), "f <- .dynsym(lib, 'null_string')",
                        "cat('got', is.null(.dyncall(f, ')Z')), is.null(.dyncall(f, ')*c')), '\\n')"),
                      "got TRUE TRUE")
})

test_that("a NULL char* argument Z in a callback", {
  got <- "nothing"
  f <- function(text) {
    got <<- text
    7L
  }
  call_text <- .dynsym(fixture("callers"), "call_text")
  expect_identical(.dyncall(call_text, "*(Z)iZ)i", f, NULL), 7L)
  expect_null(got)
  expect_identical(.dyncall(call_text, "*(*kc)iZ)i", f, "text"), 7L)
  expect_identical(got, "text")
  expect_child_output(c(fixture_code("callers"), "cb <- new.callback('Z)i', is.null)",
                        "cat('got', .dyncall(.dynsym(lib, 'call_text'), 'pZ)i', cb, NULL), '\\n')"),
                      "got 1")
})

test_that("an unknown callmode", {
  expect_error(.dyncall(.dynsym(fixture("calls"), "id_i"), "i)i", 1L, callmode = "nonsense"),
               class = "dyncall_error_signature")
  expect_child_error(c(fixture_code("calls"),
                       ".dyncall(.dynsym(lib, 'id_i'), 'i)i', 1L, callmode = 'nonsense')"),
                     "call mode")
})

test_that("ptr2str(\"abc\")", {
  expect_error(ptr2str("abc"), class = "dyncall_error_pointer")
  expect_child_error("ptr2str('abc')", "expected an external pointer")
})

test_that(".dynsym on any pointer that is no library", {
  expect_error(.dynsym(as.extptr(1), "sin"), class = "dyncall_error_pointer")
  expect_child_error(".dynsym(as.extptr(1), 'sin')", "expected a library")
})

test_that("a library handle called as code", {
  expect_error(.dyncall(fixture("calls"), ")v"), class = "dyncall_error_pointer")
  expect_child_error(".dyncall(dynfind(c('msvcrt', 'c')), ')v')", "got a library")
})

test_that("a nil callback (after readRDS) passed to C", {
  file <- tempfile()
  on.exit(unlink(file))
  saveRDS(new.callback("i)i", function(x) x), file)
  back <- readRDS(file)
  call_int <- .dynsym(fixture("callers"), "call_int")
  # C may take a null pointer, but this was a callback
  for (signature in c("*(i)ii)i", "pi)i")) {
    expect_error(.dyncall(call_int, signature, back, 1L), class = "dyncall_error")
  }
  expect_error(.dyncall(back, "i)i", 1L), class = "dyncall_error")
  expect_child_error(c(fixture_code("callers"), sprintf("back <- readRDS(%s)", deparse(file)),
                       ".dyncall(.dynsym(lib, 'call_registered'), 'i)i', 1L)",
                       ".dyncall(.dynsym(lib, 'register_int'), '*(i)i)v', back)"), "callback")
})

test_that("protect.lib=FALSE followed by gc", {
  symbol <- .dynsym(.dynload(fixture_file("calls")), "id_i", protect.lib = FALSE)
  gc()
  gc()
  expect_error(.dyncall(symbol, "i)i", 1L), class = "dyncall_error_pointer")
  expect_child_error(c(sub("lib <- (.*)", "f <- .dynsym(\\1, 'id_i', protect.lib = FALSE)",
                           fixture_code("calls")), "gc(); gc()", ".dyncall(f, 'i)i', 1L)"),
                     "has been unloaded")
})

# ---- silently wrong ----

test_that("nested struct assignment l$a$x <- 3 does nothing", {
  parseStructInfos("Inner{ii}x y;Line{<Inner><Inner>}a b;")
  l <- new.struct("Line")
  l$a$x <- 3
  expect_identical(c(l$a$x, l$a$y, l$b$x), c(3L, 0L, 0L))
})

test_that("515 doubles arrive as 506", {
  library <- .dynload(fixture_made("many", function() {
    paste0("double many(", paste0("double a", 1:515, collapse = ", "), ") { return ",
           paste0("(a", 1:515, " == ", 1:515, ")", collapse = " + "), "; }")
  }))
  expect_identical(do.call(.dyncall, c(.dynsym(library, "many"), paste0(strrep("d", 515), ")d"),
                                       as.list(as.numeric(1:515)))), 515)
})

test_that("struct {Bi} has size 16", {
  parseStructInfos("Flag{Bi}on n;")
  expect_identical(as.numeric(Flag$size), 8)
  expect_identical(as.numeric(Flag$fields$offset), c(0, 4))
})

test_that("a C bool with dirty upper bits reads TRUE", {
  expect_identical(fixture_call("calls", "dirty_false", ")B"), FALSE)
  expect_identical(fixture_call("calls", "dirty_true", ")B"), TRUE)
})

# An error of the argument, seen by C never.
expect_refused <- function(letter, value, ...) {
  expect_error(fixture_call("calls", paste0("id_", letter), paste0(letter, ")", letter), value),
               class = "dyncall_error_argument", info = letter, ...)
}

test_that("NA to d, j, l becomes -2147483648", {
  expect_identical(fixture_call("calls", "id_d", "d)d", NA_integer_), NA_real_)
  expect_identical(fixture_call("calls", "id_d", "d)d", NA), NA_real_)
  for (letter in c("i", "j", "J", "l", "L")) {
    for (na in list(NA, NA_integer_, NA_real_)) expect_refused(letter, na, regexp = "NA")
  }
})

test_that("3e9 to i becomes NA", {
  expect_refused("i", 3e9, regexp = "3000000000")
})

test_that("300 to c becomes 44", {
  expect_refused("c", 300, regexp = "300")
})

test_that("2^32 to I becomes 0", {
  expect_refused("I", 2^32, regexp = "4294967296")
})

test_that("long long 2^53+1 is lost", {
  env <- new.env()
  dynbind(fixture("calls"), "two_53_1()l;", envir = env)
  expect_warning(x <- env$two_53_1(), class = "dyncall_warning_lossy")
  expect_identical(x, 2^53)
  need_package_or_skip("bit64")
  old <- options(rdyncall.int64 = "integer64")
  on.exit(options(old))
  expect_identical(as.character(fixture_call("calls", "two_53_1", ")l")), "9007199254740993")
})

test_that("ULLONG_MAX as L gives -1", {
  env <- new.env()
  dynbind(fixture("calls"), "ullong_max()L;", envir = env)
  expect_identical(suppressWarnings(env$ullong_max()), 2^64)
})

test_that("integer64 is passed as 0", {
  need_package_or_skip("bit64")
  buffer <- raw(64)
  n <- fixture_call("calls", "text_l", "l*Ci)i", int64("1234567890123456789"), buffer, 64L)
  expect_identical(rawToChar(buffer[seq_len(n)]), "1234567890123456789")
})

test_that("NA_character_ becomes \"NA\"", {
  for (signature in c("Z)i", "*kc)i", "p)i")) {
    expect_error(fixture_call("calls", "byte_length", signature, NA_character_),
                 class = "dyncall_error_argument", info = signature)
  }
})

test_that("latin1 is not re-encoded", {
  text <- "\xe9"
  Encoding(text) <- "latin1"
  expect_identical(fixture_call("calls", "byte_length", "Z)i", text), 2L)
  expect_identical(fixture_call("calls", "byte_at", "Zi)i", text, 0L), 0xc3L)
})

test_that("returned strings carry no encoding mark", {
  text <- fixture_call("calls", "utf8_string", ")Z")
  expect_identical(Encoding(text), "UTF-8")
  expect_identical(nchar(text), 3L)
})

test_that("C can overwrite constants, default arguments and aliases", {
  add <- .dynsym(fixture("calls"), "add_ints")
  constant <- function() {
    x <- c(1L, 2L)
    .dyncall(add, "*iii)v", x, 2L, 10L)
    list(x, c(1L, 2L))
  }
  for (i in 1:3) expect_identical(constant(), list(c(11L, 12L), c(1L, 2L)))
  default <- function(x = 5L) {
    .dyncall(add, "*iii)v", x, 1L, 10L)
    x
  }
  for (i in 1:3) expect_identical(default(), 15L)
  alias <- c(1L, 2L) + 0L
  x <- alias
  .dyncall(add, "*iii)v", x, 2L, 10L)
  expect_identical(list(x, alias), list(c(11L, 12L), c(1L, 2L)))
  l <- list(a = alias)
  y <- l$a
  .dyncall(add, "*iii)v", y, 2L, 10L)
  expect_identical(list(y, l$a, alias), list(c(11L, 12L), c(1L, 2L), c(1L, 2L)))
  by_value <- function(v) {
    .dyncall(add, "*iii)v", v, 2L, 10L)
    v
  }
  expect_identical(by_value(alias), c(11L, 12L))
  expect_identical(alias, c(1L, 2L))
  expect_identical(TRUE, !FALSE)
  flag <- TRUE
  .dyncall(add, "pii)v", flag, 1L, 10L)
  expect_identical(1L + TRUE, 2L)
})

test_that("a string or vector stored in a struct field dangles after gc", {
  parseStructInfos("Holder{Z*di}name values n;")
  h <- new.struct("Holder")
  h$name <- paste("a", "name")
  h$values <- as.numeric(1:3) * 2
  h$n <- 3L
  overwrite_garbage()
  expect_identical(h$name, "a name")
  expect_identical(.dyncall(.dynsym(fixture("pairs"), "holder_sum"), "*<Holder>)d", h), 12)
})

test_that("a callback collected while registered", {
  fixture_call("callers", "register_int", "p)v", new.callback("i)i", function(x) x))
  gc()
  gc()
  others <- lapply(1:100, function(i) new.callback("i)i", function(x) -1L))
  expect_error(fixture_call("callers", "call_registered", "i)i", 1L), class = "dyncall_error_callback")
  kept <- new.callback("i)i", function(x) x * 2L)
  fixture_call("callers", "register_int", "p)v", kept)
  gc()
  expect_identical(fixture_call("callers", "call_registered", "i)i", 4L), 8L)
  fixture_call("callers", "register_int", "p)v", NULL)
  expect_child_error(c(fixture_code("callers"),
                       ".dyncall(.dynsym(lib, 'register_int'), 'p)v', new.callback('i)i', sqrt))",
                       "gc(); gc()", "x <- lapply(1:100, function(i) new.callback('i)i', sqrt))",
                       ".dyncall(.dynsym(lib, 'call_registered'), 'i)i', 1L)"), "callback")
})

test_that("a callback error is never rethrown, and qsort leaves the data unsorted", {
  x <- c(3L, 1L, 2L)
  calls <- 0L
  caught <- tryCatch(
    fixture_call("callers", "sort_ints", "*ii*(*i*i)i)i", x, 3L, function(a, b) {
      calls <<- calls + 1L
      stop(structure(class = c("own_error", "error", "condition"),
                     list(message = "my own", call = NULL)))
    }), own_error = identity)
  expect_identical(conditionMessage(caught), "my own")
  expect_identical(calls, 1L)
  # the next call is not impaired
  fixture_call("callers", "sort_ints", "*ii*(*i*i)i)i", x, 3L, function(a, b) {
    .unpack(a, 0, "i") - .unpack(b, 0, "i")
  })
  y <- c(3L, 1L, 2L)
  .dyncall(.dynsym(fixture("callers"), "sort_ints"), "*ii*(*i*i)i)i", y, 3L, function(a, b) {
    .unpack(a, 0, "i") - .unpack(b, 0, "i")
  })
  expect_identical(y, 1:3)
})

test_that("an error under warn=2, or a callback that returns a closure, jumps over C frames", {
  call_int <- .dynsym(fixture("callers"), "call_int")
  old <- options(warn = 2)
  on.exit(options(old))
  expect_error(.dyncall(call_int, "*(i)ii)i", function(x) as.integer("a"), 1L), "converted from warning")
  expect_error(.dyncall(call_int, "*(i)ii)i", function(x) function() 1, 1L),
               class = "dyncall_error_argument", regexp = "function")
  for (i in 1:50) try(.dyncall(call_int, "*(i)ii)i", function(x) stop("again"), 1L), silent = TRUE)
  expect_identical(.dyncall(call_int, "*(i)ii)i", function(x) x + 1L, 1L), 2L)
})

test_that("a callback that returns TRUE, NA or \"abc\" for i gives 0", {
  call_int <- .dynsym(fixture("callers"), "call_int")
  expect_identical(.dyncall(call_int, "*(i)ii)i", function(x) TRUE, 1L), 1L)
  expect_identical(.dyncall(call_int, "*(i)ii)i", function(x) 5, 1L), 5L)
  for (value in list(NA, "abc", NA_integer_, 3e9, NULL, integer(), list(1))) {
    expect_error(.dyncall(call_int, "*(i)ii)i", function(x) value, 1L),
                 class = "dyncall_error_argument", regexp = "result of callback")
  }
})

test_that("a signature without \")\" is read past its end", {
  for (text in c("", "i", "ii", "*", "<", "_", "i.")) {
    expect_error(.dyncall(.dynsym(fixture("calls"), "id_i"), text, 1L),
                 class = "dyncall_error_signature", info = text)
  }
  expect_child_error(c(fixture_code("calls"), ".dyncall(.dynsym(lib, 'id_i'), 'iiii', 1, 2, 3, 4)"),
                     "byte 5")
})

test_that("\"d)dXYZ\" is accepted", {
  expect_error(.dyncall(.dynsym(fixture("calls"), "id_d"), "d)dXYZ", 1),
               class = "dyncall_error_signature", regexp = "byte 4")
})

test_that("float varargs are not promoted", {
  buffer <- raw(64)
  n <- fixture_call("calls", "describe", "*CiZ.ff)i", buffer, 64L, "dd", 1.5, 2.5)
  expect_identical(rawToChar(buffer[seq_len(n)]), "d1.5;d2.5;")
})

# ---- also ----

test_that("callback recursion stops at 51 levels", {
  down <- function(n) .dyncall(descend, "*(i)ii)i", down, n)
  descend <- .dynsym(fixture("callers"), "descend")
  expect_identical(down(300L), 300L)
})

test_that("dynfind finds none of the libraries that have only versioned names", {
  skip_unless_linux()
  expect_false(is.null(dynfind("m")))
  expect_false(is.null(dynfind("c")))
})

test_that("a type called time finds the R function", {
  parseStructInfos("time{i}sec;HasTime{<time>*<time>}t p;")
  h <- new.struct("HasTime")
  h$t$sec <- 4
  expect_identical(h$t$sec, 4L)
  t <- new.struct("time")
  h$p <- t
  expect_identical(h$p$sec, 0L)
})

test_that("dynunload followed by the finalizer closes twice", {
  count <- function() .Call(rdyncall:::C_library_count)
  gc()
  gc()
  kept <- .dynload(fixture_file("calls"))
  handle <- .dynload(fixture_file("calls"))
  before <- count()
  .dynunload(handle)
  rm(handle)
  gc()
  gc()
  expect_identical(count(), before - 1L)
  expect_identical(.dyncall(.dynsym(kept, "id_i"), "i)i", 2L), 2L)
})

test_that("attaching a port masks functions and breaks the user's code", {
  env <- new.env()
  dynbind(c("msvcrt", "c"), "sprintf(*CZ.)i;remove(Z)i;", envir = env)
  attach(env, name = "masks-sprintf", warn.conflicts = FALSE)
  on.exit(detach("masks-sprintf"))
  # what packages and namespaces use is not touched
  expect_identical(base::sprintf("%d", 5L), "5")
  expect_identical(utils::capture.output(print(as.floatraw(1))), "[1] 1")
  parseStructInfos("Masked{i}x;")
  expect_match(utils::capture.output(print(Masked))[1], "4 bytes")
})

# ---- memory ----

test_that("a callback from another thread kills the process", {
  skip_on_windows()
  expect_child_output(c(sprintf("lib <- .dynload(%s)", deparse(fixture_file("callback"))),
                        "f <- new.callback('i)i', function(x) x + 1L)",
                        "x <- .dyncall(.dynsym(lib, 'from_thread'), 'p)i', f)",
                        "cat('got', x, .dyncall(f, 'i)i', 1L))"), "got 0 2")
})

test_that("pointers are read, written and moved without checks of bounds", {
  for (x in list(dynalloc("i", 2), as.extptr(c(1L, 2L)), dynpin(c(1L, 2L)))) {
    for (at in c(-1, 5, 8, 1e9, 2^40)) {
      expect_error(.unpack(x, at, "i"), class = "dyncall_error_pointer", info = at)
      expect_error(.pack(x, at, "i", 1L), class = "dyncall_error_pointer", info = at)
    }
    expect_error(offsetPtr(x, 9), class = "dyncall_error_pointer")
    expect_error(offsetPtr(x, -1), class = "dyncall_error_pointer")
    expect_identical(.unpack(offsetPtr(x, 4), -4, "i"), .unpack(x, 0, "i"))
  }
})

test_that(".pack changes other variables that share the vector", {
  a <- c(1, 2) + 0
  b <- a
  .pack(b, 0, "d", 9)
  expect_identical(list(a, b), list(c(1, 2), c(9, 2)))
})

test_that("a struct with a string that comes from a file leads anywhere", {
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  parseStructInfos("Named{Z*d}name values;")
  x <- new.struct("Named")
  x$name <- paste0("a", "name")
  x$values <- c(1.5, 2.5)
  saveRDS(x, file)
  expect_child_output(c(sprintf("x <- readRDS(%s)", deparse(file)),
                        "cat(x$name, .unpack(x$values, 0, 'd[2]'))"), "aname 1.5 2.5")
})

test_that("memory of C is freed twice, or used after that", {
  x <- dynalloc("i", 4)
  field <- dyncast(offsetPtr(x, 4), "i", 1)
  view <- dynview(x)
  dynfree(x)
  for (use in expression(x[1], x[1] <- 1L, field[1], view[2], sum(view), dynfree(x), .unpack(x, 0, "i"),
                         fixture_call("calls", "is_null", "p)i", x))) {
    expect_error(eval(use), class = "dyncall_error_pointer", info = deparse(use))
  }
})

test_that("strings that C gives away are freed by nobody", {
  env <- new.env()
  dynbind(fixture("owner"), "text_new(Z)Z from @free=text_free; texts_live()i;", envir = env)
  before <- env$texts_live()
  for (i in 1:100) expect_identical(env$text_new("given"), "given")
  expect_identical(env$texts_live(), before)
})

test_that("an error that C tells by errno is read by nobody", {
  skip_on_windows()
  env <- new.env()
  dynbind(c("c", "System"), "open(Zi.)i path flags;", envir = env)
  expect_identical(env$open(tempfile(), 0L), -1L)
  code <- dynerrno()
  gc()
  file.exists(tempfile())
  expect_identical(dynerrno(), code)
  expect_gt(code, 0L)
})
