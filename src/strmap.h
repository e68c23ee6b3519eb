/* A map from byte strings to pointers. Keys are copied into an arena; values belong to the caller. */
#ifndef RDC_STRMAP_H
#define RDC_STRMAP_H

#include "arena.h"

typedef struct rdc_strmap {
  rdc_arena arena;               /* keys and tables */
  struct rdc_strmap_slot *slots; /* open addressing, a power of two */
  size_t capacity;               /* slots */
  size_t count;                  /* keys in use */
} rdc_strmap;

/* Makes an empty map. */
void rdc_strmap_init(rdc_strmap *map);

/* Releases the map, not its values. */
void rdc_strmap_free(rdc_strmap *map);

/* The value of key, or NULL. */
void *rdc_strmap_get(const rdc_strmap *map, const char *key, size_t length);

/* Sets the value of key; returns 0, or -1 when there is no memory (nothing has changed then). */
int rdc_strmap_set(rdc_strmap *map, const char *key, size_t length, void *value);

#endif
