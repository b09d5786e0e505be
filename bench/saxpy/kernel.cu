// SPDX-License-Identifier: Apache-2.0
// y = a x + y: streaming, two loads and a store an element.
#include "../bench.h"

__global__ void
saxpy(int n, float a, const float *x, float *y)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      y[i] = a * x[i] + y[i];
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 24), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *x, *y;
   cudaMallocManaged(&x, n * sizeof(float));
   cudaMallocManaged(&y, n * sizeof(float));
   for (int i = 0; i < n; i++) {
      x[i] = (float)(i % 7);
      y[i] = (float)(i % 5);
   }
   BENCH(rounds, {
      saxpy<<<(n + 255) / 256, 256>>>(n, 0.5f, x, y);
      cudaDeviceSynchronize();
   });
   double sum = 0;
   for (int i = 0; i < n; i++)
      sum += y[i];
   printf("check %.9g\n", sum);
}
