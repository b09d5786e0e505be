/* SPDX-License-Identifier: Apache-2.0
 * The device math functions that libm lacks, compiled for the host, against correctly
 * rounded values made by tests/gen/libdevice_vectors.py with mpmath. With --report prints
 * a table for docs/libdevice.md. */
#include "check.h"

#include <stdlib.h>

#include "libs/libdevice/all.c"

#include "libdevice_ulp.h"

struct func {
   const char *name;
   double (*d)(int, double);
   float (*f)(int, float);
   double bound_d, bound_f;
   /* The bound in ulps ends at this argument (0: nowhere); beyond, and for higher orders,
    * CUDA bounds the absolute error: 5e-12 and 2.2e-6. */
   double ulps_until;
};

#define WRAP(name, bound_d, bound_f, until)                                              \
   {#name, d_##name, f_##name, bound_d, bound_f, until}
#define CALL(name)                                                                       \
   static double d_##name(int n, double x)                                               \
   {                                                                                     \
      (void)n;                                                                           \
      return __nv_##name(x);                                                             \
   }                                                                                     \
   static float f_##name(int n, float x)                                                 \
   {                                                                                     \
      (void)n;                                                                           \
      return __nv_##name##f(x);                                                          \
   }
#define CALL_N(name)                                                                     \
   static double d_##name(int n, double x)                                               \
   {                                                                                     \
      return __nv_##name(n, x);                                                          \
   }                                                                                     \
   static float f_##name(int n, float x)                                                 \
   {                                                                                     \
      return __nv_##name##f(n, x);                                                       \
   }
CALL(erfcx)
CALL(erfinv)
CALL(erfcinv)
CALL(normcdf)
CALL(normcdfinv)
CALL(lgamma)
CALL(tgamma)
CALL(j0)
CALL(j1)
CALL(y0)
CALL(y1)
CALL(cyl_bessel_i0)
CALL(cyl_bessel_i1)
CALL_N(jn)
CALL_N(yn)

static const struct func funcs[] = {
   WRAP(erfcx, 4, 4, 0),
   WRAP(erfinv, 5, 2, 0),
   WRAP(erfcinv, 6, 4, 0),
   WRAP(normcdf, 5, 5, 0),
   WRAP(normcdfinv, 8, 5, 0),
   WRAP(lgamma, 4, 6, 0),
   WRAP(tgamma, 10, 5, 0),
   WRAP(j0, 7, 9, 8),
   WRAP(j1, 7, 9, 8),
   WRAP(y0, 7, 9, 8),
   WRAP(y1, 7, 9, 8),
   WRAP(cyl_bessel_i0, 6, 6, 0),
   WRAP(cyl_bessel_i1, 6, 6, 0),
   WRAP(jn, 0, 0, -1),
   WRAP(yn, 0, 0, -1),
};
#define FUNCS (sizeof(funcs) / sizeof(funcs[0]))

static struct ulp_result results[2][FUNCS];

/* Absolute errors count as ulps within the bound when they are within theirs. */
static void
note(unsigned which, unsigned is_f32, double got, double want, int n, double x)
{
   const struct func *u = &funcs[which];
   struct ulp_result *r = &results[is_f32][which];
   double limit = is_f32 ? 2.2e-6 : 5e-12;
   r->bound = is_f32 ? u->bound_f : u->bound_d;
   /* yn's values grow without limit: its error is relative where they are large. */
   double size = fabs(want) > 1 ? fabs(want) : 1;
   if (u->ulps_until != 0 && fabs(x) > u->ulps_until) {
      ulp_note(r, got == want || fabs(got - want) <= limit * size ? 0 : 1e30, got, want,
               x, n);
      return;
   }
   if (is_f32)
      ulp_f(r, (float)got, want, x, n);
   else
      ulp_d(r, got, want, x, n);
}

#ifndef TEST_DIR
#define TEST_DIR "tests"
#endif

static FILE *
open_data(const char *name)
{
   char path[1024];
   snprintf(path, sizeof path, "%s/data/%s", TEST_DIR, name);
   return fopen(path, "r");
}

static void
run_file(const char *name, unsigned is_f32)
{
   FILE *f = open_data(name);
   if (!CHECK(f != NULL))
      return;
   char fn[32];
   int n;
   unsigned long long x, y;
   unsigned lines = 0;
   while (fscanf(f, "%31s %d %llx %llx", fn, &n, &x, &y) == 4) {
      unsigned i = 0;
      while (i < FUNCS && strcmp(funcs[i].name, fn))
         i++;
      if (!CHECK(i < FUNCS))
         break;
      lines++;
      if (is_f32) {
         float a = f_from((u32)x);
         note(i, 1, funcs[i].f(n, a), f_from((u32)y), n, a);
      } else {
         double a = d_from(x);
         note(i, 0, funcs[i].d(n, a), d_from(y), n, a);
      }
   }
   CHECK(lines > 2000);
   fclose(f);
}

/* Special values, as CUDA's documentation states them. */
static void
run_special(void)
{
   const double inf = INFINITY;
   CHECK(__nv_erfcx(inf) == 0 && __nv_erfcx(-inf) == inf && __nv_erfcx(NAN) != 0);
   CHECK(__nv_erfcxf(INFINITY) == 0 && __nv_erfcxf(-INFINITY) == INFINITY);
   CHECK(__nv_erfinv(1) == inf && __nv_erfinv(-1) == -inf && isnan(__nv_erfinv(1.5)));
   CHECK(__nv_erfinvf(1) == inf && __nv_erfinvf(-1) == -inf && isnan(__nv_erfinvf(1.5f)));
   CHECK(__nv_erfinv(0) == 0 && signbit(__nv_erfinv(-0.0)));
   CHECK(__nv_erfcinv(0) == inf && __nv_erfcinv(2) == -inf && __nv_erfcinv(1) == 0);
   CHECK(__nv_erfcinvf(0) == inf && __nv_erfcinvf(2) == -inf);
   CHECK(isnan(__nv_erfcinv(-0.1)) && isnan(__nv_erfcinv(2.1)));
   CHECK(__nv_normcdf(inf) == 1 && __nv_normcdf(-inf) == 0 && isnan(__nv_normcdf(NAN)));
   CHECK(__nv_normcdff(INFINITY) == 1 && __nv_normcdff(-INFINITY) == 0);
   CHECK(__nv_normcdfinv(0) == -inf && __nv_normcdfinv(1) == inf);
   CHECK(__nv_normcdfinvf(0) == -inf && __nv_normcdfinvf(1) == inf);
   CHECK(isnan(__nv_normcdfinv(-1)) && isnan(__nv_normcdfinv(NAN)));
   CHECK(__nv_lgamma(1) == 0 && __nv_lgamma(2) == 0);
   CHECK(__nv_lgamma(0) == inf && __nv_lgamma(-3) == inf && __nv_lgamma(-inf) == inf);
   CHECK(__nv_lgamma(inf) == inf && isnan(__nv_lgamma(NAN)));
   CHECK(__nv_lgamma(1e306) == inf);
   CHECK(__nv_tgamma(0) == inf && __nv_tgamma(-0.0) == -inf && __nv_tgamma(inf) == inf);
   CHECK(isnan(__nv_tgamma(-2)) && isnan(__nv_tgamma(-inf)) && isnan(__nv_tgamma(NAN)));
   CHECK(__nv_tgamma(172) == inf && __nv_tgamma(5) == 24 && __nv_tgamma(-200.5) == 0);
   CHECK(__nv_j0(0) == 1 && __nv_j0(inf) == 0 && isnan(__nv_j0(NAN)));
   CHECK(__nv_j1(0) == 0 && signbit(__nv_j1(-0.0)) && signbit(__nv_j1(-inf)));
   CHECK(fabs(__nv_y0(5e-324) / -473.9999 - 1) < 1e-3 && __nv_y1(5e-324) == -inf);
   CHECK(__nv_y0(0) == -inf && isnan(__nv_y0(-1)) && __nv_y0(inf) == 0);
   CHECK(__nv_y1(0) == -inf && isnan(__nv_y1(-1)) && __nv_y1(inf) == 0);
   CHECK(isnan(__nv_jn(-1, 1)) && isnan(__nv_yn(-1, 1)) && __nv_jn(3, inf) == 0);
   CHECK(__nv_jn(5, 0) == 0 && __nv_yn(5, 0) == -inf && __nv_yn(1000, 1e-3) == -inf);
   CHECK(fabs(__nv_jn(2, 1e-6) / 1.25e-13 - 1) < 1e-9 && __nv_jn(100000, 1) == 0);
   CHECK(__nv_cyl_bessel_i0(0) == 1 && __nv_cyl_bessel_i0(inf) == inf);
   CHECK(__nv_cyl_bessel_i1(-inf) == -inf && __nv_cyl_bessel_i1(0) == 0);
   CHECK(isnan(__nv_cyl_bessel_i0(NAN)) && isnan(__nv_cyl_bessel_i1(NAN)));
}

int
main(int argc, char **argv)
{
   ulp_table = argc > 1 && !strcmp(argv[1], "--report");
   run_file("libdevice_f64.txt", 0);
   run_file("libdevice_f32.txt", 1);
   for (unsigned k = 0; k < 2; k++)
      for (unsigned i = 0; i < FUNCS; i++) {
         char name[32];
         snprintf(name, sizeof name, "%s%s", funcs[i].name, k ? "f" : "");
         ulp_report(name, &results[k][i]);
      }
   run_special();
   return check_done();
}
