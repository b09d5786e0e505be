// SPDX-License-Identifier: Apache-2.0
// Divergent loops: steps until escape, up to 256, n x n points.
#include "../bench.h"

__global__ void
mandelbrot(int n, int *out)
{
   int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
   if (x >= n || y >= n)
      return;
   float cx = -2.0f + 3.0f * x / n, cy = -1.5f + 3.0f * y / n, a = 0, b = 0;
   int k = 0;
   while (k < 256 && a * a + b * b < 4) {
      float t = a * a - b * b + cx;
      b = 2 * a * b + cy;
      a = t;
      k++;
   }
   out[y * n + x] = k;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1024), rounds = (int)bench_arg(argc, argv, 2, 5);
   int *out;
   cudaMallocManaged(&out, (size_t)n * n * sizeof(int));
   dim3 block(32, 8), grid((n + 31) / 32, (n + 7) / 8);
   BENCH(rounds, {
      mandelbrot<<<grid, block>>>(n, out);
      cudaDeviceSynchronize();
   });
   double sum = 0;
   for (int i = 0; i < n * n; i++)
      sum += out[i];
   printf("check %.4g\n", sum);
}
