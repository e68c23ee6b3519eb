/* How AArch64 passes aggregates, and how many registers arguments take.
   Included by abi.c alone. */
#ifndef RDC_ABI_AAPCS64_H
#define RDC_ABI_AAPCS64_H

/* AAPCS64 5.9.5: a homogeneous floating-point aggregate has 1 to 4 members of one type. */
typedef struct hfa {
  rdc_kind kind;
  size_t end; /* bytes covered */
} hfa;

static int hfa_leaf(void *user, const rdc_type *scalar, size_t offset, const rdc_field *bits)
{
  hfa *found = user;
  rdc_kind kind = scalar->kind == RDC_FCOMPLEX   ? RDC_FLOAT
                  : scalar->kind == RDC_DCOMPLEX ? RDC_DOUBLE
                  : scalar->kind == RDC_LCOMPLEX ? RDC_LDOUBLE
                                                 : scalar->kind;
  if (bits || !rdc_kind_is_real(kind) || (found->kind != RDC_VOID && found->kind != kind))
    return 1;
  found->kind = kind;
  if (offset + scalar->size > found->end)
    found->end = offset + scalar->size;
  return 0;
}

/* The natural alignment: what the members ask for, not what the type itself does. */
static size_t natural_align(const rdc_type *type)
{
  size_t most = 8;
  for (size_t i = 0; i < type->count; i++) {
    size_t align = rdc_type_strip(type->fields[i].type)->align;
    if (type->pack && align > type->pack)
      align = type->pack;
    if (align > most)
      most = align;
  }
  return most < 16 ? most : 16;
}

static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  hfa found = {RDC_VOID, 0};
  leaf_visitor visitor = {hfa_leaf, &found, 1};
  ffi_type *made = abi_struct(arena, type, 4);
  (void)is_result;
  if (!made)
    return NULL;
  made->alignment = (unsigned short)natural_align(type);
  int mixed = abi_leaves(type, 0, &visitor);
  size_t unit = found.kind == RDC_FLOAT ? sizeof(float) : found.kind == RDC_DOUBLE ? 8 : 16;
  ffi_type *element = found.kind == RDC_FLOAT    ? &ffi_type_float
                      : found.kind == RDC_DOUBLE ? &ffi_type_double
                                                 : &ffi_type_longdouble;
  if (!mixed && found.kind != RDC_VOID && found.end <= 4 * unit && type->size == found.end)
    for (size_t i = 0; i < found.end / unit; i++)
      made->elements[i] = element;
  else
    made->elements[0] = &ffi_type_uint8;
  if (made->elements[0] == &ffi_type_uint8 && type->size > 16)
    made->alignment = 8; /* libffi aligns the address of the copy to this */
  return made;
}

enum { ABI_MOST_FILLERS = 4 };

static void registers_init(registers *at, rdc_mode mode, const rdc_type *ret)
{
  (void)mode;
  (void)ret;
  at->left = 8;
  at->none = 0;
  at->wide = 1;
}

/* AAPCS64 6.8.2, C.10: an aggregate of 16 bytes that is aligned to 16 starts at an even register. */
static size_t registers_take(registers *at, rdc_arena *arena, const rdc_type *type, ffi_type **made)
{
  size_t words = 1, fillers = 0;
  (void)arena;
  if ((*made)->type == FFI_TYPE_STRUCT && (*made)->elements[0] != &ffi_type_uint8)
    return 0; /* homogeneous */
  if ((*made)->type == FFI_TYPE_STRUCT) {
    words = type->size > 16 ? 1 : (type->size + 7) / 8;
#ifndef __APPLE__
    fillers = type->size <= 16 && (*made)->alignment >= 16 && at->left % 2;
#endif
  } else if (!rdc_kind_is_integer(type->kind) && type->kind != RDC_POINTER &&
             type->kind != RDC_STRING && type->kind != RDC_SEXP) {
    return 0;
  }
  words += fillers;
  at->left = words <= at->left ? at->left - words : 0;
  return fillers;
}

#endif
