/* SPDX-License-Identifier: Apache-2.0
 * Special registers: fields of the context that the scheduler fills, constants that the
 * launch's block shape gives, and what follows from the lane's number. */
#include <stddef.h>

#include "back/simd/emit.h"

/* Lane 0's %tid component, from the warp's number and the block's shape. */
static val
first_tid(struct emit *e, unsigned component)
{
   const uint32_t *n = e->l->config->block;
   val t = LLVMBuildNUWMul(e->b, e->warp, emit_const(e, 32, e->width), "");
   uint32_t above = n[0] * n[1] * n[2];
   for (unsigned k = 0; k < component; k++) {
      t = LLVMBuildUDiv(e->b, t, emit_const(e, 32, n[k]), "");
      above /= n[k];
   }
   return above == n[component]
             ? t
             : LLVMBuildURem(e->b, t, emit_const(e, 32, n[component]), "");
}

val
emit_special_register(struct emit *e, const struct ir_inst *i, bool vec)
{
   unsigned r = i->mods.extra;
   static const struct {
      uint16_t reg, offset;
   } fields[] = {
#define FIELD3(name, field)                                                              \
   {ISA_SREG_##name##_X, offsetof(struct exec_ctx, field)},                              \
      {ISA_SREG_##name##_Y, offsetof(struct exec_ctx, field) + 4},                       \
      {ISA_SREG_##name##_Z, offsetof(struct exec_ctx, field) + 8}
      FIELD3(CTAID, ctaid),
      FIELD3(NCTAID, nctaid),
      FIELD3(NTID, ntid),
      FIELD3(CLUSTERID, clusterid),
      FIELD3(NCLUSTERID, nclusterid),
      FIELD3(CLUSTER_CTAID, cluster_ctaid),
      FIELD3(CLUSTER_NCTAID, cluster_nctaid),
      {ISA_SREG_WARPID, offsetof(struct exec_ctx, warp)},
      {ISA_SREG_NWARPID, offsetof(struct exec_ctx, nwarps)},
      {ISA_SREG_SMID, offsetof(struct exec_ctx, smid)},
      {ISA_SREG_NSMID, offsetof(struct exec_ctx, nsmid)},
      {ISA_SREG_CLUSTER_CTARANK, offsetof(struct exec_ctx, cluster_ctarank)},
      {ISA_SREG_CLUSTER_NCTARANK, offsetof(struct exec_ctx, cluster_nctarank)},
      {ISA_SREG_DYNAMIC_SMEM_SIZE, offsetof(struct exec_ctx, dynamic_smem)},
      {ISA_SREG_TOTAL_SMEM_SIZE, offsetof(struct exec_ctx, total_smem)},
   };
   if (r == ISA_SREG_WARPID && e->warp)
      return e->warp;
   if (r == ISA_SREG_CTAID_X && e->ctaid_x)
      return e->ctaid_x;
   for (size_t k = 0; k < ARRAY_LEN(fields); k++)
      if (fields[k].reg == r) {
         const uint32_t *block = e->l->config->block;
         if (r >= ISA_SREG_NTID_X && r <= ISA_SREG_NTID_Z && block[0])
            return emit_const(e, 32, block[r - ISA_SREG_NTID_X]);
         return emit_ctx_field(e, fields[k].offset, e->i32);
      }
   switch (r) {
   case ISA_SREG_TID_X:
   case ISA_SREG_TID_Y:
   case ISA_SREG_TID_Z: {
      if (!vec && e->width > 1 && e->l->shape[i->dst[0]->id].align >= 32)
         return emit_const(e, 32, 0); /* rows begin with warps */
      if (e->warp)
         return first_tid(e, r - ISA_SREG_TID_X);
      size_t at = offsetof(struct exec_ctx, tid) + (r - ISA_SREG_TID_X) * EXEC_WARP * 4;
      if (!vec)
         return emit_ctx_field(e, at, e->i32);
      val v = emit_ctx_field(e, at, emit_vec(e, e->i32));
      LLVMSetAlignment(v, 4);
      return v;
   }
   case ISA_SREG_LANEID:
      return e->width == 1 ? emit_ctx_field(e, offsetof(struct exec_ctx, lane), e->i32)
             : vec         ? emit_iota(e, 32, NULL)
                           : emit_const(e, 32, 0);
   case ISA_SREG_LANEMASK_EQ:
   case ISA_SREG_LANEMASK_LE:
   case ISA_SREG_LANEMASK_LT:
   case ISA_SREG_LANEMASK_GE:
   case ISA_SREG_LANEMASK_GT: {
      val lane = e->width == 1
                    ? emit_ctx_field(e, offsetof(struct exec_ctx, lane), e->i32)
                    : emit_iota(e, 32, NULL);
      val one = emit_splat(e, emit_const(e, 32, 1));
      val eq = LLVMBuildShl(e->b, one, lane, "");
      val lt = LLVMBuildSub(e->b, eq, one, "");
      if (r == ISA_SREG_LANEMASK_EQ)
         return eq;
      if (r == ISA_SREG_LANEMASK_LT)
         return lt;
      if (r == ISA_SREG_LANEMASK_LE)
         return LLVMBuildOr(e->b, lt, eq, "");
      return r == ISA_SREG_LANEMASK_GE
                ? LLVMBuildNot(e->b, lt, "")
                : LLVMBuildNot(e->b, LLVMBuildOr(e->b, lt, eq, ""), "");
   }
   case ISA_SREG_GRIDID:
      return emit_resize(e, emit_ctx_field(e, offsetof(struct exec_ctx, gridid), e->i64),
                         ir_width_bits(i->dst[0]->width), false);
   case ISA_SREG_IS_EXPLICIT_CLUSTER:
      return LLVMBuildICmp(
         e->b, LLVMIntNE,
         emit_ctx_field(e, offsetof(struct exec_ctx, is_explicit_cluster), e->i32),
         emit_const(e, 32, 0), "");
   case ISA_SREG_CLOCK:
   case ISA_SREG_CLOCK_HI:
   case ISA_SREG_CLOCK64:
   case ISA_SREG_GLOBALTIMER:
   case ISA_SREG_GLOBALTIMER_LO:
   case ISA_SREG_GLOBALTIMER_HI: {
      bool timer = r == ISA_SREG_GLOBALTIMER || r == ISA_SREG_GLOBALTIMER_LO ||
                   r == ISA_SREG_GLOBALTIMER_HI;
      val t = emit_service(e,
                           timer ? offsetof(struct exec_services, globaltimer)
                                 : offsetof(struct exec_services, clock),
                           e->i64, NULL, NULL, 0);
      if (r == ISA_SREG_CLOCK_HI || r == ISA_SREG_GLOBALTIMER_HI)
         t = LLVMBuildLShr(e->b, t, emit_const(e, 64, 32), "");
      return emit_resize(e, t, ir_width_bits(i->dst[0]->width), false);
   }
   case ISA_SREG_ENVREG1:
   case ISA_SREG_ENVREG2:
      return LLVMBuildTrunc(e->b,
                            emit_ctx_field(e,
                                           offsetof(struct exec_ctx, envreg) +
                                              (r - ISA_SREG_ENVREG1 + 1) * 8,
                                           e->i64),
                            e->i32, "");
   default:
      emit_unsupported(e, i, isa_sreg_name(r));
      return LLVMConstNull(emit_int(e, ir_width_bits(i->dst[0]->width)));
   }
}

void
sreg_settle(struct ir_func *f, const uint32_t block[3])
{
   ir_foreach_block (b, f) {
      ir_foreach_inst_safe (i, b) {
         unsigned r = i->mods.extra;
         if (!block[0] || i->op != ISA_SREG || r < ISA_SREG_NTID_X ||
             r > ISA_SREG_NTID_Z || i->dst[0]->width != IR_B32)
            continue;
         struct ir_inst *m = ir_inst_create(f, ISA_MOV, 1, 1);
         m->mods.type[0] = ISA_B32;
         m->dst[0] = i->dst[0];
         m->src[0] = ir_const(f, IR_B32, block[r - ISA_SREG_NTID_X]);
         m->guard = i->guard;
         m->guard_negated = i->guard_negated;
         m->loc = i->loc;
         ir_inst_insert_before(i, m);
         ir_inst_remove(i);
      }
   }
}
