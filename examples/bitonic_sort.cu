/* SPDX-License-Identifier: Apache-2.0
 * A bitonic sorting network over 2^k keys: steps within 1024 keys run in shared memory in
 * one kernel, wider ones in global memory, one kernel each.
 *
 *    kasuri run examples/bitonic_sort.cu [LOG2 OF KEYS] */
// TEST small 11
#include <algorithm>
#include <vector>

#include "check.h"

constexpr int threads = 512, part = 2 * threads;

__device__ inline void
order(unsigned &a, unsigned &b, bool ascending)
{
   if ((a > b) == ascending) {
      unsigned t = a;
      a = b;
      b = t;
   }
}

/* One thread a pair: keys i and i + stride; sequences of `size` keys alternate in order.
 */
__global__ void
wide_step(unsigned *keys, int n, int size, int stride)
{
   int t = blockIdx.x * blockDim.x + threadIdx.x;
   int i = 2 * t - (t & (stride - 1));
   if (i + stride < n)
      order(keys[i], keys[i + stride], (i & size) == 0);
}

/* All steps with strides below `stride`, for sequences from `size` to `last` keys. */
__global__ void
narrow_steps(unsigned *keys, int n, int size, int last)
{
   __shared__ unsigned mine[part];
   int first = blockIdx.x * part, t = threadIdx.x;
   for (int k = t; k < part; k += threads)
      mine[k] = first + k < n ? keys[first + k] : 0xffffffffu;
   for (; size <= last; size *= 2) {
      for (int stride = min(size / 2, part / 2); stride > 0; stride /= 2) {
         __syncthreads();
         int i = 2 * t - (t & (stride - 1));
         order(mine[i], mine[i + stride], ((first + i) & size) == 0);
      }
   }
   __syncthreads();
   for (int k = t; k < part; k += threads)
      if (first + k < n)
         keys[first + k] = mine[k];
}

static void
sort(unsigned *keys, int n)
{
   int blocks = (n + part - 1) / part;
   narrow_steps<<<blocks, threads>>>(keys, n, 2, std::min(part, n));
   for (int size = 2 * part; size <= n; size *= 2) {
      for (int stride = size / 2; stride >= part; stride /= 2)
         wide_step<<<n / part, threads>>>(keys, n, size, stride);
      narrow_steps<<<blocks, threads>>>(keys, n, size, size);
   }
   CHECK_LAUNCH();
}

int
main(int argc, char **argv)
{
   int n = 1 << size_argument(argc, argv, 17, 1, 24);
   std::vector<unsigned> keys(n), sorted(n);
   unsigned state = 2463534242u;
   for (unsigned &key : keys) { /* xorshift */
      state ^= state << 13;
      state ^= state >> 17;
      state ^= state << 5;
      key = state;
   }
   unsigned *dkeys;
   CHECK(cudaMalloc(&dkeys, n * sizeof(unsigned)));
   CHECK(cudaMemcpy(dkeys, keys.data(), n * sizeof(unsigned), cudaMemcpyHostToDevice));
   sort(dkeys, n);
   CHECK(cudaMemcpy(sorted.data(), dkeys, n * sizeof(unsigned), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(dkeys));
   printf("sorted %d keys from %u to %u\n", n, sorted.front(), sorted.back());
   std::sort(keys.begin(), keys.end());
   return finish(keys == sorted);
}
