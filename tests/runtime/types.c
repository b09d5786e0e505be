/* SPDX-License-Identifier: Apache-2.0
 * Layouts of the runtime API's types: sizes and offsets as CUDA 13.0 has them on 64-bit
 * Linux, stated here as numbers. */
#include "check.h"

#include <cuda_runtime_api.h>
#include <stddef.h>

#define SIZE(type, size, align)                                                          \
   CHECK_EQ_U64(sizeof(type), size);                                                     \
   CHECK_EQ_U64(_Alignof(type), align)

int
main(void)
{
   SIZE(char2, 2, 2);
   SIZE(char3, 3, 1);
   SIZE(char4, 4, 4);
   SIZE(short3, 6, 2);
   SIZE(short4, 8, 8);
   SIZE(int2, 8, 8);
   SIZE(int3, 12, 4);
   SIZE(uint4, 16, 16);
   SIZE(float2, 8, 8);
   SIZE(float4, 16, 16);
   SIZE(longlong2, 16, 16);
   SIZE(longlong4, 32, 16);
   SIZE(longlong4_16a, 32, 16);
   SIZE(longlong4_32a, 32, 32);
   SIZE(double2, 16, 16);
   SIZE(double3, 24, 8);
   SIZE(double4, 32, 16);
   SIZE(double4_32a, 32, 32);
   SIZE(dim3, 12, 4);
   SIZE(struct cudaDeviceProp, 1008, 8);
   CHECK_EQ_U64(offsetof(struct cudaDeviceProp, totalGlobalMem), 288);
   CHECK_EQ_U64(offsetof(struct cudaDeviceProp, multiProcessorCount), 384);
   CHECK_EQ_U64(offsetof(struct cudaDeviceProp, clusterLaunch), 748);
   SIZE(cudaLaunchAttribute, 72, 8);
   SIZE(cudaLaunchConfig_t, 56, 8);
   SIZE(struct cudaPointerAttributes, 88, 8);
   SIZE(struct cudaFuncAttributes, 144, 8);
   SIZE(struct cudaGraphNodeParams, 256, 8);
   SIZE(struct cudaMemcpy3DParms, 160, 8);
   SIZE(struct cudaMemPoolProps, 88, 8);
   SIZE(struct cudaKernelNodeParams, 56, 8);
   SIZE(struct cudaTextureDesc, 72, 4);
   CHECK_EQ_U64(cudaErrorNotSupported, 801);
   CHECK_EQ_U64(cudaDevAttrCooperativeLaunch, 95);
   CHECK_EQ_U64(cudaMemcpyDefault, 4);
   return check_done();
}
