/* SPDX-License-Identifier: Apache-2.0
 * f32 circular functions and their inverses. Arguments are reduced by fma with pi/2 in
 * three parts; beyond 70000, which few programs reach, by fixed-point multiplication with
 * the bits of 2/pi that matter (Payne and Hanek). */
#include "coeffs.h"
#include "libdevice.h"

#define PIO2_HI_F 0x1.921fb6p+0f
#define PIO2_MID_F -0x1.777a5cp-25f
#define PIO2_LO_F -0x1.ee59dap-50f
#define PI_HI_F 0x1.921fb6p+1f
#define PI_LO_F -0x1.777a5cp-24f

/* One of four by two bits, without a table. */
INLINE u32
pick4(u32 i, u32 a, u32 b, u32 c, u32 d)
{
   u32 lo = i & 1 ? b : a, hi = i & 1 ? d : c;
   return i & 2 ? hi : lo;
}

/* |x| >= 2^15, finite: x - q pi/2 in [-pi/4, pi/4] and q modulo 4. */
INLINE float
reduce_large_f(float x, u32 *q)
{
   u32 u = f_bits(x);
   u32 m = (u << 8) | 0x80000000u;    /* x = m 2^(s - 31) */
   u32 s = ((u >> 23) & 0xff) - 127u; /* 15 .. 127 */
   /* 32-bit words of 2/pi after a zero word: 0, w0 .. w5; four of them from bit s - 1. */
   u32 i = (s - 1) >> 5, sh = (s - 1) & 31;
   u32 a = pick4(i, 0, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u);
   u32 b = pick4(i, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u);
   u32 c = pick4(i, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u);
   u32 d = pick4(i, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u);
   u32 t0 = (u32)(((u64)a << 32 | b) << sh >> 32);
   u32 t1 = (u32)(((u64)b << 32 | c) << sh >> 32);
   u32 t2 = (u32)(((u64)c << 32 | d) << sh >> 32);
   /* x * 2/pi modulo 4, scaled by 2^62. */
   u64 p = ((u64)(m * t0) << 32) + (u64)m * t1 + (((u64)m * t2) >> 32);
   u64 n = (p + (1ull << 61)) >> 62;
   i64 r = (i64)(p - (n << 62));
   float y = (float)((double)r * 0x1.921fb54442d18p-62); /* pi/2 2^-62 */
   int negative = (i32)u < 0;
   *q = (u32)(negative ? 0 - n : n);
   return negative ? -y : y;
}

INLINE float
reduce_f(float x, u32 *q)
{
   float j = FMA_F(x, 0x1.45f306p-1f, 0x1.8p+23f); /* 2/pi */
   float n = ADD_F(j, -0x1.8p+23f);
   *q = f_bits(j);
   float r = FMA_F(n, -PIO2_HI_F, x);
   r = FMA_F(n, -PIO2_MID_F, r);
   r = FMA_F(n, -PIO2_LO_F, r);
   if (f_abs(x) > 70000) {
      r = f_abs(x) < INF_F ? reduce_large_f(x, q) : NAN_F;
   }
   return r;
}

/* sin and cos of r in [-pi/4, pi/4], lo a correction of r. */
INLINE float
sin_poly_f(float r)
{
   float z = r * r;
   return FMA_F(r * z, POLY_F(z, C_SINF), r);
}

INLINE float
cos_poly_f(float r, float lo)
{
   float z = r * r, h = 0.5f * z, w = 1 - h;
   return w + FMA_F(z * z, POLY_F(z, C_COSF), (1 - w - h) - r * lo);
}

INLINE float
flip_f(float x, u32 sign_in_bit1)
{
   return f_from(f_bits(x) ^ ((sign_in_bit1 & 2) << 30));
}

INLINE void
sincos_f(float x, float *s, float *c)
{
   u32 q;
   float r = reduce_f(x, &q);
   float a = sin_poly_f(r), b = cos_poly_f(r, 0);
   float sv = flip_f(q & 1 ? b : a, q);
   *s = x == 0 ? x : sv;
   *c = flip_f(q & 1 ? a : b, q + 1);
}

NV float
__nv_sinf(float x)
{
   float s, c;
   sincos_f(x, &s, &c);
   return s;
}

NV float
__nv_cosf(float x)
{
   float s, c;
   sincos_f(x, &s, &c);
   return c;
}

NV void
__nv_sincosf(float x, float *s, float *c)
{
   float a, b;
   sincos_f(x, &a, &b);
   *s = a;
   *c = b;
}

NV float
__nv_tanf(float x)
{
   u32 q;
   float r = reduce_f(x, &q);
   float a = sin_poly_f(r), b = cos_poly_f(r, 0);
   float y = (q & 1 ? -b : a) / (q & 1 ? a : b);
   return x == 0 ? x : y;
}

/* sin and cos of pi x: the reduction to half turns is exact. */
INLINE void
sincospi_f(float x, float *s, float *c)
{
   float ax = f_abs(x);
   float t = ax < 0x1p24f ? ax : 0.0f; /* from 2^24 on all are even integers */
   float n = __builtin_rintf(t * 2);
   float r = FMA_F(n, -0.5f, t);
   u32 q = (u32)(i32)n;
   float h = MUL_F(r, PI_HI_F);
   float l = FMA_F(r, PI_LO_F, FMA_F(r, PI_HI_F, -h));
   float z = h * h;
   float a = FMA_F(h * z, POLY_F(z, C_SINF), l) + h;
   float b = cos_poly_f(h, l);
   float sv = flip_f(q & 1 ? b : a, q);
   float cv = flip_f(q & 1 ? a : b, q + 1);
   sv = n == t * 2 && !(q & 1) ? 0.0f : sv; /* exact zeros: of x's sign, +0 for cos */
   cv = n == t * 2 && (q & 1) ? 0.0f : cv;
   sv = f_from(f_bits(sv) ^ (f_bits(x) & 0x80000000u));
   *s = ax < INF_F ? sv : NAN_F;
   *c = ax < INF_F ? cv : NAN_F;
}

NV float
__nv_sinpif(float x)
{
   float s, c;
   sincospi_f(x, &s, &c);
   return s;
}

NV float
__nv_cospif(float x)
{
   float s, c;
   sincospi_f(x, &s, &c);
   return c;
}

NV void
__nv_sincospif(float x, float *s, float *c)
{
   float a, b;
   sincospi_f(x, &a, &b);
   *s = a;
   *c = b;
}

/* asin of t in [0, 1/2] given t and t^2. */
INLINE float
asin_poly_f(float t, float z)
{
   return FMA_F(t * z, POLY_F(z, C_ASINF), t);
}

NV float
__nv_asinf(float x)
{
   float a = f_abs(x);
   int big = a > 0.5f;
   float z = big ? FMA_F(a, -0.5f, 0.5f) : a * a;
   float t = big ? __builtin_sqrtf(z) : a;
   float p = asin_poly_f(t, z);
   float y = big ? PIO2_HI_F - (2 * p - PIO2_MID_F) : p;
   return a <= 1 ? f_copysign(y, x) : NAN_F;
}

NV float
__nv_acosf(float x)
{
   float a = f_abs(x);
   int big = a > 0.5f;
   float z = big ? FMA_F(a, -0.5f, 0.5f) : a * a;
   float t = big ? __builtin_sqrtf(z) : a;
   float p = asin_poly_f(t, z);
   float near = x > 0 ? 2 * p : PI_HI_F - (2 * p - PI_LO_F);
   float mid = PIO2_HI_F - (f_copysign(p, x) - PIO2_MID_F);
   float y = big ? near : mid;
   return a <= 1 ? y : NAN_F;
}

/* atan of n / d for 0 <= n <= d, not both zero. */
INLINE float
atan_poly_f(float t)
{
   float z = t * t;
   return FMA_F(t * z, POLY_F(z, C_ATANF), t);
}

NV float
__nv_atanf(float x)
{
   float a = f_abs(x);
   int big = a > 1;
   float p = atan_poly_f(big ? 1 / a : a);
   float y = big ? PIO2_HI_F - (p - PIO2_MID_F) : p;
   return f_copysign(y, x);
}

NV float
__nv_atan2f(float y, float x)
{
   float ay = f_abs(y), ax = f_abs(x);
   int steep = ay > ax;
   float n = steep ? ax : ay, d = steep ? ay : ax;
   int both = d == n && (d == 0 || d == INF_F); /* 0/0 and inf/inf */
   float t = both ? (d == 0 ? 0.0f : 1.0f) : n / d;
   float p = atan_poly_f(t);
   p = steep ? PIO2_HI_F - (p - PIO2_MID_F) : p;
   p = (i32)f_bits(x) < 0 ? PI_HI_F - (p - PI_LO_F) : p;
   float r = f_copysign(p, y);
   return x != x || y != y ? x + y : r;
}
