/* SPDX-License-Identifier: Apache-2.0
 * What a conditional shape is tested for when the code runs: whether, for the scalar
 * forms at hand, each lane's value is the scalar one plus its displacement. */
#include "back/simd/emit.h"

struct range {
   int64_t lo, hi;
};

static struct range
range_of(const struct emit *e, const int64_t *x)
{
   struct range r = {x[0], x[0]};
   for (unsigned i = 1; i < e->width; i++) {
      r.lo = MIN2(r.lo, x[i]);
      r.hi = MAX2(r.hi, x[i]);
   }
   return r;
}

static val
and_also(struct emit *e, val all, val x)
{
   return !all ? x : !x ? all : LLVMBuildAnd(e->b, all, x, "");
}

static val
compare(struct emit *e, LLVMIntPredicate p, val a, val b)
{
   return LLVMBuildICmp(e->b, p, a, b, "");
}

/* -- Numbers of 32 bits, looked at with 64: the least and the greatest of all lanes. */
struct span {
   val lo, hi;
};

static val
displaced(struct emit *e, val base, int64_t offset, val multiple)
{
   val k = emit_const(e, 64, (uint64_t)offset);
   val x = offset ? LLVMBuildAdd(e->b, base, k, "") : base;
   return multiple ? LLVMBuildAdd(e->b, x, multiple, "") : x;
}

static struct span
span_of(struct emit *e, struct ir_value *v, const struct shape *s, bool is_signed)
{
   val base = emit_resize(e, emit_scalar(e, v), 64, is_signed), less = NULL, more = NULL;
   struct range o = range_of(e, s->offsets);
   if (s->unit) {
      struct range t = range_of(e, s->times);
      val unit = emit_unit(e, s, 64);
      val x = LLVMBuildMul(e->b, unit, emit_const(e, 64, (uint64_t)t.lo), "");
      val y = LLVMBuildMul(e->b, unit, emit_const(e, 64, (uint64_t)t.hi), "");
      val down = compare(e, LLVMIntSLT, y, x);
      less = LLVMBuildSelect(e->b, down, y, x, "");
      more = LLVMBuildSelect(e->b, down, x, y, "");
   }
   return (struct span){displaced(e, base, o.lo, less), displaced(e, base, o.hi, more)};
}

static val
within_32_bits(struct emit *e, const struct span *s, bool is_signed)
{
   val min = LLVMConstInt(e->i64, is_signed ? (uint64_t)INT32_MIN : 0, true);
   val max = emit_const(e, 64, is_signed ? INT32_MAX : UINT32_MAX);
   return and_also(e, compare(e, LLVMIntSGE, s->lo, min),
                   compare(e, LLVMIntSLE, s->hi, max));
}

static val
test_wide(struct emit *e, const struct ir_inst *i)
{
   bool is_signed = lanes_widens_signed(i);
   val all = NULL;
   for (unsigned k = 0; k < MIN2(i->nsrc, 2u); k++) {
      struct shape s = emit_shape(e, i->src[k]);
      if (s.kind != SHAPE_OFFSETS)
         continue;
      struct span at = span_of(e, i->src[k], &s, is_signed);
      all = and_also(e, all, within_32_bits(e, &at, is_signed));
   }
   return all;
}

static val
test_extreme(struct emit *e, const struct ir_inst *i)
{
   unsigned k = emit_shape(e, i->src[0]).kind == SHAPE_OFFSETS ? 0 : 1;
   bool is_signed = isa_type_is_signed(i->mods.type[0]);
   struct shape s = emit_shape(e, i->src[k]);
   struct span at = span_of(e, i->src[k], &s, is_signed);
   val other = emit_resize(e, emit_scalar(e, i->src[1 - k]), 64, is_signed);
   val chosen = i->op == ISA_MAX ? compare(e, LLVMIntSGE, at.lo, other)
                                 : compare(e, LLVMIntSLE, at.hi, other);
   return and_also(e, within_32_bits(e, &at, is_signed), chosen);
}

/* -- Bits and multiples. */
/* The bits that offsets may have: base has none of them where the shape says so. */
static uint64_t
offset_bits(const struct emit *e, const struct shape *s)
{
   struct range r = range_of(e, s->offsets);
   return (2ull << (63 - __builtin_clzll((uint64_t)r.hi | 1))) - 1;
}

static val
test_and(struct emit *e, const struct ir_inst *i)
{
   unsigned k = emit_shape(e, i->src[0]).kind == SHAPE_OFFSETS ? 0 : 1;
   unsigned bits = ir_width_bits(i->dst[0]->width);
   struct shape s = emit_shape(e, i->src[k]);
   val base = emit_scalar(e, i->src[k]), mask = emit_scalar(e, i->src[1 - k]);
   uint64_t low = offset_bits(e, &s);
   if (low >> s.align == 0) {
      if (i->src[1]->kind == IR_CONST)
         return NULL; /* the offsets are masked ones already */
      val want = emit_const(e, bits, low);
      return compare(e, LLVMIntEQ, LLVMBuildAnd(e->b, mask, want, ""), want);
   }
   /* A remainder by a power of two: no lane goes round. */
   val more = LLVMBuildAdd(e->b, mask, emit_const(e, bits, 1), "");
   val none = LLVMBuildAnd(e->b, mask, more, "");
   val last = emit_const(e, bits, (uint64_t)range_of(e, s.offsets).hi);
   last = LLVMBuildAdd(e->b, LLVMBuildAnd(e->b, base, mask, ""), last, "");
   return and_also(e, compare(e, LLVMIntEQ, none, emit_const(e, bits, 0)),
                   compare(e, LLVMIntULE, last, mask));
}

static val
test_clear(struct emit *e, const struct ir_inst *i)
{
   unsigned k = emit_shape(e, i->src[0]).kind == SHAPE_OFFSETS ? 0 : 1;
   unsigned bits = ir_width_bits(i->dst[0]->width);
   struct shape s = emit_shape(e, i->src[k]);
   val other = emit_scalar(e, i->src[1 - k]);
   other = LLVMBuildAnd(e->b, other, emit_const(e, bits, offset_bits(e, &s)), "");
   return compare(e, LLVMIntEQ, other, emit_const(e, bits, 0));
}

/* base + its greatest offset does not wrap, and lies behind the multiple that base does.
 * Signed numbers must not be negative. */
static val
test_rem(struct emit *e, const struct ir_inst *i)
{
   unsigned bits = ir_width_bits(i->dst[0]->width);
   struct shape s = emit_shape(e, i->src[0]);
   val base = emit_scalar(e, i->src[0]), by = emit_scalar(e, i->src[1]);
   val zero = emit_const(e, bits, 0), one = emit_const(e, bits, 1);
   val past = emit_const(e, bits, (uint64_t)range_of(e, s.offsets).hi);
   val some = compare(e, LLVMIntNE, by, zero);
   val safe = LLVMBuildSelect(e->b, some, by, one, "");
   val left = LLVMBuildURem(e->b, base, safe, "");
   val room = LLVMBuildSub(e->b, LLVMBuildSub(e->b, by, left, ""), one, "");
   val last = LLVMBuildAdd(e->b, base, past, "");
   val ok = and_also(e, some, compare(e, LLVMIntULE, past, room));
   if (!isa_type_is_signed(i->mods.type[0]))
      return and_also(e, ok, compare(e, LLVMIntULE, base, last));
   val signs = LLVMBuildOr(e->b, LLVMBuildOr(e->b, base, last, ""), by, "");
   return and_also(e, ok, compare(e, LLVMIntSGE, signs, zero));
}

static val
own_test(struct emit *e, const struct ir_inst *i)
{
   switch (lanes_test_of(i)) {
   case LANES_TEST_WIDE:
      return test_wide(e, i);
   case LANES_TEST_AND:
      return test_and(e, i);
   case LANES_TEST_CLEAR:
      return test_clear(e, i);
   case LANES_TEST_REM:
      return test_rem(e, i);
   case LANES_TEST_EXTREME:
      return test_extreme(e, i);
   default:
      return NULL;
   }
}

val
emit_guard(struct emit *e, struct ir_value *v)
{
   struct shape s = emit_shape(e, v);
   if (v->kind != IR_INST || s.kind != SHAPE_OFFSETS || !s.conditional)
      return NULL;
   if (v->def->block != e->block)
      return flow_get_or_zero(e, e->slots[v->id].guard);
   struct emit_cached *c = &e->cache[v->id];
   if (c->epoch == e->epoch && c->guard)
      return c->guard;
   struct ir_inst *i = v->def;
   val all = NULL;
   for (unsigned k = 0; k < i->nsrc; k++)
      all = and_also(e, all, emit_guard(e, i->src[k]));
   /* What a source's displacement proves does not hold where the source's test fails. */
   all = and_also(e, all, own_test(e, i));
   if (!all)
      all = emit_const(e, 1, 1);
   if (!e->no_cache && c->epoch == e->epoch)
      c->guard = all;
   return all;
}

val
emit_tested(struct emit *e, const struct ir_inst *i)
{
   const uint8_t *tested = e->l->config->tested;
   return tested && i->ndst == 1 && i->dst[0]->kind == IR_INST &&
                tested[i->dst[0]->id] == LANES_TESTED_HERE
             ? test_wide(e, i)
             : NULL;
}
