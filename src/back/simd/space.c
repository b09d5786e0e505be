/* SPDX-License-Identifier: Apache-2.0
 * State spaces: where each lies in host memory, and the instructions that go from one to
 * another or tell them apart. The shared memories of a cluster's blocks follow each other
 * at one distance, so that a block is found by arithmetic. */
#include <stddef.h>

#include "back/simd/emit.h"

#define RANK_SHIFT 24
#define OFFSET_MASK 0xffffffu

val
emit_space_base(struct emit *e, unsigned space)
{
   switch (space) {
   case ISA_SHARED:
   case ISA_SHARED_CLUSTER:
      return emit_ctx_field(e, offsetof(struct exec_ctx, shared), e->ptr);
   case ISA_PARAM:
      return e->params ? e->params
                       : emit_ctx_field(e, offsetof(struct exec_ctx, params), e->ptr);
   case ISA_LOCAL:
   case ISA_PARAM_FUNC:
      return emit_ctx_field(e, offsetof(struct exec_ctx, local), e->ptr);
   default:
      return NULL;
   }
}

bool
emit_is_frame(unsigned space)
{
   return space == ISA_LOCAL || space == ISA_PARAM_FUNC;
}

/* A scalar as wide as x has lanes. */
static val
as_many(struct emit *e, val x, val scalar)
{
   return emit_is_vec(x) ? emit_splat(e, scalar) : scalar;
}

static val
constant(struct emit *e, val x, uint64_t c)
{
   return as_many(e, x, emit_const(e, 64, c));
}

static val
field32(struct emit *e, size_t offset)
{
   return LLVMBuildZExt(e->b, emit_ctx_field(e, offset, e->i32), e->i64, "");
}

static val
own_rank(struct emit *e)
{
   return field32(e, offsetof(struct exec_ctx, cluster_ctarank));
}

static val
block_stride(struct emit *e)
{
   return emit_ctx_field(e, offsetof(struct exec_ctx, shared_stride), e->i64);
}

static val
base_bits(struct emit *e, unsigned space)
{
   return LLVMBuildPtrToInt(e->b, emit_space_base(e, space), e->i64, "");
}

val
emit_cluster_offset(struct emit *e, val addr)
{
   val a = emit_resize(e, addr, 64, false);
   a = LLVMBuildAnd(e->b, a, constant(e, a, UINT32_MAX), "");
   val rank = LLVMBuildLShr(e->b, a, constant(e, a, RANK_SHIFT), "");
   val low = LLVMBuildAnd(e->b, a, constant(e, a, OFFSET_MASK), "");
   val own = LLVMBuildAdd(e->b, own_rank(e), emit_const(e, 64, 1), "");
   val away = LLVMBuildSub(e->b, rank, as_many(e, a, own), "");
   away = LLVMBuildMul(e->b, away, as_many(e, a, block_stride(e)), "");
   val here = LLVMBuildICmp(e->b, LLVMIntEQ, rank, constant(e, a, 0), "");
   away = LLVMBuildSelect(e->b, here, constant(e, a, 0), away, "");
   return LLVMBuildAdd(e->b, low, away, "");
}

/* -- A generic address as block and place within the block's shared memory. */
struct place {
   val known; /* it lies in the shared memory of the cluster */
   val rank, low;
};

static val
cluster_base(struct emit *e)
{
   val before = LLVMBuildMul(e->b, own_rank(e), block_stride(e), "");
   return LLVMBuildSub(e->b, base_bits(e, ISA_SHARED), before, "");
}

static struct place
place_of(struct emit *e, val x)
{
   struct place p;
   val at = LLVMBuildSub(e->b, x, as_many(e, x, cluster_base(e)), "");
   val stride = as_many(e, x, block_stride(e));
   val n = field32(e, offsetof(struct exec_ctx, cluster_nctarank));
   val size = field32(e, offsetof(struct exec_ctx, total_smem));
   p.rank = LLVMBuildUDiv(e->b, at, stride, "");
   p.low = LLVMBuildURem(e->b, at, stride, "");
   p.known =
      LLVMBuildAnd(e->b, LLVMBuildICmp(e->b, LLVMIntULT, p.rank, as_many(e, x, n), ""),
                   LLVMBuildICmp(e->b, LLVMIntULT, p.low, as_many(e, x, size), ""), "");
   return p;
}

/* Address form of what another block of the cluster holds. */
static val
far_address(struct emit *e, val rank, val low)
{
   val r = LLVMBuildAdd(e->b, rank, constant(e, rank, 1), "");
   r = LLVMBuildShl(e->b, r, constant(e, rank, RANK_SHIFT), "");
   return LLVMBuildOr(e->b, r, low, "");
}

static bool
is_lane_wise(struct emit *e, const struct ir_inst *i)
{
   return e->width > 1 && e->l->shape[i->dst[0]->id].kind == SHAPE_VARYING;
}

static void
set(struct emit *e, struct ir_inst *i, val x)
{
   unsigned bits = ir_width_bits(i->dst[0]->width);
   type t = emit_int(e, bits);
   if (emit_is_vec(x))
      t = LLVMVectorType(t, e->width);
   if (bits < 64 && bits > 1)
      x = LLVMBuildTrunc(e->b, x, t, "");
   emit_set(e, i->dst[0], x);
}

/* Source 0, an address. */
static val
address(struct emit *e, struct ir_inst *i)
{
   val x = emit_resize(e, emit_use(e, i->src[0], is_lane_wise(e, i)), 64, false);
   return i->offset ? LLVMBuildAdd(e->b, x, constant(e, x, (uint64_t)i->offset), "") : x;
}

static val
cvta_cluster(struct emit *e, val x, bool to)
{
   val own = as_many(e, x, base_bits(e, ISA_SHARED));
   if (!to)
      return LLVMBuildAdd(e->b, emit_cluster_offset(e, x), own, "");
   struct place p = place_of(e, x);
   val here = LLVMBuildICmp(e->b, LLVMIntEQ, p.rank, as_many(e, x, own_rank(e)), "");
   val far = LLVMBuildAnd(e->b, p.known, LLVMBuildNot(e->b, here, ""), "");
   return LLVMBuildSelect(e->b, far, far_address(e, p.rank, p.low),
                          LLVMBuildSub(e->b, x, own, ""), "");
}

val
emit_cvta(struct emit *e, const struct ir_inst *i, bool vec)
{
   bool to = (i->mods.flags & ISA_TO) != 0;
   val x = emit_resize(e, emit_use(e, i->src[0], vec), 64, false);
   if (i->offset)
      x = LLVMBuildAdd(e->b, x, constant(e, x, (uint64_t)i->offset), "");
   if (i->mods.space == ISA_SHARED_CLUSTER) {
      x = cvta_cluster(e, x, to);
   } else if (emit_space_base(e, i->mods.space)) {
      val b = as_many(e, x, base_bits(e, i->mods.space));
      if (emit_is_frame(i->mods.space) && e->width > 1)
         b = LLVMBuildAdd(e->b, emit_splat(e, b), emit_lane_offset(e, NULL), "");
      x = to ? LLVMBuildSub(e->b, x, b, "") : LLVMBuildAdd(e->b, x, b, "");
   }
   return emit_resize(e, x, ir_width_bits(i->dst[0]->width), false);
}

static val
in_range(struct emit *e, val x, val from, val size)
{
   val at = LLVMBuildSub(e->b, x, as_many(e, x, from), "");
   return LLVMBuildICmp(e->b, LLVMIntULT, at, as_many(e, x, size), "");
}

/* Between the first and the last block's shared memory lies nothing else. */
static val
in_cluster(struct emit *e, val x)
{
   val n = field32(e, offsetof(struct exec_ctx, cluster_nctarank));
   val size = LLVMBuildMul(e->b, n, block_stride(e), "");
   return in_range(e, x, cluster_base(e), size);
}

static val
in_local(struct emit *e, val x)
{
   val size = emit_ctx_field(e, offsetof(struct exec_ctx, local_stride), e->i64);
   const uint32_t *n = e->l->config->block;
   uint64_t lanes = e->warp ? ALIGN_UP(n[0] * n[1] * n[2], e->width) : e->width;
   size = LLVMBuildMul(e->b, size, emit_const(e, 64, lanes), "");
   return in_range(e, x, base_bits(e, ISA_LOCAL), size);
}

static val
in_const(struct emit *e, val x)
{
   const struct ir_module *m = e->f->module;
   val r = as_many(e, x, emit_const(e, 1, 0));
   for (size_t k = 0; k < m->syms.len; k++) {
      struct ir_sym *s = m->syms.data[k];
      if (s->space != ISA_CONST)
         continue;
      val in = in_range(e, x, emit_symbol(e, s), emit_const(e, 64, s->size));
      r = LLVMBuildOr(e->b, r, in, "");
   }
   return r;
}

/* Whether a generic address lies in a space. */
static val
in_space(struct emit *e, unsigned space, val x)
{
   val r;
   switch (space) {
   case ISA_SHARED:
      return in_range(e, x, base_bits(e, ISA_SHARED),
                      field32(e, offsetof(struct exec_ctx, total_smem)));
   case ISA_SHARED_CLUSTER:
      return place_of(e, x).known;
   case ISA_LOCAL:
   case ISA_PARAM_FUNC:
      return in_local(e, x);
   case ISA_PARAM:
      return in_range(e, x, base_bits(e, ISA_PARAM), emit_const(e, 64, e->param_bytes));
   case ISA_CONST:
      return in_const(e, x);
   default:
      r = LLVMBuildOr(e->b, in_cluster(e, x), in_local(e, x), "");
      r = LLVMBuildOr(e->b, r, in_space(e, ISA_PARAM, x), "");
      return LLVMBuildNot(e->b, r, "");
   }
}

void
emit_isspacep(struct emit *e, struct ir_inst *i)
{
   set(e, i, in_space(e, i->mods.space, address(e, i)));
}

void
emit_mapa(struct emit *e, struct ir_inst *i)
{
   val x = address(e, i);
   val rank = emit_resize(e, emit_use(e, i->src[1], emit_is_vec(x)), 64, false);
   if (i->mods.space != ISA_GENERIC) {
      val low = LLVMBuildAnd(e->b, x, constant(e, x, OFFSET_MASK), "");
      set(e, i, far_address(e, rank, low));
      return;
   }
   struct place p = place_of(e, x);
   val n = as_many(e, x, field32(e, offsetof(struct exec_ctx, cluster_nctarank)));
   val ok = LLVMBuildICmp(e->b, LLVMIntULT, rank, n, "");
   ok = LLVMBuildAnd(e->b, ok, p.known, "");
   emit_trap_where(e, i, EXEC_TRAP_ADDRESS, LLVMBuildNot(e->b, ok, ""));
   val away = LLVMBuildSub(e->b, rank, p.rank, "");
   away = LLVMBuildMul(e->b, away, as_many(e, x, block_stride(e)), "");
   set(e, i, LLVMBuildAdd(e->b, x, away, ""));
}

void
emit_getctarank(struct emit *e, struct ir_inst *i)
{
   val x = address(e, i), own = as_many(e, x, own_rank(e)), r;
   if (i->mods.space != ISA_GENERIC) {
      val a = LLVMBuildAnd(e->b, x, constant(e, x, UINT32_MAX), "");
      val field = LLVMBuildLShr(e->b, a, constant(e, x, RANK_SHIFT), "");
      val here = LLVMBuildICmp(e->b, LLVMIntEQ, field, constant(e, x, 0), "");
      r = LLVMBuildSub(e->b, field, constant(e, x, 1), "");
      r = LLVMBuildSelect(e->b, here, own, r, "");
   } else {
      struct place p = place_of(e, x);
      r = LLVMBuildSelect(e->b, p.known, p.rank, own, "");
   }
   set(e, i, r);
}

/* -- Addresses. */
/* Addresses of 32 bits are offsets from a base, below 2 GB. They are widened as signed
 * numbers: of an affine address the first lane's may be negative while that lane sleeps,
 * and the other lanes' steps must lead from there back across zero, not past 4 GB. */
static val
widen_address(struct emit *e, unsigned space, val base, val addr)
{
   if (space == ISA_SHARED_CLUSTER)
      return emit_cluster_offset(e, addr);
   type t = emit_is_vec(addr) ? LLVMGetElementType(LLVMTypeOf(addr)) : LLVMTypeOf(addr);
   if (base && t == e->i64 && emit_is_vec(addr))
      addr = emit_resize(e, addr, 32, false); /* what gathers take as an index */
   else if (!base || t == e->i64)
      return emit_resize(e, addr, 64, false);
   type wide = emit_is_vec(addr)
                  ? LLVMVectorType(e->i64, LLVMGetVectorSize(LLVMTypeOf(addr)))
                  : e->i64;
   return LLVMBuildSExt(e->b, addr, wide, "");
}

/* Byte offset of lane l's local memory; a vector where lane is NULL. */
val
emit_lane_offset(struct emit *e, val lane)
{
   if (e->width == 1)
      return emit_const(e, 64, 0);
   val stride = emit_ctx_field(e, offsetof(struct exec_ctx, local_stride), e->i64), first;
   if (lane) {
      first = LLVMBuildZExt(e->b, lane, e->i64, "");
   } else {
      first = emit_iota(e, 64, NULL);
      stride = emit_splat(e, stride);
   }
   if (e->warp) {
      val lanes = LLVMBuildMul(e->b, e->warp, emit_const(e, 32, e->width), "");
      lanes = LLVMBuildZExt(e->b, lanes, e->i64, "");
      first = LLVMBuildAdd(e->b, first, lane ? lanes : emit_splat(e, lanes), "");
   }
   return LLVMBuildMul(e->b, stride, first, "");
}

/* The pointer, or vector of pointers, that an address of a space stands for. */
val
emit_pointer(struct emit *e, unsigned space, val addr, int64_t offset)
{
   val base = emit_space_base(e, space);
   val a = widen_address(e, space, base, addr);
   bool vec = emit_is_vec(a);
   if (emit_is_frame(space)) {
      if (e->width > 1 && !vec)
         a = emit_splat(e, a);
      vec = emit_is_vec(a);
      a = LLVMBuildAdd(e->b, a, emit_lane_offset(e, NULL), "");
   }
   val k = LLVMConstInt(e->i64, (uint64_t)offset, true);
   if (offset && base)
      base = LLVMBuildGEP2(e->b, e->i8, base, &k, 1, "");
   else if (offset)
      a = LLVMBuildAdd(e->b, a, vec ? emit_splat(e, k) : k, "");
   if (base)
      return LLVMBuildGEP2(e->b, e->i8, base, &a, 1, "");
   a = LLVMBuildIntToPtr(e->b, a, vec ? LLVMVectorType(e->ptr, e->width) : e->ptr, "");
   alias_note(e, a, space);
   return a;
}

val
emit_address(struct emit *e, unsigned space, val addr, unsigned addr_bits, val lane)
{
   val base = emit_space_base(e, space);
   val a = widen_address(e, space, base, addr);
   if (emit_is_frame(space) && lane)
      a = LLVMBuildAdd(e->b, a, emit_lane_offset(e, lane), "");
   return base ? LLVMBuildGEP2(e->b, e->i8, base, &a, 1, "")
               : LLVMBuildIntToPtr(e->b, a, e->ptr, "");
}

val
emit_symbol(struct emit *e, struct ir_sym *s)
{
   switch (s->space) {
   case ISA_SHARED:
   case ISA_PARAM:
      return emit_const(e, 64, s->address);
   case ISA_LOCAL:
   case ISA_PARAM_FUNC: {
      val at = emit_const(e, 64, s->address);
      return e->frame ? LLVMBuildAdd(e->b, at, e->frame, "") : at;
   }
   default:
      break;
   }
   size_t at = (size_t)map_find_n(e->sym_index, &s, sizeof s);
   if (!at) {
      vec_push(&e->syms, base_strdup(s->name));
      at = e->syms.len;
      map_set_n(e->sym_index, &s, sizeof s, (void *)at);
   }
   val table = emit_ctx_field(e, offsetof(struct exec_ctx, symtab), e->ptr);
   val k = emit_const(e, 64, (at - 1) * 8);
   val p = LLVMBuildGEP2(e->b, e->i8, table, &k, 1, "");
   return emit_constant(e, LLVMBuildLoad2(e->b, e->i64, p, ""));
}
