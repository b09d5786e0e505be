/* SPDX-License-Identifier: Apache-2.0
 * What a block hands to those that follow: its lanes, to the successor's mask, and their
 * values of the successor's phis. */
#include "back/simd/rounds.h"

/* A condition under which lanes of block `of` come to a block, and no others do. */
struct emit_way {
   const struct ir_block *of; /* NULL: not known */
   val lanes;
};

/* Where a loop is left: for one block only, for several (SEVERAL), or never (NULL). */
static const struct ir_block several;
#define SEVERAL (&several)

static void
note_exit(struct emit *e, const struct ir_block *from, const struct ir_block *to)
{
   for (struct loop *l = e->g->loop[from->id]; l && !loop_has(l, to); l = l->parent) {
      const struct ir_block **x = &e->exits[l->header->id];
      *x = *x && *x != to ? SEVERAL : to;
   }
}

void
emit_push_setup(struct emit *e)
{
   e->ways = arena_array(e->a, struct emit_way, e->g->n);
   e->exits = arena_array(e->a, const struct ir_block *, e->g->n);
   for (uint32_t o = 0; o < e->g->nrpo && !e->g->irreducible; o++) {
      struct ir_block *b = e->g->rpo[o], **to;
      unsigned n = ir_block_succs(b, &to);
      for (unsigned k = 0; k < n; k++)
         note_exit(e, b, to[k]);
   }
}

/* -- Phis. */
/* Whether all lanes that come to `to` have come through b since the innermost loop's
 * header. */
static bool
all_come_through(struct emit *e, const struct ir_block *b, struct ir_block *to)
{
   return e->g->loop[b->id] == e->g->loop[to->id] && !emit_entered_loop(e, to) &&
          cfg_dominates(e->g, b, to);
}

/* The lanes that bring their values along the way from -> to. Of lanes that are not in
 * `to` it may say anything; so where all that are there have come through the branch,
 * the branch's own condition does, and need not wait for masks. */
static val
lanes_that_bring(struct emit *e, struct ir_block *from, struct ir_block *to, val cond,
                 val edge)
{
   val lanes = edge ? edge : e->mask;
   struct emit_way w = cond ? (struct emit_way){from, cond} : e->ways[from->id];
   uint32_t known;
   if (!lanes || !w.of || emit_known_lanes(e, lanes, &known))
      return lanes;
   return all_come_through(e, w.of, to) ? w.lanes : lanes;
}

static void
push_phis(struct emit *e, struct ir_block *from, struct ir_block *to, val lanes)
{
   size_t k = 0;
   while (k < to->preds.len && to->preds.data[k] != from)
      k++;
   /* All sources are read before any phi is written. */
   unsigned n = 0;
   for (struct ir_inst *p = to->first; p && p->op == ISA_PHI; p = p->next)
      n++;
   val *in = arena_array(e->a, val, n + 1);
   unsigned at = 0;
   for (struct ir_inst *p = to->first; p && p->op == ISA_PHI; p = p->next)
      in[at++] =
         emit_operand(e, p, (unsigned)k,
                      e->width > 1 && e->l->shape[p->dst[0]->id].kind == SHAPE_VARYING);
   at = 0;
   /* A loop's header has one way in and one back: other lanes' values do not matter. */
   bool blend = lanes && !emit_entered_loop(e, to);
   for (struct ir_inst *p = to->first; p && p->op == ISA_PHI; p = p->next, at++) {
      struct emit_var *slot = e->phi_slots[p->dst[0]->id];
      val x = in[at], old = blend ? flow_get(e, slot) : NULL;
      if (old) {
         val c = emit_is_vec(x) ? lanes : emit_any(e, lanes);
         x = LLVMBuildSelect(e->b, c, x, old, "");
      }
      flow_set(e, slot, x);
   }
}

/* -- Masks. */
static void
add_lanes(struct emit *e, const struct ir_block *to, val m)
{
   if (!emit_is_masked(e, to))
      return;
   val old = flow_get(e, e->mask_slots[to->id]);
   flow_set(e, e->mask_slots[to->id], old ? LLVMBuildOr(e->b, old, m, "") : m);
}

/* The outermost of the divergent loops around b that are left for `to` and for nowhere
 * else: whoever goes into it comes to `to`, so `to` has its lanes from the beginning and
 * no iteration adds to them. */
static const struct loop *
loop_to(struct emit *e, const struct ir_block *b, const struct ir_block *to)
{
   const struct loop *found = NULL;
   for (const struct loop *l = e->g->loop[b->id]; l && !loop_has(l, to); l = l->parent)
      if (l->divergent && e->exits[l->header->id] == to)
         found = l;
   return found;
}

static void
push_mask(struct emit *e, struct ir_block *from, struct ir_block *to, val edge)
{
   val m = edge ? edge : e->mask;
   if (!m)
      m = emit_splat(e, emit_const(e, 1, 1));
   if (!e->g->irreducible && loop_to(e, from, to))
      return;
   add_lanes(e, to, m);
   struct loop *l = emit_entered_loop(e, to);
   const struct ir_block *exit = l ? e->exits[to->id] : NULL;
   if (exit && exit != SEVERAL && !emit_is_back_edge(e, from, to) &&
       loop_to(e, to, exit) == l)
      add_lanes(e, exit, m);
}

/* -- Both. */
static void
push(struct emit *e, struct ir_block *from, struct ir_block *to, val cond, val edge)
{
   push_phis(e, from, to, lanes_that_bring(e, from, to, cond, edge));
   if (e->width > 1)
      push_mask(e, from, to, edge);
}

void
emit_push(struct emit *e, struct ir_block *from, struct ir_block *to)
{
   push(e, from, to, NULL, NULL);
}

/* Barriers between the two, where the warp's function returns and keeps no conditions. */
static bool
stops_between(const struct emit *e, const struct ir_block *a, const struct ir_block *b)
{
   for (uint32_t o = emit_position(e, a) + 1; e->rounds && o < emit_position(e, b); o++)
      if (rounds_stop_of(e, e->g->rpo[o]))
         return true;
   return false;
}

void
emit_push_if(struct emit *e, struct ir_block *from, struct ir_block *to, val cond)
{
   val m = e->mask ? LLVMBuildAnd(e->b, e->mask, cond, "") : cond;
   push(e, from, to, cond,
        emit_is_whole(e, to) ? emit_whole_mask(e, m, e->l->here[to->id]) : m);
   if (to->preds.len == 1 && e->g->loop[from->id] == e->g->loop[to->id] &&
       !stops_between(e, from, to))
      e->ways[to->id] = (struct emit_way){from, cond};
}
