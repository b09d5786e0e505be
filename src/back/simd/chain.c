/* SPDX-License-Identifier: Apache-2.0
 * Values that lanes take one by one, as addresses of updates, right from memory: where
 * they come from loads of neighbouring elements by an operation or two, a scalar load for
 * each lane costs less than taking a vector apart. */
#include "back/simd/few.h"

/* Beside what an address's own parts do: more of them are better done in vectors. */
#define MOST_OPERATIONS 1

static bool
is_only_use(const struct emit *e, const struct ir_value *v)
{
   unsigned n = 0;
   for (const struct ir_inst *i = v->def; i && n < 2; i = i->next)
      for (unsigned k = 0; k < i->nsrc; k++)
         n += i->src[k] == v;
   return n == 1 && !e->slots[v->id].crosses;
}

/* A load that is as good a while later, from memory that the updates do not change. */
static bool
is_movable_load(struct emit *e, const struct ir_inst *ld, const struct ir_inst *to)
{
   if (ld->op != ISA_LD || ld->ndst != 1 || ld->mods.sem != ISA_WEAK ||
       ld->mods.space != ISA_GLOBAL || isa_type_bits(ld->mods.type[0]) > 32 ||
       emit_own_shape(e, ld->src[0]).kind != SHAPE_OFFSETS ||
       emit_shape(e, ld->src[0]).kind != SHAPE_OFFSETS)
      return false;
   for (const struct ir_inst *i = ld->next; i != to; i = i->next)
      if (i->op < ISA_PHI && (isa_op_info(i->op)->effects & ~(unsigned)ISA_READS))
         return false;
   return true;
}

/* Whether a processor's address has room for it. */
static bool
is_part_of_address(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_ADD:
      return true;
   case ISA_SHL:
      return i->src[1]->kind == IR_CONST && i->src[1]->bits[0] <= 3;
   case ISA_MUL:
      return i->src[1]->kind == IR_CONST && i->src[1]->bits[0] <= 8 &&
             !(i->src[1]->bits[0] & (i->src[1]->bits[0] - 1));
   case ISA_CVT:
      return !isa_type_is_float(i->mods.type[0]) && !isa_type_is_float(i->mods.type[1]);
   default:
      return false;
   }
}

/* The one source that differs between lanes; NULL: it is not one. */
static struct ir_value *
only_source(struct emit *e, const struct ir_inst *i)
{
   struct ir_value *v = NULL;
   for (unsigned k = 0; k < i->nsrc; k++) {
      if (emit_is_uniform(e, i->src[k]))
         continue;
      if (v)
         return NULL;
      v = i->src[k];
   }
   return v;
}

bool
chain_find(struct emit *e, struct ir_value *v, const struct ir_inst *to, struct chain *c)
{
   unsigned operations = 0;
   struct ir_inst *i;
   c->n = 0;
   for (;; v = only_source(e, i)) {
      if (!v)
         return false;
      if (v->kind != IR_INST || v->def->block != e->block || !is_only_use(e, v) ||
          emit_own_shape(e, v).kind != SHAPE_VARYING || c->n == ARRAY_LEN(c->step))
         return false;
      i = c->step[c->n++] = v->def;
      if (i->op == ISA_LD)
         break;
      if (!lanes_is_lane_wise(i) || i->op == ISA_PHI || i->ndst != 1)
         return false;
      operations += !is_part_of_address(i);
   }
   return operations <= MOST_OPERATIONS && is_movable_load(e, i, to);
}

val
chain_test(struct emit *e, const struct chain *c)
{
   return emit_guard(e, c->step[c->n - 1]->src[0]);
}

static val
load_lane(struct emit *e, struct ir_inst *ld, unsigned lane)
{
   struct emit_access a = emit_access_of(e, ld, 1);
   val at = emit_lane_displaced(e, ld->src[0], lane);
   val x = LLVMBuildLoad2(e->b, a.elem, emit_pointer(e, a.space, at, ld->offset), "");
   LLVMSetAlignment(x, a.align);
   return emit_access_extend(e, &a, x, ld->dst[0]);
}

val
chain_lane(struct emit *e, const struct chain *c, unsigned lane)
{
   val x = NULL, was[ARRAY_LEN(c->step)];
   e->asked++;
   for (unsigned k = c->n; k-- > 0;) {
      struct ir_inst *i = c->step[k];
      struct emit_cached *at = &e->cache[i->dst[0]->id];
      if (i->op == ISA_LD) {
         x = load_lane(e, i, lane);
      } else {
         e->lane = (int)lane;
         x = emit_pure_form(e, i, 0, false);
         e->lane = -1;
      }
      was[k] = at->few;
      at->few = x; /* which the next one reads */
   }
   for (unsigned k = 0; k < c->n; k++)
      e->cache[c->step[k]->dst[0]->id].few = was[k];
   return x;
}
