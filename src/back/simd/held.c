/* SPDX-License-Identifier: Apache-2.0
 * Reductions (`red`, and `atom` whose result nobody reads) that come after all else that
 * their threads do in memory, as when a block's first thread adds what the block has
 * found to a sum: they wait in the call's list (struct exec_held) and are applied when
 * the call's blocks have run. Atomics order nothing else, and such a thread does nothing
 * behind them that could be ordered, so nobody can tell but by the time it takes. That is
 * much less: the processor need not drain its queues at each block, a sum's steps become
 * one exchange, and cores that add to the same place meet there once a call.
 *
 * Whoever waits for such a value is another launch, or the host: kernels whose threads
 * wait for each other do not run their blocks like this. */
#include <stddef.h>

#include "back/simd/owed.h"

static bool
is_reduction(const struct emit *e, const struct ir_inst *i)
{
   bool is_float = isa_type_is_float(i->mods.type[0]);
   LLVMAtomicRMWBinOp op;
   return (i->op == ISA_ATOM || i->op == ISA_RED) && i->mods.space == ISA_GLOBAL &&
          i->mods.vec <= 1 &&
          !(i->ndst && i->dst[0]->kind == IR_INST && e->slots[i->dst[0]->id].used) &&
          emit_atomic_op(i, &op) && op != LLVMAtomicRMWBinOpXchg &&
          (!is_float || i->mods.atom == ISA_ATOM_ADD) &&
          lanes_shape_at(e->l, e->g, i->src[0], i->block).kind == SHAPE_UNIFORM;
}

/* Nothing that others could see to come before a reduction ahead of it. */
static bool
is_private(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_BRA:
   case ISA_RET:
      return true;
   case ISA_LD:
   case ISA_ST:
      return i->mods.space == ISA_SHARED || i->mods.space == ISA_LOCAL ||
             i->mods.space == ISA_PARAM;
   default:
      return i->op >= ISA_PHI || isa_op_info(i->op)->effects == ISA_PURE;
   }
}

/* Of instructions from i on, where `reduction` came before them. */
static bool
may_follow_from(const struct emit *e, const struct ir_inst *reduction,
                const struct ir_inst *i, held_follower *may_follow)
{
   for (; i; i = i->next)
      if (!is_private(i) && !may_follow(e, reduction, i))
         return false;
   return true;
}

static bool
may_follow_in(const struct emit *e, const struct ir_inst *reduction, struct ir_block *b,
              struct bitset *seen, held_follower *may_follow)
{
   struct ir_block **succs;
   unsigned n = ir_block_succs(b, &succs);
   for (unsigned k = 0; k < n; k++) {
      if (bitset_has(seen, succs[k]->id))
         continue;
      bitset_add(seen, succs[k]->id);
      if (!may_follow_from(e, reduction, succs[k]->first, may_follow) ||
          !may_follow_in(e, reduction, succs[k], seen, may_follow))
         return false;
   }
   return true;
}

bool
held_is_last(struct emit *e, const struct ir_inst *i, held_follower *may_follow)
{
   struct bitset seen = bitset_new(e->a, e->g->n);
   return may_follow_from(e, i, i->next, may_follow) &&
          may_follow_in(e, i, i->block, &seen, may_follow);
}

static bool
may_follow(const struct emit *e, const struct ir_inst *i, const struct ir_inst *next)
{
   (void)i;
   return is_reduction(e, next);
}

bool
held_may(struct emit *e, const struct ir_inst *i)
{
   return e->ctaid_x && e->opt->opt_level && is_reduction(e, i) &&
          held_is_last(e, i, may_follow);
}

/* -- The list. */
static val
entry_at(struct emit *e, val n)
{
   val at = LLVMBuildMul(e->b, emit_resize(e, n, 64, false),
                         emit_const(e, 64, sizeof(struct exec_held)), "");
   val list = emit_ctx_field(e, offsetof(struct exec_ctx, held), e->ptr);
   return LLVMBuildGEP2(e->b, e->i8, list, &at, 1, "");
}

static val
entry_field(struct emit *e, val entry, size_t offset)
{
   val at = emit_const(e, 64, offset);
   return LLVMBuildGEP2(e->b, e->i8, entry, &at, 1, "");
}

/* Where x does the same at p as the last of n that wait, that one takes it in, and
 * control goes on to `done`. */
static void
join_last(struct emit *e, const struct emit_access *a, LLVMAtomicRMWBinOp op, val p,
          val x, val mods, val n, LLVMBasicBlockRef done)
{
   LLVMBasicBlockRef look = emit_new_block(e, "look"), join = emit_new_block(e, "join");
   LLVMBasicBlockRef apart = emit_new_block(e, "apart");
   val none = LLVMBuildICmp(e->b, LLVMIntEQ, n, emit_const(e, 32, 0), "");
   LLVMBuildCondBr(e->b, none, apart, look);
   emit_at(e, look);
   val last = entry_at(e, LLVMBuildSub(e->b, n, emit_const(e, 32, 1), ""));
   val at = entry_field(e, last, offsetof(struct exec_held, at));
   val does = entry_field(e, last, offsetof(struct exec_held, mods));
   val to = entry_field(e, last, offsetof(struct exec_held, x));
   at = LLVMBuildLoad2(e->b, e->ptr, at, "");
   does = LLVMBuildLoad2(e->b, e->ptr, does, "");
   val same = LLVMBuildAnd(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, at, p, ""),
                           LLVMBuildICmp(e->b, LLVMIntEQ, does, mods, ""), "");
   LLVMBuildCondBr(e->b, same, join, apart);
   emit_at(e, join);
   val both = emit_atomic_result(e, op, LLVMBuildLoad2(e->b, a->elem, to, ""), x);
   LLVMBuildStore(e->b, both, to);
   LLVMBuildBr(e->b, done);
   emit_at(e, apart);
}

/* Goes on to `done`. */
static void
call_apply(struct emit *e, LLVMBasicBlockRef done)
{
   val args[1];
   val call = emit_service(e, offsetof(struct exec_services, apply_held), e->void_, NULL,
                           args, 0);
   unsigned cold = LLVMGetEnumAttributeKindForName("cold", 4);
   LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(e->cx, cold, 0));
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
}

void
held_add(struct emit *e, const struct emit_access *a, val p, val x)
{
   val count = emit_ctx_ptr(e, offsetof(struct exec_ctx, nheld));
   val n = LLVMBuildLoad2(e->b, e->i32, count, ""), mods = emit_mods(e, &a->i->mods);
   LLVMBasicBlockRef full = emit_new_block(e, "full"), done = emit_new_block(e, "held");
   LLVMAtomicRMWBinOp op;
   if (emit_atomic_op(a->i, &op) && op != LLVMAtomicRMWBinOpFAdd)
      join_last(e, a, op, p, x, mods, n, done);
   val entry = entry_at(e, n);
   LLVMBuildStore(e->b, p, entry_field(e, entry, offsetof(struct exec_held, at)));
   LLVMBuildStore(e->b, x, entry_field(e, entry, offsetof(struct exec_held, x)));
   LLVMBuildStore(e->b, mods, entry_field(e, entry, offsetof(struct exec_held, mods)));
   LLVMBuildStore(e->b, e->ctaid_x,
                  entry_field(e, entry, offsetof(struct exec_held, ctaid_x)));
   n = LLVMBuildAdd(e->b, n, emit_const(e, 32, 1), "");
   LLVMBuildStore(e->b, n, count);
   val most = emit_ctx_field(e, offsetof(struct exec_ctx, most_held), e->i32);
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, n, most, ""), full, done);
   emit_at(e, full);
   call_apply(e, done);
}

void
held_apply(struct emit *e)
{
   val count = emit_ctx_ptr(e, offsetof(struct exec_ctx, nheld));
   val n = LLVMBuildLoad2(e->b, e->i32, count, "");
   LLVMBasicBlockRef some = emit_new_block(e, "some"), none = emit_new_block(e, "none");
   val is_none = LLVMBuildICmp(e->b, LLVMIntEQ, n, emit_const(e, 32, 0), "");
   LLVMBuildCondBr(e->b, is_none, none, some);
   emit_at(e, some);
   call_apply(e, none);
}
