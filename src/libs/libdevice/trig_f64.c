/* SPDX-License-Identifier: Apache-2.0
 * f64 circular functions and their inverses: the f32 file's methods, with the reduced
 * argument kept as a double-double. */
#include "coeffs.h"
#include "libdevice.h"

#define PIO2_HI_D 0x1.921fb54442d18p+0
#define PIO2_MID_D 0x1.1a62633145c07p-54
#define PIO2_LO_D -0x1.f1976b7ed8fbcp-110
#define PI_HI_D 0x1.921fb54442d18p+1
#define PI_LO_D 0x1.1a62633145c07p-53

/* A zero word, then the bits of 2/pi. */
static const u64 two_over_pi[20] = {
   0,
   0xa2f9836e4e441529ull,
   0xfc2757d1f534ddc0ull,
   0xdb6295993c439041ull,
   0xfe5163abdebbc561ull,
   0xb7246e3a424dd2e0ull,
   0x6492eea09d1921cull,
   0xfe1deb1cb129a73eull,
   0xe88235f52ebb4484ull,
   0xe99c7026b45f7e41ull,
   0x3991d639835339f4ull,
   0x9c845f8bbdf9283bull,
   0x1ff897ffde05980full,
   0xef2f118b5a0a6d1full,
   0x6d367ecf27cb09b7ull,
   0x4f463f669e5fea2dull,
   0x7527bac7ebe5f17bull,
   0x3d0739f78a5292eaull,
   0x6bfb5fb11f8d5d08ull,
   0x56033046fc7b6babull,
};

/* |x| >= 2^15, finite: x - q pi/2 in [-pi/4, pi/4] and q modulo 4. */
INLINE struct dd
reduce_large_d(double x, u32 *q)
{
   u64 u = d_bits(x);
   u64 m = (u << 11) | 0x8000000000000000ull; /* x = m 2^(s - 63) */
   u32 s = (u32)((u >> 52) & 0x7ff) - 1023u;  /* 15 .. 1023 */
   u32 i = (s - 1) >> 6, sh = (s - 1) & 63;
   u64 a = two_over_pi[i], b = two_over_pi[i + 1];
   u64 c = two_over_pi[i + 2], d = two_over_pi[i + 3];
   u32 back = (64 - sh) & 63;
   u64 mask = sh ? ~0ull : 0;
   u64 t0 = a << sh | (b >> back & mask);
   u64 t1 = b << sh | (c >> back & mask);
   u64 t2 = c << sh | (d >> back & mask);
   /* x * 2/pi modulo 4, scaled by 2^126. */
   unsigned __int128 p = (unsigned __int128)(m * t0) << 64;
   p += (unsigned __int128)m * t1;
   p += (unsigned __int128)m * t2 >> 64;
   unsigned __int128 n = (p + ((unsigned __int128)1 << 125)) >> 126;
   p -= n << 126;
   int minus = (i64)(u64)(p >> 64) < 0;
   p = minus ? -p : p;
   /* 53 bits, and the 53 after them. */
   double hi = (double)(u64)(p >> 75) * 0x1p-51;
   double lo = (double)((u64)(p >> 22) & 0x1fffffffffffffull) * 0x1p-104;
   struct dd f = dd_fast_sum(hi, lo);
   f = dd_mul(f, (struct dd){PIO2_HI_D, PIO2_MID_D});
   int negative = (i64)u < 0;
   *q = (u32)(negative ? 0 - (u64)n : (u64)n);
   double sign = minus != negative ? -1.0 : 1.0;
   return (struct dd){f.hi * sign, f.lo * sign};
}

INLINE struct dd
reduce_d(double x, u32 *q)
{
   double j = FMA_D(x, 0x1.45f306dc9c883p-1, 0x1.8p+52); /* 2/pi */
   double n = ADD_D(j, -0x1.8p+52);
   *q = (u32)d_bits(j);
   double a = FMA_D(n, -PIO2_HI_D, x); /* exact: x and n pi/2 are close */
   double r = FMA_D(n, -PIO2_MID_D, a);
   double l = FMA_D(n, -PIO2_MID_D, a - r);
   struct dd y = {r, FMA_D(n, -PIO2_LO_D, l)};
   if (d_abs(x) > 100000) {
      y = d_abs(x) < INF_D ? reduce_large_d(x, q) : (struct dd){NAN_D, NAN_D};
   }
   return y;
}

/* sin and cos of r.hi + r.lo in [-pi/4, pi/4], each less its leading part h. */
INLINE double
sin_tail_d(struct dd r)
{
   double z = r.hi * r.hi;
   return FMA_D(r.hi * z, POLY_D(z, C_SIN), FMA_D(-0.5 * z, r.lo, r.lo));
}

INLINE double
cos_tail_d(struct dd r, double *h)
{
   double z = r.hi * r.hi, half = 0.5 * z;
   *h = 1 - half;
   return FMA_D(z * z, POLY_D(z, C_COS), (1 - *h - half) - r.hi * r.lo);
}

INLINE double
flip_d(double x, u32 sign_in_bit1)
{
   return d_from(d_bits(x) ^ ((u64)(sign_in_bit1 & 2) << 62));
}

INLINE void
sincos_core_d(struct dd r, u32 q, double *s, double *c)
{
   double h, t = cos_tail_d(r, &h);
   double a = r.hi + sin_tail_d(r), b = h + t;
   *s = flip_d(q & 1 ? b : a, q);
   *c = flip_d(q & 1 ? a : b, q + 1);
}

INLINE void
sincos_d(double x, double *s, double *c)
{
   u32 q;
   struct dd r = reduce_d(x, &q);
   sincos_core_d(r, q, s, c);
   *s = x == 0 ? x : *s;
}

double
__nv_sin(double x)
{
   double s, c;
   sincos_d(x, &s, &c);
   return s;
}

double
__nv_cos(double x)
{
   double s, c;
   sincos_d(x, &s, &c);
   return c;
}

void
__nv_sincos(double x, double *s, double *c)
{
   double a, b;
   sincos_d(x, &a, &b);
   *s = a;
   *c = b;
}

double
__nv_tan(double x)
{
   u32 q;
   struct dd r = reduce_d(x, &q);
   double h, t = cos_tail_d(r, &h);
   struct dd s = dd_fast_sum(r.hi, sin_tail_d(r)), c = dd_fast_sum(h, t);
   struct dd n = q & 1 ? (struct dd){-c.hi, -c.lo} : s;
   struct dd d = q & 1 ? s : c;
   double y = n.hi / d.hi;
   y += (FMA_D(-y, d.hi, n.hi) + (n.lo - y * d.lo)) / d.hi;
   return x == 0 ? x : y;
}

/* sin and cos of pi x: the reduction to half turns is exact. */
INLINE void
sincospi_d(double x, double *s, double *c)
{
   double ax = d_abs(x);
   double t = ax < 0x1p53 ? ax : 0.0; /* from 2^53 on all are even integers */
   double n = __builtin_rint(t * 2);
   double f = FMA_D(n, -0.5, t);
   u32 q = (u32)(u64)n;
   struct dd r = dd_prod(f, PI_HI_D);
   r.lo = FMA_D(f, PI_LO_D, r.lo);
   double sv, cv;
   sincos_core_d(r, q, &sv, &cv);
   sv = f == 0 && !(q & 1) ? 0.0 : sv; /* exact zeros: of x's sign, +0 for cos */
   cv = f == 0 && (q & 1) ? 0.0 : cv;
   sv = d_from(d_bits(sv) ^ (d_bits(x) & 0x8000000000000000ull));
   *s = ax < INF_D ? sv : NAN_D;
   *c = ax < INF_D ? cv : NAN_D;
}

NV double
__nv_sinpi(double x)
{
   double s, c;
   sincospi_d(x, &s, &c);
   return s;
}

NV double
__nv_cospi(double x)
{
   double s, c;
   sincospi_d(x, &s, &c);
   return c;
}

NV void
__nv_sincospi(double x, double *s, double *c)
{
   double a, b;
   sincospi_d(x, &a, &b);
   *s = a;
   *c = b;
}

INLINE double
asin_poly_d(double t, double z)
{
   return FMA_D(t * z, POLY_D(z, C_ASIN), t);
}

NV double
__nv_asin(double x)
{
   double a = d_abs(x);
   int big = a > 0.5;
   double z = big ? FMA_D(a, -0.5, 0.5) : a * a;
   double t = big ? __builtin_sqrt(z) : a;
   double p = asin_poly_d(t, z);
   double y = big ? PIO2_HI_D - (2 * p - PIO2_MID_D) : p;
   return a <= 1 ? d_copysign(y, x) : NAN_D;
}

NV double
__nv_acos(double x)
{
   double a = d_abs(x);
   int big = a > 0.5;
   double z = big ? FMA_D(a, -0.5, 0.5) : a * a;
   double t = big ? __builtin_sqrt(z) : a;
   double p = asin_poly_d(t, z);
   double near = x > 0 ? 2 * p : PI_HI_D - (2 * p - PI_LO_D);
   double mid = PIO2_HI_D - (d_copysign(p, x) - PIO2_MID_D);
   double y = big ? near : mid;
   return a <= 1 ? y : NAN_D;
}

/* atan(n / d) for 0 <= n <= d: above tan(pi/8) turned by pi/4. */
INLINE struct dd
atan_unit_d(double n, double d)
{
   int turn = n > 0.41421356237309503 * d;
   double a = turn ? n - d : n, b = turn ? n + d : d;
   double t = a / b, z = t * t;
   double p = t * z * POLY_D(z, C_ATAN);
   double base = turn ? 0.5 * PIO2_HI_D : 0.0;
   struct dd y = dd_sum(base, t);
   y.lo += p + (turn ? 0.5 * PIO2_MID_D : 0.0);
   return y;
}

INLINE double
dd_minus(double hi, double lo, struct dd y)
{
   struct dd s = dd_sum(hi, -y.hi);
   return s.hi + (s.lo + (lo - y.lo));
}

NV double
__nv_atan(double x)
{
   double a = d_abs(x);
   int big = a > 1;
   a = a > 0x1p+60 ? 0x1p+60 : a; /* keeps infinity out of the division */
   struct dd p = atan_unit_d(big ? 1.0 : a, big ? a : 1.0);
   double y = big ? dd_minus(PIO2_HI_D, PIO2_MID_D, p) : p.hi + p.lo;
   return x != x ? x : d_copysign(y, x);
}

NV double
__nv_atan2(double y, double x)
{
   double ay = d_abs(y), ax = d_abs(x);
   int steep = ay > ax;
   double n = steep ? ax : ay, d = steep ? ay : ax;
   int both_inf = n == INF_D; /* then the angle is that of (1, 1) */
   double k = d > 0x1p+1000 ? 0x1p-100 : 1.0;
   n = both_inf ? 1.0 : n * k;
   d = both_inf || d == 0 ? 1.0 : d * k;
   struct dd p = atan_unit_d(n, d);
   double whole = p.hi + p.lo;
   int left = (i64)d_bits(x) < 0;
   double up = dd_minus(PIO2_HI_D, PIO2_MID_D, p);
   double up_left = dd_minus(PIO2_HI_D, PIO2_MID_D, (struct dd){-p.hi, -p.lo});
   double flat_left = dd_minus(PI_HI_D, PI_LO_D, p);
   double r = steep ? (left ? up_left : up) : (left ? flat_left : whole);
   r = d_copysign(r, y);
   return x != x || y != y ? x + y : r;
}
