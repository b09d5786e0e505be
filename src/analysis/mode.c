/* SPDX-License-Identifier: Apache-2.0
 * Which mode a kernel needs: plain where nothing ever waits, a fiber a warp where warps
 * wait for each other, a fiber a thread where lanes of one warp may. */
#include "analysis/analysis.h"

static bool
is_invariant(const struct loop *lp, const struct ir_value *v)
{
   return v->kind != IR_INST || !loop_has(lp, v->def->block);
}

/* Computed anew in each iteration from where the one before stood, without memory. */
static bool
is_step(const struct loop *lp, const struct ir_value *v, unsigned depth)
{
   if (is_invariant(lp, v) || depth > 8)
      return false;
   const struct ir_inst *i = v->def;
   if (i->op == ISA_PHI)
      return i->block == lp->header;
   if (isa_op_info(i->op)->effects != ISA_PURE)
      return false;
   bool steps = false;
   for (unsigned k = 0; k < i->nsrc; k++) {
      if (is_invariant(lp, i->src[k]))
         continue;
      if (!is_step(lp, i->src[k], depth + 1))
         return false;
      steps = true;
   }
   return steps;
}

/* Whether the kernel writes this constant anywhere: what frees what a lane took. */
static bool
writes_constant(const struct ir_func *f, const struct ir_value *c)
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         unsigned k = i->op == ISA_ST                                                 ? 1
                      : i->op != ISA_ATOM                                             ? 0
                      : i->mods.atom == ISA_ATOM_CAS                                  ? 2
                      : i->mods.atom == ISA_ATOM_EXCH || i->mods.atom == ISA_ATOM_AND ? 1
                                                                                      : 0;
         for (; k && k < i->nsrc; k++)
            if (i->src[k]->kind == IR_CONST && i->src[k]->bits[0] == c->bits[0])
               return true;
      }
   }
   return false;
}

/* Looks for a free slot, here or further on (a hash table's insertion), and no lane ever
 * frees one: nobody is waited for. */
static bool
is_probe(const struct ir_func *f, const struct loop *lp, const struct ir_inst *i)
{
   return i->mods.atom == ISA_ATOM_CAS && i->src[1]->kind == IR_CONST &&
          is_step(lp, i->src[0], 0) && !writes_constant(f, i->src[1]);
}

/* An atomic that would do the same again in the next iteration makes no progress by
 * itself. A compare-and-swap whose expected value changes retries, and always lets some
 * lane succeed; counters (add, inc …) never wait either. */
static bool
is_waiting_atomic(const struct ir_func *f, const struct loop *lp, const struct ir_inst *i)
{
   switch (i->mods.atom) {
   case ISA_ATOM_CAS:
      return is_invariant(lp, i->src[1]) && !is_probe(f, lp, i);
   case ISA_ATOM_EXCH:
   case ISA_ATOM_OR:
   case ISA_ATOM_AND:
   case ISA_ATOM_MIN:
   case ISA_ATOM_MAX:
      return is_invariant(lp, i->src[1]);
   case ISA_ATOM_ADD:
   case ISA_ATOM_XOR:
      return i->src[1]->kind == IR_CONST && i->src[1]->bits[0] == 0;
   default:
      return false;
   }
}

static bool
is_mbarrier_wait(const struct ir_inst *i)
{
   return i->op == ISA_MBARRIER &&
          (i->mods.mode == ISA_MODE_TEST_WAIT || i->mods.mode == ISA_MODE_TRY_WAIT);
}

/* A load of what another thread may store. fences: the loop orders memory, so that its
 * weak loads of one address may be meant to see a new value too. */
static bool
is_poll(const struct ir_func *f, const struct loop *lp, const struct ir_inst *i,
        bool fences)
{
   if (i->op == ISA_ATOM)
      return i->mods.atom != ISA_ATOM_NONE && is_waiting_atomic(f, lp, i);
   if (i->op == ISA_MBARRIER)
      return is_mbarrier_wait(i);
   if (i->op != ISA_LD)
      return false;
   return i->mods.sem != ISA_WEAK ||
          (fences && is_invariant(lp, i->src[0]) &&
           (i->mods.space == ISA_GLOBAL || i->mods.space == ISA_SHARED ||
            i->mods.space == ISA_GENERIC));
}

/* Does the value depend, inside the loop, on a load that waits for another thread? */
static const struct ir_inst *
depends_on_poll(const struct ir_func *f, const struct loop *lp, struct ir_value *v,
                uint32_t stamp, bool fences)
{
   VEC(struct ir_value *) work = {0};
   const struct ir_inst *found = NULL;
   vec_push(&work, v);
   while (work.len && !found) {
      v = vec_pop(&work);
      if (is_invariant(lp, v) || v->def->mark == stamp)
         continue;
      struct ir_inst *i = v->def;
      i->mark = stamp;
      if (is_poll(f, lp, i, fences))
         found = i;
      for (unsigned k = 0; k < i->nsrc; k++)
         vec_push(&work, i->src[k]);
   }
   vec_finish(&work);
   return found;
}

static bool
has_fence(const struct cfg *g, const struct loop *lp)
{
   loop_foreach_block (o, g, lp)
      ir_foreach_inst (i, g->rpo[o])
         if (i->op == ISA_MEMBAR || i->op == ISA_FENCE || i->op == ISA_NANOSLEEP)
            return true;
   return false;
}

/* Phis hide what controls them: a `done` flag set under a condition on the polled value.
 */
static const struct ir_inst *
loop_poll(const struct cfg *g, const struct loop *lp, uint32_t stamp)
{
   bool fences = has_fence(g, lp);
   loop_foreach_block (o, g, lp) {
      const struct ir_block *b = g->rpo[o];
      struct ir_inst *t = b->last;
      if (t->op != ISA_BRA || t->ntargets != 2)
         continue;
      const struct ir_inst *r = depends_on_poll(g->func, lp, t->src[0], stamp, fences);
      if (r)
         return r;
   }
   return NULL;
}

static bool
is_block_sync(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_BAR:
   case ISA_BARRIER:
   case ISA_BARRIER_CLUSTER:
   case ISA_MBARRIER:
   case ISA_NANOSLEEP:
      return true;
   default:
      return false;
   }
}

static const struct ir_inst *
needs_threads(const struct ir_func *f, const struct cfg *g, const struct lanes *l,
              const char **why)
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         if (i->op == ISA_BARRIER && !(i->mods.flags & ISA_ALIGNED) && l->split[b->id]) {
            *why = "a barrier that lanes of one warp may reach on different paths";
            return i;
         }
         if (i->op == ISA_CALL && (!i->callee || !i->callee->is_extern)) {
            *why = "a call that could not be inlined";
            return i;
         }
         if (i->op == ISA_ALLOCA || i->op == ISA_STACKSAVE || i->op == ISA_STACKRESTORE) {
            *why = "a stack that grows at run time";
            return i;
         }
         if (i->op == ISA_BAR_WARP && l->split[b->id]) {
            *why = "a warp barrier that lanes may reach on different paths";
            return i;
         }
         /* Lanes may be told apart by what they hold: each waits as itself. */
         if (is_mbarrier_wait(i) && l->masked[b->id]) {
            *why = "an mbarrier that some lanes of a warp wait for";
            return i;
         }
      }
   }
   return NULL;
}

/* Marks every loop that polls, whatever the mode will be: they yield. */
static void
mark_polls(struct ir_func *f, struct cfg *g)
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (k, b)
         k->mark = 0;
   }
   for (size_t n = 0; n < g->loops.len; n++) {
      const struct ir_inst *poll = loop_poll(g, g->loops.data[n], (uint32_t)n + 1);
      g->loops.data[n]->polls = poll != NULL;
   }
}

/* -- A loop that some lanes of a warp wait in together, while others may be elsewhere:
 * are those the ones that it waits for? Not where they come to a barrier without having
 * written anything: it is some other warp that this one polls for. */
static bool
is_meeting(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_BAR:
   case ISA_BARRIER:
   case ISA_BARRIER_CLUSTER:
   case ISA_BAR_WARP:
      return true;
   case ISA_SHFL:
   case ISA_VOTE:
   case ISA_MATCH:
   case ISA_REDUX:
      return (i->mods.flags & ISA_SYNC) != 0;
   default:
      return false;
   }
}

static bool
writes_for_others(const struct ir_inst *i)
{
   return (isa_op_info(i->op)->effects & ISA_WRITES) && i->mods.space != ISA_LOCAL &&
          i->mods.space != ISA_PARAM_FUNC;
}

/* Looks at what lanes do from b on, until they meet the others. seen: blocks to leave
 * out. */
static bool
writes_before_meeting(const struct cfg *g, struct ir_block *b, struct bitset *seen)
{
   VEC(struct ir_block *) work = {0};
   bool found = false;
   vec_push(&work, b);
   while (work.len && !found) {
      b = vec_pop(&work);
      if (g->order[b->id] == UINT32_MAX || bitset_has(seen, b->id))
         continue;
      bitset_add(seen, b->id);
      bool meets = false;
      for (struct ir_inst *i = b->first; i && !found && !meets; i = i->next) {
         found = writes_for_others(i);
         meets = is_meeting(i);
      }
      struct ir_block **succs;
      unsigned n = meets ? 0 : ir_block_succs(b, &succs);
      for (unsigned k = 0; k < n; k++)
         vec_push(&work, succs[k]);
   }
   vec_finish(&work);
   return found;
}

/* The blocks between d and the loop: lanes in them come to the loop as well. */
static void
add_way_in(const struct cfg *g, const struct loop *lp, const struct ir_block *d,
           struct bitset *seen)
{
   VEC(struct ir_block *) work = {0};
   vec_push(&work, lp->header);
   while (work.len) {
      struct ir_block *b = vec_pop(&work);
      bitset_add(seen, b->id);
      for (size_t k = 0; k < b->preds.len; k++) {
         struct ir_block *p = b->preds.data[k];
         bool forward =
            g->order[p->id] != UINT32_MAX && g->order[p->id] < g->order[b->id];
         if (forward && p != d && cfg_dominates(g, d, p) && !bitset_has(seen, p->id))
            vec_push(&work, p);
      }
   }
   vec_finish(&work);
}

static bool
may_wait_for_own_warp(const struct cfg *g, const struct lanes *l, const struct loop *lp)
{
   if (!l->split[lp->header->id])
      return false;
   bool found = false;
   struct arena *a = arena_create();
   for (struct ir_block *d = g->idom[lp->header->id]; d && !found; d = g->idom[d->id]) {
      if (!l->divergent_branch[d->id])
         continue;
      struct bitset seen = bitset_new(a, g->n);
      add_way_in(g, lp, d, &seen);
      struct ir_block **succs;
      unsigned n = ir_block_succs(d, &succs);
      for (unsigned k = 0; k < n; k++)
         found |= writes_before_meeting(g, succs[k], &seen);
   }
   arena_destroy(a);
   return found;
}

/* A barrier of the whole block, and the same as `id` (NULL: any). */
static bool
is_whole_barrier(const struct ir_inst *i, const struct ir_value *id)
{
   const struct ir_value *number = i->src[0], *count = i->nsrc > 1 ? i->src[1] : NULL;
   return ir_inst_is_barrier(i) && i->mods.mode != ISA_MODE_ARRIVE &&
          number->kind == IR_CONST && number->bits[0] < EXEC_BARRIERS &&
          (!id || number->bits[0] == id->bits[0]) &&
          (!count || (count->kind == IR_CONST && !count->bits[0]));
}

/* Blocks of a cluster that look into each other's memory live at the same time. */
static bool
reaches_cluster(const struct ir_inst *i)
{
   return i->op == ISA_MAPA || i->mods.space == ISA_SHARED_CLUSTER;
}

static struct mode_choice
choose_warps(struct ir_func *f, struct cfg *g, const struct lanes *l)
{
   struct mode_choice m = {EXEC_PLAIN, true, "nothing waits", f->loc};
   const struct ir_value *id = NULL;
   ir_foreach_block (b, f) {
      ir_foreach_inst (k, b) {
         m.rounds &= !reaches_cluster(k);
         if (!is_block_sync(k))
            continue;
         m.rounds &= is_whole_barrier(k, id);
         id = m.rounds ? k->src[0] : NULL;
         if (m.mode == EXEC_PLAIN) {
            m.mode = EXEC_WARP_FIBER;
            m.why = "warps wait at a barrier";
            m.loc = k->loc;
         }
      }
   }
   for (size_t n = 0; n < g->loops.len; n++) {
      const struct loop *lp = g->loops.data[n];
      if (!lp->polls)
         continue;
      m.rounds = false;
      m.loc = lp->header->first ? lp->header->first->loc : f->loc;
      if (lp->divergent) {
         m.mode = EXEC_THREAD_FIBER;
         m.why = "a loop that lanes leave one by one waits for another thread";
         return m;
      }
      if (may_wait_for_own_warp(g, l, lp)) {
         m.mode = EXEC_THREAD_FIBER;
         m.why = "a loop may wait for what other lanes of its warp write";
         return m;
      }
      m.mode = EXEC_WARP_FIBER;
      m.why = "a loop waits for another thread";
   }
   return m;
}

struct mode_choice
mode_choose(struct ir_func *f, struct cfg *g, struct lanes *l)
{
   struct mode_choice m = {EXEC_THREAD_FIBER, false, "control flow is irreducible",
                           f->loc};
   mark_polls(f, g);
   if (g->irreducible)
      return m;
   const struct ir_inst *i = needs_threads(f, g, l, &m.why);
   if (!i)
      return choose_warps(f, g, l);
   m.loc = i->loc;
   return m;
}
