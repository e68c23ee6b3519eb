#ifndef RDYNCALL_SMMINTRIN_H
#define RDYNCALL_SMMINTRIN_H
#include <emmintrin.h>
#endif
