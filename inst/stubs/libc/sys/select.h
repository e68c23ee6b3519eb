#ifndef RDYNCALL_LIBC_SYS_SELECT_H
#define RDYNCALL_LIBC_SYS_SELECT_H
#include <sys/time.h>
typedef struct {
  long bits[1024 / (8 * sizeof(long))];
} fd_set;
#endif
