/* Runs the groups of checks named on the command line, or all of them. */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  const char *name;
  void (*run)(void);
} check_group;

#define CHECK_ROW(name) {#name, check_##name},
static const check_group check_groups[] = {CHECKS(CHECK_ROW)};
#undef CHECK_ROW

static int check_count, check_failures;

/* Read by the sanitizers: an allocation that is too large returns NULL, as malloc does. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

int check_that(int ok, const char *text, const char *file, int line)
{
  check_count++;
  if (!ok) {
    check_failures++;
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
  }
  return ok;
}

int check_str(const char *got, const char *want, const char *text, const char *file, int line)
{
  int ok = got != NULL && want != NULL ? strcmp(got, want) == 0 : got == want;
  if (!check_that(ok, text, file, line))
    fprintf(stderr, "  got  \"%s\"\n  want \"%s\"\n", got != NULL ? got : "(null)",
            want != NULL ? want : "(null)");
  return ok;
}

int check_int(long long got, long long want, const char *text, const char *file, int line)
{
  int ok = got == want;
  if (!check_that(ok, text, file, line))
    fprintf(stderr, "  got %lld, want %lld\n", got, want);
  return ok;
}

static int check_wanted(const char *name, int argc, char **argv)
{
  if (argc < 2)
    return 1;
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], name) == 0)
      return 1;
  return 0;
}

int main(int argc, char **argv)
{
  int ran = 0;
  alarm(600); /* a check that does not end is a failure */
  for (size_t i = 0; i < sizeof check_groups / sizeof *check_groups; i++) {
    if (!check_wanted(check_groups[i].name, argc, argv))
      continue;
    int count = check_count, failures = check_failures;
    check_groups[i].run();
    printf("%-10s %d checks, %d failed\n", check_groups[i].name, check_count - count,
           check_failures - failures);
    ran++;
  }
  if (ran == 0)
    fprintf(stderr, "no such group of checks\n");
  return ran == 0 || check_failures != 0;
}
