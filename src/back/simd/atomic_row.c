/* SPDX-License-Identifier: Apache-2.0
 * Atomics of lanes whose elements follow each other in memory, as blocks add up what they
 * have each found: a vector in the block's own memory, elsewhere 16 bytes at a time by
 * the processor's widest compare-and-swap, which costs little more than one element. */
#include "back/simd/owed.h"
#include "isa/isa_eval.h"

bool
atomic_can_swap(struct emit *e)
{
   return target_has(e, "+cx16") || target_has(e, "+lse");
}

static val
repeated(val x, unsigned n)
{
   val all[EXEC_WARP];
   for (unsigned k = 0; k < n; k++)
      all[k] = x;
   return LLVMConstVector(all, n);
}

/* What memory holds after the operation, for n elements. */
static val
result_of(struct emit *e, const struct emit_access *a, LLVMAtomicRMWBinOp op, val x,
          val y, unsigned n)
{
   if (op != LLVMAtomicRMWBinOpFAdd)
      return emit_atomic_result(e, op, x, y);
   type f = LLVMVectorType(a->bits == 64 ? e->f64 : e->f32, n);
   val sum = LLVMBuildFAdd(e->b, LLVMBuildBitCast(e->b, x, f, ""),
                           LLVMBuildBitCast(e->b, y, f, ""), "");
   val nan = emit_const(e, a->bits, a->bits == 64 ? ISA_NAN_F64 : ISA_NAN_F32);
   val is_nan = LLVMBuildFCmp(e->b, LLVMRealUNO, sum, sum, "");
   sum = LLVMBuildBitCast(e->b, sum, LLVMTypeOf(x), "");
   return LLVMBuildSelect(e->b, is_nan, repeated(nan, n), sum, "");
}

static void
own_row(struct emit *e, const struct emit_access *a, LLVMAtomicRMWBinOp op, val p, val x)
{
   val old = LLVMBuildLoad2(e->b, LLVMTypeOf(x), p, "");
   LLVMSetAlignment(old, a->align);
   val s = LLVMBuildStore(e->b, result_of(e, a, op, old, x, e->width), p);
   LLVMSetAlignment(s, a->align);
}

/* 16 bytes as two halves, neither of which is torn; a swap finds out if they are not of
 * one moment. */
static val
load_both(struct emit *e, val p)
{
   val half[2];
   for (unsigned k = 0; k < 2; k++) {
      val at = emit_const(e, 64, k);
      half[k] =
         LLVMBuildLoad2(e->b, e->i64, LLVMBuildGEP2(e->b, e->i64, p, &at, 1, ""), "");
      LLVMSetOrdering(half[k], LLVMAtomicOrderingMonotonic);
      LLVMSetAlignment(half[k], 8);
      half[k] = LLVMBuildZExt(e->b, half[k], e->i128, "");
   }
   val high = LLVMBuildShl(e->b, half[1], LLVMConstInt(e->i128, 64, false), "");
   return LLVMBuildOr(e->b, half[0], high, "");
}

void
atomic_swap(struct emit *e, const struct emit_access *a, LLVMAtomicRMWBinOp op, val p,
            val x)
{
   unsigned n = ATOMIC_SWAP_BYTES * 8 / a->bits;
   type t = LLVMVectorType(a->elem, n);
   val first = load_both(e, p);
   LLVMBasicBlockRef before = LLVMGetInsertBlock(e->b);
   LLVMBasicBlockRef again = emit_new_block(e, "again"), done = emit_new_block(e, "done");
   LLVMBuildBr(e->b, again);
   emit_at(e, again);
   val old = LLVMBuildPhi(e->b, e->i128, "");
   val new = result_of(e, a, op, LLVMBuildBitCast(e->b, old, t, ""), x, n);
   val pair = LLVMBuildAtomicCmpXchg(
      e->b, p, old, LLVMBuildBitCast(e->b, new, e->i128, ""), emit_atomic_ordering(a->i),
      LLVMAtomicOrderingMonotonic, false);
   LLVMSetAlignment(pair, ATOMIC_SWAP_BYTES);
   val now = LLVMBuildExtractValue(e->b, pair, 0, "");
   LLVMAddIncoming(old, &first, &before, 1);
   LLVMAddIncoming(old, &now, &again, 1);
   LLVMBuildCondBr(e->b, LLVMBuildExtractValue(e->b, pair, 1, ""), done, again);
   emit_at(e, done);
}

static void
others_row(struct emit *e, const struct emit_access *a, LLVMAtomicRMWBinOp op, val p,
           val x)
{
   unsigned n = ATOMIC_SWAP_BYTES * 8 / a->bits;
   val memory = emit_memory_of(e, x, "operand"), zero = emit_const(e, 64, 0);
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b), loop = emit_new_block(e, "row");
   LLVMBasicBlockRef out = emit_new_block(e, "row_done");
   LLVMBuildBr(e->b, loop);
   emit_at(e, loop);
   val at = LLVMBuildPhi(e->b, e->i64, "");
   val part = LLVMBuildLoad2(e->b, LLVMVectorType(a->elem, n),
                             LLVMBuildGEP2(e->b, e->i8, memory, &at, 1, ""), "");
   atomic_swap(e, a, op, LLVMBuildGEP2(e->b, e->i8, p, &at, 1, ""), part);
   val next = LLVMBuildAdd(e->b, at, emit_const(e, 64, ATOMIC_SWAP_BYTES), "");
   val end = emit_const(e, 64, e->width * a->bits / 8);
   LLVMBasicBlockRef last = LLVMGetInsertBlock(e->b);
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntULT, next, end, ""), loop, out);
   LLVMAddIncoming(at, &zero, &from, 1);
   LLVMAddIncoming(at, &next, &last, 1);
   emit_at(e, out);
}

/* All lanes are here, and memory is aligned as a swap wants it. */
static val
may_go(struct emit *e, val p, bool own)
{
   val ok = NULL;
   if (e->mask)
      ok = emit_are_all(e, emit_mask_bits(e, e->mask));
   if (own)
      return ok;
   val low = LLVMBuildAnd(e->b, LLVMBuildPtrToInt(e->b, p, e->i64, ""),
                          emit_const(e, 64, ATOMIC_SWAP_BYTES - 1), "");
   val aligned = LLVMBuildICmp(e->b, LLVMIntEQ, low, emit_const(e, 64, 0), "");
   return ok ? LLVMBuildAnd(e->b, ok, aligned, "") : aligned;
}

bool
emit_atomic_row(struct emit *e, const struct emit_access *a, bool own,
                void otherwise(struct emit *, const struct emit_access *))
{
   LLVMAtomicRMWBinOp op;
   int64_t stride;
   if (a->shape.kind != SHAPE_OFFSETS || !shape_stride(&a->shape, e->width, &stride) ||
       stride != a->bits / 8 || !emit_atomic_op(a->i, &op) ||
       !(own || atomic_can_swap(e)))
      return false;
   val x = emit_resize(e, emit_operand(e, a->i, 1, true), a->bits, false);
   val p = emit_pointer(e, a->space, emit_scalar(e, a->i->src[0]), a->i->offset);
   val test = may_go(e, p, own);
   LLVMBasicBlockRef other = NULL, done = NULL;
   if (test) {
      LLVMBasicBlockRef yes = emit_new_block(e, "whole");
      other = emit_new_block(e, "lanes");
      done = emit_new_block(e, "done");
      LLVMBuildCondBr(e->b, test, yes, other);
      emit_at(e, yes);
   }
   (own ? own_row : others_row)(e, a, op, p, x);
   if (!test)
      return true;
   LLVMBuildBr(e->b, done);
   emit_at(e, other);
   bool was = e->no_cache;
   e->no_cache = true;
   otherwise(e, a);
   e->no_cache = was;
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
   return true;
}
