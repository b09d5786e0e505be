/* SPDX-License-Identifier: Apache-2.0
 * gcc -O3 -ffast-math finds libmvec's vector logf, expf and erfcf where it has them. */
#include <math.h>

#include "../bench.h"

static void
price(long n, const float *restrict s, const float *restrict k, const float *restrict t,
      float *restrict call)
{
#pragma omp parallel for simd schedule(static)
   for (long i = 0; i < n; i++) {
      float v = 0.3f, r = 0.02f, root = sqrtf(t[i]);
      float d1 = (logf(s[i] / k[i]) + (r + 0.5f * v * v) * t[i]) / (v * root);
      float d2 = d1 - v * root;
      float n1 = 0.5f * erfcf(-0.70710678f * d1), n2 = 0.5f * erfcf(-0.70710678f * d2);
      call[i] = s[i] * n1 - k[i] * expf(-r * t[i]) * n2;
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 22), rounds = bench_arg(argc, argv, 2, 5);
   float *p[4];
   for (int k = 0; k < 4; k++)
      p[k] = aligned_alloc(64, (size_t)n * 4);
   unsigned seed = 1;
   for (long i = 0; i < n; i++) {
      p[0][i] = 5 + 25 * bench_random(&seed);
      p[1][i] = 1 + 99 * bench_random(&seed);
      p[2][i] = 0.25f + 9 * bench_random(&seed);
   }
   BENCH(rounds, price(n, p[0], p[1], p[2], p[3]));
   double sum = 0;
   for (long i = 0; i < n; i++)
      sum += p[3][i];
   printf("check %.6g\n", sum);
}
