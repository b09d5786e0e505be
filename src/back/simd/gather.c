/* SPDX-License-Identifier: Apache-2.0
 * Accesses whose lanes go to places of their own: addresses in the form that hardware
 * gathers take, a base and 32-bit indices, where they can be had so. */
#include "back/simd/emit.h"
#include "back/simd/often.h"

/* Lanes that are active whatever the launch, where they are this few. */
#define FEW_LANES 8

static bool
few_lanes(const struct emit *e, val mask, uint32_t *lanes)
{
   return mask && emit_known_lanes(e, mask, lanes) &&
          __builtin_popcount(*lanes) <= FEW_LANES;
}

static val
gather_few(struct emit *e, const struct emit_access *a, val ptrs, uint32_t lanes)
{
   val x = LLVMConstNull(LLVMVectorType(a->elem, e->width));
   for (; lanes; lanes &= lanes - 1) {
      val l = emit_const(e, 32, (unsigned)__builtin_ctz(lanes));
      val one =
         LLVMBuildLoad2(e->b, a->elem, LLVMBuildExtractElement(e->b, ptrs, l, ""), "");
      LLVMSetAlignment(one, a->align);
      x = LLVMBuildInsertElement(e->b, x, one, l, "");
   }
   return x;
}

static void
scatter_few(struct emit *e, const struct emit_access *a, val ptrs, val x, uint32_t lanes)
{
   for (; lanes; lanes &= lanes - 1) {
      val l = emit_const(e, 32, (unsigned)__builtin_ctz(lanes));
      val s = LLVMBuildStore(e->b, LLVMBuildExtractElement(e->b, x, l, ""),
                             LLVMBuildExtractElement(e->b, ptrs, l, ""));
      LLVMSetAlignment(s, a->align);
   }
}

val
emit_gather(struct emit *e, const struct emit_access *a, val ptrs, unsigned k)
{
   uint32_t few;
   if (few_lanes(e, a->mask, &few))
      return gather_few(e, a, emit_element_pointer(e, ptrs, a, k), few);
   type t = LLVMVectorType(a->elem, e->width);
   val args[4] = {emit_element_pointer(e, ptrs, a, k), emit_const(e, 32, a->align),
                  a->mask ? a->mask : emit_splat(e, emit_const(e, 1, 1)),
                  LLVMConstNull(t)};
   type over[2] = {t, LLVMTypeOf(ptrs)};
   val x = emit_intrinsic(e, "llvm.masked.gather", over, 2, args, 4);
   unsigned kind = LLVMGetMDKindIDInContext(e->cx, EMIT_OFTEN, sizeof EMIT_OFTEN - 1);
   if (a->often)
      LLVMSetMetadata(x, kind,
                      LLVMMetadataAsValue(e->cx, LLVMMDNodeInContext2(e->cx, NULL, 0)));
   return x;
}

void
emit_scatter(struct emit *e, const struct emit_access *a, val ptrs, unsigned k, val x)
{
   uint32_t few;
   if (few_lanes(e, a->mask, &few)) {
      scatter_few(e, a, emit_element_pointer(e, ptrs, a, k), x, few);
      return;
   }
   val args[4] = {x, emit_element_pointer(e, ptrs, a, k), emit_const(e, 32, a->align),
                  a->mask ? a->mask : emit_splat(e, emit_const(e, 1, 1))};
   type over[2] = {LLVMTypeOf(x), LLVMTypeOf(ptrs)};
   emit_intrinsic(e, "llvm.masked.scatter", over, 2, args, 4);
}

/* base + index * scale, where the address is a uniform pointer plus a widened product:
 * hardware gathers take 32-bit indices only in this form. */
static val
indexed_pointers(struct emit *e, const struct emit_access *a)
{
   struct ir_value *v = a->i->src[0];
   if (emit_space_base(e, a->space) || v->kind != IR_INST || v->def->op != ISA_ADD ||
       ir_width_bits(v->width) != 64 || v->def->block != e->block)
      return NULL;
   for (unsigned k = 0; k < 2; k++) {
      struct ir_value *base = v->def->src[k], *ix = v->def->src[1 - k];
      if (!emit_is_uniform(e, base) || ix->kind != IR_INST || ix->def->block != e->block)
         continue;
      struct ir_inst *m = ix->def;
      if (m->op != ISA_MUL || m->mods.mode != ISA_WIDE || m->src[1]->kind != IR_CONST ||
          m->src[1]->bits[0] != a->bits / 8 || ir_width_bits(m->src[0]->width) != 32)
         continue;
      val x = emit_lanes(e, m->src[0]);
      type wide = LLVMVectorType(e->i64, e->width);
      x = isa_type_is_signed(m->mods.type[0]) ? LLVMBuildSExt(e->b, x, wide, "")
                                              : LLVMBuildZExt(e->b, x, wide, "");
      val off = LLVMConstInt(e->i64, (uint64_t)a->i->offset, true);
      val p = LLVMBuildAdd(e->b, emit_scalar(e, base), off, "");
      p = LLVMBuildIntToPtr(e->b, p, e->ptr, "");
      alias_note(e, p, a->space);
      return LLVMBuildGEP2(e->b, a->elem, p, &x, 1, "");
   }
   return NULL;
}

/* base + offsets known when compiling: a gather with constant indices. */
static val
offset_pointers(struct emit *e, const struct emit_access *a)
{
   if (a->shape.kind != SHAPE_OFFSETS || a->shape.conditional)
      return NULL;
   val base = emit_pointer(e, a->space, emit_scalar(e, a->i->src[0]), a->i->offset);
   val at = emit_iota(e, 64, a->shape.offsets);
   if (a->shape.unit)
      at = LLVMBuildAdd(e->b, at, emit_multiples(e, &a->shape, 64), "");
   return LLVMBuildGEP2(e->b, e->i8, base, &at, 1, "");
}

val
emit_lane_pointers(struct emit *e, const struct emit_access *a)
{
   val p = indexed_pointers(e, a);
   if (!p)
      p = offset_pointers(e, a);
   return p ? p : emit_pointer(e, a->space, emit_lanes(e, a->i->src[0]), a->i->offset);
}
