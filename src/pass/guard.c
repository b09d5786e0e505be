/* SPDX-License-Identifier: Apache-2.0
 * Removes guards (a select for a pure instruction, a branch around any other) and indexed
 * branches, so that only `bra` decides where control goes. */
#include "pass/pass.h"

static struct ir_inst *
select_inst(struct ir_func *f, struct ir_value *d, struct ir_value *p, bool negated,
            struct ir_value *yes, struct ir_value *no)
{
   static const uint8_t type[] = {ISA_PRED, ISA_B8, ISA_B16, ISA_B32, ISA_B64, ISA_B128};
   struct ir_inst *s = ir_inst_create(f, ISA_SELP, 1, 3);
   s->mods.type[0] = type[d->width];
   s->dst[0] = d;
   s->src[0] = negated ? no : yes;
   s->src[1] = negated ? yes : no;
   s->src[2] = p;
   return s;
}

/* d = guard ? i's result : d, behind i; before `at`, or at the block's end. */
static void
guard_result(struct ir_func *f, struct ir_inst *i, unsigned k, struct ir_inst *at)
{
   struct ir_value *d = i->dst[k], *t = ir_value_create(f, IR_REG, d->width, NULL);
   i->dst[k] = t;
   struct ir_inst *s = select_inst(f, d, i->guard, i->guard_negated, t, d);
   s->loc = i->loc;
   if (at)
      ir_inst_insert_before(at, s);
   else
      ir_inst_append(i->block, s);
}

/* A result that is the guard itself is chosen last: the others read the guard as it was.
 */
static void
guard_pure(struct ir_func *f, struct ir_inst *i)
{
   struct ir_inst *at = i->next;
   for (unsigned k = 0; k < i->ndst; k++)
      if (i->dst[k]->kind != IR_SINK && i->dst[k] != i->guard)
         guard_result(f, i, k, at);
   for (unsigned k = 0; k < i->ndst; k++)
      if (i->dst[k] == i->guard)
         guard_result(f, i, k, at);
   i->guard = NULL;
}

static void
guard_branch(struct ir_func *f, struct ir_inst *i)
{
   struct ir_block *b = i->block;
   struct ir_block *then = ir_block_split(b, i);
   struct ir_block *rest = i->next ? ir_block_split(then, i->next) : then->next;
   struct ir_inst *bra = ir_bra(f, i->guard, then, rest);
   bra->guard_negated = i->guard_negated;
   bra->loc = i->loc;
   i->guard = NULL;
   ir_inst_append(b, bra);
   if (!ir_inst_is_terminator(i))
      ir_inst_append(then, ir_bra(f, NULL, rest, NULL));
}

bool
lower_guard(struct ir_func *f, struct pass_ctx *c)
{
   bool changed = false;
   for (struct ir_block *b = f->first_block; b; b = b->next) {
      ir_foreach_inst_safe (i, b) {
         if (!i->guard || i->op == ISA_BRA)
            continue;
         changed = true;
         if (isa_op_info(i->op)->effects == ISA_PURE) {
            guard_pure(f, i);
         } else {
            guard_branch(f, i);
            break;
         }
      }
   }
   if (changed) {
      ir_func_renumber(f);
      ir_func_rebuild_preds(f);
   }
   return changed;
}

bool
lower_brx(struct ir_func *f, struct pass_ctx *c)
{
   bool changed = false;
   for (struct ir_block *b = f->first_block; b; b = b->next) {
      struct ir_inst *x = b->last;
      if (!x || x->op != ISA_BRX || !x->ntargets)
         continue;
      changed = true;
      ir_inst_remove(x);
      struct ir_block *at = b;
      for (uint32_t k = 0; k + 1 < x->ntargets; k++) {
         struct ir_inst *cmp = ir_inst_create(f, ISA_SETP, 2, 2);
         cmp->mods.type[0] = ISA_U32;
         cmp->mods.cmp = ISA_EQ;
         cmp->dst[0] = ir_value_create(f, IR_REG, IR_PRED, NULL);
         cmp->dst[1] = ir_sink(f, IR_PRED);
         cmp->src[0] = x->src[0];
         cmp->src[1] = ir_const(f, IR_B32, k);
         cmp->loc = x->loc;
         ir_inst_append(at, cmp);
         struct ir_block *next = ir_block_create(f, at);
         ir_inst_append(at, ir_bra(f, cmp->dst[0], x->targets[k], next));
         at = next;
      }
      ir_inst_append(at, ir_bra(f, NULL, x->targets[x->ntargets - 1], NULL));
   }
   if (changed) {
      ir_func_renumber(f);
      ir_func_rebuild_preds(f);
   }
   return changed;
}
