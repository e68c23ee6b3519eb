/* Shims over R's API that several modules need. */
#include "r.h"

#include <stdlib.h>
#include <string.h>

/* The head of an object has no entry in R's API. MAYBE_SHARED cannot tell a vector bound to one variable
   and passed to a function from one that two variables share, and what else is read takes R's functions
   longer than all the rest of a call. Each part is checked when the package is loaded; where counts are
   not as expected, sharing is not detected. */
rdc_r_heads rdc_r_head = {.one = 0x100};

static int counts_are_readable(void)
{
  SEXP x = PROTECT(Rf_allocVector(INTSXP, 1));
  SEXP list = PROTECT(Rf_allocVector(VECSXP, 3));
  rdc_r_head.counts = 1;
  int good = rdc_r_count(x) == 0;
  for (int i = 0; i < 3; i++) {
    SET_VECTOR_ELT(list, i, x);
    good = good && rdc_r_count(x) == (unsigned)i + 1;
  }
  SET_VECTOR_ELT(list, 0, R_NilValue);
  good = good && rdc_r_count(x) == 2;
  MARK_NOT_MUTABLE(x);
  good = good && rdc_r_count(x) >= 7;
  UNPROTECT(2);
  return good;
}

/* A bit of the first byte that vectors of one element have, and not longer ones, with a class, or compact. */
static unsigned bit_of_one(void)
{
  static const SEXPTYPE types[] = {LGLSXP, INTSXP, REALSXP, CPLXSXP, STRSXP, RAWSXP};
  SEXP call = PROTECT(Rf_lang3(Rf_install(":"), Rf_ScalarInteger(1), Rf_ScalarInteger(100)));
  SEXP compact = PROTECT(Rf_eval(call, R_BaseEnv));
  unsigned bit = 0x20;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    SEXP one = PROTECT(Rf_allocVector(types[i], 1)), none = PROTECT(Rf_allocVector(types[i], 0));
    SEXP two = PROTECT(Rf_allocVector(types[i], 2));
    if (rdc_r_first_byte(one) != (types[i] | bit) || rdc_r_first_byte(none) != types[i] ||
        rdc_r_first_byte(two) != types[i])
      bit = 0x100;
    Rf_setAttrib(one, R_ClassSymbol, PROTECT(Rf_mkString("any")));
    if (rdc_r_first_byte(one) == (types[i] | bit))
      bit = 0x100;
    UNPROTECT(4);
  }
  if (ALTREP(compact) && rdc_r_first_byte(compact) < 0x80)
    bit = 0x100;
  UNPROTECT(2);
  return bit;
}

/* Finds out where elements are, if that is the same place for all vectors, and the length two words before
   them. */
static int places_are_known(void)
{
  SEXP real = PROTECT(Rf_allocVector(REALSXP, 1)), whole = PROTECT(Rf_allocVector(INTSXP, 1234));
  SEXP text = PROTECT(Rf_mkString("text")), string;
  size_t at = (size_t)((char *)REAL(real) - (char *)real), before = at - 2 * sizeof(R_xlen_t);
  R_xlen_t one, many;
  memcpy(&string, (char *)text + at, sizeof string);
  memcpy(&one, (char *)real + before, sizeof one);
  memcpy(&many, (char *)whole + before, sizeof many);
  int good = (char *)INTEGER(whole) == (char *)whole + at && string == STRING_ELT(text, 0) &&
             R_CHAR(STRING_ELT(text, 0)) == (char *)STRING_ELT(text, 0) + at && one == 1 && many == 1234;
  rdc_r_head.inside = at;
  rdc_r_head.length = before;
  UNPROTECT(3);
  return good;
}

/* The bits of ASCII and of UTF-8 in string objects. */
static unsigned bits_of_text(void)
{
  static const struct {
    const char *bytes;
    cetype_t encoding;
    unsigned is_text;
  } samples[] = {{"text", CE_NATIVE, 0x4000}, {"\xc3\xa4", CE_UTF8, 0x800}, {"\xe4", CE_LATIN1, 0},
                 {"\xe4\xc3", CE_BYTES, 0}, {"\xe4\xc3", CE_NATIVE, 0}};
  const unsigned bits = 0x4800;
  for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
    uint32_t head;
    SEXP string = Rf_mkCharCE(samples[i].bytes, samples[i].encoding);
    memcpy(&head, (const void *)string, sizeof head);
    if ((head & bits) != samples[i].is_text)
      return 0;
  }
  return bits;
}

/* Whether the pointers of pairs and of external pointers begin where the length of a vector is. */
static int parts_are_known(void)
{
  SEXP tag = Rf_install("tag"), first = PROTECT(Rf_ScalarLogical(NA_LOGICAL));
  SEXP pair = PROTECT(Rf_cons(first, R_NilValue)), pointer = PROTECT(R_MakeExternalPtr(first, tag, pair));
  SET_TAG(pair, tag);
  rdc_r_head.parts = rdc_r_head.length;
  int good = rdc_r_part(pair, 0) == first && rdc_r_part(pair, 1) == R_NilValue && rdc_r_part(pair, 2) == tag &&
             rdc_r_pointer(pointer) == first && rdc_r_part(pointer, 1) == pair && rdc_r_pointer_tag(pointer) == tag;
  UNPROTECT(3);
  return good;
}

/* Where the list of attributes is: behind the first 8 bytes. */
static size_t place_of_attributes(void)
{
  SEXP x = PROTECT(Rf_ScalarInteger(1)), value = PROTECT(Rf_ScalarInteger(1)), list, none;
  const size_t at = 8;
  Rf_setAttrib(x, rdc_symbol.quote, value);
  memcpy(&list, (char *)x + at, sizeof list);
  memcpy(&none, (char *)value + at, sizeof none);
  int good = none == R_NilValue && rdc_r_part(none, 0) == R_NilValue && list && list != R_NilValue &&
             rdc_r_part(list, 0) == value && rdc_r_part(list, 1) == R_NilValue &&
             rdc_r_part(list, 2) == rdc_symbol.quote;
  UNPROTECT(2);
  return good ? at : 0;
}

void rdc_r_init(void)
{
  rdc_r_head.counts = counts_are_readable();
  if (!places_are_known())
    return;
  if (parts_are_known())
    rdc_r_head.attributes = place_of_attributes();
  else
    rdc_r_head.parts = 0;
  rdc_r_head.one = bit_of_one();
  rdc_r_head.is_text = bits_of_text();
}

/* Pinned vectors and how often: open addressing by address; slots of unpinned ones stay as tombstones
   until the table is made anew. */
typedef struct pin {
  SEXP vector;    /* NULL when the slot was never used */
  unsigned count; /* 0 for a tombstone */
} pin;

static pin *pins;
static size_t pins_room, pins_used;

static pin *pin_find(pin *table, size_t room, SEXP x)
{
  size_t i = ((uintptr_t)x >> 4) * 2654435761u & (room - 1);
  while (table[i].vector && table[i].vector != x)
    i = (i + 1) & (room - 1);
  return &table[i];
}

static int pins_renew(void)
{
  size_t live = 0, room = 64;
  for (size_t i = 0; i < pins_room; i++)
    live += pins[i].count != 0;
  while (room < live * 4)
    room *= 2;
  pin *table = calloc(room, sizeof *table);
  if (!table)
    return -1;
  for (size_t i = 0; i < pins_room; i++)
    if (pins[i].count)
      *pin_find(table, room, pins[i].vector) = pins[i];
  free(pins);
  pins = table;
  pins_room = room;
  pins_used = live;
  return 0;
}

void rdc_r_pin(SEXP x)
{
  if ((pins_used + 1) * 4 > pins_room * 3 && pins_renew())
    return; /* without memory the vector counts as shared, which is safe */
  pin *slot = pin_find(pins, pins_room, x);
  if (!slot->vector)
    pins_used++;
  slot->vector = x;
  slot->count++;
}

void rdc_r_unpin(SEXP x)
{
  if (!pins_room)
    return;
  pin *slot = pin_find(pins, pins_room, x);
  if (slot->vector && slot->count)
    slot->count--;
}

/* A list that is linked both ways, CAR to the cell before and CDR to the next; tags are the objects. */
static SEXP held;

void *rdc_r_hold(SEXP x)
{
  PROTECT(x);
  if (!held) {
    held = Rf_cons(R_NilValue, R_NilValue);
    R_PreserveObject(held);
  }
  SEXP cell = PROTECT(Rf_cons(held, CDR(held)));
  SET_TAG(cell, x);
  if (CDR(held) != R_NilValue)
    SETCAR(CDR(held), cell);
  SETCDR(held, cell);
  UNPROTECT(2);
  return cell;
}

void rdc_r_let_go(void *cell)
{
  SEXP before = CAR((SEXP)cell), after = CDR((SEXP)cell);
  SETCDR(before, after);
  if (after != R_NilValue)
    SETCAR(after, before);
}

/* How many references beyond the given number hold a vector. */
static int r_excess(SEXP x, unsigned references)
{
  if (RDC_LIKELY(rdc_r_count(x) <= references))
    return 0;
  const pin *slot = pins_room ? pin_find(pins, pins_room, x) : NULL;
  return (int)rdc_r_count(x) - (int)references - (slot && slot->vector ? (int)slot->count : 0);
}

int rdc_r_is_shared(SEXP x, unsigned references) { return r_excess(x, references) > 0; }

SEXP rdc_r_writable(SEXP x, unsigned references, SEXP copy, int *lost)
{
  int excess = r_excess(x, references);
  *lost = 0;
  if (excess <= 0)
    return x;
  SEXP call = PROTECT(Rf_lang2(rdc_hook.locate, x));
  SEXP where = PROTECT(Rf_eval(call, R_GlobalEnv));
  /* each function that handed the vector on as part of `...` holds it by one more promise */
  if (TYPEOF(where) == VECSXP && excess <= Rf_asInteger(VECTOR_ELT(where, 2))) {
    UNPROTECT(2);
    return x;
  }
  if (copy && TYPEOF(where) != VECSXP) {
    UNPROTECT(2);
    return copy;
  }
  SEXP own = PROTECT(Rf_duplicate(x));
  if (TYPEOF(where) == VECSXP)
    Rf_defineVar(Rf_installTrChar(STRING_ELT(VECTOR_ELT(where, 0), 0)), own, VECTOR_ELT(where, 1));
  else
    *lost = !Rf_asLogical(where);
  UNPROTECT(3);
  return own;
}

SEXP rdc_r_replaceable(SEXP x)
{
  if (!rdc_r_is_shared(x, RDC_R_CALL))
    return x;
  SEXP call = PROTECT(Rf_lang1(rdc_hook.assigning));
  int assigning = Rf_asLogical(Rf_eval(call, R_GlobalEnv));
  UNPROTECT(1);
  return assigning ? x : Rf_duplicate(x);
}

#if R_VERSION >= R_Version(4, 5, 0)

SEXP rdc_r_enclosure(SEXP env) { return R_ParentEnv(env); }

SEXP rdc_r_variable(SEXP symbol, SEXP env) { return R_getVarEx(symbol, env, FALSE, NULL); }

#else

SEXP rdc_r_enclosure(SEXP env) { return ENCLOS(env); }

SEXP rdc_r_variable(SEXP symbol, SEXP env)
{
  SEXP found = Rf_findVarInFrame(env, symbol);
  if (found == R_UnboundValue)
    return NULL;
  return TYPEOF(found) == PROMSXP ? Rf_eval(found, env) : found;
}

#endif

SEXP rdc_r_symbols_of(SEXP names)
{
  SEXP made = PROTECT(Rf_allocVector(VECSXP, XLENGTH(names)));
  for (R_xlen_t i = 0; i < XLENGTH(names); i++)
    SET_VECTOR_ELT(made, i, Rf_installTrChar(STRING_ELT(names, i)));
  UNPROTECT(1);
  return made;
}

SEXP rdc_r_invisible(void)
{
  static SEXP call;
  if (!call)
    R_PreserveObject(call = Rf_lang1(Rf_findFun(Rf_install("invisible"), R_BaseEnv)));
  return Rf_eval(call, R_BaseEnv);
}

SEXP rdc_r_init_same(SEXP x, SEXP y) { return Rf_ScalarLogical(x == y); }

void *rdc_r_bytes(SEXP x)
{
  switch (TYPEOF(x)) {
  case LGLSXP:
    return LOGICAL(x);
  case INTSXP:
    return INTEGER(x);
  case REALSXP:
    return REAL(x);
  case CPLXSXP:
    return COMPLEX(x);
  case RAWSXP:
    return RAW(x);
  default:
    return NULL;
  }
}

size_t rdc_r_element_size(SEXP x)
{
  switch (TYPEOF(x)) {
  case LGLSXP:
  case INTSXP:
    return sizeof(int);
  case REALSXP:
    return sizeof(double);
  case CPLXSXP:
    return sizeof(Rcomplex);
  default:
    return 1;
  }
}

SEXP rdc_r_utf8(SEXP string)
{
  cetype_t encoding = Rf_getCharCE(string);
  if (encoding == CE_UTF8 || encoding == CE_BYTES)
    return string;
  const char *text = Rf_translateCharUTF8(string);
  return text == R_CHAR(string) ? string : Rf_mkCharCE(text, CE_UTF8);
}

int rdc_r_native_is_utf8(void)
{
  SEXP call = PROTECT(Rf_lang1(Rf_install("l10n_info"))), info = PROTECT(Rf_eval(call, R_BaseEnv));
  SEXP names = Rf_getAttrib(info, R_NamesSymbol);
  int found = 0;
  for (R_xlen_t i = 0; i < Rf_xlength(info); i++)
    if (!strcmp(R_CHAR(STRING_ELT(names, i)), "UTF-8"))
      found = Rf_asLogical(VECTOR_ELT(info, i)) == 1;
  UNPROTECT(2);
  return found;
}

SEXP rdc_r_quoted(SEXP x)
{
  /* only language objects would be evaluated */
  return TYPEOF(x) == LANGSXP || TYPEOF(x) == SYMSXP || TYPEOF(x) == PROMSXP
             ? Rf_lang2(R_QuoteSymbol, x)
             : x;
}

int rdc_r_is_string(SEXP x) { return rdc_r_string(x) != NULL; }

SEXP rdc_r_string(SEXP x)
{
  SEXP string = NA_STRING;
  if (RDC_LIKELY(rdc_r_is_one(x, STRSXP)))
    memcpy(&string, rdc_r_inside(x), sizeof string);
  else if (TYPEOF(x) == STRSXP && XLENGTH(x) == 1)
    string = STRING_ELT(x, 0);
  return string == NA_STRING ? NULL : string;
}
