/* SPDX-License-Identifier: Apache-2.0 */
#include "../bench.h"

static void
saxpy(long n, float a, const float *restrict x, float *restrict y)
{
#pragma omp parallel for simd schedule(static)
   for (long i = 0; i < n; i++)
      y[i] = a * x[i] + y[i];
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 24), rounds = bench_arg(argc, argv, 2, 5);
   float *x = aligned_alloc(64, (size_t)n * 4), *y = aligned_alloc(64, (size_t)n * 4);
   for (long i = 0; i < n; i++) {
      x[i] = (float)(i % 7);
      y[i] = (float)(i % 5);
   }
   BENCH(rounds, saxpy(n, 0.5f, x, y));
   double sum = 0;
   for (long i = 0; i < n; i++)
      sum += y[i];
   printf("check %.9g\n", sum);
}
