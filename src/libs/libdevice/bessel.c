/* SPDX-License-Identifier: Apache-2.0
 * Bessel functions. Between 0 and about 8, polynomials around each zero with the zero as
 * a factor (x - z, z a double-double), so that results beside it stay relatively
 * accurate; farther out modulus and phase. Orders above 1 by recurrence: upwards where it
 * is stable, else Miller's algorithm. The f32 forms round the f64 ones. */
#include "coeffs.h"
#include "libdevice.h"

#define TWO_OVER_PI 0x1.45f306dc9c883p-1
#define ONE_OVER_PI 0x1.45f306dc9c883p-2

#define J0_1 0x1.33d152e971b40p+1, -0x1.0f539d7da258ep-53
#define J0_2 0x1.6148f5b2c2e45p+2, 0x1.75054cd60a517p-54
#define J1_1 0x1.ea75575af6f09p+1, -0x1.60155a9d1b256p-53
#define J1_2 0x1.c0ff5f3b47250p+2, -0x1.b226d9d243827p-54
#define Y0_1 0x1.c982eb8d417eap-1, 0x1.ea9d270347f83p-56
#define Y0_2 0x1.fa9534d98569cp+1, -0x1.f06ae7804384ep-54
#define Y0_3 0x1.c581dc4e72103p+2, -0x1.9774a495f56cfp-54
#define Y1_1 0x1.193bed4dff243p+1, -0x1.bd1e50d219bfdp-55
#define Y1_2 0x1.5b7fe4e87b02ep+2, 0x1.dfe7bac228e8cp-52

/* x less a zero given in two parts. */
INLINE double
from_zero(double x, double hi, double lo)
{
   return (x - hi) - lo;
}

/* sqrt(2 / (pi x)) A and the sine and cosine of x + phase / x, over sqrt 2. */
INLINE void
bessel_far(double x, double modulus, double phase, double *s, double *c)
{
   u32 q;
   struct dd r = reduce_d(x, &q);
   struct dd t = dd_sum(r.hi, phase / x);
   t.lo += r.lo;
   sincos_core_d(t, q, s, c);
   double m = modulus * __builtin_sqrt(ONE_OVER_PI / x);
   *s *= m;
   *c *= m;
}

INLINE void
far0(double x, double *s, double *c)
{
   double u = 1 / x;
   u *= u;
   bessel_far(x, POLY_D(u, C_BESSEL_A0), POLY_D(u, C_BESSEL_D0), s, c);
}

INLINE void
far1(double x, double *s, double *c)
{
   double u = 1 / x;
   u *= u;
   bessel_far(x, POLY_D(u, C_BESSEL_A1), POLY_D(u, C_BESSEL_D1), s, c);
}

INLINE double
j0_d(double x)
{
   double a = d_abs(x), y;
   if (a < 1.7) {
      y = POLY_D(a * a, C_J0_SMALL);
   } else if (a < 4) {
      double t = from_zero(a, J0_1);
      y = t * POLY_D(t, C_J0_B);
   } else if (a < 7.1) {
      double t = from_zero(a, J0_2);
      y = t * POLY_D(t, C_J0_C);
   } else {
      double s, c;
      far0(a, &s, &c);
      y = a == INF_D ? 0.0 : s + c;
   }
   return y;
}

INLINE double
j1_d(double x)
{
   double a = d_abs(x), y;
   if (a < 2.5) {
      y = a * POLY_D(a * a, C_J1_SMALL);
   } else if (a < 5.4) {
      double t = from_zero(a, J1_1);
      y = t * POLY_D(t, C_J1_B);
   } else if (a < 8.6) {
      double t = from_zero(a, J1_2);
      y = t * POLY_D(t, C_J1_C);
   } else {
      double s, c;
      far1(a, &s, &c);
      y = a == INF_D ? 0.0 : s - c;
   }
   return d_from(d_bits(y) ^ (d_bits(x) & 0x8000000000000000ull));
}

/* log(x / z) with d = x - z: by log1p beside z. */
INLINE double
log_ratio(double x, double z, double log_z, double d)
{
   double r = d / z;
   return d_abs(r) < 0.4 ? log1p_d(r) : log_d(x) - log_z;
}

INLINE double
y0_d(double x)
{
   double y;
   if (x < 2.1) {
      double z = 0x1.c982eb8d417eap-1, log_z = -0x1.cce4b73e6f025p-4;
      double d = from_zero(x, Y0_1);
      y = FMA_D(TWO_OVER_PI * log_ratio(x, z, log_z, d), j0_d(x),
                d * (x + z) * POLY_D(x * x, C_Y0_S));
   } else if (x < 5.5) {
      double t = from_zero(x, Y0_2);
      y = t * POLY_D(t, C_Y0_B);
   } else if (x < 8.6) {
      double t = from_zero(x, Y0_3);
      y = t * POLY_D(t, C_Y0_C);
   } else {
      double s, c;
      far0(x, &s, &c);
      y = x == INF_D ? 0.0 : s - c;
   }
   double special = x == 0 ? -INF_D : NAN_D;
   return x > 0 ? y : special;
}

INLINE double
y1_d(double x)
{
   double y;
   if (x < 3.5) {
      double z = 0x1.193bed4dff243p+1, log_z = 0x1.930641fe98869p-1;
      double d = from_zero(x, Y1_1);
      y = FMA_D(TWO_OVER_PI * log_ratio(x, z, log_z, d), j1_d(x),
                d * (x + z) * POLY_D(x * x, C_Y1_S) / x);
   } else if (x < 7) {
      double t = from_zero(x, Y1_2);
      y = t * POLY_D(t, C_Y1_B);
   } else {
      double s, c;
      far1(x, &s, &c);
      y = x == INF_D ? 0.0 : -(s + c);
   }
   double special = x == 0 ? -INF_D : NAN_D;
   return x > 0 ? y : special;
}

/* n > 1, 0 < x finite. */
INLINE double
jn_pos(int n, double x)
{
   if (x > n) { /* upwards */
      double a = j0_d(x), b = j1_d(x), k = 2 / x;
      for (int i = 1; i < n; i++) {
         double t = FMA_D(i * k, b, -a);
         a = b;
         b = t;
      }
      return b;
   }
   /* Downwards from an order m so high that J_m is nothing beside J_n. */
   if (n > 1700 && x < 0.5 * n)
      return 0;  /* J_n(n/2) is about e^(-0.45 n) */
   if (x < 1e-5) /* the first term of the series */
      return exp_shifted_d(n * log_d(0.5 * x) - lgamma_pos(n + 1.0), 0, 0);
   double k = 2 / x;
   i64 m = 2 * ((n + 20 + (i64)__builtin_sqrt(160.0 * n)) / 2);
   double a = 0, b = 1, sum = 0, y = 0;
   for (i64 i = m; i > 0; i--) {
      double t = FMA_D((double)i * k, b, -a); /* order i - 1 */
      a = b;
      b = t;
      if (d_abs(b) > 0x1p+500) {
         a *= 0x1p-500;
         b *= 0x1p-500;
         y *= 0x1p-500;
         sum *= 0x1p-500;
      }
      sum += i & 1 ? b : 0.0; /* even orders */
      y = i - 1 == n ? b : y;
   }
   return y / (2 * sum - b); /* 1 = J_0 + 2 (J_2 + J_4 + ...) */
}

/* Of negative orders CUDA makes NaN. */
INLINE double
jn_d(int n, double x)
{
   double a = d_abs(x);
   double r = n == 0 ? j0_d(a) : n == 1 ? j1_d(a) : 0.0;
   if (n > 1 && a > 0 && a < INF_D)
      r = jn_pos(n, a);
   r = x < 0 && (n & 1) ? -r : r;
   return x != x || n < 0 ? NAN_D : r;
}

INLINE double
yn_d(int n, double x)
{
   double a = y0_d(x), b = y1_d(x), k = 2 / x;
   double r = n == 0 ? a : b;
   if (n > 1 && x > 0 && x < INF_D) {
      for (int i = 1; i < n && b > -INF_D; i++) {
         double t = FMA_D(i * k, b, -a);
         a = b;
         b = t;
      }
      r = b;
   }
   return n < 0 ? NAN_D : r;
}

/* I0 and I1 far out: e^x / sqrt(x) times a polynomial in 1 / x, the exponential
 * scaled down to reach arguments whose e^x alone overflows. */
INLINE double
i_far(double a, double p)
{
   double c = a < 720 ? a : 720.0;
   double e = exp_shifted_d(c, 0, -20);
   return e * (p / __builtin_sqrt(c)) * 0x1p+20;
}

/* What the rounding of z = a^2 cost y, a function that grows like e^a. */
INLINE double
mend_square(double y, double a, double z)
{
   return FMA_D(y * FMA_D(a, a, -z), 0.5 / (a + 1), y);
}

INLINE double
i0_d(double x)
{
   double a = d_abs(x), z = MUL_D(a, a), y;
   if (a < 11.5)
      y = mend_square(POLY_D(z, C_I0_SMALL), a, z);
   else
      y = i_far(a, POLY_D(1 / a, C_I0_FAR));
   return x != x ? x : y;
}

INLINE double
i1_d(double x)
{
   double a = d_abs(x), z = MUL_D(a, a), y;
   if (a < 11.5)
      y = a * mend_square(POLY_D(z, C_I1_SMALL), a, z);
   else
      y = i_far(a, POLY_D(1 / a, C_I1_FAR));
   return x != x ? x : d_copysign(y, x);
}

#define BOTH(name)                                                                       \
   double __nv_##name(double x)                                                          \
   {                                                                                     \
      return name##_d(x);                                                                \
   }                                                                                     \
   float __nv_##name##f(float x)                                                         \
   {                                                                                     \
      return (float)name##_d(x);                                                         \
   }
BOTH(j0)
BOTH(j1)
BOTH(y0)
BOTH(y1)

double
__nv_jn(int n, double x)
{
   return jn_d(n, x);
}

float
__nv_jnf(int n, float x)
{
   return (float)jn_d(n, x);
}

double
__nv_yn(int n, double x)
{
   return yn_d(n, x);
}

float
__nv_ynf(int n, float x)
{
   return (float)yn_d(n, x);
}

double
__nv_cyl_bessel_i0(double x)
{
   return i0_d(x);
}

float
__nv_cyl_bessel_i0f(float x)
{
   return (float)i0_d(x);
}

double
__nv_cyl_bessel_i1(double x)
{
   return i1_d(x);
}

float
__nv_cyl_bessel_i1f(float x)
{
   return (float)i1_d(x);
}
