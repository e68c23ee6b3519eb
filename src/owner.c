/* Blocks as R objects, and what frees them. */
#include "owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

/* A scope in progress, owned by an external pointer. */
typedef struct scope {
  rdc_pool pool;
  struct scope *around; /* the scope that it was entered in, NULL if none */
} scope;

/* What the protected slot of the block object of a C object holds. */
enum { FOREIGN_DESTRUCTOR, FOREIGN_POINTER, FOREIGN_COUNT };

/* Bytes left to the collector that make it run: it does not see them. */
static const size_t collect_first = (size_t)128 << 20;

static rdc_pool collected; /* freed by the collector */
static size_t collect_at;
static scope *scope_top; /* innermost */
int rdc_owner_debug;

/* dynfree() wants the result or error of a destructor; elsewhere the first failure is noted and reported
   when everything is freed. */
static int release_directly;
static SEXP release_result;
static char release_failed[256];

rdc_block *(*rdc_owner_of_callback)(SEXP callback);

rdc_pool *rdc_owner_pool(void) { return scope_top ? &scope_top->pool : &collected; }

/* ---- block objects ---- */

static void report_failed(void)
{
  char message[sizeof release_failed];
  if (!release_failed[0])
    return;
  memcpy(message, release_failed, sizeof message);
  release_failed[0] = '\0';
  rdc_warn("release", message);
}

void rdc_owner_finalize(SEXP object)
{
  rdc_block *block = R_ExternalPtrAddr(object);
  if (!block)
    return;
  /* objects of C that are in a scope come here at the end of the session only */
  if (block->pool == &collected || (block->pool && block->kind == RDC_BLOCK_FOREIGN))
    rdc_owner_close(block, "by the garbage collector");
  R_ClearExternalPtr(object);
  rdc_block_forget(block);
  report_failed();
}

/* A block object without a record yet. C objects are released at the end of the session, too: what they
   have not written yet would be lost. */
static SEXP block_object(rdc_block_kind kind, SEXP holds)
{
  SEXP object = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.block, holds));
  if (kind != RDC_BLOCK_PART)
    R_RegisterCFinalizerEx(object, rdc_owner_finalize, kind == RDC_BLOCK_FOREIGN);
  UNPROTECT(1);
  return object;
}

static void block_attach(SEXP object, rdc_block *block)
{
  if (!block)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  block->object = object;
  R_SetExternalPtrAddr(object, block);
}

/* The text of the user's call, which goes with the record of the block: that of a part with its arena's. */
static char *origin(const rdc_block *block)
{
  SEXP call = PROTECT(Rf_lang1(rdc_hook.origin));
  SEXP text = PROTECT(Rf_eval(call, R_GlobalEnv));
  const char *bytes = R_CHAR(STRING_ELT(text, 0));
  size_t n = strlen(bytes);
  char *copy = block->whole ? rdc_arena_text(&block->whole->records, bytes, n) : malloc(n + 1);
  if (copy)
    memcpy(copy, bytes, n + 1);
  UNPROTECT(2);
  return copy;
}

void rdc_owner_note(rdc_block *block)
{
  if (rdc_owner_debug)
    block->made_by = origin(block);
}

void rdc_owner_hold(rdc_block *block, SEXP object)
{
  if (!block->held && block->pool != &collected)
    block->held = rdc_r_hold(object);
}

static void let_go(rdc_block *block)
{
  if (block->held)
    rdc_r_let_go(block->held);
  block->held = NULL;
}

void rdc_owner_retain(SEXP root)
{
  rdc_block *block = rdc_pointer_block(root);
  if (!block)
    return;
  if (block->kind != RDC_BLOCK_PART) {
    rdc_owner_hold(block, root);
    return;
  }
  /* the arena holds those of its parts that refer to R objects */
  SEXP arena = R_ExternalPtrProtected(root);
  if (!block->held) {
    R_SetExternalPtrProtected(arena, Rf_cons(root, R_ExternalPtrProtected(arena)));
    block->held = arena;
  }
  rdc_owner_retain(arena);
}

void rdc_owner_attach(SEXP owner, rdc_block *block)
{
  SEXP all = PROTECT(Rf_cons(block->object, Rf_getAttrib(owner, rdc_symbol.owned)));
  Rf_setAttrib(owner, rdc_symbol.owned, all);
  rdc_block_move(block, &collected);
  UNPROTECT(1);
}

void rdc_owner_detach(SEXP owner, SEXP object)
{
  SEXP left = PROTECT(Rf_cons(R_NilValue, Rf_getAttrib(owner, rdc_symbol.owned)));
  for (SEXP at = left; CDR(at) != R_NilValue; at = CDR(at)) {
    if (CADR(at) == object) {
      SETCDR(at, CDDR(at));
      break;
    }
  }
  Rf_setAttrib(owner, rdc_symbol.owned, CDR(left));
  UNPROTECT(1);
}

/* The callbacks of an owner that has ended. */
static void close_owned(SEXP owner)
{
  SEXP all = PROTECT(Rf_getAttrib(owner, rdc_symbol.owned));
  Rf_setAttrib(owner, rdc_symbol.owned, R_NilValue);
  for (SEXP at = all; at != R_NilValue; at = CDR(at)) {
    rdc_block *block = rdc_owner_of_callback(CAR(at));
    if (block)
      rdc_owner_close(block, "with its owner");
  }
  UNPROTECT(1);
}

void rdc_owner_close(rdc_block *block, const char *how)
{
  SEXP object = PROTECT(block->object ? block->object : R_NilValue);
  let_go(block);
  if (object != R_NilValue)
    Rf_setAttrib(object, rdc_symbol.keep, R_NilValue);
  if (block->kind == RDC_BLOCK_ARENA && object != R_NilValue)
    R_SetExternalPtrProtected(object, R_NilValue);
  if (!rdc_block_is_intact(block) && !release_failed[0])
    snprintf(release_failed, sizeof release_failed,
             "memory around %s was written to, beyond its %lu bytes", block->type,
             (unsigned long)block->size);
  rdc_block_close(block, how);
  if (object != R_NilValue)
    close_owned(object);
  UNPROTECT(1);
}

/* ---- memory ---- */

/* Lets the collector free what is garbage before more is taken from the system than it knows of. */
static void make_room(size_t size)
{
  if (!collect_at)
    collect_at = collect_first;
  if (collected.bytes + size < collect_at)
    return;
  R_gc();
  collect_at = 2 * (collected.bytes + size);
  if (collect_at < collect_first)
    collect_at = collect_first;
}

static SEXP need_arena(SEXP arena)
{
  char got[256];
  rdc_block *block = rdc_pointer_block(arena);
  rdc_status status;
  rdc_status_clear(&status);
  if (!block && Rf_inherits(arena, "arena") && TYPEOF(arena) == EXTPTRSXP &&
      rdc_pointer_live(arena, &status))
    rdc_raise(&status, NULL);
  if (!block || block->kind != RDC_BLOCK_ARENA) {
    rdc_describe(arena, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "an arena made by new.arena", got);
  }
  if (!rdc_block_is_live(block))
    rdc_raise_code(RDC_POINTER_FREED, "an arena");
  return arena;
}

/* What is allocated, as "double[10]"; snprintf() would take a quarter of an allocation. */
static void spell(rdc_block *block, const rdc_type *type, size_t count)
{
  char digits[24], *at = digits + sizeof digits;
  *--at = '\0';
  *--at = ']';
  do
    *--at = (char)('0' + count % 10);
  while (count /= 10);
  *--at = '[';
  size_t size = (size_t)(digits + sizeof digits - at);
  rdc_type_spell(type, NULL, NULL, block->type, sizeof block->type - size + 1);
  memcpy(block->type + strlen(block->type), at, size);
}

static int is_record(const rdc_type *bare)
{
  return bare->kind == RDC_STRUCT || bare->kind == RDC_UNION;
}

/* An array of n elements, or without a number one: in an arena, or freed by the innermost scope or the
   collector. NULL where the name of a type has to be looked up. */
SEXP rdc_r_owner_alloc(SEXP of, SEXP n, SEXP zero, SEXP arena)
{
  SEXP handle = rdc_typeinfo_known(of);
  if (handle == R_NilValue)
    return R_NilValue;
  const rdc_type *type = rdc_array_element(handle), *bare = rdc_type_strip(type);
  size_t count = n == R_NilValue ? 1 : rdc_array_count(n, bare->size), size = count * bare->size;
  char got[256];
  if (TYPEOF(zero) != LGLSXP || XLENGTH(zero) != 1 || LOGICAL(zero)[0] == NA_LOGICAL) {
    rdc_describe(zero, got, sizeof got);
    rdc_raise_code(RDC_ARG_TYPE, "TRUE or FALSE for zero", got);
  }
  rdc_pool *pool = rdc_owner_pool();
  SEXP object;
  rdc_block *block;
  if (arena == R_NilValue) {
    object = PROTECT(block_object(RDC_BLOCK_MEMORY, R_NilValue));
    if (pool == &collected)
      make_room(size);
    block = rdc_block_alloc(pool, size, bare->align, LOGICAL(zero)[0]);
    if (!block) {
      R_gc();
      block = rdc_block_alloc(pool, size, bare->align, LOGICAL(zero)[0]);
    }
  } else {
    need_arena(arena);
    object = PROTECT(block_object(RDC_BLOCK_PART, arena));
    block = rdc_block_part(rdc_pointer_block(arena), size, bare->align);
  }
  if (!block) {
    char want[48];
    snprintf(want, sizeof want, "%.0f bytes", (double)size);
    rdc_raise_code(RDC_NO_MEMORY, want);
  }
  block_attach(object, block);
  spell(block, type, count);
  rdc_owner_note(block);
  SEXP made = PROTECT(rdc_pointer_bare(block->bytes, object));
  if (n == R_NilValue && is_record(bare))
    rdc_marshal_tag(made, bare);
  else
    rdc_array_tag(made, handle, count);
  UNPROTECT(2);
  return made;
}

SEXP rdc_r_owner_arena(void)
{
  SEXP object = PROTECT(block_object(RDC_BLOCK_ARENA, R_NilValue));
  rdc_block *block = rdc_block_open(rdc_owner_pool(), RDC_BLOCK_ARENA, NULL, 0);
  block_attach(object, block);
  snprintf(block->type, sizeof block->type, "an arena");
  rdc_owner_note(block);
  Rf_setAttrib(object, R_ClassSymbol, PROTECT(Rf_mkString("arena")));
  UNPROTECT(2);
  return object;
}

/* ---- pins ---- */

static void pin_release(rdc_block *block)
{
  SEXP object = block->object, vector = R_ExternalPtrProtected(object);
  rdc_r_unpin(vector);
  R_SetExternalPtrProtected(object, R_NilValue);
}

/* A pointer to the data of a vector, tagged by whoever asks for it. */
static SEXP pin_new(SEXP x)
{
  SEXP object = PROTECT(block_object(RDC_BLOCK_PIN, x));
  size_t size = (size_t)XLENGTH(x) * rdc_r_element_size(x);
  rdc_block *block = rdc_block_open(rdc_owner_pool(), RDC_BLOCK_PIN, rdc_r_bytes(x), size);
  block_attach(object, block);
  block->release = pin_release;
  rdc_r_pin(x);
  rdc_owner_hold(block, object);
  rdc_owner_note(block);
  SEXP made = rdc_pointer_new(RDC_POINTER_DATA, block->bytes, object);
  UNPROTECT(1);
  return made;
}

/* handle is that of the elements, or NULL for a struct. */
SEXP rdc_r_owner_pin(SEXP x, SEXP handle)
{
  char got[256];
  int lost;
  if (!Rf_isVectorAtomic(x) || TYPEOF(x) == STRSXP || !XLENGTH(x)) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND,
                   "an atomic vector of numbers or bytes with at least one element", got);
  }
  x = PROTECT(rdc_r_writable(x, RDC_R_CALL, NULL, &lost));
  rdc_pointer_renew(x);
  SEXP made = PROTECT(pin_new(x));
  rdc_block *block = rdc_pointer_block(made);
  if (handle == R_NilValue) {
    Rf_copyMostAttrib(x, made);
    Rf_setAttrib(made, rdc_symbol.keep, R_NilValue);
    Rf_setAttrib(made, rdc_symbol.session, R_NilValue);
    snprintf(block->type, sizeof block->type, "%.46s",
             R_CHAR(STRING_ELT(Rf_getAttrib(x, rdc_symbol.struct_), 0)));
  } else {
    const rdc_type *type = rdc_array_element(handle);
    size_t count = block->size / rdc_type_strip(type)->size;
    spell(block, type, count);
    rdc_array_tag(made, handle, count);
  }
  if (lost)
    rdc_warn("shared",
             "the pin has a copy of a vector that other values share; assign the vector to "
             "a variable and pin that to see what is written");
  UNPROTECT(2);
  return made;
}

/* ---- objects of C ---- */

static void foreign_release(rdc_block *block)
{
  SEXP object = block->object, holds = PROTECT(R_ExternalPtrProtected(object));
  SEXP destructor = VECTOR_ELT(holds, FOREIGN_DESTRUCTOR),
       pointer = VECTOR_ELT(holds, FOREIGN_POINTER);
  int directly = release_directly, error = *rdc_call_error(RDC_ERROR_ERRNO);
  release_directly = 0; /* not for what the destructor frees */
  R_SetExternalPtrProtected(object, R_NilValue);
  SEXP call = PROTECT(directly ? Rf_lang2(destructor, pointer)
                               : Rf_lang3(rdc_hook.release, destructor, pointer));
  SEXP result = PROTECT(Rf_eval(call, R_GlobalEnv));
  if (directly)
    release_result = result;
  else if (rdc_r_is_string(result) && !release_failed[0])
    snprintf(release_failed, sizeof release_failed, "the destructor of %s failed: %.180s",
             block->type, R_CHAR(STRING_ELT(result, 0)));
  if (!directly) /* nobody has asked for this call: the error is that of the one before */
    *rdc_call_error(RDC_ERROR_ERRNO) = error;
  UNPROTECT(3);
}

void rdc_owner_adopt(SEXP pointer, SEXP destructor, size_t size)
{
  SEXP holds = PROTECT(Rf_allocVector(VECSXP, FOREIGN_COUNT));
  SEXP twin = PROTECT(rdc_pointer_new(RDC_POINTER_DATA, R_ExternalPtrAddr(pointer), R_NilValue));
  Rf_copyMostAttrib(pointer, twin);
  SET_VECTOR_ELT(holds, FOREIGN_DESTRUCTOR, destructor);
  SET_VECTOR_ELT(holds, FOREIGN_POINTER, twin);
  SEXP object = PROTECT(block_object(RDC_BLOCK_FOREIGN, holds));
  rdc_block *block =
      rdc_block_open(rdc_owner_pool(), RDC_BLOCK_FOREIGN, R_ExternalPtrAddr(pointer), size);
  block_attach(object, block);
  block->release = foreign_release;
  SEXP name = Rf_getAttrib(pointer, rdc_symbol.struct_);
  if (name == R_NilValue)
    name = Rf_getAttrib(pointer, rdc_symbol.pointee);
  snprintf(block->type, sizeof block->type, "%.46s",
           rdc_r_is_string(name) ? R_CHAR(STRING_ELT(name, 0)) : "an object of C");
  rdc_owner_hold(block, object);
  R_SetExternalPtrProtected(pointer, object);
  rdc_owner_note(block);
  UNPROTECT(3);
}

void rdc_owner_release(SEXP pointer, const char *how)
{
  rdc_owner_close(rdc_pointer_block(pointer), how);
  report_failed();
}

SEXP rdc_r_owner_own(SEXP x, SEXP destructor, SEXP size)
{
  char got[256];
  rdc_status status;
  rdc_status_clear(&status);
  if (TYPEOF(x) != EXTPTRSXP || rdc_pointer_kind_of(x) != RDC_POINTER_DATA ||
      !R_ExternalPtrAddr(x)) {
    rdc_describe(x, got, sizeof got);
    rdc_raise_code(RDC_POINTER_KIND, "a pointer to what C made", got);
  }
  if (rdc_pointer_live(x, &status))
    rdc_raise(&status, NULL);
  if (R_ExternalPtrProtected(x) != R_NilValue)
    rdc_raise_code(RDC_POINTER_KIND, "a pointer that nobody owns",
                   rdc_pointer_block(x) ? rdc_pointer_block(x)->type : "one into other memory");
  /* another object: what is owned must not change under those who borrow it */
  SEXP made = PROTECT(rdc_pointer_derive(x, R_ExternalPtrAddr(x)));
  R_SetExternalPtrProtected(made, R_NilValue);
  Rf_copyMostAttrib(x, made);
  rdc_owner_adopt(made, destructor, size == R_NilValue ? RDC_NOWHERE : rdc_array_count(size, 1));
  UNPROTECT(1);
  return made;
}

/* ---- freeing ---- */

static rdc_block *block_of(SEXP x)
{
  if (TYPEOF(x) == EXTPTRSXP && rdc_pointer_kind_of(x) == RDC_POINTER_CALLBACK)
    return rdc_owner_of_callback(x);
  return TYPEOF(x) == EXTPTRSXP ? rdc_pointer_block(x) : NULL;
}

/* Whether x points to the data of an R vector. */
static int has_vector(SEXP x) { return TYPEOF(rdc_pointer_root(x)) != EXTPTRSXP; }

/* Why x has no block that could be freed. */
RDC_NORETURN static void raise_unowned(SEXP x)
{
  rdc_status status;
  char got[256];
  rdc_status_clear(&status);
  rdc_describe(x, got, sizeof got);
  if (TYPEOF(x) == EXTPTRSXP && rdc_pointer_kind_of(x) == RDC_POINTER_CALLBACK)
    rdc_raise_code(RDC_POINTER_TWICE, "a callback");
  if (TYPEOF(x) == EXTPTRSXP && rdc_pointer_live(x, &status))
    rdc_raise(&status, NULL);
  if (TYPEOF(x) == EXTPTRSXP && rdc_pointer_kind_of(x) == RDC_POINTER_DATA) {
    rdc_raise_code(RDC_POINTER_KIND, "what this package allocated or owns",
                   !R_ExternalPtrAddr(x) ? "a null pointer"
                   : has_vector(x)       ? "a pointer to the data of an R vector"
                                         : "a borrowed pointer (see dynown)");
  }
  rdc_raise_code(RDC_POINTER_KIND, "what this package allocated or owns", got);
}

SEXP rdc_owner_object(SEXP x)
{
  rdc_status status;
  rdc_block *block = block_of(x);
  rdc_status_clear(&status);
  if (!block)
    raise_unowned(x);
  if (block->kind == RDC_BLOCK_CALLBACK)
    rdc_raise_code(RDC_POINTER_KIND, "what this package allocated or owns", "a callback");
  if (rdc_pointer_live(x, &status))
    rdc_raise(&status, NULL);
  return (block->whole ? block->whole : block)->object;
}

SEXP rdc_r_owner_free(SEXP x)
{
  char got[96];
  rdc_block *block = block_of(x);
  if (!block)
    raise_unowned(x);
  if (!rdc_block_is_live(block)) {
    char what[400];
    rdc_pointer_describe_freed(block, what, sizeof what);
    rdc_raise_code(RDC_POINTER_TWICE, what);
  }
  if (block->kind == RDC_BLOCK_PART)
    rdc_raise_code(RDC_POINTER_KIND, "memory that is freed by itself",
                   "a part of an arena, which frees all of them");
  if (block->kind != RDC_BLOCK_ARENA && block->kind != RDC_BLOCK_CALLBACK &&
      R_ExternalPtrAddr(x) != block->bytes) {
    snprintf(got, sizeof got, "a pointer %ld bytes into it",
             (long)((char *)R_ExternalPtrAddr(x) - block->bytes));
    rdc_raise_code(RDC_POINTER_KIND, "the start of the memory", got);
  }
  if (rdc_owner_debug)
    block->freed_by = origin(block);
  if (!rdc_block_is_intact(block)) {
    char type[sizeof block->type];
    size_t size = block->size;
    memcpy(type, block->type, sizeof type);
    rdc_owner_close(block, "by dynfree()");
    release_failed[0] = '\0';
    rdc_raise_code(RDC_POINTER_GUARD, type, (unsigned long)size);
  }
  release_directly = block->kind == RDC_BLOCK_FOREIGN;
  release_result = R_NilValue;
  rdc_owner_close(block, "by dynfree()");
  return release_result;
}

/* Leaves a block to the scope around its own, or to the collector. */
SEXP rdc_r_owner_keep(SEXP x)
{
  rdc_status status;
  rdc_block *block = block_of(x);
  rdc_status_clear(&status);
  if (!block)
    raise_unowned(x);
  if (block->kind != RDC_BLOCK_CALLBACK && rdc_pointer_live(x, &status))
    rdc_raise(&status, NULL);
  if (block->kind == RDC_BLOCK_PART)
    block = block->whole;
  for (scope *s = scope_top; s; s = s->around)
    if (block->pool == &s->pool) {
      rdc_block_move(block, s->around ? &s->around->pool : &collected);
      break;
    }
  if (block->pool == &collected)
    let_go(block);
  return x;
}

/* ---- scopes ---- */

static void scope_unlink(const scope *gone)
{
  for (scope **at = &scope_top; *at; at = &(*at)->around)
    if (*at == gone) {
      *at = gone->around;
      return;
    }
}

/* Frees everything, newest first; the scope is left before, so that destructors run outside of it. */
static void scope_end(SEXP object)
{
  scope *s = R_ExternalPtrAddr(object);
  if (!s)
    return;
  scope_unlink(s);
  while (s->pool.newest)
    rdc_owner_close(s->pool.newest, "with its scope");
  R_ClearExternalPtr(object);
  free(s);
}

SEXP rdc_r_owner_enter(void)
{
  SEXP object = PROTECT(R_MakeExternalPtr(NULL, rdc_symbol.pool, R_NilValue));
  R_RegisterCFinalizerEx(object, scope_end, FALSE);
  scope *s = calloc(1, sizeof *s);
  if (!s)
    rdc_raise_code(RDC_NO_MEMORY, "a few bytes");
  s->around = scope_top;
  scope_top = s;
  R_SetExternalPtrAddr(object, s);
  UNPROTECT(1);
  return object;
}

SEXP rdc_r_owner_leave(SEXP object)
{
  scope_end(object);
  report_failed();
  return R_NilValue;
}

/* ---- what there is ---- */

const char *rdc_owner_text(const rdc_block *block, char *buffer, size_t size)
{
  int depth = 0, found = 0;
  if (block->whole)
    return "arena";
  for (const scope *s = scope_top; s; s = s->around) {
    found = found ? found : block->pool == &s->pool;
    depth += found;
  }
  if (!depth)
    return "collector";
  snprintf(buffer, size, "scope %d", depth);
  return buffer;
}

const char *rdc_owner_kind(const rdc_block *block)
{
  static const char *const names[] = {"memory", "arena", "part", "object", "pin", "callback"};
  return names[block->kind];
}

/* What is known of a pointer or arena; members are NULL where nothing is. */
SEXP rdc_r_owner_about(SEXP x)
{
  static const char *const parts[] = {"kind", "type",  "size",  "offset", "owner",
                                      "live", "const", "parts", "bytes",  ""};
  char buffer[32];
  const char *begin;
  size_t size;
  const rdc_block *block = TYPEOF(x) == EXTPTRSXP ? block_of(x) : NULL;
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts));
  int is_data = TYPEOF(x) == EXTPTRSXP && rdc_pointer_kind_of(x) == RDC_POINTER_DATA;
  int live = !block || rdc_block_is_live(block);
  if (block) {
    SET_VECTOR_ELT(made, 0, Rf_mkString(rdc_owner_kind(block)));
    SET_VECTOR_ELT(made, 1, Rf_mkString(block->type));
    SET_VECTOR_ELT(made, 4,
                   Rf_mkString(live ? rdc_owner_text(block, buffer, sizeof buffer)
                                    : (block->whole ? block->whole : block)->ended));
  } else if (is_data) {
    SET_VECTOR_ELT(made, 0, Rf_mkString(has_vector(x) ? "vector" : "borrowed"));
  }
  if (is_data && live && rdc_pointer_extent(x, &begin, &size)) {
    SET_VECTOR_ELT(made, 2, Rf_ScalarReal((double)size));
    SET_VECTOR_ELT(made, 3, Rf_ScalarReal((double)((const char *)R_ExternalPtrAddr(x) - begin)));
  }
  SET_VECTOR_ELT(made, 5, Rf_ScalarLogical(live));
  SET_VECTOR_ELT(
      made, 6,
      Rf_ScalarLogical(TYPEOF(x) == EXTPTRSXP && R_ExternalPtrTag(x) == rdc_symbol.constant));
  if (block && block->kind == RDC_BLOCK_ARENA) {
    SET_VECTOR_ELT(made, 7, Rf_ScalarReal((double)block->parts));
    SET_VECTOR_ELT(made, 8, Rf_ScalarReal((double)block->size));
  }
  UNPROTECT(1);
  return made;
}

void rdc_owner_visit(void (*visit)(const rdc_block *block, void *user), void *user)
{
  for (const scope *s = scope_top; s; s = s->around)
    for (const rdc_block *b = s->pool.newest; b; b = b->older)
      visit(b, user);
  for (const rdc_block *b = collected.newest; b; b = b->older)
    visit(b, user);
}
