#ifndef RDYNCALL_LIBC_FCNTL_H
#define RDYNCALL_LIBC_FCNTL_H
#include <sys/types.h>
#endif
