// SPDX-License-Identifier: Apache-2.0
// What __syncthreads costs a block of 64, 256 and 1024 threads, and __syncwarp a warp: a
// chain of 10,000 in one block, each with a value that goes to the neighbour.
#include "micro.h"

#define STEPS 10000

__global__ void
block_chain(int *out)
{
   __shared__ int s[1024];
   int t = threadIdx.x, n = blockDim.x, next = t + 1 == n ? 0 : t + 1, x = t;
   for (int k = 0; k < STEPS / 2; k++) {
      s[t] = x;
      __syncthreads();
      x = s[next];
      __syncthreads();
   }
   out[t] = x;
}

__global__ void
warp_chain(int *out)
{
   __shared__ int s[32];
   int t = threadIdx.x, x = t;
   for (int k = 0; k < STEPS / 2; k++) {
      s[t] = x;
      __syncwarp();
      x = s[(t + 1) % 32];
      __syncwarp();
   }
   out[t] = x;
}

static void
check(const int *out, int n)
{
   for (int t = 0; t < n; t++)
      if (out[t] != (t + STEPS / 2) % n)
         micro_fail("a barrier let a value by");
}

int
main(void)
{
   int *out = (int *)bench_alloc(1024 * sizeof(int));
   const int sizes[] = {64, 256, 1024};
   const char *names[] = {"syncthreads_64", "syncthreads_256", "syncthreads_1024"};
   for (int k = 0; k < 3; k++) {
      MICRO(names[k], 3 * STEPS, {
         block_chain<<<1, sizes[k]>>>(out);
         cudaDeviceSynchronize();
         micro_done += STEPS - 1;
      });
      check(out, sizes[k]);
   }
   MICRO("syncwarp", 3 * STEPS, {
      warp_chain<<<1, 32>>>(out);
      cudaDeviceSynchronize();
      micro_done += STEPS - 1;
   });
   check(out, 32);
}
