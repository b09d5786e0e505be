/* SPDX-License-Identifier: Apache-2.0
 * Minima and maxima of what memory holds in 8 or 16 bits, as image filters take them:
 * PTX computes them in wider registers, but they are the same numbers in narrow ones, of
 * which a vector holds two or four times as many. LLVM then drops the widening at loads
 * and the narrowing at stores. */
#include "back/simd/emit.h"

static bool
is_integer(enum isa_type t)
{
   return (t >= ISA_B8 && t <= ISA_B64) || (t >= ISA_U8 && t <= ISA_S64);
}

/* 0: more than 16, for all that is known. */
static unsigned
bits_of(const struct emit *e, const struct ir_value *v)
{
   if (v->kind == IR_INST)
      return e->few_bits[v->id];
   bool fits = v->kind == IR_CONST && v->width != IR_B128;
   return !fits ? 0 : v->bits[0] < 1u << 8 ? 8 : v->bits[0] < 1u << 16 ? 16 : 0;
}

/* A number of so many bits is the same, and not negative, as one of type t. */
static bool
holds(enum isa_type t, unsigned bits)
{
   return is_integer(t) && isa_type_bits(t) >= bits + isa_type_is_signed(t);
}

static unsigned
result_bits(const struct emit *e, const struct ir_inst *i)
{
   enum isa_type t = i->mods.type[0];
   unsigned a, b;
   switch (i->op) {
   case ISA_LD:
      a = isa_type_bits(t) <= 8 ? 8 : 16;
      return holds(t, 1) && !isa_type_is_signed(t) && isa_type_bits(t) <= 16 ? a : 0;
   case ISA_CVT:
      a = bits_of(e, i->src[0]);
      return !i->mods.flags && holds(t, a) && holds(i->mods.type[1], a) ? a : 0;
   case ISA_MIN:
   case ISA_MAX:
      a = bits_of(e, i->src[0]);
      b = i->nsrc == 2 ? bits_of(e, i->src[1]) : 0;
      return a && b && !i->mods.flags && holds(t, MAX2(a, b)) ? MAX2(a, b) : 0;
   default:
      return 0;
   }
}

static void
find_narrow(struct emit *e)
{
   e->few_bits = arena_array(e->a, uint8_t, e->f->value_count);
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         for (unsigned k = 0; k < i->ndst; k++)
            e->few_bits[i->dst[k]->id] = (uint8_t)result_bits(e, i);
}

val
emit_narrow(struct emit *e, const struct ir_inst *i)
{
   if (!e->few_bits)
      find_narrow(e);
   unsigned bits = bits_of(e, i->dst[0]), wide = ir_width_bits(i->dst[0]->width);
   if (!bits || bits >= wide)
      return NULL;
   val x[2];
   for (unsigned k = 0; k < 2; k++)
      x[k] = emit_resize(e, emit_operand(e, i, k, true), bits, false);
   type t = LLVMTypeOf(x[0]);
   const char *name = i->op == ISA_MIN ? "llvm.umin" : "llvm.umax";
   return emit_resize(e, emit_intrinsic(e, name, &t, 1, x, 2), wide, false);
}
