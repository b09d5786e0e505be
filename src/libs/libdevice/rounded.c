/* SPDX-License-Identifier: Apache-2.0
 * Arithmetic in a named rounding mode, and the approximate f32 intrinsics: one PTX
 * instruction each, f32 with the module's flush-to-zero setting. */
#include "libdevice.h"

#define F1(name, op, m)                                                                  \
   NV float __nv_##name(float a)                                                         \
   {                                                                                     \
      return FTZ ? __nvvm_##op##_##m##_ftz_f(a) : __nvvm_##op##_##m##_f(a);              \
   }
#define F2(name, op, m, b_expr)                                                          \
   NV float __nv_##name(float a, float b)                                                \
   {                                                                                     \
      return FTZ ? __nvvm_##op##_##m##_ftz_f(a, b_expr)                                  \
                 : __nvvm_##op##_##m##_f(a, b_expr);                                     \
   }
#define D1(name, op, m)                                                                  \
   NV double __nv_##name(double a)                                                       \
   {                                                                                     \
      return __nvvm_##op##_##m##_d(a);                                                   \
   }
#define D2(name, op, m, b_expr)                                                          \
   NV double __nv_##name(double a, double b)                                             \
   {                                                                                     \
      return __nvvm_##op##_##m##_d(a, b_expr);                                           \
   }
#define FOUR(X, name, ...)                                                               \
   X(name##_rn, rn, __VA_ARGS__)                                                         \
   X(name##_rz, rz, __VA_ARGS__)                                                         \
   X(name##_ru, rp, __VA_ARGS__)                                                         \
   X(name##_rd, rm, __VA_ARGS__)
#define F1_(name, m, op) F1(name, op, m)
#define F2_(name, m, op, b_expr) F2(name, op, m, b_expr)
#define D1_(name, m, op) D1(name, op, m)
#define D2_(name, m, op, b_expr) D2(name, op, m, b_expr)

FOUR(F2_, fadd, add, b)
FOUR(F2_, fsub, add, -b)
FOUR(F2_, fmul, mul, b)
FOUR(F2_, fdiv, div, b)
FOUR(F1_, frcp, rcp)
FOUR(F1_, fsqrt, sqrt)
FOUR(D2_, dadd, add, b)
FOUR(D2_, dsub, add, -b)
FOUR(D2_, dmul, mul, b)
FOUR(D2_, ddiv, div, b)
FOUR(D1_, drcp, rcp)
FOUR(D1_, dsqrt, sqrt)

#define FMA3(name, m, unused)                                                            \
   NV float __nv_fmaf##name(float a, float b, float c)                                   \
   {                                                                                     \
      return FTZ ? __nvvm_fma_##m##_ftz_f(a, b, c) : __nvvm_fma_##m##_f(a, b, c);        \
   }                                                                                     \
   NV float __nv_fmaf_ieee##name(float a, float b, float c)                              \
   {                                                                                     \
      return __nvvm_fma_##m##_f(a, b, c);                                                \
   }                                                                                     \
   NV double __nv_fma##name(double a, double b, double c)                                \
   {                                                                                     \
      return __nvvm_fma_##m##_d(a, b, c);                                                \
   }
FOUR(FMA3, , 0)

NV float
__nv_fmaf(float a, float b, float c)
{
   return FMA_F(a, b, c);
}

NV double
__nv_fma(double a, double b, double c)
{
   return FMA_D(a, b, c);
}

/* Correct rounding: f64 holds 1/sqrt(x) to 2^-52, and no f32 argument comes as close as
 * that to the middle between two results. */
NV float
__nv_frsqrt_rn(float a)
{
   return (float)(1 / __builtin_sqrt((double)a));
}

NV double
__nv_rcp64h(double a)
{
   return __nvvm_rcp_approx_ftz_d(a);
}

#define APPROX(op, ...)                                                                  \
   (FTZ ? __nvvm_##op##_approx_ftz_f(__VA_ARGS__) : __nvvm_##op##_approx_f(__VA_ARGS__))

NV float
__nv_fast_sinf(float a)
{
   return APPROX(sin, a);
}

NV float
__nv_fast_cosf(float a)
{
   return APPROX(cos, a);
}

NV void
__nv_fast_sincosf(float a, float *s, float *c)
{
   *s = APPROX(sin, a);
   *c = APPROX(cos, a);
}

NV float
__nv_fast_tanf(float a)
{
   return APPROX(div, APPROX(sin, a), APPROX(cos, a));
}

NV float
__nv_fast_fdividef(float a, float b)
{
   return APPROX(div, a, b);
}

NV float
__nv_fast_expf(float a)
{
   return APPROX(ex2, a * 0x1.715476p+0f);
}

NV float
__nv_fast_exp10f(float a)
{
   return APPROX(ex2, a * 0x1.a934fp+1f);
}

NV float
__nv_fast_log2f(float a)
{
   return APPROX(lg2, a);
}

NV float
__nv_fast_logf(float a)
{
   return APPROX(lg2, a) * 0x1.62e43p-1f;
}

NV float
__nv_fast_log10f(float a)
{
   return APPROX(lg2, a) * 0x1.344136p-2f;
}

NV float
__nv_fast_powf(float a, float b)
{
   return APPROX(ex2, b * APPROX(lg2, a));
}

NV float
__nv_rsqrtf(float a)
{
   return APPROX(rsqrt, a);
}

NV float
__nv_sqrtf(float a)
{
   return __builtin_sqrtf(a);
}

NV double
__nv_sqrt(double a)
{
   return __builtin_sqrt(a);
}
