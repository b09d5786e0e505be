/* SPDX-License-Identifier: Apache-2.0
 * Of how many lanes a value's vector has to be computed. In a tree of shuffles that sums
 * up a warp's values each step reads half as many lanes as the one before, and in the end
 * one lane is stored; or each step makes half as many different values. What is read is
 * found backwards from what blocks do that only some lanes can be in. */
#include "back/simd/few.h"

/* -- Which lanes are read. */
static bool
is_vector(const struct emit *e, const struct ir_value *v)
{
   return v->kind == IR_INST && e->l->shape[v->id].kind == SHAPE_VARYING;
}

/* Lanes below n: a power of two, beyond which lanes repeat. */
static unsigned
different(const struct emit *e, const struct ir_value *v)
{
   unsigned n = e->width, alike = e->l->alike ? e->l->alike[v->id] : 0;
   while (n > 1 && (alike & n / 2))
      n /= 2;
   return n;
}

static uint32_t
folded(uint32_t lanes, unsigned n)
{
   for (unsigned k = EXEC_WARP / 2; k >= n; k /= 2)
      lanes = (lanes | lanes >> k) & ((1u << k) - 1);
   return lanes;
}

/* The lanes of its operands that i reads where its results are vectors of which these
 * lanes are read. */
static uint32_t
read_by(const struct emit *e, const struct ir_inst *i, const uint32_t *read)
{
   uint32_t lanes = 0;
   bool vec = false;
   for (unsigned k = 0; k < i->ndst; k++) {
      const struct ir_value *d = i->dst[k];
      if (d->kind != IR_INST)
         continue;
      if (is_vector(e, d))
         lanes |= folded(read[d->id], different(e, d));
      else if (lanes_all_alike(e->l, d))
         lanes |= 1;
      else
         return UINT32_MAX;
      vec = true;
   }
   return vec ? lanes : UINT32_MAX;
}

static uint32_t
of_operand(const struct emit *e, const struct ir_inst *i, unsigned k,
           const uint32_t *read)
{
   uint8_t from[EXEC_WARP];
   uint32_t in_range, lanes, out = 0;
   if (lanes_is_lane_wise(i))
      return read_by(e, i, read);
   if (!k && lanes_shfl_sources(i, from, &in_range) && i->dst[0]->kind == IR_INST) {
      const struct ir_value *d = i->dst[0];
      lanes = is_vector(e, d) ? folded(read[d->id], different(e, d)) : 1;
      for (unsigned l = 0; l < EXEC_WARP; l++)
         out |= (lanes >> l & 1) << from[l];
      return out;
   }
   return ir_inst_is_access(i) && e->l->here ? e->l->here[i->block->id] : UINT32_MAX;
}

static struct emit_few
few_of_lanes(uint32_t lanes)
{
   struct emit_few few = {1, (uint8_t)(lanes ? __builtin_ctz(lanes) : 0)};
   if (!(lanes & (lanes - 1)))
      return few;
   few.first = 0;
   while (few.n < EXEC_WARP && lanes >> few.n)
      few.n *= 2;
   return few;
}

void
emit_find_few(struct emit *e)
{
   uint32_t values = e->f->value_count;
   e->few = NULL;
   if (e->width != EXEC_WARP || (!e->l->here && !e->l->alike))
      return;
   uint32_t *read = arena_array(e->a, uint32_t, values);
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = e->g->nrpo; o-- > 0;)
         for (struct ir_inst *i = e->g->rpo[o]->last; i; i = i->prev)
            for (unsigned k = 0; k < i->nsrc; k++) {
               uint32_t *r = &read[i->src[k]->id];
               uint32_t more = of_operand(e, i, k, read) & ~*r;
               changed |= more != 0;
               *r |= more;
            }
   }
   e->few = arena_array(e->a, struct emit_few, values);
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         for (unsigned k = 0; k < i->ndst; k++) {
            const struct ir_value *v = i->dst[k];
            if (v->kind == IR_INST)
               e->few[v->id] = few_of_lanes(folded(read[v->id], different(e, v)));
         }
}

/* Lanes take what they hold out of a loop in different iterations. */
struct emit_few
emit_few_of(const struct emit *e, const struct ir_value *v)
{
   struct emit_few all = {(uint8_t)e->width, 0}, one = {1, 0};
   if (!e->few || v->kind != IR_INST || e->slots[v->id].leaves)
      return all;
   return is_vector(e, v) ? e->few[v->id] : one;
}

/* -- Vectors. */
val
emit_repeat(struct emit *e, val x, unsigned to)
{
   if (!emit_is_vec(x))
      return emit_splat(e, x);
   unsigned n = LLVMGetVectorSize(LLVMTypeOf(x));
   val at[EXEC_WARP];
   for (unsigned l = 0; l < to; l++)
      at[l] = emit_const(e, 32, l % n);
   return n == to ? x
                  : LLVMBuildShuffleVector(e->b, x, LLVMGetPoison(LLVMTypeOf(x)),
                                           LLVMConstVector(at, to), "");
}

val
emit_known_few(struct emit *e, struct ir_value *v)
{
   const struct emit_cached *c = &e->cache[v->id];
   return v->kind == IR_INST && c->epoch == e->epoch ? c->few : NULL;
}

val
emit_cut_few(struct emit *e, const struct ir_value *v, val x)
{
   struct emit_few few = emit_few_of(e, v);
   if (few.n == 1)
      return LLVMBuildExtractElement(e->b, x, emit_const(e, 32, few.first), "");
   return few.n == e->width ? x : emit_part(e, x, 0, few.n);
}

void
emit_set_few(struct emit *e, struct ir_value *v, val x)
{
   bool vec = is_vector(e, v);
   emit_set(e, v, vec ? emit_repeat(e, x, e->width) : x);
   if (vec && e->cache[v->id].vec != x)
      e->cache[v->id].few = x;
}

/* Lanes from[0] to from[n-1] of v; from: NULL: the first n. */
static val
lanes_of(struct emit *e, struct ir_value *v, const uint8_t *from, unsigned n)
{
   val few = emit_known_few(e, v), at[EXEC_WARP];
   val x = few && emit_is_vec(few) ? few : emit_lanes(e, v);
   unsigned have = LLVMGetVectorSize(LLVMTypeOf(x));
   if (!from && have == n)
      return x;
   for (unsigned l = 0; l < n; l++)
      at[l] = emit_const(e, 32, (from ? from[l] : l) % have);
   return LLVMBuildShuffleVector(e->b, x, LLVMGetPoison(LLVMTypeOf(x)),
                                 LLVMConstVector(at, n), "");
}

val
emit_first_lanes(struct emit *e, struct ir_value *v, unsigned n)
{
   return lanes_of(e, v, NULL, n);
}

val
emit_permuted(struct emit *e, const struct ir_inst *i, const uint8_t *from, unsigned n)
{
   return emit_as_read(e, i, 0, lanes_of(e, i->src[0], from, n));
}
