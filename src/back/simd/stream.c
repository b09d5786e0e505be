/* SPDX-License-Identifier: Apache-2.0
 * What code asks memory for ahead of time, where processors do not see by themselves what
 * it will need, as they read ahead within a page and along a few streams at most.
 *
 * In loops that step through memory by whole pages, as a thread that walks through the
 * planes of a volume does, it asks for what a later iteration will read and write. Only
 * in loops that store where they go or that go on in steps of the whole grid: what others
 * only read is mostly small enough to be there.
 *
 * And it asks for what the next block in x will access where this one does, unless blocks
 * just go on along a few rows: a block that has a row of a matrix for itself, or a tile
 * of it, or waits for gathers, finds little of its own there otherwise. Where the grid is
 * small that would be for nothing, and a test keeps it from being done. */
#include <stddef.h>
#include <stdlib.h>

#include "back/simd/rounds.h"
#include "back/simd/rounds.h"
#include "back/simd/stream.h"

#define PAGE_BYTES 4096
#define LINE_BYTES 64
#define STEPS_AHEAD 8
/* As llvm.prefetch names the caches. */
#define TO_L2 2
#define TO_L1 3

static bool
moves(const struct loop *l, const struct ir_inst *access)
{
   const struct ir_value *v = access->src[0];
   return v->kind == IR_INST && loop_has(l, v->def->block);
}

static bool
is_global(unsigned space)
{
   return space == ISA_GLOBAL || space == ISA_GENERIC;
}

/* The stores of a loop that has no loops in it; 0 where one cannot say where they go. */
static unsigned
stores_in(struct emit *e, const struct loop *l)
{
   unsigned n = 0;
   if (!loop_is_innermost(e->g, l))
      return 0;
   loop_foreach_block (o, e->g, l)
      ir_foreach_inst (i, e->g->rpo[o])
         n += i->op == ISA_ST && is_global(i->mods.space) && moves(l, i);
   return n;
}

/* Another access of the block before this one goes to the same address, or close by. */
static bool
is_asked_for(const struct ir_inst *i)
{
   for (const struct ir_inst *p = i->prev; p; p = p->prev)
      if ((p->op == ISA_LD || p->op == ISA_ST) && p->src[0] == i->src[0] &&
          p->offset - i->offset < LINE_BYTES && i->offset - p->offset < LINE_BYTES)
         return true;
   return false;
}

static bool
is_small(val step, unsigned than)
{
   return LLVMIsAConstantInt(step) &&
          (uint64_t)llabs((long long)LLVMConstIntGetSExtValue(step)) < than;
}

/* -- The lines that an access touches: bytes and multiples of its shape's unit from the
 * address's scalar form on. */
#define MOST_LINES 8
struct lines {
   unsigned n;
   int64_t at[MOST_LINES], times[MOST_LINES];
};

static bool
add_line(struct lines *to, int64_t at, int64_t times)
{
   for (unsigned k = 0; k < to->n; k++)
      if (to->times[k] == times && at >= to->at[k] && at < to->at[k] + LINE_BYTES)
         return true;
   if (to->n == MOST_LINES)
      return false;
   to->at[to->n] = at;
   to->times[to->n++] = times;
   return true;
}

/* False: they are many. */
static bool
find_lines(const struct emit *e, const struct emit_access *a, struct lines *to)
{
   const struct shape *s = &a->shape;
   unsigned bytes = a->bits / 8 * a->n;
   to->n = 0;
   if (s->kind == SHAPE_UNIFORM)
      return add_line(to, a->i->offset, 0);
   for (unsigned l = 0; l < e->width; l++)
      for (unsigned k = 0; k < bytes; k += LINE_BYTES)
         if (!add_line(to, a->i->offset + s->offsets[l] + k, s->unit ? s->times[l] : 0))
            return false;
   return true;
}

static val
line_pointer(struct emit *e, const struct emit_access *a, const struct lines *lines,
             unsigned k, val distance)
{
   val p = emit_pointer(e, a->space, emit_scalar(e, a->i->src[0]), 0);
   val at = LLVMConstInt(e->i64, (uint64_t)lines->at[k], true);
   if (lines->times[k]) {
      val times = LLVMConstInt(e->i64, (uint64_t)lines->times[k], true);
      times = LLVMBuildMul(e->b, emit_unit(e, &a->shape, 64), times, "");
      distance = LLVMBuildAdd(e->b, distance, times, "");
   }
   p = LLVMBuildGEP2(e->b, e->i8, p, &distance, 1, "");
   return past_instead(e, a, LLVMBuildGEP2(e->b, e->i8, p, &at, 1, ""));
}

static void
ask(struct emit *e, val line, bool write, unsigned level)
{
   val args[4] = {line, emit_const(e, 32, write), emit_const(e, 32, level),
                  emit_const(e, 32, 1)};
   emit_intrinsic(e, "llvm.prefetch", &e->ptr, 1, args, 4);
}

/* -- Iterations ahead. */
#define GRID_DEPTH 8

/* v is made of %nctaid: where an address is, its loop goes on in steps of the grid. */
static bool
counts_blocks(const struct loop *l, const struct ir_value *v, unsigned depth)
{
   if (v->kind != IR_INST || !depth)
      return false;
   const struct ir_inst *i = v->def;
   if (i->op == ISA_SREG)
      return i->mods.extra >= ISA_SREG_NCTAID_X && i->mods.extra <= ISA_SREG_NCTAID_Z;
   for (unsigned k = 0; k < i->nsrc; k++)
      if ((i->op != ISA_PHI || i->block == l->header) &&
          counts_blocks(l, i->src[k], depth - 1))
         return true;
   return false;
}

bool
stream_goes_by_grid(const struct loop *l, const struct ir_inst *i)
{
   return counts_blocks(l, i->src[0], GRID_DEPTH);
}

/* Of how many accesses a loop asks for that `a` is one; 0: it does not. */
static unsigned
streams(struct emit *e, const struct loop *l, const struct emit_access *a)
{
   if (stream_goes_by_grid(l, a->i))
      return 1;
   if (pause_in(e, l)) /* the others come before the next iteration */
      return STEPS_AHEAD;
   return l->divergent || e->rounds || e->mask ? 0 : stores_in(e, l);
}

/* Where warps might pause, code for few iterations is there beside that for many: it asks
 * for nothing. The block that goes on then, or NULL. */
static LLVMBasicBlockRef
begin_if_much_is_left(struct emit *e)
{
   if (!e->rounds || !e->rounds->may_pause)
      return NULL;
   LLVMBasicBlockRef much = emit_new_block(e, "ahead"), on = emit_new_block(e, "on");
   LLVMBuildCondBr(e->b, e->rounds->may_pause, much, on);
   emit_at(e, much);
   return on;
}

static void
ask_iterations_ahead(struct emit *e, const struct emit_access *a,
                     const struct lines *lines)
{
   const struct loop *l = e->g->loop[e->block->id];
   int64_t stride;
   unsigned stores;
   if (!l || !l->latch || a->shape.kind != SHAPE_OFFSETS ||
       !shape_stride(&a->shape, e->width, &stride) || stride != a->bits / 8 * a->n ||
       !(stores = streams(e, l, a)))
      return;
   val step = step_in_loop(e, l, a->i->src[0]);
   if (!step || is_small(step, PAGE_BYTES))
      return;
   val ahead = emit_const(e, 64, MAX2(STEPS_AHEAD / stores, 1u));
   step = LLVMBuildMul(e->b, step, ahead, "");
   LLVMBasicBlockRef on = begin_if_much_is_left(e);
   for (unsigned k = 0; k < lines->n; k++)
      ask(e, line_pointer(e, a, lines, k, step), a->i->op == ISA_ST, TO_L1);
   if (on) {
      LLVMBuildBr(e->b, on);
      emit_at(e, on);
   }
}

/* -- Blocks ahead. What a stretch of code asks for is collected, as one test serves all;
 * not for long, as processors drop what is asked for when too much is under way. A branch
 * cuts the code into pieces, so few lines are asked for without one. */
#define BATCH 6
#define BYTES_AHEAD 1024 /* in rows */
/* Threads of a grid from which on its data is taken to be more than a core's own caches
 * hold; in loops threads access more. */
#define MANY_THREADS 65536
#define MANY_THREADS_LOOPING 16384

struct stream {
   struct bitset by_block;
   bool gathers;            /* lanes load from here and there, */
   struct bitset gathering; /* in the innermost loops of these headers */
   unsigned n;
   struct {
      val line, near; /* near: where the grid is small, what is there already */
      bool write;
      unsigned level;
   } asked[BATCH + MOST_LINES];
};

static void
find_gathers(struct emit *e, struct stream *s)
{
   s->gathering = bitset_new(e->a, e->g->n);
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         if (i->op == ISA_LD && is_global(i->mods.space) &&
             e->l->shape[i->src[0]->id].kind == SHAPE_VARYING) {
            const struct loop *l = e->g->loop[i->block->id];
            s->gathers = true;
            if (l)
               bitset_add(&s->gathering, l->header->id);
         }
}

/* Where the blocks before this one leave the processor time to see what goes on, or where
 * what is loaded is mostly used again and again. */
static bool
keeps_pace(struct emit *e, const struct loop *l)
{
   if (l)
      return !bitset_has(&e->stream->gathering, l->header->id) && !stores_in(e, l);
   return !e->stream->gathers && !e->rounds;
}

/* The block's threads and those of the next one follow each other. */
static bool
is_adjacent(const struct emit *e, const struct emit_access *a, val step)
{
   int64_t stride;
   return a->shape.kind == SHAPE_OFFSETS && shape_stride(&a->shape, e->width, &stride) &&
          LLVMIsAConstantInt(step) &&
          LLVMConstIntGetSExtValue(step) == stride * (int64_t)e->opt->block[0];
}

static val
is_large_grid(struct emit *e)
{
   const uint32_t *n = e->opt->block;
   val blocks = emit_const(e, 64, 1);
   for (unsigned k = 0; k < 3; k++) {
      val x = emit_ctx_field(e, offsetof(struct exec_ctx, nctaid) + 4 * k, e->i32);
      blocks = LLVMBuildMul(e->b, blocks, emit_resize(e, x, 64, false), "");
   }
   uint32_t many = e->g->loop[e->block->id] ? MANY_THREADS_LOOPING : MANY_THREADS;
   return LLVMBuildICmp(e->b, LLVMIntUGT, blocks,
                        emit_const(e, 64, many / (n[0] * n[1] * n[2])), "");
}

static void
collect(struct emit *e, const struct emit_access *a, const struct lines *lines, val step,
        unsigned level)
{
   struct stream *s = e->stream;
   val none = emit_const(e, 64, 0);
   val near = LLVMBuildSelect(e->b, is_large_grid(e), step, none, "");
   for (unsigned k = 0; k < lines->n; k++) {
      s->asked[s->n].near = line_pointer(e, a, lines, k, near);
      s->asked[s->n].line = line_pointer(e, a, lines, k, step);
      s->asked[s->n].write = a->i->op == ISA_ST;
      s->asked[s->n++].level = level;
   }
}

/* A row that memory says where to find: the next one mostly follows it. Processors read
 * ahead of loads, but not of those under masks, and short rows are little else. */
static bool
goes_on_unseen(struct emit *e, const struct emit_access *a)
{
   const struct loop *l = e->g->loop[e->block->id];
   int64_t stride;
   if (!l || !l->latch || !e->mask || a->i->op != ISA_LD ||
       a->shape.kind != SHAPE_OFFSETS || !shape_stride(&a->shape, e->width, &stride) ||
       stride != a->bits / 8 * a->n)
      return false;
   val step = step_in_loop(e, l, a->i->src[0]);
   return step && is_small(step, PAGE_BYTES);
}

static void
ask_blocks_ahead(struct emit *e, const struct emit_access *a, const struct lines *lines)
{
   const struct loop *l = e->g->loop[e->block->id];
   bool write = a->i->op == ISA_ST;
   if (!e->ctaid_x || (l && pause_in(e, l)) ||
       (l ? stream_goes_by_grid(l, a->i) : e->mask != NULL))
      return;
   if (!e->stream) {
      e->stream = arena_new(e->a, struct stream);
      e->stream->by_block = step_by_block(e);
      find_gathers(e, e->stream);
   }
   val step = step_of_blocks(e, &e->stream->by_block, a->i->src[0]);
   if (!step && goes_on_unseen(e, a)) {
      collect(e, a, lines, emit_const(e, 64, BYTES_AHEAD), TO_L1);
      return;
   }
   if (!step || is_small(step, LINE_BYTES) || (write && !LLVMIsAConstantInt(step)))
      return;
   bool adjacent = is_adjacent(e, a, step);
   if ((adjacent || l) && keeps_pace(e, l))
      return;
   collect(e, a, lines, step, adjacent ? TO_L2 : TO_L1);
}

void
stream_ask(struct emit *e)
{
   struct stream *s = e->stream;
   if (!s || !s->n)
      return;
   bool many = s->n >= BATCH;
   LLVMBasicBlockRef on = many ? emit_new_block(e, "on") : NULL;
   if (many) {
      LLVMBasicBlockRef yes = emit_new_block(e, "ahead");
      LLVMBuildCondBr(e->b, is_large_grid(e), yes, on);
      emit_at(e, yes);
   }
   for (unsigned k = 0; k < s->n; k++)
      ask(e, many ? s->asked[k].line : s->asked[k].near, s->asked[k].write,
          s->asked[k].level);
   s->n = 0;
   if (many) {
      LLVMBuildBr(e->b, on);
      emit_at(e, on);
   }
}

void
stream_ahead(struct emit *e, const struct emit_access *a)
{
   struct lines lines;
   if (e->g->irreducible || e->width == 1 || !e->opt->opt_level || !is_global(a->space) ||
       a->ordered || a->shape.kind == SHAPE_VARYING || is_asked_for(a->i) ||
       !find_lines(e, a, &lines))
      return;
   if (e->stream && e->stream->n >= BATCH)
      stream_ask(e);
   ask_iterations_ahead(e, a, &lines);
   ask_blocks_ahead(e, a, &lines);
}
