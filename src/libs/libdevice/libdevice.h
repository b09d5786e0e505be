/* SPDX-License-Identifier: Apache-2.0
 * What every file of the device math library shares: bit access, exact scaling,
 * polynomials, and the NVVM builtins (mapped to C when this is compiled for the host). */
#ifndef KASURI_LIBDEVICE_H
#define KASURI_LIBDEVICE_H

#ifdef __NVPTX__
#define INLINE static inline __attribute__((always_inline))
/* Inlined wherever clang optimises at all; the larger functions are left to its judgment.
 */
#define NV __attribute__((always_inline))
#define UNROLL _Pragma("unroll")
#define FTZ (__nvvm_reflect("__CUDA_FTZ") != 0)
#else
#define INLINE static inline __attribute__((unused))
#define NV
#define UNROLL
#define FTZ 0
#include "host.h"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#endif

typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;

#define INF_F __builtin_inff()
#define NAN_F __builtin_nanf("")
#define INF_D __builtin_inf()
#define NAN_D __builtin_nan("")
#define FMA_F __builtin_fmaf
#define FMA_D __builtin_fma

union bits32 {
   float f;
   u32 u;
   i32 i;
};
union bits64 {
   double d;
   u64 u;
   i64 i;
};

/* clang compiles CUDA with -ffp-contract=fast and fuses across the functions it inlines
 * from here too. Where a rounding error is computed and used, the operation that made it
 * must stay what it is written as: these do, on the device as intrinsics. */
#ifdef __NVPTX__
INLINE float
MUL_F(float a, float b)
{
   return FTZ ? __nvvm_mul_rn_ftz_f(a, b) : __nvvm_mul_rn_f(a, b);
}

INLINE float
ADD_F(float a, float b)
{
   return FTZ ? __nvvm_add_rn_ftz_f(a, b) : __nvvm_add_rn_f(a, b);
}

INLINE float
DIV_F(float a, float b)
{
   return FTZ ? __nvvm_div_rn_ftz_f(a, b) : __nvvm_div_rn_f(a, b);
}

#define MUL_D __nvvm_mul_rn_d
#define ADD_D __nvvm_add_rn_d
#else
#define HOST_EXACT(name, type, op)                                                       \
   INLINE type name(type a, type b)                                                      \
   {                                                                                     \
      type r = a op b;                                                                   \
      __asm__("" : "+m"(r)); /* nothing can be fused with it */                          \
      return r;                                                                          \
   }
HOST_EXACT(MUL_F, float, *)
HOST_EXACT(ADD_F, float, +)
HOST_EXACT(DIV_F, float, /)
HOST_EXACT(MUL_D, double, *)
HOST_EXACT(ADD_D, double, +)
#endif

INLINE u32
f_bits(float x)
{
   return (union bits32){.f = x}.u;
}

INLINE float
f_from(u32 u)
{
   return (union bits32){.u = u}.f;
}

INLINE u64
d_bits(double x)
{
   return (union bits64){.d = x}.u;
}

INLINE double
d_from(u64 u)
{
   return (union bits64){.u = u}.d;
}

INLINE float
f_abs(float x)
{
   return f_from(f_bits(x) & 0x7fffffffu);
}

INLINE double
d_abs(double x)
{
   return d_from(d_bits(x) & 0x7fffffffffffffffull);
}

INLINE float
f_copysign(float x, float s)
{
   return f_from((f_bits(x) & 0x7fffffffu) | (f_bits(s) & 0x80000000u));
}

INLINE double
d_copysign(double x, double s)
{
   return d_from((d_bits(x) & 0x7fffffffffffffffull) |
                 (d_bits(s) & 0x8000000000000000ull));
}

/* 2^e for a normal exponent. */
INLINE float
f_pow2(i32 e)
{
   return f_from((u32)(e + 127) << 23);
}

INLINE double
d_pow2(i32 e)
{
   return d_from((u64)(e + 1023) << 52);
}

/* x * 2^e with one rounding, for x in [2^-20, 2^20] and |e| <= 2000: the first product is
 * exact. */
INLINE double
d_scale(double x, i32 e)
{
   i32 h = e >> 1;
   return x * d_pow2(h) * d_pow2(e - h);
}

INLINE float
f_horner(float x, const float *c, int n)
{
   float p = c[n - 1];
   UNROLL
   for (int i = n - 2; i >= 0; i--)
      p = FMA_F(p, x, c[i]);
   return p;
}

INLINE double
d_horner(double x, const double *c, int n)
{
   double p = c[n - 1];
   UNROLL
   for (int i = n - 2; i >= 0; i--)
      p = FMA_D(p, x, c[i]);
   return p;
}

/* The polynomial c (an array of coeffs.h) at x. */
#define POLY_F(x, c) f_horner((x), (c), (int)(sizeof(c) / sizeof((c)[0])))
#define POLY_D(x, c) d_horner((x), (c), (int)(sizeof(c) / sizeof((c)[0])))

/* A number as the unevaluated sum hi + lo, |lo| <= ulp(hi) / 2. */
struct dd {
   double hi, lo;
};

INLINE struct dd
dd_fast_sum(double a, double b) /* |a| >= |b| */
{
   double s = a + b;
   return (struct dd){s, b - (s - a)};
}

INLINE struct dd
dd_sum(double a, double b)
{
   double s = a + b;
   double t = s - a;
   return (struct dd){s, (a - (s - t)) + (b - t)};
}

INLINE struct dd
dd_prod(double a, double b)
{
   double p = MUL_D(a, b);
   return (struct dd){p, FMA_D(a, b, -p)};
}

INLINE struct dd
dd_mul(struct dd a, struct dd b)
{
   struct dd p = dd_prod(a.hi, b.hi);
   p.lo = FMA_D(a.hi, b.lo, FMA_D(a.lo, b.hi, p.lo));
   return dd_fast_sum(p.hi, p.lo);
}

INLINE struct dd
dd_add(struct dd a, struct dd b)
{
   struct dd s = dd_sum(a.hi, b.hi);
   return dd_fast_sum(s.hi, s.lo + (a.lo + b.lo));
}

#endif
