#ifndef RDYNCALL_PMMINTRIN_H
#define RDYNCALL_PMMINTRIN_H
#include <emmintrin.h>
#endif
