// SPDX-License-Identifier: Apache-2.0
// 256 bins: a private histogram a block in shared memory, added up at the end.
#include "../bench.h"

__global__ void
histogram(int n, const unsigned char *x, unsigned *bins)
{
   __shared__ unsigned local[256];
   local[threadIdx.x] = 0;
   __syncthreads();
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      atomicAdd(&local[x[i]], 1u);
   __syncthreads();
   atomicAdd(&bins[threadIdx.x], local[threadIdx.x]);
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 24), rounds = (int)bench_arg(argc, argv, 2, 5);
   unsigned char *x;
   unsigned *bins, seed = 1;
   cudaMallocManaged(&x, n);
   cudaMallocManaged(&bins, 256 * sizeof(unsigned));
   for (int i = 0; i < n; i++)
      x[i] = (unsigned char)(bench_random(&seed) * bench_random(&seed) * 256);
   BENCH(rounds, {
      cudaMemset(bins, 0, 256 * sizeof(unsigned));
      histogram<<<64, 256>>>(n, x, bins);
      cudaDeviceSynchronize();
   });
   double sum = 0;
   for (int i = 0; i < 256; i++)
      sum += (double)bins[i] * i;
   printf("check %.9g\n", sum);
}
