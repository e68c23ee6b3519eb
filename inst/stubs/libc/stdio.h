#ifndef RDYNCALL_LIBC_STDIO_H
#define RDYNCALL_LIBC_STDIO_H
#include <stdarg.h>
#include <sys/types.h>
typedef struct FILE FILE;
typedef long long fpos_t;
#define EOF (-1)
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
int printf(const char *format, ...);
int fprintf(FILE *stream, const char *format, ...);
int snprintf(char *s, size_t n, const char *format, ...);
int vsnprintf(char *s, size_t n, const char *format, va_list list);
#endif
