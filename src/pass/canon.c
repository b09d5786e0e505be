/* SPDX-License-Identifier: Apache-2.0
 * The shape of control flow that linearization expects: one exit block; every loop
 * entered from one preheader and closed by one latch that does nothing but branch back; a
 * barrier of the block as the last that its basic block does. */
#include "analysis/analysis.h"
#include "pass/pass.h"

/* A barrier ends its block, so that code may stop and go on between blocks alone. */
static bool
end_at_barriers(struct ir_func *f)
{
   bool changed = false;
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         if (!ir_inst_is_barrier(i))
            continue;
         struct ir_block *rest = ir_block_split(b, i->next);
         ir_inst_append(b, ir_bra(f, NULL, rest, NULL));
         changed = true;
         break;
      }
   }
   return changed;
}

/* Both targets equal: the condition does not matter. Phi sources of the doubled edge
 * agree, so one of them is dropped. */
static bool
merge_equal_targets(struct ir_func *f)
{
   bool changed = false;
   ir_foreach_block (b, f) {
      struct ir_inst *t = b->last;
      if (t->op != ISA_BRA || t->ntargets != 2 || t->targets[0] != t->targets[1])
         continue;
      struct ir_block *s = t->targets[0];
      size_t drop = s->preds.len;
      for (size_t k = 0; k < s->preds.len; k++)
         if (s->preds.data[k] == b)
            drop = k;
      for (struct ir_inst *p = s->first; p && p->op == ISA_PHI; p = p->next) {
         for (unsigned k = (unsigned)drop; k + 1 < p->nsrc; k++)
            p->src[k] = p->src[k + 1];
         p->nsrc--;
      }
      for (size_t k = drop; k + 1 < s->preds.len; k++)
         s->preds.data[k] = s->preds.data[k + 1];
      s->preds.len--;
      ir_inst_remove(t);
      ir_inst_append(b, ir_bra(f, NULL, s, NULL));
      changed = true;
   }
   return changed;
}

/* Every way out leads to one block that holds the function's only ret. */
static void
unify_exits(struct ir_func *f)
{
   struct ir_block *end = NULL;
   for (struct ir_block *b = f->first_block; b; b = b->next) {
      struct ir_inst *t = b->last;
      if (b == end || (t->op != ISA_RET && t->op != ISA_EXIT && t->op != ISA_TRAP))
         continue;
      if (!end) {
         end = ir_block_create(f, NULL);
         ir_inst_append(end, ir_inst_create(f, ISA_RET, 0, 0));
      }
      if (t->op != ISA_TRAP)
         ir_inst_remove(t);
      ir_inst_append(b, ir_bra(f, NULL, end, NULL));
   }
   ir_func_rebuild_preds(f);
}

static bool
canon_loop(struct ir_func *f, struct cfg *g, struct loop *l, struct arena *a)
{
   struct ir_block *h = l->header;
   bool *inside = arena_array(a, bool, h->preds.len + 2);
   bool *outside = arena_array(a, bool, h->preds.len + 2);
   size_t ni = 0, no = 0;
   struct ir_block *pi = NULL, *po = NULL, **succs;
   for (size_t k = 0; k < h->preds.len; k++) {
      struct ir_block *p = h->preds.data[k];
      /* Blocks made by this pass have ids beyond the analysis: they are preheaders or
       * latches of other loops around or inside this one. */
      if (p->id < g->n && loop_has(l, p)) {
         inside[k] = true;
         ni++;
         pi = p;
      } else {
         outside[k] = true;
         no++;
         po = p;
      }
   }
   bool changed = false;
   if (ni > 1 || (pi && ir_block_succs(pi, &succs) > 1)) {
      struct ir_block *latch = ir_block_merge_preds(f, h, inside);
      latch->label = "latch";
      changed = true;
      /* merge_preds compacted the list: all but its last are outside now. */
      for (size_t k = 0; k < h->preds.len; k++)
         outside[k] = h->preds.data[k] != latch;
   }
   if (no > 1 || (po && ir_block_succs(po, &succs) > 1)) {
      ir_block_merge_preds(f, h, outside)->label = "preheader";
      changed = true;
   }
   return changed;
}

bool
opt_canon(struct ir_func *f, struct pass_ctx *c)
{
   bool changed = end_at_barriers(f);
   ir_func_rebuild_preds(f);
   changed |= merge_equal_targets(f);
   unify_exits(f);
   ir_func_renumber(f);
   struct arena *a = arena_create();
   struct cfg *g = cfg_compute(f, a);
   if (!g->irreducible)
      /* Inner loops last: they come after their parents. */
      for (size_t k = 0; k < g->loops.len; k++)
         changed |= canon_loop(f, g, g->loops.data[k], a);
   vec_finish(&g->loops);
   arena_destroy(a);
   ir_func_renumber(f);
   return changed;
}
