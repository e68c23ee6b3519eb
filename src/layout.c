/* The layout rule of the System V ABIs (also AAPCS64 and Apple's), checked against overflow. */
#include "layout.h"

#include <float.h>
#include <string.h>

/* AAPCS lets unnamed and zero-width bit-fields align their struct; the x86 ABIs do not. */
#if defined(__arm__) || defined(__aarch64__)
#define LAYOUT_UNNAMED_ALIGNS 1
#else
#define LAYOUT_UNNAMED_ALIGNS 0
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LAYOUT_BIG_ENDIAN 1
#else
#define LAYOUT_BIG_ENDIAN 0
#endif

typedef struct cursor {
  uint64_t bits;  /* next free bit from the start */
  uint64_t most;  /* the furthest bit that a member reaches */
  size_t align;   /* of the whole so far */
  size_t pack;    /* upper bound of alignments, 0 if none */
  int is_union;   /* all members at offset 0 */
  uint64_t unit;  /* Microsoft rule: size in bits of the open storage unit, 0 if none */
  uint64_t left;  /* Microsoft rule: bits free in it */
  rdc_type *type; /* being laid out */
} cursor;

static size_t packed_align(const cursor *at, size_t align)
{
  return at->pack && at->pack < align ? at->pack : align;
}

/* The Microsoft rule aligns numbers of 8 bytes at 8, which System V does not on i386. */
static size_t member_align(const cursor *at, const rdc_type *bare)
{
  const rdc_type *element = bare;
  while (element->kind == RDC_ARRAY)
    element = rdc_type_strip(element->base);
  int is_8 = element->kind == RDC_DCOMPLEX || element->kind == RDC_DOUBLE ||
             (rdc_kind_is_integer(element->kind) && element->size == 8);
  return packed_align(at, at->type->is_ms && is_8 ? 8 : bare->align);
}

static void raise_align(cursor *at, size_t align)
{
  if (align > at->align)
    at->align = align;
}

static uint64_t bits_up(uint64_t bits, size_t align)
{
  uint64_t step = (uint64_t)align * 8;
  return (bits + step - 1) / step * step;
}

static void set_bits(rdc_field *field, uint64_t at)
{
  field->offset = (size_t)(at / 8);
  field->shift = (unsigned)(at % 8);
}

/* A bit-field shares the storage unit of the one before it when their types have one size and it fits;
   else it opens a unit of its type. */
static void place_bits_ms(cursor *at, rdc_field *field, size_t size, size_t align)
{
  if (at->is_union) {
    at->bits = 0;
    at->unit = 0;
  }
  if (field->bits == 0) {
    if (at->unit) {
      at->bits = bits_up(at->bits, align);
      raise_align(at, align);
    }
    at->unit = 0;
    set_bits(field, at->bits);
    return;
  }
  if (at->unit != size || at->left < field->bits) {
    at->bits = bits_up(at->bits, align) + size;
    at->unit = size;
    at->left = size;
  }
  set_bits(field, at->bits - at->left);
  at->left -= field->bits;
  raise_align(at, align);
}

static rdc_code place_bits(cursor *at, rdc_field *field, rdc_status *status)
{
  const rdc_type *unit = rdc_type_strip(field->type);
  size_t size = unit->size * 8, most = unit->kind == RDC_BOOL ? 1 : size;
  if (!rdc_kind_is_integer(unit->kind))
    most = 0;
  if (!most || field->bits > most || (!field->bits && strcmp(field->name, "_")))
    return rdc_fail(status, RDC_TYPE_BITS, (unsigned long)most, (unsigned long)field->bits);
  size_t align = member_align(at, unit);
  if (at->type->is_ms) {
    place_bits_ms(at, field, size, align);
    return RDC_OK;
  }
  int unnamed = !strcmp(field->name, "_");
  if (at->is_union)
    at->bits = 0;
  if (field->bits == 0) {
    at->bits = bits_up(at->bits, unit->align); /* packing or not */
    if (LAYOUT_UNNAMED_ALIGNS)
      raise_align(at, unit->align); /* even where packing limits the others */
    set_bits(field, at->bits);
    return RDC_OK;
  }
  /* without packing a bit-field never spans more units of its type's alignment than the type does */
  uint64_t step = (uint64_t)unit->align * 8;
  if (!at->pack && at->bits / step * step + size < at->bits + field->bits)
    at->bits = bits_up(at->bits, unit->align);
  set_bits(field, at->bits);
  at->bits += field->bits;
  if (!unnamed || LAYOUT_UNNAMED_ALIGNS)
    raise_align(at, align);
  return RDC_OK;
}

static rdc_code place_member(cursor *at, rdc_field *field, rdc_status *status)
{
  const rdc_type *type = field->type;
  const rdc_type *bare = rdc_type_strip(type);
  if (!bare->is_complete) {
    char text[160];
    rdc_type_spell(type, NULL, NULL, text, sizeof text);
    return rdc_fail(status, type->kind == RDC_NAMED ? RDC_TYPE_UNKNOWN : RDC_TYPE_INCOMPLETE,
                    type->kind == RDC_NAMED ? type->name : text);
  }
  size_t align = member_align(at, bare);
  at->bits = at->is_union ? 0 : bits_up(at->bits, align);
  at->unit = 0;
  field->offset = (size_t)(at->bits / 8);
  if (bare->size > RDC_MAX_SIZE / 8 || field->offset > RDC_MAX_SIZE / 8)
    return rdc_fail(status, RDC_TYPE_SIZE, at->type->name ? at->type->name : "an aggregate");
  at->bits += (uint64_t)bare->size * 8;
  raise_align(at, align);
  return RDC_OK;
}

rdc_code rdc_layout_record(rdc_type *type, size_t align, rdc_status *status)
{
  cursor at = {.align = 1, .pack = type->pack, .is_union = type->kind == RDC_UNION, .type = type};
  for (size_t i = 0; i < type->count; i++) {
    rdc_field *field = &type->fields[i];
    rdc_code code =
        field->is_bits ? place_bits(&at, field, status) : place_member(&at, field, status);
    if (code)
      return code;
    if (at.bits > at.most)
      at.most = at.bits;
    type->has_addresses |= rdc_type_has_addresses(rdc_type_strip(field->type));
  }
  if (align > at.align)
    at.align = align;
  uint64_t bytes = (at.most + 7) / 8;
  if (bytes > RDC_MAX_SIZE / 8)
    return rdc_fail(status, RDC_TYPE_SIZE, type->name ? type->name : "an aggregate");
  type->align = at.align;
  type->size = rdc_round_up((size_t)bytes, at.align);
  type->is_complete = 1;
  return RDC_OK;
}

rdc_code rdc_layout_array(rdc_type *type, rdc_status *status)
{
  const rdc_type *element = rdc_type_strip(type->base);
  char text[160];
  if (!element->is_complete)
    return RDC_OK; /* known later, or never needed: a pointer to an array of a named type */
  if (element->size && type->count > RDC_MAX_SIZE / 8 / element->size) {
    rdc_type_text(type, text, sizeof text);
    return rdc_fail(status, RDC_TYPE_SIZE, text);
  }
  type->size = element->size * type->count;
  type->align = element->align;
  type->has_addresses = rdc_type_has_addresses(element);
  type->is_complete = 1;
  return RDC_OK;
}

int rdc_layout_bits_signed(const rdc_field *field)
{
  const rdc_type *unit = rdc_type_strip(field->type), *declared = rdc_type_enum(field->type);
  if (!rdc_kind_is_signed(unit->kind))
    return 0;
  if (!declared || !declared->count || field->bits >= unit->size * 8)
    return 1;
  for (size_t i = 0; i < declared->count; i++)
    if (declared->labels[i].value < 0)
      return 1;
  return 0;
}

/* Bit i of a field counts from the least significant end on little-endian machines and from the
   most significant end on big-endian ones; both are walked byte by byte in memory order. */
int64_t rdc_layout_bits_get(const rdc_field *field, const void *base)
{
  const unsigned char *bytes = (const unsigned char *)base + field->offset;
  uint64_t value = 0;
  for (unsigned i = 0; i < field->bits; i++) {
    unsigned at = field->shift + i;
    unsigned bit = LAYOUT_BIG_ENDIAN ? 7 - at % 8 : at % 8;
    uint64_t set = bytes[at / 8] >> bit & 1u;
    value |= set << (LAYOUT_BIG_ENDIAN ? field->bits - 1 - i : i);
  }
  if (field->bits < 64 && field->bits && rdc_layout_bits_signed(field) &&
      (value >> (field->bits - 1) & 1))
    value |= ~(uint64_t)0 << field->bits;
  int64_t result;
  memcpy(&result, &value, sizeof result);
  return result;
}

void rdc_layout_bits_put(const rdc_field *field, void *base, int64_t value)
{
  unsigned char *bytes = (unsigned char *)base + field->offset;
  for (unsigned i = 0; i < field->bits; i++) {
    unsigned at = field->shift + i;
    unsigned bit = LAYOUT_BIG_ENDIAN ? 7 - at % 8 : at % 8;
    unsigned set =
        (unsigned)((uint64_t)value >> (LAYOUT_BIG_ENDIAN ? field->bits - 1 - i : i)) & 1u;
    bytes[at / 8] = (unsigned char)((bytes[at / 8] & ~(1u << bit)) | set << bit);
  }
}

double rdc_layout_real(const rdc_type *bare, const void *src)
{
  double d;
  float f;
  long double wide;
  if (bare->kind == RDC_FLOAT) {
    memcpy(&f, src, sizeof f);
    return f;
  }
  if (bare->kind == RDC_LDOUBLE) {
    memcpy(&wide, src, sizeof wide);
    return (double)wide;
  }
  memcpy(&d, src, sizeof d);
  return d;
}

void rdc_layout_long_double(void *dest, long double value)
{
#if LDBL_MANT_DIG == 64
  size_t used = 10; /* the x87 format; the rest of its 12 or 16 bytes is padding */
#else
  size_t used = sizeof value;
#endif
  memset(dest, 0, sizeof value);
  memcpy(dest, &value, used);
}

const rdc_field *rdc_layout_field(const rdc_type *type, const char *name, size_t *offset)
{
  if (name[0] == '_' && !name[1]) /* of padding, which is not accessed */
    return NULL;
  for (size_t i = 0; i < type->count; i++) {
    const rdc_field *field = &type->fields[i];
    if (field->name[0] == '.' && !field->name[1]) {
      const rdc_type *inner = rdc_type_strip(field->type);
      size_t within;
      if (inner->kind != RDC_STRUCT && inner->kind != RDC_UNION)
        continue;
      const rdc_field *found = rdc_layout_field(inner, name, &within);
      if (found) {
        *offset = field->offset + within;
        return found;
      }
    } else if (field->name[0] == name[0] && !strcmp(field->name, name)) {
      *offset = field->offset;
      return field;
    }
  }
  return NULL;
}
