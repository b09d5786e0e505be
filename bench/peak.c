/* SPDX-License-Identifier: Apache-2.0
 * What this machine can do at most, for the rooflines: bytes a second of a triad over n
 * floats, and f32 operations a second of fused multiply-adds in registers. */
#include "bench.h"

#ifdef __AVX512F__ /* a chain is one register */
#define LANES 16
#else
#define LANES 8
#endif
#define CHAINS 12

static double
bandwidth(long n)
{
   float *a = bench_random_floats(n, 1), *b = bench_random_floats(n, 2), *c = bench_floats(n);
   long times = 1 + (1 << 24) / n;
   double best = 1e9;
   for (int r = 0; r < 6; r++) {
      double t = bench_now();
#pragma omp parallel
      for (long k = 0; k < times; k++)
#pragma omp for simd schedule(static)
         for (long i = 0; i < n; i++)
            c[i] = a[i] + 3 * b[i];
      t = (bench_now() - t) / (double)times;
      best = r && t < best ? t : best;
   }
   return 12.0 * (double)n / best;
}

static double
flops(void)
{
   const long steps = 4000000;
   volatile float seed = 0.5f; /* what the compiler cannot know it cannot fold */
   double best = 0;
   for (int r = 0; r < 3; r++) {
      double sum = 0, total = 0;
#pragma omp parallel reduction(+ : sum, total)
      {
         typedef float vec __attribute__((vector_size(4 * LANES)));
         vec x[CHAINS], m = {0};
         m += seed;
         for (int c = 0; c < CHAINS; c++)
            x[c] = m * (float)(c + 1);
         double t = bench_now();
         for (long k = 0; k < steps; k++)
#pragma GCC unroll 12 /* keeps the chains in registers */
            for (int c = 0; c < CHAINS; c++)
               x[c] = x[c] * m + m;
         total += 2.0 * LANES * CHAINS * (double)steps / (bench_now() - t);
         for (int c = 0; c < CHAINS; c++)
            sum += (double)x[c][0];
      }
      if (sum > 0 && total > best)
         best = total;
   }
   return best;
}

int
main(int argc, char **argv)
{
   printf("bandwidth %.6g\n", bandwidth(bench_arg(argc, argv, 1, 1 << 24)));
   printf("flops %.6g\n", flops());
}
