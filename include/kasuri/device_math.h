/* SPDX-License-Identifier: Apache-2.0
 * Device math that clang's headers leave out: float overloads of CUDA's own functions, and
 * min and max over every pair of types. */
#ifndef KASURI_DEVICE_MATH_H
#define KASURI_DEVICE_MATH_H

#define KASURI_HD static __inline__ __host__ __device__ __attribute__((always_inline))

/* (int, int) is declared twice, for the device by clang and for the host in host_math.h. */
#define KASURI_MIN_MAX(result, a, b)                                                     \
   KASURI_HD result min(a x, b y)                                                        \
   {                                                                                     \
      return (result)x < (result)y ? (result)x : (result)y;                              \
   }                                                                                     \
   KASURI_HD result max(a x, b y)                                                        \
   {                                                                                     \
      return (result)x > (result)y ? (result)x : (result)y;                              \
   }
KASURI_MIN_MAX(unsigned, unsigned, unsigned)
KASURI_MIN_MAX(unsigned, int, unsigned)
KASURI_MIN_MAX(unsigned, unsigned, int)
KASURI_MIN_MAX(long, long, long)
KASURI_MIN_MAX(unsigned long, unsigned long, unsigned long)
KASURI_MIN_MAX(unsigned long, long, unsigned long)
KASURI_MIN_MAX(unsigned long, unsigned long, long)
KASURI_MIN_MAX(long long, long long, long long)
KASURI_MIN_MAX(unsigned long long, unsigned long long, unsigned long long)
KASURI_MIN_MAX(unsigned long long, long long, unsigned long long)
KASURI_MIN_MAX(unsigned long long, unsigned long long, long long)
#undef KASURI_MIN_MAX

/* A NaN loses against a number, as in fmin and fmax. */
KASURI_HD float min(float x, float y)
{
   return fminf(x, y);
}
KASURI_HD float max(float x, float y)
{
   return fmaxf(x, y);
}
KASURI_HD double min(double x, double y)
{
   return fmin(x, y);
}
KASURI_HD double max(double x, double y)
{
   return fmax(x, y);
}
KASURI_HD double min(float x, double y)
{
   return fmin((double)x, y);
}
KASURI_HD double max(float x, double y)
{
   return fmax((double)x, y);
}
KASURI_HD double min(double x, float y)
{
   return fmin(x, (double)y);
}
KASURI_HD double max(double x, float y)
{
   return fmax(x, (double)y);
}

#define KASURI_FLOAT_OVERLOAD(name)                                                      \
   KASURI_HD float name(float x)                                                         \
   {                                                                                     \
      return name##f(x);                                                                 \
   }
KASURI_FLOAT_OVERLOAD(rsqrt)
KASURI_FLOAT_OVERLOAD(rcbrt)
KASURI_FLOAT_OVERLOAD(sinpi)
KASURI_FLOAT_OVERLOAD(cospi)
KASURI_FLOAT_OVERLOAD(erfinv)
KASURI_FLOAT_OVERLOAD(erfcinv)
KASURI_FLOAT_OVERLOAD(erfcx)
KASURI_FLOAT_OVERLOAD(normcdf)
KASURI_FLOAT_OVERLOAD(normcdfinv)
KASURI_FLOAT_OVERLOAD(exp10)
KASURI_FLOAT_OVERLOAD(j0)
KASURI_FLOAT_OVERLOAD(j1)
KASURI_FLOAT_OVERLOAD(y0)
KASURI_FLOAT_OVERLOAD(y1)
KASURI_FLOAT_OVERLOAD(cyl_bessel_i0)
KASURI_FLOAT_OVERLOAD(cyl_bessel_i1)
#undef KASURI_FLOAT_OVERLOAD
KASURI_HD float jn(int n, float x)
{
   return jnf(n, x);
}
KASURI_HD float yn(int n, float x)
{
   return ynf(n, x);
}
KASURI_HD void sincospi(float x, float *s, float *c)
{
   sincospif(x, s, c);
}
KASURI_HD void sincos(float x, float *s, float *c)
{
   sincosf(x, s, c);
}
KASURI_HD float fdivide(float x, float y)
{
   return fdividef(x, y);
}
KASURI_HD float rhypot(float x, float y)
{
   return rhypotf(x, y);
}
KASURI_HD float norm3d(float x, float y, float z)
{
   return norm3df(x, y, z);
}
KASURI_HD float rnorm3d(float x, float y, float z)
{
   return rnorm3df(x, y, z);
}
KASURI_HD float norm4d(float x, float y, float z, float w)
{
   return norm4df(x, y, z, w);
}
KASURI_HD float rnorm4d(float x, float y, float z, float w)
{
   return rnorm4df(x, y, z, w);
}

#undef KASURI_HD
#endif
