/* SPDX-License-Identifier: Apache-2.0
 * The pipeline primitives. A copy is done when its call returns, which the interface
 * allows: waiting then has nothing left to wait for. */
#ifndef _CUDA_PIPELINE_H_
#define _CUDA_PIPELINE_H_

#include "cuda_runtime.h"

#if defined(__CUDACC__)
static __device__ __inline__ void
__pipeline_memcpy_async(void *to, const void *from, size_t size, size_t zero_filled = 0)
{
   size_t copied = size - zero_filled;
   if (size == 16 && !zero_filled)
      *(uint4 *)to = *(const uint4 *)from;
   else if (size == 8 && !zero_filled)
      *(uint2 *)to = *(const uint2 *)from;
   else if (size == 4 && !zero_filled)
      *(unsigned *)to = *(const unsigned *)from;
   else {
      for (size_t i = 0; i < size; i++)
         ((char *)to)[i] = i < copied ? ((const char *)from)[i] : 0;
   }
}
static __device__ __inline__ void
__pipeline_commit()
{
}
static __device__ __inline__ void
__pipeline_wait_prior(size_t)
{
}
#endif

#endif
