#ifndef RDYNCALL_MM_MALLOC_H
#define RDYNCALL_MM_MALLOC_H
#include <stdlib.h>
#endif
