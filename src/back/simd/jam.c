/* SPDX-License-Identifier: Apache-2.0
 * What LLVM is told of a block's warps, so that the code of several may alternate: which
 * loops run them, and whether their accesses are what they look like. */
#include "back/simd/jam.h"

void
jam_mark(struct emit *e, val branch)
{
   unsigned kind = LLVMGetMDKindIDInContext(e->cx, JAM_MARK, sizeof JAM_MARK - 1);
   LLVMSetMetadata(branch, kind,
                   LLVMMetadataAsValue(e->cx, LLVMMDNodeInContext2(e->cx, NULL, 0)));
}

static bool
has_updates(const struct ir_func *f)
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b)
         if (i->op == ISA_ATOM || i->op == ISA_RED)
            return true;
   }
   return false;
}

bool
jam_is_possible(const struct emit *e)
{
   for (size_t k = 0; k < e->serial.len; k++)
      if (has_updates(e->serial.data[k]))
         return false;
   return !has_updates(e->f);
}
