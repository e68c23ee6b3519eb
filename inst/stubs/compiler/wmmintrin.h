#ifndef RDYNCALL_WMMINTRIN_H
#define RDYNCALL_WMMINTRIN_H
#include <emmintrin.h>
#endif
