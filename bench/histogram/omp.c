/* SPDX-License-Identifier: Apache-2.0
 * A private histogram a thread, four of them to break up runs of one value. */
#include <string.h>

#include "../bench.h"

static void
histogram(long n, const unsigned char *x, unsigned *bins)
{
   memset(bins, 0, 256 * sizeof *bins);
#pragma omp parallel
   {
      unsigned local[4][256] = {{0}};
#pragma omp for schedule(static)
      for (long i = 0; i < n / 4; i++)
         for (int k = 0; k < 4; k++)
            local[k][x[i * 4 + k]]++;
#pragma omp critical
      for (int i = 0; i < 256; i++)
         bins[i] += local[0][i] + local[1][i] + local[2][i] + local[3][i];
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 24), rounds = bench_arg(argc, argv, 2, 5);
   unsigned char *x = aligned_alloc(64, (size_t)n);
   unsigned bins[256], seed = 1;
   for (long i = 0; i < n; i++)
      x[i] = (unsigned char)(bench_random(&seed) * bench_random(&seed) * 256);
   BENCH(rounds, histogram(n, x, bins));
   double sum = 0;
   for (int i = 0; i < 256; i++)
      sum += (double)bins[i] * i;
   printf("check %.9g\n", sum);
}
