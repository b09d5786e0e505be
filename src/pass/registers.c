/* SPDX-License-Identifier: Apache-2.0
 * The way back from SSA form, for whoever wants to copy blocks that others then join:
 * values become registers again, and lower_ssa finds which phis are needed. */
#include "pass/pass.h"

/* Before b's terminator. */
static void
move_at_end(struct ir_func *f, struct ir_block *b, struct ir_value *to,
            struct ir_value *from)
{
   struct ir_inst *m = ir_inst_create(f, ISA_COPY, 1, 1);
   m->dst[0] = to;
   m->src[0] = from;
   ir_inst_insert_before(b->last, m);
}

/* Phis are set all at once: what comes in waits in a register of its own. */
static void
replace_phi(struct ir_func *f, struct ir_inst *p)
{
   struct ir_block *b = p->block;
   struct ir_value *in =
      ir_value_create(f, IR_REG, (enum ir_width)p->dst[0]->width, NULL);
   for (size_t k = 0; k < b->preds.len; k++)
      move_at_end(f, b->preds.data[k], in, p->src[k]);
   struct ir_inst *m = ir_inst_create(f, ISA_COPY, 1, 1);
   m->dst[0] = p->dst[0];
   m->src[0] = in;
   ir_inst_insert_before(p, m);
   ir_inst_remove(p);
}

bool
raise_registers(struct ir_func *f, struct pass_ctx *c)
{
   f->ssa = false;
   ir_foreach_block (b, f) {
      ir_foreach_inst_safe (i, b) {
         for (unsigned k = 0; k < i->ndst; k++)
            if (i->dst[k]->kind == IR_INST)
               i->dst[k]->kind = IR_REG;
         if (i->op == ISA_PHI)
            replace_phi(f, i);
         if (i->op == ISA_BRA && i->nsrc) {
            i->guard = i->src[0];
            i->nsrc = 0;
         }
      }
   }
   return true;
}
