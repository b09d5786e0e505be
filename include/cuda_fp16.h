/* SPDX-License-Identifier: Apache-2.0
 * __half and __half2 (IEEE binary16) with CUDA's names. Device code uses the compiler's
 * own _Float16, so that f16 and f16x2 instructions come out; host code works on the bits,
 * and so needs no more than any C++ compiler. */
#ifndef __CUDA_FP16_H__
#define __CUDA_FP16_H__

#include <string.h>

#include "crt/host_defines.h"
#include "vector_types.h"

#if defined(__cplusplus)

#define KASURI_HD static __inline__ __host__ __device__ __attribute__((always_inline))

typedef struct __align__(2) {
   unsigned short x;
} __half_raw;
typedef struct __align__(4) {
   unsigned short x, y;
} __half2_raw;

/* -- Conversion of the representation. */
KASURI_HD unsigned
kasuri_float_bits(float f)
{
   unsigned u;
   memcpy(&u, &f, sizeof u);
   return u;
}
KASURI_HD float
kasuri_bits_float(unsigned u)
{
   float f;
   memcpy(&f, &u, sizeof f);
   return f;
}
KASURI_HD float
kasuri_half_to_float(unsigned short h)
{
#if defined(__CUDA_ARCH__)
   return (float)__builtin_bit_cast(_Float16, h);
#else
   unsigned sign = (unsigned)(h & 0x8000) << 16, exponent = h >> 10 & 31, m = h & 0x3FF;
   if (exponent == 31) /* a NaN comes out quiet */
      return kasuri_bits_float(sign | 0x7F800000u | m << 13 | (m ? 0x400000u : 0));
   if (exponent)
      return kasuri_bits_float(sign | (exponent + 112) << 23 | m << 13);
   float f = (float)m * 0x1p-24f;
   return sign ? -f : f;
#endif
}
/* Rounds by mode: 'n' nearest even, 'z' to zero, 'd' down, 'u' up. Inexactness below the
 * float's own bits comes in by sticky. */
KASURI_HD unsigned short
kasuri_float_to_half(float f, char mode, bool sticky = false)
{
   unsigned u = kasuri_float_bits(f), sign = u >> 16 & 0x8000, a = u & 0x7FFFFFFF;
   if (a > 0x7F800000u)
      return 0x7FFF;
   if (a == 0x7F800000u)
      return (unsigned short)(sign | 0x7C00);
   bool away = mode == (sign ? 'd' : 'u');
   if (a >= 0x47800000u) /* 65536 and above */
      return (unsigned short)(sign | (mode == 'n' || away ? 0x7C00 : 0x7BFF));
   unsigned m, shift;
   if (a >= 0x38800000u) { /* normal: exponent and fraction as one number */
      m = a - 0x38000000u;
      shift = 13;
   } else {
      unsigned exponent = a >> 23;
      m = exponent ? (a & 0x7FFFFF) | 0x800000 : a & 0x7FFFFF;
      shift = 126 - (exponent ? exponent : 1);
      if (shift > 25) {
         sticky |= m != 0;
         m = 0;
         shift = 25;
      }
   }
   unsigned r = m >> shift, rest = m & ((1u << shift) - 1), half = 1u << (shift - 1);
   if (mode == 'n')
      r += rest > half || (rest == half && (sticky || (r & 1)));
   else if (away)
      r += rest || sticky;
   return (unsigned short)(sign | r);
}
KASURI_HD unsigned short
kasuri_double_to_half(double d)
{
#if defined(__CUDA_ARCH__)
   return __builtin_bit_cast(unsigned short, (_Float16)d);
#else
   /* Toward zero to float, and the lost bits as sticky: rounded once. */
   float f = (float)d;
   double back = (double)f;
   if (back != d && d == d && (back > d) == (d > 0))
      f = kasuri_bits_float(kasuri_float_bits(f) - 1);
   return kasuri_float_to_half(f, 'n', (double)f != d);
#endif
}
KASURI_HD unsigned short
kasuri_half_round(float f)
{
#if defined(__CUDA_ARCH__)
   return __builtin_bit_cast(unsigned short, (_Float16)f);
#else
   return kasuri_float_to_half(f, 'n');
#endif
}

#define KASURI_T __half
#define KASURI_T2 __half2
#define KASURI_RAW __half_raw
#define KASURI_RAW2 __half2_raw
#define KASURI_NAME(before, after) before##half##after
#define KASURI_NAME_TWICE(before, between, after) before##half##between##half##after
#define KASURI_ONE 0x3C00
#define KASURI_INF 0x7C00
#define KASURI_NAN 0x7FFF
#define kasuri_make kasuri_half_make
#define kasuri_from kasuri_half_from
#define kasuri_round kasuri_half_round
#define kasuri_round_by kasuri_float_to_half
#define kasuri_round_double kasuri_double_to_half
#define kasuri_widen kasuri_half_to_float
#include "kasuri/narrow_type.h"

typedef __half half;
typedef __half2 half2;
typedef __half __nv_half;
typedef __half2 __nv_half2;
typedef __half nv_half;
typedef __half2 nv_half2;
typedef __half_raw __nv_half_raw;
typedef __half2_raw __nv_half2_raw;

/* -- The operations that narrow_float.h builds on. */
#if defined(__CUDA_ARCH__)
typedef _Float16 kasuri_f16x2 __attribute__((ext_vector_type(2)));
KASURI_HD kasuri_f16x2
kasuri_pack(const __half2 a)
{
   return __builtin_bit_cast(kasuri_f16x2, a);
}
#define KASURI_HALF_OP(name, op)                                                         \
   KASURI_HD __half kasuri_##name(const __half a, const __half b)                        \
   {                                                                                     \
      return kasuri_make(__builtin_bit_cast(                                        \
         unsigned short, (_Float16)(__builtin_bit_cast(_Float16, a.__x)                  \
                                       op __builtin_bit_cast(_Float16, b.__x))));        \
   }                                                                                     \
   KASURI_HD __half2 kasuri_##name##2(const __half2 a, const __half2 b)                  \
   {                                                                                     \
      kasuri_f16x2 r = kasuri_pack(a) op kasuri_pack(b);                                 \
      return __builtin_bit_cast(__half2, r);                                             \
   }
KASURI_HALF_OP(add, +)
KASURI_HALF_OP(sub, -)
KASURI_HALF_OP(mul, *)
#undef KASURI_HALF_OP
KASURI_HD __half
kasuri_fma(const __half a, const __half b, const __half c)
{
   unsigned short r;
   __asm__("fma.rn.f16 %0, %1, %2, %3;" : "=h"(r) : "h"(a.__x), "h"(b.__x), "h"(c.__x));
   return kasuri_make(r);
}
KASURI_HD __half2
kasuri_fma2(const __half2 a, const __half2 b, const __half2 c)
{
   unsigned r;
   __asm__("fma.rn.f16x2 %0, %1, %2, %3;"
           : "=r"(r)
           : "r"(__builtin_bit_cast(unsigned, a)), "r"(__builtin_bit_cast(unsigned, b)),
             "r"(__builtin_bit_cast(unsigned, c)));
   return __builtin_bit_cast(__half2, r);
}
#else
/* A float holds sum, difference, product and quotient with enough bits that rounding
 * again to 11 gives what rounding once would. */
#define KASURI_HALF_OP(name, op)                                                         \
   KASURI_HD __half kasuri_##name(const __half a, const __half b)                        \
   {                                                                                     \
      return kasuri_from(kasuri_to(a) op kasuri_to(b));                             \
   }                                                                                     \
   KASURI_HD __half2 kasuri_##name##2(const __half2 a, const __half2 b)                  \
   {                                                                                     \
      return __half2(kasuri_##name(a.x, b.x), kasuri_##name(a.y, b.y));                  \
   }
KASURI_HALF_OP(add, +)
KASURI_HALF_OP(sub, -)
KASURI_HALF_OP(mul, *)
#undef KASURI_HALF_OP
KASURI_HD __half
kasuri_fma(const __half a, const __half b, const __half c)
{
   double product = (double)kasuri_to(a) * (double)kasuri_to(b); /* exact */
   return kasuri_make(kasuri_double_to_half(product + (double)kasuri_to(c)));
}
KASURI_HD __half2
kasuri_fma2(const __half2 a, const __half2 b, const __half2 c)
{
   return __half2(kasuri_fma(a.x, b.x, c.x), kasuri_fma(a.y, b.y, c.y));
}
#endif
KASURI_HD __half
kasuri_div(const __half a, const __half b)
{
   return kasuri_from(kasuri_to(a) / kasuri_to(b));
}

#include "kasuri/narrow_float.h"
#include "kasuri/narrow_convert.h"
#undef KASURI_T
#undef KASURI_T2
#undef KASURI_RAW
#undef KASURI_RAW2
#undef KASURI_NAME
#undef KASURI_NAME_TWICE
#undef KASURI_ONE
#undef KASURI_INF
#undef KASURI_NAN
#undef kasuri_make
#undef kasuri_from
#undef kasuri_round
#undef kasuri_round_by
#undef kasuri_round_double
#undef kasuri_widen

#define CUDART_INF_FP16 __ushort_as_half((unsigned short)0x7C00U)
#define CUDART_NAN_FP16 __ushort_as_half((unsigned short)0x7FFFU)
#define CUDART_MIN_DENORM_FP16 __ushort_as_half((unsigned short)0x0001U)
#define CUDART_MAX_NORMAL_FP16 __ushort_as_half((unsigned short)0x7BFFU)
#define CUDART_NEG_ZERO_FP16 __ushort_as_half((unsigned short)0x8000U)
#define CUDART_ZERO_FP16 __ushort_as_half((unsigned short)0x0000U)
#define CUDART_ONE_FP16 __ushort_as_half((unsigned short)0x3C00U)

#undef KASURI_HD
#endif

#endif
