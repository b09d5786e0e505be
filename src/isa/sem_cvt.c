/* SPDX-License-Identifier: Apache-2.0
 * cvt among integers and the IEEE floats, PTX manual 9.7.9.21. Integers clamp where the
 * destination is narrower and .sat is there, and always when they come from floats. */
#include "isa/lanes_half.h"

/* -- Integer to integer. The bounds are constants of the source's type. */
#define MIN_u8 0
#define MIN_u16 0
#define MIN_u32 0
#define MIN_u64 0
#define MIN_s8 INT8_MIN
#define MIN_s16 INT16_MIN
#define MIN_s32 INT32_MIN
#define MIN_s64 INT64_MIN
#define MAX_u8 UINT8_MAX
#define MAX_u16 UINT16_MAX
#define MAX_u32 UINT32_MAX
#define MAX_u64 UINT64_MAX
#define MAX_s8 INT8_MAX
#define MAX_s16 INT16_MAX
#define MAX_s32 INT32_MAX
#define MAX_s64 INT64_MAX
#define WIDEST(x) ((__int128)(x))
#define LOWER(D, S)                                                                      \
   (WIDEST(MIN_##D) > WIDEST(MIN_##S) ? WIDEST(MIN_##D) : WIDEST(MIN_##S))
#define UPPER(D, S)                                                                      \
   (WIDEST(MAX_##D) < WIDEST(MAX_##S) ? WIDEST(MAX_##D) : WIDEST(MAX_##S))

#define INT_TO_INT(D, S)                                                                 \
   FN(cvt_##D##_##S)                                                                     \
   {                                                                                     \
      v_##S x = LD(S, a);                                                                \
      if (W_FLAG(w, ISA_SAT)) {                                                          \
         x = SEL(M(x < K(S, LOWER(D, S))), K(S, LOWER(D, S)), x);                        \
         x = SEL(M(x > K(S, UPPER(D, S))), K(S, UPPER(D, S)), x);                        \
      }                                                                                  \
      ST(D, d, CV(D, x));                                                                \
   }

/* -- Integer to float. Up to 32 bits are exact in f64; 64 bits are two exact parts. */
#define EXACT(T)                                                                         \
   LANE v_f64 f64_parts_##T(v_##T x, v_f64 *err)                                         \
   {                                                                                     \
      *err = K(f64, 0);                                                                  \
      return CV(f64, x);                                                                 \
   }
#define SPLIT(T)                                                                         \
   LANE v_f64 f64_parts_##T(v_##T x, v_f64 *err)                                         \
   {                                                                                     \
      v_f64 hi = CV(f64, x >> 32) * K(f64, 0x1p32);                                      \
      return two_sum_f64(hi, CV(f64, x & 0xffffffff), err);                              \
   }
EXACT(u8)
EXACT(s8)
EXACT(u16)
EXACT(s16)
EXACT(u32)
EXACT(s32)
SPLIT(u64)
SPLIT(s64)

LANE v_f64
f64_of_parts(v_f64 s, v_f64 err, unsigned rnd)
{
   v_u64 u = u64_of_f64(s);
   return f64_of_u64(step_u64(u, M(s < 0), M(err < 0), M(err > 0), rnd));
}

#define INT_TO_FLOAT(S)                                                                  \
   FN(cvt_f32_##S)                                                                       \
   {                                                                                     \
      v_##S x = LD(S, a);                                                                \
      v_f64 err, s = f64_parts_##S(x, &err);                                             \
      v_f32 r = CV(f32, x);                                                              \
      if (is_directed(W_RND(w)))                                                         \
         r = f32_from_f64(round_odd_f64(s, err), W_RND(w));                              \
      ST(f32, d, out_f32(r, w));                                                         \
   }                                                                                     \
   FN(cvt_f64_##S)                                                                       \
   {                                                                                     \
      v_##S x = LD(S, a);                                                                \
      v_f64 err, s = f64_parts_##S(x, &err);                                             \
      v_f64 r = CV(f64, x);                                                              \
      if (is_directed(W_RND(w)))                                                         \
         r = f64_of_parts(s, err, W_RND(w));                                             \
      ST(f64, d, out_f64(r, w));                                                         \
   }                                                                                     \
   FN(cvt_f16_##S)                                                                       \
   {                                                                                     \
      v_f64 err, s = f64_parts_##S(LD(S, a), &err);                                      \
      ST(u16, d, out_f16(f32_odd_from_f64(round_odd_f64(s, err)), w));                   \
   }                                                                                     \
   FN(cvt_bf16_##S)                                                                      \
   {                                                                                     \
      v_f64 err, s = f64_parts_##S(LD(S, a), &err);                                      \
      ST(u16, d, out_bf16(f32_odd_from_f64(round_odd_f64(s, err)), w));                  \
   }

/* -- Float to integer. NaN gives 0, but 2^(bits-1) where either side has 64 bits. */
#define ROUND_INTEGRAL(F)                                                                \
   LANE v_##F integral_##F(v_##F x, unsigned rnd)                                        \
   {                                                                                     \
      switch (rnd) {                                                                     \
      case ISA_RNI:                                                                      \
      case ISA_RN:                                                                       \
         return RINT(x);                                                                 \
      case ISA_RMI:                                                                      \
      case ISA_RM:                                                                       \
         return FLOOR(x);                                                                \
      case ISA_RPI:                                                                      \
      case ISA_RP:                                                                       \
         return CEIL(x);                                                                 \
      default:                                                                           \
         return TRUNC(x);                                                                \
      }                                                                                  \
   }
ROUND_INTEGRAL(f32)
ROUND_INTEGRAL(f64)

/* END is the first power of two above the range; VIA a type that every value in range
 * converts to directly. */
#define FLOAT_TO_INT(D, F, VIA, END, NANVALUE)                                           \
   LANE v_##D D##_from_##F(v_##F x, unsigned rnd)                                        \
   {                                                                                     \
      v_##F r = integral_##F(x, rnd);                                                    \
      v_m low = M(r < K(F, MIN_##D)), high = M(r >= K(F, END)), nan = M(r != r);         \
      v_##F safe = SEL(low | high | nan, K(F, 0), r);                                    \
      v_##D v = CV(D, CV(VIA, safe));                                                    \
      v = SEL(low, K(D, MIN_##D), v);                                                    \
      v = SEL(high, K(D, MAX_##D), v);                                                   \
      return SEL(nan, K(D, NANVALUE), v);                                                \
   }
#define FLOAT_TO_INTS(F, NAN8, NAN16, NAN32)                                             \
   FLOAT_TO_INT(u8, F, s32, 0x1p8, NAN8)                                                 \
   FLOAT_TO_INT(s8, F, s32, 0x1p7, NAN8)                                                 \
   FLOAT_TO_INT(u16, F, s32, 0x1p16, NAN16)                                              \
   FLOAT_TO_INT(s16, F, s32, 0x1p15, NAN16)                                              \
   FLOAT_TO_INT(u32, F, u32, 0x1p32, NAN32)                                              \
   FLOAT_TO_INT(s32, F, s32, 0x1p31, NAN32)                                              \
   FLOAT_TO_INT(u64, F, u64, 0x1p64, 0x8000000000000000u)                                \
   FLOAT_TO_INT(s64, F, s64, 0x1p63, 0x8000000000000000u)
FLOAT_TO_INTS(f32, 0, 0, 0)
FLOAT_TO_INTS(f64, 0x80u, 0x8000u, 0x80000000u)

#define INT_FROM_FLOATS(D)                                                               \
   FN1(cvt_##D##_f32, D, f32, D##_from_f32(in_f32(x, w), W_RND(w)))                      \
   FN1(cvt_##D##_f64, D, f64, D##_from_f64(x, W_RND(w)))                                 \
   FN1(cvt_##D##_f16, D, u16, D##_from_f32(f32_of_f16(x), W_RND(w)))                     \
   FN1(cvt_##D##_bf16, D, u16, D##_from_f32(f32_of_bf16(x), W_RND(w)))

#define EVERY_INT(T)                                                                     \
   INT_TO_INT(u8, T)                                                                     \
   INT_TO_INT(s8, T)                                                                     \
   INT_TO_INT(u16, T)                                                                    \
   INT_TO_INT(s16, T)                                                                    \
   INT_TO_INT(u32, T)                                                                    \
   INT_TO_INT(s32, T)                                                                    \
   INT_TO_INT(u64, T)                                                                    \
   INT_TO_INT(s64, T)                                                                    \
   INT_TO_FLOAT(T)                                                                       \
   INT_FROM_FLOATS(T)
EVERY_INT(u8)
EVERY_INT(s8)
EVERY_INT(u16)
EVERY_INT(s16)
EVERY_INT(u32)
EVERY_INT(s32)
EVERY_INT(u64)
EVERY_INT(s64)

/* -- Float to float. Between two of the same type the rounding is to an integer. */
LANE v_f32
integral_or_same_f32(v_f32 x, uint64_t w)
{
   return W_RND(w) == ISA_RND_NONE ? x : integral_f32(x, W_RND(w));
}

LANE v_f64
integral_or_same_f64(v_f64 x, uint64_t w)
{
   return W_RND(w) == ISA_RND_NONE ? x : integral_f64(x, W_RND(w));
}

FN1(cvt_f32_f32, f32, f32, out_f32(integral_or_same_f32(in_f32(x, w), w), w))
FN1(cvt_f64_f64, f64, f64, out_f64(integral_or_same_f64(x, w), w))
FN1(cvt_f16_f16, u16, u16, out_f16(integral_or_same_f32(f32_of_f16(x), w), w))
FN1(cvt_bf16_bf16, u16, u16, out_bf16(integral_or_same_f32(f32_of_bf16(x), w), w))

FN1(cvt_f64_f32, f64, f32, out_f64(CV(f64, in_f32(x, w)), w))
FN1(cvt_f64_f16, f64, u16, out_f64(CV(f64, f32_of_f16(x)), w))
FN1(cvt_f64_bf16, f64, u16, out_f64(CV(f64, f32_of_bf16(x)), w))
FN1(cvt_f32_f64, f32, f64, out_f32(f32_from_f64(x, W_RND(w)), w))
FN1(cvt_f32_f16, f32, u16, out_f32(f32_of_f16(x), w))
FN1(cvt_f32_bf16, f32, u16, out_f32(f32_of_bf16(x), w))

/* .ftz speaks of f32 operands here, not of the halves. */
#define NO_FTZ(w) ((w) & ~((uint64_t)ISA_FTZ << 21))
FN1(cvt_f16_f32, u16, f32, out_f16(in_f32(x, w), NO_FTZ(w)))
FN1(cvt_bf16_f32, u16, f32, out_bf16(in_f32(x, w), NO_FTZ(w)))
FN1(cvt_f16_f64, u16, f64, out_f16(f32_odd_from_f64(x), NO_FTZ(w)))
FN1(cvt_bf16_f64, u16, f64, out_bf16(f32_odd_from_f64(x), NO_FTZ(w)))
FN1(cvt_f16_bf16, u16, u16, out_f16(f32_of_bf16(x), NO_FTZ(w)))
FN1(cvt_bf16_f16, u16, u16, out_bf16(f32_of_f16(x), NO_FTZ(w)))

/* Two floats to a pair: a is the upper half. */
FN2(cvt_f16x2_f32, u32, f32, f32,
    pair_16(out_f16(in_f32(y, w), NO_FTZ(w)), out_f16(in_f32(x, w), NO_FTZ(w))))
FN2(cvt_bf16x2_f32, u32, f32, f32,
    pair_16(out_bf16(in_f32(y, w), NO_FTZ(w)), out_bf16(in_f32(x, w), NO_FTZ(w))))

/* tf32: an f32 whose low 13 bits are zero. .rna rounds ties away from zero. */
FN(cvt_tf32_f32)
{
   v_f32 x = LD(f32, a);
   if (W_FLAG(w, ISA_RELU))
      x = SEL(M(x <= 0), K(f32, 0), x);
   v_u32 u = u32_of_f32(x);
   if (W_RND(w) == ISA_RN)
      u = u + 0xfffu + ((u >> 13) & 1u);
   else if (W_RND(w) != ISA_RZ)
      u = u + 0x1000u;
   u &= 0xffffe000u;
   v_m inf = M((u & 0x7fffffffu) == 0x7f800000u);
   if (W_FLAG(w, ISA_SATFINITE))
      u = SEL(inf, (u & 0x80000000u) | 0x7f7fe000u, u);
   ST(u32, d, SEL(is_nan_f32(x), K(u32, NAN_F32), u));
}
