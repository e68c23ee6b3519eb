#ifndef RDYNCALL_NMMINTRIN_H
#define RDYNCALL_NMMINTRIN_H
#include <emmintrin.h>
#endif
