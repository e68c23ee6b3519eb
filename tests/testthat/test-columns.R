# Numbers in columns: every type of vector in R for every type in C is what single values are, in vectorised calls,
# in columns of structs and in arrays.

letters_of_c <- c("B", "c", "C", "s", "S", "i", "I", "j", "J", "l", "L", "f", "d", "D")
fields <- paste(letters_of_c, collapse = " ")
parseStructInfos(sprintf("Every{%s}%s; Tight{%s}%s @pack=1;", gsub(" ", "", fields), fields,
                         gsub(" ", "", fields), fields))
parseStructInfos("Bits{i:3I:5B:1l:40L:64c}narrow plain flag wide whole last;")

# 64-bit integers of a class by their values.
bits64 <- function(values, class) {
  old <- options(rdyncall.int64 = "integer64")
  on.exit(options(old))
  signed <- as.carray(ifelse(values < 0, 0, values), "L")[]
  signed <- ifelse(values < 0, unclass(as.carray(ifelse(values < 0, values, 0), "l")[]), unclass(signed))
  structure(signed, class = class)
}

pick <- function(x, i) structure(unclass(x)[i], class = oldClass(x))

sources <- function() {
  edges <- c(0, 1, 2, 100, 127, 128, 200, 255, 256, 32767, 32768, 65535, 65536, 2^31 - 1, 2^31, 2^32 - 1, 2^32, 2^53,
             2^63 - 1024, 2^63, 2^64 - 2048)
  whole <- c(edges, -edges[2:20])
  ints <- as.integer(whole[abs(whole) < 2^31])
  list(logical = c(TRUE, FALSE, NA), integer = c(ints, NA), raw = as.raw(c(0, 1, 127, 128, 255)),
       double = c(whole, -2^63 - 2048, 2^64, 0.5, -0.5, -0.99, 127.9, -128.9, 255.99, 2^31 - 0.5, -2^31 - 0.5, 1e300, 1e-300,
                  NA, NaN, Inf, -Inf),
       integer64 = bits64(whole[whole < 2^63], "integer64"), uint64 = bits64(edges, "uint64"),
       date = as.Date(c(1, 300), origin = "1970-01-01"))
}

same <- new.env(parent = environment())
same_functions <- function() {
  if (is.null(same$same_B)) {
    dynbind(fixture("map"), paste(sprintf("same_%s(%s)%s x @threadsafe;", letters_of_c, letters_of_c, letters_of_c),
                                  collapse = " "), envir = same)
  }
  same
}

# What each value is as a single argument: results, or errors.
single_outcomes <- function(f, x) lapply(seq_along(x), function(i) outcome_of(suppressWarnings(f(pick(x, i)))))

# What is said of a value, without the place.
said <- function(e) paste(class(e)[1L], e$code, sub("^.*?: (field|expected)", "\\1", sub(".*expected", "expected", conditionMessage(e))))

is_missing_value <- function(x) {
  if (inherits(x, "uint64")) return(logical(length(x)))
  if (inherits(x, "integer64")) return(vapply(seq_along(x), function(i) identical(unclass(x)[i], -0) &&
                                                1 / unclass(x)[i] < 0, NA))
  is.na(x) & !is.nan(x)
}

# The first of places, the last, and one between.
some_of <- function(places) {
  if (length(places)) unique(places[c(1L, (length(places) + 1L) %/% 2L, length(places))])
}

edges_of_blocks <- c(1L, 64L, 65L, 256L, 257L, 511L, 512L, 513L, 700L)
n <- 700L

test_that("columns of calls convert as single arguments, or fail as these do, at the same element", {
  m <- same_functions()
  for (source in names(sources())) {
    x <- sources()[[source]]
    for (letter in letters_of_c) {
      about <- paste(source, "to", letter)
      f <- m[[paste0("same_", letter)]]
      outcomes <- single_outcomes(f, x)
      failed <- vapply(outcomes, inherits, NA, "error")
      missing <- is_missing_value(x)
      good <- which(!failed & !missing)
      expect_true(length(good) > 0L, info = about)
      places <- rep_len(good, n)
      want <- unlist(outcomes[places])
      expect_identical(suppressWarnings(dynmap(f, pick(x, places))), want, info = about)
      expect_identical(suppressWarnings(dynmap(f, pick(x, places), threads = 2)), want, info = about)
      for (bad in some_of(which(failed & !missing))) {
        at <- edges_of_blocks[bad %% length(edges_of_blocks) + 1L]
        e <- expect_error(dynmap(f, pick(x, replace(places, at, bad))), class = "dyncall_error_argument")
        expect_identical(list(e$element, said(e)), list(as.double(at), said(outcomes[[bad]])), info = about)
      }
    }
  }
})

test_that("NA is left out wherever it is in columns that convert, and not taken for what does not", {
  m <- same_functions()
  for (source in c("logical", "integer", "double", "integer64")) {
    x <- sources()[[source]]
    na <- which(is_missing_value(x))[1L]
    for (letter in letters_of_c) {
      about <- paste(source, "to", letter)
      f <- m[[paste0("same_", letter)]]
      outcomes <- single_outcomes(f, x)
      failed <- vapply(outcomes, inherits, NA, "error")
      good <- which(!failed & !is_missing_value(x))
      places <- rep_len(good, n)
      for (gaps in list(edges_of_blocks, seq(3L, n, 7L), 256:600)) {
        with_gaps <- pick(x, replace(places, gaps, na))
        want <- replace(unlist(outcomes[places]), gaps, NA)
        expect_identical(suppressWarnings(dynmap(f, with_gaps)), want, info = about)
      }
      expect_identical(suppressWarnings(dynmap(f, with_gaps, threads = 2)), want, info = about)
      e <- expect_error(dynmap(f, with_gaps, na = "error"), class = "dyncall_error_argument")
      expect_identical(e$element, 256, info = about)
      passed <- outcome_of(suppressWarnings(dynmap(f, with_gaps, na = "pass")))
      if (failed[na]) expect_identical(passed$element, 256, info = about)
      else expect_identical(passed, replace(unlist(outcomes[places]), gaps, outcomes[[na]]), info = about)
      for (bad in which(failed & !is_missing_value(x))[1L]) {
        if (is.na(bad)) next
        e <- expect_error(dynmap(f, pick(x, replace(replace(places, edges_of_blocks, na), 600L, bad))),
                          class = "dyncall_error_argument")
        expect_identical(list(e$element, said(e)), list(600, said(outcomes[[bad]])), info = about)
      }
    }
  }
  expect_identical(dynmap(m$same_i, rep(NA_real_, n)), rep(NA_integer_, n))
  expect_identical(dynmap(m$same_f, rep(NA, n)), rep(NA_real_, n))
})

test_that("NA of a column that is repeated counts in all its rows", {
  m <- new.env()
  dynbind(fixture("map"), "negative_at(dd)d x at;", envir = m)
  x <- as.double(seq_len(n))
  expect_identical(is.na(dynmap(m$negative_at, x, c(0, NA))), rep(c(FALSE, TRUE), n / 2))
  expect_identical(is.na(dynmap(m$negative_at, seq_len(n), c(NA, 0L, 1L, NA))), rep(c(TRUE, FALSE, FALSE, TRUE), n / 4))
})

test_that("no call is made before all columns are known to convert", {
  m <- new.env()
  dynbind(fixture("map"), "fails_at(ii)i i at; calls_made()i;", envir = m)
  invisible(m$calls_made())
  expect_error(dynmap(m$fails_at, as.double(seq_len(n)), replace(double(n), n, 2^31)), class = "dyncall_error_argument")
  expect_error(dynmap(m$fails_at, replace(double(n), n, NaN), 0L), class = "dyncall_error_argument")
  expect_identical(m$calls_made(), 0L)
})

test_that("a number that C has spoilt since is an error, too", {
  m <- new.env()
  dynbind(fixture("map"), "spoil(i*kd)i i where;", envir = m)
  x <- as.double(seq_len(n))
  e <- expect_error(dynmap(m$spoil, x, x), class = "dyncall_error_argument")
  expect_identical(e$element, 700)
})

test_that("a column of structs takes what single fields take", {
  with_field <- function(s, letter, value) do.call("$<-", list(s, letter, value))
  field <- function(s, letter) suppressWarnings(do.call("$", list(s, letter)))
  expect_same_fields <- function(type, from = names(sources())) {
    for (source in from) {
      x <- sources()[[source]]
      for (letter in letters_of_c) {
        about <- paste(type, source, "to", letter)
        outcomes <- lapply(seq_along(x), function(i) {
          outcome_of(field(with_field(new.struct(type), letter, pick(x, i)), letter))
        })
        failed <- vapply(outcomes, inherits, NA, "error")
        places <- rep_len(which(!failed), n)
        a <- with_field(new.array(type, n), letter, pick(x, places))
        expect_identical(field(a, letter), unlist(outcomes[places]), info = about)
        one <- with_field(a, letter, pick(x, places[2L]))
        expect_identical(field(one, letter), rep(outcomes[[places[2L]]], n), info = about)
        for (bad in some_of(which(failed))) {
          e <- expect_error(with_field(a, letter, pick(x, replace(places, 600L, bad))), class = "dyncall_error_argument")
          expect_identical(said(e), said(outcomes[[bad]]), info = about)
        }
      }
    }
  }
  expect_same_fields("Every")
  expect_same_fields("Tight", c("integer", "double", "uint64"))
})

test_that("an array stays as it is when one number does not fit", {
  a <- new.array("Every", n)
  a$s <- seq_len(n)
  expect_error(a$s <- replace(double(n), 600L, 32768), class = "dyncall_error_argument")
  expect_identical(a$s, seq_len(n))
  a$s <- rev(seq_len(n)) + 0.5
  expect_identical(a$s, rev(seq_len(n)))
  whole <- as.carray(seq_len(n), "s")
  expect_error(whole[] <- replace(double(n), 600L, 32768), class = "dyncall_error_argument")
  expect_identical(whole[], seq_len(n))
  copy <- whole
  whole[] <- 3
  expect_identical(whole[], rep(3L, n))
  expect_identical(copy[], seq_len(n))
})

test_that("columns of bit-fields take what single ones take", {
  for (source in names(sources())) {
    x <- sources()[[source]]
    for (name in c("narrow", "plain", "flag", "wide", "whole", "last")) {
      about <- paste(source, "to", name)
      set <- function(s, value) do.call("$<-", list(s, name, value))
      get <- function(s) suppressWarnings(do.call("$", list(s, name)))
      outcomes <- lapply(seq_along(x), function(i) outcome_of(get(set(new.struct("Bits"), pick(x, i)))))
      failed <- vapply(outcomes, inherits, NA, "error")
      places <- rep_len(which(!failed), n)
      expect_identical(get(set(new.array("Bits", n), pick(x, places))), unlist(outcomes[places]), info = about)
      expect_identical(get(set(new.array("Bits", n), pick(x, places[1L]))), rep(outcomes[[places[1L]]], n), info = about)
      for (bad in some_of(which(failed))) {
        e <- expect_error(set(new.array("Bits", n), pick(x, replace(places, 600L, bad))), class = "dyncall_error_argument")
        expect_identical(said(e), said(outcomes[[bad]]), info = about)
      }
    }
  }
})

test_that("an unsigned bit-field of 64 bits takes no negative numbers", {
  bits <- new.struct("Bits")
  expect_error(bits$whole <- -1, class = "dyncall_error_argument")
  a <- new.array("Bits", 2)
  expect_error(a$whole <- c(1, -1), class = "dyncall_error_argument")
})

test_that("arrays of complex numbers are filled by numbers of all types", {
  z <- complex(real = c(1.5, -2, NA, Inf), imaginary = c(0, 0.25, 1, -Inf))
  for (type in c("<float complex>", "<double complex>", "<long double complex>")) {
    back <- if (type == "<float complex>") replace(z, 3L, complex(real = NaN, imaginary = 1)) else z # NA is a double
    expect_identical(as.carray(rep(z, 100L), type)[], rep(back, 100L), info = type)
    for (x in list(c(TRUE, NA), c(-5L, NA), as.raw(200), c(0.5, NA, -Inf), bits64(c(-7, 2^40), "integer64"),
                   bits64(2^63, "uint64"))) {
      want <- unlist(lapply(seq_along(x), function(i) as.carray(pick(x, i), type)[]))
      places <- rep_len(seq_along(x), 300L)
      expect_identical(as.carray(pick(x, places), type)[], want[places], info = type)
    }
  }
  expect_error(as.carray(1i, "d"), class = "dyncall_error_argument")
})

test_that("2^63 of class uint64 is true", {
  m <- same_functions()
  expect_identical(m$same_B(bits64(2^63, "uint64")), TRUE)
  expect_identical(m$same_B(bits64(0, "uint64")), FALSE)
})

test_that("a vector can be written into itself", {
  x <- numeric(4) + 1:4
  .pack(x, 0, "i[4]", x)
  expect_identical(.unpack(x, 0, "i[4]"), 1:4)
  x <- numeric(4) + 1:4
  .pack(x, 16, "i[4]", x)
  expect_identical(.unpack(x, 16, "i[4]"), 1:4)
  p <- dynalloc("d", 4)
  p[] <- c(1, 2, 3, 4)
  .pack(p, 16, "i[4]", dynview(p, "d", 4))
  expect_identical(.unpack(p, 16, "i[4]"), 1:4)
  r <- as.raw(1:8)
  .pack(r, 0, "C[8]", r)
  expect_identical(r, as.raw(1:8))
})

test_that("any byte that is not zero is TRUE, in columns and results of calls too", {
  bytes <- as.raw(c(0, 1, 2, 128, 255))
  truth <- c(FALSE, TRUE, TRUE, TRUE, TRUE)
  a <- new.array("B", 5)
  .pack(a, 0, "C[5]", bytes)
  expect_identical(as.integer(a[]), as.integer(truth))
  parseStructInfos("flagged{Bi}flag n;")
  s <- new.array(flagged, 5)
  for (i in 0:4) .pack(s, 8 * i, "C", bytes[i + 1])
  expect_identical(as.integer(s$flag), as.integer(truth))
  expect_identical(as.integer(.unpack(a, 0, "B[5]")), as.integer(truth))
})
