/* Blocks and pools. */
#include "block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os.h"

/* Memory that was freed in debug mode: the oldest goes back to the system when there is too much. */
typedef struct held_back {
  char *base, *bytes; /* what to free; what was overwritten */
  size_t size;        /* of bytes */
  char type[48];      /* of the block */
} held_back;

enum { HELD_BACK_MOST = 256 };
static const size_t held_back_bytes_most = (size_t)16 << 20;

static int debug; /* atomic */
/* shared by all threads, see RDC_LOCK_HELD_BACK */
static held_back held[HELD_BACK_MOST];
static size_t held_first, held_count, held_bytes;

void rdc_block_debug(int on) { RDC_ATOMIC_SET(&debug, on); }

/* Bytes that a block made now has on each side. */
static size_t guard_size(void) { return RDC_ATOMIC_GET(&debug) ? RDC_BLOCK_GUARD : 0; }

/* Bytes that a block takes with its guards, and where they go. */
static size_t room_for(size_t size, size_t align, size_t guard)
{
  size_t room = size + 2 * guard + (align > RDC_ALIGNMENT ? align : 0);
  return room ? room : 1;
}

static int too_large(size_t size, size_t align)
{
  return size > RDC_MAX_SIZE / 2 || align > RDC_MAX_SIZE / 4;
}

static void place(rdc_block *block, char *base, size_t size, size_t align, size_t guard)
{
  block->bytes = base + guard;
  if (align > RDC_ALIGNMENT)
    block->bytes += rdc_round_up((size_t)(uintptr_t)block->bytes, align) - (uintptr_t)block->bytes;
  block->size = size;
  block->guarded = guard > 0;
  memset(block->bytes - guard, RDC_BLOCK_GUARD_BYTE, guard);
  memset(block->bytes + size, RDC_BLOCK_GUARD_BYTE, guard);
}

/* Bytes that the system gave for it. */
static size_t own_bytes(const rdc_block *block)
{
  return block->base || block->kind == RDC_BLOCK_ARENA ? block->size : 0;
}

static void link_block(rdc_block *block, rdc_pool *pool)
{
  block->pool = pool;
  block->newer = NULL;
  block->older = pool->newest;
  if (pool->newest)
    pool->newest->newer = block;
  pool->newest = block;
  pool->count++;
  pool->bytes += own_bytes(block);
}

static void unlink_block(rdc_block *block)
{
  rdc_pool *pool = block->pool;
  if (block->older)
    block->older->newer = block->newer;
  if (block->newer)
    block->newer->older = block->older;
  else
    pool->newest = block->older;
  pool->count--;
  pool->bytes -= own_bytes(block);
  block->pool = NULL;
}

rdc_block *rdc_block_open(rdc_pool *pool, rdc_block_kind kind, void *address, size_t size)
{
  rdc_block *block = calloc(1, sizeof *block);
  if (!block)
    return NULL;
  block->kind = kind;
  block->bytes = address ? address : (char *)block; /* what is live has an address */
  block->size = size;
  link_block(block, pool);
  return block;
}

rdc_block *rdc_block_alloc(rdc_pool *pool, size_t size, size_t align, int zero)
{
  if (too_large(size, align))
    return NULL;
  size_t guard = guard_size(), room = room_for(size, align, guard);
  rdc_block *block = calloc(1, sizeof *block);
  /* calloc gets large zeroed memory from the system without touching it */
  char *base = zero ? calloc(room, 1) : malloc(room);
  if (!block || !base) {
    free(block);
    free(base);
    return NULL;
  }
  block->kind = RDC_BLOCK_MEMORY;
  block->base = base;
  place(block, base, size, align, guard);
  if (guard && !zero)
    memset(block->bytes, RDC_BLOCK_FREED_BYTE, size);
  link_block(block, pool);
  return block;
}

rdc_block *rdc_block_part(rdc_block *arena, size_t size, size_t align)
{
  if (too_large(size, align))
    return NULL;
  size_t guard = guard_size();
  rdc_block *block = rdc_arena_alloc(&arena->records, sizeof *block);
  char *base = rdc_arena_alloc(&arena->memory, room_for(size, align, guard));
  if (!block || !base)
    return NULL;
  block->kind = RDC_BLOCK_PART;
  place(block, base, size, align, guard);
  block->whole = arena;
  block->older = arena->last_part;
  arena->last_part = block;
  arena->parts++;
  arena->size += size;
  arena->pool->bytes += size;
  return block;
}

int rdc_block_is_live(const rdc_block *block)
{
  return block->bytes && (!block->whole || block->whole->bytes);
}

void rdc_block_move(rdc_block *block, rdc_pool *pool)
{
  unlink_block(block);
  link_block(block, pool);
}

static int all_are(const char *bytes, size_t size, unsigned char byte)
{
  for (size_t i = 0; i < size; i++)
    if ((unsigned char)bytes[i] != byte)
      return 0;
  return 1;
}

int rdc_block_is_intact(const rdc_block *block)
{
  for (const rdc_block *part = block->last_part; part; part = part->older)
    if (!rdc_block_is_intact(part))
      return 0;
  return !block->guarded ||
         (all_are(block->bytes - RDC_BLOCK_GUARD, RDC_BLOCK_GUARD, RDC_BLOCK_GUARD_BYTE) &&
          all_are(block->bytes + block->size, RDC_BLOCK_GUARD, RDC_BLOCK_GUARD_BYTE));
}

/* Returns whether nobody wrote to what is given back to the system. */
static int let_go_oldest(void)
{
  held_back *oldest = &held[held_first];
  int intact = all_are(oldest->bytes, oldest->size, RDC_BLOCK_FREED_BYTE);
  free(oldest->base);
  held_bytes -= oldest->size;
  held_first = (held_first + 1) % HELD_BACK_MOST;
  held_count--;
  return intact;
}

static void hold_back(rdc_block *block)
{
  memset(block->bytes, RDC_BLOCK_FREED_BYTE, block->size);
  rdc_os_take(RDC_LOCK_HELD_BACK);
  while (held_count && (held_count == HELD_BACK_MOST || held_bytes > held_back_bytes_most))
    let_go_oldest();
  held_back *newest = &held[(held_first + held_count) % HELD_BACK_MOST];
  newest->base = block->base;
  newest->bytes = block->bytes;
  newest->size = block->size;
  memcpy(newest->type, block->type, sizeof newest->type);
  held_bytes += block->size;
  held_count++;
  rdc_os_give(RDC_LOCK_HELD_BACK);
}

int rdc_block_written_after(char *type, size_t size)
{
  int found = 0;
  rdc_os_take(RDC_LOCK_HELD_BACK);
  for (size_t i = 0; i < held_count && !found; i++) {
    const held_back *h = &held[(held_first + i) % HELD_BACK_MOST];
    found = !all_are(h->bytes, h->size, RDC_BLOCK_FREED_BYTE);
    if (found)
      snprintf(type, size, "%s", h->type);
  }
  rdc_os_give(RDC_LOCK_HELD_BACK);
  return found;
}

static void free_record(rdc_block *block)
{
  rdc_arena_free(&block->records);
  free(block->made_by);
  free(block->freed_by);
  free(block);
}

int rdc_block_close(rdc_block *block, const char *how)
{
  int intact = rdc_block_is_intact(block);
  unlink_block(block);
  block->ended = how;
  if (block->base && block->guarded)
    hold_back(block);
  else
    free(block->base);
  block->base = NULL;
  rdc_arena_free(&block->memory);
  block->last_part = NULL;
  block->bytes = NULL;
  if (block->release)
    block->release(block);
  if (!block->object)
    free_record(block);
  return intact;
}

void rdc_block_forget(rdc_block *block)
{
  block->object = NULL;
  if (!block->bytes)
    free_record(block);
}
