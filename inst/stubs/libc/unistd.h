#ifndef RDYNCALL_LIBC_UNISTD_H
#define RDYNCALL_LIBC_UNISTD_H
#include <sys/types.h>
#endif
