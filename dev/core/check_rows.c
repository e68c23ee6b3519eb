/* Rows of columns: rows left out, checks, threads. */
#include "rows.h"
#include "check.h"
#include "os.h"
#include "scene.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 3000 };

static int calls;

static double weigh(int i, double x, float y)
{
  RDC_ATOMIC_ADD(&calls, 1);
  return i * 2.0 + x + y;
}

static int16_t narrow(int8_t a)
{
  RDC_ATOMIC_ADD(&calls, 1);
  return (int16_t)(a * 3);
}

static int fails(int i)
{
  RDC_ATOMIC_ADD(&calls, 1);
  errno = i == 1700 ? EDOM : 0;
  return i == 1700 ? -1 : i;
}

typedef struct {
  double v[3];
} triple;

static triple spread(double x)
{
  triple made = {{x, x + 1, x + 2}};
  RDC_ATOMIC_ADD(&calls, 1);
  return made;
}

static rdc_code_pointer code_of(void (*function)(void))
{
  rdc_code_pointer code;
  memcpy(&code, &function, sizeof code);
  return code;
}

#define CODE(f) code_of((void (*)(void))f)

static const volatile int go;

/* Runs rows of a signature; returns the results, which the caller frees. */
static void *run(const char *text, rdc_code_pointer code, const rdc_column *columns,
                 const unsigned char *skip, rdc_rows_check check, unsigned threads, rdc_rows *rows)
{
  scene s;
  rdc_plan *plan;
  scene_init(&s);
  CHECK(scene_records(&s, "T{ddd}a b c;") != NULL);
  rdc_status_clear(&s.status);
  if (!CHECK_INT_FOR(text,
                     rdc_plan_new(text, strlen(text), RDC_MODE_DEFAULT, &s.scope, &plan, &s.status),
                     RDC_OK))
    return NULL;
  char *ret = calloc(ROWS, plan->abi.ret->size);
  calls = 0;
  *rows = (rdc_rows){.plan = plan,
                     .code = code,
                     .columns = columns,
                     .skip = skip,
                     .n = ROWS,
                     .ret = ret,
                     .check = check,
                     .threads = threads,
                     .stop = &go};
  rdc_rows_run(rows);
  rdc_plan_drop(plan);
  scene_free(&s);
  return ret;
}

static void check_values(unsigned threads)
{
  static int ints[ROWS];
  static double reals[ROWS];
  static int8_t bytes[ROWS];
  static unsigned char skip[ROWS];
  const float constant = 0.5f;
  rdc_rows rows;
  int wrong = 0, want = 0;
  for (int i = 0; i < ROWS; i++) {
    ints[i] = i - 50;
    reals[i] = i / 4.0;
    bytes[i] = (int8_t)i;
    skip[i] = i % 7 == 0 || (i > 900 && i < 1900);
    want += !skip[i];
  }
  rdc_column columns[] = {{(const char *)ints, sizeof(int)},
                          {(const char *)reals, sizeof(double)},
                          {(const char *)&constant, 0}};
  double *got = run("idf)d", CODE(weigh), columns, skip, RDC_ROWS_NONE, threads, &rows);
  for (int i = 0; i < ROWS; i++)
    wrong += got[i] != (skip[i] ? 0 : (i - 50) * 2.0 + i / 4.0 + 0.5);
  CHECK_INT(wrong, 0);
  CHECK_INT(calls, want);
  CHECK(rows.failed == RDC_NOWHERE);
  free(got);

  rdc_column column = {(const char *)bytes, 1};
  int16_t *thin = run("c)s", CODE(narrow), &column, NULL, RDC_ROWS_NONE, threads, &rows);
  for (int i = 0; i < ROWS; i++)
    wrong += thin[i] != bytes[i] * 3;
  CHECK_INT(wrong, 0);
  CHECK_INT(calls, ROWS);
  free(thin);

  rdc_column real = {(const char *)reals, sizeof(double)};
  triple *wide = run("d)<T>", CODE(spread), &real, NULL, RDC_ROWS_NONE, threads, &rows);
  for (int i = 0; i < ROWS; i++)
    wrong += wide[i].v[0] != reals[i] || wide[i].v[2] != reals[i] + 2;
  CHECK_INT(wrong, 0);
  free(wide);
}

static void check_failing(unsigned threads)
{
  static int ints[ROWS];
  static unsigned char skip[ROWS];
  static const rdc_rows_check checks[] = {RDC_ROWS_ERRNO, RDC_ROWS_NEGATIVE};
  rdc_column column = {(const char *)ints, sizeof(int)};
  rdc_rows rows;
  for (int i = 0; i < ROWS; i++)
    ints[i] = i;
  for (size_t k = 0; k < COUNT(checks); k++) {
    free(run("i)i", CODE(fails), &column, NULL, checks[k], threads, &rows));
    CHECK_INT(rows.failed, 1700);
    CHECK_INT(rows.error, EDOM);
    CHECK(threads > 1 || calls == 1701);
    skip[1700] = 1;
    free(run("i)i", CODE(fails), &column, skip, checks[k], threads, &rows));
    CHECK(rows.failed == RDC_NOWHERE);
    CHECK_INT(calls, ROWS - 1);
    skip[1700] = 0;
  }
  free(run("i)i", CODE(fails), &column, NULL, RDC_ROWS_ZERO, threads, &rows));
  CHECK_INT(rows.failed, 0);
  ints[0] = 5;
  free(run("i)i", CODE(fails), &column, NULL, RDC_ROWS_NONZERO, threads, &rows));
  CHECK(threads > 1 || rows.failed == 0);
  CHECK(rows.failed < ROWS);
}

static void check_names(void)
{
  for (int i = 0; i < RDC_ROWS_CHECK_COUNT; i++)
    CHECK_INT(rdc_rows_check_named(rdc_rows_check_name((rdc_rows_check)i)), i);
  CHECK_INT(rdc_rows_check_named("odd"), RDC_ROWS_CHECK_COUNT);
  CHECK(rdc_rows_can_check(rdc_type_letter('p'), RDC_ROWS_ZERO));
  CHECK(!rdc_rows_can_check(rdc_type_letter('p'), RDC_ROWS_NEGATIVE));
  CHECK(!rdc_rows_can_check(rdc_type_letter('v'), RDC_ROWS_ZERO));
  CHECK(rdc_rows_can_check(rdc_type_letter('v'), RDC_ROWS_ERRNO));
}

void check_rows(void)
{
  rdc_abi_path before = rdc_abi_limit(RDC_ABI_DIRECT);
  check_names();
  for (int path = 0; path < RDC_ABI_PATH_COUNT; path++) {
    rdc_abi_limit((rdc_abi_path)path);
    for (unsigned threads = 1; threads < 5; threads++) {
      check_values(threads);
      check_failing(threads);
    }
  }
  rdc_abi_limit(before);
}
