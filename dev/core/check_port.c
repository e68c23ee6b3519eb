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
  return rdc_port_scan(port, copy->text, length, NULL, status);
}

static int span_is(rdc_span span, const char *text)
{
  return span.length == strlen(text) && (!span.length || !memcmp(span.text, text, span.length));
}

/* A record as one line: kind name|body|params|attributes|value|line; the letter of an enum or label stands
   for its body. */
static void print(const rdc_record *r, char *buffer, size_t size)
{
  static const char *const kinds[] = {"header", "const", "enum",  "label", "type",
                                      "struct", "var",   "alias", "func"};
  rdc_span body = r->body;
  if (r->kind == RDC_RECORD_ENUM || r->kind == RDC_RECORD_LABEL) {
    body.text = &r->letter;
    body.length = 1;
  }
  snprintf(buffer, size, "%s %.*s|%.*s|%.*s|%.*s|%lld|%lu", kinds[r->kind], (int)r->name.length,
           r->name.text ? r->name.text : "", (int)body.length, body.text ? body.text : "",
           (int)r->params.length, r->params.text ? r->params.text : "", (int)r->attributes.length,
           r->attributes.text ? r->attributes.text : "", (long long)r->value,
           (unsigned long)r->line);
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
  RECORDS(FIRST "Port: X\n Title :  a: b  \r\nNote:\nX-any: 1\n", "header Port|X|||0|2",
          "header Title|a: b|||0|3", "header Note||||0|4", "header X-any|1|||0|5");
  RECORDS(FIRST "Library[unix|windows]: a\nLibrary[!unix&!windows]: b\n", "header Library|a|||0|2");
}

static void check_sections(void)
{
  RECORDS(FIRST "[const]\nA=1;\n B = 0xffI ; \nE=\"a;=@b\" @since=2;", "const A|1|||0|3",
          "const B|0xffI|||0|4", "const E|\"a;=@b\"||@since=2|0|5");
  RECORDS(FIRST "[const]\nA=\"x \\\" @y\" @x-z;\nB=\"\\\\\" @x-z;",
          "const A|\"x \\\" @y\"||@x-z|0|3", "const B|\"\\\\\"||@x-z|0|4");
  RECORDS(FIRST "[enum]\nE{A B=5 C D=-2 F=0x10 G};\n:I{};\nT:i{X};\n{Y Z};", "enum E|i|||0|3",
          "label A|i|||0|3", "label B|i|||5|3", "label C|i|||6|3", "label D|i|||-2|3",
          "label F|i|||16|3", "label G|i|||17|3", "enum |I|||0|4", "enum T|i|||0|5",
          "label X|i|||0|5", "enum |i|||0|6", "label Y|i|||0|6", "label Z|i|||1|6");
  RECORDS(FIRST "[enum]\nE{A=9223372036854775807 C=-9223372036854775808};\n"
                "F{B=18446744073709551615 A=-0};\nG{A=2147483648};\nH{A=-2147483649};\n"
                "I:L{A=0xffffffffffffffff};\nJ{A=-1 B C};\nK:B{A B};\nL:c{A=-128 B=127};",
          "enum E|l|||0|3", "label A|l|||9223372036854775807|3",
          "label C|l|||-9223372036854775808|3", "enum F|L|||0|4", "label B|L|||-1|4",
          "label A|L|||0|4", "enum G|I|||0|5", "label A|I|||2147483648|5", "enum H|l|||0|6",
          "label A|l|||-2147483649|6", "enum I|L|||0|7", "label A|L|||-1|7", "enum J|i|||0|8",
          "label A|i|||-1|8", "label B|i|||0|8", "label C|i|||1|8", "enum K|B|||0|9",
          "label A|B|||0|9", "label B|B|||1|9", "enum L|c|||0|10", "label A|c|||-128|10",
          "label B|c|||127|10");
  RECORDS(FIRST "[type]\nT=*(i)v;\nU = <size_t> @x-y;\n", "type T|*(i)v|||0|3",
          "type U|<size_t>||@x-y|0|4");
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
  RECORDS(FIRST "[func !unix & !windows]\nnever(i)v;\n[func unix|windows]\nf()v;",
          "func f|)v|||0|5");
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
    {FIRST "Note: b\n: c", 3},
    {FIRST "[linux]: c", 2},
    {FIRST "Note[: c", 2},
    {FIRST "Note[linux: c", 2},
    {FIRST "A]b[: c", 2},
    {FIRST "a]b[c:d", 2},
    {FIRST "Note[]: c", 2},
    {FIRST "Note[plan9]: c", 2},
    {FIRST "Note[linux&]: c", 2},
    {FIRST "Note[|linux]: c", 2},
    {FIRST "Note[!!linux]: c", 2},
    {FIRST "Note[linux unix]: c", 2},
    {FIRST "Note[linux]junk: c", 2},
    {FIRST "X-A:1\n\n[nonsense]\n", 4},
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
    {FIRST "[func !unix&!windows]\nf(q)v;", 3},
    {FIRST "[const !unix&!windows]\nA=;", 3},
    {FIRST "[enum !unix&!windows]\nE{A=};", 3},
    {FIRST "[struct !unix&!windows]\nS{i}a b;", 3},
    {FIRST "[type !unix&!windows]\nT=q;", 3},
    {FIRST "[var !unix&!windows]\nv:q;", 3},
    {FIRST "[alias !unix&!windows]\na=b c;", 3},
    {FIRST "Unknown: x", 2},
    {FIRST "Library10: x", 2},
    {FIRST "Library1: x", 2},
    {FIRST "Version2: 1", 2},
    {FIRST "X-: x", 2},
    {FIRST "Port: a b", 2},
    {FIRST "Port:", 2},
    {FIRST "Library:", 2},
    {FIRST "Library[!unix&!windows]:", 2},
    {FIRST "Import: ", 2},
    {FIRST "Version: x", 2},
    {FIRST "Version: 1.", 2},
    {FIRST "Version: 1.2 3", 2},
    {FIRST "Min-Version: 1..2", 2},
    {FIRST "Min-Version: 1234567890", 2},
    {FIRST "Package: libfoo", 2},
    {FIRST "Package: deb:a :b", 2},
    {FIRST "Package: deb:", 2},
    {FIRST "Resolver: a b", 2},
    {FIRST "Probe:", 2},
    {FIRST "Probe: w", 2},
    {FIRST "Probe: w=f", 2},
    {FIRST "Probe: w=f(", 2},
    {FIRST "Probe: f()i", 2},
    {FIRST "Probe: =f()i", 2},
    {FIRST "Probe: w=()i", 2},
    {FIRST "Probe: w=f()Z", 2},
    {FIRST "Probe: w=f()v", 2},
    {FIRST "Probe: version=f()i", 2},
    {FIRST "Probe: w=f(i)i", 2},
    {FIRST "Probe: w=f(i)i x", 2},
    {FIRST "Probe: w=f(i)i 1 2", 2},
    {FIRST "Probe: w=f(i)i \"1\"", 2},
    {FIRST "Probe: w=f(i)i 1.5", 2},
    {FIRST "Probe: w=f(Z)i 1", 2},
    {FIRST "Probe: w=f(Z)i \"open", 2},
    {FIRST "Probe: w=f(p)i 1p", 2},
    {FIRST "Probe: w=f(q)i", 2},
    {FIRST "Probe: unix=f()i", 2},
    {FIRST "Probe: w-1=f()i", 2},
    {FIRST "[const w]\nA=1;", 2},
    {FIRST "Version: 1\n[const version]", 3},
    {FIRST "Version: 1\n[const version>]", 3},
    {FIRST "Version: 1\n[const version~1]", 3},
    {FIRST "Version: 1\n[const version>=x]", 3},
    {FIRST "Version: 1\n[const versions>=1]", 3},
    {FIRST "Version: 1\n[const !version>=1]", 3},
    {FIRST "[const version>=1]", 2},
    {FIRST "[const]\nA B=1;", 3},
    {FIRST "[const]\n1A=1;", 3},
    {FIRST "[const]\n.A=1;", 3},
    {FIRST "[const]\nA-B=1;", 3},
    {FIRST "[const]\nA=300C;", 3},
    {FIRST "[const]\nA=1 @sym=x;", 3},
    {FIRST "[const]\nA=1 @since;", 3},
    {FIRST "[const]\nA=1 @since=x;", 3},
    {FIRST "[const]\nA=1 @;", 3},
    {FIRST "[const]\nA=1 @=x;", 3},
    {FIRST "[const]\nA=1 @x-;", 3},
    {FIRST "[const]\nA=1 @since=1 B;", 3},
    {FIRST "[const]\nA=1 @since=1 @since=2;", 3},
    {FIRST "[const]\nA=1 @deprecated=;", 3},
    {FIRST "[enum]\nE:d{A};", 3},
    {FIRST "[enum]\nE:{A};", 3},
    {FIRST "[enum]\nE:ii{A};", 3},
    {FIRST "[enum]\nE:{};", 3},
    {FIRST "[enum]\nA B{C};", 3},
    {FIRST "[enum]\nE{1A};", 3},
    {FIRST "[enum]\nE{A,B};", 3},
    {FIRST "[enum]\nE:c{A=128};", 3},
    {FIRST "[enum]\nE:c{A=-129};", 3},
    {FIRST "[enum]\nE:C{A=-1};", 3},
    {FIRST "[enum]\nE:B{A B C};", 3},
    {FIRST "[enum]\nE:i{A=2147483647 B};", 3},
    {FIRST "[enum]\nE:I{A=4294967296};", 3},
    {FIRST "[enum]\nE:l{A=9223372036854775808};", 3},
    {FIRST "[enum]\nE:L{A=-1};", 3},
    {FIRST "[enum]\nE{A=-1 B=18446744073709551615};", 3},
    {FIRST "[enum]\nE{A=18446744073709551615 B};", 3},
    {FIRST "[enum]\nE{A} @pack=1;", 3},
    {FIRST "[enum]\nE{A} @flags=1;", 3},
    {FIRST "[type]\nT S=i;", 3},
    {FIRST "[type]\nT=i @cc=stdcall;", 3},
    {FIRST "[struct]\nS T;", 3},
    {FIRST "[struct]\nS {i}a; T{i}b;", 3},
    {FIRST "[struct]\nS{i}a @pack=3;", 3},
    {FIRST "[struct]\nS{i}a @pack;", 3},
    {FIRST "[struct]\nS{i}a @ms=1;", 3},
    {FIRST "[struct]\nS{i}a @sym=b;", 3},
    {FIRST "[var]\nv w:i;", 3},
    {FIRST "[var]\nv:i @ptr=x;", 3},
    {FIRST "[alias]\na=b c;", 3},
    {FIRST "[alias]\na=1;", 3},
    {FIRST "[func]\nf()v @sim=g;", 3},
    {FIRST "[func]\nf()v @sym;", 3},
    {FIRST "[func]\nf()v @sym=;", 3},
    {FIRST "[func]\nf()v @pack=1;", 3},
    {FIRST "[func]\nf()v @lib=1;", 3},
    {FIRST "Library: a\n[func]\nf()v @lib=2;", 4},
    {FIRST "Library: a\n[func]\nf()v @lib=x;", 4},
    {FIRST "Library: a\n[func]\nf()v @lib=11;", 4},
    {FIRST "[func]\n1f()v;", 3},
    {FIRST "[const]\nA=\"\x01\";", 3},
    {FIRST "# \xff", 2},
    {FIRST "# \xc0\x80", 2},
    {FIRST "# \xe0\x80\x80", 2},
    {FIRST "# \xed\xa0\x80", 2},
    {FIRST "# \xf4\x90\x80\x80", 2},
    {FIRST "# \xf5\x80\x80\x80", 2},
    {FIRST "# \xe2\x82", 2},
    {FIRST "# \x7f", 2},
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

/* What is true: words of another platform, of probes, versions. */
static void check_words(void)
{
  static const char text[] =
      FIRST "Library[windows]: w\nLibrary[unix]: u\nVersion: 1.10\nVersion[windows]: 1.2\n"
            "Probe: two=f()i\nProbe: version=v()Z\n[const windows&llp64]\nA=1;\n"
            "[const unix]\nA=2;\n[const two|darwin]\nB=1;\n[const !two]\nB=2;\n"
            "[const version>=1.3]\nC=1;\n[const version<1.3 & !darwin]\nC=2;\n"
            "[const version=1.10.0]\nD=1;\n[const version!=1.10]\nD=2;\n"
            "[const version<=2 & version>1.9|darwin]\nE=1;\n[const version==1.2]\nE=2;\n";
  static const struct {
    const char *words[6];
    const char *values; /* of A to E, '-' for none */
  } rows[] = {
      {{"unix", "lp64", NULL}, "22111"},
      {{"windows", "llp64", "64", NULL}, "12222"},
      {{"windows", NULL}, "-2222"},
      {{"unix", "two", NULL}, "21111"},
      {{"darwin", NULL}, "-2111"},
      {{"unix", "version=1.2", NULL}, "22222"},
      {{"windows", "version=1.10.0-3", NULL}, "-2111"},
      {{"unix", "version=3", NULL}, "2212-"},
      {{"unix", "version=1.3", NULL}, "2212-"},
      {{"unix", "version=1.09", NULL}, "2212-"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    rdc_port port;
    rdc_status status;
    char got[6] = "-----";
    rdc_status_clear(&status);
    CHECK_INT(rdc_port_scan(&port, text, sizeof text - 1, rows[i].words, &status), RDC_OK);
    for (size_t k = 0; k < port.count; k++)
      if (port.records[k].kind == RDC_RECORD_CONST)
        got[port.records[k].name.text[0] - 'A'] = port.records[k].body.text[0];
    CHECK_STR_FOR(rows[i].words[0], got, rows[i].values);
    rdc_port_free(&port);
  }
  /* a word that is passed need not be declared */
  static const char own[] = FIRST "[const mine]\nA=1;\n";
  static const char *const mine[] = {"mine", NULL};
  rdc_port port;
  rdc_status status;
  rdc_status_clear(&status);
  CHECK_INT(rdc_port_scan(&port, own, sizeof own - 1, mine, &status), RDC_OK);
  CHECK_INT(port.count, 1);
  rdc_port_free(&port);
}

static void check_attributes(void)
{
  RECORDS(FIRST "Library: a\nLibrary2[windows]: b\n[func]\n"
                "f()v @sym=g @cc=stdcall @lib=2 @since=1.2 @deprecated @x-a=b @x-c;\n"
                "g()v @ptr=v_g;\nh()v @get=ask @deprecated=1.0;\n[var]\nv:i @sym=w @lib=1;\n"
                "[enum]\nE{A} @flags;\n[alias]\na=f @since=3;",
          "header Library|a|||0|2",
          "func f|)v||@sym=g @cc=stdcall @lib=2 @since=1.2 @deprecated @x-a=b @x-c|0|5",
          "func g|)v||@ptr=v_g|0|6", "func h|)v||@get=ask @deprecated=1.0|0|7",
          "var v|i||@sym=w @lib=1|0|9", "enum E|i||@flags|0|11", "label A|i|||0|11",
          "alias a|f||@since=3|0|13");
  rdc_span rest = {"@sym=g\t@flag  @a=b=c", 20}, key, value;
  CHECK(rdc_port_attribute(&rest, &key, &value) && span_is(key, "sym") && span_is(value, "g"));
  CHECK(rdc_port_attribute(&rest, &key, &value) && span_is(key, "flag") && span_is(value, ""));
  CHECK(rdc_port_attribute(&rest, &key, &value) && span_is(key, "a") && span_is(value, "b=c"));
  CHECK(!rdc_port_attribute(&rest, &key, &value));
}

/* Each declaration can be read again from the place of its line. */
static void check_lines(void)
{
  static const char text[] =
      FIRST "Library: a\nLibrary2: b\n[const]\n A=1; \n[enum]\nE{X Y=7} @flags;\n"
            "[struct windows]\nW{i}a;\n[struct unix|windows]\nS{ii}x y @pack=1;\n"
            "[func]\r\nf(i)v a @lib=2;\r\n[var]\nv:i;\n[alias]\na=f;";
  rdc_port port, one;
  rdc_status status;
  rdc_status_clear(&status);
  CHECK_INT(rdc_port_scan(&port, text, sizeof text - 1, NULL, &status), RDC_OK);
  for (size_t i = 0; i < port.count; i++) {
    const rdc_record *r = &port.records[i];
    char want[256], got[256];
    if (r->kind == RDC_RECORD_HEADER || r->kind == RDC_RECORD_LABEL)
      continue;
    CHECK_INT(rdc_port_line(&one, text, sizeof text - 1, r->at, r->kind, &status), RDC_OK);
    CHECK_INT(one.count, r->kind == RDC_RECORD_ENUM ? 3 : 1);
    print(r, want, sizeof want);
    print(&one.records[0], got, sizeof got);
    CHECK_STR_FOR("line", got, want);
    CHECK_INT(one.records[0].at, r->at);
    rdc_port_free(&one);
  }
  rdc_port_free(&port);
  /* elsewhere there is none, or it has another form */
  static const size_t places[] = {0, 1, 5, 12, sizeof text - 1, sizeof text, SIZE_MAX};
  for (size_t i = 0; i < COUNT(places); i++) {
    CHECK(rdc_port_line(&one, text, sizeof text - 1, places[i], RDC_RECORD_FUNC, &status) !=
          RDC_OK);
    rdc_port_free(&one);
  }
}

static void check_probes(void)
{
  static const char text[] = "two = f(Zid.)B \"a \\\" b\" -3 2";
  rdc_arena arena;
  rdc_probe probe;
  rdc_status status;
  rdc_span span = {text, sizeof text - 1};
  rdc_arena_init(&arena);
  rdc_status_clear(&status);
  if (CHECK_INT(rdc_port_probe(span, &arena, &probe, &status), RDC_OK)) {
    CHECK(span_is(probe.word, "two") && span_is(probe.symbol, "f"));
    CHECK(span_is(probe.call, "Zid.)B"));
    CHECK_INT(probe.count, 3);
    CHECK(probe.arguments[0].length == 5 && !memcmp(probe.arguments[0].text, "a \" b", 5));
    CHECK(probe.arguments[1].negative && probe.arguments[1].magnitude == 3);
  }
  rdc_arena_free(&arena);
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
      {"-128c", 'c', 1, 128},
      {"255C", 'C', 0, 255},
      {"-32768s", 's', 1, 32768},
      {"-2147483648i", 'i', 1, 2147483648u},
      {"-1j", 'j', 1, 1},
      {"-9223372036854775808l", 'l', 1, (uint64_t)1 << 63},
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
  } reals[] = {{"1.5", 1.5},        {"-1.5", -1.5}, {"1e3", 1000},  {"1.5f", 1.5},   {"2d", 2},
               {"0.5d", 0.5},       {".5", 0.5},    {"1.", 1},      {"1E-2", 0.01},  {"5f", 5},
               {"1e400", HUGE_VAL}, {"0x1.8p1", 3}, {"0.1f", 0.1f}, {"-1.2f", -1.2f}};
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
      "2B",
      "-1B",
      "128c",
      "-129c",
      "256C",
      "-1C",
      "32768s",
      "65536S",
      "2147483648i",
      "0x100000000I",
      "-1I",
      "9223372036854775808l",
      "-1L",
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
  check_words();
  check_attributes();
  check_lines();
  check_probes();
  check_nul();
  check_long_line();
  check_shipped("inst/dynports/GL.dynport", "GL");
  check_shipped("inst/dynports/SDL.dynport", "SDL");
  check_shipped("inst/dynports/expat.dynport", "expat");
  check_literals();
  check_bad_literals();
}
