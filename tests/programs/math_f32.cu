// SPDX-License-Identifier: Apache-2.0
// The f32 math functions as CUDA programs call them, on the device, against libm in
// double on the host, each within the ulp bound of CUDA's documentation.
//
// TEST args 200000
// TEST small 3000
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

static int passed, failed;

static float
from_bits(uint32_t u)
{
   float f;
   memcpy(&f, &u, 4);
   return f;
}

// Floats of both signs in ascending order as integers, for differences in ulps.
static int64_t
key(float x)
{
   int32_t i;
   memcpy(&i, &x, 4);
   return i < 0 ? -(int64_t)(i & 0x7fffffff) : i;
}

static double
ulps(float got, double want)
{
   float w = (float)want;
   if (std::isnan(got) || std::isnan(w))
      return std::isnan(got) && std::isnan(w) ? 0 : 1e30;
   return std::fabs((double)(key(got) - key(w)));
}

#define UNARY(X)                                                                         \
   X(sinf, sin(x), 2)                                                                    \
   X(cosf, cos(x), 2)                                                                    \
   X(tanf, tan(x), 4)                                                                    \
   X(asinf, asin(x), 2)                                                                  \
   X(acosf, acos(x), 2)                                                                  \
   X(atanf, atan(x), 2)                                                                  \
   X(sinhf, sinh(x), 3)                                                                  \
   X(coshf, cosh(x), 2)                                                                  \
   X(tanhf, tanh(x), 2)                                                                  \
   X(asinhf, asinh(x), 3)                                                                \
   X(acoshf, acosh(x), 4)                                                                \
   X(atanhf, atanh(x), 3)                                                                \
   X(expf, exp(x), 2)                                                                    \
   X(exp2f, exp2(x), 2)                                                                  \
   X(exp10f, pow(10.0, x), 2)                                                            \
   X(expm1f, expm1(x), 1)                                                                \
   X(logf, log(x), 1)                                                                    \
   X(log2f, log2(x), 1)                                                                  \
   X(log10f, log10(x), 2)                                                                \
   X(log1pf, log1p(x), 1)                                                                \
   X(sqrtf, sqrt(x), 0)                                                                  \
   X(rsqrtf, 1 / sqrt(x), 2)                                                             \
   X(cbrtf, cbrt(x), 1)                                                                  \
   X(rcbrtf, 1 / cbrt(x), 1)                                                             \
   X(erff, erf(x), 2)                                                                    \
   X(erfcf, erfc(x), 4)                                                                  \
   X(normcdff, 0.5 * erfc(x * -0.70710678118654752440), 5)                               \
   X(floorf, floor(x), 0)                                                                \
   X(ceilf, ceil(x), 0)                                                                  \
   X(truncf, trunc(x), 0)                                                                \
   X(rintf, rint(x), 0)                                                                  \
   X(roundf, round(x), 0)                                                                \
   X(fabsf, fabs(x), 0)                                                                  \
   X(logbf, logb(x), 0)                                                                  \
   X(lgammaf, x > -2.2 ? lgamma(x) : (double)NAN, x > -2.2 ? 6 : 2e30)                   \
   X(tgammaf, tgamma(x), 5)

#define BINARY(X)                                                                        \
   X(powf, pow(x, y), 4)                                                                 \
   X(atan2f, atan2(x, y), 3)                                                             \
   X(hypotf, hypot(x, y), 3)                                                             \
   X(rhypotf, 1 / hypot(x, y), 2)                                                        \
   X(fmodf, fmod(x, y), 0)                                                               \
   X(remainderf, remainder(x, y), 0)                                                     \
   X(fmaxf, fmax(x, y), 0)                                                               \
   X(fminf, fmin(x, y), 0)                                                               \
   X(fdimf, (double)fdimf(x, y), 0)                                                      \
   X(copysignf, copysign(x, y), 0)                                                       \
   X(nextafterf, (double)nextafterf(x, y), 0)

#define KERNEL1(name, ref, bound)                                                        \
   __global__ void k_##name(const float *x, float *r, int n)                             \
   {                                                                                     \
      int i = blockIdx.x * blockDim.x + threadIdx.x;                                     \
      if (i < n)                                                                         \
         r[i] = name(x[i]);                                                              \
   }
UNARY(KERNEL1)
#define KERNEL2(name, ref, bound)                                                        \
   __global__ void k_##name(const float *x, const float *y, float *r, int n)             \
   {                                                                                     \
      int i = blockIdx.x * blockDim.x + threadIdx.x;                                     \
      if (i < n)                                                                         \
         r[i] = name(x[i], y[i]);                                                        \
   }
BINARY(KERNEL2)

__global__ void
k_pairs(const float *x, float *s, float *c, int *e, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n) {
      sincosf(x[i], &s[i], &c[i]);
      float whole, part = modff(x[i], &whole);
      int ex, quo;
      float m = frexpf(x[i], &ex), rest = remquof(x[i], 0.75f, &quo);
      // Each of these must undo the other.
      e[i] = isfinite(x[i]) && (whole + part != x[i] || ldexpf(m, ex) != x[i] ||
                                !(fabsf(rest) <= 0.375f) || scalbnf(x[i], 0) != x[i]);
   }
}

template <typename Ref>
static void
judge(const char *name, const float *x, const float *y, const float *r, int n, Ref ref)
{
   double worst = 0, bound = 0;
   int at = 0, bad = 0;
   for (int i = 0; i < n; i++) {
      double limit, want = ref(x[i], y[i], &limit), d = ulps(r[i], want);
      if (d > limit && !bad++)
         at = i, bound = limit;
      if (d > worst && d <= limit)
         worst = d;
   }
   if (bad) {
      failed++;
      printf("%s(%a, %a) = %a is wrong (bound %g), %d of %d\n", name, x[at], y[at], r[at],
             bound, bad, n);
   } else {
      passed++;
      printf("%s: %g ulp\n", name, worst > 1e9 ? 0 : worst);
   }
}

int
main(int argc, char **argv)
{
   int n = argc > 1 ? atoi(argv[1]) : 100000;
   float *x, *y, *r, *s;
   int *e;
   cudaMallocManaged(&x, n * sizeof *x);
   cudaMallocManaged(&y, n * sizeof *y);
   cudaMallocManaged(&r, n * sizeof *r);
   cudaMallocManaged(&s, n * sizeof *s);
   cudaMallocManaged(&e, n * sizeof *e);
   const float special[] = {0.0f,  1.0f,   0.5f,  1e-45f,   1e-38f,
                            88.8f, 104.0f, 3e38f, INFINITY, NAN};
   uint64_t seed = 88172645463325252ull;
   for (int i = 0; i < n; i++) {
      seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
      uint32_t a = (uint32_t)seed, b = (uint32_t)(seed >> 32);
      // A third of any bits, the others around one.
      x[i] = i % 3
                ? ldexpf(from_bits(0x3f800000u | (a & 0x807fffffu)), (int)(b & 31) - 20)
                : from_bits(a);
      y[i] = i % 3 ? ldexpf(from_bits(0x3f800000u | (b & 0x807fffffu)), (int)(a & 15) - 8)
                   : from_bits(b);
      if (i < 20)
         x[i] = i & 1 ? -special[i / 2] : special[i / 2];
      if (std::isnan(x[i]))
         x[i] = NAN; // a quiet one, which the host's functions take as the device's do
      if (std::isnan(y[i]))
         y[i] = 2;
   }
   int blocks = (n + 127) / 128;
#define RUN1(name, ref, bound)                                                           \
   k_##name<<<blocks, 128>>>(x, r, n);                                                   \
   cudaDeviceSynchronize();                                                              \
   judge(#name, x, y, r, n, [](double x, double, double *limit) {                        \
      *limit = bound;                                                                    \
      return (double)(ref);                                                              \
   });
   UNARY(RUN1)
#define RUN2(name, ref, bound)                                                           \
   k_##name<<<blocks, 128>>>(x, y, r, n);                                                \
   cudaDeviceSynchronize();                                                              \
   judge(#name, x, y, r, n, [](double x, double y, double *limit) {                      \
      *limit = bound;                                                                    \
      return (double)(ref);                                                              \
   });
   BINARY(RUN2)
   k_pairs<<<blocks, 128>>>(x, r, s, e, n);
   cudaDeviceSynchronize();
   auto two = [](double v, double *limit) {
      *limit = 2;
      return v;
   };
   judge("sincosf, sine", x, y, r, n,
         [&](double x, double, double *l) { return two(sin(x), l); });
   judge("sincosf, cosine", x, y, s, n,
         [&](double x, double, double *l) { return two(cos(x), l); });
   int wrong = 0;
   for (int i = 0; i < n; i++)
      wrong += e[i];
   wrong ? failed++ : passed++;
   cudaError_t err = cudaGetLastError();
   if (err != cudaSuccess)
      failed++, printf("%s\n", cudaGetErrorString(err));
   printf("%d passed, %d failed\n", passed, failed);
   return failed != 0;
}
