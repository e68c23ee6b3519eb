/* Sizes, alignments and offsets against the compiler's own. */
#include "layout.h"
#include "check.h"
#include "scene.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct place {
  const char *name;
  size_t offset;
} place;

typedef struct row {
  const char *text; /* the last record of it is meant */
  size_t pack, align;
  size_t size, alignment; /* the compiler's */
  const place *places;
  size_t count;
} row;

static void check_row(const row *r)
{
  scene s;
  scene_init(&s);
  const rdc_type *type = scene_packed(&s, r->text, r->pack, r->align);
  if (!CHECK_FOR(r->text, type != NULL)) {
    fprintf(stderr, "  %s\n", s.status.what);
  } else {
    CHECK_INT_FOR(r->text, type->size, r->size);
    CHECK_INT_FOR(r->text, type->align, r->alignment);
    for (size_t i = 0; i < r->count && r->places[i].name; i++) {
      size_t offset = RDC_NOWHERE;
      const rdc_field *field = rdc_layout_field(type, r->places[i].name, &offset);
      CHECK_FOR(r->text, field != NULL);
      CHECK_INT_FOR(r->text, (long long)offset, (long long)r->places[i].offset);
    }
  }
  scene_free(&s);
}

/* clang-format off */
#define OF(T, member) {#member, offsetof(T, member)}
/* clang-format on */
#define ROW(text, pack, align, T, ...)                                                             \
  do {                                                                                             \
    static const place places[] = {__VA_ARGS__};                                                   \
    const row r = {text, pack, align, sizeof(T), _Alignof(T), places, COUNT(places)};              \
    check_row(&r);                                                                                 \
  } while (0)

/* clang-format off */
typedef struct { signed char a; int b; } t_ci;
typedef struct { int a; signed char b; } t_ic;
typedef struct { signed char a; short b; signed char c; long d; signed char e; } t_cscjc;
typedef struct { _Bool a; double b; float c; } t_Bdf;
typedef struct { signed char a; long double b; signed char c; } t_cDc;
typedef struct { signed char a; float _Complex b; signed char c; double _Complex d; } t_complex;
typedef struct { signed char a; long double _Complex b; } t_lcomplex;
typedef struct { short a; void *b; short c; char *d; int (*e)(void); } t_pointers;
typedef struct { long a; unsigned long b; long long c; unsigned long long d; } t_longs;
typedef struct { signed char a[3]; short b[2]; signed char c[1]; double d[2]; } t_arrays;
typedef struct { signed char a[2][3]; int b[3][2][2]; } t_matrix;
typedef struct { int n; signed char data[]; } t_flexible;
typedef struct { int n; double data[]; } t_flexible_double;
typedef struct { signed char a; int b[0]; signed char c; } t_zero_array;
typedef struct { } t_empty;
typedef struct { signed char a; t_empty b; int c; t_empty d; } t_with_empty;
typedef struct { size_t a; signed char b; ptrdiff_t c; signed char d; time_t e; signed char f; wchar_t g; } t_reserved;
typedef struct { t_ci a; signed char b; t_cDc c; } t_nested;
typedef struct { signed char a; t_ci b[3]; signed char c; } t_nested_array;
typedef struct { signed char a; struct { short b; struct { double c; signed char d; }; }; union { int e; short f; }; } t_anonymous;
/* clang-format on */

static void check_structs(void)
{
  ROW("T{ci}a b;", 0, 0, t_ci, OF(t_ci, a), OF(t_ci, b));
  ROW("T{ic}a b;", 0, 0, t_ic, OF(t_ic, a), OF(t_ic, b));
  ROW("T{cscjc}a b c d e;", 0, 0, t_cscjc, OF(t_cscjc, b), OF(t_cscjc, c), OF(t_cscjc, d),
      OF(t_cscjc, e));
  ROW("T{Bdf}a b c;", 0, 0, t_Bdf, OF(t_Bdf, b), OF(t_Bdf, c));
  ROW("T{cDc}a b c;", 0, 0, t_cDc, OF(t_cDc, b), OF(t_cDc, c));
  ROW("T{c<float complex>c<double complex>}a b c d;", 0, 0, t_complex, OF(t_complex, b),
      OF(t_complex, c), OF(t_complex, d));
  ROW("T{c<long double complex>}a b;", 0, 0, t_lcomplex, OF(t_lcomplex, b));
  ROW("T{spsZ*()i}a b c d e;", 0, 0, t_pointers, OF(t_pointers, b), OF(t_pointers, c),
      OF(t_pointers, d), OF(t_pointers, e));
  ROW("T{jJlL}a b c d;", 0, 0, t_longs, OF(t_longs, b), OF(t_longs, c), OF(t_longs, d));
  ROW("T{c[3]s[2]c[1]d[2]}a b c d;", 0, 0, t_arrays, OF(t_arrays, b), OF(t_arrays, c),
      OF(t_arrays, d));
  ROW("T{c[2][3]i[3][2][2]}a b;", 0, 0, t_matrix, OF(t_matrix, b));
  ROW("T{ic[]}n data;", 0, 0, t_flexible, OF(t_flexible, data));
  ROW("T{id[]}n data;", 0, 0, t_flexible_double, OF(t_flexible_double, data));
  ROW("T{ci[0]c}a b c;", 0, 0, t_zero_array, OF(t_zero_array, b), OF(t_zero_array, c));
  ROW("T{}", 0, 0, t_empty, {0});
  ROW("E{}; T{c<E>i<E>}a b c d;", 0, 0, t_with_empty, OF(t_with_empty, b), OF(t_with_empty, c),
      OF(t_with_empty, d));
  ROW("T{<size_t>c<ptrdiff_t>c<time_t>c<wchar_t>}a b c d e f g;", 0, 0, t_reserved,
      OF(t_reserved, c), OF(t_reserved, e), OF(t_reserved, g));
  ROW("A{ci}a b; C{cDc}a b c; T{<A>c<C>}a b c;", 0, 0, t_nested, OF(t_nested, b), OF(t_nested, c));
  ROW("A{ci}a b; T{c<A>[3]c}a b c;", 0, 0, t_nested_array, OF(t_nested_array, b),
      OF(t_nested_array, c));
  ROW("I{dc}c d; J{s<I>}b .; U|is}e f; T{c<J><U>}a . .;", 0, 0, t_anonymous, OF(t_anonymous, b),
      OF(t_anonymous, c), OF(t_anonymous, d), OF(t_anonymous, e), OF(t_anonymous, f));
}

/* clang-format off */
typedef union { signed char a; int b; } u_ci;
typedef union { signed char a[5]; int b; } u_c5i;
typedef union { signed char a[17]; long double b; } u_c17D;
typedef union { t_cscjc a; double b; signed char c[33]; } u_big;
typedef struct { signed char a; u_c5i b; signed char c; } t_union;
typedef union { t_empty a; } u_empty;
typedef union { signed char a; struct { int b; short c; }; } u_anonymous;
/* clang-format on */

static void check_unions(void)
{
  ROW("T|ci}a b;", 0, 0, u_ci, OF(u_ci, a), OF(u_ci, b));
  ROW("T|c[5]i}a b;", 0, 0, u_c5i, OF(u_c5i, a), OF(u_c5i, b));
  ROW("T|c[17]D}a b;", 0, 0, u_c17D, OF(u_c17D, b));
  ROW("A{cscjc}a b c d e; T|<A>dc[33]}a b c;", 0, 0, u_big, OF(u_big, b), OF(u_big, c));
  ROW("U|c[5]i}a b; T{c<U>c}a b c;", 0, 0, t_union, OF(t_union, b), OF(t_union, c));
  ROW("E{}; T|<E>}a;", 0, 0, u_empty, OF(u_empty, a));
  ROW("I{is}b c; T|c<I>}a .;", 0, 0, u_anonymous, OF(u_anonymous, b), OF(u_anonymous, c));
}

/* clang-format off */
#pragma pack(push, 1)
typedef struct { signed char a; int b; double c; signed char d; } p1_cidc;
typedef struct { signed char a; long double b; } p1_cD;
typedef struct { signed char a; t_ci b; short c; } p1_nested;
typedef union { signed char a[5]; int b; } p1_union;
#pragma pack(pop)
#pragma pack(push, 2)
typedef struct { signed char a; int b; double c; signed char d; } p2_cidc;
typedef struct { signed char a; t_ci b; signed char c; } p2_nested;
#pragma pack(pop)
#pragma pack(push, 4)
typedef struct { signed char a; double b; signed char c; void *d; } p4_cdcp;
#pragma pack(pop)
#pragma pack(push, 16)
typedef struct { signed char a; long double b; signed char c; } p16_cDc;
#pragma pack(pop)
typedef struct __attribute__((aligned(16))) { int a; } a16_i;
typedef struct __attribute__((aligned(64))) { signed char a; double b; } a64_cd;
typedef struct __attribute__((aligned(2))) { int a; } a2_i;
typedef union __attribute__((aligned(32))) { signed char a[33]; } a32_union;
typedef struct __attribute__((packed, aligned(4))) { signed char a; int b; } p1a4_ci;
typedef struct { signed char a; p1_cidc b; int c; } t_has_packed;
/* clang-format on */

static void check_packing(void)
{
  ROW("T{cidc}a b c d;", 1, 0, p1_cidc, OF(p1_cidc, b), OF(p1_cidc, c), OF(p1_cidc, d));
  ROW("T{cD}a b;", 1, 0, p1_cD, OF(p1_cD, b));
  ROW("T|c[5]i}a b;", 1, 0, p1_union, OF(p1_union, b));
  ROW("T{cidc}a b c d;", 2, 0, p2_cidc, OF(p2_cidc, b), OF(p2_cidc, c), OF(p2_cidc, d));
  ROW("T{cdcp}a b c d;", 4, 0, p4_cdcp, OF(p4_cdcp, b), OF(p4_cdcp, c), OF(p4_cdcp, d));
  ROW("T{cDc}a b c;", 16, 0, p16_cDc, OF(p16_cDc, b), OF(p16_cDc, c));
  ROW("T{i}a;", 0, 16, a16_i, OF(a16_i, a));
  ROW("T{cd}a b;", 0, 64, a64_cd, OF(a64_cd, b));
  ROW("T{i}a;", 0, 2, a2_i, OF(a2_i, a));
  ROW("T|c[33]}a;", 0, 32, a32_union, OF(a32_union, a));
  ROW("T{ci}a b;", 1, 4, p1a4_ci, OF(p1a4_ci, b));
}

/* Packing is a property of one record, not of those that it contains or that contain it. */
static void check_mixed_packing(void)
{
  scene s;
  scene_init(&s);
  CHECK(scene_records(&s, "A{ci}a b;") != NULL);
  rdc_type *one = scene_packed(&s, "N1{c<A>s}a b c;", 1, 0);
  rdc_type *two = scene_packed(&s, "N2{c<A>c}a b c;", 2, 0);
  CHECK(scene_packed(&s, "P{cidc}a b c d;", 1, 0) != NULL);
  rdc_type *outer = scene_records(&s, "H{c<P>i}a b c;");
  if (CHECK(one && two && outer)) {
    CHECK_INT(one->size, sizeof(p1_nested));
    CHECK_INT(one->fields[1].offset, offsetof(p1_nested, b));
    CHECK_INT(one->fields[2].offset, offsetof(p1_nested, c));
    CHECK_INT(two->size, sizeof(p2_nested));
    CHECK_INT(two->align, _Alignof(p2_nested));
    CHECK_INT(two->fields[1].offset, offsetof(p2_nested, b));
    CHECK_INT(outer->size, sizeof(t_has_packed));
    CHECK_INT(outer->fields[1].offset, offsetof(t_has_packed, b));
    CHECK_INT(outer->fields[2].offset, offsetof(t_has_packed, c));
  }
  scene_free(&s);
}

static void check_fails(const char *text, rdc_code code)
{
  scene s;
  scene_init(&s);
  CHECK_FOR(text, scene_records(&s, text) == NULL);
  CHECK_STR_FOR(text, rdc_status_symbol(s.status.code), rdc_status_symbol(code));
  scene_free(&s);
}

/* A text with the most bytes that an object may have. */
static const char *at_most(const char *format)
{
  static char text[256];
  unsigned long most = RDC_MAX_SIZE / 8;
  snprintf(text, sizeof text, format, most, most, most, most);
  return text;
}

static void check_limits(void)
{
  scene s;
  scene_init(&s);
  const rdc_type *type = scene_records(&s, at_most("T{c[%lu]}a;"));
  if (CHECK(type != NULL))
    CHECK_INT(type->size, (long long)(RDC_MAX_SIZE / 8));
  scene_free(&s);
  check_fails(at_most("T{cc[%lu]}a b;"), RDC_TYPE_SIZE);
  check_fails(at_most("T{c[%lu]c}a b;"), RDC_TYPE_SIZE);
  check_fails(at_most("T{c[%lu]c[%lu]c[%lu]c[%lu]}a b c d;"), RDC_TYPE_SIZE);
  check_fails(at_most("A{c[%lu]}a; T{<A>[8]}a;"), RDC_TYPE_SIZE);
  check_fails(at_most("T{s[%lu]}a;"), RDC_TYPE_SIZE);
  check_fails("T{<T>}a;", RDC_TYPE_UNKNOWN);
  check_fails("O; T{<O>}a;", RDC_TYPE_UNKNOWN);
  check_fails("T{<O>[2]}a;", RDC_TYPE_INCOMPLETE);
}

void check_layout(void)
{
  check_structs();
  check_unions();
  check_packing();
  check_mixed_packing();
  check_limits();
}
