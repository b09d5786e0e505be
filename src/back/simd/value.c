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

struct shape
emit_own_shape(struct emit *e, const struct ir_value *v)
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
emit_base(struct emit *e, struct ir_value *v)
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

val
emit_scalar_at_hand(struct emit *e, struct ir_value *v)
{
   if (!emit_is_uniform(e, v))
      return NULL;
   if (v->kind == IR_INST && v->def->block != e->block) {
      struct emit_var *x = e->slots[v->id].scalar;
      if (!x || !flow_get(e, x))
         return NULL;
   }
   return emit_scalar(e, v);
}

/* The unit of a shape, as wide as what it is added to. */
val
emit_unit(struct emit *e, const struct shape *s, unsigned bits)
{
   return emit_resize(e, emit_scalar(e, (struct ir_value *)s->unit), bits, true);
}

/* times[l] * unit: mostly two rows, which a select tells apart. */
val
emit_multiples(struct emit *e, const struct shape *s, unsigned bits)
{
   val unit = emit_unit(e, s, bits), lanes[EXEC_WARP];
   int64_t one = s->times[0], other = one;
   for (unsigned i = 0; i < e->width; i++) {
      if (s->times[i] != one && s->times[i] != other && other != one)
         return LLVMBuildMul(e->b, emit_splat(e, unit), emit_iota(e, bits, s->times), "");
      if (s->times[i] != one)
         other = s->times[i];
      lanes[i] = emit_const(e, 1, s->times[i] == one);
   }
   val a = LLVMBuildMul(e->b, unit, emit_const(e, bits, (uint64_t)one), "");
   val b = LLVMBuildMul(e->b, unit, emit_const(e, bits, (uint64_t)other), "");
   return LLVMBuildSelect(e->b, LLVMConstVector(lanes, e->width), emit_splat(e, a),
                          emit_splat(e, b), "");
}

val
emit_displaced(struct emit *e, struct ir_value *v)
{
   unsigned bits = ir_width_bits(v->width);
   struct shape own = emit_own_shape(e, v);
   val base = emit_splat(e, emit_base(e, v));
   base = LLVMBuildAdd(e->b, base, emit_iota(e, bits, own.offsets), "");
   return own.unit ? LLVMBuildAdd(e->b, base, emit_multiples(e, &own, bits), "") : base;
}

static val
lanes_uncached(struct emit *e, struct ir_value *v)
{
   struct shape at = emit_shape(e, v), own = emit_own_shape(e, v);
   if (v->kind != IR_INST || at.kind == SHAPE_UNIFORM)
      return emit_splat(e, emit_scalar(e, v));
   if (own.kind == SHAPE_VARYING ||
       (at.kind == SHAPE_VARYING && v->def->block != e->block))
      return flow_get_or_zero(e, e->slots[v->id].vec);
   if (own.kind == SHAPE_UNIFORM)
      return emit_splat(e, emit_scalar(e, v));
   if (own.conditional)
      return v->def->block == e->block ? emit_pure_form(e, v->def, 0, true)
                                       : flow_get_or_zero(e, e->slots[v->id].vec);
   return emit_displaced(e, v);
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
   bool vec = emit_own_shape(e, v).kind == SHAPE_VARYING;
   if (vec)
      c->vec = x = emit_splat(e, x);
   else
      c->scalar = x;
   if (s->scalar)
      flow_set(e, s->scalar, x);
   if (s->vec)
      store_lanes(e, v, vec ? x : emit_lanes(e, v));
   if (s->guard)
      flow_set(e, s->guard, emit_guard(e, v));
   if (e->rounds)
      homes_defined(e, v);
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

/* Values of shape OFFSETS may need their unit wherever they are used. */
static void
note_uses(struct emit *e, const struct ir_value *v, const struct ir_block *b)
{
   note_use(e, v, b);
   if (v->kind == IR_INST && emit_own_shape(e, v).unit)
      note_use(e, emit_own_shape(e, v).unit, b);
}

void
emit_find_slots(struct emit *e)
{
   ir_foreach_block (b, e->f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->nsrc; k++) {
            e->slots[i->src[k]->id].used = true;
            note_uses(e, i->src[k], i->op == ISA_PHI ? b->preds.data[k] : b);
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
            struct shape own = emit_own_shape(e, v);
            type t = emit_int(e, ir_width_bits(v->width));
            bool vec = own.kind == SHAPE_VARYING;
            if (!vec)
               s->scalar = flow_var_of_value(e, t, b, NULL);
            if (vec || s->leaves || own.conditional)
               s->vec = flow_var_of_value(e, emit_vec(e, t), b, s->leaves);
            if (own.conditional)
               s->guard = flow_var_of_value(e, e->i1, b, NULL);
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
