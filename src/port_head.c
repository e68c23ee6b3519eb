/* Headers of DynPort files, and the conditions and attributes that declarations have, too. */
#include "port_scan.h"

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

const char *const *rdc_port_words(void) { return port_true_words; }

static int in_list(rdc_span word, const char *const *list)
{
  for (; *list; list++)
    if (rdc_span_is(word, *list))
      return 1;
  return 0;
}

static int is_probe_word(const rdc_scanner *s, rdc_span word)
{
  for (const rdc_probe_word *p = s->probes; p; p = p->next)
    if (p->text.length == word.length && !memcmp(p->text.text, word.text, word.length))
      return 1;
  return 0;
}

static int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static int is_digit(char c) { return c >= '0' && c <= '9'; }

int rdc_port_is_name(rdc_span span)
{
  if (!span.length || is_digit(span.text[0]) || span.text[0] == '.')
    return 0;
  for (size_t i = 0; i < span.length; i++) {
    char c = span.text[i];
    if (!is_letter(c) && !is_digit(c) && c != '_' && c != '$' && c != '.' && !(c & 0x80))
      return 0;
  }
  return 1;
}

/* ---- versions ---- */

int rdc_port_is_version(rdc_span span)
{
  size_t i = 0;
  do {
    size_t start = i;
    while (i < span.length && is_digit(span.text[i]))
      i++;
    if (i == start || i - start > 9)
      return 0;
  } while (i < span.length && span.text[i] == '.' && i++ < span.length);
  for (; i < span.length; i++)
    if (rdc_blank(span.text[i]))
      return 0;
  return 1;
}

/* The next number of a version, 0 at its end. */
static unsigned long version_part(rdc_span *span)
{
  unsigned long value = 0;
  while (span->length && is_digit(span->text[0])) {
    value = value * 10 + (unsigned long)(span->text[0] - '0');
    span->text++, span->length--;
  }
  if (span->length && span->text[0] == '.')
    span->text++, span->length--;
  else
    span->length = 0; /* what is behind the numbers does not count */
  return value;
}

static int version_compare(rdc_span a, rdc_span b)
{
  while (a.length || b.length) {
    unsigned long x = version_part(&a), y = version_part(&b);
    if (x != y)
      return x < y ? -1 : 1;
  }
  return 0;
}

/* The term "version <relation> number" behind its first word. */
static rdc_code version_term(rdc_scanner *s, rdc_span term, rdc_span rest, int *holds)
{
  static const char *const relations[] = {"<=", ">=", "==", "!=", "<", ">", "=", NULL};
  for (int i = 0; relations[i]; i++) {
    size_t n = strlen(relations[i]);
    if (rest.length < n || memcmp(rest.text, relations[i], n))
      continue;
    rdc_span number = rdc_cut(rest, n, rest.length);
    if (!rdc_port_is_version(number))
      return rdc_port_expected(s, "a version number, as in version>=1.2", term);
    if (!s->version.length)
      return rdc_port_expected(s, "a header 'Version:' before a condition on the version", term);
    int order = version_compare(s->version, number);
    const int answers[] = {order <= 0, order >= 0,        order == 0,
                           order != 0, order<0, order> 0, order == 0};
    *holds = answers[i];
    return RDC_OK;
  }
  return rdc_port_expected(s, "a relation (< <= > >= == !=) behind 'version'", term);
}

/* ---- conditions ---- */

static rdc_code condition_term(rdc_scanner *s, rdc_span term, int *holds)
{
  static const size_t version = sizeof "version" - 1;
  if (term.length >= version && !memcmp(term.text, "version", version) && !rdc_port_is_name(term))
    return version_term(s, term, rdc_cut(term, version, term.length), holds);
  int negated = term.length && term.text[0] == '!';
  rdc_span word = negated ? rdc_cut(term, 1, term.length) : term;
  int holds_here = in_list(word, s->words);
  if (!holds_here && !in_list(word, port_words) && !is_probe_word(s, word))
    return rdc_port_expected(
        s,
        "a word for a platform (linux, darwin, windows, bsd, unix, x86_64, aarch64, i386, arm, "
        "lp64, "
        "llp64, ilp32, 32, 64), one that a header Probe declares, or version>=1.2",
        word);
  *holds = holds_here != negated;
  return RDC_OK;
}

/* cond := term ('&' term)* ('|' ...)*, '&' binding tighter */
rdc_code rdc_port_condition(rdc_scanner *s, rdc_span text, int *holds)
{
  *holds = 0;
  for (size_t from = 0; from <= text.length;) {
    rdc_span rest = {text.text + from, text.length - from};
    size_t stop = rdc_find(rest, '|');
    rdc_span all = {rest.text, stop};
    int each = 1;
    for (size_t at = 0; at <= all.length;) {
      rdc_span tail = {all.text + at, all.length - at};
      size_t end = rdc_find(tail, '&');
      int one = 0;
      rdc_code code = condition_term(s, rdc_cut(tail, 0, end), &one);
      if (code)
        return code;
      each &= one;
      at += end + 1;
    }
    *holds |= each;
    from += stop + 1;
  }
  return RDC_OK;
}

/* ---- headers ---- */

typedef enum header_form { FORM_ANY, FORM_WORDS, FORM_VERSION, FORM_NAME, FORM_PAIRS } header_form;

static const struct {
  const char *key;
  int is_numbered; /* Key, Key2 ... Key9 */
  header_form form;
} port_headers[] = {
    {"Port", 0, FORM_NAME},           {"Title", 0, FORM_ANY},     {"Version", 0, FORM_VERSION},
    {"Min-Version", 0, FORM_VERSION}, {"Library", 1, FORM_WORDS}, {"Package", 1, FORM_PAIRS},
    {"Import", 0, FORM_WORDS},        {"Resolver", 0, FORM_NAME}, {"Init", 0, FORM_NAME},
    {"Probe", 0, FORM_ANY},           {"Header", 0, FORM_ANY},    {"Generator", 0, FORM_ANY},
    {"License", 0, FORM_ANY},         {"URL", 0, FORM_ANY},       {"Note", 0, FORM_ANY}};

enum { PORT_HEADERS = sizeof port_headers / sizeof *port_headers };

/* The row of a key, -1 if there is none; *number is that of a numbered key. */
static int header_row(rdc_span key, unsigned *number)
{
  *number = 1;
  for (int i = 0; i < PORT_HEADERS; i++) {
    if (rdc_span_is(key, port_headers[i].key))
      return i;
    char last = key.text[key.length - 1];
    rdc_span stem = {key.text, key.length - 1};
    if (port_headers[i].is_numbered && last >= '2' && last <= '0' + RDC_PORT_LIBRARIES &&
        rdc_span_is(stem, port_headers[i].key)) {
      *number = (unsigned)(last - '0');
      return i;
    }
  }
  return -1;
}

rdc_span rdc_port_word(rdc_span *span)
{
  size_t end = 0;
  if (!span->length)
    return *span;
  *span = rdc_trim(*span);
  while (end < span->length && !rdc_blank(span->text[end]))
    end++;
  rdc_span word = {span->text, end};
  span->text += end;
  span->length -= end;
  return word;
}

static rdc_code check_value(rdc_scanner *s, header_form form, rdc_span value)
{
  rdc_span rest = value, word;
  switch (form) {
  case FORM_VERSION:
    return rdc_port_is_version(value) ? RDC_OK
                                      : rdc_port_expected(s, "a version number (1.2.3)", value);
  case FORM_WORDS:
    return value.length ? RDC_OK : rdc_port_expected(s, "at least one word behind ':'", value);
  case FORM_NAME:
    word = rdc_port_word(&rest);
    return word.length && !rdc_trim(rest).length
               ? RDC_OK
               : rdc_port_expected(s, "one name behind ':'", value);
  case FORM_PAIRS:
    while ((word = rdc_port_word(&rest)).length) {
      size_t colon = rdc_find(word, ':');
      if (!colon || colon + 1 >= word.length)
        return rdc_port_expected(s, "system packages (deb:name rpm:name brew:name)", word);
    }
    return RDC_OK;
  default:
    return RDC_OK;
  }
}

/* The words of probes are known from here on. */
static rdc_code check_probe(rdc_scanner *s, rdc_span value)
{
  rdc_arena scratch;
  rdc_probe probe;
  rdc_arena_init(&scratch);
  rdc_code code = rdc_port_probe(value, &scratch, &probe, s->status);
  rdc_arena_free(&scratch);
  s->status->line = s->line;
  if (code)
    return code;
  if (in_list(probe.word, port_words))
    return rdc_port_expected(s, "a word that is none of a platform", probe.word);
  rdc_probe_word *one = rdc_arena_alloc(s->reader->arena, sizeof *one);
  if (!one)
    return rdc_fail(s->status, RDC_NO_MEMORY, "a few bytes");
  one->text = probe.word;
  one->next = s->probes;
  s->probes = one;
  return RDC_OK;
}

static rdc_code check_header(rdc_scanner *s, rdc_span key, rdc_span value)
{
  unsigned number;
  int row = header_row(key, &number);
  if (row < 0 && key.length > 2 && !memcmp(key.text, "X-", 2))
    return RDC_OK; /* of other readers */
  if (row < 0)
    return rdc_port_expected(
        s,
        "a header (Port, Title, Version, Min-Version, Library, Library2, Package, "
        "Import, Resolver, Init, Probe, Header, Generator, License, URL, Note, "
        "X-...)",
        key);
  rdc_code code = check_value(s, port_headers[row].form, value);
  if (!code && !strcmp(port_headers[row].key, "Probe"))
    code = check_probe(s, value);
  if (!strcmp(port_headers[row].key, "Library"))
    s->libraries |= 1u << number;
  if (!code && s->active && !s->version_given && rdc_span_is(key, "Version"))
    s->version = value;
  return code;
}

rdc_code rdc_port_header(rdc_scanner *s, rdc_span line)
{
  size_t colon = rdc_find(line, ':'), open = rdc_find(line, '[');
  rdc_code code;
  s->active = 1;
  if (colon == line.length)
    return rdc_port_expected(s, "a header 'Key: value' or a section '[kind]'", line);
  rdc_span key = rdc_cut(line, 0, open < colon ? open : colon);
  if (open < colon) {
    size_t close = rdc_find(line, ']');
    if (close > colon || close < open || rdc_cut(line, close + 1, colon).length)
      return rdc_port_expected(s, "'Key[condition]: value'", line);
    if ((code = rdc_port_condition(s, rdc_cut(line, open + 1, close), &s->active)))
      return code;
  }
  if (!key.length)
    return rdc_port_expected(s, "a key before ':'", line);
  rdc_span value = rdc_cut(line, colon + 1, line.length);
  if ((code = check_header(s, key, value)))
    return code;
  rdc_record record = {.kind = RDC_RECORD_HEADER, .name = key, .body = value};
  return rdc_port_emit(s, &record);
}

/* ---- attributes ---- */

int rdc_port_attribute(rdc_span *attributes, rdc_span *key, rdc_span *value)
{
  rdc_span word = rdc_port_word(attributes);
  if (!word.length)
    return 0;
  size_t equals = rdc_find(word, '=');
  key->text = word.text + 1; /* behind '@' */
  key->length = equals - 1;
  value->text = word.text + (equals < word.length ? equals + 1 : equals);
  value->length = (size_t)(word.text + word.length - value->text);
  return 1;
}

typedef enum attribute_form {
  ATTRIBUTE_FLAG,    /* @key */
  ATTRIBUTE_WORD,    /* @key=word */
  ATTRIBUTE_VERSION, /* @key=1.2 */
  ATTRIBUTE_LIBRARY, /* @key=2 */
  ATTRIBUTE_MAYBE    /* @key or @key=word */
} attribute_form;

#define ON(kind) (1u << RDC_RECORD_##kind)

static const struct {
  const char *key;
  attribute_form form;
  unsigned kinds; /* of declarations that may have it */
} port_attributes[] = {{"sym", ATTRIBUTE_WORD, ON(FUNC) | ON(VAR)},
                       {"cc", ATTRIBUTE_WORD, ON(FUNC)},
                       {"ptr", ATTRIBUTE_WORD, ON(FUNC)},
                       {"get", ATTRIBUTE_WORD, ON(FUNC)},
                       {"lib", ATTRIBUTE_LIBRARY, ON(FUNC) | ON(VAR)},
                       {"copy", ATTRIBUTE_MAYBE, ON(FUNC)},
                       {"free", ATTRIBUTE_WORD, ON(FUNC)},
                       {"threadsafe", ATTRIBUTE_FLAG, ON(FUNC)},
                       {"out", ATTRIBUTE_WORD, ON(FUNC)},
                       {"inout", ATTRIBUTE_WORD, ON(FUNC)},
                       {"length", ATTRIBUTE_WORD, ON(FUNC)},
                       {"buffer", ATTRIBUTE_WORD, ON(FUNC)},
                       {"used", ATTRIBUTE_WORD, ON(FUNC)},
                       {"optional", ATTRIBUTE_WORD, ON(FUNC)},
                       {"fail", ATTRIBUTE_WORD, ON(FUNC)},
                       {"code", ATTRIBUTE_WORD, ON(FUNC)},
                       {"message", ATTRIBUTE_WORD, ON(FUNC)},
                       {"pack", ATTRIBUTE_WORD, ON(STRUCT)},
                       {"align", ATTRIBUTE_WORD, ON(STRUCT)},
                       {"ms", ATTRIBUTE_FLAG, ON(STRUCT)},
                       {"flags", ATTRIBUTE_FLAG, ON(ENUM)},
                       {"since", ATTRIBUTE_VERSION, ~0u},
                       {"deprecated", ATTRIBUTE_MAYBE, ~0u}};

enum { PORT_ATTRIBUTES = sizeof port_attributes / sizeof *port_attributes };

static rdc_code check_attribute(rdc_scanner *s, rdc_record_kind kind, rdc_span word, unsigned *seen)
{
  rdc_span key, value, rest = word;
  int row = 0;
  if (word.text[0] != '@')
    return rdc_port_expected(s, "attributes (@key or @key=value) up to the end", word);
  rdc_port_attribute(&rest, &key, &value);
  if (key.length > 2 && !memcmp(key.text, "x-", 2))
    return RDC_OK; /* of other readers */
  while (row < PORT_ATTRIBUTES && !rdc_span_is(key, port_attributes[row].key))
    row++;
  if (row == PORT_ATTRIBUTES || !(port_attributes[row].kinds & 1u << kind))
    return rdc_port_expected(
        s,
        kind == RDC_RECORD_FUNC ? "an attribute of functions (@sym @cc @ptr @get @lib @copy @free "
                                  "@threadsafe @out @inout @length @buffer @used @optional "
                                  "@fail @code @message @since @deprecated @x-...)"
        : kind == RDC_RECORD_STRUCT
            ? "an attribute of structs (@pack @align @ms @since @deprecated "
              "@x-...)"
        : kind == RDC_RECORD_VAR ? "an attribute of variables (@sym @lib @since @deprecated @x-...)"
        : kind == RDC_RECORD_ENUM ? "an attribute of enums (@flags @since @deprecated @x-...)"
                                  : "an attribute (@since @deprecated @x-...)",
        word);
  if (*seen & 1u << row)
    return rdc_port_expected(s, "each attribute once", word);
  *seen |= 1u << row;
  attribute_form form = port_attributes[row].form;
  int has_value = rdc_find(word, '=') < word.length;
  if (form == ATTRIBUTE_FLAG && has_value)
    return rdc_port_expected(s, "an attribute without a value", word);
  if (form != ATTRIBUTE_FLAG && (has_value || form != ATTRIBUTE_MAYBE) && !value.length)
    return rdc_port_expected(s, "a value behind '='", word);
  if (form == ATTRIBUTE_VERSION && !rdc_port_is_version(value))
    return rdc_port_expected(s, "a version number behind '='", word);
  if (form == ATTRIBUTE_LIBRARY &&
      (value.length != 1 || value.text[0] < '1' || value.text[0] > '0' + RDC_PORT_LIBRARIES ||
       !(s->libraries >> (value.text[0] - '0') & 1)))
    return rdc_port_expected(s, "the number of a header Library2, Library3 ... behind '='", word);
  return RDC_OK;
}

rdc_code rdc_port_check_attributes(rdc_scanner *s, rdc_record_kind kind, rdc_span attributes)
{
  unsigned seen = 0;
  rdc_span word;
  while ((word = rdc_port_word(&attributes)).length) {
    rdc_code code = check_attribute(s, kind, word, &seen);
    if (code)
      return code;
  }
  return RDC_OK;
}

rdc_code rdc_port_function_attributes(rdc_span attributes, rdc_status *status)
{
  rdc_scanner s = {.status = status};
  return rdc_port_check_attributes(&s, RDC_RECORD_FUNC, attributes);
}
