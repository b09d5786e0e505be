/* SPDX-License-Identifier: Apache-2.0
 * Whether all lanes agree on a condition, found without looking at each of them: where a
 * lane number is compared with a bound, the first and the last lane speak for all. The
 * test may fail although they agree; code that asks has a way for any warp. */
#include "back/simd/emit.h"

/* The comparison that holds between the operands exchanged, or where this one does not.
 */
static enum isa_cmp
swapped(enum isa_cmp c)
{
   static const uint8_t to[] = {
      [ISA_LT] = ISA_GT, [ISA_LE] = ISA_GE, [ISA_GT] = ISA_LT, [ISA_GE] = ISA_LE,
      [ISA_LO] = ISA_HI, [ISA_LS] = ISA_HS, [ISA_HI] = ISA_LO, [ISA_HS] = ISA_LS};
   return c < ARRAY_LEN(to) ? (enum isa_cmp)to[c] : ISA_CMP_NONE;
}

static enum isa_cmp
inverted(enum isa_cmp c)
{
   static const uint8_t to[] = {
      [ISA_LT] = ISA_GE, [ISA_LE] = ISA_GT, [ISA_GT] = ISA_LE, [ISA_GE] = ISA_LT,
      [ISA_LO] = ISA_HS, [ISA_LS] = ISA_HI, [ISA_HI] = ISA_LS, [ISA_HS] = ISA_LO};
   return c < ARRAY_LEN(to) ? (enum isa_cmp)to[c] : ISA_CMP_NONE;
}

static LLVMIntPredicate
predicate(enum isa_cmp c, bool is_signed)
{
   bool less = c == ISA_LT || c == ISA_LE || c == ISA_LO || c == ISA_LS;
   bool equal = c == ISA_LE || c == ISA_GE || c == ISA_LS || c == ISA_HS;
   if (is_signed)
      return less ? equal ? LLVMIntSLE : LLVMIntSLT : equal ? LLVMIntSGE : LLVMIntSGT;
   return less ? equal ? LLVMIntULE : LLVMIntULT : equal ? LLVMIntUGE : LLVMIntUGT;
}

/* x, which differs between lanes by known offsets, against a uniform bound. */
static val
against_bound(struct emit *e, struct ir_value *x, enum isa_cmp c, struct ir_value *bound,
              bool is_signed)
{
   struct shape s = emit_shape(e, x);
   if (s.kind != SHAPE_OFFSETS || s.unit || !emit_is_uniform(e, bound) ||
       c == ISA_CMP_NONE)
      return NULL;
   int64_t lo = s.offsets[0], hi = lo;
   for (unsigned l = 1; l < e->width; l++) {
      lo = MIN2(lo, s.offsets[l]);
      hi = MAX2(hi, s.offsets[l]);
   }
   unsigned bits = ir_width_bits(x->width);
   if (bits < 16 || hi - lo > INT16_MAX)
      return NULL;
   val base = emit_scalar(e, x), far = emit_scalar(e, bound);
   val first = LLVMBuildAdd(e->b, base, emit_const(e, bits, (uint64_t)lo), "");
   val last = LLVMBuildAdd(e->b, base, emit_const(e, bits, (uint64_t)hi), "");
   bool less = c == ISA_LT || c == ISA_LE || c == ISA_LO || c == ISA_LS;
   val holds = LLVMBuildICmp(e->b, predicate(c, is_signed), less ? last : first, far, "");
   val no_wrap =
      LLVMBuildICmp(e->b, is_signed ? LLVMIntSLE : LLVMIntULE, first, last, "");
   val all = LLVMBuildAnd(e->b, holds, no_wrap, ""), shaped = emit_guard(e, x);
   return shaped ? LLVMBuildAnd(e->b, all, shaped, "") : all;
}

/* The greater of two below a bound, or the less of two above it: both are. */
static val
of_extreme(struct emit *e, struct ir_value *x, enum isa_cmp c, struct ir_value *bound,
           bool is_signed)
{
   bool less = c == ISA_LT || c == ISA_LE || c == ISA_LO || c == ISA_LS;
   struct ir_inst *i = x->kind == IR_INST ? x->def : NULL;
   if (!i || i->block != e->block || i->op != (less ? ISA_MAX : ISA_MIN) ||
       i->nsrc != 2 || c == ISA_CMP_NONE || isa_type_is_float(i->mods.type[0]) ||
       isa_type_bits(i->mods.type[0]) != ir_width_bits(x->width) ||
       isa_type_is_signed(i->mods.type[0]) != is_signed)
      return NULL;
   val all = NULL;
   for (unsigned k = 0; k < 2; k++) {
      struct ir_value *s = i->src[k];
      val r = emit_is_uniform(e, s) && emit_is_uniform(e, bound)
                 ? LLVMBuildICmp(e->b, predicate(c, is_signed), emit_scalar(e, s),
                                 emit_scalar(e, bound), "")
                 : against_bound(e, s, c, bound, is_signed);
      if (!r)
         return NULL;
      all = all ? LLVMBuildAnd(e->b, all, r, "") : r;
   }
   return all;
}

static val
of_compare(struct emit *e, struct ir_inst *i, bool want)
{
   unsigned t = i->mods.type[0];
   if (i->nsrc != 2 || i->dst[1]->kind != IR_SINK || !t || isa_type_is_float(t))
      return NULL;
   enum isa_cmp c = (enum isa_cmp)i->mods.cmp;
   bool is_signed = isa_type_is_signed(t) && c >= ISA_LT && c <= ISA_GE;
   if (!want)
      c = inverted(c);
   val both = of_extreme(e, i->src[0], c, i->src[1], is_signed);
   if (both)
      return both;
   val r = against_bound(e, i->src[0], c, i->src[1], is_signed);
   return r ? r : against_bound(e, i->src[1], swapped(c), i->src[0], is_signed);
}

/* All lanes of both, where that is what the combination asks for. */
static val
of_both(struct emit *e, struct ir_inst *i, bool want)
{
   val a = emit_agree(e, i->src[0], want), b = emit_agree(e, i->src[1], want);
   return LLVMBuildAnd(e->b, a, b, "");
}

/* NULL: nobody speaks for all. */
static val
told(struct emit *e, struct ir_value *v, bool want)
{
   /* What an operand elsewhere was made from need not be at hand here. */
   if (v->kind != IR_INST || v->def->block != e->block || e->mask)
      return NULL;
   struct ir_inst *i = v->def;
   if (i->op == ISA_SETP && v == i->dst[0])
      return of_compare(e, i, want);
   if (i->op == (want ? ISA_AND : ISA_OR))
      return of_both(e, i, want);
   return i->op == ISA_NOT ? told(e, i->src[0], !want) : NULL;
}

static val
all_lanes(struct emit *e, struct ir_value *v, bool want)
{
   val lanes = emit_lanes(e, v);
   if (!want)
      lanes = LLVMBuildNot(e->b, lanes, "");
   if (e->mask)
      lanes = LLVMBuildAnd(e->b, lanes, e->mask, "");
   return emit_are_all(e, emit_mask_bits(e, lanes));
}

val
emit_agree(struct emit *e, struct ir_value *v, bool want)
{
   if (emit_is_uniform(e, v) && !e->mask) {
      val r = emit_scalar(e, v);
      return want ? r : LLVMBuildNot(e->b, r, "");
   }
   val r = told(e, v, want);
   return r ? r : all_lanes(e, v, want);
}

val
emit_all(struct emit *e, struct ir_value *v)
{
   val surely = told(e, v, true), yes = emit_const(e, 1, 1);
   if (!surely || emit_is_uniform(e, v))
      return emit_agree(e, v, true);
   LLVMBasicBlockRef look = emit_new_block(e, "look"), done = emit_new_block(e, "all");
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   LLVMBuildCondBr(e->b, surely, done, look);
   emit_at(e, look);
   bool was = e->no_cache;
   e->no_cache = true;
   val exactly = all_lanes(e, v, true);
   e->no_cache = was;
   look = LLVMGetInsertBlock(e->b);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
   val all = LLVMBuildPhi(e->b, e->i1, "");
   LLVMAddIncoming(all, &yes, &from, 1);
   LLVMAddIncoming(all, &exactly, &look, 1);
   return all;
}
