// SPDX-License-Identifier: Apache-2.0
// Bitonic sort of n integers: spans up to 1024 in shared memory, wider ones a launch each.
#include "../bench.h"

#define SPAN 1024

__device__ void
order(int &a, int &b, bool up)
{
   if ((a > b) == up) {
      int t = a;
      a = b;
      b = t;
   }
}

__global__ void
wide(int *x, int size, int stride)
{
   int t = blockIdx.x * blockDim.x + threadIdx.x;
   int i = 2 * t - (t & (stride - 1));
   order(x[i], x[i + stride], (i & size) == 0);
}

__global__ void
narrow(int *x, int first, int last)
{
   __shared__ int s[SPAN];
   int base = blockIdx.x * SPAN, t = threadIdx.x;
   s[t] = x[base + t];
   s[t + SPAN / 2] = x[base + t + SPAN / 2];
   for (int size = first; size <= last; size *= 2)
      for (int stride = size < SPAN ? size / 2 : SPAN / 2; stride; stride /= 2) {
         __syncthreads();
         int i = 2 * t - (t & (stride - 1));
         order(s[i], s[i + stride], ((base + i) & size) == 0);
      }
   __syncthreads();
   x[base + t] = s[t];
   x[base + t + SPAN / 2] = s[t + SPAN / 2];
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 20), rounds = (int)bench_arg(argc, argv, 2, 5);
   int *start = (int *)bench_alloc(n * sizeof(int)), *x = (int *)bench_alloc(n * sizeof(int));
   unsigned seed = 1;
   for (int i = 0; i < n; i++)
      start[i] = (int)(bench_random(&seed) * 16777216.0f);
   BENCH(rounds, {
      cudaMemcpy(x, start, n * sizeof(int), cudaMemcpyDefault);
      narrow<<<n / SPAN, SPAN / 2>>>(x, 2, SPAN);
      for (int size = 2 * SPAN; size <= n; size *= 2) {
         for (int stride = size / 2; stride >= SPAN; stride /= 2)
            wide<<<n / 512, 256>>>(x, size, stride);
         narrow<<<n / SPAN, SPAN / 2>>>(x, size, size);
      }
      cudaDeviceSynchronize();
   });
   bench_check_ints(x, n);
}
