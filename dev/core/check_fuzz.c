/* Mutated signatures, records and port files, the same ones in every run. */
#include "check.h"
#include "exercise.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20000, ROOM = 8192 };

typedef struct mutant {
  char text[ROOM];
  size_t length;
  uint64_t random;
} mutant;

static void replace(mutant *m, size_t at, size_t old, const char *text, size_t length)
{
  if (m->length - old + length > ROOM)
    return;
  memmove(m->text + at + length, m->text + at + old, m->length - at - old);
  if (length)
    memcpy(m->text + at, text, length);
  m->length += length - old;
}

/* One to four changes: bytes and words put in, removed, doubled; pieces moved. */
static void mutate(mutant *m, const char *const *words, size_t count)
{
  for (size_t n = 1 + scene_below(&m->random, 4); n > 0; n--) {
    size_t at = scene_below(&m->random, m->length + 1);
    size_t old = scene_below(&m->random, 6);
    const char *word = words[scene_below(&m->random, count)];
    char byte = (char)scene_random(&m->random);
    if (old > m->length - at)
      old = m->length - at;
    switch (scene_below(&m->random, 6)) {
    case 0:
      replace(m, at, 0, word, strlen(word));
      break;
    case 1:
      replace(m, at, old, word, strlen(word));
      break;
    case 2:
      replace(m, at, old, NULL, 0);
      break;
    case 3:
      replace(m, at, old ? 1 : 0, &byte, 1);
      break;
    case 4: {
      char piece[64];
      size_t from = scene_below(&m->random, m->length + 1);
      size_t size = m->length - from < sizeof piece ? m->length - from : sizeof piece;
      size = size ? scene_below(&m->random, size) : 0;
      memcpy(piece, m->text + from, size);
      replace(m, at, 0, piece, size);
      break;
    }
    default:
      m->length = at; /* what is behind is cut off */
    }
  }
}

static void report(const char *broken, const mutant *m)
{
  if (CHECK_FOR(broken ? broken : "", broken == NULL))
    return;
  fprintf(stderr, "  ");
  for (size_t i = 0; i < m->length; i++)
    fprintf(stderr, (unsigned char)m->text[i] < 32 ? "\\x%02x" : "%c", (unsigned char)m->text[i]);
  fprintf(stderr, "\n");
}

static void take(mutant *m, const char *text, size_t length)
{
  m->length = length < ROOM ? length : ROOM;
  memcpy(m->text, text, m->length);
}

/* clang-format off */
static const char *const sig_words[] = {
    "(",  ")",  "*(",   "[",     "]",   "[3]", "[0]", "<P>", "<R>", "<U>", "<W>", "<E>", "<O>", "<Q>",
    "*",  "k",  "_s",   ".",     "v",   "i",   "d",   "D",   "c",   "Z",   "p",   "B",   "f",   "x",
    ";",  " ",  "(d)d", "*(i)v", "<",   ">",   "_",   "<size_t>", "<double complex>", "[99999999]",
    "\0", "{",  "}",    "|",     ":3",  ":0",  ":64", "a b c",
    " @pack=1", " @pack=2", " @align=16", " @align=32", " @ms"};
/* clang-format on */

static void check_signatures(void)
{
  /* clang-format off */
  static const char *const seeds[] = {
      ")v", "d)d", "BcCsSiIjJlLfdDpZx)x", "_sZ.id<P>)<R>", "*(*v*v)i*<P>*k<O>)*(i)*(d)f",
      "f(d)d x;g(_sii<P>)v a b c;h()*<O>;", "*(i[2][3]<U>.)*kc", "<double complex>D<W><E>)<W>",
      "<R>[3]*<R>[3]k*kc)i", "ffffffffddddddddiiiiiiiijj)D"};
  /* clang-format on */
  mutant m = {.random = 101};
  for (int i = 0; i < ROUNDS; i++) {
    const char *seed = seeds[scene_below(&m.random, COUNT(seeds))];
    take(&m, seed, strlen(seed));
    mutate(&m, sig_words, COUNT(sig_words));
    report(exercise_signature(m.text, m.length), &m);
  }
}

static void check_records(void)
{
  /* clang-format off */
  static const char *const seeds[] = {
      "A{cid}a b c;", "A{i:3I:5i:0B:1l:40}a b _ c d;B{<A>f}. f;", "A|id<P>}a b c; B{c<A>[3]}a b;",
      "A{c[3][2]*(i)v<P>}a b c;", "O; A{*<O><double complex>D}o z d;", "A{f[2]i:7_}a b c;",
      "A{ff}a b;B{<A>f}a b;C|<B>d}b d;D{c<C>}a .;", "A{<E>i<E>[4]}a b c;",
      "A{c:3i:30dc}a b c d @pack=1;B{c<A>}a b @align=16;", "A{c:3i:30s:2}a b c @ms;",
      "A|cl:40D}a b c @pack=4 @align=8;"};
  /* clang-format on */
  mutant m = {.random = 102};
  for (int i = 0; i < ROUNDS; i++) {
    const char *seed = seeds[scene_below(&m.random, COUNT(seeds))];
    take(&m, seed, strlen(seed));
    mutate(&m, sig_words, COUNT(sig_words));
    report(exercise_record(m.text, m.length), &m);
  }
}

/* clang-format off */
static const char *const port_words[] = {
    "#!dynport 2\n", "[const]\n", "[enum]\n", "[type]\n", "[struct]\n", "[var]\n", "[alias]\n",
    "[func]\n", "[func linux&!64|windows]\n", "[", "]", "=", ":", ";", "{", "}", "\"", "\\", "\\x41",
    "@pack=1", " @", "0x", "-", "1e400", "18446744073709551616", "\n", "\r\n", " ", "#", "(", ")v",
    "A=1;\n", "f(i)v a;\n", "E{A B=3 C};\n", "S{ii}a b;\n", "T=*(i)v;\n", "Note[linux]: x\n", "!", "&", "|",
    "[const version>=1.2]\n", "version<", "Version: 1.2\n", "Library2: x\n", "Import: a b\n", "word",
    "Probe: word=f(Zi)i \"a b\" 2\n", "Probe: version=f()Z\n", " @lib=2", " @ptr=v", " @get=f", " @sym=g",
    " @since=1.2", " @deprecated", " @x-a=b", "-0x8000000000000000l", "\xc3\xa9", "\xff"};
/* clang-format on */

/* Some lines of a shipped file, behind the head that they need. */
static void take_lines(mutant *m, const char *text, size_t length)
{
  size_t from = scene_below(&m->random, length), size = 200 + scene_below(&m->random, 600), head;
  const char *section = NULL;
  while (from && text[from - 1] != '\n')
    from--;
  for (const char *at = text + from; at > text && !section; at--)
    if (*at == '[' && at[-1] == '\n')
      section = at;
  m->length = 0;
  replace(m, 0, 0, "#!dynport 2\n", 12);
  if (section) {
    head = strcspn(section, "\n") + 1;
    replace(m, m->length, 0, section, head);
  }
  if (size > length - from)
    size = length - from;
  replace(m, m->length, 0, text + from, size);
}

static void check_ports(void)
{
  static const char *const paths[] = {"inst/dynports/GL.dynport", "inst/dynports/SDL.dynport",
                                      "inst/dynports/expat.dynport"};
  static const char small[] =
      "#!dynport 2\nPort: X\nVersion: 1.2\nLibrary[linux]: a\nLibrary2: b\nPackage: deb:a\n"
      "Probe: wide=f(Z)i \"a b\"\n[const]\nA=1;\nB=\"x\\n\" @since=2;\n"
      "[enum]\nE:i{A B=-3};\n[type wide]\nT=*(i)v;\n[struct]\nS{i:3d}a b @pack=1;\n"
      "[var version>=1.0]\nv:*c @lib=2;\n[alias]\na=b;\n[func !windows]\nf(iZ.)v n fmt @cc=c "
      "@ptr=p;\n";
  char *texts[COUNT(paths)];
  size_t lengths[COUNT(paths)];
  mutant m = {.random = 103};
  for (size_t i = 0; i < COUNT(paths); i++)
    if (!CHECK_FOR(paths[i], (texts[i] = scene_file(paths[i], &lengths[i])) != NULL))
      return;
  for (int i = 0; i < ROUNDS; i++) {
    size_t which = scene_below(&m.random, COUNT(paths) + 1);
    if (which < COUNT(paths))
      take_lines(&m, texts[which], lengths[which]);
    else
      take(&m, small, sizeof small - 1);
    mutate(&m, port_words, COUNT(port_words));
    report(exercise_port(m.text, m.length), &m);
  }
  for (size_t i = 0; i < COUNT(paths); i++)
    free(texts[i]);
}

void check_fuzz(void)
{
  check_signatures();
  check_records();
  check_ports();
}
