/* SPDX-License-Identifier: Apache-2.0
 * Loads from small tables: addresses that are a uniform one and a few hundred bytes at
 * most. The table is loaded whole and a permutation finds each lane's element, in place
 * of a gather. Bytes that no lane asked for are read where they lie on one page with
 * bytes that some lane did. */
#include "back/simd/tables.h"

#define MOST_BYTES 256
#define MOST_DEPTH 6
#define PAGE 4096

/* Where the table begins, how far an element may lie from there, and a power of two that
 * all such distances are multiples of. */
struct table {
   val base;
   uint64_t far;
   unsigned zeros;
};

static void
add_far(struct table *t, uint64_t most, unsigned zeros)
{
   t->far = most > MOST_BYTES || t->far > MOST_BYTES ? UINT64_MAX : t->far + most;
   t->zeros = MIN2(t->zeros, zeros);
}

/* Low bits of v that are zero for certain. */
static unsigned
zeros(const struct ir_value *v, unsigned depth)
{
   if (v->kind == IR_CONST)
      return v->bits[0] ? (unsigned)__builtin_ctzll(v->bits[0]) : 63;
   const struct ir_inst *i = v->kind == IR_INST && depth ? v->def : NULL;
   if (!i || (i->mods.type[0] && isa_type_is_float(i->mods.type[0])))
      return 0;
   switch (i->op) {
   case ISA_SHL:
      return i->src[1]->kind == IR_CONST
                ? MIN2(zeros(i->src[0], depth - 1) +
                          (unsigned)MIN2(i->src[1]->bits[0], 63u),
                       63u)
                : 0;
   case ISA_MUL:
      return i->mods.mode == ISA_HI_HALF
                ? 0
                : MIN2(zeros(i->src[0], depth - 1) + zeros(i->src[1], depth - 1), 63u);
   case ISA_AND:
      return MAX2(zeros(i->src[0], depth - 1), zeros(i->src[1], depth - 1));
   case ISA_CVT:
      return isa_type_is_float(i->mods.type[1]) ? 0 : zeros(i->src[0], depth - 1);
   default:
      return 0;
   }
}

/* Sums are modulo the address's width on both sides, so that what is not uniform is what
 * its bound says. Without `base` only the distance is found. */
static void
take_apart(struct emit *e, struct table *t, struct ir_value *v, unsigned depth, bool base)
{
   if (emit_is_uniform(e, v)) {
      val x = base ? emit_scalar(e, v) : NULL;
      if (base)
         t->base = t->base ? LLVMBuildAdd(e->b, t->base, x, "") : x;
      return;
   }
   struct ir_inst *i = v->kind == IR_INST && v->def->block == e->block ? v->def : NULL;
   bool sum = i && depth && (i->op == ISA_ADD || i->op == ISA_MAD) && ir_inst_is_int(i);
   if (sum && i->op == ISA_ADD) {
      take_apart(e, t, i->src[0], depth - 1, base);
      take_apart(e, t, i->src[1], depth - 1, base);
   } else if (sum && i->mods.mode != ISA_HI_HALF) {
      uint64_t a = lanes_bound(e->l, i->src[0]), b = lanes_bound(e->l, i->src[1]);
      add_far(t, a > MOST_BYTES || b > MOST_BYTES ? UINT64_MAX : a * b,
              zeros(i->src[0], depth - 1) + zeros(i->src[1], depth - 1));
      take_apart(e, t, i->src[2], depth - 1, base);
   } else {
      add_far(t, lanes_bound(e->l, v), zeros(v, depth));
   }
}

unsigned
emit_table_words(struct emit *e)
{
   return target_has(e, "+avx512f") ? 16 : target_has(e, "+avx2") ? 8 : 0;
}

static bool
is_candidate(struct emit *e, const struct emit_access *a)
{
   if (e->width < 16 || a->shape.kind != SHAPE_VARYING || a->ordered || a->n != 1 ||
       a->bits > 32 || emit_is_frame(a->space) || a->space == ISA_SHARED_CLUSTER ||
       a->space == ISA_PARAM)
      return false;
   struct table t = {.zeros = 63};
   take_apart(e, &t, a->i->src[0], MOST_DEPTH, false);
   unsigned per = emit_table_words(e);
   return per && t.far <= MOST_BYTES && t.far + a->bits / 8 <= 16 * per &&
          1u << MIN2(t.zeros, 8u) >= a->bits / 8;
}

static val
splat_of(struct emit *e, unsigned n, uint64_t x)
{
   val all[EXEC_WARP];
   for (unsigned k = 0; k < n; k++)
      all[k] = emit_const(e, 32, x);
   return LLVMConstVector(all, n);
}

val
emit_permute_part(struct emit *e, val *piece, unsigned pieces, val index)
{
   unsigned per = emit_table_words(e);
   const char *name =
      per == 16 ? "llvm.x86.avx512.permvar.si.512" : "llvm.x86.avx2.permd";
   val r = NULL;
   for (unsigned k = 0; k < pieces; k++) {
      val args[2] = {piece[k], index};
      val x = emit_intrinsic(e, name, NULL, 0, args, 2);
      val here = LLVMBuildICmp(e->b, LLVMIntUGE, index, splat_of(e, per, k * per), "");
      r = r ? LLVMBuildSelect(e->b, here, x, r, "") : x;
   }
   return r;
}

val
emit_permute(struct emit *e, val *piece, unsigned pieces, val index)
{
   val out[EXEC_WARP];
   unsigned per = emit_table_words(e), n = 0;
   for (unsigned first = 0; first < e->width; first += per)
      out[n++] = emit_permute_part(e, piece, pieces, emit_part(e, index, first, per));
   for (; n > 1; n /= 2)
      for (unsigned k = 0; k < n / 2; k++)
         out[k] = emit_concat(e, out[2 * k], out[2 * k + 1]);
   return out[0];
}

/* Elements at these bytes behind p, found by words. */
static val
look_up(struct emit *e, const struct emit_access *a, val p, unsigned bytes, val at)
{
   unsigned per = emit_table_words(e), pieces = (bytes + per * 4 - 1) / (per * 4);
   val piece[MOST_BYTES / 4];
   for (unsigned k = 0; k < pieces; k++) {
      val off = emit_const(e, 64, k * per * 4);
      val q = LLVMBuildGEP2(e->b, e->i8, p, &off, 1, "");
      piece[k] = LLVMBuildLoad2(e->b, LLVMVectorType(e->i32, per), q, "");
      LLVMSetAlignment(piece[k], 1);
   }
   val word = LLVMBuildLShr(e->b, at, emit_splat(e, emit_const(e, 32, 2)), "");
   val x = emit_permute(e, piece, pieces, word);
   if (a->bits == 32)
      return x;
   val in = LLVMBuildAnd(e->b, at, emit_splat(e, emit_const(e, 32, 3)), "");
   in = LLVMBuildShl(e->b, in, emit_splat(e, emit_const(e, 32, 3)), "");
   return emit_resize(e, LLVMBuildLShr(e->b, x, in, ""), a->bits, false);
}

static val
gather(struct emit *e, const struct emit_access *a)
{
   return emit_gather(e, a, emit_lane_pointers(e, a), 0);
}

bool
emit_lookup(struct emit *e, const struct emit_access *a, val *out)
{
   if (!is_candidate(e, a))
      return false;
   struct table t = {.zeros = 63};
   take_apart(e, &t, a->i->src[0], MOST_DEPTH, true);
   if (!t.base)
      return false;
   unsigned bytes = (unsigned)t.far + a->bits / 8, per = emit_table_words(e);
   bytes = ALIGN_UP(bytes, per * 4);
   val at = LLVMBuildSub(e->b, emit_lanes(e, a->i->src[0]), emit_splat(e, t.base), "");
   at = emit_resize(e, at, 32, false);
   val p = emit_pointer(e, a->space, t.base, a->i->offset);
   val in = LLVMBuildPtrToInt(e->b, p, e->i64, "");
   in = LLVMBuildAnd(e->b, in, emit_const(e, 64, PAGE - 1), "");
   val whole = LLVMBuildICmp(e->b, LLVMIntULE, in, emit_const(e, 64, PAGE - bytes), "");
   if (a->mask)
      whole = LLVMBuildAnd(e->b, whole, emit_any(e, a->mask), "");
   LLVMBasicBlockRef block[2] = {emit_new_block(e, "table"), emit_new_block(e, "other")};
   LLVMBasicBlockRef done = emit_new_block(e, "found");
   LLVMBuildCondBr(e->b, whole, block[0], block[1]);
   bool was = e->no_cache;
   e->no_cache = true;
   val x[2];
   for (unsigned k = 0; k < 2; k++) {
      emit_at(e, block[k]);
      x[k] = k ? gather(e, a) : look_up(e, a, p, bytes, at);
      block[k] = LLVMGetInsertBlock(e->b);
      LLVMBuildBr(e->b, done);
   }
   e->no_cache = was;
   emit_at(e, done);
   *out = LLVMBuildPhi(e->b, LLVMTypeOf(x[0]), "");
   LLVMAddIncoming(*out, x, block, 2);
   return true;
}
