/* Platforms whose registers libffi counts as compilers do. Included by other parts of abi.c. */
#ifndef RDC_ABI_PLAIN_H
#define RDC_ABI_PLAIN_H

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
