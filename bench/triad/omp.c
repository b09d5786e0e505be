/* SPDX-License-Identifier: Apache-2.0 */
#include "../bench.h"

static void
triad(long n, float s, const float *restrict b, const float *restrict c, float *restrict a)
{
#pragma omp parallel for simd schedule(static)
   for (long i = 0; i < n; i++)
      a[i] = b[i] + s * c[i];
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 24), rounds = bench_arg(argc, argv, 2, 5);
   float *a = bench_floats(n), *b = bench_random_floats(n, 1), *c = bench_random_floats(n, 2);
   BENCH(rounds, triad(n, 3.0f, b, c, a));
   bench_check(a, n);
}
