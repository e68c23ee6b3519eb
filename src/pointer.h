/* External pointers that know what they are: data, function, callback or library. The tag says which;
   the protected slot keeps alive what the address depends on. That of a pointer to data leads, over other
   pointers to data, to what the memory belongs to: a block (block.h), an R vector, a symbol of a library, or
   nothing that is known. */
#ifndef RDC_POINTER_H
#define RDC_POINTER_H

#include "block.h"
#include "condition.h"

typedef enum rdc_pointer_kind {
  RDC_POINTER_DATA,         /* memory, or an address whose nature is not known */
  RDC_POINTER_FUNCTION,     /* a symbol of a library */
  RDC_POINTER_CALLBACK,     /* made by new.callback */
  RDC_POINTER_LIBRARY,      /* made by .dynload or dynfind */
  RDC_POINTER_R_DLL,        /* R's own handle of a DLL */
  RDC_POINTER_R_REGISTERED, /* R's own description of a registered routine: no code address */
  RDC_POINTER_INTERNAL      /* a type, plan, block or bound function of this package */
} rdc_pointer_kind;

/* Makes what all pointers share. */
void rdc_pointer_init(void);

/* A new pointer to data without a class, for whoever gives it one. */
SEXP rdc_pointer_bare(void *address, SEXP owner);

/* A new external pointer of a kind with an object that it keeps alive. */
SEXP rdc_pointer_new(rdc_pointer_kind kind, void *address, SEXP owner);

/* A pointer to the bytes of an atomic vector that keeps it alive without sharing it. */
SEXP rdc_pointer_pin(SEXP x);

/* Says that an address lies in the memory of a vector, string object or pointer. */
void rdc_pointer_attach(SEXP pointer, SEXP owner);

/* A pointer to data in the memory of another pointer or of a vector; const stays const. */
SEXP rdc_pointer_derive(SEXP x, const void *address);

/* Makes a pointer to data one through which nothing may be written. */
void rdc_pointer_set_const(SEXP x);

/* What the memory behind a pointer to data belongs to: a block object, a vector, or the last pointer on the
   way there. Anything else is its own. */
SEXP rdc_pointer_root(SEXP x);

/* The block behind x, which may be freed; NULL if there is none. */
rdc_block *rdc_pointer_block(SEXP x);

/* Says what a freed block was and how it ended. */
void rdc_pointer_describe_freed(const rdc_block *block, char *buffer, size_t size);

/* Whether x is a pointer to data that depends on nothing that is known, as C returns them. */
static inline int rdc_pointer_is_free(SEXP x)
{
  return TYPEOF(x) == EXTPTRSXP && R_ExternalPtrProtected(x) == R_NilValue &&
         (R_ExternalPtrTag(x) == rdc_symbol.data || R_ExternalPtrTag(x) == rdc_symbol.constant);
}

/* The address of a pointer through which size bytes may be read and written, and what the memory belongs to
   (see rdc_pointer_root), in the two cases that are commonest: it points into a live block that is no pin,
   or C returned it. NULL where rdc_pointer_access and rdc_pointer_writable have to be asked. */
char *rdc_pointer_direct(SEXP x, size_t size, SEXP *root);

/* Fails when the memory behind a pointer to data is known to be gone. */
rdc_code rdc_pointer_live(SEXP x, rdc_status *status);

/* Fails when nothing may be written through x. */
rdc_code rdc_pointer_writable(SEXP x, rdc_status *status);

/* What an external pointer is. */
rdc_pointer_kind rdc_pointer_kind_of(SEXP x);

/* Where the memory of a live pointer begins and ends, if that is known: 1 and both filled, else 0. */
int rdc_pointer_extent(SEXP x, const char **begin, size_t *size);

/* Checks that size bytes at offset of x (external pointer or atomic vector) may be accessed and
   returns their address. */
rdc_code rdc_pointer_access(SEXP x, int64_t offset, size_t size, void **address,
                            rdc_status *status);

/* Renews the addresses in a vector that comes from another session, if it holds any; set by the marshal
   modules, which are above. */
extern void (*rdc_pointer_renew)(SEXP vector);

/* Says which callback it is that is gone; set by the callback module, which is above. */
extern void (*rdc_pointer_callback_label)(SEXP callback, char *buffer, size_t size);

/* The code that x stands for: checks kind, null and that its library or callback is alive. */
rdc_code rdc_pointer_code(SEXP x, void **code, rdc_status *status);

/* An arena owned by an R object: it is released with the object, or before by rdc_pointer_release. */
SEXP rdc_pointer_arena(rdc_arena **out);
void rdc_pointer_release(SEXP arena);

SEXP rdc_r_pointer_is_null(SEXP x);
SEXP rdc_r_pointer_of_vector(SEXP x);
SEXP rdc_r_pointer_offset(SEXP x, SEXP offset);
SEXP rdc_r_pointer_address(SEXP x);
SEXP rdc_r_pointer_kind(SEXP x);

/* The address of a function whose library is open; NULL for a closed one and for any other object. The owner
   is the library, or the cell that dies with it. */
static inline void *rdc_pointer_live_function(SEXP x)
{
  if (TYPEOF(x) != EXTPTRSXP || rdc_r_pointer_tag(x) != rdc_symbol.function)
    return NULL;
  SEXP owner = R_ExternalPtrProtected(x);
  return TYPEOF(owner) != EXTPTRSXP || rdc_r_pointer(owner) ? rdc_r_pointer(x) : NULL;
}

#endif
