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

struct turns {
   const struct plan *p;
   val frames, ctaid_x, shuffles;
   val k, first, differ;  /* of warps taken one by one: memory */
   uint32_t warps, alike; /* but for a last one whose lanes do not all exist */
   LLVMBasicBlockRef run, single, step, over, done;
   val place, begin, end, alone;  /* in run */
   LLVMBasicBlockRef *enter;      /* by place: a loop of its own, or NULL */
   struct outcome stepped, round; /* in step and over */
};

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

bool
turns_own_loops(struct emit *e)
{
   if (!e->opt->opt_level)
      return false;
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

/* -- Where a place leads to. */
struct way_on {
   uint32_t place;
   bool known, several;
};

static void
add_way_on(struct way_on *w, size_t place)
{
   w->several |= w->known && w->place != place;
   w->place = (uint32_t)place;
   w->known = true;
}

static size_t
stop_at_end_of(const struct emit *e, const struct ir_block *b)
{
   size_t k = 0;
   while (e->rounds->stops.data[k].block != b)
      k++;
   return k;
}

/* Where warps go on next whose lanes all pass the guards. */
static void
look_on(struct emit *e, const struct plan *p, struct ir_block *b, struct bitset *seen,
        struct way_on *w)
{
   if (bitset_has(seen, b->id))
      return;
   bitset_add(seen, b->id);
   if (b->last->prev && ir_inst_is_barrier(b->last->prev)) {
      add_way_on(w, (stop_at_end_of(e, b) + 1) * ROUNDS_PLACES);
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

/* The one place to which warps come from where they go on behind stop k - 1, or from the
 * kernel's begin. */
static bool
leads_to_one(struct emit *e, const struct plan *p, size_t k, uint32_t *place)
{
   struct bitset seen = bitset_new(e->a, e->g->n);
   struct way_on w = {0};
   look_on(e, p, k ? e->rounds->stops.data[k - 1].block->last->targets[0] : e->g->rpo[0],
           &seen, &w);
   *place = w.place;
   return w.known && !w.several;
}

/* -- One stretch of warps. */
static val
frame_of(struct emit *e, const struct turns *t, val w)
{
   val offset = LLVMBuildMul(e->b, emit_resize(e, w, 64, false),
                             emit_const(e, 64, rounds_stride(e)), "");
   return LLVMBuildGEP2(e->b, e->i8, t->frames, &offset, 1, "");
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

/* All frames of the stretch say this place. */
static void
store_places(struct emit *e, const struct turns *t, val place, LLVMBasicBlockRef on)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b), loop = emit_new_block(e, "place");
   LLVMBuildBr(e->b, loop);
   emit_at(e, loop);
   val w = phi_of(e, e->i32, t->begin, from);
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

static void
tell_next_round(struct emit *e)
{
   val args[1];
   emit_service(e, offsetof(struct exec_services, next_round), e->void_, NULL, args, 0);
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
      tell_next_round(e);
   LLVMBuildBr(e->b, t->enter[place / ROUNDS_PLACES]);
}

/* Warps begin to end have run. expected: where all should have come to, or NULL. */
static void
end_stretch(struct emit *e, const struct turns *t, struct outcome came, val place,
            const uint32_t *expected)
{
   LLVMBasicBlockRef all = emit_new_block(e, "together"), on = emit_new_block(e, "on");
   val zero = emit_const(e, 32, 0), one = LLVMBuildXor(e->b, came.first, came.differ, "");
   add_outcome(&t->stepped, one, zero, LLVMGetInsertBlock(e->b));
   LLVMBuildCondBr(e->b, t->alone, t->step, all);
   emit_at(e, all);
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
   LLVMBuildCondBr(e->b, last, ran, loop);
   LLVMAddIncoming(w, &w1, &at, 1);
   emit_at(e, ran);
}

/* Warps begin to end, which go on at a place of fn, to wherever it leads. */
static void
run_stretch(struct emit *e, const struct turns *t, val fn, val place)
{
   LLVMBasicBlockRef enter = LLVMGetInsertBlock(e->b), loop = begin_loop(e);
   val zero = emit_const(e, 32, 0), w = phi_of(e, e->i32, t->begin, enter);
   val first = phi_of(e, e->i32, zero, enter), differ = phi_of(e, e->i32, zero, enter);
   struct warp_call c = {w, frame_of(e, t, w), t->ctaid_x, place};
   val next = emit_call_warp(e, fn, &c);
   LLVMBuildStore(e->b, next, c.frame);
   val is_first = LLVMBuildICmp(e->b, LLVMIntEQ, w, t->begin, "");
   val first1 = LLVMBuildSelect(e->b, is_first, next, first, "");
   val differ1 = LLVMBuildOr(e->b, differ, LLVMBuildXor(e->b, next, first1, ""), "");
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   LLVMAddIncoming(first, &first1, &at, 1);
   LLVMAddIncoming(differ, &differ1, &at, 1);
   end_loop(e, t, w, loop);
   end_stretch(e, t, (struct outcome){first1, differ1}, place, NULL);
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
   val w = phi_of(e, e->i32, t->begin, enter), differ = phi_of(e, e->i32, zero, enter);
   struct warp_call c = {w, frame_of(e, t, w), t->ctaid_x, place};
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
   val differ1 = phi_of(e, e->i32, differ, at);
   LLVMAddIncoming(differ1, &more, &one, 1);
   LLVMAddIncoming(differ, &differ1, &on, 1);
   end_loop(e, t, w, loop);
   end_stretch(e, t, (struct outcome){there, differ1}, place, &expected);
}

/* A loop for each place of `full`, all others by one. */
static void
run_by_place(struct emit *e, struct turns *t, LLVMBasicBlockRef other)
{
   size_t n = e->rounds->stops.len + 1;
   val to = LLVMBuildSwitch(e->b, t->place, other, (unsigned)n);
   t->enter = arena_array(e->a, LLVMBasicBlockRef, n);
   for (size_t s = 0; s < n; s++)
      t->enter[s] = emit_new_block(e, "enter");
   for (size_t s = 0; s < n; s++) {
      val place = emit_const(e, 32, s * ROUNDS_PLACES);
      uint32_t expected;
      LLVMAddCase(to, place, t->enter[s]);
      emit_at(e, t->enter[s]);
      if (s)
         columns_fill(e, &e->rounds->stops.data[s - 1]);
      if (leads_to_one(e, t->p, s, &expected))
         run_expected(e, t, place, expected);
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

static val
warp_in_turn(struct emit *e, val k)
{
   val order = rounds_field(e, offsetof(struct exec_round, order));
   val w = LLVMBuildLoad2(e->b, e->i8, LLVMBuildGEP2(e->b, e->i8, order, &k, 1, ""), "");
   return emit_resize(e, w, 32, false);
}

static void
run_single(struct emit *e, const struct turns *t)
{
   emit_at(e, t->single);
   LLVMBasicBlockRef run = emit_new_block(e, "alone");
   val w = warp_in_turn(e, load_32(e, t->k)), place = load_32(e, frame_of(e, t, w));
   val done = emit_const(e, 32, EXEC_FRAME_DONE);
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
   val k = load_32(e, t->k), w = warp_in_turn(e, k);
   LLVMBuildStore(e->b, t->stepped.first, frame_of(e, t, w));
   val x = alike(e, t, w, t->stepped.first);
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
   val left = LLVMBuildICmp(e->b, LLVMIntNE, t->round.first,
                            emit_const(e, 32, EXEC_FRAME_DONE), "");
   LLVMBuildCondBr(e->b, LLVMBuildOr(e->b, differ, left, ""), more, t->done);
   emit_at(e, more);
   tell_round(e, t);
   LLVMBuildCondBr(e->b, LLVMBuildOr(e->b, differ, t->shuffles, ""), singles, together);
   emit_at(e, singles);
   begin_singles(e, t);
   emit_at(e, together);
   go_run(e, t, t->round.first, zero, emit_const(e, 32, t->alike), false);
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
   begin_singles(e, t);
   emit_at(e, together);
   go_run(e, t, emit_const(e, 32, EXEC_FRAME_START), emit_const(e, 32, 0),
          emit_const(e, 32, t->alike), false);
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
   t.alike = p->full && p->masked && p->ragged ? t.warps - 1 : t.warps;
   t.k = emit_alloca(e, e->i32, "k");
   t.first = emit_alloca(e, e->i32, "first");
   t.differ = emit_alloca(e, e->i32, "differ");
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
   val shuffles = load_32(e, rounds_field(e, offsetof(struct exec_round, shuffles)));
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
