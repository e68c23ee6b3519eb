#ifndef RDYNCALL_LIBC_WCTYPE_H
#define RDYNCALL_LIBC_WCTYPE_H
#include <wchar.h>
#endif
