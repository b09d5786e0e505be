/* SPDX-License-Identifier: Apache-2.0
 * What a call of a kernel cannot change, its parameters and the fields of its context, is
 * loaded once, at the kernel's entry. LLVM's passes bring such a load to the only block
 * that asks for it, and out of the inner loop again, but forget then that it cannot
 * change: it stays in the loop over blocks, where what waits for its addresses takes a
 * quarter of the time of a kernel like saxpy. */
#include <string.h>

#include "back/simd/emit.h"

/* Whether p is `base` or at a constant distance from it. */
static bool
is_at(val p, val base)
{
   if (p == base)
      return true;
   return LLVMIsAGetElementPtrInst(p) && LLVMGetNumOperands(p) == 2 &&
          LLVMGetOperand(p, 0) == base && LLVMIsAConstantInt(LLVMGetOperand(p, 1));
}

/* A copy at the builder's place, for all that use the load. */
static void
move(struct emit *e, val load, val base)
{
   val p = LLVMGetOperand(load, 0);
   if (p != base) {
      p = LLVMInstructionClone(p);
      LLVMInsertIntoBuilder(e->b, p);
   }
   val copy = LLVMInstructionClone(load);
   LLVMSetOperand(copy, 0, p);
   LLVMInsertIntoBuilder(e->b, copy);
   LLVMReplaceAllUsesWith(load, copy);
   LLVMInstructionEraseFromParent(load);
}

/* Loads from what `base` points to, which go where the builder is. */
static void
move_all(struct emit *e, val base)
{
   unsigned kind = LLVMGetMDKindIDInContext(e->cx, "invariant.load", 14);
   LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(e->kernel_fn);
   for (LLVMBasicBlockRef b = LLVMGetNextBasicBlock(entry); b;
        b = LLVMGetNextBasicBlock(b))
      for (val i = LLVMGetFirstInstruction(b), next; i; i = next) {
         next = LLVMGetNextInstruction(i);
         if (LLVMIsALoadInst(i) && LLVMGetMetadata(i, kind) &&
             is_at(LLVMGetOperand(i, 0), base))
            move(e, i, base);
      }
}

/* The address of the parameters: the only field of which something may be read. */
static val
find_params(struct emit *e, LLVMBasicBlockRef entry)
{
   unsigned kind = LLVMGetMDKindIDInContext(e->cx, "dereferenceable", 15);
   for (val i = LLVMGetFirstInstruction(entry); i; i = LLVMGetNextInstruction(i))
      if (LLVMIsALoadInst(i) && LLVMGetMetadata(i, kind))
         return i;
   return NULL;
}

void
emit_hoist_constants(struct emit *e)
{
   LLVMBasicBlockRef entry = LLVMGetEntryBasicBlock(e->kernel_fn);
   val params = find_params(e, entry);
   LLVMPositionBuilderBefore(e->b, LLVMGetBasicBlockTerminator(entry));
   move_all(e, LLVMGetParam(e->kernel_fn, 0));
   if (params)
      move_all(e, params);
}
