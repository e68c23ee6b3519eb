# Objects that are saved, sent to other processes, forked, or lazy-loaded with a package: see helper-survive.R.

test_that("in the process that made it, everything works", {
  objects <- survive_objects()
  got <- survive_try(objects, survive_uses())
  for (kind in names(survive_table)) {
    row <- survive_table[[kind]]
    if (is.null(row$error)) expect_equal(got[[kind]]$value, row$want, info = kind)
    else expect_null(got[[kind]]$message, info = kind)
  }
})

test_that("what is serialized and read back is made again, or says what to do", {
  expect_survived(survive_try(unserialize(serialize(survive_objects(), NULL)), survive_uses()))
})

test_that("a pointer that has not survived can be assigned again", {
  parseStructInfos("Refers{pi}p n; Holder{<Refers>i}r k;")
  x <- new.struct(Refers)
  x$p <- dynalloc("i", 4)
  x <- unserialize(serialize(x, NULL))
  expect_true(is.nullptr(x$p))
  compare <- function(x) fixture_call("calls", "id_p", "p)p", x)
  expect_error(compare(x), "at byte 0", class = "dyncall_error_pointer")
  # by value, and as a part of another object
  take <- new.callback("<Refers>)i", function(r) r$n)
  expect_error(.dyncall(take, "<Refers>)i", x), "assign it again", class = "dyncall_error_pointer")
  h <- new.struct(Holder)
  expect_error(h$r <- x, "assign it again", class = "dyncall_error_pointer")
  x$p <- NULL
  expect_s3_class(compare(x), "cpointer")
  x <- unserialize(serialize(x, NULL))
  expect_s3_class(compare(x), "cpointer")
  x$p <- c(1, 2)
  y <- unserialize(serialize(x, NULL))
  expect_identical(.unpack(y$p, 8, "d"), 2)
  # copies that were made before the first use
  z <- unserialize(serialize(x, NULL))
  copy <- z
  expect_identical(.unpack(z$p, 8, "d"), 2)
  rm(z)
  gc()
  expect_identical(.unpack(copy$p, 8, "d"), 2)
})

test_that("files are read by another session", {
  files <- tempfile(c("objects", "result"), fileext = ".rds")
  on.exit(unlink(files))
  saveRDS(list(objects = survive_objects(), uses = survive_uses(), try = survive_try), files[1])
  child <- in_child(c(sprintf("x <- readRDS(%s)", deparse(files[1])),
                      sprintf("saveRDS(x$try(x$objects, x$uses), %s)", deparse(files[2]))))
  expect_identical(child$status, 0L, info = child$output)
  expect_survived(readRDS(files[2]))
})

# A worker with the libraries of this session.
worker <- function() {
  cluster <- parallel::makeCluster(1L)
  parallel::clusterCall(cluster, .libPaths, .libPaths())
  cluster
}

test_that("workers of a cluster use what they are sent", {
  cluster <- worker()
  on.exit(parallel::stopCluster(cluster))
  bound <- survive_table[["bound function"]]$make()
  # also where nobody has attached the package
  expect_identical(unlist(parallel::parLapply(cluster, c(1, 4, 9), bound)), c(1, 2, 3))
  parallel::clusterEvalQ(cluster, library(rdyncall))
  expect_survived(parallel::clusterCall(cluster, survive_try, survive_objects(), survive_uses())[[1L]])
  # what a worker makes comes back in the same way
  back <- parallel::clusterCall(cluster, function(table) lapply(table, function(row) row$make()), survive_table)
  expect_survived(survive_try(back[[1L]], survive_uses()))
})

test_that("futures use what they are sent", {
  need_package_or_skip("future")
  cluster <- worker()
  old <- future::plan(future::cluster, workers = cluster)
  on.exit({
    future::plan(old)
    parallel::stopCluster(cluster)
  })
  objects <- survive_objects()
  uses <- survive_uses()
  run <- survive_try
  made <- future::future(run(objects, uses), packages = "rdyncall",
                         globals = list(run = run, objects = objects, uses = uses))
  expect_survived(future::value(made))
})

test_that("mirai use what they are sent", {
  skip_unless_package("mirai")
  package <- asNamespace("mirai")
  package$daemons(1L)
  on.exit(package$daemons(0L))
  made <- package$mirai({
    .libPaths(libs)
    library(rdyncall)
    run(objects, uses)
  }, libs = .libPaths(), run = survive_try, objects = survive_objects(), uses = survive_uses())
  expect_survived(package$call_mirai(made)$data)
})

test_that("a forked process has everything, and what it does there stays there", {
  skip_on_windows()
  objects <- survive_objects()
  shared <- dynalloc("i", 2)
  shared[] <- 1:2
  counted <- 0L
  handler <- new.callback("i)i", function(x) {
    counted <<- counted + 1L
    x + shared[1]
  })
  job <- parallel::mcparallel({
    shared[1] <- 10L
    first <- .dyncall(handler, "i)i", 1L)
    scope <- dynscope({
      x <- dynalloc("d", 1e5)
      x[1e5] <- 3
      x[1e5]
    })
    tried <- survive_try(objects, survive_uses())
    dynfree(shared)
    list(first = first, counted = counted, scope = scope, tried = tried,
         gone = tryCatch(shared[1], error = function(e) class(e)[1L]))
  })
  got <- parallel::mccollect(job)[[1L]]
  expect_identical(got[c("first", "counted", "scope", "gone")],
                   list(first = 11L, counted = 1L, scope = 3, gone = "dyncall_error_pointer"))
  expect_null(unlist(lapply(got$tried, `[[`, "message")))
  expect_identical(shared[], 1:2)
  expect_identical(counted, 0L)
  expect_identical(.dyncall(handler, "i)i", 1L), 2L)
  tried <- survive_try(objects, survive_uses())
  expect_null(unlist(lapply(tried, `[[`, "message")))
})

test_that("many forks at once call and call back", {
  skip_on_windows()
  add <- new.callback("id)d", function(x, y) x + y)
  bound <- survive_table[["bound function that was used"]]$make()
  got <- parallel::mclapply(1:8, function(i) {
    for (k in 1:50) x <- .dyncall(add, "id)d", i, bound(2, i))
    gc()
    x
  }, mc.cores = 2L)
  expect_identical(unlist(got), 1:8 + 2^(1:8))
})

# ---- a package that binds at top level ----

throwaway_package <- function(folder) {
  path <- file.path(folder, "bindsatload")
  dir.create(file.path(path, "R"), recursive = TRUE)
  writeLines(c("Package: bindsatload", "Title: Binds at Top Level", "Version: 1.0", "Imports: rdyncall",
               "Description: For a test.", "License: MIT", "ByteCompile: true", "LazyLoad: true",
               "Authors@R: person('A', 'B', email = 'a@example.org', role = c('aut', 'cre'))"),
             file.path(path, "DESCRIPTION"))
  writeLines(c("import(rdyncall)", "exportPattern('^[[:alpha:]]')"), file.path(path, "NAMESPACE"))
  writeLines(c(
    "dynbind(c('m', 'msvcrt'), 'sqrt(d)d x; pow(dd)d x y;')",
    "parseStructInfos('div_t{ii}quot rem; Point{dd}x y;')",
    "dynbind(c('c', 'msvcrt'), 'div(ii)<div_t> numer denom; abs(i)i x;')",
    "used <- pow(2, 3)", # the handle is open when the package is saved
    "lib <- dynfind(c('m', 'msvcrt'))",
    "io <- dynport('stdio', attach = FALSE)",
    "origin <- new.struct(Point)",
    "origin$x <- 4",
    "hypot2 <- function(p) sqrt(p$x^2 + p$y^2)",
    "quotient <- function(a, b) div(a, b)$quot",
    "of_lib <- function() .dyncall(.dynsym(lib, 'sqrt'), 'd)d', 49)",
    "formatted <- function(i) { text <- raw(16); io$snprintf(text, 16, '<%d>', i); ptr2str(text) }",
    "memory <- dynalloc('i', 3)",
    "handler <- new.callback('i)i', function(x) x + 1L, name = 'handler')",
    "late <- new.env()",
    ".onLoad <- function(libname, pkgname) {",
    "  dynbind(c('c', 'msvcrt'), 'labs(j)j x;', envir = late)",
    "  late$handler <- new.callback('i)i', function(x) x * 2L)",
    "  late$point <- new.struct(Point)",
    "}"), file.path(path, "R", "code.R"))
  path
}

test_that("a package that binds at top level is installed, lazy-loaded and used", {
  folder <- tempfile("package")
  lib <- file.path(folder, "lib")
  dir.create(lib, recursive = TRUE)
  on.exit(unlink(folder, recursive = TRUE))
  libs <- paste(c(lib, .libPaths()), collapse = .Platform$path.sep)
  output <- suppressWarnings(system2(
    file.path(R.home("bin"), "R"),
    c("CMD", "INSTALL", "--no-docs", paste0("--library=", shQuote(lib)), shQuote(throwaway_package(folder))),
    stdout = TRUE, stderr = TRUE, env = paste0("R_LIBS=", shQuote(libs))))
  expect_null(attr(output, "status"), info = paste(output, collapse = "\n"))
  expect_true(file.exists(file.path(lib, "bindsatload", "R", "bindsatload.rdb")))
  code <- c(
    sprintf(".libPaths(c(%s, .libPaths()))", deparse(lib)), "detach('package:rdyncall')", "library(bindsatload)",
    "failed <- function(expr) class(tryCatch(expr, error = identity))[1L]",
    "stopifnot(identical(pow(2, 10), 1024), used == 8, hypot2(list(x = 3, y = 4)) == 5,",
    "  identical(abs(-3L), 3L), quotient(17L, 5L) == 3L, of_lib() == 7, formatted(5L) == '<5>',",
    "  io$EOF == -1L, origin$x == 4, rdyncall::new.struct(Point)$x == 0,",
    "  failed(memory[1]) == 'dyncall_error_pointer',",
    "  failed(rdyncall::.dyncall(handler, 'i)i', 1L)) == 'dyncall_error_callback',",
    "  late$labs(-5) == 5, rdyncall::.dyncall(late$handler, 'i)i', 4L) == 8L, late$point$y == 0)",
    "rm(list = ls()); invisible(gc())",
    "stopifnot(bindsatload::pow(2, 3) == 8)",
    "cat('all is well\\n')")
  expect_child_output(code, "all is well")
})

test_that("functions out of a file find their entry point, or are refused", {
  dynbind(c("m", "msvcrt"), "sqrt(d)d x;", envir = e <- new.env(parent = baseenv()))
  expect_identical(unserialize(serialize(e$sqrt, NULL))(16), 4)
  # the older format has no place for an entry point, another version of the package may lack it
  older <- serialize(e$sqrt, NULL, version = 2)
  other <- serialize(e$sqrt, NULL)
  name <- charToRaw("bound_frame/-1") # and how many arguments it takes
  at <- grepRaw(name, other, fixed = TRUE)
  other[at + length(name) - 1L] <- charToRaw("X")
  for (bytes in list(older, other)) expect_error(unserialize(bytes)(16), "symbol address")
  # C code of others takes the name of the entry point as it takes any string
  api <- function(name, ...) .dyncall(.dynsym(.dynload(""), name), ...)
  if (is.null(.dynsym(.dynload(""), "STRING_PTR_RO"))) skip_or_fail("R exports no symbols")
  entry <- api("CADR", "x)x", api("R_ExternalPtrProtected", "x)x", body(e$sqrt)[[2]]))
  expect_identical(entry, rawToChar(name))
  expect_identical(api("Rf_ScalarString", "x)x", .unpack(api("STRING_PTR_RO", "x)p", entry), 0, "x")), entry)
})

test_that("what a field refers to is told from what it only keeps alive", {
  parseStructInfos("Deep{iZ}n name; Outer{<Deep>xi}d any k;")
  inner <- dynalloc(Deep)
  inner$n <- 77L
  inner$name <- paste0("in", "ner")
  x <- new.struct(Outer)
  x$d <- inner
  x$any <- c(4, 5)
  x$k <- 6L
  y <- unserialize(serialize(x, NULL))
  rm(x, inner)
  gc()
  expect_identical(list(y$d$n, y$d$name, y$any, y$k), list(77L, "inner", c(4, 5), 6L))
})

test_that("a field with an array of texts survives", {
  parseStructInfos("Texts{*Zi}names n;")
  x <- new.struct(Texts)
  x$names <- c("one", "", "zw\u00f6lf")
  y <- unserialize(serialize(x, NULL))
  z <- unserialize(serialize(y, NULL)) # before its first use, too
  rm(x)
  gc()
  for (one in list(y, z)) expect_identical(as.carray(one$names, "Z", 3)[], c("one", "", "zw\u00f6lf"))
  expect_identical(as.carray(unserialize(serialize(z, NULL))$names, "Z", 3)[[1]], "one")
})

test_that("two objects that share texts have both theirs", {
  parseStructInfos("Texts{*Zi}names n;")
  x <- new.struct(Texts)
  x$names <- c("one", "two")
  y <- x
  y$n <- 5L
  for (one in unserialize(serialize(list(x, y), NULL))) {
    expect_identical(as.carray(one$names, "Z", 2)[], c("one", "two"))
  }
})

test_that("a function whose library is gone is told where C would call it", {
  file <- file.path(tempdir(), paste0("survive", .Platform$dynlib.ext))
  file.copy(fixture_file("map"), file)
  library <- .dynload(file)
  parseStructInfos("Handler{*(d)di}f n;")
  dynbind(library, "same_d(d)d x;", envir = e <- new.env(parent = baseenv()))
  x <- new.struct(Handler)
  x$f <- e$same_d
  x$n <- 3L
  bytes <- serialize(x, NULL)
  code <- c("x <- readRDS(commandArgs(TRUE)[1])",
            "memchr <- .dynsym(dynfind(c('c', 'msvcrt')), 'memchr')",
            "cat(x$n, tryCatch(.dyncall(memchr, 'pi<size_t>)p', x, 0L, 1), dyncall_error_pointer = conditionMessage))")
  saved <- tempfile()
  on.exit(unlink(saved))
  saveRDS(x, saved)
  rm(x, e)
  .dynunload(library)
  unlink(file)
  expect_child_output(sub("commandArgs(TRUE)[1]", deparse(saved), code, fixed = TRUE),
                      "^3 .*one at byte 0 that has not survived the session")
})

test_that("an object whose bytes others changed is read as it is", {
  parseStructInfos("Node{Zi}name n;")
  x <- new.struct(Node)
  x$name <- paste0("na", "me")
  cleared <- x
  cleared[seq_len(.Machine$sizeof.pointer)] <- as.raw(0)
  cleared <- unserialize(serialize(cleared, NULL))
  expect_null(cleared$name)
  cut <- as.raw(1:4)
  attributes(cut) <- attributes(unserialize(serialize(x, NULL)))
  expect_identical(.unpack(cut, 0, "C[4]"), as.raw(1:4))
  expect_error(cut$name, class = "dyncall_error_pointer")
})

# Memory with addresses of a text where `where` is true, else zeros, for C to copy.
with_addresses <- function(where) {
  from <- dynalloc("p", length(where))
  for (i in which(where)) from[i] <- strptr("of C")
  from
}

dynbind(c("c", "msvcrt"), "memcpy(pp<size_t>)v to from n;")
pointer_size <- .Machine$sizeof.pointer

copied <- function(x) unserialize(serialize(x, NULL))

test_that("addresses that C wrote into a struct are null in another session, and asked for", {
  parseStructInfos("In{iZ}k text; Out{<In>p*(i)i*<In>Z[2]i}inner any f link texts n;")
  x <- new.struct(Out)
  from <- with_addresses(c(FALSE, TRUE, TRUE, TRUE, TRUE, FALSE, FALSE, FALSE))
  memcpy(x, from, 8 * pointer_size)
  expect_identical(x$inner$text, "of C")
  x$n <- 7L
  x$inner$k <- 5L
  x$texts <- c(paste0("te", "xt"), "other")
  y <- copied(x)
  inner <- y$inner
  expect_identical(list(inner$k, inner$text, y$f, y$n), list(5L, NULL, NULL, 7L))
  expect_identical(c(is.nullptr(y$any), is.nullptr(y$link)), c(TRUE, TRUE))
  expect_identical(y$texts, c("text", "other"))
  pass <- function(x) fixture_call("calls", "id_p", "p)p", x)
  # one after the other, until each is assigned
  for (k in 1:4) {
    expect_error(pass(y), sprintf("at byte %d that", k * pointer_size), class = "dyncall_error_pointer")
    if (k == 1L) y$inner$text <- "new" else y[[c("any", "f", "link")[k - 1L]]] <- NULL
  }
  expect_s3_class(pass(y), "cpointer")
  # a part that was taken out knows it, too, and so does what is saved again before its first use
  expect_error(.dyncall(new.callback("<In>)i", function(i) i$k), "<In>)i", inner), "assign it again",
               class = "dyncall_error_pointer")
  expect_error(pass(copied(copied(x))), "assign it again", class = "dyncall_error_pointer")
  expect_identical(copied(y)$inner$text, "new")
  expect_identical(x$inner$text, "of C")
})

test_that("each element of an array tells its own addresses", {
  parseStructInfos("Pair{Z<intptr_t>}text n; Pairs{<Pair>[2]}both;")
  from <- with_addresses(c(FALSE, FALSE, TRUE, TRUE))
  for (x in list(new.array(Pair, 2), new.struct(Pairs))) {
    memcpy(x, from, 4 * pointer_size)
    y <- copied(x)
    pairs <- if (is.struct(y)) y$both else y[]
    expect_identical(lapply(pairs, function(p) p$text), list(NULL, NULL))
    expect_false(pairs[[2]]$n == 0)
    expect_error(fixture_call("calls", "id_p", "p)p", y), sprintf("at byte %d that", 2L * pointer_size),
                 class = "dyncall_error_pointer")
  }
  x <- new.array("Z", 3)
  from <- with_addresses(c(TRUE, TRUE, FALSE))
  memcpy(x, from, 3 * pointer_size)
  x[2] <- paste0("of ", "R")
  y <- copied(x)
  expect_identical(y[], c(NA, "of R", NA))
  expect_error(dynmap(.dynsym(fixture("calls"), "id_p"), "*Z)p", y), class = "dyncall_error")
  y[1] <- "first"
  expect_identical(copied(y)[], c("first", "of R", NA))
})

test_that("what C wrote over what R wrote is an address of C", {
  parseStructInfos("Cursor{*dpi}at any n;")
  x <- new.struct(Cursor)
  x$at <- c(1, 2, 3)
  x$any <- c(4, 5)
  x$n <- 6L
  from <- with_addresses(TRUE)
  memcpy(x, from, pointer_size)
  y <- copied(x)
  expect_true(is.nullptr(y$at))
  expect_identical(list(.unpack(y$any, 8, "d"), y$n), list(5, 6L))
  expect_error(fixture_call("calls", "id_p", "p)p", copied(y)), "at byte 0", class = "dyncall_error_pointer")
  # also what R code wrote as bytes
  bytes <- as.raw(seq_len(pointer_size))
  v <- .pack(raw(pointer_size), 0, "Z", paste0("te", "xt"))
  v[] <- bytes
  expect_identical(.unpack(copied(v), 0, paste0("C[", pointer_size, "]")), bytes)
  x$at <- c(1, 2, 3)
  x[seq_len(pointer_size)] <- raw(pointer_size)
  y <- copied(x)
  expect_true(is.nullptr(y$at))
  expect_s3_class(fixture_call("calls", "id_p", "p)p", y), "cpointer")
})

test_that("in a union, bytes stay what they are, and no address is followed", {
  parseUnionInfos("Any|pdZ}p d text; Text|Zp}text p;")
  parseStructInfos("Tagged{i<Any>}kind value; Same{<Text>}t;")
  x <- new.struct(Tagged)
  x$value$d <- 2.5
  y <- copied(x)
  expect_identical(y$value$d, 2.5)
  expect_true(is.nullptr(y$value$p))
  expect_null(y$value$text)
  expect_s3_class(fixture_call("calls", "id_p", "p)p", y), "cpointer")
  z <- new.struct(Tagged)
  z$value <- y$value
  expect_identical(list(z$value$d, z$value$text), list(2.5, NULL))
  expect_identical(copied(copied(z))$value$d, 2.5)
  expect_null(copied(copied(z))$value$text)
  memory <- dynalloc(Tagged)
  memory$value <- y$value
  expect_null(memory$value$text)
  # R and C may write there
  y$value$text <- paste0("te", "xt")
  expect_identical(copied(y)$value$text, "text")
  u <- copied(x$value)
  from <- with_addresses(TRUE)
  memcpy(u, from, pointer_size)
  expect_identical(u$text, "of C")
  # an array of such
  a <- new.array(Any, 2)
  a$d <- c(1.5, 2.5)
  b <- copied(a)
  expect_identical(b$d, c(1.5, 2.5))
  expect_identical(b$text, c(NA_character_, NA_character_))
  expect_null(b[[2]]$text)
  # one of addresses alone is an address
  s <- new.struct(Same)
  memcpy(s, from, pointer_size)
  expect_identical(s$t$text, "of C")
  expect_error(fixture_call("calls", "id_p", "p)p", copied(s)), "at byte 0", class = "dyncall_error_pointer")
})

test_that("types without addresses carry no mark of the session", {
  parseStructInfos("Plain{idc[4]}i d text; Refers{p}p;")
  expect_setequal(names(attributes(new.struct(Plain))), c("struct", "typeinfo", "class"))
  expect_setequal(names(attributes(new.array(Plain, 2))), c("pointee", "typeinfo", "class"))
  expect_true("session" %in% names(attributes(new.struct(Refers))))
})

test_that("addresses in a raw vector without a class are those of this session when C gets it", {
  dynbind(c("c", "msvcrt"), "memcpy(pp<size_t>)v to from size;", envir = environment())
  values <- c(1.5, 2.5, 3.5)
  x <- raw(8)
  .pack(x, 0L, "p", values)
  before <- as.vector(x)
  y <- unserialize(serialize(x, NULL))
  seen <- raw(8)
  memcpy(seen, y, 8)
  expect_false(identical(seen, before))
  there <- numeric(3)
  memcpy(there, .unpack(y, 0L, "p"), 24)
  expect_identical(there, values)
})
