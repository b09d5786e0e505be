/* SPDX-License-Identifier: Apache-2.0
 * Strips of rows, so that the sums stay in cache; the vector runs over rows. */
#include "../sparse.h"

#define WIDTH 31
#define STRIP 64

static void
spmv(long n, const int *restrict col, const float *restrict val, const float *restrict x,
     float *restrict y)
{
#pragma omp parallel for schedule(static)
   for (long r0 = 0; r0 < n; r0 += STRIP) {
      float sum[STRIP] = {0};
      for (long k = 0; k < WIDTH; k++)
#pragma omp simd
         for (long r = 0; r < STRIP; r++)
            sum[r] += val[k * n + r0 + r] * x[col[k * n + r0 + r]];
#pragma omp simd
      for (long r = 0; r < STRIP; r++)
         y[r0 + r] = sum[r];
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 18);
   long rounds = bench_arg(argc, argv, 2, 5);
   int *col = sparse_ell_columns(n, WIDTH);
   float *val = bench_random_floats((long)WIDTH * n, 2);
   float *x = bench_random_floats(n, 3), *y = bench_floats(n);
   BENCH(rounds, spmv(n, col, val, x, y));
   bench_check(y, n);
}
