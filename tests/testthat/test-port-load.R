test_that("pointers to functions are read at each call, and NULL is an error that says what to do", {
  port <- load_lines("Init: port_init", "[func]", "port_twice(i)i x @ptr=port_p_twice;", "port_init()v;",
                     "port_clear()v;", "port_lost(i)i x @ptr=port_p_gone;")
  clear <- port$port_clear
  on.exit(clear())
  for (round in 1:2) {
    error <- expect_error(port$port_twice(3L), class = "dyncall_error_symbol")
    expect_identical(conditionMessage(error),
                     paste0("expected the function port_twice, got a null pointer in the library's variable ",
                            "'port_p_twice', which port_init() fills"))
    port$port_init()
    expect_identical(port$port_twice(3L), 6L)
    clear()
  }
  expect_output(print(port$port_twice), "through a variable")
  expect_error(port$port_lost(1L), "got 'port_p_gone', which it does not have", class = "dyncall_error_symbol")
  expect_identical(dynmissing(port), "port_lost")
  port <- load_lines("[func]", "port_twice(i)i x @ptr=port_p_twice;")
  expect_error(port$port_twice(3L), "which its initialization fills", class = "dyncall_error_symbol")
})

test_that("addresses are asked of a function of the library, once", {
  port <- load_lines("[var]", "port_asked:i;", "[func]", "hidden_add(ii)i a b @get=port_get;",
                     "other(ii)i a b @get=port_get @sym=hidden_add;", "hidden_small()v @get=port_get;",
                     "hidden_none()v @get=port_get;", "late(i)i a @get=no_getter;", "own()v @get=own;")
  port$port_asked <- 0L
  expect_identical(port$hidden_add(2L, 3L), 5L)
  expect_identical(port$hidden_add(2L, 4L), 6L)
  expect_identical(port$port_asked, 1L)
  expect_identical(port$other(2L, 3L), 5L)
  for (name in c("hidden_small", "hidden_none")) {
    expect_error(port[[name]](), paste0("expected an address of '", name, "' from port_get, got none"),
                 class = "dyncall_error_symbol")
  }
  before <- port$port_asked
  expect_error(port$hidden_none(), class = "dyncall_error_symbol")
  expect_identical(port$port_asked, before + 1L)
  expect_error(port$late(1L), "no_getter", class = "dyncall_error_symbol")
  expect_error(port$own(), "another function", class = "dyncall_error_port")
  # a getter that the port declares is the one that is asked
  port <- load_lines("[func]", "hidden_add(ii)i a b @get=ask;", "ask(Z)*v name @sym=port_get;")
  expect_identical(port$hidden_add(2L, 3L), 5L)
  expect_identical(dynmissing(port), character())
})

test_that("a resolver is asked for what the library does not export", {
  port <- load_lines("Resolver: port_get", "[var]", "port_asked:i;", "[func]", "hidden_add(ii)i a b;",
                     "port_add(ii)i a b;", "nowhere()v;", "port_get(Z)p name;")
  before <- port$port_asked
  expect_identical(port$port_add(1L, 2L), 3L)
  expect_identical(port$port_asked, before)
  expect_identical(port$hidden_add(1L, 2L), 3L)
  expect_identical(port$port_asked, before + 1L)
  expect_error(port$nowhere(), "expected an address of 'nowhere' from port_get", class = "dyncall_error_symbol")
})

test_that("a port can have several libraries", {
  file <- port_file(c(paste("Library2:", fixture_file("port2")), "Library3: no-such-library", "Package3: deb:libnone1",
                      "[func]", "port_add(ii)i a b;", "second(ii)i a b @sym=port_add @lib=2;", "port2_only()i @lib=2;",
                      "lost(i)i a @lib=3;", "[var]", "port2_counter:i @lib=2;", "counter:i @sym=port_counter @lib=1;"))
  on.exit(unlink(dirname(file), recursive = TRUE))
  port <- dynport(fixture, file, attach = FALSE)
  expect_identical(port$port_add(1L, 2L), 3L)
  expect_identical(port$second(1L, 2L), 5003L)
  expect_identical(port$port2_only(), 2L)
  expect_identical(port$port2_counter, 9L)
  expect_identical(port$counter, 5L)
  # looking at a function is no error, calling it is, each time
  expect_output(print(port$lost), "cannot be called.*no-such-library.*libnone1")
  expect_silent(for (i in 1:2) expect_error(port$lost(1L), "libnone1", class = "dyncall_error_library"))
  expect_identical(dynmissing(port), "lost")
})

test_that("a port loads when one of its libraries is there", {
  lines <- c(paste("Library2:", fixture_file("port2")), "[func]", "port_add(ii)i a b;", "port2_only()i @lib=2;")
  file <- port_file(c("Probe: never=port_has(Zi)i \"x\" 1", lines, "[const never]", "A=1;"), library = "no-such-library")
  on.exit(unlink(dirname(file), recursive = TRUE))
  port <- dynport(fixture, file, attach = FALSE)
  expect_identical(port$port2_only(), 2L)
  expect_error(port$port_add(1L, 2L), "no-such-library", class = "dyncall_error_library")
  expect_identical(dynmissing(port), "port_add")
  expect_identical(ls(port), c("port2_only", "port_add"))
  ports <- dynports(dirname(file))
  expect_identical(ports$library[ports$port == "fixture"], fixture_file("port2"))
  none <- port_file(c("Library2: neither-this", "[const]", "A=1;"), library = "no-such-library")
  on.exit(unlink(dirname(none), recursive = TRUE), add = TRUE)
  expect_error(dynport(fixture, none), "no-such-library", class = "dyncall_error_library")
  # seen by no file, but known to the loader
  self <- port_file(c("Library2: self", "[func]", "abs(i)i n @lib=2;"), library = "no-such-library")
  on.exit(unlink(dirname(self), recursive = TRUE), add = TRUE)
  expect_identical(dynport(fixture, self, attach = FALSE)$abs(-2), 2L)
})

test_that("what the installed library lacks is reported by name, and listed", {
  port <- load_lines("[func]", "port_add(ii)i a b;", "port_new(i)i a @since=3.1;", "renamed(i)i a @sym=port_v2;",
                     "[var]", "port_counter:i;", "port_novar:i;")
  expect_identical(dynmissing(port), c("port_new", "renamed", "port_novar"))
  expect_error(port$port_new(1L), "^port_new, which came with version 3.1: expected a symbol of .*got 'port_new'",
               class = "dyncall_error_symbol")
  expect_error(port$renamed(1L), "^renamed: expected a symbol of .*got 'port_v2'", class = "dyncall_error_symbol")
  expect_error(port$port_novar, "^variable port_novar: expected a symbol", class = "dyncall_error_symbol")
  expect_error(port$port_novar <- 1L, "^variable port_novar: expected a symbol", class = "dyncall_error_symbol")
  expect_identical(dynmissing(load_lines("[func]", "port_new(i)i a;", "[const]", "port_new=1;")), character())
  expect_error(dynmissing("no such port"), "a loaded port", class = "dyncall_error_argument")
  expect_error(dynmissing(globalenv()), "a loaded port", class = "dyncall_error_argument")
})

test_that("printing a function tells its attributes", {
  port <- load_lines("[func]", "port_add(ii)i a b @since=1.2 @deprecated=port_add_v2;", "port_length(Z)i text @deprecated;")
  expect_output(print(port$port_add), "int port_add(int a, int b)", fixed = TRUE)
  expect_output(print(port$port_add), "<since version 1.2, deprecated: port_add_v2>", fixed = TRUE)
  expect_output(print(port$port_length), "<deprecated>", fixed = TRUE)
})

test_that("aliases are functions, constants, types and variables", {
  port <- load_lines("[const]", "ONE=1;", "[enum]", "shade{DARK=-1};", "[struct]", "point{ii}x y;", "[var]",
                     "port_counter:i;", "[alias]", "plus=port_add;", "sum=plus;", "UN=ONE;", "BLACK=DARK;", "spot=point;",
                     "dot=spot;", "counter=port_counter;", "count=counter;", "[func]", "port_add(ii)i a b;",
                     "port_swap(<dot>)<spot> p;", "port_read_counter()i;")
  expect_identical(port$sum, port$port_add)
  expect_identical(port$sum(1L, 2L), 3L)
  expect_identical(c(port$UN, port$BLACK), c(1L, -1L))
  expect_identical(port$dot$size, 8)
  expect_identical(as.list(port$port_swap(list(x = 1L, y = 2L))), list(x = 2L, y = 1L))
  old <- port$port_counter
  port$count <- 77L
  expect_identical(c(port$counter, port$port_counter, port$port_read_counter()), c(77L, 77L, 77L))
  port$port_counter <- old
})

test_that("an alias that leads nowhere or in a circle is an error where it is used", {
  port <- load_lines("[alias]", "lost=nothing;", "a=b;", "b=a;", "self=self;", "[const]", "A=1;")
  # R warns when what has failed is tried again: b is what a is
  for (case in list(c("lost", "5", "nothing"), c("self", "8", "self"), c("b", "6", "b"))) {
    error <- expect_error(port[[case[1L]]], class = "dyncall_error_port")
    expect_match(conditionMessage(error), paste0("^fixture.dynport:", case[2L], ": alias .*got '", case[3L], "'"))
    expect_identical(error$line, as.integer(case[2L]))
  }
  expect_identical(port$A, 1L)
})

test_that("later declarations override earlier ones, of any kind", {
  port <- load_lines("[const]", "A=1;", "B=1;", "C=1;", "D=1;", "[struct]", "point{dd}x y;", "S{i}a;", "[func]",
                     "port_add(ii)i a b;", "f(ii)i a b @sym=port_add;", "[var]", "B:i @sym=port_counter;",
                     "port_ratio:d;", "V:i @sym=port_counter;", "[alias]", "D=A;", "E=A;", "[const unix|windows]", "A=2;",
                     "f=3;", "V=4;", "E=5;", "[struct unix|windows]", "point{ii}x y;", "[type unix|windows]", "S=d;",
                     "[func unix|windows]", "C(ii)i a b @sym=port_add;", "port_add(ii)i a b @sym=port_add_v2;",
                     "port_swap(<point>)<point> p;", "[var unix|windows]", "port_ratio:d;")
  expect_identical(mget(c("A", "f", "V", "D", "E"), envir = port), list(A = 2L, f = 3L, V = 4L, D = 2L, E = 5L))
  expect_identical(port$C(1L, 2L), 3L)
  expect_identical(port$B, 5L)
  expect_true(bindingIsActive("B", port))
  expect_false(bindingIsActive("V", port))
  expect_identical(port$port_add(1L, 2L), 1003L)
  expect_identical(port$point$size, 8)
  expect_identical(port$S$type, "base")
  expect_identical(as.list(port$port_swap(list(x = 1L, y = 2L))), list(x = 2L, y = 1L))
  expect_identical(port$port_ratio, 0.25)
})

test_that("names have any length, and quotes and signs stand in strings", {
  long <- strrep("n", 300)
  port <- load_lines("[const]", paste0(long, "=5;"), 'A="say \\"x @since=1\\" now";', 'B="\\\\ @since" @since=2;')
  expect_identical(port[[long]], 5L)
  expect_identical(port$A, "say \"x @since=1\" now")
  expect_identical(port$B, "\\ @since")
})

test_that("a type and a function may have the same name, as in C", {
  lines <- c("[struct]", "port_both{i}value;", "[func]", "port_both(<port_both>)i b;")
  port <- load_lines(lines)
  expect_true(is.function(port$port_both))
  expect_identical(port$port_both(list(value = 8L)), 8L)
  file <- port_file(lines)
  on.exit({ detach_port("fixture"); unlink(dirname(file), recursive = TRUE) })
  dynport(fixture, file)
  both <- new.struct("port_both")
  both$value <- 9L
  expect_identical(eval(quote(port_both(x)), list(x = both), globalenv()), 9L)
  port <- load_lines("[func]", "port_both(<port_both>)i b;", "[struct]", "port_both{i}value;")
  expect_identical(port$port_both(list(value = 7L)), 7L)
})

test_that("anonymous members and lifted types have the names that C gives them", {
  port <- load_lines("[struct]", "port_nested.hidden.u|if}i f;",
                     "port_nested.hidden{i<port_nested.hidden.u>}fd .;", "port_nested{i<port_nested.hidden>}kind hidden;",
                     "[func]", "port_nested_fd(*<port_nested>)i n;")
  nested <- new.struct(port$port_nested)
  nested$hidden$fd <- 12L
  nested$hidden$i <- 5L
  expect_identical(port$port_nested_fd(nested), 12L)
  expect_identical(nested$hidden$i, 5L)
  expect_true("port_nested.hidden" %in% ls(port))
})

test_that("variables have any type; const ones are only read", {
  port <- load_lines("[struct]", "point{ii}x y;", "[var]", "port_limit:ki;", "port_fixed:k<point>;", "port_table:i[3];",
                     "port_counter:i;", "[func]", "port_sum(i*ki)i n values;")
  expect_identical(port$port_limit, 12L)
  expect_error(port$port_limit <- 1L, "variable port_limit: expected no new value", class = "dyncall_error_argument")
  expect_identical(port$port_fixed$y, 8L)
  expect_error(port$port_fixed$y <- 3L, "const", class = "dyncall_error_pointer")
  expect_error(port$port_fixed <- list(x = 1L, y = 2L), "being const", class = "dyncall_error_argument")
  expect_identical(port$port_fixed$y, 8L)
  expect_identical(port$port_table, 1:3)
  port$port_table <- c(4L, 5L, 6L)
  expect_identical(port$port_sum(3L, port$port_table), 15L)
  port$port_table <- 1:3
  error <- expect_error(port$port_counter <- "many", "^variable port_counter: expected", class = "dyncall_error_argument")
  expect_null(conditionCall(error))
})

test_that("probes choose what is declared", {
  lines <- c("[type]", "real=f;", "[type wide]", "real=d;", "[func]", "port_half(<real>)<real> x;", "[const]", "P=1;",
             "[const !wide]", "P=2;")
  file <- port_file(c('Probe: wide=port_has(Zi)i "with double" 2', lines))
  port <- dynport(fixture, file, attach = FALSE)
  expect_identical(port$real$size, 8)
  expect_identical(port$port_half(3), 1.5)
  expect_identical(port$P, 1L)
  port <- load_lines('Probe: wide=port_has(Zi)i "with single" 2', lines)
  expect_identical(port$real$size, 4)
  expect_identical(port$P, 2L)
  # a library that does not have the function says no
  expect_identical(load_lines("Probe: wide=port_never()i", lines)$P, 2L)
  # the library has to be there to be asked
  lost <- port_file(c("Probe: wide=port_never()i", lines), library = "no-such-library")
  on.exit(unlink(dirname(c(file, lost)), recursive = TRUE))
  expect_error(dynport(fixture, lost), "no-such-library", class = "dyncall_error_library")
})

test_that("the version of the library can be asked for", {
  lines <- c("[const version>=2.5]", "NEW=1;", "[const version<2.5]", "OLD=1;")
  port <- load_lines("Version: 2.4", "Probe: version=port_version()Z", lines)
  expect_identical(ls(port), "NEW")
  expect_output(print(port), "fixture 2.5.1", fixed = TRUE)
  expect_identical(ls(load_lines("Version: 2.4", lines)), "OLD")
  expect_identical(ls(load_lines("Version: 2.4", "Min-Version: 2.5.0", "Probe: version=port_version()Z", lines)), "NEW")
  expect_error(load_lines("Min-Version: 2.6", "Probe: version=port_version()Z"),
               "fixture.dynport: expected .* of version 2.6 or later, got version 2.5.1", class = "dyncall_error_library")
  # unknown versions are no reason to refuse
  expect_identical(load_lines("Min-Version: 99", "Probe: version=port_never()Z", "[const]", "A=1;")$A, 1L)
})

test_that("errors of types name the line that is wrong", {
  port <- load_lines("[struct]", "whole{i}a;", "lost{<nowhere>}a;", "[enum]", "twice{A A};", "[type]", "open=<nowhere>;")
  expect_identical(port$whole$size, 4)
  for (case in list(c("lost", "6", "struct", "type"), c("twice", "8", "enum", "signature"))) {
    error <- expect_error(port[[case[1L]]], class = paste0("dyncall_error_", case[4L]))
    expect_match(conditionMessage(error), paste0("^fixture.dynport:", case[2L], ": ", case[3L], " '", case[1L], "': "))
    expect_identical(error$line, as.integer(case[2L]))
    expect_null(conditionCall(error))
  }
})

test_that("a type that contains itself is an error, also the second time", {
  port <- load_lines("[struct]", "A{i<B>}x y;", "B{<C>[2]}x;", "Self{<Self>}x;", "Fine{*<Fine>i}next n;", "[type]",
                     "C=<A>;", "[func]", "f(<A>)v a;")
  for (round in 1:2) {
    for (name in c("A", "B", "C", "Self")) {
      expect_error(suppressWarnings(port[[name]]), "does not contain itself", class = "dyncall_error_type")
    }
    expect_error(suppressWarnings(port$f(1)), class = "dyncall_error_type")
  }
  expect_identical(port$Fine$size, 2 * as.numeric(.Machine$sizeof.pointer))
})

test_that("signatures may have the prefixes of older ports", {
  port <- load_lines("[func]", "port_add(_cii)i a b;", "plus(_sii)i a b @sym=port_add_v2;")
  expect_identical(port$port_add(1L, 2L), 3L)
  if (.Machine$sizeof.pointer == 8L) expect_identical(port$plus(1L, 2L), 1003L)
  expect_output(print(port$plus), "port_add_v2|plus")
})
