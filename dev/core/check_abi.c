/* Calls and closures beyond plain arguments: dirty registers, variadic functions, the x87 stack,
   many arguments, nesting, threads. Shapes by value are in check_shapes.c. */
#include "abi.h"
#include "check.h"
#include "layout.h"
#include "os.h"
#include "plan.h"
#include "scene.h"
#include "values.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static rdc_plan *plan(scene *s, const char *text)
{
  rdc_plan *p;
  rdc_code code = rdc_plan_new(text, strlen(text), RDC_MODE_DEFAULT, &s->scope, &p, &s->status);
  if (!CHECK_INT_FOR(text, code, RDC_OK))
    fprintf(stderr, "  %s\n", s->status.what);
  return p;
}

/* A frame with the addresses of the arguments set. */
static char *frame_new(const rdc_plan *p)
{
  char *frame = calloc(1, p->frame_size);
  for (size_t i = 0; i < p->nargs; i++)
    ((void **)frame)[i] = frame + p->slots[i];
  return frame;
}

/* The arguments of a frame where a call without libffi has them. */
static void image_fill(const rdc_plan *p, const char *frame, rdc_image *image)
{
  rdc_abi_clear(&p->abi, image);
  for (size_t i = 0; i < p->nargs; i++) {
    const rdc_type *bare = p->bare[i];
    char *dest = (char *)image + p->abi.places[i];
    memcpy(dest, frame + p->slots[i], bare->size);
    if (rdc_kind_is_integer(bare->kind)) {
      int64_t wide = rdc_layout_whole(bare, frame + p->slots[i]);
      memcpy(dest, &wide, sizeof wide);
    }
  }
}

/* As call.c does it; rdc_abi_invoke of what has places is in check_shapes.c and check_threads.c. */
static void invoke(const rdc_plan *p, rdc_code_pointer code, char *frame)
{
  rdc_image image;
  memset(frame + p->ret_slot, 0x5a, p->abi.ret_size);
  if (!p->abi.places) {
    rdc_abi_invoke(&p->abi, code, frame + p->ret_slot, (void **)frame);
    return;
  }
  image_fill(p, frame, &image);
  rdc_abi_invoke_image(&p->abi, code, frame + p->ret_slot, &image);
}

/* ---- small integers ---- */

static long dirty_result;
static long dirty(void) { return dirty_result; }
static long wide_argument;
static int see_int(int x) { return wide_argument = x; }

/* A callee may leave anything above the bits of its result. */
static void check_dirty_results(void)
{
  /* clang-format off */
  static const struct {
    const char *text;
    long long left, want;
  } rows[] = {
      {")c", 0x12345678000000ffLL, -1},   {")c", -256LL + 127, 127},     {")C", 0x1234567800000180LL, 0x80},
      {")C", -1, 255},                   {")s", 0x123456780000fffeLL, -2}, {")S", -2, 65534},
      {")i", 0x00000001ffffffffLL, -1},   {")i", -4294967296LL + 5, 5},  {")I", -1, 4294967295LL},
      {")B", -256LL + 1, 1},              {")B", 256, 0},               {")<char16_t>", 0x7fff1234, 0x1234},
  };
  /* clang-format on */
  scene s;
  scene_init(&s);
  for (size_t i = 0; i < COUNT(rows); i++) {
    rdc_plan *p = plan(&s, rows[i].text);
    char *frame = frame_new(p);
    rdc_kind kind = rdc_type_strip(p->ret)->kind;
    size_t size = rdc_type_strip(p->ret)->size;
    uint64_t got = 0;
    dirty_result = (long)rows[i].left;
    invoke(p, (rdc_code_pointer)dirty, frame);
    memcpy(&got, frame + p->ret_slot, size);
    if (rdc_kind_is_signed(kind) && got >> (size * 8 - 1))
      got |= ~(uint64_t)0 << (size * 8 - 1);
    CHECK_INT_FOR(rows[i].text, (long long)got, rows[i].want);
    free(frame);
    rdc_plan_drop(p);
  }
  scene_free(&s);
}

/* Bytes behind a small argument in its slot do not reach the callee, which gets it extended. */
static void check_dirty_arguments(void)
{
  /* clang-format off */
  static const struct {
    const char *text;
    uint64_t slot;
    long want;
  } rows[] = {
      {"c)v", 0x12345678abcdefffu, -1}, {"C)v", 0x12345678abcdefffu, 255},
      {"s)v", 0x12345678abcdfffeu, -2}, {"S)v", 0xffffffffffff8000u, 32768},
      {"i)v", 0x12345678fffffffdu, -3}, {"B)v", 0xffffffffffffff01u, 1},
  };
  /* clang-format on */
  scene s;
  scene_init(&s);
  for (size_t i = 0; i < COUNT(rows); i++) {
    rdc_plan *p = plan(&s, rows[i].text);
    char *frame = frame_new(p);
    memcpy(frame + p->slots[0], &rows[i].slot, 8);
    invoke(p, (rdc_code_pointer)see_int, frame);
    CHECK_INT_FOR(rows[i].text, wide_argument, rows[i].want);
    free(frame);
    rdc_plan_drop(p);
  }
  scene_free(&s);
}

typedef struct closing {
  rdc_closure closure;
  const rdc_plan *plan;
  int64_t saw; /* the first argument, extended by its type */
  int64_t say; /* the result */
} closing;

static void closing_handle(void *ret, void **args, void *user)
{
  closing *c = user;
  c->saw = 0;
  if (c->plan->nargs) {
    const rdc_type *type = c->plan->bare[0];
    memcpy(&c->saw, args[0], type->size);
    if (rdc_kind_is_signed(type->kind) && type->size < 8 && c->saw >> (type->size * 8 - 1))
      c->saw |= -((int64_t)1 << (type->size * 8 - 1));
  }
  memcpy(ret, &c->say, rdc_type_strip(c->plan->ret)->size);
}

static int closing_open(closing *c, const rdc_plan *p, rdc_status *status)
{
  memset(c, 0, sizeof *c);
  c->plan = p;
  c->closure.abi = &p->abi;
  c->closure.handler = closing_handle;
  c->closure.user = c;
  return CHECK_INT(rdc_abi_closure_open(&c->closure, status), RDC_OK);
}

/* A closure gets arguments with dirty upper bits, and callers may rely on an extended result. */
static void check_dirty_closures(void)
{
  /* clang-format off */
  static const struct {
    const char *text;
    long long passed;
    int64_t saw, say;
    int result;
  } rows[] = {
      {"c)c", 0x12345678000000ffLL, -1, -5, -5},     {"C)C", 0x1234567800000180LL, 0x80, 0xfe, 0xfe},
      {"s)s", 0x123456780000fffeLL, -2, -2, -2},     {"S)S", -2, 65534, 65535, 65535},
      {"i)i", 0x12345678fffffff0LL, -16, -7, -7},    {"B)B", -256LL + 1, 1, 1, 1},
      {"I)c", 0x12345678fffffff0LL, 0xfffffff0u, 127, 127}, {"B)S", 256, 0, 1, 1},
  };
  /* clang-format on */
  scene s;
  scene_init(&s);
  for (size_t i = 0; i < COUNT(rows); i++) {
    closing c;
    rdc_plan *p = plan(&s, rows[i].text);
    if (closing_open(&c, p, &s.status)) {
      c.say = rows[i].say;
      int got = ((int (*)(long))rdc_os_code(c.closure.code))((long)rows[i].passed);
      CHECK_INT_FOR(rows[i].text, c.saw, rows[i].saw);
      CHECK_INT_FOR(rows[i].text, got, rows[i].result);
      rdc_abi_closure_close(&c.closure);
      CHECK(c.closure.memory == NULL && c.closure.code == NULL);
      rdc_abi_closure_close(&c.closure);
    }
    rdc_plan_drop(p);
  }
  scene_free(&s);
}

/* ---- variadic functions ---- */

/* clang-format off */
typedef struct { short a; float b; } pair;
typedef struct { double a, b, c; } triple;
typedef struct { long double a; signed char b; } wide;
/* clang-format on */

static const rdc_plan *variadic_plan;
static int variadic_wrong;

static void variadic_see(int i, const void *argument)
{
  if (!values_check(variadic_plan->bare[i], argument, 500 + (uint64_t)i))
    variadic_wrong |= 1 << i;
}

/* clang-format off */
static pair variadic_mixed(float f, int n, ...)
{
  va_list ap;
  pair result;
  variadic_see(0, &f), variadic_see(1, &n);
  va_start(ap, n);
#define NEXT(i, type)                                                                              \
  {                                                                                                \
    type x = va_arg(ap, type);                                                                     \
    variadic_see(i, &x);                                                                           \
  }
  NEXT(2, double) NEXT(3, int) NEXT(4, int) NEXT(5, int) NEXT(6, unsigned) NEXT(7, long)
  NEXT(8, pair) NEXT(9, long double) NEXT(10, void *) NEXT(11, triple) NEXT(12, double)
  NEXT(13, wide) NEXT(14, double _Complex) NEXT(15, pair) NEXT(16, long long) NEXT(17, double)
  NEXT(18, float _Complex) NEXT(19, const char *)
#undef NEXT
  va_end(ap);
  values_fill(variadic_plan->ret, &result, 999);
  return result;
}
/* clang-format on */

static void variadic_handle(void *ret, void **args, void *user)
{
  CHECK(user == NULL);
  for (size_t i = 0; i < variadic_plan->nargs; i++)
    variadic_see((int)i, args[i]);
  values_fill(variadic_plan->ret, ret, 999);
}

/* clang-format off */
/* The same call by the compiler. */
static pair variadic_direct(rdc_code_pointer code)
{
  pair (*f)(float, int, ...);
  memcpy(&f, &code, sizeof f);
#define MADE(i, type)                                                                              \
  type a##i;                                                                                       \
  values_fill(variadic_plan->bare[i], &a##i, 500 + i);
  MADE(0, float) MADE(1, int) MADE(2, double) MADE(3, int) MADE(4, int) MADE(5, int)
  MADE(6, unsigned) MADE(7, long) MADE(8, pair) MADE(9, long double) MADE(10, void *)
  MADE(11, triple) MADE(12, double) MADE(13, wide) MADE(14, double _Complex) MADE(15, pair)
  MADE(16, long long) MADE(17, double) MADE(18, float _Complex) MADE(19, const char *)
#undef MADE
  return f(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18,
           a19);
}
/* clang-format on */

static void check_variadic(void)
{
  scene s;
  scene_init(&s);
  scene_records(&s, "P{sf}a b; T{ddd}a b c; W{Dc}a b;");
  rdc_plan *p = plan(&s, "fi.fcSBIj<P>Dp<T>f<W><double complex><P>ld<float complex>Z)<P>");
  if (!p)
    return;
  variadic_plan = p;
  variadic_wrong = 0;
  char *frame = frame_new(p);
  for (size_t i = 0; i < p->nargs; i++)
    values_fill(p->bare[i], frame + p->slots[i], 500 + i);
  invoke(p, (rdc_code_pointer)variadic_mixed, frame);
  CHECK_INT(variadic_wrong, 0);
  CHECK(values_check(p->ret, frame + p->ret_slot, 999));
  rdc_closure closure = {.abi = &p->abi, .handler = variadic_handle};
  if (CHECK_INT(rdc_abi_closure_open(&closure, &s.status), RDC_OK)) {
    variadic_wrong = 0;
    pair got = variadic_direct(rdc_os_code(closure.code));
    CHECK_INT(variadic_wrong, 0);
    CHECK(values_check(p->ret, &got, 999));
    rdc_abi_closure_close(&closure);
  }
  free(frame);
  rdc_plan_drop(p);
  scene_free(&s);
}

static double variadic_sum(int n, ...)
{
  va_list ap;
  double sum = 0;
  va_start(ap, n);
  for (int i = 0; i < n; i++)
    sum += (i + 1) * (i % 2 ? va_arg(ap, double) : va_arg(ap, int));
  va_end(ap);
  return sum;
}

static void check_variadic_sum(int n)
{
  scene s;
  char *text = malloc((size_t)n + 8), *at = text;
  double want = 0, got;
  scene_init(&s);
  *at++ = 'i';
  *at++ = '.';
  for (int i = 0; i < n; i++)
    *at++ = i % 2 ? 'd' : 'i';
  strcpy(at, ")d");
  rdc_plan *p = plan(&s, text);
  char *frame = frame_new(p);
  memcpy(frame + p->slots[0], &n, sizeof n);
  for (int i = 0; i < n; i++) {
    int whole = i * 7 - 100;
    double real = i * 0.5;
    want += (i + 1) * (i % 2 ? real : whole);
    memcpy(frame + p->slots[i + 1], i % 2 ? (void *)&real : (void *)&whole,
           i % 2 ? sizeof real : sizeof whole);
  }
  invoke(p, (rdc_code_pointer)variadic_sum, frame);
  memcpy(&got, frame + p->ret_slot, sizeof got);
  CHECK_FOR(text, got == want);
  free(frame);
  free(text);
  rdc_plan_drop(p);
  scene_free(&s);
}

/* ---- the rest ---- */

#define EIGHT(X, a, b, c, d, e, f, g, h) X(a) X(b) X(c) X(d) X(e) X(f) X(g) X(h)
#define PARAM(n) , signed char a##n, float b##n, short c##n, double d##n, long double e##n
#define TAKEN(n) sum = sum * 3 + a##n + b##n + c##n + (long double)d##n + e##n;

static long double forty(int first EIGHT(PARAM, 0, 1, 2, 3, 4, 5, 6, 7))
{
  long double sum = first;
  EIGHT(TAKEN, 0, 1, 2, 3, 4, 5, 6, 7)
  return sum;
}

static void check_forty(void)
{
  scene s;
  scene_init(&s);
  rdc_plan *p = plan(&s, "icfsdDcfsdDcfsdDcfsdDcfsdDcfsdDcfsdDcfsdD)D");
  char *frame = frame_new(p);
  long double want = 7, got;
  int first = 7;
  memcpy(frame + p->slots[0], &first, sizeof first);
  for (int i = 0; i < 8; i++) {
    const size_t *slots = p->slots + 1 + i * 5;
    signed char a = (signed char)(i - 4);
    float b = (float)i / 2;
    short c = (short)(-1000 * i);
    double d = i * 0.125;
    long double e = i * 1e6L;
    memcpy(frame + slots[0], &a, sizeof a);
    memcpy(frame + slots[1], &b, sizeof b);
    memcpy(frame + slots[2], &c, sizeof c);
    memcpy(frame + slots[3], &d, sizeof d);
    memcpy(frame + slots[4], &e, sizeof e);
    want = want * 3 + a + b + c + (long double)d + e;
  }
  invoke(p, (rdc_code_pointer)forty, frame);
  memcpy(&got, frame + p->ret_slot, sizeof got);
  CHECK(got == want);
  free(frame);
  rdc_plan_drop(p);
  scene_free(&s);
}

typedef struct {
  long double x;
} only_ldouble;
static only_ldouble give_ldouble(void)
{
  only_ldouble x = {1.5L};
  return x;
}

static long double give_scalar(void) { return 1.5L; }

/* Eight results left on the x87 stack would make every later long double a NaN. */
static void check_x87_stack(void)
{
  static const struct {
    const char *records, *text;
    rdc_code_pointer code;
  } rows[] = {{"T{D}x;", ")<T>", (rdc_code_pointer)give_ldouble},
              {"", ")D", (rdc_code_pointer)give_scalar}};
  for (size_t i = 0; i < COUNT(rows); i++) {
    scene s;
    scene_init(&s);
    scene_records(&s, rows[i].records);
    rdc_plan *p = plan(&s, rows[i].text);
    char *frame = frame_new(p);
    long double got;
    volatile long double sum = 1;
    for (int k = 0; k < 50; k++) {
      invoke(p, rows[i].code, frame);
      memcpy(&got, frame + p->ret_slot, sizeof got);
      sum = sum * 3 / 2 + got;
      CHECK(got == 1.5L && sum == sum);
    }
    free(frame);
    rdc_plan_drop(p);
    scene_free(&s);
  }
}

static int twice_calls;
static void count_call(void) { twice_calls++; }

static void check_no_arguments(void)
{
  scene s;
  scene_init(&s);
  rdc_plan *p = plan(&s, ")v");
  char *frame = frame_new(p);
  twice_calls = 0;
  invoke(p, (rdc_code_pointer)count_call, frame);
  rdc_abi_invoke(&p->abi, (rdc_code_pointer)count_call, frame + p->ret_slot, NULL);
  CHECK_INT(twice_calls, 2);
  free(frame);
  rdc_plan_drop(p);
  scene_free(&s);
}

static int skipped_wrong;
static void skipped_handle(void *ret, void **args, void *user)
{
  const rdc_plan *p = user;
  skipped_wrong = 0;
  for (size_t i = 0; i < p->nargs; i++)
    skipped_wrong += args[i] == NULL || !values_check(p->bare[i], args[i], i);
  values_fill(p->ret, ret, 77);
}

/* Empty structs between n arguments: C passes nothing for them. */
static void check_empty_arguments(int n)
{
  scene s;
  char text[512] = "";
  scene_init(&s);
  scene_records(&s, "E{};");
  for (int i = 0; i < n; i++)
    strcat(text, i % 3 == 1 ? "<E>" : i % 2 ? "d" : "s");
  rdc_plan *p = plan(&s, strcat(text, ")j"));
  rdc_closure closure = {.abi = &p->abi, .handler = skipped_handle, .user = p};
  if (CHECK_INT_FOR(text, rdc_abi_closure_open(&closure, &s.status), RDC_OK)) {
    char *frame = frame_new(p);
    for (size_t i = 0; i < p->nargs; i++)
      values_fill(p->bare[i], frame + p->slots[i], i);
    skipped_wrong = 1;
    invoke(p, rdc_os_code(closure.code), frame);
    CHECK_INT_FOR(text, skipped_wrong, 0);
    CHECK_FOR(text, values_check(p->ret, frame + p->ret_slot, 77));
    free(frame);
    rdc_abi_closure_close(&closure);
  }
  rdc_plan_drop(p);
  scene_free(&s);
}

static void compare_handle(void *ret, void **args, void *user)
{
  int a, b, result;
  const void *pa, *pb;
  memcpy(&pa, args[0], sizeof pa);
  memcpy(&pb, args[1], sizeof pb);
  memcpy(&a, pa, sizeof a);
  memcpy(&b, pb, sizeof b);
  result = (a > b) - (a < b);
  ++*(int *)user;
  memcpy(ret, &result, sizeof result);
}

static void check_qsort(void)
{
  int values[200], calls = 0, sorted = 1;
  uint64_t random = 4;
  scene s;
  scene_init(&s);
  rdc_plan *p = plan(&s, "*ki*ki)i"), *q = plan(&s, "p<size_t><size_t>*(pp)i)v");
  rdc_closure closure = {.abi = &p->abi, .handler = compare_handle, .user = &calls};
  if (CHECK_INT(rdc_abi_closure_open(&closure, &s.status), RDC_OK)) {
    for (size_t i = 0; i < COUNT(values); i++)
      values[i] = (int)scene_below(&random, 1000);
    void *base = values, *code = closure.code, *args[4];
    size_t count = COUNT(values), size = sizeof *values;
    args[0] = &base, args[1] = &count, args[2] = &size, args[3] = &code;
    rdc_abi_invoke(&q->abi, (rdc_code_pointer)qsort, NULL, args); /* a closure inside a call */
    for (size_t i = 1; i < COUNT(values); i++)
      sorted &= values[i - 1] <= values[i];
    CHECK(sorted && calls > 200);
    rdc_abi_closure_close(&closure);
  }
  rdc_plan_drop(p);
  rdc_plan_drop(q);
  scene_free(&s);
}

/* Many closures at once over one plan, each with its own user. */
static void check_many_closures(void)
{
  enum { MANY = 3000 };
  static closing many[MANY];
  int distinct = 1;
  scene s;
  scene_init(&s);
  rdc_plan *p = plan(&s, "l)l");
  for (int i = 0; i < MANY; i++) {
    if (!closing_open(&many[i], p, &s.status))
      return;
    many[i].say = -i;
  }
  for (int i = 0; i < MANY; i++) {
    long long (*f)(long long) = (long long (*)(long long))rdc_os_code(many[i].closure.code);
    distinct &= f(i * 3LL) == -i && many[i].saw == i * 3LL;
  }
  CHECK(distinct);
  for (int i = 0; i < MANY; i++)
    rdc_abi_closure_close(&many[i].closure);
  rdc_plan_drop(p);
  scene_free(&s);
}

static double mix(signed char a, float b, short c, double d) { return a + b * 2 + c * 3 + d * 4; }

typedef struct sharing {
  const rdc_plan *plan; /* shared */
  int id, ok;           /* of this thread */
} sharing;

static void *share(void *arg)
{
  sharing *job = arg;
  char *frame = frame_new(job->plan);
  job->ok = 1;
  for (int i = 0; i < 5000; i++) {
    signed char a = (signed char)(job->id * 10 + i % 7);
    float b = (float)i;
    short c = (short)(i - job->id);
    double d = i * 0.25, got;
    const size_t *slots = job->plan->slots;
    memcpy(frame + slots[0], &a, sizeof a);
    memcpy(frame + slots[1], &b, sizeof b);
    memcpy(frame + slots[2], &c, sizeof c);
    memcpy(frame + slots[3], &d, sizeof d);
    invoke(job->plan, (rdc_code_pointer)mix, frame);
    memcpy(&got, frame + job->plan->ret_slot, sizeof got);
    job->ok &= got == mix(a, b, c, d);
  }
  free(frame);
  return NULL;
}

static void check_thread_calls(void)
{
  pthread_t threads[4];
  sharing jobs[4];
  scene s;
  scene_init(&s);
  rdc_plan *p = plan(&s, "cfsd)d");
  for (int i = 0; i < 4; i++) {
    jobs[i].plan = p;
    jobs[i].id = i;
    CHECK(pthread_create(&threads[i], NULL, share, &jobs[i]) == 0);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    CHECK(jobs[i].ok);
  }
  rdc_plan_drop(p);
  scene_free(&s);
}

static void check_abi_path(void)
{
  check_dirty_results();
  check_dirty_arguments();
  check_dirty_closures();
  check_variadic();
  for (int n = 0; n <= 40; n++)
    check_variadic_sum(n);
  check_variadic_sum(1000);
  check_variadic_sum(5000);
  check_forty();
  check_x87_stack();
  check_no_arguments();
  check_empty_arguments(2);
  check_empty_arguments(32);
  check_empty_arguments(33);
  check_empty_arguments(100);
  check_qsort();
  check_many_closures();
  check_thread_calls();
}

void check_abi(void)
{
  rdc_abi_path before = rdc_abi_limit(RDC_ABI_DIRECT);
  for (int path = 0; path < RDC_ABI_PATH_COUNT; path++) {
    rdc_abi_limit((rdc_abi_path)path);
    check_abi_path();
  }
  rdc_abi_limit(before);
}
