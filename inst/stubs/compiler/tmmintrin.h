#ifndef RDYNCALL_TMMINTRIN_H
#define RDYNCALL_TMMINTRIN_H
#include <emmintrin.h>
#endif
