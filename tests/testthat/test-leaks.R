# Counts and mapped memory after many rounds. Each run has an R of its own, whose memory only the code
# under test changes.

# Runs `round` eleven times; the megabytes that were mapped for writing after each: resident memory would
# count what an emulator translates, too. What leaks grows with every round, whereas R's own heap grows and
# shrinks in a few steps of many megabytes: their median tells one from the other. The first three rounds
# fill the heap and the caches.
prelude <- c(
  "mapped <- function() {",
  "  if (!file.exists('/proc/self/maps')) return(0)",
  "  writable <- grep('^[^ ]+ .w', readLines('/proc/self/maps'), value = TRUE)",
  "  ends <- strsplit(sub(' .*', '', writable), '-')",
  "  sum(vapply(ends, function(x) diff(as.numeric(paste0('0x', x))), 0)) / 2^20",
  "}",
  "rounds <- function(round) vapply(1:11, function(k) { round(); invisible(gc()); mapped() }, 0)",
  "growth <- function(mb) stats::median(diff(mb[4:11]))",
  "callbacks <- function() .Call(rdyncall:::C_callback_count)",
  "libraries <- function() .Call(rdyncall:::C_library_count)"
)

# The lines that the code prints, as numbers.
measured <- function(code, ...) {
  child <- in_child(c(prelude, code), ...)
  expect_identical(child$status, 0L, info = child$output)
  scan(text = child$output, quiet = TRUE)
}

# So many megabytes may come with a round, most of them being the pages of what is in use at its end.
flat <- 1

load_fixture <- function() sprintf("lib <- .dynload(%s)", deparse(fixture_file("callback")))

test_that("callbacks are freed", {
  got <- measured(c(
    "mb <- rounds(function() for (i in 1:3e4) new.callback('i)i', identity))",
    "cat(callbacks(), growth(mb))"))
  expect_identical(got[1L], 0)
  # those that are gone stay mapped for a while, so that C calling them is an error: at most so many
  expect_identical(got[2L], 16384)
  expect_lt(got[4L], flat)
})

test_that("callbacks that were called are freed, and those made for a call", {
  got <- measured(c(load_fixture(),
    "f <- .dynsym(lib, 'apply')",
    "mb <- rounds(function() for (i in 1:8000) {",
    "  .dyncall(f, '*(i)ii)i', function(x) x, 1L)",
    "  .dyncall(f, 'pi)i', new.callback('i)i', function(x) x), 1L)",
    "})",
    "cat(callbacks(), growth(mb))"))
  expect_identical(got[1L], 0)
  expect_lte(got[2L], 16384)
  expect_lt(got[4L], flat)
})

test_that("errors in callbacks leave nothing behind", {
  got <- measured(c(load_fixture(),
    "f <- .dynsym(lib, 'apply')",
    "mb <- rounds(function() for (i in 1:4000)",
    "  tryCatch(.dyncall(f, '*(i)ii)i', function(x) stop('e'), 1L), error = identity))",
    "cat(callbacks(), growth(mb))"))
  expect_identical(got[1L], 0)
  expect_lt(got[4L], flat)
})

test_that("libraries are closed, by hand and by the collector", {
  file <- dynpath(need_library_or_skip(c("msvcrt", "m", "c")))
  got <- measured(c(sprintf("file <- %s", deparse(file)),
    "before <- libraries()",
    "mb <- rounds(function() for (i in 1:6e4) .dynunload(.dynload(file)))",
    "cat(libraries() - before, growth(mb), '')",
    "mb <- rounds(function() for (i in 1:12000) .dynload(file))",
    "cat(libraries() - before, growth(mb), '')",
    "kept <- lapply(1:10, function(i) .dynload(file))",
    "cat(libraries() - before)"))
  expect_identical(got[1L], 0)
  expect_lt(got[2L], flat)
  expect_identical(got[3L], 0)
  expect_lt(got[4L], flat)
  expect_identical(got[5L], 10)
})

test_that("a library that is closed is no longer mapped", {
  skip_unless_linux()
  got <- measured(c(sprintf("file <- %s", deparse(fixture_file("callback"))),
    "loaded <- function() any(grepl(file, readLines('/proc/self/maps'), fixed = TRUE)) + 0L",
    "cat(loaded(), '')",
    "lib <- .dynload(file)",
    "cat(loaded(), '')",
    "f <- .dynsym(lib, 'fpu_tags')",
    "rm(lib)",
    "invisible(gc())",
    "cat(loaded(), '')",
    "rm(f)",
    "invisible(gc())",
    "cat(loaded(), '')",
    "lib <- .dynload(file)",
    "cat(loaded(), '')",
    "invisible(.dynunload(lib))",
    "cat(loaded())"))
  # not loaded; loaded; held by a symbol; collected; loaded; closed
  expect_identical(got, c(0, 1, 1, 0, 1, 0))
})

test_that("a million calls need no memory", {
  need_library_or_skip(c("msvcrt", "m", "c"))
  got <- measured(c(
    "dynbind(c('msvcrt', 'm', 'c'), 'sqrt(d)d; hypot(dd)d x y;')",
    "x <- .dynsym(dynfind(c('msvcrt', 'm', 'c')), 'sqrt')",
    "mb <- rounds(function() {",
    "  for (i in 1:150000) { .dyncall(x, 'd)d', i); sqrt(i) }",
    "})",
    "cat(growth(mb), hypot(3, 4))"))
  expect_lt(got[1L], flat)
  expect_identical(got[2L], 5)
})

test_that("structs and strings leave nothing behind", {
  got <- measured(c(load_fixture(),
    "parseStructInfos('Rect{ssSS}x y w h; Holder{p*(i)iZ<Rect>}p f z r;')",
    "f <- .dynsym(lib, 'through_Z')",
    "mb <- rounds(function() for (i in 1:6000) {",
    "  r <- new.struct(Rect)",
    "  r$x <- i %% 1000",
    "  h <- new.struct(Holder)",
    "  h$p <- c(1, 2)",
    "  h$f <- function(i) i",
    "  h$z <- paste('text', i)",
    "  h$r <- r",
    "  h$r$x <- 5L",
    "  ptr2str(strptr(paste(i)))",
    "  strarrayptr(c('a', 'b'))",
    "  .dyncall(f, 'pZ)Z', new.callback('Z)Z', function(x) paste0(x, i)), 'a')",
    "})",
    "cat(callbacks(), growth(mb))"))
  expect_identical(got[1L], 0)
  expect_lt(got[4L], flat)
})

test_that("types, signatures and failed calls leave nothing behind", {
  got <- measured(c(load_fixture(),
    "f <- .dynsym(lib, 'fpu_tags')",
    "letters4 <- c('i', 'd', 'p', 'l')",
    "text <- function(k) paste(letters4[bitwAnd(bitwShiftR(k, 0:6 * 2L), 3L) + 1L], collapse = '')",
    "signatures <- vapply(1:4000, function(k) paste0(text(k), ')i'), '')",
    "mb <- rounds(function() {",
    "  for (s in signatures) tryCatch(.dyncall(f, s), error = identity)",
    "  for (i in 1:2000) tryCatch(.dyncall(f, paste0('<Unknown', i, '>)v'), 1), error = identity)",
    "  for (i in 1:2000) parseStructInfos('Other{ii}a b;')",
    "})",
    "cat(growth(mb))"))
  expect_lt(got, flat)
})

test_that("ports that are no longer used are freed", {
  need_library_or_skip(c("expat.so.1", "expat", "libexpat-1"))
  got <- measured(c(
    "before <- libraries()",
    "mb <- rounds(function() for (i in 1:30) {",
    "  port <- dynport(expat, attach = FALSE)",
    "  port$XML_ExpatVersion()",
    "  port$XML_ParsingStatus",
    "})",
    "invisible(gc())",
    "cat(libraries() - before, growth(mb))"))
  expect_identical(got[1L], 0)
  expect_lt(got[2L], flat)
})

test_that("memory is freed by scopes, by arenas, by hand and by the collector", {
  got <- measured(c(
    "mb <- rounds(function() dynscope(for (i in 1:30000) dynalloc('i', 10)))",
    "cat(nrow(dynleaks()), growth(mb), '')",
    "mb <- rounds(function() for (i in 1:10000) dynscope(dynalloc('d', 100)))",
    "cat(growth(mb), '')",
    "mb <- rounds(function() dynscope(for (i in 1:10000) dynfree(dynalloc('d', 100))))",
    "cat(growth(mb), '')",
    "mb <- rounds(function() { a <- new.arena(); for (i in 1:20000) dynalloc('i', 10, arena = a) })",
    "cat(growth(mb), '')",
    "mb <- rounds(function() for (i in 1:20000) dynalloc('i', 10))",
    "cat(growth(mb), '')",
    "mb <- rounds(function() for (i in 1:100) dynalloc('d', 1e6, zero = FALSE)[[1]])",
    "cat(growth(mb), '')",
    "mb <- rounds(function() for (i in 1:3000) { x <- c(1, 2); dynview(dynpin(x))[2] })",
    "cat(growth(mb), nrow(dynleaks()))"))
  expect_identical(got[c(1L, 9L)], c(0, 0))
  for (mb in got[2:8]) expect_lt(mb, flat)
})

test_that("what debug mode notes of parts is freed with their arena", {
  skip_unless_linux()
  if (is.null(.dynsym(.dynload(""), "mallinfo"))) skip_or_fail("the C library does not tell what is in use")
  name <- paste(rep("the_text_of_the_call_is_noted", 4L), collapse = "_")
  got <- measured(c(
    "parseStructInfos('InUse{iiiiiiiiii}a b c d e f g used i j;')",
    "mallinfo <- .dynsym(.dynload(''), 'mallinfo')",
    "in_use <- function() { for (k in 1:2) gc(); .dyncall(mallinfo, ')<InUse>')$used }",
    "invisible(dyndebug())",
    sprintf("%s <- function(a) a", name),
    "round <- function() {",
    "  a <- new.arena()",
    sprintf("  for (i in 1:3000) dynalloc('i', 1, arena = %s(a))", name),
    "  in_use()",
    "}",
    "invisible(round())",
    "before <- in_use()",
    "during <- round()",
    "cat(during - before, in_use() - before)"))
  expect_gt(got[1L], 3000 * 100)
  expect_lt(got[2L], 3000 * 50)
})
