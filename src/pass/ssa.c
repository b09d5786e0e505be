/* SPDX-License-Identifier: Apache-2.0
 * SSA construction: phis at iterated dominance frontiers (Cytron et al. 1991) of those
 * registers that need them (written once and dominating every use: none), then renaming
 * along the dominator tree. */
#include "analysis/analysis.h"
#include "pass/pass.h"

struct reg {
   uint32_t defs;
   struct ir_block *def_block; /* of the last definition seen */
   struct ir_inst *def;
   bool simple;              /* one definition that dominates every use */
   bool crosses;             /* read in a block before any write there */
   struct ir_value *current; /* while renaming */
   uint32_t *blocks;         /* ids of blocks that define it, when not simple */
   uint32_t nblocks, cap;
};

struct ssa {
   struct ir_func *f;
   struct cfg *g;
   struct arena *a;
   struct reg *regs; /* by value id as of the start */
   uint32_t nregs;
   uint32_t *seen;     /* by reg: stamp of the block that wrote it last while scanning */
   struct map *phi_of; /* phi inst -> its register (struct ir_value *) */
   VEC(struct ir_value *) list; /* registers in first-seen order */
};

static bool
is_reg(const struct ssa *s, const struct ir_value *v)
{
   return v && v->kind == IR_REG && v->id < s->nregs;
}

static void
count_def(struct ssa *s, struct ir_inst *i, struct ir_value *v)
{
   struct reg *r = &s->regs[v->id];
   if (!r->defs++) {
      vec_push(&s->list, v);
      r->simple = true;
   }
   r->def_block = i->block;
   r->def = i;
}

static void
note_use(struct ssa *s, struct ir_inst *i, struct ir_value *v, uint32_t stamp)
{
   if (!is_reg(s, v))
      return;
   struct reg *r = &s->regs[v->id];
   if (s->seen[v->id] == stamp)
      return;
   r->crosses = true;
   if (r->defs != 1 || r->def_block == i->block ||
       !cfg_dominates(s->g, r->def_block, i->block))
      r->simple = false;
}

static void
note_def_block(struct ssa *s, struct ir_value *v, struct ir_block *b, uint32_t stamp)
{
   struct reg *r = &s->regs[v->id];
   if (s->seen[v->id] == stamp)
      return;
   s->seen[v->id] = stamp;
   if (r->nblocks == r->cap) {
      uint32_t *old = r->blocks;
      r->cap = r->cap ? r->cap * 2 : 4;
      r->blocks = arena_array(s->a, uint32_t, r->cap);
      for (uint32_t k = 0; k < r->nblocks; k++)
         r->blocks[k] = old[k];
   }
   r->blocks[r->nblocks++] = b->id;
}

static void
scan(struct ssa *s)
{
   for (uint32_t o = 0; o < s->g->nrpo; o++)
      ir_foreach_inst (i, s->g->rpo[o]) {
         for (unsigned k = 0; k < i->ndst; k++)
            if (is_reg(s, i->dst[k]))
               count_def(s, i, i->dst[k]);
      }
   for (uint32_t o = 0; o < s->g->nrpo; o++)
      ir_foreach_inst (i, s->g->rpo[o]) {
         for (unsigned k = 0; k < i->nsrc; k++)
            note_use(s, i, i->src[k], o + 1);
         note_use(s, i, i->guard, o + 1);
         for (unsigned k = 0; k < i->ndst; k++)
            if (is_reg(s, i->dst[k]))
               note_def_block(s, i->dst[k], i->block, o + 1);
      }
}

/* Dominance frontiers as lists by block id. */
struct frontier {
   uint32_t *ids;
   uint32_t n, cap;
};

static struct frontier *
frontiers(struct ssa *s)
{
   struct frontier *df = arena_array(s->a, struct frontier, s->g->n);
   for (uint32_t o = 0; o < s->g->nrpo; o++) {
      struct ir_block *b = s->g->rpo[o];
      if (b->preds.len < 2)
         continue;
      for (size_t k = 0; k < b->preds.len; k++) {
         struct ir_block *r = b->preds.data[k];
         if (s->g->order[r->id] == UINT32_MAX)
            continue;
         for (; r && r != s->g->idom[b->id]; r = s->g->idom[r->id]) {
            struct frontier *d = &df[r->id];
            if (d->n && d->ids[d->n - 1] == b->id)
               continue;
            if (d->n == d->cap) {
               uint32_t *old = d->ids;
               d->cap = d->cap ? d->cap * 2 : 4;
               d->ids = arena_array(s->a, uint32_t, d->cap);
               for (uint32_t q = 0; q < d->n; q++)
                  d->ids[q] = old[q];
            }
            d->ids[d->n++] = b->id;
         }
      }
   }
   return df;
}

static void
place_phi(struct ssa *s, struct ir_block *b, struct ir_value *reg)
{
   struct ir_inst *p = ir_inst_create(s->f, ISA_PHI, 1, (unsigned)b->preds.len);
   p->dst[0] = reg;
   for (size_t k = 0; k < b->preds.len; k++)
      p->src[k] = reg;
   map_set_n(s->phi_of, &p, sizeof p, reg);
   if (b->first)
      ir_inst_insert_before(b->first, p);
   else
      ir_inst_append(b, p);
}

static void
place_phis(struct ssa *s, struct ir_block **by_id)
{
   struct frontier *df = frontiers(s);
   uint32_t *work = arena_array(s->a, uint32_t, s->g->n + 1);
   uint32_t *queued = arena_array(s->a, uint32_t, s->g->n);
   uint32_t *placed = arena_array(s->a, uint32_t, s->g->n);
   for (size_t v = 0; v < s->list.len; v++) {
      struct reg *r = &s->regs[s->list.data[v]->id];
      if (r->simple || !r->crosses)
         continue;
      uint32_t stamp = (uint32_t)v + 1, n = 0;
      for (uint32_t k = 0; k < r->nblocks; k++) {
         queued[r->blocks[k]] = stamp;
         work[n++] = r->blocks[k];
      }
      while (n) {
         struct frontier *d = &df[work[--n]];
         for (uint32_t k = 0; k < d->n; k++) {
            if (placed[d->ids[k]] == stamp)
               continue;
            placed[d->ids[k]] = stamp;
            place_phi(s, by_id[d->ids[k]], s->list.data[v]);
            if (queued[d->ids[k]] != stamp) {
               queued[d->ids[k]] = stamp;
               work[n++] = d->ids[k];
            }
         }
      }
   }
}

/* Renaming keeps the value current at the end of each block's dominator chain through an
 * undo log, so the walk needs no stack per register. */
struct undo {
   struct ir_value *reg, *old;
};

struct walk {
   struct ir_block *b;
   size_t undo_mark;
   bool leaving;
};

static struct ir_value *
read_reg(struct ssa *s, struct ir_value *v)
{
   if (!is_reg(s, v))
      return v;
   struct reg *r = &s->regs[v->id];
   if (!r->current)
      return ir_undef(s->f, v->width);
   return r->current;
}

static struct ir_value *
define(struct ssa *s, struct ir_inst *i, struct ir_value *reg)
{
   struct reg *r = &s->regs[reg->id];
   struct ir_value *v = ir_value_create(s->f, IR_INST, reg->width, reg->name);
   v->def = i;
   r->current = v;
   return v;
}

/* What one instruction's operands become; `log` receives what define() overwrote. */
#define LOG_DEFINE(s, log, i, k)                                                         \
   do {                                                                                  \
      struct undo u = {(i)->dst[k], (s)->regs[(i)->dst[k]->id].current};                 \
      vec_push(log, u);                                                                  \
      (i)->dst[k] = define((s), (i), (i)->dst[k]);                                       \
   } while (0)

static void
rename_all(struct ssa *s)
{
   VEC(struct undo) log = {0};
   VEC(struct walk) stack = {0};
   uint32_t n = s->g->n;
   uint32_t *first = arena_array(s->a, uint32_t, n + 1);
   uint32_t *next = arena_array(s->a, uint32_t, n + 1);
   for (uint32_t o = s->g->nrpo; o-- > 1;) {
      struct ir_block *b = s->g->rpo[o];
      uint32_t parent = s->g->idom[b->id]->id;
      next[o] = first[parent];
      first[parent] = o;
   }
   struct walk start = {s->g->rpo[0], 0, false};
   vec_push(&stack, start);
   while (stack.len) {
      struct walk w = vec_pop(&stack);
      if (w.leaving) {
         while (log.len > w.undo_mark) {
            struct undo u = vec_pop(&log);
            s->regs[u.reg->id].current = u.old;
         }
         continue;
      }
      w.leaving = true;
      w.undo_mark = log.len;
      vec_push(&stack, w);
      ir_foreach_inst (i, w.b) {
         if (i->op != ISA_PHI)
            for (unsigned k = 0; k < i->nsrc; k++)
               i->src[k] = read_reg(s, i->src[k]);
         i->guard = read_reg(s, i->guard);
         for (unsigned k = 0; k < i->ndst; k++)
            if (is_reg(s, i->dst[k]))
               LOG_DEFINE(s, &log, i, k);
      }
      struct ir_block **succs;
      unsigned ns = ir_block_succs(w.b, &succs);
      for (unsigned q = 0; q < ns; q++)
         for (struct ir_inst *p = succs[q]->first; p && p->op == ISA_PHI; p = p->next) {
            struct ir_value *reg = map_find_n(s->phi_of, &p, sizeof p);
            for (size_t k = 0; reg && k < succs[q]->preds.len; k++)
               if (succs[q]->preds.data[k] == w.b)
                  p->src[k] = read_reg(s, reg);
         }
      for (uint32_t o = first[w.b->id]; o; o = next[o]) {
         struct walk child = {s->g->rpo[o], 0, false};
         vec_push(&stack, child);
      }
   }
   vec_finish(&log);
   vec_finish(&stack);
}

/* bra's guard becomes its source; a negated one swaps the targets. */
static void
guards_to_sources(struct ir_func *f)
{
   ir_foreach_block (b, f) {
      struct ir_inst *t = b->last;
      if (!t || t->op != ISA_BRA || !t->guard)
         continue;
      struct ir_block *yes = t->targets[t->guard_negated ? 1 : 0];
      struct ir_block *no = t->targets[t->guard_negated ? 0 : 1];
      struct ir_inst *bra = ir_bra(f, t->guard, yes, no);
      bra->mods = t->mods;
      bra->loc = t->loc;
      ir_inst_remove(t);
      ir_inst_append(b, bra);
   }
}

/* SSA wants a head that nothing branches to, and blocks that end in a terminator. */
static void
prepare(struct ir_func *f)
{
   ir_foreach_block (b, f) {
      if (b->last && ir_inst_is_terminator(b->last))
         continue;
      struct ir_inst *t =
         b->next ? ir_bra(f, NULL, b->next, NULL) : ir_inst_create(f, ISA_RET, 0, 0);
      ir_inst_append(b, t);
   }
   ir_func_rebuild_preds(f);
   if (f->first_block->preds.len) {
      struct ir_block *old = f->first_block, *head = ir_block_create(f, NULL);
      f->last_block = head->prev;
      f->last_block->next = NULL;
      head->prev = NULL;
      head->next = old;
      old->prev = head;
      f->first_block = head;
      ir_inst_append(head, ir_bra(f, NULL, old, NULL));
   }
   ir_func_renumber(f);
   ir_func_rebuild_preds(f);
}

static void
drop_unreachable(struct ir_func *f, struct cfg *g)
{
   for (struct ir_block *b = f->first_block, *next; b; b = next) {
      next = b->next;
      if (g->order[b->id] == UINT32_MAX)
         ir_block_remove(b);
   }
   ir_func_renumber(f);
   ir_func_rebuild_preds(f);
}

bool
lower_ssa(struct ir_func *f, struct pass_ctx *c)
{
   prepare(f);
   struct arena *a = arena_create();
   struct cfg *g = cfg_compute(f, a);
   if (g->nrpo != g->n) {
      drop_unreachable(f, g);
      vec_finish(&g->loops);
      g = cfg_compute(f, a);
   }
   struct ssa s = {.f = f, .g = g, .a = a};
   s.nregs = f->value_count;
   s.regs = arena_array(a, struct reg, s.nregs + 1);
   s.seen = arena_array(a, uint32_t, s.nregs + 1);
   s.phi_of = map_create();
   struct ir_block **by_id = arena_array(a, struct ir_block *, g->n);
   ir_foreach_block (b, f)
      by_id[b->id] = b;
   scan(&s);
   place_phis(&s, by_id);
   rename_all(&s);
   f->ssa = true;
   guards_to_sources(f);
   map_destroy(s.phi_of);
   vec_finish(&s.list);
   vec_finish(&g->loops);
   arena_destroy(a);
   ir_func_renumber(f);
   ir_func_rebuild_preds(f);
   return true;
}
