#ifndef RDYNCALL_LIBC_TGMATH_H
#define RDYNCALL_LIBC_TGMATH_H
#include <math.h>
#endif
