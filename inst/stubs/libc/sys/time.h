#ifndef RDYNCALL_LIBC_SYS_TIME_H
#define RDYNCALL_LIBC_SYS_TIME_H
#include <time.h>
struct timeval {
#ifdef _WIN32
  long tv_sec, tv_usec;
#else
  time_t tv_sec;
  suseconds_t tv_usec;
#endif
};
#endif
