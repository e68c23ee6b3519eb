#ifndef RDYNCALL_LIBC_PTHREAD_H
#define RDYNCALL_LIBC_PTHREAD_H
#include <sys/types.h>
#include <time.h>
#endif
