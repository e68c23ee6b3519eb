/* Status codes: one table of suffixes and templates, made from the list. */
#include "status.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *symbol; /* name of the code */
  const char *suffix; /* of the condition class */
  const char *text;   /* message template */
} status_table[RDC_CODES] = {{"OK", "", ""},
#define X(symbol, suffix, text) {#symbol, suffix, text},
                             RDC_STATUSES(X)
#undef X
};

static void status_fill(rdc_status *status, size_t offset, rdc_code code, va_list ap)
{
  status->code = code;
  status->offset = offset;
  vsnprintf(status->what, sizeof status->what, status_table[code].text, ap);
}

rdc_code rdc_fail_list(rdc_status *status, rdc_code code, va_list arguments)
{
  status_fill(status, RDC_NOWHERE, code, arguments);
  return code;
}

rdc_code rdc_fail(rdc_status *status, rdc_code code, ...)
{
  va_list ap;
  va_start(ap, code);
  status_fill(status, RDC_NOWHERE, code, ap);
  va_end(ap);
  return code;
}

rdc_code rdc_fail_at(rdc_status *status, size_t offset, rdc_code code, ...)
{
  va_list ap;
  va_start(ap, code);
  status_fill(status, offset, code, ap);
  va_end(ap);
  return code;
}

void rdc_status_place(rdc_status *status, const char *format, ...)
{
  va_list ap;
  va_start(ap, format);
  vsnprintf(status->place, sizeof status->place, format, ap);
  va_end(ap);
}

const char *rdc_status_suffix(rdc_code code) { return status_table[code].suffix; }

const char *rdc_status_symbol(rdc_code code) { return status_table[code].symbol; }
