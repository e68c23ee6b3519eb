/* Libraries by name, their symbols and paths; the status table. */
#include "os.h"
#include "check.h"
#include "scene.h"
#include "status.h"

#include <stdio.h>
#include <string.h>

static int seen_functions, seen_cos;

static void see(void *user, const char *name, int is_function)
{
  (void)user;
  seen_functions += is_function;
  seen_cos += is_function && !strcmp(name, "cos");
}

static void check_library(void)
{
  char why[256] = "", path[1024] = "";
  CHECK(rdc_os_open("no_such_library.so.77", why, sizeof why) == NULL);
  CHECK(strstr(why, "no_such_library") != NULL);
  CHECK(rdc_os_open("no_such_library.so.77", why, 8) == NULL);
  CHECK_INT(strlen(why), 7);
  void *self = rdc_os_open("", why, sizeof why);
  if (CHECK(self != NULL)) {
    CHECK(rdc_os_find(self, "malloc") != NULL);
    rdc_os_close(self);
  }
#ifdef __linux__
  void *libm = rdc_os_open("libm.so.6", why, sizeof why);
  if (!CHECK(libm != NULL))
    return;
  double (*cosine)(double);
  rdc_code_pointer code = rdc_os_code(rdc_os_find(libm, "cos"));
  memcpy(&cosine, &code, sizeof cosine);
  CHECK(cosine(0) == 1);
  CHECK(rdc_os_find(libm, "no_such_symbol_77") == NULL);
  CHECK_INT(rdc_os_path(libm, path, sizeof path), 0);
  CHECK(strstr(path, "libm") != NULL);
  CHECK_INT(rdc_os_symbols(libm, see, NULL), 0);
  CHECK(seen_functions > 100);
  CHECK_INT(seen_cos, 1);
  rdc_os_close(libm);
#endif
  rdc_os_main_thread_set();
  CHECK(rdc_os_main_thread());
}

static void check_statuses(void)
{
  rdc_status status;
  rdc_status_clear(&status);
  CHECK_INT(status.code, RDC_OK);
  CHECK(status.offset == RDC_NOWHERE);
  CHECK_INT(rdc_fail_at(&status, 7, RDC_SIG_TOKEN, "a type", "'q'"), RDC_SIG_TOKEN);
  CHECK_STR(status.what, "expected a type, got 'q'");
  CHECK_INT(status.offset, 7);
  CHECK_INT(rdc_fail(&status, RDC_SIG_FIELDS, 2ul, 3ul), RDC_SIG_FIELDS);
  CHECK(status.offset == RDC_NOWHERE);
  CHECK_STR(status.what, "expected as many names as types (2), got 3");
  rdc_status_place(&status, "argument %d of %s", 2, "f");
  CHECK_STR(status.place, "argument 2 of f");
  char longer[2000];
  memset(longer, 'x', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  rdc_fail(&status, RDC_SIG_TOKEN, longer, longer);
  CHECK_INT(strlen(status.what), sizeof status.what - 1);
  rdc_status_place(&status, "%s", longer);
  CHECK_INT(strlen(status.place), sizeof status.place - 1);
  CHECK_STR(rdc_status_suffix(RDC_SIG_TOKEN), "signature");
  CHECK_STR(rdc_status_symbol(RDC_PORT_SYNTAX), "PORT_SYNTAX");
  for (int code = 1; code < RDC_CODES; code++)
    CHECK(*rdc_status_suffix(code) && *rdc_status_symbol(code));
}

void check_os(void)
{
  check_library();
  check_statuses();
}
