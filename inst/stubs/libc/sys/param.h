#ifndef RDYNCALL_LIBC_SYS_PARAM_H
#define RDYNCALL_LIBC_SYS_PARAM_H
#include <limits.h>
#include <sys/types.h>
#endif
