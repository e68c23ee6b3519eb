# Named types that are no records: reserved names, enums, typedefs, function pointers.

address <- function(name) .dynsym(fixture("byvalue"), name)
call_named <- function(name, signature, ...) .dyncall(address(name), signature, ...)

test_that("a long double is a double, or its exact bytes", {
  expect_identical(call_named("third", ")D"), 1 / 3)
  exact <- call_named("third", ")<long double>")
  expect_type(exact, "raw")
  expect_identical(length(exact), as.integer(.Machine$sizeof.longdouble))
  expect_identical(call_named("is_third", "<long double>)i", exact), 1L)
  expect_identical(call_named("is_third", "D)i", 1 / 3), if (.Machine$longdouble.digits > 53) 0L else 1L)
  doubled <- call_named("twice", "<long double>)<long double>", exact)
  expect_identical(call_named("is_third", "<long double>)i", call_named("twice", "D)<long double>", 1)), 0L)
  parseStructInfos("Keeps{<long double>D}exact rounded;")
  k <- new.struct(Keeps)
  k$exact <- exact
  k$rounded <- 2.5
  expect_identical(k$exact, exact)
  expect_identical(call_named("is_third", "<long double>)i", k$exact), 1L)
  expect_identical(k$rounded, 2.5)
  k$exact <- doubled
  expect_identical(.unpack(k[], 0, "D"), 2 / 3)
  got <- call_named("call_long", "*(D)DD)D", function(x) x * 10, 0.5)
  expect_identical(got, 6)
  got <- call_named("call_long", "*(<long double>)<long double><long double>)D", function(x) x, 0.5)
  expect_identical(got, 1.5)
  for (bad in list("1", NULL, 1i, list(1))) {
    expect_error(call_named("twice", "D)D", bad), class = "dyncall_error_argument", regexp = "long double")
  }
  expect_identical(call_named("twice", "D)D", NA_real_), NA_real_)
})

test_that("complex numbers are arguments and results", {
  expect_identical(call_named("f_conj", "<float complex>)<float complex>", 1.5-2i), 1.5+2i)
  expect_identical(call_named("d_square", "<double complex>)<double complex>", 1+2i), -3+4i)
  expect_identical(call_named("d_square", "<double complex>)<double complex>", 3L), 9+0i)
  seen <- NULL
  got <- call_named("call_complex", "*(<double complex><float complex>)<double complex>)<double complex>",
                    function(a, b) {
                      seen <<- list(a, b)
                      a * b
                    })
  expect_identical(got, 3+6i)
  expect_identical(seen, list(1+2i, 3+0i))
  expect_error(call_named("f_conj", "<float complex>)<float complex>", "1i"), class = "dyncall_error_argument")
})

test_that("a bool is its low byte, whatever it is, and C gets 0 or 1", {
  for (k in 0:2) expect_identical(call_named("dirty", "i)B", k), k == 2L)
  expect_identical(.unpack(as.raw(c(0, 0x40, 0xfe)), 0, "B[3]"), c(FALSE, TRUE, TRUE))
  parseStructInfos("Flag{cB}c b;")
  f <- new.struct(Flag)
  f[2] <- as.raw(0x80)
  expect_identical(f$b, TRUE)
  for (value in list(256, -1L, 0.5, TRUE, 2^40)) {
    expect_identical(call_named("bool_byte", "B)i", value), 1L)
    f$b <- value
    expect_identical(f[2], as.raw(1))
  }
  expect_identical(call_named("bool_byte", "B)i", 0), 0L)
})

test_that("reserved names are the platform's integers", {
  names <- c("size_t", "ssize_t", "ptrdiff_t", "intptr_t", "uintptr_t", "wchar_t", "char16_t", "char32_t",
             "time_t", "off_t")
  for (name in names) {
    size <- call_named(paste0("size_", name), ")i")
    signed <- call_named(paste0("signed_", name), ")i") == 1L
    types <- parseTypedefs(paste0("T=<", name, ">;"), new.env())
    expect_identical(as.integer(types$T$size), size, label = name)
    top <- if (size == 8) 2^53 else 2^(8 * size - signed) - 1
    low <- if (!signed) 0 else if (size == 8) -2^53 else -2^(8 * size - 1)
    same <- function(x) call_named(paste0("same_", name), paste0("<", name, ">)<", name, ">"), x)
    for (x in c(0, 1, top, low)) expect_identical(as.numeric(same(x)), x, label = paste(name, x))
    for (x in c(if (!signed) -1, 2^(8 * size - signed), if (signed) -2^(8 * size))) {
      expect_error(same(x), class = "dyncall_error_argument", info = paste(name, x))
    }
    expect_error(same("1"), class = "dyncall_error_argument", regexp = name)
    expect_error(same(NA), class = "dyncall_error_argument")
  }
})

# ---- enums ----

parseEnumInfos(c("color{RED GREEN=5 BLUE};", "style:C{BOLD=1 ITALIC=2 WIDE=4} @flags;"))
parseStructInfos("Pen{<color><style><color>[2]}front style all;")
parseTypedefs("Paint=<color>; Paint2=<Paint>; Op=*(ii)i; Count=<size_t>; PenRef=*<Pen>; Nib=<Pen>;
              Pair=d[2]; binop=*(ii)i;")
parseStructInfos("Ops{<binop>i*(ii)i[2]}f n more;")

test_that("enums come back with the name of the constant and accept it", {
  expect_identical(color$labels, c(RED = 0, GREEN = 5, BLUE = 6))
  expect_identical(call_named("next_color", "<color>)<color>", "RED"), c(GREEN = 5L))
  expect_identical(call_named("next_color", "<color>)<color>", 5), c(BLUE = 6L))
  expect_identical(call_named("next_color", "<color>)<color>", c(BLUE = 6L)), c(RED = 0L))
  expect_identical(call_named("same_wchar_t", "i)<color>", 3L), 3L) # no constant, no name
  expect_identical(call_named("next_color", "i)i", 0L), 5L)
  for (bad in list("PINK", c("RED", "BLUE"), NA_character_, "red", "", character(), NA, 2^31, NULL,
                   factor("RED"))) {
    expect_error(call_named("next_color", "<color>)<color>", bad), class = "dyncall_error_argument", regexp = "color")
  }
})

test_that("enums cross callbacks", {
  seen <- NULL
  f <- function(c) {
    seen <<- c
    "GREEN"
  }
  expect_identical(call_named("call_color", "*(<color>)<color><color>)i", f, "BLUE"), 105L)
  expect_identical(seen, c(BLUE = 6L))
  expect_error(call_named("call_color", "*(<color>)<color><color>)i", function(c) "PINK", 0),
               class = "dyncall_error_argument")
})

test_that("enums and flags are fields, alone, in arrays and by value", {
  p <- new.struct(Pen)
  p$front <- "GREEN"
  p$style <- c("BOLD", "WIDE")
  p$all <- c("BLUE", "RED")
  expect_identical(unname(p$style), 5L)
  expect_identical(p$all, c(BLUE = 6L, RED = 0L))
  got <- call_named("turn_pen", "<Pen>)<Pen>", p)
  expect_identical(got$front, c(BLUE = 6L))
  expect_identical(got$style, c(ITALIC = 2L))
  expect_identical(got$all, c(RED = 0L, BLUE = 6L))
  got <- call_named("turn_pen", "<Pen>)<Pen>", list(front = "BLUE", style = "ITALIC", all = list("RED", 5)))
  expect_identical(c(got$front, got$all), c(RED = 0L, GREEN = 5L, RED = 0L))
  before <- p[]
  for (bad in list("PINK", c("RED", "GREEN"), NA)) {
    expect_error(p$front <- bad, class = "dyncall_error_argument", regexp = "field 'front' of 'Pen'")
  }
  expect_error(p$style <- c("BOLD", "FAT"), class = "dyncall_error_argument")
  expect_error(p$style <- 256, class = "dyncall_error_argument")
  expect_error(p$all <- c("RED", "PINK"), class = "dyncall_error_argument")
  expect_identical(p[], before)
  expect_output(print(p), "GREEN")
  expect_output(print(p), "BOLD")
  expect_output(print(color), "GREEN = 5")
})

test_that("flags are combined, and named by all that are set", {
  for (set in list("BOLD", c("BOLD", "ITALIC"), c("WIDE", "BOLD", "ITALIC"))) {
    bits <- sum(style$labels[set])
    expect_identical(call_named("style_bits", "<style>)C", set), as.integer(bits))
    got <- call_named("style_bits", "C)<style>", bits)
    expect_identical(unname(got), as.integer(bits))
    for (label in names(style$labels)) {
      expect_identical(grepl(label, names(got), fixed = TRUE), label %in% set, label = paste(label, bits))
    }
  }
  expect_identical(unname(call_named("style_bits", "<style>)<style>", 0)), 0L)
})

test_that("enums are bit-fields", {
  parseStructInfos("Dense{<color>:4<style>:3I:1}c s last;")
  d <- new.struct(Dense)
  d$c <- 5
  d$s <- 6
  expect_identical(d$c, c(GREEN = 5L))
  expect_identical(unname(d$s), 6L)
  d$c <- "BLUE"
  d$s <- c("BOLD", "WIDE")
  expect_identical(c(d$c, unname(d$s), d$last), c(BLUE = 6, 5, 0))
  expect_error(d$c <- "PINK", class = "dyncall_error_argument")
  expect_error(d$c <- 16, class = "dyncall_error_argument")
})

test_that("enums of every width hold their constants", {
  parseEnumInfos("tiny:c{LOW=-128 HIGH=127}; wide:l{BIG=0x100000000 NEG=-5}; top{MOST=0xffffffff};", environment())
  expect_identical(c(get("tiny")$size, get("wide")$size, get("top")$size) + 0, c(1, 8, 4))
  for (case in list(list("tiny", "LOW", -128), list("wide", "BIG", 2^32), list("wide", "NEG", -5),
                    list("top", "MOST", 2^32 - 1))) {
    type <- paste0("<", case[[1L]], ">")
    x <- raw(8)
    .pack(x, 0, type, case[[2L]])
    got <- .unpack(x, 0, type)
    expect_identical(names(got), case[[2L]])
    expect_identical(as.numeric(got), case[[3L]])
  }
  for (text in c("e{A=}", "e{A A}", "e{A", "{A}", "e{A=1.5}", "e:d{A}")) {
    expect_error(parseEnumInfos(text, new.env()), class = "dyncall_error_signature", info = text)
  }
})

test_that("typedefs stand for their types, of other typedefs too", {
  expect_identical(call_named("next_color", "<Paint2>)<Paint>", "GREEN"), c(BLUE = 6L))
  expect_identical(call_named("same_size_t", "<Count>)<Count>", 77),
                   call_named("same_size_t", "<size_t>)<size_t>", 77))
  expect_identical(call_named("turn_pen", "<Nib>)<Nib>", list(front = "RED"))$front, c(GREEN = 5L))
  parseStructInfos("Has{<Pair><Paint2><Op><PenRef>}d c f pen;")
  h <- new.struct(Has)
  h$d <- c(1, 2.5)
  h$c <- "BLUE"
  expect_identical(list(h$d, h$c, h$f), list(c(1, 2.5), c(BLUE = 6L), NULL))
  p <- new.struct(Pen)
  p$front <- "GREEN"
  h$pen <- p
  expect_identical(h$pen$front, c(GREEN = 5L))
  expect_error(h$pen <- new.struct(Has), class = "dyncall_error_argument")
  expect_error(parseTypedefs("Bad=<Nowhere2>; Use=<Bad>[2];", new.env()), class = "dyncall_error_type")
})

# ---- function pointers ----

test_that("a returned function is called with its own signature and passed on", {
  add <- call_named("pick", "i)*(ii)i", 0)
  mul <- call_named("pick", "i)*(ii)i", 1)
  expect_identical(c(add(3, 4), mul(3, 4)), c(7L, 12L))
  expect_null(call_named("pick", "i)*(ii)i", 2))
  expect_error(add(1), class = "dyncall_error_arity")
  expect_error(add(1, "2"), class = "dyncall_error_argument")
  expect_identical(call_named("apply", "*(ii)iii)i", mul, 6, 7), 42L)
  expect_identical(call_named("apply", "pii)i", add, 6, 7), 13L)
  expect_identical(call_named("apply", "*(ii)iii)i", NULL, 6, 7), -1L)
  expect_identical(call_named("apply", "*(ii)iii)i", function(a, b) a - b, 6, 7), -1L)
  expect_identical(call_named("same_op", "*(ii)i)*(ii)i", mul)(5, 6), 30L)
  # an R function through C and back, while its callback lives
  minus <- new.callback("ii)i", function(a, b) a - b)
  expect_identical(call_named("same_op", "*(ii)i)*(ii)i", minus)(5, 6), -1L)
  # functions that return functions
  pick <- call_named("picker", ")*(i)*(ii)i")
  expect_identical(pick(1)(8, 9), 72L)
  expect_null(pick(2))
  for (bad in list(1L, "add", list(sum), raw(8), TRUE)) {
    expect_error(call_named("apply", "*(ii)iii)i", bad, 1, 2), class = "dyncall_error_argument")
  }
})

test_that("function pointers are fields, alone and in arrays", {
  o <- call_named("make_ops", "i)<Ops>", 10)
  expect_identical(o$f(2, 3), 5L)
  expect_identical(o$more[[1]](2, 3), 6L)
  expect_null(o$more[[2]])
  expect_identical(call_named("run_ops", "*<Ops>)i", o), 12L * 10000L + 30L * 100L - 1L)
  o$f <- function(a, b) a - b
  o$more <- list(o$f, function(a, b) 7L)
  overwrite_garbage()
  expect_identical(call_named("run_ops", "*<Ops>)i", o), 80000L + 700L + 7L)
  expect_identical(call_named("run_ops_value", "<Ops>)i", o), 80707L)
  expect_identical(call_named("run_ops_value", "<Ops>)i", list(f = function(a, b) 3L, n = 1)), 30000L - 101L)
  o$f <- NULL
  expect_null(o$f)
  expect_error(o$f <- 5, class = "dyncall_error_argument")
  expect_error(o$more <- list(NULL), class = "dyncall_error_argument")
})
