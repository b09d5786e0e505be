/* SPDX-License-Identifier: Apache-2.0
 * Error in ulps of the correctly rounded result, as CUDA's accuracy tables count it. */
#ifndef KASURI_LIBDEVICE_ULP_H
#define KASURI_LIBDEVICE_ULP_H

static int ulp_table;

struct ulp_result {
   double bound;
   double worst;   /* largest difference in whole ulps */
   double at, at2; /* its arguments */
   double got, want;
   uint64_t count, bad;
};

/* Ordered integers: neighbours differ by one across zero too. */
static int64_t
ulp_key_f(float x)
{
   int32_t i;
   memcpy(&i, &x, 4);
   return i < 0 ? -(int64_t)(i & 0x7fffffff) : i;
}

static int64_t
ulp_key_d(double x)
{
   int64_t i;
   memcpy(&i, &x, 8);
   return i < 0 ? -(i & INT64_MAX) : i;
}

static void
ulp_note(struct ulp_result *r, double diff, double got, double want, double x, double y)
{
   r->count++;
   if (diff > r->bound)
      r->bad++;
   if (diff > r->worst) {
      r->worst = diff;
      r->at = x;
      r->at2 = y;
      r->got = got;
      r->want = want;
   }
}

__attribute__((unused)) static void
ulp_f(struct ulp_result *r, float got, double want, double x, double y)
{
   float w = (float)want;
   double diff = got != got || w != w ? (got != got && w != w ? 0 : 1e30)
                                      : (double)llabs(ulp_key_f(got) - ulp_key_f(w));
   if (got == 0 && w == 0 && signbit(got) != signbit(w))
      diff = 1e29; /* the sign of zero is part of the result */
   ulp_note(r, diff, got, want, x, y);
}

__attribute__((unused)) static void
ulp_d(struct ulp_result *r, double got, long double want, double x, double y)
{
   double w = (double)want;
   double diff = got != got || w != w ? (got != got && w != w ? 0 : 1e30)
                                      : fabs((double)(ulp_key_d(got) - ulp_key_d(w)));
   if (got == 0 && w == 0 && signbit(got) != signbit(w))
      diff = 1e29;
   ulp_note(r, diff, got, w, x, y);
}

static void
ulp_report(const char *name, const struct ulp_result *r)
{
   if (ulp_table)
      printf("| %s | %g | %g |\n", name, r->bound, r->worst);
   if (!check_that(r->bad == 0, __FILE__, __LINE__, name))
      fprintf(stderr, "   %s(%a, %a): got %a, want %a, %g ulp (bound %g); %llu of %llu\n",
              name, r->at, r->at2, r->got, r->want, r->worst, r->bound,
              (unsigned long long)r->bad, (unsigned long long)r->count);
}

static inline uint64_t
ulp_random(uint64_t *s)
{
   *s ^= *s << 13;
   *s ^= *s >> 7;
   *s ^= *s << 17;
   return *s * 0x2545f4914f6cdd1dull;
}

__attribute__((unused)) static const float special_f[] = {
   0.0f,
   0x1p-149f,
   0x1.8p-148f,
   0x1.fffffcp-127f,
   0x1p-126f,
   0x1p-100f,
   0x1p-30f,
   0x1p-25f,
   0x1p-24f,
   0x1p-12f,
   0.25f,
   0.49999997f,
   0.5f,
   0.50000006f,
   0.99999994f,
   1.0f,
   1.0000001f,
   1.5f,
   2.0f,
   2.5f,
   3.0f,
   4.0f,
   5.0f,
   7.0f,
   10.0f,
   88.72283f,
   88.72284f,
   89.0f,
   103.97208f,
   104.0f,
   127.0f,
   128.0f,
   149.0f,
   150.0f,
   8388607.5f,
   8388609.0f,
   16777215.0f,
   16777216.0f,
   70000.0f,
   2147483648.0f,
   0x1.fffffep+63f,
   0x1p+64f,
   0x1p+100f,
   0x1.fffffep+127f,
   __builtin_inff(),
   __builtin_nanf(""),
};

__attribute__((unused)) static const double special_d[] = {
   0.0,
   0x1p-1074,
   0x1.8p-1073,
   0x1.ffffffffffffep-1023,
   0x1p-1022,
   0x1p-900,
   0x1p-60,
   0x1p-53,
   0x1p-27,
   0.25,
   0x1.fffffffffffffp-2,
   0.5,
   0x1.0000000000001p-1,
   0x1.fffffffffffffp-1,
   1.0,
   0x1.0000000000001p+0,
   1.5,
   2.0,
   2.5,
   3.0,
   4.0,
   5.0,
   7.0,
   10.0,
   300.0,
   308.3,
   320.0,
   709.7827128933840,
   709.79,
   710.5,
   745.1,
   745.2,
   1023.0,
   1024.0,
   1074.0,
   1075.0,
   70000.0,
   0x1.fffffffffffffp+51,
   0x1p+53,
   0x1p+63,
   0x1p+64,
   0x1p+100,
   0x1p+900,
   0x1.fffffffffffffp+1023,
   __builtin_inf(),
   __builtin_nan(""),
};

#endif
