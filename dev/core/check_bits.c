/* Bit-fields: layout, reading and writing against the compiler's own. */
#include "layout.h"
#include "check.h"
#include "scene.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
/* Struct tag, its fields as (declared type, name, width), signature. */
#define BITS_PLAIN(S)                                                                              \
  S(ints, "T{i:3i:5i:20i:10}a b c d;", F(int, a, 3) F(int, b, 5) F(int, c, 20) F(int, d, 10))      \
  S(uints, "T{I:1I:31I:32I:2}a b c d;",                                                            \
    F(unsigned, a, 1) F(unsigned, b, 31) F(unsigned, c, 32) F(unsigned, d, 2))                     \
  S(chars, "T{c:3C:5c:7C:2c:8}a b c d e;", F(signed char, a, 3) F(unsigned char, b, 5)             \
    F(signed char, c, 7) F(unsigned char, d, 2) F(signed char, e, 8))                              \
  S(shorts, "T{s:9S:9s:14S:16}a b c d;", F(short, a, 9) F(unsigned short, b, 9)                    \
    F(short, c, 14) F(unsigned short, d, 16))                                                      \
  S(longs, "T{l:40L:30l:63j:2J:32}a b c d e;", F(long long, a, 40) F(unsigned long long, b, 30)    \
    F(long long, c, 63) F(long, d, 2) F(unsigned long, e, 32))                                     \
  S(flags, "T{B:1B:1I:6B:1}a b c d;", F(_Bool, a, 1) F(_Bool, b, 1) F(unsigned, c, 6)              \
    F(_Bool, d, 1))                                                                                \
  S(mixed, "T{c:7i:17s:3l:33C:8i:31}a b c d e f;", F(signed char, a, 7) F(int, b, 17)              \
    F(short, c, 3) F(long long, d, 33) F(unsigned char, e, 8) F(int, f, 31))                       \
  S(after, "T{ci:4ci:28s:3}m a n b c;", M(signed char, m) F(int, a, 4) M(signed char, n)           \
    F(int, b, 28) F(short, c, 3))                                                                  \
  S(between, "T{i:3di:3fl:50}a m b n c;", F(int, a, 3) M(double, m) F(int, b, 3) M(float, n)       \
    F(long long, c, 50))                                                                           \
  S(zero, "T{i:3i:0i:3c:0c:2}a _ b _ c;", F(int, a, 3) Z(int) F(int, b, 3) Z(signed char)          \
    F(signed char, c, 2))                                                                          \
  S(zero_wide, "T{c:2l:0c:2}a _ b;", F(signed char, a, 2) Z(long long) F(signed char, b, 2))       \
  S(zero_first, "T{i:0c:2}_ a;", Z(int) F(signed char, a, 2))                                      \
  S(zero_last, "T{c:2i:0}a _;", F(signed char, a, 2) Z(int))                                       \
  S(unnamed, "T{c:2i:9c:2l:20s:1}a _ b _ c;", F(signed char, a, 2) U(int, 9)                       \
    F(signed char, b, 2) U(long long, 20) F(short, c, 1))                                          \
  S(unnamed_wide, "T{cl:40}m _;", M(signed char, m) U(long long, 40))                              \
  S(full, "T{i:32c:8s:16l:64}a b c d;", F(int, a, 32) F(signed char, b, 8) F(short, c, 16)         \
    F(long long, d, 64))                                                                           \
  S(straddle, "T{i:31i:31s:15s:15c:7c:7}a b c d e f;", F(int, a, 31) F(int, b, 31)                 \
    F(short, c, 15) F(short, d, 15) F(signed char, e, 7) F(signed char, f, 7))                     \
  S(one, "T{i:1}a;", F(int, a, 1))                                                                 \
  S(one_long, "T{l:1}a;", F(long long, a, 1))                                                      \
  S(tail, "T{lc:3}m a;", M(long long, m) F(signed char, a, 3))                                     \
  S(pieces, "T{I:1I:1I:6I:1I:1I:1I:5I:16p}a b c d e f g h m;", F(unsigned, a, 1)                   \
    F(unsigned, b, 1) F(unsigned, c, 6) F(unsigned, d, 1) F(unsigned, e, 1) F(unsigned, f, 1)      \
    F(unsigned, g, 5) F(unsigned, h, 16) M(void *, m))

#define BITS_UNION(S)                                                                              \
  S(u_ints, "T|i:3i:20l:40}a b c;", F(int, a, 3) F(int, b, 20) F(long long, c, 40))                \
  S(u_mixed, "T|ci:9d}m a n;", M(signed char, m) F(int, a, 9) M(double, n))                        \
  S(u_zero, "T|c:3i:0}a _;", F(signed char, a, 3) Z(int))                                          \
  S(u_unnamed, "T|c:3i:17}a _;", F(signed char, a, 3) U(int, 17))

#define BITS_PACKED_1(S)                                                                           \
  S(p1_ints, "T{i:3i:31c:5l:60}a b c d;", F(int, a, 3) F(int, b, 31) F(signed char, c, 5)          \
    F(long long, d, 60))                                                                           \
  S(p1_mixed, "T{c:7dc:2s:9}a m b c;", F(signed char, a, 7) M(double, m) F(signed char, b, 2)      \
    F(short, c, 9))                                                                                \
  S(p1_long, "T{c:1l:64c:7}a b c;", F(signed char, a, 1) F(long long, b, 64)                       \
    F(signed char, c, 7))                                                                          \
  S(p1_zero, "T{c:1i:0c:1}a _ b;", F(signed char, a, 1) Z(int) F(signed char, b, 1))

/* The same fields as #pragma pack(2) and (4) lay them out. */
#define BITS_PACKED_2(S)                                                                           \
  S(p2_ints, "T{i:3i:20i:12l:40c:3}a b c d e;", F(int, a, 3) F(int, b, 20) F(int, c, 12)           \
    F(long long, d, 40) F(signed char, e, 3))                                                      \
  S(p2_mixed, "T{ci:4ci:28}m a n b;", M(signed char, m) F(int, a, 4) M(signed char, n)             \
    F(int, b, 28))

#define BITS_PACKED_4(S)                                                                           \
  S(p4_longs, "T{l:40l:30ci:9l:33}a b m c d;", F(long long, a, 40) F(long long, b, 30)             \
    M(signed char, m) F(int, c, 9) F(long long, d, 33))                                            \
  S(p4_shorts, "T{S:13s:6}a b;", F(unsigned short, a, 13) F(short, b, 6))                          \
  S(p4_zero, "T{j:14l:0l:2i}a _ b m;", F(long, a, 14) Z(long long) F(long long, b, 2) M(int, m))

#define BITS_PACKED_8(S)                                                                           \
  S(p8_mixed, "T{i:25s:15S:1S:10l}a b c d m;", F(int, a, 25) F(short, b, 15)                       \
    F(unsigned short, c, 1) F(unsigned short, d, 10) M(long long, m))

#define BITS_PACKED_16(S)                                                                          \
  S(p16_mixed, "T{c:8C:8l:24i:27i:29}a b c d e;", F(signed char, a, 8) F(unsigned char, b, 8)      \
    F(long long, c, 24) F(int, d, 27) F(int, e, 29))

/* As Microsoft compilers do. */
#define BITS_MS(S)                                                                                 \
  S(ms_ints, "T{i:3i:31I:2c:3}a b c d @ms;", F(int, a, 3) F(int, b, 31) F(unsigned, c, 2)          \
    F(signed char, d, 3))                                                                          \
  S(ms_sizes, "T{c:3s:3i:3l:3i:3}a b c d e @ms;", F(signed char, a, 3) F(short, b, 3)              \
    F(int, c, 3) F(long long, d, 3) F(int, e, 3))                                                  \
  S(ms_same, "T{i:3I:5i:24c}a b c m @ms;", F(int, a, 3) F(unsigned, b, 5) F(int, c, 24)            \
    M(signed char, m))                                                                             \
  S(ms_zero, "T{i:3i:0i:3c:0c:2}a _ b _ c @ms;", F(int, a, 3) Z(int) F(int, b, 3)                  \
    Z(signed char) F(signed char, c, 2))                                                           \
  S(ms_zero_wide, "T{i:32s:7l:0s:13}a b _ c @ms;", F(int, a, 32) F(short, b, 7) Z(long long)       \
    F(short, c, 13))                                                                               \
  S(ms_between, "T{c:2ci:4s}a m b n @ms;", F(signed char, a, 2) M(signed char, m) F(int, b, 4)     \
    M(short, n))                                                                                   \
  S(ms_flags, "T{B:1C:3I:1}a b c @ms;", F(_Bool, a, 1) F(unsigned char, b, 3) F(unsigned, c, 1))

#define F(type, name, width) type name : width;
#define M(type, name) type name;
#define Z(type) type : 0;
#define U(type, width) type : width;
#define S(tag, text, fields) struct tag { fields };
BITS_PLAIN(S)
#pragma pack(push, 1)
BITS_PACKED_1(S)
#pragma pack(pop)
#pragma pack(push, 2)
BITS_PACKED_2(S)
#pragma pack(pop)
#pragma pack(push, 4)
BITS_PACKED_4(S)
#pragma pack(pop)
#pragma pack(push, 8)
BITS_PACKED_8(S)
#pragma pack(pop)
#pragma pack(push, 16)
BITS_PACKED_16(S)
#pragma pack(pop)
#undef S
#ifdef __x86_64__
#define S(tag, text, fields) struct __attribute__((ms_struct)) tag { fields };
BITS_MS(S)
#undef S
#endif
#define S(tag, text, fields) union tag { fields };
BITS_UNION(S)
#undef S
#undef F
#undef M
#undef Z
#undef U

/* What the compiler says of the bit-field number k of the object at p: reads it, or writes *value. */
#define F(type, name, width)                                                                       \
  if (k-- == 0) {                                                                                  \
    if (write)                                                                                     \
      x.name = (type)value;                                                                        \
    else                                                                                           \
      value = (int64_t)x.name;                                                                     \
  }
#define M(type, name)
#define Z(type)
#define U(type, width)
#define ACCESS(what, tag, fields)                                                                  \
  static int64_t access_##tag(void *p, int k, int write, int64_t value)                            \
  {                                                                                                \
    what tag x;                                                                                    \
    memcpy(&x, p, sizeof x);                                                                       \
    fields if (write) memcpy(p, &x, sizeof x);                                                     \
    (void)k;                                                                                       \
    return value;                                                                                  \
  }
#define S(tag, text, fields) ACCESS(struct, tag, fields)
BITS_PLAIN(S)
BITS_PACKED_1(S)
BITS_PACKED_2(S)
BITS_PACKED_4(S)
BITS_PACKED_8(S)
BITS_PACKED_16(S)
#ifdef __x86_64__
BITS_MS(S)
#endif
#undef S
#define S(tag, text, fields) ACCESS(union, tag, fields)
BITS_UNION(S)
#undef S
#undef F
#undef M
#undef Z
#undef U

static const struct {
  const char *tag, *text;
  size_t pack, size, align;
  int64_t (*access)(void *p, int k, int write, int64_t value);
} bits_rows[] = {
#define ROW(what, tag, text, pack)                                                                 \
  {#tag, text, pack, sizeof(what tag), _Alignof(what tag), access_##tag},
#define S(tag, text, fields) ROW(struct, tag, text, 0)
BITS_PLAIN(S)
#undef S
#define S(tag, text, fields) ROW(union, tag, text, 0)
BITS_UNION(S)
#undef S
#define S(tag, text, fields) ROW(struct, tag, text, 1)
BITS_PACKED_1(S)
#undef S
#define S(tag, text, fields) ROW(struct, tag, text, 2)
BITS_PACKED_2(S)
#undef S
#define S(tag, text, fields) ROW(struct, tag, text, 4)
BITS_PACKED_4(S)
#undef S
#define S(tag, text, fields) ROW(struct, tag, text, 8)
BITS_PACKED_8(S)
#undef S
#define S(tag, text, fields) ROW(struct, tag, text, 16)
BITS_PACKED_16(S)
#undef S
#ifdef __x86_64__
#define S(tag, text, fields) ROW(struct, tag, text, 0)
BITS_MS(S)
#undef S
#endif
};

/* clang-format on */

/* One field: get and put on random memory do what the compiler does. */
static void check_field(size_t row, const rdc_field *field, int k, uint64_t *random)
{
  size_t size = bits_rows[row].size;
  int64_t (*access)(void *, int, int, int64_t) = bits_rows[row].access;
  int is_bool = rdc_type_strip(field->type)->kind == RDC_BOOL;
  int same_read = 1, same_bytes = 1, same_back = 1;
  for (int round = 0; round < 200; round++) {
    int64_t value = round < 2 ? -round : (int64_t)scene_random(random);
    char start[256];
    for (size_t i = 0; i < size; i++)
      start[i] = (char)(round < 2 ? round - 1 : (int)scene_random(random));
    exact mine = exact_copy(start, size), theirs = exact_copy(start, size);
    if (is_bool)
      value &= 1; /* C writes a truth value, put writes bits */
    same_read &= rdc_layout_bits_get(field, mine.text) == access(theirs.text, k, 0, 0);
    rdc_layout_bits_put(field, mine.text, value);
    access(theirs.text, k, 1, value);
    same_bytes &= !memcmp(mine.text, theirs.text, size);
    same_back &= rdc_layout_bits_get(field, mine.text) == access(theirs.text, k, 0, 0);
    exact_free(&mine);
    exact_free(&theirs);
  }
  CHECK_FOR(bits_rows[row].tag, same_read);
  CHECK_FOR(bits_rows[row].tag, same_bytes);
  CHECK_FOR(bits_rows[row].tag, same_back);
}

void check_bits(void)
{
  uint64_t random = 21;
  for (size_t i = 0; i < COUNT(bits_rows); i++) {
    scene s;
    int k = 0;
    scene_init(&s);
    const rdc_type *type = scene_packed(&s, bits_rows[i].text, bits_rows[i].pack, 0);
    if (CHECK_FOR(bits_rows[i].tag, type != NULL)) {
      CHECK_INT_FOR(bits_rows[i].tag, type->align, bits_rows[i].align);
      if (CHECK_INT_FOR(bits_rows[i].tag, type->size, bits_rows[i].size))
        for (size_t f = 0; f < type->count; f++)
          if (type->fields[f].is_bits && strcmp(type->fields[f].name, "_"))
            check_field(i, &type->fields[f], k++, &random);
    }
    scene_free(&s);
  }
}
