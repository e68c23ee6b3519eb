/* The only includer of R's headers, with the symbols and hooks that the bridge shares. */
#ifndef RDC_R_H
#define RDC_R_H

#ifndef R_NO_REMAP
#define R_NO_REMAP
#endif
#ifndef STRICT_R_HEADERS
#define STRICT_R_HEADERS
#endif
#include <string.h>

#include <R.h>
#include <Rinternals.h>
#include <Rversion.h>
#include <R_ext/Rdynload.h>
#include <R_ext/Altrep.h>

#include "rdc.h"

#if defined(__GNUC__) || defined(__clang__)
#define RDC_NORETURN __attribute__((noreturn))
#else
#define RDC_NORETURN
#endif

/* What the loader must see although everything else is hidden. */
#if defined(_WIN32)
#define RDC_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define RDC_EXPORT __attribute__((visibility("default")))
#else
#define RDC_EXPORT
#endif

/* Symbols installed once: attribute names, classes, pointer tags. */
#define RDC_SYMBOLS(X)                                                                             \
  X(struct_, "struct")                                                                             \
  X(typeinfo, "typeinfo")                                                                          \
  X(pointee, "pointee")                                                                            \
  X(keep, "keep")                                                                                  \
  X(owned, "owned")                                                                                \
  X(session, "session")                                                                            \
  X(count, "count")                                                                                \
  X(scope, "scope")                                                                                \
  X(call, "call")                                                                                  \
  X(value, "value")                                                                                \
  X(quote, "quote")                                                                                \
  X(function_, "function")                                                                         \
  X(port_function, "port_function")                                                                \
  X(port_variable, "port_variable")                                                                \
  X(port_alias, "port_alias")                                                                      \
  X(port_struct, "port_struct")                                                                    \
  X(port_type, "port_type")                                                                        \
  X(port_enum, "port_enum")                                                                        \
  X(int64, "rdyncall.int64")                                                                       \
  X(data, "rdyncall:data")                                                                         \
  X(constant, "rdyncall:const")                                                                    \
  X(block, "rdyncall:block")                                                                       \
  X(pool, "rdyncall:pool")                                                                         \
  X(function, "rdyncall:function")                                                                 \
  X(callback, "rdyncall:callback")                                                                 \
  X(library, "rdyncall:library")                                                                   \
  X(type, "rdyncall:type")                                                                         \
  X(plan, "rdyncall:plan")                                                                         \
  X(bound, "rdyncall:bound")                                                                       \
  X(cell, "rdyncall:cell")                                                                         \
  X(scratch, "rdyncall:scratch")                                                                   \
  X(address, "address")                                                                            \
  X(signature, "signature")                                                                        \
  X(callmode, "callmode")                                                                          \
  X(native, "native symbol")                                                                       \
  X(registered, "registered native symbol")                                                        \
  X(dll_handle, "DLLHandle")                                                                       \
  X(dll_info, "DLLInfo")

typedef struct rdc_r_symbols {
#define X(member, text) SEXP member;
  RDC_SYMBOLS(X)
#undef X
} rdc_r_symbols;

extern rdc_r_symbols rdc_symbol;

/* R closures that C calls, set by .onLoad: raise(suffix, code, message, text, offset, line, element),
   warn(suffix, message), resolve(names, env), typeinfo(name, scope) for objects that carry only a
   name, locate(vector) for the variable of a shared vector that C may write to,
   assigning() whether a replacement function was called by an assignment, callable(pointer, signature, env) for a
   function pointer that C returns, frame() for the environment of the user's call, origin() for the text
   of that call, release(function, pointer) to call a destructor: NULL, or the message of its error,
   trace(name, types, values, left) to tell of a call; the last type and value are those of the result,
   ask(getter, symbol) for an address that a function of the library tells, complete(loader, at) for the
   handle of a function of a port, judge(rules, name, result, values, made, errno, last) for a call that may
   have failed: it returns if it has not, convert(function, value, n) for what a converter makes of one value,
   or of n when that is not NULL: a list of that, or the message of its error, adapt(value, type, scope) for
   the same by the converter of the value's class, NULL if there is none. */
#define RDC_HOOKS(X)                                                                               \
  X(raise)                                                                                         \
  X(warn)                                                                                          \
  X(resolve)                                                                                       \
  X(typeinfo)                                                                                      \
  X(locate)                                                                                        \
  X(assigning)                                                                                     \
  X(callable)                                                                                      \
  X(frame)                                                                                         \
  X(origin)                                                                                        \
  X(release)                                                                                       \
  X(trace)                                                                                         \
  X(ask)                                                                                           \
  X(complete)                                                                                      \
  X(judge)                                                                                         \
  X(convert)                                                                                       \
  X(adapt)

typedef struct rdc_r_hooks {
#define X(member) SEXP member;
  RDC_HOOKS(X)
#undef X
} rdc_r_hooks;

extern rdc_r_hooks rdc_hook;

/* Finds out what can be read from the heads of objects. */
void rdc_r_init(void);

/* What the head of an object tells, as short cuts around R's functions: where a head is not as expected when
   the package is loaded, none of these is ever true. */
typedef struct rdc_r_heads {
  unsigned one;    /* in the first byte beside the type: a vector of one element, no class, no ALTREP */
  uint32_t is_text; /* in the first four bytes of a string object: either bit says that it is UTF-8 */
  size_t inside;   /* where the elements of a vector are */
  size_t length;   /* where its length is */
  int counts;      /* whether reference counts can be read */
  size_t parts;    /* where the three pointers of what is no vector are; 0 when they cannot be read */
  size_t attributes; /* where the list of attributes is; 0 when it cannot be read */
} rdc_r_heads;

extern rdc_r_heads rdc_r_head;

static inline unsigned rdc_r_first_byte(SEXP x) { return *(const unsigned char *)x; }

/* Whether x is a vector of a type with one element and no class, which lies inside. */
static inline int rdc_r_is_one(SEXP x, unsigned type)
{
  return rdc_r_first_byte(x) == (type | rdc_r_head.one);
}

/* The type of a vector of numbers or bytes with elements and no class, which lies inside; 0 for all else. */
static inline unsigned rdc_r_plain_vector(SEXP x)
{
  const unsigned numbers = 1u << LGLSXP | 1u << INTSXP | 1u << REALSXP | 1u << CPLXSXP | 1u << RAWSXP;
  unsigned first = rdc_r_first_byte(x), type = first & 0x1f;
  if (!(numbers >> type & 1))
    return 0;
  if (first == (type | rdc_r_head.one))
    return type;
  R_xlen_t length;
  memcpy(&length, (const char *)x + rdc_r_head.length, sizeof length);
  return first == type && rdc_r_head.one < 0x100 && length > 0 ? type : 0;
}

static inline const void *rdc_r_inside(SEXP x) { return (const char *)x + rdc_r_head.inside; }

/* The bytes of a raw vector that lies inside, of whatever class, and how many; NULL for all else. */
static inline char *rdc_r_raw(SEXP x, size_t *size)
{
  R_xlen_t length;
  if ((rdc_r_first_byte(x) & 0x9f) != RAWSXP || rdc_r_head.one >= 0x100)
    return NULL;
  memcpy(&length, (const char *)x + rdc_r_head.length, sizeof length);
  *size = (size_t)length;
  return (char *)x + rdc_r_head.inside;
}

/* Whether a string object holds UTF-8 or ASCII; 0 may mean that it is not known. */
static inline int rdc_r_is_text(SEXP string)
{
  uint32_t head;
  memcpy(&head, (const void *)string, sizeof head);
  return (head & rdc_r_head.is_text) != 0;
}

/* One of the three pointers of an object that is no vector, where heads can be read. */
static inline SEXP rdc_r_part(SEXP x, size_t i)
{
  SEXP part;
  memcpy(&part, (const char *)x + rdc_r_head.parts + i * sizeof part, sizeof part);
  return part;
}

/* An element of a list, the numbers of an integer or a logical vector: where they lie, if that is known. */
static inline SEXP rdc_r_element(SEXP list, size_t i)
{
  SEXP element;
  if (RDC_UNLIKELY(!rdc_r_head.parts || rdc_r_first_byte(list) != VECSXP))
    return VECTOR_ELT(list, (R_xlen_t)i);
  memcpy(&element, (const char *)rdc_r_inside(list) + i * sizeof element, sizeof element);
  return element;
}

static inline const int *rdc_r_ints(SEXP x)
{
  if (RDC_UNLIKELY(!rdc_r_plain_vector(x) || !rdc_r_head.parts))
    return TYPEOF(x) == LGLSXP ? LOGICAL_RO(x) : INTEGER_RO(x);
  return (const int *)rdc_r_inside(x);
}

/* An attribute that R has no rules of its own for: R's function looks for its rules first, which takes longer
   than the rest of an access to a field. R_NilValue if there is none. */
static inline SEXP rdc_r_attribute(SEXP x, SEXP symbol)
{
  SEXP at;
  if (RDC_UNLIKELY(!rdc_r_head.attributes))
    return Rf_getAttrib(x, symbol);
  memcpy(&at, (const char *)x + rdc_r_head.attributes, sizeof at);
  while (at != R_NilValue && rdc_r_part(at, 2) != symbol)
    at = rdc_r_part(at, 1);
  return rdc_r_part(at, 0); /* NULL is the first element of the empty list */
}

/* Whether an object is known to have no attributes. */
static inline int rdc_r_is_bare(SEXP x)
{
  SEXP at;
  memcpy(&at, (const char *)x + rdc_r_head.attributes, sizeof at);
  return rdc_r_head.attributes && at == R_NilValue;
}

/* The address and the tag of an external pointer. */
static inline void *rdc_r_pointer(SEXP x)
{
  return RDC_LIKELY(rdc_r_head.parts) ? (void *)rdc_r_part(x, 0) : R_ExternalPtrAddr(x);
}

static inline SEXP rdc_r_pointer_tag(SEXP x)
{
  return RDC_LIKELY(rdc_r_head.parts) ? rdc_r_part(x, 2) : R_ExternalPtrTag(x);
}

/* The number of references to an object, 0 when counts cannot be read. */
static inline unsigned rdc_r_count(SEXP x)
{
  uint16_t count; /* as wide as R writes it: a processor waits when more is read than was just written */
  memcpy(&count, (const char *)x + 4, sizeof count);
  return rdc_r_head.counts ? count : 0;
}

/* Whether a vector is held by more than the given number of references. A variable that is passed to a
   function accounts for RDC_R_CALL of them when it arrives through .Call, for RDC_R_EXTERNAL through
   .External; what is beyond is another variable, or the code itself for a constant. */
enum { RDC_R_CALL = 2, RDC_R_EXTERNAL = 3, RDC_R_CONSTANT = 7 };
int rdc_r_is_shared(SEXP x, unsigned references);

/* Notes that an object of this package holds a vector only to keep its address valid, which is no
   sharing; and takes that back. */
void rdc_r_pin(SEXP x);
void rdc_r_unpin(SEXP x);

/* Keeps an object alive until what this returns is given back. */
void *rdc_r_hold(SEXP x);
void rdc_r_let_go(void *held);

/* The vector that C may write to for an argument: x itself; when x is shared, a copy, to which the
   variable that was passed is bound from now on. *lost says that there is no such variable, so that
   nobody will see what C writes; copy, if not NULL, serves for that. The caller protects the result. */
SEXP rdc_r_writable(SEXP x, unsigned references, SEXP copy, int *lost);

/* The vector that a replacement function may change: x itself in an assignment, else a copy. */
SEXP rdc_r_replaceable(SEXP x);

SEXP rdc_r_init_same(SEXP x, SEXP y);

/* The environment that encloses another. */
SEXP rdc_r_enclosure(SEXP env);

/* The value of a variable in an environment itself, NULL if there is none. May evaluate a promise. */
SEXP rdc_r_variable(SEXP symbol, SEXP env);

/* The symbols of strings, as a list. */
SEXP rdc_r_symbols_of(SEXP names);

/* NULL, which a function that calls C by .External2 returns invisibly. */
SEXP rdc_r_invisible(void);

/* The bytes of an atomic vector, NULL for any other object; the caller may write only where R's rules
   for sharing allow it. */
void *rdc_r_bytes(SEXP x);

/* The size of one element of an atomic vector. */
size_t rdc_r_element_size(SEXP x);

/* A UTF-8 or ASCII string object with the text of a string object of any encoding. */
SEXP rdc_r_utf8(SEXP string);

/* Whether strings in the native encoding are UTF-8; R code answers. */
int rdc_r_native_is_utf8(void);

/* What evaluates to x when it stands in a call. */
SEXP rdc_r_quoted(SEXP x);

/* The string object of x if that is one string and not NA, else NULL; whether there is one. */
SEXP rdc_r_string(SEXP x);
int rdc_r_is_string(SEXP x);

#endif
