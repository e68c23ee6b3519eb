#ifndef RDYNCALL_LIBC_SIGNAL_H
#define RDYNCALL_LIBC_SIGNAL_H
#include <sys/types.h>
typedef int sig_atomic_t;
#endif
