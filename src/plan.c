/* Compiles signatures into plans. */
#include "plan.h"

#include <stdlib.h>

/* C's default argument promotions for what follows '...'. */
static const rdc_type *plan_promote(rdc_arena *arena, const rdc_type *type)
{
  const rdc_type *bare = rdc_type_strip(type);
  if (type->is_converted) { /* converters stay */
    const rdc_type *base = plan_promote(arena, type->base);
    if (!base || base == type->base)
      return base ? type : NULL;
    rdc_type *copy = rdc_arena_alloc(arena, sizeof *copy);
    if (copy) {
      *copy = *type;
      copy->base = base;
    }
    return copy;
  }
  if (bare->kind == RDC_FLOAT)
    return rdc_type_letter('d');
  if (rdc_kind_is_integer(bare->kind) && bare->size < sizeof(int))
    return rdc_type_letter('i');
  return type;
}

/* Whether values of a type are or hold addresses. */
static int plan_keeps(const rdc_type *bare)
{
  return !rdc_kind_is_integer(bare->kind) && !rdc_kind_is_real(bare->kind);
}

static rdc_code plan_compile(rdc_plan *plan, rdc_mode mode, rdc_status *status)
{
  const rdc_type *type = plan->type;
  size_t n = type->count;
  rdc_code code;
  plan->mode = mode != RDC_MODE_DEFAULT ? mode : rdc_abi_mode_letter(type->mode);
  plan->nargs = n;
  plan->args = rdc_arena_array(&plan->arena, n, sizeof *plan->args);
  plan->bare = rdc_arena_array(&plan->arena, n, sizeof *plan->bare);
  plan->slots = rdc_arena_array(&plan->arena, n, sizeof *plan->slots);
  if (!plan->args || !plan->bare || !plan->slots)
    return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
  size_t at = rdc_round_up((n + 1) * sizeof(void *), RDC_ALIGNMENT);
  for (size_t i = 0; i < n; i++) {
    plan->args[i] = i < type->fixed ? type->params[i] : plan_promote(&plan->arena, type->params[i]);
    if (!plan->args[i])
      return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
    plan->bare[i] = rdc_type_strip(plan->args[i]);
    plan->keeps |= plan_keeps(plan->bare[i]);
    size_t align = plan->bare[i]->align > 8 ? plan->bare[i]->align : 8;
    at = rdc_round_up(at, align);
    plan->slots[i] = at;
    at += plan->bare[i]->size;
    if (at > INT32_MAX) /* libffi counts in unsigned */
      return rdc_fail(status, RDC_TYPE_SIZE, "the arguments");
  }
  plan->ret = rdc_type_plain(type->base);
  plan->converted = type->base->is_converted ? type->base : NULL;
  const rdc_type *ret = rdc_type_strip(type->base);
  plan->is_special =
      (rdc_kind_is_integer(ret->kind) && ret->size == 8) || rdc_type_pointee_name(ret);
  if ((code = rdc_abi_prepare(&plan->abi, &plan->arena, plan->mode, n, type->fixed, plan->bare, ret,
                              status)))
    return code;
  for (size_t i = 0; i < n; i++)
    plan->bare[i] = rdc_type_values(plan->args[i]);
  plan->finishes = plan->converted || (plan->keeps && ret->kind == RDC_POINTER);
  if (plan->abi.places && at < sizeof(rdc_image))
    at = sizeof(rdc_image);
  plan->ret_slot = rdc_round_up(at, ret->align > RDC_ALIGNMENT ? ret->align : RDC_ALIGNMENT);
  plan->frame_size = plan->ret_slot + plan->abi.ret_size;
  return RDC_OK;
}

rdc_code rdc_plan_new(const char *text, size_t length, rdc_mode mode, const rdc_scope *scope,
                      rdc_plan **out, rdc_status *status)
{
  rdc_plan *plan = calloc(1, sizeof *plan);
  rdc_type *type;
  rdc_sig sig;
  rdc_code code;
  *out = NULL;
  if (!plan)
    return rdc_fail(status, RDC_NO_MEMORY, "a few bytes");
  plan->users = 1;
  rdc_arena_init(&plan->arena);
  rdc_sig_init(&sig, text, length, &plan->arena, scope, status);
  code = rdc_sig_call(&sig, &type);
  if (!code) {
    plan->type = type;
    code = plan_compile(plan, mode, status);
  }
  if (code) {
    rdc_plan_drop(plan);
    return code;
  }
  *out = plan;
  return RDC_OK;
}

rdc_plan *rdc_plan_hold(rdc_plan *plan)
{
  RDC_ATOMIC_ADD(&plan->users, 1);
  return plan;
}

void rdc_plan_drop(rdc_plan *plan)
{
  if (!plan || RDC_ATOMIC_ADD(&plan->users, (size_t)-1))
    return;
  rdc_abi_drop(&plan->abi);
  rdc_arena_free(&plan->arena);
  free(plan);
}
