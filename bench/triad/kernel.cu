// SPDX-License-Identifier: Apache-2.0
// STREAM's triad, a = b + s c: two loads and a store an element.
#include "../bench.h"

__global__ void
triad(int n, float s, const float *b, const float *c, float *a)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      a[i] = b[i] + s * c[i];
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 24), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *a = bench_floats(n), *b = bench_random_floats(n, 1), *c = bench_random_floats(n, 2);
   BENCH(rounds, {
      triad<<<(n + 255) / 256, 256>>>(n, 3.0f, b, c, a);
      cudaDeviceSynchronize();
   });
   bench_check(a, n);
}
