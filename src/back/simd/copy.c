/* SPDX-License-Identifier: Apache-2.0
 * Copies that PTX calls asynchronous, a lane at a time and done at once, so that waiting
 * for them is free; and the mbarriers that count them. */
#include <stddef.h>

#include "back/simd/emit.h"
#include "isa/isa_warp.h"

/* Source k of every lane, as 64 bits in memory; the instruction's offset counts for the
 * first one. */
static val
operand_memory(struct emit *e, struct ir_inst *i, unsigned k)
{
   val x = emit_lanes(e, i->src[k]);
   x = emit_resize(e, x, 64, false);
   if (k == 0 && i->offset) {
      val off = LLVMConstInt(e->i64, (uint64_t)i->offset, true);
      x = LLVMBuildAdd(e->b, x, emit_is_vec(x) ? emit_splat(e, off) : off, "");
   }
   return emit_memory_of(e, x, "operand");
}

static val
lane_operand(struct emit *e, val memory, const struct lane_loop *l)
{
   return emit_lane_of(e, memory, e->i64, l->lane);
}

static val
lane_pointer(struct emit *e, val memory, unsigned space, const struct lane_loop *l)
{
   return emit_address(e, space, lane_operand(e, memory, l), 64, l->lane);
}

static val
narrow(struct emit *e, val x)
{
   return LLVMBuildTrunc(e->b, x, e->i32, "");
}

/* What follows the size: bytes to read (the rest is filled with zeros), or a predicate
 * that says to read none. A cache policy, which has 64 bits, is neither. */
static bool
has_read_size(const struct ir_inst *i)
{
   return i->nsrc > 3 && (i->src[3]->width != IR_B64 || i->src[3]->kind == IR_CONST);
}

void
emit_cp_async(struct emit *e, struct ir_inst *i)
{
   if (i->src[2]->kind != IR_CONST) {
      emit_unsupported(e, i, "its size is not a constant");
      return;
   }
   val dst = operand_memory(e, i, 0), src = operand_memory(e, i, 1);
   val read = has_read_size(i) ? operand_memory(e, i, 3) : NULL;
   val size = emit_const(e, 64, i->src[2]->bits[0]), count = size;
   struct lane_loop l;
   lane_loop_begin(e, &l, emit_mask_bits(e, e->mask));
   val to = lane_pointer(e, dst, ISA_SHARED, &l);
   val from = lane_pointer(e, src, ISA_GLOBAL, &l);
   if (read) {
      val x = lane_operand(e, read, &l), zero = emit_const(e, 64, 0);
      bool ignore = i->src[3]->width == IR_PRED;
      val all = ignore ? LLVMBuildICmp(e->b, LLVMIntEQ, x, zero, "")
                       : LLVMBuildICmp(e->b, LLVMIntUGT, x, size, "");
      count = LLVMBuildSelect(e->b, all, size, ignore ? zero : x, "");
      LLVMBuildMemSet(e->b, to, emit_const(e, 8, 0), size, 4);
   }
   LLVMBuildMemCpy(e->b, to, 4, from, 4, count);
   lane_loop_end(e, &l);
}

void
emit_bulk_store(struct emit *e, struct ir_inst *i)
{
   val dst = operand_memory(e, i, 0), size = operand_memory(e, i, 1);
   struct lane_loop l;
   lane_loop_begin(e, &l, emit_mask_bits(e, e->mask));
   LLVMBuildMemSet(e->b, lane_pointer(e, dst, i->mods.space, &l), emit_const(e, 8, 0),
                   lane_operand(e, size, &l), 1);
   lane_loop_end(e, &l);
}

/* -- cp.async.bulk: the service copies. */
static void
put(struct emit *e, val record, size_t offset, val x)
{
   val at = emit_const(e, 64, offset);
   LLVMBuildStore(e->b, x, LLVMBuildGEP2(e->b, e->i8, record, &at, 1, ""));
}

void
emit_bulk_copy(struct emit *e, struct ir_inst *i)
{
   struct isa_bulk at = isa_bulk_operands(&i->mods, i->nsrc);
   val dst = operand_memory(e, i, 0), src = operand_memory(e, i, 1);
   val size = operand_memory(e, i, 2);
   val object = at.mbarrier ? operand_memory(e, i, at.mbarrier) : NULL;
   val blocks = at.blocks ? operand_memory(e, i, at.blocks) : NULL;
   val bytes = at.bytes ? operand_memory(e, i, at.bytes) : NULL;
   type words = LLVMArrayType(e->i64, sizeof(struct exec_bulk_copy) / 8);
   val record = emit_alloca(e, words, "bulk");
   struct lane_loop l;
   lane_loop_begin(e, &l, emit_mask_bits(e, e->mask));
   put(e, record, offsetof(struct exec_bulk_copy, to),
       lane_pointer(e, dst, i->mods.space, &l));
   put(e, record, offsetof(struct exec_bulk_copy, from),
       lane_pointer(e, src, i->mods.space2, &l));
   put(e, record, offsetof(struct exec_bulk_copy, mbarrier),
       object ? lane_pointer(e, object, i->mods.space, &l) : LLVMConstNull(e->ptr));
   put(e, record, offsetof(struct exec_bulk_copy, size),
       narrow(e, lane_operand(e, size, &l)));
   val ranks = emit_const(e, 32, 0);
   if (blocks)
      ranks = LLVMBuildOr(e->b, narrow(e, lane_operand(e, blocks, &l)),
                          emit_const(e, 32, EXEC_MULTICAST), "");
   put(e, record, offsetof(struct exec_bulk_copy, blocks), ranks);
   put(e, record, offsetof(struct exec_bulk_copy, bytes),
       bytes ? narrow(e, lane_operand(e, bytes, &l)) : emit_const(e, 32, 0xffff));
   emit_service(e, offsetof(struct exec_services, bulk_copy), e->void_, &e->ptr, &record,
                1);
   lane_loop_end(e, &l);
}

/* -- mbarriers. */
static val
call_mbarrier(struct emit *e, const struct isa_mods *m, val object, val arg, val count)
{
   type params[4] = {e->ptr, e->ptr, e->i64, e->i32};
   val args[4] = {emit_mods(e, m), object, arg, count};
   return emit_service(e, offsetof(struct exec_services, mbarrier), e->i64, params, args,
                       4);
}

/* One operation: x is the operand after the object, of 64 bits, or NULL. */
static val
mbarrier(struct emit *e, const struct ir_inst *i, val object, val x)
{
   val zero = emit_const(e, 64, 0), one = emit_const(e, 32, 1);
   switch ((unsigned)i->mods.mode) {
   case ISA_MODE_INIT:
      return call_mbarrier(e, &i->mods, object, zero, narrow(e, x));
   case ISA_MODE_ARRIVE:
   case ISA_MODE_ARRIVE_DROP:
      if (i->mods.extra == ISA_MODE_EXPECT_TX)
         return call_mbarrier(e, &i->mods, object, x, one);
      return call_mbarrier(e, &i->mods, object, zero, x ? narrow(e, x) : one);
   default:
      return call_mbarrier(e, &i->mods, object, x ? x : zero, emit_const(e, 32, 0));
   }
}

static val
as_result(struct emit *e, const struct ir_inst *i, val x)
{
   if (i->dst[0]->width != IR_PRED)
      return x;
   val zero = LLVMConstNull(LLVMTypeOf(x));
   return LLVMBuildICmp(e->b, LLVMIntNE, x, zero, "");
}

/* All lanes wait for the same. */
static void
uniform_wait(struct emit *e, struct ir_inst *i)
{
   val off = LLVMConstInt(e->i64, (uint64_t)i->offset, true);
   val a =
      LLVMBuildAdd(e->b, emit_resize(e, emit_scalar(e, i->src[0]), 64, false), off, "");
   val object = emit_address(e, i->mods.space, a, 64, NULL);
   val x = mbarrier(e, i, object, emit_resize(e, emit_scalar(e, i->src[1]), 64, false));
   emit_set(e, i->dst[0], as_result(e, i, x));
}

void
emit_mbarrier(struct emit *e, struct ir_inst *i)
{
   bool used = i->ndst && i->dst[0]->kind == IR_INST;
   if (used && emit_is_uniform(e, i->dst[0]) && !e->mask && e->width > 1) {
      uniform_wait(e, i);
      return;
   }
   bool pending = i->mods.mode == ISA_MODE_PENDING_COUNT; /* has no object */
   val object = pending ? NULL : operand_memory(e, i, 0);
   unsigned k = pending ? 0 : 1;
   val x = i->nsrc > k ? operand_memory(e, i, k) : NULL;
   type t = emit_vec(e, e->i64);
   val out = emit_memory_of(e, LLVMConstNull(t), "state");
   struct lane_loop l;
   lane_loop_begin(e, &l, emit_mask_bits(e, e->mask));
   val p = pending ? LLVMConstNull(e->ptr) : lane_pointer(e, object, i->mods.space, &l);
   val r = mbarrier(e, i, p, x ? lane_operand(e, x, &l) : NULL);
   if (e->width > 1)
      LLVMBuildStore(e->b, r, LLVMBuildGEP2(e->b, e->i64, out, &l.lane, 1, ""));
   else
      LLVMBuildStore(e->b, r, out);
   lane_loop_end(e, &l);
   if (!used)
      return;
   val all = LLVMBuildLoad2(e->b, t, out, "");
   if (e->width > 1 && emit_is_uniform(e, i->dst[0])) {
      /* Each active lane has the same answer, the others none. */
      all = emit_intrinsic(e, "llvm.vector.reduce.or", &t, 1, &all, 1);
   }
   all = as_result(e, i, all);
   if (i->dst[0]->width == IR_B32)
      all =
         LLVMBuildTrunc(e->b, all, emit_is_vec(all) ? emit_vec(e, e->i32) : e->i32, "");
   emit_set(e, i->dst[0], all);
}

/* The copies are done: what counts itself in arrives at once, which cancels out. */
void
emit_cp_async_arrive(struct emit *e, struct ir_inst *i)
{
   static const struct isa_mods arrive = {.mode = ISA_MODE_ARRIVE};
   if (!(i->mods.flags & ISA_NOINC))
      return;
   val object = operand_memory(e, i, 0);
   struct lane_loop l;
   lane_loop_begin(e, &l, emit_mask_bits(e, e->mask));
   call_mbarrier(e, &arrive, lane_pointer(e, object, i->mods.space, &l),
                 emit_const(e, 64, 0), emit_const(e, 32, 1));
   lane_loop_end(e, &l);
}
