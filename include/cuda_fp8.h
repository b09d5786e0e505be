/* SPDX-License-Identifier: Apache-2.0
 * 8-bit floats, e4m3 (no infinity, largest 448) and e5m2 (as binary16's upper byte), with
 * CUDA's names. Conversions round to nearest even and saturate where asked to. */
#ifndef __CUDA_FP8_H__
#define __CUDA_FP8_H__

#include "cuda_bf16.h"
#include "cuda_fp16.h"

#if defined(__cplusplus)

#define KASURI_HD static __inline__ __host__ __device__ __attribute__((always_inline))

typedef unsigned char __nv_fp8_storage_t;
typedef unsigned short __nv_fp8x2_storage_t;
typedef unsigned int __nv_fp8x4_storage_t;
typedef enum __nv_saturation_t { __NV_NOSAT, __NV_SATFINITE } __nv_saturation_t;
typedef enum __nv_fp8_interpretation_t { __NV_E4M3, __NV_E5M2 } __nv_fp8_interpretation_t;

/* m bits of fraction, the given bias and largest finite magnitude; exact until the one
 * rounding, as a double holds every input. */
KASURI_HD __nv_fp8_storage_t
__nv_cvt_double_to_fp8(const double d, const __nv_saturation_t saturate,
                       const __nv_fp8_interpretation_t kind)
{
   unsigned long long u;
   memcpy(&u, &d, sizeof u);
   const bool e4m3 = kind == __NV_E4M3;
   const int m = e4m3 ? 3 : 2, bias = e4m3 ? 7 : 15;
   const unsigned largest = e4m3 ? 0x7E : 0x7B, overflow = e4m3 ? 0x7F : 0x7C;
   const unsigned sign = (unsigned)(u >> 56) & 0x80;
   unsigned long long a = u & 0x7FFFFFFFFFFFFFFFull;
   if (a > 0x7FF0000000000000ull)
      return (__nv_fp8_storage_t)(e4m3 ? 0x7F : 0x7E);
   int exponent = (int)(a >> 52) - 1023 + bias;
   unsigned long long fraction = (a & 0xFFFFFFFFFFFFFull) | (a >> 52 ? 1ull << 52 : 0);
   int shift = 52 - m + (exponent < 1 ? 1 - exponent : 0);
   unsigned r = 0;
   if (shift < 63) {
      unsigned long long kept = fraction >> shift, rest = fraction - (kept << shift);
      unsigned long long tie = 1ull << (shift - 1);
      kept += rest > tie || (rest == tie && (kept & 1));
      /* A normal's leading one carries into the exponent by addition. */
      unsigned long long wide =
         exponent < 1 ? kept : ((unsigned long long)(exponent - 1) << m) + kept;
      r = wide > 0xFF ? 0xFF : (unsigned)wide;
   }
   if (r > largest)
      r = saturate == __NV_SATFINITE ? largest : overflow;
   return (__nv_fp8_storage_t)(sign | r);
}
KASURI_HD __nv_fp8_storage_t
__nv_cvt_float_to_fp8(const float f, const __nv_saturation_t s,
                      const __nv_fp8_interpretation_t kind)
{
   return __nv_cvt_double_to_fp8((double)f, s, kind);
}
KASURI_HD float
kasuri_fp8_to_float(const __nv_fp8_storage_t x, const __nv_fp8_interpretation_t kind)
{
   if (kind == __NV_E5M2)
      return kasuri_half_to_float((unsigned short)(x << 8));
   unsigned exponent = x >> 3 & 15, fraction = x & 7;
   unsigned sign = (unsigned)(x & 0x80) << 24;
   if ((x & 0x7F) == 0x7F)
      return kasuri_bits_float(0x7FFFFFFFu);
   if (exponent)
      return kasuri_bits_float(sign | (exponent + 120) << 23 | fraction << 20);
   float f = (float)fraction * 0x1p-9f;
   return sign ? -f : f;
}
KASURI_HD __half_raw
__nv_cvt_fp8_to_halfraw(const __nv_fp8_storage_t x, const __nv_fp8_interpretation_t kind)
{
   return __half(kasuri_fp8_to_float(x, kind));
}
KASURI_HD __half2_raw
__nv_cvt_fp8x2_to_halfraw2(const __nv_fp8x2_storage_t x,
                           const __nv_fp8_interpretation_t kind)
{
   return __floats2half2_rn(kasuri_fp8_to_float((__nv_fp8_storage_t)x, kind),
                            kasuri_fp8_to_float((__nv_fp8_storage_t)(x >> 8), kind));
}
KASURI_HD __nv_fp8_storage_t
__nv_cvt_halfraw_to_fp8(const __half_raw x, const __nv_saturation_t s,
                        const __nv_fp8_interpretation_t kind)
{
   return __nv_cvt_float_to_fp8(__half2float(__half(x)), s, kind);
}
KASURI_HD __nv_fp8_storage_t
__nv_cvt_bfloat16raw_to_fp8(const __nv_bfloat16_raw x, const __nv_saturation_t s,
                            const __nv_fp8_interpretation_t kind)
{
   return __nv_cvt_float_to_fp8(__bfloat162float(__nv_bfloat16(x)), s, kind);
}
KASURI_HD __nv_fp8x2_storage_t
__nv_cvt_float2_to_fp8x2(const float2 f, const __nv_saturation_t s,
                         const __nv_fp8_interpretation_t kind)
{
   return (__nv_fp8x2_storage_t)(__nv_cvt_float_to_fp8(f.x, s, kind) |
                                 __nv_cvt_float_to_fp8(f.y, s, kind) << 8);
}
KASURI_HD __nv_fp8x2_storage_t
__nv_cvt_halfraw2_to_fp8x2(const __half2_raw x, const __nv_saturation_t s,
                           const __nv_fp8_interpretation_t kind)
{
   return __nv_cvt_float2_to_fp8x2(__half22float2(__half2(x)), s, kind);
}

#define KASURI_FP8(name, kind)                                                           \
   struct name {                                                                         \
      __nv_fp8_storage_t __x;                                                            \
      name() = default;                                                                  \
      __host__ __device__ explicit name(const float f)                                   \
          : __x(__nv_cvt_float_to_fp8(f, __NV_SATFINITE, kind))                          \
      {                                                                                  \
      }                                                                                  \
      __host__ __device__ explicit name(const double d)                                  \
          : __x(__nv_cvt_double_to_fp8(d, __NV_SATFINITE, kind))                         \
      {                                                                                  \
      }                                                                                  \
      __host__ __device__ explicit name(const __half h)                                  \
          : __x(__nv_cvt_float_to_fp8(__half2float(h), __NV_SATFINITE, kind))            \
      {                                                                                  \
      }                                                                                  \
      __host__ __device__ explicit name(const __nv_bfloat16 h)                           \
          : __x(__nv_cvt_float_to_fp8(__bfloat162float(h), __NV_SATFINITE, kind))        \
      {                                                                                  \
      }                                                                                  \
      __host__ __device__ explicit name(const int v) : name((double)v)                   \
      {                                                                                  \
      }                                                                                  \
      __host__ __device__ explicit                                                       \
      operator float() const                                                             \
      {                                                                                  \
         return kasuri_fp8_to_float(__x, kind);                                          \
      }                                                                                  \
      __host__ __device__ explicit                                                       \
      operator double() const                                                            \
      {                                                                                  \
         return (double)kasuri_fp8_to_float(__x, kind);                                  \
      }                                                                                  \
      __host__ __device__ explicit                                                       \
      operator __half() const                                                            \
      {                                                                                  \
         return __float2half(kasuri_fp8_to_float(__x, kind));                            \
      }                                                                                  \
      __host__ __device__ explicit                                                       \
      operator __nv_bfloat16() const                                                     \
      {                                                                                  \
         return __float2bfloat16(kasuri_fp8_to_float(__x, kind));                        \
      }                                                                                  \
      __host__ __device__ explicit                                                       \
      operator bool() const                                                              \
      {                                                                                  \
         return (__x & 0x7F) != 0;                                                       \
      }                                                                                  \
   };
KASURI_FP8(__nv_fp8_e4m3, __NV_E4M3)
KASURI_FP8(__nv_fp8_e5m2, __NV_E5M2)
#undef KASURI_FP8

#undef KASURI_HD
#endif

#endif
