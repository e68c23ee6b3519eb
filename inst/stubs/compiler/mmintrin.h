#ifndef RDYNCALL_MMINTRIN_H
#define RDYNCALL_MMINTRIN_H
typedef long long __m64 __attribute__((vector_size(8)));
#endif
