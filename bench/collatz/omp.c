/* SPDX-License-Identifier: Apache-2.0
 * Sixteen starts at a time with a mask. */
#include "../bench.h"

#define W 16

static void
collatz(long n, int *restrict steps)
{
#pragma omp parallel for schedule(dynamic, 256)
   for (long i = 0; i < n; i += W) {
      unsigned long long x[W], any = 1;
      long long k[W] = {0};
      for (int l = 0; l < W; l++)
         x[l] = (unsigned long long)(i + l + 1);
      while (any) {
         any = 0;
#pragma omp simd reduction(| : any)
         for (int l = 0; l < W; l++) {
            unsigned long long go = x[l] != 1, up = 3 * x[l] + 1, down = x[l] / 2;
            unsigned long long next = x[l] % 2 ? up : down;
            x[l] = go ? next : x[l];
            k[l] += (long long)go;
            any |= go;
         }
      }
      for (int l = 0; l < W && i + l < n; l++)
         steps[i + l] = (int)k[l];
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 20), rounds = bench_arg(argc, argv, 2, 5);
   int *steps = (int *)bench_alloc((size_t)n * sizeof(int));
   BENCH(rounds, collatz(n, steps));
   bench_check_ints(steps, n);
}
