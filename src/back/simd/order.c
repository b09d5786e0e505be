/* SPDX-License-Identifier: Apache-2.0
 * Minimum and maximum of two floats where the processor has no instruction that is PTX's:
 * of a NaN and a number the number, of two zeros -0 or +0. What it has is `x > y ? x :
 * y`, which gives y where either is NaN or both are zeros: the right thing where y is a
 * number, and not a zero that should have lost. So it matters which values are numbers;
 * constants are, and what has been compared with one, such as a running maximum. */
#include "back/simd/emit.h"

static bool
is_order(const struct ir_inst *i)
{
   enum isa_type t = i->mods.type[0];
   return (i->op == ISA_MIN || i->op == ISA_MAX) && (t == ISA_F32 || t == ISA_F64) &&
          i->nsrc == 2 && i->ndst == 1 &&
          !(i->mods.flags & (ISA_FTZ | ISA_NAN_PROP | ISA_XORSIGN_ABS));
}

/* -- Numbers: what is never NaN, as a float of its width. */
bool
order_is_number(const struct emit *e, const struct ir_value *v)
{
   uint64_t x = v->bits[0];
   if (v->kind == IR_CONST)
      return v->width == IR_B32   ? (x & 0x7fffffff) <= 0x7f800000
             : v->width == IR_B64 ? (x & ~(1ull << 63)) <= 0x7ff0000000000000ull
                                  : false;
   return v->kind == IR_INST && e->numbers[v->id];
}

static bool
are_numbers(const struct emit *e, const struct ir_inst *i, unsigned n)
{
   for (unsigned k = 0; k < n; k++)
      if (!order_is_number(e, i->src[k]))
         return false;
   return true;
}

static bool
gives_number(const struct emit *e, const struct ir_inst *i)
{
   enum isa_type t = i->mods.type[0];
   bool is_float = t == ISA_F32 || t == ISA_F64;
   if (i->ndst != 1 && i->op != ISA_SHFL)
      return false;
   switch (i->op) {
   case ISA_PHI:
      return are_numbers(e, i, i->nsrc);
   case ISA_COPY:
   case ISA_MOV:
      return i->nsrc == 1 && are_numbers(e, i, 1);
   case ISA_SELP:
      return are_numbers(e, i, 2);
   case ISA_SHFL:
      return are_numbers(e, i, 1);
   case ISA_ABS:
   case ISA_NEG:
   case ISA_EX2:
      return is_float && are_numbers(e, i, 1);
   case ISA_CVT:
      return is_float && (!isa_type_is_float(i->mods.type[1]) || are_numbers(e, i, 1));
   case ISA_MIN:
   case ISA_MAX:
      return is_order(i) &&
             (order_is_number(e, i->src[0]) || order_is_number(e, i->src[1]));
   default:
      return false;
   }
}

/* Optimistic, so that a loop's minimum is one. */
void
order_find_numbers(struct emit *e)
{
   e->numbers = arena_array(e->a, uint8_t, e->f->value_count);
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         if (i->ndst)
            e->numbers[i->dst[0]->id] = 1;
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = 0; o < e->g->nrpo; o++)
         ir_foreach_inst (i, e->g->rpo[o]) {
            if (!i->ndst || !e->numbers[i->dst[0]->id] || gives_number(e, i))
               continue;
            e->numbers[i->dst[0]->id] = 0;
            changed = true;
         }
   }
}

/* -- Emission. */
struct order {
   struct emit *e;
   bool max;
   type bits;
};

/* x where it wins against y, else y. LLVM would find the instruction in compare and
 * select but for what the passes make of them. */
static val
choose(const struct order *o, val x, val y)
{
   val r = emit_native_order(o->e, o->max, x, y);
   if (r)
      return r;
   LLVMRealPredicate wins = o->max ? LLVMRealOGT : LLVMRealOLT;
   return LLVMBuildSelect(o->e->b, LLVMBuildFCmp(o->e->b, wins, x, y, ""), x, y, "");
}

/* Of two zeros, or of what chooses between them either way. */
static val
join(const struct order *o, val x, val y)
{
   val a = LLVMBuildBitCast(o->e->b, x, o->bits, "");
   val b = LLVMBuildBitCast(o->e->b, y, o->bits, "");
   val r = LLVMBuildBinOp(o->e->b, o->max ? LLVMAnd : LLVMOr, a, b, "");
   return LLVMBuildBitCast(o->e->b, r, LLVMTypeOf(x), "");
}

/* A constant that wins against the zero of the other sign, or is none. */
static bool
is_safe(const struct ir_inst *i, const struct ir_value *v)
{
   uint64_t sign = i->mods.type[0] == ISA_F64 ? 1ull << 63 : 1u << 31;
   return v->kind == IR_CONST && v->bits[0] != (i->op == ISA_MAX ? sign : 0);
}

val
emit_order(struct emit *e, const struct ir_inst *i, bool vec)
{
   if (!is_order(i))
      return NULL;
   type f = emit_float(e, (enum isa_type)i->mods.type[0]);
   val in[2] = {emit_operand(e, i, 0, vec), emit_operand(e, i, 1, vec)};
   struct order o = {e, i->op == ISA_MAX, LLVMTypeOf(in[0])};
   /* The number last, if there is one. */
   unsigned last =
      !order_is_number(e, i->src[1]) && order_is_number(e, i->src[0]) ? 0 : 1;
   if (order_is_number(e, i->src[0]) && is_safe(i, i->src[0]))
      last = 0;
   val x = emit_cast(e, in[!last], f), y = emit_cast(e, in[last], f);
   bool number = order_is_number(e, i->src[last]);
   val r;
   if (number && is_safe(i, i->src[last])) {
      r = choose(&o, x, y);
   } else if (number && order_is_number(e, i->src[!last])) {
      r = join(&o, choose(&o, x, y), choose(&o, y, x));
   } else {
      if (!number)
         y = LLVMBuildSelect(e->b, LLVMBuildFCmp(e->b, LLVMRealUNO, y, y, ""), x, y, "");
      val equal = LLVMBuildFCmp(e->b, LLVMRealOEQ, x, y, "");
      r = LLVMBuildSelect(e->b, equal, join(&o, x, y), choose(&o, x, y), "");
   }
   return emit_cast(e, r, i->mods.type[0] == ISA_F64 ? e->i64 : e->i32);
}
