/* Strings in the encodings of C. */
#include "text.h"

#include <stdio.h>
#include <string.h>

#include "typeinfo.h"

/* The character is -1 where the string is no valid text, UNKNOWN where R does not tell. */
enum { INVALID = -1, UNKNOWN = -2 };

static rdc_code not_text(rdc_encoding encoding, int32_t bad, rdc_status *status)
{
  char want[80], got[80];
  snprintf(want, sizeof want, "text in %s", rdc_encoding_name(encoding));
  if (bad >= 0)
    snprintf(got, sizeof got, "a string with the character U+%04X", (unsigned)bad);
  else
    snprintf(got, sizeof got, "a string that %s",
             bad == UNKNOWN ? "has other characters" : "is no valid text");
  return rdc_fail(status, RDC_ARG_TEXT, want, got);
}

/* Whether bytes mean the same in two encodings of R, one of which they were converted from: R replaces
   what it cannot convert. */
static int is_same(const char *from, cetype_t before, const char *to, cetype_t after)
{
  const void *vmax = vmaxget();
  int same = !strcmp(Rf_reEnc(to, after, before, 2), from);
  vmaxset(vmax);
  return same;
}

static rdc_code make_utf8(SEXP string, SEXP *out, rdc_encoding encoding, rdc_status *status)
{
  *out = rdc_r_utf8(string);
  if (RDC_LIKELY(*out == string) || Rf_getCharCE(string) != CE_NATIVE ||
      is_same(R_CHAR(string), CE_NATIVE, R_CHAR(*out), CE_UTF8))
    return RDC_OK;
  return not_text(encoding, INVALID, status);
}

static rdc_code make_native(SEXP string, SEXP *out, rdc_status *status)
{
  if (Rf_getCharCE(string) == CE_NATIVE)
    return RDC_OK;
  SEXP utf8 = PROTECT(rdc_r_utf8(string));
  const void *vmax = vmaxget();
  const char *native = Rf_reEnc(R_CHAR(utf8), CE_UTF8, CE_NATIVE, 2);
  if (!is_same(R_CHAR(utf8), CE_UTF8, native, CE_NATIVE)) {
    UNPROTECT(1);
    return not_text(RDC_NATIVE, UNKNOWN, status);
  }
  *out = Rf_mkCharCE(native, CE_NATIVE);
  vmaxset(vmax);
  UNPROTECT(1);
  return RDC_OK;
}

rdc_code rdc_text_make(rdc_encoding encoding, SEXP string, SEXP *out, rdc_status *status)
{
  int32_t bad = INVALID;
  if (RDC_LIKELY(encoding == RDC_UTF8))
    return make_utf8(string, out, encoding, status);
  cetype_t have = Rf_getCharCE(string);
  *out = string;
  if (have == CE_BYTES) /* bytes are text of any encoding of bytes */
    return rdc_encoding_unit(encoding) == 1 ? RDC_OK : not_text(encoding, INVALID, status);
  if (encoding == RDC_NATIVE)
    return make_native(string, out, status);
  if (encoding == RDC_LATIN1 && have == CE_LATIN1)
    return RDC_OK;
  rdc_code code = make_utf8(string, out, encoding, status);
  if (code)
    return code;
  SEXP utf8 = PROTECT(*out);
  size_t length = (size_t)XLENGTH(utf8), unit = rdc_encoding_unit(encoding);
  size_t n = rdc_encoding_write(encoding, R_CHAR(utf8), length, NULL, &bad);
  if (n == RDC_NOWHERE) {
    UNPROTECT(1);
    return not_text(encoding, bad, status);
  }
  *out = Rf_allocVector(RAWSXP, (R_xlen_t)(n + unit));
  rdc_encoding_write(encoding, R_CHAR(utf8), length, RAW(*out), &bad);
  memset(RAW(*out) + n, 0, unit);
  UNPROTECT(1);
  return RDC_OK;
}

const char *rdc_text_bytes(SEXP made, rdc_encoding encoding, size_t *size)
{
  if (TYPEOF(made) == CHARSXP) {
    *size = (size_t)XLENGTH(made);
    return R_CHAR(made);
  }
  *size = (size_t)XLENGTH(made) - rdc_encoding_unit(encoding);
  return (const char *)RAW(made);
}

rdc_code rdc_text_array(rdc_encoding encoding, SEXP strings, int allow_na, SEXP *out,
                        rdc_status *status)
{
  R_xlen_t n = XLENGTH(strings);
  size_t unit = rdc_encoding_unit(encoding), size;
  size_t head = ((size_t)n + 1) * sizeof(char *), bytes = head;
  SEXP made = PROTECT(Rf_allocVector(VECSXP, n)), one;
  for (R_xlen_t i = 0; i < n; i++) {
    SEXP string = STRING_ELT(strings, i);
    if (string == NA_STRING && allow_na)
      continue;
    rdc_code code = string == NA_STRING
                        ? rdc_fail(status, RDC_ARG_MISSING, "an array of strings", "NA")
                        : rdc_text_make(encoding, string, &one, status);
    if (code) {
      UNPROTECT(1);
      return code;
    }
    SET_VECTOR_ELT(made, i, one);
    rdc_text_bytes(one, encoding, &size);
    bytes += size + unit;
  }
  SEXP block = Rf_allocVector(RAWSXP, (R_xlen_t)bytes);
  char *base = (char *)RAW(block), *at = base + head;
  memset(base, 0, head);
  for (R_xlen_t i = 0; i < n; i++) {
    if (VECTOR_ELT(made, i) == R_NilValue)
      continue; /* NA is a null pointer */
    const char *from = rdc_text_bytes(VECTOR_ELT(made, i), encoding, &size);
    memcpy(at, from, size);
    memset(at + size, 0, unit);
    memcpy(base + (size_t)i * sizeof at, &at, sizeof at);
    at += size + unit;
  }
  *out = block;
  UNPROTECT(1);
  return RDC_OK;
}

RDC_NOINLINE static void need_length(size_t n)
{
  if (n > INT32_MAX)
    rdc_raise_code(RDC_ARG_LENGTH, "a string of less than 2^31 bytes", "a longer one");
}

RDC_NOINLINE static SEXP read_units(rdc_encoding encoding, const void *text, size_t size)
{
  char want[64], got[64];
  int32_t bad = 0;
  size_t n = rdc_encoding_read(encoding, text, size, NULL, &bad);
  if (n == RDC_NOWHERE) {
    snprintf(want, sizeof want, "text in %s", rdc_encoding_name(encoding));
    snprintf(got, sizeof got, "the unit 0x%x", (unsigned)bad);
    rdc_raise_code(RDC_ARG_TEXT, want, got);
  }
  need_length(n);
  const void *vmax = vmaxget();
  char *utf8 = R_alloc(n + 1, 1);
  rdc_encoding_read(encoding, text, size, utf8, &bad);
  SEXP string = Rf_mkCharLenCE(utf8, (int)n, CE_UTF8);
  vmaxset(vmax);
  return string;
}

SEXP rdc_text_read(rdc_encoding encoding, const void *text, size_t size)
{
  if (RDC_UNLIKELY(encoding != RDC_UTF8 && encoding != RDC_NATIVE))
    return read_units(encoding, text, size);
  if (RDC_UNLIKELY(size > INT32_MAX))
    need_length(size);
  return Rf_mkCharLenCE(text, (int)size, encoding == RDC_UTF8 ? CE_UTF8 : CE_NATIVE);
}

int rdc_text_is(const rdc_type *type, rdc_encoding *encoding)
{
  const rdc_type *bare = rdc_type_strip(type);
  *encoding = bare->encoding;
  if (bare->kind == RDC_POINTER) {
    rdc_kind kind = rdc_type_strip(bare->base)->kind;
    return kind == RDC_CHAR || kind == RDC_UCHAR;
  }
  return bare->kind == RDC_STRING;
}

static rdc_encoding need_encoding(SEXP handle)
{
  char got[160];
  rdc_encoding encoding;
  const rdc_type *type = rdc_typeinfo_type(handle);
  if (rdc_text_is(type, &encoding))
    return encoding;
  rdc_type_text(type, got, sizeof got);
  rdc_raise_code(RDC_TYPE_VALUE, "a type of strings", got);
}

/* A pointer to a copy of the string: R's own strings are shared by all of R and must never be written to. */
SEXP rdc_r_text_pointer(SEXP x, SEXP handle)
{
  char got[256];
  rdc_status status;
  size_t size;
  SEXP made;
  rdc_encoding encoding = handle == R_NilValue ? RDC_UTF8 : need_encoding(handle);
  if (TYPEOF(x) != STRSXP || !XLENGTH(x) || STRING_ELT(x, 0) == NA_STRING) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, "a string", got);
  }
  rdc_status_clear(&status);
  if (rdc_text_make(encoding, STRING_ELT(x, 0), &made, &status))
    rdc_raise(&status, NULL);
  PROTECT(made);
  const char *from = rdc_text_bytes(made, encoding, &size);
  SEXP bytes = made;
  if (TYPEOF(made) == CHARSXP) {
    bytes = Rf_allocVector(RAWSXP, (R_xlen_t)size + 1);
    memcpy(RAW(bytes), from, size + 1);
  }
  PROTECT(bytes);
  SEXP pointer = rdc_pointer_new(RDC_POINTER_DATA, RAW(bytes), bytes);
  UNPROTECT(2);
  return pointer;
}

SEXP rdc_r_text_array(SEXP x, SEXP handle)
{
  char got[256];
  rdc_status status;
  SEXP block;
  rdc_encoding encoding = need_encoding(handle);
  if (TYPEOF(x) != STRSXP) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, "a character vector", got);
  }
  rdc_status_clear(&status);
  if (rdc_text_array(encoding, x, 1, &block, &status))
    rdc_raise(&status, NULL);
  PROTECT(block);
  SEXP made = rdc_pointer_new(RDC_POINTER_DATA, RAW(block), block);
  UNPROTECT(1);
  return made;
}

/* The address of x, NULL for a null pointer, and how many bytes are known to follow. */
static const char *text_address(SEXP x, size_t *most)
{
  void *address;
  char got[256];
  rdc_status status;
  const char *begin;
  size_t have;
  *most = RDC_NOWHERE;
  rdc_status_clear(&status);
  if (TYPEOF(x) == EXTPTRSXP && rdc_pointer_live(x, &status))
    rdc_raise(&status, NULL);
  if (x == R_NilValue || (TYPEOF(x) == EXTPTRSXP && !R_ExternalPtrAddr(x) &&
                          rdc_pointer_kind_of(x) == RDC_POINTER_DATA))
    return NULL;
  if (TYPEOF(x) != RAWSXP && TYPEOF(x) != EXTPTRSXP) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "an external pointer", got);
  }
  if (rdc_pointer_access(x, 0, 0, &address, &status))
    rdc_raise(&status, NULL);
  if (rdc_pointer_extent(x, &begin, &have))
    *most = have - (size_t)((const char *)address - begin);
  return address;
}

SEXP rdc_r_text_string(SEXP x, SEXP handle)
{
  size_t most;
  rdc_encoding encoding = need_encoding(handle);
  const char *address = text_address(x, &most);
  if (!address)
    return R_NilValue;
  size_t n = rdc_encoding_length(encoding, address, most);
  if (n == RDC_NOWHERE)
    rdc_raise_code(RDC_POINTER_BOUNDS, "memory that holds a terminating nul", "none");
  return Rf_ScalarString(rdc_text_read(encoding, address, n));
}

/* How many strings an array has: up to a null pointer within room addresses. */
static size_t count_strings(const char *at, size_t room)
{
  char want[64];
  const char *text;
  for (size_t n = 0; n < room; n++) {
    memcpy(&text, at + n * sizeof text, sizeof text);
    if (!text)
      return n;
  }
  snprintf(want, sizeof want, "a null pointer within %lu addresses", (unsigned long)room);
  rdc_raise_code(RDC_POINTER_BOUNDS, want, "none");
}

/* The strings of an array: n of them (a double), or up to a null pointer if n is NULL. */
SEXP rdc_r_text_strings(SEXP x, SEXP n, SEXP handle)
{
  char want[64], got[64];
  size_t most, count;
  rdc_encoding encoding = need_encoding(handle);
  const char *at = text_address(x, &most), *text;
  size_t room = at ? most / sizeof text : 0;
  if (!at && n == R_NilValue)
    return R_NilValue;
  count = n == R_NilValue ? count_strings(at, room) : (size_t)REAL(n)[0];
  if (count > room) {
    snprintf(want, sizeof want, "%lu strings", (unsigned long)room);
    snprintf(got, sizeof got, "string %lu", (unsigned long)count);
    rdc_raise_code(RDC_POINTER_BOUNDS, want, got);
  }
  SEXP made = PROTECT(Rf_allocVector(STRSXP, (R_xlen_t)count));
  for (size_t i = 0; i < count; i++) {
    memcpy(&text, at + i * sizeof text, sizeof text);
    SEXP one = text
                   ? rdc_text_read(encoding, text, rdc_encoding_length(encoding, text, RDC_NOWHERE))
                   : NA_STRING;
    SET_STRING_ELT(made, (R_xlen_t)i, one);
  }
  UNPROTECT(1);
  return made;
}
