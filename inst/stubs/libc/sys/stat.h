#ifndef RDYNCALL_LIBC_SYS_STAT_H
#define RDYNCALL_LIBC_SYS_STAT_H
#include <sys/types.h>
#include <time.h>
struct stat;
#endif
