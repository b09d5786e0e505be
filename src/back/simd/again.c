/* SPDX-License-Identifier: Apache-2.0
 * What a warp computes again behind a barrier, instead of keeping it in its frame: what a
 * few instructions make of special registers and parameters. In the loop over a block's
 * warps, what all of them compute alike is then had once. */
#include "back/simd/rounds.h"

#define MOST_INSTS 24 /* that make a value, */
#define MOST_STEPS 8  /* and of these, by each warp anew; vectors count twice */

/* The instructions that make a value, each behind those it reads. */
struct recipe {
   struct ir_inst *inst[MOST_INSTS];
   bool by_warp[MOST_INSTS]; /* each warp has a value of its own */
   unsigned n, steps;
};

/* Whether i makes the same whenever a warp executes it, and cheaply. */
static bool
is_steady(const struct ir_inst *i)
{
   enum isa_type t = i->mods.type[0];
   switch (i->op) {
   case ISA_ADDR:
      return true;
   case ISA_LD:
      return i->mods.space == ISA_PARAM && i->src[0]->kind == IR_INST &&
             i->src[0]->def->op == ISA_ADDR;
   case ISA_SREG:
      return i->mods.extra < ISA_SREG_CLOCK;
   case ISA_CVT:
      return !isa_type_is_float(t) && !isa_type_is_float(i->mods.type[1]);
   case ISA_ADD:
   case ISA_SUB:
   case ISA_MUL:
   case ISA_MAD:
   case ISA_NEG:
   case ISA_MIN:
   case ISA_MAX:
   case ISA_SETP:
      return !isa_type_is_float(t);
   case ISA_COPY:
   case ISA_MOV:
   case ISA_AND:
   case ISA_OR:
   case ISA_XOR:
   case ISA_NOT:
   case ISA_SHL:
   case ISA_SHR:
   case ISA_SELP:
   case ISA_CVTA:
      return true;
   default:
      return false;
   }
}

static bool
is_of_warp(const struct emit *e, const struct recipe *r, const struct ir_inst *i)
{
   if (!e->warp)
      return true;
   if (i->op == ISA_SREG)
      return i->mods.extra <= ISA_SREG_TID_Z || i->mods.extra == ISA_SREG_WARPID;
   for (unsigned k = 0; k < i->nsrc; k++)
      for (unsigned n = 0; n < r->n; n++)
         if (r->by_warp[n] && i->src[k]->kind == IR_INST && r->inst[n] == i->src[k]->def)
            return true;
   return false;
}

static bool
add(const struct emit *e, struct recipe *r, const struct ir_value *v)
{
   if (v->kind != IR_INST)
      return v->kind != IR_ARG;
   struct ir_inst *i = v->def;
   for (unsigned n = 0; n < r->n; n++)
      if (r->inst[n] == i)
         return true;
   const struct shape *s = &e->l->shape[v->id];
   const struct emit_slot *slot = &e->slots[v->id];
   bool single = i->ndst == 1 || (i->op == ISA_SETP && i->dst[1]->kind == IR_SINK);
   if (!is_steady(i) || !single || s->conditional || slot->leaves)
      return false;
   for (unsigned k = 0; k < i->nsrc; k++)
      if (!add(e, r, i->src[k]))
         return false;
   if ((s->unit && !add(e, r, s->unit)) || r->n == MOST_INSTS)
      return false;
   r->by_warp[r->n] = is_of_warp(e, r, i);
   r->steps += r->by_warp[r->n] ? s->kind == SHAPE_VARYING ? 2 : 1 : 0;
   r->inst[r->n++] = i;
   return r->steps <= MOST_STEPS;
}

bool
again_can(const struct emit *e, const struct ir_value *v)
{
   struct recipe r = {.n = 0};
   return e->width > 1 && add(e, &r, v);
}

static bool
is_made(const struct emit *e, const struct ir_value *v)
{
   const struct emit_cached *c = &e->cache[v->id];
   return c->epoch == e->epoch && (c->scalar || c->vec);
}

void
again_make(struct emit *e, const struct ir_value *v)
{
   struct recipe r = {.n = 0};
   struct ir_block *at = e->block;
   val mask = e->mask;
   add(e, &r, v);
   e->mask = NULL;
   for (unsigned n = 0; n < r.n; n++) {
      struct ir_inst *i = r.inst[n];
      e->block = i->block;
      if (is_made(e, i->dst[0]))
         continue;
      if (i->op == ISA_LD)
         emit_load(e, i);
      else
         emit_pure(e, i);
   }
   e->block = at;
   e->mask = mask;
}
