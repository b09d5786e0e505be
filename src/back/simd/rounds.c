/* SPDX-License-Identifier: Apache-2.0
 * Barriers of the whole block without stacks to switch between: a warp's function stores
 * what it still needs to the warp's frame, notes where it goes on, and returns; called
 * again, it fetches all that and goes on there. The block's function calls its warps in
 * turn, round by round (struct exec_round), until all have ended.
 *
 * What is kept at a barrier is what variables hold for blocks that are still to be
 * visited: values that are live there, their phis' inputs, their masks; see homes.c. */
#include <stddef.h>
#include <string.h>

#include "back/simd/rounds.h"

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
         if (!ir_inst_is_barrier(i))
            continue;
         r->reduces |= i->mods.mode == ISA_MODE_RED;
         vec_push(&r->stops, (struct stop){b, {0}});
         for (const struct loop *l = e->g->loop[b->id]; l; l = l->parent)
            r->stops_in[l->index] = true;
      }
   }
   e->rounds = r;
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
rounds_frame_bytes(const struct emit *e)
{
   return e->rounds ? ALIGN_UP(e->rounds->bytes, (uint32_t)EXEC_FRAME_ALIGN) : 0;
}

val
rounds_at(struct emit *e, val p, uint32_t offset)
{
   val n = emit_const(e, 64, offset);
   return LLVMBuildGEP2(e->b, e->i8, p, &n, 1, "");
}

static bool
bitset_is_empty(const struct bitset *s)
{
   for (uint32_t w = 0; w <= s->n / 64; w++)
      if (s->w[w])
         return false;
   return true;
}

static val
is_done(struct emit *e, val frame)
{
   val next = LLVMBuildLoad2(e->b, e->i32, frame, "");
   return LLVMBuildICmp(e->b, LLVMIntEQ, next, emit_const(e, 32, EXEC_FRAME_DONE), "");
}

/* -- A warp's function: where it begins. */
void
rounds_begin(struct emit *e, val frame)
{
   struct emit_rounds *r = e->rounds;
   r->frame = frame;
   homes_plan(e);
   struct emit_node *start = flow_node(e, NULL, "start");
   LLVMBasicBlockRef first = emit_new_block(e, "first"), other = emit_new_block(e, "");
   val place = LLVMBuildLoad2(e->b, e->i32, frame, "place");
   LLVMBuildStore(e->b, emit_const(e, 32, EXEC_FRAME_DONE), frame);
   r->resume = LLVMBuildSwitch(e->b, place, other, 8);
   LLVMAddCase(r->resume, emit_const(e, 32, EXEC_FRAME_START), first);
   emit_at(e, other);
   if (e->masked_fn && e->masked_fn != e->fn) {
      LLVMBuildStore(e->b, place, frame);
      emit_call_again(e, e->masked_fn);
      LLVMBuildRetVoid(e->b);
   } else {
      LLVMBuildUnreachable(e->b);
   }
   emit_at(e, first);
   flow_go(e, start);
   flow_begin(e, start);
}

void
rounds_restart(struct emit *e)
{
   LLVMBuildStore(e->b, emit_const(e, 32, EXEC_FRAME_START), e->rounds->frame);
}

/* -- bar.red: predicates are gathered in the block's struct exec_round. */
static val
round_field(struct emit *e, size_t offset)
{
   val round = emit_ctx_field(e, offsetof(struct exec_ctx, round), e->ptr);
   return rounds_at(e, round, (uint32_t)offset);
}

static void
gather(struct emit *e, size_t offset, LLVMOpcode op, val x)
{
   val p = round_field(e, offset);
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
      x[k] = LLVMBuildLoad2(e->b, e->i32, round_field(e, fields[k]), "");
   emit_set(e, i->dst[0], result_of(e, i, x[0], x[1], x[2]));
}

/* -- A warp stops at the end of block b, and goes on to its successor. */
void
rounds_stop(struct emit *e, struct ir_block *b)
{
   struct emit_rounds *r = e->rounds;
   struct ir_inst *bar = b->last->prev;
   struct ir_block *to = b->last->targets[0];
   struct stop *stop = r->stops.data;
   while (stop->block != b)
      stop++;
   struct bitset ahead = bitset_new(e->a, e->g->nrpo);
   bitset_union(&ahead, &e->deferred[e->g->order[b->id]]);
   if (!emit_is_masked(e, b) && !bitset_is_empty(&ahead))
      diag_error(e->d, bar->loc, "simd-internal", "a barrier with blocks deferred");
   bitset_add(&ahead, e->g->order[to->id]);
   struct keeping kept = homes_keep(e, stop, &ahead);
   val place = emit_const(e, 32, ++r->places);
   LLVMBuildStore(e->b, place, r->frame);
   struct emit_node *on = flow_node(e, NULL, "resume");
   flow_return(e, on);
   LLVMAddCase(r->resume, place, LLVMGetInsertBlock(e->b));
   homes_fetch(e, &kept);
   if (e->mask)
      e->mask = flow_get_or_zero(e, e->mask_slots[to->id]);
   if (bar->mods.mode == ISA_MODE_RED && bar->ndst)
      fetch_result(e, bar);
}

/* -- The block's function. */
static void
start_all(struct emit *e, val frames, uint32_t warps)
{
   for (uint32_t w = 0; w < warps; w++)
      LLVMBuildStore(e->b, emit_const(e, 32, EXEC_FRAME_START),
                     rounds_at(e, frames, w * rounds_frame_bytes(e)));
}

static void
next_round(struct emit *e, LLVMBasicBlockRef then)
{
   val args[1];
   if (!e->rounds->reduces) {
      LLVMBasicBlockRef shuffle = emit_new_block(e, "shuffle");
      val p = round_field(e, offsetof(struct exec_round, shuffles));
      val same = LLVMBuildICmp(e->b, LLVMIntEQ, LLVMBuildLoad2(e->b, e->i32, p, ""),
                               emit_const(e, 32, 0), "");
      LLVMBuildCondBr(e->b, same, then, shuffle);
      emit_at(e, shuffle);
   }
   emit_service(e, offsetof(struct exec_services, next_round), e->void_, NULL, args, 0);
   LLVMBuildBr(e->b, then);
}

/* The warp at position k of the round's order, if it has not ended. Returns whether it
 * has not then either. */
static val
run_warp(struct emit *e, const struct plan *p, val frames, val k)
{
   LLVMBasicBlockRef from, run = emit_new_block(e, "run"), ran = emit_new_block(e, "");
   val order = round_field(e, offsetof(struct exec_round, order));
   val w = LLVMBuildLoad2(e->b, e->i8, LLVMBuildGEP2(e->b, e->i8, order, &k, 1, ""), "");
   w = emit_resize(e, w, 32, false);
   val offset = LLVMBuildMul(e->b, emit_resize(e, w, 64, false),
                             emit_const(e, 64, rounds_frame_bytes(e)), "");
   val frame = LLVMBuildGEP2(e->b, e->i8, frames, &offset, 1, "");
   from = LLVMGetInsertBlock(e->b);
   LLVMBuildCondBr(e->b, is_done(e, frame), ran, run);
   emit_at(e, run);
   emit_call_warp(e, p, w, frame);
   val more = LLVMBuildNot(e->b, is_done(e, frame), ""), no = emit_const(e, 1, 0);
   LLVMBasicBlockRef to = LLVMGetInsertBlock(e->b);
   LLVMBuildBr(e->b, ran);
   emit_at(e, ran);
   val any = LLVMBuildPhi(e->b, e->i1, "");
   LLVMAddIncoming(any, &no, &from, 1);
   LLVMAddIncoming(any, &more, &to, 1);
   return any;
}

void
rounds_block(struct emit *e, const struct plan *p)
{
   uint32_t warps = (p->threads + EXEC_WARP - 1) / EXEC_WARP;
   LLVMBasicBlockRef round = emit_new_block(e, "round"), warp = emit_new_block(e, "warp");
   LLVMBasicBlockRef over = emit_new_block(e, "over"), done = emit_new_block(e, "done");
   LLVMBasicBlockRef next = emit_new_block(e, "next");
   val frames = emit_ctx_field(e, offsetof(struct exec_ctx, frame), e->ptr);
   val zero = emit_const(e, 32, 0), no = emit_const(e, 1, 0);
   start_all(e, frames, warps);
   LLVMBuildBr(e->b, round);
   emit_at(e, round);
   LLVMBuildBr(e->b, warp);
   emit_at(e, warp);
   val k = LLVMBuildPhi(e->b, e->i32, ""), more = LLVMBuildPhi(e->b, e->i1, "");
   val any = LLVMBuildOr(e->b, run_warp(e, p, frames, k), more, "");
   val k1 = LLVMBuildAdd(e->b, k, emit_const(e, 32, 1), "");
   val last = LLVMBuildICmp(e->b, LLVMIntEQ, k1, emit_const(e, 32, warps), "");
   LLVMBasicBlockRef end = LLVMGetInsertBlock(e->b);
   LLVMBuildCondBr(e->b, last, over, warp);
   LLVMAddIncoming(k, &zero, &round, 1);
   LLVMAddIncoming(k, &k1, &end, 1);
   LLVMAddIncoming(more, &no, &round, 1);
   LLVMAddIncoming(more, &any, &end, 1);
   emit_at(e, over);
   LLVMBuildCondBr(e->b, any, next, done);
   emit_at(e, next);
   next_round(e, round);
   emit_at(e, done);
}
