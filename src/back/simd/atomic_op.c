/* SPDX-License-Identifier: Apache-2.0
 * What the operations of atomics are to LLVM, and what they make of integers. */
#include "back/simd/owed.h"

bool
emit_atomic_op(const struct ir_inst *i, LLVMAtomicRMWBinOp *op)
{
   enum isa_type t = i->mods.type[0];
   unsigned bits = isa_type_bits(t);
   if (bits != 32 && bits != 64)
      return false;
   switch (i->mods.atom) {
   case ISA_ATOM_ADD:
      *op = isa_type_is_float(t) ? LLVMAtomicRMWBinOpFAdd : LLVMAtomicRMWBinOpAdd;
      return t == ISA_F32 || t == ISA_F64 || !isa_type_is_float(t);
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

LLVMAtomicOrdering
emit_atomic_ordering(const struct ir_inst *i)
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

val
emit_atomic_result(struct emit *e, LLVMAtomicRMWBinOp op, val x, val y)
{
   switch (op) {
   case LLVMAtomicRMWBinOpAdd:
      return LLVMBuildAdd(e->b, x, y, "");
   case LLVMAtomicRMWBinOpAnd:
      return LLVMBuildAnd(e->b, x, y, "");
   case LLVMAtomicRMWBinOpOr:
      return LLVMBuildOr(e->b, x, y, "");
   case LLVMAtomicRMWBinOpXor:
      return LLVMBuildXor(e->b, x, y, "");
   case LLVMAtomicRMWBinOpXchg:
      return y;
   default: {
      LLVMIntPredicate c = op == LLVMAtomicRMWBinOpMin    ? LLVMIntSLT
                           : op == LLVMAtomicRMWBinOpMax  ? LLVMIntSGT
                           : op == LLVMAtomicRMWBinOpUMin ? LLVMIntULT
                                                          : LLVMIntUGT;
      return LLVMBuildSelect(e->b, LLVMBuildICmp(e->b, c, x, y, ""), x, y, "");
   }
   }
}

bool
atomic_is_associative(const struct ir_inst *i, LLVMAtomicRMWBinOp *op)
{
   return !isa_type_is_float(i->mods.type[0]) && emit_atomic_op(i, op) &&
          *op != LLVMAtomicRMWBinOpXchg;
}

static uint64_t
neutral_of(LLVMAtomicRMWBinOp op, unsigned bits)
{
   uint64_t ones = bits == 64 ? UINT64_MAX : UINT32_MAX;
   if (op == LLVMAtomicRMWBinOpAnd || op == LLVMAtomicRMWBinOpUMin)
      return ones;
   if (op == LLVMAtomicRMWBinOpMin)
      return ones >> 1;
   return op == LLVMAtomicRMWBinOpMax ? (ones >> 1) + 1 : 0;
}

val
atomic_neutral(struct emit *e, LLVMAtomicRMWBinOp op, unsigned bits)
{
   return emit_const(e, bits, neutral_of(op, bits));
}

val
atomic_operands(struct emit *e, const struct emit_access *a, LLVMAtomicRMWBinOp op)
{
   val x = emit_resize(e, emit_operand(e, a->i, 1, true), a->bits, false);
   if (!e->mask)
      return x;
   val none = emit_splat(e, atomic_neutral(e, op, a->bits));
   return LLVMBuildSelect(e->b, e->mask, x, none, "");
}
