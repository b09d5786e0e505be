/* SPDX-License-Identifier: Apache-2.0 */
#include "../bench.h"

static float
reduce(long n, const float *x)
{
   float s = 0;
#pragma omp parallel for simd schedule(static) reduction(+ : s)
   for (long i = 0; i < n; i++)
      s += x[i];
   return s;
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 24), rounds = bench_arg(argc, argv, 2, 5);
   float *x = aligned_alloc(64, (size_t)n * 4), s = 0;
   for (long i = 0; i < n; i++)
      x[i] = (float)(i % 3) / 4096;
   BENCH(rounds, s = reduce(n, x));
   printf("check %.6g\n", s);
}
