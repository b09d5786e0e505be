/* SPDX-License-Identifier: Apache-2.0
 * In which order the warps of a block run between its barriers. While all go on at one
 * place, as most kernels' warps always do, a loop over the warps for just that place runs
 * them: its code is known, so it needs no jump a warp, and the processor overlaps warps.
 * Where warps have come to different barriers, or their order is to be random, they are
 * taken one by one, each by that same loop, until they are at one place again. */
#include <stddef.h>

#include "back/simd/rounds.h"

/* Code that several places lead to is there once for each. Beyond this many times the
 * kernel's instructions one loop serves all places. */
#define MOST_COPIES 3

/* What a stretch of warps, or a round, came to. */
struct outcome {
   val first;  /* where the first warp goes on; EXEC_FRAME_DONE: nowhere */
   val differ; /* not zero: not all do there */
};

/* The loop for one place. */
struct stretch {
   LLVMBasicBlockRef enter;
   val begin, end, alone; /* in enter */
   uint32_t comes_to;     /* the place where all warps go on; UNKNOWN: they tell */
};
#define UNKNOWN UINT32_MAX

struct turns {
   const struct plan *p;
   val frames, ctaid_x, shuffles;
   val k, first, differ; /* of warps taken one by one: memory */
   uint32_t warps;
   bool own_loops; /* a loop for each place */
   LLVMBasicBlockRef run, ran, single, step, over, done;
   val place, begin, end, alone;        /* in run */
   struct stretch *stretches;           /* by place, if they have loops of their own */
   struct outcome came, stepped, round; /* in ran, step and over */
};

/* A place without what tells the functions of a warp apart. */
#define DONE (EXEC_FRAME_DONE & ~ROUNDS_MASKED)

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
   if (b->last->prev && ir_inst_is_barrier(b->last->prev))
      return n;
   struct ir_block **succs;
   unsigned ns = ir_block_succs(b, &succs);
   for (unsigned k = 0; k < ns; k++)
      n += insts_from(e, succs[k], seen);
   return n;
}

static bool
has_own_loops(struct emit *e)
{
   const struct emit_rounds *r = e->rounds;
   struct bitset seen = bitset_new(e->a, e->g->n);
   size_t n = insts_from(e, e->g->rpo[0], &seen), all = 0;
   ir_foreach_block (b, e->f)
      ir_foreach_inst (i, b)
         all++;
   for (size_t k = 0; k < r->stops.len && n <= all * MOST_COPIES; k++) {
      seen = bitset_new(e->a, e->g->n);
      n += insts_from(e, r->stops.data[k].block->last->targets[0], &seen);
   }
   return n <= all * MOST_COPIES;
}

/* -- Where warps go on. Most places lead to one barrier, or to the end. */
static void
add_place(uint32_t *comes_to, bool *many, uint32_t place)
{
   *many |= *comes_to != UNKNOWN && *comes_to != place;
   *comes_to = place;
}

static void
find_next(struct emit *e, struct ir_block *b, struct bitset *seen, uint32_t *comes_to,
          bool *many)
{
   if (bitset_has(seen, b->id))
      return;
   bitset_add(seen, b->id);
   if (b->last->prev && ir_inst_is_barrier(b->last->prev)) {
      const struct stop *s = e->rounds->stops.data;
      while (s->block != b)
         s++;
      add_place(comes_to, many,
                (uint32_t)(s - e->rounds->stops.data + 1) * ROUNDS_PLACES);
      return;
   }
   struct ir_block **succs;
   unsigned n = ir_block_succs(b, &succs);
   if (!n)
      add_place(comes_to, many, DONE);
   for (unsigned k = 0; k < n; k++)
      find_next(e, succs[k], seen, comes_to, many);
}

/* Where lanes may be missing at a barrier, blocks that they have yet to visit follow. */
static uint32_t
next_of(struct emit *e, size_t s)
{
   struct ir_block *b = e->g->rpo[0];
   if (s) {
      const struct stop *stop = &e->rounds->stops.data[s - 1];
      if (emit_is_masked(e, stop->block))
         return UNKNOWN;
      b = stop->block->last->targets[0];
   }
   struct bitset seen = bitset_new(e->a, e->g->n);
   uint32_t comes_to = UNKNOWN;
   bool many = false;
   find_next(e, b, &seen, &comes_to, &many);
   return many ? UNKNOWN : comes_to;
}

/* -- One stretch of warps. */
static val
frame_of(struct emit *e, const struct turns *t, val w)
{
   val offset = LLVMBuildMul(e->b, emit_resize(e, w, 64, false),
                             emit_const(e, 64, rounds_frame_bytes(e)), "");
   return LLVMBuildGEP2(e->b, e->i8, t->frames, &offset, 1, "");
}

/* Where there are two functions of a warp, each warp knows in which it is. */
static val
run_one(struct emit *e, const struct turns *t, val place, val w, val frame)
{
   const struct plan *p = t->p;
   struct warp_call c = {w, frame, t->ctaid_x, place};
   if (!p->masked)
      return emit_call_warp(e, p->full, &c);
   if (!p->full) {
      c.place = LLVMBuildOr(e->b, place, emit_const(e, 32, ROUNDS_MASKED), "");
      return emit_call_warp(e, p->masked, &c);
   }
   val own = LLVMBuildLoad2(e->b, e->i32, frame, "");
   LLVMBasicBlockRef yes = emit_new_block(e, "masked"), no = emit_new_block(e, "full");
   LLVMBasicBlockRef done = emit_new_block(e, "done");
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, own, place, ""), no, yes);
   emit_at(e, no);
   val a = emit_call_warp(e, p->full, &c);
   no = LLVMGetInsertBlock(e->b);
   LLVMBuildBr(e->b, done);
   emit_at(e, yes);
   c.place = own;
   val b = emit_call_warp(e, p->masked, &c);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
   val next = LLVMBuildPhi(e->b, e->i32, "next");
   LLVMAddIncoming(next, &a, &no, 1);
   LLVMAddIncoming(next, &b, &yes, 1);
   return next;
}

static val
phi_of(struct emit *e, type t, val x, LLVMBasicBlockRef from)
{
   val phi = LLVMBuildPhi(e->b, t, "");
   LLVMAddIncoming(phi, &x, &from, 1);
   return phi;
}

static void
add_outcome(const struct outcome *to, val first, val differ, LLVMBasicBlockRef from)
{
   LLVMAddIncoming(to->first, &first, &from, 1);
   LLVMAddIncoming(to->differ, &differ, &from, 1);
}

static void
tell_next_round(struct emit *e)
{
   val args[1];
   emit_service(e, offsetof(struct exec_services, next_round), e->void_, NULL, args, 0);
}

/* All warps of the block have come to the place that is known. */
static void
go_on(struct emit *e, const struct turns *t, uint32_t place)
{
   if (place == DONE) {
      LLVMBuildBr(e->b, t->done);
      return;
   }
   if (e->rounds->reduces)
      tell_next_round(e);
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   const struct stretch *to = &t->stretches[place / ROUNDS_PLACES];
   val begin = emit_const(e, 32, 0), end = emit_const(e, 32, t->warps);
   val together = emit_const(e, 1, 0);
   LLVMAddIncoming(to->begin, &begin, &at, 1);
   LLVMAddIncoming(to->end, &end, &at, 1);
   LLVMAddIncoming(to->alone, &together, &at, 1);
   LLVMBuildBr(e->b, to->enter);
}

/* Warps begin to end, which go on at a place; x->enter has been begun. */
static void
run_stretch(struct emit *e, const struct turns *t, const struct stretch *x, val place)
{
   bool known = x->comes_to != UNKNOWN;
   val zero = emit_const(e, 32, 0), one = emit_const(e, 32, 1);
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b), loop = emit_new_block(e, "warps");
   LLVMBuildBr(e->b, loop);
   emit_at(e, loop);
   val w = phi_of(e, e->i32, x->begin, from), first = zero, differ = zero;
   if (!known) {
      first = phi_of(e, e->i32, zero, from);
      differ = phi_of(e, e->i32, zero, from);
   }
   val frame = frame_of(e, t, w);
   val next = run_one(e, t, place, w, frame);
   LLVMBuildStore(e->b, next, frame);
   val w1 = LLVMBuildAdd(e->b, w, one, ""), first1 = emit_const(e, 32, x->comes_to);
   val last = LLVMBuildICmp(e->b, LLVMIntEQ, w1, x->end, ""), differ1 = zero;
   if (!known) {
      next = LLVMBuildAnd(e->b, next, emit_const(e, 32, ~ROUNDS_MASKED), "");
      val is_first = LLVMBuildICmp(e->b, LLVMIntEQ, w, x->begin, "");
      first1 = LLVMBuildSelect(e->b, is_first, next, first, "");
      differ1 = LLVMBuildOr(e->b, differ, LLVMBuildXor(e->b, next, first1, ""), "");
   }
   LLVMBasicBlockRef ran = known ? emit_new_block(e, "ran") : t->ran;
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   LLVMBuildCondBr(e->b, last, ran, loop);
   LLVMAddIncoming(w, &w1, &at, 1);
   if (!known) {
      LLVMAddIncoming(first, &first1, &at, 1);
      LLVMAddIncoming(differ, &differ1, &at, 1);
      add_outcome(&t->came, first1, differ1, at);
      return;
   }
   emit_at(e, ran);
   LLVMBasicBlockRef on = emit_new_block(e, "on");
   add_outcome(&t->came, first1, differ1, ran);
   LLVMBuildCondBr(e->b, x->alone, t->ran, on);
   emit_at(e, on);
   go_on(e, t, x->comes_to);
}

static void
new_stretch(struct emit *e, const struct turns *t, struct stretch *x, size_t s)
{
   x->enter = emit_new_block(e, "enter");
   x->comes_to = next_of(e, s);
   emit_at(e, x->enter);
   x->begin = phi_of(e, e->i32, t->begin, t->run);
   x->end = phi_of(e, e->i32, t->end, t->run);
   x->alone = phi_of(e, e->i1, t->alone, t->run);
}

/* In run: warps begin to end, which go on at place. */
static void
run_stretches(struct emit *e, struct turns *t)
{
   emit_at(e, t->run);
   t->place = LLVMBuildPhi(e->b, e->i32, "place");
   t->begin = LLVMBuildPhi(e->b, e->i32, "begin");
   t->end = LLVMBuildPhi(e->b, e->i32, "end");
   t->alone = LLVMBuildPhi(e->b, e->i1, "alone");
   if (!t->own_loops) {
      struct stretch all = {t->run, t->begin, t->end, t->alone, UNKNOWN};
      run_stretch(e, t, &all, t->place);
      return;
   }
   LLVMBasicBlockRef other = emit_new_block(e, "warps");
   val to = LLVMBuildSwitch(e->b, t->place, other, 8);
   emit_at(e, other);
   LLVMBuildUnreachable(e->b);
   size_t n = e->rounds->stops.len + 1;
   t->stretches = arena_array(e->a, struct stretch, n);
   for (size_t s = 0; s < n; s++)
      new_stretch(e, t, &t->stretches[s], s);
   for (size_t s = 0; s < n; s++) {
      val place = emit_const(e, 32, s * ROUNDS_PLACES);
      LLVMAddCase(to, place, t->stretches[s].enter);
      emit_at(e, t->stretches[s].enter);
      run_stretch(e, t, &t->stretches[s], place);
   }
}

static void
go_run(struct emit *e, const struct turns *t, val place, val begin, val end, bool alone)
{
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   val is_alone = emit_const(e, 1, alone);
   LLVMAddIncoming(t->place, &place, &at, 1);
   LLVMAddIncoming(t->begin, &begin, &at, 1);
   LLVMAddIncoming(t->end, &end, &at, 1);
   LLVMAddIncoming(t->alone, &is_alone, &at, 1);
   LLVMBuildBr(e->b, t->run);
}

/* -- Warps one by one, in the order of the round. */
static val
load_32(struct emit *e, val p)
{
   return LLVMBuildLoad2(e->b, e->i32, p, "");
}

static void
begin_singles(struct emit *e, const struct turns *t)
{
   LLVMBuildStore(e->b, emit_const(e, 32, 0), t->k);
   LLVMBuildStore(e->b, emit_const(e, 32, 0), t->differ);
   LLVMBuildBr(e->b, t->single);
}

static void
run_single(struct emit *e, const struct turns *t)
{
   emit_at(e, t->single);
   LLVMBasicBlockRef run = emit_new_block(e, "alone");
   val order = rounds_field(e, offsetof(struct exec_round, order)), k = load_32(e, t->k);
   val w = LLVMBuildLoad2(e->b, e->i8, LLVMBuildGEP2(e->b, e->i8, order, &k, 1, ""), "");
   w = emit_resize(e, w, 32, false);
   val place = load_32(e, frame_of(e, t, w));
   place = LLVMBuildAnd(e->b, place, emit_const(e, 32, ~ROUNDS_MASKED), "");
   val done = emit_const(e, 32, DONE);
   add_outcome(&t->stepped, done, emit_const(e, 32, 0), LLVMGetInsertBlock(e->b));
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, place, done, ""), t->step, run);
   emit_at(e, run);
   go_run(e, t, place, w, LLVMBuildAdd(e->b, w, emit_const(e, 32, 1), ""), true);
}

/* One has run, or had ended before. */
static void
end_single(struct emit *e, const struct turns *t)
{
   emit_at(e, t->step);
   val k = load_32(e, t->k), x = t->stepped.first;
   val is_first = LLVMBuildICmp(e->b, LLVMIntEQ, k, emit_const(e, 32, 0), "");
   val first = LLVMBuildSelect(e->b, is_first, x, load_32(e, t->first), "");
   val differ =
      LLVMBuildOr(e->b, load_32(e, t->differ), LLVMBuildXor(e->b, x, first, ""), "");
   k = LLVMBuildAdd(e->b, k, emit_const(e, 32, 1), "");
   LLVMBuildStore(e->b, k, t->k);
   LLVMBuildStore(e->b, first, t->first);
   LLVMBuildStore(e->b, differ, t->differ);
   add_outcome(&t->round, first, differ, LLVMGetInsertBlock(e->b));
   val last = LLVMBuildICmp(e->b, LLVMIntEQ, k, emit_const(e, 32, t->warps), "");
   LLVMBuildCondBr(e->b, last, t->over, t->single);
}

/* -- Rounds. */
static void
end_stretch(struct emit *e, const struct turns *t)
{
   emit_at(e, t->ran);
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   add_outcome(&t->stepped, t->came.first, t->came.differ, at);
   add_outcome(&t->round, t->came.first, t->came.differ, at);
   LLVMBuildCondBr(e->b, t->alone, t->step, t->over);
}

static void
tell_round(struct emit *e, const struct turns *t)
{
   LLVMBasicBlockRef tell = emit_new_block(e, "tell"), told = emit_new_block(e, "told");
   if (e->rounds->reduces)
      LLVMBuildBr(e->b, tell);
   else
      LLVMBuildCondBr(e->b, t->shuffles, tell, told);
   emit_at(e, tell);
   tell_next_round(e);
   LLVMBuildBr(e->b, told);
   emit_at(e, told);
}

static void
end_round(struct emit *e, const struct turns *t)
{
   emit_at(e, t->over);
   LLVMBasicBlockRef more = emit_new_block(e, "more"), singles = emit_new_block(e, "");
   LLVMBasicBlockRef together = emit_new_block(e, "together");
   val zero = emit_const(e, 32, 0);
   val differ = LLVMBuildICmp(e->b, LLVMIntNE, t->round.differ, zero, "");
   val left = LLVMBuildICmp(e->b, LLVMIntNE, t->round.first, emit_const(e, 32, DONE), "");
   LLVMBuildCondBr(e->b, LLVMBuildOr(e->b, differ, left, ""), more, t->done);
   emit_at(e, more);
   tell_round(e, t);
   LLVMBuildCondBr(e->b, LLVMBuildOr(e->b, differ, t->shuffles, ""), singles, together);
   emit_at(e, singles);
   begin_singles(e, t);
   emit_at(e, together);
   go_run(e, t, t->round.first, zero, emit_const(e, 32, t->warps), false);
}

static void
store_starts(struct emit *e, const struct turns *t)
{
   for (uint32_t w = 0; w < t->warps; w++) {
      bool whole = (w + 1) * e->width <= t->p->threads;
      val place = emit_const(e, 32, EXEC_FRAME_START + (whole ? 0 : ROUNDS_MASKED));
      LLVMBuildStore(e->b, place, rounds_at(e, t->frames, w * rounds_frame_bytes(e)));
   }
}

static void
start(struct emit *e, const struct turns *t)
{
   LLVMBasicBlockRef singles = emit_new_block(e, ""), together = emit_new_block(e, "");
   bool early = !t->own_loops || (t->p->full && t->p->masked);
   if (early) /* frames are asked in any order */
      store_starts(e, t);
   LLVMBuildCondBr(e->b, t->shuffles, singles, together);
   emit_at(e, singles);
   if (!early)
      store_starts(e, t);
   begin_singles(e, t);
   emit_at(e, together);
   go_run(e, t, emit_const(e, 32, EXEC_FRAME_START), emit_const(e, 32, 0),
          emit_const(e, 32, t->warps), false);
}

static struct outcome
new_outcome(struct emit *e, LLVMBasicBlockRef at)
{
   emit_at(e, at);
   val first = LLVMBuildPhi(e->b, e->i32, "first");
   return (struct outcome){first, LLVMBuildPhi(e->b, e->i32, "differ")};
}

void
rounds_block(struct emit *e, const struct plan *p, val ctaid_x)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   struct turns t = {.p = p, .ctaid_x = ctaid_x};
   t.warps = (p->threads + e->width - 1) / e->width;
   t.own_loops = e->opt->opt_level && has_own_loops(e);
   t.k = emit_alloca(e, e->i32, "k");
   t.first = emit_alloca(e, e->i32, "first");
   t.differ = emit_alloca(e, e->i32, "differ");
   t.run = emit_new_block(e, "run");
   t.ran = emit_new_block(e, "ran");
   t.single = emit_new_block(e, "single");
   t.step = emit_new_block(e, "step");
   t.over = emit_new_block(e, "over");
   t.done = emit_new_block(e, "done");
   t.came = new_outcome(e, t.ran);
   t.stepped = new_outcome(e, t.step);
   t.round = new_outcome(e, t.over);
   emit_at(e, from);
   t.frames = emit_ctx_field(e, offsetof(struct exec_ctx, frame), e->ptr);
   val shuffles = load_32(e, rounds_field(e, offsetof(struct exec_round, shuffles)));
   t.shuffles = LLVMBuildICmp(e->b, LLVMIntNE, shuffles, emit_const(e, 32, 0), "");
   from = LLVMGetInsertBlock(e->b);
   run_stretches(e, &t);
   emit_at(e, from);
   start(e, &t);
   run_single(e, &t);
   end_stretch(e, &t);
   end_single(e, &t);
   end_round(e, &t);
   emit_at(e, t.done);
}
