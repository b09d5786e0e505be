/* SPDX-License-Identifier: Apache-2.0
 * What the build systems of this folder build: one kernel, checked. */
#include <cstdio>

#include "answer.h"

__global__ void
kernel(int *p)
{
   *p = ANSWER;
}

int
main()
{
   int *p, version = 0;
   cudaMallocManaged(&p, sizeof *p);
   kernel<<<1, 1>>>(p);
   cudaError_t e = cudaDeviceSynchronize();
   cudaRuntimeGetVersion(&version);
   printf("%s\n", e == cudaSuccess && *p == 42 && version == CUDART_VERSION ? "right" : "WRONG");
   return *p != 42;
}
