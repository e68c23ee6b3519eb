/* Recursive descent over the grammar of the paper and its extensions; see ?signature. */
#include "sig.h"

#include "layout.h"

#include <stdio.h>
#include <string.h>

static rdc_code parse_type(rdc_sig *sig, int by_value, const rdc_type **out);
static rdc_code parse_base(rdc_sig *sig, int by_value, const rdc_type **out);

void rdc_sig_init(rdc_sig *sig, const char *text, size_t length, rdc_arena *arena,
                  const rdc_scope *scope, rdc_status *status)
{
  sig->text = text;
  sig->length = length;
  sig->at = 0;
  sig->arena = arena;
  sig->scope = scope;
  sig->status = status;
  sig->depth = 0;
}

static int is_blank(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static void skip_blanks(rdc_sig *sig)
{
  while (sig->at < sig->length && is_blank((unsigned char)sig->text[sig->at]))
    sig->at++;
}

/* The next byte, -1 at the end. */
static int peek(rdc_sig *sig)
{
  skip_blanks(sig);
  return sig->at < sig->length ? (unsigned char)sig->text[sig->at] : -1;
}

static rdc_code expected(rdc_sig *sig, const char *what)
{
  char got[32];
  int c = peek(sig);
  if (c < 0)
    snprintf(got, sizeof got, "the end of the text");
  else if (c > 32 && c < 127)
    snprintf(got, sizeof got, "'%c'", c);
  else
    snprintf(got, sizeof got, "the byte 0x%02x", (unsigned)c);
  return rdc_fail_at(sig->status, sig->at, RDC_SIG_TOKEN, what, got);
}

static rdc_code no_memory(rdc_sig *sig)
{
  return rdc_fail_at(sig->status, sig->at, RDC_NO_MEMORY, "a few bytes");
}

static rdc_code expect(rdc_sig *sig, char c, const char *what)
{
  if (peek(sig) != c)
    return expected(sig, what);
  sig->at++;
  return RDC_OK;
}

/* A growing list of pointers in the arena. */
typedef struct list {
  const void **items;
  size_t count;
  size_t room;
} list;

static rdc_code list_add(rdc_sig *sig, list *l, const void *item)
{
  if (l->count == l->room) {
    size_t room = l->room ? l->room * 2 : 8;
    const void **items = rdc_arena_array(sig->arena, room, sizeof *items);
    if (!items)
      return no_memory(sig);
    if (l->count)
      memcpy(items, l->items, l->count * sizeof *items);
    l->items = items;
    l->room = room;
  }
  l->items[l->count++] = item;
  return RDC_OK;
}

static rdc_code parse_number(rdc_sig *sig, size_t most, const char *what, size_t *out)
{
  size_t value = 0;
  int c = peek(sig);
  if (c < '0' || c > '9')
    return expected(sig, what);
  while (sig->at < sig->length && sig->text[sig->at] >= '0' && sig->text[sig->at] <= '9') {
    unsigned digit = (unsigned)(sig->text[sig->at] - '0');
    if (value > (most - digit) / 10)
      return rdc_fail_at(sig->status, sig->at, RDC_SIG_TOKEN, what, "a number that is too large");
    value = value * 10 + digit;
    sig->at++;
  }
  *out = value;
  return RDC_OK;
}

static rdc_code parse_name(rdc_sig *sig, int by_value, const rdc_type **out)
{
  size_t start = ++sig->at; /* behind '<' */
  while (sig->at < sig->length && sig->text[sig->at] != '>' && sig->text[sig->at] != '<' &&
         sig->text[sig->at] != ';' && sig->text[sig->at])
    sig->at++;
  size_t length = sig->at - start;
  if (sig->at == sig->length || sig->text[sig->at] != '>' || !length)
    return expected(sig, length ? "'>' after a type name" : "a type name after '<'");
  sig->at++;
  const rdc_type *found = rdc_type_reserved(sig->text + start, length);
  if (!found && by_value && sig->scope && sig->scope->find)
    found = sig->scope->find(sig->scope, sig->text + start, length);
  if (found && found->kind == RDC_NAMED) {
    *out = found;
    return RDC_OK;
  }
  rdc_type *type = rdc_type_new(sig->arena, RDC_NAMED);
  if (!type || !(type->name = rdc_arena_text(sig->arena, sig->text + start, length)))
    return no_memory(sig);
  if (found) {
    type->base = found;
    type->size = found->size;
    type->align = found->align;
    type->is_complete = found->is_complete;
  }
  *out = type;
  return RDC_OK;
}

/* A copy of a descriptor that says const. */
static rdc_code as_const(rdc_sig *sig, const rdc_type **type)
{
  rdc_type *copy = rdc_arena_alloc(sig->arena, sizeof *copy);
  if (!copy)
    return no_memory(sig);
  *copy = **type;
  copy->is_const = 1;
  *type = copy;
  return RDC_OK;
}

static int is_mode(int c) { return c > 0 && strchr("csfF+#:e", c) != NULL; }

/* ['_' mode] types ['.' types] ')' result, after an opening parenthesis if there was one. Who calls this
   for a whole text allows one more ')', as the paper prints it. */
static rdc_code parse_function(rdc_sig *sig, rdc_type **out)
{
  rdc_type *type = rdc_type_new(sig->arena, RDC_FUNCTION);
  list params = {NULL, 0, 0};
  rdc_code code;
  if (!type)
    return no_memory(sig);
  if (peek(sig) == '_') {
    sig->at++;
    if (!is_mode(peek(sig)))
      return expected(sig, "a call mode letter (c s f F + # : e) after '_'");
    type->mode = sig->text[sig->at++];
  }
  while (peek(sig) != ')') {
    const rdc_type *param;
    if (peek(sig) == '.') {
      if (type->fixed != RDC_NOWHERE)
        return expected(sig, "a type or ')' after '.'");
      type->fixed = params.count;
      sig->at++;
      continue;
    }
    size_t start = sig->at;
    if (peek(sig) < 0)
      return expected(sig, "a type or ')'");
    if ((code = parse_type(sig, 1, &param)))
      return code;
    if (param->kind == RDC_VOID) {
      sig->at = start;
      return expected(sig, "an argument type");
    }
    if (param->kind == RDC_ARRAY) { /* C passes an array as a pointer to its first element */
      while (param->kind == RDC_ARRAY)
        param = param->base;
      param = rdc_type_pointer(sig->arena, param);
    }
    if (!param)
      return no_memory(sig);
    if ((code = list_add(sig, &params, param)))
      return code;
  }
  sig->at++;
  /* no array suffix: in *(i)v[3] it makes an array of pointers */
  int is_const = peek(sig) == 'k';
  sig->at += is_const;
  if ((code = parse_base(sig, 1, &type->base)) || (is_const && (code = as_const(sig, &type->base))))
    return code;
  type->params = (const rdc_type **)params.items;
  type->count = params.count;
  type->is_complete = 0;
  *out = type;
  return RDC_OK;
}

static rdc_code parse_base_once(rdc_sig *sig, int by_value, const rdc_type **out)
{
  int c = peek(sig);
  rdc_code code;
  if (c == '*') {
    const rdc_type *base;
    sig->at++;
    int is_const = peek(sig) == 'k';
    if (is_const)
      sig->at++;
    if ((code = parse_base(sig, 0, &base)))
      return code;
    if (is_const && (code = as_const(sig, &base)))
      return code;
    *out = rdc_type_pointer(sig->arena, base);
    return *out ? RDC_OK : no_memory(sig);
  }
  if (c == '<')
    return parse_name(sig, by_value, out);
  if (c == '(') {
    rdc_type *function;
    size_t start = sig->at++;
    if ((code = parse_function(sig, &function)))
      return code;
    if (by_value) {
      sig->at = start;
      return expected(sig, "a type that has values (a function only behind '*')");
    }
    *out = function;
    return RDC_OK;
  }
  *out = c > 0 ? rdc_type_letter((char)c) : NULL;
  if (!*out)
    return expected(sig, "a type");
  sig->at++;
  return RDC_OK;
}

/* parse_base_once with the nesting counted: every recursion of the parser passes here. */
static rdc_code parse_base(rdc_sig *sig, int by_value, const rdc_type **out)
{
  if (sig->depth == RDC_MAX_NESTING)
    return rdc_fail_at(sig->status, sig->at, RDC_SIG_NESTING, RDC_MAX_NESTING);
  sig->depth++;
  rdc_code code = parse_base_once(sig, by_value, out);
  sig->depth--;
  return code;
}

static rdc_code parse_type(rdc_sig *sig, int by_value, const rdc_type **out)
{
  const rdc_type *type;
  rdc_code code;
  size_t start = sig->at;
  int is_const = peek(sig) == 'k';
  if (is_const)
    sig->at++;
  if ((code = parse_base(sig, by_value, &type)))
    return code;
  if (is_const && (code = as_const(sig, &type)))
    return code;
  size_t counts[RDC_MAX_NESTING], n = 0;
  while (peek(sig) == '[') {
    size_t count = 0;
    sig->at++;
    if (n == RDC_MAX_NESTING)
      return rdc_fail_at(sig->status, sig->at, RDC_SIG_NESTING, RDC_MAX_NESTING);
    if (peek(sig) != ']' || n) {
      if ((code = parse_number(sig, RDC_MAX_SIZE / 8, "the length of an array", &count)))
        return code;
    }
    if ((code = expect(sig, ']', "']' after the length of an array")))
      return code;
    counts[n++] = count;
  }
  if (n && type->kind == RDC_VOID) {
    sig->at = start;
    return expected(sig, "an element type");
  }
  /* C reads int x[2][3] as 2 arrays of 3 */
  while (n) {
    rdc_type *array = rdc_type_new(sig->arena, RDC_ARRAY);
    if (!array)
      return no_memory(sig);
    array->base = type;
    array->count = counts[--n];
    if ((code = rdc_layout_array(array, sig->status))) {
      sig->status->offset = start;
      return code;
    }
    type = array;
  }
  *out = type;
  return RDC_OK;
}

rdc_code rdc_sig_call(rdc_sig *sig, rdc_type **out)
{
  rdc_code code = parse_function(sig, out);
  if (!code && peek(sig) == ')')
    sig->at++;
  if (!code && peek(sig) >= 0)
    code = expected(sig, "the end of the text");
  return code;
}

rdc_code rdc_sig_type(rdc_sig *sig, const rdc_type **out)
{
  rdc_code code = parse_type(sig, 1, out);
  if (!code && peek(sig) >= 0)
    code = expected(sig, "the end of the text");
  return code;
}

/* A name that ends at a blank or at one of the bytes of stops. */
static size_t scan_word(rdc_sig *sig, const char *stops)
{
  size_t start = sig->at;
  while (sig->at < sig->length && sig->text[sig->at] &&
         !is_blank((unsigned char)sig->text[sig->at]) && !strchr(stops, sig->text[sig->at]))
    sig->at++;
  return sig->at - start;
}

/* Moves the end of a part of the text before blanks and semicolons. */
static size_t trimmed(const rdc_sig *sig, size_t start, size_t length)
{
  while (length && (is_blank((unsigned char)sig->text[start + length - 1]) ||
                    sig->text[start + length - 1] == ';'))
    length--;
  return length;
}

/* Blank-separated words up to ';' or the end of the text, which is passed: names, then words that begin
   with '@'. *attributes is where these begin, and RDC_NOWHERE if there are none. */
static rdc_code parse_words(rdc_sig *sig, list *words, size_t *names, size_t *attributes)
{
  rdc_code code;
  *names = 0;
  *attributes = RDC_NOWHERE;
  for (;;) {
    skip_blanks(sig);
    if (sig->at == sig->length)
      return RDC_OK;
    if (sig->text[sig->at] == ';') {
      sig->at++;
      return RDC_OK;
    }
    size_t start = sig->at, length = scan_word(sig, ";");
    if (!length)
      return expected(sig, "a name or ';'");
    if (sig->text[start] == '@') {
      *attributes = *attributes == RDC_NOWHERE ? start : *attributes;
    } else if (*attributes != RDC_NOWHERE) {
      return rdc_fail_at(sig->status, sig->at, RDC_SIG_TOKEN, "names before attributes", "a name");
    } else {
      ++*names;
    }
    const char *word = rdc_arena_text(sig->arena, sig->text + start, length);
    if (!word)
      return no_memory(sig);
    if ((code = list_add(sig, words, word)))
      return code;
  }
}

/* "@key=value": pack, align or ms; other keys are for other readers of the text. */
static rdc_code parse_attribute(rdc_sig *sig, rdc_type *type, const char *word, size_t *align)
{
  static const char *const keys[] = {"@pack=", "@align="};
  size_t *targets[] = {&type->pack, align};
  if (!strcmp(word, "@ms"))
    type->is_ms = 1;
  for (int i = 0; i < 2; i++) {
    size_t n = strlen(keys[i]), value = 0;
    if (strncmp(word, keys[i], n))
      continue;
    rdc_sig number = *sig;
    number.text = word + n;
    number.length = strlen(word + n);
    number.at = 0;
    if (parse_number(&number, 1u << 16, "a number", &value) || number.at != number.length ||
        !value || (value & (value - 1)))
      return rdc_fail_at(sig->status, sig->at, RDC_SIG_TOKEN, "a power of two behind '='", word);
    *targets[i] = value;
  }
  return RDC_OK;
}

static rdc_code parse_fields(rdc_sig *sig, rdc_type *type, size_t *align)
{
  list types = {NULL, 0, 0}, names = {NULL, 0, 0};
  size_t count, attributes;
  rdc_code code;
  while (peek(sig) != '}') {
    rdc_field *field = rdc_arena_alloc(sig->arena, sizeof *field);
    size_t start = sig->at;
    if (!field)
      return no_memory(sig);
    if (peek(sig) < 0)
      return expected(sig, "a field type or '}'");
    if ((code = parse_type(sig, 1, &field->type)))
      return code;
    if (field->type->kind == RDC_VOID) {
      sig->at = start;
      return expected(sig, "a field type");
    }
    if (peek(sig) == ':') {
      size_t bits;
      sig->at++;
      if ((code = parse_number(sig, 4096, "the width of a bit-field", &bits)))
        return code;
      field->bits = (unsigned)bits;
      field->is_bits = 1;
    }
    if ((code = list_add(sig, &types, field)))
      return code;
  }
  size_t end = ++sig->at;
  if ((code = parse_words(sig, &names, &count, &attributes)))
    return code;
  for (size_t i = count; i < names.count; i++)
    if ((code = parse_attribute(sig, type, names.items[i], align)))
      return code;
  if (count != types.count)
    return rdc_fail_at(sig->status, end, RDC_SIG_FIELDS, (unsigned long)types.count,
                       (unsigned long)count);
  type->fields = rdc_arena_array(sig->arena, types.count, sizeof *type->fields);
  if (!type->fields)
    return no_memory(sig);
  for (size_t i = 0; i < types.count; i++) {
    type->fields[i] = *(const rdc_field *)types.items[i];
    type->fields[i].name = names.items[i];
  }
  type->count = types.count;
  return RDC_OK;
}

rdc_code rdc_sig_record(rdc_sig *sig, rdc_type **out)
{
  size_t align = 0;
  rdc_code code;
  *out = NULL;
  if (peek(sig) < 0)
    return RDC_OK;
  size_t start = sig->at, length = scan_word(sig, "{|};()");
  if (!length)
    return expected(sig, "the name of a struct or union");
  int c = peek(sig);
  if (c != '{' && c != '|' && c != ';' && c >= 0)
    return expected(sig, "'{', '|' or ';' after the name of a struct or union");
  rdc_type *type = rdc_type_new(sig->arena, c == '|' ? RDC_UNION : RDC_STRUCT);
  if (!type || !(type->name = rdc_arena_text(sig->arena, sig->text + start, length)))
    return no_memory(sig);
  sig->at += c >= 0;
  if (c == '{' || c == '|') {
    if ((code = parse_fields(sig, type, &align)))
      return code;
    if ((code = rdc_layout_record(type, align, sig->status))) {
      sig->status->offset = start;
      return code;
    }
  }
  *out = type;
  return RDC_OK;
}

rdc_code rdc_sig_entry_next(rdc_sig *sig, rdc_sig_entry *entry, int *more)
{
  list words = {NULL, 0, 0};
  size_t names, attributes;
  rdc_code code;
  *more = 0;
  while (peek(sig) == ';')
    sig->at++;
  if (peek(sig) < 0)
    return RDC_OK;
  entry->name = sig->at;
  entry->name_length = scan_word(sig, "();");
  if (!entry->name_length)
    return expected(sig, "the name of a function");
  if ((code = expect(sig, '(', "'(' after the name of a function")))
    return code;
  entry->call = sig->at;
  if ((code = parse_function(sig, &entry->type)))
    return code;
  if (sig->at < sig->length && sig->text[sig->at] == ')')
    sig->at++;
  entry->call_length = sig->at - entry->call;
  if (sig->at < sig->length && !is_blank((unsigned char)sig->text[sig->at]) &&
      sig->text[sig->at] != ';')
    return expected(sig, "a blank or ';' after the result type");
  skip_blanks(sig);
  entry->names = sig->at;
  if ((code = parse_words(sig, &words, &names, &attributes)))
    return code;
  size_t end = attributes == RDC_NOWHERE ? sig->at : attributes;
  entry->attributes = end;
  entry->attributes_length = trimmed(sig, end, sig->at - end);
  entry->names_length = trimmed(sig, entry->names, end - entry->names);
  entry->params = names ? (const char **)words.items : NULL;
  if (names && names != entry->type->count)
    return rdc_fail_at(sig->status, entry->names, RDC_SIG_FIELDS, (unsigned long)entry->type->count,
                       (unsigned long)names);
  *more = 1;
  return RDC_OK;
}
