#ifndef RDYNCALL_LIBC_MEMORY_H
#define RDYNCALL_LIBC_MEMORY_H
#include <string.h>
#endif
