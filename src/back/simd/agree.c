/* SPDX-License-Identifier: Apache-2.0
 * Whether all lanes agree on a condition, found without looking at each of them: where a
 * lane number is compared with a bound, the first and the last lane speak for all, unless
 * numbers wrap between them. */
#include "back/simd/emit.h"

/* What those two say of all lanes, where `exact` holds (NULL: always). holds: NULL:
 * nobody speaks for all. */
struct told {
   val holds, exact;
};

static const struct told nothing;

static val
both(struct emit *e, val a, val b)
{
   return !a ? b : !b ? a : LLVMBuildAnd(e->b, a, b, "");
}

static struct told
both_told(struct emit *e, struct told a, struct told b)
{
   if (!a.holds || !b.holds)
      return nothing;
   return (struct told){both(e, a.holds, b.holds), both(e, a.exact, b.exact)};
}

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
static struct told
against_bound(struct emit *e, struct ir_value *x, enum isa_cmp c, struct ir_value *bound,
              bool is_signed)
{
   struct shape s = emit_shape(e, x);
   if (s.kind != SHAPE_OFFSETS || s.unit || !emit_is_uniform(e, bound) ||
       c == ISA_CMP_NONE)
      return nothing;
   int64_t lo = s.offsets[0], hi = lo;
   for (unsigned l = 1; l < e->width; l++) {
      lo = MIN2(lo, s.offsets[l]);
      hi = MAX2(hi, s.offsets[l]);
   }
   unsigned bits = ir_width_bits(x->width);
   if (bits < 16 || hi - lo > INT16_MAX)
      return nothing;
   val base = emit_scalar(e, x), far = emit_scalar(e, bound);
   val first = LLVMBuildAdd(e->b, base, emit_const(e, bits, (uint64_t)lo), "");
   val last = LLVMBuildAdd(e->b, base, emit_const(e, bits, (uint64_t)hi), "");
   bool less = c == ISA_LT || c == ISA_LE || c == ISA_LO || c == ISA_LS;
   struct told r = {.exact = emit_guard(e, x)};
   r.holds = LLVMBuildICmp(e->b, predicate(c, is_signed), less ? last : first, far, "");
   LLVMIntPredicate in_order = is_signed ? LLVMIntSLE : LLVMIntULE;
   if (lo < 0 || s.align >= bits || hi >> s.align)
      r.exact = both(e, r.exact, LLVMBuildICmp(e->b, in_order, first, last, ""));
   return r;
}

/* The greater of two below a bound, or the less of two above it: both are. */
static struct told
of_extreme(struct emit *e, struct ir_value *x, enum isa_cmp c, struct ir_value *bound,
           bool is_signed)
{
   bool less = c == ISA_LT || c == ISA_LE || c == ISA_LO || c == ISA_LS;
   struct ir_inst *i = x->kind == IR_INST ? x->def : NULL;
   if (!i || i->block != e->block || i->op != (less ? ISA_MAX : ISA_MIN) ||
       i->nsrc != 2 || c == ISA_CMP_NONE || isa_type_is_float(i->mods.type[0]) ||
       isa_type_bits(i->mods.type[0]) != ir_width_bits(x->width) ||
       isa_type_is_signed(i->mods.type[0]) != is_signed)
      return nothing;
   struct told r[2];
   for (unsigned k = 0; k < 2; k++) {
      struct ir_value *s = i->src[k];
      if (emit_is_uniform(e, s) && emit_is_uniform(e, bound))
         r[k] = (struct told){LLVMBuildICmp(
            e->b, predicate(c, is_signed), emit_scalar(e, s), emit_scalar(e, bound), "")};
      else
         r[k] = against_bound(e, s, c, bound, is_signed);
   }
   return both_told(e, r[0], r[1]);
}

static struct told
of_compare(struct emit *e, struct ir_inst *i, bool want)
{
   unsigned t = i->mods.type[0];
   if (i->nsrc != 2 || i->dst[1]->kind != IR_SINK || !t || isa_type_is_float(t))
      return nothing;
   enum isa_cmp c = (enum isa_cmp)i->mods.cmp;
   bool is_signed = isa_type_is_signed(t) && c >= ISA_LT && c <= ISA_GE;
   if (!want)
      c = inverted(c);
   struct told r = of_extreme(e, i->src[0], c, i->src[1], is_signed);
   if (!r.holds)
      r = against_bound(e, i->src[0], c, i->src[1], is_signed);
   return r.holds ? r : against_bound(e, i->src[1], swapped(c), i->src[0], is_signed);
}

static struct told ask(struct emit *e, struct ir_value *v, bool want);

static struct told
told(struct emit *e, struct ir_value *v, bool want)
{
   /* What an operand elsewhere was made from need not be at hand here. */
   if (v->kind != IR_INST || v->def->block != e->block || e->mask)
      return nothing;
   struct ir_inst *i = v->def;
   if (i->op == ISA_SETP && v == i->dst[0])
      return of_compare(e, i, want);
   if (i->op == (want ? ISA_AND : ISA_OR)) /* all lanes of both */
      return both_told(e, ask(e, i->src[0], want), ask(e, i->src[1], want));
   return i->op == ISA_NOT ? told(e, i->src[0], !want) : nothing;
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

static struct told
ask(struct emit *e, struct ir_value *v, bool want)
{
   if (emit_is_uniform(e, v) && !e->mask) {
      val r = emit_scalar(e, v);
      return (struct told){want ? r : LLVMBuildNot(e->b, r, "")};
   }
   struct told r = told(e, v, want);
   return r.holds ? r : (struct told){all_lanes(e, v, want)};
}

val
emit_agree(struct emit *e, struct ir_value *v, bool want)
{
   struct told r = ask(e, v, want);
   return both(e, r.holds, r.exact);
}

val
emit_all(struct emit *e, struct ir_value *v, bool want)
{
   struct told r = ask(e, v, want);
   if (!r.exact)
      return r.holds;
   LLVMBasicBlockRef look = emit_new_block(e, "look"), done = emit_new_block(e, "all");
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   LLVMBuildCondBr(e->b, r.exact, done, look);
   emit_at(e, look);
   bool was = e->no_cache;
   e->no_cache = true;
   val exactly = all_lanes(e, v, want);
   e->no_cache = was;
   look = LLVMGetInsertBlock(e->b);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
   val all = LLVMBuildPhi(e->b, e->i1, "");
   LLVMAddIncoming(all, &r.holds, &from, 1);
   LLVMAddIncoming(all, &exactly, &look, 1);
   return all;
}
