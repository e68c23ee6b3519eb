#ifndef RDYNCALL_LIBC_STRINGS_H
#define RDYNCALL_LIBC_STRINGS_H
#include <string.h>
#endif
