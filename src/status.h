/* A status code with its message: core functions fill one and return its code, they never jump. */
#ifndef RDC_STATUS_H
#define RDC_STATUS_H

#include <stdarg.h>

#include "rdc.h"
#include "statuses.h"

typedef enum rdc_code {
  RDC_OK = 0,
#define X(symbol, suffix, text) RDC_##symbol,
  RDC_STATUSES(X)
#undef X
      RDC_CODES
} rdc_code;

typedef struct rdc_status {
  rdc_code code;   /* RDC_OK while nothing has failed */
  size_t offset;   /* byte offset into the text being parsed, or RDC_NOWHERE */
  size_t line;     /* line of the file being read, 0 if none */
  size_t element;  /* index of the element of a vector, or RDC_NOWHERE */
  char place[256]; /* where: "argument 2 ('n') of SDL_Init"; empty when the caller adds it */
  char what[512];  /* "expected ..., got ..." */
} rdc_status;

/* Makes a status say that nothing has failed. */
static inline void rdc_status_clear(rdc_status *status)
{
  status->code = RDC_OK;
  status->offset = RDC_NOWHERE;
  status->line = 0;
  status->element = RDC_NOWHERE;
  status->place[0] = '\0';
  status->what[0] = '\0';
}

/* Records a failure: formats the template of code with the arguments that it names; returns code. */
rdc_code rdc_fail(rdc_status *status, rdc_code code, ...);

/* Like rdc_fail, with the template's arguments as a list. */
rdc_code rdc_fail_list(rdc_status *status, rdc_code code, va_list arguments);

/* Like rdc_fail, at a byte offset of the text being parsed. */
rdc_code rdc_fail_at(rdc_status *status, size_t offset, rdc_code code, ...);

/* Says where the failure happened. */
void rdc_status_place(rdc_status *status, const char *format, ...) RDC_PRINTF(2, 3);

/* The suffix of the condition class for code. */
const char *rdc_status_suffix(rdc_code code);

/* The symbol of code as text ("ARG_RANGE"). */
const char *rdc_status_symbol(rdc_code code);

#endif
