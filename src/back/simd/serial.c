/* SPDX-License-Identifier: Apache-2.0
 * Decides which loops lanes go through one after the other, in scalar code. Where lanes
 * leave a loop at different times and most of its work is access to places of their own
 * (rows of a sparse matrix, neighbours of a node), vectors gain nothing: a gather costs
 * more than as many loads, and lanes that are done wait for the longest. Such a loop,
 * with what little stands around it, becomes a function that is called lane by lane. */
#include <stdio.h>
#include <string.h>

#include "back/simd/emit.h"

struct finder {
   struct emit *e;
   struct cfg *g;
   struct lanes *l;
   uint8_t *from_load; /* by value id, for one loop: depends on what it loads, */
   uint8_t *carried;   /* and by way of an earlier iteration */
   int8_t *worth;      /* by loop index: 0 not known, 1 yes, -1 no */
};

struct region {
   struct ir_block *entry, *exit;
   bool *in; /* by block id */
};

/* -- What may be done for one lane at a time. */
static bool
is_clock(const struct ir_inst *i)
{
   switch (i->mods.extra) {
   case ISA_SREG_CLOCK:
   case ISA_SREG_CLOCK_HI:
   case ISA_SREG_CLOCK64:
   case ISA_SREG_GLOBALTIMER:
   case ISA_SREG_GLOBALTIMER_LO:
   case ISA_SREG_GLOBALTIMER_HI:
      return true;
   default:
      return false;
   }
}

static struct shape
shape_of(const struct finder *s, const struct ir_inst *i, unsigned k)
{
   return lanes_shape_at(s->l, s->g, i->src[k], i->block);
}

static bool
is_invariant(const struct loop *lp, const struct ir_value *v)
{
   return v->kind != IR_INST || !loop_has(lp, v->def->block);
}

/* Neighbouring lanes' places must not lie side by side and go on together: one vector
 * access has them all, and lanes in turn would come back to each line. */
static bool
access_may(const struct finder *s, const struct loop *lp, const struct ir_inst *i)
{
   bool atomic = i->op == ISA_ATOM || i->op == ISA_RED;
   uint8_t kind = shape_of(s, i, 0).kind;
   if (emit_is_frame(i->mods.space) || i->mods.vec > 8 ||
       (!atomic && i->mods.sem != ISA_WEAK) || (atomic && kind != SHAPE_VARYING))
      return false;
   return kind != SHAPE_OFFSETS || i->mods.space == ISA_SHARED ||
          (lp && is_invariant(lp, i->src[0]));
}

static bool
inst_may(const struct finder *s, const struct loop *lp, const struct ir_inst *i)
{
   for (unsigned k = 0; k < i->ndst; k++)
      if (i->dst[k]->width == IR_B128)
         return false;
   switch (i->op) {
   case ISA_PHI:
   case ISA_COPY:
   case ISA_BRA:
      return true;
   case ISA_SREG:
      return !is_clock(i);
   case ISA_ADDR:
      return !emit_is_frame(i->sym->space);
   case ISA_CVTA:
      return i->mods.space == ISA_GLOBAL || i->mods.space == ISA_SHARED ||
             i->mods.space == ISA_CONST;
   case ISA_LD:
   case ISA_LDU:
   case ISA_ST:
   case ISA_ATOM:
   case ISA_RED:
      return access_may(s, lp, i);
   default: {
      const struct isa_op_info *info = isa_op_info(i->op);
      return info->effects == ISA_PURE && info->reach == ISA_LANE;
   }
   }
}

/* lp: the loop that b is looked at for, or NULL. */
static bool
block_may(const struct finder *s, const struct loop *lp, const struct ir_block *b)
{
   ir_foreach_inst (i, b)
      if (!inst_may(s, lp, i))
         return false;
   return b->last->op == ISA_BRA;
}

/* -- What depends on loads: who follows pointers must wait for each, and 32 lanes that
 * wait together are faster. */
static bool
note_inst(struct finder *s, const struct loop *lp, const struct ir_inst *i)
{
   const struct loop *own = s->g->loop[i->block->id];
   uint8_t load = ir_inst_is_access(i) && !is_invariant(lp, i->src[0]), again = 0;
   for (unsigned k = 0; k < i->nsrc; k++) {
      const struct ir_value *v = i->src[k];
      if (is_invariant(lp, v))
         continue;
      load |= s->from_load[v->id];
      again |= s->carried[v->id];
   }
   if (i->op == ISA_PHI && own->header == i->block)
      again |= load;
   bool changed = false;
   for (unsigned k = 0; k < i->ndst; k++) {
      uint32_t id = i->dst[k]->id;
      changed |= s->from_load[id] < load || s->carried[id] < again;
      s->from_load[id] |= load;
      s->carried[id] |= again;
   }
   return changed;
}

static void
note_loads(struct finder *s, const struct loop *lp)
{
   memset(s->from_load, 0, s->g->func->value_count);
   memset(s->carried, 0, s->g->func->value_count);
   for (bool changed = true; changed;) {
      changed = false;
      loop_foreach_block (o, s->g, lp)
         ir_foreach_inst (i, s->g->rpo[o])
            changed |= note_inst(s, lp, i);
   }
}

static bool
leaves(const struct loop *lp, const struct ir_inst *t)
{
   return !loop_has(lp, t->targets[0]) || !loop_has(lp, t->targets[1]);
}

static bool
follows_pointers(const struct finder *s, const struct loop *lp, const struct ir_inst *i)
{
   if (ir_inst_is_access(i))
      return s->carried[i->src[0]->id];
   if (i->op != ISA_BRA || i->ntargets != 2)
      return false;
   return s->carried[i->src[0]->id] || (leaves(lp, i) && s->from_load[i->src[0]->id]);
}

/* -- Cycles of one iteration of one lane, on its own, and as its part of a vector
 * instruction's, roughly; in hundredths. */
struct cost {
   uint64_t serial, vector;
};

static struct cost
cost_of(const struct finder *s, const struct loop *lp, const struct ir_inst *i)
{
   unsigned n = MAX2(i->mods.vec, 1u);
   bool varies = i->ndst && i->dst[0]->kind == IR_INST &&
                 s->l->shape[i->dst[0]->id].kind == SHAPE_VARYING;
   bool wide = i->ndst && i->dst[0]->width == IR_B64;
   switch (i->op) {
   case ISA_PHI:
   case ISA_COPY:
   case ISA_ADDR:
   case ISA_SREG:
      return (struct cost){0, 0};
   case ISA_ATOM:
   case ISA_RED:
      return (struct cost){100, 300};
   case ISA_LD:
   case ISA_LDU:
   case ISA_ST:
      switch (shape_of(s, i, 0).kind) {
      case SHAPE_UNIFORM:
         return (struct cost){40, 5};
      case SHAPE_OFFSETS:
         return (struct cost){40, 10 * n};
      default:
         return (struct cost){50, 110 * n};
      }
   case ISA_BRA:
      if (i->ntargets != 2 || leaves(lp, i))
         return (struct cost){0, 0};
      return (struct cost){s->from_load[i->src[0]->id] ? 200 : 50, 100};
   case ISA_DIV:
   case ISA_REM:
   case ISA_SQRT:
   case ISA_RSQRT:
   case ISA_RCP:
      return (struct cost){600, 100};
   case ISA_SIN:
   case ISA_COS:
   case ISA_LG2:
   case ISA_EX2:
   case ISA_TANH:
      return (struct cost){2000, 100};
   default:
      return (struct cost){25, varies ? wide ? 14 : 7 : 0};
   }
}

#define ITERATION_SERIAL 200 /* most lanes' last iteration is not foreseen */
#define ITERATION_VECTOR 30
#define LANES_AT_WORK 60 /* of 100, as they leave one by one */

static bool
pays(struct finder *s, const struct loop *lp)
{
   struct cost sum = {ITERATION_SERIAL, ITERATION_VECTOR};
   if (!lp->divergent || lp->polls || !lp->latch)
      return false;
   note_loads(s, lp);
   loop_foreach_block (o, s->g, lp) {
      const struct ir_block *b = s->g->rpo[o];
      if (!block_may(s, lp, b))
         return false;
      uint64_t times = 1ull << 2 * MIN2(s->g->loop[b->id]->depth - lp->depth, 8u);
      ir_foreach_inst (i, b) {
         if (follows_pointers(s, lp, i))
            return false;
         struct cost c = cost_of(s, lp, i);
         sum.serial += times * c.serial;
         sum.vector += times * c.vector;
      }
   }
   return sum.vector * 100 > sum.serial * LANES_AT_WORK;
}

static bool
is_worth(struct finder *s, const struct loop *lp)
{
   int8_t *w = &s->worth[lp->index];
   if (!*w)
      *w = pays(s, lp) ? 1 : -1;
   return *w > 0;
}

/* -- What goes with the loop. */
#define AROUND 24 /* instructions that stand in no loop */

/* The outermost loop around b that is not around the seed too. */
static const struct loop *
top_loop(const struct finder *s, const struct loop *seed, const struct ir_block *b)
{
   const struct loop *lp = s->g->loop[b->id];
   while (lp && lp != seed->parent && lp->parent != seed->parent)
      lp = lp->parent;
   return lp == seed->parent ? NULL : lp;
}

static bool
block_may_join(struct finder *s, const struct loop *seed, const struct ir_block *b,
               unsigned *around)
{
   const struct loop *lp = top_loop(s, seed, b);
   if (lp)
      return is_worth(s, lp);
   ir_foreach_inst (i, b)
      *around += i->op != ISA_PHI && i->op != ISA_BRA;
   return block_may(s, NULL, b) && *around <= AROUND;
}

/* All blocks from entry to exit: entered and left nowhere else. */
static bool
collect(struct finder *s, const struct loop *seed, struct region *r)
{
   VEC(struct ir_block *) work = {0};
   unsigned around = 0;
   bool ok = r->exit && r->entry != r->exit && s->g->idom[r->entry->id] &&
             s->g->loop[r->exit->id] == seed->parent &&
             !(seed->parent && seed->parent->header == r->exit);
   memset(r->in, 0, s->g->n * sizeof *r->in);
   r->in[r->entry->id] = true;
   vec_push(&work, r->entry);
   while (ok && work.len) {
      struct ir_block *b = vec_pop(&work), **succs;
      unsigned n = ir_block_succs(b, &succs);
      ok = n && cfg_dominates(s->g, r->entry, b) && block_may_join(s, seed, b, &around);
      for (unsigned k = 0; ok && k < n; k++)
         if (succs[k] != r->exit && !r->in[succs[k]->id]) {
            r->in[succs[k]->id] = true;
            vec_push(&work, succs[k]);
         }
   }
   vec_finish(&work);
   return ok;
}

static bool
grows_to(struct finder *s, const struct loop *seed, struct region *r,
         struct ir_block *entry, struct ir_block *exit)
{
   struct region more = {entry, exit, arena_array(s->e->a, bool, s->g->n)};
   if (!entry || !exit || !s->g->idom[entry->id] ||
       (entry != seed->header && s->g->loop[entry->id] != seed->parent) ||
       !collect(s, seed, &more))
      return false;
   *r = more;
   return true;
}

static bool
find_around(struct finder *s, const struct loop *seed, struct region *r)
{
   struct ir_block *exit = s->g->ipdom[seed->header->id];
   while (exit && loop_has(seed, exit))
      exit = s->g->ipdom[exit->id];
   if (!grows_to(s, seed, r, seed->header, exit))
      return false;
   while (grows_to(s, seed, r, r->entry, s->g->ipdom[r->exit->id]) ||
          grows_to(s, seed, r, s->g->idom[r->entry->id], r->exit))
      ;
   return true;
}

/* -- Making it a function. */
/* Special registers are read before, by all lanes at once; behind a barrier comes nothing
 * but a branch. */
static void
hoist_registers(struct finder *s, const struct region *r)
{
   struct ir_inst *at = s->g->idom[r->entry->id]->last;
   if (at->prev && ir_inst_is_barrier(at->prev))
      at = at->prev;
   ir_foreach_block (b, s->g->func) {
      if (!r->in[b->id])
         continue;
      ir_foreach_inst_safe (i, b)
         if (i->op == ISA_SREG) {
            ir_inst_remove(i);
            ir_inst_insert_before(at, i);
         }
   }
}

static void
outline(struct finder *s, const struct region *r)
{
   struct emit *e = s->e;
   char name[32];
   snprintf(name, sizeof name, "lane_%zu", e->serial.len);
   hoist_registers(s, r);
   ir_foreach_block (b, e->f)
      b->scratch = r->in[b->id] ? b : NULL;
   struct ir_func *f = ir_func_outline(e->f, r->entry, r->exit, name);
   ir_func_renumber(e->f);
   ir_func_renumber(f);
   vec_push(&e->serial, f);
   if (!base_getenv("KASURI_PRINT_IR"))
      return;
   struct str text = {0};
   ir_print_func(&text, e->f);
   ir_print_func(&text, f);
   fprintf(stderr, "; after serial\n%s\n", str_get(&text));
   str_finish(&text);
}

bool
serial_find(struct emit *e)
{
   if (e->g->irreducible || e->f->value_count >= TARGET_LARGE_KERNEL)
      return false;
   uint32_t n = e->f->value_count;
   struct finder s = {.e = e, .g = e->g, .l = e->l};
   s.from_load = arena_array(e->a, uint8_t, n);
   s.carried = arena_array(e->a, uint8_t, n);
   s.worth = arena_array(e->a, int8_t, e->g->loops.len + 1);
   for (size_t k = 0; k < e->g->loops.len; k++) {
      struct region r;
      if (is_worth(&s, e->g->loops.data[k]) && find_around(&s, e->g->loops.data[k], &r)) {
         outline(&s, &r);
         return true;
      }
   }
   return false;
}
