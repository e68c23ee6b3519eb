/* Encodings of text that ends with a zero unit. */
#ifndef RDC_ENCODING_H
#define RDC_ENCODING_H

#include "rdc.h"

typedef enum rdc_encoding {
  RDC_UTF8,
  RDC_NATIVE, /* of R's session; converted by R */
  RDC_LATIN1,
  RDC_UTF16,
  RDC_UTF32
} rdc_encoding;

/* Bytes of a unit. */
size_t rdc_encoding_unit(rdc_encoding encoding);

/* The name of an encoding in messages. */
const char *rdc_encoding_name(rdc_encoding encoding);

/* Bytes before the zero unit, which has to lie within the first most bytes: RDC_NOWHERE if there is none. */
size_t rdc_encoding_length(rdc_encoding encoding, const void *text, size_t most);

/* Writes size bytes of UTF-8 in Latin-1, UTF-16 or UTF-32, without a zero unit; out NULL only counts. Returns
   the number of bytes, or RDC_NOWHERE with the character that cannot be written in *bad, -1 if the text
   is no UTF-8. */
size_t rdc_encoding_write(rdc_encoding encoding, const char *text, size_t size, void *out,
                          int32_t *bad);

/* The reverse; *bad is the unit that is no text. */
size_t rdc_encoding_read(rdc_encoding encoding, const void *text, size_t size, char *out,
                         int32_t *bad);

#endif
