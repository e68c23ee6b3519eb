#ifndef RDYNCALL_LIBC_TIME_H
#define RDYNCALL_LIBC_TIME_H
#include <sys/types.h>
#if defined(_WIN32)
typedef long clock_t;
#elif defined(__APPLE__)
typedef unsigned long clock_t;
#else
typedef long clock_t;
#endif
struct tm {
  int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
#ifndef _WIN32
  long tm_gmtoff;
  char *tm_zone;
#endif
};
struct timespec {
  time_t tv_sec;
  long tv_nsec;
};
time_t time(time_t *result);
#endif
