/* SPDX-License-Identifier: Apache-2.0
 * __nv_bfloat16 and __nv_bfloat162 (the upper half of a float) with CUDA's names. */
#ifndef __CUDA_BF16_H__
#define __CUDA_BF16_H__

#include "cuda_fp16.h"

#if defined(__cplusplus)

#define KASURI_HD static __inline__ __host__ __device__ __attribute__((always_inline))

typedef struct __align__(2) {
   unsigned short x;
} __nv_bfloat16_raw;
typedef struct __align__(4) {
   unsigned short x, y;
} __nv_bfloat162_raw;

/* -- Conversion of the representation. */
KASURI_HD float
kasuri_bfloat16_to_float(unsigned short h)
{
   return kasuri_bits_float((unsigned)h << 16);
}
/* Modes as in kasuri_float_to_half. */
KASURI_HD unsigned short
kasuri_float_to_bfloat16(float f, char mode, bool sticky = false)
{
   unsigned u = kasuri_float_bits(f), sign = u >> 31, r = u >> 16, rest = u & 0xFFFF;
   if ((u & 0x7FFFFFFF) > 0x7F800000u)
      return 0x7FFF;
   if ((u & 0x7FFFFFFF) == 0x7F800000u)
      return (unsigned short)r;
   if (mode == 'n')
      r += rest > 0x8000 || (rest == 0x8000 && (sticky || (r & 1)));
   else if (mode == (sign ? 'd' : 'u'))
      r += rest || sticky;
   return (unsigned short)r;
}
KASURI_HD unsigned short
kasuri_bfloat16_round(float f)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
   unsigned short r;
   __asm__("cvt.rn.bf16.f32 %0, %1;" : "=h"(r) : "f"(f));
   return r;
#else
   return kasuri_float_to_bfloat16(f, 'n');
#endif
}
/* Toward zero to float, and the lost bits as sticky: rounded once. */
KASURI_HD unsigned short
kasuri_double_to_bfloat16(double d)
{
   float f = (float)d;
   double back = (double)f;
   if (back != d && d == d && (back > d) == (d > 0))
      f = kasuri_bits_float(kasuri_float_bits(f) - 1);
   return kasuri_float_to_bfloat16(f, 'n', (double)f != d);
}

#define KASURI_T __nv_bfloat16
#define KASURI_T2 __nv_bfloat162
#define KASURI_RAW __nv_bfloat16_raw
#define KASURI_RAW2 __nv_bfloat162_raw
#define KASURI_NAME(before, after) before##bfloat16##after
#define KASURI_NAME_TWICE(before, between, after) before##bfloat16##between##bfloat16##after
#define KASURI_ONE 0x3F80
#define KASURI_INF 0x7F80
#define KASURI_NAN 0x7FFF
#define kasuri_make kasuri_bfloat16_make
#define kasuri_from kasuri_bfloat16_from
#define kasuri_round kasuri_bfloat16_round
#define kasuri_round_by kasuri_float_to_bfloat16
#define kasuri_round_double kasuri_double_to_bfloat16
#define kasuri_widen kasuri_bfloat16_to_float
#include "kasuri/narrow_type.h"

typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

/* -- The operations that narrow_float.h builds on. A float holds sum, difference, product
 * and quotient with enough bits that rounding again to 8 gives what rounding once would.
 */
#define KASURI_BF16_OP(name, op)                                                         \
   KASURI_HD __nv_bfloat16 kasuri_##name(const __nv_bfloat16 a, const __nv_bfloat16 b)   \
   {                                                                                     \
      return kasuri_from(kasuri_to(a) op kasuri_to(b));                             \
   }                                                                                     \
   KASURI_HD __nv_bfloat162 kasuri_##name##2(const __nv_bfloat162 a,                     \
                                             const __nv_bfloat162 b)                     \
   {                                                                                     \
      return __nv_bfloat162(kasuri_##name(a.x, b.x), kasuri_##name(a.y, b.y));           \
   }
KASURI_BF16_OP(add, +)
KASURI_BF16_OP(sub, -)
KASURI_BF16_OP(mul, *)
KASURI_BF16_OP(div, /)
#undef KASURI_BF16_OP
KASURI_HD __nv_bfloat16
kasuri_fma(const __nv_bfloat16 a, const __nv_bfloat16 b, const __nv_bfloat16 c)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
   unsigned short r;
   __asm__("fma.rn.bf16 %0, %1, %2, %3;" : "=h"(r) : "h"(a.__x), "h"(b.__x), "h"(c.__x));
   return kasuri_make(r);
#else
   double product = (double)kasuri_to(a) * (double)kasuri_to(b); /* exact */
   return kasuri_make(kasuri_double_to_bfloat16(product + (double)kasuri_to(c)));
#endif
}
KASURI_HD __nv_bfloat162
kasuri_fma2(const __nv_bfloat162 a, const __nv_bfloat162 b, const __nv_bfloat162 c)
{
   return __nv_bfloat162(kasuri_fma(a.x, b.x, c.x), kasuri_fma(a.y, b.y, c.y));
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

#define CUDART_INF_BF16 __ushort_as_bfloat16((unsigned short)0x7F80U)
#define CUDART_NAN_BF16 __ushort_as_bfloat16((unsigned short)0x7FFFU)
#define CUDART_MIN_DENORM_BF16 __ushort_as_bfloat16((unsigned short)0x0001U)
#define CUDART_MAX_NORMAL_BF16 __ushort_as_bfloat16((unsigned short)0x7F7FU)
#define CUDART_NEG_ZERO_BF16 __ushort_as_bfloat16((unsigned short)0x8000U)
#define CUDART_ZERO_BF16 __ushort_as_bfloat16((unsigned short)0x0000U)
#define CUDART_ONE_BF16 __ushort_as_bfloat16((unsigned short)0x3F80U)

#undef KASURI_HD
#endif

#endif
