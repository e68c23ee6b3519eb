/* Platforms without rules of their own: what libffi can describe is passed, the rest is refused.
   Included by abi.c alone. */
#ifndef RDC_ABI_OTHER_H
#define RDC_ABI_OTHER_H

#include "abi_plain.h"

static int plain_leaf(void *user, const rdc_type *scalar, size_t offset, const rdc_field *bits)
{
  (void)user;
  return bits || offset % scalar->align;
}

static ffi_type *abi_member(rdc_arena *arena, const rdc_type *type)
{
  type = rdc_type_strip(type);
  if (type->kind != RDC_STRUCT && type->kind != RDC_ARRAY)
    return abi_scalar(type);
  ffi_type *made = abi_struct(arena, type, type->count);
  for (size_t i = 0; made && i < type->count; i++) {
    made->elements[i] =
        abi_member(arena, type->kind == RDC_STRUCT ? type->fields[i].type : type->base);
    if (!made->elements[i])
      return NULL;
  }
  return made;
}

static int has_union(const rdc_type *type)
{
  type = rdc_type_strip(type);
  if (type->kind == RDC_ARRAY)
    return has_union(type->base);
  for (size_t i = 0; type->kind == RDC_STRUCT && i < type->count; i++)
    if (has_union(type->fields[i].type))
      return 1;
  return type->kind == RDC_UNION;
}

/* libffi's own rules, for what it can describe. */
static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  leaf_visitor visitor = {plain_leaf, NULL, 0};
  (void)is_result;
  if (has_union(type) || abi_leaves(type, 0, &visitor))
    return NULL;
  return abi_member(arena, type);
}

#endif
