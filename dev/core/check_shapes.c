/* Every shape as argument and result of calls and of closures, in registers and on the stack. The
   C functions and their callers are compiled here by the compiler that the ABI has to agree with. */
#include "shapes.h"
#include "check.h"
#include "os.h"
#include "plan.h"
#include "scene.h"
#include "values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is being called: argument i holds the values of seed + i, the result those of seed + 99. */
static struct {
  const rdc_plan *plan; /* the signature */
  uint64_t seed;        /* of this call */
  int called;           /* times that the callee ran */
  int wrong;            /* bit i: argument i did not arrive; 1 << 30: the result */
} now;

enum { RESULT = 99, WRONG_RESULT = 1 << 30 };

static void arrived(int i, const void *argument)
{
  now.called += i == 0;
  if (!values_check(now.plan->bare[i], argument, now.seed + (uint64_t)i))
    now.wrong |= 1 << i;
}

static void answer(void *result) { values_fill(now.plan->ret, result, now.seed + RESULT); }

static void prepare(int i, void *argument)
{
  values_fill(now.plan->bare[i], argument, now.seed + (uint64_t)i);
}

static void returned(const void *result)
{
  if (!values_check(now.plan->ret, result, now.seed + RESULT))
    now.wrong |= WRONG_RESULT;
}

/* Three prototypes for each shape T: alone; between others; when registers run out. */
static const char *const shape_calls[] = {"T)T", "iTdTc)T", "jjjjjTdddddddTTfT)T"};
enum { PROTOTYPES = COUNT(shape_calls) };

#define CALLEES(name, T)                                                                           \
  static T name##_callee0(T a)                                                                     \
  {                                                                                                \
    T result;                                                                                      \
    arrived(0, &a);                                                                                \
    answer(&result);                                                                               \
    return result;                                                                                 \
  }                                                                                                \
  static T name##_callee1(int a, T b, double c, T d, signed char e)                                \
  {                                                                                                \
    T result;                                                                                      \
    arrived(0, &a), arrived(1, &b), arrived(2, &c), arrived(3, &d), arrived(4, &e);                \
    answer(&result);                                                                               \
    return result;                                                                                 \
  }                                                                                                \
  static T name##_callee2(long a, long b, long c, long d, long e, T f, double g, double h,         \
                          double i, double j, double k, double l, double m, T n, T o, float p,     \
                          T q)                                                                     \
  {                                                                                                \
    T result;                                                                                      \
    arrived(0, &a), arrived(1, &b), arrived(2, &c), arrived(3, &d), arrived(4, &e);                \
    arrived(5, &f), arrived(6, &g), arrived(7, &h), arrived(8, &i), arrived(9, &j);                \
    arrived(10, &k), arrived(11, &l), arrived(12, &m), arrived(13, &n), arrived(14, &o);           \
    arrived(15, &p), arrived(16, &q);                                                              \
    answer(&result);                                                                               \
    return result;                                                                                 \
  }

#define CALLERS(name, T)                                                                           \
  static void name##_caller0(rdc_code_pointer code)                                                \
  {                                                                                                \
    T a, result;                                                                                   \
    prepare(0, &a);                                                                                \
    result = ((T(*)(T))code)(a);                                                                   \
    returned(&result);                                                                             \
  }                                                                                                \
  static void name##_caller1(rdc_code_pointer code)                                                \
  {                                                                                                \
    int a;                                                                                         \
    double c;                                                                                      \
    signed char e;                                                                                 \
    T b, d, result;                                                                                \
    prepare(0, &a), prepare(1, &b), prepare(2, &c), prepare(3, &d), prepare(4, &e);                \
    result = ((T(*)(int, T, double, T, signed char))code)(a, b, c, d, e);                          \
    returned(&result);                                                                             \
  }                                                                                                \
  static void name##_caller2(rdc_code_pointer code)                                                \
  {                                                                                                \
    long j[5];                                                                                     \
    double d[7];                                                                                   \
    float p;                                                                                       \
    T f, n, o, q, result;                                                                          \
    for (int i = 0; i < 5; i++)                                                                    \
      prepare(i, &j[i]);                                                                           \
    prepare(5, &f);                                                                                \
    for (int i = 0; i < 7; i++)                                                                    \
      prepare(6 + i, &d[i]);                                                                       \
    prepare(13, &n), prepare(14, &o), prepare(15, &p), prepare(16, &q);                            \
    result = ((T(*)(long, long, long, long, long, T, double, double, double, double, double,       \
                    double, double, T, T, float, T))code)(                                         \
        j[0], j[1], j[2], j[3], j[4], f, d[0], d[1], d[2], d[3], d[4], d[5], d[6], n, o, p, q);    \
    returned(&result);                                                                             \
  }

#define X(name, T, type, records, pack, align) CALLEES(name, T) CALLERS(name, T)
SHAPES
#undef X

typedef struct shape {
  const char *name, *type, *records;
  size_t pack, align, size, alignment;
  rdc_code_pointer callees[PROTOTYPES];
  void (*callers[PROTOTYPES])(rdc_code_pointer code);
} shape;

/* clang-format off */
#define X(name, T, type, records, pack, align)                                                     \
  {#name, type, records, pack, align, sizeof(T), _Alignof(T),                                      \
   {(rdc_code_pointer)name##_callee0, (rdc_code_pointer)name##_callee1,                            \
    (rdc_code_pointer)name##_callee2},                                                             \
   {name##_caller0, name##_caller1, name##_caller2}},
static const shape shapes[] = {SHAPES};
#undef X
/* clang-format on */

static void call_forward(const rdc_plan *plan, rdc_code_pointer code)
{
  char *frame = malloc(plan->frame_size); /* exact: a write behind it is seen */
  void **args = (void **)frame;
  for (size_t i = 0; i < plan->nargs; i++) {
    args[i] = frame + plan->slots[i];
    prepare((int)i, args[i]);
  }
  void *result = frame + plan->ret_slot;
  memset(result, 0x5a, plan->abi.ret_size);
  rdc_abi_invoke(&plan->abi, code, result, args);
  returned(result);
  free(frame);
}

static void handle(void *ret, void **args, void *user)
{
  now.called += user == &now;
  for (size_t i = 0; i < now.plan->nargs; i++)
    if (!values_check(now.plan->bare[i], args[i], now.seed + i))
      now.wrong |= 1 << i;
  answer(ret);
}

static int check_once(const char *about, const char *what)
{
  int ok = CHECK_FOR(about, now.called == 1 && !now.wrong);
  if (!ok) {
    fprintf(stderr, "  %s: called %d times", what, now.called);
    for (int i = 0; i < 30; i++)
      if (now.wrong & 1 << i)
        fprintf(stderr, ", argument %d is wrong", i + 1);
    fprintf(stderr, now.wrong & WRONG_RESULT ? ", the result is wrong\n" : "\n");
  }
  now.called = now.wrong = 0;
  return ok;
}

/* Whether a failure is a refusal of a shape that may be refused. */
static int refused(const shape *s, rdc_code code)
{
  int may_be = s->name[0] == 'o' || s->name[0] == 'g';
  return may_be && (code == RDC_TYPE_PLATFORM || code == RDC_CALLBACK_MEMORY);
}

static void check_plan_of(const shape *s, const char *about, const rdc_plan *plan, int prototype)
{
  enum { ROUNDS = 12 };
  rdc_status status;
  rdc_closure closure = {.abi = &plan->abi, .handler = handle, .user = &now};
  rdc_code code = rdc_abi_closure_open(&closure, &status);
  int ok = 1;
  now.plan = plan;
  for (uint64_t round = 0; round < ROUNDS && ok; round++) {
    now.seed = 1000 * (round + 1);
    call_forward(plan, s->callees[prototype]);
    ok = check_once(about, "call");
  }
  if (refused(s, code))
    return;
  ok = CHECK_INT_FOR(about, code, RDC_OK);
  for (uint64_t round = 0; round < ROUNDS && ok; round++) {
    now.seed = 1000 * (round + 1);
    s->callers[prototype](rdc_os_code(closure.code));
    ok = check_once(about, "closure");
    call_forward(plan, rdc_os_code(closure.code));
    ok &= check_once(about, "call of a closure");
  }
  if (!code)
    rdc_abi_closure_close(&closure);
}

static void check_prototype(const shape *s, scene *world, int prototype)
{
  char text[256] = "", about[512];
  for (const char *c = shape_calls[prototype]; *c; c++)
    if (*c == 'T')
      strcat(text, s->type);
    else
      strncat(text, c, 1);
  snprintf(about, sizeof about, "%s %s %s", s->name, text, s->records);
  for (int path = RDC_ABI_PATH_COUNT; path-- > 0;) {
    rdc_plan *plan;
    rdc_abi_path before = rdc_abi_limit((rdc_abi_path)path);
    rdc_code code =
        rdc_plan_new(text, strlen(text), RDC_MODE_DEFAULT, &world->scope, &plan, &world->status);
    rdc_abi_limit(before);
    if (refused(s, code))
      return;
    if (!CHECK_INT_FOR(about, code, RDC_OK))
      fprintf(stderr, "  %s\n", world->status.what);
    else if (rdc_abi_path_of(&plan->abi) == (rdc_abi_path)path)
      check_plan_of(s, about, plan, prototype);
    rdc_plan_drop(plan);
  }
}

void check_shapes(void)
{
  for (size_t i = 0; i < COUNT(shapes); i++) {
    const shape *s = &shapes[i];
    scene world;
    scene_init(&world);
    scene_packed(&world, s->records, s->pack, s->align);
    const rdc_type *type = scene_type(&world, s->type);
    if (CHECK_FOR(s->name, type != NULL)) {
      CHECK_INT_FOR(s->name, rdc_type_strip(type)->size, s->size);
      CHECK_INT_FOR(s->name, rdc_type_strip(type)->align, s->alignment);
      for (int k = 0; k < PROTOTYPES; k++)
        check_prototype(s, &world, k);
    }
    scene_free(&world);
  }
}
