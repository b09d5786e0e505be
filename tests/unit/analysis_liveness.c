/* SPDX-License-Identifier: Apache-2.0
 * Liveness on a small loop whose live sets are worked out by hand. */
#include "analysis/analysis.h"
#include "check.h"

/* entry: a = add 1, 2; b = add 3, 4 -> head: i = phi(a, j) -> body: j = add i, b -> head
 * or end: setp uses b. b is alive all through the loop; a ends where the loop begins. */
int
main(void)
{
   struct ir_module *m = ir_module_create("t");
   struct ir_func *f = ir_func_create(m, "f", true);
   f->ssa = true;
   struct ir_block *entry = ir_block_create(f, NULL), *head = ir_block_create(f, NULL);
   struct ir_block *body = ir_block_create(f, NULL), *end = ir_block_create(f, NULL);
   struct ir_value *v[5];
   for (int k = 0; k < 5; k++)
      v[k] = ir_value_create(f, IR_INST, k == 4 ? IR_PRED : IR_B32, NULL);
   struct ir_value *a = v[0], *b = v[1], *i = v[2], *j = v[3], *p = v[4];
   struct ir_inst *in;
#define OP(block, code, d, x, y)                                                         \
   in = ir_inst_create(f, code, 1, 2);                                                   \
   in->mods.type[0] = ISA_U32;                                                           \
   in->dst[0] = d;                                                                       \
   d->def = in;                                                                          \
   in->src[0] = x;                                                                       \
   in->src[1] = y;                                                                       \
   ir_inst_append(block, in)
   OP(entry, ISA_ADD, a, ir_const(f, IR_B32, 1), ir_const(f, IR_B32, 2));
   OP(entry, ISA_ADD, b, ir_const(f, IR_B32, 3), ir_const(f, IR_B32, 4));
   ir_inst_append(entry, ir_bra(f, NULL, head, NULL));
   OP(head, ISA_PHI, i, a, j);
   OP(head, ISA_SETP, p, i, ir_const(f, IR_B32, 9));
   ir_inst_append(head, ir_bra(f, p, body, end));
   OP(body, ISA_ADD, j, i, b);
   ir_inst_append(body, ir_bra(f, NULL, head, NULL));
   ir_inst_append(end, ir_inst_create(f, ISA_RET, 0, 0));
   ir_func_rebuild_preds(f);
   ir_func_renumber(f);
   struct arena *arena = arena_create();
   struct cfg *g = cfg_compute(f, arena);
   struct liveness *l = liveness_compute(f, g, arena);
   CHECK(bitset_has(&l->out[entry->id], a->id) && bitset_has(&l->out[entry->id], b->id));
   CHECK(!bitset_has(&l->in[head->id], a->id) && bitset_has(&l->in[head->id], b->id));
   CHECK(bitset_has(&l->out[head->id], i->id) && !bitset_has(&l->out[head->id], p->id));
   CHECK(bitset_has(&l->out[body->id], j->id) && bitset_has(&l->out[body->id], b->id));
   CHECK(!bitset_has(&l->out[body->id], i->id) && !bitset_has(&l->in[end->id], b->id));
   CHECK_EQ_U64(l->most, 3); /* b, i, p before the branch */
   vec_finish(&g->loops);
   arena_destroy(arena);
   ir_module_destroy(m);
   return check_done();
}
