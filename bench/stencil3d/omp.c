/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "../bench.h"

static void
step(long n, const float *restrict in, float *restrict out)
{
   long plane = n * n;
#pragma omp parallel for collapse(2) schedule(static)
   for (long z = 1; z < n - 1; z++)
      for (long y = 1; y < n - 1; y++)
#pragma omp simd
         for (long x = 1; x < n - 1; x++) {
            long i = z * plane + y * n + x;
            out[i] = 0.4f * in[i] + 0.1f * (in[i - plane] + in[i + plane] + in[i - 1] +
                                            in[i + 1] + in[i - n] + in[i + n]);
         }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 256), rounds = bench_arg(argc, argv, 2, 5);
   long cells = n * n * n;
   float *in = bench_random_floats(cells, 1), *out = bench_floats(cells);
   memset(out, 0, (size_t)cells * sizeof(float));
   BENCH(rounds, step(n, in, out));
   bench_check(out, cells);
}
