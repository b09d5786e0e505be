/* SPDX-License-Identifier: Apache-2.0
 * f64 roots, norms and hyperbolic functions; uses exp_f64.c above it in all.c. */
#include "coeffs.h"
#include "libdevice.h"

/* 1 / cbrt(a) for a normal a > 0, with an error of a few 2^-54: a guess from the exponent
 * bits, then steps of third order. */
INLINE double
rcbrt_core_d(double a)
{
   u32 hi = (u32)(d_bits(a) >> 32);
   double y = d_from((u64)(0x553f09fcu - hi / 3) << 32);
   double e = FMA_D(-a * y, y * y, 1.0);
   y = FMA_D(y * e, FMA_D(e, FMA_D(e, 14.0 / 81, 2.0 / 9), 1.0 / 3), y);
   e = FMA_D(-a * y, y * y, 1.0);
   y = FMA_D(y * e, FMA_D(e, 2.0 / 9, 1.0 / 3), y);
   struct dd s = dd_prod(y, y), c = dd_prod(a, y);
   e = FMA_D(-c.hi, s.hi, 1.0) - FMA_D(c.hi, s.lo, c.lo * s.hi);
   return FMA_D(y * e, FMA_D(e, 2.0 / 9, 1.0 / 3), y);
}

NV double
__nv_rcbrt(double x)
{
   double a = d_abs(x);
   int small = a < 0x1p-1022;
   int plain = a > 0 && a < INF_D;
   double b = small ? a * 0x1p+54 : a;
   double y = rcbrt_core_d(plain ? b : 1.0);
   y = small ? y * 0x1p+18 : y;
   double special = a == 0 ? INF_D : a == INF_D ? 0.0 : a;
   return d_copysign(plain ? y : special, x);
}

NV double
__nv_cbrt(double x)
{
   double a = d_abs(x);
   int small = a < 0x1p-1022;
   int plain = a > 0 && a < INF_D;
   double b = small ? a * 0x1p+54 : a;
   b = plain ? b : 1.0;
   double y = rcbrt_core_d(b);
   double s = y * y, c = MUL_D(b, s);
   struct dd c2 = dd_prod(c, c);
   double e = FMA_D(-c, c2.hi, b) - c * c2.lo; /* b - c^3 */
   c = FMA_D(e, s * (1.0 / 3), c);
   c = small ? c * 0x1p-18 : c;
   return d_copysign(plain ? c : a, x);
}

/* 1 / sqrt of a positive finite double-double. */
INLINE double
rsqrt_dd(struct dd a)
{
   double y = 1 / __builtin_sqrt(a.hi);
   struct dd h = dd_prod(a.hi, y);
   double e = FMA_D(-h.hi, y, 1.0) - FMA_D(a.lo, y, h.lo) * y;
   return FMA_D(0.5 * y, e, y);
}

INLINE double
sqrt_dd(struct dd a)
{
   double s = __builtin_sqrt(a.hi);
   double e = FMA_D(-s, s, a.hi) + a.lo;
   return a.hi > 0 ? FMA_D(e, 0.5 / s, s) : s;
}

NV double
__nv_rsqrt(double x)
{
   int small = x < 0x1p-1000;
   double s = small ? x * 0x1p+100 : x;
   double y = rsqrt_dd((struct dd){x > 0 && x < INF_D ? s : 1.0, 0});
   y = small ? y * 0x1p+50 : y;
   double special = x == 0 ? d_copysign(INF_D, x) : x == INF_D ? 0.0 : NAN_D;
   return x > 0 && x < INF_D ? y : special;
}

/* A power of two that brings the largest component near 1, and its inverse. */
INLINE double
norm_scale_d(double big, double *back)
{
   u64 e = d_bits(big) & 0x7ff0000000000000ull;
   u64 s = (2046ull << 52) - e;
   s = s > (2045ull << 52) ? 2045ull << 52 : s;
   s = s < (1ull << 52) || e == 0x7ff0000000000000ull ? 1ull << 52 : s;
   *back = d_from((2046ull << 52) - s);
   return d_from(s);
}

INLINE double
max_d(double a, double b)
{
   return a > b ? a : b;
}

/* q + a^2. */
INLINE struct dd
add_square_dd(struct dd q, double a)
{
   struct dd p = dd_prod(a, a);
   struct dd s = dd_sum(q.hi, p.hi);
   s.lo += q.lo + p.lo;
   return dd_fast_sum(s.hi, s.lo);
}

INLINE struct dd
squares_d(double a, double b, double c, double d, double *back, int *inf)
{
   a = d_abs(a), b = d_abs(b), c = d_abs(c), d = d_abs(d);
   *inf = a == INF_D || b == INF_D || c == INF_D || d == INF_D;
   double s = norm_scale_d(max_d(max_d(a, b), max_d(c, d)), back);
   struct dd q = add_square_dd(dd_prod(a * s, a * s), b * s);
   return add_square_dd(add_square_dd(q, c * s), d * s);
}

INLINE double
norm_end_d(struct dd q, double back, int inf)
{
   double y = sqrt_dd(q) * back;
   return inf ? INF_D : y;
}

INLINE double
rnorm_end_d(struct dd q, double back, int inf)
{
   double y = q.hi == 0 ? INF_D : rsqrt_dd(q) / back;
   return inf ? 0.0 : y;
}

NV double
__nv_hypot(double a, double b)
{
   double back;
   int inf;
   struct dd q = squares_d(a, b, 0, 0, &back, &inf);
   return norm_end_d(q, back, inf);
}

NV double
__nv_norm3d(double a, double b, double c)
{
   double back;
   int inf;
   struct dd q = squares_d(a, b, c, 0, &back, &inf);
   return norm_end_d(q, back, inf);
}

NV double
__nv_norm4d(double a, double b, double c, double d)
{
   double back;
   int inf;
   struct dd q = squares_d(a, b, c, d, &back, &inf);
   return norm_end_d(q, back, inf);
}

NV double
__nv_rhypot(double a, double b)
{
   double back;
   int inf;
   struct dd q = squares_d(a, b, 0, 0, &back, &inf);
   return rnorm_end_d(q, back, inf);
}

NV double
__nv_rnorm3d(double a, double b, double c)
{
   double back;
   int inf;
   struct dd q = squares_d(a, b, c, 0, &back, &inf);
   return rnorm_end_d(q, back, inf);
}

NV double
__nv_rnorm4d(double a, double b, double c, double d)
{
   double back;
   int inf;
   struct dd q = squares_d(a, b, c, d, &back, &inf);
   return rnorm_end_d(q, back, inf);
}

INLINE struct dd
norm_n_d(int n, const double *p, double *back, int *inf)
{
   double big = 0;
   for (int i = 0; i < n; i++)
      big = max_d(big, d_abs(p[i]));
   *inf = big == INF_D;
   double s = norm_scale_d(big, back);
   struct dd sum = {0, 0};
   for (int i = 0; i < n; i++)
      sum = add_square_dd(sum, p[i] * s);
   return sum;
}

double
__nv_norm(int n, const double *p)
{
   double back;
   int inf;
   struct dd q = norm_n_d(n, p, &back, &inf);
   return norm_end_d(q, back, inf);
}

double
__nv_rnorm(int n, const double *p)
{
   double back;
   int inf;
   struct dd q = norm_n_d(n, p, &back, &inf);
   return rnorm_end_d(q, back, inf);
}

NV double
__nv_cosh(double x)
{
   double e = exp_shifted_d(d_abs(x), 0, -2); /* e^|x| / 4 */
   return FMA_D(e, 2.0, 0.125 / e);
}

NV double
__nv_sinh(double x)
{
   double a = d_abs(x), z = x * x;
   double p = FMA_D(x * z, POLY_D(z, C_SINH), x);
   double e = exp_shifted_d(a, 0, -2);
   double y = d_copysign(FMA_D(e, 2.0, -0.125 / e), x);
   double r = a < 1 ? p : y;
   return x == 0 ? x : r;
}

NV double
__nv_tanh(double x)
{
   double a = d_abs(x), z = x * x;
   double p = FMA_D(x * z, POLY_D(z, C_TANH), x);
   double y = d_copysign(1 - 2 / (exp_shifted_d(2 * a, 0, 0) + 1), x);
   double r = a < 0.6 ? p : y;
   return x == 0 ? x : r;
}

/* asinh, acosh, atanh through log1p; where a^2 would overflow, log(2a) = log1p(a) + ln 2.
 */
NV double
__nv_asinh(double x)
{
   double a = d_abs(x);
   int big = a > 0x1p+60;
   double s = big ? 0.0 : a;
   double z = FMA_D(s, s / (1 + __builtin_sqrt(FMA_D(s, s, 1.0))), s);
   double y = log1p_d(big ? a : z) + (big ? LN2_HI_D : 0.0);
   return d_copysign(y, x);
}

NV double
__nv_acosh(double x)
{
   int big = x > 0x1p+60;
   double t = x - 1;
   double s = big ? 0.0 : t;
   double z = s + __builtin_sqrt(FMA_D(s, s, 2 * s));
   double y = log1p_d(big ? t : z) + (big ? LN2_HI_D : 0.0);
   return x >= 1 ? y : NAN_D;
}

NV double
__nv_atanh(double x)
{
   double a = d_abs(x);
   double y = 0.5 * log1p_d(2 * a / (1 - a));
   y = x != x || a > 1 ? NAN_D : d_copysign(y, x);
   return x == 0 ? x : y;
}
