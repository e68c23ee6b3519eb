#ifndef RDYNCALL_X86GPRINTRIN_H
#define RDYNCALL_X86GPRINTRIN_H
#include <immintrin.h>
#endif
