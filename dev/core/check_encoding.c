/* Encodings: every character both ways, and everything that is none. */
#include "encoding.h"
#include "check.h"
#include "scene.h"

#include <string.h>

/* UTF-8 by the table of the standard, without the code that is checked. */
static size_t utf8_of(uint32_t c, unsigned char *out)
{
  if (c < 0x80) {
    out[0] = (unsigned char)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (unsigned char)(0xc0 + c / 64);
    out[1] = (unsigned char)(0x80 + c % 64);
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (unsigned char)(0xe0 + c / 4096);
    out[1] = (unsigned char)(0x80 + c / 64 % 64);
    out[2] = (unsigned char)(0x80 + c % 64);
    return 3;
  }
  out[0] = (unsigned char)(0xf0 + c / 262144);
  out[1] = (unsigned char)(0x80 + c / 4096 % 64);
  out[2] = (unsigned char)(0x80 + c / 64 % 64);
  out[3] = (unsigned char)(0x80 + c % 64);
  return 4;
}

/* Whether the text is refused, with that character. */
static int is_refused(rdc_encoding encoding, const char *text, size_t size, int32_t what)
{
  int32_t bad = 0;
  exact copy = exact_copy(text, size);
  size_t n = rdc_encoding_write(encoding, copy.text, size, NULL, &bad);
  exact_free(&copy);
  return n == RDC_NOWHERE && bad == what;
}

static void check_characters(void)
{
  int32_t bad;
  int latin1 = 1, utf16 = 1, utf32 = 1, back = 1, refused = 1;
  for (uint32_t c = 0; c < 0x120000; c++) {
    unsigned char text[4], other[4], read[4];
    size_t n = utf8_of(c, text);
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
      refused &= is_refused(RDC_UTF16, (char *)text, n, -1) && is_refused(RDC_UTF32, (char *)text, n, -1);
      continue;
    }
    size_t k = rdc_encoding_write(RDC_LATIN1, (char *)text, n, other, &bad);
    latin1 &= c < 256 ? k == 1 && other[0] == c : k == RDC_NOWHERE && bad == (int32_t)c;
    k = rdc_encoding_write(RDC_UTF16, (char *)text, n, other, &bad);
    uint16_t units[2];
    memcpy(units, other, 4);
    utf16 &= c < 0x10000 ? k == 2 && units[0] == c
                         : k == 4 && (units[0] & 0xfc00) == 0xd800 && (units[1] & 0xfc00) == 0xdc00 &&
                               ((units[0] & 0x3ffu) << 10) + (units[1] & 0x3ffu) + 0x10000 == c;
    back &= rdc_encoding_read(RDC_UTF16, other, k, NULL, &bad) == n &&
            rdc_encoding_read(RDC_UTF16, other, k, (char *)read, &bad) == n && !memcmp(read, text, n);
    k = rdc_encoding_write(RDC_UTF32, (char *)text, n, other, &bad);
    uint32_t unit;
    memcpy(&unit, other, 4);
    utf32 &= k == 4 && unit == c;
    back &= rdc_encoding_read(RDC_UTF32, other, k, (char *)read, &bad) == n && !memcmp(read, text, n);
    if (c < 256) {
      unsigned char byte = (unsigned char)c;
      back &= rdc_encoding_read(RDC_LATIN1, &byte, 1, (char *)read, &bad) == n && !memcmp(read, text, n);
    }
  }
  CHECK(latin1);
  CHECK(utf16);
  CHECK(utf32);
  CHECK(back);
  CHECK(refused);
}

/* Every sequence of up to three bytes is what a table made by encoding all characters says. */
static void check_bytes(void)
{
  static unsigned char known[1 << 24 >> 3]; /* bit: three bytes that are one character */
  int32_t bad;
  int right = 1;
  for (uint32_t c = 0x800; c < 0x10000; c++) {
    unsigned char text[4];
    utf8_of(c, text);
    uint32_t key = (uint32_t)text[0] << 16 | (uint32_t)text[1] << 8 | text[2];
    if (c < 0xd800 || c > 0xdfff)
      known[key >> 3] |= (unsigned char)(1 << (key & 7));
  }
  for (uint32_t key = 0xe00000; key < 0xf00000; key++) {
    char text[3] = {(char)(key >> 16), (char)(key >> 8), (char)key};
    int is_text = rdc_encoding_write(RDC_UTF32, text, 3, NULL, &bad) == 4;
    right &= is_text == (known[key >> 3] >> (key & 7) & 1);
  }
  for (uint32_t key = 0x8000; key < 0x10000; key++) {
    char text[2] = {(char)(key >> 8), (char)key};
    int is_text = rdc_encoding_write(RDC_UTF32, text, 2, NULL, &bad) == 4;
    right &= is_text == (key >> 8 >= 0xc2 && key >> 8 < 0xe0 && (key & 0xc0) == 0x80);
  }
  CHECK(right);
  CHECK(is_refused(RDC_UTF16, "a\xe2\x82", 3, -1)); /* cut, with nothing readable behind */
  CHECK(is_refused(RDC_UTF16, "\xf0\x9f\x98", 3, -1));
  CHECK(is_refused(RDC_UTF16, "\xf0\x80\x80\x80", 4, -1));
  CHECK(is_refused(RDC_LATIN1, "a\xe2\x82\xac", 4, 0x20ac));
}

static void check_units(void)
{
  int32_t bad = 0;
  uint16_t lone[] = {'a', 0xd83d, 'b', 0}, low[] = {0xde00, 0xd83d, 0}, high[] = {0xd83d};
  uint32_t far[] = {0x110000}, surrogate[] = {0xdfff};
  CHECK(rdc_encoding_read(RDC_UTF16, lone, 6, NULL, &bad) == RDC_NOWHERE && bad == 0xd83d);
  CHECK(rdc_encoding_read(RDC_UTF16, low, 4, NULL, &bad) == RDC_NOWHERE && bad == 0xde00);
  CHECK(rdc_encoding_read(RDC_UTF16, high, 2, NULL, &bad) == RDC_NOWHERE && bad == 0xd83d);
  CHECK(rdc_encoding_read(RDC_UTF32, far, 4, NULL, &bad) == RDC_NOWHERE && bad == 0x110000);
  CHECK(rdc_encoding_read(RDC_UTF32, surrogate, 4, NULL, &bad) == RDC_NOWHERE && bad == 0xdfff);
  CHECK_INT(rdc_encoding_length(RDC_UTF16, lone, RDC_NOWHERE), 6);
  CHECK_INT(rdc_encoding_length(RDC_UTF16, lone, 8), 6);
  CHECK(rdc_encoding_length(RDC_UTF16, lone, 7) == RDC_NOWHERE);
  CHECK(rdc_encoding_length(RDC_UTF16, lone, 0) == RDC_NOWHERE);
  CHECK(rdc_encoding_length(RDC_UTF32, far, 4) == RDC_NOWHERE);
  CHECK(rdc_encoding_length(RDC_LATIN1, "abc", 3) == RDC_NOWHERE);
  CHECK_INT(rdc_encoding_length(RDC_LATIN1, "abc", 4), 3);
  CHECK_INT(rdc_encoding_length(RDC_UTF8, "abc", RDC_NOWHERE), 3);
  CHECK_INT(rdc_encoding_length(RDC_UTF16, (char *)lone + 2, 6), 4);
  CHECK_INT(rdc_encoding_unit(RDC_UTF8) + rdc_encoding_unit(RDC_UTF16) + rdc_encoding_unit(RDC_UTF32), 7);
}

void check_encoding(void)
{
  check_characters();
  check_bytes();
  check_units();
}
