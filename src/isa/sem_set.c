/* SPDX-License-Identifier: Apache-2.0
 * Comparison: setp and set, PTX manual 9.7.6 and 9.7.7. One comparison per source type;
 * the two instructions differ in what they make of the mask. */
#include "isa/lanes_half.h"

/* lo, ls, hi, hs are the unsigned names; the type of x settles the order. */
#define COMPARE_INT(T)                                                                   \
   LANE v_m compare_##T(v_##T x, v_##T y, uint64_t w)                                    \
   {                                                                                     \
      switch (W_CMP(w)) {                                                                \
      case ISA_EQ:                                                                       \
         return M(x == y);                                                               \
      case ISA_NE:                                                                       \
         return M(x != y);                                                               \
      case ISA_LT:                                                                       \
      case ISA_LO:                                                                       \
         return M(x < y);                                                                \
      case ISA_LE:                                                                       \
      case ISA_LS:                                                                       \
         return M(x <= y);                                                               \
      case ISA_GT:                                                                       \
      case ISA_HI:                                                                       \
         return M(x > y);                                                                \
      default: /* ge, hs */                                                              \
         return M(x >= y);                                                               \
      }                                                                                  \
   }
COMPARE_INT(u16)
COMPARE_INT(s16)
COMPARE_INT(u32)
COMPARE_INT(s32)
COMPARE_INT(u64)
COMPARE_INT(s64)

#define COMPARE_FLOAT(T)                                                                 \
   LANE v_m compare_value_##T(v_##T x, v_##T y, uint64_t w)                              \
   {                                                                                     \
      switch (W_CMP(w)) {                                                                \
      case ISA_EQ:                                                                       \
         return M(x == y);                                                               \
      case ISA_NE:                                                                       \
         return M(x < y) | M(x > y);                                                     \
      case ISA_LT:                                                                       \
         return M(x < y);                                                                \
      case ISA_LE:                                                                       \
         return M(x <= y);                                                               \
      case ISA_GT:                                                                       \
         return M(x > y);                                                                \
      case ISA_GE:                                                                       \
         return M(x >= y);                                                               \
      case ISA_EQU:                                                                      \
         return NOT_M(M(x < y) | M(x > y));                                              \
      case ISA_NEU:                                                                      \
         return M(x != y);                                                               \
      case ISA_LTU:                                                                      \
         return NOT_M(M(x >= y));                                                        \
      case ISA_LEU:                                                                      \
         return NOT_M(M(x > y));                                                         \
      case ISA_GTU:                                                                      \
         return NOT_M(M(x <= y));                                                        \
      case ISA_GEU:                                                                      \
         return NOT_M(M(x < y));                                                         \
      case ISA_NUM:                                                                      \
         return M(x == x) & M(y == y);                                                   \
      default: /* nan */                                                                 \
         return M(x != x) | M(y != y);                                                   \
      }                                                                                  \
   }
COMPARE_FLOAT(f32)
COMPARE_FLOAT(f64)

LANE v_m
compare_f32(v_f32 x, v_f32 y, uint64_t w)
{
   return compare_value_f32(in_f32(x, w), in_f32(y, w), w);
}

LANE v_m
compare_f64(v_f64 x, v_f64 y, uint64_t w)
{
   return compare_value_f64(x, y, w);
}

LANE v_m
compare_f16(v_u16 x, v_u16 y, uint64_t w)
{
   return compare_value_f32(f32_of_f16(in_f16(x, w)), f32_of_f16(in_f16(y, w)), w);
}

LANE v_m
compare_bf16(v_u16 x, v_u16 y, uint64_t w)
{
   return compare_value_f32(f32_of_bf16(in_bf16(x, w)), f32_of_bf16(in_bf16(y, w)), w);
}

/* Combined with predicate c, where the instruction says how. */
LANE v_m
combine(v_m p, const void *c, uint64_t w)
{
   switch (W_BOOL(w)) {
   case ISA_BOOL_AND:
      return p & ld_m(c);
   case ISA_BOOL_OR:
      return p | ld_m(c);
   case ISA_BOOL_XOR:
      return p ^ ld_m(c);
   default:
      return p;
   }
}

#define SETP(T, MEM)                                                                     \
   FN(setp_##T)                                                                          \
   {                                                                                     \
      v_m p = compare_##T(LD(MEM, a), LD(MEM, b), w);                                    \
      v_m q = combine(NOT_M(p), c, w);                                                   \
      st_m(d, combine(p, c, w));                                                         \
      if (d1)                                                                            \
         st_m(d1, q);                                                                    \
   }
SETP(u16, u16)
SETP(s16, s16)
SETP(u32, u32)
SETP(s32, s32)
SETP(u64, u64)
SETP(s64, s64)
SETP(f32, f32)
SETP(f64, f64)
SETP(f16, u16)
SETP(bf16, u16)

/* Pairs: p for the lower halves, q for the upper ones. */
#define SETP_PAIR(T)                                                                     \
   FN(setp_##T##x2)                                                                      \
   {                                                                                     \
      v_u32 x = LD(u32, a), y = LD(u32, b);                                              \
      v_m q = combine(compare_##T(HI16(x), HI16(y), w), c, w);                           \
      st_m(d, combine(compare_##T(LO16(x), LO16(y), w), c, w));                          \
      if (d1)                                                                            \
         st_m(d1, q);                                                                    \
   }
SETP_PAIR(f16)
SETP_PAIR(bf16)

/* set: all ones, or 1.0 in the destination's float type. */
#define SET(T, MEM)                                                                      \
   FN(set_u16_##T)                                                                       \
   {                                                                                     \
      ST(u16, d, MASK_OF(u16, combine(compare_##T(LD(MEM, a), LD(MEM, b), w), c, w)));   \
   }                                                                                     \
   FN(set_u32_##T)                                                                       \
   {                                                                                     \
      ST(u32, d, MASK_OF(u32, combine(compare_##T(LD(MEM, a), LD(MEM, b), w), c, w)));   \
   }                                                                                     \
   FN(set_f32_##T)                                                                       \
   {                                                                                     \
      v_m m = combine(compare_##T(LD(MEM, a), LD(MEM, b), w), c, w);                     \
      ST(f32, d, SEL(m, K(f32, 1), K(f32, 0)));                                          \
   }                                                                                     \
   FN(set_f16_##T)                                                                       \
   {                                                                                     \
      v_m m = combine(compare_##T(LD(MEM, a), LD(MEM, b), w), c, w);                     \
      ST(u16, d, SEL(m, K(u16, 0x3c00), K(u16, 0)));                                     \
   }                                                                                     \
   FN(set_bf16_##T)                                                                      \
   {                                                                                     \
      v_m m = combine(compare_##T(LD(MEM, a), LD(MEM, b), w), c, w);                     \
      ST(u16, d, SEL(m, K(u16, 0x3f80), K(u16, 0)));                                     \
   }
SET(u16, u16)
SET(s16, s16)
SET(u32, u32)
SET(s32, s32)
SET(u64, u64)
SET(s64, s64)
SET(f32, f32)
SET(f64, f64)
SET(f16, u16)
SET(bf16, u16)

#define SET_PAIR(D, T, ONE)                                                              \
   FN(set_##D##_##T##x2)                                                                 \
   {                                                                                     \
      v_u32 x = LD(u32, a), y = LD(u32, b);                                              \
      v_m lo = combine(compare_##T(LO16(x), LO16(y), w), c, w);                          \
      v_m hi = combine(compare_##T(HI16(x), HI16(y), w), c, w);                          \
      ST(u32, d,                                                                         \
         pair_16(SEL(lo, K(u16, ONE), K(u16, 0)), SEL(hi, K(u16, ONE), K(u16, 0))));     \
   }
SET_PAIR(u32, f16, 0xffff)
SET_PAIR(f16x2, f16, 0x3c00)
SET_PAIR(u32, bf16, 0xffff)
SET_PAIR(bf16x2, bf16, 0x3f80)
