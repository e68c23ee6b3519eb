/* What threads share: plans and types that never change, the number of holders, the list of freed
   memory, switches. `make tsan` runs these under a sanitizer that sees races. */
#include "block.h"
#include "check.h"
#include "os.h"
#include "plan.h"
#include "scene.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, ROUNDS = 400 };

typedef struct box {
  double x;
  int n;
  char tag[4];
} box;

/* What all threads have. */
typedef struct common {
  scene *types;        /* parsed before the threads start */
  rdc_plan *sum, *box; /* as are these */
  rdc_closure sums;    /* one C function that all of them call */
  int sums_called;     /* atomic */
  int failures, line;  /* atomic; of one failure */
} common;

typedef struct worker {
  pthread_t thread;
  common *all;
  uint64_t random;
  int number;
} worker;

static const char records[] = "Point{dd}x y; Bits{I:3I:5l:40}a b c; Number|idf}i d f; Box{dic[4]}x "
                              "n tag; Node{*<Node>i}next n;";

static const char *const signatures[] = {
    "id)d",
    "<Point><Bits>)<Box>",
    "Z.<Number>cf)i",
    "*<Node>*(pi)v)*<Node>",
    "dddddddddd<Box>iiiiiiii)<Point>",
    "<double complex>D<Bits>)<float complex>",
    "*kc<size_t>)B",
};

static double sum(int n, double a, float b, long long c) { return n + a + b + (double)c; }

static box turned(box b, int by)
{
  b.x = -b.x;
  b.n += by;
  b.tag[0]++;
  return b;
}

/* In a thread nothing is reported: failures are counted, and one of them is known by its line. */
static void expect_at(worker *w, int ok, int line)
{
  if (ok)
    return;
  RDC_ATOMIC_ADD(&w->all->failures, 1);
  RDC_ATOMIC_SET(&w->all->line, line);
}

#define EXPECT(w, ok) expect_at(w, ok, __LINE__)

static void put_at(char *frame, const rdc_plan *p, size_t i, const void *value)
{
  memcpy(((void **)frame)[i], value, p->bare[i]->size);
}

static char *frame_of(const rdc_plan *p)
{
  char *frame = calloc(1, p->frame_size);
  for (size_t i = 0; i < p->nargs; i++)
    ((void **)frame)[i] = frame + p->slots[i];
  return frame;
}

/* Calls of one plan with frames of each thread. */
static void call_shared(worker *w)
{
  rdc_plan *p = rdc_plan_hold(w->all->sum);
  char *frame = frame_of(p);
  int n = (int)scene_below(&w->random, 1000);
  double a = n / 8.0, got;
  float b = 0.5f;
  long long c = -n;
  put_at(frame, p, 0, &n);
  put_at(frame, p, 1, &a);
  put_at(frame, p, 2, &b);
  put_at(frame, p, 3, &c);
  rdc_code_pointer code = n % 2 ? (rdc_code_pointer)sum : rdc_os_code(w->all->sums.code);
  rdc_abi_invoke(&p->abi, code, frame + p->ret_slot, (void **)frame);
  memcpy(&got, frame + p->ret_slot, sizeof got);
  EXPECT(w, got == a + b);
  free(frame);
  rdc_plan_drop(p);

  p = w->all->box;
  frame = frame_of(p);
  box sent = {a, n, "abc"}, back;
  put_at(frame, p, 0, &sent);
  put_at(frame, p, 1, &n);
  rdc_abi_invoke(&p->abi, (rdc_code_pointer)turned, frame + p->ret_slot, (void **)frame);
  memcpy(&back, frame + p->ret_slot, sizeof back);
  EXPECT(w, back.x == -a && back.n == 2 * n && back.tag[0] == 'b');
  free(frame);
}

/* Records, layouts and plans of a thread's own, and plans over the types that all threads have. */
static void compile(worker *w)
{
  scene s;
  rdc_plan *p;
  char text[256];
  scene_init(&s);
  EXPECT(w, scene_records(&s, records) != NULL);
  const char *signature = signatures[scene_below(&w->random, COUNT(signatures))];
  const rdc_scope *scope = scene_below(&w->random, 2) ? &s.scope : &w->all->types->scope;
  rdc_status_clear(&s.status);
  rdc_code code =
      rdc_plan_new(signature, strlen(signature), RDC_MODE_DEFAULT, scope, &p, &s.status);
  EXPECT(w, code == RDC_OK);
  if (p) {
    rdc_type_text(p->type, text, sizeof text);
    EXPECT(w, !strcmp(text + 1, signature));
    rdc_type_spell(p->type, "f", NULL, text, sizeof text);
    EXPECT(w, strlen(text) > 4);
  }
  rdc_plan_drop(p);
  EXPECT(w, rdc_plan_new("i<No>)v", 7, RDC_MODE_DEFAULT, scope, &p, &s.status) != RDC_OK);
  scene_free(&s);
}

/* Blocks of a pool of each thread; what debug mode holds back is shared. */
static void allocate(worker *w)
{
  rdc_pool pool = {NULL, 0, 0};
  char type[48];
  rdc_block *arena = rdc_block_open(&pool, RDC_BLOCK_ARENA, NULL, 0);
  for (size_t i = 0; i < 20; i++) {
    size_t size = scene_below(&w->random, 300);
    rdc_block *block = rdc_block_alloc(&pool, size, 8, (int)scene_below(&w->random, 2));
    rdc_block *part = rdc_block_part(arena, size, 64);
    EXPECT(w, block && part);
    memset(block->bytes, w->number, size);
    memset(part->bytes, w->number, size);
    EXPECT(w, rdc_block_is_intact(block));
    if (i % 3)
      EXPECT(w, rdc_block_close(block, "by a thread"));
  }
  EXPECT(w, rdc_block_is_intact(arena));
  while (pool.newest)
    rdc_block_close(pool.newest, "by a thread");
  EXPECT(w, pool.count == 0 && pool.bytes == 0);
  EXPECT(w, !rdc_block_written_after(type, sizeof type));
}

/* A closure of each thread. */
static void own_handler(void *ret, void **args, void *user)
{
  worker *w = user;
  int n;
  memcpy(&n, args[0], sizeof n);
  n += w->number;
  memcpy(ret, &n, sizeof n);
}

static void call_back(worker *w)
{
  rdc_status status;
  rdc_plan *p;
  rdc_status_clear(&status);
  EXPECT(w, !rdc_plan_new("i)i", 3, RDC_MODE_DEFAULT, NULL, &p, &status));
  rdc_closure closure = {.abi = &p->abi, .handler = own_handler, .user = w};
  EXPECT(w, !rdc_abi_closure_open(&closure, &status));
  int (*code)(int);
  rdc_code_pointer pointer = rdc_os_code(closure.code);
  memcpy(&code, &pointer, sizeof code);
  EXPECT(w, code(5) == 5 + w->number);
  rdc_abi_closure_close(&closure);
  rdc_plan_drop(p);
}

/* Libraries; the switches that R sets while other threads run. */
static void look_up(worker *w)
{
  char why[128];
  void *self = rdc_os_open("", why, sizeof why);
  EXPECT(w, self && rdc_os_find(self, "malloc"));
  rdc_os_close(self);
  EXPECT(w, !rdc_os_main_thread());
  if (w->number == 0) {
    rdc_block_debug((int)scene_below(&w->random, 2));
    rdc_abi_limit((rdc_abi_path)scene_below(&w->random, RDC_ABI_PATH_COUNT));
  }
}

static void *work(void *data)
{
  static void (*const jobs[])(worker *) = {call_shared, compile, allocate, call_back, look_up};
  worker *w = data;
  for (int i = 0; i < ROUNDS; i++)
    jobs[scene_below(&w->random, COUNT(jobs))](w);
  return NULL;
}

static void sum_handler(void *ret, void **args, void *user)
{
  int n;
  double a;
  float b;
  long long c;
  memcpy(&n, args[0], sizeof n);
  memcpy(&a, args[1], sizeof a);
  memcpy(&b, args[2], sizeof b);
  memcpy(&c, args[3], sizeof c);
  a = sum(n, a, b, c);
  memcpy(ret, &a, sizeof a);
  RDC_ATOMIC_ADD(&((common *)user)->sums_called, 1);
}

void check_threads(void)
{
  static worker workers[THREADS];
  scene s;
  common all = {.types = &s};
  rdc_abi_path before = rdc_abi_limit(RDC_ABI_DIRECT);
  scene_init(&s);
  rdc_os_main_thread_set();
  CHECK(scene_records(&s, records) != NULL);
  rdc_plan_new("idfl)d", 6, RDC_MODE_DEFAULT, &s.scope, &all.sum, &s.status);
  rdc_plan_new("<Box>i)<Box>", 12, RDC_MODE_DEFAULT, &s.scope, &all.box, &s.status);
  if (!CHECK(all.sum && all.box))
    return;
  all.sums = (rdc_closure){.abi = &all.sum->abi, .handler = sum_handler, .user = &all};
  CHECK_INT(rdc_abi_closure_open(&all.sums, &s.status), RDC_OK);
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (worker){.all = &all, .number = i, .random = (uint64_t)i + 1};
    CHECK_INT(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++)
    pthread_join(workers[i].thread, NULL);
  CHECK_INT(all.failures, 0);
  CHECK_INT(all.line, 0);
  CHECK(all.sums_called > 0);
  CHECK_INT(all.sum->users, 1);
  rdc_abi_closure_close(&all.sums);
  rdc_plan_drop(all.sum);
  rdc_plan_drop(all.box);
  rdc_block_debug(0);
  rdc_abi_limit(before);
  scene_free(&s);
}
