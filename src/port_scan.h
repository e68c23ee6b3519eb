/* What the files of the port scanner share. */
#ifndef RDC_PORT_SCAN_H
#define RDC_PORT_SCAN_H

#include "port.h"

#include <string.h>

enum { RDC_PORT_LIBRARIES = 9 }; /* Library, Library2 ... Library9 */

typedef struct rdc_probe_word {
  rdc_span text;               /* that a header Probe declares */
  struct rdc_probe_word *next; /* declared before */
} rdc_probe_word;

typedef struct rdc_scanner {
  const rdc_port_reader *reader;
  rdc_status *status;
  const char *text, *end;   /* the file */
  const char *at, *start;   /* of the next line, and of the current one */
  uint32_t line;            /* number of the current line */
  int active;               /* whether the condition of the section or header holds */
  int in_section;           /* whether a section has begun */
  rdc_record_kind kind;     /* of the section */
  const char *const *words; /* that are true */
  rdc_probe_word *probes;   /* words that headers declare */
  rdc_span version;         /* of the library, empty if unknown */
  int version_given;        /* by a word, so that headers do not count */
  unsigned libraries;       /* bit n: a header Library<n> was seen */
} rdc_scanner;

static inline int rdc_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static inline rdc_span rdc_trim(rdc_span span)
{
  while (span.length && rdc_blank(span.text[0]))
    span.text++, span.length--;
  while (span.length && rdc_blank(span.text[span.length - 1]))
    span.length--;
  return span;
}

/* The part between two offsets, without the blanks around it. */
static inline rdc_span rdc_cut(rdc_span span, size_t from, size_t to)
{
  rdc_span part = {span.text + from, to - from};
  return rdc_trim(part);
}

static inline int rdc_span_is(rdc_span span, const char *word)
{
  return span.length == strlen(word) && !memcmp(span.text, word, span.length);
}

/* Position of c in span, or its length. */
static inline size_t rdc_find(rdc_span span, char c)
{
  const char *at = span.length ? memchr(span.text, c, span.length) : NULL;
  return at ? (size_t)(at - span.text) : span.length;
}

/* Whether span begins like a version number: digits, dots between them, anything behind. */
int rdc_port_is_version(rdc_span span);

/* A name of C, or of a part of one: letters, digits, '_', '$', '.' and bytes above ASCII. */
int rdc_port_is_name(rdc_span span);

/* Writes the start of a text as 'text' or 'text...', an empty one as nothing, into 80 bytes. */
void rdc_port_quote(rdc_span got, char quoted[80]);

/* Fails with "expected <what>, got '<got>'" at the current line. */
rdc_code rdc_port_expected(rdc_scanner *s, const char *what, rdc_span got);

/* Hands a record of the current line to the visitor, unless the line does not hold. */
rdc_code rdc_port_emit(rdc_scanner *s, rdc_record *record);

/* Reads the condition of a section or header. */
rdc_code rdc_port_condition(rdc_scanner *s, rdc_span text, int *holds);

/* Reads a line 'Key[condition]: value'. */
rdc_code rdc_port_header(rdc_scanner *s, rdc_span line);

/* Checks the attributes of a declaration of a kind. */
rdc_code rdc_port_check_attributes(rdc_scanner *s, rdc_record_kind kind, rdc_span attributes);

/* Reads an unsigned decimal or 0x number at the start of span: its length, or 0 if there is none or it
   does not fit. */
size_t rdc_port_digits(rdc_span span, uint64_t *out);

#endif
