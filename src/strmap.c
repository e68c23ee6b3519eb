/* Open addressing with linear probing over FNV-1a hashes. */
#include "strmap.h"

#include <string.h>

struct rdc_strmap_slot {
  const char *key; /* NULL when the slot is free */
  size_t length;   /* of key */
  uint32_t hash;   /* of key */
  void *value;     /* the caller's */
};

static uint32_t strmap_hash(const char *key, size_t length)
{
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)key[i]) * 16777619u;
  return hash;
}

void rdc_strmap_init(rdc_strmap *map)
{
  rdc_arena_init(&map->arena);
  map->slots = NULL;
  map->capacity = 0;
  map->count = 0;
}

void rdc_strmap_free(rdc_strmap *map)
{
  rdc_arena_free(&map->arena);
  rdc_strmap_init(map);
}

/* The slot of key, or the free slot where it belongs; the table is never full. */
static struct rdc_strmap_slot *strmap_probe(struct rdc_strmap_slot *slots, size_t capacity,
                                            const char *key, size_t length, uint32_t hash)
{
  size_t i = hash & (capacity - 1);
  while (slots[i].key && (slots[i].hash != hash || slots[i].length != length ||
                          memcmp(slots[i].key, key, length) != 0))
    i = (i + 1) & (capacity - 1);
  return &slots[i];
}

void *rdc_strmap_get(const rdc_strmap *map, const char *key, size_t length)
{
  if (!map->count)
    return NULL;
  return strmap_probe(map->slots, map->capacity, key, length, strmap_hash(key, length))->value;
}

static int strmap_grow(rdc_strmap *map)
{
  size_t capacity = map->capacity ? map->capacity * 2 : 16;
  struct rdc_strmap_slot *slots = rdc_arena_array(&map->arena, capacity, sizeof *slots);
  if (!slots)
    return -1;
  for (size_t i = 0; i < map->capacity; i++) {
    struct rdc_strmap_slot *old = &map->slots[i];
    if (old->key)
      *strmap_probe(slots, capacity, old->key, old->length, old->hash) = *old;
  }
  map->slots = slots;
  map->capacity = capacity;
  return 0;
}

int rdc_strmap_set(rdc_strmap *map, const char *key, size_t length, void *value)
{
  if ((map->count + 1) * 4 > map->capacity * 3 && strmap_grow(map))
    return -1;
  uint32_t hash = strmap_hash(key, length);
  struct rdc_strmap_slot *slot = strmap_probe(map->slots, map->capacity, key, length, hash);
  if (!slot->key) {
    const char *copy = rdc_arena_text(&map->arena, key, length);
    if (!copy)
      return -1;
    slot->key = copy;
    slot->length = length;
    slot->hash = hash;
    map->count++;
  }
  slot->value = value;
  return 0;
}
