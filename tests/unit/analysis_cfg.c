/* SPDX-License-Identifier: Apache-2.0
 * Control flow analysis of random graphs against the definitions: dominance by taking a
 * block away, reducibility by T1/T2 reduction, loops by reachability; and what opt_canon
 * promises about them. */
#include <stdlib.h>

#include "analysis/analysis.h"
#include "check.h"
#include "pass/pass.h"

#define MAX_BLOCKS 14

static uint64_t seed = 1;

static uint32_t
rnd(uint32_t n)
{
   seed = seed * 6364136223846793005ull + 1442695040888963407ull;
   return (uint32_t)(seed >> 33) % n;
}

/* A function of n blocks; each ends in ret, one branch or two. */
static struct ir_func *
make_graph(struct ir_module *m, uint32_t n)
{
   struct ir_func *f = ir_func_create(m, "k", true);
   struct ir_block *b[MAX_BLOCKS];
   f->ssa = true;
   for (uint32_t k = 0; k < n; k++)
      b[k] = ir_block_create(f, NULL);
   /* Nothing branches to the first block, as lower_ssa sees to. */
   for (uint32_t k = 0; k < n; k++) {
      uint32_t ways = k + 1 == n ? 0 : rnd(8);
      struct ir_block *near = b[MIN2(k + 1, n - 1)], *any = b[1 + rnd(n - 1)];
      if (ways == 0)
         ir_inst_append(b[k], ir_inst_create(f, ISA_RET, 0, 0));
      else if (ways < 3)
         ir_inst_append(b[k], ir_bra(f, NULL, ways == 1 ? near : any, NULL));
      else
         ir_inst_append(b[k], ir_bra(f, ir_const(f, IR_PRED, 1), any,
                                     ways < 6 ? near : b[1 + rnd(n - 1)]));
   }
   ir_func_renumber(f);
   ir_func_rebuild_preds(f);
   return f;
}

/* -- Reachability as bits; without: a block that is not there. */
struct graph {
   uint32_t n;
   uint64_t succ[4 * MAX_BLOCKS];
   bool end[4 * MAX_BLOCKS];
};

static struct graph
graph_of(const struct ir_func *f)
{
   struct graph g = {.n = f->block_count};
   ir_foreach_block (b, f) {
      struct ir_block **succs;
      unsigned n = ir_block_succs(b, &succs);
      g.end[b->id] = n == 0;
      for (unsigned k = 0; k < n; k++)
         g.succ[b->id] |= 1ull << succs[k]->id;
   }
   return g;
}

static uint64_t
reach(const struct graph *g, uint32_t from, uint64_t without)
{
   uint64_t seen = without >> from & 1 ? 0 : 1ull << from;
   for (uint64_t work = seen; work;) {
      uint32_t b = (uint32_t)__builtin_ctzll(work);
      work &= work - 1;
      uint64_t fresh = g->succ[b] & ~seen & ~without;
      seen |= fresh;
      work |= fresh;
   }
   return seen;
}

static bool
dominates(const struct graph *g, uint32_t a, uint32_t b)
{
   return a == b || !(reach(g, 0, 1ull << a) >> b & 1);
}

/* Does every way from b to an end pass a? */
static bool
post_dominates(const struct graph *g, uint32_t a, uint32_t b)
{
   uint64_t r = a == b ? 0 : reach(g, b, 1ull << a);
   for (uint32_t k = 0; k < g->n; k++)
      if ((r >> k & 1) && g->end[k])
         return false;
   return true;
}

/* T1 takes away edges to oneself, T2 merges a block into its only predecessor; what
 * cannot be reduced to one block is irreducible. */
static bool
is_reducible(struct graph g, uint64_t there)
{
   for (uint32_t b = 0; b < g.n; b++)
      g.succ[b] = there >> b & 1 ? g.succ[b] & there : 0;
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t b = 0; b < g.n; b++) {
         if (!(there >> b & 1))
            continue;
         g.succ[b] &= ~(1ull << b);
         uint32_t preds = 0, pred = 0;
         for (uint32_t p = 0; p < g.n; p++)
            if ((there >> p & 1) && (g.succ[p] >> b & 1)) {
               preds++;
               pred = p;
            }
         if (!b || preds != 1)
            continue;
         g.succ[pred] = (g.succ[pred] & ~(1ull << b)) | g.succ[b];
         there &= ~(1ull << b);
         changed = true;
      }
   }
   return there == 1;
}

/* Blocks that can reach a back edge to h without passing it. */
static uint64_t
loop_body(const struct graph *g, uint32_t h, uint64_t there)
{
   uint64_t body = 0;
   for (uint32_t p = 0; p < g->n; p++) {
      if (!(there >> p & 1) || !(g->succ[p] >> h & 1) || !dominates(g, h, p))
         continue;
      body |= 1ull << h;
      for (uint32_t b = 0; b < g->n; b++)
         if ((there >> b & 1) && b != h && (reach(g, b, 1ull << h) >> p & 1))
            body |= 1ull << b;
   }
   return body;
}

static void
check_dominators(const struct cfg *c, const struct graph *g, uint64_t there)
{
   bool ends = true; /* every block reaches an end */
   for (uint32_t b = 0; b < g->n; b++)
      if (there >> b & 1)
         ends &= !post_dominates(g, g->n, b);
   for (uint32_t o = 0; o < c->nrpo; o++) {
      const struct ir_block *b = c->rpo[o], *d = c->idom[b->id], *p = c->ipdom[b->id];
      CHECK((d != NULL) == (b->id != 0));
      for (uint32_t a = 0; a < g->n; a++) {
         if (!(there >> a & 1) || a == b->id)
            continue;
         if (dominates(g, a, b->id))
            CHECK(d && dominates(g, a, d->id));
         else
            CHECK(!d || d->id != a);
         if (ends && post_dominates(g, a, b->id))
            CHECK(p && post_dominates(g, a, p->id));
         else if (ends)
            CHECK(!p || p->id != a);
      }
   }
}

/* Not inlined: gcc 12.2 at -O2 then takes a right set for a wrong one. gcc at -O1, with
 * -fno-tree-vrp or with its sanitizers, and clang, agree that nothing here is undefined.
 */
static KASURI_NOINLINE void
check_order(const struct cfg *c, const struct graph *g, uint64_t there)
{
   for (uint32_t b = 0; b < g->n; b++) {
      CHECK((c->order[b] != UINT32_MAX) == (bool)(there >> b & 1));
      for (uint32_t s = 0; c->order[b] != UINT32_MAX && s < g->n; s++)
         if (g->succ[b] >> s & 1)
            CHECK(c->order[s] > c->order[b] || dominates(g, s, b));
   }
   for (uint32_t h = 0; h < g->n; h++) {
      uint64_t body = there >> h & 1 ? loop_body(g, h, there) : 0;
      const struct loop *l = NULL;
      for (size_t k = 0; k < c->loops.len; k++)
         if (c->loops.data[k]->header->id == h)
            l = c->loops.data[k];
      CHECK((l != NULL) == (body != 0));
      uint32_t size = (uint32_t)__builtin_popcountll(body), inside = 0;
      for (uint32_t b = 0; l && b < g->n; b++) {
         CHECK(bitset_has(&l->blocks, b) == (bool)(body >> b & 1));
         inside += (body >> b & 1) && c->order[b] >= c->order[h] &&
                   c->order[b] < c->order[h] + size;
      }
      CHECK_EQ_U64(inside, size);
   }
}

static void
check_canonical(const struct cfg *c, const struct ir_func *f)
{
   unsigned rets = 0;
   ir_foreach_block (b, f) {
      rets += b->last->op == ISA_RET;
      CHECK(b->last->ntargets != 2 || b->last->targets[0] != b->last->targets[1]);
   }
   CHECK(rets <= 1);
   for (size_t k = 0; k < c->loops.len; k++) {
      const struct loop *l = c->loops.data[k];
      struct ir_block *pre = NULL, **succs;
      CHECK(l->header->preds.len == 2);
      for (size_t q = 0; q < l->header->preds.len; q++)
         if (!loop_has(l, l->header->preds.data[q]))
            pre = l->header->preds.data[q];
      if (!CHECK(pre && l->latch))
         continue;
      CHECK(ir_block_succs(pre, &succs) == 1 && ir_block_succs(l->latch, &succs) == 1);
      CHECK_EQ_U64(c->order[l->header->id], c->order[pre->id] + 1);
      for (uint32_t b = 0; b < c->n; b++)
         CHECK(!bitset_has(&l->blocks, b) || c->order[b] <= c->order[l->latch->id]);
   }
}

static void
drop_unreachable(struct ir_func *f, const struct cfg *c)
{
   for (struct ir_block *b = f->first_block, *next; b; b = next) {
      next = b->next;
      if (c->order[b->id] == UINT32_MAX)
         ir_block_remove(b);
   }
   ir_func_renumber(f);
   ir_func_rebuild_preds(f);
}

static bool
check_graph(uint32_t n)
{
   struct ir_module *m = ir_module_create("test");
   struct ir_func *f = make_graph(m, n);
   struct diag d;
   diag_init(&d);
   CHECK(ir_verify_func(f, &d));
   struct arena *a = arena_create();
   struct cfg *c = cfg_compute(f, a);
   struct graph g = graph_of(f);
   uint64_t there = reach(&g, 0, 0);
   CHECK(c->irreducible == !is_reducible(g, there));
   check_dominators(c, &g, there);
   bool reducible = !c->irreducible;
   if (reducible) {
      check_order(c, &g, there);
      drop_unreachable(f, c);
      vec_finish(&c->loops);
      CHECK(pass_run_named(f, "canon", NULL, &d));
      c = cfg_compute(f, a);
      CHECK(!c->irreducible);
      check_canonical(c, f);
   }
   vec_finish(&c->loops);
   arena_destroy(a);
   diag_finish(&d);
   ir_module_destroy(m);
   return reducible;
}

int
main(int argc, char **argv)
{
   unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 4000, reducible = 0;
   for (unsigned k = 0; k < rounds && !check_failed; k++) {
      uint64_t was = seed;
      reducible += check_graph(2 + rnd(MAX_BLOCKS - 2));
      if (check_failed)
         fprintf(stderr, "seed %llu, round %u\n", (unsigned long long)was, k);
   }
   /* Both kinds were tried. */
   CHECK(reducible > rounds / 4 && reducible < rounds);
   return check_done();
}
