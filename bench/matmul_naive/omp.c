/* SPDX-License-Identifier: Apache-2.0
 * The textbook's loops in the order that streams: a row of C at a time, no blocking. */
#include <string.h>

#include "../bench.h"

static void
matmul(long n, const float *restrict a, const float *restrict b, float *restrict c)
{
#pragma omp parallel for schedule(static)
   for (long i = 0; i < n; i++) {
      float *row = c + i * n;
      memset(row, 0, (size_t)n * sizeof(float));
      for (long k = 0; k < n; k++) {
         float x = a[i * n + k];
#pragma omp simd
         for (long j = 0; j < n; j++)
            row[j] += x * b[k * n + j];
      }
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 768), rounds = bench_arg(argc, argv, 2, 5);
   float *a = bench_random_floats(n * n, 1), *b = bench_random_floats(n * n, 2);
   float *c = bench_floats(n * n);
   BENCH(rounds, matmul(n, a, b, c));
   bench_check(c, n * n);
}
