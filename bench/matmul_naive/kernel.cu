// SPDX-License-Identifier: Apache-2.0
// C = A B, n x n, a thread an element, straight from global memory.
#include "../bench.h"

__global__ void
matmul(int n, const float *a, const float *b, float *c)
{
   int col = blockIdx.x * blockDim.x + threadIdx.x;
   int row = blockIdx.y * blockDim.y + threadIdx.y;
   if (row >= n || col >= n)
      return;
   float sum = 0;
   for (int k = 0; k < n; k++)
      sum += a[row * n + k] * b[k * n + col];
   c[row * n + col] = sum;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 768), rounds = (int)bench_arg(argc, argv, 2, 5);
   long cells = (long)n * n;
   float *a = bench_random_floats(cells, 1), *b = bench_random_floats(cells, 2);
   float *c = bench_floats(cells);
   dim3 block(16, 16), grid((n + 15) / 16, (n + 15) / 16);
   BENCH(rounds, {
      matmul<<<grid, block>>>(n, a, b, c);
      cudaDeviceSynchronize();
   });
   bench_check(c, cells);
}
