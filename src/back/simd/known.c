/* SPDX-License-Identifier: Apache-2.0
 * What is known of masks and addresses while code is made: LLVM's builder folds what it
 * is given constants for, so in a block of one warp much of it is a constant by then. */
#include "back/simd/emit.h"

static bool
element(val x, unsigned lane, int64_t *to)
{
   val one = LLVMGetAggregateElement(x, lane);
   if (!one || !LLVMIsAConstantInt(one))
      return false;
   *to = LLVMConstIntGetSExtValue(one);
   return true;
}

bool
emit_known_lanes(const struct emit *e, val mask, uint32_t *lanes)
{
   *lanes = e->width < 32 ? (1u << e->width) - 1 : UINT32_MAX;
   if (!mask)
      return true;
   if (e->width == 1 || !LLVMIsConstant(mask))
      return false;
   for (unsigned l = 0; l < e->width; l++) {
      int64_t on;
      if (!element(mask, l, &on))
         return false;
      if (!on)
         *lanes &= ~(1u << l);
   }
   return true;
}

val
emit_known_mask(struct emit *e, uint32_t lanes)
{
   val on[EXEC_WARP];
   for (unsigned l = 0; l < e->width; l++)
      on[l] = emit_const(e, 1, lanes >> l & 1);
   return LLVMConstVector(on, e->width);
}

bool
emit_known_numbers(const struct emit *e, val x, int64_t *to)
{
   if (!LLVMIsConstant(x))
      return false;
   for (unsigned l = 0; l < e->width; l++) {
      if (!emit_is_vec(x)) {
         if (!LLVMIsAConstantInt(x))
            return false;
         to[l] = LLVMConstIntGetSExtValue(x);
      } else if (!element(x, l, &to[l])) {
         return false;
      }
   }
   return true;
}
