/* Scanned records as R vectors, and as the bindings of a loaded port. */
#include "dynport.h"

#include <stdlib.h>
#include <string.h>

#include "pointer.h"
#include "port.h"
#include "strmap.h"

static void port_finalize(SEXP object)
{
  rdc_port *port = R_ExternalPtrAddr(object);
  if (!port)
    return;
  R_ClearExternalPtr(object);
  rdc_port_free(port);
  free(port);
}

/* An empty port, owned by the R object that is returned. */
static SEXP port_new(SEXP text, rdc_port **out)
{
  SEXP owner = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.scratch, text));
  R_RegisterCFinalizerEx(owner, port_finalize, FALSE);
  rdc_port *port = calloc(1, sizeof *port);
  if (!port)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  rdc_port_init(port);
  R_SetExternalPtrAddr(owner, port);
  *out = port;
  UNPROTECT(1);
  return owner;
}

static void need_text(SEXP text)
{
  char got[256];
  if (TYPEOF(text) == RAWSXP && XLENGTH(text) < INT32_MAX)
    return;
  rdc_describe(text, got, sizeof got);
  rdc_raise_code(RDC_ARG_TYPE, "the bytes of a port file", got);
}

/* Every failure while reading a file is one of the file, at a line. */
RDC_NORETURN static void raise_line(rdc_status *status, SEXP file)
{
  rdc_status_place(status, "%.180s:%lu", R_CHAR(STRING_ELT(file, 0)), (unsigned long)status->line);
  if (status->code != RDC_NO_MEMORY)
    status->code = RDC_PORT_SYNTAX;
  status->offset = RDC_NOWHERE;
  rdc_raise(status, NULL);
}

/* ---- values ---- */

static SEXP span_char(rdc_span span)
{
  return Rf_mkCharLenCE(span.length ? span.text : "", (int)span.length, CE_UTF8);
}

static SEXP span_string(rdc_span span) { return Rf_ScalarString(span_char(span)); }

/* An integer: integer where it fits and its letter is not one of 64 bits, else double, else integer64
   or uint64. */
static SEXP integer_value(uint64_t magnitude, int negative, char letter)
{
  if (letter == 'B')
    return Rf_ScalarLogical(magnitude != 0);
  if (magnitude <= INT32_MAX && letter != 'L' && letter != 'l')
    return Rf_ScalarInteger(negative ? -(int)magnitude : (int)magnitude);
  double value = (double)magnitude;
  if (value < 18446744073709551616.0 && (uint64_t)value == magnitude)
    return Rf_ScalarReal(negative ? -value : value);
  uint64_t bits = negative ? 0 - magnitude : magnitude;
  SEXP exact = PROTECT(Rf_allocVector(REALSXP, 1));
  memcpy(REAL(exact), &bits, sizeof bits);
  SEXP class = PROTECT(Rf_mkString(magnitude <= INT64_MAX ? "integer64" : "uint64"));
  Rf_setAttrib(exact, R_ClassSymbol, class);
  UNPROTECT(2);
  return exact;
}

/* Escapes can make bytes that are no text. */
static SEXP string_value(const rdc_literal *literal)
{
  cetype_t encoding = rdc_port_is_utf8(literal->text, literal->length) ? CE_UTF8 : CE_BYTES;
  return Rf_ScalarString(Rf_mkCharLenCE(literal->text, (int)literal->length, encoding));
}

static SEXP literal_value(const rdc_literal *literal)
{
  if (literal->kind == RDC_LITERAL_STRING)
    return string_value(literal);
  if (literal->kind == RDC_LITERAL_REAL)
    return Rf_ScalarReal(literal->real);
  if (literal->letter == 'p') {
    uint64_t bits = literal->negative ? 0 - literal->magnitude : literal->magnitude;
    return rdc_pointer_new(RDC_POINTER_DATA, (void *)(uintptr_t)bits, R_NilValue);
  }
  return integer_value(literal->magnitude, literal->negative, literal->letter);
}

static SEXP constant(rdc_span body, rdc_arena *arena)
{
  rdc_literal literal;
  rdc_status status;
  rdc_status_clear(&status);
  if (rdc_port_literal(body, arena, &literal, &status))
    rdc_raise(&status, NULL);
  return literal_value(&literal);
}

static int is_unsigned(char letter) { return strchr("BCSIJL", letter) != NULL; }

static int is_negative(const rdc_record *label)
{
  return label->value < 0 && !is_unsigned(label->letter);
}

static uint64_t magnitude_of(const rdc_record *label)
{
  uint64_t bits;
  memcpy(&bits, &label->value, sizeof bits);
  return is_negative(label) ? 0 - bits : bits;
}

static SEXP label_value(const rdc_record *label)
{
  char letter = label->letter == 'B' ? 'C' : label->letter;
  if (letter == 'l' || letter == 'L')
    letter = 'j'; /* labels are integers wherever they fit */
  return integer_value(magnitude_of(label), is_negative(label), letter);
}

/* ---- scanning ---- */

SEXP rdc_r_dynport_words(void)
{
  const char *const *words = rdc_port_words();
  int n = 0;
  while (words[n])
    n++;
  SEXP made = PROTECT(Rf_allocVector(STRSXP, n));
  for (int i = 0; i < n; i++)
    SET_STRING_ELT(made, i, Rf_mkChar(words[i]));
  UNPROTECT(1);
  return made;
}

/* The words of a character vector up to a NULL, or NULL. */
static const char *const *word_list(SEXP words)
{
  if (TYPEOF(words) != STRSXP)
    return NULL;
  R_xlen_t n = XLENGTH(words);
  const char **list = (const char **)R_alloc((size_t)n + 1, sizeof *list);
  for (R_xlen_t i = 0; i < n; i++)
    list[i] = R_CHAR(STRING_ELT(words, i));
  list[n] = NULL;
  return list;
}

/* A visitor that keeps records of some kinds. */
typedef struct collector {
  rdc_port *port;  /* where they go */
  unsigned wanted; /* bit n: kind n */
} collector;

static rdc_code collect(void *user, const rdc_record *record, rdc_status *status)
{
  const collector *self = user;
  return self->wanted >> record->kind & 1 ? rdc_port_append(self->port, record, status) : RDC_OK;
}

static SEXP record_columns(const rdc_port *port, rdc_arena *arena)
{
  static const char *const parts[] = {"kind",       "name",      "body", "params",
                                      "attributes", "line",      "at",   "letter",
                                      "value",      "constants", ""};
  static const SEXPTYPE types[] = {INTSXP, STRSXP, STRSXP, STRSXP,  STRSXP,
                                   INTSXP, INTSXP, STRSXP, REALSXP, VECSXP};
  enum { COLUMNS = sizeof types / sizeof *types };
  R_xlen_t n = (R_xlen_t)port->count;
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts)), column[COLUMNS];
  for (int i = 0; i < COLUMNS; i++)
    SET_VECTOR_ELT(made, i, column[i] = Rf_allocVector(types[i], n));
  for (R_xlen_t i = 0; i < n; i++) {
    const rdc_record *record = &port->records[i];
    rdc_span letter = {&record->letter, record->letter != 0};
    INTEGER(column[0])[i] = (int)record->kind;
    SET_STRING_ELT(column[1], i, span_char(record->name));
    SET_STRING_ELT(column[2], i, span_char(record->body));
    SET_STRING_ELT(column[3], i, span_char(record->params));
    SET_STRING_ELT(column[4], i, span_char(record->attributes));
    INTEGER(column[5])[i] = (int)record->line;
    INTEGER(column[6])[i] = (int)record->at;
    SET_STRING_ELT(column[7], i, span_char(letter));
    REAL(column[8])[i] = (double)record->value;
    if (record->kind == RDC_RECORD_CONST)
      SET_VECTOR_ELT(column[9], i, constant(record->body, arena));
    else if (record->kind == RDC_RECORD_LABEL)
      SET_VECTOR_ELT(column[9], i, label_value(record));
  }
  UNPROTECT(1);
  return made;
}

/* Reads the bytes of a file, up to the first section if only headers are wanted; words, or NULL for
   those of this platform, are true in conditions. Returns the records of these kinds (NULL: all) as
   list(kind = integer, name, body, params, attributes = character, line, at = integer,
   letter = character, value = double, constants = list). */
SEXP rdc_r_dynport_scan(SEXP text, SEXP file, SEXP words, SEXP kinds)
{
  collector c = {NULL, ~0u};
  rdc_status status;
  need_text(text);
  if (TYPEOF(kinds) == INTSXP) {
    c.wanted = 0;
    for (R_xlen_t i = 0; i < XLENGTH(kinds); i++)
      c.wanted |= 1u << (INTEGER(kinds)[i] & 31);
  }
  SEXP owner = PROTECT(port_new(text, &c.port));
  int headers_only = c.wanted == 1u << RDC_RECORD_HEADER;
  rdc_port_reader reader = {word_list(words), headers_only, collect, &c, &c.port->arena};
  rdc_status_clear(&status);
  if (rdc_port_read(&reader, (const char *)RAW(text), (size_t)XLENGTH(text), &status))
    raise_line(&status, file);
  SEXP made = record_columns(c.port, &c.port->arena);
  PROTECT(made);
  port_finalize(owner);
  UNPROTECT(2);
  return made;
}

/* ---- single records ---- */

/* "@key=value @flag": c(key = "value", flag = "") */
static SEXP attribute_vector(rdc_span attributes)
{
  rdc_span rest = attributes, key, value;
  R_xlen_t n = 0;
  while (rdc_port_attribute(&rest, &key, &value))
    n++;
  SEXP made = PROTECT(Rf_allocVector(STRSXP, n)), names = PROTECT(Rf_allocVector(STRSXP, n));
  rest = attributes;
  for (R_xlen_t i = 0; rdc_port_attribute(&rest, &key, &value); i++) {
    SET_STRING_ELT(names, i, span_char(key));
    SET_STRING_ELT(made, i, span_char(value));
  }
  Rf_setAttrib(made, R_NamesSymbol, names);
  UNPROTECT(2);
  return made;
}

/* The attributes of a function that is declared outside of a port. */
SEXP rdc_r_dynport_attributes(SEXP text)
{
  rdc_status status;
  rdc_span span = {R_CHAR(STRING_ELT(text, 0)), (size_t)LENGTH(STRING_ELT(text, 0))};
  rdc_status_clear(&status);
  if (rdc_port_function_attributes(span, &status)) {
    status.code = RDC_SIG_TOKEN;
    status.line = 0;
    rdc_raise(&status, NULL);
  }
  return attribute_vector(span);
}

/* The names of a function's parameters; NULL if it has parameters without names. */
static SEXP parameter_names(const rdc_record *record)
{
  rdc_span rest = record->params;
  R_xlen_t n = 0;
  while (rdc_port_word(&rest).length)
    n++;
  if (!n && record->value != 0)
    return R_NilValue;
  SEXP made = PROTECT(Rf_allocVector(STRSXP, n));
  rest = record->params;
  for (R_xlen_t i = 0; i < n; i++)
    SET_STRING_ELT(made, i, span_char(rdc_port_word(&rest)));
  UNPROTECT(1);
  return made;
}

/* The values of labels: double where that is exact, else integer64 or uint64. */
static SEXP label_values(const rdc_record *labels, R_xlen_t n)
{
  int is_exact = 1;
  SEXP made = PROTECT(Rf_allocVector(REALSXP, n));
  for (R_xlen_t i = 0; i < n; i++) {
    double value = (double)magnitude_of(&labels[i]);
    REAL(made)[i] = is_negative(&labels[i]) ? -value : value;
    if (magnitude_of(&labels[i]) > (uint64_t)1 << 53)
      is_exact = 0;
  }
  if (!is_exact) {
    for (R_xlen_t i = 0; i < n; i++)
      memcpy(REAL(made) + i, &labels[i].value, sizeof labels[i].value);
    SEXP class = PROTECT(Rf_mkString(is_unsigned(labels[0].letter) ? "uint64" : "integer64"));
    Rf_setAttrib(made, R_ClassSymbol, class);
    UNPROTECT(1);
  }
  UNPROTECT(1);
  return made;
}

/* The declaration of a kind at byte `at` of a file: list(name, body, params, attributes = named
   character, count = parameters, line, letter, labels, values) */
SEXP rdc_r_dynport_line(SEXP text, SEXP file, SEXP at, SEXP kind)
{
  static const char *const parts[] = {"name", "body",   "params", "attributes", "count",
                                      "line", "letter", "labels", "values",     ""};
  rdc_port *port;
  rdc_status status;
  need_text(text);
  SEXP owner = PROTECT(port_new(text, &port));
  rdc_status_clear(&status);
  if (rdc_port_line(port, (const char *)RAW(text), (size_t)XLENGTH(text), (size_t)Rf_asInteger(at),
                    (rdc_record_kind)Rf_asInteger(kind), &status))
    raise_line(&status, file);
  const rdc_record *record = port->records;
  rdc_span letter = {&record->letter, record->letter != 0};
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts));
  SET_VECTOR_ELT(made, 0, span_string(record->name));
  SET_VECTOR_ELT(made, 1, span_string(record->body));
  SET_VECTOR_ELT(made, 2, parameter_names(record));
  SET_VECTOR_ELT(made, 3, attribute_vector(record->attributes));
  SET_VECTOR_ELT(made, 4, Rf_ScalarInteger((int)record->value));
  SET_VECTOR_ELT(made, 5, Rf_ScalarInteger((int)record->line));
  SET_VECTOR_ELT(made, 6, span_string(letter));
  if (record->kind == RDC_RECORD_ENUM) {
    R_xlen_t n = (R_xlen_t)port->count - 1;
    SEXP labels = Rf_allocVector(STRSXP, n);
    SET_VECTOR_ELT(made, 7, labels);
    for (R_xlen_t i = 0; i < n; i++)
      SET_STRING_ELT(labels, i, span_char(record[i + 1].name));
    SET_VECTOR_ELT(made, 8, label_values(record + 1, n));
  }
  port_finalize(owner);
  UNPROTECT(2);
  return made;
}

/* The value of a header Probe: list(word, symbol, signature, arguments) */
SEXP rdc_r_dynport_probe(SEXP text)
{
  static const char *const parts[] = {"word", "symbol", "signature", "arguments", ""};
  rdc_arena *arena;
  rdc_status status;
  rdc_probe probe;
  SEXP owner = PROTECT(rdc_pointer_arena(&arena));
  rdc_span span = {R_CHAR(STRING_ELT(text, 0)), (size_t)LENGTH(STRING_ELT(text, 0))};
  rdc_status_clear(&status);
  if (rdc_port_probe(span, arena, &probe, &status))
    rdc_raise(&status, NULL);
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts));
  SEXP arguments = Rf_allocVector(VECSXP, (R_xlen_t)probe.count);
  SET_VECTOR_ELT(made, 3, arguments);
  SET_VECTOR_ELT(made, 0, span_string(probe.word));
  SET_VECTOR_ELT(made, 1, span_string(probe.symbol));
  SET_VECTOR_ELT(made, 2, span_string(probe.call));
  for (size_t i = 0; i < probe.count; i++)
    SET_VECTOR_ELT(arguments, (R_xlen_t)i, literal_value(&probe.arguments[i]));
  rdc_pointer_release(owner);
  UNPROTECT(2);
  return made;
}

/* ---- filling environments ---- */

/* Where the bindings of a port go. Types have names of their own in C, so they are bound in the scope,
   and in the user's environment where no other thing has their name. */
typedef struct filler {
  SEXP scope;             /* environment of the types, by which signatures find them */
  SEXP loader;            /* environment in which functions and variables are made */
  SEXP env;               /* what the user sees, or R_NilValue */
  SEXP delay;             /* a call of delayedAssign */
  SEXP name;              /* the string in it */
  SEXP has;               /* function(name, env): whether a name is bound */
  SEXP unbind;            /* function(name, env) */
  SEXP formals;           /* of active bindings */
  rdc_port aliases;       /* to be bound when everything else is */
  rdc_strmap alias_names; /* of these, their places in the list plus 1 */
  rdc_strmap variables;   /* names of active bindings, the places of their lines plus 1 */
} filler;

static void filler_finalize(SEXP object)
{
  filler *f = R_ExternalPtrAddr(object);
  if (!f)
    return;
  R_ClearExternalPtr(object);
  rdc_port_free(&f->aliases);
  rdc_strmap_free(&f->alias_names);
  rdc_strmap_free(&f->variables);
  free(f);
}

static SEXP filler_new(SEXP scope, SEXP loader, SEXP env, SEXP tools, filler **out)
{
  SEXP formals = PROTECT(Rf_cons(R_MissingArg, R_NilValue));
  SET_TAG(formals, rdc_symbol.value);
  SEXP name = PROTECT(Rf_allocVector(STRSXP, 1));
  SEXP call = PROTECT(Rf_lang5(VECTOR_ELT(tools, 0), name, R_NilValue, R_NilValue, R_NilValue));
  SEXP hold = PROTECT(Rf_list2(formals, call));
  SEXP owner = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.scratch, hold));
  R_RegisterCFinalizerEx(owner, filler_finalize, FALSE);
  filler *f = calloc(1, sizeof *f);
  if (!f)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  f->scope = scope;
  f->loader = loader;
  f->env = env;
  f->delay = call;
  f->name = name;
  f->has = VECTOR_ELT(tools, 1);
  f->unbind = VECTOR_ELT(tools, 2);
  f->formals = formals;
  rdc_port_init(&f->aliases);
  rdc_strmap_init(&f->alias_names);
  rdc_strmap_init(&f->variables);
  R_SetExternalPtrAddr(owner, f);
  *out = f;
  UNPROTECT(5);
  return owner;
}

static uintptr_t find_number(const rdc_strmap *map, rdc_span name)
{
  return (uintptr_t)rdc_strmap_get(map, name.text, name.length);
}

static void set_number(rdc_strmap *map, rdc_span name, uintptr_t number)
{
  if (rdc_strmap_set(map, name.text, name.length, (void *)number))
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
}

static SEXP span_symbol(rdc_span span)
{
  char few[256];
  if (span.length >= sizeof few)
    return Rf_installTrChar(span_char(span));
  for (size_t i = 0; i < span.length; i++)
    if (span.text[i] & 0x80)
      return Rf_installTrChar(span_char(span));
  memcpy(few, span.text, span.length);
  few[span.length] = '\0';
  return Rf_install(few);
}

/* delayedAssign(name, expression, where, env), with one call object for all */
static void delay(const filler *f, SEXP name, SEXP expression, SEXP where, SEXP env)
{
  SET_STRING_ELT(f->name, 0, PRINTNAME(name));
  SETCADDR(f->delay, expression);
  SETCADDDR(f->delay, where);
  SETCAD4R(f->delay, env);
  Rf_eval(f->delay, R_BaseEnv);
}

/* Calls has() or unbind(). */
static int ask(SEXP function, SEXP name, SEXP env)
{
  SEXP string = PROTECT(Rf_ScalarString(PRINTNAME(name)));
  SEXP call = PROTECT(Rf_lang3(function, string, env));
  int answer = Rf_asLogical(Rf_eval(call, R_BaseEnv)) == 1;
  UNPROTECT(2);
  return answer;
}

/* function(at), which makes what the record declares */
static SEXP make_call(SEXP function, const rdc_record *record)
{
  SEXP at = PROTECT(Rf_ScalarInteger((int)record->at));
  SEXP call = Rf_lang2(function, at);
  UNPROTECT(1);
  return call;
}

static void bind_type(const filler *f, const rdc_record *record)
{
  SEXP maker = record->kind == RDC_RECORD_STRUCT ? rdc_symbol.port_struct
               : record->kind == RDC_RECORD_ENUM ? rdc_symbol.port_enum
                                                 : rdc_symbol.port_type;
  SEXP name = span_symbol(record->name);
  delay(f, name, make_call(maker, record), f->scope, f->scope);
  if (f->env != R_NilValue && !ask(f->has, name, f->env))
    delay(f, name, name, f->scope, f->env);
}

/* Frees a name for a later declaration, which overrides the earlier one. Active bindings have to be
   removed, and nothing can become one that is bound. */
static void claim(filler *f, rdc_span span, SEXP name, int is_variable)
{
  int was_variable = find_number(&f->variables, span) != 0;
  if (find_number(&f->alias_names, span))
    set_number(&f->alias_names, span, 0);
  if ((was_variable || is_variable) && ask(f->has, name, f->env))
    ask(f->unbind, name, f->env);
  if (was_variable)
    set_number(&f->variables, span, 0);
}

/* An active binding of function(value) port_variable(at, value) */
static void bind_variable(filler *f, rdc_span span, SEXP name, uint32_t place)
{
  SEXP at = PROTECT(Rf_ScalarInteger((int)place));
  SEXP body = PROTECT(Rf_lang3(rdc_symbol.port_variable, at, rdc_symbol.value));
  SEXP call = PROTECT(Rf_lang4(rdc_symbol.function_, f->formals, body, R_NilValue));
  SEXP function = PROTECT(Rf_eval(call, f->loader));
  claim(f, span, name, 1);
  R_MakeActiveBinding(name, function, f->env);
  set_number(&f->variables, span, (uintptr_t)place + 1);
  UNPROTECT(4);
}

static void bind_value(filler *f, const rdc_record *record, SEXP name)
{
  SEXP value = PROTECT(record->kind == RDC_RECORD_CONST ? constant(record->body, &f->aliases.arena)
                                                        : label_value(record));
  Rf_defineVar(name, value, f->env);
  UNPROTECT(1);
}

static rdc_code keep_alias(filler *f, const rdc_record *record, rdc_status *status)
{
  rdc_code code = rdc_port_append(&f->aliases, record, status);
  if (!code)
    set_number(&f->alias_names, record->name, f->aliases.count);
  return code;
}

/* The visitor: binds a record, or keeps it for later if it is an alias. */
static rdc_code fill(void *user, const rdc_record *record, rdc_status *status)
{
  filler *f = user;
  if (record->kind == RDC_RECORD_ALIAS)
    return keep_alias(f, record, status);
  if (record->kind == RDC_RECORD_HEADER || !record->name.length)
    return RDC_OK;
  if (record->kind == RDC_RECORD_STRUCT || record->kind == RDC_RECORD_TYPE ||
      record->kind == RDC_RECORD_ENUM) {
    bind_type(f, record);
    return RDC_OK;
  }
  if (f->env == R_NilValue)
    return RDC_OK;
  SEXP name = span_symbol(record->name);
  if (record->kind == RDC_RECORD_VAR) {
    bind_variable(f, record->name, name, record->at);
    return RDC_OK;
  }
  claim(f, record->name, name, 0);
  if (record->kind == RDC_RECORD_FUNC)
    delay(f, name, make_call(rdc_symbol.port_function, record), f->loader, f->env);
  else
    bind_value(f, record, name);
  return RDC_OK;
}

/* What a chain of aliases ends in; empty for a circle, or a chain that nobody would write. */
static rdc_span alias_end(const filler *f, const rdc_record *record)
{
  rdc_span end = record->body, nothing = {end.text, 0};
  uintptr_t next;
  for (int steps = 0; (next = find_number(&f->alias_names, end)) != 0; steps++) {
    if (steps == 64)
      return nothing;
    end = f->aliases.records[next - 1].body;
  }
  return end;
}

/* An alias is the very object that it means; of a type also a name in signatures. What it leads to
   outside of the port is found when it is used. */
static void bind_alias(filler *f, const rdc_record *record)
{
  rdc_span end = alias_end(f, record);
  SEXP name = span_symbol(record->name), target = end.length ? span_symbol(end) : R_NilValue;
  if (end.length && ask(f->has, target, f->scope))
    delay(f, name, target, f->scope, f->scope);
  if (f->env == R_NilValue)
    return;
  uintptr_t variable = find_number(&f->variables, end);
  if (variable) {
    bind_variable(f, record->name, name, (uint32_t)variable - 1);
    return;
  }
  claim(f, record->name, name, 0);
  if (end.length && ask(f->has, target, f->env))
    delay(f, name, target, f->env, f->env);
  else
    delay(f, name, make_call(rdc_symbol.port_alias, record), f->loader, f->env);
}

/* Reads a file and binds what it declares: types in scope, all names in env unless it is NULL. tools are
   the functions of the filler. After an error the environments are of no use. */
SEXP rdc_r_dynport_fill(SEXP text, SEXP file, SEXP words, SEXP scope, SEXP loader, SEXP env,
                        SEXP tools)
{
  filler *f;
  rdc_status status;
  need_text(text);
  SEXP owner = PROTECT(filler_new(scope, loader, env, tools, &f));
  rdc_port_reader reader = {word_list(words), 0, fill, f, &f->aliases.arena};
  rdc_status_clear(&status);
  if (rdc_port_read(&reader, (const char *)RAW(text), (size_t)XLENGTH(text), &status))
    raise_line(&status, file);
  for (size_t i = 0; i < f->aliases.count; i++)
    if (find_number(&f->alias_names, f->aliases.records[i].name) == i + 1)
      bind_alias(f, &f->aliases.records[i]);
  filler_finalize(owner);
  UNPROTECT(1);
  return R_NilValue;
}
