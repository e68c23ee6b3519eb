#ifndef RDYNCALL_LIBC_LOCALE_H
#define RDYNCALL_LIBC_LOCALE_H
#include <stddef.h>
#endif
