#ifndef RDYNCALL_LIBC_INTTYPES_H
#define RDYNCALL_LIBC_INTTYPES_H
#include <stdint.h>
#endif
