/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "../bench.h"

static void
gelu(long n, const _Float16 *restrict in, _Float16 *restrict out)
{
#pragma omp parallel for simd schedule(static)
   for (long i = 0; i < n; i++) {
      float x = (float)in[i], e = expf(1.59576912f * (x + 0.044715f * x * x * x));
      out[i] = (_Float16)(x - x / (e + 1));
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 23), rounds = bench_arg(argc, argv, 2, 5);
   _Float16 *in = bench_alloc((size_t)n * 2), *out = bench_alloc((size_t)n * 2);
   unsigned seed = 1;
   for (long i = 0; i < n; i++)
      in[i] = (_Float16)(8 * bench_random(&seed) - 4);
   BENCH(rounds, gelu(n, in, out));
   double sum = 0;
   for (long i = 0; i < n; i++)
      sum += (double)out[i] * (double)(1 + i % 13);
   printf("check %.9g\n", sum);
}
