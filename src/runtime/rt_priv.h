/* SPDX-License-Identifier: Apache-2.0
 * Runtime room, private: what the files of libcudart share. Everything is built on cu*
 * calls alone; nothing of other rooms is linked in, so that libcudart_static.a brings no
 * names into a program but CUDA's. Compiled once for each ABI (RT_ABI 12 or 13). */
#ifndef KASURI_RT_PRIV_H
#define KASURI_RT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if RT_ABI == 12
#include "abi12.h"
#endif

#pragma GCC visibility push(default)
#include "cuda.h"
#include "cuda_profiler_api.h"
#include "cuda_runtime_api.h"
#include "rt_exports.h"
#pragma GCC visibility pop

/* -- Thread state: one per thread that ever called in, freed at its end. */
struct rt_launch_config {
   dim3 grid, block;
   size_t shared;
   cudaStream_t stream;
};

/* Launches remember the function that they resolved: no lock on the hot path. */
#define RT_CACHE_SIZE 64 /* power of two; 1.5 KB a thread */
struct rt_cache_entry {
   const void *key;
   CUcontext ctx;
   CUfunction func;
};

struct rt_thread {
   cudaError_t last_error;
   int device;
   bool device_chosen; /* by cudaSetDevice; else the first of the valid ones */
   CUcontext current;  /* as rt_enter found or made it */
   CUcontext bound;    /* the primary context that this thread made current */
   unsigned ctx_gen;   /* rt_ctx_generation() at that time */
   unsigned cache_gen; /* rt_registry_generation() at which the cache was filled */
   struct rt_launch_config *configs;
   unsigned config_len, config_cap;
   struct rt_cache_entry cache[RT_CACHE_SIZE];
};
extern __thread struct rt_thread *rt_self
   __attribute__((tls_model("initial-exec"), visibility("hidden")));
struct rt_thread *rt_thread_create(void);
static inline struct rt_thread *
rt_thread(void)
{
   struct rt_thread *t = rt_self;
   return __builtin_expect(t != NULL, 1) ? t : rt_thread_create();
}

/* -- Errors: every failing call passes through one of these, which remember it for
 * cudaGetLastError and hand it back. */
cudaError_t rt_fail(cudaError_t e);
cudaError_t rt_fail_driver(CUresult r);
cudaError_t rt_unsupported(const char *what); /* cudaErrorNotSupported, named once */
bool rt_is_sticky(cudaError_t e);
cudaError_t rt_from_driver(CUresult r);
static inline cudaError_t
rt_ret(CUresult r)
{
   return __builtin_expect(r == CUDA_SUCCESS, 1) ? cudaSuccess : rt_fail_driver(r);
}

/* Returns from the calling function when r failed. */
#define RT_TRY(call)                                                                     \
   do {                                                                                  \
      CUresult rt_try_ = (call);                                                         \
      if (rt_try_ != CUDA_SUCCESS)                                                       \
         return rt_fail_driver(rt_try_);                                                 \
   } while (0)
#define RT_TRY_RT(call)                                                                  \
   do {                                                                                  \
      cudaError_t rt_try_ = (call);                                                      \
      if (rt_try_ != cudaSuccess)                                                        \
         return rt_try_;                                                                 \
   } while (0)
#define RT_NOT_NULL(p)                                                                   \
   do {                                                                                  \
      if ((p) == NULL)                                                                   \
         return rt_fail(cudaErrorInvalidValue);                                          \
   } while (0)

/* -- Context: calls that need one start with RT_ENTER(): it initialises the driver, makes
 * the device's primary context current where the thread has none, and reports a context
 * that an earlier fault has broken. RT_INIT() is for calls that need the driver only. */
cudaError_t rt_enter(void);
cudaError_t rt_init(void);
#define RT_ENTER() RT_TRY_RT(rt_enter())
#define RT_INIT() RT_TRY_RT(rt_init())
unsigned rt_ctx_generation(void);
int rt_current_device(void);
cudaError_t rt_check_device(int device); /* records cudaErrorInvalidDevice */
void rt_note_sticky(cudaError_t e);
bool rt_exiting(void); /* main has returned, or exit was called */

/* -- Registered code: register.c */
unsigned rt_registry_generation(void);
/* The function behind a host stub or a cudaKernel_t, its module loaded into the current
 * context; cudaErrorInvalidDeviceFunction where nobody registered it. Records failures.
 */
cudaError_t rt_function(const void *func, CUfunction *out);
/* What was launched as f: the host stub where known, else f itself. */
const void *rt_function_origin(CUfunction f);
const char *rt_function_name(const void *func); /* NULL if unknown */
cudaError_t rt_kernel_handle(const void *func, cudaKernel_t *out);
cudaError_t rt_symbol(const void *symbol, CUdeviceptr *addr, size_t *size);
void rt_forget_context(CUcontext ctx);

/* -- Small conversions shared by several files. */
#define rt_ptr(p) ((CUdeviceptr)(uintptr_t)(p))
#define rt_stream(s) ((CUstream)(s))
#define rt_array(a) ((CUarray)(uintptr_t)(a))
cudaError_t rt_check_kind(enum cudaMemcpyKind kind);
cudaError_t rt_array_format(const struct cudaChannelFormatDesc *d, CUarray_format *format,
                            unsigned *channels);
void rt_channel_desc(CUarray_format format, unsigned channels,
                     struct cudaChannelFormatDesc *d);
size_t rt_array_elem_size(CUarray_format format, unsigned channels);
/* Fills a driver descriptor from the runtime's; records failures. */
cudaError_t rt_copy3d(const struct cudaMemcpy3DParms *p, CUDA_MEMCPY3D *c);
cudaError_t rt_copy3d_back(const CUDA_MEMCPY3D *c, struct cudaMemcpy3DParms *p);
cudaError_t rt_kernel_params(const struct cudaKernelNodeParams *p,
                             CUDA_KERNEL_NODE_PARAMS *k);

/* cudaDeviceProp as CUDA 12 has it. Version 1 of its call ends where v2_start begins. */
struct rt_device_prop12 {
   char name[256];
   CUuuid uuid;
   char luid[8];
   unsigned luidDeviceNodeMask;
   size_t totalGlobalMem, sharedMemPerBlock;
   int regsPerBlock, warpSize;
   size_t memPitch;
   int maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3], clockRate;
   size_t totalConstMem;
   int major, minor;
   size_t textureAlignment, texturePitchAlignment;
   int deviceOverlap, multiProcessorCount, kernelExecTimeoutEnabled, integrated;
   int canMapHostMemory, computeMode;
   int maxTexture1D, maxTexture1DMipmap, maxTexture1DLinear, maxTexture2D[2];
   int maxTexture2DMipmap[2], maxTexture2DLinear[3], maxTexture2DGather[2];
   int maxTexture3D[3], maxTexture3DAlt[3], maxTextureCubemap, maxTexture1DLayered[2];
   int maxTexture2DLayered[3], maxTextureCubemapLayered[2];
   int maxSurface1D, maxSurface2D[2], maxSurface3D[3], maxSurface1DLayered[2];
   int maxSurface2DLayered[3], maxSurfaceCubemap, maxSurfaceCubemapLayered[2];
   size_t surfaceAlignment;
   int concurrentKernels, ECCEnabled, pciBusID, pciDeviceID, pciDomainID, tccDriver;
   int asyncEngineCount, unifiedAddressing, memoryClockRate, memoryBusWidth, l2CacheSize;
   int persistingL2CacheMaxSize, maxThreadsPerMultiProcessor, streamPrioritiesSupported;
   int globalL1CacheSupported, localL1CacheSupported;
   size_t sharedMemPerMultiprocessor;
   int regsPerMultiprocessor, managedMemory, isMultiGpuBoard, multiGpuBoardGroupID;
   int hostNativeAtomicSupported, singleToDoublePrecisionPerfRatio, pageableMemoryAccess;
   int concurrentManagedAccess, computePreemptionSupported;
   int canUseHostPointerForRegisteredMem, cooperativeLaunch, cooperativeMultiDeviceLaunch;
   size_t sharedMemPerBlockOptin;
   int pageableMemoryAccessUsesHostPageTables, directManagedMemAccessFromHost;
   int maxBlocksPerMultiProcessor, accessPolicyMaxWindowSize;
   size_t reservedSharedMemPerBlock;
   int hostRegisterSupported; /* v2 from here */
   int sparseCudaArraySupported, hostRegisterReadOnlySupported;
   int timelineSemaphoreInteropSupported, memoryPoolsSupported, gpuDirectRDMASupported;
   unsigned gpuDirectRDMAFlushWritesOptions;
   int gpuDirectRDMAWritesOrdering;
   unsigned memoryPoolSupportedHandleTypes;
   int deferredMappingCudaArraySupported, ipcEventSupported, clusterLaunch;
   int unifiedFunctionPointers;
   int reserved[63];
};
cudaError_t rt_device_prop12(struct rt_device_prop12 *p, int device);

#endif
