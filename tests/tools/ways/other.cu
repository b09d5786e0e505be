// SPDX-License-Identifier: Apache-2.0
// The second file: a kernel of its own, and what the first file's kernels lean on.
#include "ways.h"

#include <cstdio>

#ifdef LINKED
__device__ unsigned seen;
__device__ static int hidden = OFFSET; // the first file may have one of that name as well
__device__ float
add_offset(float v)
{
   return v + (float)hidden;
}
__device__ int
add_offset(int v)
{
   return v + hidden;
}
__device__ double
add_offset(double v)
{
   return v + (double)hidden;
}
#endif

__global__ void
sum_up(const int *x, int *sum)
{
   int v = x[threadIdx.x];
   for (int d = 16; d; d /= 2)
      v += __shfl_xor_sync(0xffffffffu, v, d);
   if (threadIdx.x % 32 == 0)
      atomicAdd(sum, v);
}

int
other_file(unsigned expect_seen)
{
   int in[256], out = -1, *x, *sum;
   for (int i = 0; i < 256; i++)
      in[i] = i * 3;
   int wrong = cudaMalloc(&x, sizeof in) || cudaMalloc(&sum, sizeof *sum) ||
               cudaMemcpy(x, in, sizeof in, cudaMemcpyHostToDevice) ||
               cudaMemset(sum, 0, sizeof *sum);
   sum_up<<<1, 256>>>(x, sum);
   wrong += cudaMemcpy(&out, sum, sizeof out, cudaMemcpyDeviceToHost) != cudaSuccess;
   wrong += out != 3 * 255 * 256 / 2;
#ifdef LINKED
   unsigned n = 0;
   wrong += cudaMemcpyFromSymbol(&n, seen, sizeof n) || n != expect_seen;
#else
   (void)expect_seen;
#endif
   return wrong + (cudaFree(x) || cudaFree(sum));
}
