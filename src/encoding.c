/* UTF-8 to and from other encodings. Nothing is ever replaced: what cannot be converted fails. */
#include "encoding.h"

#include <string.h>

size_t rdc_encoding_unit(rdc_encoding encoding)
{
  return encoding == RDC_UTF16 ? 2 : encoding == RDC_UTF32 ? 4 : 1;
}

const char *rdc_encoding_name(rdc_encoding encoding)
{
  static const char *const names[] = {"UTF-8", "the native encoding", "Latin-1", "UTF-16",
                                      "UTF-32"};
  return names[encoding];
}

/* The unit at text, which may lie at any address. */
static uint32_t unit_at(rdc_encoding encoding, const unsigned char *text)
{
  uint16_t s;
  uint32_t i;
  switch (encoding) {
  case RDC_UTF16:
    memcpy(&s, text, sizeof s);
    return s;
  case RDC_UTF32:
    memcpy(&i, text, sizeof i);
    return i;
  default:
    return *text;
  }
}

size_t rdc_encoding_length(rdc_encoding encoding, const void *text, size_t most)
{
  size_t unit = rdc_encoding_unit(encoding);
  const unsigned char *at = text;
  if (unit == 1 && most == RDC_NOWHERE)
    return strlen(text);
  if (unit == 1) {
    const unsigned char *end = memchr(text, 0, most);
    return end ? (size_t)(end - at) : RDC_NOWHERE;
  }
  for (size_t n = 0; most - n >= unit; n += unit)
    if (!unit_at(encoding, at + n))
      return n;
  return RDC_NOWHERE;
}

/* Decodes the character at text[*at] and moves behind it; -1 if there is none. Overlong forms, surrogates
   and what is above U+10FFFF are none (Unicode 15, table 3-7). */
static int32_t next_utf8(const unsigned char *text, size_t size, size_t *at)
{
  static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
  unsigned char c = text[*at];
  int more = c < 0x80                ? 0
             : c >= 0xc2 && c < 0xe0 ? 1
             : (c & 0xf0) == 0xe0    ? 2
             : c >= 0xf0 && c < 0xf5 ? 3
                                     : -1;
  if (more < 0 || size - *at <= (size_t)more)
    return -1;
  int32_t value = more ? c & (0x3f >> more) : c;
  for (int i = 1; i <= more; i++) {
    unsigned char next = text[*at + (size_t)i];
    if ((next & 0xc0) != 0x80)
      return -1;
    value = value << 6 | (next & 0x3f);
  }
  if (value < least[more] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
    return -1;
  *at += (size_t)more + 1;
  return value;
}

/* Writes units of an encoding; counts where out is NULL. */
static size_t put_unit(rdc_encoding encoding, uint32_t value, void *out, size_t at)
{
  size_t unit = rdc_encoding_unit(encoding);
  unsigned char b = (unsigned char)value;
  uint16_t s = (uint16_t)value;
  if (out)
    memcpy((char *)out + at,
           unit == 1   ? (void *)&b
           : unit == 2 ? (void *)&s
                       : (void *)&value,
           unit);
  return at + unit;
}

size_t rdc_encoding_write(rdc_encoding encoding, const char *text, size_t size, void *out,
                          int32_t *bad)
{
  const unsigned char *bytes = (const unsigned char *)text;
  size_t n = 0;
  for (size_t at = 0; at < size;) {
    int32_t value = next_utf8(bytes, size, &at);
    *bad = value;
    if (value < 0 || (encoding == RDC_LATIN1 && value > 0xff))
      return RDC_NOWHERE;
    if (encoding == RDC_UTF16 && value > 0xffff) {
      value -= 0x10000;
      n = put_unit(encoding, 0xd800 | (uint32_t)value >> 10, out, n);
      n = put_unit(encoding, 0xdc00 | ((uint32_t)value & 0x3ff), out, n);
    } else {
      n = put_unit(encoding, (uint32_t)value, out, n);
    }
  }
  return n;
}

/* Writes a character as UTF-8. */
static size_t put_utf8(uint32_t value, char *out, size_t n)
{
  static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
  int more = value < 0x80 ? 0 : value < 0x800 ? 1 : value < 0x10000 ? 2 : 3;
  for (int i = 0; out && i <= more; i++) {
    uint32_t bits = value >> 6 * (more - i);
    out[n + (size_t)i] = (char)(i ? 0x80 | (bits & 0x3f) : first[more] | bits);
  }
  return n + (size_t)more + 1;
}

size_t rdc_encoding_read(rdc_encoding encoding, const void *text, size_t size, char *out,
                         int32_t *bad)
{
  const unsigned char *bytes = text;
  size_t unit = rdc_encoding_unit(encoding), n = 0;
  for (size_t at = 0; at + unit <= size; at += unit) {
    uint32_t value = unit_at(encoding, bytes + at);
    *bad = (int32_t)value;
    if (encoding == RDC_UTF16 && value >= 0xd800 && value < 0xdc00 && size - at >= 2 * unit) {
      uint32_t low = unit_at(encoding, bytes + at + unit);
      if (low >= 0xdc00 && low < 0xe000) {
        value = 0x10000 + ((value & 0x3ff) << 10 | (low & 0x3ff));
        at += unit;
      }
    }
    if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
      return RDC_NOWHERE;
    n = put_utf8(value, out, n);
  }
  return n;
}
