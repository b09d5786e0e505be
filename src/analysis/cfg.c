/* SPDX-License-Identifier: Apache-2.0
 * Control flow: an order of blocks in which loops are contiguous, dominators and
 * post-dominators (Cooper, Harvey and Kennedy 2001), and natural loops. */
#include "analysis/analysis.h"

struct bitset
bitset_new(struct arena *a, uint32_t n)
{
   return (struct bitset){arena_array(a, uint64_t, n / 64 + 1), n};
}

bool
bitset_union(struct bitset *d, const struct bitset *s)
{
   bool grew = false;
   for (uint32_t i = 0; i <= d->n / 64; i++) {
      grew |= (s->w[i] & ~d->w[i]) != 0;
      d->w[i] |= s->w[i];
   }
   return grew;
}

/* Depth-first search without recursion: kernels have thousands of blocks. */
struct frame {
   struct ir_block *b;
   unsigned next;
};

static uint32_t
post_order(struct ir_func *f, struct ir_block **out)
{
   struct arena *a = arena_create();
   bool *seen = arena_array(a, bool, f->block_count);
   struct frame *stack = arena_array(a, struct frame, f->block_count + 1);
   uint32_t depth = 0, n = 0;
   stack[depth++] = (struct frame){f->first_block, 0};
   seen[f->first_block->id] = true;
   while (depth) {
      struct frame *t = &stack[depth - 1];
      struct ir_block **succs;
      unsigned count = ir_block_succs(t->b, &succs);
      if (t->next == count) {
         out[n++] = t->b;
         depth--;
         continue;
      }
      struct ir_block *s = succs[t->next++];
      if (!seen[s->id]) {
         seen[s->id] = true;
         stack[depth++] = (struct frame){s, 0};
      }
   }
   arena_destroy(a);
   return n;
}

/* Dominators over any graph given as predecessor lists in an order where entry is 0. */
struct dom_graph {
   uint32_t n;
   const uint32_t *pred_start, *pred; /* by order number */
};

static uint32_t
intersect(const uint32_t *idom, uint32_t a, uint32_t b)
{
   while (a != b) {
      while (a > b)
         a = idom[a];
      while (b > a)
         b = idom[b];
   }
   return a;
}

static void
solve_dominators(const struct dom_graph *g, uint32_t *idom)
{
   for (uint32_t i = 0; i < g->n; i++)
      idom[i] = UINT32_MAX;
   idom[0] = 0;
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t i = 1; i < g->n; i++) {
         uint32_t best = UINT32_MAX;
         for (uint32_t k = g->pred_start[i]; k < g->pred_start[i + 1]; k++) {
            uint32_t p = g->pred[k];
            if (idom[p] != UINT32_MAX)
               best = best == UINT32_MAX ? p : intersect(idom, p, best);
         }
         if (best != idom[i]) {
            idom[i] = best;
            changed = true;
         }
      }
   }
}

static void
compute_dominators(struct cfg *g, struct arena *scratch)
{
   uint32_t edges = 0;
   for (uint32_t i = 0; i < g->nrpo; i++)
      edges += (uint32_t)g->rpo[i]->preds.len;
   uint32_t *start = arena_array(scratch, uint32_t, g->nrpo + 1);
   uint32_t *pred = arena_array(scratch, uint32_t, edges + 1);
   uint32_t *idom = arena_array(scratch, uint32_t, g->nrpo + 1);
   uint32_t n = 0;
   for (uint32_t i = 0; i < g->nrpo; i++) {
      start[i] = n;
      for (size_t k = 0; k < g->rpo[i]->preds.len; k++) {
         uint32_t p = g->order[g->rpo[i]->preds.data[k]->id];
         if (p != UINT32_MAX)
            pred[n++] = p;
      }
   }
   start[g->nrpo] = n;
   struct dom_graph dg = {g->nrpo, start, pred};
   solve_dominators(&dg, idom);
   for (uint32_t i = 1; i < g->nrpo; i++)
      g->idom[g->rpo[i]->id] = g->rpo[idom[i]];
}

/* Post-dominators: the reversed graph with a virtual end (number 0) that every block
 * without successors leads to; a block that cannot reach an end is joined to it as well.
 */
static void
compute_post_dominators(struct cfg *g, struct arena *scratch)
{
   uint32_t n = g->nrpo, count = 1, edges = 0;
   uint32_t *number = arena_array(scratch, uint32_t, n); /* by rpo position; 0: not yet */
   uint32_t *block = arena_array(scratch, uint32_t, n + 1);
   bool *joined = arena_array(scratch, bool, n);
   struct frame *stack = arena_array(scratch, struct frame, n + 1);
   /* A post order of the reversed graph, roots being the ends, then leftover blocks. */
   uint32_t *post = arena_array(scratch, uint32_t, n);
   bool *seen = arena_array(scratch, bool, n);
   uint32_t npost = 0;
   for (int pass = 0; pass < 2; pass++) {
      for (uint32_t r = n; r-- > 0;) {
         struct ir_block **succs;
         if (seen[r] || (pass == 0 && ir_block_succs(g->rpo[r], &succs) != 0))
            continue;
         joined[r] = true;
         uint32_t depth = 0;
         stack[depth++] = (struct frame){g->rpo[r], 0};
         seen[r] = true;
         while (depth) {
            struct frame *t = &stack[depth - 1];
            if (t->next == t->b->preds.len) {
               post[npost++] = g->order[t->b->id];
               depth--;
               continue;
            }
            struct ir_block *p = t->b->preds.data[t->next++];
            uint32_t at = g->order[p->id];
            if (at != UINT32_MAX && !seen[at]) {
               seen[at] = true;
               stack[depth++] = (struct frame){p, 0};
            }
         }
      }
   }
   for (uint32_t i = npost; i-- > 0;) {
      number[post[i]] = count;
      block[count++] = post[i];
   }
   for (uint32_t i = 0; i < n; i++) {
      struct ir_block **succs;
      edges += ir_block_succs(g->rpo[i], &succs) + 1;
   }
   uint32_t *start = arena_array(scratch, uint32_t, count + 1);
   uint32_t *pred = arena_array(scratch, uint32_t, edges + 1);
   uint32_t *idom = arena_array(scratch, uint32_t, count + 1);
   uint32_t k = 0;
   for (uint32_t i = 1; i < count; i++) {
      struct ir_block **succs;
      unsigned ns = ir_block_succs(g->rpo[block[i]], &succs);
      start[i] = k;
      if (joined[block[i]])
         pred[k++] = 0;
      for (unsigned s = 0; s < ns; s++)
         pred[k++] = number[g->order[succs[s]->id]];
   }
   start[count] = k;
   struct dom_graph dg = {count, start, pred};
   solve_dominators(&dg, idom);
   for (uint32_t i = 1; i < count; i++)
      g->ipdom[g->rpo[block[i]]->id] =
         idom[i] == 0 || idom[i] == UINT32_MAX ? NULL : g->rpo[block[idom[i]]];
}

bool
cfg_dominates(const struct cfg *g, const struct ir_block *a, const struct ir_block *b)
{
   while (b && g->order[b->id] > g->order[a->id])
      b = g->idom[b->id];
   return a == b;
}

bool
loop_is_innermost(const struct cfg *g, const struct loop *l)
{
   for (size_t k = 0; k < g->loops.len; k++)
      if (g->loops.data[k]->parent == l)
         return false;
   return true;
}

bool
cfg_leads_out(const struct ir_block *b)
{
   /* Blocks that only branch may form a ring; the slower walker meets the faster there.
    */
   const struct ir_inst *i = b->first, *slow = i;
   for (bool odd = false; i->op == ISA_BRA && i->ntargets == 1; odd = !odd) {
      i = i->targets[0]->first;
      if (odd)
         slow = slow->targets[0]->first;
      if (i == slow)
         return false;
   }
   return i->op == ISA_RET;
}

static void
loop_add_body(struct cfg *g, struct loop *l, struct ir_block *latch,
              struct ir_block **work)
{
   uint32_t n = 0;
   if (!loop_has(l, latch)) {
      bitset_add(&l->blocks, latch->id);
      work[n++] = latch;
   }
   while (n) {
      struct ir_block *b = work[--n];
      for (size_t i = 0; i < b->preds.len; i++) {
         struct ir_block *p = b->preds.data[i];
         if (g->order[p->id] != UINT32_MAX && !loop_has(l, p)) {
            bitset_add(&l->blocks, p->id);
            work[n++] = p;
         }
      }
   }
}

static void
find_loops(struct cfg *g, struct arena *a, struct arena *scratch)
{
   struct ir_block **work = arena_array(scratch, struct ir_block *, g->n + 1);
   for (uint32_t i = 0; i < g->nrpo; i++) {
      struct ir_block *h = g->rpo[i];
      struct loop *l = NULL;
      for (size_t k = 0; k < h->preds.len; k++) {
         struct ir_block *p = h->preds.data[k];
         if (g->order[p->id] == UINT32_MAX || g->order[p->id] < i)
            continue;
         if (!cfg_dominates(g, h, p)) {
            g->irreducible = true;
            continue;
         }
         if (!l) {
            l = arena_new(a, struct loop);
            l->header = h;
            l->latch = p;
            l->blocks = bitset_new(a, g->n);
            bitset_add(&l->blocks, h->id);
         } else {
            l->latch = NULL;
         }
         loop_add_body(g, l, p, work);
      }
      if (!l)
         continue;
      /* Headers come in RPO, so an enclosing loop is there already. */
      l->parent = g->loop[h->id];
      l->depth = l->parent ? l->parent->depth + 1 : 1;
      l->index = (uint32_t)g->loops.len;
      vec_push(&g->loops, l);
      for (uint32_t b = 0; b < g->n; b++)
         if (bitset_has(&l->blocks, b))
            g->loop[b] = l;
   }
}

/* Reorders rpo so that each loop's blocks are contiguous and forward edges still point
 * forward: repeatedly take the first ready block, staying in the innermost loop entered.
 */
static void
make_compact(struct cfg *g, struct arena *scratch)
{
   uint32_t n = g->nrpo, done = 0;
   uint32_t *missing = arena_array(scratch, uint32_t, g->n);
   struct ir_block **out = arena_array(scratch, struct ir_block *, n);
   /* One ready stack a loop depth would do; a stack of ready lists per loop is simplest.
    */
   size_t nl = g->loops.len + 1;
   VEC(struct ir_block *) *ready = arena_alloc(scratch, sizeof *ready * nl);
   for (uint32_t i = 0; i < n; i++)
      for (size_t k = 0; k < g->rpo[i]->preds.len; k++) {
         uint32_t p = g->order[g->rpo[i]->preds.data[k]->id];
         if (p < i)
            missing[g->rpo[i]->id]++;
      }
   struct loop *current = NULL;
   vec_push(&ready[0], g->rpo[0]);
   if (g->loop[g->rpo[0]->id]) {
      current = g->loop[g->rpo[0]->id];
      vec_push(&ready[current->index + 1], g->rpo[0]);
      vec_clear(&ready[0]);
   }
   struct ir_block *forced = NULL;
   while (done < n) {
      size_t list = current ? current->index + 1 : 0;
      if (!ready[list].len) {
         if (!current)
            break;
         current = current->parent;
         continue;
      }
      /* Prefer the block that came first in the plain order. */
      size_t best = 0;
      for (size_t i = 1; i < ready[list].len; i++)
         if (g->order[ready[list].data[i]->id] < g->order[ready[list].data[best]->id])
            best = i;
      /* A header follows its preheader, so that nothing comes between test and loop. */
      for (size_t i = 0; forced && i < ready[list].len; i++)
         if (ready[list].data[i] == forced)
            best = i;
      struct ir_block *b = ready[list].data[best];
      ready[list].data[best] = ready[list].data[--ready[list].len];
      forced = NULL;
      out[done++] = b;
      struct loop *lb = g->loop[b->id];
      if (lb && lb->header == b)
         current = lb;
      struct ir_block **succs;
      unsigned ns = ir_block_succs(b, &succs);
      for (unsigned s = 0; s < ns; s++) {
         if (g->order[succs[s]->id] <= g->order[b->id] || --missing[succs[s]->id])
            continue;
         /* A header waits in its parent's list: entering it opens its loop. */
         struct loop *ls = g->loop[succs[s]->id];
         if (ls && ls->header == succs[s])
            ls = ls->parent;
         vec_push(&ready[ls ? ls->index + 1 : 0], succs[s]);
         if (ns == 1)
            forced = succs[s];
      }
   }
   if (done == n)
      for (uint32_t i = 0; i < n; i++) {
         g->rpo[i] = out[i];
         g->order[out[i]->id] = i;
      }
   else
      g->irreducible = true;
   for (size_t i = 0; i < nl; i++)
      vec_finish(&ready[i]);
}

struct cfg *
cfg_compute(struct ir_func *f, struct arena *a)
{
   struct arena *scratch = arena_create();
   struct cfg *g = arena_new(a, struct cfg);
   g->func = f;
   g->n = f->block_count;
   g->rpo = arena_array(a, struct ir_block *, g->n);
   g->order = arena_array(a, uint32_t, g->n);
   g->idom = arena_array(a, struct ir_block *, g->n);
   g->ipdom = arena_array(a, struct ir_block *, g->n);
   g->loop = arena_array(a, struct loop *, g->n);
   g->nrpo = post_order(f, g->rpo);
   for (uint32_t i = 0; i < g->nrpo / 2; i++) {
      struct ir_block *t = g->rpo[i];
      g->rpo[i] = g->rpo[g->nrpo - 1 - i];
      g->rpo[g->nrpo - 1 - i] = t;
   }
   for (uint32_t i = 0; i < g->n; i++)
      g->order[i] = UINT32_MAX;
   for (uint32_t i = 0; i < g->nrpo; i++)
      g->order[g->rpo[i]->id] = i;
   compute_dominators(g, scratch);
   find_loops(g, a, scratch);
   if (!g->irreducible)
      make_compact(g, scratch);
   compute_post_dominators(g, scratch);
   arena_destroy(scratch);
   return g;
}
