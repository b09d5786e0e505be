/* SPDX-License-Identifier: Apache-2.0
 * Host code that calls the runtime and the driver, for toolkits found as libraries. */
#include <cstdio>
#include <cuda.h>
#include <cuda_runtime.h>

int
main()
{
   int n = -1, version = -1;
   cudaError_t e = cudaGetDeviceCount(&n);
   CUresult r = cuDriverGetVersion(&version);
   printf("%s\n", e == cudaSuccess && n >= 1 && r == CUDA_SUCCESS && version >= 13000 ? "right"
                                                                                   : "WRONG");
   return n < 1;
}
