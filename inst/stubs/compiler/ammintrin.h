#ifndef RDYNCALL_AMMINTRIN_H
#define RDYNCALL_AMMINTRIN_H
#include <emmintrin.h>
#endif
