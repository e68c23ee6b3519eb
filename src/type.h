/* Descriptors of C types. A descriptor lives in the arena that it was made in and never changes once
   its layout is known; scalars are static. */
#ifndef RDC_TYPE_H
#define RDC_TYPE_H

#include "arena.h"
#include "encoding.h"
#include "scalars.h"
#include "status.h"

typedef enum rdc_kind {
  RDC_VOID,
#define X(letter, kind, spelling, ctype, class) RDC_##kind,
  RDC_SCALARS(X)
#undef X
      RDC_FCOMPLEX, /* float complex */
  RDC_DCOMPLEX,     /* double complex */
  RDC_LCOMPLEX,     /* long double complex */
  RDC_POINTER,      /* to base */
  RDC_STRING,       /* an address of const text (Z and others) */
  RDC_SEXP,         /* an R object (x) */
  RDC_ARRAY,        /* count elements of base */
  RDC_STRUCT,
  RDC_UNION,
  RDC_ENUM,     /* base is its integer type */
  RDC_FUNCTION, /* base is the result */
  RDC_NAMED     /* name; base is what it stands for, or NULL while that is unknown */
} rdc_kind;

typedef struct rdc_type rdc_type;

typedef struct rdc_field {
  const char *name;     /* "_" is padding, "." an anonymous member */
  const rdc_type *type; /* declared type; the storage unit of a bit-field */
  size_t offset;        /* bytes from the start; of the storage unit for a bit-field */
  unsigned bits;        /* width of a bit-field */
  unsigned shift;       /* of a bit-field: from bit 0 of the byte at offset, in memory order */
  int is_bits;          /* whether it is a bit-field */
} rdc_field;

typedef struct rdc_label {
  const char *name; /* of an enum constant */
  int64_t value;    /* its value */
} rdc_label;

struct rdc_type {
  rdc_kind kind;
  int is_const;     /* declared const */
  int is_complete;  /* size and align are valid */
  int is_converted; /* name: R functions stand between its values and those of base */
  size_t size;      /* bytes */
  size_t align;     /* bytes, a power of two */
  const char *name; /* tag, typedef or reserved name, or NULL */
  const rdc_type
      *base;         /* pointee, element, result, integer type of an enum, or meaning of a name */
  size_t count;      /* elements, fields, parameters or labels */
  size_t fixed;      /* function: parameters before '.', RDC_NOWHERE if not variadic */
  rdc_encoding encoding; /* string */
  char mode;         /* function: letter of the call mode in the text, 0 if none */
  size_t pack;       /* struct, union: the packing asked for, 0 if none */
  int is_ms;         /* struct, union: bit-fields as Microsoft compilers lay them out */
  int is_flags;      /* enum: values are sets of its labels */
  int has_addresses; /* struct, union, array: values hold addresses */
  rdc_field *fields; /* struct, union */
  const rdc_type **params; /* function */
  rdc_label *labels;       /* enum */
  void *owner; /* struct, union, enum, converted name: the R object that keeps the descriptor alive */
};

/* What names stand for in the place where a text is parsed; NULL fields are allowed. */
typedef struct rdc_scope {
  const rdc_type *(*find)(const struct rdc_scope *scope, const char *name, size_t length);
  void *user; /* for find */
} rdc_scope;

/* The static descriptor of a scalar, void, string or SEXP letter, or NULL. */
const rdc_type *rdc_type_letter(char letter);

/* The static descriptor of void*. */
const rdc_type *rdc_type_void_pointer(void);

/* The descriptor of a reserved name (size_t, time_t, double complex ...), or NULL. */
const rdc_type *rdc_type_reserved(const char *name, size_t length);

/* The letter of a kind, or 0. */
char rdc_type_kind_letter(rdc_kind kind);

/* A new descriptor of a kind; NULL without memory. */
rdc_type *rdc_type_new(rdc_arena *arena, rdc_kind kind);

/* A pointer to base. */
const rdc_type *rdc_type_pointer(rdc_arena *arena, const rdc_type *base);

/* Looks through names and enums to the type whose bytes they are; a name without meaning stays. */
const rdc_type *rdc_type_strip(const rdc_type *type);

/* The same up to the first name with a converter: the type whose values R shows. */
const rdc_type *rdc_type_values(const rdc_type *type);

/* What a type is below its converters. */
const rdc_type *rdc_type_plain(const rdc_type *type);

/* The enum that a type is, looked at through names; NULL if it is none. */
const rdc_type *rdc_type_enum(const rdc_type *type);

/* Whether values of a type, which is stripped, are or hold addresses. */
int rdc_type_has_addresses(const rdc_type *bare);

/* Whether a type is `long double` by its name, which stands for the exact bytes. */
int rdc_type_is_exact(const rdc_type *type);

/* Writes the label of an enum value, or the labels of a set of flags joined by '|'; an empty text if
   there are none. */
void rdc_type_labels(const rdc_type *type, int64_t value, char *buffer, size_t size);

/* The struct, union or name behind a pointer, NULL if type is no pointer to one. */
const char *rdc_type_pointee_name(const rdc_type *type);

/* Class of a scalar kind. */
int rdc_kind_is_signed(rdc_kind kind);
int rdc_kind_is_integer(rdc_kind kind);
int rdc_kind_is_real(rdc_kind kind);

/* Writes the canonical signature text; truncates like snprintf and returns the full length. */
size_t rdc_type_text(const rdc_type *type, char *buffer, size_t size);

/* Writes the C spelling, around a declared name if one is given ("int x", "void (*f)(int)");
   params, if given, are the names of a function's parameters. Truncates like snprintf. */
size_t rdc_type_spell(const rdc_type *type, const char *name, const char *const *params,
                      char *buffer, size_t size);

#endif
