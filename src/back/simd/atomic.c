/* SPDX-License-Identifier: Apache-2.0
 * Atomics: an instruction of the processor, a plain update where nobody else can be there
 * (a block's shared memory), or the meaning in isa/sem_atom.c; a lane at a time, but for
 * reductions to one address, which are summed up first. */
#include <stddef.h>

#include "back/simd/emit.h"

static bool
rmw_op(const struct ir_inst *i, LLVMAtomicRMWBinOp *op)
{
   enum isa_type t = i->mods.type[0];
   unsigned bits = isa_type_bits(t);
   if (bits != 32 && bits != 64)
      return false;
   switch (i->mods.atom) {
   case ISA_ATOM_ADD:
      *op = isa_type_is_float(t) ? LLVMAtomicRMWBinOpFAdd : LLVMAtomicRMWBinOpAdd;
      return t == ISA_F64 || t == ISA_F32 || !isa_type_is_float(t);
   case ISA_ATOM_AND:
      *op = LLVMAtomicRMWBinOpAnd;
      return true;
   case ISA_ATOM_OR:
      *op = LLVMAtomicRMWBinOpOr;
      return true;
   case ISA_ATOM_XOR:
      *op = LLVMAtomicRMWBinOpXor;
      return true;
   case ISA_ATOM_EXCH:
      *op = LLVMAtomicRMWBinOpXchg;
      return true;
   case ISA_ATOM_MIN:
   case ISA_ATOM_MAX:
      if (isa_type_is_float(t))
         return false;
      if (isa_type_is_signed(t))
         *op =
            i->mods.atom == ISA_ATOM_MIN ? LLVMAtomicRMWBinOpMin : LLVMAtomicRMWBinOpMax;
      else
         *op = i->mods.atom == ISA_ATOM_MIN ? LLVMAtomicRMWBinOpUMin
                                            : LLVMAtomicRMWBinOpUMax;
      return true;
   default:
      return false;
   }
}

static LLVMAtomicOrdering
rmw_ordering(const struct ir_inst *i)
{
   switch (i->mods.sem) {
   case ISA_ACQUIRE:
      return LLVMAtomicOrderingAcquire;
   case ISA_RELEASE:
      return LLVMAtomicOrderingRelease;
   case ISA_ACQ_REL:
      return LLVMAtomicOrderingAcquireRelease;
   case ISA_SC:
      return LLVMAtomicOrderingSequentiallyConsistent;
   default:
      return LLVMAtomicOrderingMonotonic;
   }
}

/* A block stays on its worker, so on its shared memory plain instructions are atomic. */
static val
shared_rmw(struct emit *e, LLVMAtomicRMWBinOp op, type t, val p, val b)
{
   val old = LLVMBuildLoad2(e->b, t, p, ""), r;
   switch (op) {
   case LLVMAtomicRMWBinOpAdd:
      r = LLVMBuildAdd(e->b, old, b, "");
      break;
   case LLVMAtomicRMWBinOpAnd:
      r = LLVMBuildAnd(e->b, old, b, "");
      break;
   case LLVMAtomicRMWBinOpOr:
      r = LLVMBuildOr(e->b, old, b, "");
      break;
   case LLVMAtomicRMWBinOpXor:
      r = LLVMBuildXor(e->b, old, b, "");
      break;
   case LLVMAtomicRMWBinOpXchg:
      r = b;
      break;
   default: {
      LLVMIntPredicate c = op == LLVMAtomicRMWBinOpMin    ? LLVMIntSLT
                           : op == LLVMAtomicRMWBinOpMax  ? LLVMIntSGT
                           : op == LLVMAtomicRMWBinOpUMin ? LLVMIntULT
                                                          : LLVMIntUGT;
      r = LLVMBuildSelect(e->b, LLVMBuildICmp(e->b, c, old, b, ""), old, b, "");
      break;
   }
   }
   LLVMBuildStore(e->b, r, p);
   return old;
}

/* One lane's operation on pointer p; returns the old value as an integer. */
static val
one_atomic(struct emit *e, const struct emit_access *a, val p, val b, val c)
{
   const struct ir_inst *i = a->i;
   LLVMAtomicRMWBinOp op;
   bool is_float = isa_type_is_float(i->mods.type[0]);
   /* Float adds keep one rule for NaNs, the meaning's own. */
   if (!is_float && rmw_op(i, &op)) {
      if (a->space == ISA_SHARED)
         return shared_rmw(e, op, a->elem, p, b);
      return LLVMBuildAtomicRMW(e->b, op, p, b, rmw_ordering(i), false);
   }
   if (i->mods.atom == ISA_ATOM_CAS && (a->bits == 32 || a->bits == 64)) {
      LLVMAtomicOrdering o = rmw_ordering(i);
      LLVMAtomicOrdering fail =
         o == LLVMAtomicOrderingRelease          ? LLVMAtomicOrderingMonotonic
         : o == LLVMAtomicOrderingAcquireRelease ? LLVMAtomicOrderingAcquire
                                                 : o;
      val pair = LLVMBuildAtomicCmpXchg(e->b, p, b, c, o, fail, false);
      return LLVMBuildExtractValue(e->b, pair, 0, "");
   }
   val mb = emit_memory_of(e, b, "b"), mc = c ? emit_memory_of(e, c, "c") : mb;
   val old = emit_alloca(e, e->i128, "old");
   type params[5] = {e->ptr, e->ptr, e->ptr, e->ptr, e->ptr};
   val args[5] = {emit_mods(e, &i->mods), p, mb, mc, old};
   emit_service(e, offsetof(struct exec_services, atom), e->void_, params, args, 5);
   return LLVMBuildLoad2(e->b, a->elem, old, "");
}

/* red.add and the like on one address: the warp's values are summed up first. */
static bool
reduced_red(struct emit *e, const struct emit_access *a)
{
   struct ir_inst *i = a->i;
   LLVMAtomicRMWBinOp op;
   bool used = i->ndst && i->dst[0]->kind == IR_INST;
   if (e->width == 1 || used || a->shape.kind != SHAPE_UNIFORM ||
       isa_type_is_float(i->mods.type[0]) || !rmw_op(i, &op) ||
       op == LLVMAtomicRMWBinOpXchg)
      return false;
   static const char *const names[] = {
      [LLVMAtomicRMWBinOpAdd] = "llvm.vector.reduce.add",
      [LLVMAtomicRMWBinOpAnd] = "llvm.vector.reduce.and",
      [LLVMAtomicRMWBinOpOr] = "llvm.vector.reduce.or",
      [LLVMAtomicRMWBinOpXor] = "llvm.vector.reduce.xor",
      [LLVMAtomicRMWBinOpMin] = "llvm.vector.reduce.smin",
      [LLVMAtomicRMWBinOpMax] = "llvm.vector.reduce.smax",
      [LLVMAtomicRMWBinOpUMin] = "llvm.vector.reduce.umin",
      [LLVMAtomicRMWBinOpUMax] = "llvm.vector.reduce.umax",
   };
   uint64_t ones = a->bits == 64 ? UINT64_MAX : UINT32_MAX;
   uint64_t neutral = 0;
   if (op == LLVMAtomicRMWBinOpAnd || op == LLVMAtomicRMWBinOpUMin)
      neutral = ones;
   else if (op == LLVMAtomicRMWBinOpMin)
      neutral = ones >> 1;
   else if (op == LLVMAtomicRMWBinOpMax)
      neutral = (ones >> 1) + 1;
   val x = emit_access_cut(e, a, emit_operand(e, i, 1, true));
   if (e->mask)
      x = LLVMBuildSelect(e->b, e->mask, x,
                          emit_splat(e, emit_const(e, a->bits, neutral)), "");
   type over = LLVMTypeOf(x);
   val sum = emit_intrinsic(e, names[op], &over, 1, &x, 1);
   val p = emit_pointer(e, a->space, emit_scalar(e, i->src[0]), i->offset);
   one_atomic(e, a, p, sum, NULL);
   return true;
}

static void
red_at(struct emit *e, const struct emit_access *a, val addr, val mb, val lane)
{
   val off = LLVMConstInt(e->i64, (uint64_t)a->i->offset, true);
   val p = LLVMBuildAdd(e->b, emit_lane_of(e, addr, e->i64, lane), off, "");
   p = emit_address(e, a->space, p, 64, lane);
   one_atomic(e, a, p, emit_lane_of(e, mb, a->elem, lane), NULL);
}

/* Histograms: on shared memory, with all lanes active, one plain update after the other
 * is several times as fast as a loop over the lanes. */
static bool
unrolled_red(struct emit *e, const struct emit_access *a, val b)
{
   const struct ir_inst *i = a->i;
   LLVMAtomicRMWBinOp op;
   bool used = i->ndst && i->dst[0]->kind == IR_INST;
   if (used || a->space != ISA_SHARED || isa_type_is_float(i->mods.type[0]) ||
       !rmw_op(i, &op))
      return false;
   val addr = emit_memory_of(e, emit_to_i64(e, emit_lanes(e, i->src[0])), "addr");
   val mb = emit_memory_of(e, b, "b");
   LLVMBasicBlockRef full = emit_new_block(e, "full"), some = emit_new_block(e, "some");
   LLVMBasicBlockRef done = emit_new_block(e, "done");
   val bits = emit_mask_bits(e, e->mask);
   val all = LLVMBuildICmp(e->b, LLVMIntEQ, bits, emit_const(e, 32, UINT32_MAX), "");
   LLVMBuildCondBr(e->b, all, full, some);
   emit_at(e, full);
   for (unsigned k = 0; k < e->width; k++)
      red_at(e, a, addr, mb, emit_const(e, 32, k));
   LLVMBuildBr(e->b, done);
   emit_at(e, some);
   struct lane_loop l;
   lane_loop_begin(e, &l, bits);
   red_at(e, a, addr, mb, l.lane);
   lane_loop_end(e, &l);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
   return true;
}

void
emit_atomic(struct emit *e, struct ir_inst *i)
{
   struct emit_access a = emit_access_of(e, i, 1);
   bool used = i->ndst && i->dst[0]->kind == IR_INST;
   if (i->mods.vec > 1) {
      emit_unsupported(e, i, "vector atomics");
      return;
   }
   if (reduced_red(e, &a))
      return;
   val b = emit_access_cut(e, &a, emit_operand(e, i, 1, true));
   val c = i->nsrc > 2 ? emit_access_cut(e, &a, emit_operand(e, i, 2, true)) : NULL;
   if (e->width == 1) {
      val p = emit_pointer(e, a.space, emit_scalar(e, i->src[0]), i->offset);
      val old = one_atomic(e, &a, p, b, c);
      if (used)
         emit_set(e, i->dst[0], emit_access_extend(e, &a, old, i->dst[0]));
      return;
   }
   if (unrolled_red(e, &a, b))
      return;
   val addr = emit_memory_of(e, emit_to_i64(e, emit_lanes(e, i->src[0])), "addr");
   val mb = emit_memory_of(e, b, "b"), mc = c ? emit_memory_of(e, c, "c") : NULL;
   val out = used ? emit_memory_of(e, LLVMConstNull(emit_vec(e, a.elem)), "old") : NULL;
   struct lane_loop l;
   lane_loop_begin(e, &l, emit_mask_bits(e, e->mask));
   val off = LLVMConstInt(e->i64, (uint64_t)i->offset, true);
   val p = LLVMBuildAdd(e->b, emit_lane_of(e, addr, e->i64, l.lane), off, "");
   p = emit_address(e, a.space, p, 64, l.lane);
   val old = one_atomic(e, &a, p, emit_lane_of(e, mb, a.elem, l.lane),
                        mc ? emit_lane_of(e, mc, a.elem, l.lane) : NULL);
   if (used)
      LLVMBuildStore(e->b, old, LLVMBuildGEP2(e->b, a.elem, out, &l.lane, 1, ""));
   lane_loop_end(e, &l);
   if (used) {
      val x = LLVMBuildLoad2(e->b, emit_vec(e, a.elem), out, "");
      emit_set(e, i->dst[0], emit_access_extend(e, &a, x, i->dst[0]));
   }
}
