/* SPDX-License-Identifier: Apache-2.0
 * In which order the warps of a block run between its barriers. While all go on at one
 * place, as most kernels' warps always do, a loop over the warps for just that place runs
 * them: its code is known, so it needs no jump a warp, and the processor overlaps warps.
 * Where warps have come to different barriers, or their order is to be random, they are
 * taken one by one, each by that same loop, until they are at one place again.
 *
 * Places from which warps may pause have a second loop in which they do (ROUNDS_PAUSES).
 * It runs as long as warps of the blocks before have paused; nobody passes a barrier
 * while some warp has. */
#include <stddef.h>

#include "back/simd/jam.h"
#include "back/simd/rounds.h"

/* What a stretch of warps, or a round, came to. */
struct outcome {
   val first;  /* where the first warp goes on; EXEC_FRAME_DONE: nowhere */
   val differ; /* not zero: not all do there */
};

struct turns {
   const struct plan *p;
   val frames, ctaid_x, shuffles;
   val k, first, differ, paused; /* of warps taken one by one: memory */
   val pausing; /* memory: warps paused where they could when last they had begun */
   uint32_t warps, alike; /* but for a last one whose lanes do not all exist */
   val nwarps, nalike;    /* the same of all blocks that take turns as one; */
   val shift, last; /* of a warp's number among them: the block's; NULL: one block */
   LLVMBasicBlockRef run, single, step, over, done;
   val place, begin, end, alone;  /* in run */
   LLVMBasicBlockRef *enter;      /* by place: a loop of its own, or NULL; */
   LLVMBasicBlockRef *pauses;     /* the same with pauses, where there are any */
   struct outcome stepped, round; /* in step and over */
};

/* -- One stretch of warps. */
static val
frame_of(struct emit *e, const struct turns *t, val w)
{
   val offset = LLVMBuildMul(e->b, emit_resize(e, w, 64, false),
                             emit_const(e, 64, rounds_stride(e)), "");
   return LLVMBuildGEP2(e->b, e->i8, t->frames, &offset, 1, "");
}

static struct warp_call
call_of(struct emit *e, const struct turns *t, val w, val place)
{
   struct warp_call c = {w, frame_of(e, t, w), t->ctaid_x, place};
   if (!t->shift)
      return c;
   c.warp = LLVMBuildLShr(e->b, w, t->shift, "");
   c.ctaid_x = LLVMBuildAdd(e->b, t->ctaid_x, LLVMBuildAnd(e->b, w, t->last, ""), "");
   grid_tell_block(e, c.ctaid_x);
   return c;
}

static void
add_outcome(const struct outcome *to, val first, val differ, LLVMBasicBlockRef from)
{
   LLVMAddIncoming(to->first, &first, &from, 1);
   LLVMAddIncoming(to->differ, &differ, &from, 1);
}

/* All frames of the stretch say this place. */
static void
store_places(struct emit *e, const struct turns *t, val place, LLVMBasicBlockRef on)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b), loop = emit_new_block(e, "place");
   LLVMBuildBr(e->b, loop);
   emit_at(e, loop);
   val w = rounds_phi(e, e->i32, t->begin, from);
   LLVMBuildStore(e->b, place, frame_of(e, t, w));
   val w1 = LLVMBuildAdd(e->b, w, emit_const(e, 32, 1), "");
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, w1, t->end, ""), on, loop);
   LLVMAddIncoming(w, &w1, &loop, 1);
}

/* As if `full` had run the warp that is always for `masked`. */
static val
alike(struct emit *e, const struct turns *t, val w, val place)
{
   if (t->alike == t->warps)
      return place;
   val less = LLVMBuildAnd(e->b, place, emit_const(e, 32, ~ROUNDS_MASKED), "");
   val done = emit_const(e, 32, EXEC_FRAME_DONE);
   val keep =
      LLVMBuildOr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, place, done, ""),
                  LLVMBuildICmp(e->b, LLVMIntNE, w, emit_const(e, 32, t->alike), ""), "");
   return LLVMBuildSelect(e->b, keep, place, less, "");
}

/* The warp that is always for `masked` has its turn behind all others, which came from
 * that place. */
static struct outcome
run_last(struct emit *e, const struct turns *t, struct outcome came, val place)
{
   if (t->alike == t->warps)
      return came;
   val w = emit_const(e, 32, t->alike), zero = emit_const(e, 32, 0);
   struct warp_call c = {w, frame_of(e, t, w), t->ctaid_x, place};
   c.place = LLVMBuildOr(e->b, place, emit_const(e, 32, ROUNDS_MASKED), "");
   val next = emit_call_warp(e, t->p->masked, &c);
   LLVMBuildStore(e->b, next, c.frame);
   val differ = LLVMBuildXor(e->b, alike(e, t, w, next), came.first, "");
   differ = LLVMBuildOr(e->b, came.differ, differ, "");
   LLVMBasicBlockRef tell = emit_new_block(e, ""), on = emit_new_block(e, "");
   val told = LLVMBuildOr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, differ, zero, ""),
                          LLVMBuildICmp(e->b, LLVMIntNE, came.differ, zero, ""), "");
   LLVMBuildCondBr(e->b, told, on, tell);
   emit_at(e, tell);
   store_places(e, t, came.first, on);
   emit_at(e, on);
   return (struct outcome){came.first, differ};
}

/* All warps of the block have come to the place that was expected. */
static void
go_on(struct emit *e, const struct turns *t, uint32_t place)
{
   if (place == EXEC_FRAME_DONE) {
      LLVMBuildBr(e->b, t->done);
      return;
   }
   if (e->rounds->reduces)
      rounds_tell_next(e);
   LLVMBasicBlockRef to = t->enter[place / ROUNDS_PLACES];
   LLVMBasicBlockRef pauses = t->pauses[place / ROUNDS_PLACES];
   if (!pauses) {
      LLVMBuildBr(e->b, to);
      return;
   }
   val p = LLVMBuildICmp(e->b, LLVMIntNE, rounds_load(e, t->pausing),
                         emit_const(e, 32, 0), "");
   LLVMBuildCondBr(e->b, p, pauses, to);
}

/* All but the last warp have run. expected: where all should have come to, or NULL. */
static void
end_together(struct emit *e, const struct turns *t, struct outcome came, val place,
             const uint32_t *expected)
{
   LLVMBasicBlockRef on = emit_new_block(e, "on");
   val zero = emit_const(e, 32, 0);
   came = run_last(e, t, came, place);
   add_outcome(&t->round, came.first, came.differ, LLVMGetInsertBlock(e->b));
   val as_expected = expected ? LLVMBuildICmp(e->b, LLVMIntEQ, came.differ, zero, "")
                              : emit_const(e, 1, 0);
   LLVMBuildCondBr(e->b, as_expected, on, t->over);
   emit_at(e, on);
   if (expected)
      go_on(e, t, *expected);
   else
      LLVMBuildUnreachable(e->b);
}

/* Warps begin to end have run. */
static void
end_stretch(struct emit *e, const struct turns *t, struct outcome came, val place,
            const uint32_t *expected)
{
   LLVMBasicBlockRef all = emit_new_block(e, "together");
   val one = LLVMBuildXor(e->b, came.first, came.differ, "");
   add_outcome(&t->stepped, one, emit_const(e, 32, 0), LLVMGetInsertBlock(e->b));
   LLVMBuildCondBr(e->b, t->alone, t->step, all);
   emit_at(e, all);
   end_together(e, t, came, place, expected);
}

/* Control comes from where the builder is. */
static LLVMBasicBlockRef
begin_loop(struct emit *e)
{
   LLVMBasicBlockRef loop = emit_new_block(e, "warps");
   LLVMBuildBr(e->b, loop);
   emit_at(e, loop);
   return loop;
}

/* The loop goes on with the next warp. */
static void
end_loop(struct emit *e, const struct turns *t, val w, LLVMBasicBlockRef loop)
{
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b), ran = emit_new_block(e, "ran");
   val w1 = LLVMBuildAdd(e->b, w, emit_const(e, 32, 1), "");
   val last = LLVMBuildICmp(e->b, LLVMIntEQ, w1, t->end, "");
   jam_mark(e, LLVMBuildCondBr(e->b, last, ran, loop));
   LLVMAddIncoming(w, &w1, &at, 1);
   emit_at(e, ran);
}

/* Warps begin to end, which go on at a place of fn, to wherever it leads. */
static struct outcome
run_warps(struct emit *e, const struct turns *t, val fn, val place)
{
   LLVMBasicBlockRef enter = LLVMGetInsertBlock(e->b), loop = begin_loop(e);
   val zero = emit_const(e, 32, 0), w = rounds_phi(e, e->i32, t->begin, enter);
   val first = rounds_phi(e, e->i32, zero, enter),
       differ = rounds_phi(e, e->i32, zero, enter);
   struct warp_call c = call_of(e, t, w, place);
   val next = emit_call_warp(e, fn, &c);
   LLVMBuildStore(e->b, next, c.frame);
   val is_first = LLVMBuildICmp(e->b, LLVMIntEQ, w, t->begin, "");
   val first1 = LLVMBuildSelect(e->b, is_first, next, first, "");
   val differ1 = LLVMBuildOr(e->b, differ, LLVMBuildXor(e->b, next, first1, ""), "");
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   LLVMAddIncoming(first, &first1, &at, 1);
   LLVMAddIncoming(differ, &differ1, &at, 1);
   end_loop(e, t, w, loop);
   return (struct outcome){first1, differ1};
}

static void
run_stretch(struct emit *e, const struct turns *t, val fn, val place)
{
   end_stretch(e, t, run_warps(e, t, fn, place), place, NULL);
}

/* Of `full`, with pauses. */
static void
run_pausing(struct emit *e, const struct turns *t, uint32_t place)
{
   val from = emit_const(e, 32, place | ROUNDS_PAUSES);
   struct outcome came = run_warps(e, t, t->p->full, from);
   if (!(place & ROUNDS_PAUSE)) {
      val any = LLVMBuildZExt(e->b, rounds_is_pause(e, came.first), e->i32, "");
      LLVMBuildStore(e->b, LLVMBuildOr(e->b, any, came.differ, ""), t->pausing);
   }
   end_stretch(e, t, came, emit_const(e, 32, place), NULL);
}

/* The same where all of them are expected at one place afterwards: frames are told only
 * where a warp comes to another one. */
static void
run_expected(struct emit *e, const struct turns *t, val place, uint32_t expected)
{
   LLVMBasicBlockRef odd = emit_new_block(e, "odd"), all = emit_new_block(e, "all");
   LLVMBasicBlockRef one = emit_new_block(e, "one"), on = emit_new_block(e, "on");
   LLVMBasicBlockRef enter = LLVMGetInsertBlock(e->b), loop = begin_loop(e);
   val zero = emit_const(e, 32, 0), there = emit_const(e, 32, expected);
   val w = rounds_phi(e, e->i32, t->begin, enter),
       differ = rounds_phi(e, e->i32, zero, enter);
   struct warp_call c = call_of(e, t, w, place);
   val next = emit_call_warp(e, t->p->full, &c);
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, next, there, ""), on, odd);
   emit_at(e, odd);
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, differ, zero, ""), all, one);
   emit_at(e, all);
   store_places(e, t, there, one);
   emit_at(e, one);
   LLVMBuildStore(e->b, next, frame_of(e, t, w));
   val more = LLVMBuildOr(e->b, differ, LLVMBuildXor(e->b, next, there, ""), "");
   LLVMBuildBr(e->b, on);
   emit_at(e, on);
   val differ1 = rounds_phi(e, e->i32, differ, at);
   LLVMAddIncoming(differ1, &more, &one, 1);
   LLVMAddIncoming(differ, &differ1, &on, 1);
   end_loop(e, t, w, loop);
   end_stretch(e, t, (struct outcome){there, differ1}, place, &expected);
}

/* The same without a loop, each warp's number being known; where they do not run
 * together, control goes to the block that is returned. */
static LLVMBasicBlockRef
run_apart(struct emit *e, const struct turns *t, val place, uint32_t expected)
{
   LLVMBasicBlockRef alone = emit_new_block(e, "alone"),
                     apart = emit_new_block(e, "apart");
   LLVMBasicBlockRef odd = emit_new_block(e, "odd"), on = emit_new_block(e, "on");
   LLVMBuildCondBr(e->b, t->alone, alone, apart);
   emit_at(e, apart);
   val next[EXEC_MAX_GROUPS], there = emit_const(e, 32, expected);
   val zero = emit_const(e, 32, 0), differ = zero;
   for (uint32_t w = 0; w < t->alike; w++) {
      val number = emit_const(e, 32, w);
      struct warp_call c = {number, frame_of(e, t, number), t->ctaid_x, place};
      next[w] = emit_call_warp(e, t->p->full, &c);
      differ = LLVMBuildOr(e->b, differ, LLVMBuildXor(e->b, next[w], there, ""), "");
   }
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, differ, zero, ""), on, odd);
   emit_at(e, odd);
   for (uint32_t w = 0; w < t->alike; w++)
      LLVMBuildStore(e->b, next[w], frame_of(e, t, emit_const(e, 32, w)));
   LLVMBuildBr(e->b, on);
   emit_at(e, on);
   end_together(e, t, (struct outcome){there, differ}, place, &expected);
   return alone;
}

static void
fill_columns(struct emit *e, size_t s)
{
   if (!s)
      return;
   columns_fill(e, &e->rounds->stops.data[s - 1]);
   recall_begin(e, &e->rounds->stops.data[s - 1]);
}

/* A loop for each place of `full`, all others by one. */
static void
run_by_place(struct emit *e, struct turns *t, LLVMBasicBlockRef other)
{
   size_t n = e->rounds->stops.len + 1;
   val to = LLVMBuildSwitch(e->b, t->place, other, (unsigned)n);
   t->enter = arena_array(e->a, LLVMBasicBlockRef, n);
   t->pauses = arena_array(e->a, LLVMBasicBlockRef, n);
   struct way_on *ways = arena_array(e->a, struct way_on, n);
   for (size_t s = 0; s < n; s++) {
      ways[s] = places_way_on(e, t->p, s);
      t->enter[s] = emit_new_block(e, "enter");
      t->pauses[s] = ways[s].pauses ? emit_new_block(e, "enter") : NULL;
   }
   for (size_t s = 0; s < n; s++) {
      uint32_t number = s ? rounds_place(e, s - 1) : EXEC_FRAME_START;
      val place = emit_const(e, 32, number);
      LLVMAddCase(to, place, t->enter[s]);
      if (e->rounds->pauses)
         LLVMAddCase(to, emit_const(e, 32, number | ROUNDS_PAUSES),
                     t->pauses[s] ? t->pauses[s] : t->enter[s]);
      if (t->pauses[s]) {
         emit_at(e, t->pauses[s]);
         fill_columns(e, s);
         run_pausing(e, t, number);
      }
      emit_at(e, t->enter[s]);
      fill_columns(e, s);
      bool one_way = ways[s].known && !ways[s].several;
      if (one_way && !ways[s].pauses && places_tell_apart(e, s, t->alike))
         emit_at(e, run_apart(e, t, place, ways[s].place));
      if (one_way)
         run_expected(e, t, place, ways[s].place);
      else
         run_stretch(e, t, t->p->full, place);
   }
}

/* In run: warps begin to end, which go on at place. */
static void
run_stretches(struct emit *e, struct turns *t)
{
   const struct plan *p = t->p;
   emit_at(e, t->run);
   t->place = LLVMBuildPhi(e->b, e->i32, "place");
   t->begin = LLVMBuildPhi(e->b, e->i32, "begin");
   t->end = LLVMBuildPhi(e->b, e->i32, "end");
   t->alone = LLVMBuildPhi(e->b, e->i1, "alone");
   LLVMBasicBlockRef other = emit_new_block(e, "enter");
   val rest = p->masked ? p->masked : p->full;
   if (p->full && e->rounds->own_loops) {
      run_by_place(e, t, other);
      rest = p->masked;
   } else if (p->full && p->masked) {
      LLVMBasicBlockRef full = emit_new_block(e, "enter");
      val masked = LLVMBuildTrunc(e->b, t->place, e->i1, "");
      LLVMBuildCondBr(e->b, masked, other, full);
      emit_at(e, full);
      run_stretch(e, t, p->full, t->place);
   } else {
      LLVMBuildBr(e->b, other);
   }
   emit_at(e, other);
   if (rest)
      run_stretch(e, t, rest, t->place);
   else
      LLVMBuildUnreachable(e->b);
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
/* paused: some have, as a number; NULL: none. */
static void
begin_singles(struct emit *e, const struct turns *t, val paused)
{
   LLVMBuildStore(e->b, paused ? paused : emit_const(e, 32, 0), t->paused);
   LLVMBuildStore(e->b, emit_const(e, 32, 0), t->k);
   LLVMBuildStore(e->b, emit_const(e, 32, 0), t->differ);
   LLVMBuildBr(e->b, t->single);
}

/* The only block, where the order changes from round to round. */
static val
warp_in_turn(struct emit *e, const struct turns *t, val k)
{
   val order = rounds_field(e, offsetof(struct exec_round, order));
   val at =
      t->shift ? LLVMBuildSelect(e->b, t->shuffles, k, emit_const(e, 32, 0), "") : k;
   val w = LLVMBuildLoad2(e->b, e->i8, LLVMBuildGEP2(e->b, e->i8, order, &at, 1, ""), "");
   w = emit_resize(e, w, 32, false);
   return t->shift ? LLVMBuildSelect(e->b, t->shuffles, w, k, "") : w;
}

/* Of a warp that goes on at `place`. */
static val
has_no_turn(struct emit *e, const struct turns *t, val place)
{
   val done = emit_const(e, 32, EXEC_FRAME_DONE), zero = emit_const(e, 32, 0);
   done = LLVMBuildICmp(e->b, LLVMIntEQ, place, done, "");
   if (!e->rounds->pauses)
      return done;
   val waits = LLVMBuildICmp(e->b, LLVMIntNE, rounds_load(e, t->paused), zero, "");
   val passes = LLVMBuildNot(e->b, rounds_is_pause(e, place), "");
   return LLVMBuildOr(e->b, done, LLVMBuildAnd(e->b, waits, passes, ""), "");
}

static void
run_single(struct emit *e, const struct turns *t)
{
   emit_at(e, t->single);
   LLVMBasicBlockRef run = emit_new_block(e, "alone");
   val w = warp_in_turn(e, t, rounds_load(e, t->k)),
       place = rounds_load(e, frame_of(e, t, w));
   add_outcome(&t->stepped, place, emit_const(e, 32, 0), LLVMGetInsertBlock(e->b));
   LLVMBuildCondBr(e->b, has_no_turn(e, t, place), t->step, run);
   emit_at(e, run);
   go_run(e, t, place, w, LLVMBuildAdd(e->b, w, emit_const(e, 32, 1), ""), true);
}

/* One has run, or had ended before. */
static void
end_single(struct emit *e, const struct turns *t)
{
   emit_at(e, t->step);
   val k = rounds_load(e, t->k), w = warp_in_turn(e, t, k);
   LLVMBuildStore(e->b, t->stepped.first, frame_of(e, t, w));
   val x = alike(e, t, w, t->stepped.first);
   val is_first = LLVMBuildICmp(e->b, LLVMIntEQ, k, emit_const(e, 32, 0), "");
   val first = LLVMBuildSelect(e->b, is_first, x, rounds_load(e, t->first), "");
   val differ =
      LLVMBuildOr(e->b, rounds_load(e, t->differ), LLVMBuildXor(e->b, x, first, ""), "");
   k = LLVMBuildAdd(e->b, k, emit_const(e, 32, 1), "");
   LLVMBuildStore(e->b, k, t->k);
   LLVMBuildStore(e->b, first, t->first);
   LLVMBuildStore(e->b, differ, t->differ);
   add_outcome(&t->round, first, differ, LLVMGetInsertBlock(e->b));
   val last = LLVMBuildICmp(e->b, LLVMIntEQ, k, t->nwarps, "");
   LLVMBuildCondBr(e->b, last, t->over, t->single);
}

/* -- Rounds. */
/* Whether some warp has paused, as a number, when a round is over. */
static val
some_paused(struct emit *e, const struct turns *t, val differ)
{
   val zero = emit_const(e, 32, 0);
   val one = LLVMBuildZExt(e->b, rounds_is_pause(e, t->round.first), e->i32, "");
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b), look = emit_new_block(e, "look");
   LLVMBasicBlockRef known = emit_new_block(e, "known");
   LLVMBuildCondBr(e->b, differ, look, known);
   emit_at(e, look);
   val w = rounds_phi(e, e->i32, zero, from), any = rounds_phi(e, e->i32, one, from);
   val is = rounds_is_pause(e, rounds_load(e, frame_of(e, t, w)));
   val any1 = LLVMBuildOr(e->b, any, LLVMBuildZExt(e->b, is, e->i32, ""), "");
   val w1 = LLVMBuildAdd(e->b, w, emit_const(e, 32, 1), "");
   val last = LLVMBuildICmp(e->b, LLVMIntEQ, w1, t->nwarps, "");
   LLVMBuildCondBr(e->b, last, known, look);
   LLVMAddIncoming(w, &w1, &look, 1);
   LLVMAddIncoming(any, &any1, &look, 1);
   emit_at(e, known);
   val paused = rounds_phi(e, e->i32, one, from);
   LLVMAddIncoming(paused, &any1, &look, 1);
   return paused;
}

/* The block is at a barrier, if no warp has paused. */
static void
tell_round(struct emit *e, const struct turns *t, val paused)
{
   LLVMBasicBlockRef tell = emit_new_block(e, "tell"), told = emit_new_block(e, "told");
   val wants = e->rounds->reduces ? emit_const(e, 1, 1) : t->shuffles;
   if (paused) {
      val none = LLVMBuildICmp(e->b, LLVMIntEQ, paused, emit_const(e, 32, 0), "");
      wants = LLVMBuildAnd(e->b, wants, none, "");
   }
   LLVMBuildCondBr(e->b, wants, tell, told);
   emit_at(e, tell);
   rounds_tell_next(e);
   LLVMBuildBr(e->b, told);
   emit_at(e, told);
}

/* `place`, where warps go on together, with what tells whether they pause. */
static val
with_pauses(struct emit *e, const struct turns *t, val place)
{
   if (!e->rounds->pauses)
      return place;
   val none = LLVMBuildICmp(e->b, LLVMIntEQ, rounds_load(e, t->pausing),
                            emit_const(e, 32, 0), "");
   val also = LLVMBuildOr(e->b, place, emit_const(e, 32, ROUNDS_PAUSES), "");
   return LLVMBuildSelect(e->b, none, place, also, "");
}

static void
end_round(struct emit *e, const struct turns *t)
{
   emit_at(e, t->over);
   LLVMBasicBlockRef more = emit_new_block(e, "more"), singles = emit_new_block(e, "");
   LLVMBasicBlockRef together = emit_new_block(e, "together");
   val zero = emit_const(e, 32, 0);
   val differ = LLVMBuildICmp(e->b, LLVMIntNE, t->round.differ, zero, "");
   val left = LLVMBuildICmp(e->b, LLVMIntNE, t->round.first,
                            emit_const(e, 32, EXEC_FRAME_DONE), "");
   LLVMBuildCondBr(e->b, LLVMBuildOr(e->b, differ, left, ""), more, t->done);
   emit_at(e, more);
   val paused = e->rounds->pauses ? some_paused(e, t, differ) : NULL;
   tell_round(e, t, paused);
   LLVMBuildCondBr(e->b, LLVMBuildOr(e->b, differ, t->shuffles, ""), singles, together);
   emit_at(e, singles);
   begin_singles(e, t, paused);
   emit_at(e, together);
   go_run(e, t, with_pauses(e, t, t->round.first), zero, t->nalike, false);
}

static void
store_starts(struct emit *e, const struct turns *t)
{
   for (uint32_t w = 0; w < t->warps; w++) {
      uint32_t masked = w < t->alike ? 0 : ROUNDS_MASKED;
      val place = emit_const(e, 32, EXEC_FRAME_START + masked);
      LLVMBuildStore(e->b, place, rounds_at(e, t->frames, w * rounds_stride(e)));
   }
}

static void
start(struct emit *e, const struct turns *t)
{
   LLVMBasicBlockRef singles = emit_new_block(e, ""), together = emit_new_block(e, "");
   LLVMBuildCondBr(e->b, t->shuffles, singles, together);
   emit_at(e, singles);
   store_starts(e, t);
   begin_singles(e, t, NULL);
   emit_at(e, together);
   go_run(e, t, with_pauses(e, t, emit_const(e, 32, EXEC_FRAME_START)),
          emit_const(e, 32, 0), t->nalike, false);
}

static struct outcome
new_outcome(struct emit *e, LLVMBasicBlockRef at)
{
   emit_at(e, at);
   val first = LLVMBuildPhi(e->b, e->i32, "first");
   return (struct outcome){first, LLVMBuildPhi(e->b, e->i32, "differ")};
}

void
rounds_block(struct emit *e, const struct plan *p, val ctaid_x, val blocks)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   struct turns t = {.p = p, .ctaid_x = ctaid_x};
   t.warps = (p->threads + e->width - 1) / e->width;
   t.alike = p->full && p->masked && p->ragged ? t.warps - 1 : t.warps;
   t.nwarps = emit_const(e, 32, t.warps);
   t.nalike = emit_const(e, 32, t.alike);
   if (blocks) {
      val args[2] = {blocks, emit_const(e, 1, 1)};
      t.shift = emit_intrinsic(e, "llvm.cttz", &e->i32, 1, args, 2);
      t.last = LLVMBuildSub(e->b, blocks, emit_const(e, 32, 1), "");
      t.nalike = t.nwarps = LLVMBuildMul(e->b, t.nwarps, blocks, "");
   }
   t.k = emit_alloca(e, e->i32, "k");
   t.first = emit_alloca(e, e->i32, "first");
   t.differ = emit_alloca(e, e->i32, "differ");
   t.paused = emit_alloca(e, e->i32, "paused");
   t.pausing = emit_alloca(e, e->i32, "pausing");
   LLVMPositionBuilderBefore(e->b, e->entry_end);
   LLVMBuildStore(e->b, emit_const(e, 32, 1), t.pausing);
   emit_at(e, from);
   t.run = emit_new_block(e, "run");
   t.single = emit_new_block(e, "single");
   t.step = emit_new_block(e, "step");
   t.over = emit_new_block(e, "over");
   t.done = emit_new_block(e, "done");
   t.stepped = new_outcome(e, t.step);
   t.round = new_outcome(e, t.over);
   emit_at(e, from);
   t.frames = rounds_at(e, emit_ctx_field(e, offsetof(struct exec_ctx, frame), e->ptr),
                        e->rounds->ahead);
   val shuffles = rounds_load(e, rounds_field(e, offsetof(struct exec_round, shuffles)));
   t.shuffles = LLVMBuildICmp(e->b, LLVMIntNE, shuffles, emit_const(e, 32, 0), "");
   from = LLVMGetInsertBlock(e->b);
   run_stretches(e, &t);
   emit_at(e, from);
   start(e, &t);
   run_single(e, &t);
   end_single(e, &t);
   end_round(e, &t);
   emit_at(e, t.done);
}
