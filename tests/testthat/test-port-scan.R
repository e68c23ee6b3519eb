# What DynPort files may say: conditions on versions and probes, attributes, literals, enums, aliases, ways
# to addresses.

load_text <- function(..., library = fixture_file("asked"), head = "Port: asked") {
  folder <- tempfile("ports")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  file <- file.path(folder, "asked.dynport")
  writeLines(c("#!dynport 2", paste("Library:", library), head, ...), file)
  dynport(asked, file, attach = FALSE)
}

# Each line behind those of the section is refused as line 4 + the number of lines before it.
expect_refused <- function(lines, before = character(), regexp = "expected", head = "Port: asked") {
  for (line in lines) {
    error <- expect_error(load_text(before, line, head = head), regexp, class = "dyncall_error_port",
                          info = line)
    expect_identical(error$line, 3L + length(head) - 1L + length(before) + 1L, info = line)
  }
}

test_that("conditions on the version compare numbers, not text", {
  holds <- function(condition, version = "1.10.2") {
    port <- load_text(paste0("[const ", condition, "]"), "A=1;", head = paste("Version:", version))
    exists("A", port, inherits = FALSE)
  }
  true <- c("version>=1.9", "version>1.9.99", "version>=1.10.2", "version==1.10.2", "version=1.10.2",
            "version<=1.10.2", "version<1.11", "version<2", "version!=1.10", "version >= 1.2", "version==1.10.2.0",
            "version<1.9|version>1.10.1", "unix|windows&version>=1")
  false <- c("version<1.9", "version>1.10.2", "version==1.1", "version!=1.10.2", "version<1.10.2",
             "version>1.10.2.0", "version>=1.9&version<1.10")
  for (condition in true) expect_true(holds(condition), label = condition)
  for (condition in false) expect_false(holds(condition), label = condition)
  expect_true(holds("version==1.10", "1.10-rc1"))
  expect_refused(c("[const version]", "[const version~1]", "[const version>=x]", "[const version>=1.2345678901]",
                   "[const version>=]"), head = "Version: 1.2")
  expect_refused("[const version>=1]", regexp = "a header 'Version:' before")
})

test_that("probes ask the library, and their words hold in conditions", {
  head <- c("Version: 1.0", "Probe: version=asked_version(i)Z 1", "Probe: fine=asked_feature(Zd)i \"fine \\\"one\\\"\" 0.5",
            "Probe: other=asked_feature(Zd)i \"other\" 1", "Probe: gone=asked_nowhere()i")
  port <- load_text("[const version>=2.7.3]", "A=1;", "[const version>2.7.3]", "B=2;", "[const fine&!other]", "C=3;",
                    "[const other|gone]", "D=4;", "[const !gone]", "E=5;", head = head)
  expect_identical(sort(ls(port)), c("A", "C", "E"))
  expect_no_error(load_text(head = c(head, "Min-Version: 2.7")))
  error <- expect_error(load_text(head = c(head, "Min-Version: 2.10")), class = "dyncall_error_library")
  expect_match(conditionMessage(error), "2.10 or later, got version 2.7.3", fixed = TRUE)
  # an answer without a number leaves the version of the header
  old <- load_text("[const version==1]", "A=1;", head = c("Version: 1.0", "Probe: version=asked_version(i)Z 2"))
  expect_identical(old$A, 1L)
  bad <- c("Probe: version", "Probe: version=f", "Probe: =f()i", "Probe: a b=f()i", "Probe: word=f(?)i",
           "Probe: version=asked_version(i)i 1", "Probe: word=f()Z", "Probe: word=f(i)i", "Probe: word=f(i)i 1 2",
           "Probe: word=f(i)i \"a\"", "Probe: word=f(Z)i 1", "Probe: word=f(i)i 0.5", "Probe: word=f(p)i 1",
           "Probe: linux=f()i", "Probe: word=f(Z)i \"open", "Probe: (=f()i")
  for (line in bad) expect_refused(line)
})

test_that("headers have the form of their kind", {
  expect_no_error(load_text(head = c("Port: asked", "Title: any text: at all", "X-Mine: anything", "Package:",
                                     "Package: deb:liba rpm:b", "Library2: nowhere", "Package2: deb:c",
                                     "Note[!unix|unix]: yes")))
  expect_refused(c("Colour: red", ": value", "Library2[unix: x", "Title[unix]x: y", "Title[beos]: y", "Port: two words",
                   "Port:", "Version: beta", "Version: 1 2", "Min-Version: .5", "Import:", "Package: deb", "Package: :b",
                   "Package: deb:", "Library1: x", "Library0: x", "X-: y", "no header"))
})

test_that("attributes are known, of the kind of declaration, once and in form", {
  good <- c("[func]", "asked_plain(i)i x @since=1.2 @deprecated @x-mine=any;", "[struct]",
            "s{ci}a b @pack=1 @deprecated=t;", "[enum]", "e{A B=4} @flags;", "[const]", "S=\"a @b\" @since=3;", "[alias]",
            "t=s @x-y;", "[var]", "limit:ki @sym=asked_limit;")
  port <- load_text(good)
  expect_identical(port$asked_plain(1L), 2L)
  expect_identical(port$s$size, 5)
  expect_identical(port$S, "a @b")
  expect_identical(port$limit, 12L)
  expect_error(port$limit <- 1L, class = "dyncall_error_argument", regexp = "const")
  expect_identical(port$t$size, 5)
  declared <- list("[func]" = "f(i)i x %s;", "[struct]" = "s{i}a %s;", "[enum]" = "e{A} %s;", "[const]" = "C=1 %s;",
                   "[var]" = "v:i %s;", "[alias]" = "a=b %s;", "[type]" = "t=i %s;")
  bad <- list("[func]" = c("@pack=1", "@sym", "@sym=", "@sym=a @sym=b", "@since=new", "@deprecated=", "@lib=2", "@lib=x",
                           "@lib=10", "@nothing", "@sym=a word", "@x-"),
              "[struct]" = c("@sym=a", "@ms=1", "@pack=3", "@pack=", "@pack"), "[enum]" = c("@flags=1", "@cc=c"),
              "[const]" = "@sym=a", "[var]" = c("@cc=s", "@flags"), "[alias]" = "@sym=a", "[type]" = "@pack=1")
  for (section in names(bad)) expect_refused(sprintf(declared[[section]], bad[[section]]), section)
})

test_that("a second library is named by its number", {
  port <- load_text("[func]", "id_i(i)i x @lib=2;", "asked_plain(i)i x @lib=1;", "lost(i)i x @lib=3;",
                    head = c(paste("Library2:", fixture_file("calls")), "Library3: nowhere", "Package3: deb:libnowhere3"))
  expect_identical(port$id_i(5L), 5L)
  expect_identical(port$asked_plain(5L), 6L)
  expect_error(port$lost(1L), "libnowhere3", class = "dyncall_error_library")
})

test_that("literals are exact and in the range of their letter", {
  good <- list("1B" = TRUE, "0B" = FALSE, "255C" = 255L, "-128c" = -128L, "-2147483648i" = -2147483648,
               "4294967295I" = 4294967295, "0XffS" = 255L, "1e3" = 1000, "1.5f" = 1.5, "2.5d" = 2.5, "-.5" = -0.5,
               "\"\"" = "", "\"\\x41\\n\\'\"" = "A\n'", "\"\u00e9\"" = "\u00e9", "-0" = 0L)
  for (text in names(good)) {
    expect_identical(load_text("[const]", paste0("A=", text, ";"))$A, good[[text]], label = text)
  }
  bytes <- load_text("[const]", "A=\"\\xff\\xfe\";")$A
  expect_identical(charToRaw(bytes), as.raw(c(0xff, 0xfe)))
  expect_identical(Encoding(bytes), "bytes")
  expect_identical(format(load_text("[const]", "A=18446744073709551615;")$A), "18446744073709551615")
  expect_identical(.dyncall(.dynsym(fixture("callback"), "through_l"), "*(l)ll)l", identity, load_text("[const]",
                   "A=-9223372036854775808l;")$A), -2^63)
  bad <- c("2B", "-1B", "256C", "-1C", "128c", "-129c", "32768s", "2147483648i", "-2147483649i", "4294967296I",
           "9223372036854775808l", "-9223372036854775809l", "18446744073709551616", "-1L", "0x", "0x1ffffffffffffffff",
           "1q", "1.5x", "e5", "--1", "\"", "\"a", "\"a\"b\"", "\"\\q\"", "\"\\x4\"", "\"\\x00\"", "\"\\xzz\"", "\"a\\\"",
           "99999999999999999999999")
  expect_refused(sprintf("A=%s;", bad), "[const]")
})

test_that("the integer type of an enum holds its values", {
  sizes <- c("e{A=-1 B}" = "i", "e{A=3000000000}" = "I", "e{A=-1 B=3000000000}" = "l", "e{A=0x100000000}" = "L",
             "e:c{A=-128 B=127}" = "c", "e:B{A B}" = "B", "e:S{A=65535}" = "S", "e{}" = "i",
             "e:l{A=9223372036854775807 B=-9223372036854775808}" = "l", "e:J{A}" = "J")
  for (text in names(sizes)) {
    port <- load_text("[enum]", paste0(text, ";"))
    expect_identical(port$e$size, parseTypedefs(paste0("T=", sizes[[text]], ";"))$T$size, label = text)
  }
  port <- load_text("[enum]", "big{MOST=18446744073709551615 NONE=0};", "low{LEAST=-9223372036854775808};",
                    "[enum version>1]", "off{GONE};", head = "Version: 1")
  expect_identical(format(port$MOST), "18446744073709551615")
  expect_identical(port$LEAST, -2^63)
  expect_false(exists("GONE", port, inherits = FALSE))
  x <- new.array(port$big, 1)
  x[1] <- "MOST"
  expect_identical(.unpack(x, 0, "C[8]"), as.raw(rep(0xff, 8)))
  y <- new.array(port$low, 1)
  y[1] <- "LEAST"
  expect_identical(.unpack(y, 0, "C[8]"), as.raw(c(rep(0, 7), 0x80)))
  expect_refused(c("e:c{A=128};", "e:C{A=-1};", "e:B{A=2};", "e:i{A=0x80000000};", "e:x{A};", "e:{A};", "1e{A};",
                   "e{A=18446744073709551615 B};", "e{A=-1 B=0x8000000000000000};", "e{=1};", "e{A=};", "e{A=-};",
                   "e{1A};", "e{A=-9223372036854775809};"), "[enum]")
})

test_that("names, bodies and records are one to a line", {
  expect_refused(c("1f(i)i x;", "f!(i)i;", "f(i)i x; g()v;", ";", "@since=1;"), "[func]")
  expect_refused(c("a{i}x;b{i}y;", "1a{i}x;", "a b{i}x;"), "[struct]")
  expect_refused(c("A=1x;", "1A=1;", "A B=1;", "=1;"), "[const]")
  expect_refused(c("a=1b;", "a=;", "a=b c;"), "[alias]")
  expect_refused(c("A=\u0001;", "A=\"\x80\";", "A=\"\xc0\x80\";", "A=\"\xed\xa0\x80\";", "A=\"\xf4\x90\x80\x80\";",
                   "A=\"\xe0\x80\x80\";", "A=\"\xe2\x82\";"), "[const]", "UTF-8")
  long <- paste0("A=x", strrep("\u00e9", 60), ";")
  expect_refused(long, "[const]", paste0("got 'x", strrep("\u00e9", 29), "...'")) # cut, but not within a character
})

test_that("aliases lead to variables and types, by way of others, and never in a circle", {
  port <- load_text("[struct]", "point{ii}x y;", "[type]", "number=i;", "[var]", "asked_limit:ki;", "[func]",
                    "asked_plain(i)i x;", "[alias]", "limit=most;", "most=asked_limit;", "place=spot;", "spot=point;",
                    "count=number;", "one=two;", "two=one;", "lost=nothing;", "plain=asked_plain;")
  expect_identical(c(port$limit, port$most), c(12L, 12L))
  expect_true(bindingIsActive("limit", port))
  expect_identical(c(port$place$size, port$spot$size, port$count$size), c(8, 8, 4))
  expect_identical(port$plain(1L), 2L)
  for (name in c("one", "lost")) {
    expect_error(get(name, envir = port), "alias '(one|two|lost)'", class = "dyncall_error_port")
  }
  use <- load_text("[struct]", "point{ii}x y;", "line{<spot><spot>}a b;", "[alias]", "spot=point;")
  expect_identical(use$line$size, 16)
})

test_that("functions are asked for, or read from variables", {
  port <- load_text("[func]", "hidden(i)i x @get=asked_lookup;", "refused(i)i x @get=asked_lookup;",
                    "unknown(i)i x @get=asked_lookup;", "itself(i)i x @get=itself;", "later(i)i x @ptr=asked_pointer;",
                    "nowhere(i)i x @since=9.1;", "asked_init()v;", "other(i)i x @sym=asked_other;",
                    head = "Init: asked_init")
  expect_identical(port$hidden(1L), 101L)
  for (name in c("refused", "unknown")) {
    expect_error(port[[name]](1L), paste0(name, ".*asked_lookup|asked_lookup.*", name), class = "dyncall_error_symbol")
  }
  expect_error(port$itself(1L), "another function", class = "dyncall_error_port")
  expect_error(port$nowhere(1L), "version 9.1", class = "dyncall_error_symbol")
  expect_error(port$other(1L), "^other: .*asked_other", class = "dyncall_error_symbol")
  expect_error(port$later(1L), "asked_init()", fixed = TRUE, class = "dyncall_error_symbol")
  port$asked_init()
  expect_identical(port$later(1L), 101L)
  all <- load_text("[func]", "hidden(i)i x;", "asked_plain(i)i x;", "refused(i)i x;", head = "Resolver: asked_lookup")
  expect_identical(c(all$hidden(1L), all$asked_plain(1L)), c(101L, 2L))
  expect_error(all$refused(1L), class = "dyncall_error_symbol")
})
