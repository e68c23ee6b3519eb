#ifndef RDYNCALL_EMMINTRIN_H
#define RDYNCALL_EMMINTRIN_H
#include <xmmintrin.h>
typedef double __m128d __attribute__((vector_size(16)));
typedef long long __m128i __attribute__((vector_size(16)));
#endif
