/* SPDX-License-Identifier: Apache-2.0
 * The vector runs over the entries of a row. */
#include "../sparse.h"

static void
spmv(struct csr m, const float *restrict x, float *restrict y)
{
#pragma omp parallel for schedule(static)
   for (int row = 0; row < m.n; row++) {
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int k = m.start[row]; k < m.start[row + 1]; k++)
         sum += m.val[k] * x[m.col[k]];
      y[row] = sum;
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 19);
   long rounds = bench_arg(argc, argv, 2, 5);
   struct csr m = sparse_make(n);
   float *x = bench_random_floats(n, 3), *y = bench_floats(n);
   BENCH(rounds, spmv(m, x, y));
   bench_check(y, n);
}
