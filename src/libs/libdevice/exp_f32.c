/* SPDX-License-Identifier: Apache-2.0
 * f32 exponentials, logarithms and powers: reduction to one octave and a polynomial. */
#include "coeffs.h"
#include "libdevice.h"

#define LOG2E_F 0x1.715476p+0f
#define LN2_HI_F 0x1.62e43p-1f
#define LN2_LO_F -0x1.05c61p-29f
#define ROUND_F 0x1.8p+23f /* added and subtracted: round to integer */

/* Added to n, it leaves n and twice the bias of exponents in the low bits. */
#define ROUND_EXP_F (ROUND_F + 254)

/* (1 + q) 2^n for |q| < 1/2 and |n| < 159; j is ROUND_EXP_F + n, and down says whether n
 * is below 0. In two steps, as 2^n may be too large, or subnormal. */
INLINE float
exp_scale_f(float q, float j, int down)
{
   u32 last = down ? f_bits(0x1p-32f) : f_bits(0x1p+32f);
   float s = f_from((f_bits(j) << 23) - last);
   return FMA_F(q, s, s) * f_from(last);
}

/* e^(x + lo) * 2^shift; lo is a correction below 2^-4. */
INLINE float
exp_shifted_f(float x, float lo, i32 shift)
{
   float c = x > 90 ? 90.0f : x, round = ROUND_EXP_F + (float)shift;
   c = c < -106 ? -106.0f : c;
   float j = FMA_F(c, LOG2E_F, round);
   float n = ADD_F(j, -round);
   float r = FMA_F(n, -LN2_HI_F, c);
   r = FMA_F(n, -LN2_LO_F, r);
   r = __builtin_constant_p(lo) && lo == 0 ? r : r + lo;
   return exp_scale_f(FMA_F(r * r, POLY_F(r, C_EXPF), r), j, x < 0);
}

NV float
__nv_expf(float x)
{
   return exp_shifted_f(x, 0, 0);
}

NV float
__nv_exp2f(float x)
{
   float c = x > 130 ? 130.0f : x;
   c = c < -152 ? -152.0f : c;
   float j = ADD_F(c, ROUND_EXP_F);
   float r = c - ADD_F(j, -ROUND_EXP_F);
   return exp_scale_f(MUL_F(r, POLY_F(r, C_EXP2F)), j, x < 0);
}

NV float
__nv_exp10f(float x)
{
   float c = x > 39 ? 39.0f : x;
   c = c < -46 ? -46.0f : c;
   float j = FMA_F(c, 0x1.a934fp+1f, ROUND_EXP_F); /* log2(10) */
   float n = ADD_F(j, -ROUND_EXP_F);
   float r = FMA_F(n, -0x1.344136p-2f, c); /* log10(2) in two parts */
   r = FMA_F(n, 0x1.ec10cp-27f, r);
   return exp_scale_f(MUL_F(r, POLY_F(r, C_EXP10F)), j, x < 0);
}

NV float
__nv_expm1f(float x)
{
   float c = x > 89 ? 89.0f : x;
   c = c < -30 ? -30.0f : c;
   float round = ROUND_F + 126; /* the low bits hold n - 1 and the bias */
   float j = FMA_F(c, LOG2E_F, round);
   j = f_abs(c) < 0.5f ? round : j; /* one octave below has no cancellation */
   float n = ADD_F(j, -round);
   float r = FMA_F(n, -LN2_HI_F, c);
   r = FMA_F(n, -LN2_LO_F, r);
   float p = FMA_F(r * r, POLY_F(r, C_EXPM1F), r);
   /* 2^n p + (2^n - 1), halved so that n = 128 does not overflow too early. */
   float s = f_from(f_bits(j) << 23);
   float y = FMA_F(s, p, s - 0.5f) * 2;
   return x == 0 ? x : y;
}

/* x = 2^e (1 + f), f in [-1/3, 1/3), for finite x > 0; returns f. */
INLINE float
log_split_f(float x, float *e)
{
   int small = x < 0x1p-126f;
   float y = small ? x * 0x1p+24f : x;
   i32 k = (i32)(f_bits(y) - 0x3f2aaaabu) >> 23;
   *e = (float)(small ? k - 24 : k);
   return f_from(f_bits(y) - ((u32)k << 23)) - 1;
}

/* What logarithms give outside (0, inf). */
INLINE float
log_ends_f(float x, float y)
{
   float special = x == 0 ? -INF_F : x < 0 ? NAN_F : x;
   return x > 0 && x < INF_F ? y : special;
}

NV float
__nv_logf(float x)
{
   float e, f = log_split_f(x, &e);
   float t = FMA_F(e, LN2_LO_F, f * f * POLY_F(f, C_LOGF));
   /* f is exact and e ln2 nearly so: their sum is rounded once, its error kept. */
   float h = FMA_F(e, LN2_HI_F, f);
   float g = FMA_F(e, LN2_HI_F, -h) + f;
   return log_ends_f(x, h + (t + g));
}

NV float
__nv_log2f(float x)
{
   float e, f = log_split_f(x, &e);
   float h = FMA_F(f, LOG2E_F, e);
   float g = FMA_F(f, LOG2E_F, e - h);
   float t = FMA_F(f, 0x1.4ae0cp-26f, f * f * POLY_F(f, C_LOG2F)); /* log2(e), 2nd part */
   return log_ends_f(x, h + (t + g));
}

NV float
__nv_log10f(float x)
{
   float e, f = log_split_f(x, &e);
   float h = MUL_F(f, 0x1.bcb7b2p-2f); /* log10(e) in two parts */
   float g = FMA_F(f, 0x1.bcb7b2p-2f, -h);
   float t = FMA_F(f, -0x1.5b235ep-27f, g) + f * f * POLY_F(f, C_LOG10F);
   float k = FMA_F(e, 0x1.344136p-2f, h); /* log10(2) in two parts */
   float l = FMA_F(e, 0x1.344136p-2f, -k) + h;
   return log_ends_f(x, k + (FMA_F(e, -0x1.ec10cp-27f, t) + l));
}

INLINE float
log1p_f(float x)
{
   float u = 1 + x;
   i32 k = (i32)(f_bits(u) - 0x3f2aaaabu) >> 23;
   k = x > -1 && x < INF_F ? k : 0;
   i32 half = k >> 1; /* in two steps: 2^-k may be subnormal */
   float s = f_pow2(k > 126 ? -126 : -k), e = (float)k;
   float y = x * f_pow2(-half), s2 = f_pow2(half - k);
   float f = FMA_F(y, s2, s - 1);
   float f_lo = FMA_F(y, s2, s - 1 - f);
   float t = FMA_F(e, LN2_LO_F, FMA_F(f * f, POLY_F(f, C_LOGF), f_lo));
   float h = FMA_F(e, LN2_HI_F, f);
   float g = FMA_F(e, LN2_HI_F, -h) + f;
   y = h + (t + g);
   float special = x == -1 ? -INF_F : x < -1 ? NAN_F : x;
   y = x > -1 && x < INF_F ? y : special;
   return x == 0 ? x : y;
}

NV float
__nv_log1pf(float x)
{
   return log1p_f(x);
}

/* log2 of x > 0 in f64, to 2^-38. */
INLINE double
pow_log2_f(float x)
{
   float e, f = log_split_f(x, &e);
   double d = f;
   return FMA_D(d * d, POLY_D(d, C_POWLOG2), FMA_D(d, 0x1.71547652b82fep+0, (double)e));
}

/* 2^t rounded to f32: the fraction is small enough for f32 arithmetic. */
INLINE float
pow_exp2_f(double t)
{
   t = t > 155 ? 155.0 : t;
   t = t < -155 ? -155.0 : t;
   double round = 0x1.8p+52 + 254, j = ADD_D(t, round);
   float r = (float)(t - ADD_D(j, -round));
   return exp_scale_f(MUL_F(r, POLY_F(r, C_EXP2F)), f_from((u32)d_bits(j)), t < 0);
}

/* x^y with C99's special cases; y as f64 serves integer exponents too. */
INLINE float
pow_f(float x, double y)
{
   float a = f_abs(x);
   double l = pow_log2_f(a);
   l = a == 0 ? -INF_D : a < INF_F ? l : (double)a;
   float r = pow_exp2_f(y * l);
   int whole = __builtin_trunc(y) == y;
   int odd = whole && __builtin_trunc(y * 0.5) != y * 0.5;
   int negative = (i32)f_bits(x) < 0;
   r = negative && odd ? -r : r;
   r = x < 0 && !whole && a < INF_F ? NAN_F : r;
   r = x == -1 && d_abs(y) == INF_D ? 1.0f : r;
   return x == 1 || y == 0 ? 1.0f : r;
}

NV float
__nv_powf(float x, float y)
{
   return pow_f(x, y);
}

NV float
__nv_powif(float x, int n)
{
   return pow_f(x, n);
}
