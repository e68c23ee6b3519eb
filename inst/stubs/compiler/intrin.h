#ifndef RDYNCALL_INTRIN_H
#define RDYNCALL_INTRIN_H
#include <immintrin.h>
#endif
