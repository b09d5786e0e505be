/* SPDX-License-Identifier: Apache-2.0
 * Blocks of 16 x 16, so that each cache line is read and written whole. */
#include "../bench.h"

#define T 16

static void
transpose(long n, const float *restrict in, float *restrict out)
{
#pragma omp parallel for collapse(2) schedule(static)
   for (long y0 = 0; y0 < n; y0 += T)
      for (long x0 = 0; x0 < n; x0 += T)
         for (long x = x0; x < x0 + T; x++)
#pragma omp simd
            for (long y = y0; y < y0 + T; y++)
               out[x * n + y] = in[y * n + x];
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 4096), rounds = bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats(n * n, 1), *out = bench_floats(n * n);
   BENCH(rounds, transpose(n, in, out));
   bench_check(out, n * n);
}
