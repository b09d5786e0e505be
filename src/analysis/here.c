/* SPDX-License-Identifier: Apache-2.0
 * Which lanes can be in a block, where branches on thread numbers tell: `tid.x == 0`
 * holds for one lane of a warp, or for two where a warp has two rows. What differs
 * between a warp's lanes may be the same for all of those. */
#include "analysis/lanes_priv.h"

#define MOST_BASES 64 /* of a value that is compared, to look at one by one */

/* Those of some lanes that can take one side of a branch; whole: these or none do, exact:
 * these do, if all of the lanes come to the branch. */
struct side {
   uint32_t lanes;
   bool whole, exact;
};

static uint32_t
all_lanes(const struct lanes *l)
{
   return UINT32_MAX >> (32 - l->config->width);
}

static bool
holds(enum isa_cmp c, int64_t a, int64_t b)
{
   switch (c) {
   case ISA_EQ:
      return a == b;
   case ISA_NE:
      return a != b;
   case ISA_LT:
   case ISA_LO:
      return a < b;
   case ISA_LE:
   case ISA_LS:
      return a <= b;
   case ISA_GT:
   case ISA_HI:
      return a > b;
   default:
      return a >= b;
   }
}

/* x against a constant: its base is one of a few multiples, as lane 0 is there always. */
static bool
of_bases(const struct lanes *l, const struct ir_inst *i, unsigned at,
         const struct shape *x, bool want, struct side *out, uint32_t of)
{
   enum isa_cmp c = (enum isa_cmp)i->mods.cmp;
   unsigned bits = isa_type_bits(i->mods.type[0]);
   bool is_signed = isa_type_is_signed(i->mods.type[0]) && c <= ISA_GE;
   uint64_t most = l->max[i->src[at]->id];
   if (most > INT32_MAX || (x->align < 31 && most >> x->align >= MOST_BASES) ||
       x->offsets[0] || c < ISA_EQ || c > ISA_HS || bits < 32 ||
       bits != ir_width_bits(i->src[at]->width))
      return false;
   uint64_t k = i->src[1 - at]->bits[0] << (64 - bits);
   int64_t bound = is_signed ? (int64_t)k >> (64 - bits) : (int64_t)(k >> (64 - bits));
   if (bound < 0 && !is_signed)
      return false;
   *out = (struct side){.whole = true, .exact = true};
   for (uint64_t n = 0; n << MIN2(x->align, 31u) <= most; n++) {
      uint32_t set = 0;
      for (unsigned lane = 0; lane < l->config->width; lane++) {
         int64_t v = (int64_t)(n << MIN2(x->align, 31u)) + x->offsets[lane];
         if (v < 0 || v > INT32_MAX)
            return false;
         set |= (uint32_t)((at ? holds(c, bound, v) : holds(c, v, bound)) == want)
                << lane;
      }
      set &= of;
      out->whole &= !set || !out->lanes || set == out->lanes;
      out->exact &= !n || set == out->lanes;
      out->lanes |= set;
   }
   return true;
}

static struct side
side_of(const struct lanes *l, const struct cfg *g, const struct ir_value *p, bool want,
        const struct ir_block *b, uint32_t of)
{
   struct side any = {of, false, false}, x, y;
   if (lanes_shape_at(l, g, p, b).kind == SHAPE_UNIFORM)
      return (struct side){of, true, false};
   if (p->kind != IR_INST || p != p->def->dst[0])
      return any;
   const struct ir_inst *i = p->def;
   if (i->op == ISA_NOT)
      return side_of(l, g, i->src[0], !want, i->block, of);
   if (i->op == ISA_AND || i->op == ISA_OR) {
      x = side_of(l, g, i->src[0], want, i->block, of);
      y = side_of(l, g, i->src[1], want, i->block, of);
      if ((i->op == ISA_AND) == want)
         return (struct side){x.lanes & y.lanes, x.whole && y.whole, x.exact && y.exact};
      bool exact = x.exact && y.exact;
      return (struct side){x.lanes | y.lanes, exact, exact};
   }
   if (i->op != ISA_SETP || i->nsrc != 2 || i->dst[1]->kind != IR_SINK ||
       !i->mods.type[0] || isa_type_is_float(i->mods.type[0]))
      return any;
   for (unsigned k = 0; k < 2; k++) {
      struct shape s = lanes_shape_at(l, g, i->src[k], i->block);
      if (s.kind == SHAPE_OFFSETS && !s.conditional && !s.unit &&
          i->src[1 - k]->kind == IR_CONST && of_bases(l, i, k, &s, want, &x, of))
         return x;
   }
   return any;
}

static struct side
way_to(const struct lanes *l, const struct cfg *g, const struct ir_block *b, unsigned k,
       uint32_t of)
{
   const struct ir_inst *t = b->last;
   if (t->op != ISA_BRA || t->ntargets != 2 || t->targets[0] == t->targets[1] ||
       (l->config->assume && l->config->assume[b->id]))
      return (struct side){of, true, true};
   return side_of(l, g, t->src[0], k == 0, b, of);
}

/* All of the lanes that can be in b come there or none, if the warp is whole. */
static bool
is_whole(const struct lanes *l, const struct cfg *g, const struct ir_block *b,
         uint32_t lanes)
{
   while (l->masked[b->id]) {
      const struct ir_block *from = b->preds.data[0];
      if (b->preds.len != 1 ||
          !way_to(l, g, from, from->last->targets[0] == b ? 0 : 1, lanes).whole)
         return false;
      b = from;
   }
   return true;
}

bool
here_compute(const struct cfg *g, struct lanes *l)
{
   uint32_t *here = arena_array(l->arena, uint32_t, g->n);
   bool *whole = arena_array(l->arena, bool, g->n), any = false;
   here[g->rpo[0]->id] = all_lanes(l);
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = 0; o < g->nrpo; o++) {
         struct ir_block *b = g->rpo[o], **to;
         unsigned n = ir_block_succs(b, &to);
         for (unsigned k = 0; k < n; k++) {
            uint32_t lanes = way_to(l, g, b, k, here[b->id]).lanes;
            changed |= (lanes & ~here[to[k]->id]) != 0;
            here[to[k]->id] |= lanes;
         }
      }
   }
   for (uint32_t o = 0; o < g->nrpo; o++) {
      const struct ir_block *b = g->rpo[o];
      any |= here[b->id] != all_lanes(l);
      whole[b->id] = is_whole(l, g, b, here[b->id]);
   }
   if (!any)
      return false;
   l->here = here;
   l->whole = whole;
   return true;
}

/* What v's shape s is for the lanes that can be in b: one that they agree on is uniform
 * there. */
struct shape
here_shape(const struct lanes *l, const struct ir_block *b, struct shape s)
{
   uint32_t lanes = l->here ? l->here[b->id] : 0;
   if (!lanes || lanes == all_lanes(l) || s.kind != SHAPE_OFFSETS || s.conditional)
      return s;
   unsigned first = (unsigned)__builtin_ctz(lanes);
   for (lanes &= lanes - 1; lanes; lanes &= lanes - 1) {
      unsigned k = (unsigned)__builtin_ctz(lanes);
      if (s.offsets[k] != s.offsets[first] || (s.unit && s.times[k] != s.times[first]))
         return s;
   }
   uint64_t more = (uint64_t)s.offsets[first];
   unsigned align = more ? (unsigned)__builtin_ctzll(more) : 63;
   return shape_uniform(s.unit && s.times[first] ? 0 : MIN2(align, (unsigned)s.align));
}
