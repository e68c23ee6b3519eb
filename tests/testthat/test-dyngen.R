test_that("functions of every scalar type, with and without names of arguments", {
  need_libclang()
  expect_port("int f(void); int g(); double h(int, double b); void v(const char *s, ...);",
              c("[func]", "f()i;", "g()i;", "h(id)d arg1 b;", "v(Z.)v s;"))
  expect_port(paste("void a(_Bool b, char c, signed char d, unsigned char e, short f, unsigned short g, int h,",
                    "unsigned i, long j, unsigned long k, long long l, unsigned long long m, float n, double o,",
                    "long double p);"),
              c("[func]", "a(BccCsSiIjJlLfdD)v b c d e f g h i j k l m n o p;"))
  expect_port("double _Complex c(float _Complex, long double _Complex);",
              c("[func]", "c(<float complex><long double complex>)<double complex>;"))
})

test_that("pointers keep const where it is behind them", {
  need_libclang()
  cases <- c("char *" = "*c", "const char *" = "Z", "char *const" = "*c", "const char *const *" = "*kZ",
             "char **" = "**c", "signed char *" = "*c", "const signed char *" = "*kc",
             "const unsigned char *" = "*kC", "void *" = "*v", "const void *" = "*kv", "void **" = "**v",
             "const void *const *" = "*k*kv", "volatile int *" = "*i", "const int" = "i",
             "int *restrict" = "*i", "struct s *" = "*<s>", "const struct s **" = "**k<s>",
             "enum e *" = "*I", "float _Complex *" = "*<float complex>")
  for (type in names(cases)) {
    text <- paste0("struct s; enum e { A }; void f(", type, ");")
    expect_true(paste0("f(", cases[[type]], ")v;") %in% port_lines(dyngen(text)), info = type)
  }
})

test_that("types whose size is the platform's keep their names", {
  need_libclang()
  text <- "#include <stddef.h>
#include <stdint.h>
#include <stdarg.h>
#include <time.h>
#include <wchar.h>
#include <uchar.h>
#include <sys/types.h>
typedef uint64_t mine; typedef size_t my_size; typedef unsigned int number;
size_t a(ptrdiff_t, ssize_t, intptr_t, uintptr_t, wchar_t, char16_t, char32_t, time_t, off_t, va_list);
void b(int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t, intmax_t, mine, number);
void c(size_t *, const wchar_t *, va_list *, my_size, my_size *);"
  expect_port(text, c("[func]",
    "a(<ptrdiff_t><ssize_t><intptr_t><uintptr_t><wchar_t><char16_t><char32_t><time_t><off_t><va_list>)<size_t>;",
    "b(cCsSiIlLlLI)v;", "c(*<size_t>*k<wchar_t>*<va_list><size_t>*<size_t>)v;"))
})

test_that("structs, unions and enums by value, by pointer, opaque", {
  need_libclang()
  expect_port("struct P { int x, y; }; union U { int i; double d; }; enum E { A, B=5, C }; struct O;
struct P f(struct P p, union U u, enum E e, struct P *q, enum E *r); struct O *g(const struct O *o);",
    c("[enum]", "E{A B=5 C};", "[struct]", "P{ii}x y;", "U|id}i d;", "O;",
      "[func]", "f(<P><U><E>*<P>*I)<P> p u e q r;", "g(*k<O>)*<O> o;"))
  expect_identical(left_out("struct O; struct O h(int); void i(struct O);"),
                   c("func h" = "the type 'O' by value has no layout", "func i" = "the type 'O' by value has no layout"))
})

test_that("a typedef names a struct, and its tag means the same", {
  need_libclang()
  expect_port("typedef struct { int a; } T; typedef struct _S S; struct _S { T t; S *next; }; typedef S S2;
typedef S *SP; typedef struct H *Handle; void f(T, S, S2 *, Handle, SP, struct _S);",
    c("[type]", "_S=<S>;", "S2=<S>;", "SP=*<S>;", "Handle=*<H>;", "[struct]", "T{i}a;",
      "S{<T>*<S>}t next;", "H;", "[func]", "f(<T><S>*<S>*<H>*<S><S>)v;"))
  expect_port("typedef enum { ON, OFF } Switch; typedef enum tag { UP, DOWN } Way; typedef Way Way2;
Switch f(Way, enum tag, Way2);",
    c("[enum]", "Switch{ON OFF};", "Way{UP DOWN};", "[type]", "tag=<Way>;", "Way2=<Way>;",
      "[func]", "f(<Way><Way><Way>)<Switch>;"))
})

test_that("a struct that shares its name with a function has another one", {
  need_libclang()
  expect_port("struct stat { int a; }; int stat(struct stat *s); union u { int i; }; extern union u u;",
    c("[struct]", "struct.stat{i}a;", "union.u|i}i;", "[var]", "u:<union.u>;",
      "[func]", "stat(*<struct.stat>)i s;"))
})

test_that("nested, anonymous and unnamed members, bit-fields and arrays", {
  need_libclang()
  expect_port("struct N { int a; struct { int x; struct { char c; } in[2]; } b; union { int i; float f; };
  struct { unsigned p:3; unsigned:5; int q:4; int:0; int r:1; }; enum { N1, N2=7 } e; int (*cb)(int, void *);
  int m[2][3]; char name[16]; struct Named { long l; } n; double d[]; };",
    c("[enum]", "N.e{N1 N2=7};", "[struct]", "N.b.in{c}c;", "N.b{i<N.b.in>[2]}x in;", "N.1|if}i f;",
      "N.2{I:3I:5i:4i:0i:1}p _ q _ r;", "Named{j}l;",
      "N{i<N.b><N.1><N.2><N.e>*(i*v)ii[2][3]c[16]<Named>d[]}a b . . e cb m name n d;"))
  expect_port("typedef struct { int i; } *P; P f(P p); void g(struct { int j; } *q);",
              c("[type]", "P=*<P.type>;", "[struct]", "P.type{i}i;", "[func]", "f(*<P.type>)*<P.type> p;", "g(*v)v q;"))
  expect_port("struct O { struct I { int i; } *p; struct { int j; } *q; struct F *f; struct O *o; };",
              c("[struct]", "I{i}i;", "O.q{i}j;", "O{*<I>*<O.q>*<F>*<O>}p q f o;"))
  expect_port("struct A { enum { X, Y }; int i; };", c("[enum]", "{X Y};", "[struct]", "A{i}i;"))
})

test_that("packed and aligned structs have the attributes that give their layout", {
  need_libclang()
  expect_port("struct __attribute__((packed)) P1 { char c; int i; double d; };
#pragma pack(push, 2)
struct P2 { char c; int i; double d; };
#pragma pack(pop)
struct __attribute__((aligned(32))) P3 { int i; };
struct P4 { char c; int i __attribute__((aligned(16))); char d; };
struct __attribute__((packed, aligned(4))) P5 { char c; short s; char d; };
struct P6 { char c; _Alignas(8) char d; };
struct P7 { char a; struct P1 p; }; struct E0 {};",
    c("[struct]", "P1{cid}c i d @pack=1;", "P2{cid}c i d @pack=2;", "P3{i}i @align=32;",
      "P4{cC[15]ic}c _ i d @align=16;", "P5{csc}c s d @pack=1 @align=4;", "P6{cC[7]c}c _ d @align=8;",
      "P7{c<P1>}a p;", "E0{};"))
})

test_that("function pointers, named and not", {
  need_libclang()
  expect_port("typedef int (*Cmp)(const void *, const void *); typedef void Fn(int); typedef Cmp Cmp2;
void f(Cmp, Cmp2, Fn *, Fn, Cmp *, int (*)(int, ...), int (*(*)(void))(double)); Cmp g(void);
void (*sig(int, void (*)(int)))(int); struct S { Cmp c; Fn *f; Cmp tab[3]; void (*on[2])(int); };",
    c("[type]", "Cmp=*(*kv*kv)i;", "Cmp2=*(*kv*kv)i;", "[struct]",
      "S{<Cmp>*(i)v<Cmp>[3]*(i)v[2]}c f tab on;", "[func]",
      "f(<Cmp><Cmp2>*(i)v*(i)v**(*kv*kv)i*(i.)i*()*(d)i)v;", "g()<Cmp>;", "sig(i*(i)v)*(i)v;"))
})

test_that("arrays are pointers as arguments, and keep their dimensions elsewhere", {
  need_libclang()
  expect_port("typedef float vec3[3]; typedef vec3 mat3[3]; struct S { vec3 v; mat3 m; };
void f(vec3 a, const mat3 b, int c[4], int d[][5], int (*e)[6], char s[8], const char t[8], vec3 *v);
extern vec3 gv; extern int ga[]; extern const char *const names[];",
    c("[type]", "vec3=f[3];", "mat3=f[3][3];", "[struct]", "S{f[3]f[3][3]}v m;",
      "[var]", "gv:f[3];", "ga:i[];", "names:kZ[];", "[func]", "f(*f*kf*i*i*i*cZ*f)v a b c d e s t v;"))
})

test_that("variables", {
  need_libclang()
  expect_port("extern const int K; extern struct { int a; } anon; static const int SK = 7; int tentative;
extern int v __asm__(\"v_2\"); extern int rows[]; int rows[4];",
    c("[const]", "SK=7;", "[struct]", "anon.type{i}a;", "[var]", "K:ki;", "anon:<anon.type>;",
      "tentative:i;", "v:i @sym=v_2;", "rows:i[4];"))
  expect_identical(left_out("static int sv; extern __thread int tl;"),
                   c("var sv" = "a static variable has no symbol", "var tl" = "each thread has its own"))
})

test_that("enums of every width, with values that count on and that do not", {
  need_libclang()
  expect_port("enum { X1, X2 = 10, X3 }; typedef enum { Y1 = -1, Y2 } Y; enum Big { Z1 = 0x100000000LL, Z2 = -1 };
enum Most { Q1 = 0xffffffffffffffffULL, Q0 = 0x20000000000001 }; enum U { U1 = 0xffffffffu };
enum __attribute__((packed)) Small { S1, S2 }; enum __attribute__((flag_enum)) F { F1 = 1, F2, F4 = 4 };
enum Later; enum Least { L1 = -0x7fffffffffffffffLL - 1 };",
    c("[enum]", "{X1 X2=10 X3};", "Y{Y1=-1 Y2};", "Big:l{Z1=4294967296 Z2=-1};",
      "Most:L{Q1=0xffffffffffffffff Q0=0x20000000000001};", "U{U1=4294967295};", "Small:C{S1 S2};",
      "F{F1=1 F2 F4=4} @flags;", "Least:l{L1=-0x8000000000000000};"))
})

test_that("attributes of functions", {
  need_libclang()
  expect_port("int f(int a) __asm__(\"f_v2\"); __attribute__((deprecated)) void old(void);
void leave(void) __attribute__((noreturn)); inline int in2(int a) { return a; } int twice(int); int twice(int named);",
    c("[func]", "f(i)i a @sym=f_v2;", "old()v @deprecated;", "leave()v;", "in2(i)i a;", "twice(i)i named;"))
})

test_that("what has no signature is left out, with a reason", {
  need_libclang()
  wide <- typeless()
  dropped <- left_out(paste0("static inline int in(int a) { return a; } static int st(void); ", wide, " wide(void);
typedef float v4 __attribute__((vector_size(16))); void vec(v4 v); struct V { v4 v; }; struct V vv(void);
struct V *vp(void); void gone(void) __attribute__((unavailable)); struct D { struct V v; };"))
  expect_identical(unname(dropped[c("inline in", "func st", "func wide", "func gone")]),
                   c("a static function has no symbol", "a static function has no symbol",
                     paste("the type", wide, "has no signature"), "it is not available"))
  expect_match(dropped[["struct V"]], "^field 'v': the type .* has no signature$")
  expect_identical(dropped[["struct D"]], "field 'v': the type 'V' by value has no layout")
  expect_identical(dropped[["func vv"]], "the type 'V' by value has no layout")
  expect_true(all(c("func vec", "type v4") %in% names(dropped)))
  # but there are pointers to it
  expect_port(paste0("typedef float v4 __attribute__((vector_size(16))); struct V { v4 v; }; struct V *vp(void);
void p(const v4 *a, ", wide, " *b);"), c("[struct]", "V;", "[func]", "vp()*<V>;", "p(*kv*v)v a b;"))
})

test_that("names and files choose what is taken", {
  need_libclang()
  text <- "#define a_one 1\n#define b_two 2\nint a_f(void); int b_f(void); struct a_s { int i; }; enum { a_e, b_e };"
  expect_port(text, c("[const]", "a_one=1;", "[enum]", "{a_e b_e};", "[struct]", "a_s{i}i;", "[func]", "a_f()i;"),
              keep = "^a_")
  expect_port(text, c("[const]", "b_two=2;", "[enum]", "{a_e b_e};", "[func]", "b_f()i;"),
              drop = c("^a_[a-z]$", "^a_one$"))
  folder <- tempfile("headers")
  dir.create(file.path(folder, "lib", "sub"), recursive = TRUE)
  on.exit(unlink(folder, recursive = TRUE))
  writeLines(c("#include \"sub/part.h\"", "#include \"other.h\"", "int whole(struct part p, other_cb cb, struct seen *s);"),
             file.path(folder, "lib", "main.h"))
  writeLines("struct part { int i; }; int part(void);", file.path(folder, "lib", "sub", "part.h"))
  writeLines("int other(void); typedef int (*other_cb)(int); struct seen { int i; };",
             file.path(folder, "lib", "other.h"))
  from <- function(...) port_lines(dyngen("lib/main.h", include = folder, ...))
  # a struct by value comes along, what is only pointed to does not
  expect_identical(from(files = "main.h"), c("[struct]", "part{i}i;", "[func]", "whole(<part>*(i)i*<seen>)i p cb s;"))
  for (none in list("/lib/", "other$", character())) {
    expect_error(from(files = none), class = "dyncall_error_argument", regexp = "argument 'files'", info = none)
  }
  expect_error(from(files = "^("), class = "dyncall_error_argument", regexp = "regular expression")
  everything <- from(files = c("lib/*", "sub/*.h"))
  expect_identical(everything[everything != "[type]"],
                   c("other_cb=*(i)i;", "[struct]", "struct.part{i}i;", "seen{i}i;", "[func]", "part()i;", "other()i;",
                     "whole(<struct.part><other_cb>*<seen>)i p cb s;"))
  expect_identical(from(files = "^.*/(main|other)[.]h$"),
                   c("[type]", "other_cb=*(i)i;", "[struct]", "seen{i}i;", "part{i}i;", "[func]", "other()i;",
                     "whole(<part><other_cb>*<seen>)i p cb s;"))
  # the folder of a header is the default
  expect_identical(from(), from(files = "lib/*"))
  made <- dyngen("lib/main.h", include = folder, files = "lib/*")
  expect_identical(basename(made$files), c("main.h", "other.h"))
})

test_that("numbers keep their names on request", {
  need_libclang()
  text <- "typedef unsigned int u32; typedef u32 id; typedef struct s s; u32 f(id);"
  expect_port(text, c("[struct]", "s;", "[func]", "f(I)I;"))
  expect_port(text, c("[type]", "u32=I;", "id=I;", "[struct]", "s;", "[func]", "f(I)I;"), scalars = TRUE)
})

test_that("types can be spelled by hand", {
  need_libclang()
  text <- "typedef struct s *SEXP; typedef unsigned char bytes; typedef bytes more; SEXP f(SEXP a, SEXP *b, bytes *c, more d);"
  expect_port(text, c("[struct]", "s;", "[func]", "f(x*x*BB)x a b c d;"), types = c(SEXP = "x", bytes = "B"))
  expect_error(dyngen(text, types = c(SEXP = "?")), class = "dyncall_error_signature")
  expect_error(dyngen(text, types = "x"), class = "dyncall_error_argument")
})

test_that("types of other ports are theirs", {
  need_libclang()
  folder <- tempfile("ports")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  writeLines(c("#!dynport 2", "Library: self", "[struct]", "Base{ii}x y;", "[enum]", "Kind{A B};",
               "[type]", "Hook=*(i)v;", "[func]", "base()v;"), file.path(folder, "basics.dynport"))
  headers <- tempfile("headers")
  dir.create(headers)
  on.exit(unlink(headers, recursive = TRUE), add = TRUE)
  writeLines("typedef struct { int x, y; } Base; typedef enum { A, B } Kind; typedef void (*Hook)(int);",
             file.path(headers, "basics.h"))
  text <- "#include <basics.h>\nstruct More { Base b; Kind k; Hook h; }; Base f(Kind k, Hook h, Base *p);"
  made <- dyngen(text, include = headers, imports = "basics", repo = folder)
  expect_true("Import: basics" %in% as.character(made))
  expect_identical(port_lines(made), c("[struct]", "More{<Base><Kind><Hook>}b k h;",
                                       "[func]", "f(<Kind><Hook>*<Base>)<Base> k h p;"))
  expect_port(text, c("[struct]", "Base{ii}x y;", "More{<Base>I*(i)v}b k h;",
                      "[func]", "f(I*(i)v*<Base>)<Base> k h p;"), include = headers)
  expect_error(dyngen(text, imports = "no_such_port"), class = "dyncall_error_port")
})

test_that("headers say what the port is and where it comes from", {
  need_libclang()
  header <- tempfile(fileext = ".h")
  on.exit(unlink(header))
  writeLines("int f(void);", header)
  made <- dyngen(header, portname = "mini", title = "A small library", version = "1.2",
                 libnames = list("mini.so.1 mini", windows = c("mini", "libmini"), darwin = "mini.1.dylib"),
                 packages = "deb:libmini1 rpm:mini")
  expect_identical(as.character(made)[1:8],
    c("#!dynport 2", "Port: mini", "Title: A small library", "Version: 1.2", "Library: mini.so.1 mini",
      "Library[windows]: mini libmini", "Library[darwin]: mini.1.dylib", "Package: deb:libmini1 rpm:mini"))
  expect_match(as.character(made)[9], "^Header: .*; sha256:[0-9a-f]{64}$")
  expect_match(as.character(made)[10], "^Generator: rdyncall [0-9.]+ libclang [0-9.]+; targets [a-z0-9_]+-[a-z]+$")
  expect_identical(made$counts[["func"]], 1L)
  expect_true(is.character(made))
  expect_output(print(made), "1 func")
  file <- tempfile(fileext = ".dynport")
  on.exit(unlink(file), add = TRUE)
  again <- dyngen("int getpid(void);", portname = "self", libnames = "self", file = file)
  expect_identical(readLines(file), as.character(again))
  expect_identical(dynport(self, file, attach = FALSE)$getpid(), Sys.getpid())
})

test_that("C with errors is an error that says where", {
  need_libclang()
  error <- expect_error(dyngen("int f(void);\nint g(no_type x);\n"), "line 2: unknown type name 'no_type'",
                        class = "dyncall_error_generate")
  expect_length(error$errors, 1L)
  expect_error(dyngen("no/such/header.h"), "'no/such/header.h' file not found.*'include'",
               class = "dyncall_error_generate")
  expect_error(dyngen("int f(void);", args = "--no-such-flag"), class = "dyncall_error_generate")
  expect_error(dyngen("int f(void);", std = "gnu1066"), class = "dyncall_error_generate")
  many <- expect_error(dyngen(paste0("t", 1:9, " f(void);", collapse = "\n")), class = "dyncall_error_generate")
  expect_length(many$errors, 9L)
  broken <- tempfile(fileext = ".h")
  on.exit(unlink(broken))
  writeLines(c("int a;", "int b"), broken)
  expect_error(dyngen(broken), paste0(basename(broken), ":2: "), class = "dyncall_error_generate")
})

test_that("arguments are checked", {
  bad <- function(...) expect_error(dyngen(...), class = "dyncall_error_argument")
  bad(1)
  bad(character())
  bad(NA_character_)
  bad("")
  text <- "int f(void);"
  bad(text, std = c("c99", "c11"))
  bad(text, include = 1)
  bad(text, define = NA_character_)
  bad(text, args = list())
  bad(text, files = 1)
  bad(text, keep = "(")
  bad(text, drop = 1)
  bad(text, scalars = NA)
  bad(text, targets = character())
  bad(text, targets = c("x86_64-linux", "x86_64-linux"))
  bad(text, imports = 1)
  need_libclang()
  bad(text, portname = 1)
  bad(text, title = "two\nlines")
  bad(text, libnames = 1)
  bad(text, file = 1)
})

test_that("libclang's absence says what to install", {
  old <- options(rdyncall.libclang = "/no/such/libclang.so")
  state <- rdyncall:::clang_state
  kept <- state$port
  state$port <- NULL
  on.exit({ options(old); state$port <- kept })
  error <- expect_error(dyngen("int f(void);"), "libclang1-14", class = "dyncall_error_library")
  expect_match(conditionMessage(error), "rdyncall.libclang")
  # a library that is none
  options(rdyncall.libclang = "m")
  if (!is.null(dynfind("m"))) {
    expect_error(dyngen("int f(void);"), "version 14 or newer", class = "dyncall_error_library")
  }
})
