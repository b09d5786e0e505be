/* SPDX-License-Identifier: Apache-2.0
 * The words that CUDA C++ adds to C (__global__, __shared__ ...) as attributes of the
 * compiler at hand: clang's CUDA mode knows them as attributes, a host compiler must be
 * able to read a declaration that carries them. */
#ifndef __HOST_DEFINES_H__
#define __HOST_DEFINES_H__

#define CUDARTAPI
#define CUDARTAPI_CDECL

/* Old libstdc++ headers use __noinline__ as an attribute's name: it stays a plain word.
 */
#define __no_return__ __attribute__((noreturn))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __inline_hint__
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_align__(n) __align__(n)
#define __thread__ __thread
#define __import__
#define __export__
#define __location__(a) __attribute__((a))
#define __annotate__(a) __attribute__((a))
#define __maxnreg__(n)
#define __local_maxnreg__(n)
#define __specialization_static

#if defined(__CUDA__) && defined(__clang__)
#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __device_builtin_texture_type__ __attribute__((device_builtin_texture_type))
#define __device_builtin_surface_type__ __attribute__((device_builtin_surface_type))
/* __managed__: kasuri/managed.h, as clang does not know the word. */
#else
#define __host__
#define __device__
#define __global__
#define __shared__
#define __constant__
#define __managed__
#define __launch_bounds__(...)
#define __device_builtin_texture_type__
#define __device_builtin_surface_type__
#endif

#ifndef __grid_constant__
#if defined(__CUDA__) && defined(__clang__) && __clang_major__ >= 20
#define __grid_constant__ __attribute__((grid_constant))
#else
#define __grid_constant__
#endif
#endif
#ifndef __cluster_dims__
#define __cluster_dims__(...)
#endif
#ifndef __block_size__
#define __block_size__(...)
#endif
#ifndef __nv_pure__
#define __nv_pure__ __attribute__((pure))
#endif
#define __device_builtin__
#define __cudart_builtin__

#define __CUDA_ARCH_HAS_FEATURE__(feature) __CUDA_ARCH_FEAT_##feature
#ifndef __CUDA_ARCH_SPECIFIC__
#define __CUDA_HAS_ARCH_SPECIFIC(n) 0
#else
#define __CUDA_HAS_ARCH_SPECIFIC(n) (__CUDA_ARCH_SPECIFIC__ == (n##0))
#endif
#ifndef __CUDA_ARCH_FAMILY_SPECIFIC__
#define __CUDA_HAS_ARCH_FAMILY_SPECIFIC(n) 0
#else
#define __CUDA_HAS_ARCH_FAMILY_SPECIFIC(n) (__CUDA_ARCH_FAMILY_SPECIFIC__ == (n##0))
#endif

#endif
