/* A list of live blocks; guards and noted calls; traced calls. */
#include "debug.h"

#include <stdio.h>
#include <string.h>

/* A copy of what a block says: to make R objects runs finalizers, which free blocks. */
typedef struct row {
  const char *kind;
  size_t size;
  const void *address;
  char owner[32], type[48], origin[256];
} row;

typedef struct table {
  row *rows; /* NULL while they are counted */
  size_t n, room;
} table;

static void add_row(const rdc_block *block, void *user)
{
  table *t = user;
  size_t i = t->n++;
  if (i >= t->room)
    return;
  row *r = &t->rows[i];
  r->kind = rdc_owner_kind(block);
  r->size = block->size;
  r->address = block->bytes;
  char buffer[sizeof r->owner];
  snprintf(r->owner, sizeof r->owner, "%s", rdc_owner_text(block, buffer, sizeof buffer));
  snprintf(r->type, sizeof r->type, "%s", block->type);
  snprintf(r->origin, sizeof r->origin, "%s", block->made_by ? block->made_by : "");
}

/* The columns of dynleaks(). */
SEXP rdc_r_debug_list(void)
{
  static const char *const parts[] = {"kind", "type", "bytes", "address", "owner", "origin", ""};
  char address[32];
  table t = {NULL, 0, 0};
  rdc_owner_visit(add_row, &t);
  size_t room = t.n;
  t.rows = (row *)(void *)R_alloc(room + 1, sizeof *t.rows);
  t.room = room;
  t.n = 0;
  rdc_owner_visit(add_row, &t);
  R_xlen_t n = (R_xlen_t)(t.n < room ? t.n : room);
  SEXP made = PROTECT(Rf_mkNamed(VECSXP, (const char **)(uintptr_t)parts));
  for (int i = 0; parts[i][0]; i++)
    SET_VECTOR_ELT(made, i, Rf_allocVector(i == 2 ? REALSXP : STRSXP, n));
  for (R_xlen_t i = 0; i < n; i++) {
    const row *r = &t.rows[i];
    snprintf(address, sizeof address, "0x%llx", (unsigned long long)(uintptr_t)r->address);
    SET_STRING_ELT(VECTOR_ELT(made, 0), i, Rf_mkChar(r->kind));
    SET_STRING_ELT(VECTOR_ELT(made, 1), i, Rf_mkCharCE(r->type, CE_UTF8));
    REAL(VECTOR_ELT(made, 2))[i] = r->size == RDC_NOWHERE ? NA_REAL : (double)r->size;
    SET_STRING_ELT(VECTOR_ELT(made, 3), i, Rf_mkChar(address));
    SET_STRING_ELT(VECTOR_ELT(made, 4), i, Rf_mkChar(r->owner));
    SET_STRING_ELT(VECTOR_ELT(made, 5), i,
                   r->origin[0] ? Rf_mkCharCE(r->origin, CE_UTF8) : NA_STRING);
  }
  UNPROTECT(1);
  return made;
}

/* Whether debug mode was on before; on is TRUE, FALSE or NULL. */
SEXP rdc_r_debug_set(SEXP on)
{
  int before = rdc_owner_debug;
  if (on != R_NilValue) {
    rdc_owner_debug = Rf_asLogical(on);
    rdc_block_debug(rdc_owner_debug);
  }
  return Rf_ScalarLogical(before);
}

static void find_damage(const rdc_block *block, void *user)
{
  const rdc_block **found = user;
  if (!rdc_block_is_intact(block))
    *found = block;
}

/* Raises when the guards of live blocks or freed memory were written to. */
SEXP rdc_r_debug_check(void)
{
  const rdc_block *found = NULL;
  rdc_owner_visit(find_damage, (void *)&found);
  if (found)
    rdc_raise_code(RDC_POINTER_GUARD, found->type, (unsigned long)found->size);
  char written[sizeof found->type];
  if (rdc_block_written_after(written, sizeof written))
    rdc_raise_code(RDC_POINTER_WRITTEN, written);
  return R_NilValue;
}

/* ---- traced calls ---- */

int rdc_debug_trace;

/* Whether calls were traced before; on is TRUE, FALSE or NULL. */
SEXP rdc_r_debug_trace(SEXP on)
{
  int before = rdc_debug_trace;
  if (on != R_NilValue)
    rdc_debug_trace = Rf_asLogical(on);
  return Rf_ScalarLogical(before);
}

static SEXP spelled(const rdc_type *type, const char *name)
{
  char text[256];
  rdc_type_spell(type, name, NULL, text, sizeof text);
  return Rf_mkCharCE(text, CE_UTF8);
}

void rdc_debug_tell(const rdc_plan *plan, const char *name, SEXP params, const SEXP *args, size_t n,
                    SEXP result)
{
  R_xlen_t count = (R_xlen_t)n;
  SEXP values = PROTECT(Rf_allocVector(VECSXP, count + 1));
  SEXP texts = PROTECT(Rf_allocVector(STRSXP, count + 1));
  for (R_xlen_t i = 0; i < count; i++) {
    int is_named = TYPEOF(params) == STRSXP && XLENGTH(params) > i;
    SET_STRING_ELT(texts, i,
                   spelled(plan->args[i], is_named ? R_CHAR(STRING_ELT(params, i)) : NULL));
    SET_VECTOR_ELT(values, i, args[i]);
  }
  SET_STRING_ELT(texts, count, spelled(plan->ret, NULL));
  if (result)
    SET_VECTOR_ELT(values, count, result);
  SEXP label = PROTECT(Rf_mkString(name ? name : "(*)"));
  SEXP left = PROTECT(Rf_ScalarLogical(!result));
  SEXP call = PROTECT(Rf_lang5(rdc_hook.trace, label, texts, values, left));
  Rf_eval(call, R_GlobalEnv);
  for (R_xlen_t i = 0; i <= count; i++) /* or vectors would count as shared */
    SET_VECTOR_ELT(values, i, R_NilValue);
  UNPROTECT(5);
}
