/* SPDX-License-Identifier: Apache-2.0
 * fmod, remainder and remquo, exactly: quotients of at most 22 (f32) or 51 (f64) bits at
 * a time, so that each partial product is exact in an fma and usual arguments take no
 * turn of the loop. */
#include "libdevice.h"

/* a mod b for 0 <= a, 0 < b, both finite; *q gets the low bits of the quotient. */
INLINE float
mod_f(float a, float b, u32 *q)
{
   u32 bits = 0;
   /* Exponent distance; a multiple of b is no larger than a, so it does not overflow. */
   int sub = b < 0x1p-126f;
   float bn = sub ? b * 0x1p+24f : b;
   i32 d = (i32)(f_bits(a) >> 23) - (i32)(f_bits(bn) >> 23) + (sub ? 24 : 0);
   while (d > 22 && a >= b) {
      i32 s = d - 22;
      i32 k = sub ? s - 24 : s;
      float bs = bn * f_pow2(k >> 1) * f_pow2(k - (k >> 1));
      float t = __builtin_truncf(DIV_F(a, bs));
      a = FMA_F(-t, bs, a);
      bits += s < 3 ? (u32)t << s : 0;
      if (a < 0) {
         a += bs;
         bits -= s < 3 ? 1u << s : 0;
      }
      d = s;
   }
   float t = __builtin_truncf(DIV_F(a, b));
   a = FMA_F(-t, b, a);
   bits += (u32)t;
   if (a < 0) {
      a += b;
      bits--;
   }
   *q = bits;
   return a;
}

INLINE double
mod_d(double a, double b, u32 *q)
{
   u32 bits = 0;
   int sub = b < 0x1p-1022;
   double bn = sub ? b * 0x1p+53 : b;
   i32 d = (i32)(d_bits(a) >> 52) - (i32)(d_bits(bn) >> 52) + (sub ? 53 : 0);
   while (d > 51 && a >= b) {
      i32 s = d - 51;
      i32 k = sub ? s - 53 : s;
      double bs = bn * d_pow2(k >> 1) * d_pow2(k - (k >> 1));
      double t = __builtin_trunc(a / bs);
      a = FMA_D(-t, bs, a);
      bits += s < 3 ? (u32)(u64)t << s : 0;
      if (a < 0) {
         a += bs;
         bits -= s < 3 ? 1u << s : 0;
      }
      d = s;
   }
   double t = __builtin_trunc(a / b);
   a = FMA_D(-t, b, a);
   bits += (u32)(u64)t;
   if (a < 0) {
      a += b;
      bits--;
   }
   *q = bits;
   return a;
}

NV float
__nv_fmodf(float x, float y)
{
   float a = f_abs(x), b = f_abs(y);
   int ok = a < INF_F && b > 0 && b < INF_F;
   u32 q;
   float r = f_copysign(mod_f(ok ? a : 0, ok ? b : 1, &q), x);
   float other = a < INF_F && b == INF_F ? x : NAN_F;
   return ok ? r : other;
}

NV double
__nv_fmod(double x, double y)
{
   double a = d_abs(x), b = d_abs(y);
   int ok = a < INF_D && b > 0 && b < INF_D;
   u32 q;
   double r = d_copysign(mod_d(ok ? a : 0, ok ? b : 1, &q), x);
   double other = a < INF_D && b == INF_D ? x : NAN_D;
   return ok ? r : other;
}

NV float
__nv_remquof(float x, float y, int *quo)
{
   float a = f_abs(x), b = f_abs(y);
   int ok = a < INF_F && b > 0 && b < INF_F;
   u32 q;
   float r = mod_f(ok ? a : 0, ok ? b : 1, &q);
   float rest = (ok ? b : 1) - r; /* exact where it is compared close to r */
   int up = r > rest || (r == rest && (q & 1));
   q = (q + (u32)up) & 7;
   r = up ? -rest : r;
   r = f_from(f_bits(r) ^ (f_bits(x) & 0x80000000u));
   int negative = (i32)(f_bits(x) ^ f_bits(y)) < 0;
   *quo = ok ? (negative ? -(int)q : (int)q) : 0;
   float other = a < INF_F && b == INF_F ? x : NAN_F;
   return ok ? r : other;
}

NV double
__nv_remquo(double x, double y, int *quo)
{
   double a = d_abs(x), b = d_abs(y);
   int ok = a < INF_D && b > 0 && b < INF_D;
   u32 q;
   double r = mod_d(ok ? a : 0, ok ? b : 1, &q);
   double rest = (ok ? b : 1) - r;
   int up = r > rest || (r == rest && (q & 1));
   q = (q + (u32)up) & 7;
   r = up ? -rest : r;
   r = d_from(d_bits(r) ^ (d_bits(x) & 0x8000000000000000ull));
   int negative = (i64)(d_bits(x) ^ d_bits(y)) < 0;
   *quo = ok ? (negative ? -(int)q : (int)q) : 0;
   double other = a < INF_D && b == INF_D ? x : NAN_D;
   return ok ? r : other;
}

NV float
__nv_remainderf(float x, float y)
{
   int q;
   return __nv_remquof(x, y, &q);
}

NV double
__nv_remainder(double x, double y)
{
   int q;
   return __nv_remquo(x, y, &q);
}
