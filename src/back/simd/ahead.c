/* SPDX-License-Identifier: Apache-2.0
 * Loads the indices of a gather ahead of the gather before it. A gather is so many steps
 * of the processor that it does not look beyond more than a few of them: a load that
 * stands right before the gather that uses it is waited for. */
#include <string.h>

#include "back/simd/emit.h"

#define MOST                                                                             \
   64 /* instructions between two gathers; with more, loads are early enough             \
       */

struct between {
   val gather; /* the one before, with nothing behind it that may write; or NULL */
   unsigned n;
   val inst[MOST]; /* from there on */
};

static bool
is_named(val call, const char *name)
{
   val fn = LLVMGetCalledValue(call);
   size_t n;
   return LLVMIsAFunction(fn) && !strncmp(LLVMGetValueName2(fn, &n), name, strlen(name));
}

static bool
is_gather(val i)
{
   return LLVMIsACallInst(i) && is_named(i, "llvm.masked.gather.");
}

static bool
is_plain_load(val i)
{
   if (LLVMIsACallInst(i))
      return is_named(i, "llvm.masked.load.");
   return LLVMIsALoadInst(i) && !LLVMGetVolatile(i) &&
          LLVMGetOrdering(i) == LLVMAtomicOrderingNotAtomic;
}

/* No load may be moved past i. */
static bool
holds_loads(val i)
{
   if (LLVMIsACallInst(i))
      return !is_gather(i) && !is_plain_load(i) && !is_named(i, "llvm.fma.") &&
             !is_named(i, "llvm.prefetch.");
   return LLVMIsAStoreInst(i) || LLVMIsAFenceInst(i) || LLVMIsAAtomicRMWInst(i) ||
          LLVMIsAAtomicCmpXchgInst(i) || (LLVMIsALoadInst(i) && !is_plain_load(i));
}

static bool
is_arithmetic(val i)
{
   return LLVMIsAGetElementPtrInst(i) || LLVMIsABinaryOperator(i) || LLVMIsACastInst(i) ||
          LLVMIsAShuffleVectorInst(i) || LLVMIsAInsertElementInst(i);
}

/* Marks x, if it is between the two gathers, and what it is made of there. False: that
 * cannot be moved. */
static bool
mark(const struct between *w, val x, bool *needed, bool *loads)
{
   unsigned k = 0;
   if (x == w->gather)
      return false;
   while (k < w->n && w->inst[k] != x)
      k++;
   if (k == w->n || needed[k])
      return true;
   if (!is_plain_load(x) && !is_arithmetic(x))
      return false;
   needed[k] = true;
   *loads |= is_plain_load(x);
   for (unsigned o = 0; o < (unsigned)LLVMGetNumOperands(x); o++)
      if (!mark(w, LLVMGetOperand(x, o), needed, loads))
         return false;
   return true;
}

static void
load_ahead(struct emit *e, const struct between *w, val gather)
{
   bool needed[MOST] = {false}, loads = false;
   if (!mark(w, LLVMGetOperand(gather, 0), needed, &loads) || !loads)
      return;
   for (unsigned k = 0; k < w->n; k++) {
      if (!needed[k])
         continue;
      LLVMInstructionRemoveFromParent(w->inst[k]);
      LLVMPositionBuilderBefore(e->b, w->gather);
      LLVMInsertIntoBuilder(e->b, w->inst[k]);
      /* Or LLVM's scheduler would put it back. */
      if (LLVMIsALoadInst(w->inst[k]))
         LLVMSetVolatile(w->inst[k], true);
   }
}

void
emit_load_indices_ahead(struct emit *e, LLVMBasicBlockRef b)
{
   struct between w = {NULL};
   val next;
   for (val i = LLVMGetFirstInstruction(b); i; i = next) {
      next = LLVMGetNextInstruction(i);
      if (is_gather(i)) {
         if (w.gather && w.n < MOST)
            load_ahead(e, &w, i);
         w.gather = i;
         w.n = 0;
      } else if (holds_loads(i)) {
         w.gather = NULL;
      } else if (w.n < MOST) {
         w.inst[w.n++] = i;
      }
   }
}
