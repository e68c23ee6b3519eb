/* Descriptors: sizes of scalars and reserved names, canonical text, C spelling, equality. */
#include "type.h"
#include "check.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <wchar.h>

/* clang-format off */
#define ALIGN_IN_STRUCT(type) offsetof(struct { char c; type x; }, x)
/* clang-format on */

static void check_scalars(void)
{
#define X(letter, kind_, spelling, ctype, class_)                                                  \
  {                                                                                                \
    const rdc_type *type = rdc_type_letter(letter);                                                \
    CHECK(type && type->kind == RDC_##kind_);                                                      \
    CHECK_INT(type->size, sizeof(ctype));                                                          \
    CHECK_INT(type->align, ALIGN_IN_STRUCT(ctype));                                                \
    CHECK_INT(rdc_type_kind_letter(RDC_##kind_), letter);                                          \
    CHECK_INT(rdc_kind_is_signed(RDC_##kind_), !strcmp(#class_, "SIGNED"));                        \
    CHECK_INT(rdc_kind_is_real(RDC_##kind_), !strcmp(#class_, "REAL"));                            \
    CHECK_INT(rdc_kind_is_integer(RDC_##kind_), strcmp(#class_, "REAL") != 0);                     \
  }
  RDC_SCALARS(X)
#undef X
  CHECK_INT(rdc_type_letter('B')->size, sizeof(_Bool));
  CHECK(rdc_type_letter('v')->kind == RDC_VOID && !rdc_type_letter('v')->is_complete);
  CHECK(rdc_type_letter('p') == rdc_type_void_pointer());
  CHECK_INT(rdc_type_letter('Z')->size, sizeof(char *));
  CHECK_INT(rdc_type_letter('x')->size, sizeof(void *));
  for (int c = 0; c < 256; c++)
    if (!c || !strchr("vBcCsSiIjJlLfdDpZx", c))
      CHECK(rdc_type_letter((char)c) == NULL);
  CHECK(!rdc_kind_is_integer(RDC_POINTER) && !rdc_kind_is_integer(RDC_STRUCT));
  CHECK(!rdc_kind_is_real(RDC_DCOMPLEX) && !rdc_kind_is_integer(RDC_NAMED));
}

static void check_reserved(void)
{
#define RESERVED(text, ctype, is_signed_)                                                          \
  {                                                                                                \
    const rdc_type *type = rdc_type_reserved(text, strlen(text));                                  \
    if (CHECK_FOR(text, type != NULL)) {                                                           \
      CHECK_STR(type->name, text);                                                                 \
      CHECK_INT_FOR(text, type->size, sizeof(ctype));                                              \
      CHECK_INT_FOR(text, rdc_type_strip(type)->size, sizeof(ctype));                              \
      CHECK_INT_FOR(text, type->align, ALIGN_IN_STRUCT(ctype));                                    \
      CHECK_INT_FOR(text, rdc_kind_is_signed(rdc_type_strip(type)->kind), is_signed_);             \
    }                                                                                              \
  }
  RESERVED("size_t", size_t, 0)
  RESERVED("ssize_t", ssize_t, 1)
  RESERVED("ptrdiff_t", ptrdiff_t, 1)
  RESERVED("intptr_t", intptr_t, 1)
  RESERVED("uintptr_t", uintptr_t, 0)
  RESERVED("wchar_t", wchar_t, (wchar_t)-1 < (wchar_t)1)
  RESERVED("char16_t", uint16_t, 0)
  RESERVED("char32_t", uint32_t, 0)
  RESERVED("time_t", time_t, 1)
  RESERVED("off_t", off_t, 1)
  RESERVED("long double", long double, 0)
  RESERVED("float complex", float _Complex, 0)
  RESERVED("double complex", double _Complex, 0)
  RESERVED("long double complex", long double _Complex, 0)
#undef RESERVED
  CHECK(rdc_type_reserved("va_list", 7) != NULL);
  CHECK(rdc_type_reserved("size_t", 5) == NULL);
  CHECK(rdc_type_reserved("size_tt", 7) == NULL);
  CHECK(rdc_type_reserved("", 0) == NULL);
}

/* Signature, its canonical text (NULL: the same), its C spelling with and without the name x. */
static const struct {
  const char *text, *canonical, *named, *bare;
} type_rows[] = {
    {"i", NULL, "int x", "int"},
    {"B", NULL, "bool x", "bool"},
    {"c", NULL, "char x", "char"},
    {"S", NULL, "unsigned short x", "unsigned short"},
    {"j", NULL, "long x", "long"},
    {"L", NULL, "unsigned long long x", "unsigned long long"},
    {"D", NULL, "long double x", "long double"},
    {"p", NULL, "void *x", "void *"},
    {"*v", "p", "void *x", "void *"},
    {"**v", "*p", "void **x", "void **"},
    {"Z", NULL, "const char *x", "const char *"},
    {"kZ", NULL, "const char *const x", "const char *const"},
    {"*Z", NULL, "const char **x", "const char **"},
    {"x", NULL, "SEXP x", "SEXP"},
    {"kd", NULL, "const double x", "const double"},
    {"*c", NULL, "char *x", "char *"},
    {"*kc", NULL, "const char *x", "const char *"},
    {"k*c", NULL, "char *const x", "char *const"},
    {"kp", NULL, "void *const x", "void *const"},
    {"*kv", NULL, "const void *x", "const void *"},
    {"*k*c", NULL, "char *const *x", "char *const *"},
    {"k*k*kc", NULL, "const char *const *const x", "const char *const *const"},
    {"*c[16]", NULL, "char *x[16]", "char *[16]"},
    {"kc[4]", NULL, "const char x[4]", "const char [4]"},
    {"i[2][3]", NULL, "int x[2][3]", "int [2][3]"},
    {"i[]", NULL, "int x[]", "int []"},
    {"i[][3]", NULL, "int x[][3]", "int [][3]"},
    {"i[0]", "i[]", "int x[]", "int []"},
    {"i[2][0]", NULL, "int x[2][0]", "int [2][0]"},
    {"i[007]", "i[7]", "int x[7]", "int [7]"},
    {"<Rect>", NULL, "Rect x", "Rect"},
    {"k<Rect>", NULL, "const Rect x", "const Rect"},
    {"*<Rect>", NULL, "Rect *x", "Rect *"},
    {"*k<Rect>", NULL, "const Rect *x", "const Rect *"},
    {"<size_t>", NULL, "size_t x", "size_t"},
    {"<double complex>", NULL, "double complex x", "double complex"},
    {"<a name with {}:() in it>", NULL, NULL, NULL},
    {"*()v", NULL, "void (*x)(void)", "void (*)(void)"},
    {"*(*v*v)i", "*(pp)i", "int (*x)(void *, void *)", "int (*)(void *, void *)"},
    {"*(Z.)i", NULL, "int (*x)(const char *, ...)", "int (*)(const char *, ...)"},
    {"*(i.di)v", NULL, NULL, NULL},
    {"*(.)v", NULL, "void (*x)(...)", "void (*)(...)"},
    {"*(i)*(d)f", NULL, "float (*(*x)(int))(double)", "float (*(*)(int))(double)"},
    {"*(*(i)v)*(i)v", NULL, "void (*(*x)(void (*)(int)))(int)", NULL},
    {"*(i)v[3]", NULL, "void (*x[3])(int)", "void (*[3])(int)"},
    {"**(i)v", NULL, "void (**x)(int)", "void (**)(int)"},
    {"k*(i)v", NULL, "void (*const x)(int)", NULL},
    {"*(i)kd", NULL, "const double (*x)(int)", NULL},
    {"*(ki)v", NULL, "void (*x)(const int)", NULL},
    {"*(i[3])v", "*(*i)v", "void (*x)(int *)", NULL},
    {"*(ki[])v", "*(*ki)v", "void (*x)(const int *)", NULL},
    {"*(i[2][3])v", "*(*i)v", "void (*x)(int *)", NULL},
    {"*(_si)v", NULL, NULL, NULL},
    {"*(<T>[2])<T>", "*(*<T>)<T>", "T (*x)(T *)", NULL},
};

static void print(const rdc_type *type, char *buffer, size_t size)
{
  size_t length = rdc_type_text(type, buffer, size);
  CHECK(length < size && strlen(buffer) == length);
}

static void check_table(void)
{
  char text[256];
  for (size_t i = 0; i < COUNT(type_rows); i++) {
    const char *row = type_rows[i].text;
    scene s;
    scene_init(&s);
    const rdc_type *type = scene_type(&s, row), *again;
    if (CHECK_FOR(row, type != NULL)) {
      print(type, text, sizeof text);
      CHECK_STR_FOR(row, text, type_rows[i].canonical ? type_rows[i].canonical : row);
      again = scene_type(&s, text);
      if (CHECK_FOR(row, again != NULL)) {
        char second[256];
        print(again, second, sizeof second);
        CHECK_STR_FOR(row, second, text);
      }
      if (type_rows[i].named) {
        rdc_type_spell(type, "x", NULL, text, sizeof text);
        CHECK_STR_FOR(row, text, type_rows[i].named);
      }
      if (type_rows[i].bare) {
        rdc_type_spell(type, NULL, NULL, text, sizeof text);
        CHECK_STR_FOR(row, text, type_rows[i].bare);
      }
    }
    scene_free(&s);
  }
}

static void check_prototype(const char *signature, const char *const *params, const char *want)
{
  scene s;
  rdc_sig sig;
  rdc_type *type;
  char text[256];
  scene_init(&s);
  rdc_sig_init(&sig, signature, strlen(signature), &s.arena, NULL, &s.status);
  if (CHECK_FOR(signature, rdc_sig_call(&sig, &type) == RDC_OK)) {
    rdc_type_spell(type, "f", params, text, sizeof text);
    CHECK_STR_FOR(signature, text, want);
  }
  scene_free(&s);
}

static void check_prototypes(void)
{
  const char *two[] = {"n", "s"}, *holes[] = {NULL, "s"};
  check_prototype("iZ)d", two, "double f(int n, const char *s)");
  check_prototype("iZ)d", holes, "double f(int, const char *s)");
  check_prototype("iZ.)*c", two, "char *f(int n, const char *s, ...)");
  check_prototype(")v", NULL, "void f(void)");
  check_prototype("_si*(i)v)<T>", two, "T f(int n, void (*s)(int))");
  check_prototype("ii)*(d)i", two, "int (*f(int n, int s))(double)");
}

/* Whatever the size of the buffer, what fits is written, a nul ends it, and the length is whole. */
static void check_truncation(void)
{
  scene s;
  char full[128], spelled[128];
  scene_init(&s);
  const rdc_type *type = scene_type(&s, "*(*k<Rect>Z[3].)*(i)v[12]");
  CHECK(type != NULL);
  size_t length = rdc_type_text(type, full, sizeof full);
  size_t spell_length = rdc_type_spell(type, "name", NULL, spelled, sizeof spelled);
  CHECK_INT(rdc_type_text(type, NULL, 0), (long long)length);
  CHECK_INT(rdc_type_spell(type, "name", NULL, NULL, 0), (long long)spell_length);
  for (size_t size = 1; size < sizeof full; size++) {
    exact buffer = exact_copy(full, size);
    CHECK_INT(rdc_type_text(type, buffer.text, size), (long long)length);
    size_t fits = length < size ? length : size - 1;
    CHECK(!memcmp(buffer.text, full, fits) && !buffer.text[fits]);
    CHECK_INT(rdc_type_spell(type, "name", NULL, buffer.text, size), (long long)spell_length);
    fits = spell_length < size ? spell_length : size - 1;
    CHECK(!memcmp(buffer.text, spelled, fits) && !buffer.text[fits]);
    exact_free(&buffer);
  }
  scene_free(&s);
}

/* A long declarator is spelled in full. */
static void check_long_spelling(void)
{
  enum { PARAMS = 60 };
  char signature[PARAMS + 8], want[PARAMS * 16 + 32], got[PARAMS * 16 + 32];
  scene s;
  scene_init(&s);
  memset(signature, 'I', sizeof signature);
  memcpy(signature, "*(", 2);
  strcpy(signature + 2 + PARAMS, ")d");
  char *at = want + sprintf(want, "double (*x)(");
  for (int i = 0; i < PARAMS; i++)
    at += sprintf(at, "%sunsigned int", i ? ", " : "");
  strcpy(at, ")");
  const rdc_type *type = scene_type(&s, signature);
  CHECK(type != NULL);
  CHECK_INT(rdc_type_spell(type, "x", NULL, got, sizeof got), (long long)strlen(want));
  CHECK_STR(got, want);
  scene_free(&s);
}

static void check_pointee(void)
{
  scene s;
  scene_init(&s);
  CHECK(scene_records(&s, "Rect{ii}w h;") != NULL);
  CHECK_STR(rdc_type_pointee_name(scene_type(&s, "*<Rect>")), "Rect");
  CHECK_STR(rdc_type_pointee_name(scene_type(&s, "*k<Open>")), "Open");
  CHECK(rdc_type_pointee_name(scene_type(&s, "**<Rect>")) == NULL);
  CHECK(rdc_type_pointee_name(scene_type(&s, "<Rect>")) == NULL);
  CHECK(rdc_type_pointee_name(scene_type(&s, "p")) == NULL);
  CHECK(rdc_type_strip(scene_type(&s, "<Rect>"))->kind == RDC_STRUCT);
  CHECK(rdc_type_strip(scene_type(&s, "<Open>"))->kind == RDC_NAMED);
  scene_free(&s);
}

typedef struct maker {
  char text[4096];
  size_t used;
  uint64_t random;
} maker;

static void make(maker *m, const char *text)
{
  size_t length = strlen(text);
  memcpy(m->text + m->used, text, length);
  m->used += length;
}

static void make_base(maker *m, int depth, int may_be_void)
{
  static const char *const plain[] = {
      "B", "c",      "C",     "s",       "S", "i", "I",
      "j", "J",      "l",     "L",       "f", "d", "D",
      "p", "<Rect>", "<a b>", "<off_t>", "Z", "x", "<float complex>"};
  size_t choice = scene_below(&m->random, 10);
  if (depth > 5 || m->used > sizeof m->text / 2 || choice < 4) {
    make(m, plain[scene_below(&m->random, COUNT(plain))]);
  } else if (choice < 7) {
    make(m, "*");
    if (scene_below(&m->random, 4) == 0)
      make(m, "k");
    make_base(m, depth + 1, 1);
  } else if (choice == 7 && may_be_void) {
    make(m, "v");
  } else {
    size_t n = scene_below(&m->random, 4), fixed = scene_below(&m->random, 12);
    make(m, "*(");
    for (size_t i = 0; i <= n; i++) {
      if (i == fixed)
        make(m, ".");
      if (i == n)
        break;
      if (scene_below(&m->random, 6) == 0)
        make(m, "k");
      make_base(m, depth + 1, 0);
      if (scene_below(&m->random, 6) == 0)
        make(m, "[3]");
    }
    make(m, ")");
    make_base(m, depth + 1, 1);
  }
}

/* parse(print(type)) == type, for random types. */
static void check_round_trip(void)
{
  enum { ROUNDS = 20000 };
  static char first[8192], second[8192];
  maker m = {.random = 20};
  for (int i = 0; i < ROUNDS; i++) {
    scene s;
    scene_init(&s);
    m.used = 0;
    if (scene_below(&m.random, 5) == 0)
      make(&m, "k");
    make_base(&m, 0, 0);
    for (size_t n = scene_below(&m.random, 8); n > 5; n--)
      make(&m, scene_below(&m.random, 2) ? "[2]" : "[17]");
    m.text[m.used] = '\0';
    const rdc_type *type = scene_type(&s, m.text), *again = NULL;
    if (CHECK_FOR(m.text, type != NULL)) {
      rdc_type_text(type, first, sizeof first);
      again = scene_type(&s, first);
    }
    if (CHECK_FOR(m.text, again != NULL)) {
      rdc_type_text(again, second, sizeof second);
      CHECK_STR_FOR(m.text, second, first);
    }
    scene_free(&s);
  }
}

void check_type(void)
{
  check_scalars();
  check_reserved();
  check_table();
  check_prototypes();
  check_truncation();
  check_long_spelling();
  check_pointee();
  check_round_trip();
}
