/* SPDX-License-Identifier: Apache-2.0
 * One lane at a time: where it is known when compiling that but a few lanes can be in a
 * block (a tile's border: `tid.x == 0`), their addresses are scalars and their accesses
 * go one by one. */
#include "back/simd/emit.h"
#include "back/simd/few.h"

/* Lanes that go one by one, where they are this few. */
#define FEW_LANES 4

/* Of a mask's expression that is looked through. */
#define MASK_DEPTH 8

/* -- Values. */
/* Lane l of base + offsets + times * unit, as own says. */
static val
displaced(struct emit *e, struct ir_value *v, const struct shape *own, unsigned l)
{
   unsigned bits = ir_width_bits(v->width);
   val x = emit_base(e, v);
   if (own->offsets[l])
      x = LLVMBuildAdd(e->b, x, emit_const(e, bits, (uint64_t)own->offsets[l]), "");
   if (!own->unit || !own->times[l])
      return x;
   val n = LLVMBuildMul(e->b, emit_unit(e, own, bits),
                        emit_const(e, bits, (uint64_t)own->times[l]), "");
   return LLVMBuildAdd(e->b, x, n, "");
}

val
emit_lane_displaced(struct emit *e, struct ir_value *v, unsigned l)
{
   struct shape own = emit_own_shape(e, v);
   return displaced(e, v, &own, l);
}

/* A conditional value as its instruction computes it for the lane. */
static val
computed(struct emit *e, struct ir_value *v, unsigned l)
{
   int was = e->lane;
   struct emit_cached *c = &e->cache[v->id];
   if (was < 0)
      e->asked++;
   else if (c->asked == e->asked)
      return c->one;
   e->lane = (int)l;
   val x = emit_pure_form(e, v->def, 0, false);
   e->lane = was;
   c->one = x;
   c->asked = e->asked;
   return x;
}

val
emit_lane(struct emit *e, struct ir_value *v, unsigned l)
{
   struct shape own = emit_own_shape(e, v);
   bool scalar = emit_shape(e, v).kind != SHAPE_VARYING;
   if (scalar && own.kind == SHAPE_UNIFORM)
      return emit_base(e, v);
   if (scalar && !own.conditional)
      return displaced(e, v, &own, l);
   if (scalar && v->def->block == e->block)
      return computed(e, v, l);
   val few = emit_known_few(e, v);
   if (few && !emit_is_vec(few))
      return few;
   if (few)
      return LLVMBuildExtractElement(
         e->b, few, emit_const(e, 32, l % LLVMGetVectorSize(LLVMTypeOf(few))), "");
   int was = e->lane;
   e->lane = -1;
   val x = LLVMBuildExtractElement(e->b, emit_lanes(e, v), emit_const(e, 32, l), "");
   e->lane = was;
   return x;
}

val
emit_scalar(struct emit *e, struct ir_value *v)
{
   if (e->lane >= 0)
      return emit_lane(e, v, (unsigned)e->lane);
   struct shape own = emit_own_shape(e, v);
   if (own.kind != SHAPE_OFFSETS || emit_shape(e, v).kind != SHAPE_UNIFORM)
      return emit_base(e, v);
   return displaced(e, v, &own, (unsigned)__builtin_ctz(e->l->here[e->block->id]));
}

/* -- Masks. */
bool
emit_is_whole(const struct emit *e, const struct ir_block *b)
{
   return e->width > 1 && !e->entry_mask && e->l->here && e->l->whole[b->id] &&
          e->l->masked[b->id];
}

/* Lane l of a mask, from what the mask was made of: a scalar's comparison is cheaper than
 * a vector's. */
static val
lane_of(struct emit *e, val x, unsigned l, unsigned depth)
{
   val at = emit_const(e, 32, l), a, b;
   if (LLVMIsAConstant(x) && (a = LLVMGetAggregateElement(x, l)))
      return a;
   if (!LLVMIsAInstruction(x) || !depth)
      return LLVMBuildExtractElement(e->b, x, at, "");
   LLVMOpcode op = LLVMGetInstructionOpcode(x);
   switch (op) {
   case LLVMAdd:
   case LLVMSub:
   case LLVMAnd:
   case LLVMOr:
   case LLVMXor:
   case LLVMICmp:
      a = lane_of(e, LLVMGetOperand(x, 0), l, depth - 1);
      b = lane_of(e, LLVMGetOperand(x, 1), l, depth - 1);
      return op == LLVMICmp ? LLVMBuildICmp(e->b, LLVMGetICmpPredicate(x), a, b, "")
                            : LLVMBuildBinOp(e->b, op, a, b, "");
   case LLVMSelect:
      if (emit_is_vec(LLVMGetOperand(x, 0)))
         break;
      a = lane_of(e, LLVMGetOperand(x, 1), l, depth - 1);
      b = lane_of(e, LLVMGetOperand(x, 2), l, depth - 1);
      return LLVMBuildSelect(e->b, LLVMGetOperand(x, 0), a, b, "");
   case LLVMShuffleVector: { /* a splat */
      val from = LLVMGetOperand(x, 0);
      if (LLVMIsAInsertElementInst(from) && !LLVMGetMaskValue(x, l) &&
          LLVMIsNull(LLVMGetOperand(from, 2)))
         return LLVMGetOperand(from, 1);
      break;
   }
   default:
      break;
   }
   return LLVMBuildExtractElement(e->b, x, at, "");
}

val
emit_whole_mask(struct emit *e, val m, uint32_t lanes)
{
   val some = emit_known_mask(e, lanes);
   if (!lanes)
      return some;
   val c = lane_of(e, m, (unsigned)__builtin_ctz(lanes), MASK_DEPTH);
   return LLVMBuildSelect(e->b, c, some, LLVMConstNull(LLVMTypeOf(some)), "");
}

/* -- Accesses. */
bool
emit_is_few(const struct emit *e, const struct emit_access *a)
{
   uint32_t lanes;
   return a->mask && a->shape.kind == SHAPE_OFFSETS && !a->group &&
          emit_known_lanes(e, a->mask, &lanes) && __builtin_popcount(lanes) <= FEW_LANES;
}

static val
lane_pointer(struct emit *e, const struct emit_access *a, unsigned l, unsigned k)
{
   val p = emit_pointer(e, a->space, emit_lane(e, a->i->src[0], l), a->i->offset);
   return emit_element_pointer(e, p, a, k);
}

void
emit_few_load(struct emit *e, const struct emit_access *a, val *out)
{
   uint32_t lanes;
   emit_known_lanes(e, a->mask, &lanes);
   for (unsigned k = 0; k < a->n; k++)
      out[k] = LLVMConstNull(LLVMVectorType(a->elem, e->width));
   for (; lanes; lanes &= lanes - 1)
      for (unsigned l = (unsigned)__builtin_ctz(lanes), k = 0; k < a->n; k++) {
         val x = LLVMBuildLoad2(e->b, a->elem, lane_pointer(e, a, l, k), "");
         LLVMSetAlignment(x, a->align);
         out[k] = LLVMBuildInsertElement(e->b, out[k], x, emit_const(e, 32, l), "");
      }
}

void
emit_few_store(struct emit *e, const struct emit_access *a, const val *x)
{
   uint32_t lanes;
   emit_known_lanes(e, a->mask, &lanes);
   for (; lanes; lanes &= lanes - 1)
      for (unsigned l = (unsigned)__builtin_ctz(lanes), k = 0; k < a->n; k++) {
         val one = LLVMBuildExtractElement(e->b, x[k], emit_const(e, 32, l), "");
         LLVMSetAlignment(LLVMBuildStore(e->b, one, lane_pointer(e, a, l, k)), a->align);
      }
}
