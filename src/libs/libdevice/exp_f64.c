/* SPDX-License-Identifier: Apache-2.0
 * f64 exponentials, logarithms and powers. pow, log2 and log10 carry the logarithm as a
 * double-double with about 68 good bits. */
#include "coeffs.h"
#include "libdevice.h"

#define LOG2E_D 0x1.71547652b82fep+0
#define LN2_HI_D 0x1.62e42fefa39efp-1
#define LN2_LO_D 0x1.abc9e3b39803fp-56
#define ROUND_D 0x1.8p+52

/* e^(r + lo), |r| <= 0.35, lo small. */
INLINE double
exp_poly_d(double r, double lo)
{
   double s = r + lo;
   lo = (r - s) + lo;
   return FMA_D(s * s, POLY_D(s, C_EXP), lo) + s + 1;
}

/* e^(x + lo) * 2^shift; lo is a correction below 2^-4. */
INLINE double
exp_shifted_d(double x, double lo, i32 shift)
{
   double c = x > 720 ? 720.0 : x;
   c = c < -760 ? -760.0 : c;
   double j = FMA_D(c, LOG2E_D, ROUND_D);
   double n = ADD_D(j, -ROUND_D);
   double r = FMA_D(n, -LN2_HI_D, c);
   lo = FMA_D(n, -LN2_LO_D, lo);
   return d_scale(exp_poly_d(r, lo), (i32)(u32)d_bits(j) + shift);
}

NV double
__nv_exp(double x)
{
   return exp_shifted_d(x, 0, 0);
}

NV double
__nv_exp2(double x)
{
   double c = x > 1030 ? 1030.0 : x;
   c = c < -1080 ? -1080.0 : c;
   double j = ADD_D(c, ROUND_D);
   double f = c - ADD_D(j, -ROUND_D); /* exact */
   double r = MUL_D(f, LN2_HI_D);
   double lo = FMA_D(f, LN2_LO_D, FMA_D(f, LN2_HI_D, -r));
   return d_scale(exp_poly_d(r, lo), (i32)(u32)d_bits(j));
}

NV double
__nv_exp10(double x)
{
   double c = x > 310 ? 310.0 : x;
   c = c < -330 ? -330.0 : c;
   double j = FMA_D(c, 0x1.a934f0979a371p+1, ROUND_D); /* log2(10) */
   double n = ADD_D(j, -ROUND_D);
   double f = FMA_D(n, -0x1.34413509f79ffp-2, c); /* log10(2) in two parts */
   double g = n * 0x1.9dc1da994fd21p-59;
   double r = MUL_D(f, 0x1.26bb1bbb55516p+1); /* ln 10 in two parts */
   double lo = FMA_D(f, 0x1.26bb1bbb55516p+1, -r);
   lo = FMA_D(f, -0x1.f48ad494ea3e9p-53, lo) + g * 0x1.26bb1bbb55516p+1;
   return d_scale(exp_poly_d(r, lo), (i32)(u32)d_bits(j));
}

INLINE double
expm1_d(double x)
{
   double c = x > 710 ? 710.0 : x;
   c = c < -60 ? -60.0 : c;
   double j = FMA_D(c, LOG2E_D, ROUND_D);
   j = d_abs(c) < 0.5 ? ROUND_D : j; /* one octave below has no cancellation */
   double n = ADD_D(j, -ROUND_D);
   double a = FMA_D(n, -LN2_HI_D, c);
   double r = FMA_D(n, -LN2_LO_D, a);
   double lo = FMA_D(n, -LN2_LO_D, a - r);
   double p = FMA_D(r * r, POLY_D(r, C_EXPM1), lo) + r;
   /* 2^n p + (2^n - 1), halved so that n = 1024 does not overflow too early. */
   double s = d_pow2((i32)(u32)d_bits(j) - 1);
   double y = FMA_D(s, p, s - 0.5) * 2;
   return x == 0 ? x : y;
}

NV double
__nv_expm1(double x)
{
   return expm1_d(x);
}

/* x = 2^e (1 + f), f in [-1/3, 1/3), for finite x > 0; returns f. */
INLINE double
log_split_d(double x, double *e)
{
   int small = x < 0x1p-1022;
   double y = small ? x * 0x1p+54 : x;
   i32 k = (i32)((i64)(d_bits(y) - 0x3fe5555555555555ull) >> 52);
   *e = (double)(small ? k - 54 : k);
   return d_from(d_bits(y) - ((u64)(i64)k << 52)) - 1;
}

INLINE double
log_ends_d(double x, double y)
{
   double special = x == 0 ? -INF_D : x < 0 ? NAN_D : x;
   return x > 0 && x < INF_D ? y : special;
}

/* e ln 2 + log(1 + f + f_lo) through s = f / (2 + f):
 * log(1 + f) = f - f^2/2 + s (f^2/2 + R). */
INLINE double
log_sum_d(double e, double f, double f_lo)
{
   double s = f / (2 + f), z = s * s;
   double half = 0.5 * f * f;
   double lo = FMA_D(e, LN2_LO_D, f_lo);
   double t = FMA_D(s, FMA_D(z, POLY_D(z, C_LOG), half), lo) - half;
   double h = FMA_D(e, LN2_HI_D, f);
   double g = FMA_D(e, LN2_HI_D, -h) + f;
   return h + (t + g);
}

INLINE double
log_d(double x)
{
   double e, f = log_split_d(x, &e);
   return log_ends_d(x, log_sum_d(e, f, 0));
}

NV double
__nv_log(double x)
{
   return log_d(x);
}

INLINE double
log1p_d(double x)
{
   double u = 1 + x;
   i32 k = (i32)((i64)(d_bits(u) - 0x3fe5555555555555ull) >> 52);
   k = x > -1 && x < INF_D ? k : 0;
   i32 half = k >> 1; /* in two steps: 2^-k may be subnormal */
   double s = d_pow2(k > 1022 ? -1022 : -k);
   double y = x * d_pow2(-half), s2 = d_pow2(half - k);
   double f = FMA_D(y, s2, s - 1);
   double f_lo = FMA_D(y, s2, s - 1 - f);
   double special = x == -1 ? -INF_D : x < -1 ? NAN_D : x;
   y = x > -1 && x < INF_D ? log_sum_d((double)k, f, f_lo) : special;
   return d_abs(x) < 0x1p-54 ? x : y;
}

NV double
__nv_log1p(double x)
{
   return log1p_d(x);
}

/* log(1 + f) as a double-double. */
INLINE struct dd
log_dd(double f)
{
   double d = 2 + f, dl = f - (d - 2);
   double inv = 1 / d;
   double s = MUL_D(f, inv);
   double sl = (FMA_D(-s, d, f) - s * dl) * inv;
   struct dd sd = dd_fast_sum(s, sl);
   struct dd z = dd_mul(sd, sd);
   double p = MUL_D(z.hi, POLY_D(z.hi, C_LOGDD));
   struct dd c = dd_fast_sum(0x1.5555555555555p-1, p); /* 2/3 + p */
   c.lo += 0x1.5555555555555p-55;
   struct dd u = dd_mul(dd_mul(z, sd), c);
   struct dd y = dd_fast_sum(2 * sd.hi, u.hi);
   y.lo += 2 * sd.lo + u.lo;
   return dd_fast_sum(y.hi, y.lo);
}

INLINE struct dd
log_full_dd(double x)
{
   double e, f = log_split_d(x, &e);
   struct dd k = dd_prod(e, LN2_HI_D);
   k.lo = FMA_D(e, LN2_LO_D, k.lo);
   return dd_add(k, log_dd(f));
}

NV double
__nv_log2(double x)
{
   double e, f = log_split_d(x, &e);
   struct dd y = dd_mul(log_dd(f), (struct dd){LOG2E_D, 0x1.777d0ffda0d24p-56});
   struct dd r = dd_sum(e, y.hi);
   return log_ends_d(x, r.hi + (r.lo + y.lo));
}

NV double
__nv_log10(double x)
{
   double e, f = log_split_d(x, &e);
   struct dd m = {0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};    /* log10(e) */
   struct dd two = {0x1.34413509f79ffp-2, -0x1.9dc1da994fd21p-59}; /* log10(2) */
   struct dd k = dd_prod(e, two.hi);
   k.lo = FMA_D(e, two.lo, k.lo);
   struct dd r = dd_add(k, dd_mul(log_dd(f), m));
   return log_ends_d(x, r.hi + r.lo);
}

/* e^(y log a) for a > 0 finite, as exp of a double-double. */
INLINE double
pow_core_d(double a, double y)
{
   struct dd l = log_full_dd(a);
   double t = MUL_D(y, l.hi);
   double lo = FMA_D(y, l.lo, FMA_D(y, l.hi, -t));
   return exp_shifted_d(t, d_abs(t) < 800 ? lo : 0.0, 0);
}

INLINE double
pow_d(double x, double y)
{
   double a = d_abs(x);
   int plain = a > 0 && a < INF_D;
   double r = pow_core_d(plain ? a : 1.0, y);
   /* 0^y and inf^y: 0 or inf by the sign of y. */
   double end = (a == 0) == (y > 0) ? 0.0 : INF_D;
   r = plain ? r : a == a ? end : a;
   r = a == 1 ? 1.0 : r; /* also for infinite y */
   r = y != y ? y : r;
   int whole = __builtin_trunc(y) == y;
   int odd = whole && __builtin_trunc(y * 0.5) != y * 0.5;
   int negative = (i64)d_bits(x) < 0;
   r = negative && odd ? -r : r;
   r = x < 0 && !whole && a < INF_D ? NAN_D : r;
   return x == 1 || y == 0 ? 1.0 : r;
}

NV double
__nv_pow(double x, double y)
{
   return pow_d(x, y);
}

NV double
__nv_powi(double x, int n)
{
   return pow_d(x, n);
}
