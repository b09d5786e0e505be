/* SPDX-License-Identifier: Apache-2.0
 * Misaligned accesses fail, as on a GPU. What the analysis proves needs no code: where
 * that rests on arguments, kasuri_takes asks them once a launch, and a launch that it
 * refuses gets code that supposes nothing. Only what is left is tested at the access. */
#include "back/simd/emit.h"

static val
is_misaligned(struct emit *e, val addr, uint64_t added, uint64_t size)
{
   type t = LLVMTypeOf(addr);
   bool vec = emit_is_vec(addr);
   unsigned bits = LLVMGetIntTypeWidth(vec ? LLVMGetElementType(t) : t);
   val offset = emit_const(e, bits, added & (size - 1));
   val low = emit_const(e, bits, size - 1);
   if (vec) {
      offset = emit_splat(e, offset);
      low = emit_splat(e, low);
   }
   if (added & (size - 1))
      addr = LLVMBuildAdd(e->b, addr, offset, "");
   return LLVMBuildICmp(e->b, LLVMIntNE, LLVMBuildAnd(e->b, addr, low, ""),
                        LLVMConstNull(t), "");
}

void
emit_check_alignment(struct emit *e, const struct ir_inst *i)
{
   for (unsigned k = 0; k < ALIGNMENT_ADDRESSES; k++) {
      unsigned wanted = alignment_wanted(i, k);
      if (!wanted || i->aligned >> k & 1)
         continue;
      bool one = e->width == 1 || emit_is_uniform(e, i->src[k]);
      val addr = one ? emit_scalar(e, i->src[k]) : emit_lanes(e, i->src[k]);
      emit_trap_where(
         e, i, EXEC_TRAP_MISALIGNED,
         is_misaligned(e, addr, alignment_offset(i, k), (uint64_t)1 << wanted));
   }
}

/* uint32_t kasuri_takes(const uint8_t *params): the arguments are as the code supposes.
 */
void
emit_takes(struct emit *e)
{
   const struct alignment_needs *need = &e->needs;
   if (!need->n)
      return;
   type t = LLVMFunctionType(e->i32, &e->ptr, 1, false);
   val fn = e->takes_fn = LLVMAddFunction(e->mod, "kasuri_takes", t);
   LLVMSetVisibility(fn, LLVMHiddenVisibility);
   emit_at(e, LLVMAppendBasicBlockInContext(e->cx, fn, "entry"));
   val low = emit_const(e, 8, 0);
   for (uint32_t k = 0; k < need->n; k++) {
      val at = emit_const(e, 64, need->of[k].offset);
      val p = LLVMBuildGEP2(e->b, e->i8, LLVMGetParam(fn, 0), &at, 1, "");
      val x = LLVMBuildLoad2(e->b, e->i8, p, ""); /* the lowest byte says it */
      val mask = emit_const(e, 8, ((uint64_t)1 << need->of[k].zeros) - 1);
      low = LLVMBuildOr(e->b, low, LLVMBuildAnd(e->b, x, mask, ""), "");
   }
   val good = LLVMBuildICmp(e->b, LLVMIntEQ, low, emit_const(e, 8, 0), "");
   LLVMBuildRet(e->b, LLVMBuildZExt(e->b, good, e->i32, ""));
}
