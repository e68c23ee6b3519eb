#ifndef RDYNCALL_XMMINTRIN_H
#define RDYNCALL_XMMINTRIN_H
#include <mmintrin.h>
typedef float __m128 __attribute__((vector_size(16)));
#endif
