/* SPDX-License-Identifier: Apache-2.0
 * By how much a value changes from one iteration of a loop to the next, or from a block
 * of the grid to the one that follows in x: code is emitted that computes it, where it is
 * asked for. What has no such number, or none that is the same in all lanes, has none. */
#include "back/simd/stream.h"

#define DEPTH 24 /* of a value's expression */

struct walk {
   struct emit *e;
   const struct loop *l;          /* NULL: from block to block, … */
   const struct bitset *by_block; /* … in which these values differ */
};

static bool
is_fixed(const struct walk *w, const struct ir_value *v)
{
   return v->kind != IR_INST ||
          !(w->l ? loop_has(w->l, v->def->block) : bitset_has(w->by_block, v->id));
}

/* A value that does not change, as a number of 64 bits; NULL: not one scalar. */
static val
fixed(const struct walk *w, struct ir_value *v)
{
   val x = is_fixed(w, v) ? emit_scalar_at_hand(w->e, v) : NULL;
   return x ? emit_resize(w->e, x, 64, true) : NULL;
}

static val
sum(const struct walk *w, val a, val b, bool minus)
{
   return !a || !b ? NULL
          : minus  ? LLVMBuildSub(w->e->b, a, b, "")
                   : LLVMBuildAdd(w->e->b, a, b, "");
}

/* How much more than `from` v is; NULL: no telling. */
static val
ahead_of(const struct walk *w, struct ir_value *v, const struct ir_value *from,
         unsigned depth)
{
   struct ir_inst *i = v->kind == IR_INST ? v->def : NULL;
   if (v == from)
      return emit_const(w->e, 64, 0);
   if (!i || !depth || (i->op != ISA_ADD && i->op != ISA_SUB) || i->nsrc != 2 ||
       isa_type_is_float(i->mods.type[0]) || is_fixed(w, v))
      return NULL;
   if (!is_fixed(w, i->src[0]))
      return sum(w, ahead_of(w, i->src[0], from, depth - 1), fixed(w, i->src[1]),
                 i->op == ISA_SUB);
   return i->op == ISA_ADD
             ? sum(w, ahead_of(w, i->src[1], from, depth - 1), fixed(w, i->src[0]), false)
             : NULL;
}

/* v is `from` and what all blocks add to it alike. */
static bool
goes_on_from(const struct walk *w, const struct ir_value *v, const struct ir_value *from,
             unsigned depth)
{
   const struct ir_inst *i = v->kind == IR_INST ? v->def : NULL;
   if (v == from)
      return true;
   if (!i || !depth || (i->op != ISA_ADD && i->op != ISA_SUB) || i->nsrc != 2)
      return false;
   unsigned k = is_fixed(w, i->src[0]) && i->op == ISA_ADD;
   return is_fixed(w, i->src[1 - k]) && goes_on_from(w, i->src[k], from, depth - 1);
}

static val step_of(const struct walk *w, struct ir_value *v, unsigned depth);

/* In a loop: what an iteration adds. From block to block: what its first iteration begins
 * with says it, if all blocks go on alike. */
static val
step_of_phi(const struct walk *w, const struct ir_inst *i, unsigned depth)
{
   const struct loop *own = w->e->g->loop[i->block->id];
   if (!own || i->block != own->header || i->nsrc != 2 || (w->l && own != w->l))
      return NULL;
   for (unsigned k = 0; k < 2; k++) {
      if (i->block->preds.data[k] != own->latch)
         continue;
      if (w->l)
         return ahead_of(w, i->src[k], i->dst[0], depth);
      return goes_on_from(w, i->src[k], i->dst[0], depth)
                ? step_of(w, i->src[1 - k], depth)
                : NULL;
   }
   return NULL;
}

static val
step_of_product(const struct walk *w, const struct ir_inst *i, unsigned depth)
{
   unsigned k = is_fixed(w, i->src[0]);
   if (i->mods.mode != ISA_LO_HALF && i->mods.mode != ISA_WIDE)
      return NULL;
   val a = emit_const(w->e, 64, 0);
   if (!is_fixed(w, i->src[k])) {
      a = step_of(w, i->src[k], depth);
      val b = a ? fixed(w, i->src[1 - k]) : NULL;
      if (!b)
         return NULL;
      a = LLVMBuildMul(w->e->b, a, b, "");
   }
   return i->op == ISA_MUL ? a : sum(w, a, step_of(w, i->src[2], depth), false);
}

/* A step less than what is shifted out is taken for none. */
static val
step_of_shift(const struct walk *w, const struct ir_inst *i, unsigned depth)
{
   val a = step_of(w, i->src[0], depth);
   if (!a || i->src[1]->kind != IR_CONST)
      return NULL;
   val n = emit_const(w->e, 64, i->src[1]->bits[0] & 63);
   return i->op == ISA_SHL ? LLVMBuildShl(w->e->b, a, n, "")
                           : LLVMBuildAShr(w->e->b, a, n, "");
}

static val
step_of(const struct walk *w, struct ir_value *v, unsigned depth)
{
   if (is_fixed(w, v))
      return emit_const(w->e, 64, 0);
   struct ir_inst *i = v->def;
   val a;
   if (!depth-- || isa_type_is_float(i->mods.type[0]))
      return NULL;
   switch (i->op) {
   case ISA_SREG:
      return w->l ? NULL : emit_const(w->e, 64, 1);
   case ISA_PHI:
      return step_of_phi(w, i, depth);
   case ISA_MOV:
   case ISA_COPY:
   case ISA_CVT:
   case ISA_CVTA:
      return i->nsrc == 1 && i->ndst == 1 ? step_of(w, i->src[0], depth) : NULL;
   case ISA_ADD:
   case ISA_SUB:
      return sum(w, step_of(w, i->src[0], depth), step_of(w, i->src[1], depth),
                 i->op == ISA_SUB);
   case ISA_OR: /* lanes and blocks have bits of their own */
      return w->l ? NULL
                  : sum(w, step_of(w, i->src[0], depth), step_of(w, i->src[1], depth),
                        false);
   case ISA_SHR:
      return w->l ? NULL : step_of_shift(w, i, depth);
   case ISA_SHL:
      return step_of_shift(w, i, depth);
   case ISA_MUL:
   case ISA_MAD:
      return step_of_product(w, i, depth);
   case ISA_AND: /* these keep to a range that blocks seldom leave */
      a = w->l || !fixed(w, i->src[1]) ? NULL : step_of(w, i->src[0], depth);
      return a ? LLVMBuildAnd(w->e->b, a, fixed(w, i->src[1]), "") : NULL;
   case ISA_MIN:
   case ISA_MAX:
      return w->l || !is_fixed(w, i->src[1]) ? NULL : step_of(w, i->src[0], depth);
   default:
      return NULL;
   }
}

val
step_in_loop(struct emit *e, const struct loop *l, struct ir_value *v)
{
   struct walk w = {e, l, NULL};
   return step_of(&w, v, DEPTH);
}

struct bitset
step_by_block(const struct emit *e)
{
   struct bitset to = bitset_new(e->a, e->f->value_count);
   for (bool grew = true; grew;) {
      grew = false;
      for (uint32_t o = 0; o < e->g->nrpo; o++)
         ir_foreach_inst (i, e->g->rpo[o]) {
            bool differs = i->op == ISA_SREG && i->mods.extra == ISA_SREG_CTAID_X;
            for (unsigned k = 0; k < i->nsrc && !differs; k++)
               differs = bitset_has(&to, i->src[k]->id);
            for (unsigned k = 0; k < i->ndst && differs; k++) {
               grew |= !bitset_has(&to, i->dst[k]->id);
               bitset_add(&to, i->dst[k]->id);
            }
         }
   }
   return to;
}

val
step_of_blocks(struct emit *e, const struct bitset *by_block, struct ir_value *v)
{
   struct walk w = {e, NULL, by_block};
   return step_of(&w, v, DEPTH);
}

const struct ir_inst *
step_exit_test(const struct ir_block *b)
{
   const struct ir_inst *t = b->last;
   const struct ir_value *c = t->op == ISA_BRA && t->ntargets == 2 ? t->src[0] : NULL;
   while (c && c->kind == IR_INST &&
          (c->def->op == ISA_NOT ||
           (c->def->op == ISA_VOTE && c->def->mods.mode == ISA_MODE_ALL)))
      c = c->def->src[0];
   const struct ir_inst *i = c && c->kind == IR_INST ? c->def : NULL;
   return i && i->op == ISA_SETP && i->nsrc == 2 && !isa_type_is_float(i->mods.type[0])
             ? i
             : NULL;
}

bool
step_bound(struct emit *e, const struct loop *l, val *bound, val *step)
{
   loop_foreach_block (o, e->g, l) {
      const struct ir_inst *test = step_exit_test(e->g->rpo[o]);
      for (unsigned k = 0; test && k < 2; k++) {
         struct walk w = {e, l, NULL};
         *bound = fixed(&w, test->src[1 - k]);
         *step = *bound && !is_fixed(&w, test->src[k]) ? step_of(&w, test->src[k], DEPTH)
                                                       : NULL;
         if (*step)
            return true;
      }
   }
   return false;
}
