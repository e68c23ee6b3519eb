/* Blocks: records that outlive memory, pools, arenas, guards, memory that is held back. */
#include "block.h"
#include "check.h"
#include "scene.h"

#include <stdlib.h>
#include <string.h>

static void check_memory(void)
{
  rdc_pool pool = {NULL, 0, 0};
  int owner;
  rdc_block *a = rdc_block_alloc(&pool, 100, 8, 1), *b = rdc_block_alloc(&pool, 0, 1, 0);
  CHECK(a && b && rdc_block_is_live(a) && rdc_block_is_live(b));
  CHECK(pool.count == 2 && pool.bytes == 100 && pool.newest == b && b->older == a);
  for (int i = 0; i < 100; i++)
    CHECK_INT(a->bytes[i], 0);
  a->object = &owner;
  rdc_block_close(a, "by a check");
  CHECK(!rdc_block_is_live(a) && !a->bytes && !strcmp(a->ended, "by a check"));
  CHECK(pool.count == 1 && pool.bytes == 0 && pool.newest == b);
  rdc_block_forget(a);
  b->object = &owner;
  rdc_block_forget(b);
  CHECK(rdc_block_is_live(b));
  rdc_block_close(b, "by a check");
  CHECK(pool.count == 0 && !pool.newest);
  CHECK(rdc_block_alloc(&pool, SIZE_MAX, 1, 0) == NULL);
  CHECK(rdc_block_alloc(&pool, RDC_MAX_SIZE / 2 + 1, 1, 0) == NULL);
  if (sizeof(size_t) > 4) /* elsewhere there may be so much */
    CHECK(rdc_block_alloc(&pool, RDC_MAX_SIZE / 2, 1, 0) == NULL);
  CHECK(rdc_block_alloc(&pool, 8, SIZE_MAX / 2 + 1, 0) == NULL);
  for (size_t align = 1; align <= 4096; align *= 2) {
    a = rdc_block_alloc(&pool, 10, align, 1);
    CHECK((uintptr_t)a->bytes % align == 0);
    rdc_block_close(a, "by a check");
  }
}

static void check_pools(void)
{
  enum { BLOCKS = 500 };
  rdc_pool pools[3] = {{NULL, 0, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
  static rdc_block *blocks[BLOCKS];
  static int where[BLOCKS];
  uint64_t random = 5;
  for (int i = 0; i < BLOCKS; i++) {
    where[i] = (int)scene_below(&random, 3);
    blocks[i] = rdc_block_alloc(&pools[where[i]], 16, 8, 1);
  }
  for (int i = 0; i < BLOCKS; i += 7) {
    where[i] = (int)scene_below(&random, 3);
    rdc_block_move(blocks[i], &pools[where[i]]);
  }
  for (int i = 0; i < BLOCKS; i += 3) {
    rdc_block_close(blocks[i], "by a check");
    blocks[i] = NULL;
  }
  for (int k = 0; k < 3; k++) {
    size_t want = 0, have = 0;
    for (int i = 0; i < BLOCKS; i++)
      want += blocks[i] && where[i] == k;
    for (rdc_block *b = pools[k].newest; b; b = b->older) {
      have++;
      CHECK(b->pool == &pools[k] && (!b->older || b->older->newer == b));
    }
    CHECK(have == want && pools[k].count == want && pools[k].bytes == 16 * want);
    while (pools[k].newest)
      rdc_block_close(pools[k].newest, "by a check");
    CHECK(pools[k].count == 0 && pools[k].bytes == 0);
  }
}

static void check_parts(void)
{
  rdc_pool pool = {NULL, 0, 0};
  int owner;
  rdc_block *arena = rdc_block_open(&pool, RDC_BLOCK_ARENA, NULL, 0), *parts[300];
  arena->object = &owner;
  for (int i = 0; i < 300; i++) {
    parts[i] = rdc_block_part(arena, (size_t)i, i % 2 ? 8 : 64);
    CHECK(parts[i] && rdc_block_is_live(parts[i]) && parts[i]->whole == arena);
    CHECK(i % 2 || (uintptr_t)parts[i]->bytes % 64 == 0);
    memset(parts[i]->bytes, 1, (size_t)i);
  }
  CHECK(arena->parts == 300 && pool.count == 1 && pool.bytes == 299 * 300 / 2);
  CHECK(rdc_block_part(arena, SIZE_MAX, 1) == NULL);
  rdc_block_close(arena, "by a check");
  CHECK(pool.bytes == 0);
  for (int i = 0; i < 300; i++) /* records are there until the arena's object is gone */
    CHECK(!rdc_block_is_live(parts[i]));
  rdc_block_forget(arena);
}

static int released;
static void release(rdc_block *block)
{
  CHECK(!rdc_block_is_live(block) && !block->pool);
  released++;
}

static void check_release(void)
{
  rdc_pool pool = {NULL, 0, 0};
  int thing;
  rdc_block *block = rdc_block_open(&pool, RDC_BLOCK_FOREIGN, &thing, RDC_NOWHERE);
  block->release = release;
  CHECK(block->bytes == (char *)&thing && pool.bytes == 0);
  rdc_block_close(block, "by a check");
  CHECK_INT(released, 1);
}

static void check_debug(void)
{
  static const int beyond[] = {-RDC_BLOCK_GUARD, -1, 10, 9 + RDC_BLOCK_GUARD};
  rdc_pool pool = {NULL, 0, 0};
  rdc_block_debug(1);
  for (size_t i = 0; i < COUNT(beyond); i++) {
    rdc_block *block = rdc_block_alloc(&pool, 10, i % 2 ? 64 : 1, i % 2);
    memset(block->bytes, 3, 10);
    CHECK(rdc_block_is_intact(block));
    block->bytes[beyond[i]] = 0;
    CHECK(!rdc_block_is_intact(block));
    CHECK(!rdc_block_close(block, "by a check"));
  }
  rdc_block *block = rdc_block_alloc(&pool, 1000, 8, 1);
  volatile char *bytes = block->bytes;
  strcpy(block->type, "char[1000]");
  CHECK(rdc_block_close(block, "by a check"));
  CHECK_INT((unsigned char)bytes[999], RDC_BLOCK_FREED_BYTE);
  char type[48];
  CHECK(!rdc_block_written_after(type, sizeof type));
  bytes[500] = 1;
  CHECK(rdc_block_written_after(type, sizeof type));
  CHECK_STR(type, "char[1000]");
  for (int i = 0; i < 1000; i++) {
    block = rdc_block_alloc(&pool, i % 100 == 0 ? 1 << 20 : 8, 8, 0);
    rdc_block_close(block, "by a check");
  }
  CHECK(!rdc_block_written_after(type, sizeof type));
  rdc_block *arena = rdc_block_open(&pool, RDC_BLOCK_ARENA, NULL, 0);
  rdc_block *part = rdc_block_part(arena, 5, 1);
  CHECK(rdc_block_is_intact(arena));
  part->bytes[5] = 0;
  CHECK(!rdc_block_is_intact(arena));
  rdc_block_close(arena, "by a check");
  rdc_block_debug(0);
}

void check_block(void)
{
  check_memory();
  check_pools();
  check_parts();
  check_release();
  check_debug();
}
