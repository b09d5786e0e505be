/* SPDX-License-Identifier: Apache-2.0
 * Barriers of the whole block without stacks to switch between: a warp's function stores
 * what it still needs to the warp's frame and returns the place where it goes on; called
 * again with that, it fetches all and goes on there. Who calls: turns.c.
 *
 * What is kept at a barrier is what variables hold for blocks that are still to be
 * visited: values that are live there, their phis' inputs, their masks; see homes.c. */
#include <stddef.h>
#include <string.h>

#include "back/simd/rounds.h"

bool
rounds_stops_at(const struct emit *e, const struct ir_block *b)
{
   const struct ir_inst *i = b->last ? b->last->prev : NULL;
   return (i && ir_inst_is_barrier(i)) || pause_at(e, b);
}

static void
add_stop(struct emit *e, struct emit_rounds *r, struct ir_block *b)
{
   struct pause *p = pause_at(e, b);
   vec_push(&r->stops, (struct stop){b, p, {0}});
   r->pauses |= p != NULL;
   for (const struct loop *l = e->g->loop[b->id]; l; l = l->parent)
      r->stops_in[l->index] = true;
}

/* Each place would need a copy of too much. */
static void
forget_pauses(struct emit *e)
{
   struct emit_rounds *r = e->rounds;
   size_t n = 0;
   for (size_t k = 0; k < r->stops.len; k++)
      if (!r->stops.data[k].pause)
         r->stops.data[n++] = r->stops.data[k];
   r->stops.len = n;
   r->pauses = false;
   if (!n) {
      rounds_finish(e);
      e->rounds = NULL;
   }
}

void
rounds_create(struct emit *e)
{
   struct emit_rounds *r = arena_new(e->a, struct emit_rounds);
   r->live = liveness_compute(e->f, e->g, e->a);
   r->values = arena_array(e->a, struct ir_value *, e->f->value_count);
   r->stops_in = arena_array(e->a, bool, e->g->loops.len + 1);
   ir_foreach_block (b, e->f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->ndst; k++)
            r->values[i->dst[k]->id] = i->dst[k];
         r->reduces |= ir_inst_is_barrier(i) && i->mods.mode == ISA_MODE_RED;
      }
      if (rounds_stops_at(e, b))
         add_stop(e, r, b);
   }
   r->together = 1;
   e->rounds = r;
   if (r->pauses && !places_are_apart(e))
      forget_pauses(e);
   r->own_loops = r->stops.len && places_are_apart(e);
}

struct stop *
rounds_stop_of(const struct emit *e, const struct ir_block *b)
{
   for (size_t k = 0; e->rounds && k < e->rounds->stops.len; k++)
      if (e->rounds->stops.data[k].block == b)
         return &e->rounds->stops.data[k];
   return NULL;
}

bool
rounds_stop_in(const struct emit *e, const struct loop *l)
{
   return e->rounds && e->rounds->stops_in[l->index];
}

void
rounds_finish(struct emit *e)
{
   if (e->rounds)
      vec_finish(&e->rounds->stops);
}

uint32_t
rounds_stride(const struct emit *e)
{
   return ALIGN_UP(e->rounds->bytes, (uint32_t)EXEC_FRAME_ALIGN);
}

/* Each warp brings its share of what the block has for itself. */
uint32_t
rounds_frame_bytes(const struct emit *e)
{
   if (!e->rounds)
      return 0;
   const uint32_t *n = e->opt->block;
   uint32_t warps = MAX2(n[0] * n[1] * n[2] / e->width, 1u);
   uint32_t share = (e->rounds->ahead + warps - 1) / warps;
   return rounds_stride(e) * e->rounds->together +
          ALIGN_UP(share, (uint32_t)EXEC_FRAME_ALIGN);
}

val
rounds_at(struct emit *e, val p, uint32_t offset)
{
   val n = emit_const(e, 64, offset);
   return LLVMBuildGEP2(e->b, e->i8, p, &n, 1, "");
}

/* -- A warp's function: where it begins. */
void
rounds_begin(struct emit *e, val frame, val place)
{
   struct emit_rounds *r = e->rounds;
   r->frame = frame;
   homes_plan(e);
   struct emit_node *start = flow_node(e, NULL, "start");
   LLVMBasicBlockRef first = emit_new_block(e, "first"), other = emit_new_block(e, "");
   if (r->pauses) {
      val bit = emit_const(e, 32, ROUNDS_PAUSES), zero = emit_const(e, 32, 0);
      val may = LLVMBuildAnd(e->b, place, bit, "");
      r->may_pause = LLVMBuildICmp(e->b, LLVMIntNE, may, zero, "");
      place = LLVMBuildAnd(e->b, place, LLVMBuildNot(e->b, bit, ""), "");
   }
   r->resume = LLVMBuildSwitch(e->b, place, other, 8);
   LLVMAddCase(r->resume, emit_const(e, 32, EXEC_FRAME_START), first);
   if (e->fn == e->masked_fn)
      LLVMAddCase(r->resume, emit_const(e, 32, EXEC_FRAME_START + ROUNDS_MASKED), first);
   emit_at(e, other);
   if (e->masked_fn && e->masked_fn != e->fn)
      emit_continue_in(e, e->masked_fn);
   else
      LLVMBuildUnreachable(e->b);
   emit_at(e, first);
   flow_go(e, start);
   flow_begin(e, start);
}

uint32_t
rounds_place(const struct emit *e, size_t stop)
{
   uint32_t pause = e->rounds->stops.data[stop].pause ? ROUNDS_PAUSE : 0;
   return (uint32_t)(stop + 1) * ROUNDS_PLACES + pause;
}

/* -- bar.red: predicates are gathered in the block's struct exec_round. */
val
rounds_field(struct emit *e, size_t offset)
{
   val round = emit_ctx_field(e, offsetof(struct exec_ctx, round), e->ptr);
   return rounds_at(e, round, (uint32_t)offset);
}

static void
gather(struct emit *e, size_t offset, LLVMOpcode op, val x)
{
   val p = rounds_field(e, offset);
   val sum = LLVMBuildBinOp(e->b, op, LLVMBuildLoad2(e->b, e->i32, p, ""), x, "");
   LLVMBuildStore(e->b, sum, p);
}

static val
count_bits(struct emit *e, val bits)
{
   return emit_intrinsic(e, "llvm.ctpop", &e->i32, 1, &bits, 1);
}

static val
result_of(struct emit *e, const struct ir_inst *i, val popc, val any, val some_not)
{
   val zero = emit_const(e, 32, 0);
   switch (i->mods.atom) {
   case ISA_ATOM_POPC:
      return popc;
   case ISA_ATOM_AND:
      return LLVMBuildICmp(e->b, LLVMIntEQ, some_not, zero, "");
   default:
      return LLVMBuildICmp(e->b, LLVMIntNE, any, zero, "");
   }
}

void
rounds_arrive(struct emit *e, struct ir_inst *i)
{
   bool red = i->mods.mode == ISA_MODE_RED;
   if (!e->rounds) /* the block's only warp */
      LLVMBuildFence(e->b, LLVMAtomicOrderingAcquireRelease, true, "");
   if (!red)
      return;
   val mask = emit_mask_bits(e, e->mask);
   val preds = emit_mask_bits(e, emit_operand(e, i, 2, true));
   val yes = LLVMBuildAnd(e->b, preds, mask, ""), popc = count_bits(e, yes);
   val no = LLVMBuildAnd(e->b, LLVMBuildNot(e->b, preds, ""), mask, "");
   if (!e->rounds) {
      emit_set(e, i->dst[0], result_of(e, i, popc, yes, no));
      return;
   }
   gather(e, offsetof(struct exec_round, popc), LLVMAdd, popc);
   gather(e, offsetof(struct exec_round, any), LLVMOr, yes);
   gather(e, offsetof(struct exec_round, some_not), LLVMOr, no);
}

static void
fetch_result(struct emit *e, struct ir_inst *i)
{
   static const size_t fields[] = {offsetof(struct exec_round, was_popc),
                                   offsetof(struct exec_round, was_any),
                                   offsetof(struct exec_round, was_some_not)};
   val x[3];
   for (unsigned k = 0; k < 3; k++)
      x[k] = LLVMBuildLoad2(e->b, e->i32, rounds_field(e, fields[k]), "");
   emit_set(e, i->dst[0], result_of(e, i, x[0], x[1], x[2]));
}

/* -- A warp stops at the end of block b, and goes on to its successor. */
void
rounds_stop(struct emit *e, struct ir_block *b)
{
   struct emit_rounds *r = e->rounds;
   struct ir_block *to = b->last->targets[0];
   const struct stop *stop = rounds_stop_of(e, b);
   if (!stop)
      return;
   struct ir_inst *bar = stop->pause ? NULL : b->last->prev;
   struct bitset ahead = bitset_new(e->a, e->g->nrpo);
   bitset_union(&ahead, &e->deferred[e->g->order[b->id]]);
   bool masked = emit_is_masked(e, b), whole = !masked && bitset_is_empty(&ahead);
   struct emit_node *join = NULL;
   if (!bar) {
      if (!whole && !(masked && pause_by_planes(e)))
         return; /* it need not */
      struct emit_node *pause = flow_node(e, NULL, "pause");
      join = flow_node(e, NULL, "go on");
      val pays = pause_pays(e, stop->pause);
      flow_fork(e, LLVMBuildAnd(e->b, r->may_pause, pays, ""), pause, join);
      flow_begin(e, pause);
   }
   if (!masked && !whole)
      diag_error(e->d, bar->loc, "simd-internal", "a barrier with blocks deferred");
   bitset_add(&ahead, e->g->order[to->id]);
   struct keeping kept = homes_keep(e, stop, &ahead);
   bool in_masked = e->fn == e->masked_fn;
   uint32_t number = rounds_place(e, (size_t)(stop - r->stops.data));
   val place = emit_const(e, 32, number + (in_masked ? ROUNDS_MASKED : 0));
   struct emit_node *on = flow_node(e, NULL, "resume");
   flow_return(e, place, on);
   LLVMAddCase(r->resume, place, LLVMGetInsertBlock(e->b));
   homes_fetch(e, &kept);
   if (e->mask)
      e->mask = flow_get_or_zero(e, e->mask_slots[to->id]);
   if (bar && bar->mods.mode == ISA_MODE_RED && bar->ndst)
      fetch_result(e, bar);
   if (join) {
      flow_go(e, join);
      flow_begin(e, join);
   }
}

/* -- For the loops over warps. */
val
rounds_is_pause(struct emit *e, val place)
{
   return LLVMBuildICmp(e->b, LLVMIntSGE, place, emit_const(e, 32, ROUNDS_PAUSE), "");
}

val
rounds_load(struct emit *e, val p)
{
   return LLVMBuildLoad2(e->b, e->i32, p, "");
}

val
rounds_phi(struct emit *e, type t, val x, LLVMBasicBlockRef from)
{
   val phi = LLVMBuildPhi(e->b, t, "");
   LLVMAddIncoming(phi, &x, &from, 1);
   return phi;
}

void
rounds_tell_next(struct emit *e)
{
   val args[1];
   emit_service(e, offsetof(struct exec_services, next_round), e->void_, NULL, args, 0);
}
