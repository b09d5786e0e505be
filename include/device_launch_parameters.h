/* SPDX-License-Identifier: Apache-2.0
 * threadIdx, blockIdx, blockDim, gridDim and warpSize. In a .cu file the compiler's own
 * headers have them already; elsewhere they are declarations without a definition. */
#if !defined(__DEVICE_LAUNCH_PARAMETERS_H__)
#define __DEVICE_LAUNCH_PARAMETERS_H__

#include "vector_types.h"

#if !defined(__CUDA__)
#if defined(__cplusplus)
extern "C" {
#endif
extern const uint3 threadIdx, blockIdx;
extern const dim3 blockDim, gridDim;
extern const int warpSize;
#if defined(__cplusplus)
}
#endif
#endif

#endif
