#ifndef RDYNCALL_LIBC_STDLIB_H
#define RDYNCALL_LIBC_STDLIB_H
#include <stddef.h>
typedef struct {
  int quot, rem;
} div_t;
typedef struct {
  long quot, rem;
} ldiv_t;
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);
void abort(void);
void exit(int status);
char *getenv(const char *name);
int atoi(const char *s);
double atof(const char *s);
#endif
