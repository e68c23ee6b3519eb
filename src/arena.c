/* Bump allocator over a list of malloc'd chunks. */
#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_FIRST = 512, ARENA_MOST = 65536 }; /* chunks double */

struct rdc_chunk {
  struct rdc_chunk *next; /* older chunk */
  size_t used;            /* bytes handed out, header included */
  size_t size;            /* bytes allocated, header included */
};

void rdc_arena_init(rdc_arena *arena)
{
  arena->chunks = NULL;
  arena->failed = 0;
}

static void *failed(rdc_arena *arena)
{
  arena->failed = 1;
  return NULL;
}

void *rdc_arena_alloc(rdc_arena *arena, size_t size)
{
  struct rdc_chunk *chunk = arena->chunks;
  size_t header = rdc_round_up(sizeof(struct rdc_chunk), RDC_ALIGNMENT);

  if (size > RDC_MAX_SIZE)
    return failed(arena);
  size = rdc_round_up(size ? size : 1, RDC_ALIGNMENT);
  if (!chunk || chunk->size - chunk->used < size) {
    size_t bytes = chunk ? chunk->size * 2 : ARENA_FIRST;
    if (bytes > ARENA_MOST)
      bytes = ARENA_MOST;
    if (bytes < header + size)
      bytes = header + size;
    chunk = malloc(bytes);
    if (!chunk)
      return failed(arena);
    chunk->next = arena->chunks;
    chunk->used = header;
    chunk->size = bytes;
    arena->chunks = chunk;
  }
  void *block = (char *)chunk + chunk->used;
  chunk->used += size;
  memset(block, 0, size);
  return block;
}

void *rdc_arena_array(rdc_arena *arena, size_t count, size_t size)
{
  if (size && count > RDC_MAX_SIZE / size)
    return failed(arena);
  return rdc_arena_alloc(arena, count * size);
}

char *rdc_arena_text(rdc_arena *arena, const char *text, size_t length)
{
  char *copy = length < RDC_MAX_SIZE ? rdc_arena_alloc(arena, length + 1) : failed(arena);
  if (copy && length)
    memcpy(copy, text, length);
  return copy;
}

void rdc_arena_free(rdc_arena *arena)
{
  while (arena->chunks) {
    struct rdc_chunk *next = arena->chunks->next;
    free(arena->chunks);
    arena->chunks = next;
  }
  arena->failed = 0;
}
