// SPDX-License-Identifier: Apache-2.0
// The f64 math functions and the special functions as CUDA programs call them, on the
// device, against libm in long double on the host, each within the bound of CUDA's
// documentation. Inverse functions are judged by the function they invert.
//
// TEST args 50000
// TEST small 2000
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

static int passed, failed;

static double
from_bits(uint64_t u)
{
   double d;
   memcpy(&d, &u, 8);
   return d;
}

static double
ulps(double got, long double want)
{
   double w = (double)want;
   if (std::isnan(got) || std::isnan(w))
      return std::isnan(got) && std::isnan(w) ? 0 : 1e30;
   int64_t a, b;
   memcpy(&a, &got, 8);
   memcpy(&b, &w, 8);
   a = a < 0 ? -(a & INT64_MAX) : a;
   b = b < 0 ? -(b & INT64_MAX) : b;
   return std::fabs((double)(a - b));
}

// name, reference, bound in ulps, domain
#define UNARY(X)                                                                         \
   X(sin, sinl(x), 2, true)                                                              \
   X(cos, cosl(x), 2, true)                                                              \
   X(tan, tanl(x), 2, true)                                                              \
   X(asin, asinl(x), 2, true)                                                            \
   X(acos, acosl(x), 2, true)                                                            \
   X(atan, atanl(x), 2, true)                                                            \
   X(sinh, sinhl(x), 2, true)                                                            \
   X(cosh, coshl(x), 1, true)                                                            \
   X(tanh, tanhl(x), 1, true)                                                            \
   X(asinh, asinhl(x), 3, true)                                                          \
   X(acosh, acoshl(x), 3, true)                                                          \
   X(atanh, atanhl(x), 2, true)                                                          \
   X(exp, expl(x), 1, true)                                                              \
   X(exp2, exp2l(x), 1, true)                                                            \
   X(expm1, expm1l(x), 1, true)                                                          \
   X(log, logl(x), 1, true)                                                              \
   X(log2, log2l(x), 1, true)                                                            \
   X(log10, log10l(x), 1, true)                                                          \
   X(log1p, log1pl(x), 1, true)                                                          \
   X(sqrt, (long double)sqrt(x), 0, true)                                                \
   X(rsqrt, 1 / sqrtl(x), 1, true)                                                       \
   X(cbrt, cbrtl(x), 1, true)                                                            \
   X(erf, erfl(x), 2, true)                                                              \
   X(erfc, erfcl(x), 5, true)                                                            \
   X(floor, floorl(x), 0, true)                                                          \
   X(ceil, ceill(x), 0, true)                                                            \
   X(trunc, truncl(x), 0, true)                                                          \
   X(rint, rintl(x), 0, true)                                                            \
   X(round, roundl(x), 0, true)                                                          \
   X(lgamma, lgammal(x), 4, x > -2.2)                                                    \
   X(tgamma, tgammal(x), 10, true)                                                       \
   X(j0, j0l(x), 7, fabs(x) < 8)                                                         \
   X(j1, j1l(x), 7, fabs(x) < 8)                                                         \
   X(y0, y0l(x), 7, x > 0 && x < 8)                                                      \
   X(y1, y1l(x), 7, x > 0 && x < 8)

#define BINARY(X)                                                                        \
   X(pow, powl(x, y), 2, true)                                                           \
   X(atan2, atan2l(x, y), 2, true)                                                       \
   X(hypot, hypotl(x, y), 2, true)                                                       \
   X(fmod, fmodl(x, y), 0, true)                                                         \
   X(remainder, remainderl(x, y), 0, true)                                               \
   X(fmax, fmaxl(x, y), 0, true)                                                         \
   X(fmin, fminl(x, y), 0, true)                                                         \
   X(copysign, copysignl(x, y), 0, true)                                                 \
   X(nextafter, (long double)nextafter(x, y), 0, true)

#define KERNEL1(name, ref, bound, domain)                                                \
   __global__ void k_##name(const double *x, double *r, int n)                           \
   {                                                                                     \
      int i = blockIdx.x * blockDim.x + threadIdx.x;                                     \
      if (i < n)                                                                         \
         r[i] = name(x[i]);                                                              \
   }
UNARY(KERNEL1)
#define KERNEL2(name, ref, bound, domain)                                                \
   __global__ void k_##name(const double *x, const double *y, double *r, int n)          \
   {                                                                                     \
      int i = blockIdx.x * blockDim.x + threadIdx.x;                                     \
      if (i < n)                                                                         \
         r[i] = name(x[i], y[i]);                                                        \
   }
BINARY(KERNEL2)

// On the device alone: the inverses, for probabilities.
__global__ void
k_inverses(const double *p, double *e, double *c, double *z, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n) {
      e[i] = erfinv(p[i]);
      c[i] = erfcinv(p[i]);
      z[i] = normcdfinv(p[i]);
   }
}

template <typename Ref>
static void
judge(const char *name, const double *x, const double *y, const double *r, int n, Ref ref)
{
   double worst = 0, bound = 0;
   int at = 0, bad = 0, count = 0;
   for (int i = 0; i < n; i++) {
      bool in = true;
      double limit;
      long double want = ref(x[i], y[i], &limit, &in);
      if (!in)
         continue;
      double d = ulps(r[i], want);
      count++;
      if (d > limit && !bad++)
         at = i, bound = limit;
      if (d > worst)
         worst = d;
   }
   if (bad || !count) {
      failed++;
      printf("%s(%a, %a) = %a is wrong (bound %g), %d of %d\n", name, x[at], y[at], r[at],
             bound, bad, count);
   } else {
      passed++;
      printf("%s: %g ulp\n", name, worst);
   }
}

// f(v) must be p to within what `slack` ulps of v and of p make of it.
template <typename F, typename D>
static void
judge_inverse(const char *name, const double *p, const double *v, int n, F f,
              D derivative, double slack)
{
   int bad = 0, at = 0;
   for (int i = 0; i < n; i++) {
      long double off = fabsl(f((long double)v[i]) - (long double)p[i]);
      long double room =
         slack * DBL_EPSILON * fabsl(derivative(v[i]) * (long double)v[i]) +
         1e-18L * fabsl((long double)p[i]);
      if (!(off <= room) && !bad++)
         at = i;
   }
   if (bad) {
      failed++;
      printf("%s(%a) = %a is wrong, %d of %d\n", name, p[at], v[at], bad, n);
   } else {
      passed++;
   }
}

int
main(int argc, char **argv)
{
   int n = argc > 1 ? atoi(argv[1]) : 50000;
   double *x, *y, *r, *s, *t;
   cudaMallocManaged(&x, n * sizeof *x);
   cudaMallocManaged(&y, n * sizeof *y);
   cudaMallocManaged(&r, n * sizeof *r);
   cudaMallocManaged(&s, n * sizeof *s);
   cudaMallocManaged(&t, n * sizeof *t);
   const double special[] = {0.0,    1.0,   0.5,   5e-324,   1e-308,
                             709.78, 745.2, 1e308, INFINITY, NAN};
   uint64_t seed = 88172645463325252ull;
   for (int i = 0; i < n; i++) {
      uint64_t v[2];
      for (int k = 0; k < 2; k++) {
         seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
         v[k] = seed;
      }
      x[i] = i % 3
                ? ldexp(from_bits((v[0] & 0x800fffffffffffffull) | 0x3ff0000000000000ull),
                        (int)(v[1] % 31) - 20)
                : from_bits(v[0]);
      y[i] = i % 3
                ? ldexp(from_bits((v[1] & 0x800fffffffffffffull) | 0x3ff0000000000000ull),
                        (int)(v[0] % 15) - 8)
                : from_bits(v[1]);
      if (i < 20)
         x[i] = i & 1 ? -special[i / 2] : special[i / 2];
      if (std::isnan(x[i]))
         x[i] = NAN; // a quiet one, which the host's functions take as the device's do
      if (std::isnan(y[i]))
         y[i] = 2;
   }
   int blocks = (n + 127) / 128;
#define RUN1(name, ref, bound, domain)                                                   \
   k_##name<<<blocks, 128>>>(x, r, n);                                                   \
   cudaDeviceSynchronize();                                                              \
   judge(#name, x, y, r, n, [](double x, double, double *limit, bool *in) {              \
      *limit = bound;                                                                    \
      *in = (domain);                                                                    \
      return (long double)(ref);                                                         \
   });
   UNARY(RUN1)
#define RUN2(name, ref, bound, domain)                                                   \
   k_##name<<<blocks, 128>>>(x, y, r, n);                                                \
   cudaDeviceSynchronize();                                                              \
   judge(#name, x, y, r, n, [](double x, double y, double *limit, bool *in) {            \
      *limit = bound;                                                                    \
      *in = (domain);                                                                    \
      return (long double)(ref);                                                         \
   });
   BINARY(RUN2)
   for (int i = 0; i < n; i++)
      x[i] = (i + 0.5) / n * (i % 5 == 0 ? 1e-9 : 1.0);
   k_inverses<<<blocks, 128>>>(x, r, s, t, n);
   cudaDeviceSynchronize();
   const long double k = 1.12837916709551257390L; // 2 / sqrt(pi)
   auto slope = [=](long double v) { return k * expl(-v * v); };
   judge_inverse("erfinv", x, r, n, [](long double v) { return erfl(v); }, slope, 6);
   judge_inverse("erfcinv", x, s, n, [](long double v) { return erfcl(v); }, slope, 7);
   judge_inverse(
      "normcdfinv", x, t, n,
      [](long double v) { return erfcl(v * -0.70710678118654752440L) / 2; },
      [=](long double v) { return k * expl(-v * v / 2) * 0.35355339059327376220L; }, 9);
   cudaError_t err = cudaGetLastError();
   if (err != cudaSuccess)
      failed++, printf("%s\n", cudaGetErrorString(err));
   printf("%d passed, %d failed\n", passed, failed);
   return failed != 0;
}
