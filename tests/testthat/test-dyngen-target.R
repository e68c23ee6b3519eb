all_targets <- c("x86_64-linux", "aarch64-linux", "i386-linux", "arm-linux", "x86_64-windows", "i386-windows",
                 "aarch64-darwin", "x86_64-darwin")

test_that("what targets share is plain, what differs has conditions", {
  need_libclang()
  text <- "#include <stddef.h>
#include <stdint.h>
#include <time.h>
#ifdef _WIN64
typedef long long word;
#else
typedef long word;
#endif
typedef word GLintptr;
#ifdef _WIN32
typedef unsigned __int64 SOCK;
int only_windows(int a);
#else
typedef int SOCK;
int only_unix(void);
#endif
typedef unsigned long uLong;
#if defined(_WIN32) || !defined(__LP64__)
typedef long long off64;
#else
typedef long off64;
#endif
uLong f(GLintptr a, SOCK b, off64 c, size_t d, int64_t e, time_t t);
struct S { long a; double d; SOCK s; };
#ifdef __APPLE__
struct S2 { int mac; };
#else
struct S2 { int other; };
#endif
#define K ((size_t)-1)
#define K2 ((size_t)5)
#define SIZE sizeof(long)
#if defined(__aarch64__) && defined(__linux__)
#define ARM_LINUX 1
#endif
enum e { A,
#ifdef _WIN32
  W = 5,
#endif
  B };"
  expect_port(text, targets = all_targets, c(
    "[const]", "K2=5L;", "K=0xffffffffffffffffL;", "SIZE=8J;", "[enum]", "e{A B};", "[type]", "SOCK=i;",
    "[struct]", "S{jd<SOCK>}a d s;", "S2{i}other;", "[func]", "f(<intptr_t><SOCK>l<size_t>l<time_t>)J a b c d e t;",
    "[enum windows]", "e{A W=5 B};", "[type windows]", "SOCK=L;", "[func windows]", "only_windows(i)i a;",
    "[func unix]", "only_unix()i;", "[struct darwin]", "S2{i}mac;", "[const 32]", "K=4294967295I;",
    "[const !lp64]", "SIZE=4L;", "[const linux&aarch64]", "ARM_LINUX=1;"))
})

test_that("va_list is va_list wherever it is an array, a struct or a pointer", {
  need_libclang()
  for (target in all_targets) {
    expect_port("#include <stdarg.h>\nvoid f(va_list a, va_list *b);", targets = target,
                c("[func]", "f(<va_list>*<va_list>)v a b;"))
  }
})

test_that("one target alone is the platform's", {
  need_libclang()
  expect_port("typedef long word; word f(word *w, unsigned long n);", "[func]" |> c("f(*jJ)j w n;"))
  expect_port("#include <stddef.h>\nlong f(size_t n); struct s { long l; void *p; };", targets = "x86_64-windows",
              c("[struct]", "s{j*v}l p;", "[func]", "f(<size_t>)j n;"))
  made <- dyngen("int f(void);", targets = c("x86_64-linux", "aarch64-darwin"))
  expect_match(grep("^Generator", as.character(made), value = TRUE), "; targets x86_64-linux aarch64-darwin$")
})

test_that("addresses as constants keep their letter, whatever their width", {
  need_libclang()
  expect_port("#define NIL ((void *)0)\n#define ALL ((void *)-1)\nint f(void);",
              targets = c("x86_64-linux", "i386-linux"),
              c("[const]", "NIL=0p;", "ALL=-1p;", "[func]", "f()i;"))
})

test_that("a width that all targets share is a letter, else the platform's name for it", {
  width <- rdyncall:::common_width
  pointers <- c(8, 8, 4, 4)
  longs <- c(8, 4, 4, 4)
  same <- function(letters, want) {
    expect_identical(unname(width(letters, pointers, longs)), want, info = paste(letters, collapse = ""))
  }
  same(c("j", "j", "j", "j"), "j")
  same(c("j", "l", "i", "j"), "<intptr_t>")
  same(c("J", "L", "I", "J"), "<uintptr_t>")
  same(c("j", "l", "l", "l"), "l")
  same(c("J", "L", "L", "L"), "L")
  same(c("j", "i", "i", "j"), "j")
  same(c("J", "I", "I", "I"), "J")
  same(c("i", "j", "j", "i"), "i")
  same(c("i", NA, NA, "i"), "i")
  same(c("s", "S", "s", "s"), NULL)
  same(c("f", "d", "d", "d"), NULL)
  same(c("i", "L", "L", "i"), NULL)
})

test_that("conditions are as short as can be, and hold on the targets that they are for", {
  condition <- rdyncall:::condition_for
  triples <- rdyncall:::target_triples(all_targets)
  words <- lapply(triples, rdyncall:::target_words)
  holds <- function(text) {
    any_of <- strsplit(text, "|", fixed = TRUE)[[1L]]
    vapply(words, function(own) {
      any(vapply(strsplit(any_of, "&", fixed = TRUE), function(terms) {
        all(ifelse(startsWith(terms, "!"), !sub("!", "", terms, fixed = TRUE) %in% own, terms %in% own))
      }, NA))
    }, NA)
  }
  for (k in 1:254) {
    set <- bitwAnd(k, 2^(0:7)) > 0
    text <- condition(set, words, "func")
    expect_identical(holds(text), set, info = text)
  }
  is <- function(set, text, kind = "func") expect_identical(condition(all_targets %in% set, words, kind), text)
  is(c("x86_64-windows", "i386-windows"), "windows")
  is(c("aarch64-darwin", "x86_64-darwin"), "darwin")
  is(c("i386-linux", "arm-linux", "i386-windows"), "32")
  is("x86_64-windows", "llp64", "type")
  is("i386-windows", "windows&32")
})

test_that("names of platforms and their words", {
  words <- rdyncall:::target_words
  expect_setequal(words("x86_64-pc-linux-gnu"), c("linux", "unix", "x86_64", "lp64", "64"))
  expect_setequal(words("x86_64-w64-windows-gnu"), c("windows", "x86_64", "llp64", "64"))
  expect_setequal(words("i686-w64-mingw32"), c("windows", "i386", "ilp32", "32"))
  expect_setequal(words("arm64-apple-macosx11.0"), c("darwin", "unix", "aarch64", "lp64", "64"))
  expect_setequal(words("aarch64-unknown-linux-gnu"), c("linux", "unix", "aarch64", "lp64", "64"))
  expect_setequal(words("armv7-unknown-linux-gnueabihf"), c("linux", "unix", "arm", "ilp32", "32"))
  expect_setequal(words("x86_64-unknown-freebsd13.0"), c("bsd", "unix", "x86_64", "lp64", "64"))
  expect_setequal(words(R.version$platform), intersect(words(R.version$platform), rdyncall:::platform_words()))
})

test_that("headers that a target lacks are an error that names the target", {
  need_libclang()
  error <- expect_error(dyngen("#include <no_such_header.h>\nint f(void);", targets = "aarch64-darwin"),
                        "for arm64-apple", class = "dyncall_error_generate")
  expect_match(conditionMessage(error), "'no_such_header.h' file not found")
  expect_error(dyngen("int f(void);", targets = "no-such-machine"), class = "dyncall_error_generate")
})

test_that("the same headers are read for all targets", {
  need_libclang()
  folder <- tempfile("headers")
  dir.create(file.path(folder, "lib"), recursive = TRUE)
  on.exit(unlink(folder, recursive = TRUE))
  writeLines(c("#include <stdio.h>", "#include \"part.h\"", "int whole(FILE *f, struct part *p);"),
             file.path(folder, "lib", "main.h"))
  writeLines("struct part { int i; };", file.path(folder, "lib", "part.h"))
  made <- dyngen("lib/main.h", include = folder, targets = all_targets)
  expect_identical(port_lines(made), c("[struct]", "part{i}i;", "[func]", "whole(*<FILE>*<part>)i f p;"))
})

# Compiles with the package's own headers of the compiler, as where only the library is installed.
without_resources <- function(code) {
  port <- rdyncall:::clang()
  kept <- port$.resources
  port$.resources <- NULL
  on.exit(port$.resources <- kept)
  force(code)
}

test_that("the compiler's headers may be absent", {
  need_libclang()
  text <- "#include <float.h>
#include <iso646.h>
#include <limits.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
size_t f(ptrdiff_t, wchar_t, va_list, bool, uint8_t, int64_t, uintptr_t, FILE *);
#define M1 INT_MAX
#define M2 LONG_MIN
#define M3 UINT64_MAX
#define M4 DBL_MAX
#define M5 FLT_EPSILON
#define M6 (CHAR_BIT * SIZE_MAX)
#define M7 true
#define M8 LLONG_MIN
#define M9 ULONG_MAX
#define MA UINT64_C(5)
#define MB PATH_MAX"
  with <- port_lines(dyngen(text))
  expect_match(with[length(with)], "f(<ptrdiff_t><wchar_t><va_list>BCl<uintptr_t>*<FILE>)<size_t>;", fixed = TRUE)
  expect_identical(without_resources(port_lines(dyngen(text))), with)
  for (target in all_targets) {
    made <- port_lines(dyngen(sub("#define MB PATH_MAX", "", text, fixed = TRUE), targets = target))
    own <- without_resources(port_lines(dyngen(sub("#define MB PATH_MAX", "", text, fixed = TRUE), targets = target)))
    expect_identical(own, made, info = target)
  }
})

test_that("types of vector instructions are known without the compiler's headers", {
  need_libclang()
  made <- without_resources(dyngen("#include <immintrin.h>
#include <x86intrin.h>
#include <arm_neon.h>
__m128 f(__m256d a, float32x4_t b); int g(__m128i *a);"))
  expect_identical(port_lines(made)[1], "[func]")
  expect_match(port_lines(made)[2], "g(*v)i a;", fixed = TRUE)
})

test_that("the port of libclang is what the generator makes of libclang's headers", {
  need_libclang()
  shipped <- readLines(system.file("dynports", "libclang.dynport", package = "rdyncall"))
  folder <- Sys.glob("/usr/lib/llvm-14/include")
  if (!length(folder) || !file.exists(file.path(folder, "clang-c", "Index.h"))) {
    testthat::skip("the headers of libclang 14 are not installed")
  }
  made <- dyngen("clang-c/Index.h", include = folder)
  expect_identical(port_lines(made), shipped[seq(match("[const]", shipped), length(shipped))] |> Filter(f = nzchar))
})
