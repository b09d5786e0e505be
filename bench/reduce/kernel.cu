// SPDX-License-Identifier: Apache-2.0
// Sum of n floats: grid-stride loop, warp shuffles, one atomic a block.
#include "../bench.h"

__global__ void
reduce(int n, const float *x, float *out)
{
   __shared__ float part[8];
   float s = 0;
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      s += x[i];
   for (int d = 16; d; d /= 2)
      s += __shfl_down_sync(~0u, s, d);
   if (threadIdx.x % 32 == 0)
      part[threadIdx.x / 32] = s;
   __syncthreads();
   if (threadIdx.x == 0) {
      for (int i = 1; i < 8; i++)
         s += part[i];
      atomicAdd(out, s);
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 24), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *x, *out;
   cudaMallocManaged(&x, n * sizeof(float));
   cudaMallocManaged(&out, sizeof(float));
   for (int i = 0; i < n; i++)
      x[i] = (float)(i % 3) / 4096;
   BENCH(rounds, {
      *out = 0;
      reduce<<<256, 256>>>(n, x, out);
      cudaDeviceSynchronize();
   });
   printf("check %.6g\n", *out);
}
