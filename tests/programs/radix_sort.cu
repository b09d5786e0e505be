/* SPDX-License-Identifier: Apache-2.0
 * A stable radix sort of keys with values as people write it: ballots count the digits of
 * a warp, dynamic shared memory holds the counters, a scan places the blocks. */
#include <algorithm>
#include <numeric>
#include <vector>

#include "../../examples/check.h"

constexpr int bits = 4, digits = 1 << bits, threads = 128, warps = threads / 32;

/* Lanes with the same digit as mine. */
__device__ unsigned
peers_of(unsigned digit, unsigned present)
{
   unsigned peers = present;
   for (int b = 0; b < bits; b++) {
      unsigned set = __ballot_sync(present, digit >> b & 1);
      peers &= digit >> b & 1 ? set : ~set;
   }
   return peers;
}

__global__ void
count(const unsigned *keys, int n, int shift, int *counts)
{
   extern __shared__ int here[]; /* by digit */
   if (threadIdx.x < digits)
      here[threadIdx.x] = 0;
   __syncthreads();
   int i = blockIdx.x * threads + threadIdx.x;
   unsigned present = __ballot_sync(0xffffffffu, i < n);
   if (i < n) {
      unsigned digit = keys[i] >> shift & (digits - 1), peers = peers_of(digit, present);
      if (__ffs(peers) - 1 == threadIdx.x % 32)
         atomicAdd(&here[digit], __popc(peers));
   }
   __syncthreads();
   if (threadIdx.x < digits)
      counts[threadIdx.x * gridDim.x + blockIdx.x] = here[threadIdx.x];
}

/* One thread is enough for a test. */
__global__ void
place(int *counts, int n)
{
   int sum = 0;
   for (int i = 0; i < n; i++) {
      int c = counts[i];
      counts[i] = sum;
      sum += c;
   }
}

__global__ void
scatter(const unsigned *keys, const int *values, unsigned *keys_out, int *values_out,
        int n, int shift, const int *places)
{
   extern __shared__ int by_warp[]; /* [warp][digit]: how many there are, then before */
   int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
   for (int k = threadIdx.x; k < warps * digits; k += threads)
      by_warp[k] = 0;
   __syncthreads();
   int i = blockIdx.x * threads + threadIdx.x;
   unsigned present = __ballot_sync(0xffffffffu, i < n), digit = 0, peers = 0;
   if (i < n) {
      digit = keys[i] >> shift & (digits - 1);
      peers = peers_of(digit, present);
      if (__ffs(peers) - 1 == lane)
         by_warp[warp * digits + digit] = __popc(peers);
   }
   __syncthreads();
   if (threadIdx.x < digits) {
      int sum = 0;
      for (int w = 0; w < warps; w++) {
         int c = by_warp[w * digits + threadIdx.x];
         by_warp[w * digits + threadIdx.x] = sum;
         sum += c;
      }
   }
   __syncthreads();
   if (i < n) {
      int before = __popc(peers & ((1u << lane) - 1));
      int to =
         places[digit * gridDim.x + blockIdx.x] + by_warp[warp * digits + digit] + before;
      keys_out[to] = keys[i];
      values_out[to] = values[i];
   }
}

int
main()
{
   const int n = 5003, blocks = (n + threads - 1) / threads;
   std::vector<unsigned> keys(n), sorted(n);
   std::vector<int> values(n), order(n), got(n);
   std::iota(values.begin(), values.end(), 0);
   order = values;
   unsigned s = 1;
   for (unsigned &k : keys) {
      s = s * 1664525u + 1013904223u;
      k = s >> 8 & 0xfff; /* many equal ones */
   }
   std::stable_sort(order.begin(), order.end(),
                    [&](int a, int b) { return keys[a] < keys[b]; });
   unsigned *k[2];
   int *v[2], *counts;
   for (int i = 0; i < 2; i++) {
      CHECK(cudaMalloc(&k[i], n * sizeof(unsigned)));
      CHECK(cudaMalloc(&v[i], n * sizeof(int)));
   }
   CHECK(cudaMalloc(&counts, digits * blocks * sizeof(int)));
   CHECK(cudaMemcpy(k[0], keys.data(), n * sizeof(unsigned), cudaMemcpyHostToDevice));
   CHECK(cudaMemcpy(v[0], values.data(), n * sizeof(int), cudaMemcpyHostToDevice));
   for (int shift = 0; shift < 12; shift += bits) {
      count<<<blocks, threads, digits * sizeof(int)>>>(k[0], n, shift, counts);
      place<<<1, 1>>>(counts, digits * blocks);
      scatter<<<blocks, threads, warps * digits * sizeof(int)>>>(k[0], v[0], k[1], v[1],
                                                                 n, shift, counts);
      std::swap(k[0], k[1]);
      std::swap(v[0], v[1]);
   }
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(sorted.data(), k[0], n * sizeof(unsigned), cudaMemcpyDeviceToHost));
   CHECK(cudaMemcpy(got.data(), v[0], n * sizeof(int), cudaMemcpyDeviceToHost));
   int wrong = 0;
   for (int i = 0; i < n; i++)
      wrong += got[i] != order[i] || sorted[i] != keys[order[i]];
   printf("%d pairs, %d wrong\n", n, wrong);
   CHECK(cudaDeviceReset());
   return finish(wrong == 0);
}
