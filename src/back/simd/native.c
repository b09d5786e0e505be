/* SPDX-License-Identifier: Apache-2.0
 * What this processor has an instruction for, where LLVM knows none that all have and the
 * meaning in C takes many: AVX-512's range, which is PTX's min and max but for signalling
 * NaNs, and its scaling by a power of two. */
#include <stdio.h>
#include <string.h>

#include "back/simd/emit.h"
#include "back/simd/few.h"

/* An instruction of two operands: its vector form, and the one of a scalar in the lowest
 * of 128 bits. Those of 512 bits take a mask and a way of rounding, too. */
struct wide {
   const char *vector, *scalar;
   int immediate; /* -1: none */
   unsigned bits;
};

#define ROUNDING_CURRENT 4u

static val
constant_mask(struct emit *e, unsigned bits)
{
   return emit_const(e, bits, bits == 64 ? ~0ull : (1ull << bits) - 1);
}

/* Of one register, or of a scalar. */
static val
call_one(struct emit *e, const struct wide *w, val x, val y)
{
   type t = LLVMTypeOf(x);
   bool vec = emit_is_vec(x);
   val zero = emit_const(e, 32, 0), args[6];
   unsigned n = 0;
   if (!vec) {
      type low = LLVMVectorType(t, t == e->f64 ? 2 : 4);
      x = LLVMBuildInsertElement(e->b, LLVMGetUndef(low), x, zero, "");
      y = LLVMBuildInsertElement(e->b, LLVMGetUndef(low), y, zero, "");
   }
   args[n++] = x;
   args[n++] = y;
   if (vec && w->immediate >= 0)
      args[n++] = emit_const(e, 32, (uint64_t)w->immediate);
   if (w->bits == 512) {
      args[n++] = LLVMGetUndef(LLVMTypeOf(x));
      args[n++] = constant_mask(e, vec ? LLVMGetVectorSize(t) : 8);
      if (!vec && w->immediate >= 0)
         args[n++] = emit_const(e, 32, (uint64_t)w->immediate);
      args[n++] = emit_const(e, 32, ROUNDING_CURRENT);
   }
   val r = emit_intrinsic(e, vec ? w->vector : w->scalar, NULL, 0, args, n);
   return vec ? r : LLVMBuildExtractElement(e->b, r, zero, "");
}

/* Floats of 32 or 64 bits, scalar or of all lanes. */
static val
call_wide(struct emit *e, const struct wide *w, val x, val y)
{
   if (!emit_is_vec(x))
      return call_one(e, w, x, y);
   unsigned size = w->bits / (LLVMGetElementType(LLVMTypeOf(x)) == e->f64 ? 64 : 32);
   unsigned lanes = LLVMGetVectorSize(LLVMTypeOf(x)), n = 0;
   val part[EXEC_WARP / 4], index[EXEC_WARP];
   if (lanes < size)
      return emit_part(
         e, call_one(e, w, emit_repeat(e, x, size), emit_repeat(e, y, size)), 0, lanes);
   for (unsigned at = 0; at < lanes; at += size)
      part[n++] = call_one(e, w, emit_part(e, x, at, size), emit_part(e, y, at, size));
   for (; n > 1; n /= 2, size *= 2) {
      for (unsigned k = 0; k < size * 2; k++)
         index[k] = emit_const(e, 32, k);
      for (unsigned k = 0; k < n / 2; k++)
         part[k] = LLVMBuildShuffleVector(e->b, part[2 * k], part[2 * k + 1],
                                          LLVMConstVector(index, size * 2), "");
   }
   return part[0];
}

/* -- min, max. */
#define RANGE_OF_RESULT 4 /* its sign is the one of the operand that is chosen */

static struct wide
range(bool is_double, bool max)
{
   return (struct wide){is_double ? "llvm.x86.avx512.mask.range.pd.512"
                                  : "llvm.x86.avx512.mask.range.ps.512",
                        is_double ? "llvm.x86.avx512.mask.range.sd"
                                  : "llvm.x86.avx512.mask.range.ss",
                        RANGE_OF_RESULT | max, 512};
}

static bool
is_range(struct emit *e, const struct ir_inst *i)
{
   enum isa_type t = i->mods.type[0];
   unsigned other = ISA_FTZ | ISA_NAN_PROP | ISA_XORSIGN_ABS;
   return (i->op == ISA_MIN || i->op == ISA_MAX) && (t == ISA_F32 || t == ISA_F64) &&
          i->nsrc == 2 && i->ndst == 1 && !(i->mods.flags & other) &&
          target_has(e, "+avx512dq");
}

/* A signalling NaN would win against a number. */
static val
quiet_operand(struct emit *e, const struct ir_inst *i, unsigned k, bool vec,
              const struct wide *w)
{
   struct ir_value *v = i->src[k];
   val x = emit_cast(e, emit_operand(e, i, k, vec),
                     emit_float(e, (enum isa_type)i->mods.type[0]));
   return emit_is_quiet(e, v) ? x : call_wide(e, w, x, x);
}

val
emit_native(struct emit *e, const struct ir_inst *i, bool vec)
{
   if (!is_range(e, i))
      return emit_order(e, i, vec);
   bool is_double = i->mods.type[0] == ISA_F64;
   struct wide w = range(is_double, i->op == ISA_MAX);
   val x = quiet_operand(e, i, 0, vec, &w), y = quiet_operand(e, i, 1, vec, &w);
   return emit_cast(e, call_wide(e, &w, x, y), is_double ? e->i64 : e->i32);
}

/* The processor's own, `x > y ? x : y` or with less: NULL where there is none. */
val
emit_native_order(struct emit *e, bool max, val x, val y)
{
   static const struct wide of[2][2] = {
      {{"llvm.x86.avx.min.ps.256", "llvm.x86.sse.min.ss", -1, 256},
       {"llvm.x86.avx.max.ps.256", "llvm.x86.sse.max.ss", -1, 256}},
      {{"llvm.x86.avx.min.pd.256", "llvm.x86.sse2.min.sd", -1, 256},
       {"llvm.x86.avx.max.pd.256", "llvm.x86.sse2.max.sd", -1, 256}}};
   type t = LLVMTypeOf(x);
   bool is_double = (emit_is_vec(x) ? LLVMGetElementType(t) : t) == e->f64;
   return target_has(e, "+avx") ? call_wide(e, &of[is_double][max], x, y) : NULL;
}

/* -- Parts of meanings, once they are linked. */
/* p scaled by 2^k, k an integer as a float: a body for scale_f32. */
static void
replace_scale(struct emit *e, const char *name, type t)
{
   static const struct wide scalef = {"llvm.x86.avx512.mask.scalef.ps.512",
                                      "llvm.x86.avx512.mask.scalef.ss", -1, 512};
   val was = LLVMGetNamedFunction(e->mod, name);
   if (!was)
      return;
   val fn = LLVMAddFunction(e->mod, "scale", LLVMGlobalGetValueType(was));
   unsigned kind = LLVMGetEnumAttributeKindForName("alwaysinline", 12);
   LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                           LLVMCreateEnumAttribute(e->cx, kind, 0));
   LLVMSetLinkage(fn, LLVMInternalLinkage);
   emit_at(e, LLVMAppendBasicBlockInContext(e->cx, fn, ""));
   val in[2];
   for (unsigned k = 0; k < 2; k++) {
      in[k] = LLVMBuildLoad2(e->b, t, LLVMGetParam(fn, k + 1), "");
      LLVMSetAlignment(in[k], 4);
   }
   val st =
      LLVMBuildStore(e->b, call_wide(e, &scalef, in[0], in[1]), LLVMGetParam(fn, 0));
   LLVMSetAlignment(st, 4);
   LLVMBuildRetVoid(e->b);
   LLVMReplaceAllUsesWith(was, fn);
}

void
emit_native_parts(struct emit *e)
{
   if (!target_has(e, "+avx512f"))
      return;
   char name[32];
   snprintf(name, sizeof name, "isa%u_scale_f32", e->width);
   replace_scale(e, name, emit_vec(e, e->f32));
   replace_scale(e, "isa1_scale_f32", e->f32);
}
