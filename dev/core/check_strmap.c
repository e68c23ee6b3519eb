/* Maps from byte strings: growth, replacement, keys that look alike. */
#include "strmap.h"
#include "check.h"
#include "scene.h"

#include <stdio.h>
#include <string.h>

static void check_many(void)
{
  enum { KEYS = 5000 };
  static int values[KEYS];
  rdc_strmap map;
  char key[32];
  int found = 1, absent = 1;
  rdc_strmap_init(&map);
  for (int i = 0; i < KEYS; i++) {
    int n = snprintf(key, sizeof key, "k%d", i);
    found &= rdc_strmap_set(&map, key, (size_t)n, &values[i]) == 0;
  }
  CHECK_INT(map.count, KEYS);
  CHECK(map.capacity > KEYS && (map.capacity & (map.capacity - 1)) == 0);
  for (int i = 0; i < KEYS; i++) {
    int n = snprintf(key, sizeof key, "k%d", i);
    found &= rdc_strmap_get(&map, key, (size_t)n) == &values[i];
    n = snprintf(key, sizeof key, "K%d", i);
    absent &= rdc_strmap_get(&map, key, (size_t)n) == NULL;
  }
  CHECK(found);
  CHECK(absent);
  rdc_strmap_free(&map);
  CHECK(rdc_strmap_get(&map, "k1", 2) == NULL);
}

static void check_keys(void)
{
  int one, two, three;
  rdc_strmap map;
  rdc_strmap_init(&map);
  CHECK(rdc_strmap_get(&map, "x", 1) == NULL);
  exact key = exact_copy("abc", 3);
  CHECK_INT(rdc_strmap_set(&map, key.text, key.length, &one), 0);
  memset(key.text, 'z', 3); /* the map has a copy */
  exact_free(&key);
  CHECK(rdc_strmap_get(&map, "abc", 3) == &one);
  CHECK(rdc_strmap_get(&map, "abcd", 4) == NULL);
  CHECK(rdc_strmap_get(&map, "abcd", 3) == &one);
  CHECK(rdc_strmap_get(&map, "ab", 2) == NULL);
  CHECK_INT(rdc_strmap_set(&map, "a\0b", 3, &two), 0);
  CHECK_INT(rdc_strmap_set(&map, "a", 1, &three), 0);
  CHECK(rdc_strmap_get(&map, "a\0b", 3) == &two);
  CHECK(rdc_strmap_get(&map, "a\0c", 3) == NULL);
  CHECK(rdc_strmap_get(&map, "", 0) == NULL);
  CHECK_INT(rdc_strmap_set(&map, "", 0, &three), 0);
  CHECK(rdc_strmap_get(&map, "", 0) == &three);
  CHECK_INT(map.count, 4);
  CHECK_INT(rdc_strmap_set(&map, "abc", 3, &two), 0);
  CHECK_INT(rdc_strmap_set(&map, "a", 1, NULL), 0);
  CHECK_INT(map.count, 4);
  CHECK(rdc_strmap_get(&map, "abc", 3) == &two);
  CHECK(rdc_strmap_get(&map, "a", 1) == NULL);
  rdc_strmap_free(&map);
}

void check_strmap(void)
{
  check_many();
  check_keys();
}
