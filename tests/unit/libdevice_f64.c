/* SPDX-License-Identifier: Apache-2.0
 * The device math library's f64 functions, compiled for the host, against libm in long
 * double: random arguments of all sizes and special values, each with the ulp bound of
 * CUDA's documentation. Functions that libm lacks are in libdevice_vectors.c. With
 * --report COUNT prints a table for docs/libdevice.md. */
#include "check.h"

#include <float.h>
#include <stdlib.h>

#include "libs/libdevice/all.c"

#include "libdevice_ulp.h"

/* Where long double is no wider than double there is nothing to compare with. */
#define WIDE (LDBL_MANT_DIG > DBL_MANT_DIG)

static const long double pi_l = 3.14159265358979323846264338327950288L;

static long double
ref_sinpi(long double x)
{
   if (x != x || isinf(x))
      return NAN;
   long double r = fmodl(fabsl(x), 2), n = rintl(2 * r);
   long double t = pi_l * (r - n / 2); /* the difference is exact */
   int q = (int)n & 3;
   long double y = q & 1 ? cosl(t) : sinl(t);
   y = q & 2 && y != 0 ? -y : y;
   return signbit(x) ? -y : y;
}

static long double
ref_cospi(long double x)
{
   if (x != x || isinf(x))
      return NAN;
   long double r = fmodl(fabsl(x), 2), n = rintl(2 * r);
   long double t = pi_l * (r - n / 2);
   int q = ((int)n + 1) & 3;
   long double y = q & 1 ? cosl(t) : sinl(t);
   return q & 2 && y != 0 ? -y : y == 0 ? 0 : y;
}

static long double
ref_rcbrt(long double x)
{
   return 1 / cbrtl(x);
}

static long double
ref_rsqrt(long double x)
{
   return 1 / sqrtl(x);
}

static double
sincos_s(double x)
{
   double s, c;
   __nv_sincos(x, &s, &c);
   return s;
}

static double
sincos_c(double x)
{
   double s, c;
   __nv_sincos(x, &s, &c);
   return c;
}

static double
frexp_m(double x)
{
   int e;
   return __nv_frexp(x, &e);
}

static long double
ref_frexp_m(long double x)
{
   int e;
   return frexpl(x, &e);
}

static double
frexp_e(double x)
{
   int e;
   __nv_frexp(x, &e);
   return e;
}

static long double
ref_frexp_e(long double x)
{
   int e;
   frexpl(x, &e);
   return isfinite(x) ? e : 0;
}

static double
modf_frac(double x)
{
   double w;
   return __nv_modf(x, &w);
}

static long double
ref_modf_frac(long double x)
{
   long double w;
   return modfl(x, &w);
}

static double
ilogb_d(double x)
{
   return __nv_ilogb(x);
}

static long double
ref_ilogb(long double x)
{
   return x != x ? -2147483648.0L : ilogbl(x);
}

struct unary {
   const char *name;
   double (*fn)(double);
   long double (*ref)(long double);
   double bound;
};

static const struct unary unaries[] = {
   {"ceil", __nv_ceil, ceill, 0},
   {"floor", __nv_floor, floorl, 0},
   {"trunc", __nv_trunc, truncl, 0},
   {"rint", __nv_rint, rintl, 0},
   {"nearbyint", __nv_nearbyint, nearbyintl, 0},
   {"round", __nv_round, roundl, 0},
   {"logb", __nv_logb, logbl, 0},
   {"ilogb", ilogb_d, ref_ilogb, 0},
   {"frexp (fraction)", frexp_m, ref_frexp_m, 0},
   {"frexp (exponent)", frexp_e, ref_frexp_e, 0},
   {"modf", modf_frac, ref_modf_frac, 0},
   {"rsqrt", __nv_rsqrt, ref_rsqrt, 1},
   {"cbrt", __nv_cbrt, cbrtl, 1},
   {"rcbrt", __nv_rcbrt, ref_rcbrt, 1},
   {"exp", __nv_exp, expl, 1},
   {"exp2", __nv_exp2, exp2l, 1},
   {"exp10", __nv_exp10, exp10l, 1},
   {"expm1", __nv_expm1, expm1l, 1},
   {"log", __nv_log, logl, 1},
   {"log2", __nv_log2, log2l, 1},
   {"log10", __nv_log10, log10l, 1},
   {"log1p", __nv_log1p, log1pl, 1},
   {"sin", __nv_sin, sinl, 2},
   {"cos", __nv_cos, cosl, 2},
   {"sincos (sine)", sincos_s, sinl, 2},
   {"sincos (cosine)", sincos_c, cosl, 2},
   {"tan", __nv_tan, tanl, 2},
   {"sinpi", __nv_sinpi, ref_sinpi, 2},
   {"cospi", __nv_cospi, ref_cospi, 2},
   {"asin", __nv_asin, asinl, 2},
   {"acos", __nv_acos, acosl, 2},
   {"atan", __nv_atan, atanl, 2},
   {"sinh", __nv_sinh, sinhl, 2},
   {"cosh", __nv_cosh, coshl, 1},
   {"tanh", __nv_tanh, tanhl, 1},
   {"asinh", __nv_asinh, asinhl, 3},
   {"acosh", __nv_acosh, acoshl, 3},
   {"atanh", __nv_atanh, atanhl, 2},
   {"erf", __nv_erf, erfl, 2},
   {"erfc", __nv_erfc, erfcl, 5},
};

#define SPECIALS (sizeof(special_d) / sizeof(special_d[0]))

/* A random number: of any bits, of moderate size, in [-1, 1], or in [-750, 750]. */
static double
sample(uint64_t *seed, uint32_t i)
{
   uint64_t v = ulp_random(seed);
   double m = d_from((v & 0x800fffffffffffffull) | 0x3ff0000000000000ull);
   switch (i & 3) {
   case 0:
      m = d_from(v);
      return m != m ? NAN : m;
   case 1:
      return ldexp(m, (int)(ulp_random(seed) & 31) - 24);
   case 2:
      return 2 * (m - copysign(1, m)) - copysign(1, m);
   default:
      return (m - copysign(1, m)) * 750;
   }
}

static void
run_unary(const struct unary *u, uint32_t count)
{
   struct ulp_result r = {.bound = u->bound};
   uint64_t seed = 88172645463325252ull;
   for (uint32_t i = 0; i < count; i++) {
      double x = sample(&seed, i);
      ulp_d(&r, u->fn(x), u->ref(x), x, 0);
   }
   for (unsigned i = 0; i < SPECIALS; i++) {
      ulp_d(&r, u->fn(special_d[i]), u->ref(special_d[i]), special_d[i], 0);
      ulp_d(&r, u->fn(-special_d[i]), u->ref(-special_d[i]), -special_d[i], 0);
   }
   ulp_report(u->name, &r);
}

static long double
ref_rhypot(long double a, long double b)
{
   return isinf(a) || isinf(b) ? 0 : 1 / hypotl(a, b);
}

static double
powi_d(double a, double b)
{
   return __nv_powi(a, (int)b);
}

/* Which zero of two is larger is the instruction's affair, not the host's. */
static double
fmax_d(double a, double b)
{
   return __nv_fmax(a, b) + 0.0;
}

static double
fmin_d(double a, double b)
{
   return __nv_fmin(a, b) + 0.0;
}

static long double
ref_fmax(long double a, long double b)
{
   return fmaxl(a, b) + 0.0L;
}

static long double
ref_fmin(long double a, long double b)
{
   return fminl(a, b) + 0.0L;
}

/* glibc's powl takes even integers from 2^63 up for odd ones where x is -inf. */
static long double
ref_pow(long double a, long double b)
{
   if (isinf(a) && fabsl(b) >= 0x1p53L)
      a = fabsl(a);
   return powl(a, b);
}

static long double
ref_nextafter(long double a, long double b)
{
   return nextafter((double)a, (double)b);
}

static long double
ref_fdim(long double a, long double b)
{
   return fdim((double)a, (double)b);
}

static double
remquo_q(double a, double b)
{
   int q;
   __nv_remquo(a, b, &q);
   return (double)(q & 7) * (q < 0 ? -1.0 : 1.0);
}

static long double
ref_remquo_q(long double a, long double b)
{
   int q = 0;
   if (!isfinite(a) || b != b || b == 0)
      return 0;
   remquo((double)a, (double)b, &q);
   int low = (q < 0 ? -q : q) & 7;
   int signed_q = q < 0 ? -low : low;
   return (double)(signed_q & 7) * (signed_q < 0 ? -1 : 1);
}

struct binary {
   const char *name;
   double (*fn)(double, double);
   long double (*ref)(long double, long double);
   double bound;
   int whole; /* the second argument is an integer */
};

static const struct binary binaries[] = {
   {"pow", __nv_pow, ref_pow, 2, 0},
   {"powi", powi_d, powl, 2, 1},
   {"hypot", __nv_hypot, hypotl, 2, 0},
   {"rhypot", __nv_rhypot, ref_rhypot, 1, 0},
   {"atan2", __nv_atan2, atan2l, 2, 0},
   {"fmod", __nv_fmod, fmodl, 0, 0},
   {"remainder", __nv_remainder, remainderl, 0, 0},
   {"remquo (quotient)", remquo_q, ref_remquo_q, 0, 0},
   {"fmax", fmax_d, ref_fmax, 0, 0},
   {"fmin", fmin_d, ref_fmin, 0, 0},
   {"fdim", __nv_fdim, ref_fdim, 0, 0},
   {"nextafter", __nv_nextafter, ref_nextafter, 0, 0},
   {"copysign", __nv_copysign, copysignl, 0, 0},
};

static void
run_binary(const struct binary *u, uint32_t count)
{
   struct ulp_result r = {.bound = u->bound};
   uint64_t seed = 88172645463325252ull;
   for (uint32_t i = 0; i < count; i++) {
      double a = sample(&seed, i), b = sample(&seed, i / 4);
      if (i % 16 == 7) /* near one, large exponent: where pow is hardest */
         a = 1 + ldexp(a, -20), b *= 1024;
      if (i % 16 == 11)
         b = a * (1 + (double)(ulp_random(&seed) & 7) * 0x1p-50);
      if (u->whole)
         b = (double)((int)(ulp_random(&seed) >> 50) - 8192);
      ulp_d(&r, u->fn(a, b), u->ref(a, b), a, b);
   }
   for (unsigned i = 0; i < 2 * SPECIALS; i++)
      for (unsigned j = 0; j < 2 * SPECIALS; j++) {
         double a = special_d[i / 2] * (i & 1 ? -1.0 : 1.0);
         double b = special_d[j / 2] * (j & 1 ? -1.0 : 1.0);
         if (u->whole && !(fabs(b) < 1e9 && b == trunc(b)))
            continue;
         ulp_d(&r, u->fn(a, b), u->ref(a, b), a, b);
      }
   ulp_report(u->name, &r);
}

static void
run_norms(uint32_t count)
{
   struct ulp_result r3 = {.bound = 2}, r4 = {.bound = 2};
   struct ulp_result i3 = {.bound = 1}, i4 = {.bound = 1}, n = {.bound = 2};
   uint64_t seed = 88172645463325252ull;
   for (uint32_t i = 0; i < count; i++) {
      double p[4];
      uint64_t w = ulp_random(&seed);
      int base = (int)(w & 1023) - 512;
      for (int k = 0; k < 4; k++)
         p[k] = ldexp(d_from(0x3ff0000000000000ull | ulp_random(&seed) >> 12),
                      base + (int)(w >> (12 + 4 * k) & 7) - 8);
      long double s3 =
         (long double)p[0] * p[0] + (long double)p[1] * p[1] + (long double)p[2] * p[2];
      long double s4 = s3 + (long double)p[3] * p[3];
      ulp_d(&r3, __nv_norm3d(p[0], p[1], p[2]), sqrtl(s3), p[0], p[1]);
      ulp_d(&r4, __nv_norm4d(p[0], p[1], p[2], p[3]), sqrtl(s4), p[0], p[1]);
      ulp_d(&i3, __nv_rnorm3d(p[0], p[1], p[2]), 1 / sqrtl(s3), p[0], p[1]);
      ulp_d(&i4, __nv_rnorm4d(p[0], p[1], p[2], p[3]), 1 / sqrtl(s4), p[0], p[1]);
      ulp_d(&n, __nv_norm(4, p), sqrtl(s4), p[0], p[1]);
      ulp_d(&n, __nv_rnorm(4, p), 1 / sqrtl(s4), p[0], p[1]);
   }
   ulp_report("norm3d", &r3);
   ulp_report("norm4d", &r4);
   ulp_report("rnorm3d", &i3);
   ulp_report("rnorm4d", &i4);
   ulp_report("norm, rnorm", &n);
}

static void
run_scalbn(void)
{
   struct ulp_result r = {.bound = 0};
   for (unsigned i = 0; i < SPECIALS; i++)
      for (int n = -2300; n <= 2300; n += n % 7 == 0 ? 3 : 1) {
         double x = special_d[i] * 1.0000001;
         ulp_d(&r, __nv_scalbn(x, n), scalbn(x, n), x, n);
         ulp_d(&r, __nv_ldexp(-x, n), ldexp(-x, n), -x, n);
      }
   ulp_report("scalbn, ldexp", &r);
}

int
main(int argc, char **argv)
{
   uint32_t count = 20000;
   const char *only = NULL;
   for (int i = 1; i < argc; i++) {
      if (!strcmp(argv[i], "--report") && i + 1 < argc) {
         ulp_table = 1;
         count = (uint32_t)strtoul(argv[++i], NULL, 0);
      } else {
         only = argv[i];
      }
   }
   for (unsigned i = 0; WIDE && i < sizeof(unaries) / sizeof(unaries[0]); i++)
      if (!only || !strcmp(only, unaries[i].name))
         run_unary(&unaries[i], count);
   for (unsigned i = 0; WIDE && i < sizeof(binaries) / sizeof(binaries[0]); i++)
      if (!only || !strcmp(only, binaries[i].name))
         run_binary(&binaries[i], count);
   if (!only) {
      run_norms(count);
      run_scalbn();
   }
   return check_done();
}
