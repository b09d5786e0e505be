/* SPDX-License-Identifier: Apache-2.0
 * f16 and bf16 in lanes: to f32, where they are exact, and back in any rounding mode. A
 * 24-bit sum, product or quotient rounds a second time to 11 or 8 bits without harm
 * (Figueroa: 2p + 2 bits are enough); what needs more is rounded to odd first. */
#ifndef KASURI_ISA_LANES_HALF_H
#define KASURI_ISA_LANES_HALF_H

#include "isa/lanes_float.h"

#if ISA_LANES == 1
LANE v_f32
f32_of_f16(v_u16 h)
{
   uint32_t m = h & 0x7fffu, sign = (uint32_t)(h & 0x8000u) << 16;
   if (m < 0x400)
      return f32_of_u32(u32_of_f32((float)m * 0x1p-24f) | sign);
   uint32_t exp = m >= 0x7c00 ? 0x70000000u : 0x38000000u;
   return f32_of_u32(((m << 13) + exp) | sign);
}

LANE v_u16
f16_nearest(v_f32 x)
{
   uint32_t u = u32_of_f32(x), m = u & 0x7fffffffu, sign = u >> 16 & 0x8000u;
   if (m > 0x7f800000u)
      return (uint16_t)(sign | NAN_16);
   if (m >= 0x47800000u)
      return (uint16_t)(sign | 0x7c00u);
   /* Subnormal: adding 0.5 leaves units of 2^-24 in the low bits, rounded to even. */
   if (m < 0x38800000u)
      return (uint16_t)(sign | (u32_of_f32(f32_of_u32(m) + 0.5f) - 0x3f000000u));
   return (uint16_t)(sign | ((m - 0x38000000u + 0xfffu + (m >> 13 & 1u)) >> 13));
}
#else
typedef _Float16 v_f16 __attribute__((ext_vector_type(ISA_LANES)));
LANE v_f32
f32_of_f16(v_u16 h)
{
   v_f16 v;
   __builtin_memcpy(&v, &h, sizeof v);
   return __builtin_convertvector(v, v_f32);
}

LANE v_u16
f16_nearest(v_f32 x)
{
   v_f16 v = __builtin_convertvector(x, v_f16);
   v_u16 h;
   __builtin_memcpy(&h, &v, sizeof h);
   return h;
}
#endif

LANE v_f32
f32_of_bf16(v_u16 h)
{
   return f32_of_u32(CV(u32, h) << 16);
}

LANE v_u16
canon_16(v_u16 h, v_m nan)
{
   return SEL(nan, K(u16, NAN_16), h);
}

STEP(u16)

/* From an f32 that is exact or rounded to odd. */
LANE v_u16
f16_from_f32(v_f32 x, unsigned rnd)
{
   v_u16 h = f16_nearest(x);
   if (rnd == ISA_RM || rnd == ISA_RP || rnd == ISA_RZ) {
      v_f32 back = f32_of_f16(h);
      h = step_u16(h, M((h & 0x8000u) != 0), M(back > x), M(back < x), rnd);
   }
   return canon_16(h, is_nan_f32(x));
}

LANE v_u16
bf16_from_f32(v_f32 x, unsigned rnd)
{
   v_u32 u = u32_of_f32(x), rest = u & 0xffffu, up = K(u32, 0);
   v_m negative = M((u & 0x80000000u) != 0);
   if (rnd == ISA_RM)
      up = SEL(negative & M(rest != 0), K(u32, 1), K(u32, 0));
   else if (rnd == ISA_RP)
      up = SEL(NOT_M(negative) & M(rest != 0), K(u32, 1), K(u32, 0));
   else if (rnd != ISA_RZ)
      up = (rest + 0x7fffu + ((u >> 16) & 1u)) >> 16;
   return canon_16(CV(u16, (u >> 16) + up), is_nan_f32(x));
}

/* Subnormals of either format to zeros of the same sign, under .ftz. */
LANE v_u16
in_f16(v_u16 h, uint64_t w)
{
   return W_FLAG(w, ISA_FTZ) ? SEL(M((h & 0x7c00u) == 0), CV(u16, h & 0x8000u), h) : h;
}

LANE v_u16
in_bf16(v_u16 h, uint64_t w)
{
   return W_FLAG(w, ISA_FTZ) ? SEL(M((h & 0x7f80u) == 0), CV(u16, h & 0x8000u), h) : h;
}

/* .sat, .relu on the value before its last rounding: both bounds are representable. */
LANE v_f32
clamp_half(v_f32 x, uint64_t w)
{
   if (W_FLAG(w, ISA_SAT))
      return saturate_f32(x);
   return W_FLAG(w, ISA_RELU) ? SEL(M(x <= 0), K(f32, 0), x) : x;
}

/* .satfinite: the greatest number instead of infinity. */
LANE v_u16
finite_16(v_u16 h, uint64_t w, unsigned inf)
{
   v_m is_inf = M((h & 0x7fffu) == K(u16, inf));
   return W_FLAG(w, ISA_SATFINITE) ? SEL(is_inf, CV(u16, h - 1), h) : h;
}

/* What every half result goes through last. Halves always get the canonical NaN, which
 * costs nothing beside the conversion. */
LANE v_u16
out_f16(v_f32 x, uint64_t w)
{
   v_u16 h = f16_from_f32(clamp_half(x, w), W_RND(w));
   return in_f16(finite_16(h, w, 0x7c00), w);
}

LANE v_u16
out_bf16(v_f32 x, uint64_t w)
{
   v_u16 h = bf16_from_f32(clamp_half(x, w), W_RND(w));
   return in_bf16(finite_16(h, w, 0x7f80), w);
}

/* Halves of a word. */
#define LO16(x) CV(u16, (x) & 0xffffu)
#define HI16(x) CV(u16, (x) >> 16)
LANE v_u32
pair_16(v_u16 lo, v_u16 hi)
{
   return CV(u32, lo) | (CV(u32, hi) << 16);
}

#endif
