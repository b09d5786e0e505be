/* SPDX-License-Identifier: Apache-2.0
 * Rounding to integers, classification, exponents and neighbours, both precisions; uses
 * convert.c above it in all.c. */
#include "libdevice.h"

#define SAME(name, builtin)                                                              \
   NV float __nv_##name##f(float x)                                                      \
   {                                                                                     \
      return builtin##f(x);                                                              \
   }                                                                                     \
   NV double __nv_##name(double x)                                                       \
   {                                                                                     \
      return builtin(x);                                                                 \
   }
SAME(ceil, __builtin_ceil)
SAME(floor, __builtin_floor)
SAME(trunc, __builtin_trunc)
SAME(rint, __builtin_rint)
SAME(nearbyint, __builtin_nearbyint)

NV float
__nv_fabsf(float x)
{
   return __builtin_fabsf(x);
}

NV double
__nv_fabs(double x)
{
   return __builtin_fabs(x);
}

NV float
__nv_copysignf(float x, float s)
{
   return f_copysign(x, s);
}

NV double
__nv_copysign(double x, double s)
{
   return d_copysign(x, s);
}

/* A NaN operand gives the other one; min and max order -0 below +0 as PTX does. */
NV float
__nv_fmaxf(float a, float b)
{
   return __builtin_fmaxf(a, b);
}

NV float
__nv_fminf(float a, float b)
{
   return __builtin_fminf(a, b);
}

NV double
__nv_fmax(double a, double b)
{
   return __builtin_fmax(a, b);
}

NV double
__nv_fmin(double a, double b)
{
   return __builtin_fmin(a, b);
}

NV float
__nv_fdimf(float a, float b)
{
   return a <= b ? 0.0f : a - b; /* a NaN goes through the subtraction */
}

NV double
__nv_fdim(double a, double b)
{
   return a <= b ? 0.0 : a - b;
}

NV float
__nv_saturatef(float x)
{
   /* NaN becomes 0. */
   float lo = x > 0 ? x : 0.0f;
   return lo < 1 ? lo : 1.0f;
}

/* Half away from zero: truncate, then look at what was cut off (exact). */
NV float
__nv_roundf(float x)
{
   float t = __builtin_truncf(x);
   float r = f_abs(x - t) >= 0.5f ? t + f_copysign(1.0f, x) : t;
   return f_copysign(r, x);
}

NV double
__nv_round(double x)
{
   double t = __builtin_trunc(x);
   double r = d_abs(x - t) >= 0.5 ? t + d_copysign(1.0, x) : t;
   return d_copysign(r, x);
}

NV long long
__nv_llroundf(float x)
{
   return __nv_float2ll_rz(__nv_roundf(x));
}

NV long long
__nv_llround(double x)
{
   return __nv_double2ll_rz(__nv_round(x));
}

NV long long
__nv_llrintf(float x)
{
   return __nv_float2ll_rn(x);
}

NV long long
__nv_llrint(double x)
{
   return __nv_double2ll_rn(x);
}

NV int
__nv_isnanf(float x)
{
   return x != x;
}

NV int
__nv_isnand(double x)
{
   return x != x;
}

NV int
__nv_isinff(float x)
{
   return f_abs(x) == INF_F;
}

NV int
__nv_isinfd(double x)
{
   return d_abs(x) == INF_D;
}

NV int
__nv_finitef(float x)
{
   return f_abs(x) < INF_F;
}

NV int
__nv_isfinited(double x)
{
   return d_abs(x) < INF_D;
}

NV int
__nv_signbitf(float x)
{
   return (int)(f_bits(x) >> 31);
}

NV int
__nv_signbitd(double x)
{
   return (int)(d_bits(x) >> 63);
}

/* Exponent of |x| as if normalised; x is neither 0 nor infinite nor NaN. */
INLINE int
exponent_f(float x)
{
   u32 u = f_bits(x) & 0x7fffffffu;
   int sub = 31 - __builtin_clz(u | 1) - 149;
   return u < 0x00800000u ? sub : (int)(u >> 23) - 127;
}

INLINE int
exponent_d(double x)
{
   u64 u = d_bits(x) & 0x7fffffffffffffffull;
   int sub = 63 - __builtin_clzll(u | 1) - 1074;
   return u < 0x0010000000000000ull ? sub : (int)(u >> 52) - 1023;
}

/* Of zero and NaN INT_MIN, of an infinity INT_MAX, as CUDA has them. */
NV int
__nv_ilogbf(float x)
{
   float a = f_abs(x);
   int special = a == INF_F ? 0x7fffffff : (int)0x80000000u;
   return a > 0 && a < INF_F ? exponent_f(x) : special;
}

NV int
__nv_ilogb(double x)
{
   double a = d_abs(x);
   int special = a == INF_D ? 0x7fffffff : (int)0x80000000u;
   return a > 0 && a < INF_D ? exponent_d(x) : special;
}

NV float
__nv_logbf(float x)
{
   float a = f_abs(x);
   float special = a == 0 ? -INF_F : a;
   return a > 0 && a < INF_F ? (float)exponent_f(x) : special;
}

NV double
__nv_logb(double x)
{
   double a = d_abs(x);
   double special = a == 0 ? -INF_D : a;
   return a > 0 && a < INF_D ? (double)exponent_d(x) : special;
}

NV float
__nv_frexpf(float x, int *e)
{
   u32 u = f_bits(x), sign = u & 0x80000000u;
   float a = f_abs(x);
   int plain = !(a > 0 && a < INF_F);
   int ex = exponent_f(x);
   /* Shift a subnormal's leading one to bit 23. */
   u32 m = (u & 0x7fffffffu) < 0x00800000u ? (u & 0x7fffffffu) << ((-126 - ex) & 31) : u;
   *e = plain ? 0 : ex + 1;
   return plain ? x : f_from(sign | (m & 0x007fffffu) | 0x3f000000u);
}

NV double
__nv_frexp(double x, int *e)
{
   u64 u = d_bits(x), sign = u & 0x8000000000000000ull;
   u64 mag = u & 0x7fffffffffffffffull;
   double a = d_abs(x);
   int plain = !(a > 0 && a < INF_D);
   int ex = exponent_d(x);
   u64 m = mag < 0x0010000000000000ull ? mag << ((-1022 - ex) & 63) : u;
   *e = plain ? 0 : ex + 1;
   return plain ? x : d_from(sign | (m & 0x000fffffffffffffull) | 0x3fe0000000000000ull);
}

/* A result that will be subnormal is made by one rounding: x goes exactly to a middling
 * exponent first, the last factor rounds. Any other result takes exact steps. */
NV float
__nv_scalbnf(float x, int n)
{
   n = n < -300 ? -300 : n > 300 ? 300 : n;
   float a = f_abs(x);
   int e = a > 0 && a < INF_F ? exponent_f(x) : 0;
   if (n < 0 && e + n < -126) {
      int keep = -100 - e;
      int h = keep >> 1;
      float y = x * f_pow2(h) * f_pow2(keep - h);
      int rest = n - keep;
      return y * f_pow2(rest < -126 ? -126 : rest);
   }
   int q = n / 4, r = n - 3 * q;
   float s = f_pow2(q);
   return x * s * s * s * f_pow2(r);
}

NV double
__nv_scalbn(double x, int n)
{
   n = n < -2200 ? -2200 : n > 2200 ? 2200 : n;
   double a = d_abs(x);
   int e = a > 0 && a < INF_D ? exponent_d(x) : 0;
   if (n < 0 && e + n < -1022) {
      int keep = -900 - e;
      int h = keep >> 1;
      double y = x * d_pow2(h) * d_pow2(keep - h);
      int rest = n - keep;
      return y * d_pow2(rest < -1022 ? -1022 : rest);
   }
   int q = n / 4, r = n - 3 * q;
   double s = d_pow2(q);
   return x * s * s * s * d_pow2(r);
}

NV float
__nv_ldexpf(float x, int n)
{
   return __nv_scalbnf(x, n);
}

NV double
__nv_ldexp(double x, int n)
{
   return __nv_scalbn(x, n);
}

NV float
__nv_modff(float x, float *whole)
{
   float t = __builtin_truncf(x);
   float r = f_abs(x) == INF_F ? 0.0f : x - t;
   *whole = t;
   return f_copysign(r, x);
}

NV double
__nv_modf(double x, double *whole)
{
   double t = __builtin_trunc(x);
   double r = d_abs(x) == INF_D ? 0.0 : x - t;
   *whole = t;
   return d_copysign(r, x);
}

NV float
__nv_nextafterf(float a, float b)
{
   u32 u = f_bits(a);
   int apart = (i32)(u ^ f_bits(b)) < 0; /* signs differ: towards zero */
   u32 step = !apart && f_abs(b) > f_abs(a) ? u + 1 : u - 1;
   float r = a == 0 ? f_from((f_bits(b) & 0x80000000u) | 1) : f_from(step);
   r = a == b ? b : r;
   return a != a || b != b ? a + b : r;
}

NV double
__nv_nextafter(double a, double b)
{
   u64 u = d_bits(a);
   int apart = (i64)(u ^ d_bits(b)) < 0; /* signs differ: towards zero */
   u64 step = !apart && d_abs(b) > d_abs(a) ? u + 1 : u - 1;
   double r = a == 0 ? d_from((d_bits(b) & 0x8000000000000000ull) | 1) : d_from(step);
   r = a == b ? b : r;
   return a != a || b != b ? a + b : r;
}

/* The payload: a number in C notation; anything else gives the default NaN. */
INLINE u64
nan_payload(const signed char *s)
{
   u32 base = 10;
   u64 v = 0;
   if (*s == '0') {
      s++;
      base = 8;
      if (*s == 'x' || *s == 'X') {
         s++;
         base = 16;
      }
   }
   for (; *s; s++) {
      u32 c = (u32)*s, lower = c | 0x20;
      u32 digit = c - '0' < 10 ? c - '0' : lower - 'a' < 6 ? lower - 'a' + 10 : 99;
      if (digit >= base)
         return 0;
      v = v * base + digit;
   }
   return v;
}

float
__nv_nanf(const signed char *s)
{
   return f_from(0x7fc00000u | ((u32)nan_payload(s) & 0x003fffffu));
}

double
__nv_nan(const signed char *s)
{
   return d_from(0x7ff8000000000000ull | (nan_payload(s) & 0x0007ffffffffffffull));
}
