/* Who frees what: blocks as R objects, scopes, arenas, pins, objects of C with a destructor. A block object
   is an external pointer to a record of block.h; every pointer into its memory leads to it. */
#ifndef RDC_OWNER_H
#define RDC_OWNER_H

#include "array.h"

/* The pool of what is made now: that of the innermost scope, or what the garbage collector frees. */
rdc_pool *rdc_owner_pool(void);

/* Makes a pointer to what C made, and nobody else frees, one whose destructor (an R function) is called
   once. size may be RDC_NOWHERE. */
void rdc_owner_adopt(SEXP pointer, SEXP destructor, size_t size);

/* Says that memory refers to R objects which hang on the root of its pointers: that object has to live as
   long as the memory. */
void rdc_owner_retain(SEXP root);

/* Keeps an object of a block that is no memory alive as long as a scope lasts. */
void rdc_owner_hold(rdc_block *block, SEXP object);

/* The block object of a pointer to what is owned and live; raises if x is none. */
SEXP rdc_owner_object(SEXP x);

/* Makes a callback, by its block, live as long as what a block object describes: it is released after
   that, not with a scope. detach takes that back. */
void rdc_owner_attach(SEXP owner, rdc_block *block);
void rdc_owner_detach(SEXP owner, SEXP object);

/* Ends what a block object describes, which the collector has found to be garbage. */
void rdc_owner_finalize(SEXP object);

/* Calls visit, which must not allocate, for all live blocks: of scopes from the inside out, then of the
   collector. */
void rdc_owner_visit(void (*visit)(const rdc_block *block, void *user), void *user);

/* What a block is, and who frees it, in words. */
const char *rdc_owner_kind(const rdc_block *block);
const char *rdc_owner_text(const rdc_block *block, char *buffer, size_t size);

/* Whether calls that allocate and free are noted. */
extern int rdc_owner_debug;

/* Notes in debug mode where a block was made. */
void rdc_owner_note(rdc_block *block);

/* Ends what an adopted pointer refers to; failures are warnings. */
void rdc_owner_release(SEXP pointer, const char *how);

/* Frees what a live block describes. */
void rdc_owner_close(rdc_block *block, const char *how);

/* The block of a live callback, or NULL; set by the callback module, which is above. */
extern rdc_block *(*rdc_owner_of_callback)(SEXP callback);

SEXP rdc_r_owner_alloc(SEXP handle, SEXP n, SEXP zero, SEXP arena);
SEXP rdc_r_owner_arena(void);
SEXP rdc_r_owner_free(SEXP x);
SEXP rdc_r_owner_keep(SEXP x);
SEXP rdc_r_owner_pin(SEXP x, SEXP handle);
SEXP rdc_r_owner_own(SEXP x, SEXP destructor, SEXP size);
SEXP rdc_r_owner_enter(void);
SEXP rdc_r_owner_leave(SEXP scope);
SEXP rdc_r_owner_about(SEXP x);

#endif
