/* Arenas: zeroed, aligned, disjoint blocks; limits; texts. */
#include "arena.h"
#include "check.h"
#include "scene.h"

#include <string.h>

static void check_blocks(void)
{
  enum { BLOCKS = 2000 };
  static unsigned char *blocks[BLOCKS];
  static size_t sizes[BLOCKS];
  uint64_t random = 11;
  int zeroed = 1, aligned = 1, kept = 1;
  rdc_arena arena;
  rdc_arena_init(&arena);
  for (int i = 0; i < BLOCKS; i++) {
    sizes[i] = scene_below(&random, i % 50 == 0 ? 9000 : 80);
    blocks[i] = rdc_arena_alloc(&arena, sizes[i]);
    if (!CHECK(blocks[i] != NULL))
      break;
    aligned &= (uintptr_t)blocks[i] % RDC_ALIGNMENT == 0;
    for (size_t k = 0; k < sizes[i]; k++)
      zeroed &= blocks[i][k] == 0;
    memset(blocks[i], i & 255, sizes[i]);
  }
  for (int i = 0; i < BLOCKS; i++)
    for (size_t k = 0; k < sizes[i]; k++)
      kept &= blocks[i][k] == (i & 255);
  CHECK(zeroed);
  CHECK(aligned);
  CHECK(kept);
  rdc_arena_free(&arena);
  CHECK(arena.chunks == NULL);
  rdc_arena_free(&arena);
}

static void check_limits(void)
{
  const size_t half = (size_t)1 << (sizeof(size_t) * 4);
  rdc_arena arena;
  rdc_arena_init(&arena);
  CHECK(rdc_arena_alloc(&arena, RDC_MAX_SIZE + 1) == NULL);
  CHECK(rdc_arena_alloc(&arena, SIZE_MAX) == NULL);
  if (sizeof(size_t) == 8)
    CHECK(rdc_arena_alloc(&arena, RDC_MAX_SIZE) == NULL);
  CHECK(rdc_arena_array(&arena, SIZE_MAX, 2) == NULL);
  CHECK(rdc_arena_array(&arena, SIZE_MAX / 2 + 2, 2) == NULL);
  CHECK(rdc_arena_array(&arena, half, half) == NULL);
  CHECK(rdc_arena_text(&arena, "", SIZE_MAX) == NULL);
  CHECK(rdc_arena_text(&arena, "", RDC_MAX_SIZE) == NULL);
  void *zero = rdc_arena_alloc(&arena, 0), *none = rdc_arena_array(&arena, 0, SIZE_MAX);
  CHECK(zero != NULL);
  CHECK(none != NULL && none != zero);
  CHECK(rdc_arena_array(&arena, SIZE_MAX, 0) != NULL);
  rdc_arena_free(&arena);
}

static void check_text(void)
{
  rdc_arena arena;
  rdc_arena_init(&arena);
  exact copy = exact_copy("a\0b", 3);
  char *text = rdc_arena_text(&arena, copy.text, copy.length);
  CHECK(text && !memcmp(text, "a\0b", 4));
  exact_free(&copy);
  CHECK_STR(rdc_arena_text(&arena, NULL, 0), "");
  rdc_arena_free(&arena);
}

static void check_round_up(void)
{
  CHECK_INT(rdc_round_up(0, 16), 0);
  CHECK_INT(rdc_round_up(1, 16), 16);
  CHECK_INT(rdc_round_up(16, 16), 16);
  CHECK_INT(rdc_round_up(17, 1), 17);
}

void check_arena(void)
{
  check_blocks();
  check_limits();
  check_text();
  check_round_up();
}
