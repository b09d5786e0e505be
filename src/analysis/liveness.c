/* SPDX-License-Identifier: Apache-2.0
 * Liveness of values in SSA form: backward data flow over blocks in post order, which
 * settles in as many rounds as loops nest. */
#include "analysis/analysis.h"

static bool
counts(const struct ir_value *v)
{
   return v->kind == IR_INST;
}

/* What leaves b: what its successors take in, and what their phis take from b. */
static bool
gather_out(struct liveness *l, const struct ir_block *b)
{
   struct ir_block **succs;
   unsigned n = ir_block_succs(b, &succs);
   bool grew = false;
   for (unsigned s = 0; s < n; s++) {
      grew |= bitset_union(&l->out[b->id], &l->in[succs[s]->id]);
      for (const struct ir_inst *p = succs[s]->first; p && p->op == ISA_PHI; p = p->next)
         for (size_t k = 0; k < succs[s]->preds.len; k++)
            if (succs[s]->preds.data[k] == b && counts(p->src[k]) &&
                !bitset_has(&l->out[b->id], p->src[k]->id)) {
               bitset_add(&l->out[b->id], p->src[k]->id);
               grew = true;
            }
   }
   return grew;
}

/* Walks b backwards from what leaves it; `live` ends as what comes in. Returns the most
 * values alive between two instructions. */
static uint32_t
walk(const struct ir_block *b, struct bitset *live, uint32_t n)
{
   uint32_t most = n;
   for (const struct ir_inst *i = b->last; i; i = i->prev) {
      for (unsigned k = 0; k < i->ndst; k++)
         if (counts(i->dst[k]) && bitset_has(live, i->dst[k]->id)) {
            bitset_remove(live, i->dst[k]->id);
            n--;
         }
      for (unsigned k = 0; k < i->nsrc && i->op != ISA_PHI; k++)
         if (counts(i->src[k]) && !bitset_has(live, i->src[k]->id)) {
            bitset_add(live, i->src[k]->id);
            n++;
         }
      most = MAX2(most, n);
   }
   return most;
}

static uint32_t
population(const struct bitset *s)
{
   uint32_t n = 0;
   for (uint32_t w = 0; w <= s->n / 64; w++)
      n += (uint32_t)__builtin_popcountll(s->w[w]);
   return n;
}

struct liveness *
liveness_compute(const struct ir_func *f, const struct cfg *g, struct arena *a)
{
   struct liveness *l = arena_new(a, struct liveness);
   l->in = arena_array(a, struct bitset, g->n);
   l->out = arena_array(a, struct bitset, g->n);
   for (uint32_t b = 0; b < g->n; b++) {
      l->in[b] = bitset_new(a, f->value_count);
      l->out[b] = bitset_new(a, f->value_count);
   }
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = g->nrpo; o-- > 0;) {
         const struct ir_block *b = g->rpo[o];
         if (!gather_out(l, b) && l->seen)
            continue;
         changed = true;
         struct bitset *in = &l->in[b->id];
         for (uint32_t w = 0; w <= in->n / 64; w++)
            in->w[w] = l->out[b->id].w[w];
         uint32_t most = walk(b, in, population(in));
         l->most = MAX2(l->most, most);
      }
      l->seen = true;
   }
   return l;
}
