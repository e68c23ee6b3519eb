# Bit-fields: what R writes is what C reads, and the reverse.

bit_types <- list(
  fields = list("Fields{i:5I:7B:1I:3i:1I:0l:40C:8s:9I:32L:53}a b c _ d _ e f g h i;", "struct"),
  field_union = list("FieldUnion|I:5c:3l:33}a b c;", "union"),
  packed_fields = list("PackedFields{i:13C:6l:50s:3}a b c d @pack=2;", "struct"),
  ms_fields = list("MsFields{cI:3C:2C:5i:20l:33s:0s:4i:7}a b c d e f _ g h @ms;", "struct"),
  ms_wide = list("MsWide{cl:40cL:9i:3c}a b c d e f @ms;", "struct"))

# The type of a fixture, its accessor in C, and the range of each named field.
bit_type <- function(name) {
  accessor <- .dynsym(fixture("byvalue"), name)
  if (is.null(accessor)) testthat::skip("the compiler of this platform has no such layout")
  text <- bit_types[[name]]
  parse <- if (text[[2L]] == "union") parseUnionInfos else parseStructInfos
  types <- new.env()
  info <- parse(text[[1L]], types)[[1L]]
  fields <- info$fields[!grepl("^_", rownames(info$fields)), ]
  bits <- ifelse(is.na(fields$bits), 8, fields$bits)
  signed <- fields$type %in% c("c", "s", "i", "j", "l")
  signature <- paste0("*<", info$name, ">iil)d")
  call <- function(...) .dyncall(accessor, signature, ...)
  list(info = info, names = rownames(fields), bool = fields$type == "B",
       size = fixture_call("byvalue", paste0(name, "_size"), ")i"),
       low = ifelse(signed, -2^(bits - 1), 0), high = 2^(bits - signed) - 1, call = call)
}

values_between <- function(low, high) {
  middle <- trunc(low + (high - low) * stats::runif(4))
  unique(c(low, high, 0, if (low < 0) -1, if (high > 0) 1, middle))
}

for (name in names(bit_types)) local({
  name <- name

  test_that(paste("C reads what R writes and R reads what C writes:", name), {
    set.seed(1)
    type <- bit_type(name)
    expect_identical(as.integer(type$info$size), type$size)
    wrong <- character()
    count <- 0L
    for (background in list(0x00, 0xff, 0x5a)) for (k in seq_along(type$names)) {
      field <- type$names[k]
      for (value in values_between(type$low[k], type$high[k])) {
        by_r <- by_c <- new.struct(type$info)
        by_r[] <- by_c[] <- as.raw(rep(background, type$size))
        by_r[[field]] <- value
        type$call(by_c, k, 1L, value)
        if (!identical(by_r[], by_c[]) || !identical(as.numeric(by_r[[field]]), value) ||
            !identical(type$call(by_r, k, 0L, 0), value)) {
          wrong <- c(wrong, paste(field, value))
        }
        count <- count + 1L
      }
    }
    expect_identical(wrong, character())
    expect_gt(count, 50L)
  })

  test_that(paste("what does not fit is refused and changes nothing:", name), {
    type <- bit_type(name)
    x <- new.struct(type$info)
    x[] <- as.raw(rep(0x5a, type$size))
    before <- x[]
    accepted <- character()
    for (k in which(!type$bool)) {
      field <- type$names[k]
      for (value in list(type$low[k] - 1, type$high[k] + 1, 2^62, NA, NaN, Inf, "1", NULL, numeric(), 1i,
                         list(1), factor(1))) {
        outcome <- outcome_of(x[[field]] <- value)
        refused <- inherits(outcome, "dyncall_error_argument") &&
          startsWith(conditionMessage(outcome), paste0("field '", field, "' of "))
        if (!refused) accepted <- c(accepted, paste(field, deparse(value)))
      }
    }
    expect_identical(accepted, character())
    expect_identical(x[], before)
  })
})

test_that("fractions are cut off and logical values count", {
  parseStructInfos("Part{i:4I:4B:1B:1}s u b c;")
  p <- new.struct(Part)
  p$s <- -3.9
  p$u <- 7.9
  expect_identical(c(p$s, p$u), c(-3, 7))
  p$s <- TRUE
  p$u <- as.raw(9)
  expect_identical(c(p$s, p$u), c(1, 9))
  if (requireNamespace("bit64", quietly = TRUE)) {
    p$u <- bit64::as.integer64(5)
    expect_identical(p$u, 5)
  }
})

test_that("a bool of one bit is whether the value is not zero", {
  parseStructInfos("Flags{B:1B:1B:1}a b c;")
  f <- new.struct(Flags)
  for (value in list(TRUE, 2, -1L, 256, 0.5, as.raw(4))) {
    f$b <- FALSE
    f$b <- value
    expect_identical(c(f$a, f$b, f$c), c(FALSE, TRUE, FALSE), label = paste("after", format(value)))
    expect_identical(f[1], as.raw(2))
  }
  f$b <- 0
  expect_identical(f$b, FALSE)
  expect_error(f$b <- NA, class = "dyncall_error_argument")
  expect_error(f$b <- "TRUE", class = "dyncall_error_argument")
})

test_that("unnamed bits take room, are no fields and stay zero", {
  parseStructInfos("Gap{I:3I:5I:4I:0I:2}a _ b _ c;")
  g <- new.struct(Gap)
  expect_identical(names(g), c("a", "b", "c"))
  expect_identical(as.numeric(Gap$size), 8)
  g[c("a", "b", "c")] <- list(7, 15, 3)
  little <- structure(as.raw(c(0x07, 0x0f, 0, 0, 3, 0, 0, 0)), struct = "Gap")
  if (.Platform$endian == "little") expect_identical(g[], little)
  expect_identical(as.list(g), list(a = 7, b = 15, c = 3))
  expect_error(g$`_`, class = "dyncall_error_argument")
  expect_error(g$`_` <- 1, class = "dyncall_error_argument")
})

test_that("bit-fields are written through views, lists, several names and arrays", {
  parseStructInfos("Date{I:5I:4I:23}day month year; Span{<Date><Date>[2]}from to;")
  memory <- as.extptr(raw(4))
  view <- as.struct(memory, Date)
  view[c("day", "month", "year")] <- list(31, 12, 2012)
  expect_identical(as.list(as.struct(memory, Date)), list(day = 31, month = 12, year = 2012))
  s <- new.struct(Span)
  s$from$month <- 7
  s$from$day <- 4
  s$to <- list(view, list(day = 1, year = 99))
  s$to[[2]]$month <- 15
  expect_identical(as.list(s$from), list(day = 4, month = 7, year = 0))
  expect_identical(lapply(s$to, function(d) c(d$day, d$month, d$year)), list(c(31, 12, 2012), c(1, 15, 99)))
  a <- new.array(Date, 3)
  a$day <- 1:3
  a$year <- c(2000, 2001, 2^23 - 1)
  a[[2]]$month <- 11
  expect_identical(list(a$day, a$month, a$year), list(c(1, 2, 3), c(0, 11, 0), c(2000, 2001, 2^23 - 1)))
  expect_error(a$day <- c(1, 32, 3), class = "dyncall_error_argument")
  expect_identical(a$day, c(1, 2, 3))
  expect_identical(as.data.frame(a)$month, c(0, 11, 0))
})

test_that("64-bit fields are exact", {
  need_package_or_skip("bit64")
  parseStructInfos("Wide{l:63I:1L:64}a b c;")
  old <- options(rdyncall.int64 = "integer64")
  on.exit(options(old))
  w <- new.struct(Wide)
  w$a <- int64("-4611686018427387904") # -2^62
  w$b <- 1
  w$c <- int64("9007199254740993")
  expect_identical(w$a, int64("-4611686018427387904"))
  expect_identical(w$b, 1)
  expect_identical(w$c, int64("9007199254740993"))
  expect_error(w$a <- int64("4611686018427387904"), class = "dyncall_error_argument")
  expect_identical(w$a, int64("-4611686018427387904"))
})

test_that("bit-fields of enums without negative labels are unsigned, as those of gcc and clang", {
  parseEnumInfos("state{OFF ON}; turn{LEFT=-1 NONE RIGHT};")
  parseStructInfos("Panel{<state>:1<state>:16<turn>:2<state>:32}power level turn all;")
  panel <- new.struct(Panel)
  panel$power <- "ON"
  panel$level <- 65535
  panel$turn <- "LEFT"
  expect_identical(as.vector(panel$power), 1L)
  expect_identical(names(panel$power), "ON")
  expect_identical(as.vector(panel$level), 65535L)
  expect_identical(as.vector(panel$turn), -1L)
  expect_error(panel$level <- -1, class = "dyncall_error_argument")
  expect_error(panel$turn <- 2, class = "dyncall_error_argument")
  panel$all <- -1
  expect_identical(as.vector(panel$all), -1L)
})

test_that("widths that the type does not have are refused", {
  for (text in c("T{i:33}a;", "T{C:9}a;", "T{d:3}a;", "T{p:3}a;", "T{B:2}a;", "T{i:0}a;", "T{l:65}a;", "T{i:-1}a;",
                 "T{i:}a;", "T{i[2]:3}a;", "T{Z:1}a;")) {
    expect_error(parseStructInfos(text, new.env()), class = "dyncall_error", info = text)
  }
})

test_that("a value that does not fit is told the width of the field", {
  parseStructInfos("Narrow{i:3I:5}a b;")
  n <- new.struct(Narrow)
  expect_error(n$a <- 4, "field 'a' of 'Narrow': expected a value in the range of int : 3, got 4", fixed = TRUE)
  expect_error(n$b <- -1, "expected a value in the range of unsigned int : 5, got -1", fixed = TRUE)
})

test_that("bit-fields of a union begin at its start under Microsoft's rule, too", { # sizes of gcc's ms_struct
  parseUnionInfos("One|i:3c:5s:9}a b c @ms; Two|c:3l:40}a b @ms;")
  expect_identical(c(One$size, One$align, Two$size, Two$align), c(4, 4, 8, 8))
  expect_identical(as.numeric(c(One$fields$offset, Two$fields$offset)), rep(0, 5))
  x <- new.struct(One)
  x$c <- 0xab
  expect_identical(c(x$a, x$b, x$c), c(3L, 11L, 171L))
})
