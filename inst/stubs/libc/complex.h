#ifndef RDYNCALL_LIBC_COMPLEX_H
#define RDYNCALL_LIBC_COMPLEX_H
#define complex _Complex
#define I (__extension__ 1.0iF)
#endif
