/* Invariants of parsers, layout and plans over arbitrary text. */
#include "exercise.h"

#include "layout.h"
#include "os.h"
#include "plan.h"
#include "port.h"
#include "scene.h"
#include "values.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 4096, SIZE_MOST = 4096, FIELDS_MOST = 200 };

/* A failure has a code, a message and an offset within the text or none. */
static const char *failure_is_whole(const rdc_status *status, rdc_code code, size_t length)
{
  if (code <= RDC_OK || code >= RDC_CODES || status->code != code)
    return "a failure without its code";
  if (strncmp(status->what, "expected ", 9) || strlen(status->what) >= sizeof status->what)
    return "a failure without a message";
  if (status->offset != RDC_NOWHERE && status->offset > length)
    return "an offset behind the text";
  return NULL;
}

/* What a valid type prints is its canonical text, and that is valid. */
static const char *type_is_whole(const rdc_type *type, scene *s)
{
  static char text[TEXT_MOST], again_text[TEXT_MOST];
  const rdc_type *again;
  rdc_sig sig;
  size_t length = rdc_type_text(type, text, sizeof text);
  rdc_type_spell(type, "x", NULL, again_text, sizeof again_text);
  if (length >= sizeof text || type->kind == RDC_VOID)
    return NULL;
  if (strlen(text) != length)
    return "a text with a nul in it";
  rdc_sig_init(&sig, text, length, &s->arena, &s->scope, &s->status);
  rdc_code code = rdc_sig_type(&sig, &again);
  if (code) /* a call inside a pointer may be nested one level too deep */
    return code == RDC_SIG_NESTING ? NULL : "a canonical text that is not valid";
  rdc_type_text(again, again_text, sizeof again_text);
  return strcmp(text, again_text) ? "a canonical text that means something else" : NULL;
}

/* A plan's frame has room for every argument and for the result. */
static const char *plan_is_whole(const rdc_plan *plan)
{
  size_t end = plan->nargs * sizeof(void *);
  for (size_t i = 0; i < plan->nargs; i++) {
    if (plan->slots[i] < end || plan->slots[i] % 8)
      return "arguments that overlap";
    end = plan->slots[i] + plan->bare[i]->size;
  }
  if (plan->ret_slot < end || plan->frame_size < plan->ret_slot + plan->abi.ret_size ||
      plan->abi.ret_size < rdc_type_strip(plan->ret)->size)
    return "a frame that is too small";
  return NULL;
}

static const char *exercise_call(const exact *text, scene *s)
{
  rdc_type *function;
  rdc_plan *plan;
  rdc_sig sig;
  const char *broken;
  rdc_sig_init(&sig, text->text, text->length, &s->arena, &s->scope, &s->status);
  rdc_code code = rdc_sig_call(&sig, &function);
  if (code)
    broken = failure_is_whole(&s->status, code, text->length);
  else
    broken = type_is_whole(rdc_type_pointer(&s->arena, function), s);
  if (broken)
    return broken;
  code = rdc_plan_new(text->text, text->length, RDC_MODE_DEFAULT, &s->scope, &plan, &s->status);
  broken = code ? failure_is_whole(&s->status, code, text->length) : plan_is_whole(plan);
  if (!broken && !code != !!plan)
    broken = "a failure with a plan";
  rdc_plan_drop(plan);
  return broken;
}

static const char *exercise_type(const exact *text, scene *s)
{
  const rdc_type *type;
  rdc_sig sig;
  rdc_sig_init(&sig, text->text, text->length, &s->arena, &s->scope, &s->status);
  rdc_code code = rdc_sig_type(&sig, &type);
  return code ? failure_is_whole(&s->status, code, text->length) : type_is_whole(type, s);
}

static const char *exercise_library(const exact *text, scene *s)
{
  rdc_sig_entry entry;
  rdc_sig sig;
  int more = 1;
  rdc_sig_init(&sig, text->text, text->length, &s->arena, &s->scope, &s->status);
  while (more) {
    size_t before = sig.at;
    rdc_code code = rdc_sig_entry_next(&sig, &entry, &more);
    if (code)
      return failure_is_whole(&s->status, code, text->length);
    if (sig.at > text->length || (more && sig.at <= before))
      return "a parser that does not move";
    if (more && (!entry.name_length || entry.name + entry.name_length > text->length ||
                 entry.call + entry.call_length > text->length ||
                 entry.names + entry.names_length > text->length))
      return "an entry outside the text";
  }
  return NULL;
}

static void scene_with_types(scene *s)
{
  scene_init(s);
  scene_records(s, "P{ff}x y; R{i:3l:40C}a b c; U|id}i d; W{D<P>}d p; E{}; O;");
  rdc_status_clear(&s->status);
}

const char *exercise_signature(const char *text, size_t length)
{
  const char *broken;
  scene s;
  exact copy = exact_copy(text, length);
  scene_with_types(&s);
  broken = exercise_call(&copy, &s);
  if (!broken)
    broken = exercise_type(&copy, &s);
  if (!broken)
    broken = exercise_library(&copy, &s);
  scene_free(&s);
  exact_free(&copy);
  return broken;
}

/* Fields lie within the record, behind each other or, in a union, on each other. */
static const char *record_is_whole(const rdc_type *type)
{
  size_t end = 0;
  if (!type->align || (type->align & (type->align - 1)) || type->size % type->align)
    return "a size that is no multiple of the alignment";
  for (size_t i = 0; i < type->count; i++) {
    const rdc_field *field = &type->fields[i];
    size_t bytes =
        field->is_bits ? (field->shift + field->bits + 7) / 8 : rdc_type_strip(field->type)->size;
    if (field->offset + bytes > type->size && field->bits + !field->is_bits)
      return "a field outside its record";
    if (type->kind == RDC_STRUCT && !field->is_bits && field->offset < end)
      return "fields that overlap";
    if (!field->is_bits)
      end = field->offset + bytes;
    if (type->pack == 0 && !field->is_bits && field->offset % rdc_type_strip(field->type)->align)
      return "a field that is not aligned";
  }
  return NULL;
}

static size_t record_weight(const rdc_type *type)
{
  size_t weight = 1;
  type = rdc_type_strip(type);
  if (type->kind == RDC_ARRAY && type->count)
    return type->count > FIELDS_MOST ? FIELDS_MOST + 1 : type->count * record_weight(type->base);
  for (size_t i = 0; (type->kind == RDC_STRUCT || type->kind == RDC_UNION) && i < type->count; i++)
    if ((weight += record_weight(type->fields[i].type)) > FIELDS_MOST)
      break;
  return weight;
}

static void fill_handle(void *ret, void **args, void *user)
{
  const rdc_plan *plan = user;
  int ok = values_check(plan->bare[0], args[0], 3) && values_check(plan->bare[1], args[1], 4);
  if (ok)
    values_fill(plan->ret, ret, 5);
}

/* A record goes through a closure that is called as a C function. */
static const char *pass_record(const rdc_type *type, scene *s)
{
  rdc_plan *plan;
  char text[256];
  const char *broken = NULL;
  if (type->size > SIZE_MOST || record_weight(type) > FIELDS_MOST || strlen(type->name) > 60 ||
      strpbrk(type->name, "<>;"))
    return NULL;
  strcat(strcpy(text, "d<"), type->name);
  strcat(strcat(strcat(text, ">i)<"), type->name), ">");
  rdc_code code = rdc_plan_new(text, strlen(text), RDC_MODE_DEFAULT, &s->scope, &plan, &s->status);
  if (code)
    return code == RDC_TYPE_PLATFORM ? NULL : "a record that cannot be passed";
  rdc_closure closure = {.abi = &plan->abi, .handler = fill_handle, .user = plan};
  char *frame = malloc(plan->frame_size);
  void **args = (void **)frame;
  if (!rdc_abi_closure_open(&closure, &s->status)) {
    for (size_t i = 0; i < plan->nargs; i++)
      values_fill(plan->bare[i], args[i] = frame + plan->slots[i], i + 3);
    rdc_abi_invoke(&plan->abi, rdc_os_code(closure.code), frame + plan->ret_slot, args);
    if (!values_check(plan->ret, frame + plan->ret_slot, 5))
      broken = "a record that changed on its way";
    rdc_abi_closure_close(&closure);
  }
  free(frame);
  rdc_plan_drop(plan);
  return broken;
}

/* A record of moderate size holds what is written into it. */
static const char *use_record(const rdc_type *type)
{
  const char *broken = NULL;
  size_t offset;
  if (type->size > SIZE_MOST || record_weight(type) > FIELDS_MOST)
    return NULL;
  char *object = malloc(type->size ? type->size : 1);
  values_fill(type, object, 7);
  if (!values_check(type, object, 7))
    broken = "fields that share bytes";
  free(object);
  for (size_t i = 0; i < type->count && !broken; i++) {
    const rdc_field *found = rdc_layout_field(type, type->fields[i].name, &offset);
    if (found && offset > type->size)
      broken = "a field found outside its record";
  }
  return broken;
}

const char *exercise_record(const char *text, size_t length)
{
  const char *broken = NULL;
  rdc_type *type;
  rdc_sig sig;
  scene s;
  exact copy = exact_copy(text, length);
  scene_with_types(&s);
  rdc_sig_init(&sig, copy.text, copy.length, &s.arena, &s.scope, &s.status);
  while (!broken) {
    size_t before = sig.at;
    rdc_code code = rdc_sig_record(&sig, &type);
    if (code)
      broken = failure_is_whole(&s.status, code, length);
    if (code || !type)
      break;
    if (sig.at <= before || sig.at > length)
      broken = "a parser that does not move";
    else if (type->is_complete && !(broken = record_is_whole(type)))
      broken = use_record(type);
    rdc_strmap_set(&s.types, type->name, strlen(type->name), type);
    if (!broken && type->is_complete)
      broken = pass_record(type, &s);
  }
  scene_free(&s);
  exact_free(&copy);
  return broken;
}

static int span_in(rdc_span span, const exact *text)
{
  return !span.length ||
         (span.text >= text->text && span.text + span.length <= text->text + text->length);
}

static const char *exercise_body(const rdc_record *record, scene *s)
{
  rdc_literal literal;
  rdc_span body = record->body;
  rdc_sig sig;
  rdc_type *type;
  if (record->kind == RDC_RECORD_CONST)
    return rdc_port_literal(body, &s->arena, &literal, &s->status) ? "a literal that is none"
                                                                   : NULL;
  if (record->kind == RDC_RECORD_FUNC) {
    rdc_sig_init(&sig, body.text, body.length, &s->arena, NULL, &s->status);
    return rdc_sig_call(&sig, &type) ? "a function without a signature" : NULL;
  }
  if (record->kind == RDC_RECORD_STRUCT)
    return exercise_record(body.text, body.length);
  if (record->kind == RDC_RECORD_TYPE || record->kind == RDC_RECORD_VAR)
    return exercise_signature(body.text, body.length);
  return NULL;
}

static int same_span(rdc_span a, rdc_span b)
{
  return a.length == b.length && (!a.length || !memcmp(a.text, b.text, a.length));
}

/* A declaration can be read again from the place of its line. */
static const char *exercise_line(const rdc_record *r, const exact *copy, rdc_status *status)
{
  rdc_port one;
  const char *broken = NULL;
  if (r->kind == RDC_RECORD_HEADER || r->kind == RDC_RECORD_LABEL)
    return NULL;
  if (rdc_port_line(&one, copy->text, copy->length, r->at, r->kind, status) || !one.count)
    broken = "a line that cannot be read alone";
  else if (!same_span(one.records[0].name, r->name) || !same_span(one.records[0].body, r->body) ||
           one.records[0].line != r->line || one.records[0].value != r->value)
    broken = "a line that reads otherwise alone";
  rdc_port_free(&one);
  return broken;
}

/* Whether a file is well formed does not depend on what is true, nor on how much of it is wanted. */
static const char *exercise_words(const exact *copy, rdc_code code, rdc_status *status)
{
  static const char *const words[][4] = {
      {"windows", "llp64", "64", NULL}, {"darwin", "arm", "32", NULL}, {NULL}};
  for (int i = 0; i < 3; i++) {
    rdc_port other;
    rdc_code again = rdc_port_scan(&other, copy->text, copy->length, words[i], status);
    rdc_port_free(&other);
    if (!again != !code)
      return "a form that depends on the platform";
  }
  rdc_port headers;
  rdc_port_init(&headers);
  rdc_port_reader reader = {NULL, 1, rdc_port_append, &headers, &headers.arena};
  rdc_code again = rdc_port_read(&reader, copy->text, copy->length, status);
  rdc_port_free(&headers);
  return again && !code ? "headers that cannot be read alone" : NULL;
}

/* A probe that was accepted can be read. */
static const char *exercise_probe(const rdc_record *r, scene *s)
{
  rdc_probe probe;
  if (r->kind != RDC_RECORD_HEADER || r->name.length != 5 || memcmp(r->name.text, "Probe", 5))
    return NULL;
  return rdc_port_probe(r->body, &s->arena, &probe, &s->status) ? "a probe that is none" : NULL;
}

static const char *exercise_attributes(rdc_span attributes, const exact *copy)
{
  rdc_span key, value;
  while (rdc_port_attribute(&attributes, &key, &value))
    if (!key.length || !span_in(key, copy) || !span_in(value, copy))
      return "an attribute without a key";
  return NULL;
}

const char *exercise_port(const char *text, size_t length)
{
  const char *broken = NULL;
  rdc_port port;
  scene s;
  size_t lines = 1;
  exact copy = exact_copy(text, length);
  scene_with_types(&s);
  for (size_t i = 0; i < length; i++)
    lines += text[i] == '\n';
  rdc_code code = rdc_port_scan(&port, copy.text, copy.length, NULL, &s.status);
  if (code) {
    s.status.offset = RDC_NOWHERE; /* of a signature within the line */
    broken = failure_is_whole(&s.status, code, length);
    if (!broken && (s.status.line > lines || (length && !s.status.line)))
      broken = "a line behind the text";
  }
  if (!broken)
    broken = exercise_words(&copy, code, &s.status);
  for (size_t i = 0; i < port.count && !broken && !code; i++) {
    const rdc_record *r = &port.records[i];
    if (!span_in(r->name, &copy) || !span_in(r->body, &copy) || !span_in(r->params, &copy) ||
        !span_in(r->attributes, &copy) || r->line < 2 || r->line > lines || r->at >= length)
      broken = "a record outside the text";
    else if (!(broken = exercise_line(r, &copy, &s.status)) &&
             !(broken = exercise_attributes(r->attributes, &copy)) &&
             !(broken = exercise_probe(r, &s)))
      broken = exercise_body(r, &s);
  }
  rdc_port_free(&port);
  scene_free(&s);
  exact_free(&copy);
  return broken;
}
