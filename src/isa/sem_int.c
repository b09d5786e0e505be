/* SPDX-License-Identifier: Apache-2.0
 * Integer arithmetic: PTX manual 9.7.1 and 9.7.2. Registers wrap; signedness matters only
 * where the types below are written twice. */
#include "isa/isa.h"
#include "isa/lanes.h"
#include "isa/sem.h"

/* Products in twice the width, and the upper half of 64-bit ones from 32-bit pieces, as
 * no vector of 128-bit integers exists. */
LANE v_u64
mulhi_lanes_u64(v_u64 x, v_u64 y)
{
   v_u64 low = K(u64, 0xffffffffu);
   v_u64 xl = x & low, xh = x >> 32, yl = y & low, yh = y >> 32;
   v_u64 t = xl * yl;
   v_u64 m1 = xh * yl + (t >> 32);
   v_u64 m2 = xl * yh + (m1 & low);
   return xh * yh + (m1 >> 32) + (m2 >> 32);
}

LANE v_s64
mulhi_lanes_s64(v_s64 x, v_s64 y)
{
   v_u64 ux = u64_of_s64(x), uy = u64_of_s64(y);
   v_u64 r = mulhi_lanes_u64(ux, uy);
   r -= u64_of_s64(x >> 63) & uy;
   r -= u64_of_s64(y >> 63) & ux;
   return s64_of_u64(r);
}

#define MULHI_BY_WIDE(T, W, bits)                                                        \
   LANE v_##T mulhi_lanes_##T(v_##T x, v_##T y)                                          \
   {                                                                                     \
      v_##W p = CV(W, x) * CV(W, y);                                                     \
      return CV(T, p >> (bits));                                                         \
   }
MULHI_BY_WIDE(u16, u32, 16)
MULHI_BY_WIDE(s16, s32, 16)
MULHI_BY_WIDE(u32, u64, 32)
MULHI_BY_WIDE(s32, s64, 32)

#define WRAPPING(T)                                                                      \
   FN2(add_##T, T, T, T, x + y)                                                          \
   FN2(sub_##T, T, T, T, x - y)                                                          \
   FN2(mul_##T, T, T, T, x *y)                                                           \
   FN3(mad_##T, T, T, T, T, x *y + z)                                                    \
   FN1(neg_##T, T, T, K(T, 0) - x)
WRAPPING(u32)
WRAPPING(u64)

/* In the scalar build a u16 product would overflow int: by way of 32 bits. */
FN2(add_u16, u16, u16, u16, x + y)
FN2(sub_u16, u16, u16, u16, x - y)
FN2(mul_u16, u16, u16, u16, CV(u16, CV(u32, x) * CV(u32, y)))
FN3(mad_u16, u16, u16, u16, u16, CV(u16, CV(u32, x) * CV(u32, y) + CV(u32, z)))
FN1(neg_u16, u16, u16, K(u16, 0) - x)

#define HIGH(T)                                                                          \
   FN2(mulhi_##T, T, T, T, mulhi_lanes_##T(x, y))                                        \
   FN(madhi_##T)                                                                         \
   {                                                                                     \
      v_##T p = mulhi_lanes_##T(LD(T, a), LD(T, b));                                     \
      v_u64 sum = CV(u64, p) + CV(u64, LD(T, c));                                        \
      ST(T, d, CV(T, sum));                                                              \
   }
HIGH(u16)
HIGH(s16)
HIGH(u32)
HIGH(s32)
HIGH(u64)
HIGH(s64)

#define WIDE(T, W, U)                                                                    \
   FN2(mulwide_##T, W, T, T, CV(W, x) * CV(W, y))                                        \
   FN3(madwide_##T, U, T, T, U, CV(U, CV(W, x) * CV(W, y)) + z)
WIDE(u16, u32, u32)
WIDE(s16, s32, u32)
WIDE(u32, u64, u64)
WIDE(s32, s64, u64)

LANE v_s32
clamp_s32(v_s64 x)
{
   x = SEL(M(x > INT32_MAX), K(s64, INT32_MAX), x);
   return CV(s32, SEL(M(x < INT32_MIN), K(s64, INT32_MIN), x));
}

FN2(addsat_s32, s32, s32, s32, clamp_s32(CV(s64, x) + CV(s64, y)))
FN2(subsat_s32, s32, s32, s32, clamp_s32(CV(s64, x) - CV(s64, y)))
FN3(madhisat_s32, s32, s32, s32, s32,
    clamp_s32(((CV(s64, x) * CV(s64, y)) >> 32) + CV(s64, z)))

/* Halves of a word, and the word of two halves. */
#define LO16(x) CV(u16, (x) & 0xffffu)
#define HI16(x) CV(u16, (x) >> 16)
#define PAIR16(lo, hi) (CV(u32, (lo)) | (CV(u32, (hi)) << 16))

FN(add_u16x2)
{
   v_u32 x = LD(u32, a), y = LD(u32, b);
   ST(u32, d,
      (((x & 0xffffu) + (y & 0xffffu)) & 0xffffu) |
         ((x & 0xffff0000u) + (y & 0xffff0000u)));
}

/* -- Extended precision: the carry register is a predicate, last source and d1. */
#define CARRY(T)                                                                         \
   LANE v_##T addc_lanes_##T(v_##T x, v_##T y, v_m in, v_m *out)                         \
   {                                                                                     \
      v_##T s = x + y;                                                                   \
      v_##T r = s + SEL(in, K(T, 1), K(T, 0));                                           \
      *out = M(s < x) | M(r < s);                                                        \
      return r;                                                                          \
   }                                                                                     \
   LANE v_##T subc_lanes_##T(v_##T x, v_##T y, v_m in, v_m *out)                         \
   {                                                                                     \
      v_##T s = x - y;                                                                   \
      v_##T r = s - SEL(in, K(T, 1), K(T, 0));                                           \
      *out = M(x < y) | M(r > s);                                                        \
      return r;                                                                          \
   }                                                                                     \
   LANE v_m no_carry_##T(void)                                                           \
   {                                                                                     \
      return M(K(T, 0) != K(T, 0));                                                      \
   }                                                                                     \
   CARRY_FN(add##cc_##T, T, addc_lanes_##T, LD(T, a), LD(T, b), no_carry_##T())          \
   CARRY_FN(sub##cc_##T, T, subc_lanes_##T, LD(T, a), LD(T, b), no_carry_##T())          \
   CARRY_FN(addc_##T, T, addc_lanes_##T, LD(T, a), LD(T, b), ld_m(c))                    \
   CARRY_FN(subc_##T, T, subc_lanes_##T, LD(T, a), LD(T, b), ld_m(c))                    \
   CARRY_FN(madcc_##T, T, addc_lanes_##T, LD(T, a) * LD(T, b), LD(T, c), no_carry_##T()) \
   CARRY_FN(madc_##T, T, addc_lanes_##T, LD(T, a) * LD(T, b), LD(T, c), ld_m(e))         \
   MADC_HI(T, T)
#define CARRY_FN(name, T, how, x, y, in)                                                 \
   FN(name)                                                                              \
   {                                                                                     \
      v_m out;                                                                           \
      v_##T r = how((x), (y), (in), &out);                                               \
      ST(T, d, r);                                                                       \
      if (W_FLAG(w, ISA_CC))                                                             \
         st_m(d1, out);                                                                  \
   }
#define MADC_HI(T, U)                                                                    \
   CARRY_FN(madhicc_##T, U, addc_lanes_##U, CV(U, mulhi_lanes_##T(LD(T, a), LD(T, b))),  \
            LD(U, c), no_carry_##U())                                                    \
   CARRY_FN(madhic_##T, U, addc_lanes_##U, CV(U, mulhi_lanes_##T(LD(T, a), LD(T, b))),   \
            LD(U, c), ld_m(e))
CARRY(u32)
CARRY(u64)
MADC_HI(s32, u32)
MADC_HI(s64, u64)

/* -- Division. By zero: all ones, and the dividend as the remainder, as the hardware
 * does. 32-bit and narrower quotients come from doubles (floats for 16 bits): x and y are
 * exact there, and the true quotient is further from the next integer than rounding can
 * move it, so truncation is right. */
#define DIV_LANES(U, F, WIDER)                                                           \
   LANE v_##U div_lanes_##U(v_##U x, v_##U y)                                            \
   {                                                                                     \
      v_##U safe = SEL(M(y == 0), K(U, 1), y);                                           \
      return CV(U, CV(WIDER, CV(F, x) / CV(F, safe)));                                   \
   }
DIV_LANES(u16, f32, s32)
#if ISA_LANES == 1
LANE v_u32
div_lanes_u32(v_u32 x, v_u32 y)
{
   return x / (y ? y : 1);
}
#else
DIV_LANES(u32, f64, u32)
#endif
LANE v_u64
div_lanes_u64(v_u64 x, v_u64 y)
{
   return x / SEL(M(y == 0), K(u64, 1), y);
}

#define DIV(U, S)                                                                        \
   FN(div_##U)                                                                           \
   {                                                                                     \
      v_##U x = LD(U, a), y = LD(U, b), q = div_lanes_##U(x, y);                         \
      ST(U, d, SEL(M(y == 0), K(U, -1), q));                                             \
   }                                                                                     \
   FN(rem_##U)                                                                           \
   {                                                                                     \
      v_##U x = LD(U, a), y = LD(U, b), q = div_lanes_##U(x, y);                         \
      v_##U r = x - CV(U, CV(u64, q) * CV(u64, y));                                      \
      ST(U, d, SEL(M(y == 0), x, r));                                                    \
   }                                                                                     \
   LANE v_##U magnitude_##S(v_##S x)                                                     \
   {                                                                                     \
      v_##U u = U##_of_##S(x), n = K(U, 0) - u;                                          \
      return SEL(M(x < 0), n, u);                                                        \
   }                                                                                     \
   LANE v_##U signed_##U(v_m negative, v_##U u)                                          \
   {                                                                                     \
      v_##U n = K(U, 0) - u;                                                             \
      return SEL(negative, n, u);                                                        \
   }                                                                                     \
   FN(div_##S)                                                                           \
   {                                                                                     \
      v_##S x = LD(S, a), y = LD(S, b);                                                  \
      v_##U q = div_lanes_##U(magnitude_##S(x), magnitude_##S(y));                       \
      q = signed_##U(M(x < 0) ^ M(y < 0), q);                                            \
      ST(U, d, SEL(M(y == 0), K(U, -1), q));                                             \
   }                                                                                     \
   FN(rem_##S)                                                                           \
   {                                                                                     \
      v_##S x = LD(S, a), y = LD(S, b);                                                  \
      v_##U ux = magnitude_##S(x), uy = magnitude_##S(y), q = div_lanes_##U(ux, uy);     \
      v_##U r = ux - CV(U, CV(u64, q) * CV(u64, uy));                                    \
      r = signed_##U(M(x < 0), SEL(M(y == 0), ux, r));                                   \
      ST(U, d, r);                                                                       \
   }
DIV(u16, s16)
DIV(u32, s32)
DIV(u64, s64)

/* -- Ordering. */
#define ORDER(T)                                                                         \
   FN2(min_##T, T, T, T, SEL(M(x < y), x, y))                                            \
   FN2(max_##T, T, T, T, SEL(M(x > y), x, y))
ORDER(u16)
ORDER(s16)
ORDER(u32)
ORDER(u64)
ORDER(s64)

LANE v_s32
relu_s32(v_s32 x, uint64_t w)
{
   return W_FLAG(w, ISA_RELU) ? SEL(M(x < 0), K(s32, 0), x) : x;
}
FN2(min_s32, s32, s32, s32, relu_s32(SEL(M(x < y), x, y), w))
FN2(max_s32, s32, s32, s32, relu_s32(SEL(M(x > y), x, y), w))

#define ORDER_PAIR(T, name, op)                                                          \
   FN(name##_##T##x2)                                                                    \
   {                                                                                     \
      v_u32 x = LD(u32, a), y = LD(u32, b);                                              \
      v_##T xl = CV(T, LO16(x)), xh = CV(T, HI16(x));                                    \
      v_##T yl = CV(T, LO16(y)), yh = CV(T, HI16(y));                                    \
      xl = SEL(M(xl op yl), xl, yl);                                                     \
      xh = SEL(M(xh op yh), xh, yh);                                                     \
      if (W_FLAG(w, ISA_RELU)) {                                                         \
         xl = SEL(M(xl > 0), xl, K(T, 0));                                               \
         xh = SEL(M(xh > 0), xh, K(T, 0));                                               \
      }                                                                                  \
      ST(u32, d, PAIR16(CV(u16, xl), CV(u16, xh)));                                      \
   }
ORDER_PAIR(u16, min, <)
ORDER_PAIR(u16, max, >)
ORDER_PAIR(s16, min, <)
ORDER_PAIR(s16, max, >)

#define ABS(S, U) FN1(abs_##S, U, S, magnitude_##S(x))
ABS(s16, u16)
ABS(s32, u32)
ABS(s64, u64)

/* |x - y| + z; the difference of signed values is taken without overflow. */
#define SAD(T, U)                                                                        \
   FN(sad_##T)                                                                           \
   {                                                                                     \
      v_##T x = LD(T, a), y = LD(T, b);                                                  \
      v_##U xy = CV(U, x) - CV(U, y), yx = CV(U, y) - CV(U, x);                          \
      v_##U r = SEL(M(x < y), yx, xy);                                                   \
      ST(U, d, r + LD(U, c));                                                            \
   }
SAD(u16, u16)
SAD(s16, u16)
SAD(u32, u32)
SAD(s32, u32)
SAD(u64, u64)
SAD(s64, u64)

/* -- 24-bit products: .hi gives bits 47 to 16. */
#define MUL24(T, W, shift)                                                               \
   LANE v_##W mul24_lanes_##T(v_##T x, v_##T y)                                          \
   {                                                                                     \
      v_##W p = CV(W, shift(x)) * CV(W, shift(y));                                       \
      return p;                                                                          \
   }                                                                                     \
   FN2(mul24lo_##T, u32, T, T, CV(u32, mul24_lanes_##T(x, y)))                           \
   FN2(mul24hi_##T, u32, T, T, CV(u32, mul24_lanes_##T(x, y) >> 16))                     \
   FN3(mad24lo_##T, u32, T, T, u32, CV(u32, mul24_lanes_##T(x, y)) + z)                  \
   FN3(mad24hi_##T, u32, T, T, u32, CV(u32, mul24_lanes_##T(x, y) >> 16) + z)
#define LOW24_u(x) ((x) & 0xffffffu)
#define LOW24_s(x) (s32_of_u32(u32_of_s32(x) << 8) >> 8)
MUL24(u32, u64, LOW24_u)
MUL24(s32, s64, LOW24_s)
FN3(mad24hisat_s32, s32, s32, s32, s32,
    clamp_s32(CV(s64, CV(s32, mul24_lanes_s32(x, y) >> 16)) + CV(s64, z)))

/* -- Dot products of bytes; mods.type gives both signednesses, mode the half for dp2a. */
#define BYTE_u32(x, i) CV(s32, ((x) >> (8 * (i))) & 0xffu)
#define BYTE_s32(x, i) (s32_of_u32((x) << (24 - 8 * (i))) >> 24)
#define HALF_u32(x, i) CV(s32, ((x) >> (16 * (i))) & 0xffffu)
#define HALF_s32(x, i) (s32_of_u32((x) << (16 - 16 * (i))) >> 16)
#define DOT(TA, TB)                                                                      \
   FN(dp4a_##TA##_##TB)                                                                  \
   {                                                                                     \
      v_u32 x = LD(u32, a), y = LD(u32, b), r = LD(u32, c);                              \
      for (int i = 0; i < 4; i++)                                                        \
         r += u32_of_s32(BYTE_##TA(x, i) * BYTE_##TB(y, i));                             \
      ST(u32, d, r);                                                                     \
   }                                                                                     \
   FN(dp2a_##TA##_##TB)                                                                  \
   {                                                                                     \
      v_u32 x = LD(u32, a), y = LD(u32, b), r = LD(u32, c);                              \
      if (W_MODE(w) == ISA_HI_HALF)                                                      \
         y = y >> 16;                                                                    \
      for (int i = 0; i < 2; i++)                                                        \
         r += u32_of_s32(HALF_##TA(x, i) * BYTE_##TB(y, i));                             \
      ST(u32, d, r);                                                                     \
   }
DOT(u32, u32)
DOT(u32, s32)
DOT(s32, u32)
DOT(s32, s32)
