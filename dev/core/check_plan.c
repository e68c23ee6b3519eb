/* Plans: frames, promotion, modes, what is refused. */
#include "plan.h"
#include "check.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static rdc_code plan(scene *s, const char *text, rdc_mode mode, rdc_plan **out)
{
  exact copy = exact_copy(text, strlen(text));
  rdc_status_clear(&s->status);
  rdc_code code = rdc_plan_new(copy.text, copy.length, mode, &s->scope, out, &s->status);
  exact_free(&copy); /* a plan does not refer to its text */
  CHECK_FOR(text, (code == RDC_OK) == (*out != NULL));
  CHECK_FOR(text, s->status.code == code);
  return code;
}

static void check_frame(const char *text)
{
  scene s;
  rdc_plan *p;
  scene_init(&s);
  CHECK(scene_records(&s, "E{}; C{c}a; C3{c[3]}a; D1{cD}a b; L{c[1000]}a;") != NULL);
  if (CHECK_INT_FOR(text, plan(&s, text, RDC_MODE_DEFAULT, &p), RDC_OK)) {
    size_t end = p->nargs * sizeof(void *);
    CHECK_INT_FOR(text, p->nargs, p->type->count);
    for (size_t i = 0; i < p->nargs; i++) {
      CHECK_FOR(text, p->bare[i] == rdc_type_strip(p->args[i]));
      CHECK_FOR(text, p->slots[i] >= end);
      CHECK_FOR(text, p->slots[i] % p->bare[i]->align == 0);
      end = p->slots[i] + p->bare[i]->size;
    }
    CHECK_FOR(text, p->ret_slot >= end && p->ret_slot % RDC_ALIGNMENT == 0);
    CHECK_FOR(text, p->abi.ret_size >= rdc_type_strip(p->ret)->size);
    CHECK_FOR(text, p->abi.ret_size >= sizeof(ffi_arg));
    CHECK_FOR(text, p->frame_size == p->ret_slot + p->abi.ret_size);
    CHECK_FOR(text, !p->abi.places || p->ret_slot >= sizeof(rdc_image));
    CHECK_FOR(text, p->abi.nargs == p->nargs);
  }
  rdc_plan_drop(p);
  scene_free(&s);
}

static void check_frames(void)
{
  check_frame(")v");
  check_frame("d)d");
  check_frame("ccccc)c");
  check_frame("cDcD)D");
  check_frame("<C><C3><D1><L><E>c<E>)<L>");
  check_frame("<E>)<E>");
  check_frame("Z.<D1>c<E>f)<D1>");
  check_frame("k<L>k*c<double complex>)<long double complex>");
}

static void check_promotion(void)
{
  scene s;
  rdc_plan *p;
  char text[2] = "";
  static const char *const rows[][2] = {
      {"Bcfs.BcCsSiIjJlLfdDpZx", "BcfsiiiiiiIjJlLddDpZx"},
      {".fB", "di"},
      {"fc.", "fc"},
      {"fc", "fc"},
      {".<char16_t>kf", "id"},
  };
  scene_init(&s);
  for (size_t i = 0; i < COUNT(rows); i++) {
    char signature[64];
    snprintf(signature, sizeof signature, "%s)v", rows[i][0]);
    if (CHECK_INT_FOR(signature, plan(&s, signature, RDC_MODE_DEFAULT, &p), RDC_OK)) {
      CHECK_INT_FOR(signature, p->nargs, (long long)strlen(rows[i][1]));
      for (size_t k = 0; k < p->nargs && rows[i][1][k]; k++) {
        text[0] = rdc_type_kind_letter(p->bare[k]->kind);
        char want[2] = {rows[i][1][k], 0};
        CHECK_STR_FOR(signature, text, want);
      }
    }
    rdc_plan_drop(p);
  }
  scene_free(&s);
}

static void check_modes(void)
{
  scene s;
  rdc_plan *p;
  static const struct {
    const char *text;
    rdc_mode asked, want;
  } rows[] = {
      {"i)i", RDC_MODE_DEFAULT, RDC_MODE_DEFAULT},
      {"_:i)i", RDC_MODE_DEFAULT, RDC_MODE_DEFAULT},
      {"_ei)i", RDC_MODE_DEFAULT, RDC_MODE_DEFAULT},
      {"_ci)i", RDC_MODE_DEFAULT, RDC_MODE_CDECL},
      {"_si)i", RDC_MODE_DEFAULT, RDC_MODE_STDCALL},
      {"_fi)i", RDC_MODE_DEFAULT, RDC_MODE_FASTCALL},
      {"_Fi)i", RDC_MODE_DEFAULT, RDC_MODE_FASTCALL_MSVC},
      {"_#i)i", RDC_MODE_DEFAULT, RDC_MODE_THISCALL},
      {"_+i)i", RDC_MODE_DEFAULT, RDC_MODE_THISCALL_MSVC},
      {"i)i", RDC_MODE_STDCALL, RDC_MODE_STDCALL},
      {"_ci)i", RDC_MODE_FASTCALL, RDC_MODE_FASTCALL},
  };
  scene_init(&s);
  for (size_t i = 0; i < COUNT(rows); i++) {
    CHECK_INT_FOR(rows[i].text, plan(&s, rows[i].text, rows[i].asked, &p), RDC_OK);
    if (p)
      CHECK_STR_FOR(rows[i].text, rdc_abi_mode_name(p->mode), rdc_abi_mode_name(rows[i].want));
    rdc_plan_drop(p);
  }
  scene_free(&s);
  for (int mode = 0; mode < RDC_MODE_COUNT; mode++)
    CHECK_INT(rdc_abi_mode(rdc_abi_mode_name((rdc_mode)mode)), mode);
  CHECK_INT(rdc_abi_mode("nonsense"), RDC_MODE_COUNT);
  CHECK_INT(rdc_abi_mode(""), RDC_MODE_COUNT);
  CHECK_INT(rdc_abi_mode_letter(0), RDC_MODE_DEFAULT);
}

static void check_refused(void)
{
  static const struct {
    const char *text;
    rdc_code code;
  } rows[] = {
      {"", RDC_SIG_TOKEN},
      {"iq)v", RDC_SIG_TOKEN},
      {"<Nope>)v", RDC_TYPE_UNKNOWN},
      {")<Nope>", RDC_TYPE_UNKNOWN},
      {"i.<Nope>)v", RDC_TYPE_UNKNOWN},
      {"*<Nope>**<Nope>*(<Nope>)<Nope>)*<Nope>", RDC_OK},
      {"<Nope>[3])v", RDC_OK}, /* an array is passed as a pointer */
      {"<Open>)v", RDC_TYPE_INCOMPLETE},
      {")<Open>", RDC_TYPE_INCOMPLETE},
      {"*<Open>)*<Open>", RDC_OK},
  };
  scene s;
  rdc_plan *p;
  scene_init(&s);
  CHECK(scene_records(&s, "Open;") != NULL);
  for (size_t i = 0; i < COUNT(rows); i++) {
    rdc_code code = plan(&s, rows[i].text, RDC_MODE_DEFAULT, &p);
    /* either says that the size is not known */
    if (rows[i].code == RDC_TYPE_INCOMPLETE && code == RDC_TYPE_UNKNOWN)
      code = RDC_TYPE_INCOMPLETE;
    CHECK_STR_FOR(rows[i].text, rdc_status_symbol(code), rdc_status_symbol(rows[i].code));
    rdc_plan_drop(p);
  }
  scene_free(&s);
}

/* libffi counts the bytes of arguments in an unsigned int. */
static void check_too_large(void)
{
  scene s;
  rdc_plan *p;
  char text[4096];
  if (sizeof(size_t) < 8)
    return;
  scene_init(&s);
  CHECK(scene_records(&s, "H{c[576460752303423487]}a; G{c[4294967312]}a; M{c[1073741824]}a;") !=
        NULL);
  CHECK(plan(&s, "<G>)v", RDC_MODE_DEFAULT, &p) != RDC_OK);
  rdc_plan_drop(p);
  CHECK(plan(&s, "<M><M><M><M><M>)v", RDC_MODE_DEFAULT, &p) != RDC_OK);
  rdc_plan_drop(p);
  *text = '\0';
  for (int i = 0; i < 12; i++) /* more than SIZE_MAX bytes together */
    strcat(text, "<H>");
  CHECK(plan(&s, strcat(text, ")v"), RDC_MODE_DEFAULT, &p) != RDC_OK);
  rdc_plan_drop(p);
  scene_free(&s);
}

/* Elements without bytes cost no time, however many there are. */
static void check_no_endless_walk(void)
{
  int outcome = 1;
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    scene s;
    rdc_plan *p;
    alarm(10);
    scene_init(&s);
    scene_records(&s, "E{}; T{<E>[100000000][100000000]i}a b;");
    rdc_plan_new("<T>)v", 5, RDC_MODE_DEFAULT, &s.scope, &p, &s.status);
    _exit(0);
  }
  CHECK(child > 0 && waitpid(child, &outcome, 0) == child && outcome == 0);
}

static void check_many_arguments(void)
{
  enum { MANY = 20000 };
  scene s;
  rdc_plan *p;
  char *text = malloc(MANY + 3);
  scene_init(&s);
  for (int i = 0; i < MANY; i++)
    text[i] = "cifdp"[i % 5];
  strcpy(text + MANY, ")v");
  CHECK_INT(plan(&s, text, RDC_MODE_DEFAULT, &p), RDC_OK);
  CHECK_INT(p->nargs, MANY);
  CHECK(rdc_plan_hold(p) == p);
  rdc_plan_drop(p);
  CHECK_INT(p->nargs, MANY); /* still held once */
  rdc_plan_drop(p);
  rdc_plan_drop(NULL);
  free(text);
  scene_free(&s);
}

void check_plan(void)
{
  check_frames();
  check_promotion();
  check_modes();
  check_refused();
  check_too_large();
  check_no_endless_walk();
  check_many_arguments();
}
