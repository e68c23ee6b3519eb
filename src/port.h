/* The DynPort 2 scanner: text to typed records with line numbers. It evaluates nothing; lines whose
   condition does not hold on this platform are checked for form and left out. */
#ifndef RDC_PORT_H
#define RDC_PORT_H

#include "sig.h"

typedef enum rdc_record_kind {
  RDC_RECORD_HEADER, /* name: key, body: value */
  RDC_RECORD_CONST,  /* body: literal */
  RDC_RECORD_ENUM,   /* body: letter of the integer type; its labels follow */
  RDC_RECORD_LABEL,  /* value */
  RDC_RECORD_TYPE,   /* body: type */
  RDC_RECORD_STRUCT, /* body: the whole declaration, a struct, union or opaque type */
  RDC_RECORD_VAR,    /* body: type */
  RDC_RECORD_ALIAS,  /* body: the function that it means */
  RDC_RECORD_FUNC    /* body: call signature, params: names */
} rdc_record_kind;

typedef struct rdc_span {
  const char *text; /* into the scanned text */
  size_t length;    /* bytes */
} rdc_span;

typedef struct rdc_record {
  rdc_record_kind kind; /* which of the members below mean something */
  rdc_span name;        /* what is declared; may be empty for an enum */
  rdc_span body;        /* by kind */
  rdc_span params;      /* parameter names of a function */
  rdc_span attributes;  /* "@key=value ..." */
  int64_t value;        /* of a label; of a function its number of parameters, -1 if variadic */
  size_t line;          /* counted from 1 */
} rdc_record;

typedef enum rdc_literal_kind {
  RDC_LITERAL_INTEGER,
  RDC_LITERAL_REAL,
  RDC_LITERAL_STRING
} rdc_literal_kind;

typedef struct rdc_literal {
  rdc_literal_kind kind;
  char letter;        /* integer: type letter, 'p' for an address, 0 if none is given */
  int negative;       /* integer: whether a minus stood before it */
  uint64_t magnitude; /* integer: its absolute value, exact */
  double real;        /* real */
  const char *text;   /* string: its bytes, escapes decoded, in the arena */
  size_t length;      /* string: bytes */
} rdc_literal;

typedef struct rdc_port {
  rdc_arena arena;     /* everything below */
  rdc_record *records; /* in file order */
  size_t count;        /* of records */
} rdc_port;

/* Scans a file's text into port, which the caller releases with rdc_port_free in any case. */
rdc_code rdc_port_scan(rdc_port *port, const char *text, size_t length, rdc_status *status);

/* Releases a port. */
void rdc_port_free(rdc_port *port);

/* Reads a literal as it stands in [const]. */
rdc_code rdc_port_literal(rdc_span span, rdc_arena *arena, rdc_literal *out, rdc_status *status);

#endif
