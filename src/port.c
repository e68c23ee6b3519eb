/* Line-oriented scanner of DynPort 2 files; see vignette("dynport-format"). */
#include "port_scan.h"

#include <stdio.h>

void rdc_port_quote(rdc_span got, char quoted[80])
{
  size_t n = got.length < 60 ? got.length : 60;
  while (n < got.length && n && (got.text[n] & 0xc0) == 0x80)
    n--; /* not within a character */
  quoted[0] = '\'';
  memcpy(quoted + 1, got.text, n);
  strcpy(quoted + 1 + n, got.length > n ? "...'" : "'");
  if (!got.length)
    strcpy(quoted, "nothing");
}

rdc_code rdc_port_expected(rdc_scanner *s, const char *what, rdc_span got)
{
  char quoted[80];
  rdc_port_quote(got, quoted);
  rdc_fail(s->status, RDC_PORT_SYNTAX, what, quoted);
  s->status->line = s->line;
  return RDC_PORT_SYNTAX;
}

rdc_code rdc_port_emit(rdc_scanner *s, rdc_record *record)
{
  record->line = s->line;
  record->at = (uint32_t)(s->start - s->text);
  return s->active ? s->reader->visit(s->reader->user, record, s->status) : RDC_OK;
}

static const struct {
  const char *name;
  rdc_record_kind kind;
} port_sections[] = {{"const", RDC_RECORD_CONST}, {"enum", RDC_RECORD_ENUM},
                     {"type", RDC_RECORD_TYPE},   {"struct", RDC_RECORD_STRUCT},
                     {"var", RDC_RECORD_VAR},     {"alias", RDC_RECORD_ALIAS},
                     {"func", RDC_RECORD_FUNC}};

static rdc_code section(rdc_scanner *s, rdc_span line)
{
  if (line.text[line.length - 1] != ']')
    return rdc_port_expected(s, "']' at the end of a section's head", line);
  rdc_span inner = rdc_cut(line, 1, line.length - 1), rest = inner;
  rdc_span kind = rdc_port_word(&rest);
  s->active = 1;
  s->in_section = 1;
  if (rdc_trim(rest).length) {
    rdc_code code = rdc_port_condition(s, rdc_trim(rest), &s->active);
    if (code)
      return code;
  }
  for (size_t i = 0; i < sizeof port_sections / sizeof *port_sections; i++)
    if (rdc_span_is(kind, port_sections[i].name)) {
      s->kind = port_sections[i].kind;
      return RDC_OK;
    }
  return rdc_port_expected(s, "a section: const, enum, type, struct, var, alias or func", kind);
}

/* ---- enums ---- */

/* The value of the next label of an enum. */
typedef struct counter {
  uint64_t bits; /* in two's complement */
  int negative;  /* whether they are those of a negative number */
  int is_over;   /* the last value was the largest of 64 bits */
} counter;

/* One label "NAME" or "NAME=value". */
static rdc_code label(rdc_scanner *s, rdc_span word, counter *next, rdc_span *name)
{
  size_t equals = rdc_find(word, '=');
  *name = rdc_cut(word, 0, equals);
  if (!rdc_port_is_name(*name))
    return rdc_port_expected(s, "the name of a constant", word);
  if (equals == word.length)
    return next->is_over ? rdc_port_expected(s, "a value of at most 64 bits", word) : RDC_OK;
  rdc_span number = rdc_cut(word, equals + 1, word.length);
  uint64_t magnitude = 0;
  int minus = number.length && number.text[0] == '-';
  if (minus)
    number = rdc_cut(number, 1, number.length);
  if (!number.length || rdc_port_digits(number, &magnitude) != number.length ||
      (minus && magnitude > (uint64_t)INT64_MAX + 1))
    return rdc_port_expected(s, "an integer behind '='", word);
  next->bits = minus ? 0 - magnitude : magnitude;
  next->negative = minus && magnitude;
  return RDC_OK;
}

static void count_on(counter *next)
{
  next->is_over = !next->negative && next->bits == UINT64_MAX;
  next->bits++;
  next->negative = next->negative && next->bits;
}

/* The letter of the type that holds values from least (0 or below) to most, as compilers choose it; 0
   if there is none. */
static char enum_letter(int64_t least, uint64_t most)
{
  if (least >= INT32_MIN && most <= INT32_MAX)
    return 'i';
  if (!least)
    return most <= UINT32_MAX ? 'I' : 'L';
  return most <= INT64_MAX ? 'l' : 0;
}

/* Whether the type of a letter holds these values. */
static int enum_holds(char letter, int64_t least, uint64_t most)
{
  const rdc_type *type = rdc_type_letter(letter);
  if (letter == 'B')
    return !least && most <= 1;
  unsigned bits = 8 * (unsigned)type->size - (rdc_kind_is_signed(type->kind) ? 1 : 0);
  int64_t lowest = bits == 63 ? INT64_MIN : -((int64_t)1 << (bits < 63 ? bits : 0));
  return (most >> (bits - 1)) <= 1 && least >= (rdc_kind_is_signed(type->kind) ? lowest : 0);
}

/* Reads the labels of an enum: finds the range of their values, or emits them with a letter. */
static rdc_code labels(rdc_scanner *s, rdc_span rest, char letter, int64_t *least, uint64_t *most)
{
  counter next = {0, 0, 0};
  rdc_record one = {.kind = RDC_RECORD_LABEL, .letter = letter};
  rdc_span word;
  for (; (word = rdc_port_word(&rest)).length; count_on(&next)) {
    rdc_code code = label(s, word, &next, &one.name);
    memcpy(&one.value, &next.bits, sizeof one.value);
    if (!code && letter)
      code = rdc_port_emit(s, &one);
    if (code)
      return code;
    if (next.negative && one.value < *least)
      *least = one.value;
    if (!next.negative && next.bits > *most)
      *most = next.bits;
  }
  return RDC_OK;
}

static rdc_code enumeration(rdc_scanner *s, rdc_span body, rdc_span attributes)
{
  size_t open = rdc_find(body, '{'), colon = rdc_find(body, ':');
  rdc_span name = rdc_cut(body, 0, colon < open ? colon : open);
  if (open == body.length || body.text[body.length - 1] != '}')
    return rdc_port_expected(s, "Name{LABEL LABEL=value ...}", body);
  if (name.length && !rdc_port_is_name(name))
    return rdc_port_expected(s, "the name of an enum before '{'", name);
  rdc_span declared = {body.text, 0}, inner = rdc_cut(body, open + 1, body.length - 1);
  if (colon < open) {
    declared = rdc_cut(body, colon + 1, open);
    if (declared.length != 1 || !strchr("BcCsSiIjJlL", declared.text[0]))
      return rdc_port_expected(s, "the letter of an integer type behind ':'", declared);
  }
  int64_t least = 0;
  uint64_t most = 0;
  rdc_code code = labels(s, inner, 0, &least, &most);
  if (code)
    return code;
  char letter = declared.length ? declared.text[0] : enum_letter(least, most);
  if (!letter || !enum_holds(letter, least, most))
    return rdc_port_expected(s, "values in the range of the enum's integer type", body);
  rdc_record record = {
      .kind = RDC_RECORD_ENUM, .letter = letter, .name = name, .attributes = attributes};
  code = rdc_port_emit(s, &record);
  return code ? code : labels(s, inner, letter, &least, &most);
}

/* ---- declarations ---- */

static rdc_code function(rdc_scanner *s, rdc_span body, rdc_span attributes)
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
  int is_void = !code && more && entry.type->base->kind == RDC_VOID;
  rdc_arena_free(&scratch);
  if (code) {
    s->status->line = s->line;
    return code;
  }
  if (!more || sig.at != sig.length)
    return rdc_port_expected(s, "one function on a line", body);
  rdc_record record = {.kind = RDC_RECORD_FUNC,
                       .letter = is_void ? 'v' : 0,
                       .name = {body.text + entry.name, entry.name_length},
                       .body = {body.text + entry.call, entry.call_length},
                       .params = {body.text + entry.names, entry.names_length},
                       .attributes = attributes,
                       .value = variadic ? -1 : (int64_t)count};
  if (!rdc_port_is_name(record.name))
    return rdc_port_expected(s, "the name of a function", record.name);
  return rdc_port_emit(s, &record);
}

/* Any name by value, whose meaning is not known here. */
static const rdc_type *any_name(const rdc_scope *scope, const char *name, size_t length)
{
  (void)scope, (void)name, (void)length;
  return rdc_type_letter('L');
}

/* Checks the form of a type or of a record; what its names mean is not asked. */
static rdc_code check_types(rdc_scanner *s, rdc_span body, int is_record)
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
    code = rdc_port_expected(s, "one struct or union on a line", body);
  rdc_arena_free(&scratch);
  s->status->line = s->line;
  return code;
}

static rdc_code structure(rdc_scanner *s, rdc_span body, rdc_span attributes)
{
  size_t end = 0;
  while (end < body.length && body.text[end] != '{' && body.text[end] != '|')
    end++;
  rdc_record record = {.kind = RDC_RECORD_STRUCT,
                       .name = rdc_cut(body, 0, end),
                       .body = body,
                       .attributes = attributes};
  if (!rdc_port_is_name(record.name))
    return rdc_port_expected(s, "the name of a struct or union", body);
  /* the parser of records reads the attributes */
  record.body.length = (size_t)(attributes.text + attributes.length - body.text);
  rdc_code code = check_types(s, record.body, 1);
  return code ? code : rdc_port_emit(s, &record);
}

/* Checks what stands behind NAME= or NAME: */
static rdc_code check_body(rdc_scanner *s, rdc_span body)
{
  rdc_arena scratch;
  rdc_literal literal;
  if (s->kind == RDC_RECORD_ALIAS)
    return rdc_port_is_name(body) ? RDC_OK : rdc_port_expected(s, "a name behind '='", body);
  if (s->kind != RDC_RECORD_CONST)
    return check_types(s, body, 0);
  rdc_arena_init(&scratch);
  rdc_code code = rdc_port_literal(body, &scratch, &literal, s->status);
  rdc_arena_free(&scratch);
  s->status->line = s->line;
  return code;
}

/* NAME<separator>body */
static rdc_code pair(rdc_scanner *s, rdc_span line, char separator, rdc_span attributes)
{
  size_t at = rdc_find(line, separator);
  rdc_record record = {.kind = s->kind, .name = rdc_cut(line, 0, at), .attributes = attributes};
  if (at < line.length)
    record.body = rdc_cut(line, at + 1, line.length);
  if (!record.body.length || !rdc_port_is_name(record.name))
    return rdc_port_expected(s, separator == '=' ? "NAME=..." : "NAME:type", line);
  rdc_code code = check_body(s, record.body);
  return code ? code : rdc_port_emit(s, &record);
}

/* Where the attributes of a declaration begin: at an '@' behind a blank, outside of strings. */
static size_t find_attributes(rdc_span line)
{
  int quoted = 0;
  if (!memchr(line.text, '@', line.length))
    return line.length;
  for (size_t i = 1; i < line.length; i++) {
    if (quoted && line.text[i] == '\\')
      i++;
    else if (line.text[i] == '"')
      quoted = !quoted;
    else if (!quoted && line.text[i] == '@' && rdc_blank(line.text[i - 1]))
      return i;
  }
  return line.length;
}

static rdc_code declaration(rdc_scanner *s, rdc_span line)
{
  if (line.text[line.length - 1] != ';')
    return rdc_port_expected(s, "';' at the end of a declaration", line);
  line = rdc_cut(line, 0, line.length - 1);
  size_t split = find_attributes(line);
  rdc_span attributes = rdc_cut(line, split, line.length);
  line = rdc_cut(line, 0, split);
  if (!attributes.length)
    attributes.text = line.text + line.length;
  if (!line.length)
    return rdc_port_expected(s, "a declaration before ';'", line);
  rdc_code code = rdc_port_check_attributes(s, s->kind, attributes);
  if (code)
    return code;
  switch (s->kind) {
  case RDC_RECORD_FUNC:
    return function(s, line, attributes);
  case RDC_RECORD_ENUM:
    return enumeration(s, line, attributes);
  case RDC_RECORD_VAR:
    return pair(s, line, ':', attributes);
  case RDC_RECORD_STRUCT:
    return structure(s, line, attributes);
  default:
    return pair(s, line, '=', attributes);
  }
}

/* ---- files ---- */

/* The next line, trimmed; its number and start become current. */
static rdc_span next_line(rdc_scanner *s)
{
  const char *stop = memchr(s->at, '\n', (size_t)(s->end - s->at));
  rdc_span line = {s->at, (size_t)((stop ? stop : s->end) - s->at)};
  s->line++;
  s->start = s->at;
  s->at = stop ? stop + 1 : s->end;
  return rdc_trim(line);
}

/* The length of the UTF-8 character at the start of text, 0 if there is none. */
static size_t character(const char *text, size_t length)
{
  const unsigned char *c = (const unsigned char *)text;
  if (*c < 0x80)
    return 1;
  size_t n = *c < 0xc2 ? 0 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : *c < 0xf5 ? 4 : 0;
  if (n > length)
    return 0;
  for (size_t k = 1; k < n; k++)
    if ((c[k] & 0xc0) != 0x80)
      return 0;
  int overlong = (*c == 0xe0 && c[1] < 0xa0) || (*c == 0xf0 && c[1] < 0x90);
  int surrogate = *c == 0xed && c[1] > 0x9f, beyond = *c == 0xf4 && c[1] > 0x8f;
  return overlong || surrogate || beyond ? 0 : n;
}

int rdc_port_is_utf8(const char *text, size_t length)
{
  for (size_t i = 0, n; i < length; i += n)
    if (!(n = character(text + i, length - i)))
      return 0;
  return 1;
}

static int is_control(char c) { return ((c & 0xe0) == 0 && c != '\t' && c != '\r') || c == 0x7f; }

static rdc_code check_text(rdc_scanner *s, rdc_span line)
{
  for (size_t i = 0, n; i < line.length; i += n) {
    n = is_control(line.text[i]) ? 0 : character(line.text + i, line.length - i);
    if (n)
      continue;
    char got[32];
    snprintf(got, sizeof got, "the byte 0x%02x", (unsigned char)line.text[i]);
    rdc_fail(s->status, RDC_PORT_SYNTAX, "text in UTF-8 without control characters", got);
    s->status->line = s->line;
    return RDC_PORT_SYNTAX;
  }
  return RDC_OK;
}

static rdc_code read_line(rdc_scanner *s, rdc_span line)
{
  rdc_code code = check_text(s, line);
  if (code)
    return code;
  if (s->line == 1)
    return rdc_span_is(line, "#!dynport 2")
               ? RDC_OK
               : rdc_port_expected(s, "'#!dynport 2' as the first line", line);
  if (!line.length || line.text[0] == '#')
    return RDC_OK;
  if (line.text[0] == '[')
    return section(s, line);
  return s->in_section ? declaration(s, line) : rdc_port_header(s, line);
}

static void scanner_init(rdc_scanner *s, const rdc_port_reader *reader, const char *text,
                         size_t length, rdc_status *status)
{
  memset(s, 0, sizeof *s);
  s->reader = reader;
  s->status = status;
  s->text = s->at = s->start = text;
  s->end = text + length;
  s->words = reader->words ? reader->words : rdc_port_words();
}

rdc_code rdc_port_read(const rdc_port_reader *reader, const char *text, size_t length,
                       rdc_status *status)
{
  rdc_scanner s;
  scanner_init(&s, reader, text, length, status);
  for (const char *const *word = s.words; *word; word++)
    if (!strncmp(*word, "version=", 8)) {
      s.version.text = *word + 8;
      s.version.length = strlen(*word + 8);
      s.version_given = 1;
    }
  if (!length)
    return rdc_port_expected(&s, "'#!dynport 2' as the first line", (rdc_span){text, 0});
  if (length > UINT32_MAX)
    return rdc_port_expected(&s, "a file of less than 4 GB", (rdc_span){text, 0});
  while (s.at < s.end && !(reader->headers_only && s.in_section)) {
    rdc_code code = read_line(&s, next_line(&s));
    if (code)
      return code;
  }
  return RDC_OK;
}

void rdc_port_init(rdc_port *port)
{
  rdc_arena_init(&port->arena);
  port->records = NULL;
  port->count = port->room = 0;
}

rdc_code rdc_port_append(void *user, const rdc_record *record, rdc_status *status)
{
  rdc_port *port = user;
  if (port->count == port->room) {
    size_t room = port->room ? port->room * 2 : 64;
    rdc_record *records = rdc_arena_array(&port->arena, room, sizeof *records);
    if (!records)
      return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
    if (port->count)
      memcpy(records, port->records, port->count * sizeof *records);
    port->records = records;
    port->room = room;
  }
  port->records[port->count++] = *record;
  return RDC_OK;
}

rdc_code rdc_port_scan(rdc_port *port, const char *text, size_t length, const char *const *words,
                       rdc_status *status)
{
  rdc_port_reader reader = {words, 0, rdc_port_append, port, &port->arena};
  rdc_port_init(port);
  return rdc_port_read(&reader, text, length, status);
}

rdc_code rdc_port_line(rdc_port *port, const char *text, size_t length, size_t at,
                       rdc_record_kind kind, rdc_status *status)
{
  rdc_port_reader reader = {NULL, 0, rdc_port_append, port, &port->arena};
  rdc_scanner s;
  rdc_port_init(port);
  scanner_init(&s, &reader, text, length, status);
  s.kind = kind;
  s.active = 1;
  s.libraries = ~0u; /* which there are was checked */
  while (s.at < s.end && s.at < text + at)
    next_line(&s);
  rdc_span line = {text, 0};
  if (at < length && s.at == text + at)
    line = next_line(&s);
  rdc_code code = check_text(&s, line);
  if (!code && !line.length)
    code = rdc_port_expected(&s, "a declaration", line);
  return code ? code : declaration(&s, line);
}

void rdc_port_free(rdc_port *port) { rdc_arena_free(&port->arena); }
