/* External pointers: kinds, liveness, bounds. */
#include "pointer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static SEXP pointer_class;
void (*rdc_pointer_renew)(SEXP vector);
void (*rdc_pointer_callback_label)(SEXP callback, char *buffer, size_t size);

void rdc_pointer_init(void)
{
  pointer_class = Rf_mkString("cpointer");
  R_PreserveObject(pointer_class);
  MARK_NOT_MUTABLE(pointer_class);
}

SEXP rdc_pointer_bare(void *address, SEXP owner)
{
  return R_MakeExternalPtr(address, rdc_symbol.data, owner);
}

SEXP rdc_pointer_new(rdc_pointer_kind kind, void *address, SEXP owner)
{
  SEXP tag = kind == RDC_POINTER_FUNCTION   ? rdc_symbol.function
             : kind == RDC_POINTER_CALLBACK ? rdc_symbol.callback
             : kind == RDC_POINTER_LIBRARY  ? rdc_symbol.library
                                            : rdc_symbol.data;
  SEXP made = PROTECT(R_MakeExternalPtr(address, tag, owner));
  Rf_setAttrib(made, R_ClassSymbol, pointer_class);
  UNPROTECT(1);
  return made;
}

static int is_data(SEXP x)
{
  return TYPEOF(x) == EXTPTRSXP &&
         (R_ExternalPtrTag(x) == rdc_symbol.data || R_ExternalPtrTag(x) == rdc_symbol.constant);
}

static int has_bytes(SEXP x) { return Rf_isVectorAtomic(x) && TYPEOF(x) != STRSXP; }

static int is_block(SEXP x)
{
  return TYPEOF(x) == EXTPTRSXP && R_ExternalPtrTag(x) == rdc_symbol.block;
}

/* The record of a block object; that of a part lies in its arena. NULL when it is from another session
   or, in finalizers, when it is gone already. */
static rdc_block *record_of(SEXP block)
{
  SEXP whole = R_ExternalPtrProtected(block);
  if (is_block(whole) && !R_ExternalPtrAddr(whole))
    return NULL;
  return R_ExternalPtrAddr(block);
}

SEXP rdc_pointer_derive(SEXP x, const void *address)
{
  SEXP owner = x;
  /* the chain to what owns the memory stays short however often a pointer is moved */
  if (is_data(x) && (is_data(R_ExternalPtrProtected(x)) || is_block(R_ExternalPtrProtected(x))))
    owner = R_ExternalPtrProtected(x);
  SEXP made = rdc_pointer_new(RDC_POINTER_DATA, (void *)(uintptr_t)address, owner);
  if (TYPEOF(x) == EXTPTRSXP && R_ExternalPtrTag(x) == rdc_symbol.constant)
    rdc_pointer_set_const(made);
  return made;
}

void rdc_pointer_set_const(SEXP x) { R_SetExternalPtrTag(x, rdc_symbol.constant); }

SEXP rdc_pointer_root(SEXP x)
{
  while (is_data(x)) {
    SEXP owner = R_ExternalPtrProtected(x);
    if (!is_data(owner) && !is_block(owner) && !has_bytes(owner))
      return x;
    x = owner;
  }
  return x;
}

char *rdc_pointer_direct(SEXP x, size_t size, SEXP *root)
{
  if (TYPEOF(x) != EXTPTRSXP || R_ExternalPtrTag(x) != rdc_symbol.data)
    return NULL;
  char *address = R_ExternalPtrAddr(x);
  SEXP owner = R_ExternalPtrProtected(x);
  *root = owner == R_NilValue ? x : owner;
  if (owner == R_NilValue)
    return address;
  const rdc_block *block = is_block(owner) ? record_of(owner) : NULL;
  if (!block || !rdc_block_is_live(block) || block->kind == RDC_BLOCK_PIN ||
      block->size == RDC_NOWHERE)
    return NULL;
  uintptr_t from = (uintptr_t)address - (uintptr_t)block->bytes;
  return from <= block->size && size <= block->size - from ? address : NULL;
}

rdc_block *rdc_pointer_block(SEXP x)
{
  SEXP root = is_data(x) ? rdc_pointer_root(x) : x;
  return is_block(root) ? record_of(root) : NULL;
}

void rdc_pointer_describe_freed(const rdc_block *block, char *buffer, size_t size)
{
  const rdc_block *whole = block->whole ? block->whole : block;
  snprintf(buffer, size, "%s, freed %s%.120s%s%.120s", block->type,
           whole->freed_by ? "in " : whole->ended, whole->freed_by ? whole->freed_by : "",
           block->made_by ? ", made in " : "", block->made_by ? block->made_by : "");
}

/* What a block of another session was, by what its object still holds. */
static const char *lost_words(SEXP block)
{
  SEXP holds = R_ExternalPtrProtected(block);
  if (TYPEOF(holds) == VECSXP)
    return "an object of C that has not survived the session (make it again)";
  if (has_bytes(holds))
    return "a pin that has not survived the session (pin the vector again)";
  if (Rf_inherits(block, "arena"))
    return "an arena that has not survived the session (make another)";
  return "one whose memory has not survived the session (save values, as x[])";
}

rdc_code rdc_pointer_live(SEXP x, rdc_status *status)
{
  SEXP root = rdc_pointer_root(x);
  if (is_block(root)) {
    const rdc_block *block = record_of(root);
    if (!block)
      return rdc_fail(status, RDC_POINTER_STALE, "a pointer to data", lost_words(root));
    if (!rdc_block_is_live(block)) {
      char what[400];
      rdc_pointer_describe_freed(block, what, sizeof what);
      return rdc_fail(status, RDC_POINTER_FREED, what);
    }
  } else if (is_data(root) && TYPEOF(R_ExternalPtrProtected(root)) == EXTPTRSXP &&
             R_ExternalPtrTag(R_ExternalPtrProtected(root)) == rdc_symbol.function) {
    void *variable;
    return rdc_pointer_code(R_ExternalPtrProtected(root), &variable, status);
  } else if (TYPEOF(x) == EXTPTRSXP && !R_ExternalPtrAddr(x) && has_bytes(root)) {
    return rdc_fail(status, RDC_POINTER_STALE, "a pointer to data",
                    "one to a vector that has not survived the session (save the vector)");
  }
  return RDC_OK;
}

rdc_code rdc_pointer_writable(SEXP x, rdc_status *status)
{
  char got[256];
  if (TYPEOF(x) != EXTPTRSXP || R_ExternalPtrTag(x) != rdc_symbol.constant)
    return RDC_OK;
  rdc_describe(x, got, sizeof got);
  return rdc_fail(status, RDC_POINTER_CONST, "memory that may be written", got);
}

static void pin_finalize(SEXP object)
{
  if (!R_ExternalPtrAddr(object))
    return;
  R_ClearExternalPtr(object);
  rdc_r_unpin(R_ExternalPtrProtected(object));
}

SEXP rdc_pointer_pin(SEXP x)
{
  SEXP object = PROTECT(rdc_pointer_new(RDC_POINTER_DATA, rdc_r_bytes(x), R_NilValue));
  rdc_pointer_attach(object, x);
  UNPROTECT(1);
  return object;
}

void rdc_pointer_attach(SEXP pointer, SEXP owner)
{
  R_SetExternalPtrProtected(pointer, owner);
  if (!has_bytes(owner))
    return;
  R_RegisterCFinalizerEx(pointer, pin_finalize, FALSE);
  rdc_r_pin(owner);
}

rdc_pointer_kind rdc_pointer_kind_of(SEXP x)
{
  SEXP tag = R_ExternalPtrTag(x);
  if (tag == rdc_symbol.data || tag == rdc_symbol.constant)
    return RDC_POINTER_DATA;
  if (tag == rdc_symbol.function)
    return RDC_POINTER_FUNCTION;
  if (tag == rdc_symbol.callback)
    return RDC_POINTER_CALLBACK;
  if (tag == rdc_symbol.library)
    return RDC_POINTER_LIBRARY;
  if (tag == rdc_symbol.dll_handle || tag == rdc_symbol.dll_info)
    return RDC_POINTER_R_DLL;
  if (tag == rdc_symbol.registered)
    return RDC_POINTER_R_REGISTERED;
  if (tag == rdc_symbol.type || tag == rdc_symbol.plan || tag == rdc_symbol.bound ||
      tag == rdc_symbol.cell || tag == rdc_symbol.scratch || tag == rdc_symbol.block ||
      tag == rdc_symbol.pool)
    return RDC_POINTER_INTERNAL;
  return RDC_POINTER_DATA;
}

int rdc_pointer_extent(SEXP x, const char **begin, size_t *size)
{
  SEXP root = rdc_pointer_root(x);
  if (is_block(root)) {
    const rdc_block *block = record_of(root);
    if (!block || block->size == RDC_NOWHERE)
      return 0;
    *begin = block->bytes;
    *size = block->size;
    return 1;
  }
  if (!has_bytes(root))
    return 0;
  *begin = rdc_r_bytes(root);
  *size = (size_t)XLENGTH(root) * rdc_r_element_size(root);
  return 1;
}

static void arena_finalize(SEXP object) { rdc_pointer_release(object); }

SEXP rdc_pointer_arena(rdc_arena **out)
{
  SEXP object = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.scratch, R_NilValue));
  R_RegisterCFinalizerEx(object, arena_finalize, FALSE);
  rdc_arena *arena = malloc(sizeof *arena);
  if (!arena)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  rdc_arena_init(arena);
  R_SetExternalPtrAddr(object, arena);
  UNPROTECT(1);
  *out = arena;
  return object;
}

void rdc_pointer_release(SEXP object)
{
  rdc_arena *arena = R_ExternalPtrAddr(object);
  if (!arena)
    return;
  R_ClearExternalPtr(object);
  rdc_arena_free(arena);
  free(arena);
}

static rdc_code out_of_bounds(rdc_status *status, size_t size, size_t have, int64_t offset)
{
  char limit[64], got[96];
  snprintf(limit, sizeof limit, "%lu bytes", (unsigned long)have);
  snprintf(got, sizeof got, "%lu bytes at offset %lld", (unsigned long)size, (long long)offset);
  return rdc_fail(status, RDC_POINTER_BOUNDS, limit, got);
}

rdc_code rdc_pointer_access(SEXP x, int64_t offset, size_t size, void **address, rdc_status *status)
{
  char got[256];
  const char *begin;
  size_t have;
  if (TYPEOF(x) == EXTPTRSXP) {
    rdc_pointer_kind kind = rdc_pointer_kind_of(x);
    char *base = R_ExternalPtrAddr(x);
    if (kind == RDC_POINTER_FUNCTION) { /* a symbol may as well be a variable */
      void *alive;
      rdc_code code = rdc_pointer_code(x, &alive, status);
      if (code)
        return code;
    } else if (kind != RDC_POINTER_DATA) {
      rdc_describe(x, got, sizeof got);
      return rdc_fail(status, RDC_POINTER_KIND, "a pointer to data", got);
    }
    if (rdc_pointer_live(x, status))
      return status->code;
    if (!base)
      return rdc_fail(status, RDC_POINTER_KIND, "a pointer to data", "a null pointer");
    if (rdc_pointer_extent(x, &begin, &have)) {
      int64_t from = (int64_t)(base - begin) + offset;
      if (from < 0 || (uint64_t)from > have || size > have - (size_t)from)
        return out_of_bounds(status, size, have, from);
    }
    *address = base + offset;
    return RDC_OK;
  }
  if (!has_bytes(x)) {
    rdc_describe(x, got, sizeof got);
    return rdc_fail(status, RDC_POINTER_KIND, "an external pointer or an atomic vector", got);
  }
  have = (size_t)XLENGTH(x) * rdc_r_element_size(x);
  if (offset < 0 || (uint64_t)offset > have || size > have - (size_t)offset)
    return out_of_bounds(status, size, have, offset);
  rdc_pointer_renew(x);
  *address = (char *)rdc_r_bytes(x) + offset;
  return RDC_OK;
}

rdc_code rdc_pointer_code(SEXP x, void **code, rdc_status *status)
{
  char got[256];
  if (TYPEOF(x) != EXTPTRSXP) {
    rdc_describe(x, got, sizeof got);
    return rdc_fail(status, RDC_POINTER_KIND, "the address of a function (external pointer)", got);
  }
  *code = R_ExternalPtrAddr(x);
  switch (rdc_pointer_kind_of(x)) {
  case RDC_POINTER_FUNCTION:
    if (rdc_pointer_live_function(x))
      return RDC_OK;
    if (TYPEOF(R_ExternalPtrProtected(x)) == EXTPTRSXP)
      return rdc_fail(status, RDC_POINTER_STALE, "the address of a function",
                      *code ? "one whose library has been unloaded"
                            : "one that has not survived the session (look the symbol up again)");
    break;
  case RDC_POINTER_CALLBACK:
    if (!*code) {
      rdc_pointer_callback_label(x, got, sizeof got);
      return rdc_fail(status, RDC_CALLBACK_STALE, got);
    }
    break;
  case RDC_POINTER_DATA:
    if (rdc_pointer_live(x, status))
      return status->code;
    break;
  case RDC_POINTER_R_REGISTERED:
    return rdc_fail(status, RDC_POINTER_KIND, "the address of a function",
                    "R's description of a registered routine "
                    "(see withRegistrationInfo in ?getNativeSymbolInfo)");
  default:
    rdc_describe(x, got, sizeof got);
    return rdc_fail(status, RDC_POINTER_KIND, "the address of a function",
                    rdc_pointer_kind_of(x) == RDC_POINTER_LIBRARY ||
                            rdc_pointer_kind_of(x) == RDC_POINTER_R_DLL
                        ? "a library (get the address of a symbol with .dynsym)"
                        : got);
  }
  if (!*code)
    return rdc_fail(status, RDC_POINTER_KIND, "the address of a function", "a null pointer");
  return RDC_OK;
}

static void need_pointer(SEXP x)
{
  char got[256];
  if (TYPEOF(x) == EXTPTRSXP)
    return;
  rdc_describe(x, got, sizeof got);
  rdc_raise_code(RDC_POINTER_KIND, "an external pointer", got);
}

SEXP rdc_r_pointer_is_null(SEXP x)
{
  if (x == R_NilValue)
    return Rf_ScalarLogical(1);
  return Rf_ScalarLogical(TYPEOF(x) == EXTPTRSXP && !R_ExternalPtrAddr(x));
}

SEXP rdc_r_pointer_of_vector(SEXP x)
{
  char got[256];
  void *bytes = Rf_isVectorAtomic(x) && XLENGTH(x) ? rdc_r_bytes(x) : NULL;
  if (TYPEOF(x) == EXTPTRSXP)
    return x;
  if (TYPEOF(x) == STRSXP)
    return rdc_r_text_pointer(x, R_NilValue);
  if (!bytes) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "an atomic vector with at least one element", got);
  }
  int lost;
  x = PROTECT(rdc_r_writable(x, RDC_R_CALL, NULL, &lost));
  rdc_pointer_renew(x);
  SEXP made = PROTECT(rdc_pointer_pin(x));
  if (Rf_inherits(x, "struct")) { /* a pointer to a struct has its fields */
    Rf_setAttrib(made, rdc_symbol.struct_, Rf_getAttrib(x, rdc_symbol.struct_));
    Rf_setAttrib(made, rdc_symbol.typeinfo, Rf_getAttrib(x, rdc_symbol.typeinfo));
    Rf_setAttrib(made, rdc_symbol.scope, Rf_getAttrib(x, rdc_symbol.scope));
    Rf_setAttrib(made, R_ClassSymbol, Rf_getAttrib(x, R_ClassSymbol));
  } else if (Rf_inherits(x, "carray")) {
    Rf_setAttrib(made, rdc_symbol.pointee, Rf_getAttrib(x, rdc_symbol.pointee));
  }
  UNPROTECT(2);
  return made;
}

SEXP rdc_r_pointer_offset(SEXP x, SEXP offset)
{
  char got[256];
  int64_t bytes;
  rdc_describe(offset, got, sizeof got);
  if (TYPEOF(offset) == INTSXP && XLENGTH(offset) == 1 && INTEGER(offset)[0] != NA_INTEGER) {
    bytes = INTEGER(offset)[0];
  } else if (TYPEOF(offset) == REALSXP && XLENGTH(offset) == 1 && REAL(offset)[0] > -9e15 &&
             REAL(offset)[0] < 9e15) {
    bytes = (int64_t)REAL(offset)[0];
  } else {
    rdc_raise_code(RDC_ARG_TYPE, "a number of bytes", got);
  }
  if (TYPEOF(x) != EXTPTRSXP)
    x = rdc_r_pointer_of_vector(x);
  PROTECT(x);
  char *base = R_ExternalPtrAddr(x);
  rdc_status status;
  rdc_status_clear(&status);
  if (rdc_pointer_live(x, &status))
    rdc_raise(&status, NULL);
  if (!base || rdc_pointer_kind_of(x) != RDC_POINTER_DATA) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "a pointer to data", got);
  }
  /* one past the end is allowed, as in C */
  const char *begin;
  size_t have;
  if (rdc_pointer_extent(x, &begin, &have)) {
    int64_t from = (int64_t)(base - begin) + bytes;
    if (from < 0 || (uint64_t)from > have) {
      out_of_bounds(&status, 0, have, from);
      rdc_raise(&status, NULL);
    }
  }
  SEXP made = rdc_pointer_derive(x, base + bytes);
  UNPROTECT(1);
  return made;
}

SEXP rdc_r_pointer_address(SEXP x)
{
  char text[32];
  need_pointer(x);
  snprintf(text, sizeof text, "0x%llx", (unsigned long long)(uintptr_t)R_ExternalPtrAddr(x));
  return Rf_mkString(text);
}

SEXP rdc_r_pointer_kind(SEXP x)
{
  static const char *const names[] = {"data",      "function",  "callback", "library",
                                      "R library", "R routine", "internal"};
  need_pointer(x);
  return Rf_mkString(names[rdc_pointer_kind_of(x)]);
}
