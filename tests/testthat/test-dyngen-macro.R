# What the macros of fixtures/macros.h are to the compiler: lines "NAME letter value".
compiled_macros <- function() {
  header <- testthat::test_path("fixtures", "macros.h")
  lines <- readLines(header)
  names <- sub("^#define ([IDFS]_[A-Z0-9_]+) .*$", "\\1", grep("^#define [IDFS]_", lines, value = TRUE))
  fixture_made("macros", function() c(
    lines, "#include <stdio.h>",
    "static void say_int(char **out, const char *name, char letter, int is_signed, unsigned long long v) {",
    "  if (is_signed && (long long)v < 0) *out += sprintf(*out, \"%s %c -%llu -0x%llx\\n\", name, letter, 0 - v, 0 - v);",
    "  else *out += sprintf(*out, \"%s %c %llu 0x%llx\\n\", name, letter, v, v); }",
    "static void say_real(char **out, const char *name, char letter, double v) {",
    "  *out += sprintf(*out, \"%s %c %a\\n\", name, letter, v); }",
    "#define LETTER(x) _Generic((x), _Bool: 'i', char: 'c', signed char: 'c', unsigned char: 'C', short: 's', \\",
    "  unsigned short: 'S', int: 'i', unsigned: 'I', long: 'j', unsigned long: 'J', long long: 'l', \\",
    "  unsigned long long: 'L', float: 'f', double: 'd', long double: 'D')",
    "#define INT(name) say_int(&out, #name, LETTER(name), (__typeof__(name))-1 < 0, (unsigned long long)(name))",
    "#define REAL(name) say_real(&out, #name, LETTER(name), (double)(name))",
    "#define TEXT(name) do { const char *s = name; out += sprintf(out, \"%s Z \", #name); \\",
    "  while (*s) out += sprintf(out, \"%02x\", (unsigned char)*s++); *out++ = '\\n'; } while (0)",
    "#define CONSTANT(type, name) { static const type constant = name; (void)constant; }",
    "int macro_values(char *out, int size) { char *start = out; (void)size;",
    paste0("  CONSTANT(", ifelse(startsWith(names, "S_"), "char *const", paste0("__typeof__(", names, ")")),
           ", ", names, ") ",
           c(I = "INT", D = "REAL", F = "REAL", S = "TEXT")[substr(names, 1L, 1L)], "(", names, ");"),
    "  return (int)(out - start); }"))
  parts <- strsplit(fixture_lines("macros", "macro_values"), " ", fixed = TRUE)
  stats::setNames(parts, vapply(parts, `[`, "", 1L))
}

# The literal of an escaped string, as bytes in hexadecimal.
string_bytes <- function(literal) {
  port <- dynport(text, attach = FALSE, portfile = local({
    file <- tempfile(fileext = ".dynport")
    writeLines(c("#!dynport 2", "Library: self", "[const]", paste0("S=", literal, ";")), file)
    file
  }))
  paste(format(charToRaw(port$S)), collapse = "")
}

test_that("every macro that the compiler takes for a constant has its value and type", {
  need_libclang()
  compiled <- compiled_macros()
  expect_gt(length(compiled), 100L)
  made <- dyngen(normalizePath(testthat::test_path("fixtures", "macros.h"), "/"))
  lines <- port_lines(made)
  lines <- lines[seq(match("[const]", lines) + 1L, match("[enum]", lines) - 1L)]
  literals <- stats::setNames(sub(";$", "", sub("^[^=]*=", "", lines)), sub("=.*$", "", lines))
  expect_identical(setdiff(names(compiled), names(literals)), character())
  for (name in names(compiled)) {
    literal <- literals[[name]]
    want <- compiled[[name]]
    if (startsWith(name, "S_")) {
      expect_identical(string_bytes(literal), if (length(want) > 2L) want[3L] else "", info = name)
    } else if (startsWith(name, "I_")) {
      letter <- if (want[2L] == "i") "" else want[2L]
      expect_true(literal %in% paste0(want[3:4], letter), info = paste(name, literal))
    } else {
      is_float <- want[2L] == "f"
      expect_identical(endsWith(literal, "f") && !endsWith(literal, "inf"), is_float, info = name)
      value <- as.numeric(if (is_float) sub("f$", "", literal) else literal)
      if (is_float) value <- floatraw2numeric(as.floatraw(value))
      expect_identical(value, as.numeric(want[3L]), info = name)
    }
  }
  # hexadecimal where the header is
  expect_identical(unname(literals[c("I_HEX", "I_OR", "I_SHIFT", "I_PASTED", "I_64_MOST")]),
                   c("0x7f", "0x7f", "32", "1234",
                                        if (.Machine$sizeof.long == 8L) "0xffffffffffffffffJ" else "0xffffffffffffffffL"))
})

test_that("addresses, functions, variables and types behind macros", {
  need_libclang()
  expect_port("typedef void (*FP)(int alpha, const char *beta); extern FP fp; int func(int first);
extern void (*fp2)(int gamma); extern int var; extern const int cvar; struct foo { int a; }; extern struct foo var2;
#define ALL ((void *)-1)
#define NONE ((void *)0)
#define ONE ((void (*)(int))1)
#define FAR ((struct foo *)0x1000)
#define X func
#define Y (func)
#define W (&func)
#define GET(x) x
#define AA fp
#define BB GET(fp)
#define CC fp2
#define V var
#define R (*&var)
#define C cvar
#define S var2
#define TS struct foo
#define TP struct foo *
typedef struct { int b; } plain; typedef enum { EA, EB } kind;
#define TO plain
#define TE kind
#define TN unsigned",
    c("[const]", "ALL=-1p;", "NONE=0p;", "ONE=1p;", "FAR=4096p;", "[enum]", "kind{EA EB};",
      "[type]", "FP=*(iZ)v;", "TS=<foo>;", "TP=*<foo>;", "TO=<plain>;", "TE=<kind>;",
      "[struct]", "foo{i}a;", "plain{i}b;", "[var]", "fp:<FP>;", "fp2:*(i)v;", "var:i;", "cvar:ki;", "var2:<foo>;",
      "V:i @sym=var;", "R:i @sym=var;", "C:ki @sym=cvar;", "S:<foo> @sym=var2;",
      "[alias]", "X=func;", "Y=func;", "W=func;",
      "[func]", "func(i)i first;", "AA(iZ)v alpha beta @ptr=fp;", "BB(iZ)v alpha beta @ptr=fp;",
      "CC(i)v gamma @ptr=fp2;"))
  expect_port("#include <string.h>\n#define my_len strlen", c("[func]", "my_len(Z)<size_t> __s @sym=strlen;"))
})

test_that("macros that are no constants are left out, with a reason", {
  need_libclang()
  dropped <- left_out("struct foo { int a; }; int func(int); extern int var; static int hidden;
#define CALL(x) (x)
#define BRACES {1, 2}
#define KEYWORD if
#define STATEMENT do { } while (0)
#define OPEN (
#define OF_OPEN OPEN
#define TWO 5 5
#define UNKNOWN no_such_name
#define COMPOUND ((struct foo){1})
#define WIDE L\"wide\"
#define RUN func(1)
#define ADDRESS (&var)
#define SUM (var + 1)
#define LINE __LINE__
#define OF_LINE (LINE + 1)
#define NUMBER unsigned long
#define HIDDEN hidden
#define EMPTY
#define SELF SELF")
  expect_identical(dropped[["macro CALL"]], "it takes arguments")
  for (name in c("BRACES", "KEYWORD", "STATEMENT", "OPEN", "OF_OPEN", "TWO", "UNKNOWN")) {
    expect_identical(dropped[[paste("const", name)]], "it is no expression", info = name)
  }
  for (name in c("COMPOUND", "WIDE", "RUN", "ADDRESS", "SUM")) {
    expect_identical(dropped[[paste("const", name)]], "it is no constant", info = name)
  }
  expect_identical(dropped[["const LINE"]], "it differs from place to place")
  expect_identical(dropped[["const OF_LINE"]], "it differs from place to place")
  expect_identical(dropped[["type NUMBER"]], "it is a number")
  expect_identical(dropped[["const HIDDEN"]], "it has no symbol")
  expect_false(any(grepl("EMPTY|SELF", names(dropped))))
})

test_that("the last definition of a macro counts", {
  need_libclang()
  expect_port("#define A 1\n#undef A\n#define A 2\n#define B 3\n#undef B\n#define C D\n#define D 5",
              c("[const]", "A=2;", "C=5;", "D=5;"))
})
