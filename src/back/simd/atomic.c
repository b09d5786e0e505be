/* SPDX-License-Identifier: Apache-2.0
 * Atomics: an instruction of the processor, a plain update where nobody else can be there
 * (a block's shared memory), or the meaning in isa/sem_atom.c; a lane at a time, but for
 * reductions to one address, which are summed up first. */
#include <stddef.h>

#include "back/simd/few.h"
#include "back/simd/owed.h"
#include "back/simd/tables.h"

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
   LLVMAtomicOrdering o = emit_atomic_ordering(a->i);
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
   val old = LLVMBuildLoad2(e->b, t, p, "");
   LLVMBuildStore(e->b, emit_atomic_result(e, op, old, b), p);
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
   if (emit_atomic_op(i, &op)) {
      if (is_own_memory(a))
         return shared_rmw(e, op, a->elem, p, b);
      return LLVMBuildAtomicRMW(e->b, op, p, b, emit_atomic_ordering(i), false);
   }
   if (i->mods.atom == ISA_ATOM_CAS && is_own_memory(a) && a->bits <= 64) {
      val old = LLVMBuildLoad2(e->b, a->elem, p, "");
      val same = LLVMBuildICmp(e->b, LLVMIntEQ, old, b, "");
      LLVMBuildStore(e->b, LLVMBuildSelect(e->b, same, c, old, ""), p);
      return old;
   }
   if (i->mods.atom == ISA_ATOM_CAS && (a->bits == 32 || a->bits == 64)) {
      LLVMAtomicOrdering o = emit_atomic_ordering(i);
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
   if (e->width == 1 || is_used(e, i) || a->shape.kind != SHAPE_UNIFORM ||
       !atomic_is_associative(i, &op))
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
   val x = atomic_operands(e, a, op);
   type over = LLVMTypeOf(x);
   val sum = emit_intrinsic(e, names[op], &over, 1, &x, 1);
   val p = emit_pointer(e, a->space, emit_scalar(e, i->src[0]), i->offset);
   if (held_may(e, i))
      held_add(e, a, p, sum);
   else
      one_atomic(e, a, p, sum, NULL);
   return true;
}

/* The same on elements of a row, where it may wait. */
static bool
owed_row(struct emit *e, const struct emit_access *a)
{
   LLVMAtomicRMWBinOp op;
   if (is_used(e, a->i) || !owed_waits(e, a) || !atomic_is_associative(a->i, &op))
      return false;
   val p = emit_pointer(e, a->space, emit_scalar(e, a->i->src[0]), a->i->offset);
   owed_take(e, a, p, atomic_operands(e, a, op));
   return true;
}

/* x moved up by d lanes, and `first` in the lowest ones. */
static val
moved_up(struct emit *e, val x, val first, unsigned d)
{
   val at[EXEC_WARP];
   for (unsigned l = 0; l < e->width; l++)
      at[l] = emit_const(e, 32, l < d ? e->width + l : l - d);
   return LLVMBuildShuffleVector(e->b, x, first, LLVMConstVector(at, e->width), "");
}

/* The same where the result is read: each lane gets what those before it leave, as if the
 * lanes had come in their order. */
static bool
scanned_atomic(struct emit *e, const struct emit_access *a)
{
   struct ir_inst *i = a->i;
   LLVMAtomicRMWBinOp op;
   if (e->width == 1 || a->shape.kind != SHAPE_UNIFORM || !atomic_is_associative(i, &op))
      return false;
   val x = atomic_operands(e, a, op);
   val none = emit_splat(e, atomic_neutral(e, op, a->bits));
   for (unsigned d = 1; d < e->width; d *= 2)
      x = emit_atomic_result(e, op, x, moved_up(e, x, none, d));
   val all = LLVMBuildExtractElement(e->b, x, emit_const(e, 32, e->width - 1), "");
   val p = emit_pointer(e, a->space, emit_scalar(e, i->src[0]), i->offset);
   val old = emit_splat(e, one_atomic(e, a, p, all, NULL));
   old = emit_atomic_result(e, op, old, moved_up(e, x, none, 1));
   emit_set(e, i->dst[0], emit_access_extend(e, a, old, i->dst[0]));
   return true;
}

/* Adds x of the only lane that is here, if it is one, and goes to done; else to more. */
static void
only_lane(struct emit *e, const struct emit_access *a, val p, val x,
          LLVMBasicBlockRef more, LLVMBasicBlockRef done)
{
   LLVMBasicBlockRef one = emit_new_block(e, "one");
   val bits = emit_mask_bits(e, e->mask), zero = emit_const(e, 32, 0);
   val less = LLVMBuildSub(e->b, bits, emit_const(e, 32, 1), "");
   val rest = LLVMBuildAnd(e->b, bits, less, "");
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, rest, zero, ""), one, more);
   emit_at(e, one);
   val args[2] = {bits, emit_const(e, 1, 0)};
   val k = emit_intrinsic(e, "llvm.cttz", &e->i32, 1, args, 2);
   LLVMBasicBlockRef here = emit_new_block(e, "here");
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntNE, bits, zero, ""), here, done);
   emit_at(e, here);
   val mine = LLVMBuildExtractElement(e->b, x, k, "");
   if (held_may(e, a->i))
      held_add(e, a, p, mine);
   else
      float_sum_to_memory(e, a, p, &mine, NULL, 1);
   LLVMBuildBr(e->b, done);
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
   if (e->mask)
      only_lane(e, a, p, x, some, done);
   else
      LLVMBuildBr(e->b, some);
   emit_at(e, some);
   for (unsigned k = 0; k < e->width; k++) {
      lane[k] = LLVMBuildExtractElement(e->b, x, emit_const(e, 32, k), "");
      if (e->mask)
         add[k] = LLVMBuildExtractElement(e->b, e->mask, emit_const(e, 32, k), "");
   }
   if (held_may(e, i))
      held_apply(e);
   float_sum_to_memory(e, a, p, lane, e->mask ? add : NULL, e->width);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
   return true;
}

/* -- Lane by lane. Results, and what a loop over the lanes reads, go through memory, by
 * accesses that LLVM leaves alone: building vectors costs more. */
struct lane_operand {
   val x; /* a scalar where it is uniform; NULL: there is none */
   val memory;
};

struct lane_atomic {
   const struct emit_access *a;
   struct lane_operand addr, b, c;
   struct chain chain; /* of the address, of all lanes in turn; n: 0: none */
   val out;            /* in memory; NULL: nobody reads it */
};

static val
spilled(struct emit *e, val x, const char *name)
{
   val m = emit_alloca(e, LLVMTypeOf(x), name);
   LLVMSetVolatile(LLVMBuildStore(e->b, x, m), true);
   return m;
}

static val
lane_of(struct emit *e, val memory, type elem, val lane)
{
   val at = emit_resize(e, lane, 64, false);
   val x = LLVMBuildLoad2(e->b, elem, LLVMBuildGEP2(e->b, elem, memory, &at, 1, ""), "");
   LLVMSetVolatile(x, true);
   return x;
}

static struct lane_operand
lane_operand(struct emit *e, const struct emit_access *a, unsigned k)
{
   bool vec = !emit_is_uniform(e, a->i->src[k]);
   val x = emit_resize(e, emit_operand(e, a->i, k, vec), a->bits, false);
   return (struct lane_operand){x};
}

static void
spill(struct emit *e, struct lane_operand *o)
{
   if (o->x && emit_is_vec(o->x))
      o->memory = spilled(e, o->x, "operand");
}

static void
spill_all(struct emit *e, struct lane_atomic *x)
{
   spill(e, &x->addr);
   spill(e, &x->b);
   spill(e, &x->c);
}

static val
operand_at(struct emit *e, const struct lane_operand *o, val lane)
{
   if (!o->x || !emit_is_vec(o->x))
      return o->x;
   if (!o->memory)
      return LLVMBuildExtractElement(e->b, o->x, lane, "");
   return lane_of(e, o->memory, LLVMGetElementType(LLVMTypeOf(o->x)), lane);
}

static val
as_address(struct emit *e, const struct emit_access *a, val x)
{
   /* Where a space has a base, its addresses are offsets of 32 bits. */
   return emit_space_base(e, a->space) ? emit_resize(e, x, 32, false) : x;
}

static void
at_lane(struct emit *e, const struct lane_atomic *x, val lane, val addr)
{
   const struct emit_access *a = x->a;
   val off = LLVMConstInt(e->i64, (uint64_t)a->i->offset, true);
   val p = emit_resize(e, addr, 64, true);
   p = emit_address(e, a->space, LLVMBuildAdd(e->b, p, off, ""), 64, lane);
   val old = one_atomic(e, a, p, operand_at(e, &x->b, lane), operand_at(e, &x->c, lane));
   if (!x->out)
      return;
   val at = emit_resize(e, lane, 64, false);
   LLVMSetVolatile(
      LLVMBuildStore(e->b, old, LLVMBuildGEP2(e->b, a->elem, x->out, &at, 1, "")), true);
}

/* One plain update after the other is several times as fast as a loop over the lanes. */
static bool
worth_unrolling(const struct emit_access *a)
{
   LLVMAtomicRMWBinOp op;
   return is_own_memory(a) && a->bits >= 32 && a->bits <= 64 && !is_float_add(a->i) &&
          (emit_atomic_op(a->i, &op) || a->i->mods.atom == ISA_ATOM_CAS);
}

static void
unrolled(struct emit *e, struct lane_atomic *x)
{
   if (x->out)
      spill_all(e, x);
   for (unsigned k = 0; k < e->width; k++) {
      val lane = emit_const(e, 32, k);
      at_lane(e, x, lane,
              x->chain.n ? as_address(e, x->a, chain_lane(e, &x->chain, k))
                         : operand_at(e, &x->addr, lane));
   }
}

static void
all_lanes_in_turn(struct emit *e, struct lane_atomic *x)
{
   LLVMBasicBlockRef full = NULL, some = emit_new_block(e, "some"), done = NULL;
   val bits = emit_mask_bits(e, e->mask);
   bool unroll = worth_unrolling(x->a);
   if (unroll) {
      full = emit_new_block(e, "full");
      done = emit_new_block(e, "done");
      val all = emit_are_all(e, bits),
          test = x->chain.n ? chain_test(e, &x->chain) : NULL;
      all = test ? LLVMBuildAnd(e->b, all, test, "") : all;
      LLVMBuildCondBr(e->b, all, full, some);
      emit_at(e, full);
      unrolled(e, x);
      LLVMBuildBr(e->b, done);
   } else {
      LLVMBuildBr(e->b, some);
   }
   emit_at(e, some);
   spill_all(e, x);
   struct lane_loop l;
   lane_loop_begin(e, &l, bits);
   at_lane(e, x, l.lane, operand_at(e, &x->addr, l.lane));
   lane_loop_end(e, &l);
   if (!unroll)
      return;
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
}

static void
lane_by_lane(struct emit *e, const struct emit_access *a)
{
   struct ir_inst *i = a->i;
   struct lane_atomic x = {.a = a};
   x.addr.x = as_address(e, a, emit_lanes(e, i->src[0]));
   x.b = lane_operand(e, a, 1);
   if (i->mods.atom == ISA_ATOM_CAS)
      x.c = lane_operand(e, a, 2);
   if (is_used(e, i))
      x.out = spilled(e, LLVMConstNull(emit_vec(e, a->elem)), "old");
   else if (worth_unrolling(a) && !chain_find(e, i->src[0], i, &x.chain))
      x.chain.n = 0;
   all_lanes_in_turn(e, &x);
   if (!x.out)
      return;
   val old = LLVMBuildLoad2(e->b, emit_vec(e, a->elem), x.out, "");
   LLVMSetVolatile(old, true);
   emit_set(e, i->dst[0], emit_access_extend(e, a, old, i->dst[0]));
}

/* The same number is added at one of a few places. */
static bool
counted_atomic(struct emit *e, const struct emit_access *a)
{
   struct ir_inst *i = a->i;
   LLVMAtomicRMWBinOp op;
   if (!is_own_memory(a) || is_float_add(i) || !emit_atomic_op(i, &op) ||
       op != LLVMAtomicRMWBinOpAdd || !emit_is_uniform(e, i->src[1]))
      return false;
   struct emit_access plain = *a;
   plain.ordered = false;
   val old, by = emit_resize(e, emit_operand(e, i, 1, false), a->bits, false);
   if (!small_add(e, &plain, by, is_used(e, i) ? &old : NULL))
      return false;
   if (is_used(e, i))
      emit_set(e, i->dst[0], emit_access_extend(e, a, old, i->dst[0]));
   return true;
}

static void
one_thread(struct emit *e, const struct emit_access *a)
{
   struct ir_inst *i = a->i;
   val b = emit_resize(e, emit_operand(e, i, 1, true), a->bits, false);
   val c = i->mods.atom == ISA_ATOM_CAS
              ? emit_resize(e, emit_operand(e, i, 2, true), a->bits, false)
              : NULL;
   val p = emit_pointer(e, a->space, emit_scalar(e, i->src[0]), i->offset);
   val old = one_atomic(e, a, p, b, c);
   if (is_used(e, i))
      emit_set(e, i->dst[0], emit_access_extend(e, a, old, i->dst[0]));
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
   if (a.n > 1)
      vector_atomic(e, &a);
   else if (e->width == 1)
      one_thread(e, &a);
   else if (!reduced_red(e, &a) && !summed_red(e, &a) && !scanned_atomic(e, &a) &&
            !counted_atomic(e, &a) && !owed_row(e, &a) &&
            (is_used(e, i) || !emit_atomic_row(e, &a, is_own_memory(&a), lane_by_lane)))
      lane_by_lane(e, &a);
}
