// SPDX-License-Identifier: Apache-2.0
// Inclusive prefix sums of n integers: each block scans its part with warp shuffles, one
// block scans the blocks' sums, a third kernel adds them on.
#include "../bench.h"

#define T 256
#define EACH 4

__device__ int
block_scan(int x)
{
   __shared__ int warp_sum[T / 32];
   int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
   for (int d = 1; d < 32; d *= 2) {
      int y = __shfl_up_sync(~0u, x, d);
      if (lane >= d)
         x += y;
   }
   if (lane == 31)
      warp_sum[warp] = x;
   __syncthreads();
   if (warp == 0) {
      int s = lane < T / 32 ? warp_sum[lane] : 0;
      for (int d = 1; d < T / 32; d *= 2) {
         int y = __shfl_up_sync(~0u, s, d);
         if (lane >= d)
            s += y;
      }
      if (lane < T / 32)
         warp_sum[lane] = s;
   }
   __syncthreads();
   int result = x + (warp ? warp_sum[warp - 1] : 0);
   __syncthreads();
   return result;
}

__global__ void
scan_parts(const int4 *in, int4 *out, int *sums)
{
   int i = blockIdx.x * T + threadIdx.x;
   int4 v = in[i];
   v.y += v.x;
   v.z += v.y;
   v.w += v.z;
   int sum = block_scan(v.w), before = sum - v.w;
   out[i] = make_int4(v.x + before, v.y + before, v.z + before, v.w + before);
   if (threadIdx.x == T - 1)
      sums[blockIdx.x] = sum;
}

__global__ void
scan_sums(int n, int *sums)
{
   int carry = 0;
   __shared__ int last;
   for (int i0 = 0; i0 < n; i0 += T) {
      int i = i0 + threadIdx.x;
      int x = block_scan(i < n ? sums[i] : 0) + carry;
      if (i < n)
         sums[i] = x;
      if (threadIdx.x == T - 1)
         last = x;
      __syncthreads();
      carry = last;
   }
}

__global__ void
add_sums(int4 *out, const int *sums)
{
   int i = blockIdx.x * T + threadIdx.x, s = blockIdx.x ? sums[blockIdx.x - 1] : 0;
   int4 v = out[i];
   out[i] = make_int4(v.x + s, v.y + s, v.z + s, v.w + s);
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 24), rounds = (int)bench_arg(argc, argv, 2, 5);
   int blocks = n / (T * EACH);
   int *in = (int *)bench_alloc(n * sizeof(int)), *out = (int *)bench_alloc(n * sizeof(int));
   int *sums = (int *)bench_alloc(blocks * sizeof(int));
   for (int i = 0; i < n; i++)
      in[i] = i % 11 - 3;
   BENCH(rounds, {
      scan_parts<<<blocks, T>>>((const int4 *)in, (int4 *)out, sums);
      scan_sums<<<1, T>>>(blocks, sums);
      add_sums<<<blocks, T>>>((int4 *)out, sums);
      cudaDeviceSynchronize();
   });
   bench_check_ints(out, n);
}
