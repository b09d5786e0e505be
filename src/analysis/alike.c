/* SPDX-License-Identifier: Apache-2.0
 * Which lanes hold the same because the warp has exchanged values: after `x += shfl.bfly
 * (x, 16)` lanes 16 apart do, as addition commutes to the last bit; after all five steps
 * all lanes do, and the sum is uniform. So of each step half as many lanes need be
 * computed as of the one before. That holds of vectors as they are computed, whichever
 * lanes execute. One pass over SSA: phis may be anything. */
#include "analysis/lanes_priv.h"

#define ALL_ALIKE (EXEC_WARP - 1u)

bool
lanes_shfl_sources(const struct ir_inst *i, uint8_t from[EXEC_WARP], uint32_t *in_range)
{
   if (i->op != ISA_SHFL || i->src[1]->kind != IR_CONST || i->src[2]->kind != IR_CONST)
      return false;
   uint32_t b = (uint32_t)i->src[1]->bits[0] & 31, c = (uint32_t)i->src[2]->bits[0];
   uint32_t clamp = c & 31, seg = c >> 8 & 31;
   *in_range = 0;
   for (uint32_t l = 0; l < EXEC_WARP; l++) {
      int32_t max = (int32_t)((l & seg) | (clamp & ~seg)), j = 0;
      bool ok = false;
      switch (i->mods.mode) {
      case ISA_MODE_UP:
         j = (int32_t)(l - b);
         ok = j >= max;
         break;
      case ISA_MODE_DOWN:
         j = (int32_t)(l + b);
         ok = j <= max;
         break;
      case ISA_MODE_BFLY:
         j = (int32_t)(l ^ b);
         ok = j <= max;
         break;
      default:
         j = (int32_t)((l & seg) | (b & ~seg));
         ok = j <= max;
         break;
      }
      from[l] = (uint8_t)(ok ? (uint32_t)j : l);
      *in_range |= (uint32_t)ok << l;
   }
   return true;
}

static uint8_t
alike_of(const struct lanes *l, const struct ir_value *v)
{
   return v->kind == IR_CONST ? ALL_ALIKE : v->kind == IR_INST ? l->alike[v->id] : 0;
}

/* Of the bits that lanes may differ by, those that make no difference to x[from]. */
static uint8_t
alike_after(const uint8_t from[EXEC_WARP], uint8_t x)
{
   uint8_t same = ALL_ALIKE;
   for (unsigned d = 1; d < EXEC_WARP; d *= 2)
      for (unsigned k = 0; k < EXEC_WARP; k++)
         if ((from[k] ^ from[k ^ d]) & ~x)
            same &= (uint8_t)~d;
   return same;
}

/* d where i gives each lane l what l ^ d has; else 0. */
static unsigned
exchange_of(const struct ir_inst *i)
{
   uint8_t from[EXEC_WARP];
   uint32_t in_range;
   if (!lanes_shfl_sources(i, from, &in_range))
      return 0;
   for (unsigned k = 1; k < EXEC_WARP; k++)
      if ((from[k] ^ k) != from[0])
         return 0;
   return from[0];
}

/* The same where y is x from there, whole or in two halves. */
static unsigned
exchanged(const struct ir_value *x, const struct ir_value *y)
{
   if (y->kind != IR_INST || y != y->def->dst[0])
      return 0;
   const struct ir_inst *i = y->def;
   if (i->op == ISA_SHFL)
      return i->src[0] == x ? exchange_of(i) : 0;
   if (i->op != ISA_MOV || i->nsrc != 2 || i->ndst != 1)
      return 0;
   unsigned d[2];
   for (unsigned k = 0; k < 2; k++) {
      const struct ir_value *half = i->src[k];
      if (half->kind != IR_INST || half->def->op != ISA_SHFL || half != half->def->dst[0])
         return 0;
      d[k] = exchange_of(half->def);
      half = half->def->src[0];
      if (half->kind != IR_INST || half->def->op != ISA_MOV || half->def->nsrc != 1 ||
          half->def->ndst != 2 || half != half->def->dst[k] || half->def->src[0] != x)
         return 0;
   }
   return d[0] == d[1] ? d[0] : 0;
}

bool
lanes_all_alike(const struct lanes *l, const struct ir_value *v)
{
   return l->alike && v->kind == IR_INST && l->alike[v->id] == ALL_ALIKE;
}

static bool
commutes(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_ADD:
   case ISA_MIN:
   case ISA_MAX:
   case ISA_AND:
   case ISA_OR:
   case ISA_XOR:
      return i->nsrc == 2 && i->ndst == 1 && !(i->mods.flags & ISA_CC);
   case ISA_MUL:
      return i->nsrc == 2 && i->ndst == 1;
   default:
      return false;
   }
}

bool
lanes_is_lane_wise(const struct ir_inst *i)
{
   if (i->op >= ISA_PHI)
      return i->op == ISA_PHI || i->op == ISA_COPY;
   const struct isa_op_info *o = isa_op_info(i->op);
   return o->reach == ISA_LANE && o->effects == ISA_PURE;
}

static void
visit(struct lanes *l, const struct ir_inst *i)
{
   uint8_t from[EXEC_WARP], same = i->nsrc ? ALL_ALIKE : 0;
   uint32_t in_range;
   if (lanes_shfl_sources(i, from, &in_range)) {
      if (i->dst[0]->kind == IR_INST)
         l->alike[i->dst[0]->id] = alike_after(from, alike_of(l, i->src[0]));
      return;
   }
   if (i->op == ISA_PHI || !lanes_is_lane_wise(i))
      return;
   for (unsigned k = 0; k < i->nsrc; k++)
      same &= alike_of(l, i->src[k]);
   if (commutes(i)) {
      unsigned d = exchanged(i->src[0], i->src[1]) | exchanged(i->src[1], i->src[0]);
      d &= ~(unsigned)same;
      if (!(d & (d - 1)))
         same |= (uint8_t)d;
   }
   for (unsigned k = 0; k < i->ndst; k++)
      if (i->dst[k]->kind == IR_INST)
         l->alike[i->dst[k]->id] = same;
}

void
alike_compute(const struct cfg *g, struct lanes *l, uint32_t values)
{
   bool any = false;
   for (uint32_t o = 0; o < g->nrpo; o++)
      ir_foreach_inst (i, g->rpo[o])
         any |= i->op == ISA_SHFL;
   if (!any || l->config->width != EXEC_WARP)
      return;
   l->alike = arena_array(l->arena, uint8_t, values);
   for (uint32_t o = 0; o < g->nrpo; o++)
      ir_foreach_inst (i, g->rpo[o])
         visit(l, i);
}
