/* How Win64 passes aggregates: by their size.
   Included by abi.c alone. */
#ifndef RDC_ABI_WIN64_H
#define RDC_ABI_WIN64_H

/* Only size and alignment matter: the stack, a register of that size, or a pointer to a copy. */
static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  ffi_type *made = abi_struct(arena, type, 1);
  (void)is_result;
  if (!made)
    return NULL;
  made->elements[0] = &ffi_type_uint8;
  if (!made->size)
    made->size = 1; /* a result that has an address, but no bytes */
  return made;
}

enum { ABI_MOST_FILLERS = 0 };

static void registers_init(registers *at, rdc_mode mode, const rdc_type *ret)
{
  (void)mode;
  (void)ret;
  at->left = 0;
  at->none = 0;
  at->wide = 0;
}

static size_t registers_take(registers *at, rdc_arena *arena, const rdc_type *type, ffi_type **made)
{
  (void)at;
  (void)arena;
  (void)type;
  (void)made;
  return 0;
}

#endif
