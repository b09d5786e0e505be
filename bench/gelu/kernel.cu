// SPDX-License-Identifier: Apache-2.0
// GELU in its tanh form on n floats.
#include "../bench.h"

__global__ void
gelu(int n, const float *in, float *out)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   float x = in[i];
   out[i] = 0.5f * x * (1 + tanhf(0.79788456f * (x + 0.044715f * x * x * x)));
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 23), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats(n, 1), *out = bench_floats(n);
   for (int i = 0; i < n; i++)
      in[i] = 8 * in[i] - 4;
   BENCH(rounds, {
      gelu<<<(n + 255) / 256, 256>>>(n, in, out);
      cudaDeviceSynchronize();
   });
   bench_check(out, n);
}
