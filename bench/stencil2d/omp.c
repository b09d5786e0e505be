/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../bench.h"

static void
step(long n, const float *restrict in, float *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long y = 1; y < n - 1; y++)
#pragma omp simd
      for (long x = 1; x < n - 1; x++) {
         long i = y * n + x;
         out[i] = 0.5f * in[i] + 0.125f * (in[i - 1] + in[i + 1] + in[i - n] + in[i + n]);
      }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 4096), rounds = bench_arg(argc, argv, 2, 5);
   size_t bytes = (size_t)(n * n) * 4;
   float *a = aligned_alloc(64, bytes), *b = aligned_alloc(64, bytes);
   for (long i = 0; i < n * n; i++)
      a[i] = (float)(i % 17);
   memset(b, 0, bytes);
   BENCH(rounds, step(n, a, b));
   double sum = 0;
   for (long i = 0; i < n * n; i++)
      sum += b[i];
   printf("check %.9g\n", sum);
}
