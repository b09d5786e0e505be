/* SPDX-License-Identifier: Apache-2.0
 * What each instruction does to lane shapes: which results are the same in all lanes, and
 * which are a scalar base plus offsets known when compiling. */
#include <string.h>

#include "analysis/lanes_priv.h"

static const struct shape uniform = {.kind = SHAPE_UNIFORM};
static const struct shape zero = {.kind = SHAPE_UNIFORM, .align = 63};
static const struct shape varying = {.kind = SHAPE_VARYING};

static unsigned
trailing_zeros(uint64_t v)
{
   return v ? (unsigned)__builtin_ctzll(v) : 63;
}

static struct shape
src_shape(struct lanes *l, struct cfg *g, const struct ir_inst *i, unsigned k)
{
   return lanes_shape_at(l, g, i->src[k], i->block);
}

static bool
all_uniform(struct lanes *l, struct cfg *g, const struct ir_inst *i)
{
   for (unsigned k = 0; k < i->nsrc; k++)
      if (src_shape(l, g, i, k).kind != SHAPE_UNIFORM)
         return false;
   return true;
}

/* a*x + b*y of two vectors, either of which may be missing. */
static void
add_scaled(const struct lanes *l, int64_t *to, const int64_t *x, int64_t a,
           const int64_t *y, int64_t b)
{
   for (unsigned i = 0; i < l->config->width; i++)
      to[i] = (int64_t)((x ? (uint64_t)a * (uint64_t)x[i] : 0) +
                        (y ? (uint64_t)b * (uint64_t)y[i] : 0));
}

/* a*x + b*y of the displacements (uniform has none). */
static struct shape
combine(struct lanes *l, struct shape x, int64_t a, struct shape y, int64_t b,
        unsigned bits)
{
   if (x.kind == SHAPE_VARYING || y.kind == SHAPE_VARYING ||
       (x.unit && y.unit && x.unit != y.unit))
      return varying;
   int64_t offs[EXEC_WARP], times[EXEC_WARP];
   add_scaled(l, offs, x.offsets, a, y.offsets, b);
   add_scaled(l, times, x.times, a, y.times, b);
   unsigned align =
      MIN2(x.align + trailing_zeros((uint64_t)a), y.align + trailing_zeros((uint64_t)b));
   return shape_from(l, offs, x.unit ? x.unit : y.unit, times, bits,
                     x.conditional || y.conditional, align);
}

/* (base + offsets) * a uniform value: its multiples, one a lane. A wide product reads the
 * value as its type says, and units are signed. */
static struct shape
multiples(struct lanes *l, const struct ir_inst *i, unsigned by, struct shape x,
          unsigned bits)
{
   static const int64_t none[EXEC_WARP];
   const struct ir_value *unit = i->src[by];
   if (x.unit || unit->kind != IR_INST)
      return varying;
   if (i->mods.mode == ISA_WIDE && !isa_type_is_signed(i->mods.type[0]) &&
       l->max[unit->id] > INT32_MAX)
      return varying;
   return shape_from(l, none, unit, x.offsets, bits, x.conditional, 0);
}

/* x * y where one side is uniform. */
static struct shape
product(struct lanes *l, const struct ir_inst *i, struct shape x, struct shape y,
        unsigned bits)
{
   if (x.kind == SHAPE_UNIFORM && y.kind == SHAPE_UNIFORM)
      return shape_uniform(x.align + y.align);
   unsigned sh = 64 - ir_width_bits(i->src[0]->width);
   bool is_signed = isa_type_is_signed(i->mods.type[0]);
   for (unsigned k = 0; k < 2; k++) {
      if (i->src[k]->kind != IR_CONST)
         continue;
      int64_t c = (int64_t)i->src[k]->bits[0];
      if (is_signed || i->mods.mode == ISA_LO_HALF)
         c = (int64_t)((uint64_t)c << sh) >> sh;
      return combine(l, k ? x : y, c, zero, 0, bits);
   }
   if (x.kind == SHAPE_OFFSETS && y.kind == SHAPE_UNIFORM)
      return multiples(l, i, 1, x, bits);
   if (y.kind == SHAPE_OFFSETS && x.kind == SHAPE_UNIFORM)
      return multiples(l, i, 0, y, bits);
   return varying;
}

/* Source k, 32 bits, widened to 64: right unless base + displacement wraps, which code
 * tests where the bounds of the value do not exclude it, nor that all displacements lie
 * in bits that base has not. */
static struct shape
widened(const struct lanes *l, const struct ir_inst *i, unsigned k, struct shape s,
        bool is_signed)
{
   if (s.kind != SHAPE_OFFSETS || s.conditional)
      return s;
   bool upward = !s.unit, in_low_bits = upward && s.align < 32;
   for (unsigned n = 0; n < l->config->width; n++) {
      upward &= s.offsets[n] >= 0;
      in_low_bits &= s.offsets[n] >= 0 && s.offsets[n] >> s.align == 0;
   }
   if (in_low_bits)
      return s;
   uint64_t limit = is_signed ? INT32_MAX : UINT32_MAX;
   bool tested = l->config->tested && l->config->tested[i->dst[0]->id];
   s.conditional = !tested && (!upward || l->max[i->src[k]->id] > limit);
   return s;
}

static struct shape
convert(struct lanes *l, const struct ir_inst *i, struct shape x)
{
   unsigned to = isa_type_bits(i->mods.type[0]), from = isa_type_bits(i->mods.type[1]);
   if (x.kind != SHAPE_OFFSETS)
      return x;
   if (isa_type_is_float(i->mods.type[0]) || isa_type_is_float(i->mods.type[1]) ||
       (i->mods.flags & ISA_SAT))
      return varying;
   if (to == from && ir_width_bits(i->src[0]->width) == from)
      return x;
   if (to == 64 && from == 32 && ir_width_bits(i->src[0]->width) == 32)
      return widened(l, i, 0, x, isa_type_is_signed(i->mods.type[1]));
   if (to == 32 && from == 64)
      return combine(l, x, 1, zero, 0, 32);
   return varying;
}

static struct shape
sreg_shape(struct lanes *l, unsigned reg)
{
   const uint32_t *n = l->config->block;
   uint32_t threads = n[0] * n[1] * n[2], width = l->config->width;
   int64_t offs[EXEC_WARP];
   bool wide = n[0] && (n[0] % width == 0 || threads == n[0]);
   bool narrow = n[0] && n[0] < width && width % n[0] == 0;
   uint32_t rows = narrow ? width / n[0] : 1;
   switch (reg) {
   case ISA_SREG_LANEID:
      for (unsigned i = 0; i < width; i++)
         offs[i] = i;
      return shape_from_offsets(l, offs, 32, false, 63);
   case ISA_SREG_TID_X:
      if (!wide && !narrow)
         return varying;
      for (unsigned i = 0; i < width; i++)
         offs[i] = narrow ? i % n[0] : i;
      return shape_from_offsets(l, offs, 32, false,
                                n[0] <= width ? 63 : trailing_zeros(width));
   case ISA_SREG_TID_Y:
      if (wide)
         return uniform;
      if (!narrow || (n[2] != 1 && n[1] % rows != 0))
         return varying;
      for (unsigned i = 0; i < width; i++)
         offs[i] = i / n[0];
      return shape_from_offsets(l, offs, 32, false, trailing_zeros(rows));
   case ISA_SREG_TID_Z:
      return wide || n[2] == 1 || (narrow && n[1] % rows == 0) ? uniform : varying;
   case ISA_SREG_LANEMASK_EQ:
   case ISA_SREG_LANEMASK_LE:
   case ISA_SREG_LANEMASK_LT:
   case ISA_SREG_LANEMASK_GE:
   case ISA_SREG_LANEMASK_GT:
      return varying;
   case ISA_SREG_NTID_X:
   case ISA_SREG_NTID_Y:
   case ISA_SREG_NTID_Z:
      return shape_uniform(n[0] ? trailing_zeros(n[reg - ISA_SREG_NTID_X]) : 0);
   default:
      return uniform;
   }
}

bool
lanes_tid_is_regular(const uint32_t n[3], uint32_t width)
{
   uint32_t threads = n[0] * n[1] * n[2];
   if (!n[0])
      return false;
   if (n[0] % width == 0 || threads == n[0])
      return true;
   return n[0] < width && width % n[0] == 0 && (n[2] == 1 || n[1] % (width / n[0]) == 0);
}

/* base + offsets where every offset fits into the base's known zero bits: masking and
 * shifting then act on base and offsets apart. */
static bool
offsets_fit(const struct lanes *l, struct shape x, unsigned *bits)
{
   if (x.kind != SHAPE_OFFSETS || x.unit)
      return false;
   int64_t all = 0;
   for (unsigned i = 0; i < l->config->width; i++) {
      if (x.offsets[i] < 0)
         return false;
      all |= x.offsets[i];
   }
   *bits = 64 - (unsigned)__builtin_clzll((uint64_t)all | 1);
   return *bits <= x.align;
}

/* Whether lane 0's number is the base: what the scalar form computes is then what a lane
 * computes. */
static bool
starts_at_base(struct shape x)
{
   return x.kind == SHAPE_OFFSETS && !x.offsets[0] && (!x.unit || !x.times[0]);
}

static bool
goes_upward(const struct lanes *l, struct shape x)
{
   for (unsigned k = 0; k < l->config->width && x.kind == SHAPE_OFFSETS; k++)
      if (x.offsets[k] < 0)
         return false;
   return x.kind == SHAPE_OFFSETS && !x.unit;
}

static struct shape
if_tested(struct shape x, unsigned align)
{
   x.conditional = true;
   x.align = (uint8_t)MIN2(align, 63u);
   return x;
}

/* What the low n bits of a number that is the same in all lanes are, where that is known.
 */
static bool
low_bits(struct lanes *l, struct cfg *g, const struct ir_inst *at, unsigned k, unsigned n,
         uint64_t *bits)
{
   const struct ir_value *v = at->src[k];
   const struct ir_inst *i = v->kind == IR_INST ? v->def : NULL;
   *bits = v->kind == IR_CONST ? v->bits[0] : 0;
   if (v->kind == IR_CONST || src_shape(l, g, at, k).align >= n)
      return true;
   uint64_t more;
   if (!i || (i->op != ISA_ADD && i->op != ISA_SUB) || !ir_inst_is_int(i) ||
       i->src[1]->kind != IR_CONST || !low_bits(l, g, i, 0, n, bits))
      return false;
   more = i->src[1]->bits[0];
   *bits += i->op == ISA_ADD ? more : -more;
   return true;
}

static struct shape
masked(struct lanes *l, struct cfg *g, const struct ir_inst *i)
{
   unsigned fit, bits = ir_width_bits(i->dst[0]->width), by = 1;
   struct shape x = src_shape(l, g, i, 0), y = src_shape(l, g, i, 1);
   if (x.kind == SHAPE_UNIFORM && y.kind == SHAPE_UNIFORM)
      return shape_uniform(MAX2(x.align, y.align));
   if (x.kind == SHAPE_UNIFORM) {
      struct shape t = x;
      x = y;
      y = t;
      by = 0;
   }
   if (y.kind != SHAPE_UNIFORM || x.kind != SHAPE_OFFSETS)
      return varying;
   bool fits = offsets_fit(l, x, &fit);
   uint64_t mask;
   if (i->src[by]->kind != IR_CONST && !(fits && low_bits(l, g, i, by, fit, &mask)))
      return fits || goes_upward(l, x) ? if_tested(x, MAX2(x.align, y.align)) : varying;
   if (i->src[by]->kind == IR_CONST)
      mask = i->src[by]->bits[0];
   if (!fits)
      return goes_upward(l, x) && !(mask & (mask + 1)) ? if_tested(x, x.align) : varying;
   int64_t offs[EXEC_WARP];
   for (unsigned k = 0; k < l->config->width; k++)
      offs[k] = x.offsets[k] & (int64_t)mask;
   return shape_from_offsets(l, offs, bits, x.conditional, MAX2(x.align, y.align));
}

/* Bits put into places that are known to be zero: or, xor then add. */
static struct shape
merged(struct lanes *l, const struct ir_inst *i, struct shape x, struct shape y)
{
   unsigned fit, bits = ir_width_bits(i->dst[0]->width);
   if (x.kind == SHAPE_OFFSETS) {
      struct shape t = x;
      x = y;
      y = t;
   }
   if (x.kind != SHAPE_UNIFORM || !offsets_fit(l, y, &fit))
      return varying;
   if (x.align < fit)
      return if_tested(y, MIN2(x.align, y.align));
   return shape_from_offsets(l, y.offsets, bits, y.conditional, MIN2(x.align, y.align));
}

/* Quotient and remainder of lanes that all lie behind one multiple of the divisor. */
static struct shape
divided(struct lanes *l, const struct ir_inst *i, struct shape x, struct shape y)
{
   static const int64_t none[EXEC_WARP];
   unsigned bits = ir_width_bits(i->dst[0]->width);
   if (y.kind != SHAPE_UNIFORM || !goes_upward(l, x) || bits < 32)
      return varying;
   if (i->op == ISA_DIV)
      return shape_from_offsets(l, none, bits, true, 0);
   return if_tested(x, 0);
}

static struct shape
extreme(const struct ir_inst *i, struct shape x, struct shape y)
{
   if (x.kind == SHAPE_UNIFORM) {
      struct shape t = x;
      x = y;
      y = t;
   }
   return y.kind == SHAPE_UNIFORM && starts_at_base(x) &&
                ir_width_bits(i->dst[0]->width) == 32 &&
                isa_type_bits(i->mods.type[0]) == 32
             ? if_tested(x, MIN2(x.align, y.align))
             : varying;
}

bool
lanes_widens_signed(const struct ir_inst *i)
{
   return isa_type_is_signed(i->mods.type[i->op == ISA_CVT ? 1 : 0]);
}

/* What a conditional result of i asks for besides what its sources do. */
enum lanes_test
lanes_test_of(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_CVT:
   case ISA_MUL:
   case ISA_MAD: {
      bool wide = i->op == ISA_CVT ? isa_type_bits(i->mods.type[0]) == 64 &&
                                        ir_width_bits(i->src[0]->width) == 32
                                   : i->mods.mode == ISA_WIDE;
      return wide ? LANES_TEST_WIDE : LANES_TEST_NONE;
   }
   case ISA_AND:
      return LANES_TEST_AND;
   case ISA_OR:
   case ISA_XOR:
      return LANES_TEST_CLEAR;
   case ISA_DIV:
   case ISA_REM:
      return LANES_TEST_REM;
   case ISA_MIN:
   case ISA_MAX:
      return LANES_TEST_EXTREME;
   default:
      return LANES_TEST_NONE;
   }
}

static struct shape
shifted_right(struct lanes *l, const struct ir_inst *i, struct shape x)
{
   unsigned fit, bits = ir_width_bits(i->dst[0]->width);
   if (i->src[1]->kind != IR_CONST || i->src[1]->bits[0] >= bits ||
       !offsets_fit(l, x, &fit))
      return varying;
   unsigned n = (unsigned)i->src[1]->bits[0];
   int64_t offs[EXEC_WARP];
   for (unsigned k = 0; k < l->config->width; k++)
      offs[k] = x.offsets[k] >> n;
   return shape_from_offsets(l, offs, bits, x.conditional, x.align > n ? x.align - n : 0);
}

/* Whether x < y, or x >= y, whatever the lane: from what x is at most. */
static bool
is_known(const struct lanes *l, const struct ir_inst *i, struct shape x)
{
   const struct ir_value *a = i->src[0], *b = i->src[1];
   if (a->kind != IR_INST || b->kind != IR_CONST || x.conditional || !starts_at_base(x))
      return false;
   uint64_t most = l->max[a->id], c = b->bits[0];
   if (isa_type_is_signed(i->mods.type[0]) && (most > INT32_MAX || c > INT32_MAX))
      return false;
   switch (i->mods.cmp) {
   case ISA_LT:
   case ISA_GE:
   case ISA_LO:
   case ISA_HS:
      return most < c;
   case ISA_LE:
   case ISA_GT:
   case ISA_LS:
   case ISA_HI:
      return most <= c;
   default:
      return false;
   }
}

/* base + offsets against a constant that falls between two such groups of lanes. */
static struct shape
compared(const struct lanes *l, const struct ir_inst *i, struct shape x, struct shape y)
{
   unsigned fit;
   if (y.kind != SHAPE_UNIFORM || i->nsrc != 2)
      return varying;
   if (is_known(l, i, x))
      return uniform;
   if (x.conditional || !offsets_fit(l, x, &fit))
      return varying;
   bool below = false, above = false; /* the least c: x < c, x >= c */
   switch (i->mods.cmp) {
   case ISA_LT:
   case ISA_GE:
   case ISA_LO:
   case ISA_HS:
      below = y.align >= fit;
      break;
   case ISA_LE:
   case ISA_GT:
   case ISA_LS:
   case ISA_HI:
      above =
         i->src[1]->kind == IR_CONST && trailing_zeros(i->src[1]->bits[0] + 1) >= fit;
      break;
   default:
      break;
   }
   return below || above ? uniform : varying;
}

static struct shape
load_shape(struct lanes *l, struct cfg *g, const struct ir_inst *i)
{
   if (i->mods.space == ISA_LOCAL || i->mods.space == ISA_PARAM_FUNC)
      return varying;
   return src_shape(l, g, i, 0).kind == SHAPE_UNIFORM ? uniform : varying;
}

static struct shape
arithmetic(struct lanes *l, struct cfg *g, const struct ir_inst *i)
{
   unsigned bits = ir_width_bits(i->dst[0]->width);
   struct shape x = src_shape(l, g, i, 0);
   struct shape y = i->nsrc > 1 ? src_shape(l, g, i, 1) : uniform;
   struct shape r;
   switch (i->op) {
   case ISA_ADD:
      return combine(l, x, 1, y, 1, bits);
   case ISA_AND:
      return masked(l, g, i);
   case ISA_OR:
   case ISA_XOR:
      return merged(l, i, x, y);
   case ISA_SHR:
      return shifted_right(l, i, x);
   case ISA_DIV:
   case ISA_REM:
      return divided(l, i, x, y);
   case ISA_MIN:
   case ISA_MAX:
      return extreme(i, x, y);
   case ISA_SELP:
      return src_shape(l, g, i, 2).kind == SHAPE_UNIFORM ? shape_join(x, y) : varying;
   case ISA_SUB:
      return combine(l, x, 1, y, -1, bits);
   case ISA_NEG:
      return combine(l, x, -1, zero, 0, bits);
   case ISA_SHL:
      if (i->src[1]->kind != IR_CONST || i->src[1]->bits[0] >= bits)
         return x.kind == SHAPE_UNIFORM && y.kind == SHAPE_UNIFORM ? uniform : varying;
      return combine(l, x, (int64_t)(1ull << i->src[1]->bits[0]), zero, 0, bits);
   case ISA_MUL:
   case ISA_MAD:
      if (i->mods.mode != ISA_LO_HALF && i->mods.mode != ISA_WIDE)
         return varying;
      if (i->mods.mode == ISA_WIDE && bits != 64)
         return varying;
      if (i->mods.mode == ISA_WIDE) {
         bool is_signed = isa_type_is_signed(i->mods.type[0]);
         x = widened(l, i, 0, x, is_signed);
         y = widened(l, i, 1, y, is_signed);
      }
      r = product(l, i, x, y, bits);
      return i->op == ISA_MUL ? r : combine(l, r, 1, src_shape(l, g, i, 2), 1, bits);
   default:
      return varying;
   }
}

/* Instructions for which arithmetic() also knows the alignment of a uniform result. */
static bool
is_linear(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_ADD:
   case ISA_SUB:
   case ISA_SHL:
      return ir_inst_is_int(i) && (i->op != ISA_SHL || i->src[1]->kind == IR_CONST);
   case ISA_AND:
      return ir_inst_is_int(i);
   case ISA_MUL:
   case ISA_MAD:
      return ir_inst_is_int(i) && i->mods.mode == ISA_LO_HALF;
   default:
      return false;
   }
}

/* All lanes get what one of them has. */
static bool
takes_one_lane(struct lanes *l, struct cfg *g, const struct ir_inst *i)
{
   return i->mods.mode == ISA_MODE_IDX && i->src[2]->kind == IR_CONST &&
          (i->src[2]->bits[0] & 0x1f1f) == 0x1f &&
          src_shape(l, g, i, 1).kind == SHAPE_UNIFORM;
}

struct shape
shape_transfer(struct lanes *l, struct cfg *g, const struct ir_inst *i, unsigned k)
{
   switch (i->op) {
   case ISA_SREG:
      return sreg_shape(l, i->mods.extra);
   case ISA_ADDR:
      return uniform;
   case ISA_LD:
   case ISA_LDU:
      return load_shape(l, g, i);
   case ISA_SHFL:
      return !k && takes_one_lane(l, g, i) ? uniform : varying;
   case ISA_ATOM:
   case ISA_CALL:
   case ISA_ELECT:
   case ISA_ALLOCA:
   case ISA_STACKSAVE:
      return varying;
   case ISA_MBARRIER: /* lanes that ask the same at the same time get one answer */
      return (i->mods.mode == ISA_MODE_TEST_WAIT || i->mods.mode == ISA_MODE_TRY_WAIT) &&
                   all_uniform(l, g, i)
                ? uniform
                : varying;
   case ISA_MATCH:
      return i->mods.mode == ISA_MODE_ALL && src_shape(l, g, i, 1).kind == SHAPE_UNIFORM
                ? uniform
                : varying;
   case ISA_VOTE:
   case ISA_REDUX: {
      /* The same for all lanes that name the same members. */
      unsigned members = i->nsrc - 1u;
      return i->nsrc < 2 || src_shape(l, g, i, members).kind == SHAPE_UNIFORM ? uniform
                                                                              : varying;
   }
   case ISA_ACTIVEMASK:
   case ISA_BAR:
   case ISA_BARRIER:
      return uniform;
   case ISA_CVTA:
      if (i->mods.space == ISA_LOCAL || i->mods.space == ISA_PARAM_FUNC)
         return varying;
      /* Offsets from a lane that sleeps would not stay within one block's memory. */
      if (i->mods.space == ISA_SHARED_CLUSTER)
         return all_uniform(l, g, i) ? uniform : varying;
      return src_shape(l, g, i, 0).conditional ? varying : src_shape(l, g, i, 0);
   default:
      break;
   }
   if (i->op == ISA_SETP && i->dst[1]->kind == IR_SINK && ir_inst_is_int(i) &&
       !all_uniform(l, g, i))
      return i->nsrc == 2 ? compared(l, i, src_shape(l, g, i, 0), src_shape(l, g, i, 1))
                          : varying;
   if (all_uniform(l, g, i) && (i->ndst != 1 || !is_linear(i)))
      return uniform;
   if (i->ndst != 1)
      return varying;
   switch (i->op) {
   case ISA_COPY:
   case ISA_MOV:
      return i->nsrc == 1 && i->src[0]->width == i->dst[0]->width ? src_shape(l, g, i, 0)
                                                                  : varying;
   case ISA_CVT:
      return i->nsrc == 1 ? convert(l, i, src_shape(l, g, i, 0)) : varying;
   default:
      return ir_inst_is_int(i) ? arithmetic(l, g, i) : varying;
   }
}
