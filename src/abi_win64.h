/* How Win64 passes aggregates: by their size.
   Included by abi.c alone. */
#ifndef RDC_ABI_WIN64_H
#define RDC_ABI_WIN64_H

#include "abi_by_size.h"
#include "abi_plain.h"

#endif
