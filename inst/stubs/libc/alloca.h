#ifndef RDYNCALL_LIBC_ALLOCA_H
#define RDYNCALL_LIBC_ALLOCA_H
#define alloca(size) __builtin_alloca(size)
#endif
