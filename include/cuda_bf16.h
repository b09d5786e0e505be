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
kasuri_bf16_to_float(unsigned short h)
{
   return kasuri_bits_float((unsigned)h << 16);
}
/* Modes as in kasuri_float_to_half. */
KASURI_HD unsigned short
kasuri_float_to_bf16(float f, char mode, bool sticky = false)
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
kasuri_bf16_round(float f)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
   unsigned short r;
   __asm__("cvt.rn.bf16.f32 %0, %1;" : "=h"(r) : "f"(f));
   return r;
#else
   return kasuri_float_to_bf16(f, 'n');
#endif
}
/* Toward zero to float, and the lost bits as sticky: rounded once. */
KASURI_HD unsigned short
kasuri_double_to_bf16(double d)
{
   float f = (float)d;
   double back = (double)f;
   if (back != d && d == d && (back > d) == (d > 0))
      f = kasuri_bits_float(kasuri_float_bits(f) - 1);
   return kasuri_float_to_bf16(f, 'n', (double)f != d);
}

struct __align__(2) __nv_bfloat16 {
   unsigned short __x;

   __nv_bfloat16() = default;
   __host__ __device__ constexpr __nv_bfloat16(const __nv_bfloat16_raw &r) : __x(r.x)
   {
   }
   __host__ __device__
   __nv_bfloat16(const float f)
       : __x(kasuri_bf16_round(f))
   {
   }
   __host__ __device__
   __nv_bfloat16(const double d)
       : __x(kasuri_double_to_bf16(d))
   {
   }
   __host__ __device__
   __nv_bfloat16(const short v)
       : __x(kasuri_double_to_bf16((double)v))
   {
   }
   __host__ __device__
   __nv_bfloat16(const unsigned short v)
       : __x(kasuri_double_to_bf16((double)v))
   {
   }
   __host__ __device__
   __nv_bfloat16(const int v)
       : __x(kasuri_double_to_bf16((double)v))
   {
   }
   __host__ __device__
   __nv_bfloat16(const unsigned int v)
       : __x(kasuri_double_to_bf16((double)v))
   {
   }
   __host__ __device__
   __nv_bfloat16(const long v)
       : __x(kasuri_double_to_bf16((double)v))
   {
   }
   __host__ __device__
   __nv_bfloat16(const unsigned long v)
       : __x(kasuri_double_to_bf16((double)v))
   {
   }
   __host__ __device__
   __nv_bfloat16(const long long v)
       : __x(kasuri_double_to_bf16((double)v))
   {
   }
   __host__ __device__
   __nv_bfloat16(const unsigned long long v)
       : __x(kasuri_double_to_bf16((double)v))
   {
   }
   __host__ __device__
   operator __nv_bfloat16_raw() const
   {
      __nv_bfloat16_raw r;
      r.x = __x;
      return r;
   }
   __host__ __device__ __nv_bfloat16 &
   operator=(const __nv_bfloat16_raw &r)
   {
      __x = r.x;
      return *this;
   }
   __host__ __device__
   operator float() const
   {
      return kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator bool() const
   {
      return (__x & 0x7FFF) != 0;
   }
   __host__ __device__
   operator char() const
   {
      return (char)kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator signed char() const
   {
      return (signed char)kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator unsigned char() const
   {
      return (unsigned char)kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator short() const
   {
      return (short)kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator unsigned short() const
   {
      return (unsigned short)kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator int() const
   {
      return (int)kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator unsigned int() const
   {
      return (unsigned int)kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator long() const
   {
      return (long)kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator unsigned long() const
   {
      return (unsigned long)kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator long long() const
   {
      return (long long)kasuri_bf16_to_float(__x);
   }
   __host__ __device__
   operator unsigned long long() const
   {
      return (unsigned long long)kasuri_bf16_to_float(__x);
   }
   __host__ __device__ __nv_bfloat16 &
   operator=(const float v)
   {
      return *this = __nv_bfloat16(v);
   }
   __host__ __device__ __nv_bfloat16 &
   operator=(const double v)
   {
      return *this = __nv_bfloat16(v);
   }
   __host__ __device__ __nv_bfloat16 &
   operator=(const short v)
   {
      return *this = __nv_bfloat16(v);
   }
   __host__ __device__ __nv_bfloat16 &
   operator=(const unsigned short v)
   {
      return *this = __nv_bfloat16(v);
   }
   __host__ __device__ __nv_bfloat16 &
   operator=(const int v)
   {
      return *this = __nv_bfloat16(v);
   }
   __host__ __device__ __nv_bfloat16 &
   operator=(const unsigned int v)
   {
      return *this = __nv_bfloat16(v);
   }
   __host__ __device__ __nv_bfloat16 &
   operator=(const long long v)
   {
      return *this = __nv_bfloat16(v);
   }
   __host__ __device__ __nv_bfloat16 &
   operator=(const unsigned long long v)
   {
      return *this = __nv_bfloat16(v);
   }
};
struct __align__(4) __nv_bfloat162 {
   __nv_bfloat16 x, y;

   __nv_bfloat162() = default;
   __host__ __device__
   __nv_bfloat162(const __nv_bfloat16 &a, const __nv_bfloat16 &b)
       : x(a), y(b)
   {
   }
   __host__ __device__
   __nv_bfloat162(const __nv_bfloat162_raw &r)
   {
      x.__x = r.x;
      y.__x = r.y;
   }
   __host__ __device__ __nv_bfloat162 &
   operator=(const __nv_bfloat162_raw &r)
   {
      x.__x = r.x;
      y.__x = r.y;
      return *this;
   }
   __host__ __device__
   operator __nv_bfloat162_raw() const
   {
      __nv_bfloat162_raw r;
      r.x = x.__x;
      r.y = y.__x;
      return r;
   }
};
typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

/* -- The operations that narrow_float.h builds on. A float holds sum, difference, product
 * and quotient with enough bits that rounding again to 8 gives what rounding once would.
 */
KASURI_HD unsigned short
kasuri_bits(const __nv_bfloat16 a)
{
   return a.__x;
}
KASURI_HD float
kasuri_to(const __nv_bfloat16 a)
{
   return kasuri_bf16_to_float(a.__x);
}
KASURI_HD __nv_bfloat16
kasuri_bf16_make(unsigned short bits)
{
   __nv_bfloat16 h;
   h.__x = bits;
   return h;
}
KASURI_HD __nv_bfloat16
kasuri_bf16_from(float f)
{
   return kasuri_bf16_make(kasuri_bf16_round(f));
}
#define KASURI_BF16_OP(name, op)                                                         \
   KASURI_HD __nv_bfloat16 kasuri_##name(const __nv_bfloat16 a, const __nv_bfloat16 b)   \
   {                                                                                     \
      return kasuri_bf16_from(kasuri_to(a) op kasuri_to(b));                             \
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
   return kasuri_bf16_make(r);
#else
   double product = (double)kasuri_to(a) * (double)kasuri_to(b); /* exact */
   return kasuri_bf16_make(kasuri_double_to_bf16(product + (double)kasuri_to(c)));
#endif
}
KASURI_HD __nv_bfloat162
kasuri_fma2(const __nv_bfloat162 a, const __nv_bfloat162 b, const __nv_bfloat162 c)
{
   return __nv_bfloat162(kasuri_fma(a.x, b.x, c.x), kasuri_fma(a.y, b.y, c.y));
}

#define KASURI_T __nv_bfloat16
#define KASURI_T2 __nv_bfloat162
#define kasuri_make kasuri_bf16_make
#define kasuri_from kasuri_bf16_from
#define KASURI_ONE 0x3F80
#define KASURI_INF 0x7F80
#define KASURI_NAN 0x7FFF
#include "kasuri/narrow_float.h"
#undef KASURI_T
#undef KASURI_T2
#undef kasuri_make
#undef kasuri_from
#undef KASURI_ONE
#undef KASURI_INF
#undef KASURI_NAN

/* -- Conversions by name. */
KASURI_HD __nv_bfloat16
__float2bfloat16(const float f)
{
   return kasuri_bf16_from(f);
}
KASURI_HD __nv_bfloat16
__float2bfloat16_rn(const float f)
{
   return kasuri_bf16_from(f);
}
KASURI_HD __nv_bfloat16
__float2bfloat16_rz(const float f)
{
   return kasuri_bf16_make(kasuri_float_to_bf16(f, 'z'));
}
KASURI_HD __nv_bfloat16
__float2bfloat16_rd(const float f)
{
   return kasuri_bf16_make(kasuri_float_to_bf16(f, 'd'));
}
KASURI_HD __nv_bfloat16
__float2bfloat16_ru(const float f)
{
   return kasuri_bf16_make(kasuri_float_to_bf16(f, 'u'));
}
KASURI_HD __nv_bfloat16
__double2bfloat16(const double d)
{
   return kasuri_bf16_make(kasuri_double_to_bf16(d));
}
KASURI_HD float
__bfloat162float(const __nv_bfloat16 h)
{
   return kasuri_to(h);
}
KASURI_HD __nv_bfloat162
__float2bfloat162_rn(const float f)
{
   return __nv_bfloat162(kasuri_bf16_from(f), kasuri_bf16_from(f));
}
KASURI_HD __nv_bfloat162
__floats2bfloat162_rn(const float a, const float b)
{
   return __nv_bfloat162(kasuri_bf16_from(a), kasuri_bf16_from(b));
}
KASURI_HD __nv_bfloat162
__float22bfloat162_rn(const float2 f)
{
   return __nv_bfloat162(kasuri_bf16_from(f.x), kasuri_bf16_from(f.y));
}
KASURI_HD float2
__bfloat1622float2(const __nv_bfloat162 h)
{
   float2 f;
   f.x = kasuri_to(h.x);
   f.y = kasuri_to(h.y);
   return f;
}
KASURI_HD float
__low2float(const __nv_bfloat162 h)
{
   return kasuri_to(h.x);
}
KASURI_HD float
__high2float(const __nv_bfloat162 h)
{
   return kasuri_to(h.y);
}
KASURI_HD __nv_bfloat16
__low2bfloat16(const __nv_bfloat162 h)
{
   return h.x;
}
KASURI_HD __nv_bfloat16
__high2bfloat16(const __nv_bfloat162 h)
{
   return h.y;
}
KASURI_HD __nv_bfloat162
__low2bfloat162(const __nv_bfloat162 h)
{
   return __nv_bfloat162(h.x, h.x);
}
KASURI_HD __nv_bfloat162
__high2bfloat162(const __nv_bfloat162 h)
{
   return __nv_bfloat162(h.y, h.y);
}
KASURI_HD __nv_bfloat162
__lows2bfloat162(const __nv_bfloat162 a, const __nv_bfloat162 b)
{
   return __nv_bfloat162(a.x, b.x);
}
KASURI_HD __nv_bfloat162
__highs2bfloat162(const __nv_bfloat162 a, const __nv_bfloat162 b)
{
   return __nv_bfloat162(a.y, b.y);
}
KASURI_HD __nv_bfloat162
__lowhigh2highlow(const __nv_bfloat162 h)
{
   return __nv_bfloat162(h.y, h.x);
}
KASURI_HD __nv_bfloat162
__bfloat162bfloat162(const __nv_bfloat16 h)
{
   return __nv_bfloat162(h, h);
}
KASURI_HD __nv_bfloat162
__halves2bfloat162(const __nv_bfloat16 a, const __nv_bfloat16 b)
{
   return __nv_bfloat162(a, b);
}
KASURI_HD __nv_bfloat162
make_bfloat162(const __nv_bfloat16 a, const __nv_bfloat16 b)
{
   return __nv_bfloat162(a, b);
}
KASURI_HD short
__bfloat16_as_short(const __nv_bfloat16 h)
{
   return (short)kasuri_bits(h);
}
KASURI_HD unsigned short
__bfloat16_as_ushort(const __nv_bfloat16 h)
{
   return kasuri_bits(h);
}
KASURI_HD __nv_bfloat16
__short_as_bfloat16(const short s)
{
   return kasuri_bf16_make((unsigned short)s);
}
KASURI_HD __nv_bfloat16
__ushort_as_bfloat16(const unsigned short s)
{
   return kasuri_bf16_make(s);
}
/* To integers: out of range gives the nearest integer there is, a NaN 0. */
#define KASURI_TO_INTEGER(name, type, low, high)                                         \
   KASURI_HD type __bfloat162##name##_rz(const __nv_bfloat16 h)                          \
   {                                                                                     \
      float f = kasuri_to(h);                                                            \
      return f != f               ? (type)0                                              \
             : f <= (float)(low)  ? (low)                                                \
             : f >= (float)(high) ? (high)                                               \
                                  : (type)f;                                             \
   }                                                                                     \
   KASURI_TO_INTEGER_BY(name, type, low, high, rn, __builtin_rintf)                      \
   KASURI_TO_INTEGER_BY(name, type, low, high, rd, __builtin_floorf)                     \
   KASURI_TO_INTEGER_BY(name, type, low, high, ru, __builtin_ceilf)
#define KASURI_TO_INTEGER_BY(name, type, low, high, mode, round)                         \
   KASURI_HD type __bfloat162##name##_##mode(const __nv_bfloat16 h)                      \
   {                                                                                     \
      float f = round(kasuri_to(h));                                                     \
      return f != f               ? (type)0                                              \
             : f <= (float)(low)  ? (low)                                                \
             : f >= (float)(high) ? (high)                                               \
                                  : (type)f;                                             \
   }
KASURI_TO_INTEGER(char, signed char, -128, 127)
KASURI_TO_INTEGER(uchar, unsigned char, 0, 255)
KASURI_TO_INTEGER(short, short, -32768, 32767)
KASURI_TO_INTEGER(ushort, unsigned short, 0, 65535)
KASURI_TO_INTEGER(int, int, -2147483647 - 1, 2147483647)
KASURI_TO_INTEGER(uint, unsigned int, 0u, 4294967295u)
KASURI_TO_INTEGER(ll, long long, -9223372036854775807ll - 1, 9223372036854775807ll)
KASURI_TO_INTEGER(ull, unsigned long long, 0ull, 18446744073709551615ull)
#undef KASURI_TO_INTEGER
#undef KASURI_TO_INTEGER_BY
/* From integers: a double holds 32 bits exactly, and of 64 bits more than is kept. */
#define KASURI_FROM_INTEGER(name, type)                                                  \
   KASURI_HD __nv_bfloat16 __##name##2bfloat16_rn(const type v)                          \
   {                                                                                     \
      return kasuri_bf16_make(kasuri_double_to_bf16((double)v));                         \
   }                                                                                     \
   KASURI_FROM_INTEGER_BY(name, type, z)                                                 \
   KASURI_FROM_INTEGER_BY(name, type, d)                                                 \
   KASURI_FROM_INTEGER_BY(name, type, u)
#define KASURI_FROM_INTEGER_BY(name, type, mode)                                         \
   KASURI_HD __nv_bfloat16 __##name##2bfloat16_r##mode(const type v)                     \
   {                                                                                     \
      /* The float toward zero, and whether anything was cut off. */                     \
      double d = (double)v;                                                              \
      float f = (float)d;                                                                \
      if ((double)f != d && ((double)f > d) == (d > 0))                                  \
         f = kasuri_bits_float(kasuri_float_bits(f) - 1);                                \
      return kasuri_bf16_make(kasuri_float_to_bf16(f, #mode[0], (double)f != d));        \
   }
KASURI_FROM_INTEGER(short, short)
KASURI_FROM_INTEGER(ushort, unsigned short)
KASURI_FROM_INTEGER(int, int)
KASURI_FROM_INTEGER(uint, unsigned int)
KASURI_FROM_INTEGER(ll, long long)
KASURI_FROM_INTEGER(ull, unsigned long long)
#undef KASURI_FROM_INTEGER
#undef KASURI_FROM_INTEGER_BY

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
