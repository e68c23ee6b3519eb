/* Records of what the package owns: memory, arenas, C objects with a destructor, pinned vectors,
   callbacks. A record stays as long as a pointer refers to it, even when what it describes is gone, so
   that a use after the end is recognised. A pool with its blocks belongs to one thread at a time;
   different threads may use different pools. */
#ifndef RDC_BLOCK_H
#define RDC_BLOCK_H

#include "arena.h"

typedef enum rdc_block_kind {
  RDC_BLOCK_MEMORY,  /* allocated here */
  RDC_BLOCK_ARENA,   /* parts that are freed together */
  RDC_BLOCK_PART,    /* of an arena */
  RDC_BLOCK_FOREIGN, /* made by C, with a destructor */
  RDC_BLOCK_PIN,     /* the bytes of an R vector */
  RDC_BLOCK_CALLBACK /* what C calls */
} rdc_block_kind;

typedef struct rdc_block rdc_block;

/* What frees a list of blocks: a scope, or the garbage collector. Zeroed memory is an empty pool. */
typedef struct rdc_pool {
  rdc_block *newest; /* the others by `older` */
  size_t count;      /* blocks */
  size_t bytes;      /* allocated for them */
} rdc_pool;

struct rdc_block {
  rdc_block_kind kind;              /* what it is */
  char *bytes;                      /* first byte; NULL once it is freed */
  size_t size;                      /* bytes; RDC_NOWHERE when that is not known */
  void *base;                       /* what the system gave, guards included */
  int guarded;                      /* bytes of a known pattern lie before and behind it */
  rdc_pool *pool;                   /* what frees it; NULL for parts and for what is freed */
  rdc_block *older, *newer;         /* neighbours in the pool */
  rdc_block *whole;                 /* the arena of a part */
  rdc_arena memory, records;        /* of an arena: bytes and records of its parts */
  rdc_block *last_part;             /* of an arena; the others by `older` */
  size_t parts;                     /* of an arena */
  void (*release)(rdc_block *self); /* ends what is not memory, called once; NULL for memory */
  void *object;                     /* the object that refers to the record, NULL when it is gone */
  void *held;                       /* for the bridge: what keeps the object alive */
  const char *ended;                /* how it was freed: "by dynfree()", a constant */
  char *made_by, *freed_by;         /* the calls, in debug mode; owned, those of a part by its arena */
  char type[48];                    /* C spelling, for messages */
};

/* How many bytes are guarded on each side of a block, and what with. */
enum { RDC_BLOCK_GUARD = 32, RDC_BLOCK_GUARD_BYTE = 0xa5, RDC_BLOCK_FREED_BYTE = 0xdf };

/* New blocks get guards, and freed memory is overwritten and held back for a while. */
void rdc_block_debug(int on);

/* A record in a pool for something at an address; NULL without memory. */
rdc_block *rdc_block_open(rdc_pool *pool, rdc_block_kind kind, void *address, size_t size);

/* New memory in a pool, aligned at least to RDC_ALIGNMENT; NULL without memory. */
rdc_block *rdc_block_alloc(rdc_pool *pool, size_t size, size_t align, int zero);

/* Zeroed memory of an arena, which must be live. The record lives as long as that of the arena. */
rdc_block *rdc_block_part(rdc_block *arena, size_t size, size_t align);

/* Whether it is not freed; a part is freed with its arena. */
int rdc_block_is_live(const rdc_block *block);

/* Gives a block to another pool. */
void rdc_block_move(rdc_block *block, rdc_pool *pool);

/* Frees a live block of a pool; says how. What `release` does may jump: the block counts as freed before.
   The record goes, too, unless an object refers to it. Returns whether the guards were intact. */
int rdc_block_close(rdc_block *block, const char *how);

/* The object is gone. */
void rdc_block_forget(rdc_block *block);

/* Whether the guards of a live block are intact. */
int rdc_block_is_intact(const rdc_block *block);

/* Whether a block was written to after it was freed, as far as its memory is still held back; fills in its
   type. */
int rdc_block_written_after(char *type, size_t size);

#endif
