/* How i386 passes aggregates, and how many registers arguments take.
   Included by abi.c alone. */
#ifndef RDC_ABI_I386_H
#define RDC_ABI_I386_H

#include "abi_by_size.h"

enum { ABI_MOST_FILLERS = 2 };

static int is_floating(rdc_kind kind)
{
  return rdc_kind_is_real(kind) || kind == RDC_FCOMPLEX || kind == RDC_DCOMPLEX ||
         kind == RDC_LCOMPLEX;
}

/* Whether one real or complex number is the whole of a struct: then gcc passes it like that number. */
static int is_lone_number(const rdc_type *type)
{
  while (type->kind == RDC_STRUCT || type->kind == RDC_ARRAY) {
    const rdc_type *inner = type->kind == RDC_ARRAY ? rdc_type_strip(type->base) : NULL;
    for (size_t i = 0; type->kind == RDC_STRUCT && !inner && i < type->count; i++)
      if (!type->fields[i].is_bits && rdc_type_strip(type->fields[i].type)->size == type->size)
        inner = rdc_type_strip(type->fields[i].type);
    if (!inner || inner->size != type->size)
      return 0;
    type = inner;
  }
  return is_floating(type->kind);
}

static void registers_init(registers *at, rdc_mode mode, const rdc_type *ret)
{
  ffi_abi convention = abi_convention(mode);
  at->left = convention == FFI_FASTCALL ? 2 : convention == FFI_THISCALL ? 1 : 0;
  at->none = !at->left;
  at->wide = mode != RDC_MODE_FASTCALL_MSVC && mode != RDC_MODE_THISCALL_MSVC;
  if (at->left && (ret->kind == RDC_STRUCT || ret->kind == RDC_UNION || ret->kind == RDC_DCOMPLEX ||
                   ret->kind == RDC_LCOMPLEX))
    at->left--; /* the address of the result */
}

/* The fillers that stand before an argument, whose descriptor is replaced by one for which libffi counts
   no registers if the argument is in memory. */
static size_t registers_take(registers *at, rdc_arena *arena, const rdc_type *type, ffi_type **made)
{
  int is_aggregate = type->kind == RDC_STRUCT || type->kind == RDC_UNION;
  size_t fillers = 0;
  if (at->none)
    return 0;
  if (!is_aggregate && (type->size <= 4 || is_floating(type->kind))) {
    if (at->left && !is_floating(type->kind))
      at->left--;
    return 0;
  }
  if (at->wide && !is_lone_number(type))
    fillers = (type->size + 3) / 4;
  if (fillers > at->left)
    fillers = at->left;
  at->left -= fillers;
  if (type->size <= 4)
    *made = &ffi_type_float;
  else if ((*made = abi_struct(arena, type, 0)))
    (*made)->type = FFI_TYPE_DOUBLE; /* which libffi copies at any size */
  return fillers;
}

#endif
