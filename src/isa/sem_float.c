/* SPDX-License-Identifier: Apache-2.0
 * f32 and f64 arithmetic, exact in every rounding mode. PTX manual 9.7.3. Rounding to
 * nearest is the processor's own. Directed f32 goes through doubles, where sums and
 * products of floats are exact up to one two-sum; a quotient or root of floats is never
 * so near to a float that the double would hide on which side it lies (they differ by
 * 2^-48 of their size or more). Directed f64 is done in integers, sem_soft.h. */
#include "isa/lanes_float.h"
#include "isa/sem_soft.h"

/* -- f32 */
LANE v_f32
add_lanes_f32(v_f32 x, v_f32 y, uint64_t w)
{
   x = in_f32(x, w);
   y = in_f32(y, w);
   if (is_directed(W_RND(w)))
      return out_f32(fma_wide(x, K(f32, 1), y, W_RND(w)), w);
   return out_f32(x + y, w);
}

LANE v_f32
sub_lanes_f32(v_f32 x, v_f32 y, uint64_t w)
{
   if (is_directed(W_RND(w)))
      return add_lanes_f32(x, f32_of_u32(u32_of_f32(y) ^ 0x80000000u), w);
   return out_f32(in_f32(x, w) - in_f32(y, w), w);
}

LANE v_f32
mul_lanes_f32(v_f32 x, v_f32 y, uint64_t w)
{
   x = in_f32(x, w);
   y = in_f32(y, w);
   if (is_directed(W_RND(w)))
      return out_f32(f32_from_f64(CV(f64, x) * CV(f64, y), W_RND(w)), w);
   return out_f32(x * y, w);
}

LANE v_f32
fma_lanes_f32(v_f32 x, v_f32 y, v_f32 z, uint64_t w)
{
   x = in_f32(x, w);
   y = in_f32(y, w);
   z = in_f32(z, w);
   if (is_directed(W_RND(w)))
      return out_f32(fma_wide(x, y, z, W_RND(w)), w);
   return out_f32(FMA(x, y, z), w);
}

LANE v_f32
div_lanes_f32(v_f32 x, v_f32 y, uint64_t w)
{
   x = in_f32(x, w);
   y = in_f32(y, w);
   if (is_directed(W_RND(w)))
      return out_f32(f32_from_f64(CV(f64, x) / CV(f64, y), W_RND(w)), w);
   return out_f32(x / y, w);
}

LANE v_f32
sqrt_lanes_f32(v_f32 x, uint64_t w)
{
   x = in_f32(x, w);
   if (is_directed(W_RND(w)))
      return out_f32(f32_from_f64(SQRT(CV(f64, x)), W_RND(w)), w);
   return out_f32(SQRT(x), w);
}

FN2(add_f32, f32, f32, f32, add_lanes_f32(x, y, w))
FN2(sub_f32, f32, f32, f32, sub_lanes_f32(x, y, w))
FN2(mul_f32, f32, f32, f32, mul_lanes_f32(x, y, w))
FN3(fma_f32, f32, f32, f32, f32, fma_lanes_f32(x, y, z, w))
FN2(div_f32, f32, f32, f32, div_lanes_f32(x, y, w))
FN1(rcp_f32, f32, f32, div_lanes_f32(K(f32, 1), x, w))
FN1(sqrt_f32, f32, f32, sqrt_lanes_f32(x, w))

/* f32x2: two floats in 64 bits. */
#define LOW_F32(x) f32_of_u32(CV(u32, (x)))
#define HIGH_F32(x) f32_of_u32(CV(u32, (x) >> 32))
LANE v_u64
pair_f32(v_f32 lo, v_f32 hi)
{
   return CV(u64, u32_of_f32(lo)) | CV(u64, u32_of_f32(hi)) << 32;
}

#define PAIR_F32(op)                                                                     \
   FN2(op##_f32x2, u64, u64, u64,                                                        \
       pair_f32(op##_lanes_f32(LOW_F32(x), LOW_F32(y), w),                               \
                op##_lanes_f32(HIGH_F32(x), HIGH_F32(y), w)))
PAIR_F32(add)
PAIR_F32(sub)
PAIR_F32(mul)
FN3(fma_f32x2, u64, u64, u64, u64,
    pair_f32(fma_lanes_f32(LOW_F32(x), LOW_F32(y), LOW_F32(z), w),
             fma_lanes_f32(HIGH_F32(x), HIGH_F32(y), HIGH_F32(z), w)))

/* -- f64 */
#define DIRECTED_F64(expr)                                                               \
   if (is_directed(W_RND(w))) {                                                          \
      for (int i = 0; i < ISA_LANES; i++)                                                \
         ((uint64_t *)d)[i] = (expr);                                                    \
      return;                                                                            \
   }
#define AT(p) (((const uint64_t *)(p))[i])
#define SIGN_F64 0x8000000000000000u
#define ONE_F64 0x3ff0000000000000u

FN(add_f64)
{
   DIRECTED_F64(soft_fma(AT(a), ONE_F64, AT(b), W_RND(w)))
   ST(f64, d, out_f64(LD(f64, a) + LD(f64, b), w));
}

FN(sub_f64)
{
   DIRECTED_F64(soft_fma(AT(a), ONE_F64, AT(b) ^ SIGN_F64, W_RND(w)))
   ST(f64, d, out_f64(LD(f64, a) - LD(f64, b), w));
}

/* Adding a zero of the product's sign changes nothing. */
FN(mul_f64)
{
   DIRECTED_F64(soft_fma(AT(a), AT(b), (AT(a) ^ AT(b)) & SIGN_F64, W_RND(w)))
   ST(f64, d, out_f64(LD(f64, a) * LD(f64, b), w));
}

FN(fma_f64)
{
   DIRECTED_F64(soft_fma(AT(a), AT(b), AT(c), W_RND(w)))
   ST(f64, d, out_f64(FMA(LD(f64, a), LD(f64, b), LD(f64, c)), w));
}

FN(div_f64)
{
   DIRECTED_F64(soft_div(AT(a), AT(b), W_RND(w)))
   ST(f64, d, out_f64(LD(f64, a) / LD(f64, b), w));
}

FN(rcp_f64)
{
   DIRECTED_F64(soft_div(ONE_F64, AT(a), W_RND(w)))
   ST(f64, d, out_f64(K(f64, 1) / LD(f64, a), w));
}

FN(sqrt_f64)
{
   DIRECTED_F64(soft_sqrt(AT(a), W_RND(w)))
   ST(f64, d, out_f64(SQRT(LD(f64, a)), w));
}

/* -- Minimum and maximum: -0 is less than +0; the other operand where one is NaN, unless
 * .NaN. Equal operands differ at most in the sign of zero, which or and and settle. */
#define ORDER_FLOAT(F, U, SIGN, NANVALUE)                                                \
   LANE v_##F order_lanes_##F(v_##F x, v_##F y, int want_max, uint64_t w)                \
   {                                                                                     \
      v_##U ux = U##_of_##F(x), uy = U##_of_##F(y);                                      \
      v_##U sign = (ux ^ uy) & (SIGN);                                                   \
      if (W_FLAG(w, ISA_XORSIGN_ABS)) {                                                  \
         ux &= ~(v_##U)K(U, SIGN);                                                       \
         uy &= ~(v_##U)K(U, SIGN);                                                       \
         x = F##_of_##U(ux);                                                             \
         y = F##_of_##U(uy);                                                             \
      }                                                                                  \
      v_m first = M(x < y);                                                              \
      if (want_max)                                                                      \
         first = M(x > y);                                                               \
      v_##U r = SEL(first | is_nan_##F(y), ux, uy);                                      \
      r = SEL(M(x == y), (want_max ? ux & uy : ux | uy), r);                             \
      if (W_FLAG(w, ISA_XORSIGN_ABS))                                                    \
         r |= sign;                                                                      \
      v_m nan = is_nan_##F(x) & is_nan_##F(y);                                           \
      if (W_FLAG(w, ISA_NAN_PROP))                                                       \
         nan = is_nan_##F(x) | is_nan_##F(y);                                            \
      else if (!W_CANON(w))                                                              \
         return F##_of_##U(r);                                                           \
      return F##_of_##U(SEL(nan, K(U, NANVALUE), r));                                    \
   }
ORDER_FLOAT(f32, u32, 0x80000000u, NAN_F32)
ORDER_FLOAT(f64, u64, SIGN_F64, NAN_F64)
FN2(min_f32, f32, f32, f32, order_lanes_f32(in_f32(x, w), in_f32(y, w), 0, w))
FN2(max_f32, f32, f32, f32, order_lanes_f32(in_f32(x, w), in_f32(y, w), 1, w))
FN2(min_f64, f64, f64, f64, order_lanes_f64(x, y, 0, w))
FN2(max_f64, f64, f64, f64, order_lanes_f64(x, y, 1, w))

/* -- Sign: bits only, NaN included. */
FN1(abs_f32, u32, f32, u32_of_f32(in_f32(x, w)) & 0x7fffffffu)
FN1(neg_f32, u32, f32, u32_of_f32(in_f32(x, w)) ^ 0x80000000u)
FN1(abs_f64, u64, u64, x & ~SIGN_F64)
FN1(neg_f64, u64, u64, x ^ SIGN_F64)
FN2(copysign_f32, u32, u32, u32, (x & 0x80000000u) | (y & 0x7fffffffu))
FN2(copysign_f64, u64, u64, u64, (x & SIGN_F64) | (y & ~SIGN_F64))

#define TESTP(U, INF, MINNORMAL, MAGNITUDE)                                              \
   LANE v_m testp_lanes_##U(v_##U x, unsigned mode)                                      \
   {                                                                                     \
      v_##U m = x & (MAGNITUDE);                                                         \
      switch (mode) {                                                                    \
      case ISA_MODE_FINITE:                                                              \
         return M(m < (INF));                                                            \
      case ISA_MODE_INFINITE:                                                            \
         return M(m == (INF));                                                           \
      case ISA_MODE_NUMBER:                                                              \
         return M(m <= (INF));                                                           \
      case ISA_MODE_NOTANUMBER:                                                          \
         return M(m > (INF));                                                            \
      case ISA_MODE_NORMAL: /* zeros too, says the manual */                             \
         return M(m == 0) | (M(m >= (MINNORMAL)) & M(m < (INF)));                        \
      default: /* subnormal */                                                           \
         return M(m != 0) & M(m < (MINNORMAL));                                          \
      }                                                                                  \
   }                                                                                     \
   FN(testp_##U)                                                                         \
   {                                                                                     \
      st_m(d, testp_lanes_##U(LD(U, a), W_MODE(w)));                                     \
   }
TESTP(u32, 0x7f800000u, 0x00800000u, 0x7fffffffu)
TESTP(u64, 0x7ff0000000000000u, 0x0010000000000000u, 0x7fffffffffffffffu)
