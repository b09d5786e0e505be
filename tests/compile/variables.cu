/* SPDX-License-Identifier: Apache-2.0
 * Compiles: every kind of variable, launch bounds, attributes, symbols by name. */
#include <cuda.h>
#include <cuda_runtime.h>
#include <cassert>
#include <cstdio>

#define N 256
__constant__ float weights[16];
__constant__ struct {
   int a;
   float b[3];
} table = {1, {2, 3, 4}};
__device__ int counter;
__device__ float matrix[4][4] = {{1, 2, 3, 4}};
__device__ __managed__ int shared_counter = 7;
__managed__ float managed_array[N];
static __device__ const int lookup[4] = {3, 1, 2, 0};
extern __shared__ float dynamic_memory[];
__device__ void (*function_pointer)(int *);

__device__ __noinline__ int
fibonacci(int n)
{
   return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
__device__ __forceinline__ float
lerp(float a, float b, float t = 0.5f)
{
   return a + t * (b - a);
}

__global__ void
__launch_bounds__(N) bounded(float *x)
{
   x[threadIdx.x] = weights[threadIdx.x & 15] + table.b[1];
}
__global__ void
__launch_bounds__(N, 2) kernel(float *__restrict__ out, const float *__restrict__ in,
                               const int3 size, unsigned long long *clock_out)
{
   __shared__ float tile[16][17];
   __shared__ int total;
   int i = threadIdx.x;
   if (i == 0)
      total = 0;
   __syncthreads();
   dynamic_memory[i] = in[i];
   tile[i / 16][i % 16] = __ldg(&in[i]);
   __syncthreads();
   atomicAdd(&total, 1);
   atomicAdd(&counter, lookup[i & 3]);
   shared_counter = total;
   managed_array[i] = lerp(1.0f, 2.0f);
   out[i] = tile[i % 16][i / 16] + matrix[i & 3][0] + fibonacci(i & 7) + size.x;
   long long start = clock64();
   assert(i < N);
   if (i == 0)
      printf("%d %f %s\n", i, out[i], "text");
   clock_out[0] = (unsigned long long)(clock64() - start);
   int *heap = (int *)malloc(16);
   if (heap)
      heap[0] = i;
   free(heap);
   float *object = new float[4];
   object[1] = 2;
   delete[] object;
   switch (i) {
   case 1:
      out[1] = INFINITY;
      break;
   case 2:
      out[2] = NAN;
      break;
   default:
#pragma unroll 4
      for (int k = 0; k < 16; k++)
         out[i] += k;
   }
   double ieee = sinpi(0.5) + cospif(0.25f) + __sinf(1.0f) + exp10f(2.0f) + erff(0.1f) +
                 tgammaf(3.0f) + __expf(1.0f) + __fdividef(1.0f, 3.0f) + normcdff(0.3f);
   out[3] = (float)ieee + rsqrtf(2.0f) + __saturatef(3.0f) + fmaf(1.0f, 2.0f, 3.0f);
   char4 c = make_char4(1, 2, 3, 4);
   float4 v = make_float4(1, 2, 3, 4);
   double2 dd = make_double2(1, 2);
   out[4] = c.x + v.y + (float)dd.y;
}

int
main(int argc, char **argv)
{
   float w[16] = {0};
   int value = 3;
   cudaMemcpyToSymbol(weights, w, sizeof w);
   cudaMemcpyToSymbol(counter, &value, sizeof value);
   cudaMemcpyFromSymbol(&value, counter, sizeof value, 0, cudaMemcpyDeviceToHost);
   void *address;
   cudaGetSymbolAddress(&address, matrix);
   float *x;
   unsigned long long *clocks;
   cudaMallocManaged(&x, N * sizeof(float));
   cudaMallocManaged(&clocks, 8);
   shared_counter = argc;
   cudaStream_t stream;
   cudaStreamCreate(&stream);
   kernel<<<1, N, N * sizeof(float), stream>>>(x, x, make_int3(1, 2, 3), clocks);
   bounded<<<1, N>>>(x);
   cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, 65536);
   int blocks, grid, block;
   cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, N, 0);
   cudaOccupancyMaxPotentialBlockSize(&grid, &block, bounded, 0, 0);
   cudaFuncAttributes attributes;
   cudaFuncGetAttributes(&attributes, bounded);
   if (cudaStreamSynchronize(stream) != cudaSuccess)
      fprintf(stderr, "%s\n", cudaGetErrorString(cudaGetLastError()));
   cudaStreamDestroy(stream);
   printf("%d %d\n", shared_counter, CUDA_VERSION >= 12000);
   return 0;
}
