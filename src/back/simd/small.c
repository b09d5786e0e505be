/* SPDX-License-Identifier: Apache-2.0
 * Lanes that ask by small numbers, such as the digits of a radix sort. For each number,
 * the lanes that have it are found at once, by one ballot for each bit, as a table with a
 * word for each number. What lanes do at addresses that are an element of 32 bits for
 * each number is then done for the table: of several lanes that store at one the highest
 * wins, and additions are counted. Only elements that lanes ask for are touched. */
#include "back/simd/tables.h"

#define MOST_BITS 5
#define MOST_DEPTH 6

/* -- Addresses: a uniform one and `scale` bytes for each of a small number. */
struct small {
   val base;
   struct ir_value *number;
   uint64_t scale;
   unsigned bits; /* of the number */
};

static unsigned
bits_of(uint64_t max)
{
   return max ? 64 - (unsigned)__builtin_clzll(max) : 0;
}

/* v is a multiple of a small number: so small that nothing wraps. */
static bool
find_number(struct emit *e, struct small *s, struct ir_value *v, uint64_t scale,
            unsigned depth)
{
   struct ir_inst *i = v->kind == IR_INST && v->def->block == e->block ? v->def : NULL;
   bool by_const = i && i->nsrc == 2 && i->src[1]->kind == IR_CONST && ir_inst_is_int(i);
   uint64_t by = by_const ? i->src[1]->bits[0] : 0;
   if (i && depth && lanes_bound(e->l, v) <= UINT16_MAX) {
      if (by_const && i->op == ISA_SHL && by < 16)
         return find_number(e, s, i->src[0], scale << by, depth - 1);
      if (by_const && i->op == ISA_MUL && i->mods.mode != ISA_HI_HALF &&
          by < UINT16_MAX && lanes_bound(e->l, i->src[0]) <= UINT16_MAX)
         return find_number(e, s, i->src[0], scale * by, depth - 1);
      if (i->op == ISA_CVT && ir_inst_is_int(i) && !isa_type_is_float(i->mods.type[1]) &&
          isa_type_bits(i->mods.type[1]) == ir_width_bits(i->src[0]->width) &&
          lanes_bound(e->l, i->src[0]) == lanes_bound(e->l, v))
         return find_number(e, s, i->src[0], scale, depth - 1);
   }
   s->number = v;
   s->scale = scale;
   s->bits = bits_of(lanes_bound(e->l, v));
   return v->kind == IR_INST && ir_width_bits(v->width) >= 32;
}

/* Sums are modulo the address's width on both sides. Without `base` only the number is
 * found. */
static bool
take_apart(struct emit *e, struct small *s, struct ir_value *v, unsigned depth, bool base)
{
   if (emit_is_uniform(e, v)) {
      val x = base ? emit_scalar(e, v) : NULL;
      if (base)
         s->base = s->base ? LLVMBuildAdd(e->b, s->base, x, "") : x;
      return true;
   }
   struct ir_inst *i = v->kind == IR_INST && v->def->block == e->block ? v->def : NULL;
   if (i && depth && i->op == ISA_ADD && ir_inst_is_int(i))
      return take_apart(e, s, i->src[0], depth - 1, base) &&
             take_apart(e, s, i->src[1], depth - 1, base);
   if (i && depth && i->op == ISA_MAD && ir_inst_is_int(i) &&
       i->src[1]->kind == IR_CONST && i->mods.mode != ISA_HI_HALF &&
       i->src[1]->bits[0] < UINT16_MAX && lanes_bound(e->l, i->src[0]) <= UINT16_MAX)
      return !s->number && find_number(e, s, i->src[0], i->src[1]->bits[0], depth - 1) &&
             take_apart(e, s, i->src[2], depth - 1, base);
   return !s->number && find_number(e, s, v, 1, depth);
}

static bool
find_small(struct emit *e, const struct emit_access *a, struct small *s)
{
   unsigned per = emit_table_words(e);
   if (e->width < 16 || !per || a->shape.kind != SHAPE_VARYING || a->ordered ||
       a->n != 1 || a->bits != 32 || emit_is_frame(a->space) ||
       a->space == ISA_SHARED_CLUSTER || a->space == ISA_PARAM)
      return false;
   *s = (struct small){0};
   if (!take_apart(e, s, a->i->src[0], MOST_DEPTH, false) || !s->number ||
       s->scale != a->bits / 8 || s->bits > MOST_BITS || 1u << s->bits > 2 * per)
      return false;
   *s = (struct small){0};
   take_apart(e, s, a->i->src[0], MOST_DEPTH, true);
   return s->base;
}

/* -- Tables. */
static unsigned
words(struct emit *e, unsigned bits)
{
   return MAX2(1u << bits, emit_table_words(e));
}

/* Word d: the lanes of `here` whose x, of so many bits, is d. */
static val
owners(struct emit *e, val x, unsigned bits, val here)
{
   unsigned n = words(e, bits),
            of = LLVMGetIntTypeWidth(LLVMGetElementType(LLVMTypeOf(x)));
   val r = emit_splat_to(e, n, here), zero = emit_splat(e, emit_const(e, of, 0)),
       in[EXEC_WARP];
   for (unsigned d = 0; d < n; d++)
      in[d] = emit_const(e, 32, d >> bits ? 0 : UINT32_MAX);
   r = LLVMBuildAnd(e->b, r, LLVMConstVector(in, n), "");
   for (unsigned k = 0; k < bits; k++) {
      val bit = LLVMBuildAnd(e->b, x, emit_splat(e, emit_const(e, of, 1ull << k)), "");
      val set = LLVMBuildICmp(e->b, LLVMIntNE, bit, zero, ""), flip[EXEC_WARP];
      for (unsigned d = 0; d < n; d++)
         flip[d] = emit_const(e, 32, d >> k & 1 ? 0 : UINT32_MAX);
      val with = emit_splat_to(e, n, emit_mask_bits(e, set));
      with = LLVMBuildXor(e->b, with, LLVMConstVector(flip, n), "");
      r = LLVMBuildAnd(e->b, r, with, "");
   }
   return r;
}

static val
any(struct emit *e, val table)
{
   return LLVMBuildICmp(e->b, LLVMIntNE, table, LLVMConstNull(LLVMTypeOf(table)), "");
}

val
small_owners(struct emit *e, val x, uint64_t max)
{
   return owners(e, x, bits_of(max), emit_mask_bits(e, NULL));
}

val
small_asked(struct emit *e, val x, uint64_t max, unsigned n)
{
   return emit_part(e, any(e, small_owners(e, x, max)), 0, n);
}

val
small_words_of(struct emit *e, val table, val x)
{
   val piece[EXEC_WARP];
   unsigned per = emit_table_words(e), n = LLVMGetVectorSize(LLVMTypeOf(table));
   emit_split(e, table, per, piece);
   return emit_permute(e, piece, n / per, emit_resize(e, x, 32, false));
}

static val
count(struct emit *e, val x)
{
   type t = LLVMTypeOf(x);
   return emit_intrinsic(e, "llvm.ctpop", &t, 1, &x, 1);
}

bool
small_match(struct emit *e, val x, uint64_t max, val here, val *same)
{
   unsigned bits = bits_of(max), per = emit_table_words(e);
   if (e->width < 16 || !per || bits > MOST_BITS || 1u << bits > 2 * per)
      return false;
   *same = small_words_of(e, owners(e, x, bits, here), x);
   return true;
}

/* -- Accesses. */
static val
pointer(struct emit *e, const struct emit_access *a, const struct small *s)
{
   return emit_pointer(e, a->space, s->base, a->i->offset);
}

static val
load(struct emit *e, const struct emit_access *a, val p, val mask)
{
   type t = LLVMVectorType(e->i32, LLVMGetVectorSize(LLVMTypeOf(mask))),
        over[2] = {t, e->ptr};
   val args[4] = {p, emit_const(e, 32, a->align), mask, LLVMConstNull(t)};
   return emit_intrinsic(e, "llvm.masked.load", over, 2, args, 4);
}

static void
store(struct emit *e, const struct emit_access *a, val p, val mask, val x)
{
   val args[4] = {x, p, emit_const(e, 32, a->align), mask};
   type over[2] = {LLVMTypeOf(x), e->ptr};
   emit_intrinsic(e, "llvm.masked.store", over, 2, args, 4);
}

bool
small_store(struct emit *e, const struct emit_access *a, val x)
{
   struct small s;
   if (!find_small(e, a, &s))
      return false;
   val who = owners(e, emit_lanes(e, s.number), s.bits, emit_mask_bits(e, a->mask));
   unsigned per = emit_table_words(e), n = LLVMGetVectorSize(LLVMTypeOf(who)), parts = 0;
   type t = LLVMTypeOf(who);
   val args[2] = {who, emit_const(e, 1, 0)}, piece[EXEC_WARP], index[EXEC_WARP];
   val last = emit_intrinsic(e, "llvm.ctlz", &t, 1, args, 2);
   last = LLVMBuildSub(e->b, emit_splat_to(e, n, emit_const(e, 32, 31)), last, "");
   emit_split(e, x, per, piece);
   emit_split(e, last, per, index);
   for (; parts < n / per; parts++)
      index[parts] = emit_permute_part(e, piece, e->width / per, index[parts]);
   for (; parts > 1; parts /= 2)
      for (unsigned k = 0; k < parts / 2; k++)
         index[k] = emit_concat(e, index[2 * k], index[2 * k + 1]);
   store(e, a, pointer(e, a, &s), any(e, who), index[0]);
   return true;
}

bool
small_add(struct emit *e, const struct emit_access *a, val by, val *old)
{
   struct small s;
   if (!find_small(e, a, &s))
      return false;
   val x = emit_lanes(e, s.number), mask = emit_mask_bits(e, a->mask);
   val who = owners(e, x, s.bits, mask), asked = any(e, who), p = pointer(e, a, &s);
   unsigned n = LLVMGetVectorSize(LLVMTypeOf(who));
   val was = load(e, a, p, asked);
   val more = LLVMBuildMul(e->b, count(e, who), emit_splat_to(e, n, by), "");
   store(e, a, p, asked, LLVMBuildAdd(e->b, was, more, ""));
   if (!old)
      return true;
   val below[EXEC_WARP];
   for (unsigned l = 0; l < e->width; l++)
      below[l] = emit_const(e, 32, (1u << l) - 1);
   val first =
      LLVMBuildAnd(e->b, small_words_of(e, who, x), LLVMConstVector(below, e->width), "");
   first = LLVMBuildMul(e->b, count(e, first), emit_splat(e, by), "");
   *old = LLVMBuildAdd(e->b, small_words_of(e, was, x), first, "");
   return true;
}
