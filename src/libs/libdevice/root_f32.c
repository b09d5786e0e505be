/* SPDX-License-Identifier: Apache-2.0
 * f32 cube roots, norms and hyperbolic functions; uses exp_f32.c above it in all.c. */
#include "coeffs.h"
#include "libdevice.h"

/* 1 / cbrt(a) for a normal a > 0: a guess from the exponent bits, then two steps of third
 * order, the residual of the last one exact enough for half an ulp. */
INLINE float
rcbrt_core_f(float a)
{
   float y = f_from(0x54a2fa8cu - f_bits(a) / 3);
   float e = FMA_F(-a * y, y * y, 1.0f);
   y = FMA_F(y * e, FMA_F(e, FMA_F(e, 14.0f / 81, 2.0f / 9), 1.0f / 3), y);
   float s = MUL_F(y, y), sl = FMA_F(y, y, -s);
   float c = MUL_F(a, y), cl = FMA_F(a, y, -c);
   e = FMA_F(-c, s, 1.0f) - FMA_F(c, sl, cl * s);
   return FMA_F(y * e, FMA_F(e, 2.0f / 9, 1.0f / 3), y);
}

NV float
__nv_rcbrtf(float x)
{
   float a = f_abs(x);
   int small = a < 0x1p-126f;
   float b = small ? a * 0x1p+24f : a;
   int plain = a > 0 && a < INF_F;
   float y = rcbrt_core_f(plain ? b : 1.0f);
   y = small ? y * 256 : y;
   float special = a == 0 ? INF_F : a == INF_F ? 0.0f : a;
   return f_copysign(plain ? y : special, x);
}

NV float
__nv_cbrtf(float x)
{
   float a = f_abs(x);
   int small = a < 0x1p-126f;
   float b = small ? a * 0x1p+24f : a;
   int plain = a > 0 && a < INF_F;
   b = plain ? b : 1.0f;
   float y = rcbrt_core_f(b);
   float s = y * y, c = MUL_F(b, s);
   float c2 = MUL_F(c, c), c2l = FMA_F(c, c, -c2);
   float e = FMA_F(-c, c2, b) - c * c2l; /* b - c^3 */
   c = FMA_F(e, s * (1.0f / 3), c);
   c = small ? c * 0x1p-8f : c;
   return f_copysign(plain ? c : a, x);
}

/* A power of two that brings the largest component near 1, and its inverse. */
INLINE float
norm_scale_f(float big, float *back)
{
   u32 e = f_bits(big) & 0x7f800000u;
   u32 s = (254u << 23) - e;
   s = s > (253u << 23) ? 253u << 23 : s;
   s = s < (1u << 23) ? 1u << 23 : s;
   *back = f_from((254u << 23) - s);
   return f_from(s);
}

INLINE float
max_f(float a, float b)
{
   return a > b ? a : b;
}

/* Sum of squares of up to four scaled components. */
INLINE float
squares_f(float a, float b, float c, float d, float *back, int *inf)
{
   a = f_abs(a), b = f_abs(b), c = f_abs(c), d = f_abs(d);
   *inf = a == INF_F || b == INF_F || c == INF_F || d == INF_F;
   float s = norm_scale_f(max_f(max_f(a, b), max_f(c, d)), back);
   a *= s, b *= s, c *= s, d *= s;
   return FMA_F(a, a, FMA_F(b, b, FMA_F(c, c, d * d)));
}

INLINE float
norm_f(float a, float b, float c, float d)
{
   float back;
   int inf;
   float q = squares_f(a, b, c, d, &back, &inf);
   return inf ? INF_F : __builtin_sqrtf(q) * back;
}

INLINE float
rnorm_f(float a, float b, float c, float d)
{
   float back;
   int inf;
   float q = squares_f(a, b, c, d, &back, &inf);
   return inf ? 0.0f : 1 / __builtin_sqrtf(q) / back;
}

NV float
__nv_hypotf(float a, float b)
{
   return norm_f(a, b, 0, 0);
}

NV float
__nv_norm3df(float a, float b, float c)
{
   return norm_f(a, b, c, 0);
}

NV float
__nv_norm4df(float a, float b, float c, float d)
{
   return norm_f(a, b, c, d);
}

NV float
__nv_rhypotf(float a, float b)
{
   return rnorm_f(a, b, 0, 0);
}

NV float
__nv_rnorm3df(float a, float b, float c)
{
   return rnorm_f(a, b, c, 0);
}

NV float
__nv_rnorm4df(float a, float b, float c, float d)
{
   return rnorm_f(a, b, c, d);
}

INLINE float
norm_n_f(int n, const float *p, float *back, int *inf)
{
   float big = 0, sum = 0;
   for (int i = 0; i < n; i++)
      big = max_f(big, f_abs(p[i]));
   *inf = big == INF_F;
   float s = norm_scale_f(big, back);
   for (int i = 0; i < n; i++)
      sum = FMA_F(p[i] * s, p[i] * s, sum);
   return sum;
}

float
__nv_normf(int n, const float *p)
{
   float back;
   int inf;
   float q = norm_n_f(n, p, &back, &inf);
   return inf ? INF_F : __builtin_sqrtf(q) * back;
}

float
__nv_rnormf(int n, const float *p)
{
   float back;
   int inf;
   float q = norm_n_f(n, p, &back, &inf);
   return inf ? 0.0f : 1 / __builtin_sqrtf(q) / back;
}

NV float
__nv_coshf(float x)
{
   float e = exp_shifted_f(f_abs(x), 0, -2); /* e^|x| / 4 */
   return FMA_F(e, 2.0f, 0.125f / e);
}

NV float
__nv_sinhf(float x)
{
   float a = f_abs(x), z = x * x;
   float p = FMA_F(x * z, POLY_F(z, C_SINHF), x);
   float e = exp_shifted_f(a, 0, -2);
   float y = f_copysign(FMA_F(e, 2.0f, -0.125f / e), x);
   float r = a < 1 ? p : y;
   return x == 0 ? x : r;
}

/* With e^2a = s e^2r, s = 2^n and t = tanh r: ((s + 1) t + s - 1) / ((s - 1) t + s + 1).
 * Nothing cancels for small a, where n = 0; and 2^n needs no care, as n < 30. */
NV float
__nv_tanhf(float x)
{
   float a = f_abs(x), c = a > 10 ? 10.0f : a;
   float round = ROUND_F + 127; /* the low bits hold n and the bias */
   float j = FMA_F(c, 2 * LOG2E_F, round);
   float n = ADD_F(j, -round);
   float r = FMA_F(n, -0.5f * LN2_HI_F, c), z = r * r;
   float t = FMA_F(r * z, POLY_F(z, C_TANHF), r);
   float s = f_from(f_bits(j) << 23);
   return f_copysign(FMA_F(s + 1, t, s - 1) / FMA_F(s - 1, t, s + 1), x);
}

/* asinh, acosh, atanh through log1p; where a^2 would overflow, log(2a) = log1p(a) + ln 2.
 */
NV float
__nv_asinhf(float x)
{
   float a = f_abs(x);
   int big = a > 0x1p+26f;
   float s = big ? 0.0f : a;
   float z = FMA_F(s, s / (1 + __builtin_sqrtf(FMA_F(s, s, 1.0f))), s);
   float y = log1p_f(big ? a : z) + (big ? LN2_HI_F : 0.0f);
   return f_copysign(y, x);
}

NV float
__nv_acoshf(float x)
{
   int big = x > 0x1p+26f;
   float t = x - 1;
   float s = big ? 0.0f : t;
   float z = s + __builtin_sqrtf(FMA_F(s, s, 2 * s));
   float y = log1p_f(big ? t : z) + (big ? LN2_HI_F : 0.0f);
   return x >= 1 ? y : NAN_F;
}

NV float
__nv_atanhf(float x)
{
   float a = f_abs(x);
   float y = 0.5f * log1p_f(2 * a / (1 - a));
   y = x != x || a > 1 ? NAN_F : f_copysign(y, x);
   return x == 0 ? x : y;
}
