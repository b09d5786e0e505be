/* SPDX-License-Identifier: Apache-2.0
 * Complex numbers as pairs of floats or doubles. */
#ifndef CU_COMPLEX_H_
#define CU_COMPLEX_H_

#include <math.h>

#include "vector_types.h"

#define KASURI_COMPLEX static __inline__ __host__ __device__

typedef float2 cuFloatComplex;
typedef double2 cuDoubleComplex;
typedef cuFloatComplex cuComplex;

/* name suffix of the float form is f, of the double form nothing */
#define KASURI_COMPLEX_SET(complex, real, suffix, M)                                  \
   KASURI_COMPLEX real cuCreal##suffix(complex z)                                        \
   {                                                                                     \
      return z.x;                                                                        \
   }                                                                                     \
   KASURI_COMPLEX real cuCimag##suffix(complex z)                                        \
   {                                                                                     \
      return z.y;                                                                        \
   }                                                                                     \
   KASURI_COMPLEX complex M(real re, real im)                                            \
   {                                                                                     \
      complex z;                                                                         \
      z.x = re;                                                                          \
      z.y = im;                                                                          \
      return z;                                                                          \
   }                                                                                     \
   KASURI_COMPLEX complex cuConj##suffix(complex z)                                      \
   {                                                                                     \
      return M(z.x, -z.y);                                                               \
   }                                                                                     \
   KASURI_COMPLEX complex cuCadd##suffix(complex a, complex b)                           \
   {                                                                                     \
      return M(a.x + b.x, a.y + b.y);                                                    \
   }                                                                                     \
   KASURI_COMPLEX complex cuCsub##suffix(complex a, complex b)                           \
   {                                                                                     \
      return M(a.x - b.x, a.y - b.y);                                                    \
   }                                                                                     \
   KASURI_COMPLEX complex cuCmul##suffix(complex a, complex b)                           \
   {                                                                                     \
      return M(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);                            \
   }                                                                                     \
   /* Scaled, so that the squares neither overflow nor vanish. */                        \
   KASURI_COMPLEX complex cuCdiv##suffix(complex a, complex b)                           \
   {                                                                                     \
      real scale = 1 / (fabs##suffix(b.x) + fabs##suffix(b.y));                          \
      real ax = a.x * scale, ay = a.y * scale, bx = b.x * scale, by = b.y * scale;       \
      real over = 1 / (bx * bx + by * by);                                               \
      return M((ax * bx + ay * by) * over, (ay * bx - ax * by) * over);                  \
   }                                                                                     \
   KASURI_COMPLEX real cuCabs##suffix(complex z)                                         \
   {                                                                                     \
      return hypot##suffix(z.x, z.y);                                                    \
   }                                                                                     \
   KASURI_COMPLEX complex cuCfma##suffix(complex a, complex b, complex c)                \
   {                                                                                     \
      real re = a.x * b.x + c.x, im = a.x * b.y + c.y;                                   \
      return M(re - a.y * b.y, im + a.y * b.x);                                          \
   }
KASURI_COMPLEX_SET(cuFloatComplex, float, f, make_cuFloatComplex)
KASURI_COMPLEX_SET(cuDoubleComplex, double, , make_cuDoubleComplex)
#undef KASURI_COMPLEX_SET

KASURI_COMPLEX cuComplex make_cuComplex(float re, float im)
{
   return make_cuFloatComplex(re, im);
}
KASURI_COMPLEX cuDoubleComplex cuComplexFloatToDouble(cuFloatComplex z)
{
   return make_cuDoubleComplex((double)z.x, (double)z.y);
}
KASURI_COMPLEX cuFloatComplex cuComplexDoubleToFloat(cuDoubleComplex z)
{
   return make_cuFloatComplex((float)z.x, (float)z.y);
}

#undef KASURI_COMPLEX
#endif
