/* Runs a compiled batch of generated tests through the core: driver <batch> <first> [<reference>].
   Each call through the package must equal the direct call that the batch makes; prints a line for each
   failure and refusal and a summary. reference is the batch as another compiler made it, which decides
   where compilers disagree. */
#include "generated.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "layout.h"
#include "plan.h"
#include "strmap.h"

typedef struct run {
  const abi_batch *batch;
  const abi_batch *reference;
  rdc_arena arena;
  rdc_strmap types;
  rdc_scope scope;
  size_t cases, calls, callbacks, layouts, refused, failed, differ;
} run;

static const run *running;

static int summary(const run *r, char *text, size_t size)
{
  return snprintf(text, size,
                  "SUM cases=%lu calls=%lu callbacks=%lu layout=%lu refused=%lu failed=%lu "
                  "differ=%lu\n",
                  (unsigned long)r->cases, (unsigned long)r->calls, (unsigned long)r->callbacks,
                  (unsigned long)r->layouts, (unsigned long)r->refused, (unsigned long)r->failed,
                  (unsigned long)r->differ);
}

enum { CANARY = 64, GARBAGE = 0xee };

/* ---- what must not happen ---- */

static char crash_place[64];

static void on_signal(int number)
{
  char text[512];
  int n = snprintf(text, sizeof text, "CRASH %s signal %d\n", crash_place, number);
  n += summary(running, text + n, sizeof text - (size_t)n);
  if (write(1, text, (size_t)n) < 0)
    _exit(4);
  _exit(3);
}

static void watch_signals(void)
{
  static char stack[1 << 16];
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
  const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM};
  sigaltstack(&alternative, NULL);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    sigaction(numbers[i], &action, NULL);
}

static void enter(size_t i, const char *what)
{
  snprintf(crash_place, sizeof crash_place, "%lu %s", (unsigned long)i, what);
  alarm(30);
}

/* Whether the x87 stack is empty, as a function must leave it. */
static int fpu_is_clean(void)
{
#if defined(__x86_64__) || defined(__i386__)
  unsigned short environment[14];
  __asm__ volatile("fnstenv %0\n\tfldenv %0" : "+m"(environment));
  if (environment[4] == 0xffff)
    return 1;
  __asm__ volatile("fninit");
  return 0;
#else
  return 1;
#endif
}

/* Whether the reference calls this batch as it calls itself, and is called so. */
static int compilers_agree(run *r, size_t i)
{
  if (!r->reference)
    return 1;
  const abi_case *theirs = r->reference->cases[i], *ours = r->batch->cases[i];
  enter(i, "disagreement");
  uint64_t sum = theirs->direct(theirs->callee), seen = *r->reference->seen;
  int agree = theirs->direct(ours->callee) == sum && *r->batch->seen == seen &&
              ours->direct(theirs->callee) == sum && *r->reference->seen == seen;
  return fpu_is_clean() && agree;
}

/* Whether the reference lays out a record in the same way. */
static int layouts_agree(const run *r, size_t i)
{
  if (!r->reference)
    return 1;
  const abi_type *ours = r->batch->records[i].type, *theirs = r->reference->records[i].type;
  int agree = ours->size == theirs->size && ours->align == theirs->align;
  for (size_t k = 0; agree && k < ours->count; k++) {
    const abi_member *a = &ours->members[k], *b = &theirs->members[k];
    unsigned char *bytes = calloc(2, ours->size + 1);
    if (a->bits) {
      a->put(bytes, ~(uint64_t)0);
      b->put(bytes + ours->size, ~(uint64_t)0);
    }
    agree = a->offset == b->offset && !memcmp(bytes, bytes + ours->size, ours->size);
    free(bytes);
  }
  return agree;
}

static void failed(run *r, size_t i, const char *what, const char *detail)
{
  int is_layout = !strcmp(what, "layout") || !strcmp(what, "bits");
  int agree = !is_layout || layouts_agree(r, i);
  printf("%s %lu %s %s\n", agree ? "FAIL" : "DIFFER", (unsigned long)i, what, detail);
  r->failed += agree;
  r->differ += !agree;
}

/* ---- layout ---- */

static void check_number(run *r, size_t i, const char *what, size_t ours, size_t theirs)
{
  char detail[128];
  r->layouts++;
  if (ours == theirs)
    return;
  snprintf(detail, sizeof detail, "%s: %lu, the compiler says %lu", what, (unsigned long)ours,
           (unsigned long)theirs);
  failed(r, i, "layout", detail);
}

/* All ones in one bit-field: the same bits of the record, and the same value read back. */
static void check_bits(run *r, size_t i, const rdc_field *field, const abi_member *m, size_t size)
{
  unsigned char *ours = calloc(2, size + 1), *theirs = ours + size + 1;
  m->put(theirs, ~(uint64_t)0);
  rdc_layout_bits_put(field, ours, m->type->kind == ABI_BOOL ? 1 : -1);
  r->layouts += 2;
  if (memcmp(ours, theirs, size))
    failed(r, i, "layout", m->name);
  else if ((uint64_t)rdc_layout_bits_get(field, theirs) != m->get(theirs))
    failed(r, i, "bits", m->name);
  free(ours);
}

static void check_layout(run *r, size_t i, const rdc_type *type, const abi_type *have)
{
  size_t k = 0;
  check_number(r, i, "size", type->size, have->size);
  check_number(r, i, "align", type->align, have->align);
  for (size_t f = 0; f < type->count && k < have->count; f++) {
    const rdc_field *field = &type->fields[f];
    if (!strcmp(field->name, "_"))
      continue;
    if (!field->is_bits)
      check_number(r, i, field->name, field->offset, have->members[k].offset);
    else if (type->size == have->size)
      check_bits(r, i, field, &have->members[k], type->size);
    k++;
  }
  check_number(r, i, "members", k, have->count);
}

static const rdc_type *find_type(const rdc_scope *scope, const char *name, size_t length)
{
  const run *r = scope->user;
  return rdc_strmap_get(&r->types, name, length);
}

/* Parses the records; checks their layouts when the run begins. */
static void run_records(run *r, int check)
{
  rdc_status status;
  for (size_t i = 0; i < r->batch->record_count; i++) {
    const abi_record *record = &r->batch->records[i];
    rdc_type *type = NULL;
    rdc_sig sig;
    rdc_status_clear(&status);
    rdc_sig_init(&sig, record->text, strlen(record->text), &r->arena, &r->scope, &status);
    if (rdc_sig_record(&sig, &type) || !type) {
      failed(r, i, "layout", status.what);
      continue;
    }
    if (rdc_strmap_set(&r->types, type->name, strlen(type->name), type))
      abort();
    if (check)
      check_layout(r, i, type, record->type);
  }
}

/* ---- calls ---- */

/* A frame that is aligned as frames are, and no more. */
static unsigned char *frame_new(size_t size)
{
  void *made = NULL;
  if (posix_memalign(&made, 64, RDC_ALIGNMENT + size + CANARY))
    abort();
  memset(made, GARBAGE, RDC_ALIGNMENT + size + CANARY);
  return (unsigned char *)made + RDC_ALIGNMENT;
}

static int canary_lives(const unsigned char *at)
{
  for (size_t i = 0; i < CANARY; i++)
    if (at[i] != GARBAGE)
      return 0;
  return 1;
}

/* How is what failed. */
static void failed_by(run *r, size_t i, const char *what, const char *detail, const char *how)
{
  char text[640];
  snprintf(text, sizeof text, "%s%s%s", detail, *how ? ", path " : "", how);
  failed(r, i, what, text);
}

static void compare(run *r, size_t i, const char *what, const char *how, uint64_t seen,
                    uint64_t want_seen, uint64_t sum, uint64_t want_sum)
{
  if (seen != want_seen)
    failed_by(r, i, what, "arguments", how);
  if (sum != want_sum)
    failed_by(r, i, what, "result", how);
  if (!fpu_is_clean())
    failed_by(r, i, what, "leaves values on the x87 stack", how);
}

/* The same call for rows of columns, which have the arguments of one call in each row. */
static void run_rows(run *r, size_t i, const rdc_plan *plan, void **args, uint64_t sum)
{
  enum { ROWS = 3 };
  const abi_case *c = r->batch->cases[i];
  const char *how = rdc_abi_path_name(rdc_abi_path_of(&plan->abi));
  const unsigned char skip[ROWS] = {1, 0, 1};
  size_t size = plan->abi.ret->size;
  int stop = 0;
  rdc_column *columns = calloc(c->nargs + 1, sizeof *columns);
  char *ret = malloc((size + 1) * ROWS + CANARY);
  memset(ret, GARBAGE, (size + 1) * ROWS + CANARY);
  for (size_t k = 0; k < c->nargs; k++) {
    size_t bytes = plan->bare[k]->size;
    char *column = malloc(bytes * ROWS + 1);
    columns[k].base = column;
    columns[k].step = bytes;
    for (int row = 0; row < ROWS; row++)
      memcpy(column + (size_t)row * bytes, args[k], bytes);
  }
  enter(i, "rows");
  if (rdc_abi_invoke_rows(&plan->abi, c->callee, columns, NULL, ROWS, ret, &stop) != ROWS)
    failed_by(r, i, "call", "rows are left", how);
  for (int row = 0; row < ROWS && c->ret->kind != ABI_VOID; row++)
    if (r->batch->fold(c->ret, ret + (size_t)row * size, 0) != sum)
      failed_by(r, i, "call", "result of a row", how);
  if (!canary_lives((unsigned char *)ret + size * ROWS))
    failed_by(r, i, "call", "writes behind its rows", how);
  memset(ret, GARBAGE, size * ROWS);
  enter(i, "rows left out");
  if (rdc_abi_invoke_rows(&plan->abi, c->callee, columns, skip, ROWS, ret, &stop) != ROWS)
    failed_by(r, i, "call", "rows are left", how);
  for (size_t at = 0; at < size * ROWS; at++)
    if (skip[at / size] && (unsigned char)ret[at] != GARBAGE)
      failed_by(r, i, "call", "writes to a row that is left out", how);
  if (c->ret->kind != ABI_VOID && r->batch->fold(c->ret, ret + size, 0) != sum)
    failed_by(r, i, "call", "result between rows that are left out", how);
  for (size_t k = 0; k < c->nargs; k++)
    free((void *)(uintptr_t)columns[k].base);
  free(columns);
  free(ret);
}

static void run_call(run *r, size_t i, const rdc_plan *plan, uint64_t seen, uint64_t sum)
{
  const abi_case *c = r->batch->cases[i];
  unsigned char *frame = frame_new(plan->frame_size);
  void **args = calloc(c->nargs + 1, sizeof *args), *ret = frame + plan->ret_slot;
  const char *how = rdc_abi_path_name(rdc_abi_path_of(&plan->abi));
  r->calls++;
  for (size_t k = 0; k < c->nargs; k++)
    args[k] = frame + plan->slots[k];
  r->batch->fill_args(c, args);
  run_rows(r, i, plan, args, sum);
  enter(i, "call");
  *r->batch->seen = 0;
  rdc_abi_invoke(&plan->abi, c->callee, ret, args);
  compare(r, i, "call", how, *r->batch->seen, seen, r->batch->fold(c->ret, ret, 0), sum);
  if (!canary_lives(frame + plan->frame_size))
    failed_by(r, i, "call", "writes behind its frame", how);
  free(args);
  free(frame - RDC_ALIGNMENT);
}

typedef struct listener {
  const run *r;
  const abi_case *c;
} listener;

static void listen(void *ret, void **args, void *user)
{
  listener *l = user;
  l->r->batch->answer(l->c, args, ret);
}

static void run_callback(run *r, size_t i, const rdc_plan *plan, uint64_t seen, uint64_t sum)
{
  const abi_case *c = r->batch->cases[i];
  const char *how = rdc_abi_path_name(rdc_abi_path_of(&plan->abi));
  rdc_status status;
  listener l = {r, c};
  rdc_closure closure = {.abi = &plan->abi, .handler = listen, .user = &l};
  abi_code code;
  enter(i, "callback");
  rdc_status_clear(&status);
  if (rdc_abi_closure_open(&closure, &status)) {
    failed(r, i, "callback", status.what);
    return;
  }
  memcpy(&code, &closure.code, sizeof code);
  *r->batch->seen = 0;
  uint64_t got = c->direct(code);
  compare(r, i, "callback", how, *r->batch->seen, seen, got, sum);
  rdc_abi_closure_close(&closure);
  r->callbacks++;
}

/* Whether a type has a leaf. */
static int has_value(const abi_type *type)
{
  if (type->kind != ABI_RECORD)
    return 1;
  for (size_t i = 0; i < type->count; i++)
    if (type->members[i].bits || has_value(type->members[i].type))
      return 1;
  return 0;
}

/* The reasons for which a signature may be refused on x86-64; NULL if none applies. */
static const char *excuse(const abi_case *c)
{
#ifndef __x86_64__
  return NULL;
#endif
  for (size_t i = 0; i <= c->nargs; i++) {
    const abi_type *type = i < c->nargs ? c->args[i] : c->ret;
    if (type->size && !has_value(type))
      return "a value that consists of unnamed bit-fields";
    if (type->kind == ABI_RECORD && type->size && type->align > 16 && i < c->nargs)
      return "an argument by value that is aligned above 16 bytes";
  }
  return NULL;
}

static int sizes_agree(run *r, size_t i, const rdc_plan *plan)
{
  const abi_case *c = r->batch->cases[i];
  for (size_t k = 0; k < c->nargs; k++)
    if (plan->bare[k]->size != c->args[k]->size)
      return 0; /* told with the layouts */
  return rdc_type_strip(plan->ret)->size == (c->ret->kind == ABI_VOID ? 0 : c->ret->size);
}

/* Calls and callbacks by each path that the signature has. */
static void run_paths(run *r, size_t i, uint64_t seen, uint64_t sum)
{
  const char *text = r->batch->cases[i]->text;
  for (int path = RDC_ABI_PATH_COUNT; path-- > 0;) {
    rdc_plan *plan;
    rdc_status status;
    rdc_abi_path before = rdc_abi_limit((rdc_abi_path)path);
    rdc_status_clear(&status);
    if (rdc_plan_new(text, strlen(text), RDC_MODE_DEFAULT, &r->scope, &plan, &status))
      failed_by(r, i, "plan", status.what, rdc_abi_path_name((rdc_abi_path)path));
    else if (rdc_abi_path_of(&plan->abi) == (rdc_abi_path)path) {
      run_call(r, i, plan, seen, sum);
      run_callback(r, i, plan, seen, sum);
    }
    rdc_plan_drop(plan);
    rdc_abi_limit(before);
  }
}

static void run_case(run *r, size_t i)
{
  const abi_case *c = r->batch->cases[i];
  rdc_plan *plan;
  rdc_status status;
  r->cases++;
  if (!compilers_agree(r, i)) {
    printf("DIFFER %lu call compilers\n", (unsigned long)i);
    r->differ++;
    return;
  }
  /* compiled code alone: a failure is the compiler's */
  enter(i, "direct");
  uint64_t sum = c->direct(c->callee), seen = *r->batch->seen;
  if (!fpu_is_clean()) {
    printf("DIFFER %lu direct leaves values on the x87 stack\n", (unsigned long)i);
    r->differ++;
    return;
  }
  rdc_status_clear(&status);
  enter(i, "plan");
  if (rdc_plan_new(c->text, strlen(c->text), RDC_MODE_DEFAULT, &r->scope, &plan, &status)) {
    if (status.code == RDC_TYPE_PLATFORM && excuse(c)) {
      printf("REFUSE %lu %s: %s\n", (unsigned long)i, rdc_status_symbol(status.code), excuse(c));
      r->refused++;
    } else {
      failed(r, i, "plan", status.what);
    }
    return;
  }
  if (excuse(c))
    failed(r, i, "plan", "accepted, though the platform cannot pass it");
  else if (sizes_agree(r, i, plan))
    run_paths(r, i, seen, sum);
  rdc_plan_drop(plan);
}

static const abi_batch *open_batch(const char *file)
{
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  const abi_batch *batch = library ? dlsym(library, "abi") : NULL;
  if (!batch) {
    fprintf(stderr, "driver: %s\n", dlerror());
    exit(2);
  }
  return batch;
}

int main(int argc, char **argv)
{
  run r = {.scope = {find_type, &r}};
  if (argc < 3) {
    fprintf(stderr, "driver: expected <batch> <first> [<reference>]\n");
    return 2;
  }
  r.batch = open_batch(argv[1]);
  r.reference = argc > 3 ? open_batch(argv[3]) : NULL;
  setvbuf(stdout, NULL, _IOLBF, 0);
  rdc_arena_init(&r.arena);
  rdc_strmap_init(&r.types);
  running = &r;
  watch_signals();
  enter(0, "layout");
  size_t first = (size_t)atol(argv[2]);
  run_records(&r, first == 0);
  for (size_t i = first; i < r.batch->case_count; i++)
    run_case(&r, i);
  char text[512];
  summary(&r, text, sizeof text);
  fputs(text, stdout);
  rdc_strmap_free(&r.types);
  rdc_arena_free(&r.arena);
  return 0;
}
