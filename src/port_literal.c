/* Literals of DynPort files (integers exact to 64 bits, numbers, strings) and probes, whose arguments
   they are. */
#include "port_scan.h"

#include <stdlib.h>

size_t rdc_port_digits(rdc_span span, uint64_t *out)
{
  size_t i = 0;
  unsigned base = 10;
  uint64_t value = 0;
  if (span.length > 2 && span.text[0] == '0' && (span.text[1] == 'x' || span.text[1] == 'X')) {
    base = 16;
    i = 2;
  }
  size_t start = i;
  for (; i < span.length; i++) {
    char c = span.text[i];
    unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                     : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                            : 99;
    if (digit >= base)
      break;
    if (value > (UINT64_MAX - digit) / base)
      return 0;
    value = value * base + digit;
  }
  *out = value;
  return i > start ? i : 0;
}

static rdc_code expected(const char *what, rdc_span got, rdc_status *status)
{
  char quoted[80];
  rdc_port_quote(got, quoted);
  return rdc_fail(status, RDC_PORT_SYNTAX, what, quoted);
}

static rdc_code literal_expected(rdc_span span, rdc_status *status)
{
  return expected("an integer in the range of its letter, a number or a \"string\"", span, status);
}

static rdc_code string_literal(rdc_span span, rdc_arena *arena, rdc_literal *out,
                               rdc_status *status)
{
  char *bytes = rdc_arena_alloc(arena, span.length);
  size_t n = 0;
  if (!bytes)
    return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
  if (span.length < 2 || span.text[span.length - 1] != '"')
    return literal_expected(span, status);
  for (size_t i = 1; i + 1 < span.length; i++) {
    char c = span.text[i];
    if (c == '"')
      return literal_expected(span, status);
    if (c == '\\') {
      static const char from[] = "ntr\\\"'", to[] = "\n\t\r\\\"'";
      const char *at = i + 2 < span.length ? strchr(from, span.text[i + 1]) : NULL;
      if (at && *at) {
        c = to[at - from];
        i++;
      } else if (i + 4 < span.length && span.text[i + 1] == 'x') {
        rdc_span hex = {(const char[]){'0', 'x', span.text[i + 2], span.text[i + 3]}, 4};
        uint64_t value;
        if (rdc_port_digits(hex, &value) != 4 || !value)
          return literal_expected(span, status);
        c = (char)value;
        i += 3;
      } else {
        return literal_expected(span, status);
      }
    }
    bytes[n++] = c;
  }
  out->kind = RDC_LITERAL_STRING;
  out->text = bytes;
  out->length = n;
  return RDC_OK;
}

/* How many bytes at the start look like those of an integer of any size. */
static size_t integer_length(rdc_span span)
{
  size_t i = span.length > 1 && span.text[0] == '0' && (span.text[1] | 32) == 'x' ? 2 : 0;
  const char *digits = i ? "0123456789abcdefABCDEF" : "0123456789";
  while (i < span.length && span.text[i] && strchr(digits, span.text[i]))
    i++;
  return i;
}

/* Whether an integer is one of the type of its letter; long counts as 64 bits wide everywhere, so that
   a file means the same on all platforms. */
static int in_range(const rdc_literal *literal)
{
  static const char letters[] = "BcCsSiIjJlL";
  static const unsigned char bits[] = {1, 7, 8, 15, 16, 31, 32, 63, 64, 63, 64};
  const char *at = literal->letter ? strchr(letters, literal->letter) : NULL;
  if (!at)
    return !literal->negative || literal->magnitude <= (uint64_t)INT64_MAX + 1;
  unsigned width = bits[at - letters];
  if (literal->negative)
    return (width & 1 && width > 1) ? literal->magnitude <= (uint64_t)1 << width
                                    : !literal->magnitude;
  return width == 64 || literal->magnitude < (uint64_t)1 << width;
}

rdc_code rdc_port_literal(rdc_span span, rdc_arena *arena, rdc_literal *out, rdc_status *status)
{
  memset(out, 0, sizeof *out);
  if (span.length && span.text[0] == '"')
    return string_literal(span, arena, out, status);
  rdc_span rest = span;
  out->negative = rest.length && rest.text[0] == '-';
  if (out->negative)
    rest = rdc_cut(rest, 1, rest.length);
  size_t used = rdc_port_digits(rest, &out->magnitude);
  if (used && (used == rest.length || used + 1 == rest.length)) {
    char letter = used < rest.length ? rest.text[used] : 0;
    if (!letter || strchr("cCsSiIjJlLBp", letter)) {
      out->kind = RDC_LITERAL_INTEGER;
      out->letter = letter;
      return in_range(out) ? RDC_OK : literal_expected(span, status);
    }
  }
  if (!memchr(rest.text, '.', rest.length) && rest.length && integer_length(rest) == rest.length)
    return literal_expected(span, status); /* an integer that does not fit is no real number */
  char *copy = rdc_arena_text(arena, span.text, span.length);
  if (!copy)
    return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
  char *end;
  out->real = strtod(copy, &end);
  if (end != copy && *end == 'f')
    out->real = strtof(copy, NULL); /* what a float holds, rounded once */
  if (end != copy && (*end == 'f' || *end == 'd'))
    end++;
  if (end == copy || *end)
    return literal_expected(span, status);
  out->kind = RDC_LITERAL_REAL;
  return RDC_OK;
}

/* ---- probes ---- */

/* Takes the next literal off the start of span: a string, or what is up to a blank. */
static rdc_span next_literal(rdc_span *span)
{
  *span = rdc_trim(*span);
  if (!span->length || span->text[0] != '"')
    return rdc_port_word(span);
  size_t end = 1;
  while (end < span->length && span->text[end] != '"')
    end += span->text[end] == '\\' ? 2 : 1;
  end = end < span->length ? end + 1 : span->length;
  rdc_span literal = {span->text, end};
  span->text += end;
  span->length -= end;
  return literal;
}

static int takes(const rdc_type *type, const rdc_literal *literal)
{
  if (type->kind == RDC_STRING)
    return literal->kind == RDC_LITERAL_STRING;
  return literal->kind == RDC_LITERAL_INTEGER
             ? rdc_kind_is_integer(type->kind) || rdc_kind_is_real(type->kind)
             : literal->kind == RDC_LITERAL_REAL && rdc_kind_is_real(type->kind);
}

/* The signature of a probe, and its arguments by the types in it. */
static rdc_code probe_arguments(rdc_probe *probe, rdc_span rest, rdc_arena *arena,
                                rdc_status *status)
{
  rdc_sig sig;
  rdc_type *type;
  rdc_sig_init(&sig, probe->call.text, probe->call.length, arena, NULL, status);
  rdc_code code = rdc_sig_call(&sig, &type);
  if (code)
    return code;
  int is_version = rdc_span_is(probe->word, "version");
  if (is_version ? type->base->kind != RDC_STRING : !rdc_kind_is_integer(type->base->kind))
    return expected(is_version ? "a function that returns a string (Z)"
                               : "a function that returns an integer",
                    probe->call, status);
  probe->arguments = rdc_arena_array(arena, type->count, sizeof *probe->arguments);
  if (!probe->arguments)
    return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
  for (probe->count = 0; probe->count < type->count; probe->count++) {
    rdc_literal *literal = &probe->arguments[probe->count];
    rdc_span word = next_literal(&rest);
    if ((code = rdc_port_literal(word, arena, literal, status)))
      return code;
    if (!takes(type->params[probe->count], literal))
      return expected("an argument of the type in the signature", word, status);
  }
  rest = rdc_trim(rest);
  return rest.length ? expected("as many arguments as types", rest, status) : RDC_OK;
}

rdc_code rdc_port_probe(rdc_span span, rdc_arena *arena, rdc_probe *out, rdc_status *status)
{
  static const char form[] = "word=function(signature) arguments";
  memset(out, 0, sizeof *out);
  size_t equals = rdc_find(span, '='), open = rdc_find(span, '(');
  if (equals > open || open == span.length)
    return expected(form, span, status);
  out->word = rdc_cut(span, 0, equals);
  out->symbol = rdc_cut(span, equals + 1, open);
  if (!rdc_port_is_name(out->word) || !rdc_port_is_name(out->symbol))
    return expected(form, span, status);
  rdc_span rest = rdc_cut(span, open + 1, span.length);
  out->call = rdc_port_word(&rest);
  return probe_arguments(out, rest, arena, status);
}
