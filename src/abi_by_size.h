/* Platforms where only the size of an aggregate says how it is passed. Included by other parts of abi.c. */
#ifndef RDC_ABI_BY_SIZE_H
#define RDC_ABI_BY_SIZE_H

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

#endif
