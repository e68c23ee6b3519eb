/* Bump allocation that is released as a whole. Not shared between threads while it grows. */
#ifndef RDC_ARENA_H
#define RDC_ARENA_H

#include "rdc.h"

typedef struct rdc_arena {
  struct rdc_chunk *chunks; /* newest first */
  int failed;               /* whether NULL was returned, ever */
} rdc_arena;

/* Makes an empty arena; allocates nothing. */
void rdc_arena_init(rdc_arena *arena);

/* Returns size zeroed bytes aligned to RDC_ALIGNMENT, or NULL when the system has no memory. */
void *rdc_arena_alloc(rdc_arena *arena, size_t size);

/* Returns count * size zeroed bytes; NULL also when the product overflows. */
void *rdc_arena_array(rdc_arena *arena, size_t count, size_t size);

/* Returns a nul-terminated copy of length bytes of text. */
char *rdc_arena_text(rdc_arena *arena, const char *text, size_t length);

/* Releases everything; the arena is empty afterwards. */
void rdc_arena_free(rdc_arena *arena);

#endif
