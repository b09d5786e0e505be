// SPDX-License-Identifier: Apache-2.0
// What a launch costs: an empty kernel launched and waited for, alone (one block) and over
// all cores, and one of a stream of 1,000 launches waited for together.
#include "micro.h"

__global__ void
empty(void)
{
}

__global__ void
add_one(int *x)
{
   if (threadIdx.x == 0 && blockIdx.x == 0)
      *x += 1;
}

int
main(void)
{
   const int cores = 256; // blocks: more than any machine has cores
   MICRO("launch_and_wait_one_block", 2000, {
      empty<<<1, 32>>>();
      cudaDeviceSynchronize();
   });
   MICRO("launch_and_wait_256_blocks", 2000, {
      empty<<<cores, 32>>>();
      cudaDeviceSynchronize();
   });
   MICRO("launch_one_of_1000_in_a_stream", 20000, {
      for (int k = 0; k < 1000; k++)
         empty<<<1, 32>>>();
      cudaDeviceSynchronize();
      micro_done += 999;
   });
   MICRO("wait_with_nothing_to_do", 20000, cudaDeviceSynchronize());
   int *x = (int *)bench_alloc(sizeof(int));
   *x = 0;
   for (int k = 0; k < 1000; k++)
      add_one<<<1, 32>>>(x);
   cudaDeviceSynchronize();
   if (*x != 1000)
      micro_fail("launches of a stream were lost");
}
