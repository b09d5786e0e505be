// SPDX-License-Identifier: Apache-2.0
// A program of two files, to be built in many ways: kernels, a device function and device
// variables cross from one file to the other where the files are linked as device code.
#include "ways.h"

#include <cstdio>
#include <vector>

__constant__ int factor[4] = {2, 3, 5, 7};
__device__ unsigned count;
__managed__ int total = 100;

template <typename T>
__global__ void
mix(const T *x, T *y, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   T v = x[i] * (T)factor[i & 3];
#ifdef LINKED
   v = add_offset(v);
   atomicAdd(&seen, 1u);
#else
   v = v + (T)OFFSET;
#endif
   y[i] = v;
   atomicAdd(&count, 1u);
   if (i == 0)
      total += 11;
}

template <typename T>
static int
check(int n)
{
   std::vector<T> in(n), out(n);
   for (int i = 0; i < n; i++)
      in[i] = (T)(i % 1000);
   T *x, *y;
   unsigned zero = 0, counted = 0;
   if (cudaMalloc(&x, n * sizeof(T)) || cudaMalloc(&y, n * sizeof(T)) ||
       cudaMemcpyToSymbol(count, &zero, sizeof zero) ||
       cudaMemcpy(x, in.data(), n * sizeof(T), cudaMemcpyHostToDevice))
      return 1;
   mix<T><<<(n + 127) / 128, 128>>>(x, y, n);
   if (cudaGetLastError() || cudaMemcpy(out.data(), y, n * sizeof(T), cudaMemcpyDeviceToHost) ||
       cudaMemcpyFromSymbol(&counted, count, sizeof counted))
      return 1;
   static const int by[4] = {2, 3, 5, 7};
   int wrong = counted != (unsigned)n;
   for (int i = 0; i < n; i++)
      wrong += out[i] != (T)(i % 1000) * (T)by[i & 3] + (T)OFFSET;
   return wrong || cudaFree(x) || cudaFree(y);
}

int
main()
{
   int version = 0, wrong = check<float>(5000) + check<int>(777) + check<double>(1);
   cudaRuntimeGetVersion(&version);
   wrong += cudaDeviceSynchronize() != cudaSuccess;
   wrong += wrong || total != 100 + 3 * 11; // nowhere, if no kernel could be loaded
   wrong += other_file(5778);
   cudaDeviceProp p;
   wrong += cudaGetDeviceProperties(&p, 0) || p.warpSize != 32;
   printf("%s, runtime %d, on %.6s\n", wrong ? "WRONG" : "right", version, p.name);
   return wrong != 0;
}
