libc <- function() need_library_or_skip(c("c", "c.so.6", "msvcrt"))
apart <- function(...) dyndecl(..., envir = new.env(parent = parent.frame()))

test_that("types and functions of C text can be used at once", {
  need_libclang()
  skip_on_windows()
  lib <- apart("struct timespec { long tv_sec; long tv_nsec; };
int nanosleep(const struct timespec *request, struct timespec *rest);", libc())
  expect_true(is.environment(lib))
  expect_setequal(ls(lib), c("timespec", "nanosleep"))
  expect_identical(lib$timespec$fields$type, c("j", "j"))
  expect_identical(names(formals(lib$nanosleep)), c("request", "rest"))
  time <- new.struct(lib$timespec)
  time$tv_nsec <- 1000
  expect_identical(lib$nanosleep(time, NULL), 0L)
  expect_output(print(lib$nanosleep), "int nanosleep(const timespec *request, timespec *rest)", fixed = TRUE)
})

test_that("all kinds of declarations are bound", {
  need_libclang()
  skip_on_windows()
  lib <- apart("#define LIMIT (1 << 4)
#define NAME \"text\"
#define absolute abs
enum colour { RED, GREEN = 5, BLUE };
typedef unsigned int u32;
typedef struct { int quot, rem; } div_t;
typedef int (*compare)(const void *a, const void *b);
u32 abs(enum colour c);
div_t div(int numer, int denom);
void qsort(void *base, unsigned long n, unsigned long size, compare by);
union number { int i; float f; };
int snprintf(char *out, unsigned long size, const char *format, ...);
extern char **environ;", libc())
  expect_identical(lib$LIMIT, 16L)
  expect_identical(lib$NAME, "text")
  expect_identical(as.vector(lib$GREEN), 5L)
  expect_identical(lib$abs("GREEN"), 5)
  expect_identical(lib$absolute("BLUE"), 6)
  expect_identical(as.list(lib$div(17, 5)), list(quot = 3L, rem = 2L))
  expect_identical(lib$u32$size, 4)
  x <- c(3, 1, 2)
  lib$qsort(x, 3, 8, function(a, b) sign(.unpack(a, 0, "d") - .unpack(b, 0, "d")))
  expect_identical(x, c(1, 2, 3))
  number <- new.struct(lib$number)
  number$f <- 1
  expect_identical(number$i, 0x3f800000L)
  out <- raw(16)
  expect_identical(lib$snprintf(as.extptr(out), 16, "%d-%s", 7L, "x"), 3L)
  expect_true(is.externalptr(lib$environ))
})

test_that("#include lines bring the types that are used, and alone the functions of the headers", {
  need_libclang()
  skip_on_windows()
  lib <- apart("#include <time.h>\nstruct tm *gmtime(const time_t *t); time_t timegm(struct tm *t);", libc())
  expect_setequal(ls(lib), c("gmtime", "timegm", "tm"))
  tm <- lib$gmtime(.pack(new.array("<time_t>", 1), 0, "<time_t>", 86400 * 365))
  expect_identical(c(tm$tm_year, tm$tm_mon, tm$tm_mday), c(71L, 0L, 1L))
  expect_identical(as.numeric(lib$timegm(tm)), 86400 * 365)
  math <- apart("#include <math.h>", need_library_or_skip(c("m", "m.so.6")))
  expect_identical(math$sqrt(144), 12)
  expect_identical(math$M_PI, pi)
  expect_true(all(c("cos", "pow", "fabsf") %in% ls(math)))
  expect_false(any(startsWith(ls(math), "__")))
})

test_that("declarations add up in an environment", {
  need_libclang()
  skip_on_windows()
  lib <- apart("typedef struct { int quot, rem; } div_t;", libc())
  made <- withVisible(dyndecl("div_t div(int n, int d);", libc(), envir = lib))
  expect_false(made$visible)
  expect_identical(made$value, lib)
  expect_setequal(ls(lib), c("div", "div_t"))
  expect_identical(lib$div(17, 5)$rem, 2L)
  # a function keeps its library, whatever comes later
  dyndecl("double sqrt(double x);", need_library_or_skip(c("m", "m.so.6")), envir = lib)
  expect_identical(lib$div(9, 2)$quot, 4L)
  expect_identical(lib$sqrt(4), 2)
  # once more is no error, and what it said stands
  dyndecl("double sqrt(double x);", need_library_or_skip(c("m", "m.so.6")), envir = lib)
  expect_identical(lib$sqrt(9), 3)
  local({
    dyndecl("int toupper(int c);", libc())
    expect_identical(toupper(97), 65L)
    expect_identical(ls(), "toupper")
  })
})

test_that("what is declared in another way takes the place of what was", {
  need_libclang()
  dyndecl("struct pair { int a, b; }; int abs(int n);", libc())
  first <- pair
  dyndecl("struct pair { char a; short b; };", libc())
  expect_identical(pair$size, 4)
  expect_identical(first$size, 8)
  expect_identical(abs(-3), 3L)
  # the new declaration is the one that later ones see
  dyndecl("struct pairs { struct pair both[2]; };", libc())
  expect_identical(pairs$size, 8)
  # what is wrong either way is told as if it came next
  expect_error(dyndecl("struct pair { int a; };\nint g(no_type x);", libc()), "line", class = "dyncall_error_generate")
  expect_identical(pair$size, 4)
})

test_that("what cannot be bound is an error, what the library lacks a warning", {
  need_libclang()
  error <- expect_error(dyndecl("int f(int a);\nint g(no_type x);"), "line 2: unknown type name",
                        class = "dyncall_error_generate")
  expect_error(dyndecl("int f(int"), class = "dyncall_error_generate")
  expect_error(dyndecl(paste(typeless(), "f(int);")), paste0("'f': the type ", typeless()),
               class = "dyncall_error_generate")
  expect_error(dyndecl("static int f(int a) { return a; }"), "'f': a static function", class = "dyncall_error_generate")
  expect_error(dyndecl("struct s; void f(struct s by_value);"), "'f': the type 's' by value",
               class = "dyncall_error_generate")
  expect_error(dyndecl("#include <no_such_header.h>"), "no_such_header.h", class = "dyncall_error_generate")
  skip_on_windows()
  warned <- expect_warning(lib <- apart("int abs(int); int no_such_function(int a);", libc()), "no_such_function",
                           class = "dyncall_warning_symbol")
  expect_identical(warned$symbols, "no_such_function")
  expect_identical(lib$abs(-3), 3L)
  expect_error(lib$no_such_function(1), class = "dyncall_error_symbol")
  # lines count from the text that was given, not from what came before
  expect_error(dyndecl("\n\nint g(no_type x);", libc(), envir = lib), "line 3: ", class = "dyncall_error_generate")
})

test_that("arguments are checked", {
  bad <- function(...) expect_error(dyndecl(...), class = "dyncall_error_argument")
  bad(1)
  expect_error(dyndecl(NA_character_), "argument 'decls': expected C text", class = "dyncall_error_argument")
  bad("int f(void);", envir = 1)
  bad("int f(void);", libnames = 1)
  expect_error(dyndecl("int f(void);", "no-such-library"), class = "dyncall_error_library")
  need_libclang()
  bad("int f(void);", include = 1)
  bad("int f(void);", std = NA)
})

test_that("a typedef brings the struct of another header", {
  need_libclang()
  skip_on_windows()
  lib <- apart("#include <time.h>\ntypedef struct timespec moment; int abs(int x);", libc())
  x <- new.struct(lib$moment)
  x$tv_sec <- 5
  expect_identical(x$tv_sec, 5)
})
