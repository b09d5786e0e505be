/* SPDX-License-Identifier: Apache-2.0
 * The device math library's f32 functions, compiled for the host, against libm in f64 (or
 * long double where f64 is not enough): dense samples of all floats, each with the ulp
 * bound of CUDA's documentation. With --report STRIDE prints a table for
 * docs/libdevice.md.
 */
#include "check.h"

#include <stdlib.h>

#include "libs/libdevice/all.c"

#include "libdevice_ulp.h"

/* References that libm does not have, from those it has. */
static double
ref_sinpi(double x)
{
   if (x != x || isinf(x))
      return NAN;
   double r = fmod(fabs(x), 2), n = rint(2 * r);
   long double t = 3.14159265358979323846264L * (long double)(r - n / 2); /* exact */
   int q = (int)n & 3;
   double y = (double)(q & 1 ? cosl(t) : sinl(t));
   y = q & 2 && y != 0 ? -y : y;
   return signbit(x) ? -y : y;
}

static double
ref_cospi(double x)
{
   if (x != x || isinf(x))
      return NAN;
   double r = fmod(fabs(x), 2), n = rint(2 * r);
   long double t = 3.14159265358979323846264L * (long double)(r - n / 2);
   int q = ((int)n + 1) & 3;
   double y = (double)(q & 1 ? cosl(t) : sinl(t));
   return q & 2 && y != 0 ? -y : y == 0 ? 0 : y;
}

static double
ref_exp10(double x)
{
   return (double)exp10l(x);
}

static double
ref_rcbrt(double x)
{
   return 1 / cbrt(x);
}

static double
ref_rsqrt(double x)
{
   return 1 / sqrt(x);
}

static double
ref_rcp(double x)
{
   return 1 / x;
}

static double
ref_id_half(double x)
{
   return (double)(float)(_Float16)(float)x;
}

static double
ref_normcdf(double x)
{
   return 0.5 * erfc(x * -0.70710678118654752440);
}

static float
half_round_trip(float x)
{
   return __nv_half2float(__nv_float2half_rn(x));
}

static float
sincos_s(float x)
{
   float s, c;
   __nv_sincosf(x, &s, &c);
   return s;
}

static float
sincos_c(float x)
{
   float s, c;
   __nv_sincosf(x, &s, &c);
   return c;
}

static float
sincospi_s(float x)
{
   float s, c;
   __nv_sincospif(x, &s, &c);
   return s;
}

static float
sincospi_c(float x)
{
   float s, c;
   __nv_sincospif(x, &s, &c);
   return c;
}

static float
frexp_m(float x)
{
   int e;
   return __nv_frexpf(x, &e);
}

static double
ref_frexp_m(double x)
{
   int e;
   return frexp(x, &e);
}

static float
frexp_e(float x)
{
   int e;
   __nv_frexpf(x, &e);
   return (float)e;
}

static double
ref_frexp_e(double x)
{
   int e;
   frexp(x, &e);
   return isfinite(x) ? e : 0;
}

static float
modf_frac(float x)
{
   float w;
   return __nv_modff(x, &w);
}

static double
ref_modf_frac(double x)
{
   double w;
   return modf(x, &w);
}

static float
ilogb_f(float x)
{
   return (float)__nv_ilogbf(x);
}

static double
ref_ilogb(double x)
{
   return x != x ? -2147483648.0 : (double)(float)ilogb(x);
}

struct unary {
   const char *name;
   float (*fn)(float);
   double (*ref)(double);
   double bound;
};

static const struct unary unaries[] = {
   {"ceilf", __nv_ceilf, ceil, 0},
   {"floorf", __nv_floorf, floor, 0},
   {"truncf", __nv_truncf, trunc, 0},
   {"rintf", __nv_rintf, rint, 0},
   {"nearbyintf", __nv_nearbyintf, nearbyint, 0},
   {"roundf", __nv_roundf, round, 0},
   {"logbf", __nv_logbf, logb, 0},
   {"ilogbf", ilogb_f, ref_ilogb, 0},
   {"frexpf (fraction)", frexp_m, ref_frexp_m, 0},
   {"frexpf (exponent)", frexp_e, ref_frexp_e, 0},
   {"modff", modf_frac, ref_modf_frac, 0},
   {"half conversions", half_round_trip, ref_id_half, 0},
   {"sqrtf", __nv_sqrtf, sqrt, 0},
   {"rsqrtf", __nv_rsqrtf, ref_rsqrt, 2},
   {"frsqrt_rn", __nv_frsqrt_rn, ref_rsqrt, 0},
   {"frcp_rn", __nv_frcp_rn, ref_rcp, 0},
   {"cbrtf", __nv_cbrtf, cbrt, 1},
   {"rcbrtf", __nv_rcbrtf, ref_rcbrt, 1},
   {"expf", __nv_expf, exp, 2},
   {"exp2f", __nv_exp2f, exp2, 2},
   {"exp10f", __nv_exp10f, ref_exp10, 2},
   {"expm1f", __nv_expm1f, expm1, 1},
   {"logf", __nv_logf, log, 1},
   {"log2f", __nv_log2f, log2, 1},
   {"log10f", __nv_log10f, log10, 2},
   {"log1pf", __nv_log1pf, log1p, 1},
   {"sinf", __nv_sinf, sin, 2},
   {"cosf", __nv_cosf, cos, 2},
   {"sincosf (sine)", sincos_s, sin, 2},
   {"sincosf (cosine)", sincos_c, cos, 2},
   {"tanf", __nv_tanf, tan, 4},
   {"sinpif", __nv_sinpif, ref_sinpi, 1},
   {"cospif", __nv_cospif, ref_cospi, 1},
   {"sincospif (sine)", sincospi_s, ref_sinpi, 1},
   {"sincospif (cosine)", sincospi_c, ref_cospi, 1},
   {"asinf", __nv_asinf, asin, 2},
   {"acosf", __nv_acosf, acos, 2},
   {"atanf", __nv_atanf, atan, 2},
   {"sinhf", __nv_sinhf, sinh, 3},
   {"coshf", __nv_coshf, cosh, 2},
   {"tanhf", __nv_tanhf, tanh, 2},
   {"asinhf", __nv_asinhf, asinh, 3},
   {"acoshf", __nv_acoshf, acosh, 4},
   {"atanhf", __nv_atanhf, atanh, 3},
   {"erff", __nv_erff, erf, 2},
   {"erfcf", __nv_erfcf, erfc, 4},
   {"normcdff", __nv_normcdff, ref_normcdf, 5},
};

static void
run_unary(const struct unary *u, uint32_t stride)
{
   struct ulp_result r = {.bound = u->bound};
   for (uint64_t b = 0; b < 0x100000000ull; b += stride) {
      float x = f_from((u32)b);
      ulp_f(&r, u->fn(x), u->ref(x), x, 0);
   }
   for (unsigned i = 0; i < sizeof(special_f) / sizeof(special_f[0]); i++) {
      ulp_f(&r, u->fn(special_f[i]), u->ref(special_f[i]), special_f[i], 0);
      ulp_f(&r, u->fn(-special_f[i]), u->ref(-special_f[i]), -special_f[i], 0);
   }
   ulp_report(u->name, &r);
}

static double
ref_rhypot(double a, double b)
{
   return isinf(a) || isinf(b) ? 0 : 1 / hypot(a, b);
}

static double
ref_powi(double a, double b)
{
   return pow(a, b);
}

static float
powi_f(float a, float b)
{
   return __nv_powif(a, (int)b);
}

/* Which zero of two is larger is the instruction's affair, not the host's. */
static float
fmax_f(float a, float b)
{
   return __nv_fmaxf(a, b) + 0.0f;
}

static double
ref_fmax(double a, double b)
{
   return fmax(a, b) + 0.0;
}

static double
ref_nextafter(double a, double b)
{
   return nextafterf((float)a, (float)b);
}

static double
ref_fdim(double a, double b)
{
   return a != a || b != b ? NAN : a > b ? (double)((float)a - (float)b) : 0;
}

static float
remquo_q(float a, float b)
{
   int q;
   __nv_remquof(a, b, &q);
   return (float)(q & 7) * (q < 0 ? -1.0f : 1.0f);
}

static double
ref_remquo_q(double a, double b)
{
   int q = 0;
   if (!isfinite(a) || b != b || b == 0)
      return 0;
   remquof((float)a, (float)b, &q);
   int low = (q < 0 ? -q : q) & 7;
   int signed_q = q < 0 ? -low : low;
   return (double)(signed_q & 7) * (signed_q < 0 ? -1 : 1);
}

struct binary {
   const char *name;
   float (*fn)(float, float);
   double (*ref)(double, double);
   double bound;
   int whole; /* the second argument is an integer */
};

static const struct binary binaries[] = {
   {"powf", __nv_powf, pow, 4, 0},
   {"powif", powi_f, ref_powi, 4, 1},
   {"hypotf", __nv_hypotf, hypot, 3, 0},
   {"rhypotf", __nv_rhypotf, ref_rhypot, 2, 0},
   {"atan2f", __nv_atan2f, atan2, 3, 0},
   {"fmodf", __nv_fmodf, fmod, 0, 0},
   {"remainderf", __nv_remainderf, remainder, 0, 0},
   {"remquof (quotient)", remquo_q, ref_remquo_q, 0, 0},
   {"fmaxf", fmax_f, ref_fmax, 0, 0},
   {"fdimf", __nv_fdimf, ref_fdim, 0, 0},
   {"nextafterf", __nv_nextafterf, ref_nextafter, 0, 0},
   {"copysignf", __nv_copysignf, copysign, 0, 0},
};

static void
run_binary(const struct binary *u, uint32_t count)
{
   struct ulp_result r = {.bound = u->bound};
   uint64_t seed = 88172645463325252ull;
   for (uint32_t i = 0; i < count; i++) {
      uint64_t v = ulp_random(&seed);
      float a = f_from((u32)v), b = f_from((u32)(v >> 32));
      if (i & 1) /* half of them of like size: where functions are interesting */
         a = ldexpf(f_from(0x3f800000u | (f_bits(a) & 0x807fffffu)),
                    (int)(v >> 40 & 31) - 16),
         b = ldexpf(f_from(0x3f800000u | (f_bits(b) & 0x807fffffu)),
                    (int)(v >> 48 & 31) - 16);
      if (i % 4 == 2)
         b = f_from((f_bits(a) & 0x7f800000u) ^ (f_bits(b) & 0x80ffffffu));
      if (i % 8 == 5)
         a = 1 + ldexpf(a, -20), b = b * 0x1p+10f;
      if (u->whole)
         b = (float)(int)(v >> 50) - 8192;
      a = a != a ? NAN : a; /* quiet */
      b = b != b ? NAN : b;
      ulp_f(&r, u->fn(a, b), u->ref(a, b), a, b);
   }
   for (unsigned i = 0; i < 4 * sizeof(special_f) / sizeof(special_f[0]); i++)
      for (unsigned j = 0; j < 4 * sizeof(special_f) / sizeof(special_f[0]); j++) {
         float a = special_f[i / 4] * (i & 1 ? -1.0f : 1.0f);
         float b = special_f[j / 4] * (j & 1 ? -1.0f : 1.0f);
         if (u->whole && !(fabsf(b) < 1e9f && b == truncf(b)))
            continue;
         ulp_f(&r, u->fn(a, b), u->ref(a, b), a, b);
      }
   ulp_report(u->name, &r);
}

static void
run_norms(uint32_t count)
{
   struct ulp_result r3 = {.bound = 3}, r4 = {.bound = 3};
   struct ulp_result i3 = {.bound = 2}, i4 = {.bound = 2}, n = {.bound = 4};
   uint64_t seed = 88172645463325252ull;
   for (uint32_t i = 0; i < count; i++) {
      float p[4];
      uint64_t v = ulp_random(&seed), w = ulp_random(&seed);
      int base = (int)(w & 255) - 128;
      for (int k = 0; k < 4; k++)
         p[k] = ldexpf(f_from(0x3f800000u | ((v >> (13 * k)) & 0x7fffffu)),
                       base + (int)(w >> (8 + 4 * k) & 7) - 8);
      long double s3 =
         (long double)p[0] * p[0] + (long double)p[1] * p[1] + (long double)p[2] * p[2];
      long double s4 = s3 + (long double)p[3] * p[3];
      ulp_f(&r3, __nv_norm3df(p[0], p[1], p[2]), (double)sqrtl(s3), p[0], p[1]);
      ulp_f(&r4, __nv_norm4df(p[0], p[1], p[2], p[3]), (double)sqrtl(s4), p[0], p[1]);
      ulp_f(&i3, __nv_rnorm3df(p[0], p[1], p[2]), (double)(1 / sqrtl(s3)), p[0], p[1]);
      ulp_f(&i4, __nv_rnorm4df(p[0], p[1], p[2], p[3]), (double)(1 / sqrtl(s4)), p[0],
            p[1]);
      ulp_f(&n, __nv_normf(4, p), (double)sqrtl(s4), p[0], p[1]);
      ulp_f(&n, __nv_rnormf(4, p), (double)(1 / sqrtl(s4)), p[0], p[1]);
   }
   ulp_report("norm3df", &r3);
   ulp_report("norm4df", &r4);
   ulp_report("rnorm3df", &i3);
   ulp_report("rnorm4df", &i4);
   ulp_report("normf, rnormf", &n);
}

static void
run_scalbn(void)
{
   struct ulp_result r = {.bound = 0};
   for (unsigned i = 0; i < sizeof(special_f) / sizeof(special_f[0]); i++)
      for (int n = -400; n <= 400; n++) {
         float x = special_f[i] * 1.0000001f;
         ulp_f(&r, __nv_scalbnf(x, n), scalbnf(x, n), x, (float)n);
         ulp_f(&r, __nv_ldexpf(-x, n), ldexpf(-x, n), -x, (float)n);
      }
   ulp_report("scalbnf, ldexpf", &r);
}

int
main(int argc, char **argv)
{
   uint32_t stride = 4099;
   const char *only = NULL;
   for (int i = 1; i < argc; i++) {
      if (!strcmp(argv[i], "--report") && i + 1 < argc) {
         ulp_table = 1;
         stride = (uint32_t)strtoul(argv[++i], NULL, 0);
      } else {
         only = argv[i];
      }
   }
   for (unsigned i = 0; i < sizeof(unaries) / sizeof(unaries[0]); i++)
      if (!only || !strcmp(only, unaries[i].name))
         run_unary(&unaries[i], stride);
   for (unsigned i = 0; i < sizeof(binaries) / sizeof(binaries[0]); i++)
      if (!only || !strcmp(only, binaries[i].name))
         run_binary(&binaries[i], (uint32_t)(0x100000000ull / stride / 2));
   if (!only) {
      run_norms((uint32_t)(0x100000000ull / stride / 8));
      run_scalbn();
   }
   return check_done();
}
