/* Lists of what written addresses depend on, and the attribute that hangs them onto objects. */
#include "marshal.h"

#include "owner.h"
#include "typeinfo.h"

#include <stdio.h>
#include <string.h>

/* The attribute holds list(places, objects ...), where places are pairs of an offset and the address that was
   written there, and where a list has an object whose own address was written, and
   a pairlist one that is only kept alive. Its attribute "session" is an external pointer, which is
   null in what comes from another session. There rdc_symbol.session stands for what could not be made again,
   and an external pointer of that tag for bytes that may be an address of that session or anything else: they
   are members of unions. Objects whose types have addresses have the attribute "session", too. */
static SEXP token;

unsigned rdc_marshal_epoch;

static R_xlen_t entry_count(SEXP entries)
{
  return TYPEOF(entries) == VECSXP ? XLENGTH(entries) - 1 : 0;
}

static SEXP entry_object(SEXP entries, R_xlen_t i) { return VECTOR_ELT(entries, i + 1); }

static double entry_offset(SEXP entries, R_xlen_t i)
{
  return REAL_ELT(VECTOR_ELT(entries, 0), 2 * i);
}

static double entry_address(SEXP entries, R_xlen_t i)
{
  return REAL_ELT(VECTOR_ELT(entries, 0), 2 * i + 1);
}

/* A list with room for n entries, which are added one by one. */
static SEXP entries_new(R_xlen_t n)
{
  SEXP made = PROTECT(Rf_allocVector(VECSXP, n + 1));
  SET_VECTOR_ELT(made, 0, Rf_allocVector(REALSXP, 2 * n));
  UNPROTECT(1);
  return made;
}

static void entries_add(SEXP entries, R_xlen_t *used, double offset, double address, SEXP object)
{
  double *place = REAL(VECTOR_ELT(entries, 0)) + 2 * *used;
  place[0] = offset;
  place[1] = address;
  SET_VECTOR_ELT(entries, ++*used, object);
}

/* The list without the room that was not used, NULL without entries. */
static SEXP entries_done(SEXP entries, R_xlen_t used)
{
  if (!used || used == entry_count(entries))
    return used ? entries : R_NilValue;
  SEXP made = PROTECT(Rf_lengthgets(entries, used + 1));
  SET_VECTOR_ELT(made, 0, Rf_lengthgets(VECTOR_ELT(entries, 0), 2 * used));
  UNPROTECT(1);
  return made;
}

/* The address at an offset of a vector. */
static const void *address_at(SEXP x, double offset)
{
  const void *address = NULL;
  const char *bytes = rdc_r_bytes(x);
  if (bytes && offset >= 0 &&
      offset + sizeof address <= (double)XLENGTH(x) * (double)rdc_r_element_size(x))
    memcpy(&address, bytes + (size_t)offset, sizeof address);
  return address;
}

/* The same as it is noted. */
static double noted_at(SEXP x, double offset) { return (double)(uintptr_t)address_at(x, offset); }

/* The object on which hangs what the memory of x depends on, and how far from its start x lies. Pointers
   into one memory share it, and so does the vector that they point into. */
static SEXP keeper(SEXP x, double *offset)
{
  SEXP root = rdc_pointer_root(x);
  *offset = 0;
  if (TYPEOF(x) != EXTPTRSXP || x == root)
    return root;
  const rdc_block *block = rdc_pointer_block(root);
  const char *begin = block                       ? block->bytes
                      : TYPEOF(root) == EXTPTRSXP ? R_ExternalPtrAddr(root)
                                                  : rdc_r_bytes(root);
  *offset = (double)((const char *)R_ExternalPtrAddr(x) - begin);
  return block && block->kind == RDC_BLOCK_PIN ? R_ExternalPtrProtected(root) : root;
}

void rdc_keep_init(rdc_keep *keep, SEXP scope, const void *base)
{
  keep->objects = R_NilValue;
  keep->scope = scope;
  keep->base = base;
  /* what is written to memory may be held by anything but the code: only constants are copied */
  keep->references = RDC_R_CONSTANT - 1;
  keep->args = NULL;
  keep->nargs = 0;
  keep->lasting = base != NULL;
  PROTECT_WITH_INDEX(keep->objects, &keep->index);
}

/* A pair of a copy, to which a variable was bound, and the vector; that of a copy which no variable shows
   has no such tag. */
static int is_seen(SEXP object) { return TYPEOF(object) == LISTSXP && TAG(object) == R_BaseEnv; }

void rdc_keep_clear(rdc_keep *keep)
{
  for (SEXP at = keep->objects; at != R_NilValue; at = CDR(at)) {
    if (is_seen(CAR(at))) {
      SEXP pair = CAR(at);
      SETCAR(pair, R_NilValue);
      SETCDR(pair, R_NilValue);
    }
    SETCAR(at, R_NilValue);
  }
}

static void keep_at(rdc_keep *keep, SEXP object, double offset)
{
  PROTECT(object);
  keep->objects = Rf_cons(object, keep->objects);
  REPROTECT(keep->objects, keep->index);
  if (keep->lasting)
    SET_TAG(keep->objects, Rf_ScalarReal(offset));
  UNPROTECT(1);
}

void rdc_keep_add(rdc_keep *keep, SEXP object, const void *dest)
{
  keep_at(keep, object, keep->base ? (double)((const char *)dest - keep->base) : 0);
}

SEXP rdc_keep_writable(rdc_keep *keep, SEXP value, const void *dest)
{
  unsigned references = keep->references, same = 0, all = 1; /* of the variable, and of each argument */
  if (RDC_LIKELY(!rdc_r_is_shared(value, references)))
    return value;
  for (size_t i = 0; i < keep->nargs; i++) {
    if (keep->args[i] == value) {
      same++;
      all += rdc_references_of(keep->passed, i) - 1;
    }
  }
  SEXP copy = NULL; /* made for an argument before */
  if (same > 1) {
    references = all;
    for (SEXP at = keep->objects; at != R_NilValue; at = CDR(at))
      if (TYPEOF(CAR(at)) == LISTSXP && CDR(CAR(at)) == value)
        copy = CAR(CAR(at));
  }
  int lost;
  SEXP own = rdc_r_writable(value, references, copy, &lost);
  if (own == value || own == copy || keep->lasting)
    return own;
  PROTECT(own);
  SEXP pair = PROTECT(Rf_cons(own, value));
  if (!lost)
    SET_TAG(pair, R_BaseEnv);
  rdc_keep_add(keep, pair, dest);
  UNPROTECT(2);
  return own;
}

unsigned rdc_keep_made(rdc_keep *keep, SEXP made, SEXP value, const void *dest)
{
  unsigned references = keep->references;
  if (made == value || keep->lasting)
    return references;
  rdc_keep_add(keep, made, dest);
  keep->references = 1; /* the list; for elements of made, that is made */
  return references;
}

void rdc_keep_inherit(rdc_keep *keep, SEXP from, int64_t offset, size_t size, const void *dest)
{
  double start;
  SEXP entries = Rf_getAttrib(keeper(from, &start), rdc_symbol.keep);
  PROTECT(entries);
  start += (double)offset;
  for (R_xlen_t i = 0; i < entry_count(entries); i++) {
    double at = entry_offset(entries, i);
    if (at >= start && at < start + (double)size)
      keep_at(keep, entry_object(entries, i),
              at - start + (double)((const char *)dest - keep->base));
  }
  UNPROTECT(1);
}

int rdc_keep_lost(const rdc_keep *keep)
{
  for (SEXP at = keep->objects; at != R_NilValue; at = CDR(at)) {
    SEXP pair = CAR(at);
    if (TYPEOF(pair) == LISTSXP && !is_seen(pair) && rdc_r_bytes(CAR(pair)) &&
        rdc_r_bytes(CDR(pair)) &&
        memcmp(rdc_r_bytes(CAR(pair)), rdc_r_bytes(CDR(pair)),
               (size_t)XLENGTH(CAR(pair)) * rdc_r_element_size(CAR(pair))))
      return 1;
  }
  return 0;
}

static int in_ranges(const rdc_ranges *r, double at)
{
  double from = at - (double)r->offset;
  if (from < 0 || from >= (double)r->stride * (double)(r->count - 1) + (double)r->size)
    return 0;
  size_t i = (size_t)from / r->stride, within = (size_t)from % r->stride;
  return within < r->size && (!r->chosen || r->chosen[i]);
}

static void mark(SEXP entries) { Rf_setAttrib(entries, rdc_symbol.session, token); }

static int is_of_session(SEXP entries)
{
  SEXP mark = Rf_getAttrib(entries, rdc_symbol.session);
  return TYPEOF(mark) == EXTPTRSXP && R_ExternalPtrAddr(mark);
}

void rdc_keep_store(SEXP x, const rdc_ranges *ranges, const rdc_keep *keep)
{
  double start;
  rdc_marshal_epoch++;
  SEXP holder = PROTECT(keeper(x, &start));
  SEXP old = PROTECT(Rf_getAttrib(holder, rdc_symbol.keep));
  R_xlen_t n = entry_count(old), added = Rf_xlength(keep->objects), used = 0;
  if (!n && !added) {
    UNPROTECT(2);
    return;
  }
  SEXP made = PROTECT(entries_new(n + added));
  for (R_xlen_t i = 0; i < n; i++) {
    double at = entry_offset(old, i);
    if (!in_ranges(ranges, at - start))
      entries_add(made, &used, at, entry_address(old, i), entry_object(old, i));
  }
  for (SEXP at = keep->objects; at != R_NilValue; at = CDR(at)) {
    double offset = start + REAL_ELT(TAG(at), 0);
    entries_add(made, &used, offset, noted_at(holder, offset), CAR(at));
  }
  made = PROTECT(entries_done(made, used));
  if (used)
    mark(made);
  Rf_setAttrib(holder, rdc_symbol.keep, made);
  if (added)
    rdc_owner_retain(holder);
  UNPROTECT(4);
}

/* What stands for an entry of another session, and its address here. */
static SEXP renewed(SEXP entry, const void **address)
{
  rdc_status status;
  void *code = NULL;
  rdc_status_clear(&status);
  *address = NULL;
  if (TYPEOF(entry) == VECSXP) {
    *address = VECTOR_ELT(entry, 0);
  } else if (TYPEOF(entry) == CHARSXP) {
    *address = R_CHAR(entry);
  } else if (TYPEOF(entry) == CLOSXP) {
    if (rdc_marshal_bound(rdc_marshal_handle(entry), &code, &status))
      return rdc_symbol.session;
    *address = code;
  } else if (TYPEOF(entry) == EXTPTRSXP) {
    SEXP vector = R_ExternalPtrProtected(entry);
    if (!rdc_r_bytes(vector)) /* memory, an object of C, a callback */
      return rdc_symbol.session;
    rdc_keep_renew(vector);
    entry = rdc_pointer_pin(vector);
    *address = R_ExternalPtrAddr(entry);
  } else {
    rdc_keep_renew(entry);
    *address = rdc_r_bytes(entry);
  }
  return entry;
}

/* Where a vector of addresses into itself lay, and how many there are: an attribute of two words. */
void rdc_keep_inner(SEXP vector, size_t n)
{
  uintptr_t note[2] = {(uintptr_t)RAW(vector), n};
  PROTECT(vector);
  SEXP bytes = PROTECT(Rf_allocVector(RAWSXP, sizeof note));
  memcpy(RAW(bytes), note, sizeof note);
  Rf_setAttrib(vector, rdc_symbol.session, bytes);
  UNPROTECT(2);
}

static void renew_inner(SEXP vector, SEXP bytes)
{
  uintptr_t note[2], address;
  if (TYPEOF(vector) != RAWSXP || XLENGTH(bytes) != sizeof note)
    return;
  memcpy(note, RAW(bytes), sizeof note);
  if (note[0] == (uintptr_t)RAW(vector) || note[1] > (size_t)XLENGTH(vector) / sizeof address)
    return;
  for (size_t i = 0; i < note[1]; i++) {
    memcpy(&address, RAW(vector) + i * sizeof address, sizeof address);
    if (address)
      address += (uintptr_t)RAW(vector) - note[0];
    memcpy(RAW(vector) + i * sizeof address, &address, sizeof address);
  }
  rdc_keep_inner(vector, note[1]);
}

void rdc_keep_mark_session(SEXP x) { Rf_setAttrib(x, rdc_symbol.session, token); }

static int is_doubt(SEXP entry)
{
  return TYPEOF(entry) == EXTPTRSXP && R_ExternalPtrTag(entry) == rdc_symbol.session;
}

/* The addresses in an object of another session that nothing which is kept stands for. */
typedef struct unknowns {
  SEXP x;                 /* the object */
  unsigned char *is_kept; /* for each of its bytes, whether an address that is known begins there */
  SEXP entries;           /* what becomes of the attribute keep, NULL while they are counted */
  R_xlen_t count;         /* of these entries, or of what is found */
} unknowns;

static void find_unknown(unknowns *u, size_t at, int in_union)
{
  const void *address = address_at(u->x, (double)at);
  if (!address || u->is_kept[at])
    return;
  if (!u->entries) {
    u->count++;
    return;
  }
  u->is_kept[at] = 1;
  SEXP entry = in_union
                   ? R_MakeExternalPtr((void *)(uintptr_t)address, rdc_symbol.session, R_NilValue)
                   : rdc_symbol.session;
  if (!in_union)
    memset((char *)rdc_r_bytes(u->x) + at, 0, sizeof address);
  entries_add(u->entries, &u->count, (double)at, noted_at(u->x, (double)at), entry);
}

/* Whether other things than addresses can lie in a union. */
static int is_mixed(const rdc_type *bare)
{
  int mixed = 0;
  for (size_t i = 0; bare->kind == RDC_UNION && i < bare->count; i++)
    mixed |= rdc_type_strip(bare->fields[i].type)->has_addresses ||
             !rdc_type_has_addresses(rdc_type_strip(bare->fields[i].type));
  return mixed;
}

static void find_unknowns(unknowns *u, const rdc_type *bare, size_t at, int in_union)
{
  if (!rdc_type_has_addresses(bare))
    return;
  if (bare->kind == RDC_ARRAY) {
    const rdc_type *element = rdc_type_strip(bare->base);
    for (size_t i = 0; i < bare->count; i++)
      find_unknowns(u, element, at + i * element->size, in_union);
  } else if (bare->kind == RDC_STRUCT || bare->kind == RDC_UNION) {
    in_union |= is_mixed(bare);
    for (size_t i = 0; i < bare->count; i++)
      find_unknowns(u, rdc_type_strip(bare->fields[i].type), at + bare->fields[i].offset, in_union);
  } else {
    find_unknown(u, at, in_union);
  }
}

static void find_in_object(unknowns *u, const rdc_type *bare, size_t size)
{
  for (size_t at = 0; bare->size && bare->size <= size - at; at += bare->size)
    find_unknowns(u, bare, at, 0);
}

/* Notes the addresses that C wrote into an object of another session, also in place of those that are kept, and
   writes null over them. */
static void renew_unknown(SEXP x)
{
  SEXP handle = Rf_getAttrib(x, rdc_symbol.typeinfo), old = Rf_getAttrib(x, rdc_symbol.keep);
  if (TYPEOF(handle) != EXTPTRSXP || !rdc_r_bytes(x))
    return;
  const rdc_type *bare = rdc_type_strip(rdc_typeinfo_type(handle));
  size_t size = (size_t)XLENGTH(x) * rdc_r_element_size(x);
  R_xlen_t n = entry_count(old), known = 0;
  unknowns u = {x, (unsigned char *)R_alloc(size + 1, 1), NULL, 0};
  memset(u.is_kept, 0, size);
  PROTECT(old);
  SEXP kept = PROTECT(entries_new(n));
  for (R_xlen_t i = 0; i < n; i++) {
    SEXP entry = entry_object(old, i);
    double at = entry_offset(old, i);
    int is_address = TYPEOF(entry) != LISTSXP;
    if (is_doubt(entry) || (is_address && noted_at(x, at) != entry_address(old, i)))
      continue;
    entries_add(kept, &known, at, entry_address(old, i), entry);
    if (is_address && at >= 0 && at < (double)size)
      u.is_kept[(size_t)at] = 1;
  }
  find_in_object(&u, bare, size);
  SEXP made = PROTECT(entries_new(known + u.count));
  u.entries = made;
  u.count = 0;
  for (R_xlen_t i = 0; i < known; i++)
    entries_add(made, &u.count, entry_offset(kept, i), entry_address(kept, i),
                entry_object(kept, i));
  find_in_object(&u, bare, size);
  made = PROTECT(entries_done(made, u.count)); /* members of unions can share an address */
  Rf_setAttrib(x, rdc_symbol.keep, made);
  rdc_keep_mark_session(x);
  UNPROTECT(4);
}

const void *rdc_keep_copy(SEXP x, int64_t offset, const rdc_type *bare, const void *src,
                          size_t stride, size_t n)
{
  double start;
  char *copy = NULL;
  size_t size = n ? (n - 1) * stride + bare->size : 0;
  while (bare->kind == RDC_ARRAY)
    bare = rdc_type_strip(bare->base);
  if (bare->kind == RDC_STRUCT ||
      bare->kind == RDC_UNION) /* read as objects, which keep these notes */
    return src;
  SEXP entries = Rf_getAttrib(keeper(x, &start), rdc_symbol.keep);
  for (R_xlen_t i = 0; i < entry_count(entries); i++) {
    SEXP entry = entry_object(entries, i);
    double at = entry_offset(entries, i) - start - (double)offset;
    const void *address = is_doubt(entry) ? R_ExternalPtrAddr(entry) : NULL;
    if (!address || at < 0 || at + sizeof address > (double)size ||
        memcmp((const char *)src + (size_t)at, &address, sizeof address))
      continue;
    if (!copy)
      copy = memcpy(R_alloc(size, 1), src, size);
    memset(copy + (size_t)at, 0, sizeof address);
  }
  return copy ? copy : src;
}

void rdc_keep_renew(SEXP x)
{
  SEXP session = Rf_getAttrib(x, rdc_symbol.session);
  if (TYPEOF(session) == RAWSXP)
    renew_inner(x, session);
  else if (TYPEOF(session) == EXTPTRSXP && !R_ExternalPtrAddr(session))
    renew_unknown(x);
  SEXP old = Rf_getAttrib(x, rdc_symbol.keep);
  if (TYPEOF(old) != VECSXP || is_of_session(old) || !rdc_r_bytes(x))
    return;
  PROTECT(old);
  SEXP made = PROTECT(Rf_shallow_duplicate(old));
  SEXP places = PROTECT(Rf_duplicate(VECTOR_ELT(old, 0)));
  SET_VECTOR_ELT(made, 0, places);
  mark(made);
  Rf_setAttrib(x, rdc_symbol.keep, made); /* first: objects may refer to each other in circles */
  for (R_xlen_t i = 0; i < entry_count(old); i++) {
    SEXP entry = entry_object(old, i);
    double offset = entry_offset(old, i);
    const void *address = address_at(x, offset);
    if (TYPEOF(entry) == LISTSXP || is_doubt(entry) || !address ||
        noted_at(x, offset) != entry_address(old, i)) /* not what was written there, or no more */
      continue;
    SET_VECTOR_ELT(made, i + 1, renewed(entry, &address));
    memcpy((char *)rdc_r_bytes(x) + (size_t)offset, &address, sizeof address);
    REAL(places)[2 * i + 1] = noted_at(x, offset);
  }
  UNPROTECT(3);
}

rdc_code rdc_keep_check(SEXP x, rdc_status *status)
{
  char got[96];
  SEXP entries = Rf_getAttrib(x, rdc_symbol.keep);
  for (R_xlen_t i = 0; i < entry_count(entries); i++)
    if (entry_object(entries, i) == rdc_symbol.session) {
      snprintf(got, sizeof got,
               "one at byte %.0f that has not survived the session (assign it again)",
               entry_offset(entries, i));
      return rdc_fail(status, RDC_POINTER_STALE, "live pointers in an object", got);
    }
  return RDC_OK;
}

/* Where an object that is kept begins, NULL if that is not known. */
static const void *kept_address(SEXP entry)
{
  if (TYPEOF(entry) == LISTSXP)
    entry = CAR(entry);
  return TYPEOF(entry) == EXTPTRSXP ? R_ExternalPtrAddr(entry) : rdc_r_bytes(entry);
}

/* A pointer that was read from offset of x is what was written there, if it is the same address: then
   it knows its memory again. */
static void recognise(SEXP x, int64_t offset, SEXP pointer)
{
  double start;
  SEXP entries = Rf_getAttrib(keeper(x, &start), rdc_symbol.keep);
  for (R_xlen_t i = 0; i < entry_count(entries); i++) {
    SEXP entry = entry_object(entries, i);
    if (entry_offset(entries, i) != start + (double)offset || is_doubt(entry) ||
        kept_address(entry) != R_ExternalPtrAddr(pointer))
      continue;
    rdc_pointer_attach(pointer, TYPEOF(entry) == LISTSXP ? CAR(entry) : entry);
    return;
  }
}

void rdc_keep_pass(SEXP x, int64_t offset, SEXP copy)
{
  rdc_ranges none = {0, 0, 1, 1, NULL};
  rdc_keep keep;
  double start;
  if (TYPEOF(copy) == EXTPTRSXP) {
    if (R_ExternalPtrAddr(copy) && R_ExternalPtrProtected(copy) == R_NilValue)
      recognise(x, offset, copy);
    return;
  }
  if (TYPEOF(copy) != RAWSXP || !Rf_isObject(copy) ||
      Rf_getAttrib(keeper(x, &start), rdc_symbol.keep) == R_NilValue)
    return;
  PROTECT(copy);
  rdc_keep_init(&keep, R_NilValue, RAW(copy));
  rdc_keep_inherit(&keep, x, offset, (size_t)XLENGTH(copy), RAW(copy));
  rdc_keep_store(copy, &none, &keep);
  UNPROTECT(2);
}

void rdc_keep_setup(void)
{
  token = R_MakeExternalPtr(&token, rdc_symbol.session, R_NilValue);
  R_PreserveObject(token);
  rdc_pointer_renew = rdc_keep_renew;
}
