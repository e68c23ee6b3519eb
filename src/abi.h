/* How the platform passes values: the only user of libffi. A prepared rdc_abi is immutable and may be
   invoked from any thread. */
#ifndef RDC_ABI_H
#define RDC_ABI_H

#ifdef HAVE_FFI_FFI_H
#include <ffi/ffi.h>
#else
#include <ffi.h>
#endif

#include <string.h>

#include "type.h"

/* The list of call modes: symbol, name in R, letter in signatures. */
#define RDC_MODES(X)                                                                               \
  X(DEFAULT, "default", ':')                                                                       \
  X(CDECL, "cdecl", 'c')                                                                           \
  X(STDCALL, "stdcall", 's')                                                                       \
  X(THISCALL, "thiscall", '#')                                                                     \
  X(THISCALL_GCC, "thiscall.gcc", '#')                                                             \
  X(THISCALL_MSVC, "thiscall.msvc", '+')                                                           \
  X(FASTCALL, "fastcall", 'f')                                                                     \
  X(FASTCALL_GCC, "fastcall.gcc", 'f')                                                             \
  X(FASTCALL_MSVC, "fastcall.msvc", 'F')

typedef enum rdc_mode {
#define X(symbol, name, letter) RDC_MODE_##symbol,
  RDC_MODES(X)
#undef X
      RDC_MODE_COUNT
} rdc_mode;

/* The list of paths that a call can take, from the one that takes everything to the fastest: ffi_call,
   libffi's reusable call plan (from 3.7 on), registers loaded here (see abi_direct.h). */
#define RDC_ABI_PATHS(X)                                                                           \
  X(CALL, "call")                                                                                  \
  X(PLAN, "plan")                                                                                  \
  X(DIRECT, "direct")

typedef enum rdc_abi_path {
#define X(symbol, name) RDC_ABI_##symbol,
  RDC_ABI_PATHS(X)
#undef X
      RDC_ABI_PATH_COUNT
} rdc_abi_path;

/* The registers for arguments of a call without libffi (see abi_direct.h). */
#ifdef __aarch64__
enum { RDC_ABI_WORDS = 8, RDC_ABI_REALS = 8 };
#else
enum { RDC_ABI_WORDS = 6, RDC_ABI_REALS = 8 };
#endif

/* How many words of the stack such a call has beside them. */
enum { RDC_ABI_STACK = 8 };

typedef struct rdc_registers {
  uint64_t word[RDC_ABI_WORDS];
  double real[RDC_ABI_REALS];
} rdc_registers;

/* All that it loads. */
typedef struct rdc_image {
  rdc_registers in;
  uint64_t stack[RDC_ABI_STACK];
} rdc_image;

/* How much of an image calls of a signature load. */
typedef enum rdc_reach { RDC_REACH_WORDS, RDC_REACH_REALS, RDC_REACH_STACK } rdc_reach;

typedef struct rdc_direct rdc_direct;

typedef struct rdc_abi {
  ffi_cif cif;              /* what libffi needs for a call */
  size_t nargs;             /* arguments of the C function */
  const rdc_type *ret;      /* its result, names looked through */
  unsigned char *uses;      /* how many of libffi's arguments stand for each; NULL if one for one */
  size_t ret_offset;        /* of the 8 bytes of the result that libffi sees; 0 if it sees all */
  int is_variadic;          /* whether the function has '...' */
  size_t ret_size;          /* bytes that a result buffer needs, aligned to RDC_ALIGNMENT */
  const rdc_direct *direct; /* for RDC_ABI_DIRECT, else NULL */
  rdc_reach reach;          /* of the image, if the call is direct */
  unsigned *places;         /* offset of each argument in an image; NULL if one would not lie in one piece */
  void *plan;               /* libffi's, for RDC_ABI_PLAN, else NULL; see rdc_abi_drop */
} rdc_abi;

/* Called by a closure: reads args, writes the result at its natural size. */
typedef void (*rdc_abi_handler)(void *ret, void **args, void *user);

typedef struct rdc_closure {
  ffi_closure *memory;     /* libffi's, or NULL */
  void *code;              /* what C calls */
  const rdc_abi *abi;      /* of the function type */
  rdc_abi_handler handler; /* who answers */
  void *user;              /* for handler */
  unsigned slot;           /* in a pool from 1, 0 for libffi; see abi_pool.h */
  int is_brief;            /* the caller wants no slot, because the closure will soon be closed */
} rdc_closure;

/* The mode of a name, RDC_MODE_COUNT if there is none such. */
rdc_mode rdc_abi_mode(const char *name);

/* The mode of a letter in a signature; default for 0, 'e' and ':'. */
rdc_mode rdc_abi_mode_letter(char letter);

/* The name of a mode. */
const char *rdc_abi_mode_name(rdc_mode mode);

/* The path that later rdc_abi_prepare choose at most; returns the one before. For tests: all give the
   same results. */
rdc_abi_path rdc_abi_limit(rdc_abi_path most);

/* The name of a path; the path of a name, RDC_ABI_PATH_COUNT if there is none such. */
const char *rdc_abi_path_name(rdc_abi_path path);
rdc_abi_path rdc_abi_path_named(const char *name);

/* Describes a function. args have names looked through; fixed is the number of named
   arguments or RDC_NOWHERE. Fails for what the platform cannot pass. */
rdc_code rdc_abi_prepare(rdc_abi *abi, rdc_arena *arena, rdc_mode mode, size_t nargs, size_t fixed,
                         const rdc_type *const *args, const rdc_type *ret, rdc_status *status);

/* The path that calls take. */
rdc_abi_path rdc_abi_path_of(const rdc_abi *abi);

/* Releases what a prepared rdc_abi has outside of its arena. */
void rdc_abi_drop(rdc_abi *abi);

/* Calls code. ret has ret_size bytes; afterwards it holds the result at its natural size. args is
   the caller's scratch array and may be changed. */
void rdc_abi_invoke(const rdc_abi *abi, rdc_code_pointer code, void *ret, void **args);

/* The same where there are places: the arguments lie there, integers extended to 8 bytes. */
void rdc_abi_invoke_image(const rdc_abi *abi, rdc_code_pointer code, void *ret, rdc_image *image);

/* Fills what such a call loads with zeros, before the arguments. */
static inline void rdc_abi_clear(const rdc_abi *abi, rdc_image *image)
{
  memset(image->in.word, 0, sizeof image->in.word);
  if (abi->reach >= RDC_REACH_REALS)
    memset(image->in.real, 0, sizeof image->in.real);
  if (abi->reach >= RDC_REACH_STACK)
    memset(image->stack, 0, sizeof image->stack);
}

/* A column of arguments: the one of a row is at base plus row times step, which is 0 for the same in all
   rows. */
typedef struct rdc_column {
  const char *base;
  size_t step;
} rdc_column;

/* Calls code for n rows, one after the other, but those for which skip has 1 (else 0; NULL for none), until
   *stop is not 0, which a callback can set. Results of their natural size are at ret, in the order of rows; those
   of rows without a call stay as they are. Returns how many rows are done. */
size_t rdc_abi_invoke_rows(const rdc_abi *abi, rdc_code_pointer code, const rdc_column *columns,
                           const unsigned char *skip, size_t n, void *ret,
                           const volatile int *stop);

/* Makes closure->code callable; abi, handler and user are set by the caller before. */
rdc_code rdc_abi_closure_open(rdc_closure *closure, rdc_status *status);

/* Releases the code; the closure's other members stay. */
void rdc_abi_closure_close(rdc_closure *closure);

#endif
