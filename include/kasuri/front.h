/* SPDX-License-Identifier: Apache-2.0
 * What `kasuri nvcc` includes before the first line of every .cu file, in the device and in
 * the host compilation. It decides in which order clang's own CUDA headers (math,
 * intrinsics, built-in variables) and Kasuri's meet; that order is what makes both the
 * host's <cmath> and the device's overloads visible in both compilations. */
#ifndef KASURI_FRONT_H
#define KASURI_FRONT_H

#if !defined(__CUDA__) || !defined(__clang__)
#error "kasuri/front.h is for clang's CUDA mode: compile .cu files with kasuri nvcc"
#endif

/* Device overloads must be declared before <cmath> gathers names into namespace std. */
#include <__clang_cuda_math_forward_declares.h>

#include <cmath>
#include <cstdlib>
#include <stdlib.h>
#include <string.h>
#include <limits.h>

#include "kasuri/managed.h"
/* clang 19 has no such attribute, and a kernel launched without its clusters would compute
 * something else. */
#define __cluster_dims__(...)                                                            \
   __attribute__((diagnose_if(true,                                                      \
                              "__cluster_dims__ is not supported yet: launch with "      \
                              "cudaLaunchKernelEx and cudaLaunchAttributeClusterDimension", \
                              "error")))
#include "crt/host_defines.h"
#include "vector_types.h"
#include <__clang_cuda_builtin_vars.h>
#define __DEVICE_LAUNCH_PARAMETERS_H__

/* clang's headers ask which CUDA they serve. cuda.h, where a program includes it, says the
 * same. */
#ifndef CUDA_VERSION
#define CUDA_VERSION 13000
#define KASURI_FRONT_SET_CUDA_VERSION
#endif
typedef unsigned int cuuint32_t;

#include "vector_functions.h"
#include "kasuri/host_math.h"
#include <__clang_cuda_libdevice_declares.h>
#include <__clang_cuda_device_functions.h>
/* clang's option for an approximate square root does not reach llvm.sqrt, so that nvcc's
 * -prec-sqrt=false names the builtin. */
#ifdef KASURI_APPROXIMATE_SQRT
#define __nv_sqrtf(a) KASURI_APPROXIMATE_SQRT(a)
#endif
#include <__clang_cuda_math.h>
#undef __nv_sqrtf
#include "kasuri/device_math.h"

/* What device code may call of the C library; printf becomes vprintf in the compiler. */
extern "C" {
__device__ int vprintf(const char *, const char *);
__device__ void free(void *) __attribute((nothrow));
__device__ void *malloc(size_t) __attribute((nothrow)) __attribute__((malloc));
__device__ void __assertfail(const char *message, const char *file, unsigned line,
                             const char *function, size_t char_size);
__device__ static inline void __assert_fail(const char *message, const char *file,
                                            unsigned line, const char *function)
{
   __assertfail(message, file, line, function, sizeof(char));
}
__device__ int printf(const char *, ...);
__device__ static inline void abort(void)
{
   __asm__ volatile("trap;");
}
}
namespace std
{
__device__ static inline void free(void *p)
{
   ::free(p);
}
__device__ static inline void *malloc(size_t size)
{
   return ::malloc(size);
}
} // namespace std

#include "kasuri/device_new.h"
#include "cuda_runtime.h"

#define KASURI_BUILTIN_VAR_CONVERSIONS(type)                                             \
   __device__ inline type::operator dim3() const                                         \
   {                                                                                     \
      return dim3(x, y, z);                                                              \
   }                                                                                     \
   __device__ inline type::operator uint3() const                                        \
   {                                                                                     \
      return {x, y, z};                                                                  \
   }
KASURI_BUILTIN_VAR_CONVERSIONS(__cuda_builtin_threadIdx_t)
KASURI_BUILTIN_VAR_CONVERSIONS(__cuda_builtin_blockIdx_t)
KASURI_BUILTIN_VAR_CONVERSIONS(__cuda_builtin_blockDim_t)
KASURI_BUILTIN_VAR_CONVERSIONS(__cuda_builtin_gridDim_t)
#undef KASURI_BUILTIN_VAR_CONVERSIONS

#include "kasuri/device_sync.h"
#include <__clang_cuda_cmath.h>
/* clang 19's __reduce_*_sync hand over mask and value the wrong way round. */
#define __reduce_add_sync kasuri_ignored_reduce_add
#define __reduce_min_sync kasuri_ignored_reduce_min
#define __reduce_max_sync kasuri_ignored_reduce_max
#define __reduce_or_sync kasuri_ignored_reduce_or
#define __reduce_and_sync kasuri_ignored_reduce_and
#define __reduce_xor_sync kasuri_ignored_reduce_xor
#include <__clang_cuda_intrinsics.h>
#undef __reduce_add_sync
#undef __reduce_min_sync
#undef __reduce_max_sync
#undef __reduce_or_sync
#undef __reduce_and_sync
#undef __reduce_xor_sync
#include "kasuri/warp_reduce.h"
#include <__clang_cuda_complex_builtins.h>
#include "kasuri/atomics.h"
#include "kasuri/memory_intrinsics.h"
#include "kasuri/textures.h"

#ifdef KASURI_FRONT_SET_CUDA_VERSION
#undef CUDA_VERSION
#undef KASURI_FRONT_SET_CUDA_VERSION
#endif

/* clang turns f<<<grid, block, shared, stream>>> into a call of this. */
extern "C" unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared = 0,
                                                void *stream = 0);

#endif
