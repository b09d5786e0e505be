/* SPDX-License-Identifier: Apache-2.0
 * tanh by one exponential, which is faster than libmvec's tanhf. */
#include <math.h>

#include "../bench.h"

static void
gelu(long n, const float *restrict in, float *restrict out)
{
#pragma omp parallel for simd schedule(static)
   for (long i = 0; i < n; i++) {
      float x = in[i], e = expf(1.59576912f * (x + 0.044715f * x * x * x));
      out[i] = x - x / (e + 1);
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 23), rounds = bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats(n, 1), *out = bench_floats(n);
   for (long i = 0; i < n; i++)
      in[i] = 8 * in[i] - 4;
   BENCH(rounds, gelu(n, in, out));
   bench_check(out, n);
}
