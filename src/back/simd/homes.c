/* SPDX-License-Identifier: Apache-2.0
 * What a warp keeps in its frame while it has stopped at a barrier, and where.
 *
 * A value that several barriers need, or one in a loop around which it is defined, is
 * stored where it is defined and has a place of its own. What is cheap to compute again
 * is not kept (again.c). All others are stored when the warp stops, and share places
 * where no barrier needs both. A conditional value has a vector that is seldom needed: it
 * is stored only where the test does not hold. */
#include <string.h>

#include "back/simd/few.h"
#include "back/simd/rounds.h"

/* Places in bytes from the frame's begin; 0: none. */
struct homes {
   uint32_t scalar, vec, guard, phi;
   bool early; /* stored where the value is defined */
   bool again; /* computed again instead */
};

struct color {
   struct color *next;
   uint32_t home, bytes;
   struct bitset stops; /* that need one of those who live here */
};

struct kept {
   struct emit_var *x;
   val v;                 /* what it holds when the warp stops, in part (few.c) */
   bool lanes;            /* x is of all lanes, which repeat those of v */
   uint32_t home;         /* 0: v is there anyway */
   struct ir_value *cold; /* of a vector that its scalar form replaces … */
   struct emit_var *test; /* … where this holds */
};

/* -- Places. */
static uint32_t
new_home(struct emit *e, uint32_t bytes)
{
   struct emit_rounds *r = e->rounds;
   uint32_t home = ALIGN_UP(r->used, MIN2(bytes, (uint32_t)EXEC_FRAME_ALIGN));
   r->used = home + bytes;
   r->bytes = MAX2(r->bytes, r->used);
   return home;
}

static bool
meets(const struct bitset *a, const struct bitset *b)
{
   for (uint32_t w = 0; w <= a->n / 64; w++)
      if (a->w[w] & b->w[w])
         return true;
   return false;
}

/* wanted: a place that is better than others, or 0. */
static uint32_t
shared_home(struct emit *e, uint32_t bytes, const struct bitset *stops, uint32_t wanted)
{
   struct emit_rounds *r = e->rounds;
   struct color **last = &r->colors, *c, *found = NULL;
   for (; (c = *last) && !(found && found->home == wanted); last = &c->next)
      if (c->bytes == bytes && !meets(&c->stops, stops) && (!found || c->home == wanted))
         found = c;
   if (!found) {
      found = *last = arena_new(e->a, struct color);
      *found = (struct color){NULL, new_home(e, bytes), bytes,
                              bitset_new(e->a, (uint32_t)r->stops.len)};
   }
   bitset_union(&found->stops, stops);
   return found->home;
}

/* -- What each stop needs. */
/* Whoever reads a value may need the unit of its shape. */
static void
add_value(struct emit *e, struct bitset *set, const struct ir_value *v)
{
   if (v->kind != IR_INST || bitset_has(set, v->id))
      return;
   bitset_add(set, v->id);
   if (e->l->shape[v->id].unit)
      add_value(e, set, e->l->shape[v->id].unit);
}

/* Where lanes may be missing, any later block may have been deferred; but not, in a loop
 * in which warps pause, as all lanes leave it together, what comes behind it. */
static void
find_needed(struct emit *e, struct stop *s)
{
   struct emit_rounds *r = e->rounds;
   struct bitset all = bitset_new(e->a, e->f->value_count);
   bitset_union(&all, &r->live->in[s->block->last->targets[0]->id]);
   bool masked = emit_is_masked(e, s->block);
   const struct ir_block *header = s->pause ? s->block->last->targets[0] : NULL;
   for (uint32_t o = e->g->order[s->block->id] + 1; masked && o < e->g->nrpo; o++)
      if (!header || !cfg_dominates(e->g, header, e->g->rpo[o]))
         bitset_union(&all, &r->live->in[e->g->rpo[o]->id]);
   const struct ir_inst *bar = s->pause ? NULL : s->block->last->prev;
   if (bar && bar->ndst) /* is there only when all have come */
      bitset_remove(&all, bar->dst[0]->id);
   s->values = bitset_new(e->a, e->f->value_count);
   for (uint32_t id = 0; id < e->f->value_count; id++)
      if (bitset_has(&all, id))
         add_value(e, &s->values, r->values[id]);
}

/* Storing v where it is defined costs no more than at the stops that need it. */
static bool
is_early(struct emit *e, const struct ir_value *v, const struct bitset *stops)
{
   const struct emit_rounds *r = e->rounds;
   const struct ir_block *b = v->def->block;
   const struct loop *l = e->g->loop[b->id];
   if (emit_is_masked(e, b) || e->slots[v->id].leaves || (l && !r->stops_in[l->index]))
      return false;
   unsigned n = 0;
   for (uint32_t k = 0; k < r->stops.len; k++) {
      if (!bitset_has(stops, k))
         continue;
      const struct loop *at = e->g->loop[r->stops.data[k].block->id];
      if (++n > 1 || (at && !loop_has(at, b)))
         return true;
   }
   return false;
}

static void
plan_value(struct emit *e, const struct ir_value *v, const struct bitset *stops)
{
   static const struct homes none;
   struct homes *h = &e->rounds->homes[v->id];
   const struct emit_slot *s = &e->slots[v->id];
   const struct ir_value *mate = e->rounds->mates[v->id];
   const struct homes *like = mate ? &e->rounds->homes[mate->id] : &none;
   uint32_t bits = ir_width_bits(v->width), one = MAX2(bits / 8, 1u);
   if ((h->again = again_can(e, v)))
      return;
   h->early = is_early(e, v, stops);
   if (s->scalar)
      h->scalar = h->early ? new_home(e, one) : shared_home(e, one, stops, like->scalar);
   if (s->guard)
      h->guard = h->early ? new_home(e, 1) : shared_home(e, 1, stops, 0);
   if (s->vec) {
      /* Beside a scalar form it is stored whole, where that does not hold. */
      uint32_t n = s->guard ? e->width : emit_few_of(e, v).n;
      uint32_t bytes = MAX2(bits * n / 8, 1u);
      h->vec = h->early && !s->guard ? new_home(e, bytes)
                                     : shared_home(e, bytes, stops, like->vec);
   }
}

/* A phi and what flows into it should have one place: a warp that stops with what it has
 * just fetched from there need not store it. */
static void
find_mates(struct emit *e)
{
   const struct ir_value **mates =
      arena_array(e->a, const struct ir_value *, e->f->value_count);
   ir_foreach_block (b, e->f) {
      for (struct ir_inst *p = b->first; p && p->op == ISA_PHI; p = p->next)
         for (unsigned k = 0; k < p->nsrc; k++) {
            if (p->src[k]->kind != IR_INST)
               continue;
            mates[p->src[k]->id] = p->dst[0];
            mates[p->dst[0]->id] = p->src[k];
         }
   }
   e->rounds->mates = mates;
}

void
homes_plan(struct emit *e)
{
   struct emit_rounds *r = e->rounds;
   uint32_t n = (uint32_t)r->stops.len;
   r->homes = arena_array(e->a, struct homes, e->f->value_count);
   r->mask_homes = arena_array(e->a, uint32_t, e->g->n);
   r->colors = NULL;
   find_mates(e);
   r->used = EXEC_FRAME_ALIGN; /* the place where the warp goes on */
   r->bytes = MAX2(r->bytes, r->used);
   for (uint32_t k = 0; k < n; k++)
      find_needed(e, &r->stops.data[k]);
   struct bitset stops = bitset_new(e->a, n);
   for (uint32_t id = 0; id < e->f->value_count; id++) {
      bool any = false;
      memset(stops.w, 0, (n / 64 + 1) * sizeof *stops.w);
      for (uint32_t k = 0; k < n; k++)
         if (bitset_has(&r->stops.data[k].values, id)) {
            bitset_add(&stops, k);
            any = true;
         }
      if (any && e->slots[id].crosses)
         plan_value(e, r->values[id], &stops);
   }
}

/* -- Stores and loads. */
static unsigned
align_of(uint32_t home)
{
   return MIN2(home & -home, (uint32_t)EXEC_FRAME_ALIGN);
}

static void
store(struct emit *e, uint32_t home, val v)
{
   val st = LLVMBuildStore(e->b, v, rounds_at(e, e->rounds->frame, home));
   LLVMSetAlignment(st, align_of(home));
}

static val
load(struct emit *e, uint32_t home, type t)
{
   val v = LLVMBuildLoad2(e->b, t, rounds_at(e, e->rounds->frame, home), "");
   LLVMSetAlignment(v, align_of(home));
   return v;
}

void
homes_defined(struct emit *e, const struct ir_value *v)
{
   const struct homes *h = &e->rounds->homes[v->id];
   const struct emit_slot *s = &e->slots[v->id];
   if (!h->early)
      return;
   if (s->scalar)
      store(e, h->scalar, flow_get(e, s->scalar));
   if (s->guard)
      store(e, h->guard, flow_get(e, s->guard));
   else if (s->vec)
      store(e, h->vec, emit_cut_few(e, v, flow_get(e, s->vec)));
}

static val
held(struct emit *e, struct emit_var *x)
{
   return x ? flow_get(e, x) : NULL;
}

static void
keep(struct emit *e, struct keeping *k, uint32_t home, struct emit_var *x, val v,
     bool lanes, bool early)
{
   if (!v)
      return;
   bool there = LLVMIsConstant(v) || LLVMIsAArgument(v);
   k->list[k->n++] = (struct kept){x, v, lanes, there ? 0 : home, NULL, NULL};
   if (!there && !early)
      store(e, home, v);
}

static void
keep_value(struct emit *e, struct keeping *k, uint32_t id)
{
   const struct homes *h = &e->rounds->homes[id];
   const struct emit_slot *s = &e->slots[id];
   if (h->again) {
      k->again[k->nagain++] = e->rounds->values[id];
      return;
   }
   keep(e, k, h->scalar, s->scalar, held(e, s->scalar), false, h->early);
   keep(e, k, h->guard, s->guard, held(e, s->guard), false, h->early);
   if (!s->guard || s->leaves) {
      val all = held(e, s->vec);
      val few = all ? emit_cut_few(e, e->rounds->values[id], all) : NULL;
      keep(e, k, h->vec, s->vec, few, true, h->early && !s->guard);
      return;
   }
   val v = flow_get(e, s->vec);
   if (v)
      k->cold[k->ncold++] =
         (struct kept){s->vec, v, false, h->vec, e->rounds->values[id], s->guard};
}

/* Whether all scalar forms may be used. */
static val
all_hold(struct emit *e, const struct keeping *k)
{
   val all = NULL;
   for (size_t i = 0; i < k->ncold; i++) {
      val x = flow_get_or_zero(e, k->cold[i].test);
      all = all ? LLVMBuildAnd(e->b, all, x, "") : x;
   }
   return all;
}

static void
keep_cold(struct emit *e, const struct keeping *k)
{
   if (!k->ncold)
      return;
   LLVMBasicBlockRef cold = emit_new_block(e, "cold"), done = emit_new_block(e, "kept");
   LLVMBuildCondBr(e->b, all_hold(e, k), done, cold);
   emit_at(e, cold);
   for (size_t i = 0; i < k->ncold; i++)
      store(e, k->cold[i].home, k->cold[i].v);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
}

static void
fetch_cold(struct emit *e, const struct keeping *k)
{
   if (!k->ncold)
      return;
   val *made = arena_array(e->a, val, k->ncold), *kept = arena_array(e->a, val, k->ncold);
   LLVMBasicBlockRef cold = emit_new_block(e, "cold"),
                     done = emit_new_block(e, "fetched");
   for (size_t i = 0; i < k->ncold; i++)
      made[i] = emit_displaced(e, k->cold[i].cold);
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   LLVMBuildCondBr(e->b, all_hold(e, k), done, cold);
   emit_at(e, cold);
   for (size_t i = 0; i < k->ncold; i++)
      kept[i] = load(e, k->cold[i].home, LLVMTypeOf(made[i]));
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
   for (size_t i = 0; i < k->ncold; i++) {
      val v = LLVMBuildPhi(e->b, LLVMTypeOf(made[i]), "");
      LLVMAddIncoming(v, &made[i], &from, 1);
      LLVMAddIncoming(v, &kept[i], &cold, 1);
      flow_set(e, k->cold[i].x, v);
   }
}

static size_t
most_kept(struct emit *e, const struct stop *s, const struct bitset *ahead)
{
   size_t n = 0;
   for (uint32_t id = 0; id < e->f->value_count; id++)
      n += bitset_has(&s->values, id) ? 3 : 0;
   for (uint32_t o = 0; o < e->g->nrpo; o++) {
      n += bitset_has(ahead, o);
      struct ir_inst *p = bitset_has(ahead, o) ? e->g->rpo[o]->first : NULL;
      for (; p && p->op == ISA_PHI; p = p->next)
         n++;
   }
   return n;
}

/* What flows into phis and masks of blocks ahead. */
static void
keep_pushed(struct emit *e, struct keeping *k, struct ir_block *b)
{
   struct emit_rounds *r = e->rounds;
   uint32_t *mask = &r->mask_homes[b->id];
   if (emit_is_masked(e, b)) {
      *mask = *mask ? *mask : new_home(e, e->width / 8);
      keep(e, k, *mask, e->mask_slots[b->id], held(e, e->mask_slots[b->id]), false,
           false);
   }
   for (struct ir_inst *p = b->first; p && p->op == ISA_PHI; p = p->next) {
      struct ir_value *v = p->dst[0];
      uint32_t *home = &r->homes[v->id].phi;
      *home =
         *home ? *home : new_home(e, MAX2(ir_width_bits(v->width) * e->width / 8, 1u));
      keep(e, k, *home, e->phi_slots[v->id], held(e, e->phi_slots[v->id]), false, false);
   }
}

struct keeping
homes_keep(struct emit *e, const struct stop *s, const struct bitset *ahead)
{
   size_t n = most_kept(e, s, ahead);
   struct keeping k = {.list = arena_array(e->a, struct kept, n),
                       .cold = arena_array(e->a, struct kept, n),
                       .again = arena_array(e->a, const struct ir_value *, n)};
   for (uint32_t id = 0; id < e->f->value_count; id++)
      if (bitset_has(&s->values, id))
         keep_value(e, &k, id);
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      if (bitset_has(ahead, o))
         keep_pushed(e, &k, e->g->rpo[o]);
   keep_cold(e, &k);
   return k;
}

void
homes_fetch(struct emit *e, const struct keeping *k)
{
   e->epoch++; /* what was computed before the barrier is not at hand */
   for (size_t i = 0; i < k->n; i++) {
      const struct kept *x = &k->list[i];
      val v = x->home ? load(e, x->home, LLVMTypeOf(x->v)) : x->v;
      flow_set(e, x->x, x->lanes ? emit_repeat(e, v, e->width) : v);
   }
   for (size_t i = 0; i < k->nagain; i++)
      again_make(e, k->again[i]);
   fetch_cold(e, k);
}
