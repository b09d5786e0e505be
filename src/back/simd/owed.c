/* SPDX-License-Identifier: Apache-2.0
 * Reductions of integers at a kernel's end, on elements that follow each other, by which
 * blocks add up rows of what they have found. Where all blocks of a call make them to the
 * same row, and nothing that a thread does afterwards could tell whether they have been
 * made (held.c, which does so for single elements), the call adds up a row of its own and
 * settles it when its blocks have run. */
#include "back/simd/owed.h"

/* Of what a call keeps. */
#define MOST_BYTES 8192u
#define MOST_DEPTH 12

/* One reduction. In memory, for each warp: where its elements go, NULL: nowhere yet, and
 * the elements. */
struct owed {
   struct owed *next;
   struct ir_inst *i;
   uint32_t offset, stride; /* of the first warp's; from one to the next */
};

#define ELEMENTS 64u /* where they begin */

/* -- Which can wait. */
static bool
is_read(const struct emit *e, const struct ir_value *v)
{
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         for (unsigned k = 0; k < i->nsrc; k++)
            if (i->src[k] == v)
               return true;
   return false;
}

static bool
is_reduction(const struct emit *e, const struct ir_inst *i)
{
   LLVMAtomicRMWBinOp op;
   bool no_result =
      i->op == ISA_RED || (i->op == ISA_ATOM && i->ndst == 1 && !is_read(e, i->dst[0]));
   return no_result && i->mods.vec <= 1 && i->mods.space == ISA_GLOBAL &&
          i->mods.scope != ISA_SCOPE_SYS && atomic_is_associative(i, &op);
}

/* Reductions that commute with i may follow it. */
static bool
may_follow(const struct emit *e, const struct ir_inst *i, const struct ir_inst *next)
{
   return is_reduction(e, next) && next->mods.atom == i->mods.atom &&
          next->mods.type[0] == i->mods.type[0];
}

/* The same in all blocks, whatever has happened. */
static bool
is_fixed(unsigned sreg)
{
   return sreg >= ISA_SREG_TID_X && sreg <= ISA_SREG_TID_Z;
}

/* Lanes' elements follow each other. */
static bool
is_row(struct emit *e, const struct shape *s, unsigned bits)
{
   int64_t stride;
   return s->kind == SHAPE_OFFSETS && !s->conditional &&
          shape_stride(s, e->width, &stride) && stride == bits / 8;
}

static unsigned
bits_of(const struct owed *o)
{
   return isa_type_bits(o->i->mods.type[0]);
}

static LLVMAtomicRMWBinOp
op_of(const struct owed *o)
{
   LLVMAtomicRMWBinOp op;
   emit_atomic_op(o->i, &op);
   return op;
}

static uint32_t
warps(const struct emit *e)
{
   const uint32_t *n = e->opt->block;
   return (n[0] * n[1] * n[2] + e->width - 1) / e->width;
}

static uint32_t
bytes_of(const struct emit *e, const struct owed *o)
{
   return warps(e) * o->stride;
}

static void
find_one(struct emit *e, struct ir_inst *i)
{
   struct shape s = lanes_shape_at(e->l, e->g, i->src[0], i->block);
   unsigned bits = isa_type_bits(i->mods.type[0]);
   if (!is_row(e, &s, bits) || !emit_is_made_of(i->src[0], is_fixed, MOST_DEPTH) ||
       !held_is_last(e, i, may_follow))
      return;
   struct owed *o = arena_new(e->a, struct owed);
   *o = (struct owed){e->owed, i, 0, ALIGN_UP(e->width * bits / 8, 64u) + ELEMENTS};
   o->offset = e->call_bytes;
   if (o->offset + bytes_of(e, o) > MOST_BYTES)
      return;
   e->owed = o;
   e->call_bytes += bytes_of(e, o);
}

void
owed_find(struct emit *e)
{
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         if (is_reduction(e, i))
            find_one(e, i);
}

static const struct owed *
owed_of(const struct emit *e, const struct ir_inst *i)
{
   const struct owed *o = e->call_at ? e->owed : NULL;
   while (o && o->i != i)
      o = o->next;
   return o;
}

bool
owed_waits(struct emit *e, const struct emit_access *a)
{
   return e->width > 1 && owed_of(e, a->i) && is_row(e, &a->shape, a->bits);
}

/* -- Memory. */
static val
at(struct emit *e, val p, val offset)
{
   return LLVMBuildGEP2(e->b, e->i8, p, &offset, 1, "");
}

static val
slot_of(struct emit *e, const struct owed *o, val memory, val group)
{
   val k = LLVMBuildMul(e->b, emit_resize(e, group, 64, false),
                        emit_const(e, 64, o->stride), "");
   return at(e, memory, LLVMBuildAdd(e->b, k, emit_const(e, 64, o->offset), ""));
}

static val
elements_of(struct emit *e, val slot)
{
   return at(e, slot, emit_const(e, 64, ELEMENTS));
}

void
owed_take(struct emit *e, const struct emit_access *a, val p, val x)
{
   const struct owed *o = owed_of(e, a->i);
   val slot = slot_of(e, o, e->call_at, e->warp);
   val sum = elements_of(e, slot);
   LLVMBuildStore(e->b, p, slot);
   val was = LLVMBuildLoad2(e->b, LLVMTypeOf(x), sum, "");
   LLVMSetAlignment(was, a->bits / 8);
   val s = LLVMBuildStore(e->b, emit_atomic_result(e, op_of(o), was, x), sum);
   LLVMSetAlignment(s, a->bits / 8);
}

/* A loop over numbers below n, which begins where the builder is. */
struct count {
   LLVMBasicBlockRef loop, out;
   val k;
};

static struct count
begin_count(struct emit *e)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   struct count c = {emit_new_block(e, "owed"), emit_new_block(e, "out"), NULL};
   LLVMBuildBr(e->b, c.loop);
   emit_at(e, c.loop);
   val zero = emit_const(e, 32, 0);
   c.k = LLVMBuildPhi(e->b, e->i32, "");
   LLVMAddIncoming(c.k, &zero, &from, 1);
   return c;
}

static void
end_count(struct emit *e, const struct count *c, uint32_t n)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   val next = LLVMBuildAdd(e->b, c->k, emit_const(e, 32, 1), "");
   val last = LLVMBuildICmp(e->b, LLVMIntEQ, next, emit_const(e, 32, n), "");
   LLVMAddIncoming(c->k, &next, &from, 1);
   LLVMBuildCondBr(e->b, last, c->out, c->loop);
   emit_at(e, c->out);
}

static val
neutral(struct emit *e, const struct owed *o, unsigned n)
{
   val all[EXEC_WARP];
   for (unsigned k = 0; k < n; k++)
      all[k] = atomic_neutral(e, op_of(o), bits_of(o));
   return n > 1 ? LLVMConstVector(all, n) : all[0];
}

void
owed_begin(struct emit *e)
{
   for (const struct owed *o = e->owed; o; o = o->next) {
      struct count c = begin_count(e);
      val slot = slot_of(e, o, e->call_at, c.k);
      LLVMBuildStore(e->b, LLVMConstNull(e->ptr), slot);
      val s = LLVMBuildStore(e->b, neutral(e, o, e->width), elements_of(e, slot));
      LLVMSetAlignment(s, bits_of(o) / 8);
      end_count(e, &c, warps(e));
   }
}

/* n elements of a slot, unless nothing has been done to any. */
static void
settle_piece(struct emit *e, const struct owed *o, val from, val to, unsigned n)
{
   struct emit_access a = {
      .i = o->i, .bits = bits_of(o), .elem = emit_int(e, bits_of(o))};
   LLVMBasicBlockRef some = emit_new_block(e, "some"), done = emit_new_block(e, "");
   val x = LLVMBuildLoad2(e->b, n > 1 ? LLVMVectorType(a.elem, n) : a.elem, from, "");
   LLVMSetAlignment(x, a.bits / 8);
   val any = LLVMBuildICmp(e->b, LLVMIntNE, x, neutral(e, o, n), "");
   type flags = LLVMIntTypeInContext(e->cx, n);
   any = LLVMBuildBitCast(e->b, any, flags, "");
   any = LLVMBuildICmp(e->b, LLVMIntNE, any, LLVMConstNull(flags), "");
   LLVMBuildCondBr(e->b, any, some, done);
   emit_at(e, some);
   if (n > 1)
      atomic_swap(e, &a, op_of(o), to, x);
   else
      LLVMBuildAtomicRMW(e->b, op_of(o), to, x, LLVMAtomicOrderingMonotonic, false);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
}

/* n elements at a time. */
static void
settle_slot(struct emit *e, const struct owed *o, val slot, val to, unsigned n)
{
   struct count c = begin_count(e);
   val k = LLVMBuildMul(e->b, emit_resize(e, c.k, 64, false),
                        emit_const(e, 64, n * bits_of(o) / 8), "");
   settle_piece(e, o, at(e, elements_of(e, slot), k), at(e, to, k), n);
   end_count(e, &c, e->width / n);
}

static void
settle_row(struct emit *e, const struct owed *o, val slot, val to)
{
   if (!atomic_can_swap(e)) {
      settle_slot(e, o, slot, to, 1);
      return;
   }
   LLVMBasicBlockRef swaps = emit_new_block(e, "swaps"), each = emit_new_block(e, "each");
   LLVMBasicBlockRef done = emit_new_block(e, "settled");
   val low = LLVMBuildAnd(e->b, LLVMBuildPtrToInt(e->b, to, e->i64, ""),
                          emit_const(e, 64, ATOMIC_SWAP_BYTES - 1), "");
   val aligned = LLVMBuildICmp(e->b, LLVMIntEQ, low, emit_const(e, 64, 0), "");
   LLVMBuildCondBr(e->b, aligned, swaps, each);
   emit_at(e, swaps);
   settle_slot(e, o, slot, to, ATOMIC_SWAP_BYTES * 8 / bits_of(o));
   LLVMBuildBr(e->b, done);
   emit_at(e, each);
   settle_slot(e, o, slot, to, 1);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
}

void
owed_settle(struct emit *e)
{
   for (const struct owed *o = e->owed; o; o = o->next) {
      LLVMBasicBlockRef here = emit_new_block(e, "here"), next = emit_new_block(e, "");
      struct count c = begin_count(e);
      val slot = slot_of(e, o, e->call_at, c.k);
      val to = LLVMBuildLoad2(e->b, e->ptr, slot, "");
      LLVMBuildCondBr(e->b, LLVMBuildIsNull(e->b, to, ""), next, here);
      emit_at(e, here);
      settle_row(e, o, slot, to);
      LLVMBuildBr(e->b, next);
      emit_at(e, next);
      end_count(e, &c, warps(e));
   }
}
