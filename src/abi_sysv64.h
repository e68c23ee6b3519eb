/* How x86-64 System V passes aggregates, and how many registers arguments take.
   Included by abi.c alone. */
#ifndef RDC_ABI_SYSV64_H
#define RDC_ABI_SYSV64_H

/* System V AMD64 psABI 3.2.3: the class of each eightbyte. */
typedef enum { NO_CLASS, INTEGER, SSE, X87, X87UP, MEMORY } eightbyte;

static eightbyte merge(eightbyte a, eightbyte b)
{
  if (a == b || b == NO_CLASS)
    return a;
  if (a == NO_CLASS)
    return b;
  if (a == MEMORY || b == MEMORY)
    return MEMORY;
  if (a == INTEGER || b == INTEGER)
    return INTEGER;
  if (a >= X87 || b >= X87)
    return MEMORY;
  return SSE;
}

/* gcc counts unnamed bit-fields as integers, clang as padding. */
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__)
enum { ABI_UNNAMED_COUNTS = 0 };
#else
enum { ABI_UNNAMED_COUNTS = 1 };
#endif

static void classify_bits(const rdc_field *field, size_t offset, eightbyte *classes)
{
  size_t first = offset * 8 + field->shift, last = first + field->bits - 1;
  if (!field->bits || (!ABI_UNNAMED_COUNTS && !strcmp(field->name, "_")))
    return;
  for (size_t i = first / 64; i <= last / 64; i++)
    classes[i] = merge(classes[i], INTEGER);
}

/* In unions gcc takes a bit-field, also one of no width, for the smallest integer that has room for it. */
static int classify_union_bits(const rdc_field *field, size_t offset, eightbyte *classes)
{
  size_t size = 1;
  while (size * 8 < field->bits)
    size *= 2;
  classes[offset / 8] = merge(classes[offset / 8], INTEGER);
  return offset % size == 0;
}

static int classify_scalar(const rdc_type *scalar, size_t offset, eightbyte *classes)
{
  if (offset % scalar->align)
    return 0;
  if (scalar->kind == RDC_LDOUBLE) {
    classes[offset / 8] = merge(classes[offset / 8], X87);
    classes[offset / 8 + 1] = merge(classes[offset / 8 + 1], X87UP);
    return 1;
  }
  eightbyte class =
      rdc_kind_is_real(scalar->kind) || scalar->kind == RDC_FCOMPLEX || scalar->kind == RDC_DCOMPLEX
          ? SSE
          : INTEGER;
  for (size_t i = offset / 8; i <= (offset + scalar->size - 1) / 8; i++)
    classes[i] = merge(classes[i], class);
  return 1;
}

/* Merges the classes of a part of an aggregate into those of the whole; 0 if it goes through memory. What
   sends an inner aggregate there sends the whole, too. */
static int classify_part(const rdc_type *type, size_t offset, eightbyte *classes)
{
  eightbyte own[3] = {NO_CLASS, NO_CLASS, NO_CLASS};
  type = rdc_type_strip(type);
  if (type->kind == RDC_ARRAY) {
    size_t size = rdc_type_strip(type->base)->size;
    for (size_t i = 0; size && i < type->count; i++)
      if (!classify_part(type->base, offset + i * size, classes))
        return 0;
    return 1;
  }
  if (type->kind != RDC_STRUCT && type->kind != RDC_UNION)
    return classify_scalar(type, offset, classes);
  for (size_t i = 0; i < type->count; i++) {
    const rdc_field *field = &type->fields[i];
    if (ABI_UNNAMED_COUNTS && type->kind == RDC_UNION && field->is_bits) {
      if (!classify_union_bits(field, offset, own))
        return 0;
    } else if (field->is_bits)
      classify_bits(field, offset + field->offset, own);
    else if (!classify_part(field->type, offset + field->offset, own))
      return 0;
  }
  if (own[0] == MEMORY || own[1] == MEMORY || own[0] == X87UP || (own[1] == X87UP && own[0] != X87))
    return 0;
  classes[0] = merge(classes[0], own[0]);
  classes[1] = merge(classes[1], own[1]);
  return 1;
}

/* Elements that libffi's own classification takes for class MEMORY: x87 merged with SSE. */
static ffi_type abi_memory_x87 = {0, 1, FFI_TYPE_LONGDOUBLE, NULL};
static ffi_type abi_memory_sse = {0, 1, FFI_TYPE_DOUBLE, NULL};

/* Fills 2 classes of an aggregate of at most 16 bytes; 0 if it goes through memory. */
static int classify(const rdc_type *type, eightbyte *classes)
{
  classes[0] = classes[1] = NO_CLASS;
  return classify_part(type, 0, classes);
}

static int value_leaf(void *user, const rdc_type *scalar, size_t offset, const rdc_field *bits)
{
  (void)user;
  (void)scalar;
  (void)offset;
  return !bits || strcmp(bits->name, "_");
}

static ffi_type *abi_aggregate(rdc_arena *arena, const rdc_type *type, int is_result)
{
  eightbyte classes[2];
  leaf_visitor valued = {value_leaf, NULL, 0};
  ffi_type *made = abi_struct(arena, type, 16);
  size_t n = 0;
  if (!made || (!is_result && type->align > 16)) /* libffi aligns the stack no further */
    return NULL;
  if (!abi_leaves(type, 0, &valued)) /* compilers pass this or nothing, in a register or not */
    return NULL;
  if (type->size > 16) {
    made->elements[0] = &ffi_type_uint8;
    return made;
  }
  int in_memory = !classify(type, classes);
  if (!in_memory && classes[0] == X87) {
    /* libffi returns a struct of one long double from the wrong registers and leaves the x87 stack
       full; the scalar comes back from the same place in the right way */
    if (is_result)
      return &ffi_type_longdouble;
    in_memory = 1;
  }
  if (in_memory) {
    made->elements[0] = &abi_memory_x87;
    made->elements[1] = &abi_memory_sse;
    return made;
  }
  for (size_t i = 0; i * 8 < type->size; i++) {
    size_t bytes = type->size - i * 8 < 8 ? type->size - i * 8 : 8;
    if (classes[i] == SSE)
      made->elements[n++] = bytes > 4 ? &ffi_type_double : &ffi_type_float;
    else if (classes[i] == INTEGER)
      for (size_t k = 0; k < bytes; k++)
        made->elements[n++] = &ffi_type_uint8;
  }
  return made;
}

enum { ABI_MOST_FILLERS = 1 };

static int is_record(const rdc_type *type)
{
  return type->kind == RDC_STRUCT || type->kind == RDC_UNION;
}

static void registers_init(registers *at, rdc_mode mode, const rdc_type *ret)
{
  eightbyte classes[2];
  (void)mode;
  at->left = is_record(ret) && (ret->size > 16 || !classify(ret, classes)) ? 5 : 6;
  at->vectors = 8;
  at->none = 0;
  at->wide = 0;
}

/* An aggregate one of whose two eightbytes is padding is passed in registers as the scalar that is the
   other one, which begins at offset; libffi would count two registers. NULL for all others. */
static ffi_type *abi_half(const rdc_type *type, size_t *offset)
{
  eightbyte classes[2];
  *offset = 0;
  if (!is_record(type) || type->size <= 8 || type->size > 16 || !classify(type, classes) ||
      (classes[0] == NO_CLASS) == (classes[1] == NO_CLASS))
    return NULL;
  *offset = classes[0] == NO_CLASS ? 8 : 0;
  return classes[*offset / 8] == SSE ? &ffi_type_double : &ffi_type_uint64;
}

static size_t registers_take(registers *at, rdc_arena *arena, const rdc_type *type, ffi_type **made)
{
  eightbyte classes[2] = {NO_CLASS, NO_CLASS};
  size_t left = 0, vectors = 0, offset;
  (void)arena;
  if (is_record(type)) {
    if (type->size > 16 || !classify(type, classes) || classes[0] == X87)
      return 0;
  } else if (type->kind == RDC_LDOUBLE || type->kind == RDC_LCOMPLEX) {
    return 0;
  } else {
    int real = rdc_kind_is_real(type->kind) || type->kind == RDC_FCOMPLEX;
    classes[0] = real || type->kind == RDC_DCOMPLEX ? SSE : INTEGER;
    classes[1] = type->kind == RDC_DCOMPLEX ? SSE : NO_CLASS;
  }
  for (int i = 0; i < 2; i++) {
    left += classes[i] == INTEGER;
    vectors += classes[i] == SSE;
  }
  if (left > at->left || vectors > at->vectors)
    return 0; /* on the stack, as a whole */
  at->left -= left;
  at->vectors -= vectors;
  /* libffi copies all bytes of an aggregate to its general register, over the first vector register if
     that is the last one */
  if (is_record(type) && classes[0] == INTEGER && classes[1] == SSE && !at->left && at->vectors < 7)
    return ABI_BOTH - 1;
  ffi_type *half = abi_half(type, &offset);
  if (half)
    *made = half;
  return half && offset ? ABI_SECOND - 1 : 0;
}

#endif
