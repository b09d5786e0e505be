/* SPDX-License-Identifier: Apache-2.0
 * lgamma and tgamma. Near 1 and 2, the zeros of lgamma, a polynomial carries the factor
 * that vanishes; from 3 on Stirling's formula with its logarithm as a double-double;
 * negative arguments by reflection. The f32 forms round the f64 ones. */
#include "coeffs.h"
#include "libdevice.h"

#define HALF_LOG_2PI_HI 0x1.d67f1c864beb5p-1
#define HALF_LOG_2PI_LO -0x1.65b5a1b7ff5dfp-55
#define PI_D 0x1.921fb54442d18p+1

/* log gamma(x) for 3 <= x finite. */
INLINE struct dd
stirling_dd(double x)
{
   struct dd l = log_full_dd(x);
   double h = x - 0.5;
   struct dd p = dd_prod(h, l.hi);
   p.lo = FMA_D(h, l.lo, p.lo);
   struct dd s = dd_sum(p.hi, -x);
   s.lo += p.lo;
   struct dd t = dd_sum(s.hi, HALF_LOG_2PI_HI);
   double inv = 1 / x;
   t.lo += s.lo + FMA_D(inv, POLY_D(inv * inv, C_STIRLING), HALF_LOG_2PI_LO);
   return dd_fast_sum(t.hi, t.lo);
}

/* lgamma of a > 0. */
INLINE double
lgamma_pos(double a)
{
   int big = a > 0x1.754d9278b51a6p+1014; /* the result overflows */
   int tiny = a < 0.5;
   /* lgamma(a) = lgamma(1 + a) - log(a). */
   double t = tiny ? a : a - 1;
   double one = t * POLY_D(t, C_LGAMMA1);
   double two = (a - 2) * POLY_D(a - 2, C_LGAMMA2);
   double y = (a < 1.5 ? one : two) + 0.0; /* lgamma(1) is +0 */
   if (tiny)
      y -= log_d(a);
   if (a >= 3) {
      struct dd s = stirling_dd(big ? 3.0 : a);
      y = big ? INF_D : s.hi + s.lo;
   }
   return y;
}

INLINE double
lgamma_d(double x)
{
   double a = d_abs(x);
   double y = lgamma_pos(a);
   if (x < 0 && a < 0x1p53) {
      double s, c;
      sincospi_d(a, &s, &c);
      s = d_abs(s);
      double r = log_d(PI_D / (a * s)) - y;
      y = a < 0x1p-60 ? -log_d(a) : r;
      y = s == 0 ? INF_D : y;
   } else if (x < 0) {
      y = INF_D; /* an integer */
   }
   y = a == INF_D || a == 0 ? INF_D : y;
   return x != x ? x : y;
}

double
__nv_lgamma(double x)
{
   return lgamma_d(x);
}

float
__nv_lgammaf(float x)
{
   return (float)lgamma_d(x);
}

/* gamma(x) = f exp(g): below 3 by gamma(x + 3) / (x (x + 1) (x + 2)), for negative x by
 * -pi / (x sin(pi x) gamma(-x)). */
INLINE double
tgamma_d(double x)
{
   double a = d_abs(x);
   int small = a < 3;
   double b = small ? a + 3 : a;
   b = b < 200 ? b : 200.0;
   double b_lo = small ? a - (b - 3) : 0.0; /* what the shift rounded away */
   struct dd g = stirling_dd(b);
   g.lo += b_lo * (log_d(b) - 0.5 / b); /* times digamma(b), nearly */
   double down = small ? a * (a + 1) * (a + 2) : 1.0;
   int negative = x < 0;
   double s, c;
   sincospi_d(a, &s, &c);
   /* sin(pi a) of -a: gamma(-a) = -pi / (a sin(pi a) gamma(a)). */
   double num = negative ? -PI_D * (small ? (a + 1) * (a + 2) : 1.0) : 1.0;
   double den = negative ? s * (small ? 1.0 : a) : down;
   g.hi = negative ? -g.hi : g.hi;
   g.lo = negative ? -g.lo : g.lo;
   double e = exp_shifted_d(g.hi, g.lo, negative ? 64 : -64);
   double y = e * (num / den) * (negative ? 0x1p-64 : 0x1p+64);
   y = a < 0x1p-54 ? 1 / x : y;
   y = negative && a > 190 ? d_copysign(0.0, -s) : y;
   y = negative && (s == 0 || a == INF_D) ? NAN_D : y;
   return x != x ? x : x == INF_D ? x : y;
}

double
__nv_tgamma(double x)
{
   return tgamma_d(x);
}

float
__nv_tgammaf(float x)
{
   return (float)tgamma_d(x);
}
