/* Scanned records as R vectors, and as the bindings of a loaded port. */
#include "dynport.h"

#include <stdlib.h>
#include <string.h>

#include "pointer.h"
#include "port.h"
#include "strmap.h"

/* What the external pointer of a scanned file holds; the text is in its protected slot. */
typedef struct dynport {
  rdc_port port;    /* its records */
  rdc_strmap names; /* functions, variables, constants and aliases: the last record of each name */
  rdc_strmap types; /* the same for types, whose names are apart in C, too */
} dynport;

static void dynport_finalize(SEXP object)
{
  dynport *self = R_ExternalPtrAddr(object);
  if (!self)
    return;
  R_ClearExternalPtr(object);
  rdc_port_free(&self->port);
  rdc_strmap_free(&self->names);
  rdc_strmap_free(&self->types);
  free(self);
}

/* An empty port, owned by the R object that is returned. */
static SEXP dynport_new(SEXP text, dynport **out)
{
  SEXP owner = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.scratch, text));
  R_RegisterCFinalizerEx(owner, dynport_finalize, FALSE);
  dynport *self = calloc(1, sizeof *self);
  if (!self)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  rdc_arena_init(&self->port.arena);
  rdc_strmap_init(&self->names);
  rdc_strmap_init(&self->types);
  R_SetExternalPtrAddr(owner, self);
  *out = self;
  UNPROTECT(1);
  return owner;
}

static dynport *need_port(SEXP x)
{
  char got[256];
  if (TYPEOF(x) == EXTPTRSXP && R_ExternalPtrTag(x) == rdc_symbol.scratch && R_ExternalPtrAddr(x))
    return R_ExternalPtrAddr(x);
  rdc_describe(x, got, sizeof got);
  rdc_raise_code(RDC_ARG_TYPE, "a scanned port file", got);
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

/* Scans the bytes of a file. words, or NULL for those of this platform, are true in conditions. */
SEXP rdc_r_dynport_scan(SEXP text, SEXP file, SEXP words)
{
  dynport *self;
  rdc_status status;
  const char **list = NULL;
  need_text(text);
  if (words != R_NilValue) {
    R_xlen_t n = TYPEOF(words) == STRSXP ? XLENGTH(words) : 0;
    list = (const char **)R_alloc((size_t)n + 1, sizeof *list);
    for (R_xlen_t i = 0; i < n; i++)
      list[i] = R_CHAR(STRING_ELT(words, i));
    list[n] = NULL;
  }
  SEXP owner = PROTECT(dynport_new(text, &self));
  rdc_status_clear(&status);
  if (rdc_port_scan(&self->port, (const char *)RAW(text), (size_t)XLENGTH(text), list, &status))
    raise_line(&status, file);
  UNPROTECT(1);
  return owner;
}

/* The records of these kinds (NULL: all) as list(kind = integer, name, body, params, attributes =
   character, line, at = integer, letter = character, value = double, constants = list). */
SEXP rdc_r_dynport_records(SEXP port, SEXP kinds)
{
  static const char *const parts[] = {"kind",       "name",      "body", "params",
                                      "attributes", "line",      "at",   "letter",
                                      "value",      "constants", ""};
  static const SEXPTYPE types[] = {INTSXP, STRSXP, STRSXP, STRSXP,  STRSXP,
                                   INTSXP, INTSXP, STRSXP, REALSXP, VECSXP};
  enum { COLUMNS = sizeof types / sizeof *types };
  dynport *self = need_port(port);
  unsigned wanted = ~0u;
  if (TYPEOF(kinds) == INTSXP) {
    wanted = 0;
    for (R_xlen_t i = 0; i < XLENGTH(kinds); i++)
      wanted |= 1u << (INTEGER(kinds)[i] & 31);
  }
  R_xlen_t n = 0, k = 0;
  for (size_t i = 0; i < self->port.count; i++)
    n += wanted >> self->port.records[i].kind & 1;
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts)), column[COLUMNS];
  for (int i = 0; i < COLUMNS; i++)
    SET_VECTOR_ELT(made, i, column[i] = Rf_allocVector(types[i], n));
  for (size_t i = 0; i < self->port.count; i++) {
    const rdc_record *record = &self->port.records[i];
    if (!(wanted >> record->kind & 1))
      continue;
    rdc_span letter = {&record->letter, record->letter != 0};
    INTEGER(column[0])[k] = (int)record->kind;
    SET_STRING_ELT(column[1], k, span_char(record->name));
    SET_STRING_ELT(column[2], k, span_char(record->body));
    SET_STRING_ELT(column[3], k, span_char(record->params));
    SET_STRING_ELT(column[4], k, span_char(record->attributes));
    INTEGER(column[5])[k] = (int)record->line;
    INTEGER(column[6])[k] = (int)record->at;
    SET_STRING_ELT(column[7], k, span_char(letter));
    REAL(column[8])[k] = (double)record->value;
    if (record->kind == RDC_RECORD_CONST)
      SET_VECTOR_ELT(column[9], k, constant(record->body, &self->port.arena));
    else if (record->kind == RDC_RECORD_LABEL)
      SET_VECTOR_ELT(column[9], k, label_value(record));
    k++;
  }
  UNPROTECT(1);
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
  dynport *self;
  rdc_status status;
  need_text(text);
  SEXP owner = PROTECT(dynport_new(text, &self));
  rdc_status_clear(&status);
  if (rdc_port_line(&self->port, (const char *)RAW(text), (size_t)XLENGTH(text),
                    (size_t)Rf_asInteger(at), (rdc_record_kind)Rf_asInteger(kind), &status))
    raise_line(&status, file);
  const rdc_record *record = self->port.records;
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
    R_xlen_t n = (R_xlen_t)self->port.count - 1;
    SEXP labels = Rf_allocVector(STRSXP, n);
    SET_VECTOR_ELT(made, 7, labels);
    for (R_xlen_t i = 0; i < n; i++)
      SET_STRING_ELT(labels, i, span_char(record[i + 1].name));
    SET_VECTOR_ELT(made, 8, label_values(record + 1, n));
  }
  dynport_finalize(owner);
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

/* Where the bindings of a port go. */
typedef struct filler {
  dynport *self;
  SEXP scope;   /* environment of the types, by which signatures find them */
  SEXP loader;  /* environment in which functions and variables are made */
  SEXP env;     /* what the user sees, or R_NilValue */
  SEXP delay;   /* the function delayedAssign */
  SEXP formals; /* of active bindings */
} filler;

static SEXP span_symbol(rdc_span span)
{
  char few[256];
  for (size_t i = 0; i < span.length; i++)
    if (span.length >= sizeof few || (span.text[i] & 0x80))
      return Rf_installTrChar(span_char(span));
  memcpy(few, span.text, span.length);
  few[span.length] = '\0';
  return Rf_install(few);
}

/* delayedAssign(name, expression, where, env) */
static void delay(const filler *f, SEXP name, SEXP expression, SEXP where, SEXP env)
{
  PROTECT(expression);
  SEXP string = PROTECT(Rf_ScalarString(PRINTNAME(name)));
  SEXP call = PROTECT(Rf_lang5(f->delay, string, expression, where, env));
  Rf_eval(call, R_BaseEnv);
  UNPROTECT(3);
}

/* function(at), which makes what the record declares */
static SEXP make_call(SEXP function, const rdc_record *record)
{
  SEXP at = PROTECT(Rf_ScalarInteger((int)record->at));
  SEXP call = Rf_lang2(function, at);
  UNPROTECT(1);
  return call;
}

/* An active binding of function(value) port_variable(at, value) */
static void bind_variable(const filler *f, SEXP name, const rdc_record *record)
{
  SEXP at = PROTECT(Rf_ScalarInteger((int)record->at));
  SEXP body = PROTECT(Rf_lang3(rdc_symbol.port_variable, at, rdc_symbol.value));
  SEXP call = PROTECT(Rf_lang4(rdc_symbol.function_, f->formals, body, R_NilValue));
  SEXP function = PROTECT(Rf_eval(call, f->loader));
  R_MakeActiveBinding(name, function, f->env);
  UNPROTECT(4);
}

static const rdc_record *find_record(const rdc_strmap *map, rdc_span name)
{
  return rdc_strmap_get(map, name.text, name.length);
}

/* The record that an alias leads to among the names; NULL if it leads to none or in a circle. */
static const rdc_record *alias_target(const dynport *self, const rdc_record *record)
{
  for (size_t steps = 0; record && record->kind == RDC_RECORD_ALIAS; steps++)
    record = steps > self->names.count ? NULL : find_record(&self->names, record->body);
  return record;
}

/* The type that an alias leads to, or NULL. */
static const rdc_record *alias_type(const dynport *self, const rdc_record *record)
{
  for (size_t steps = 0; record && steps <= self->names.count; steps++) {
    const rdc_record *type = find_record(&self->types, record->body);
    if (type)
      return type;
    record = find_record(&self->names, record->body);
    if (record && record->kind != RDC_RECORD_ALIAS)
      return NULL;
  }
  return NULL;
}

static void bind_type(const filler *f, const rdc_record *record)
{
  SEXP maker = record->kind == RDC_RECORD_STRUCT ? rdc_symbol.port_struct
               : record->kind == RDC_RECORD_ENUM ? rdc_symbol.port_enum
                                                 : rdc_symbol.port_type;
  SEXP name = span_symbol(record->name);
  delay(f, name, make_call(maker, record), f->scope, f->scope);
  if (f->env != R_NilValue && !find_record(&f->self->names, record->name))
    delay(f, name, name, f->scope, f->env);
}

/* A type alias is a type by its second name, too. */
static void bind_alias(const filler *f, const rdc_record *record)
{
  const rdc_record *target = alias_target(f->self, record), *type = alias_type(f->self, record);
  SEXP name = span_symbol(record->name);
  if (type && !find_record(&f->self->types, record->name))
    delay(f, name, span_symbol(type->name), f->scope, f->scope);
  if (f->env == R_NilValue)
    return;
  if (target && target->kind == RDC_RECORD_VAR)
    bind_variable(f, name, target);
  else if (target)
    delay(f, name, span_symbol(target->name), f->env, f->env);
  else if (type)
    delay(f, name, span_symbol(type->name), f->scope, f->env);
  else
    delay(f, name, make_call(rdc_symbol.port_alias, record), f->loader, f->env);
}

static void bind_name(const filler *f, const rdc_record *record)
{
  if (record->kind == RDC_RECORD_ALIAS) {
    bind_alias(f, record);
    return;
  }
  if (f->env == R_NilValue)
    return;
  SEXP name = span_symbol(record->name);
  if (record->kind == RDC_RECORD_FUNC) {
    delay(f, name, make_call(rdc_symbol.port_function, record), f->loader, f->env);
  } else if (record->kind == RDC_RECORD_VAR) {
    bind_variable(f, name, record);
  } else {
    SEXP value =
        PROTECT(record->kind == RDC_RECORD_CONST ? constant(record->body, &f->self->port.arena)
                                                 : label_value(record));
    Rf_defineVar(name, value, f->env);
    UNPROTECT(1);
  }
}

static int is_type(const rdc_record *record)
{
  return record->kind == RDC_RECORD_STRUCT || record->kind == RDC_RECORD_TYPE ||
         (record->kind == RDC_RECORD_ENUM && record->name.length);
}

/* The last declaration of a name counts. */
static void index_records(dynport *self)
{
  for (size_t i = 0; i < self->port.count; i++) {
    rdc_record *record = &self->port.records[i];
    rdc_strmap *map = is_type(record) ? &self->types : &self->names;
    if (record->kind == RDC_RECORD_HEADER || (record->kind == RDC_RECORD_ENUM && !is_type(record)))
      continue;
    if (rdc_strmap_set(map, record->name.text, record->name.length, record))
      rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  }
}

/* Binds what a scanned port declares: types in scope, all names in env unless it is NULL. Returns how
   many there are of each kind, by number. The port is empty afterwards. */
SEXP rdc_r_dynport_fill(SEXP port, SEXP scope, SEXP loader, SEXP env, SEXP delay_function)
{
  filler f = {need_port(port), scope, loader, env, delay_function, R_NilValue};
  SEXP counts = PROTECT(Rf_allocVector(INTSXP, RDC_RECORD_FUNC + 1));
  memset(INTEGER(counts), 0, sizeof(int) * (RDC_RECORD_FUNC + 1));
  f.formals = PROTECT(Rf_cons(R_MissingArg, R_NilValue));
  SET_TAG(f.formals, rdc_symbol.value);
  index_records(f.self);
  for (size_t i = 0; i < f.self->port.count; i++) {
    const rdc_record *record = &f.self->port.records[i];
    if (is_type(record) && find_record(&f.self->types, record->name) == record)
      bind_type(&f, record);
    else if (record->kind != RDC_RECORD_HEADER && !is_type(record) && record->name.length &&
             find_record(&f.self->names, record->name) == record)
      bind_name(&f, record);
    else
      continue;
    INTEGER(counts)[record->kind]++;
  }
  dynport_finalize(port);
  UNPROTECT(2);
  return counts;
}
