#ifndef RDYNCALL_X86INTRIN_H
#define RDYNCALL_X86INTRIN_H
#include <immintrin.h>
#endif
