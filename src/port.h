/* The DynPort 2 scanner: text to typed records with line numbers. It evaluates nothing; lines whose
   condition does not hold are checked for form and left out. */
#ifndef RDC_PORT_H
#define RDC_PORT_H

#include "sig.h"

typedef enum rdc_record_kind {
  RDC_RECORD_HEADER, /* name: key, body: value */
  RDC_RECORD_CONST,  /* body: literal */
  RDC_RECORD_ENUM,   /* letter: of the integer type; its labels follow */
  RDC_RECORD_LABEL,  /* letter: of the enum, value */
  RDC_RECORD_TYPE,   /* body: type */
  RDC_RECORD_STRUCT, /* body: the whole declaration, a struct, union or opaque type */
  RDC_RECORD_VAR,    /* body: type */
  RDC_RECORD_ALIAS,  /* body: the name that it stands for */
  RDC_RECORD_FUNC    /* body: call signature, params: names, letter: v if it returns nothing */
} rdc_record_kind;

typedef struct rdc_span {
  const char *text; /* into the scanned text */
  size_t length;    /* bytes */
} rdc_span;

typedef struct rdc_record {
  rdc_record_kind kind; /* which of the members below mean something */
  char letter;         /* integer type of an enum, the one that holds its values if none is given */
  rdc_span name;       /* what is declared; may be empty for an enum */
  rdc_span body;       /* by kind */
  rdc_span params;     /* parameter names of a function */
  rdc_span attributes; /* "@key=value ..." */
  int64_t value;       /* of a label, its bits; of a function the parameters, -1 if variadic */
  size_t line;         /* counted from 1 */
  size_t at;           /* byte offset of the line */
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

/* A function of the library that is called at load, as a header declares it. */
typedef struct rdc_probe {
  rdc_span word;          /* what its result makes true, or "version" */
  rdc_span symbol;        /* the function */
  rdc_span call;          /* its signature */
  rdc_literal *arguments; /* in the arena */
  size_t count;           /* of arguments */
} rdc_probe;

typedef struct rdc_port {
  rdc_arena arena;     /* everything below */
  rdc_record *records; /* in file order */
  size_t count;        /* of records */
  size_t room;         /* records allocated */
} rdc_port;

/* Gets each record in turn; it may keep the spans, not the record. */
typedef rdc_code (*rdc_port_visit)(void *user, const rdc_record *record, rdc_status *status);

/* The words are those that are true in conditions, up to a NULL; NULL stands for rdc_port_words(). One of
   the form version=1.2 is the version of the library; without it the header Version counts. */
typedef struct rdc_port_reader {
  const char *const *words; /* see above */
  int headers_only;         /* whether to stop at the first section */
  rdc_port_visit visit;     /* for each record that holds */
  void *user;               /* for visit */
  rdc_arena *arena;         /* for the reader's own needs; the caller releases it */
} rdc_port_reader;

/* The words that are true on this platform, up to a NULL. */
const char *const *rdc_port_words(void);

/* Reads a file's text. A visitor may leave by a jump. */
rdc_code rdc_port_read(const rdc_port_reader *reader, const char *text, size_t length,
                       rdc_status *status);

/* Reads a file's text into port, which the caller releases with rdc_port_free in any case. words as in
   rdc_port_reader. */
rdc_code rdc_port_scan(rdc_port *port, const char *text, size_t length, const char *const *words,
                       rdc_status *status);

/* Reads the one declaration, of this kind, in the line at byte `at`, as rdc_port_scan has found it. */
rdc_code rdc_port_line(rdc_port *port, const char *text, size_t length, size_t at,
                       rdc_record_kind kind, rdc_status *status);

/* Makes a port without records. */
void rdc_port_init(rdc_port *port);

/* Appends a copy of a record; a visitor. */
rdc_code rdc_port_append(void *port, const rdc_record *record, rdc_status *status);

/* Releases a port. */
void rdc_port_free(rdc_port *port);

/* Takes the next word off the start of span; empty at its end. */
rdc_span rdc_port_word(rdc_span *span);

/* Whether the bytes are UTF-8. */
int rdc_port_is_utf8(const char *text, size_t length);

/* Takes the next attribute off the start of a record's attributes; 0 at their end. */
int rdc_port_attribute(rdc_span *attributes, rdc_span *key, rdc_span *value);

/* Checks attributes of a function that stand outside of a port. */
rdc_code rdc_port_function_attributes(rdc_span attributes, rdc_status *status);

/* Reads a literal as it stands in [const]. */
rdc_code rdc_port_literal(rdc_span span, rdc_arena *arena, rdc_literal *out, rdc_status *status);

/* Reads the value of a header Probe. */
rdc_code rdc_port_probe(rdc_span span, rdc_arena *arena, rdc_probe *out, rdc_status *status);

#endif
