/* SPDX-License-Identifier: Apache-2.0
 * Atomics: an instruction of the processor, a plain update where nobody else can be there
 * (a block's shared memory), or the meaning in isa/sem_atom.c; a lane at a time, but for
 * reductions to one address, which are summed up first. */
#include <stddef.h>

#include "back/simd/emit.h"

/* Compilers write atom and leave it to us to see that nobody reads its result. */
static bool
is_used(const struct emit *e, const struct ir_inst *i)
{
   return i->ndst && i->dst[0]->kind == IR_INST && e->slots[i->dst[0]->id].used;
}

static bool
is_float_add(const struct ir_inst *i)
{
   return i->mods.atom == ISA_ATOM_ADD &&
          (i->mods.type[0] == ISA_F32 || i->mods.type[0] == ISA_F64);
}

/* A cluster stays on its worker, so on its shared memory plain instructions are atomic.
 */
static bool
is_own_memory(const struct emit_access *a)
{
   return a->space == ISA_SHARED || a->space == ISA_SHARED_CLUSTER;
}

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
      return is_float_add(i) || !isa_type_is_float(t);
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

static val
float_add(struct emit *e, const struct emit_access *a, val x, val y)
{
   type f = a->bits == 64 ? e->f64 : e->f32;
   val sum = LLVMBuildFAdd(e->b, emit_cast(e, x, f), emit_cast(e, y, f), "");
   return emit_cast(e, sum, a->elem);
}

/* Adds x[0] to x[n-1] one after the other to memory; a lane that add[k] leaves out (NULL:
 * none) does not count. The result, made at once, is what the lanes would make in turn;
 * NaNs have one pattern, as in sem_atom.c. Returns the old value. */
static val
float_sum_to_memory(struct emit *e, const struct emit_access *a, val p, const val *x,
                    const val *add, unsigned n)
{
   LLVMBasicBlockRef before = LLVMGetInsertBlock(e->b), again = NULL, done = NULL;
   val old = LLVMBuildLoad2(e->b, a->elem, p, ""), first = old;
   if (!is_own_memory(a)) {
      LLVMSetOrdering(old, LLVMAtomicOrderingMonotonic);
      LLVMSetAlignment(old, a->align);
      again = emit_new_block(e, "again");
      done = emit_new_block(e, "added");
      LLVMBuildBr(e->b, again);
      emit_at(e, again);
      old = LLVMBuildPhi(e->b, a->elem, "");
      LLVMAddIncoming(old, &first, &before, 1);
   }
   val sum = old;
   for (unsigned k = 0; k < n; k++) {
      val more = float_add(e, a, sum, x[k]);
      sum = add ? LLVMBuildSelect(e->b, add[k], more, sum, "") : more;
   }
   sum = emit_canonical(e, sum, a->bits);
   if (!again) {
      LLVMBuildStore(e->b, sum, p);
      return old;
   }
   LLVMAtomicOrdering o = rmw_ordering(a->i);
   val pair =
      LLVMBuildAtomicCmpXchg(e->b, p, old, sum, o, LLVMAtomicOrderingMonotonic, false);
   val now = LLVMBuildExtractValue(e->b, pair, 0, "");
   val ok = LLVMBuildExtractValue(e->b, pair, 1, "");
   LLVMAddIncoming(old, &now, &again, 1);
   LLVMBuildCondBr(e->b, ok, done, again);
   emit_at(e, done);
   return old;
}

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
   if (is_float_add(i))
      return float_sum_to_memory(e, a, p, &b, NULL, 1);
   if (rmw_op(i, &op)) {
      if (is_own_memory(a))
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
   bool used = is_used(e, i);
   if (e->width == 1 || used || a->shape.kind != SHAPE_UNIFORM || is_float_add(i) ||
       !rmw_op(i, &op) || op == LLVMAtomicRMWBinOpXchg)
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
   val x = emit_resize(e, emit_operand(e, i, 1, true), a->bits, false);
   if (e->mask)
      x = LLVMBuildSelect(e->b, e->mask, x,
                          emit_splat(e, emit_const(e, a->bits, neutral)), "");
   type over = LLVMTypeOf(x);
   val sum = emit_intrinsic(e, names[op], &over, 1, &x, 1);
   val p = emit_pointer(e, a->space, emit_scalar(e, i->src[0]), i->offset);
   one_atomic(e, a, p, sum, NULL);
   return true;
}

/* The same for floats, whose order counts: all lanes in turn, but one update. */
static bool
summed_red(struct emit *e, const struct emit_access *a)
{
   struct ir_inst *i = a->i;
   bool used = is_used(e, i);
   if (e->width == 1 || used || a->shape.kind != SHAPE_UNIFORM || !is_float_add(i))
      return false;
   val x = emit_resize(e, emit_operand(e, i, 1, true), a->bits, false);
   val p = emit_pointer(e, a->space, emit_scalar(e, i->src[0]), i->offset);
   val lane[EXEC_WARP], add[EXEC_WARP];
   LLVMBasicBlockRef some = emit_new_block(e, "some"), done = emit_new_block(e, "done");
   LLVMBuildCondBr(e->b, emit_any(e, e->mask), some, done);
   emit_at(e, some);
   for (unsigned k = 0; k < e->width; k++) {
      lane[k] = LLVMBuildExtractElement(e->b, x, emit_const(e, 32, k), "");
      if (e->mask)
         add[k] = LLVMBuildExtractElement(e->b, e->mask, emit_const(e, 32, k), "");
   }
   float_sum_to_memory(e, a, p, lane, e->mask ? add : NULL, e->width);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
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
   bool used = is_used(e, i);
   if (used || !is_own_memory(a) || !rmw_op(i, &op))
      return false;
   val addr =
      emit_memory_of(e, emit_resize(e, emit_lanes(e, i->src[0]), 64, false), "addr");
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

/* Vectors: each element by itself, as the meaning has it. */
static void
vector_atomic(struct emit *e, const struct emit_access *a)
{
   struct ir_inst *i = a->i;
   type rows = LLVMArrayType(e->i64, 8);
   val b = emit_alloca(e, rows, "b"), old = emit_alloca(e, rows, "old"), in[8], out[8];
   val addr =
      emit_memory_of(e, emit_resize(e, emit_lanes(e, i->src[0]), 64, false), "addr");
   for (unsigned k = 0; k < a->n; k++) {
      in[k] = emit_memory_of(
         e, emit_resize(e, emit_operand(e, i, 1 + k, true), a->bits, false), "in");
      out[k] = emit_memory_of(e, LLVMConstNull(emit_vec(e, a->elem)), "out");
   }
   struct lane_loop l;
   lane_loop_begin(e, &l, emit_mask_bits(e, e->mask));
   for (unsigned k = 0; k < a->n; k++) {
      val at = emit_const(e, 64, k);
      LLVMBuildStore(e->b, emit_lane_of(e, in[k], a->elem, l.lane),
                     LLVMBuildGEP2(e->b, a->elem, b, &at, 1, ""));
   }
   val off = LLVMConstInt(e->i64, (uint64_t)i->offset, true);
   val p = LLVMBuildAdd(e->b, emit_lane_of(e, addr, e->i64, l.lane), off, "");
   p = emit_address(e, a->space, p, 64, l.lane);
   type params[5] = {e->ptr, e->ptr, e->ptr, e->ptr, e->ptr};
   val args[5] = {emit_mods(e, &i->mods), p, b, b, old};
   emit_service(e, offsetof(struct exec_services, atom), e->void_, params, args, 5);
   for (unsigned k = 0; k < a->n; k++) {
      val at = emit_const(e, 64, k);
      val x =
         LLVMBuildLoad2(e->b, a->elem, LLVMBuildGEP2(e->b, a->elem, old, &at, 1, ""), "");
      val to =
         e->width == 1 ? out[k] : LLVMBuildGEP2(e->b, a->elem, out[k], &l.lane, 1, "");
      LLVMBuildStore(e->b, x, to);
   }
   lane_loop_end(e, &l);
   for (unsigned k = 0; k < a->n && k < i->ndst; k++) {
      if (i->dst[k]->kind != IR_INST)
         continue;
      val x = LLVMBuildLoad2(e->b, emit_vec(e, a->elem), out[k], "");
      emit_set(e, i->dst[k], emit_access_extend(e, a, x, i->dst[k]));
   }
}

void
emit_atomic(struct emit *e, struct ir_inst *i)
{
   struct emit_access a = emit_access_of(e, i, MAX2(i->mods.vec, 1u));
   bool used = is_used(e, i);
   if (a.n > 1) {
      vector_atomic(e, &a);
      return;
   }
   if (reduced_red(e, &a) || summed_red(e, &a))
      return;
   val b = emit_resize(e, emit_operand(e, i, 1, true), a.bits, false);
   val c = i->mods.atom == ISA_ATOM_CAS
              ? emit_resize(e, emit_operand(e, i, 2, true), a.bits, false)
              : NULL;
   if (e->width == 1) {
      val p = emit_pointer(e, a.space, emit_scalar(e, i->src[0]), i->offset);
      val old = one_atomic(e, &a, p, b, c);
      if (used)
         emit_set(e, i->dst[0], emit_access_extend(e, &a, old, i->dst[0]));
      return;
   }
   if (unrolled_red(e, &a, b))
      return;
   val addr =
      emit_memory_of(e, emit_resize(e, emit_lanes(e, i->src[0]), 64, false), "addr");
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
