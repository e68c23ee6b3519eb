#ifndef RDYNCALL_LIBC_SETJMP_H
#define RDYNCALL_LIBC_SETJMP_H
typedef long jmp_buf[64];
#endif
