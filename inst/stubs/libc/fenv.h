#ifndef RDYNCALL_LIBC_FENV_H
#define RDYNCALL_LIBC_FENV_H
typedef struct fenv fenv_t;
#endif
