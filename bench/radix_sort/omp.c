/* SPDX-License-Identifier: Apache-2.0
 * Four passes of 8 bits; each thread counts its part, then scatters it from its offsets. */
#include <omp.h>
#include <string.h>

#include "../bench.h"

#define DIGITS 256
#define MOST 256

static unsigned counts[MOST][DIGITS];

static void
pass(long n, int shift, const unsigned *restrict in, unsigned *restrict out)
{
#pragma omp parallel num_threads(omp_get_max_threads() < MOST ? omp_get_max_threads() : MOST)
   {
      int k = omp_get_thread_num(), threads = omp_get_num_threads();
      long from = n * k / threads, to = n * (k + 1) / threads;
      unsigned *mine = counts[k], at[DIGITS], sum = 0;
      memset(mine, 0, sizeof counts[k]);
      for (long i = from; i < to; i++)
         mine[in[i] >> shift & (DIGITS - 1)]++;
#pragma omp barrier
      for (int d = 0; d < DIGITS; d++)
         for (int t = 0; t < threads; t++) {
            if (t == k)
               at[d] = sum;
            sum += counts[t][d];
         }
      for (long i = from; i < to; i++)
         out[at[in[i] >> shift & (DIGITS - 1)]++] = in[i];
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 22), rounds = bench_arg(argc, argv, 2, 5);
   size_t bytes = (size_t)n * sizeof(unsigned);
   unsigned *start = bench_alloc(bytes), *a = bench_alloc(bytes), *b = bench_alloc(bytes);
   unsigned seed = 1;
   for (long i = 0; i < n; i++) {
      bench_random(&seed);
      start[i] = seed;
   }
   BENCH(rounds, {
      memcpy(a, start, bytes);
      for (int shift = 0; shift < 32; shift += 16) {
         pass(n, shift, a, b);
         pass(n, shift + 8, b, a);
      }
   });
   bench_check_ints((int *)a, n);
}
