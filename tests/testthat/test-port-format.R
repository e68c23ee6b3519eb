test_that("a file can be read as other platforms would", {
  lines <- c("[const windows]", "A=1;", "[const linux|darwin]", "A=2;", "[const 64 & !windows]", "B=64;",
             "[const llp64]", "B=65;", "[const aarch64]", "C=1;")
  expect_identical(constants_in(lines, c("windows", "llp64", "64", "x86_64")), list(A = 1L, B = 65L))
  expect_identical(constants_in(lines, c("unix", "linux", "lp64", "64", "aarch64")), list(A = 2L, B = 64L, C = 1L))
  expect_identical(constants_in(lines, "bsd"), setNames(list(), character()))
  expect_identical(constants_in(c("[const mine]", "A=1;"), "mine"), list(A = 1L))
  expect_error(constants_in(c("[const mine]", "A=1;"), "linux"), class = "dyncall_error_port")
  expect_true(any(c("32", "64") %in% rdyncall:::platform_words()))
})

test_that("conditions on the version compare numbers, not text", {
  holds <- function(condition, version = NULL, header = "Version: 2.10") {
    words <- c("linux", if (!is.null(version)) paste0("version=", version))
    length(constants_in(c(header, paste0("[const ", condition, "]"), "A=1;"), words)) == 1L
  }
  expect_true(holds("version>=2.9"))
  expect_true(holds("version >= 2.10.0"))
  expect_false(holds("version<2.10"))
  expect_true(holds("version=2.10"))
  expect_false(holds("version!=2.10"))
  expect_false(holds("version>=2.9", "2.8"))
  expect_true(holds("version<2.9", "2.8.1-3"))
  expect_true(holds("version<2.9&linux|windows", "2.8"))
  expect_false(holds("version>2.9.0", "2.9"))
  expect_error(holds("version>1", header = "Note: none"), "header 'Version:' before", class = "dyncall_error_port")
})

test_that("lines that do not hold are checked for form", {
  for (line in list(c("const", "A=;"), c("enum", "E{A=};"), c("type", "T=?;"), c("struct", "S{i}a b;"),
                    c("var", "v:?;"), c("alias", "a=;"), c("func", "f(?)v;"), c("func", "f()v @sim=g;"))) {
    error <- expect_error(constants_in(c(paste0("[", line[1L], " windows]"), line[2L]), "linux"),
                          class = "dyncall_error_port", info = line[2L])
    expect_identical(error$line, 3L, info = line[2L])
  }
  error <- expect_error(constants_in("Library[windows]:", "linux"), class = "dyncall_error_port")
  expect_identical(error$line, 2L)
})

test_that("each error names the file, the line, what was expected and what came", {
  rows <- list(
    list("Libary: x", "expected a header (Port, Title", "got 'Libary'"),
    list("Version: new", "expected a version number", "got 'new'"),
    list("Port: two words", "expected one name behind ':'", "got 'two words'"),
    list("Package: libfoo", "expected system packages", "got 'libfoo'"),
    list("Probe: f()i", "expected word=function(signature) arguments", "got 'f()i'"),
    list("Probe: w=f(i)i", "expected an integer in the range of its letter", "got nothing"),
    list("Probe: w=f(Z)i 5", "expected an argument of the type in the signature", "got '5'"),
    list("Probe: w=f()i 5", "expected as many arguments as types", "got '5'"),
    list("Probe: w=f()Z", "expected a function that returns an integer", "got ')Z'"),
    list("Probe: version=f()i", "expected a function that returns a string", "got ')i'"),
    list("Note[beos]: x", "expected a word for a platform", "got 'beos'"),
    list(c("[const]", "A=1 @old;"), "expected an attribute (@since @deprecated @x-...)", "got '@old'"),
    list(c("[const]", "A=300C;"), "expected an integer in the range of its letter", "got '300C'"),
    list(c("[const]", "A B=1;"), "expected NAME=...", "got 'A B=1'"),
    list(c("[enum]", "E:C{A=256};"), "expected values in the range of the enum's integer type", "got 'E:C{A=256}'"),
    list(c("[enum]", "E:q{A};"), "expected the letter of an integer type", "got 'q'"),
    list(c("[enum]", "E{A-B};"), "expected the name of a constant", "got 'A-B'"),
    list(c("[struct]", "S T{i}a;"), "expected the name of a struct or union", "got 'S T{i}a'"),
    list(c("[struct]", "S{i}a @pack=3;"), "expected a power of two", "got @pack=3"),
    list(c("[alias]", "a=b c;"), "expected a name behind '='", "got 'b c'"),
    list(c("[func]", "f()v @lib=2;"), "expected the number of a header Library2", "got '@lib=2'"),
    list(c("[func]", "f()v @sym=a @sym=b;"), "expected each attribute once", "got '@sym=b'"),
    list(c("[func]", "f()v @since=new;"), "expected a version number", "got '@since=new'"),
    list(c("[var]", "v:i @cc=cdecl;"), "expected an attribute of variables", "got '@cc=cdecl'"))
  for (row in rows) {
    message <- paste0("text:", length(row[[1L]]) + 1L, ": ", row[[2L]])
    error <- expect_error(constants_in(row[[1L]], "linux"), class = "dyncall_error_port", info = row[[1L]])
    expect_match(conditionMessage(error), message, fixed = TRUE, info = row[[1L]])
    expect_match(conditionMessage(error), row[[3L]], fixed = TRUE, info = row[[1L]])
    expect_identical(error$line, length(row[[1L]]) + 1L, info = row[[1L]])
  }
})

test_that("text is UTF-8; strings hold any bytes but nul", {
  title <- "Title: na\u00efve \u2713"
  records <- rdyncall:::scan_port(c("#!dynport 2", title))
  expect_identical(records$body, "na\u00efve \u2713")
  expect_identical(Encoding(records$body), "UTF-8")
  latin <- c(charToRaw("#!dynport 2\nTitle: na"), as.raw(0xef), charToRaw("ve\n"))
  error <- expect_error(rdyncall:::scan_port(latin), "got the byte 0xef", class = "dyncall_error_port")
  expect_identical(error$line, 2L)
  constants <- constants_in(c("[const]", 'A="\\xc3\\xa9";', 'B="\\xff\\x01";', 'C="tab\\t";'), "linux")
  expect_identical(constants$A, "\u00e9")
  expect_identical(charToRaw(constants$B), as.raw(c(0xff, 1)))
  expect_identical(Encoding(constants$B), "bytes")
  expect_identical(constants$C, "tab\t")
})

test_that("constants have the types of their letters", {
  constants <- constants_in(c("[const]", "A=1B;", "B=0B;", "C=5L;", "D=-5l;", "E=0xffffffffI;", "F=200C;", "G=7j;",
                              "H=-0x80000000i;", "I=0x20000000000001L;", "J=18446744073709551615L;",
                              "K=-9007199254740993l;"), "linux")
  expect_identical(constants[1:8], list(A = TRUE, B = FALSE, C = 5, D = -5, E = 4294967295, F = 200L, G = 7L,
                                        H = -2147483648))
  expect_s3_class(constants$I, "integer64")
  expect_s3_class(constants$J, "uint64")
  expect_s3_class(constants$K, "integer64")
  expect_identical(format(constants$J), "18446744073709551615")
  need_package_or_skip("bit64")
  expect_identical(bit64::as.character.integer64(constants$I), "9007199254740993")
  expect_identical(bit64::as.character.integer64(constants$K), "-9007199254740993")
})

test_that("labels are exact, as constants and in their enum", {
  port <- load_lines("[enum]", "big{ONE=1 MOST=18446744073709551615};", "odd:l{LEAST=-9007199254740993 NULL_=0};",
                     "u:I{HIGH=0xffffffff};", "[func]", "port_is_max(<big>)i x;")
  expect_identical(port$ONE, 1L)
  expect_s3_class(port$MOST, "uint64")
  expect_identical(port$port_is_max("MOST"), 1L)
  expect_identical(port$port_is_max("ONE"), 0L)
  expect_identical(port$HIGH, 4294967295)
  expect_s3_class(port$LEAST, "integer64")
  expect_identical(port$odd$size, 8)
})

test_that("records know their place, so that each can be read alone", {
  file <- rdyncall:::find_port("expat", rdyncall:::port_dirs())
  bytes <- rdyncall:::read_bytes(file)
  records <- rdyncall:::read_port(file)
  lines <- readLines(file)
  for (i in which(!records$kind %in% c("header", "label"))) {
    one <- rdyncall:::port_line(bytes, "expat", records$at[i], records$kind[i])
    expect_identical(c(one$name, one$body, one$line), c(records$name[i], records$body[i], records$line[i]),
                     info = lines[records$line[i]])
  }
  enum <- which(records$kind == "enum")[1L]
  one <- rdyncall:::port_line(bytes, "expat", records$at[enum], "enum")
  expect_identical(one$labels, records$name[enum + seq_along(one$labels)])
  expect_identical(as.numeric(one$values), records$value[enum + seq_along(one$labels)])
  for (at in c(0L, 1L, length(bytes), .Machine$integer.max, -1L, NA)) {
    expect_error(rdyncall:::port_line(bytes, "expat", at, "func"), class = "dyncall_error_port")
  }
})
