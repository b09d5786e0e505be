// SPDX-License-Identifier: Apache-2.0
// Sums of floats whose order of addition shows in the last bits: over blocks, over streams,
// and between grids that wait for each other. Prints the bits.
#include <cstdio>
#include <cstring>

__global__ void
add_up(float *sum, double *wide, unsigned n)
{
   unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n) {
      atomicAdd(sum, 1.0f / (1 + i % 977));
      atomicAdd(wide, 1.0 / (3 + i % 577));
   }
}

__global__ void
add_in_turn(float *sum, unsigned *order, unsigned *list)
{
   __shared__ float part;
   if (threadIdx.x == 0)
      part = 0;
   __syncthreads();
   atomicAdd(&part, 1.0f / (1 + threadIdx.x * 7 % 61));
   __syncthreads();
   if (threadIdx.x == 0) {
      atomicAdd(sum, part);
      list[atomicAdd(order, 1u)] = blockIdx.x;
   }
}

__global__ void
wait_then_add(volatile unsigned *flag, float *sum)
{
   if (threadIdx.x == 0)
      while (!*flag)
         ;
   __syncthreads();
   atomicAdd(sum, 1.0f / (1 + threadIdx.x));
}

__global__ void
set_then_add(volatile unsigned *flag, float *sum)
{
   atomicAdd(sum, 1.0f / (3 + threadIdx.x + blockIdx.x));
   if (threadIdx.x == 0 && blockIdx.x == 3)
      *flag = 1;
   atomicAdd(sum, 1.0f / (5 + threadIdx.x * blockIdx.x));
}

static unsigned
bits(float f)
{
   unsigned u;
   std::memcpy(&u, &f, 4);
   return u;
}

int
main()
{
   float *sums;
   double *wide;
   unsigned *words;
   cudaMallocManaged(&sums, 64);
   cudaMallocManaged(&wide, 64);
   cudaMallocManaged(&words, 4096);
   std::memset(sums, 0, 64);
   std::memset(wide, 0, 64);
   std::memset(words, 0, 4096);
   cudaStream_t s[4];
   for (cudaStream_t &x : s)
      cudaStreamCreateWithFlags(&x, cudaStreamNonBlocking);
   for (unsigned round = 0; round < 5; round++)
      for (unsigned k = 0; k < 4; k++) {
         add_up<<<50 + k, 96, 0, s[k]>>>(&sums[k & 1], &wide[0], 4000 + k);
         add_in_turn<<<20, 64, 0, s[3 - k]>>>(&sums[2], &words[0], &words[16]);
      }
   cudaDeviceSynchronize();
   for (unsigned k = 0; k < 3; k++)
      std::printf("%08x\n", bits(sums[k]));
   unsigned long long w;
   std::memcpy(&w, &wide[0], 8);
   std::printf("%016llx\n", w);
   unsigned hash = 0;
   for (unsigned k = 0; k < words[0]; k++)
      hash = hash * 31 + words[16 + k];
   std::printf("%u blocks in order %08x\n", words[0], hash);
   wait_then_add<<<4, 64, 0, s[0]>>>(&words[1000], &sums[3]);
   set_then_add<<<6, 64, 0, s[1]>>>(&words[1000], &sums[3]);
   add_up<<<6, 64, 0, s[2]>>>(&sums[3], &wide[0], 300);
   cudaDeviceSynchronize();
   std::printf("%08x %s\n", bits(sums[3]), cudaGetErrorString(cudaGetLastError()));
   return 0;
}
