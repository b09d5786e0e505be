/* SPDX-License-Identifier: Apache-2.0
 * Upper bounds of values, from what a launch can be: a thread's number is below the
 * block's size, a block's below the grid's. One pass over SSA: phis may be anything,
 * loads whatever their type holds. They tell that an index does not wrap when it is
 * widened to an address, and how large a table is. */
#include "analysis/lanes_priv.h"

#define ANYTHING UINT64_MAX
#define GRID_X_MAX 2147483647u /* CUDA's limits of a grid */
#define GRID_YZ_MAX 65535u

static uint64_t
sreg_bound(const struct lanes *l, unsigned reg)
{
   const uint32_t *n = l->config->block;
   if (reg >= ISA_SREG_TID_X && reg <= ISA_SREG_TID_Z)
      return n[0] ? n[reg - ISA_SREG_TID_X] - 1 : 1023;
   if (reg >= ISA_SREG_NTID_X && reg <= ISA_SREG_NTID_Z)
      return n[0] ? n[reg - ISA_SREG_NTID_X] : 1024;
   if (reg >= ISA_SREG_CTAID_X && reg <= ISA_SREG_CTAID_Z) {
      unsigned d = reg - ISA_SREG_CTAID_X;
      uint64_t most = (d ? GRID_YZ_MAX : GRID_X_MAX) - 1;
      if (l->config->small_grid && n[0])
         most = MIN2(most, ((uint64_t)1 << 31) / n[d] - 1);
      return most;
   }
   if (reg >= ISA_SREG_NCTAID_X && reg <= ISA_SREG_NCTAID_Z)
      return reg == ISA_SREG_NCTAID_X ? GRID_X_MAX : GRID_YZ_MAX;
   return reg == ISA_SREG_LANEID ? EXEC_WARP - 1 : ANYTHING;
}

uint64_t
lanes_bound(const struct lanes *l, const struct ir_value *v)
{
   if (v->kind == IR_CONST)
      return v->width == IR_B128 ? ANYTHING : v->bits[0];
   return v->kind == IR_UNDEF ? 0 : v->kind == IR_INST ? l->max[v->id] : ANYTHING;
}

static uint64_t
source(const struct lanes *l, const struct ir_inst *i, unsigned k)
{
   return lanes_bound(l, i->src[k]);
}

static uint64_t
sum(uint64_t a, uint64_t b)
{
   uint64_t r;
   return __builtin_add_overflow(a, b, &r) ? ANYTHING : r;
}

static uint64_t
product(uint64_t a, uint64_t b)
{
   uint64_t r;
   return __builtin_mul_overflow(a, b, &r) ? ANYTHING : r;
}

/* Whether x is at most y in every lane, as unsigned numbers: x has some of the bits of
 * something that y is a sum or a multiple of. y's bound says that y did not wrap. */
static bool
at_most(const struct lanes *l, const struct ir_value *x, const struct ir_value *y,
        unsigned depth)
{
   if (x == y)
      return true;
   const struct ir_inst *i = x->kind == IR_INST ? x->def : NULL;
   if (depth && i && i->op == ISA_AND && x->width == y->width)
      return at_most(l, i->src[0], y, depth - 1) || at_most(l, i->src[1], y, depth - 1);
   i = y->kind == IR_INST && l->max[y->id] != ANYTHING ? y->def : NULL;
   if (!depth || !i || !i->nsrc || isa_type_is_float(i->mods.type[0]))
      return false;
   if (i->op == ISA_ADD || i->op == ISA_OR)
      return at_most(l, x, i->src[0], depth - 1) || at_most(l, x, i->src[1], depth - 1);
   bool more = i->op == ISA_SHL || (i->op == ISA_MUL && i->mods.mode == ISA_LO_HALF &&
                                    i->src[1]->kind == IR_CONST && i->src[1]->bits[0]);
   return more && at_most(l, x, i->src[0], depth - 1);
}

static uint64_t
arithmetic_bound(const struct lanes *l, const struct ir_inst *i)
{
   if (!i->nsrc)
      return ANYTHING;
   uint64_t a = source(l, i, 0), b = i->nsrc > 1 ? source(l, i, 1) : 0;
   /* A wide product of values that may be negative is not what their bits multiply to. */
   bool negative =
      isa_type_is_signed(i->mods.type[0]) && (a > INT32_MAX || b > INT32_MAX);
   bool high = i->mods.mode == ISA_HI_HALF || (i->mods.mode == ISA_WIDE && negative);
   switch (i->op) {
   case ISA_ADD:
      return sum(a, b);
   case ISA_SUB:
      return at_most(l, i->src[1], i->src[0], 4) ? a : ANYTHING;
   case ISA_MUL:
      return high ? ANYTHING : product(a, b);
   case ISA_MAD:
      return high ? ANYTHING : sum(product(a, b), source(l, i, 2));
   case ISA_OR:
   case ISA_XOR:
      return sum(a, b);
   case ISA_AND:
      return MIN2(a, b);
   case ISA_SHL:
      return i->src[1]->kind == IR_CONST && b < 64 ? product(a, 1ull << b) : ANYTHING;
   case ISA_SHR:
      /* The sign bit of a signed value must be known to be clear. */
      return i->src[1]->kind == IR_CONST && b < 64 && a <= INT32_MAX ? a >> b : ANYTHING;
   case ISA_REM:
   case ISA_DIV: /* by zero: the dividend, and all ones */
      if (negative || i->src[1]->kind != IR_CONST || !b)
         return i->op == ISA_REM && !negative ? a : ANYTHING;
      return i->op == ISA_REM ? MIN2(a, b - 1) : a / b;
   case ISA_MIN:
   case ISA_MAX:
      negative |=
         isa_type_is_signed(i->mods.type[0]) && isa_type_bits(i->mods.type[0]) < 32;
      return negative ? ANYTHING : i->op == ISA_MIN ? MIN2(a, b) : MAX2(a, b);
   case ISA_SELP:
      return MAX2(a, b);
   default:
      return ANYTHING;
   }
}

static uint64_t
bound_of(const struct lanes *l, const struct ir_inst *i)
{
   enum isa_type t = i->mods.type[0];
   if (i->op == ISA_SREG)
      return sreg_bound(l, i->mods.extra);
   if (i->op == ISA_COPY || (i->op == ISA_MOV && i->nsrc == 1 && i->ndst == 1))
      return source(l, i, 0);
   if ((i->op == ISA_LD || i->op == ISA_LDU) && !isa_type_is_signed(t) &&
       !isa_type_is_float(t) && isa_type_bits(t) <= 32)
      return (1ull << isa_type_bits(t)) - 1;
   if (i->op == ISA_CVT && !isa_type_is_float(t) && !isa_type_is_float(i->mods.type[1])) {
      unsigned from = isa_type_bits(i->mods.type[1]);
      uint64_t a = source(l, i, 0);
      if (!isa_type_is_signed(i->mods.type[1]) && from < 32 && isa_type_bits(t) >= 32)
         return MIN2(a, (1ull << from) - 1);
      return a <= INT32_MAX && from >= 32 && isa_type_bits(t) >= 32 ? a : ANYTHING;
   }
   if (!ir_inst_is_int(i) || t == ISA_PRED)
      return ANYTHING;
   return arithmetic_bound(l, i);
}

void
bound_compute(const struct ir_func *f, const struct cfg *g, struct lanes *l)
{
   l->max = arena_array(l->arena, uint64_t, f->value_count);
   for (uint32_t v = 0; v < f->value_count; v++)
      l->max[v] = ANYTHING;
   for (uint32_t o = 0; o < g->nrpo; o++)
      ir_foreach_inst (i, g->rpo[o]) {
         if (i->ndst != 1 || i->dst[0]->kind != IR_INST || i->op == ISA_PHI)
            continue;
         unsigned bits = ir_width_bits(i->dst[0]->width);
         uint64_t most = bound_of(l, i);
         /* Beyond the width it wraps, and is anything. */
         l->max[i->dst[0]->id] = bits < 64 && most >> bits ? ANYTHING : most;
      }
}
