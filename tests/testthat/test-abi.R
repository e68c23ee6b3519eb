# Random signatures through .dyncall() and new.callback(): what C receives and R gets equals the direct
# call in C. dev/abi runs the same in large numbers and shrinks what fails to lines like those below.

test_that("random signatures of a fixed seed equal the direct call", {
  found <- abi_failing_lines("abi_fixed", 500L, 1L)
  expect_identical(found$failed, character())
  expect_lt(found$refused, 50)
})

test_that("random signatures of a fresh seed equal the direct call", {
  set.seed(NULL)
  seed <- sample.int(1e9L, 1L)
  cat("\nabi: fresh seed", seed, "\n")
  found <- abi_failing_lines("abi_fresh", 100L, seed)
  expect_identical(found$failed, character(), info = paste("seed", seed))
})

test_that("signatures that once failed equal the direct call", {
  lines <- list(
    # one of two registers is padding
    abi_line("A|l}x @align=16; B{ii}x y;", "<A>ii<B>i)<A>", 1),
    abi_line("A{d}x @align=16;", "<A>d<A>)<A>", 2),
    # the last general register next to a vector register that is in use
    abi_line("A{Lf}x y;", "fiiiii<A>d)<A>", 185007263),
    abi_line("A{B<float complex>}x y;", "diiiii<A>)<A>", 1755218167),
    # a long double alone, and too large for registers
    abi_line("A{D}x; B{<A>}x;", "<A><B>D)<B>", 3),
    # unions of classes
    abi_line("A|f[3]i}x y; B|dp}x y; C|Ds}x y;", "<A><B><C>)<A>", 1737310520),
    # an inner union that goes through memory
    abi_line("A|pD}x y @pack=4; B|<A>p[2]}x y;", "i<B>d)<B>", 7),
    # a result that is aligned further than the stack is
    abi_line("A{d}x @align=64;", "d)<A>", 4),
    # members off their alignment go through memory
    abi_line("A{cd}x y @pack=1; B{<A>f}x y @pack=2;", "<A><B>d)<B>", 5),
    # a width of zero ends a unit in packed records, too
    abi_line("A{L:2L:0c}x _ y @pack=1;", "<A>)<A>", 6),
    # gcc takes a bit-field of no width for an integer, in unions only
    abi_line("A|i:0<double complex>}_ x; B{i:0<double complex>}_ x; C|di:0}x _; D{f<C>}x y;",
             "J<A>*d<B><C><D>)<A>", 795320957),
    abi_line("A|c:0<float complex>}_ x; B|L:0d}_ x; C{B<B>}x y;", "<A><C>d<B>)<B>", 11),
    # gcc takes the bit-fields of unions for the smallest integers that have room for them
    abi_line("A|B:1i:0}x _; B{<A>[5]}x @pack=4; C|cj:0}x _; D{C[9]<C>}x y;", "i<B>d<D>)<B>", 12),
    abi_line("A|ci:9}x y @pack=1; B{c<A>}x y @pack=1; C|ci:7}x y @pack=1; D{c<C>}x y @pack=1;",
             "i<B>d<D>)<B>", 13),
    abi_line("A|ci:9}x y @pack=1; B{c<A>}x y @pack=1; C|ci:7}x y @pack=1; D{c<C>}x y @pack=1;",
             "<B><D>)<D>", 14))
  wrong <- abi_run_lines("abi_lines", lines)
  for (i in seq_along(wrong)) expect_identical(wrong[[i]], character(), info = names(wrong)[i])
})

test_that("x86-64 refuses what it cannot pass before anything is called, others pass it", {
  skip_on_windows()
  parseStructInfos("A{d}x @align=32; B{i:3}_;")
  if (R.version$arch != "x86_64") {
    id <- new.callback("<B>i<A>d)<A>", function(b, i, a, d) list(x = a$x + i + d))
    expect_identical(.dyncall(id, "<B>i<A>d)<A>", list(), 1L, list(x = 0.5), 2)$x, 3.5)
    lines <- list(abi_line("A{d}x @align=32;", "i<A>d<A>)<A>", 9),
                  abi_line("A{i}x @align=32; B{c<A>}x y;", "i<B>d<A>)<B>", 10))
    for (wrong in abi_run_lines("abi_far", lines)) expect_identical(wrong, character())
    return()
  }
  abs <- .dynsym(need_library_or_skip("c"), "abs")
  expect_error(.dyncall(abs, "<A>)i", list(x = 1)), class = "dyncall_error_type", regexp = "passes by value")
  expect_error(.dyncall(abs, "<B>)i", list()), class = "dyncall_error_type", regexp = "passes by value")
  expect_error(new.callback("<A>)i", function(a) 1L), class = "dyncall_error_type", regexp = "passes by value")
})

test_that("many arguments arrive", {
  source <- abi_source(TRUE)
  records <- abi_read_records("A{Bd}x y; U|if}x y;", source)
  texts <- c(strrep("i", 1000), strrep("d", 1000), strrep("sBfDc", 100), strrep("<A><U>", 50))
  signatures <- lapply(texts, function(text) abi_read_signature(paste0(text, ")d"), 7, source, records))
  unit <- abi_load(abi_unit_file("abi_long", records, signatures), records)
  for (i in seq_along(signatures)) expect_identical(abi_run(unit, signatures[[i]], i), character())
})

