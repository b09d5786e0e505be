/* SPDX-License-Identifier: Apache-2.0
 * Operands and results: which form a value has, where it lives between blocks, and how a
 * lane-wise form is had from a scalar one. */
#include "back/simd/emit.h"

struct shape
emit_shape(struct emit *e, const struct ir_value *v)
{
   return lanes_shape_at(e->l, e->g, v, e->block);
}

bool
emit_is_uniform(struct emit *e, const struct ir_value *v)
{
   return emit_shape(e, v).kind == SHAPE_UNIFORM;
}

/* The shape v has where it is defined: what its scalar form, if any, means. */
static struct shape
own_shape(struct emit *e, const struct ir_value *v)
{
   struct shape s = {SHAPE_UNIFORM};
   return v->kind == IR_INST && e->width > 1 ? e->l->shape[v->id] : s;
}

static val
constant(struct emit *e, const struct ir_value *v)
{
   unsigned bits = ir_width_bits(v->width);
   if (v->kind != IR_CONST)
      return LLVMConstNull(emit_int(e, bits));
   if (bits == 128)
      return LLVMConstIntOfArbitraryPrecision(e->i128, 2, v->bits);
   return emit_const(e, bits, v->bits[0]);
}

static struct emit_cached *
cached(struct emit *e, const struct ir_value *v)
{
   struct emit_cached *c = &e->cache[v->id];
   if (c->epoch != e->epoch)
      *c = (struct emit_cached){.epoch = e->epoch};
   return c;
}

val
emit_scalar(struct emit *e, struct ir_value *v)
{
   for (uint32_t k = 0; v->kind == IR_ARG && k < e->f->nargs; k++)
      if (e->f->args[k] == v)
         return LLVMGetParam(e->fn, 2 + k);
   if (v->kind != IR_INST)
      return constant(e, v);
   struct emit_cached *c = cached(e, v);
   if (c->scalar)
      return c->scalar;
   return c->scalar = flow_get_or_zero(e, e->slots[v->id].scalar);
}

static val
lanes_uncached(struct emit *e, struct ir_value *v)
{
   unsigned bits = ir_width_bits(v->width);
   struct shape at = emit_shape(e, v), own = own_shape(e, v);
   if (v->kind != IR_INST || at.kind == SHAPE_UNIFORM)
      return emit_splat(e, emit_scalar(e, v));
   if (own.kind == SHAPE_VARYING ||
       (at.kind == SHAPE_VARYING && v->def->block != e->block))
      return flow_get_or_zero(e, e->slots[v->id].vec);
   if (own.kind == SHAPE_UNIFORM)
      return emit_splat(e, emit_scalar(e, v));
   if (own.conditional)
      return emit_pure_lanes(e, v->def, 0);
   val base = emit_splat(e, emit_scalar(e, v));
   return LLVMBuildAdd(e->b, base, emit_iota(e, bits, own.offsets), "");
}

val
emit_lanes(struct emit *e, struct ir_value *v)
{
   if (v->kind != IR_INST)
      return emit_splat(e, emit_scalar(e, v));
   struct emit_cached *c = cached(e, v);
   if (c->vec)
      return c->vec;
   val x = lanes_uncached(e, v);
   if (!e->no_cache)
      cached(e, v)->vec = x;
   return x;
}

val
emit_use(struct emit *e, struct ir_value *v, bool vec)
{
   return vec ? emit_lanes(e, v) : emit_scalar(e, v);
}

/* base + offsets stays within 32 bits as the widening reads them. */
static val
no_wrap(struct emit *e, val base, const int64_t *offsets, bool is_signed)
{
   int64_t lo = 0, hi = 0;
   for (unsigned i = 0; i < EXEC_WARP; i++) {
      lo = MIN2(lo, offsets[i]);
      hi = MAX2(hi, offsets[i]);
   }
   val ok = NULL;
   int64_t min = is_signed ? INT32_MIN : 0, max = is_signed ? INT32_MAX : UINT32_MAX;
   if (lo)
      ok = LLVMBuildICmp(e->b, is_signed ? LLVMIntSGE : LLVMIntUGE, base,
                         emit_const(e, 32, (uint64_t)(min - lo) & UINT32_MAX), "");
   if (hi) {
      val top = LLVMBuildICmp(e->b, is_signed ? LLVMIntSLE : LLVMIntULE, base,
                              emit_const(e, 32, (uint64_t)(max - hi) & UINT32_MAX), "");
      ok = ok ? LLVMBuildAnd(e->b, ok, top, "") : top;
   }
   return ok;
}

static val
guard_of_widening(struct emit *e, const struct ir_inst *i, unsigned k)
{
   struct shape s = emit_shape(e, i->src[k]);
   if (s.kind != SHAPE_OFFSETS || s.conditional)
      return NULL;
   unsigned t = i->mods.type[i->op == ISA_CVT ? 1 : 0];
   return no_wrap(e, emit_scalar(e, i->src[k]), s.offsets, isa_type_is_signed(t));
}

val
emit_guard(struct emit *e, struct ir_value *v)
{
   struct shape s = emit_shape(e, v);
   if (v->kind != IR_INST || s.kind != SHAPE_OFFSETS || !s.conditional)
      return NULL;
   struct emit_cached *c = cached(e, v);
   if (c->guard)
      return c->guard;
   struct ir_inst *i = v->def;
   bool widens = (i->op == ISA_CVT && ir_width_bits(v->width) == 64) ||
                 ((i->op == ISA_MUL || i->op == ISA_MAD) && i->mods.mode == ISA_WIDE);
   val all = NULL;
   for (unsigned k = 0; k < i->nsrc; k++) {
      val g = widens && k < 2 ? guard_of_widening(e, i, k) : NULL;
      val inner = emit_guard(e, i->src[k]);
      if (g)
         all = all ? LLVMBuildAnd(e->b, all, g, "") : g;
      if (inner)
         all = all ? LLVMBuildAnd(e->b, all, inner, "") : inner;
   }
   if (!all)
      all = emit_const(e, 1, 1);
   if (!e->no_cache)
      cached(e, v)->guard = all;
   return all;
}

static void
store_lanes(struct emit *e, struct ir_value *v, val x)
{
   struct emit_slot *s = &e->slots[v->id];
   val old = s->leaves && e->mask ? flow_get(e, s->vec) : NULL;
   flow_set(e, s->vec, old ? LLVMBuildSelect(e->b, e->mask, x, old, "") : x);
}

void
emit_set(struct emit *e, struct ir_value *v, val x)
{
   if (v->kind != IR_INST)
      return;
   struct emit_slot *s = &e->slots[v->id];
   struct emit_cached *c = cached(e, v);
   bool vec = own_shape(e, v).kind == SHAPE_VARYING;
   if (vec)
      c->vec = x = emit_splat(e, x);
   else
      c->scalar = x;
   if (s->scalar)
      flow_set(e, s->scalar, x);
   if (s->vec)
      store_lanes(e, v, vec ? x : emit_lanes(e, v));
}

/* Marks v as used in block b (a phi's source counts as used in the predecessor). */
static void
note_use(struct emit *e, const struct ir_value *v, const struct ir_block *b)
{
   if (v->kind != IR_INST || v->def->block == b)
      return;
   struct emit_slot *s = &e->slots[v->id];
   s->crosses = true;
   for (struct loop *l = e->g->loop[v->def->block->id]; l && !loop_has(l, b);
        l = l->parent)
      if (l->divergent && e->width > 1 && (!s->leaves || l->depth < s->leaves->depth))
         s->leaves = l;
}

/* Conditional values are computed again lane-wise where they are used, so what they are
 * computed from is used there as well. */
static void
note_use_deep(struct emit *e, const struct ir_value *v, const struct ir_block *b)
{
   note_use(e, v, b);
   if (v->kind != IR_INST || own_shape(e, v).kind != SHAPE_OFFSETS ||
       !own_shape(e, v).conditional)
      return;
   for (unsigned k = 0; k < v->def->nsrc; k++)
      note_use_deep(e, v->def->src[k], b);
}

void
emit_find_slots(struct emit *e)
{
   ir_foreach_block (b, e->f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->nsrc; k++) {
            e->slots[i->src[k]->id].used = true;
            note_use_deep(e, i->src[k], i->op == ISA_PHI ? b->preds.data[k] : b);
         }
      }
   }
   ir_foreach_block (b, e->f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->ndst; k++) {
            struct ir_value *v = i->dst[k];
            struct emit_slot *s = &e->slots[v->id];
            if (v->kind != IR_INST || !s->crosses)
               continue;
            type t = emit_int(e, ir_width_bits(v->width));
            bool vec = own_shape(e, v).kind == SHAPE_VARYING;
            if (!vec)
               s->scalar = flow_var_of_value(e, t, b, NULL);
            if (vec || s->leaves)
               s->vec = flow_var_of_value(e, emit_vec(e, t), b, s->leaves);
         }
      }
   }
}

val
emit_memory_of(struct emit *e, val vec, const char *name)
{
   val m = emit_alloca(e, LLVMTypeOf(vec), name);
   LLVMBuildStore(e->b, vec, m);
   return m;
}

val
emit_lane_of(struct emit *e, val memory, type elem, val lane)
{
   if (e->width == 1)
      return LLVMBuildLoad2(e->b, elem, memory, "");
   return LLVMBuildLoad2(e->b, elem, LLVMBuildGEP2(e->b, elem, memory, &lane, 1, ""), "");
}
