// SPDX-License-Identifier: Apache-2.0
// Radix sort of n 32-bit keys, eight passes of 4 bits: counts a block, one scan over all
// counts, then each block ranks its keys with match and scatters them.
#include "../bench.h"

#define T 256
#define BITS 4
#define DIGITS (1 << BITS)

__global__ void
count(const unsigned *keys, int shift, unsigned *counts)
{
   __shared__ unsigned local[DIGITS];
   if (threadIdx.x < DIGITS)
      local[threadIdx.x] = 0;
   __syncthreads();
   unsigned key = keys[blockIdx.x * T + threadIdx.x];
   atomicAdd(&local[key >> shift & (DIGITS - 1)], 1u);
   __syncthreads();
   if (threadIdx.x < DIGITS)
      counts[threadIdx.x * gridDim.x + blockIdx.x] = local[threadIdx.x];
}

// Exclusive prefix sums of n counts, by one block.
__global__ void
scan(int n, unsigned *counts)
{
   __shared__ unsigned warp_sum[32];
   int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
   unsigned carry = 0;
   for (int i0 = 0; i0 < n; i0 += 1024) {
      int i = i0 + threadIdx.x;
      unsigned mine = i < n ? counts[i] : 0, x = mine;
      for (int d = 1; d < 32; d *= 2) {
         unsigned y = __shfl_up_sync(~0u, x, d);
         if (lane >= d)
            x += y;
      }
      if (lane == 31)
         warp_sum[warp] = x;
      __syncthreads();
      if (warp == 0) {
         unsigned s = warp_sum[lane];
         for (int d = 1; d < 32; d *= 2) {
            unsigned y = __shfl_up_sync(~0u, s, d);
            if (lane >= d)
               s += y;
         }
         warp_sum[lane] = s;
      }
      __syncthreads();
      if (i < n)
         counts[i] = carry + (warp ? warp_sum[warp - 1] : 0) + x - mine;
      carry += warp_sum[31];
      __syncthreads();
   }
}

__global__ void
scatter(const unsigned *keys, int shift, const unsigned *counts, unsigned *out)
{
   __shared__ unsigned before[T / 32][DIGITS];
   int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
   if (threadIdx.x < T / 32 * DIGITS)
      before[threadIdx.x / DIGITS][threadIdx.x % DIGITS] = 0;
   __syncthreads();
   unsigned key = keys[blockIdx.x * T + threadIdx.x], digit = key >> shift & (DIGITS - 1);
   unsigned peers = __match_any_sync(~0u, digit);
   unsigned rank = __popc(peers & ((1u << lane) - 1));
   if (rank == 0)
      before[warp][digit] = __popc(peers);
   __syncthreads();
   if (threadIdx.x < DIGITS) {
      unsigned s = 0;
      for (int w = 0; w < T / 32; w++) {
         unsigned c = before[w][threadIdx.x];
         before[w][threadIdx.x] = s;
         s += c;
      }
   }
   __syncthreads();
   out[counts[digit * gridDim.x + blockIdx.x] + before[warp][digit] + rank] = key;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 22), rounds = (int)bench_arg(argc, argv, 2, 5);
   size_t bytes = n * sizeof(unsigned);
   unsigned *start = (unsigned *)bench_alloc(bytes), *a = (unsigned *)bench_alloc(bytes);
   unsigned *b = (unsigned *)bench_alloc(bytes);
   int blocks = n / T;
   unsigned *counts = (unsigned *)bench_alloc(blocks * DIGITS * sizeof(unsigned)), seed = 1;
   for (int i = 0; i < n; i++) {
      bench_random(&seed);
      start[i] = seed;
   }
   BENCH(rounds, {
      cudaMemcpy(a, start, bytes, cudaMemcpyDefault);
      for (int shift = 0; shift < 32; shift += BITS) {
         count<<<blocks, T>>>(a, shift, counts);
         scan<<<1, 1024>>>(blocks * DIGITS, counts);
         scatter<<<blocks, T>>>(a, shift, counts, b);
         unsigned *t = a;
         a = b;
         b = t;
      }
      cudaDeviceSynchronize();
   });
   bench_check_ints((int *)a, n);
}
