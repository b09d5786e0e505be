/* SPDX-License-Identifier: Apache-2.0
 * What LLVM's passes undo or cannot know of its code generation, put right between the
 * two: indices of gathers, elements taken out of vectors, compares of halves, and tests
 * of bits. */
#include <string.h>

#include "back/simd/emit.h"

/* -- Gathers and scatters: what their pointers are made of is brought next to them. Code
 * generation looks at one block at a time, and only where it sees that the indices are 32
 * bits wide, extended, does it choose the instructions that take them so: half the
 * instructions.
 *
 * Which operand of a call holds its pointers; -1: it is no such call. */
static int
pointers_of(val call)
{
   val fn = LLVMGetCalledValue(call);
   size_t n;
   const char *name = LLVMIsAFunction(fn) ? LLVMGetValueName2(fn, &n) : "";
   if (!strncmp(name, "llvm.masked.gather.", 19))
      return 0;
   return strncmp(name, "llvm.masked.scatter.", 20) ? -1 : 1;
}

/* The extension that an index is, or NULL; one of numbers that are not negative may be
 * read either way. */
static val
extension(val x)
{
   if (LLVMIsASExtInst(x))
      return x;
   return LLVMIsAZExtInst(x) && LLVMGetNNeg(x) ? x : NULL;
}

/* The number of bits by which x, a constant vector, shifts all its lanes; 64: not known.
 */
static uint64_t
shift_of(struct emit *e, val x)
{
   for (uint64_t n = 1; n < 32 && LLVMIsConstant(x); n++)
      if (x == emit_splat(e, emit_const(e, 64, n)))
         return n;
   return 64;
}

#define MAX_DEPTH 4 /* of address arithmetic that is done again in 32 bits */

/* The low 32 bits of x, a vector of 64, by arithmetic of 32 bits where that is possible.
 */
static val
narrowed(struct emit *e, val x, unsigned depth)
{
   type t = LLVMVectorType(e->i32, LLVMGetVectorSize(LLVMTypeOf(x)));
   LLVMOpcode op = LLVMIsAInstruction(x) ? LLVMGetInstructionOpcode(x) : LLVMRet;
   if ((op == LLVMSExt || op == LLVMZExt) && LLVMTypeOf(LLVMGetOperand(x, 0)) == t)
      return LLVMGetOperand(x, 0);
   bool low = op == LLVMAdd || op == LLVMSub || op == LLVMMul || op == LLVMAnd ||
              op == LLVMOr || op == LLVMXor;
   if (depth && low) {
      val a = narrowed(e, LLVMGetOperand(x, 0), depth - 1);
      val b = narrowed(e, LLVMGetOperand(x, 1), depth - 1);
      return LLVMBuildBinOp(e->b, op, a, b, "");
   }
   uint64_t n = depth && op == LLVMShl ? shift_of(e, LLVMGetOperand(x, 1)) : 64;
   if (n < 32)
      return LLVMBuildShl(e->b, narrowed(e, LLVMGetOperand(x, 0), depth - 1),
                          emit_splat(e, emit_const(e, 32, n)), "");
   return LLVMBuildTrunc(e->b, x, t, "");
}

/* What a 64-bit index is the sign extension of, as instcombine may spell it; or NULL. */
static val
index_of(struct emit *e, val x)
{
   val wide = extension(x);
   if (wide) {
      val narrow = LLVMGetOperand(wide, 0);
      bool fits = LLVMGetIntTypeWidth(LLVMGetElementType(LLVMTypeOf(narrow))) <= 32;
      return fits ? narrow : NULL;
   }
   val half = emit_splat(e, emit_const(e, 64, 32));
   if (!LLVMIsAInstruction(x) || LLVMGetInstructionOpcode(x) != LLVMAShr ||
       LLVMGetOperand(x, 1) != half)
      return NULL;
   val up = LLVMGetOperand(x, 0);
   if (!LLVMIsAInstruction(up) || LLVMGetInstructionOpcode(up) != LLVMShl ||
       LLVMGetOperand(up, 1) != half)
      return NULL;
   return narrowed(e, LLVMGetOperand(up, 0), MAX_DEPTH);
}

static void
bring(struct emit *e, val call, unsigned k)
{
   val gep = LLVMGetOperand(call, k);
   if (!LLVMIsAGetElementPtrInst(gep) || LLVMGetNumOperands(gep) != 2)
      return;
   val base = LLVMGetOperand(gep, 0), wide = LLVMGetOperand(gep, 1);
   if (emit_is_vec(base) || !emit_is_vec(wide) ||
       LLVMGetVectorSize(LLVMTypeOf(wide)) != e->width)
      return;
   LLVMPositionBuilderBefore(e->b, call);
   val narrow = index_of(e, wide);
   if (!narrow)
      return;
   val index = LLVMBuildSExt(e->b, narrow, LLVMTypeOf(wide), "");
   type t = LLVMGetGEPSourceElementType(gep);
   LLVMSetOperand(call, k, LLVMBuildGEP2(e->b, t, base, &index, 1, ""));
   if (!LLVMGetFirstUse(gep))
      LLVMInstructionEraseFromParent(gep);
   if (LLVMIsAInstruction(wide) && !LLVMGetFirstUse(wide))
      LLVMInstructionEraseFromParent(wide);
}

/* -- Elements of 32 bits taken one by one: two at a time, and a shift, are faster. */
#define PAIR_REACH 8 /* instructions from one to the other */

/* The element's number, or -1: i takes no element of 32 bits at a known place. */
static int
element_of(struct emit *e, val i)
{
   if (!LLVMIsAExtractElementInst(i) || LLVMTypeOf(i) != e->i32 ||
       LLVMGetVectorSize(LLVMTypeOf(LLVMGetOperand(i, 0))) % 2)
      return -1;
   val k = LLVMGetOperand(i, 1);
   return LLVMIsAConstantInt(k) ? (int)LLVMConstIntGetZExtValue(k) : -1;
}

static void
take_pair(struct emit *e, val i)
{
   int k = element_of(e, i);
   val v = LLVMGetOperand(i, 0), other = LLVMGetNextInstruction(i);
   unsigned n = 0;
   while (other && n++ < PAIR_REACH &&
          (element_of(e, other) != k + 1 || LLVMGetOperand(other, 0) != v))
      other = LLVMGetNextInstruction(other);
   if (!other || n > PAIR_REACH)
      return;
   LLVMPositionBuilderBefore(e->b, i);
   type t = LLVMVectorType(e->i64, LLVMGetVectorSize(LLVMTypeOf(v)) / 2);
   val at = emit_const(e, 32, (unsigned)k / 2), half = emit_const(e, 64, 32);
   val two = LLVMBuildExtractElement(e->b, LLVMBuildBitCast(e->b, v, t, ""), at, "");
   val high = LLVMBuildLShr(e->b, two, half, "");
   /* Frozen: where LLVM saw that the lower one is small, it would take the upper one to
    * be zero (loads.cpp). */
   val low = LLVMBuildFreeze(e->b, two, "");
   LLVMReplaceAllUsesWith(i, LLVMBuildTrunc(e->b, low, e->i32, ""));
   LLVMReplaceAllUsesWith(other, LLVMBuildTrunc(e->b, high, e->i32, ""));
   LLVMInstructionEraseFromParent(other);
}

/* -- Halves: the passes turn compares and roundings of halves that were made floats into
 * those of halves, which code generation takes apart, lane by lane, where the processor
 * has no arithmetic on halves. */
static bool
is_half_vec(val x)
{
   return emit_is_vec(x) &&
          LLVMGetTypeKind(LLVMGetElementType(LLVMTypeOf(x))) == LLVMHalfTypeKind;
}

static val
widened(struct emit *e, val x)
{
   type t = LLVMVectorType(e->f32, LLVMGetVectorSize(LLVMTypeOf(x)));
   return LLVMBuildFPExt(e->b, x, t, "");
}

static void
widen_compare(struct emit *e, val cmp)
{
   for (unsigned k = 0; k < 2; k++)
      LLVMSetOperand(cmp, k, widened(e, LLVMGetOperand(cmp, k)));
}

/* An intrinsic function of one half whose results are halves in f32 too. */
static void
widen_call(struct emit *e, val call)
{
   unsigned id = LLVMGetIntrinsicID(LLVMGetCalledValue(call));
   if (!id || LLVMGetNumArgOperands(call) != 1 || !is_half_vec(LLVMGetOperand(call, 0)))
      return;
   val x = widened(e, LLVMGetOperand(call, 0));
   type t = LLVMTypeOf(x);
   val fn = LLVMGetIntrinsicDeclaration(e->mod, id, &t, 1);
   val r = LLVMBuildCall2(e->b, LLVMGlobalGetValueType(fn), fn, &x, 1, "");
   LLVMReplaceAllUsesWith(call, LLVMBuildFPTrunc(e->b, r, LLVMTypeOf(call), ""));
}

static void
widen_halves(struct emit *e, val i)
{
   LLVMPositionBuilderBefore(e->b, i);
   if (LLVMIsAFCmpInst(i))
      widen_compare(e, i);
   else
      widen_call(e, i);
}

/* -- Bits that are tested in what was cut off from wider lanes. The passes make the type
 * as small as they can; but masks of wide lanes cost one instruction a vector, and
 * cutting them several. */
static val
cut_from(val x)
{
   return LLVMIsATruncInst(x) && emit_is_vec(x) ? LLVMGetOperand(x, 0) : NULL;
}

static void
widen_test(struct emit *e, val cmp)
{
   val both = LLVMGetOperand(cmp, 0), want = LLVMGetOperand(cmp, 1);
   LLVMIntPredicate p = LLVMGetICmpPredicate(cmp);
   if ((p != LLVMIntEQ && p != LLVMIntNE) || !LLVMIsConstant(want) ||
       !LLVMIsAInstruction(both) || LLVMGetInstructionOpcode(both) != LLVMAnd)
      return;
   val x = cut_from(LLVMGetOperand(both, 0)), bits = LLVMGetOperand(both, 1);
   if (!x || !LLVMIsConstant(bits))
      return;
   LLVMPositionBuilderBefore(e->b, cmp);
   type t = LLVMTypeOf(x);
   LLVMSetOperand(cmp, 0, LLVMBuildAnd(e->b, x, LLVMBuildZExt(e->b, bits, t, ""), ""));
   LLVMSetOperand(cmp, 1, LLVMBuildZExt(e->b, want, t, ""));
}

/* -- What all lanes have of a word in memory, such as one of the halves in it, is taken
 * apart in vectors: a load fills one with the word for nothing, while what is in a scalar
 * register takes as long to get into a vector as arithmetic does.
 *
 * The vector that splat, which may be one, has in all lanes. */
static bool
is_splat(val v)
{
   type t = LLVMTypeOf(v);
   if (!LLVMIsAShuffleVectorInst(v) || !emit_is_vec(v) ||
       LLVMGetVectorSize(t) != LLVMGetVectorSize(LLVMTypeOf(LLVMGetOperand(v, 0))))
      return false;
   for (unsigned k = 0; k < LLVMGetNumMaskElements(v); k++)
      if (LLVMGetMaskValue(v, k) != 0)
         return false;
   return true;
}

static bool
takes_apart(val x)
{
   LLVMOpcode op = LLVMIsAInstruction(x) ? LLVMGetInstructionOpcode(x) : LLVMRet;
   return (op == LLVMShl || op == LLVMLShr || op == LLVMAShr || op == LLVMAnd) &&
          LLVMIsConstant(LLVMGetOperand(x, 1)) && LLVMIsALoadInst(LLVMGetOperand(x, 0)) &&
          LLVMGetFirstUse(x) && !LLVMGetNextUse(LLVMGetFirstUse(x));
}

/* What splat is made of, by way of casts; NULL: not of one scalar of 32 bits. */
static val
element_of_splat(struct emit *e, val splat)
{
   val x = LLVMGetOperand(splat, 0);
   while (LLVMIsABitCastInst(x) && LLVMTypeOf(LLVMGetOperand(x, 0)) != NULL &&
          emit_is_vec(LLVMGetOperand(x, 0)))
      x = LLVMGetOperand(x, 0);
   if (!LLVMIsAInsertElementInst(x) || !LLVMIsAConstantInt(LLVMGetOperand(x, 2)) ||
       LLVMConstIntGetZExtValue(LLVMGetOperand(x, 2)) != 0)
      return NULL;
   x = LLVMGetOperand(x, 1);
   while (LLVMIsABitCastInst(x))
      x = LLVMGetOperand(x, 0);
   return LLVMTypeOf(x) == e->i32 ? x : NULL;
}

static void
take_apart_in_vector(struct emit *e, val splat)
{
   val x = element_of_splat(e, splat);
   if (!x || !takes_apart(x))
      return;
   val word = LLVMGetOperand(x, 0);
   unsigned n = LLVMGetVectorSize(LLVMTypeOf(splat)), lanes = e->width;
   e->width = n;
   LLVMPositionBuilderBefore(e->b, LLVMGetNextInstruction(word));
   val all = emit_splat(e, word);
   LLVMPositionBuilderBefore(e->b, splat);
   val v = LLVMBuildBinOp(e->b, LLVMGetInstructionOpcode(x), all,
                          emit_splat(e, LLVMGetOperand(x, 1)), "");
   LLVMReplaceAllUsesWith(splat, LLVMBuildBitCast(e->b, v, LLVMTypeOf(splat), ""));
   e->width = lanes;
}

void
emit_prepare_codegen(struct emit *e)
{
   for (val f = LLVMGetFirstFunction(e->mod); f; f = LLVMGetNextFunction(f))
      for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b;
           b = LLVMGetNextBasicBlock(b)) {
         for (val i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i)) {
            bool is_call = LLVMIsACallInst(i);
            int k = is_call ? pointers_of(i) : -1;
            if (k >= 0)
               bring(e, i, (unsigned)k);
            else if (LLVMIsAFCmpInst(i) ? is_half_vec(LLVMGetOperand(i, 0))
                                        : is_call && is_half_vec(i))
               widen_halves(e, i);
            else if (LLVMIsAICmpInst(i))
               widen_test(e, i);
            else if (is_splat(i))
               take_apart_in_vector(e, i);
            else if (element_of(e, i) >= 0 && element_of(e, i) % 2 == 0)
               take_pair(e, i);
         }
         emit_load_indices_ahead(e, b);
      }
   if (e->opt->opt_level && target_has(e, "+avx") && !target_has(e, "+avx512f"))
      for (val f = LLVMGetFirstFunction(e->mod); f; f = LLVMGetNextFunction(f))
         if (!LLVMIsDeclaration(f))
            emit_widen_masks(e, f);
}
