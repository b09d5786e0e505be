/* SPDX-License-Identifier: Apache-2.0
 * f16 and bf16 arithmetic, PTX manual 9.7.4. A half sum goes through f32, where it is
 * exact or rounds a second time harmlessly; so does an f16 product. A bf16 product can
 * leave f32's range, and a fused product needs more bits than f32 has: those are rounded
 * to odd on the way. */
#include "isa/lanes_half.h"

LANE v_u16
add_lanes_f16(v_u16 x, v_u16 y, uint64_t w)
{
   return out_f16(f32_of_f16(in_f16(x, w)) + f32_of_f16(in_f16(y, w)), w);
}

LANE v_u16
sub_lanes_f16(v_u16 x, v_u16 y, uint64_t w)
{
   return out_f16(f32_of_f16(in_f16(x, w)) - f32_of_f16(in_f16(y, w)), w);
}

LANE v_u16
mul_lanes_f16(v_u16 x, v_u16 y, uint64_t w)
{
   return out_f16(f32_of_f16(in_f16(x, w)) * f32_of_f16(in_f16(y, w)), w);
}

LANE v_u16
fma_lanes_f16(v_u16 x, v_u16 y, v_u16 z, uint64_t w)
{
   v_f32 err, p = f32_of_f16(in_f16(x, w)) * f32_of_f16(in_f16(y, w));
   v_f32 s = two_sum_f32(p, f32_of_f16(in_f16(z, w)), &err);
   return out_f16(round_odd_f32(s, err), w);
}

LANE v_u16
add_lanes_bf16(v_u16 x, v_u16 y, uint64_t w)
{
   return out_bf16(f32_of_bf16(in_bf16(x, w)) + f32_of_bf16(in_bf16(y, w)), w);
}

LANE v_u16
sub_lanes_bf16(v_u16 x, v_u16 y, uint64_t w)
{
   return out_bf16(f32_of_bf16(in_bf16(x, w)) - f32_of_bf16(in_bf16(y, w)), w);
}

LANE v_f64
f64_of_bf16(v_u16 x, uint64_t w)
{
   return CV(f64, f32_of_bf16(in_bf16(x, w)));
}

LANE v_u16
mul_lanes_bf16(v_u16 x, v_u16 y, uint64_t w)
{
   return out_bf16(f32_odd_from_f64(f64_of_bf16(x, w) * f64_of_bf16(y, w)), w);
}

LANE v_u16
fma_lanes_bf16(v_u16 x, v_u16 y, v_u16 z, uint64_t w)
{
   v_f64 err, p = f64_of_bf16(x, w) * f64_of_bf16(y, w);
   v_f64 s = two_sum_f64(p, f64_of_bf16(z, w), &err);
   return out_bf16(f32_odd_from_f64(round_odd_f64(s, err)), w);
}

/* As for f32: -0 below +0, the number where one operand is NaN unless .NaN. Half values
 * order as sign and magnitude, so the comparison is one of integers. */
#define ORDER_HALF(T, INF)                                                               \
   LANE v_s16 rank_##T(v_u16 x)                                                          \
   {                                                                                     \
      v_s16 s = s16_of_u16(x);                                                           \
      v_s16 flipped = CV(s16, s ^ 0x7fff);                                               \
      return SEL(M(s < 0), flipped, s);                                                  \
   }                                                                                     \
   LANE v_m is_nan_##T(v_u16 x)                                                          \
   {                                                                                     \
      v_u16 m = x & 0x7fffu;                                                             \
      return M(m > K(u16, INF));                                                         \
   }                                                                                     \
   LANE v_u16 order_lanes_##T(v_u16 x, v_u16 y, int want_max, uint64_t w)                \
   {                                                                                     \
      x = in_##T(x, w);                                                                  \
      y = in_##T(y, w);                                                                  \
      v_u16 sign = (x ^ y) & 0x8000u;                                                    \
      if (W_FLAG(w, ISA_XORSIGN_ABS)) {                                                  \
         x &= 0x7fffu;                                                                   \
         y &= 0x7fffu;                                                                   \
      }                                                                                  \
      v_m first = M(rank_##T(x) < rank_##T(y));                                          \
      if (want_max)                                                                      \
         first = M(rank_##T(x) > rank_##T(y));                                           \
      v_m nan_x = is_nan_##T(x), nan_y = is_nan_##T(y);                                  \
      v_u16 r = SEL((first | nan_y) & NOT_M(nan_x), x, y);                               \
      if (W_FLAG(w, ISA_XORSIGN_ABS))                                                    \
         r |= sign;                                                                      \
      v_m nan = nan_x & nan_y;                                                           \
      if (W_FLAG(w, ISA_NAN_PROP))                                                       \
         nan = nan_x | nan_y;                                                            \
      return canon_16(r, nan);                                                           \
   }                                                                                     \
   LANE v_u16 min_lanes_##T(v_u16 x, v_u16 y, uint64_t w)                                \
   {                                                                                     \
      return order_lanes_##T(x, y, 0, w);                                                \
   }                                                                                     \
   LANE v_u16 max_lanes_##T(v_u16 x, v_u16 y, uint64_t w)                                \
   {                                                                                     \
      return order_lanes_##T(x, y, 1, w);                                                \
   }                                                                                     \
   LANE v_u16 neg_lanes_##T(v_u16 x, uint64_t w)                                         \
   {                                                                                     \
      return in_##T(x, w) ^ 0x8000u;                                                     \
   }                                                                                     \
   LANE v_u16 abs_lanes_##T(v_u16 x, uint64_t w)                                         \
   {                                                                                     \
      return in_##T(x, w) & 0x7fffu;                                                     \
   }
ORDER_HALF(f16, 0x7c00)
ORDER_HALF(bf16, 0x7f80)

/* One and two to a register. */
#define HALF1(op, T)                                                                     \
   FN1(op##_##T, u16, u16, op##_lanes_##T(x, w))                                         \
   FN1(op##_##T##x2, u32, u32,                                                           \
       pair_16(op##_lanes_##T(LO16(x), w), op##_lanes_##T(HI16(x), w)))
#define HALF2(op, T)                                                                     \
   FN2(op##_##T, u16, u16, u16, op##_lanes_##T(x, y, w))                                 \
   FN2(                                                                                  \
      op##_##T##x2, u32, u32, u32,                                                       \
      pair_16(op##_lanes_##T(LO16(x), LO16(y), w), op##_lanes_##T(HI16(x), HI16(y), w)))
#define HALF3(op, T)                                                                     \
   FN3(op##_##T, u16, u16, u16, u16, op##_lanes_##T(x, y, z, w))                         \
   FN3(op##_##T##x2, u32, u32, u32, u32,                                                 \
       pair_16(op##_lanes_##T(LO16(x), LO16(y), LO16(z), w),                             \
               op##_lanes_##T(HI16(x), HI16(y), HI16(z), w)))
#define EACH_HALF(T)                                                                     \
   HALF2(add, T)                                                                         \
   HALF2(sub, T)                                                                         \
   HALF2(mul, T)                                                                         \
   HALF3(fma, T)                                                                         \
   HALF2(min, T)                                                                         \
   HALF2(max, T)                                                                         \
   HALF1(neg, T)                                                                         \
   HALF1(abs, T)
EACH_HALF(f16)
EACH_HALF(bf16)

/* Mixed precision: f32 results of halves and an f32, which is the last operand. */
#define MIXED(T)                                                                         \
   FN2(add_f32_##T, f32, u16, f32, add_mixed(f32_of_##T(x), y, w))                       \
   FN2(sub_f32_##T, f32, u16, f32, add_mixed(f32_of_##T(x), -y, w))                      \
   FN3(fma_f32_##T, f32, u16, u16, f32, fma_mixed(f32_of_##T(x), f32_of_##T(y), z, w))

LANE v_f32
fma_mixed(v_f32 x, v_f32 y, v_f32 z, uint64_t w)
{
   if (is_directed(W_RND(w)))
      return out_f32(fma_wide(x, y, z, W_RND(w)), w);
   return out_f32(FMA(x, y, z), w);
}

LANE v_f32
add_mixed(v_f32 x, v_f32 y, uint64_t w)
{
   return fma_mixed(x, K(f32, 1), y, w);
}
MIXED(f16)
MIXED(bf16)
