/* The one place where R values become C values (put) and C values become R values (get). */
#ifndef RDC_MARSHAL_H
#define RDC_MARSHAL_H

#include <string.h>

#include "layout.h"
#include "plan.h"
#include "pointer.h"

/* How many references a vector has that only the variable which was passed holds. */
typedef struct rdc_references {
  unsigned most;   /* of an argument that R evaluated */
  uint64_t direct; /* arguments (up to the 64th) that came straight from their variables and have one less */
} rdc_references;

static inline unsigned rdc_references_of(const rdc_references *references, size_t i)
{
  return references->most - (unsigned)(references->direct >> (i & 63) & 1);
}

/* What a put needs beside the value. The list is protected by whoever initialised it. */
typedef struct rdc_keep {
  SEXP objects;        /* pairlist of what the written addresses depend on; tags are offsets */
  PROTECT_INDEX index; /* of objects */
  SEXP scope;          /* environment where names in function types resolve, or R_NilValue */
  unsigned references; /* of a vector that only the variable which was passed holds */
  const SEXP *args;    /* of the call, or NULL */
  size_t nargs;
  const rdc_references *passed; /* of args */
  int lasting;         /* addresses outlive the put: vectors and pointers are kept, too */
  const char *base;    /* what offsets count from */
} rdc_keep;

/* What a get needs beside the bytes. */
typedef struct rdc_view {
  SEXP scope;    /* environment where names of pointed-to types resolve, or R_NilValue */
  SEXP owner;    /* NULL: nested aggregates are copied; else they refer to it */
  int integer64; /* 64-bit integers as integer64 */
  int lossy;     /* set when a 64-bit integer did not fit into a double */
  int fixed;     /* the R type follows from the C type, whatever the values: INT_MIN is NA */
} rdc_view;

/* Sets up lists and the hook of the pointer module. */
void rdc_keep_setup(void);

/* Starts a list for a write to memory at base, or for a call when base is NULL: then the caller holds the
   values, and only what is made for the call is kept. Pushes one object on the protection stack. */
void rdc_keep_init(rdc_keep *keep, SEXP scope, const void *base);

/* Empties a list whose objects nobody needs any more, so that they do not count as shared later. */
void rdc_keep_clear(rdc_keep *keep);

/* Keeps an object alive as long as the list, for the address that was written to dest. */
void rdc_keep_add(rdc_keep *keep, SEXP object, const void *dest);

/* The vector that C may write to where a value is passed: the value, or a copy if something beside the
   variable holds it; one copy when it is passed more than once. The caller protects it. */
SEXP rdc_keep_writable(rdc_keep *keep, SEXP value, const void *dest);

/* Prepares the list for what a converter made of a value, which nobody else may hold. Returns what
   keep->references has to be again afterwards. */
unsigned rdc_keep_made(rdc_keep *keep, SEXP made, SEXP value, const void *dest);

/* Keeps what size bytes at offset of an object depend on, for their copy at dest. */
void rdc_keep_inherit(rdc_keep *keep, SEXP from, int64_t offset, size_t size, const void *dest);

/* Whether C wrote into a copy of a shared vector that no variable shows; such copies are pairs of the
   list. */
int rdc_keep_lost(const rdc_keep *keep);

/* The bytes of an object that a write replaces: count times size bytes, stride apart. */
typedef struct rdc_ranges {
  int64_t offset;              /* of the first */
  size_t size;                 /* of each */
  size_t stride;               /* from one to the next, at least 1 */
  size_t count;                /* how many, at least 1 */
  const unsigned char *chosen; /* which of them, or NULL for all */
} rdc_ranges;

/* Hangs what a write depends on onto x, in place of what earlier writes to those bytes did. */
void rdc_keep_store(SEXP x, const rdc_ranges *ranges, const rdc_keep *keep);

/* What is kept survives files and other processes, addresses do not: writes those of vectors, texts and
   bound functions anew, and null for others, the first time that x is used. In objects that are marked
   that holds for the addresses that C wrote, too. */
void rdc_keep_renew(SEXP x);

/* Notes that a raw vector, which nothing else protects, begins with n addresses of bytes in itself, so that
   they can be renewed. */
void rdc_keep_inner(SEXP vector, size_t n);

/* Fails when a pointer in x has not survived the session and nothing was assigned in its place. */
rdc_code rdc_keep_check(SEXP x, rdc_status *status);

/* Marks a vector that holds values of a type as one of this session, if these can hold addresses. */
void rdc_keep_mark_session(SEXP x);
static inline void rdc_keep_mark(SEXP x, const rdc_type *bare)
{
  if (rdc_type_has_addresses(bare) && TYPEOF(x) != EXTPTRSXP)
    rdc_keep_mark_session(x);
}

/* Where to read n values of a type, stride bytes apart, from offset of x, whose bytes are at src: there, or
   in a copy with null for what may be an address of another session. */
const void *rdc_keep_copy(SEXP x, int64_t offset, const rdc_type *bare, const void *src,
                          size_t stride, size_t n);
static inline const void *rdc_keep_sure(SEXP x, int64_t offset, const rdc_type *bare,
                                        const void *src, size_t stride, size_t n)
{
  return RDC_LIKELY(!rdc_type_has_addresses(bare)) ? src
                                                   : rdc_keep_copy(x, offset, bare, src, stride, n);
}

/* Hangs onto an aggregate copied from offset of x what these bytes depend on. */
void rdc_keep_pass(SEXP x, int64_t offset, SEXP copy);

/* Writes value as a C value of type into dest, which has the type's size. dest is unchanged on
   failure, but for aggregates. May allocate. */
rdc_code rdc_put(const rdc_type *type, SEXP value, void *dest, rdc_keep *keep, rdc_status *status);

/* Writes a value of the kind that numbers mostly are: an int or a double as it is. 0 if it is another. */
static inline int rdc_put_exact(rdc_kind kind, SEXP value, void *dest)
{
  if (kind == RDC_DOUBLE && rdc_r_is_one(value, REALSXP)) {
    memcpy(dest, rdc_r_inside(value), sizeof(double));
    return 1;
  }
  if (kind == RDC_INT && rdc_r_is_one(value, INTSXP)) {
    int i;
    memcpy(&i, rdc_r_inside(value), sizeof i);
    if (i == NA_INTEGER)
      return 0;
    memcpy(dest, &i, sizeof i);
    return 1;
  }
  return 0;
}

static inline int rdc_put_address(const void *address, void *dest)
{
  memcpy(dest, &address, sizeof address);
  return 1;
}

/* A string object whose bytes are the text; 0 if it may be another, or NA. */
static inline int rdc_put_own_string(SEXP string, void *dest)
{
  return string != NA_STRING && rdc_r_is_text(string) &&
         rdc_put_address(rdc_r_inside(string), dest);
}

/* Text that is passed as it lies in R, which holds arguments as long as the call; NULL. */
static inline int rdc_put_own_text(const rdc_type *bare, SEXP value, void *dest)
{
  SEXP string;
  if (value == R_NilValue)
    return rdc_put_address(NULL, dest);
  if (bare->encoding != RDC_UTF8 || !rdc_r_is_one(value, STRSXP))
    return 0;
  memcpy(&string, rdc_r_inside(value), sizeof string);
  return rdc_put_own_string(string, dest);
}

/* A vector that is passed as it lies in R, NULL, or a pointer that depends on nothing; references as in
   rdc_keep. */
static inline int rdc_put_own_memory(const rdc_type *bare, SEXP value, void *dest, unsigned references)
{
  const rdc_type *base = bare->base;
  unsigned type = rdc_r_plain_vector(value);
  if (!type && value == R_NilValue)
    return rdc_put_address(NULL, dest);
  if (!type && base->kind == RDC_VOID && rdc_pointer_is_free(value))
    return rdc_put_address(R_ExternalPtrAddr(value), dest);
  if (!type || !(base->kind == RDC_VOID || (base->kind == RDC_DOUBLE && type == REALSXP) ||
                 (base->kind == RDC_INT && type == INTSXP) ||
                 ((base->kind == RDC_UCHAR || base->kind == RDC_CHAR) && type == RAWSXP)))
    return 0;
  if (!rdc_r_is_bare(value)) /* it may hold addresses of another session */
    return 0;
  if (!base->is_const && rdc_r_count(value) > references)
    return 0;
  return rdc_put_address(rdc_r_inside(value), dest);
}

/* Writes a number of a plain vector of one; 0 if it is none, or none of the type. Integers are extended to 8
   bytes where dest is in an image. */
int rdc_put_one(const rdc_type *bare, SEXP value, void *dest, int is_image);

/* Writes an argument that needs nothing else than its value; 0 if it may be another. Extends as rdc_put_one
   does. */
static inline int rdc_put_plain(const rdc_type *bare, SEXP value, void *dest, unsigned references,
                                int is_image)
{
  switch (bare->kind) {
  case RDC_INT:
    if (is_image && rdc_put_exact(RDC_INT, value, dest)) {
      int i;
      memcpy(&i, dest, sizeof i);
      int64_t wide = i;
      memcpy(dest, &wide, sizeof wide);
      return 1;
    }
    return rdc_put_one(bare, value, dest, is_image);
  case RDC_DOUBLE:
    return rdc_put_exact(RDC_DOUBLE, value, dest) || rdc_put_one(bare, value, dest, is_image);
  case RDC_STRING:
    return rdc_put_own_text(bare, value, dest);
  case RDC_POINTER:
    return rdc_put_own_memory(bare, value, dest, references);
  default:
    return rdc_put_one(bare, value, dest, is_image);
  }
}

/* How R holds numbers: integer and logical are ints; integer64 and uint64 are no doubles. */
typedef enum rdc_number {
  RDC_NUMBER_INT,
  RDC_NUMBER_BYTE,
  RDC_NUMBER_DOUBLE,
  RDC_NUMBER_INT64,
  RDC_NUMBER_UINT64,
  RDC_NUMBER_COMPLEX,
  RDC_NUMBER_NONE
} rdc_number;

/* The elements of a vector as numbers. */
typedef struct rdc_numbers {
  rdc_number kind;
  const char *from;
  size_t size; /* bytes of each */
} rdc_numbers;

/* The numbers of a vector; none if it is empty, a factor, or no vector of numbers. May allocate: ALTREP. */
rdc_numbers rdc_numbers_of(SEXP value);

/* Whether such numbers convert to a type, and whether then all do: to a real number, NA included. */
int rdc_numbers_suit(const rdc_type *bare, rdc_number kind);
int rdc_numbers_fit_all(const rdc_type *bare);

/* Whether such numbers lie in R as values of a type do in C, but for the NA of integers. */
int rdc_numbers_lie(const rdc_type *bare, rdc_number kind);

/* Writes n numbers from number i on as values of a type that they suit, stride bytes apart, up to the first
   that the type has no value for; returns how many. rdc_fit_numbers writes nothing. */
size_t rdc_put_numbers(const rdc_type *bare, const rdc_numbers *numbers, size_t i, size_t n,
                       void *dest, size_t stride);
size_t rdc_fit_numbers(const rdc_type *bare, const rdc_numbers *numbers, size_t i, size_t n);

/* Whether rdc_put_many will write a vector, or its one element, as n numbers of a type without a failure. */
int rdc_numbers_will_fit(const rdc_type *type, SEXP value, R_xlen_t n);

/* Why number i did not convert: it is missing, or out of range. */
rdc_code rdc_number_failure(const rdc_numbers *numbers, size_t i);

/* An integer of any width with its sign apart from it, so that long long and unsigned long long are
   both exact. */
typedef struct rdc_whole {
  uint64_t bits; /* two's complement when negative */
  int negative;
} rdc_whole;

/* Reads number i as such an integer; 0 if it is none, or beyond 64 bits. */
int rdc_number_whole(const rdc_numbers *numbers, size_t i, rdc_whole *out);

/* Writes an integer into a bit-field of the object at base; 0 if it does not fit. */
int rdc_put_bits(const rdc_field *field, rdc_whole whole, void *base);

/* Writes the arguments of a plan, from number `from` on, into a call frame: into an image where abi.places
   are, else the addresses of the arguments and then these. Returns how many are there now; when they are
   fewer than the plan has, status says why. May allocate. */
size_t rdc_put_arguments(const rdc_plan *plan, const SEXP *args, size_t from, void *frame,
                         rdc_keep *keep, rdc_status *status);

/* The parts of rdc_put for structs and unions, and for arrays. */
rdc_code rdc_put_record(const rdc_type *type, const rdc_type *bare, SEXP value, void *dest,
                        rdc_keep *keep, rdc_status *status);
rdc_code rdc_put_array(const rdc_type *type, SEXP value, void *dest, rdc_keep *keep,
                       rdc_status *status);

/* Records that a value does not suit a type. */
rdc_code rdc_marshal_bad(rdc_code code, const rdc_type *type, SEXP value, rdc_status *status);

/* Makes an R value of the C value at src. bare is type with names and enums looked through. */
SEXP rdc_get(const rdc_type *type, const void *src, rdc_view *view);
SEXP rdc_get_bare(const rdc_type *type, const rdc_type *bare, const void *src, rdc_view *view);

/* The same into an object that rdc_get made before for that type, if nothing else holds it and the type is
   one of which that is true; else a new object. */
SEXP rdc_get_again(const rdc_type *type, const rdc_type *bare, const void *src, rdc_view *view,
                   SEXP before);
int rdc_get_uses_again(const rdc_type *bare);

/* The value that the converters of a type make of what was read at offset of x as its plain type, and has
   to be protected: they see a pointer that knows its memory. */
rdc_code rdc_get_finish(const rdc_type *type, SEXP x, int64_t offset, SEXP *value,
                        rdc_status *status);

/* Writes or reads a field, bit-fields included, of the object at base plus offset; what is read has a plain
   type (rdc_type_plain). */
rdc_code rdc_put_field(const rdc_field *field, size_t offset, SEXP value, void *base,
                       rdc_keep *keep, rdc_status *status);
SEXP rdc_get_field(const rdc_field *field, size_t offset, const void *base, rdc_view *view);

/* n values of a type, or of a bit-field when field is not NULL, that lie stride bytes apart: a vector,
   or a list where R has no vector of them. */
SEXP rdc_get_many(const rdc_field *field, const rdc_type *type, const void *src, size_t stride,
                  R_xlen_t n, rdc_view *view);
rdc_code rdc_put_many(const rdc_field *field, const rdc_type *type, SEXP value, void *dest,
                      size_t stride, R_xlen_t n, rdc_keep *keep, rdc_status *status);

/* The part of rdc_get_many for numbers and a fixed view: writes them into a vector that it has made, from
   element `at` on. */
void rdc_get_numbers(const rdc_type *bare, const void *src, size_t stride, R_xlen_t n,
                     rdc_view *view, SEXP to, R_xlen_t at);

/* The part of rdc_put_many for n elements of a character vector as constant text; is_utf8 tells that the
   native encoding is that. */
rdc_code rdc_put_texts(SEXP value, R_xlen_t from, R_xlen_t n, int is_utf8, void *dest,
                       rdc_keep *keep, rdc_status *status);

/* Gives values of an enum their labels as names; a value without a label has none. */
SEXP rdc_get_labels(const rdc_type *declared, SEXP values);

/* What rdc_get_many converts when the type has converters: for whoever does that himself. */
SEXP rdc_get_unconverted(const rdc_field *field, const rdc_type *type, const void *src,
                         size_t stride, R_xlen_t n, rdc_view *view);

/* The dimensions of nested arrays, and what their elements are; char arrays are elements (text). */
SEXP rdc_marshal_dim(const rdc_type *array, const rdc_type **element);

/* The index in R's order of dimensions of element c in C's order. */
R_xlen_t rdc_marshal_turned(R_xlen_t c, const int *dim, int k);

/* Wraps R functions as callbacks of a function type; set by the callback module, which is above. */
typedef rdc_code (*rdc_wrap_function)(const rdc_type *type, SEXP function, SEXP scope, SEXP *out,
                                      rdc_status *status);
extern rdc_wrap_function rdc_marshal_wrap;

/* What a bound function has of its C function; R_NilValue if x is no bound function. The attribute alone
   says nothing: functions of R have calls, too, those of ecdf() for one. */
SEXP rdc_marshal_handle(SEXP x);

/* The address of the C function by that; set by the call module. */
typedef rdc_code (*rdc_bound_code)(SEXP bound, void **code, rdc_status *status);
extern rdc_bound_code rdc_marshal_bound;

/* Tags an object of an aggregate type: attributes struct and typeinfo, class. x is modified. */
void rdc_marshal_tag(SEXP x, const rdc_type *type);

/* Tags an object by name with the scope where the name resolves. */
void rdc_marshal_tag_name(SEXP x, const char *name, SEXP scope);

/* Whether x is tagged with that name of an aggregate type. */
int rdc_marshal_is_tagged(SEXP x, const char *name);

/* Whether a vector's storage is exactly an array of the element type. */
int rdc_marshal_stores(SEXP value, const rdc_type *element);

/* Changes whenever memory may have been written to: by a call, or from R. */
extern unsigned rdc_marshal_epoch;

/* Whether x is a double vector of bit64's class. */
int rdc_marshal_is_integer64(SEXP x);

/* Whether x holds the bits of unsigned 64-bit integers in a double vector of class "uint64". */
int rdc_marshal_is_uint64(SEXP x);

/* The warning for 64-bit integers that did not fit. */
void rdc_marshal_warn_lossy(void);

/* Whether values of a type are or hold 64-bit integers that options(rdyncall.int64 =) wants as
   integer64. */
int rdc_marshal_option_integer64(const rdc_type *type);

#endif
