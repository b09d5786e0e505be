/* SPDX-License-Identifier: Apache-2.0
 * The loops of a plain kernel over the blocks of one call, which follow each other in x,
 * and over their warps. Mostly a block runs after the other, as its warps share what they
 * read. Where a kernel goes straight through and its lanes touch what lies side by side,
 * a row of warps runs in all blocks before the next row does: memory is then read as it
 * lies, where blocks would step through many rows of it for one or two cache lines each.
 */
#include <stddef.h>

#include "back/simd/jam.h"
#include "back/simd/rounds.h"

/* Bytes between neighbouring lanes that are side by side. */
#define BESIDE 16
/* Of a kernel that runs so: LLVM takes what is the same for a row out of the loop over
 * blocks, and of a long kernel that is more than registers hold. */
#define MOST_VALUES 300

static bool
touches_neighbours(struct emit *e, const struct ir_inst *i)
{
   struct shape s = lanes_shape_at(e->l, e->g, i->src[0], i->block);
   if (s.kind == SHAPE_UNIFORM)
      return true;
   if (s.kind != SHAPE_OFFSETS || (s.unit && s.times[0] != s.times[1]))
      return false;
   int64_t step = s.offsets[1] - s.offsets[0];
   return step >= -BESIDE && step <= BESIDE;
}

/* Nobody can tell in which order warps ran, be they of one block or of two. */
static bool
knows_no_order(struct emit *e, const struct ir_inst *i)
{
   if (i->op == ISA_ADDR)
      return i->sym->space != ISA_SHARED;
   if (i->op >= ISA_PHI || i->op == ISA_BRA || i->op == ISA_RET)
      return true;
   if (i->op == ISA_LD || i->op == ISA_LDU || i->op == ISA_ST)
      return i->mods.sem == ISA_WEAK && i->mods.space != ISA_SHARED &&
             touches_neighbours(e, i);
   return isa_op_info(i->op)->effects == ISA_PURE;
}

/* How many parts a block has that all blocks of a call run in turn; 1: blocks run one
 * after another. */
uint32_t
grid_rows(struct emit *e)
{
   const uint32_t *n = e->opt->block;
   uint32_t threads = n[0] * n[1] * n[2], wide = MAX2(n[0], e->width);
   if (e->rounds || e->g->loops.len || e->f->value_count > MOST_VALUES ||
       threads % wide || wide % n[0] || wide % e->width)
      return 1;
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         if (!knows_no_order(e, i))
            return 1;
   return threads / wide;
}

struct count {
   val i, end;
   LLVMBasicBlockRef loop;
};

static struct count
begin(struct emit *e, val from, val end, const char *name)
{
   struct count c = {.end = end, .loop = emit_new_block(e, name)};
   LLVMBasicBlockRef before = LLVMGetInsertBlock(e->b);
   LLVMBuildBr(e->b, c.loop);
   emit_at(e, c.loop);
   c.i = LLVMBuildPhi(e->b, e->i32, name);
   LLVMAddIncoming(c.i, &from, &before, 1);
   return c;
}

static val
end(struct emit *e, const struct count *c)
{
   LLVMBasicBlockRef last = LLVMGetInsertBlock(e->b), out = emit_new_block(e, "out");
   val next = LLVMBuildAdd(e->b, c->i, emit_const(e, 32, 1), "");
   val again = LLVMBuildICmp(e->b, LLVMIntNE, next, c->end, "");
   val branch = LLVMBuildCondBr(e->b, again, c->loop, out);
   LLVMAddIncoming(c->i, &next, &last, 1);
   emit_at(e, out);
   return branch;
}

/* Full warps from one on, of the block at x. */
static void
run_full(struct emit *e, const struct plan *p, val first, uint32_t n, val x)
{
   val fn = p->full ? p->full : p->masked;
   struct warp_call c = {.warp = first, .ctaid_x = x};
   if (n == 1) {
      emit_call_warp(e, fn, &c);
   } else if (n) {
      val behind = LLVMBuildAdd(e->b, first, emit_const(e, 32, n), "");
      struct count w = begin(e, first, behind, "warp");
      c.warp = w.i;
      emit_call_warp(e, fn, &c);
      jam_mark(e, end(e, &w));
   }
}

static void
run_warps(struct emit *e, const struct plan *p, val row, val x)
{
   uint32_t whole = p->threads / e->width;
   struct warp_call rest = {.warp = emit_const(e, 32, whole), .ctaid_x = x};
   val first = LLVMBuildMul(e->b, row, emit_const(e, 32, whole / p->rows), "");
   run_full(e, p, first, whole / p->rows, x);
   if (p->threads % e->width)
      emit_call_warp(e, p->edge ? p->edge : p->masked, &rest);
}

void
grid_tell_block(struct emit *e, val ctaid_x)
{
   val at = emit_ctx_ptr(e, offsetof(struct exec_ctx, ctaid));
   LLVMSetVolatile(LLVMBuildStore(e->b, ctaid_x, at), true);
}

/* Blocks that take turns as one: the most that are left, in powers of two. */
static void
run_together(struct emit *e, const struct plan *p, val first, val behind)
{
   uint32_t most = e->rounds->together;
   LLVMBasicBlockRef before = LLVMGetInsertBlock(e->b), out = emit_new_block(e, "out");
   LLVMBasicBlockRef loop = emit_new_block(e, "ctaid.x");
   LLVMBuildBr(e->b, loop);
   emit_at(e, loop);
   val x = LLVMBuildPhi(e->b, e->i32, "ctaid.x");
   LLVMAddIncoming(x, &first, &before, 1);
   val args[2] = {LLVMBuildSub(e->b, behind, x, ""), emit_const(e, 1, 1)};
   val log = emit_intrinsic(e, "llvm.ctlz", &e->i32, 1, args, 2);
   log = LLVMBuildSub(e->b, emit_const(e, 32, 31), log, "");
   val n = LLVMBuildShl(e->b, emit_const(e, 32, 1), log, "");
   val fits = LLVMBuildICmp(e->b, LLVMIntULT, n, emit_const(e, 32, most), "");
   n = LLVMBuildSelect(e->b, fits, n, emit_const(e, 32, most), "");
   rounds_block(e, p, x, n);
   val next = LLVMBuildAdd(e->b, x, n, "");
   LLVMBasicBlockRef last = LLVMGetInsertBlock(e->b);
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntNE, next, behind, ""), loop, out);
   LLVMAddIncoming(x, &next, &last, 1);
   emit_at(e, out);
}

void
grid_loops(struct emit *e, const struct plan *p)
{
   val at = emit_ctx_ptr(e, offsetof(struct exec_ctx, ctaid));
   val first = LLVMBuildLoad2(e->b, e->i32, at, "");
   val count = LLVMBuildLoad2(e->b, e->i32,
                              emit_ctx_ptr(e, offsetof(struct exec_ctx, blocks)), "");
   val behind = LLVMBuildAdd(e->b, first, count, "");
   if (e->rounds && (e->rounds->together = pause_blocks_together(e, p)) > 1) {
      run_together(e, p, first, behind);
      return;
   }
   val zero = emit_const(e, 32, 0), rows = emit_const(e, 32, p->rows);
   struct count row = {.i = zero};
   if (p->rows > 1)
      row = begin(e, zero, rows, "row");
   struct count x = begin(e, first, behind, "ctaid.x");
   grid_tell_block(e, x.i);
   if (e->rounds)
      rounds_block(e, p, x.i, NULL);
   else
      run_warps(e, p, row.i, x.i);
   end(e, &x);
   if (p->rows > 1)
      end(e, &row);
}
