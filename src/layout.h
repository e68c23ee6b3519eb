/* Size, alignment and offsets as the platform's compiler lays them out. */
#ifndef RDC_LAYOUT_H
#define RDC_LAYOUT_H

#include <string.h>

#include "type.h"

/* Lays out a struct or union whose fields have names, types and widths: fills offsets, size, align.
   type->pack limits alignments as #pragma pack does; align, if not 0, is a lower bound for the
   whole. Fails when a field's type is not complete or the size overflows. */
rdc_code rdc_layout_record(rdc_type *type, size_t align, rdc_status *status);

/* Fills size and alignment of an array. */
rdc_code rdc_layout_array(rdc_type *type, rdc_status *status);

/* Whether a bit-field holds negative values. That of an enum without negative labels does not, as gcc and
   clang choose unsigned for it; one as wide as its type keeps the sign of the type. */
int rdc_layout_bits_signed(const rdc_field *field);

/* Reads a bit-field of the object at base; sign-extended when its type is signed. */
int64_t rdc_layout_bits_get(const rdc_field *field, const void *base);

/* Writes the low bits of value into a bit-field of the object at base. */
void rdc_layout_bits_put(const rdc_field *field, void *base, int64_t value);

/* The integer of a type at src, extended to 64 bits. */
static inline int64_t rdc_layout_whole(const rdc_type *bare, const void *src)
{
  int is_signed = rdc_kind_is_signed(bare->kind);
  int8_t b;
  int16_t s;
  int32_t i;
  int64_t l;
  switch (bare->size) {
  case 1:
    memcpy(&b, src, 1);
    return is_signed ? (int64_t)b : (int64_t)(uint8_t)b;
  case 2:
    memcpy(&s, src, 2);
    return is_signed ? (int64_t)s : (int64_t)(uint16_t)s;
  case 4:
    memcpy(&i, src, 4);
    return is_signed ? (int64_t)i : (int64_t)(uint32_t)i;
  default:
    memcpy(&l, src, 8);
    return l;
  }
}

/* The float, double or long double of a type at src. */
double rdc_layout_real(const rdc_type *bare, const void *src);

/* Stores a long double with its padding zero. */
void rdc_layout_long_double(void *dest, long double value);

/* Finds a field by name, looking into anonymous members; offset gets its distance from the start of
   type. Returns NULL if there is none. */
const rdc_field *rdc_layout_field(const rdc_type *type, const char *name, size_t *offset);

#endif
