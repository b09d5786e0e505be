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

struct __align__(2) __half {
   unsigned short __x;

   __half() = default;
   __host__ __device__ constexpr __half(const __half_raw &r) : __x(r.x)
   {
   }
   __host__ __device__
   __half(const float f)
       : __x(kasuri_half_round(f))
   {
   }
   __host__ __device__
   __half(const double d)
       : __x(kasuri_double_to_half(d))
   {
   }
   __host__ __device__
   __half(const short v)
       : __x(kasuri_double_to_half((double)v))
   {
   }
   __host__ __device__
   __half(const unsigned short v)
       : __x(kasuri_double_to_half((double)v))
   {
   }
   __host__ __device__
   __half(const int v)
       : __x(kasuri_double_to_half((double)v))
   {
   }
   __host__ __device__
   __half(const unsigned int v)
       : __x(kasuri_double_to_half((double)v))
   {
   }
   __host__ __device__
   __half(const long v)
       : __x(kasuri_double_to_half((double)v))
   {
   }
   __host__ __device__
   __half(const unsigned long v)
       : __x(kasuri_double_to_half((double)v))
   {
   }
   __host__ __device__
   __half(const long long v)
       : __x(kasuri_double_to_half((double)v))
   {
   }
   __host__ __device__
   __half(const unsigned long long v)
       : __x(kasuri_double_to_half((double)v))
   {
   }
   __host__ __device__
   operator __half_raw() const
   {
      __half_raw r;
      r.x = __x;
      return r;
   }
   __host__ __device__ __half &
   operator=(const __half_raw &r)
   {
      __x = r.x;
      return *this;
   }
   __host__ __device__
   operator float() const
   {
      return kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator bool() const
   {
      return (__x & 0x7FFF) != 0;
   }
   __host__ __device__
   operator char() const
   {
      return (char)kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator signed char() const
   {
      return (signed char)kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator unsigned char() const
   {
      return (unsigned char)kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator short() const
   {
      return (short)kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator unsigned short() const
   {
      return (unsigned short)kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator int() const
   {
      return (int)kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator unsigned int() const
   {
      return (unsigned int)kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator long() const
   {
      return (long)kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator unsigned long() const
   {
      return (unsigned long)kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator long long() const
   {
      return (long long)kasuri_half_to_float(__x);
   }
   __host__ __device__
   operator unsigned long long() const
   {
      return (unsigned long long)kasuri_half_to_float(__x);
   }
   __host__ __device__ __half &
   operator=(const float v)
   {
      return *this = __half(v);
   }
   __host__ __device__ __half &
   operator=(const double v)
   {
      return *this = __half(v);
   }
   __host__ __device__ __half &
   operator=(const short v)
   {
      return *this = __half(v);
   }
   __host__ __device__ __half &
   operator=(const unsigned short v)
   {
      return *this = __half(v);
   }
   __host__ __device__ __half &
   operator=(const int v)
   {
      return *this = __half(v);
   }
   __host__ __device__ __half &
   operator=(const unsigned int v)
   {
      return *this = __half(v);
   }
   __host__ __device__ __half &
   operator=(const long long v)
   {
      return *this = __half(v);
   }
   __host__ __device__ __half &
   operator=(const unsigned long long v)
   {
      return *this = __half(v);
   }
};
struct __align__(4) __half2 {
   __half x, y;

   __half2() = default;
   __host__ __device__
   __half2(const __half &a, const __half &b)
       : x(a), y(b)
   {
   }
   __host__ __device__
   __half2(const __half2_raw &r)
   {
      x.__x = r.x;
      y.__x = r.y;
   }
   __host__ __device__ __half2 &
   operator=(const __half2_raw &r)
   {
      x.__x = r.x;
      y.__x = r.y;
      return *this;
   }
   __host__ __device__
   operator __half2_raw() const
   {
      __half2_raw r;
      r.x = x.__x;
      r.y = y.__x;
      return r;
   }
};
typedef __half half;
typedef __half2 half2;
typedef __half __nv_half;
typedef __half2 __nv_half2;
typedef __half nv_half;
typedef __half2 nv_half2;
typedef __half_raw __nv_half_raw;
typedef __half2_raw __nv_half2_raw;

/* -- The operations that narrow_float.h builds on. */
KASURI_HD unsigned short
kasuri_bits(const __half a)
{
   return a.__x;
}
KASURI_HD float
kasuri_to(const __half a)
{
   return kasuri_half_to_float(a.__x);
}
KASURI_HD __half
kasuri_half_make(unsigned short bits)
{
   __half h;
   h.__x = bits;
   return h;
}
KASURI_HD __half
kasuri_half_from(float f)
{
   return kasuri_half_make(kasuri_half_round(f));
}
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
      return kasuri_half_make(__builtin_bit_cast(                                        \
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
   return kasuri_half_make(r);
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
      return kasuri_half_from(kasuri_to(a) op kasuri_to(b));                             \
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
   return kasuri_half_make(kasuri_double_to_half(product + (double)kasuri_to(c)));
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
   return kasuri_half_from(kasuri_to(a) / kasuri_to(b));
}

#define KASURI_T __half
#define KASURI_T2 __half2
#define kasuri_make kasuri_half_make
#define kasuri_from kasuri_half_from
#define KASURI_ONE 0x3C00
#define KASURI_INF 0x7C00
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
KASURI_HD __half
__float2half(const float f)
{
   return kasuri_half_from(f);
}
KASURI_HD __half
__float2half_rn(const float f)
{
   return kasuri_half_from(f);
}
KASURI_HD __half
__float2half_rz(const float f)
{
   return kasuri_half_make(kasuri_float_to_half(f, 'z'));
}
KASURI_HD __half
__float2half_rd(const float f)
{
   return kasuri_half_make(kasuri_float_to_half(f, 'd'));
}
KASURI_HD __half
__float2half_ru(const float f)
{
   return kasuri_half_make(kasuri_float_to_half(f, 'u'));
}
KASURI_HD __half
__double2half(const double d)
{
   return kasuri_half_make(kasuri_double_to_half(d));
}
KASURI_HD float
__half2float(const __half h)
{
   return kasuri_to(h);
}
KASURI_HD __half2
__float2half2_rn(const float f)
{
   return __half2(kasuri_half_from(f), kasuri_half_from(f));
}
KASURI_HD __half2
__floats2half2_rn(const float a, const float b)
{
   return __half2(kasuri_half_from(a), kasuri_half_from(b));
}
KASURI_HD __half2
__float22half2_rn(const float2 f)
{
   return __half2(kasuri_half_from(f.x), kasuri_half_from(f.y));
}
KASURI_HD float2
__half22float2(const __half2 h)
{
   float2 f;
   f.x = kasuri_to(h.x);
   f.y = kasuri_to(h.y);
   return f;
}
KASURI_HD float
__low2float(const __half2 h)
{
   return kasuri_to(h.x);
}
KASURI_HD float
__high2float(const __half2 h)
{
   return kasuri_to(h.y);
}
KASURI_HD __half
__low2half(const __half2 h)
{
   return h.x;
}
KASURI_HD __half
__high2half(const __half2 h)
{
   return h.y;
}
KASURI_HD __half2
__low2half2(const __half2 h)
{
   return __half2(h.x, h.x);
}
KASURI_HD __half2
__high2half2(const __half2 h)
{
   return __half2(h.y, h.y);
}
KASURI_HD __half2
__lows2half2(const __half2 a, const __half2 b)
{
   return __half2(a.x, b.x);
}
KASURI_HD __half2
__highs2half2(const __half2 a, const __half2 b)
{
   return __half2(a.y, b.y);
}
KASURI_HD __half2
__lowhigh2highlow(const __half2 h)
{
   return __half2(h.y, h.x);
}
KASURI_HD __half2
__half2half2(const __half h)
{
   return __half2(h, h);
}
KASURI_HD __half2
__halves2half2(const __half a, const __half b)
{
   return __half2(a, b);
}
KASURI_HD __half2
make_half2(const __half a, const __half b)
{
   return __half2(a, b);
}
KASURI_HD short
__half_as_short(const __half h)
{
   return (short)kasuri_bits(h);
}
KASURI_HD unsigned short
__half_as_ushort(const __half h)
{
   return kasuri_bits(h);
}
KASURI_HD __half
__short_as_half(const short s)
{
   return kasuri_half_make((unsigned short)s);
}
KASURI_HD __half
__ushort_as_half(const unsigned short s)
{
   return kasuri_half_make(s);
}
/* To integers: out of range gives the nearest integer there is, a NaN 0. */
#define KASURI_TO_INTEGER(name, type, low, high)                                         \
   KASURI_HD type __half2##name##_rz(const __half h)                                     \
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
   KASURI_HD type __half2##name##_##mode(const __half h)                                 \
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
   KASURI_HD __half __##name##2half_rn(const type v)                                     \
   {                                                                                     \
      return kasuri_half_make(kasuri_double_to_half((double)v));                         \
   }                                                                                     \
   KASURI_FROM_INTEGER_BY(name, type, z)                                                 \
   KASURI_FROM_INTEGER_BY(name, type, d)                                                 \
   KASURI_FROM_INTEGER_BY(name, type, u)
#define KASURI_FROM_INTEGER_BY(name, type, mode)                                         \
   KASURI_HD __half __##name##2half_r##mode(const type v)                                \
   {                                                                                     \
      /* The float toward zero, and whether anything was cut off. */                     \
      double d = (double)v;                                                              \
      float f = (float)d;                                                                \
      if ((double)f != d && ((double)f > d) == (d > 0))                                  \
         f = kasuri_bits_float(kasuri_float_bits(f) - 1);                                \
      return kasuri_half_make(kasuri_float_to_half(f, #mode[0], (double)f != d));        \
   }
KASURI_FROM_INTEGER(short, short)
KASURI_FROM_INTEGER(ushort, unsigned short)
KASURI_FROM_INTEGER(int, int)
KASURI_FROM_INTEGER(uint, unsigned int)
KASURI_FROM_INTEGER(ll, long long)
KASURI_FROM_INTEGER(ull, unsigned long long)
#undef KASURI_FROM_INTEGER
#undef KASURI_FROM_INTEGER_BY

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
