// SPDX-License-Identifier: Apache-2.0
// Five-point stencil on an n x n grid, blocks of 32 x 8.
#include "../bench.h"

__global__ void
advance(int n, const float *in, float *out)
{
   int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
   if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1)
      return;
   int i = y * n + x;
   out[i] = 0.5f * in[i] + 0.125f * (in[i - 1] + in[i + 1] + in[i - n] + in[i + n]);
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 4096), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *a, *b;
   cudaMallocManaged(&a, (size_t)n * n * sizeof(float));
   cudaMallocManaged(&b, (size_t)n * n * sizeof(float));
   for (int i = 0; i < n * n; i++)
      a[i] = (float)(i % 17);
   dim3 grid((n + 31) / 32, (n + 7) / 8), block(32, 8);
   BENCH(rounds, {
      advance<<<grid, block>>>(n, a, b);
      cudaDeviceSynchronize();
   });
   double sum = 0;
   for (int i = 0; i < n * n; i++)
      sum += b[i];
   printf("check %.9g\n", sum);
}
