/* SPDX-License-Identifier: Apache-2.0 */
#include "../sparse.h"

#define STEPS 10

static void
pagerank(struct csr m, float *restrict shares, float *restrict rank)
{
   int n = m.n;
   const int *restrict start = m.start, *restrict col = m.col;
#pragma omp parallel
   {
#pragma omp for simd schedule(static)
      for (int i = 0; i < n; i++)
         rank[i] = 1;
      for (int s = 0; s < STEPS; s++) {
#pragma omp for simd schedule(static)
         for (int i = 0; i < n; i++)
            shares[i] = rank[i] / (float)(start[i + 1] - start[i]);
#pragma omp for schedule(static)
         for (int i = 0; i < n; i++) {
            float sum = 0;
#pragma omp simd reduction(+ : sum)
            for (int k = start[i]; k < start[i + 1]; k++)
               sum += shares[col[k]];
            rank[i] = 0.15f + 0.85f * sum;
         }
      }
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 18);
   long rounds = bench_arg(argc, argv, 2, 5);
   struct csr m = sparse_make(n);
   float *rank = bench_floats(n), *shares = bench_floats(n);
   BENCH(rounds, pagerank(m, shares, rank));
   bench_check(rank, n);
}
