/* SPDX-License-Identifier: Apache-2.0
 * The places at which warps go on after a barrier: whether each has a loop over the warps
 * of its own, and to which barrier it leads. */
#include "back/simd/rounds.h"

/* Code that several places lead to is there once for each. Beyond this many times the
 * kernel's instructions one loop serves all places. */
#define MOST_COPIES 3
/* Those with pauses do not count, in kernels of up to so many instructions. */
#define MOST_PAUSING 400
/* Instructions of a place's copies for warps whose numbers are known, and what a test of
 * such a number is made of. */
#define MOST_APART 256
#define TEST_DEPTH 4

/* -- Which places have a loop of their own. */
static size_t
insts_from(struct emit *e, struct ir_block *b, struct bitset *seen)
{
   if (bitset_has(seen, b->id))
      return 0;
   bitset_add(seen, b->id);
   size_t n = 0;
   ir_foreach_inst (i, b)
      n++;
   const struct stop *stop = rounds_stop_of(e, b);
   if (stop && !stop->pause)
      return n;
   struct ir_block **succs;
   unsigned ns = ir_block_succs(b, &succs);
   for (unsigned k = 0; k < ns; k++)
      n += insts_from(e, succs[k], seen);
   return n;
}

bool
places_are_apart(struct emit *e)
{
   if (!e->opt->opt_level)
      return false;
   const struct emit_rounds *r = e->rounds;
   struct bitset seen = bitset_new(e->a, e->g->n);
   size_t n = insts_from(e, e->g->rpo[0], &seen), all = 0;
   ir_foreach_block (b, e->f)
      ir_foreach_inst (i, b)
         all++;
   if (r->pauses && all > MOST_PAUSING)
      return false;
   for (size_t k = 0; k < r->stops.len && n <= all * MOST_COPIES; k++) {
      if (r->stops.data[k].pause)
         continue;
      seen = bitset_new(e->a, e->g->n);
      n += insts_from(e, r->stops.data[k].block->last->targets[0], &seen);
   }
   return n <= all * MOST_COPIES;
}

/* -- Where a place leads to. */
static void
add_way_on(struct way_on *w, size_t place)
{
   w->several |= w->known && w->place != place;
   w->place = (uint32_t)place;
   w->known = true;
}

/* Where warps go on next whose lanes all pass the guards. */
static void
look_on(struct emit *e, const struct plan *p, struct ir_block *b, struct bitset *seen,
        struct way_on *w)
{
   if (bitset_has(seen, b->id))
      return;
   bitset_add(seen, b->id);
   const struct stop *stop = rounds_stop_of(e, b);
   w->pauses |= stop && stop->pause;
   if (stop && !stop->pause) {
      add_way_on(w, rounds_place(e, (size_t)(stop - e->rounds->stops.data)));
      return;
   }
   struct ir_block **succs;
   unsigned n = ir_block_succs(b, &succs);
   bool guard = p->masked && p->guards && p->guards[b->id];
   for (unsigned k = 0; k < n; k++)
      if (!guard || !cfg_leads_out(succs[k]))
         look_on(e, p, succs[k], seen, w);
   if (!n)
      add_way_on(w, EXEC_FRAME_DONE);
}

struct way_on
places_way_on(struct emit *e, const struct plan *p, size_t k)
{
   struct bitset seen = bitset_new(e->a, e->g->n);
   struct way_on w = {0};
   look_on(e, p, k ? e->rounds->stops.data[k - 1].block->last->targets[0] : e->g->rpo[0],
           &seen, &w);
   return w;
}

/* -- Which places tell warps apart. */
/* v follows from a thread's number alone, and not only from the low bits of it that all
 * warps have. */
static bool
tells_warps(const struct ir_value *v, unsigned depth)
{
   if (v->kind == IR_CONST)
      return true;
   if (v->kind != IR_INST || !depth)
      return false;
   const struct ir_inst *i = v->def;
   if (i->op == ISA_SREG)
      return i->mods.extra >= ISA_SREG_TID_X && i->mods.extra <= ISA_SREG_TID_Z;
   if (i->op != ISA_SETP && i->op != ISA_SHR && i->op != ISA_NOT && i->op != ISA_ADD)
      return false;
   for (unsigned k = 0; k < i->nsrc; k++)
      if (!tells_warps(i->src[k], depth - 1))
         return false;
   return true;
}

static bool
goes_round(const struct emit *e, const struct ir_block *b)
{
   const struct loop *l = e->g->loop[b->id];
   return l && !rounds_stop_in(e, l);
}

bool
places_tell_apart(struct emit *e, size_t k, uint32_t warps)
{
   struct bitset seen = bitset_new(e->a, e->g->n);
   struct ir_block *b =
      k ? e->rounds->stops.data[k - 1].block->last->targets[0] : e->g->rpo[0];
   bool tells = false;
   if (insts_from(e, b, &seen) * warps > MOST_APART)
      return false;
   for (uint32_t o = 0; o < e->g->nrpo; o++) {
      b = e->g->rpo[o];
      if (!bitset_has(&seen, b->id))
         continue;
      if (goes_round(e, b))
         return false;
      tells |= b->last->op == ISA_BRA && b->last->ntargets == 2 &&
               tells_warps(b->last->src[0], TEST_DEPTH);
   }
   return tells;
}
