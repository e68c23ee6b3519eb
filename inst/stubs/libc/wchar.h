#ifndef RDYNCALL_LIBC_WCHAR_H
#define RDYNCALL_LIBC_WCHAR_H
#include <stdarg.h>
#include <stddef.h>
typedef __WINT_TYPE__ wint_t;
typedef struct {
  int count;
  unsigned value;
} mbstate_t;
#endif
