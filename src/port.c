/* Line-oriented scanner of DynPort 2 files; see vignette("dynport-format"). */
#include "port.h"

#include <stdlib.h>
#include <string.h>

typedef struct scanner {
  rdc_port *port;
  rdc_status *status;
  const char *text, *end; /* the file */
  const char *at;         /* start of the next line */
  size_t line;            /* number of the current line */
  size_t room;            /* records allocated */
  int active;             /* whether the section's condition holds */
  rdc_record_kind kind;   /* of the section */
  int in_section;         /* whether a section has begun */
} scanner;

static rdc_code port_expected(scanner *s, const char *what, rdc_span got)
{
  char quoted[80];
  size_t n = got.length < 60 ? got.length : 60;
  quoted[0] = '\'';
  memcpy(quoted + 1, got.text, n);
  memcpy(quoted + 1 + n, got.length > n ? "...'" : "'", got.length > n ? 5 : 2);
  s->status->line = s->line;
  rdc_fail(s->status, RDC_PORT_SYNTAX, what, got.length ? quoted : "nothing");
  s->status->line = s->line;
  return RDC_PORT_SYNTAX;
}

static int blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static rdc_span trim(rdc_span span)
{
  while (span.length && blank(span.text[0]))
    span.text++, span.length--;
  while (span.length && blank(span.text[span.length - 1]))
    span.length--;
  return span;
}

static rdc_span cut(rdc_span span, size_t from, size_t to)
{
  rdc_span part = {span.text + from, to - from};
  return trim(part);
}

static int span_is(rdc_span span, const char *word)
{
  return span.length == strlen(word) && !memcmp(span.text, word, span.length);
}

/* Position of c in span, or its length. */
static size_t find(rdc_span span, char c)
{
  const char *at = span.length ? memchr(span.text, c, span.length) : NULL;
  return at ? (size_t)(at - span.text) : span.length;
}

static rdc_record *add(scanner *s, rdc_record_kind kind, rdc_span name)
{
  rdc_port *port = s->port;
  if (port->count == s->room) {
    size_t room = s->room ? s->room * 2 : 64;
    rdc_record *records = rdc_arena_array(&port->arena, room, sizeof *records);
    if (!records)
      return NULL;
    if (port->count)
      memcpy(records, port->records, port->count * sizeof *records);
    port->records = records;
    s->room = room;
  }
  rdc_record *record = &port->records[port->count++];
  record->kind = kind;
  record->name = name;
  record->line = s->line;
  return record;
}

static rdc_code no_memory(scanner *s) { return rdc_fail(s->status, RDC_NO_MEMORY, "a few bytes"); }

static const char *const port_true_words[] = {
#if defined(_WIN32)
    "windows",
#else
    "unix",
#endif
#if defined(__linux__)
    "linux",
#endif
#if defined(__APPLE__)
    "darwin",
#endif
#if defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || defined(__DragonFly__)
    "bsd",
#endif
#if defined(__x86_64__) || defined(_M_X64)
    "x86_64",
#elif defined(__aarch64__)
    "aarch64",
#elif defined(__i386__) || defined(_M_IX86)
    "i386",
#elif defined(__arm__)
    "arm",
#endif
#if defined(_WIN64)
    "llp64",   "64",
#elif UINTPTR_MAX > 0xffffffffu
    "lp64", "64",
#else
    "ilp32", "32",
#endif
    NULL};

static const char *const port_words[] = {"linux",  "darwin",  "windows", "bsd", "unix",
                                         "x86_64", "aarch64", "i386",    "arm", "lp64",
                                         "llp64",  "ilp32",   "32",      "64",  NULL};

static int in_list(rdc_span word, const char *const *list)
{
  for (; *list; list++)
    if (span_is(word, *list))
      return 1;
  return 0;
}

/* cond := term ('&' term)* ('|' ...)*, '&' binding tighter */
static rdc_code condition(scanner *s, rdc_span text, int *holds)
{
  *holds = 0;
  for (size_t from = 0; from <= text.length;) {
    rdc_span rest = {text.text + from, text.length - from};
    size_t stop = find(rest, '|');
    rdc_span all = {rest.text, stop};
    int each = 1;
    for (size_t at = 0; at <= all.length;) {
      rdc_span tail = {all.text + at, all.length - at};
      size_t end = find(tail, '&');
      rdc_span term = cut(tail, 0, end);
      int negated = term.length && term.text[0] == '!';
      if (negated)
        term = cut(term, 1, term.length);
      if (!in_list(term, port_words))
        return port_expected(s,
                             "a word for a platform (linux, darwin, windows, bsd, unix, x86_64, "
                             "aarch64, i386, arm, lp64, llp64, ilp32, 32, 64)",
                             term);
      each &= in_list(term, port_true_words) != negated;
      at += end + 1;
    }
    *holds |= each;
    from += stop + 1;
  }
  return RDC_OK;
}

static rdc_code header(scanner *s, rdc_span line)
{
  size_t colon = find(line, ':'), open = find(line, '[');
  int holds = 1;
  if (colon == line.length)
    return port_expected(s, "a header 'Key: value' or a section '[kind]'", line);
  rdc_span key = cut(line, 0, open < colon ? open : colon);
  if (open < colon) {
    size_t close = find(line, ']');
    if (close > colon || close < open || cut(line, close + 1, colon).length)
      return port_expected(s, "'Key[condition]: value'", line);
    rdc_code code = condition(s, cut(line, open + 1, close), &holds);
    if (code)
      return code;
  }
  if (!key.length)
    return port_expected(s, "a key before ':'", line);
  if (!holds)
    return RDC_OK;
  rdc_record *record = add(s, RDC_RECORD_HEADER, key);
  if (!record)
    return no_memory(s);
  record->body = cut(line, colon + 1, line.length);
  return RDC_OK;
}

static const struct {
  const char *name;
  rdc_record_kind kind;
} port_sections[] = {{"const", RDC_RECORD_CONST}, {"enum", RDC_RECORD_ENUM},
                     {"type", RDC_RECORD_TYPE},   {"struct", RDC_RECORD_STRUCT},
                     {"var", RDC_RECORD_VAR},     {"alias", RDC_RECORD_ALIAS},
                     {"func", RDC_RECORD_FUNC}};

static rdc_code section(scanner *s, rdc_span line)
{
  if (line.text[line.length - 1] != ']')
    return port_expected(s, "']' at the end of a section's head", line);
  rdc_span inner = cut(line, 1, line.length - 1);
  size_t space = find(inner, ' ');
  rdc_span kind = cut(inner, 0, space);
  s->active = 1;
  s->in_section = 1;
  if (space < inner.length) {
    rdc_code code = condition(s, cut(inner, space, inner.length), &s->active);
    if (code)
      return code;
  }
  for (size_t i = 0; i < sizeof port_sections / sizeof *port_sections; i++)
    if (span_is(kind, port_sections[i].name)) {
      s->kind = port_sections[i].kind;
      return RDC_OK;
    }
  return port_expected(s, "a section: const, enum, type, struct, var, alias or func", kind);
}

/* Unsigned decimal or 0x number at the start of span. */
static size_t digits(rdc_span span, uint64_t *out)
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

static rdc_code enumeration(scanner *s, rdc_span body, rdc_span attributes)
{
  size_t open = find(body, '{'), colon = find(body, ':');
  rdc_span name = cut(body, 0, colon < open ? colon : open);
  if (open == body.length || body.text[body.length - 1] != '}')
    return port_expected(s, "Name{LABEL LABEL=value ...}", body);
  rdc_record *record = add(s, RDC_RECORD_ENUM, name);
  if (!record)
    return no_memory(s);
  record->attributes = attributes;
  if (colon < open)
    record->body = cut(body, colon + 1, open);
  uint64_t next = 0;
  rdc_span rest = cut(body, open + 1, body.length - 1);
  while (rest.length) {
    size_t end = 0;
    while (end < rest.length && !blank(rest.text[end]))
      end++;
    rdc_span label = {rest.text, end};
    size_t equals = find(label, '=');
    if (equals < label.length) {
      rdc_span number = cut(label, equals + 1, label.length);
      int negative = number.length && number.text[0] == '-';
      uint64_t magnitude;
      if (negative)
        number = cut(number, 1, number.length);
      if (!number.length || digits(number, &magnitude) != number.length ||
          (negative && magnitude > (uint64_t)INT64_MAX + 1))
        return port_expected(s, "an integer behind '='", label);
      next = negative ? 0 - magnitude : magnitude;
    }
    rdc_record *one = add(s, RDC_RECORD_LABEL, cut(label, 0, equals));
    if (!one)
      return no_memory(s);
    if (!one->name.length)
      return port_expected(s, "the name of a constant", label);
    memcpy(&one->value, &next, sizeof next);
    next++;
    rest = cut(rest, end, rest.length);
  }
  return RDC_OK;
}

static rdc_code function(scanner *s, rdc_span body, rdc_span attributes)
{
  rdc_arena scratch;
  rdc_sig sig;
  rdc_sig_entry entry;
  int more;
  rdc_arena_init(&scratch);
  rdc_sig_init(&sig, body.text, body.length, &scratch, NULL, s->status);
  rdc_code code = rdc_sig_entry_next(&sig, &entry, &more);
  int variadic = !code && more && entry.type->fixed != RDC_NOWHERE;
  size_t count = !code && more ? entry.type->count : 0;
  rdc_arena_free(&scratch);
  if (code) {
    s->status->line = s->line;
    return code;
  }
  if (!more || sig.at != sig.length)
    return port_expected(s, "one function on a line", body);
  rdc_span name = {body.text + entry.name, entry.name_length};
  rdc_record *record = add(s, RDC_RECORD_FUNC, name);
  if (!record)
    return no_memory(s);
  record->body.text = body.text + entry.call;
  record->body.length = entry.call_length;
  record->params.text = body.text + entry.names;
  record->params.length = entry.names_length;
  record->attributes = attributes;
  record->value = variadic ? -1 : (int64_t)count;
  return RDC_OK;
}

/* Any name by value, whose meaning is not known here. */
static const rdc_type *any_name(const rdc_scope *scope, const char *name, size_t length)
{
  (void)scope, (void)name, (void)length;
  return rdc_type_letter('L');
}

/* Checks the form of a type or of a record; what its names mean is not asked. */
static rdc_code check_types(scanner *s, rdc_span body, int is_record)
{
  rdc_arena scratch;
  rdc_scope scope = {any_name, NULL};
  rdc_sig sig;
  const rdc_type *type;
  rdc_type *record;
  rdc_arena_init(&scratch);
  rdc_sig_init(&sig, body.text, body.length, &scratch, &scope, s->status);
  rdc_code code = is_record ? rdc_sig_record(&sig, &record) : rdc_sig_type(&sig, &type);
  if (!code && is_record && sig.at != sig.length)
    code = port_expected(s, "one struct or union on a line", body);
  rdc_arena_free(&scratch);
  s->status->line = s->line;
  return code;
}

/* NAME<separator>body */
static rdc_code pair(scanner *s, rdc_span line, char separator, rdc_span attributes)
{
  size_t at = find(line, separator);
  rdc_span name = cut(line, 0, at);
  if (at == line.length || !name.length || !cut(line, at + 1, line.length).length)
    return port_expected(s, separator == '=' ? "NAME=..." : "NAME:type", line);
  rdc_record *record = add(s, s->kind, name);
  if (!record)
    return no_memory(s);
  record->body = cut(line, at + 1, line.length);
  record->attributes = attributes;
  if (s->kind == RDC_RECORD_CONST) {
    rdc_arena scratch;
    rdc_literal literal;
    rdc_arena_init(&scratch);
    rdc_code code = rdc_port_literal(record->body, &scratch, &literal, s->status);
    rdc_arena_free(&scratch);
    s->status->line = s->line;
    return code;
  }
  return s->kind == RDC_RECORD_ALIAS ? RDC_OK : check_types(s, record->body, 0);
}

static rdc_code declaration(scanner *s, rdc_span line)
{
  if (line.text[line.length - 1] != ';')
    return port_expected(s, "';' at the end of a declaration", line);
  line = cut(line, 0, line.length - 1);
  rdc_span attributes = {line.text + line.length, 0};
  int quoted = 0;
  for (size_t i = 1; i < line.length; i++) {
    if (quoted && line.text[i] == '\\')
      i++;
    else if (line.text[i] == '"')
      quoted = !quoted;
    if (i >= line.length)
      break;
    if (!quoted && line.text[i] == '@' && blank(line.text[i - 1])) {
      attributes = cut(line, i, line.length);
      line = cut(line, 0, i);
      break;
    }
  }
  if (!line.length)
    return port_expected(s, "a declaration before ';'", line);
  if (!s->active)
    return RDC_OK;
  switch (s->kind) {
  case RDC_RECORD_FUNC:
    return function(s, line, attributes);
  case RDC_RECORD_ENUM:
    return enumeration(s, line, attributes);
  case RDC_RECORD_VAR:
    return pair(s, line, ':', attributes);
  case RDC_RECORD_STRUCT: {
    size_t end = 0;
    while (end < line.length && !strchr("{|", line.text[end]) && !blank(line.text[end]))
      end++;
    rdc_record *record = add(s, RDC_RECORD_STRUCT, cut(line, 0, end));
    if (!record)
      return no_memory(s);
    if (!end)
      return port_expected(s, "the name of a struct or union", line);
    record->body = line; /* the parser of records reads the attributes */
    record->body.length = (size_t)(attributes.text + attributes.length - line.text);
    record->attributes = attributes;
    return check_types(s, record->body, 1);
  }
  default:
    return pair(s, line, '=', attributes);
  }
}

rdc_code rdc_port_scan(rdc_port *port, const char *text, size_t length, rdc_status *status)
{
  scanner s = {port, status, text, text + length, text, 0, 0, 1, RDC_RECORD_HEADER, 0};
  rdc_arena_init(&port->arena);
  port->records = NULL;
  port->count = 0;
  while (s.at < s.end) {
    const char *stop = memchr(s.at, '\n', (size_t)(s.end - s.at));
    rdc_span line = {s.at, (size_t)((stop ? stop : s.end) - s.at)};
    rdc_code code = RDC_OK;
    s.line++;
    s.at = stop ? stop + 1 : s.end;
    line = trim(line);
    if (s.line == 1 && !span_is(line, "#!dynport 2"))
      return port_expected(&s, "'#!dynport 2' as the first line", line);
    if (!line.length || line.text[0] == '#')
      continue;
    if (memchr(line.text, '\0', line.length))
      return port_expected(&s, "text without nul bytes", line);
    if (line.text[0] == '[')
      code = section(&s, line);
    else if (s.in_section)
      code = declaration(&s, line);
    else
      code = header(&s, line);
    if (code)
      return code;
  }
  rdc_span nothing = {text, 0};
  if (!s.line)
    return port_expected(&s, "'#!dynport 2' as the first line", nothing);
  return RDC_OK;
}

void rdc_port_free(rdc_port *port) { rdc_arena_free(&port->arena); }

static rdc_code literal_expected(rdc_span span, rdc_status *status)
{
  char quoted[80];
  size_t n = span.length < 60 ? span.length : 60;
  memcpy(quoted, span.text, n);
  quoted[n] = '\0';
  return rdc_fail(status, RDC_PORT_SYNTAX, "an integer, a number or a \"string\"", quoted);
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
        if (digits(hex, &value) != 4 || !value)
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
  while (i < span.length && strchr(digits, span.text[i]))
    i++;
  return i;
}

rdc_code rdc_port_literal(rdc_span span, rdc_arena *arena, rdc_literal *out, rdc_status *status)
{
  memset(out, 0, sizeof *out);
  if (span.length && span.text[0] == '"')
    return string_literal(span, arena, out, status);
  rdc_span rest = span;
  out->negative = rest.length && rest.text[0] == '-';
  if (out->negative)
    rest = cut(rest, 1, rest.length);
  size_t used = digits(rest, &out->magnitude);
  if (used && (used == rest.length || used + 1 == rest.length)) {
    char letter = used < rest.length ? rest.text[used] : 0;
    if (!letter || strchr("cCsSiIjJlLBp", letter)) {
      if (out->negative && out->magnitude > (uint64_t)INT64_MAX + 1)
        return literal_expected(span, status);
      out->kind = RDC_LITERAL_INTEGER;
      out->letter = letter;
      return RDC_OK;
    }
  }
  if (!memchr(rest.text, '.', rest.length) && rest.length && integer_length(rest) == rest.length)
    return literal_expected(span, status); /* an integer that does not fit is no real number */
  char *copy = rdc_arena_text(arena, span.text, span.length);
  if (!copy)
    return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
  char *end;
  out->real = strtod(copy, &end);
  if (end != copy && (*end == 'f' || *end == 'd'))
    end++;
  if (end == copy || *end)
    return literal_expected(span, status);
  out->kind = RDC_LITERAL_REAL;
  return RDC_OK;
}
