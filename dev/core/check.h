/* A small harness for checks of the layers that build without R. */
#ifndef RDC_DEV_CHECK_H
#define RDC_DEV_CHECK_H

/* The groups of checks: check_<name>.c defines void check_<name>(void). */
#define CHECKS(X)                                                                                  \
  X(smoke)                                                                                         \
  X(arena)                                                                                         \
  X(block)                                                                                         \
  X(strmap)                                                                                        \
  X(encoding)                                                                                      \
  X(os)                                                                                            \
  X(type)                                                                                          \
  X(sig)                                                                                           \
  X(layout)                                                                                        \
  X(bits)                                                                                          \
  X(port)                                                                                          \
  X(plan)                                                                                          \
  X(abi)                                                                                           \
  X(rows)                                                                                          \
  X(shapes)                                                                                        \
  X(threads)                                                                                       \
  X(fuzz)

#define CHECK_DECLARE(name) void check_##name(void);
CHECKS(CHECK_DECLARE)
#undef CHECK_DECLARE

/* Count a check and report it when cond is false; the value is cond. */
#define CHECK(cond) check_that((cond) ? 1 : 0, #cond, __FILE__, __LINE__)
#define CHECK_STR(got, want) check_str((got), (want), #got, __FILE__, __LINE__)
#define CHECK_INT(got, want) check_int((got), (want), #got, __FILE__, __LINE__)

/* The same, about: the row of a table or the text that is being checked. */
#define CHECK_FOR(about, cond) check_that((cond) ? 1 : 0, (about), __FILE__, __LINE__)
#define CHECK_STR_FOR(about, got, want) check_str((got), (want), (about), __FILE__, __LINE__)
#define CHECK_INT_FOR(about, got, want) check_int((got), (want), (about), __FILE__, __LINE__)

int check_that(int ok, const char *text, const char *file, int line);
int check_str(const char *got, const char *want, const char *text, const char *file, int line);
int check_int(long long got, long long want, const char *text, const char *file, int line);

#endif
