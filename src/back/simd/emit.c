/* SPDX-License-Identifier: Apache-2.0
 * Types, constants and small idioms of LLVM that every part of the emitter uses. */
#include <stddef.h>
#include <string.h>

#include "back/simd/emit.h"

type
emit_int(struct emit *e, unsigned bits)
{
   switch (bits) {
   case 1:
      return e->i1;
   case 8:
      return e->i8;
   case 16:
      return e->i16;
   case 32:
      return e->i32;
   case 64:
      return e->i64;
   default:
      return e->i128;
   }
}

type
emit_float(struct emit *e, enum isa_type t)
{
   switch (t) {
   case ISA_F32:
      return e->f32;
   case ISA_F64:
      return e->f64;
   default:
      return NULL;
   }
}

type
emit_vec(struct emit *e, type elem)
{
   return e->width == 1 ? elem : LLVMVectorType(elem, e->width);
}

val
emit_const(struct emit *e, unsigned bits, uint64_t v)
{
   return LLVMConstInt(emit_int(e, bits), v, false);
}

bool
emit_is_vec(val v)
{
   return LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind;
}

val
emit_splat(struct emit *e, val scalar)
{
   if (e->width == 1 || emit_is_vec(scalar))
      return scalar;
   return emit_splat_to(e, e->width, scalar);
}

val
emit_splat_to(struct emit *e, unsigned n, val scalar)
{
   type t = LLVMTypeOf(scalar);
   if (LLVMIsConstant(scalar)) {
      val lanes[EXEC_WARP];
      for (unsigned i = 0; i < n; i++)
         lanes[i] = scalar;
      return LLVMConstVector(lanes, n);
   }
   val undef = LLVMGetUndef(LLVMVectorType(t, n));
   val one = LLVMBuildInsertElement(e->b, undef, scalar, emit_const(e, 32, 0), "");
   val zeros = LLVMConstNull(LLVMVectorType(e->i32, n));
   return LLVMBuildShuffleVector(e->b, one, undef, zeros, "");
}

bool
emit_is_made_of(const struct ir_value *v, bool (*may)(unsigned sreg), unsigned depth)
{
   const struct ir_inst *i = v->kind == IR_INST ? v->def : NULL;
   if (!i)
      return true;
   if (!depth || i->op == ISA_PHI)
      return false;
   if (i->op == ISA_SREG)
      return may(i->mods.extra);
   if (i->op == ISA_ADDR)
      return true;
   bool param = i->op == ISA_LD && i->mods.space == ISA_PARAM;
   if (!param && i->op != ISA_COPY && !(ir_inst_is_pure(i) && lanes_is_lane_wise(i)))
      return false;
   for (unsigned k = 0; k < i->nsrc; k++)
      if (!emit_is_made_of(i->src[k], may, depth - 1))
         return false;
   return true;
}

val
emit_part(struct emit *e, val x, unsigned first, unsigned n)
{
   val at[EXEC_WARP];
   for (unsigned k = 0; k < n; k++)
      at[k] = emit_const(e, 32, first + k);
   return LLVMBuildShuffleVector(e->b, x, LLVMGetPoison(LLVMTypeOf(x)),
                                 LLVMConstVector(at, n), "");
}

val
emit_iota(struct emit *e, unsigned bits, const int64_t *offsets)
{
   val lanes[EXEC_WARP];
   for (unsigned i = 0; i < e->width; i++)
      lanes[i] =
         LLVMConstInt(emit_int(e, bits), (uint64_t)(offsets ? offsets[i] : i), true);
   return e->width == 1 ? lanes[0] : LLVMConstVector(lanes, e->width);
}

val
emit_cast(struct emit *e, val v, type elem)
{
   type t =
      emit_is_vec(v) ? LLVMVectorType(elem, LLVMGetVectorSize(LLVMTypeOf(v))) : elem;
   return LLVMTypeOf(v) == t ? v : LLVMBuildBitCast(e->b, v, t, "");
}

val
emit_resize(struct emit *e, val v, unsigned to, bool is_signed)
{
   type t = emit_int(e, to);
   type from = LLVMTypeOf(v);
   unsigned have = LLVMGetIntTypeWidth(emit_is_vec(v) ? LLVMGetElementType(from) : from);
   if (emit_is_vec(v))
      t = LLVMVectorType(t, LLVMGetVectorSize(from));
   if (have == to)
      return v;
   if (have > to)
      return LLVMBuildTrunc(e->b, v, t, "");
   return is_signed ? LLVMBuildSExt(e->b, v, t, "") : LLVMBuildZExt(e->b, v, t, "");
}

val
emit_alloca(struct emit *e, type t, const char *name)
{
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   LLVMPositionBuilderBefore(e->b, e->entry_end);
   val p = LLVMBuildAlloca(e->b, t, name);
   LLVMPositionBuilderAtEnd(e->b, at);
   return p;
}

val
emit_intrinsic(struct emit *e, const char *name, type *overload, unsigned n, val *args,
               unsigned nargs)
{
   unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
   val fn = LLVMGetIntrinsicDeclaration(e->mod, id, overload, n);
   type ft = LLVMIntrinsicGetType(e->cx, id, overload, n);
   return LLVMBuildCall2(e->b, ft, fn, args, nargs, "");
}

val
emit_ctx_ptr(struct emit *e, size_t offset)
{
   val at = emit_const(e, 64, offset);
   return LLVMBuildGEP2(e->b, e->i8, e->ctx, &at, 1, "");
}

val
emit_constant(struct emit *e, val load)
{
   unsigned kind = LLVMGetMDKindIDInContext(e->cx, "invariant.load", 14);
   LLVMSetMetadata(load, kind,
                   LLVMMetadataAsValue(e->cx, LLVMMDNodeInContext2(e->cx, NULL, 0)));
   return load;
}

val
emit_ctx_field(struct emit *e, size_t offset, type t)
{
   return emit_constant(e, LLVMBuildLoad2(e->b, t, emit_ctx_ptr(e, offset), ""));
}

val
emit_service(struct emit *e, size_t offset, type ret, type *params, val *args, unsigned n)
{
   type all[10] = {e->ptr};
   val vals[10] = {e->ctx};
   for (unsigned i = 0; i < n; i++) {
      all[1 + i] = params[i];
      vals[1 + i] = args[i];
   }
   val svc = emit_ctx_field(e, offsetof(struct exec_ctx, svc), e->ptr);
   val at = emit_const(e, 64, offset);
   val fn = LLVMBuildLoad2(e->b, e->ptr, LLVMBuildGEP2(e->b, e->i8, svc, &at, 1, ""), "");
   type ft = LLVMFunctionType(ret, all, n + 1, false);
   return LLVMBuildCall2(e->b, ft, fn, vals, n + 1, "");
}

LLVMBasicBlockRef
emit_new_block(struct emit *e, const char *name)
{
   return LLVMAppendBasicBlockInContext(e->cx, e->fn, name);
}

void
emit_at(struct emit *e, LLVMBasicBlockRef bb)
{
   LLVMPositionBuilderAtEnd(e->b, bb);
}

val
emit_mask_bits(struct emit *e, val mask)
{
   if (!mask)
      return emit_const(e, 32, UINT32_MAX >> (32 - e->width));
   uint32_t lanes;
   if (e->width > 1 && emit_known_lanes(e, mask, &lanes))
      return emit_const(e, 32, lanes);
   type bits = LLVMIntTypeInContext(e->cx, e->width);
   return LLVMBuildZExt(e->b, LLVMBuildBitCast(e->b, mask, bits, ""), e->i32, "");
}

val
emit_are_all(struct emit *e, val bits)
{
   return LLVMBuildICmp(e->b, LLVMIntEQ, bits, emit_mask_bits(e, NULL), "");
}

val
emit_any(struct emit *e, val mask)
{
   /* Some known lanes or none. */
   if (mask && LLVMIsASelectInst(mask) && !emit_is_vec(LLVMGetOperand(mask, 0)) &&
       LLVMIsConstant(LLVMGetOperand(mask, 1)) && !LLVMIsNull(LLVMGetOperand(mask, 1)) &&
       LLVMIsNull(LLVMGetOperand(mask, 2)))
      return LLVMGetOperand(mask, 0);
   if (!mask)
      return emit_const(e, 1, 1);
   if (e->width == 1)
      return mask;
   return LLVMBuildICmp(e->b, LLVMIntNE, emit_mask_bits(e, mask), emit_const(e, 32, 0),
                        "");
}

val
emit_mods(struct emit *e, const struct isa_mods *m)
{
   val init = LLVMConstStringInContext(e->cx, (const char *)m, sizeof *m, true);
   val g = LLVMAddGlobal(e->mod, LLVMTypeOf(init), "mods");
   LLVMSetInitializer(g, init);
   LLVMSetGlobalConstant(g, true);
   LLVMSetLinkage(g, LLVMPrivateLinkage);
   LLVMSetAlignment(g, 16);
   return g;
}

void
emit_trap(struct emit *e, enum exec_trap_reason reason, uint32_t line)
{
   type params[2] = {e->i32, e->i32};
   val args[2] = {emit_const(e, 32, reason), emit_const(e, 32, line)};
   emit_service(e, offsetof(struct exec_services, trap), e->void_, params, args, 2);
}

void
emit_trap_where(struct emit *e, const struct ir_inst *i, enum exec_trap_reason reason,
                val bad)
{
   if (emit_is_vec(bad)) {
      if (e->mask)
         bad = LLVMBuildAnd(e->b, bad, e->mask, "");
      bad = emit_any(e, bad);
   } else {
      bad = LLVMBuildAnd(e->b, bad, emit_any(e, e->mask), "");
   }
   LLVMBasicBlockRef yes = emit_new_block(e, "bad"), no = emit_new_block(e, "good");
   LLVMBuildCondBr(e->b, bad, yes, no);
   emit_at(e, yes);
   emit_trap(e, reason, i->loc.line);
   LLVMBuildBr(e->b, no);
   emit_at(e, no);
}

void
emit_unsupported(struct emit *e, const struct ir_inst *i, const char *why)
{
   char text[128];
   isa_print(i->op, &i->mods, text, sizeof text);
   diag_error(e->d, i->loc, "simd-unsupported",
              "%s is not supported by the simd back end%s%s", text, *why ? ": " : "",
              why);
}

void
lane_loop_begin(struct emit *e, struct lane_loop *l, val bits)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   l->head = emit_new_block(e, "lane");
   l->done = emit_new_block(e, "lanes_done");
   val none = LLVMBuildICmp(e->b, LLVMIntEQ, bits, emit_const(e, 32, 0), "");
   LLVMBuildCondBr(e->b, none, l->done, l->head);
   emit_at(e, l->head);
   l->bits = LLVMBuildPhi(e->b, e->i32, "bits");
   LLVMAddIncoming(l->bits, &bits, &from, 1);
   val args[2] = {l->bits, emit_const(e, 1, 1)};
   l->lane = emit_intrinsic(e, "llvm.cttz", &e->i32, 1, args, 2);
   l->was_no_cache = e->no_cache;
   e->no_cache = true;
}

void
lane_loop_end(struct emit *e, struct lane_loop *l)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   val less = LLVMBuildSub(e->b, l->bits, emit_const(e, 32, 1), "");
   val next = LLVMBuildAnd(e->b, l->bits, less, "");
   LLVMAddIncoming(l->bits, &next, &from, 1);
   val none = LLVMBuildICmp(e->b, LLVMIntEQ, next, emit_const(e, 32, 0), "");
   LLVMBuildCondBr(e->b, none, l->done, l->head);
   emit_at(e, l->done);
   e->no_cache = l->was_no_cache;
}
