/* The parser: what is valid, and for what is not, the code and the exact byte offset. */
#include "check.h"
#include "layout.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { CALL, TYPE, RECORD, LIBRARY } grammar;

/* Parses a text that ends where its allocation ends. */
static rdc_code parse(grammar what, const char *text, size_t length, rdc_status *status)
{
  exact copy = exact_copy(text, length);
  rdc_code code = RDC_OK;
  rdc_sig_entry entry;
  rdc_type *type;
  const rdc_type *any;
  rdc_sig sig;
  scene s;
  int more = 1;
  scene_init(&s);
  scene_records(&s, "P{ii}x y;");
  rdc_status_clear(status);
  rdc_sig_init(&sig, copy.text, copy.length, &s.arena, &s.scope, status);
  if (what == CALL)
    code = rdc_sig_call(&sig, &type);
  else if (what == TYPE)
    code = rdc_sig_type(&sig, &any);
  else
    while (!code && more) {
      if (what == LIBRARY)
        code = rdc_sig_entry_next(&sig, &entry, &more);
      else if (!(code = rdc_sig_record(&sig, &type)))
        more = type != NULL;
    }
  CHECK_FOR(text, sig.at <= length);
  CHECK_FOR(text, code || sig.at == length);
  scene_free(&s);
  exact_free(&copy);
  return code;
}

static const struct {
  grammar what;
  const char *text;
} valid_rows[] = {
    {CALL, ")v"},
    {CALL, "d)d"},
    {CALL, "d)d)"}, /* as the paper prints it */
    {CALL, "BcCsSiIjJlLfdDpZx)x"},
    {CALL, " _s\ti k *\nk c [ 3 ] * ( i ) v ) <P> "},
    {CALL, "*(_si)v)v"},
    {CALL, "_cd)d"},
    {CALL, "_si)v"},
    {CALL, "_f)v"},
    {CALL, "_F)v"},
    {CALL, "_+)v"},
    {CALL, "_#)v"},
    {CALL, "_:)v"},
    {CALL, "_e)v"},
    {CALL, "*<Rect>*<P><P>)<P>"},
    {CALL, "Z.)i"},
    {CALL, "Z.id)i"},
    {CALL, ".)v"},
    {CALL, "p*(*v*v)i)v"},
    {CALL, "*(i)*(d)f)*(i)*(d)f"},
    {CALL, "*kvkd*k*ci[3])kd"},
    {CALL, "**********i)v"},
    {CALL, "<size_t><double complex>)<time_t>"},
    {CALL, "<name with blanks, { and )>)v"},
    {TYPE, "i"},
    {TYPE, "k*kc[2][3]"},
    {TYPE, "*(.)v"},
    {TYPE, "*(Z.)*(i)v"},
    {TYPE, "<P>[]"},
    {TYPE, "v"},
    {TYPE, "d[10000000]"},
    {RECORD, ""},
    {RECORD, " \n\t\r "},
    {RECORD, "A{}"},
    {RECORD, "A{};"},
    {RECORD, "A;"},
    {RECORD, "A"},
    {RECORD, "A{i}a"},
    {RECORD, "A{i}a;"},
    {RECORD, " A { i d } a b ; B | i d } a b ; "},
    {RECORD, "A{i:3I:5B:1l:64}a b _ c;"},
    {RECORD, "A{i:0}_;"},
    {RECORD, "A{ i : 3 c [ 4 ] * ( i ) v } a b c;"},
    {RECORD, "A{<P><P>[2]}. ps;"},
    {RECORD, "A{i}a;A|d}b;\nC{*<A>*<Unknown>}next other"},
    {RECORD, "A{c[]}a;"},
    {RECORD, "time{c}c;"},
    {RECORD, "A{ci}a b @pack=1;"},
    {RECORD, "A{ci}a b @pack=2 @align=8 @ms;B{i}a;"},
    {RECORD, "A|ci}a b @align=65536"},
    {RECORD, "A{i}a @deprecated @since=1.2.10 @sym=a;"},
    {LIBRARY, ""},
    {LIBRARY, ";;"},
    {LIBRARY, "f(d)d"},
    {LIBRARY, "f(d)d;"},
    {LIBRARY, "f(d)d;g(ii)v;"},
    {LIBRARY, "f(d)d x;\n g(_sii)v a b ; h()v"},
    {LIBRARY, " f ( d d ) d x y ;"},
    {LIBRARY, "f(Z.)i fmt;"},
    {LIBRARY, "f(*(i)v<P>)<P> cb p;"},
    {LIBRARY, "f(d)d) x;"},
};

static void check_valid(void)
{
  for (size_t i = 0; i < COUNT(valid_rows); i++) {
    rdc_status status;
    const char *text = valid_rows[i].text;
    if (!CHECK_INT_FOR(text, parse(valid_rows[i].what, text, strlen(text), &status), RDC_OK))
      fprintf(stderr, "  %s at %lu\n", status.what, (unsigned long)status.offset);
  }
}

static const struct {
  grammar what;
  const char *text;
  rdc_code code;
  size_t offset;
} invalid_rows[] = {
    {CALL, "", RDC_SIG_TOKEN, 0},
    {CALL, ")", RDC_SIG_TOKEN, 1},
    {CALL, "i", RDC_SIG_TOKEN, 1},
    {CALL, "iid", RDC_SIG_TOKEN, 3},
    {CALL, "i)", RDC_SIG_TOKEN, 2},
    {CALL, "i)q", RDC_SIG_TOKEN, 2},
    {CALL, "iq)v", RDC_SIG_TOKEN, 1},
    {CALL, "i)vv", RDC_SIG_TOKEN, 3},
    {CALL, "d)d))", RDC_SIG_TOKEN, 4},
    {CALL, "d)d ) )", RDC_SIG_TOKEN, 6},
    {CALL, "i q)v", RDC_SIG_TOKEN, 2},
    {CALL, " \tq)v ", RDC_SIG_TOKEN, 2},
    {CALL, "i\f)v", RDC_SIG_TOKEN, 1},
    {CALL, "i)v;", RDC_SIG_TOKEN, 3},
    {CALL, "v)v", RDC_SIG_TOKEN, 0},
    {CALL, "iv)v", RDC_SIG_TOKEN, 1},
    {CALL, "ikv)v", RDC_SIG_TOKEN, 1},
    {CALL, "v[2])v", RDC_SIG_TOKEN, 0},
    {CALL, "i)i[2]", RDC_SIG_TOKEN, 3},
    {CALL, "i..)v", RDC_SIG_TOKEN, 2},
    {CALL, "i.d.)v", RDC_SIG_TOKEN, 3},
    {CALL, "*)v", RDC_SIG_TOKEN, 1},
    {CALL, "*k)v", RDC_SIG_TOKEN, 2},
    {CALL, "kk)v", RDC_SIG_TOKEN, 1},
    {CALL, "k)v", RDC_SIG_TOKEN, 1},
    {CALL, "i)k", RDC_SIG_TOKEN, 3},
    {CALL, "(i)v)v", RDC_SIG_TOKEN, 0},
    {CALL, "i(i)v)v", RDC_SIG_TOKEN, 1},
    {CALL, "i)(i)v", RDC_SIG_TOKEN, 2},
    {CALL, "*(i", RDC_SIG_TOKEN, 3},
    {CALL, "*(i)", RDC_SIG_TOKEN, 4},
    {CALL, "*(i)v", RDC_SIG_TOKEN, 5},
    {CALL, "*(v)v)v", RDC_SIG_TOKEN, 2},
    {CALL, "<)v", RDC_SIG_TOKEN, 3},
    {CALL, "<>)v", RDC_SIG_TOKEN, 1},
    {CALL, "<a", RDC_SIG_TOKEN, 2},
    {CALL, "<a<b>)v", RDC_SIG_TOKEN, 2},
    {CALL, "<a;b>)v", RDC_SIG_TOKEN, 2},
    {CALL, "_", RDC_SIG_TOKEN, 1},
    {CALL, "_d)d", RDC_SIG_TOKEN, 1},
    {CALL, "_)v", RDC_SIG_TOKEN, 1},
    {CALL, "__c)v", RDC_SIG_TOKEN, 1},
    {CALL, "_cc_c)v", RDC_SIG_TOKEN, 3},
    {CALL, "i[", RDC_SIG_TOKEN, 2},
    {CALL, "i[)v", RDC_SIG_TOKEN, 2},
    {CALL, "i[3)v", RDC_SIG_TOKEN, 3},
    {CALL, "i[-3])v", RDC_SIG_TOKEN, 2},
    {CALL, "i[3][])v", RDC_SIG_TOKEN, 5},
    {CALL, "\303\251)v", RDC_SIG_TOKEN, 0},
    {TYPE, "", RDC_SIG_TOKEN, 0},
    {TYPE, "ii", RDC_SIG_TOKEN, 1},
    {TYPE, "i)", RDC_SIG_TOKEN, 1},
    {TYPE, "i:3", RDC_SIG_TOKEN, 1},
    {TYPE, "(i)v", RDC_SIG_TOKEN, 0},
    {TYPE, "*", RDC_SIG_TOKEN, 1},
    {TYPE, "kv[3]", RDC_SIG_TOKEN, 0},
    {CALL, "ii[100000000][100000000][100000000])v", RDC_TYPE_SIZE, 1},
    {RECORD, "{i}a;", RDC_SIG_TOKEN, 0},
    {RECORD, "A{", RDC_SIG_TOKEN, 2},
    {RECORD, "A{i", RDC_SIG_TOKEN, 3},
    {RECORD, "A B;", RDC_SIG_TOKEN, 2},
    {RECORD, "A)", RDC_SIG_TOKEN, 1},
    {RECORD, "A{i};", RDC_SIG_FIELDS, 4},
    {RECORD, "A{i}a b;", RDC_SIG_FIELDS, 4},
    {RECORD, "A{ii}a;", RDC_SIG_FIELDS, 5},
    {RECORD, "A{i}a; B{i};", RDC_SIG_FIELDS, 11},
    {RECORD, "A{v}a;", RDC_SIG_TOKEN, 2},
    {RECORD, "A{iv}a b;", RDC_SIG_TOKEN, 3},
    {RECORD, "A{(i)v}a;", RDC_SIG_TOKEN, 2},
    {RECORD, "A{q}a;", RDC_SIG_TOKEN, 2},
    {RECORD, "A{i:}a;", RDC_SIG_TOKEN, 4},
    {RECORD, "A{i:x}a;", RDC_SIG_TOKEN, 4},
    {RECORD, "A{i:99999}a;", RDC_SIG_TOKEN, 7},
    {RECORD, "A{i:33}a;", RDC_TYPE_BITS, 0},
    {RECORD, "A{B:2}a;", RDC_TYPE_BITS, 0},
    {RECORD, "A{d:3}a;", RDC_TYPE_BITS, 0},
    {RECORD, "A{i:0}a;", RDC_TYPE_BITS, 0},
    {RECORD, "A{p:3}a;", RDC_TYPE_BITS, 0},
    {RECORD, "  A{<P>:3}a;", RDC_TYPE_BITS, 2},
    {RECORD, "A{<Unknown>}a;", RDC_TYPE_UNKNOWN, 0},
    {RECORD, "A;B{<A>}a;", RDC_TYPE_UNKNOWN, 2},
    {LIBRARY, "f", RDC_SIG_TOKEN, 1},
    {LIBRARY, "f;", RDC_SIG_TOKEN, 1},
    {LIBRARY, "f(", RDC_SIG_TOKEN, 2},
    {LIBRARY, "f(d", RDC_SIG_TOKEN, 3},
    {LIBRARY, "f(d)", RDC_SIG_TOKEN, 4},
    {LIBRARY, "f(d)dx;", RDC_SIG_TOKEN, 5},
    {LIBRARY, "(d)d;", RDC_SIG_TOKEN, 0},
    {LIBRARY, "f(d)d x y;", RDC_SIG_FIELDS, 6},
    {LIBRARY, "f(dd)d x;", RDC_SIG_FIELDS, 7},
    {LIBRARY, "f(d)d;g(q)v;", RDC_SIG_TOKEN, 8},
    {LIBRARY, "f g(d)d;", RDC_SIG_TOKEN, 2},
    {LIBRARY, "f(d)d[3];", RDC_SIG_TOKEN, 5},
    {LIBRARY, "f()v x;", RDC_SIG_FIELDS, 5},
};

static void check_invalid(void)
{
  for (size_t i = 0; i < COUNT(invalid_rows); i++) {
    rdc_status status;
    const char *text = invalid_rows[i].text;
    rdc_code code = parse(invalid_rows[i].what, text, strlen(text), &status);
    CHECK_STR_FOR(text, rdc_status_symbol(code), rdc_status_symbol(invalid_rows[i].code));
    CHECK_INT_FOR(text, status.code, code);
    CHECK_INT_FOR(text, (long long)status.offset, (long long)invalid_rows[i].offset);
    CHECK_FOR(text, !strncmp(status.what, "expected ", 9));
  }
}

/* Lengths of arrays: the most is that of bytes, and the digit that is too much is named. */
static void check_lengths(void)
{
  char text[64];
  rdc_status status;
  unsigned long most = RDC_MAX_SIZE / 8;
  int length = snprintf(text, sizeof text, "c[%lu]", most);
  CHECK_INT_FOR(text, parse(TYPE, text, (size_t)length, &status), RDC_OK);
  text[0] = 's';
  CHECK_INT_FOR(text, parse(TYPE, text, (size_t)length, &status), RDC_TYPE_SIZE);
  CHECK_INT_FOR(text, (long long)status.offset, 0);
  length = snprintf(text, sizeof text, "c[%lu]", most + 1);
  CHECK_INT_FOR(text, parse(TYPE, text, (size_t)length, &status), RDC_SIG_TOKEN);
  CHECK_INT_FOR(text, (long long)status.offset, length - 2);
  CHECK_INT(parse(TYPE, "c[99999999999999999999999999]", 29, &status), RDC_SIG_TOKEN);
  CHECK(status.offset > 2 && status.offset < 28);
}

/* A nul is a byte like others, not the end of the text. */
static void check_nul_bytes(void)
{
  rdc_status status;
  CHECK_INT(parse(CALL, "i\0)v", 4, &status), RDC_SIG_TOKEN);
  CHECK_INT(status.offset, 1);
  CHECK_INT(parse(CALL, "i)v\0", 4, &status), RDC_SIG_TOKEN);
  CHECK_INT(status.offset, 3);
  CHECK_INT(parse(CALL, "<a\0>)v", 6, &status), RDC_SIG_TOKEN);
  CHECK_INT(status.offset, 2);
  CHECK_INT(parse(CALL, "_\0)v", 4, &status), RDC_SIG_TOKEN);
  CHECK_INT(status.offset, 1);
  CHECK_INT(parse(RECORD, "A{i}a\0b;", 8, &status), RDC_SIG_TOKEN);
  CHECK_INT(status.offset, 5);
  CHECK_INT(parse(RECORD, "A\0{i}a;", 7, &status), RDC_SIG_TOKEN);
  CHECK_INT(status.offset, 1);
  CHECK_INT(parse(LIBRARY, "f(i)v a\0;", 9, &status), RDC_SIG_TOKEN);
  CHECK_INT(status.offset, 7);
}

static void check_message(const char *text, const char *want)
{
  rdc_status status;
  parse(CALL, text, strlen(text), &status);
  CHECK_STR_FOR(text, status.what, want);
}

static void check_messages(void)
{
  check_message("iq)v", "expected a type, got 'q'");
  check_message("i", "expected a type or ')', got the end of the text");
  check_message("i)", "expected a type, got the end of the text");
  check_message("v)v", "expected an argument type, got 'v'");
  check_message("\v)v", "expected a type, got the byte 0x0b");
  check_message("\303)v", "expected a type, got the byte 0xc3");
  check_message("_d)d", "expected a call mode letter (c s f F + # : e) after '_', got 'd'");
  check_message("i)vi", "expected the end of the text, got 'i'");
}

/* Each prefix of a valid text is valid, or fails where it ends. */
static void check_prefixes(void)
{
  for (size_t i = 0; i < COUNT(valid_rows); i++) {
    const char *text = valid_rows[i].text;
    for (size_t n = 0; n < strlen(text); n++) {
      rdc_status status;
      rdc_code code = parse(valid_rows[i].what, text, n, &status);
      if (!code)
        CHECK_FOR(text, status.offset == RDC_NOWHERE);
      else if (code == RDC_SIG_FIELDS) /* names are missing: the offset is where they begin */
        CHECK_FOR(text, valid_rows[i].what > TYPE && status.offset <= n);
      else
        CHECK_INT_FOR(text, (long long)status.offset, (long long)n);
    }
  }
}

/* n bytes of a, then tail. */
static rdc_code parse_nested(grammar what, size_t n, const char *unit, const char *tail,
                             rdc_status *status)
{
  size_t size = strlen(unit);
  char *text = malloc(n * size + strlen(tail) + 1);
  for (size_t i = 0; i < n; i++)
    memcpy(text + i * size, unit, size);
  strcpy(text + n * size, tail);
  rdc_code code = parse(what, text, strlen(text), status);
  free(text);
  return code;
}

static void check_nesting(void)
{
  rdc_status status;
  CHECK_INT(parse_nested(TYPE, RDC_MAX_NESTING - 1, "*", "i", &status), RDC_OK);
  CHECK_INT(parse_nested(TYPE, RDC_MAX_NESTING, "*", "i", &status), RDC_SIG_NESTING);
  CHECK_INT(status.offset, RDC_MAX_NESTING);
  CHECK_STR(status.what, "expected at most 64 nested types");
  CHECK_INT(parse_nested(TYPE, 100000, "*", "i", &status), RDC_SIG_NESTING);
  CHECK_INT(parse_nested(TYPE, 100000, "*(", "", &status), RDC_SIG_NESTING);
  CHECK_INT(parse_nested(TYPE, 100000, "*()", "v", &status), RDC_SIG_NESTING);
  CHECK_INT(parse_nested(CALL, 100000, "*(", "", &status), RDC_SIG_NESTING);
  CHECK_INT(parse_nested(TYPE, 100000, "*k", "i", &status), RDC_SIG_NESTING);
  char arrays[8 * RDC_MAX_NESTING] = "c";
  for (int i = 0; i < RDC_MAX_NESTING; i++)
    strcat(arrays, "[1]");
  CHECK_INT(parse(TYPE, arrays, strlen(arrays), &status), RDC_OK);
  strcat(arrays, "[1]");
  CHECK_INT(parse(TYPE, arrays, strlen(arrays), &status), RDC_SIG_NESTING);
  /* breadth is not depth */
  CHECK_INT(parse_nested(CALL, 100000, "i", ")v", &status), RDC_OK);
  CHECK_INT(parse_nested(CALL, 5000, "*(i)*(d)v", ")v", &status), RDC_OK);
  CHECK_INT(parse_nested(LIBRARY, 5000, "f(i)v;", "", &status), RDC_OK);
}

static void check_records(void)
{
  scene s;
  scene_init(&s);
  rdc_type *type = scene_records(&s, "N{i:3B:1c[2]<P>*<N>}a _ . c d;");
  CHECK(type == NULL && s.status.code == RDC_TYPE_UNKNOWN);
  CHECK_STR(s.status.what, "expected the name of a known type, got 'P'");
  type = scene_records(&s, "P{ff}x y; N{i:3B:1c[2]<P>*<N>}a _ c . d;");
  if (CHECK(type != NULL)) {
    CHECK_STR(type->name, "N");
    CHECK_INT(type->kind, RDC_STRUCT);
    CHECK_INT(type->count, 5);
    CHECK(type->fields[0].is_bits && type->fields[0].bits == 3);
    CHECK(!type->fields[2].is_bits && type->fields[2].type->kind == RDC_ARRAY);
    CHECK_STR(type->fields[4].name, "d");
    CHECK_STR(rdc_type_pointee_name(type->fields[4].type), "N");
    size_t offset = 0;
    const rdc_field *y = rdc_layout_field(type, "y", &offset);
    CHECK(y && y->type->kind == RDC_FLOAT);
    CHECK_INT(offset, 8);
    CHECK(rdc_layout_field(type, "_", &offset) == NULL);
    CHECK(rdc_layout_field(type, ".", &offset) == NULL);
    CHECK(rdc_layout_field(type, "z", &offset) == NULL);
  }
  type = scene_records(&s, "U|id}a b;");
  CHECK(type && type->kind == RDC_UNION && type->count == 2);
  type = scene_records(&s, "O;");
  CHECK(type && type->kind == RDC_STRUCT && !type->is_complete);
  type = scene_records(&s, "E{};");
  CHECK(type && type->is_complete && type->size == 0 && type->count == 0);
  scene_free(&s);
}

static void check_entries(void)
{
  static const char text[] = " f(_sZ.i)d a b ; g(*(i)v)v) ;;h()<P>; k(p)p q @copy @free=z ; l()p @x;"
                             " m(i)i a@b @c d;";
  rdc_sig sig;
  rdc_sig_entry entry;
  rdc_status status;
  rdc_arena arena;
  int more = 0;
  rdc_arena_init(&arena);
  rdc_status_clear(&status);
  rdc_sig_init(&sig, text, strlen(text), &arena, NULL, &status);
  CHECK(!rdc_sig_entry_next(&sig, &entry, &more) && more);
  CHECK(entry.name == 1 && entry.name_length == 1);
  CHECK(entry.call_length == 7 && !memcmp(text + entry.call, "_sZ.i)d", 7));
  CHECK(entry.names_length == 3 && !memcmp(text + entry.names, "a b", 3));
  CHECK(entry.type->mode == 's' && entry.type->count == 2 && entry.type->fixed == 1);
  CHECK(entry.params && !strcmp(entry.params[0], "a") && !strcmp(entry.params[1], "b"));
  CHECK(!rdc_sig_entry_next(&sig, &entry, &more) && more);
  CHECK(entry.call_length == 8 && !memcmp(text + entry.call, "*(i)v)v)", 8));
  CHECK(entry.params == NULL && entry.names_length == 0);
  CHECK(entry.type->mode == 0 && entry.type->count == 1);
  CHECK(!rdc_sig_entry_next(&sig, &entry, &more) && more);
  CHECK(text[entry.name] == 'h' && entry.type->count == 0 && entry.attributes_length == 0);
  CHECK(!rdc_sig_entry_next(&sig, &entry, &more) && more);
  CHECK(entry.names_length == 1 && !strcmp(entry.params[0], "q"));
  CHECK(entry.attributes_length == 13 && !memcmp(text + entry.attributes, "@copy @free=z", 13));
  CHECK(!rdc_sig_entry_next(&sig, &entry, &more) && more);
  CHECK(entry.params == NULL && entry.names_length == 0);
  CHECK(entry.attributes_length == 2 && !memcmp(text + entry.attributes, "@x", 2));
  CHECK(rdc_sig_entry_next(&sig, &entry, &more) == RDC_SIG_TOKEN);
  rdc_arena_free(&arena);
}

void check_sig(void)
{
  check_valid();
  check_invalid();
  check_lengths();
  check_nul_bytes();
  check_messages();
  check_prefixes();
  check_nesting();
  check_records();
  check_entries();
}
