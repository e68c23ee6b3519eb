/* Random numbers, exact-length texts and a scope of named aggregates. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t scene_random(uint64_t *state)
{
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

size_t scene_below(uint64_t *state, size_t limit) { return (size_t)(scene_random(state) % limit); }

exact exact_copy(const char *text, size_t length)
{
  exact copy = {malloc(length + 1), NULL, length};
  if (!copy.block)
    abort();
  copy.text = copy.block + 1;
  if (length)
    memcpy(copy.text, text, length);
  return copy;
}

void exact_free(exact *copy) { free(copy->block); }

static const rdc_type *scene_find(const rdc_scope *scope, const char *name, size_t length)
{
  const scene *s = scope->user;
  return rdc_strmap_get(&s->types, name, length);
}

void scene_init(scene *s)
{
  rdc_arena_init(&s->arena);
  rdc_strmap_init(&s->types);
  s->scope.find = scene_find;
  s->scope.user = s;
  rdc_status_clear(&s->status);
}

void scene_free(scene *s)
{
  rdc_strmap_free(&s->types);
  rdc_arena_free(&s->arena);
}

rdc_type *scene_records(scene *s, const char *text)
{
  rdc_type *type, *last = NULL;
  rdc_sig sig;
  rdc_status_clear(&s->status);
  rdc_sig_init(&sig, text, strlen(text), &s->arena, &s->scope, &s->status);
  for (;;) {
    if (rdc_sig_record(&sig, &type))
      return NULL;
    if (!type)
      return last;
    if (rdc_strmap_set(&s->types, type->name, strlen(type->name), type))
      abort();
    last = type;
  }
}

rdc_type *scene_packed(scene *s, const char *text, size_t pack, size_t align)
{
  char changed[1024] = "", *at = changed;
  for (; *text; text++) {
    if (*text == ';' && pack)
      at += sprintf(at, " @pack=%lu", (unsigned long)pack);
    if (*text == ';' && align)
      at += sprintf(at, " @align=%lu", (unsigned long)align);
    *at++ = *text;
    *at = '\0';
  }
  return scene_records(s, changed);
}

const rdc_type *scene_type(scene *s, const char *text)
{
  const rdc_type *type;
  rdc_sig sig;
  rdc_status_clear(&s->status);
  rdc_sig_init(&sig, text, strlen(text), &s->arena, &s->scope, &s->status);
  return rdc_sig_type(&sig, &type) ? NULL : type;
}

char *scene_file(const char *path, size_t *length)
{
  FILE *file = fopen(path, "rb");
  long size;
  char *text = NULL;
  if (!file)
    return NULL;
  if (!fseek(file, 0, SEEK_END) && (size = ftell(file)) >= 0 && !fseek(file, 0, SEEK_SET) &&
      (text = malloc((size_t)size + 1))) {
    *length = fread(text, 1, (size_t)size, file);
    text[*length] = '\0';
  }
  fclose(file);
  return text;
}
