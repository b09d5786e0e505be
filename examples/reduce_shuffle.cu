/* SPDX-License-Identifier: Apache-2.0
 * Sum, smallest and largest of an array in one pass: lanes of a warp hand their values
 * over by shuffles, warps through shared memory, blocks by atomics.
 *
 *    kasuri run examples/reduce_shuffle.cu [ELEMENTS] */
// TEST small 12345
#include <algorithm>
#include <climits>
#include <vector>

#include "check.h"

struct summary {
   unsigned long long sum;
   int low, high;
};

/* After five steps lane 0 holds the result of all 32 lanes. */
template <typename T, typename Op>
__device__ T
warp_reduce(T value, Op op)
{
   for (int distance = warpSize / 2; distance > 0; distance /= 2)
      value = op(value, __shfl_down_sync(0xffffffffu, value, distance));
   return value;
}

__global__ void
summarise(const int *data, int n, summary *result)
{
   __shared__ long long sums[32];
   __shared__ int lows[32], highs[32];
   long long sum = 0;
   int low = INT_MAX, high = INT_MIN;
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
        i += gridDim.x * blockDim.x) {
      sum += data[i];
      low = min(low, data[i]);
      high = max(high, data[i]);
   }

   auto plus = [](long long a, long long b) { return a + b; };
   auto smaller = [](int a, int b) { return min(a, b); };
   auto larger = [](int a, int b) { return max(a, b); };
   int lane = threadIdx.x % warpSize, warp = threadIdx.x / warpSize;
   sum = warp_reduce(sum, plus);
   low = warp_reduce(low, smaller);
   high = warp_reduce(high, larger);
   if (lane == 0) {
      sums[warp] = sum;
      lows[warp] = low;
      highs[warp] = high;
   }
   __syncthreads();

   /* The first warp does the same with what the warps found. */
   if (warp == 0) {
      bool used = lane < blockDim.x / warpSize;
      sum = warp_reduce(used ? sums[lane] : 0, plus);
      low = warp_reduce(used ? lows[lane] : INT_MAX, smaller);
      high = warp_reduce(used ? highs[lane] : INT_MIN, larger);
      if (lane == 0) {
         atomicAdd(&result->sum, (unsigned long long)sum);
         atomicMin(&result->low, low);
         atomicMax(&result->high, high);
      }
   }
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 1 << 22);
   std::vector<int> data(n);
   unsigned state = 12345;
   for (int &value : data) {
      state = state * 1664525u + 1013904223u;
      value = (int)state;
   }
   int *ddata;
   summary *dresult, result = {0, INT_MAX, INT_MIN};
   CHECK(cudaMalloc(&ddata, n * sizeof(int)));
   CHECK(cudaMalloc(&dresult, sizeof result));
   CHECK(cudaMemcpy(ddata, data.data(), n * sizeof(int), cudaMemcpyHostToDevice));
   CHECK(cudaMemcpy(dresult, &result, sizeof result, cudaMemcpyHostToDevice));
   summarise<<<48, 256>>>(ddata, n, dresult);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(&result, dresult, sizeof result, cudaMemcpyDeviceToHost));
   CHECK(cudaFree(ddata));
   CHECK(cudaFree(dresult));

   long long sum = 0;
   for (int value : data)
      sum += value;
   printf("sum %lld, smallest %d, largest %d of %d elements\n", (long long)result.sum,
          result.low, result.high, n);
   return finish((long long)result.sum == sum &&
                 result.low == *std::min_element(data.begin(), data.end()) &&
                 result.high == *std::max_element(data.begin(), data.end()));
}
