/* The one parser of signatures: calls, aggregates, libraries, single types. Blanks may stand between
   types. Text is never read past
   its length; a failure carries the byte offset. */
#ifndef RDC_SIG_H
#define RDC_SIG_H

#include "type.h"

typedef struct rdc_sig {
  const char *text;       /* not owned; need not end with a nul */
  size_t length;          /* of text */
  size_t at;              /* next byte */
  rdc_arena *arena;       /* where descriptors are made */
  const rdc_scope *scope; /* meaning of names; NULL leaves them open */
  rdc_status *status;     /* filled on failure */
  int depth;              /* nesting so far */
} rdc_sig;

/* One declaration of a library signature; offsets into the text. */
typedef struct rdc_sig_entry {
  size_t name, name_length;   /* of the function */
  size_t call, call_length;   /* its call signature */
  size_t names, names_length; /* the parameter names after it, blanks around them trimmed */
  size_t attributes, attributes_length; /* the words "@key=value" behind them */
  rdc_type *type;                       /* the parsed call */
  const char **params;                  /* type->count names, or NULL when none are given */
} rdc_sig_entry;

/* Prepares a parser over a text. */
void rdc_sig_init(rdc_sig *sig, const char *text, size_t length, rdc_arena *arena,
                  const rdc_scope *scope, rdc_status *status);

/* Parses a whole call signature into a function descriptor. */
rdc_code rdc_sig_call(rdc_sig *sig, rdc_type **out);

/* Parses a whole text as one type. */
rdc_code rdc_sig_type(rdc_sig *sig, const rdc_type **out);

/* Parses the next Name{types}names; or Name|types}names; or opaque Name; and moves behind it. Words
   @pack=N, @align=N and @ms after the names change the layout. A record with an open name in it by
   value cannot be laid out and fails. At the end of the text, *out is NULL. */
rdc_code rdc_sig_record(rdc_sig *sig, rdc_type **out);

/* Parses the next name(call names @key=value ...; of a library signature; *more is 0 at the end of the text. */
rdc_code rdc_sig_entry_next(rdc_sig *sig, rdc_sig_entry *entry, int *more);

#endif
