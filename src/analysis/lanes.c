/* SPDX-License-Identifier: Apache-2.0
 * Divergence and lane shapes, solved together from optimistic beginnings: values start
 * unknown and only ever move from uniform over base-plus-offsets to varying. A divergent
 * branch makes joins of its paths divergent (Rosemann, Moll and Hack, POPL 2021: labels
 * spread from its successors, two labels meet at a join) and the loops it may leave. */
#include <string.h>

#include "analysis/lanes_priv.h"

static const struct shape varying = {.kind = SHAPE_VARYING};

static const int64_t *
intern_offsets(struct lanes *l, const int64_t *offs)
{
   size_t bytes = l->config->width * sizeof *offs;
   int64_t *p = map_find_n(l->interned, offs, bytes);
   if (!p) {
      p = arena_array(l->arena, int64_t, l->config->width);
      memcpy(p, offs, bytes);
      map_set_n(l->interned, offs, bytes, p);
   }
   return p;
}

struct shape
shape_uniform(unsigned align)
{
   return (struct shape){.kind = SHAPE_UNIFORM, .align = (uint8_t)MIN2(align, 63u)};
}

/* Numbers of that many bits, as signed ones; whether one is not zero. */
static bool
wrap(const struct lanes *l, int64_t *to, const int64_t *from, unsigned bits)
{
   int64_t any = 0;
   unsigned sh = bits >= 64 ? 0 : 64 - bits;
   for (unsigned i = 0; i < l->config->width; i++) {
      to[i] = (int64_t)((uint64_t)from[i] << sh) >> sh;
      any |= to[i];
   }
   return any != 0;
}

struct shape
shape_from(struct lanes *l, const int64_t *offs, const struct ir_value *unit,
           const int64_t *times, unsigned bits, bool conditional, unsigned align)
{
   int64_t o[EXEC_WARP], t[EXEC_WARP];
   bool any = wrap(l, o, offs, bits);
   if (!unit || !wrap(l, t, times, bits))
      unit = NULL;
   if (!any && !unit && !conditional)
      return shape_uniform(align);
   struct shape s = {.kind = SHAPE_OFFSETS,
                     .conditional = conditional,
                     .align = (uint8_t)MIN2(align, 63u),
                     .offsets = intern_offsets(l, o),
                     .unit = unit};
   if (unit)
      s.times = intern_offsets(l, t);
   return s;
}

struct shape
shape_from_offsets(struct lanes *l, const int64_t *offs, unsigned bits, bool conditional,
                   unsigned align)
{
   return shape_from(l, offs, NULL, NULL, bits, conditional, align);
}

bool
shape_stride(const struct shape *s, unsigned width, int64_t *stride)
{
   *stride = 0;
   if (s->kind == SHAPE_UNIFORM)
      return true;
   if (s->kind != SHAPE_OFFSETS || s->unit)
      return false;
   *stride = s->offsets[1] - s->offsets[0];
   for (unsigned i = 0; i < width; i++)
      if (s->offsets[i] != s->offsets[0] + i * *stride)
         return false;
   return s->offsets[0] == 0;
}

struct shape
shape_join(struct shape a, struct shape b)
{
   if (a.kind == SHAPE_VARYING || b.kind == SHAPE_VARYING)
      return varying;
   if (a.kind == SHAPE_UNIFORM && b.kind == SHAPE_UNIFORM)
      return shape_uniform(MIN2(a.align, b.align));
   b.align = a.align = MIN2(a.align, b.align);
   a.conditional |= b.conditional;
   return a.kind == b.kind && a.offsets == b.offsets && a.unit == b.unit &&
                a.times == b.times
             ? a
             : varying;
}

/* The shape of v's scalar form as block b sees it: what a lane took out of a divergent
 * loop was computed in the iteration in which it left. */
struct shape
lanes_base_shape(const struct lanes *l, const struct cfg *g, const struct ir_value *v,
                 const struct ir_block *b)
{
   if (v->kind == IR_CONST)
      return shape_uniform(v->bits[0] ? (unsigned)__builtin_ctzll(v->bits[0]) : 63);
   if (v->kind != IR_INST || l->config->width == 1)
      return shape_uniform(0);
   for (struct loop *lp = g->loop[v->def->block->id]; lp && !loop_has(lp, b);
        lp = lp->parent)
      if (lp->divergent)
         return varying;
   return l->shape[v->id];
}

struct shape
lanes_shape_at(const struct lanes *l, const struct cfg *g, const struct ir_value *v,
               const struct ir_block *b)
{
   return here_shape(l, b, lanes_base_shape(l, g, v, b));
}

struct solver {
   struct lanes *l;
   struct cfg *g;
   bool *known;          /* by value id */
   bool *divergent_join; /* by block id */
   bool *done;           /* by block id: its divergent branch was spread */
   uint32_t *label;      /* scratch by block id */
   struct arena *scratch;
};

static bool
source_known(const struct solver *s, const struct ir_value *v)
{
   return v->kind != IR_INST || s->known[v->id];
}

static struct shape
phi_shape(struct solver *s, const struct ir_inst *i)
{
   bool any = false, same = true;
   const struct ir_value *first = NULL;
   struct shape r = shape_uniform(0);
   for (unsigned k = 0; k < i->nsrc; k++) {
      if (i->src[k] == i->dst[0])
         continue;
      if (!first)
         first = i->src[k];
      same &= i->src[k] == first;
      if (!source_known(s, i->src[k]))
         continue;
      struct shape sk = lanes_base_shape(s->l, s->g, i->src[k], i->block);
      if (sk.conditional) {
         sk = varying;
         s->l->lost = true;
      }
      r = any ? shape_join(r, sk) : sk;
      any = true;
   }
   return s->divergent_join[i->block->id] && !same ? varying : r;
}

/* Labels spread over forward edges in block order, staying before the post-dominator. */
static void
give_label(struct solver *s, uint32_t *high, const struct ir_block *to, uint32_t label)
{
   uint32_t *cur = &s->label[to->id];
   if (*cur && *cur != label) {
      s->divergent_join[to->id] = true;
      *cur = to->id + 1; /* lanes from both sides go on together */
   } else if (!*cur) {
      *cur = label;
   }
   if (s->g->order[to->id] > *high)
      *high = s->g->order[to->id];
}

static void
mark_region(struct solver *s, struct ir_block *from, struct ir_block *stop)
{
   /* Where one way leads straight out, the lanes missing in the region have exited. */
   struct ir_block **to;
   bool split =
      ir_block_succs(from, &to) != 2 || !(cfg_leads_out(to[0]) || cfg_leads_out(to[1]));
   struct ir_block **work = arena_array(s->scratch, struct ir_block *, s->g->n + 1);
   bool *seen = arena_array(s->scratch, bool, s->g->n);
   uint32_t n = 0;
   work[n++] = from;
   while (n) {
      struct ir_block *b = work[--n], **succs;
      unsigned ns = ir_block_succs(b, &succs);
      for (unsigned k = 0; k < ns; k++) {
         if (succs[k] == stop || seen[succs[k]->id])
            continue;
         seen[succs[k]->id] = true;
         s->l->masked[succs[k]->id] = true;
         s->l->split[succs[k]->id] |= split;
         work[n++] = succs[k];
      }
   }
}

static void
label_loop_exits(struct solver *s, struct loop *lp, uint32_t *high, uint32_t label)
{
   loop_foreach_block (o, s->g, lp) {
      struct ir_block *b = s->g->rpo[o], **succs;
      unsigned ns = ir_block_succs(b, &succs);
      for (unsigned k = 0; k < ns; k++)
         if (!loop_has(lp, succs[k]))
            give_label(s, high, succs[k], label);
   }
}

static void
spread(struct solver *s, struct ir_block *c)
{
   struct ir_block *p = s->g->ipdom[c->id], **succs;
   unsigned ns = ir_block_succs(c, &succs);
   mark_region(s, c, p);
   memset(s->label, 0, s->g->n * sizeof *s->label);
   uint32_t high = 0;
   for (unsigned k = 0; k < ns; k++)
      if (s->g->order[succs[k]->id] > s->g->order[c->id])
         give_label(s, &high, succs[k], s->g->n + 1 + k);
   for (struct loop *lp = s->g->loop[c->id]; lp; lp = lp->parent) {
      if (p && loop_has(lp, p))
         break;
      lp->divergent = true;
      label_loop_exits(s, lp, &high, s->g->n + 10 + lp->index);
   }
   for (uint32_t o = s->g->order[c->id] + 1; o <= high && o < s->g->nrpo; o++) {
      struct ir_block *b = s->g->rpo[o];
      if (!s->label[b->id] || b == p)
         continue;
      ns = ir_block_succs(b, &succs);
      for (unsigned k = 0; k < ns; k++)
         if (s->g->order[succs[k]->id] > o)
            give_label(s, &high, succs[k], s->label[b->id]);
   }
}

static bool
same_shape(struct shape a, struct shape b)
{
   return a.kind == b.kind && a.conditional == b.conditional && a.offsets == b.offsets &&
          a.align == b.align && a.unit == b.unit && a.times == b.times;
}

static bool
visit_inst(struct solver *s, struct ir_inst *i)
{
   bool changed = false;
   for (unsigned k = 0; k < i->ndst; k++) {
      struct ir_value *d = i->dst[k];
      if (d->kind != IR_INST)
         continue;
      struct shape was = s->l->shape[d->id];
      if (s->known[d->id] && was.kind == SHAPE_VARYING)
         continue;
      struct shape now = i->op == ISA_PHI           ? phi_shape(s, i)
                         : lanes_all_alike(s->l, d) ? shape_uniform(0)
                                                    : shape_transfer(s->l, s->g, i, k);
      if (s->known[d->id] && !same_shape(was, now))
         now = shape_join(was, now);
      if (!s->known[d->id] || !same_shape(was, now)) {
         s->l->shape[d->id] = now;
         s->known[d->id] = true;
         changed = true;
      }
   }
   return changed;
}

static bool
visit_branch(struct solver *s, struct ir_block *b)
{
   struct ir_inst *t = b->last;
   const bool *assume = s->l->config->assume;
   if (t->op != ISA_BRA || t->ntargets != 2 || s->done[b->id] ||
       (assume && assume[b->id]))
      return false;
   if (lanes_shape_at(s->l, s->g, t->src[0], b).kind == SHAPE_UNIFORM)
      return false;
   s->done[b->id] = true;
   s->l->divergent_branch[b->id] = true;
   spread(s, b);
   return true;
}

static bool
can_be_seen(const struct ir_inst *i)
{
   if (i->op >= ISA_PHI || i->op == ISA_BRA)
      return false;
   return (isa_op_info(i->op)->effects & ~(unsigned)ISA_READS) || i->mods.sem != ISA_WEAK;
}

static bool
any_can_be_seen(const struct ir_block *b)
{
   ir_foreach_inst (i, b)
      if (can_be_seen(i))
         return true;
   return false;
}

/* Values that are made of what is found in memory. */
static void
find_loaded(const struct ir_block *b, struct bitset *loaded)
{
   ir_foreach_inst (i, b) {
      bool is = (i->op == ISA_LD || i->op == ISA_LDU) && i->mods.space != ISA_PARAM &&
                i->mods.space != ISA_CONST;
      for (unsigned k = 0; k < i->nsrc; k++)
         is |= i->src[k]->kind == IR_INST && bitset_has(loaded, i->src[k]->id);
      for (unsigned k = 0; k < i->ndst && is; k++)
         bitset_add(loaded, i->dst[k]->id);
   }
}

/* Where nothing loops, what lanes do behind a guard costs less than to begin again when
 * some are held back; and data seldom lets all pass. */
unsigned
lanes_find_guards(const struct cfg *g, const struct lanes *l, bool *guard)
{
   unsigned n = 0;
   struct bitset loaded = bitset_new(l->arena, g->func->value_count);
   for (uint32_t o = 0; o < g->nrpo; o++) {
      const struct ir_block *b = g->rpo[o];
      if (any_can_be_seen(b) || g->loop[b->id])
         break;
      struct ir_block **to;
      find_loaded(b, &loaded);
      if (l->divergent_branch[b->id] && ir_block_succs(b, &to) == 2 &&
          cfg_leads_out(to[0]) != cfg_leads_out(to[1]) &&
          (g->loops.len || !bitset_has(&loaded, b->last->src[0]->id))) {
         guard[b->id] = true;
         n++;
      }
   }
   return n;
}

/* Each source that i widens is widened alike by one of the tests, which i comes behind.
 */
static bool
is_tested(const struct cfg *g, const struct lanes *l, const struct ir_inst *i,
          const struct ir_inst *const *tests, unsigned n)
{
   bool all = true;
   for (unsigned k = 0; k < MIN2(i->nsrc, 2u); k++) {
      bool found = lanes_shape_at(l, g, i->src[k], i->block).kind != SHAPE_OFFSETS;
      for (unsigned t = 0; t < n && !found; t++)
         found = (tests[t]->src[0] == i->src[k] ||
                  (tests[t]->nsrc > 1 && tests[t]->src[1] == i->src[k])) &&
                 lanes_widens_signed(tests[t]) == lanes_widens_signed(i) &&
                 cfg_dominates(g, tests[t]->block, i->block);
      all &= found;
   }
   return all;
}

#define MOST_TESTS 32

unsigned
lanes_find_widenings(const struct cfg *g, const struct lanes *l, uint8_t *tested)
{
   const struct ir_inst *tests[MOST_TESTS];
   unsigned n = 0;
   bool seen = false;
   for (uint32_t o = 0; o < g->nrpo; o++) {
      seen |= g->loop[g->rpo[o]->id] != NULL;
      ir_foreach_inst (i, g->rpo[o]) {
         seen |= can_be_seen(i);
         if (i->ndst != 1 || i->dst[0]->kind != IR_INST ||
             !l->shape[i->dst[0]->id].conditional || lanes_test_of(i) != LANES_TEST_WIDE)
            continue;
         if (!seen && n < MOST_TESTS) {
            tested[i->dst[0]->id] = LANES_TESTED_HERE;
            tests[n++] = i;
         } else if (is_tested(g, l, i, tests, n)) {
            tested[i->dst[0]->id] = LANES_TESTED_BEFORE;
         }
      }
   }
   return n;
}

static void
solve(struct lanes *l, struct cfg *g, uint32_t values)
{
   memset(l->shape, 0, values * sizeof *l->shape);
   memset(l->divergent_branch, 0, g->n * sizeof(bool));
   memset(l->masked, 0, g->n * sizeof(bool));
   memset(l->split, 0, g->n * sizeof(bool));
   l->lost = false;
   for (size_t k = 0; k < g->loops.len; k++)
      g->loops.data[k]->divergent = false;
   if (l->config->width == 1)
      return;
   struct arena *scratch = arena_create();
   struct solver s = {.l = l, .g = g, .scratch = scratch};
   s.known = arena_array(scratch, bool, values);
   s.divergent_join = arena_array(scratch, bool, g->n);
   s.done = arena_array(scratch, bool, g->n);
   s.label = arena_array(scratch, uint32_t, g->n);
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = 0; o < g->nrpo; o++) {
         ir_foreach_inst (i, g->rpo[o])
            changed |= visit_inst(&s, i);
         changed |= visit_branch(&s, g->rpo[o]);
      }
   }
   arena_destroy(scratch);
}

struct lanes *
lanes_compute(struct ir_func *f, struct cfg *g, const struct lanes_config *c,
              struct arena *a)
{
   struct lanes *l = arena_new(a, struct lanes);
   l->config = c;
   l->arena = a;
   l->shape = arena_array(a, struct shape, f->value_count);
   l->divergent_branch = arena_array(a, bool, g->n);
   l->masked = arena_array(a, bool, g->n);
   l->split = arena_array(a, bool, g->n);
   l->interned = map_create();
   if (c->width > 1)
      bound_compute(f, g, l);
   alike_compute(g, l, f->value_count);
   solve(l, g, f->value_count);
   if (c->width > 1 && here_compute(g, l))
      solve(l, g, f->value_count);
   map_destroy(l->interned);
   l->interned = NULL;
   return l;
}
