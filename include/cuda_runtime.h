/* SPDX-License-Identifier: Apache-2.0
 * The runtime API as C++ programs use it: the C calls of cuda_runtime_api.h, and on top of
 * them the overloads that take typed pointers, kernels and variables as they are. */
#ifndef __CUDA_RUNTIME_H__
#define __CUDA_RUNTIME_H__

#include "crt/host_defines.h"
#include "builtin_types.h"
#include "library_types.h"
#include "channel_descriptor.h"
#include "cuda_runtime_api.h"
#include "driver_functions.h"
#include "vector_functions.h"

#if defined(__cplusplus)
#include <utility>

#define KASURI_API static __inline__ __host__

/* -- Memory: a pointer to any type of pointer. */
template <class T>
KASURI_API cudaError_t cudaMalloc(T **p, size_t size)
{
   return ::cudaMalloc((void **)(void *)p, size);
}
template <class T>
KASURI_API cudaError_t cudaMallocHost(T **p, size_t size, unsigned int flags = 0)
{
   return ::cudaHostAlloc((void **)(void *)p, size, flags);
}
KASURI_API cudaError_t cudaMallocHost(void **p, size_t size, unsigned int flags)
{
   return ::cudaHostAlloc(p, size, flags);
}
template <class T>
KASURI_API cudaError_t cudaHostAlloc(T **p, size_t size, unsigned int flags)
{
   return ::cudaHostAlloc((void **)(void *)p, size, flags);
}
template <class T>
KASURI_API cudaError_t cudaHostGetDevicePointer(T **device, void *host, unsigned int flags)
{
   return ::cudaHostGetDevicePointer((void **)(void *)device, host, flags);
}
template <class T>
KASURI_API cudaError_t cudaMallocManaged(T **p, size_t size,
                                         unsigned int flags = cudaMemAttachGlobal)
{
   return ::cudaMallocManaged((void **)(void *)p, size, flags);
}
template <class T>
KASURI_API cudaError_t cudaMallocPitch(T **p, size_t *pitch, size_t width, size_t height)
{
   return ::cudaMallocPitch((void **)(void *)p, pitch, width, height);
}
template <class T>
KASURI_API cudaError_t cudaMallocAsync(T **p, size_t size, cudaStream_t stream)
{
   return ::cudaMallocAsync((void **)(void *)p, size, stream);
}
template <class T>
KASURI_API cudaError_t cudaMallocFromPoolAsync(T **p, size_t size, cudaMemPool_t pool,
                                               cudaStream_t stream)
{
   return ::cudaMallocFromPoolAsync((void **)(void *)p, size, pool, stream);
}
KASURI_API cudaError_t cudaMallocAsync(void **p, size_t size, cudaMemPool_t pool,
                                       cudaStream_t stream)
{
   return ::cudaMallocFromPoolAsync(p, size, pool, stream);
}
template <class T>
KASURI_API cudaError_t cudaMallocAsync(T **p, size_t size, cudaMemPool_t pool,
                                       cudaStream_t stream)
{
   return ::cudaMallocFromPoolAsync((void **)(void *)p, size, pool, stream);
}
template <class T>
KASURI_API cudaError_t cudaStreamAttachMemAsync(cudaStream_t stream, T *p,
                                                size_t length = 0,
                                                unsigned int flags = cudaMemAttachSingle)
{
   return ::cudaStreamAttachMemAsync(stream, (void *)p, length, flags);
}
/* Releases before 13 named a device by its number alone. */
KASURI_API cudaError_t cudaMemPrefetchAsync(const void *p, size_t size, int device,
                                            cudaStream_t stream = 0)
{
   struct cudaMemLocation where = {};
   where.type = device < 0 ? cudaMemLocationTypeHost : cudaMemLocationTypeDevice;
   where.id = device < 0 ? 0 : device;
   return ::cudaMemPrefetchAsync(p, size, where, 0, stream);
}
KASURI_API cudaError_t cudaMemAdvise(const void *p, size_t size,
                                     enum cudaMemoryAdvise advice, int device)
{
   struct cudaMemLocation where = {};
   where.type = device < 0 ? cudaMemLocationTypeHost : cudaMemLocationTypeDevice;
   where.id = device < 0 ? 0 : device;
   return ::cudaMemAdvise(p, size, advice, where);
}

/* -- Events. */
KASURI_API cudaError_t cudaEventCreate(cudaEvent_t *event, unsigned int flags)
{
   return ::cudaEventCreateWithFlags(event, flags);
}

/* -- Device variables, named by themselves. */
template <class T>
KASURI_API cudaError_t
cudaMemcpyToSymbol(const T &symbol, const void *src, size_t count, size_t offset = 0,
                   enum cudaMemcpyKind kind = cudaMemcpyHostToDevice)
{
   return ::cudaMemcpyToSymbol((const void *)&symbol, src, count, offset, kind);
}
template <class T>
KASURI_API cudaError_t
cudaMemcpyToSymbolAsync(const T &symbol, const void *src, size_t count, size_t offset = 0,
                        enum cudaMemcpyKind kind = cudaMemcpyHostToDevice,
                        cudaStream_t stream = 0)
{
   return ::cudaMemcpyToSymbolAsync((const void *)&symbol, src, count, offset, kind,
                                    stream);
}
template <class T>
KASURI_API cudaError_t
cudaMemcpyFromSymbol(void *dst, const T &symbol, size_t count, size_t offset = 0,
                     enum cudaMemcpyKind kind = cudaMemcpyDeviceToHost)
{
   return ::cudaMemcpyFromSymbol(dst, (const void *)&symbol, count, offset, kind);
}
template <class T>
KASURI_API cudaError_t
cudaMemcpyFromSymbolAsync(void *dst, const T &symbol, size_t count, size_t offset = 0,
                          enum cudaMemcpyKind kind = cudaMemcpyDeviceToHost,
                          cudaStream_t stream = 0)
{
   return ::cudaMemcpyFromSymbolAsync(dst, (const void *)&symbol, count, offset, kind,
                                      stream);
}
template <class T>
KASURI_API cudaError_t cudaGetSymbolAddress(void **p, const T &symbol)
{
   return ::cudaGetSymbolAddress(p, (const void *)&symbol);
}
template <class T, class U>
KASURI_API cudaError_t cudaGetSymbolAddress(U **p, const T &symbol)
{
   return ::cudaGetSymbolAddress((void **)(void *)p, (const void *)&symbol);
}
template <class T>
KASURI_API cudaError_t cudaGetSymbolSize(size_t *size, const T &symbol)
{
   return ::cudaGetSymbolSize(size, (const void *)&symbol);
}

/* -- Kernels, named by themselves. */
template <class T>
KASURI_API cudaError_t cudaLaunchKernel(T *kernel, dim3 grid, dim3 block, void **args,
                                        size_t shared = 0, cudaStream_t stream = 0)
{
   return ::cudaLaunchKernel((const void *)kernel, grid, block, args, shared, stream);
}
template <class T>
KASURI_API cudaError_t cudaLaunchCooperativeKernel(T *kernel, dim3 grid, dim3 block,
                                                   void **args, size_t shared = 0,
                                                   cudaStream_t stream = 0)
{
   return ::cudaLaunchCooperativeKernel((const void *)kernel, grid, block, args, shared,
                                        stream);
}
template <class T>
KASURI_API cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *config, T *kernel,
                                           void **args)
{
   return ::cudaLaunchKernelExC(config, (const void *)kernel, args);
}
/* Arguments are converted to the kernel's own types before their addresses are taken. */
template <class... Params, class... Args>
KASURI_API cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t *config,
                                          void (*kernel)(Params...), Args &&...args)
{
   return [&](Params... params) {
      void *pointers[sizeof...(Params) + 1] = {(void *)&params...};
      return ::cudaLaunchKernelExC(config, (const void *)kernel, pointers);
   }(std::forward<Args>(args)...);
}
template <class T>
KASURI_API cudaError_t cudaFuncSetAttribute(T *kernel, enum cudaFuncAttribute attribute,
                                            int value)
{
   return ::cudaFuncSetAttribute((const void *)kernel, attribute, value);
}
template <class T>
KASURI_API cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *attributes,
                                             T *kernel)
{
   return ::cudaFuncGetAttributes(attributes, (const void *)kernel);
}
template <class T>
KASURI_API cudaError_t cudaFuncSetCacheConfig(T *kernel, enum cudaFuncCache config)
{
   return ::cudaFuncSetCacheConfig((const void *)kernel, config);
}
template <class T>
KASURI_API cudaError_t cudaFuncSetSharedMemConfig(T *kernel,
                                                  enum cudaSharedMemConfig config)
{
   return ::cudaFuncSetSharedMemConfig((const void *)kernel, config);
}
template <class T>
KASURI_API cudaError_t cudaFuncGetName(const char **name, T *kernel)
{
   return ::cudaFuncGetName(name, (const void *)kernel);
}
template <class T>
KASURI_API cudaError_t cudaGetFuncBySymbol(cudaFunction_t *function, T *kernel)
{
   return ::cudaGetFuncBySymbol(function, (const void *)kernel);
}
template <class T>
KASURI_API cudaError_t cudaGetKernel(cudaKernel_t *handle, T *kernel)
{
   return ::cudaGetKernel(handle, (const void *)kernel);
}

/* -- Occupancy. */
template <class T>
KASURI_API cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, T kernel,
                                                                     int block_size,
                                                                     size_t shared)
{
   return ::cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, (const void *)kernel,
                                                          block_size, shared);
}
template <class T>
KASURI_API cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
   int *blocks, T kernel, int block_size, size_t shared, unsigned int flags)
{
   return ::cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
      blocks, (const void *)kernel, block_size, shared, flags);
}
template <class T>
KASURI_API cudaError_t cudaOccupancyAvailableDynamicSMemPerBlock(size_t *shared, T *kernel,
                                                                 int blocks, int block_size)
{
   return ::cudaOccupancyAvailableDynamicSMemPerBlock(shared, (const void *)kernel, blocks,
                                                      block_size);
}
template <class T>
KASURI_API cudaError_t cudaOccupancyMaxPotentialClusterSize(
   int *size, T *kernel, const cudaLaunchConfig_t *config)
{
   return ::cudaOccupancyMaxPotentialClusterSize(size, (const void *)kernel, config);
}
template <class T>
KASURI_API cudaError_t cudaOccupancyMaxActiveClusters(int *clusters, T *kernel,
                                                      const cudaLaunchConfig_t *config)
{
   return ::cudaOccupancyMaxActiveClusters(clusters, (const void *)kernel, config);
}
/* Tries block sizes from the largest down by warps, and keeps the one that fills the
 * multiprocessor with most threads. shared_of(size): dynamic shared memory it needs. */
template <class Shared, class T>
KASURI_API cudaError_t cudaOccupancyMaxPotentialBlockSizeVariableSMemWithFlags(
   int *grid_size, int *block_size, T kernel, Shared shared_of, int limit = 0,
   unsigned int flags = 0)
{
   struct cudaFuncAttributes attributes;
   int device, processors, max_threads, warp;
   cudaError_t e = ::cudaGetDevice(&device);
   if (e == cudaSuccess)
      e = ::cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device);
   if (e == cudaSuccess)
      e = ::cudaDeviceGetAttribute(&max_threads, cudaDevAttrMaxThreadsPerMultiProcessor,
                                   device);
   if (e == cudaSuccess)
      e = ::cudaDeviceGetAttribute(&warp, cudaDevAttrWarpSize, device);
   if (e == cudaSuccess)
      e = ::cudaFuncGetAttributes(&attributes, (const void *)kernel);
   if (e != cudaSuccess)
      return e;
   int largest = attributes.maxThreadsPerBlock;
   if (limit > 0 && limit < largest)
      largest = limit;
   int best_threads = -1;
   for (int size = (largest + warp - 1) / warp * warp; size > 0; size -= warp) {
      int tried = size < largest ? size : largest, blocks = 0;
      e = ::cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
         &blocks, (const void *)kernel, tried, shared_of(tried), flags);
      if (e != cudaSuccess)
         return e;
      if (blocks * tried > best_threads) {
         best_threads = blocks * tried;
         *block_size = tried;
         *grid_size = blocks * processors;
      }
      if (best_threads == max_threads)
         break;
   }
   return cudaSuccess;
}
template <class Shared, class T>
KASURI_API cudaError_t cudaOccupancyMaxPotentialBlockSizeVariableSMem(
   int *grid_size, int *block_size, T kernel, Shared shared_of, int limit = 0)
{
   return cudaOccupancyMaxPotentialBlockSizeVariableSMemWithFlags(grid_size, block_size,
                                                                  kernel, shared_of, limit);
}
template <class T>
KASURI_API cudaError_t cudaOccupancyMaxPotentialBlockSizeWithFlags(
   int *grid_size, int *block_size, T kernel, size_t shared = 0, int limit = 0,
   unsigned int flags = 0)
{
   return cudaOccupancyMaxPotentialBlockSizeVariableSMemWithFlags(
      grid_size, block_size, kernel, [shared](int) { return shared; }, limit, flags);
}
template <class T>
KASURI_API cudaError_t cudaOccupancyMaxPotentialBlockSize(int *grid_size, int *block_size,
                                                          T kernel, size_t shared = 0,
                                                          int limit = 0)
{
   return cudaOccupancyMaxPotentialBlockSizeWithFlags(grid_size, block_size, kernel,
                                                      shared, limit);
}

/* -- Graphs. */
/* The form before release 12, with room for a log that is never written. */
KASURI_API cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph,
                                            cudaGraphNode_t *, char *log, size_t log_size)
{
   if (log && log_size)
      *log = 0;
   return ::cudaGraphInstantiate(exec, graph, 0);
}
template <class T>
KASURI_API cudaError_t
cudaGraphAddMemcpyNodeToSymbol(cudaGraphNode_t *node, cudaGraph_t graph,
                               const cudaGraphNode_t *dependencies, size_t count,
                               const T &symbol, const void *src, size_t size,
                               size_t offset, enum cudaMemcpyKind kind)
{
   return ::cudaGraphAddMemcpyNodeToSymbol(node, graph, dependencies, count,
                                           (const void *)&symbol, src, size, offset, kind);
}
template <class T>
KASURI_API cudaError_t
cudaGraphAddMemcpyNodeFromSymbol(cudaGraphNode_t *node, cudaGraph_t graph,
                                 const cudaGraphNode_t *dependencies, size_t count,
                                 void *dst, const T &symbol, size_t size, size_t offset,
                                 enum cudaMemcpyKind kind)
{
   return ::cudaGraphAddMemcpyNodeFromSymbol(node, graph, dependencies, count, dst,
                                             (const void *)&symbol, size, offset, kind);
}
#undef KASURI_API
#endif

#endif
