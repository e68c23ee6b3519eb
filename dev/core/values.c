/* One walk over a descriptor that either writes or compares. */
#include "values.h"

#include "layout.h"
#include "scene.h"

#include <float.h>
#include <string.h>

typedef struct walk {
  uint64_t state; /* of the random sequence */
  int fill;       /* write, else compare */
  int equal;      /* result of a comparison */
} walk;

/* The bytes of a long double that hold its value. */
#if LDBL_MANT_DIG == 64
enum { LDOUBLE_BYTES = 10 };
#else
enum { LDOUBLE_BYTES = sizeof(long double) };
#endif

static void walk_bytes(walk *w, unsigned char *at, const void *value, size_t size)
{
  if (w->fill)
    memcpy(at, value, size);
  else if (memcmp(at, value, size))
    w->equal = 0;
}

static void walk_real(walk *w, rdc_kind kind, unsigned char *at)
{
  uint64_t bits = scene_random(&w->state);
  double value = (double)(int32_t)bits / 64;
  if (kind == RDC_FLOAT) {
    float narrow = (float)((int32_t)bits >> 8) / 64;
    walk_bytes(w, at, &narrow, sizeof narrow);
  } else if (kind == RDC_DOUBLE) {
    walk_bytes(w, at, &value, sizeof value);
  } else {
    long double wide = (long double)value + (long double)(bits >> 32) / 4294967296.0L;
    walk_bytes(w, at, &wide, LDOUBLE_BYTES);
  }
}

static void walk_scalar(walk *w, rdc_kind kind, size_t size, unsigned char *at)
{
  rdc_kind part = kind == RDC_FCOMPLEX   ? RDC_FLOAT
                  : kind == RDC_DCOMPLEX ? RDC_DOUBLE
                  : kind == RDC_LCOMPLEX ? RDC_LDOUBLE
                                         : RDC_VOID;
  if (part != RDC_VOID) {
    walk_real(w, part, at);
    walk_real(w, part, at + size / 2);
  } else if (rdc_kind_is_real(kind)) {
    walk_real(w, kind, at);
  } else {
    uint64_t bits = scene_random(&w->state);
    unsigned char flag = bits & 1;
    if (kind == RDC_BOOL)
      walk_bytes(w, at, &flag, 1);
    else
      walk_bytes(w, at, &bits, size);
  }
}

static void walk_type(walk *w, const rdc_type *type, unsigned char *at);

static void walk_field(walk *w, const rdc_field *field, unsigned char *base)
{
  if (!strcmp(field->name, "_") || (field->is_bits && !field->bits))
    return;
  if (!field->is_bits) {
    walk_type(w, field->type, base + field->offset);
    return;
  }
  uint64_t bits = scene_random(&w->state);
  rdc_kind kind = rdc_type_strip(field->type)->kind;
  if (field->bits < 64)
    bits &= ((uint64_t)1 << field->bits) - 1;
  if (w->fill) {
    rdc_layout_bits_put(field, base, (int64_t)bits);
    return;
  }
  if (rdc_kind_is_signed(kind) && field->bits < 64 && bits >> (field->bits - 1) & 1)
    bits |= ~(uint64_t)0 << field->bits;
  if ((uint64_t)rdc_layout_bits_get(field, base) != bits)
    w->equal = 0;
}

static void walk_type(walk *w, const rdc_type *type, unsigned char *at)
{
  type = rdc_type_strip(type);
  if (type->kind == RDC_ARRAY) {
    size_t size = rdc_type_strip(type->base)->size;
    for (size_t i = 0; i < type->count; i++)
      walk_type(w, type->base, at + i * size);
  } else if (type->kind == RDC_STRUCT) {
    for (size_t i = 0; i < type->count; i++)
      walk_field(w, &type->fields[i], at);
  } else if (type->kind == RDC_UNION) {
    if (type->count)
      walk_field(w, &type->fields[scene_below(&w->state, type->count)], at);
  } else {
    walk_scalar(w, type->kind, type->size, at);
  }
}

void values_fill(const rdc_type *type, void *at, uint64_t seed)
{
  walk w = {seed, 1, 1};
  memset(at, (int)(0xa5 ^ (seed & 0xff)), rdc_type_strip(type)->size);
  walk_type(&w, type, at);
}

int values_check(const rdc_type *type, const void *at, uint64_t seed)
{
  walk w = {seed, 0, 1};
  walk_type(&w, type, (unsigned char *)at);
  return w.equal;
}
