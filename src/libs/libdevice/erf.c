/* SPDX-License-Identifier: Apache-2.0
 * Error functions, the normal distribution and their inverses, both precisions.
 * erfc(x) = exp(-x^2) erfcx(x), where (1 + 2x) erfcx(x) is one polynomial in
 * (x - k) / (x + k) for all x >= 0. The inverses use that erfinv(x) / x is smooth in
 * w = -log(1 - x^2), and far out in sqrt(w). */
#include "coeffs.h"
#include "libdevice.h"

INLINE float
erfcx_pos_f(float a)
{
   float c = a > 0x1p+30f ? 0x1p+30f : a;
   float inv = 1 / (c + 2), t = (c - 2) * inv;
   /* What the roundings left: c - 2 - t (c + 2), written so that it is exact for small c.
    */
   t = FMA_F(inv, FMA_F(-t, c, FMA_F(-2.0f, t + 1, c)), t);
   float p = POLY_F(t, C_ERFCXF);
   float d = FMA_F(2.0f, c, 1.0f), d_lo = FMA_F(2.0f, c, 1 - d);
   float r = 1 / d, y = p * r;
   y = FMA_F(r, FMA_F(-y, d, p) - y * d_lo, y);
   return a > 0x1p+30f ? 0x1.20dd76p-1f / a : y; /* 1 / sqrt(pi) */
}

INLINE double
erfcx_pos_d(double a)
{
   double c = a > 0x1p+60 ? 0x1p+60 : a;
   double inv = 1 / (c + 4), t = (c - 4) * inv;
   t = FMA_D(inv, FMA_D(-t, c, FMA_D(-4.0, t + 1, c)), t);
   double p = POLY_D(t, C_ERFCX);
   /* Divide by 1 + 2a, halved so that it does not overflow. */
   return 0.5 * p / (a + 0.5);
}

/* exp(-s) erfcx(a), s = a^2 + lo, without losing bits to an early underflow. */
INLINE float
erfc_tail_f(float a, float s, float lo)
{
   float e = exp_shifted_f(-s, -lo, 32);
   return e * erfcx_pos_f(a) * 0x1p-32f;
}

INLINE double
erfc_tail_d(double a, double s, double lo)
{
   double e = exp_shifted_d(-s, -lo, 64);
   return e * erfcx_pos_d(a) * 0x1p-64;
}

NV float
__nv_erfcxf(float x)
{
   float a = f_abs(x), s = MUL_F(a, a);
   float p = erfcx_pos_f(a);
   float e = exp_shifted_f(s, s < 100 ? FMA_F(a, a, -s) : 0.0f, 0);
   float y = x < 0 ? FMA_F(2.0f, e, -p) : p;
   return x != x ? x : y;
}

NV double
__nv_erfcx(double x)
{
   double a = d_abs(x), s = MUL_D(a, a);
   double p = erfcx_pos_d(a);
   double e = exp_shifted_d(s, s < 800 ? FMA_D(a, a, -s) : 0.0, 0);
   double y = x < 0 ? FMA_D(2.0, e, -p) : p;
   return x != x ? x : y;
}

NV float
__nv_erfcf(float x)
{
   float a = f_abs(x);
   float c = a > 11 ? 11.0f : a; /* erfc(11) is 0 */
   float s = MUL_F(c, c);
   float y = erfc_tail_f(c, s, FMA_F(c, c, -s));
   y = x < 0 ? 2 - y : y;
   float near = 1 - FMA_F(x, POLY_F(x * x, C_ERFF), x);
   return a < 0.5f ? near : y;
}

NV double
__nv_erfc(double x)
{
   double a = d_abs(x);
   double c = a > 28 ? 28.0 : a; /* erfc(28) is 0 */
   double s = MUL_D(c, c);
   double y = erfc_tail_d(c, s, FMA_D(c, c, -s));
   y = x < 0 ? 2 - y : y;
   double near = 1 - FMA_D(x, POLY_D(x * x, C_ERF), x);
   return a < 0.5 ? near : y;
}

NV float
__nv_erff(float x)
{
   float a = f_abs(x), z = x * x;
   float p = FMA_F(x, POLY_F(z, C_ERFF), x);
   float c = a > 4 ? 4.0f : a; /* 1 - erf(4) is below half an ulp */
   float y = f_copysign(1 - exp_shifted_f(POLY_F(c, C_LOGERFCF), 0, 0), x);
   return a < 1 ? p : y;
}

NV double
__nv_erf(double x)
{
   double a = d_abs(x), z = x * x;
   double p = FMA_D(x, POLY_D(z, C_ERF), x);
   double c = a > 7 ? 7.0 : a;
   double s = MUL_D(c, c);
   double y = d_copysign(1 - erfc_tail_d(c, s, FMA_D(c, c, -s)), x);
   return a < 1 ? p : y;
}

/* P(N < x) = erfc(-x / sqrt 2) / 2: x^2 / 2 is what the exponential needs exactly. */
NV float
__nv_normcdff(float x)
{
   float a = f_abs(x);
   float c = a > 15 ? 15.0f : a;
   float s = MUL_F(0.5f * c, c), lo = FMA_F(0.5f * c, c, -s);
   float y = 0.5f * erfc_tail_f(c * 0x1.6a09e6p-1f, s, lo);
   float r = x > 0 ? 1 - y : y;
   return x != x ? x : r;
}

NV double
__nv_normcdf(double x)
{
   double a = d_abs(x);
   double c = a > 40 ? 40.0 : a;
   double s = MUL_D(0.5 * c, c), lo = FMA_D(0.5 * c, c, -s);
   double y = 0.5 * erfc_tail_d(c * 0x1.6a09e667f3bcdp-1, s, lo);
   double r = x > 0 ? 1 - y : y;
   return x != x ? x : r;
}

/* The polynomial less its first coefficient as rounded. */
#define BEYOND_FIRST(t, c, lo)                                                           \
   FMA_F((t), f_horner((t), (c) + 1, (int)(sizeof(c) / sizeof((c)[0])) - 1), (lo))

/* x times erfinv(v) / v for w = -log(1 - v^2). */
INLINE float
erfinv_times_f(float x, float w)
{
   float s = __builtin_sqrtf(w);
   int near = w < 5;
   float a = BEYOND_FIRST(w - 2.5f, C_ERFINVF_A, C_ERFINVF_A_LO);
   float b = BEYOND_FIRST(s - 2.875f, C_ERFINVF_B, C_ERFINVF_B_LO);
   float first = near ? C_ERFINVF_A[0] : C_ERFINVF_B[0];
   float rest = near ? a : b;
   if (s > 3.75f) {
      first = C_ERFINVF_C[0];
      rest = BEYOND_FIRST(s - 6.75f, C_ERFINVF_C, C_ERFINVF_C_LO);
   }
   return FMA_F(x, first, x * rest);
}

/* erfinv(v) / v for w = -log(1 - v^2). */
INLINE double
erfinv_ratio_d(double w)
{
   double s = __builtin_sqrt(w);
   double r = POLY_D(w - 3.125, C_ERFINV_A);
   if (w > 6.25) {
      r = POLY_D(s - 3.25, C_ERFINV_B);
      if (s > 4)
         r = POLY_D(s - 5, C_ERFINV_C);
      if (s > 7.25)
         r = POLY_D(s - 10.5, C_ERFINV_D);
      if (s > 13.75)
         r = POLY_D(s - 20.75, C_ERFINV_E);
   }
   return r;
}

NV float
__nv_erfinvf(float x)
{
   float a = f_abs(x);
   float y = erfinv_times_f(x, -__nv_logf(FMA_F(-x, x, 1.0f)));
   float special = a == 1 ? f_copysign(INF_F, x) : NAN_F;
   return a < 1 ? y : special;
}

double
__nv_erfinv(double x)
{
   double a = d_abs(x);
   double y = x * erfinv_ratio_d(-log_d(FMA_D(-x, x, 1.0)));
   double special = a == 1 ? d_copysign(INF_D, x) : NAN_D;
   return a < 1 ? y : special;
}

INLINE float
erfcinv_f(float y)
{
   float r = erfinv_times_f(1 - y, -__nv_logf(y * (2 - y)));
   float special = y == 0 ? INF_F : y == 2 ? -INF_F : NAN_F;
   return y > 0 && y < 2 ? r : special;
}

INLINE double
erfcinv_d(double y)
{
   double r = (1 - y) * erfinv_ratio_d(-log_d(y * (2 - y)));
   double special = y == 0 ? INF_D : y == 2 ? -INF_D : NAN_D;
   return y > 0 && y < 2 ? r : special;
}

NV float
__nv_erfcinvf(float y)
{
   return erfcinv_f(y);
}

double
__nv_erfcinv(double y)
{
   return erfcinv_d(y);
}

NV float
__nv_normcdfinvf(float p)
{
   return -0x1.6a09e6p+0f * erfcinv_f(2 * p);
}

double
__nv_normcdfinv(double p)
{
   return -0x1.6a09e667f3bcdp+0 * erfcinv_d(2 * p);
}
