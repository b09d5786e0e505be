/* SPDX-License-Identifier: Apache-2.0
 * Conversion to and from floats of 4 to 8 bits in pairs, and integers packed small. PTX
 * manual 9.7.9.21 and 9.7.9.22. A small float is given by its fields; all of them round
 * to nearest even and saturate. */
#include "isa/lanes_half.h"

/* exp and frac: bits of each field; greatest: the code of the largest number; nan: that
 * of NaN. Formats without NaN have the largest number in its place. */
struct small {
   unsigned exp, frac, bias, greatest, nan;
   float max;
};
#define E4M3 ((struct small){4, 3, 7, 0x7e, 0x7f, 448})
#define E5M2 ((struct small){5, 2, 15, 0x7b, 0x7f, 57344})
#define E2M3 ((struct small){2, 3, 1, 0x1f, 0x1f, 7.5f})
#define E3M2 ((struct small){3, 2, 3, 0x1f, 0x1f, 28})
#define E2M1 ((struct small){2, 1, 1, 0x07, 0x07, 6})

/* Rounding is an addition: 1.5 * 2^23 units of the result's last place push the bits
 * below out of the sum. */
LANE v_u32
small_of_f32(v_f32 x, struct small f, uint64_t w)
{
   v_m nan = is_nan_f32(x);
   if (W_FLAG(w, ISA_RELU))
      x = SEL(M(x <= 0), K(f32, 0), x);
   v_u32 sign = (u32_of_f32(x) >> 31) << (f.exp + f.frac);
   v_f32 m = FABS(x);
   m = SEL(M(m < K(f32, f.max)), m, K(f32, f.max));
   unsigned lowest = 127 + 1 - f.bias; /* biased f32 exponent of the least normal */
   v_u32 e = u32_of_f32(m) >> 23;
   e = SEL(M(e < K(u32, lowest)), K(u32, lowest), e);
   v_f32 push = f32_of_u32(((e + (23 - f.frac)) << 23) | 0x400000u);
   v_f32 r = (m + push) - push;
   v_u32 u = u32_of_f32(r);
   v_u32 normal = (u >> (23 - f.frac)) - ((127 - f.bias) << f.frac);
   /* Below the least normal the bits count units of the last place. */
   float units = 1;
   for (unsigned i = 0; i < f.bias - 1 + f.frac; i++)
      units *= 2;
   v_m tiny = M((u >> 23) < K(u32, lowest));
   v_u32 subnormal = u32_of_s32(CV(s32, SEL(tiny, r, K(f32, 0)) * K(f32, units)));
   v_u32 code = SEL(tiny, subnormal, normal) | sign;
   return SEL(nan, K(u32, f.nan), code);
}

/* The code's bits as those of an f32 whose exponent is too small by a constant. */
LANE v_u16
f16_of_small(v_u32 code, struct small f, uint64_t w)
{
   unsigned bits = f.exp + f.frac;
   v_u32 m = code & ((1u << bits) - 1), sign = ((code >> bits) & 1u) << 31;
   v_f32 scale = f32_of_u32(K(u32, (254 - f.bias) << 23));
   v_u32 u = u32_of_f32(f32_of_u32(m << (23 - f.frac)) * scale);
   if (f.exp == 5)
      u = SEL(M(m == 0x7c), K(u32, 0x7f800000u), u);
   if (f.nan != f.greatest)
      u = SEL(M(m > K(u32, f.exp == 5 ? 0x7c : f.greatest)), K(u32, NAN_F32), u);
   return out_f16(f32_of_u32(u | sign), w);
}

/* A pair in 16 bits, a or the upper half above; e2m1 has both in a byte. */
#define SMALL_PAIR(t, F, D, SHIFT)                                                       \
   FN2(cvt_##t##x2_f32, D, f32, f32,                                                     \
       CV(D, (small_of_f32(x, F, w) << SHIFT) | small_of_f32(y, F, w)))                  \
   FN1(cvt_##t##x2_f16x2, D, u32,                                                        \
       CV(D, (small_of_f32(f32_of_f16(HI16(x)), F, w) << SHIFT) |                        \
                small_of_f32(f32_of_f16(LO16(x)), F, w)))                                \
   FN(cvt_f16x2_##t##x2)                                                                 \
   {                                                                                     \
      v_u32 x = CV(u32, LD(D, a));                                                       \
      ST(u32, d, pair_16(f16_of_small(x, F, w), f16_of_small(x >> SHIFT, F, w)));        \
   }
SMALL_PAIR(e4m3, E4M3, u16, 8)
SMALL_PAIR(e5m2, E5M2, u16, 8)
SMALL_PAIR(e2m3, E2M3, u16, 8)
SMALL_PAIR(e3m2, E3M2, u16, 8)
SMALL_PAIR(e2m1, E2M1, u8, 4)

/* cvt.pack.sat: a above b, with c shifted up above both where there is room. */
LANE v_u32
clamped(v_s32 x, int least, int most)
{
   x = SEL(M(x < least), K(s32, least), x);
   x = SEL(M(x > most), K(s32, most), x);
   return u32_of_s32(x);
}

#define PACK(t, LEAST, MOST, BITS)                                                       \
   LANE v_u32 pack_lanes_##t(v_s32 x, v_s32 y)                                           \
   {                                                                                     \
      v_u32 m = K(u32, (1u << (BITS)) - 1);                                              \
      return ((clamped(x, LEAST, MOST) & m) << (BITS)) | (clamped(y, LEAST, MOST) & m);  \
   }
#define PACK_BELOW(t, LEAST, MOST, BITS)                                                 \
   PACK(t, LEAST, MOST, BITS)                                                            \
   FN3(pack_##t, u32, s32, s32, u32, (z << (2 * (BITS))) | pack_lanes_##t(x, y))
PACK(u16, 0, UINT16_MAX, 16)
PACK(s16, INT16_MIN, INT16_MAX, 16)
FN2(pack_u16, u32, s32, s32, pack_lanes_u16(x, y))
FN2(pack_s16, u32, s32, s32, pack_lanes_s16(x, y))
PACK_BELOW(u8, 0, UINT8_MAX, 8)
PACK_BELOW(s8, INT8_MIN, INT8_MAX, 8)
PACK_BELOW(u4, 0, 15, 4)
PACK_BELOW(s4, -8, 7, 4)
