// SPDX-License-Identifier: Apache-2.0
// A kernel that waits for a flag which nobody sets. Prints the error that comes of it.
#include <cstdio>

__global__ void
hang(volatile int *flag)
{
   if (threadIdx.x == 0)
      while (!*flag) // THE LOOP
         ;
   __syncthreads();
}

int
main()
{
   int *flag;
   cudaMalloc(&flag, 4);
   cudaMemset(flag, 0, 4);
   hang<<<2, 64>>>(flag);
   cudaError_t e = cudaDeviceSynchronize();
   std::printf("%s\n", cudaGetErrorString(e));
   return e != cudaErrorLaunchTimeout;
}
