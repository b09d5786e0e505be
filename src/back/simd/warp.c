/* SPDX-License-Identifier: Apache-2.0
 * What reaches beyond one lane: warp operations and barriers. In thread mode lanes meet
 * in the scheduler; otherwise they are all here, and common forms are vector code while
 * the rest asks the one meaning natively. */
#include <stddef.h>
#include <string.h>

#include "back/simd/emit.h"
#include "back/simd/few.h"
#include "back/simd/tables.h"

/* -- The general road: arguments of every lane in memory. */
struct warp_operands {
   val a, b, c, members, pred; /* as lanes; NULL: there is none */
};

static struct warp_operands
operands_of(struct emit *e, const struct ir_inst *i)
{
   struct warp_operands o = {NULL};
   bool sync = (i->mods.flags & ISA_SYNC) || i->op == ISA_BAR_WARP || i->op == ISA_ELECT;
   unsigned n = i->nsrc;
   if (sync && n)
      o.members = emit_operand(e, i, --n, true);
   val *to[3] = {&o.a, &o.b, &o.c};
   if (n && (i->op == ISA_VOTE || i->src[0]->width == IR_PRED))
      to[0] = &o.pred;
   for (unsigned k = 0; k < MIN2(n, i->op == ISA_VOTE ? 1u : 3u); k++)
      *to[k] = emit_operand(e, i, k, true);
   return o;
}

static void
put_field(struct emit *e, val base, size_t offset, val x)
{
   val at = emit_const(e, 64, offset);
   LLVMBuildStore(e->b, x, LLVMBuildGEP2(e->b, e->i8, base, &at, 1, ""));
}

static val
get_field(struct emit *e, val base, size_t offset, type t)
{
   val at = emit_const(e, 64, offset);
   return LLVMBuildLoad2(e->b, t, LLVMBuildGEP2(e->b, e->i8, base, &at, 1, ""), "");
}

static val
lane_value(struct emit *e, val x, unsigned lane, unsigned bits)
{
   if (e->width > 1)
      x = LLVMBuildExtractElement(e->b, x, emit_const(e, 32, lane), "");
   return emit_resize(e, x, bits, false);
}

static void
put_lane(struct emit *e, const struct warp_operands *o, val arg, unsigned lane)
{
   size_t base = lane * sizeof(struct exec_warp_arg);
   if (o->a) {
      put_field(e, arg, base + offsetof(struct exec_warp_arg, a),
                lane_value(e, o->a, lane, 32));
      put_field(e, arg, base + offsetof(struct exec_warp_arg, wide),
                lane_value(e, o->a, lane, 64));
   }
   if (o->b)
      put_field(e, arg, base + offsetof(struct exec_warp_arg, b),
                lane_value(e, o->b, lane, 32));
   if (o->c)
      put_field(e, arg, base + offsetof(struct exec_warp_arg, c),
                lane_value(e, o->c, lane, 32));
   val members =
      o->members ? lane_value(e, o->members, lane, 32) : emit_const(e, 32, UINT32_MAX);
   put_field(e, arg, base + offsetof(struct exec_warp_arg, membermask), members);
   val p = o->pred ? lane_value(e, o->pred, lane, 8) : emit_const(e, 8, 0);
   put_field(e, arg, base + offsetof(struct exec_warp_arg, pred), p);
}

static void
set_result(struct emit *e, struct ir_inst *i, unsigned k, val x)
{
   if (k < i->ndst && i->dst[k]->kind == IR_INST)
      emit_set(e, i->dst[k], x);
}

/* Results may be needed as one scalar where the shape is uniform. */
static void
set_from_lanes(struct emit *e, struct ir_inst *i, unsigned k, val *lanes)
{
   if (k >= i->ndst || i->dst[k]->kind != IR_INST)
      return;
   bool vec = e->width > 1 && e->l->shape[i->dst[k]->id].kind == SHAPE_VARYING;
   unsigned bits = ir_width_bits(i->dst[k]->width);
   if (!vec) {
      val first = lanes[0];
      if (e->width > 1) {
         /* Any active lane's will do. */
         type t = LLVMTypeOf(first);
         val all = LLVMGetUndef(LLVMVectorType(t, e->width));
         for (unsigned l = 0; l < e->width; l++)
            all = LLVMBuildInsertElement(e->b, all, lanes[l], emit_const(e, 32, l), "");
         val args[2] = {emit_mask_bits(e, e->mask), emit_const(e, 1, 0)};
         val lane = emit_intrinsic(e, "llvm.cttz", &e->i32, 1, args, 2);
         lane = LLVMBuildAnd(e->b, lane, emit_const(e, 32, e->width - 1), "");
         first = LLVMBuildExtractElement(e->b, all, lane, "");
      }
      emit_set(e, i->dst[k], emit_resize(e, first, bits, false));
      return;
   }
   val all = LLVMGetUndef(emit_vec(e, emit_int(e, bits)));
   for (unsigned l = 0; l < e->width; l++)
      all = LLVMBuildInsertElement(e->b, all, emit_resize(e, lanes[l], bits, false),
                                   emit_const(e, 32, l), "");
   emit_set(e, i->dst[k], all);
}

static void
general(struct emit *e, struct ir_inst *i)
{
   struct warp_operands o = operands_of(e, i);
   type bytes = LLVMArrayType(e->i64, e->width * sizeof(struct exec_warp_arg) / 8);
   val arg = emit_alloca(e, bytes, "warp_arg");
   for (unsigned l = 0; l < e->width; l++)
      put_lane(e, &o, arg, l);
   val d[EXEC_WARP], p[EXEC_WARP];
   /* Which result is the predicate: a lone predicate destination of vote is its value. */
   if (e->width == 1) {
      type pair[2] = {e->i64, e->i8};
      type ret = LLVMStructTypeInContext(e->cx, pair, 2, false);
      type params[3] = {e->i32, e->ptr, e->ptr};
      val args[3] = {emit_const(e, 32, i->op), emit_mods(e, &i->mods), arg};
      val r =
         emit_service(e, offsetof(struct exec_services, warp_op), ret, params, args, 3);
      d[0] = LLVMBuildExtractValue(e->b, r, 0, "");
      p[0] = LLVMBuildExtractValue(e->b, r, 1, "");
   } else {
      type rt = LLVMArrayType(e->i64, e->width * sizeof(struct exec_warp_result) / 8);
      val res = emit_alloca(e, rt, "warp_result");
      type params[5] = {e->i32, e->ptr, e->i32, e->ptr, e->ptr};
      val args[5] = {emit_const(e, 32, i->op), emit_mods(e, &i->mods),
                     emit_mask_bits(e, e->mask), arg, res};
      emit_service(e, offsetof(struct exec_services, warp_eval), e->void_, params, args,
                   5);
      for (unsigned l = 0; l < e->width; l++) {
         size_t base = l * sizeof(struct exec_warp_result);
         d[l] = get_field(e, res, base + offsetof(struct exec_warp_result, d), e->i64);
         p[l] = get_field(e, res, base + offsetof(struct exec_warp_result, p), e->i8);
      }
   }
   for (unsigned k = 0; k < i->ndst; k++) {
      bool is_pred = i->dst[k]->width == IR_PRED;
      set_from_lanes(e, i, k, is_pred ? p : d);
   }
}

/* -- shfl. */
static val
vec_const(struct emit *e, uint64_t x)
{
   return emit_splat(e, emit_const(e, 32, x));
}

static bool
shuffle_constant(struct emit *e, struct ir_inst *i)
{
   uint8_t from[EXEC_WARP];
   uint32_t in_range;
   if (!lanes_shfl_sources(i, from, &in_range))
      return false;
   struct ir_value *d = i->dst[0];
   struct emit_few few = emit_few_of(e, d);
   if (d->kind != IR_INST)
      ;
   else if (few.n == 1)
      emit_set_few(
         e, d,
         emit_resize(e, emit_as_read(e, i, 0, emit_lane(e, i->src[0], from[few.first])),
                     32, false));
   else
      emit_set_few(e, d, emit_resize(e, emit_permuted(e, i, from, few.n), 32, false));
   set_result(e, i, 1, emit_known_mask(e, in_range));
   return true;
}

/* x[j] in each lane: by permutations of registers, else through memory. */
static val
collected(struct emit *e, val x, val j)
{
   unsigned per = emit_table_words(e);
   val piece[EXEC_WARP];
   if (per) {
      emit_split(e, x, per, piece);
      return emit_permute(e, piece, e->width / per, j);
   }
   val mem = emit_memory_of(e, x, "shfl"), at = emit_resize(e, j, 64, false);
   val ptrs = LLVMBuildGEP2(e->b, e->i32, mem, &at, 1, "");
   val yes = emit_splat(e, emit_const(e, 1, 1));
   val args[4] = {ptrs, emit_const(e, 32, 4), yes, LLVMConstNull(LLVMTypeOf(x))};
   type over[2] = {LLVMTypeOf(x), LLVMTypeOf(ptrs)};
   return emit_intrinsic(e, "llvm.masked.gather", over, 2, args, 4);
}

/* What one lane has, which only the run knows. */
static bool
shuffle_from_one(struct emit *e, struct ir_inst *i)
{
   struct ir_value *d = i->dst[0];
   if (d->kind != IR_INST || e->l->shape[d->id].kind != SHAPE_UNIFORM)
      return false;
   val from = emit_resize(e, emit_operand(e, i, 1, false), 32, false);
   from = LLVMBuildAnd(e->b, from, emit_const(e, 32, EXEC_WARP - 1), "");
   val x = LLVMBuildExtractElement(e->b, emit_operand(e, i, 0, true), from, "");
   set_result(e, i, 0, emit_resize(e, x, 32, false));
   set_result(e, i, 1, emit_known_mask(e, UINT32_MAX));
   return true;
}

/* Any lane operand: sources by vector arithmetic. */
static bool
shuffle_computed(struct emit *e, struct ir_inst *i)
{
   val lane = emit_iota(e, 32, NULL);
   val b = LLVMBuildAnd(e->b, emit_operand(e, i, 1, true), vec_const(e, 31), "");
   val c = emit_operand(e, i, 2, true);
   val clamp = LLVMBuildAnd(e->b, c, vec_const(e, 31), "");
   val seg = LLVMBuildAnd(e->b, LLVMBuildLShr(e->b, c, vec_const(e, 8), ""),
                          vec_const(e, 31), "");
   val not_seg = LLVMBuildNot(e->b, seg, "");
   val min = LLVMBuildAnd(e->b, lane, seg, "");
   val max = LLVMBuildOr(e->b, min, LLVMBuildAnd(e->b, clamp, not_seg, ""), "");
   val j, p;
   switch (i->mods.mode) {
   case ISA_MODE_UP:
      j = LLVMBuildSub(e->b, lane, b, "");
      p = LLVMBuildICmp(e->b, LLVMIntSGE, j, max, "");
      break;
   case ISA_MODE_DOWN:
      j = LLVMBuildAdd(e->b, lane, b, "");
      p = LLVMBuildICmp(e->b, LLVMIntSLE, j, max, "");
      break;
   case ISA_MODE_BFLY:
      j = LLVMBuildXor(e->b, lane, b, "");
      p = LLVMBuildICmp(e->b, LLVMIntSLE, j, max, "");
      break;
   default:
      j = LLVMBuildOr(e->b, min, LLVMBuildAnd(e->b, b, not_seg, ""), "");
      p = LLVMBuildICmp(e->b, LLVMIntSLE, j, max, "");
      break;
   }
   j = LLVMBuildSelect(e->b, p, j, lane, "");
   val x = emit_resize(e, emit_operand(e, i, 0, true), 32, false);
   j = LLVMBuildAnd(e->b, j, vec_const(e, 31), "");
   set_result(e, i, 0, collected(e, x, j));
   set_result(e, i, 1, p);
   return true;
}

/* -- vote on masks: lanes that are members and execute. */
static bool
vote(struct emit *e, struct ir_inst *i)
{
   struct ir_value *members = (i->mods.flags & ISA_SYNC) ? i->src[i->nsrc - 1] : NULL;
   if (members && !emit_is_uniform(e, members))
      return false;
   bool everybody =
      !members || (members->kind == IR_CONST && !~(uint32_t)members->bits[0]);
   bool all_of = i->mods.mode == ISA_MODE_ALL, any_of = i->mods.mode == ISA_MODE_ANY;
   if ((all_of || any_of) && everybody && !e->mask) {
      val r = emit_all(e, i->src[0], all_of);
      set_result(e, i, 0, all_of ? r : LLVMBuildNot(e->b, r, ""));
      return true;
   }
   val m = members ? emit_scalar(e, members) : emit_const(e, 32, UINT32_MAX);
   m = LLVMBuildAnd(e->b, m, emit_mask_bits(e, e->mask), "");
   val bits = emit_mask_bits(e, emit_operand(e, i, 0, true));
   val yes = LLVMBuildAnd(e->b, bits, m, "");
   val zero = emit_const(e, 32, 0), r;
   val all = LLVMBuildICmp(e->b, LLVMIntEQ, yes, m, "");
   val any = LLVMBuildICmp(e->b, LLVMIntNE, yes, zero, "");
   switch (i->mods.mode) {
   case ISA_MODE_ALL:
      r = all;
      break;
   case ISA_MODE_ANY:
      r = any;
      break;
   case ISA_MODE_UNI:
      r = LLVMBuildOr(e->b, all, LLVMBuildNot(e->b, any, ""), "");
      break;
   default:
      r = yes;
      break;
   }
   set_result(e, i, 0, r);
   return true;
}

/* Lane l of x in all lanes. */
static val
broadcast(struct emit *e, val x, unsigned l)
{
   val at = emit_splat(e, emit_const(e, 32, l));
   return LLVMBuildShuffleVector(e->b, x, LLVMGetUndef(LLVMTypeOf(x)), at, "");
}

#define MATCH_BITS 12 /* beyond, comparing with each lane costs no more */

/* match.any of small numbers: bit by bit, the lanes that have it or those that do not. */
static val
match_bits(struct emit *e, val x, unsigned x_bits, unsigned n, val who)
{
   val zero = emit_splat(e, emit_const(e, x_bits, 0));
   for (unsigned k = 0; k < n; k++) {
      val bit =
         LLVMBuildAnd(e->b, x, emit_splat(e, emit_const(e, x_bits, 1ull << k)), "");
      val set = LLVMBuildICmp(e->b, LLVMIntNE, bit, zero, "");
      val with = emit_mask_bits(e, set), without = LLVMBuildNot(e->b, with, "");
      val same =
         LLVMBuildSelect(e->b, set, emit_splat(e, with), emit_splat(e, without), "");
      who = LLVMBuildAnd(e->b, who, same, "");
   }
   return who;
}

/* match.any: each lane's value against all lanes'. */
static val
match_lanes(struct emit *e, val x, val who)
{
   val same = LLVMGetUndef(LLVMTypeOf(who));
   for (unsigned l = 0; l < e->width; l++) {
      val eq = LLVMBuildICmp(e->b, LLVMIntEQ, x, broadcast(e, x, l), "");
      same = LLVMBuildInsertElement(e->b, same, emit_mask_bits(e, eq),
                                    emit_const(e, 32, l), "");
   }
   return LLVMBuildAnd(e->b, same, who, "");
}

static void
match_any(struct emit *e, struct ir_inst *i, val x, val exec)
{
   val who = LLVMBuildAnd(e->b, emit_operand(e, i, 1, true), emit_splat(e, exec), "");
   uint64_t max = lanes_bound(e->l, i->src[0]);
   unsigned n = 64 - (unsigned)__builtin_clzll(max | 1);
   val same;
   if (small_match(e, x, max, exec, &same))
      set_result(e, i, 0, LLVMBuildAnd(e->b, who, same, ""));
   else
      set_result(e, i, 0,
                 n <= MATCH_BITS
                    ? match_bits(e, x, isa_type_bits(i->mods.type[0]), n, who)
                    : match_lanes(e, x, who));
}

static bool
match(struct emit *e, struct ir_inst *i)
{
   val exec = emit_mask_bits(e, e->mask);
   bool any = i->mods.mode == ISA_MODE_ANY;
   if (!any && !emit_is_uniform(e, i->src[1]))
      return false;
   val x =
      emit_resize(e, emit_operand(e, i, 0, true), isa_type_bits(i->mods.type[0]), false);
   if (any) {
      match_any(e, i, x, exec);
      return true;
   }
   val who = LLVMBuildAnd(e->b, emit_scalar(e, i->src[1]), exec, "");
   val args[2] = {who, emit_const(e, 1, 0)};
   val first = emit_intrinsic(e, "llvm.cttz", &e->i32, 1, args, 2);
   first = LLVMBuildAnd(e->b, first, emit_const(e, 32, e->width - 1), "");
   val one = LLVMBuildExtractElement(e->b, x, first, "");
   val eq = LLVMBuildICmp(e->b, LLVMIntEQ, x, emit_splat(e, one), "");
   val same = LLVMBuildAnd(e->b, emit_mask_bits(e, eq), who, "");
   val all = LLVMBuildICmp(e->b, LLVMIntEQ, same, who, "");
   set_result(e, i, 0, LLVMBuildSelect(e->b, all, who, emit_const(e, 32, 0), ""));
   set_result(e, i, 1, all);
   return true;
}

static bool
redux(struct emit *e, struct ir_inst *i)
{
   enum isa_type t = i->mods.type[0];
   if (isa_type_is_float(t) || !emit_is_uniform(e, i->src[1]))
      return false;
   bool is_signed = isa_type_is_signed(t);
   const char *name;
   uint32_t neutral = 0;
   switch (i->mods.atom) {
   case ISA_ATOM_ADD:
      name = "llvm.vector.reduce.add";
      break;
   case ISA_ATOM_AND:
      name = "llvm.vector.reduce.and";
      neutral = UINT32_MAX;
      break;
   case ISA_ATOM_OR:
      name = "llvm.vector.reduce.or";
      break;
   case ISA_ATOM_XOR:
      name = "llvm.vector.reduce.xor";
      break;
   case ISA_ATOM_MIN:
      name = is_signed ? "llvm.vector.reduce.smin" : "llvm.vector.reduce.umin";
      neutral = is_signed ? INT32_MAX : UINT32_MAX;
      break;
   case ISA_ATOM_MAX:
      name = is_signed ? "llvm.vector.reduce.smax" : "llvm.vector.reduce.umax";
      neutral = is_signed ? (uint32_t)INT32_MIN : 0;
      break;
   default:
      return false;
   }
   val m = LLVMBuildAnd(e->b, emit_scalar(e, i->src[1]), emit_mask_bits(e, e->mask), "");
   val mask = LLVMBuildBitCast(e->b, m, emit_vec(e, e->i1), "");
   val x =
      LLVMBuildSelect(e->b, mask, emit_operand(e, i, 0, true), vec_const(e, neutral), "");
   type over = LLVMTypeOf(x);
   set_result(e, i, 0, emit_intrinsic(e, name, &over, 1, &x, 1));
   return true;
}

static bool
fast(struct emit *e, struct ir_inst *i)
{
   switch (i->op) {
   case ISA_SHFL:
      return shuffle_constant(e, i) || shuffle_from_one(e, i) || shuffle_computed(e, i);
   case ISA_VOTE:
      return vote(e, i);
   case ISA_MATCH:
      return match(e, i);
   case ISA_REDUX:
      return redux(e, i);
   case ISA_ACTIVEMASK:
      set_result(e, i, 0, emit_mask_bits(e, e->mask));
      return true;
   case ISA_BAR_WARP:
      LLVMBuildFence(e->b, LLVMAtomicOrderingAcquireRelease, true, "");
      return true;
   default:
      return false;
   }
}

bool
emit_is_warp_op(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_SHFL:
   case ISA_VOTE:
   case ISA_MATCH:
   case ISA_REDUX:
   case ISA_ELECT:
   case ISA_ACTIVEMASK:
   case ISA_BAR_WARP:
      return true;
   default:
      return false;
   }
}

bool
emit_warp_op(struct emit *e, struct ir_inst *i)
{
   if (!emit_is_warp_op(i))
      return false;
   if (e->width == 1 || !fast(e, i))
      general(e, i);
   return true;
}

/* -- Barriers. */
static val
scalar_operand(struct emit *e, struct ir_inst *i, unsigned k)
{
   if (k >= i->nsrc)
      return emit_const(e, 32, 0);
   if (!emit_is_uniform(e, i->src[k])) {
      emit_unsupported(e, i, "its operands differ between lanes");
      return emit_const(e, 32, 0);
   }
   return emit_resize(e, emit_scalar(e, i->src[k]), 32, false);
}

void
emit_bar(struct emit *e, struct ir_inst *i)
{
   if (e->mode == EXEC_PLAIN) {
      rounds_arrive(e, i);
      return;
   }
   val mask = emit_mask_bits(e, e->mask);
   if (e->width == 1)
      mask = LLVMBuildShl(e->b, emit_const(e, 32, 1),
                          emit_ctx_field(e, offsetof(struct exec_ctx, lane), e->i32), "");
   if (i->op == ISA_BARRIER_CLUSTER) {
      type params[2] = {e->i32, e->i32};
      val args[2] = {emit_const(e, 32, i->mods.mode), mask};
      emit_service(e, offsetof(struct exec_services, bar_cluster), e->void_, params, args,
                   2);
      return;
   }
   val preds = emit_const(e, 32, 0);
   if (i->nsrc > 2) {
      preds = emit_mask_bits(e, emit_operand(e, i, 2, true));
      if (e->width == 1)
         preds = LLVMBuildShl(
            e->b, preds, emit_ctx_field(e, offsetof(struct exec_ctx, lane), e->i32), "");
   }
   type params[7] = {e->i32, e->i32, e->i32, e->i32, e->i32, e->i32, e->i32};
   val args[7] = {
      emit_const(e, 32, i->mods.mode), emit_const(e, 32, i->mods.atom),
      scalar_operand(e, i, 0), scalar_operand(e, i, 1), mask, preds,
      /* Lanes of a warp that are missing here have exited: see mode_choose. */
      emit_const(e, 32, e->width > 1 || (i->mods.flags & ISA_ALIGNED))};
   val r = emit_service(e, offsetof(struct exec_services, bar), e->i32, params, args, 7);
   if (!i->ndst || i->dst[0]->kind != IR_INST)
      return;
   if (i->dst[0]->width == IR_PRED)
      r = LLVMBuildICmp(e->b, LLVMIntNE, r, emit_const(e, 32, 0), "");
   emit_set(e, i->dst[0], r);
}
