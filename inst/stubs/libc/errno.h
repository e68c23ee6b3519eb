#ifndef RDYNCALL_LIBC_ERRNO_H
#define RDYNCALL_LIBC_ERRNO_H
extern int errno;
#endif
