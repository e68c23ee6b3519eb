/* The DynPort scanner: the shipped files, records, malformed lines with their numbers, literals. */
#include "port.h"
#include "check.h"
#include "scene.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST "#!dynport 2\n"

static rdc_code scan(const char *text, size_t length, rdc_port *port, exact *copy,
                     rdc_status *status)
{
  *copy = exact_copy(text, length);
  rdc_status_clear(status);
  return rdc_port_scan(port, copy->text, length, status);
}

static int span_is(rdc_span span, const char *text)
{
  return span.length == strlen(text) && (!span.length || !memcmp(span.text, text, span.length));
}

/* A record as one line: kind name|body|params|attributes|value|line. */
static void print(const rdc_record *r, char *buffer, size_t size)
{
  static const char *const kinds[] = {"header", "const", "enum",  "label", "type",
                                      "struct", "var",   "alias", "func"};
  snprintf(buffer, size, "%s %.*s|%.*s|%.*s|%.*s|%lld|%lu", kinds[r->kind], (int)r->name.length,
           r->name.text ? r->name.text : "", (int)r->body.length, r->body.text ? r->body.text : "",
           (int)r->params.length, r->params.text ? r->params.text : "", (int)r->attributes.length,
           r->attributes.text ? r->attributes.text : "", (long long)r->value, (unsigned long)r->line);
}

static void check_records(const char *text, const char *const *want, size_t count)
{
  rdc_port port;
  rdc_status status;
  exact copy;
  char line[512];
  if (!CHECK_INT_FOR(text, scan(text, strlen(text), &port, &copy, &status), RDC_OK))
    fprintf(stderr, "  line %lu: %s\n", (unsigned long)status.line, status.what);
  CHECK_INT_FOR(text, port.count, (long long)count);
  for (size_t i = 0; i < port.count && i < count; i++) {
    print(&port.records[i], line, sizeof line);
    CHECK_STR_FOR(text, line, want[i]);
  }
  rdc_port_free(&port);
  exact_free(&copy);
}
#define RECORDS(text, ...)                                                                         \
  do {                                                                                             \
    static const char *const want[] = {__VA_ARGS__};                                               \
    check_records(text, want, COUNT(want));                                                        \
  } while (0)
#define NO_RECORDS(text) check_records(text, NULL, 0)

static void check_good(void)
{
  NO_RECORDS("#!dynport 2");
  NO_RECORDS("#!dynport 2\r\n\r\n");
  NO_RECORDS(FIRST "\n  # a comment\n\t\n[const]\n[func]\n#");
  RECORDS(FIRST "Port: X\n Title :  a: b  \r\nEmpty:\n", "header Port|X|||0|2",
          "header Title|a: b|||0|3", "header Empty||||0|4");
  RECORDS(FIRST "Library[unix|windows]: a\nLibrary[!unix&!windows]: b\n", "header Library|a|||0|2");
}

static void check_sections(void)
{
  RECORDS(FIRST "[const]\nA=1;\n B = 0xffI ; \nE=\"a;=@b\" @since=2;", "const A|1|||0|3",
          "const B|0xffI|||0|4", "const E|\"a;=@b\"||@since=2|0|5");
  RECORDS(FIRST "[const]\nA=\"x \\\" @y\" @z;\nB=\"\\\\\" @z;", "const A|\"x \\\" @y\"||@z|0|3",
          "const B|\"\\\\\"||@z|0|4");
  RECORDS(FIRST "[enum]\nE{A B=5 C D=-2 F=0x10 G};\n:I{};\nT:i{X};\n{Y Z};", "enum E||||0|3",
          "label A||||0|3", "label B||||5|3", "label C||||6|3", "label D||||-2|3",
          "label F||||16|3", "label G||||17|3", "enum |I|||0|4", "enum T|i|||0|5", "label X||||0|5",
          "enum ||||0|6", "label Y||||0|6", "label Z||||1|6");
  RECORDS(FIRST "[enum]\nE{A=9223372036854775807 B=18446744073709551615 C=-9223372036854775808};",
          "enum E||||0|3", "label A||||9223372036854775807|3", "label B||||-1|3",
          "label C||||-9223372036854775808|3");
  RECORDS(FIRST "[type]\nT=*(i)v;\nU = <size_t> @x;\n", "type T|*(i)v|||0|3",
          "type U|<size_t>||@x|0|4");
  RECORDS(FIRST "[struct]\nS{ii}x y @pack=1;\nU|id}a b;\nO;\nE{};",
          "struct S|S{ii}x y @pack=1||@pack=1|0|3", "struct U|U|id}a b|||0|4", "struct O|O|||0|5",
          "struct E|E{}|||0|6");
  RECORDS(FIRST "[var]\nv:i;\nw: *c @sym=_w;", "var v|i|||0|3", "var w|*c||@sym=_w|0|4");
  RECORDS(FIRST "[alias]\na=b;", "alias a|b|||0|3");
}

static void check_functions(void)
{
  RECORDS(FIRST "[func]\nf()v;\ng(iZ.)*<T> n fmt @cc=stdcall @since=2;\nh(_s*(i)vd)d a b;",
          "func f|)v|||0|3", "func g|iZ.)*<T>|n fmt|@cc=stdcall @since=2|-1|4",
          "func h|_s*(i)vd)d|a b||2|5");
  RECORDS(FIRST "[func !unix & !windows]\nnever(q;\n[func unix|windows]\nf()v;", "func f|)v|||0|5");
  RECORDS(FIRST "[const windows&unix]\nA=1;\n[type windows&unix]\nT=i;\n[struct windows&unix]\nS;\n"
                "[enum windows&unix]\nE{A};\n[var]\nv:i;\n",
          "var v|i|||0|11");
}

/* Text, the line that is wrong. */
static const struct {
  const char *text;
  size_t line;
} bad_rows[] = {
    {"", 0},
    {"\n", 1},
    {"dynport", 1},
    {"#!dynport 3\n", 1},
    {"#!dynport 20\n", 1},
    {" \n#!dynport 2\n", 1},
    {FIRST "no header", 2},
    {FIRST "A: b\n: c", 3},
    {FIRST "[linux]: c", 2},
    {FIRST "A[: c", 2},
    {FIRST "A[linux: c", 2},
    {FIRST "A]b[: c", 2},
    {FIRST "a]b[c:d", 2},
    {FIRST "A[]: c", 2},
    {FIRST "A[plan9]: c", 2},
    {FIRST "A[linux&]: c", 2},
    {FIRST "A[|linux]: c", 2},
    {FIRST "A[!!linux]: c", 2},
    {FIRST "A[linux unix]: c", 2},
    {FIRST "A[linux]junk: c", 2},
    {FIRST "A:1\n\n[nonsense]\n", 4},
    {FIRST "[]", 2},
    {FIRST "[", 2},
    {FIRST "]", 2},
    {FIRST "[const", 2},
    {FIRST "[const linux", 2},
    {FIRST "[const plan9]", 2},
    {FIRST "[const !]", 2},
    {FIRST "[const] x", 2},
    {FIRST "[const]\nA", 3},
    {FIRST "[const]\nA=1", 3},
    {FIRST "[const]\nA;", 3},
    {FIRST "[const]\n=1;", 3},
    {FIRST "[const]\nA=;", 3},
    {FIRST "[const]\nA=B;", 3},
    {FIRST "[const]\nA=1q;", 3},
    {FIRST "[const]\nA=\"x;", 3},
    {FIRST "[const]\nA=\"x\" \"y\";", 3},
    {FIRST "[const]\nA=1;B", 3},
    {FIRST "[const]\n;", 3},
    {FIRST "[const]\n @x;", 3},
    {FIRST "[const]\nA=18446744073709551616;", 3},
    {FIRST "[const]\nA=-9223372036854775809;", 3},
    {FIRST "[enum]\nE;", 3},
    {FIRST "[enum]\nE{A;", 3},
    {FIRST "[enum]\nE{A}B;", 3},
    {FIRST "[enum]\nE}A{;", 3},
    {FIRST "[enum]\nE{=1};", 3},
    {FIRST "[enum]\nE{A=};", 3},
    {FIRST "[enum]\nE{A=x};", 3},
    {FIRST "[enum]\nE{A=-};", 3},
    {FIRST "[enum]\nE{A=1x};", 3},
    {FIRST "[enum]\nE{A=0x};", 3},
    {FIRST "[enum]\nE{A=18446744073709551616};", 3},
    {FIRST "[enum]\nE{A=-9223372036854775809};", 3},
    {FIRST "[type]\nT;", 3},
    {FIRST "[type]\nT=;", 3},
    {FIRST "[type]\n=i;", 3},
    {FIRST "[struct]\n{i}a;", 3},
    {FIRST "[struct]\n|i}a;", 3},
    {FIRST "[var]\nv;", 3},
    {FIRST "[var]\nv=i;", 3},
    {FIRST "[var]\n:i;", 3},
    {FIRST "[alias]\na:b;", 3},
    {FIRST "[func]\nf()v", 3},
    {FIRST "[func]\nf;", 3},
    {FIRST "[func]\nf();", 3},
    {FIRST "[func]\n()v;", 3},
    {FIRST "[func]\nf(q)v;", 3},
    {FIRST "[func]\nf(i)v a b;", 3},
    {FIRST "[func]\nf(i)v; g(i)v;", 3},
    {FIRST "[func]\nf(i)v\ng(i)v;", 3},
    {FIRST "[func]\n\n# x\nf(i)v;\n g(\n", 6},
    {FIRST "[func !unix&!windows]\nno semicolon", 3},
};

static void check_bad(void)
{
  for (size_t i = 0; i < COUNT(bad_rows); i++) {
    rdc_port port;
    rdc_status status;
    exact copy;
    const char *text = bad_rows[i].text;
    rdc_code code = scan(text, strlen(text), &port, &copy, &status);
    if (CHECK_FOR(text, code != RDC_OK)) {
      CHECK_FOR(text, !strcmp(rdc_status_suffix(code), "port") ||
                          !strcmp(rdc_status_suffix(code), "signature"));
      CHECK_INT_FOR(text, status.code, code);
      CHECK_INT_FOR(text, status.line, (long long)bad_rows[i].line);
      CHECK_FOR(text, !strncmp(status.what, "expected ", 9));
    }
    rdc_port_free(&port);
    exact_free(&copy);
  }
}

static void check_nul(void)
{
  static const char text[] = FIRST "[const]\nA=1\0;\n";
  rdc_port port;
  rdc_status status;
  exact copy;
  CHECK_INT(scan(text, sizeof text - 1, &port, &copy, &status), RDC_PORT_SYNTAX);
  CHECK_INT(status.line, 3);
  rdc_port_free(&port);
  exact_free(&copy);
}

/* A long line is quoted in part. */
static void check_long_line(void)
{
  enum { LENGTH = 5000 };
  char *text = malloc(LENGTH + 32);
  rdc_port port;
  rdc_status status;
  exact copy;
  strcpy(text, FIRST);
  memset(text + strlen(FIRST), 'x', LENGTH);
  CHECK_INT(scan(text, strlen(FIRST) + LENGTH, &port, &copy, &status), RDC_PORT_SYNTAX);
  CHECK_INT(status.line, 2);
  CHECK(strlen(status.what) < 200 && strstr(status.what, "xxx...'"));
  rdc_port_free(&port);
  exact_free(&copy);
  free(text);
}

/* Each shipped file scans; all signatures in it parse. */
static void check_shipped(const char *path, const char *first_title)
{
  size_t length = 0, kinds[RDC_RECORD_FUNC + 1] = {0}, last = 0;
  char *text = scene_file(path, &length);
  rdc_port port;
  rdc_status status;
  exact copy;
  scene s;
  if (!CHECK_FOR(path, text != NULL))
    return;
  if (!CHECK_INT_FOR(path, scan(text, length, &port, &copy, &status), RDC_OK))
    fprintf(stderr, "  line %lu: %s\n", (unsigned long)status.line, status.what);
  scene_init(&s);
  for (size_t i = 0; i < port.count; i++) {
    const rdc_record *r = &port.records[i];
    rdc_literal literal;
    const rdc_type *type;
    rdc_type *function;
    rdc_sig sig;
    kinds[r->kind]++;
    CHECK_FOR(path, r->line >= last);
    last = r->line;
    rdc_sig_init(&sig, r->body.text, r->body.length, &s.arena, NULL, &status);
    if (r->kind == RDC_RECORD_CONST)
      CHECK_INT_FOR(path, rdc_port_literal(r->body, &s.arena, &literal, &status), RDC_OK);
    else if (r->kind == RDC_RECORD_TYPE || r->kind == RDC_RECORD_VAR)
      CHECK_INT_FOR(path, rdc_sig_type(&sig, &type), RDC_OK);
    else if (r->kind == RDC_RECORD_FUNC)
      CHECK_INT_FOR(path, rdc_sig_call(&sig, &function), RDC_OK);
  }
  CHECK_FOR(path, port.count > 0 && span_is(port.records[0].name, "Port"));
  CHECK_FOR(path, port.count > 0 && span_is(port.records[0].body, first_title));
  CHECK_FOR(path, kinds[RDC_RECORD_FUNC] > 30);
  CHECK_FOR(path, kinds[RDC_RECORD_CONST] >= 5);
  scene_free(&s);
  rdc_port_free(&port);
  exact_free(&copy);
  free(text);
}

static void check_literal(const char *text, rdc_literal_kind kind, char letter, int negative,
                          uint64_t magnitude, double real, const char *bytes)
{
  rdc_arena arena;
  rdc_literal got;
  rdc_status status;
  exact copy = exact_copy(text, strlen(text));
  rdc_span span = {copy.text, copy.length};
  rdc_arena_init(&arena);
  if (CHECK_INT_FOR(text, rdc_port_literal(span, &arena, &got, &status), RDC_OK)) {
    CHECK_INT_FOR(text, got.kind, kind);
    if (kind == RDC_LITERAL_INTEGER) {
      CHECK_INT_FOR(text, got.letter, letter);
      CHECK_INT_FOR(text, got.negative != 0, negative);
      CHECK_FOR(text, got.magnitude == magnitude);
    } else if (kind == RDC_LITERAL_REAL) {
      CHECK_FOR(text, got.real == real);
    } else {
      CHECK_INT_FOR(text, got.length, (long long)strlen(bytes));
      CHECK_FOR(text, !memcmp(got.text, bytes, got.length));
    }
  }
  rdc_arena_free(&arena);
  exact_free(&copy);
}

static void check_literals(void)
{
  static const struct {
    const char *text;
    char letter;
    int negative;
    uint64_t magnitude;
  } integers[] = {
      {"0", 0, 0, 0},
      {"1", 0, 0, 1},
      {"-1", 0, 1, 1},
      {"0x10", 0, 0, 16},
      {"0XfF", 0, 0, 255},
      {"-0x10", 0, 1, 16},
      {"5i", 'i', 0, 5},
      {"0xffffffffI", 'I', 0, 0xffffffffu},
      {"3L", 'L', 0, 3},
      {"1B", 'B', 0, 1},
      {"0x10p", 'p', 0, 16},
      {"-1p", 'p', 1, 1},
      {"010", 0, 0, 10},
      {"0xc", 0, 0, 12},
      {"0xcC", 0, 0, 0xcc},
      {"18446744073709551615", 0, 0, UINT64_MAX},
      {"0xffffffffffffffffL", 'L', 0, UINT64_MAX},
      {"-9223372036854775808", 0, 1, (uint64_t)1 << 63},
      {"-0", 0, 1, 0},
  };
  static const struct {
    const char *text;
    double value;
  } reals[] = {{"1.5", 1.5},   {"-1.5", -1.5}, {"1e3", 1000},       {"1.5f", 1.5},
               {"2d", 2},      {"0.5d", 0.5},  {".5", 0.5},         {"1.", 1},
               {"1E-2", 0.01}, {"5f", 5},      {"1e400", HUGE_VAL}, {"0x1.8p1", 3}};
  for (size_t i = 0; i < COUNT(integers); i++)
    check_literal(integers[i].text, RDC_LITERAL_INTEGER, integers[i].letter, integers[i].negative,
                  integers[i].magnitude, 0, NULL);
  for (size_t i = 0; i < COUNT(reals); i++)
    check_literal(reals[i].text, RDC_LITERAL_REAL, 0, 0, 0, reals[i].value, NULL);
  static const char *const strings[][2] = {
      {"\"\"", ""},
      {"\"a\"", "a"},
      {"\"a b\"", "a b"},
      {"\"\\n\"", "\n"},
      {"\"\\t\\r\"", "\t\r"},
      {"\"\\\\\"", "\\"},
      {"\"\\\"\"", "\""},
      {"\"'\\'\"", "''"},
      {"\"\\x41z\"", "Az"},
      {"\"\\xff\"", "\xff"},
      {"\"\303\251\"", "\303\251"},
  };
  for (size_t i = 0; i < COUNT(strings); i++)
    check_literal(strings[i][0], RDC_LITERAL_STRING, 0, 0, 0, 0, strings[i][1]);
}

static void check_bad_literals(void)
{
  static const char *const rows[] = {
      "",
      "x",
      "-",
      "--1",
      "+",
      "1 2",
      "1x",
      "0x",
      "0xg",
      "1ii",
      "1.5x",
      "1.5ff",
      "e5",
      "\"",
      "\"a",
      "a\"",
      "\"a\"b",
      "\"\"\"",
      "\"\\\"",
      "\"\\q\"",
      "\"\\x4\"",
      "\"\\x4g\"",
      "\"\\x00\"",
      "\"\\",
      "-9223372036854775809",
      "18446744073709551616",
      "0x10000000000000000",
      "1e",
      "'a'",
      "1,5",
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    rdc_arena arena;
    rdc_literal got;
    rdc_status status;
    exact copy = exact_copy(rows[i], strlen(rows[i]));
    rdc_span span = {copy.text, copy.length};
    rdc_arena_init(&arena);
    CHECK_INT_FOR(rows[i], rdc_port_literal(span, &arena, &got, &status), RDC_PORT_SYNTAX);
    rdc_arena_free(&arena);
    exact_free(&copy);
  }
}

void check_port(void)
{
  check_good();
  check_sections();
  check_functions();
  check_bad();
  check_nul();
  check_long_line();
  check_shipped("inst/dynports/GL.dynport", "GL");
  check_shipped("inst/dynports/SDL.dynport", "SDL");
  check_shipped("inst/dynports/expat.dynport", "expat");
  check_literals();
  check_bad_literals();
}
