#ifndef RDYNCALL_LIBC_MALLOC_H
#define RDYNCALL_LIBC_MALLOC_H
#include <stdlib.h>
#endif
