/* What checks of several modules share: random numbers, texts in exact-length buffers, a scope. */
#ifndef RDC_DEV_SCENE_H
#define RDC_DEV_SCENE_H

#include "sig.h"
#include "strmap.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The next number of a sequence (splitmix64). */
uint64_t scene_random(uint64_t *state);

/* The next number of a sequence, below limit. */
size_t scene_below(uint64_t *state, size_t limit);

/* A text whose last byte is the last of its allocation, so that a sanitizer sees a read behind it;
   no nul ends it. */
typedef struct exact {
  char *block; /* allocated, one byte longer */
  char *text;
  size_t length;
} exact;

exact exact_copy(const char *text, size_t length);
void exact_free(exact *copy);

/* Named aggregates and the scope that finds them. */
typedef struct scene {
  rdc_arena arena;
  rdc_strmap types;
  rdc_scope scope; /* first argument of find is this member's address */
  rdc_status status;
} scene;

void scene_init(scene *s);
void scene_free(scene *s);

/* Adds the records of a text and returns the last one, NULL after a failure, which status tells. */
rdc_type *scene_records(scene *s, const char *text);

/* The same, each record with attributes for packing and alignment where these are not 0. */
rdc_type *scene_packed(scene *s, const char *text, size_t pack, size_t align);

/* Parses one type, NULL after a failure. */
const rdc_type *scene_type(scene *s, const char *text);

/* The whole of a file, nul-terminated and to be freed; NULL if it cannot be read. */
char *scene_file(const char *path, size_t *length);

#endif
