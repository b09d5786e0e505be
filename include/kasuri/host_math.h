/* SPDX-License-Identifier: Apache-2.0
 * CUDA's own math functions (rsqrt, sinpi, normcdf …) for host code, which the host's libm
 * does not have. Straightforward forms; the accurate ones are the device's. */
#ifndef KASURI_HOST_MATH_H
#define KASURI_HOST_MATH_H

#define KASURI_HOST static __inline__ __host__

KASURI_HOST int min(int x, int y)
{
   return x < y ? x : y;
}
KASURI_HOST int max(int x, int y)
{
   return x > y ? x : y;
}
KASURI_HOST unsigned umin(unsigned x, unsigned y)
{
   return x < y ? x : y;
}
KASURI_HOST unsigned umax(unsigned x, unsigned y)
{
   return x > y ? x : y;
}
KASURI_HOST long long llmin(long long x, long long y)
{
   return x < y ? x : y;
}
KASURI_HOST long long llmax(long long x, long long y)
{
   return x > y ? x : y;
}
KASURI_HOST unsigned long long ullmin(unsigned long long x, unsigned long long y)
{
   return x < y ? x : y;
}
KASURI_HOST unsigned long long ullmax(unsigned long long x, unsigned long long y)
{
   return x > y ? x : y;
}

KASURI_HOST double rsqrt(double x)
{
   return 1.0 / ::sqrt(x);
}
KASURI_HOST double rcbrt(double x)
{
   return 1.0 / ::cbrt(x);
}
/* Reduced before the multiplication by pi, so that whole and half turns are exact. */
KASURI_HOST double sinpi(double x)
{
   double r = ::fmod(x, 2.0), a = ::fabs(r);
   if (a != a)
      return a;
   if (a == 0.0 || a == 1.0)
      return ::copysign(0.0, x);
   double s = a > 1.0 ? -1.0 : 1.0, t = a > 1.0 ? a - 1.0 : a;
   if (t > 0.5)
      t = 1.0 - t;
   s *= t > 0.25 ? ::cos((0.5 - t) * 3.14159265358979323846)
                 : ::sin(t * 3.14159265358979323846);
   return x < 0 ? -s : s;
}
KASURI_HOST double cospi(double x)
{
   double a = ::fmod(::fabs(x), 2.0);
   if (a > 1.0)
      a = 2.0 - a;
   if (a == 0.5)
      return 0.0;
   if (a < 0.25)
      return ::cos(a * 3.14159265358979323846);
   if (a > 0.75)
      return -::cos((1.0 - a) * 3.14159265358979323846);
   return ::sin((0.5 - a) * 3.14159265358979323846);
}
KASURI_HOST void sincospi(double x, double *s, double *c)
{
   *s = sinpi(x);
   *c = cospi(x);
}
KASURI_HOST double normcdf(double x)
{
   return 0.5 * ::erfc(-x * 0.70710678118654752440);
}
/* Newton steps on erf from Giles' single-precision polynomial. */
KASURI_HOST double erfinv(double x)
{
   if (!(x > -1.0 && x < 1.0))
      return x == 1.0 ? __builtin_inf() : x == -1.0 ? -__builtin_inf() : __builtin_nan("");
   double w = -::log((1.0 - x) * (1.0 + x)), p;
   if (w < 5.0) {
      w -= 2.5;
      p = 2.81022636e-08;
      p = 3.43273939e-07 + p * w;
      p = -3.5233877e-06 + p * w;
      p = -4.39150654e-06 + p * w;
      p = 0.00021858087 + p * w;
      p = -0.00125372503 + p * w;
      p = -0.00417768164 + p * w;
      p = 0.246640727 + p * w;
      p = 1.50140941 + p * w;
   } else {
      w = ::sqrt(w) - 3.0;
      p = -0.000200214257;
      p = 0.000100950558 + p * w;
      p = 0.00134934322 + p * w;
      p = -0.00367342844 + p * w;
      p = 0.00573950773 + p * w;
      p = -0.0076224613 + p * w;
      p = 0.00943887047 + p * w;
      p = 1.00167406 + p * w;
      p = 2.83297682 + p * w;
   }
   double y = p * x;
   for (int i = 0; i < 3; i++) {
      double a = ::fabs(y), err;
      /* erfc keeps its relative accuracy where erf is close to 1. */
      err = a > 1.0 ? (1.0 - ::fabs(x)) - ::erfc(a) : ::erf(a) - ::fabs(x);
      a -= err / (1.12837916709551257390 * ::exp(-a * a));
      y = ::copysign(a, x);
   }
   return y;
}
KASURI_HOST double erfcinv(double x)
{
   if (x >= 0.5 || !(x > 0.0))
      return x == 0.0 ? __builtin_inf() : erfinv(1.0 - x);
   double w = ::sqrt(-2.0 * ::log(x * 0.5)); /* tail: Abramowitz and Stegun 26.2.23 */
   double y = (w - (2.515517 + w * (0.802853 + w * 0.010328)) /
                      (1.0 + w * (1.432788 + w * (0.189269 + w * 0.001308)))) *
              0.70710678118654752440;
   for (int i = 0; i < 4; i++) {
      double f = (::erfc(y) - x) / (-1.12837916709551257390 * ::exp(-y * y));
      y -= f / (1.0 + y * f);
   }
   return y;
}
KASURI_HOST double normcdfinv(double x)
{
   return -1.41421356237309504880 * erfcinv(2.0 * x);
}
KASURI_HOST double erfcx(double x)
{
   if (x < 25.0)
      return ::exp(x * x) * ::erfc(x);
   double q = 1.0 / (x * x);
   return 0.56418958354775628695 / x * (1.0 - q * (0.5 - q * (0.75 - q * 1.875)));
}
KASURI_HOST double cyl_bessel_i0(double x)
{
   double q = x * x * 0.25, term = 1.0, sum = 1.0;
   for (int k = 1; k < 1000 && term > sum * 1e-17; k++)
      sum += term *= q / ((double)k * k);
   return sum;
}
KASURI_HOST double cyl_bessel_i1(double x)
{
   double q = x * x * 0.25, term = x * 0.5, sum = term;
   for (int k = 1; k < 1000 && ::fabs(term) > ::fabs(sum) * 1e-17; k++)
      sum += term *= q / ((double)k * (k + 1));
   return sum;
}
KASURI_HOST double fdivide(double x, double y)
{
   return x / y;
}
KASURI_HOST double rhypot(double x, double y)
{
   return 1.0 / ::hypot(x, y);
}
KASURI_HOST double norm3d(double x, double y, double z)
{
   return ::hypot(::hypot(x, y), z);
}
KASURI_HOST double norm4d(double x, double y, double z, double w)
{
   return ::hypot(::hypot(x, y), ::hypot(z, w));
}
KASURI_HOST double rnorm3d(double x, double y, double z)
{
   return 1.0 / norm3d(x, y, z);
}
KASURI_HOST double rnorm4d(double x, double y, double z, double w)
{
   return 1.0 / norm4d(x, y, z, w);
}
KASURI_HOST double norm(int n, const double *v)
{
   double r = 0.0;
   for (int i = 0; i < n; i++)
      r = ::hypot(r, v[i]);
   return r;
}
KASURI_HOST double rnorm(int n, const double *v)
{
   return 1.0 / norm(n, v);
}
KASURI_HOST float normf(int n, const float *v)
{
   double r = 0.0;
   for (int i = 0; i < n; i++)
      r += (double)v[i] * v[i];
   return (float)::sqrt(r);
}
KASURI_HOST float rnormf(int n, const float *v)
{
   return 1.0f / normf(n, v);
}

/* A float function is its double one, rounded. */
#define KASURI_HOST_FLOAT(name)                                                          \
   KASURI_HOST float name##f(float x)                                                    \
   {                                                                                     \
      return (float)name((double)x);                                                     \
   }
KASURI_HOST_FLOAT(rsqrt)
KASURI_HOST_FLOAT(rcbrt)
KASURI_HOST_FLOAT(sinpi)
KASURI_HOST_FLOAT(cospi)
KASURI_HOST_FLOAT(normcdf)
KASURI_HOST_FLOAT(normcdfinv)
KASURI_HOST_FLOAT(erfinv)
KASURI_HOST_FLOAT(erfcinv)
KASURI_HOST_FLOAT(erfcx)
KASURI_HOST_FLOAT(cyl_bessel_i0)
KASURI_HOST_FLOAT(cyl_bessel_i1)
#undef KASURI_HOST_FLOAT
KASURI_HOST void sincospif(float x, float *s, float *c)
{
   *s = sinpif(x);
   *c = cospif(x);
}
KASURI_HOST float fdividef(float x, float y)
{
   return x / y;
}
KASURI_HOST float rhypotf(float x, float y)
{
   return (float)rhypot((double)x, (double)y);
}
KASURI_HOST float norm3df(float x, float y, float z)
{
   return (float)norm3d((double)x, (double)y, (double)z);
}
KASURI_HOST float rnorm3df(float x, float y, float z)
{
   return (float)rnorm3d((double)x, (double)y, (double)z);
}
KASURI_HOST float norm4df(float x, float y, float z, float w)
{
   return (float)norm4d((double)x, (double)y, (double)z, (double)w);
}
KASURI_HOST float rnorm4df(float x, float y, float z, float w)
{
   return (float)rnorm4d((double)x, (double)y, (double)z, (double)w);
}

#undef KASURI_HOST
#endif
