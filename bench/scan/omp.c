/* SPDX-License-Identifier: Apache-2.0
 * Each thread sums its part, then scans it from where the parts before it end. */
#include <omp.h>

#include "../bench.h"

static void
scan(long n, const int *restrict in, int *restrict out)
{
   int sums[257] = {0};
#pragma omp parallel num_threads(omp_get_max_threads() < 256 ? omp_get_max_threads() : 256)
   {
      long k = omp_get_thread_num(), threads = omp_get_num_threads();
      long from = n * k / threads, to = n * (k + 1) / threads;
      int s = 0;
#pragma omp simd reduction(+ : s)
      for (long i = from; i < to; i++)
         s += in[i];
      sums[k + 1] = s;
#pragma omp barrier
      s = 0;
      for (long j = 0; j <= k; j++)
         s += sums[j];
#pragma omp simd reduction(inscan, + : s)
      for (long i = from; i < to; i++) {
         s += in[i];
#pragma omp scan inclusive(s)
         out[i] = s;
      }
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 24), rounds = bench_arg(argc, argv, 2, 5);
   int *in = (int *)bench_alloc((size_t)n * sizeof(int));
   int *out = (int *)bench_alloc((size_t)n * sizeof(int));
   for (long i = 0; i < n; i++)
      in[i] = (int)(i % 11) - 3;
   BENCH(rounds, scan(n, in, out));
   bench_check_ints(out, n);
}
