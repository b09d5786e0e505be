/* SPDX-License-Identifier: Apache-2.0
 * How blocks and threads talk through memory: the last block to finish adds up what all
 * have left, a pipeline of blocks hands values on through flags, and warps of one block
 * are producers and consumers over a ring in shared memory. */
#include <vector>

#include "../../examples/check.h"

__device__ unsigned finished;

__global__ void
sum_by_last(const int *in, int n, volatile long long *parts, long long *result)
{
   __shared__ long long sums[128];
   __shared__ bool last;
   long long mine = 0;
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      mine += in[i];
   sums[threadIdx.x] = mine;
   __syncthreads();
   for (int d = blockDim.x / 2; d > 0; d /= 2) {
      if (threadIdx.x < d)
         sums[threadIdx.x] += sums[threadIdx.x + d];
      __syncthreads();
   }
   if (threadIdx.x == 0) {
      parts[blockIdx.x] = sums[0];
      __threadfence(); /* the part is there before the count says so */
      last = atomicInc(&finished, gridDim.x - 1) == gridDim.x - 1;
   }
   __syncthreads();
   if (last && threadIdx.x == 0) {
      long long total = 0;
      for (unsigned b = 0; b < gridDim.x; b++)
         total += parts[b];
      *result = total;
   }
}

/* Block b waits for block b - 1. */
__global__ void
pipeline(volatile int *flag, int *value)
{
   int b = blockIdx.x;
   if (threadIdx.x == 0) {
      if (b > 0) {
         while (flag[b - 1] == 0) {
         }
         __threadfence();
      }
   }
   __syncthreads();
   int before = b > 0 ? ((volatile int *)value)[(b - 1) * blockDim.x + threadIdx.x] : 1;
   value[b * blockDim.x + threadIdx.x] = before * 3 + (int)threadIdx.x;
   __threadfence();
   __syncthreads();
   if (threadIdx.x == 0)
      flag[b] = 1;
}

constexpr int ring = 4, items = 50;

/* Warp 0 produces, warp 1 consumes; every item is 32 numbers. */
__global__ void
producer_consumer(int *out)
{
   __shared__ volatile int slots[ring][32];
   __shared__ volatile unsigned head, tail;
   int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
   if (threadIdx.x == 0)
      head = tail = 0;
   __syncthreads();
   for (unsigned k = 0; k < items; k++) {
      if (warp == 0) {
         while (k - tail >= ring) {
         }
         slots[k % ring][lane] = (int)k * lane;
         __threadfence_block();
         __syncwarp();
         if (lane == 0)
            head = k + 1;
      } else {
         while (head <= k) {
         }
         __threadfence_block();
         out[k * 32 + lane] = slots[k % ring][31 - lane];
         __syncwarp();
         if (lane == 0)
            tail = k + 1;
      }
      __syncwarp();
   }
}

int
main()
{
   const int n = 30000, blocks = 12, threads = 64;
   std::vector<int> in(n), values(blocks * threads), out(items * 32);
   long long want = 0, got = 0;
   for (int i = 0; i < n; i++)
      want += in[i] = i % 1001 - 300;
   int *din, *dvalues, *dflags, *dout;
   long long *dparts;
   CHECK(cudaMalloc(&din, n * sizeof(int)));
   CHECK(cudaMalloc(&dparts, 65 * sizeof(long long)));
   CHECK(cudaMalloc(&dvalues, values.size() * sizeof(int)));
   CHECK(cudaMalloc(&dflags, blocks * sizeof(int)));
   CHECK(cudaMalloc(&dout, out.size() * sizeof(int)));
   CHECK(cudaMemcpy(din, in.data(), n * sizeof(int), cudaMemcpyHostToDevice));
   CHECK(cudaMemset(dflags, 0, blocks * sizeof(int)));
   bool ok = true;
   for (int round = 0; round < 3; round++) {
      sum_by_last<<<64, 128>>>(din, n, dparts, dparts + 64);
      CHECK(cudaMemcpy(&got, dparts + 64, sizeof got, cudaMemcpyDeviceToHost));
      ok = ok && got == want;
   }
   printf("the last block's sum is %lld\n", got);

   pipeline<<<blocks, threads>>>(dflags, dvalues);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(values.data(), dvalues, values.size() * sizeof(int),
                    cudaMemcpyDeviceToHost));
   for (int t = 0; t < threads; t++) {
      int v = 1;
      for (int b = 0; b < blocks; b++) {
         v = v * 3 + t;
         ok = ok && values[b * threads + t] == v;
      }
   }
   printf("the pipeline ended with %d\n", values.back());

   producer_consumer<<<1, 64>>>(dout);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), dout, out.size() * sizeof(int), cudaMemcpyDeviceToHost));
   for (int k = 0; k < items; k++)
      for (int lane = 0; lane < 32; lane++)
         ok = ok && out[k * 32 + lane] == k * (31 - lane);
   printf("%d items went through the ring\n", items);
   return finish(ok);
}
