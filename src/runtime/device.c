/* SPDX-License-Identifier: Apache-2.0
 * What a device is and what it may do: properties, attributes, limits, peers. Every
 * figure comes from the driver's attributes, which have the runtime's numbers. */
#include "rt_priv.h"

#include <string.h>

cudaError_t
cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attr, int device)
{
   RT_NOT_NULL(value);
   RT_TRY_RT(rt_check_device(device));
   return rt_ret(cuDeviceGetAttribute(value, (CUdevice_attribute)attr, device));
}

/* One field of cudaDeviceProp that is an attribute, or several in a row. Fields of type
 * size_t are widened. An attribute that the driver does not know stays 0. */
struct prop_field {
   unsigned short offset, size;
   enum cudaDeviceAttr attr;
};
#define FIELD(type, field, attr)                                                         \
   {offsetof(type, field), sizeof(((type *)0)->field), cudaDevAttr##attr}

/* What the structures of CUDA 12 and 13 share by name. */
#define COMMON_FIELDS(T)                                                                 \
   FIELD(T, sharedMemPerBlock, MaxSharedMemoryPerBlock),                                 \
      FIELD(T, regsPerBlock, MaxRegistersPerBlock), FIELD(T, warpSize, WarpSize),        \
      FIELD(T, memPitch, MaxPitch), FIELD(T, maxThreadsPerBlock, MaxThreadsPerBlock),    \
      FIELD(T, maxThreadsDim[0], MaxBlockDimX),                                          \
      FIELD(T, maxThreadsDim[1], MaxBlockDimY),                                          \
      FIELD(T, maxThreadsDim[2], MaxBlockDimZ), FIELD(T, maxGridSize[0], MaxGridDimX),   \
      FIELD(T, maxGridSize[1], MaxGridDimY), FIELD(T, maxGridSize[2], MaxGridDimZ),      \
      FIELD(T, totalConstMem, TotalConstantMemory),                                      \
      FIELD(T, major, ComputeCapabilityMajor), FIELD(T, minor, ComputeCapabilityMinor),  \
      FIELD(T, textureAlignment, TextureAlignment),                                      \
      FIELD(T, texturePitchAlignment, TexturePitchAlignment),                            \
      FIELD(T, multiProcessorCount, MultiProcessorCount),                                \
      FIELD(T, integrated, Integrated), FIELD(T, canMapHostMemory, CanMapHostMemory),    \
      FIELD(T, maxTexture1D, MaxTexture1DWidth),                                         \
      FIELD(T, maxTexture1DMipmap, MaxTexture1DMipmappedWidth),                          \
      FIELD(T, maxTexture2D[0], MaxTexture2DWidth),                                      \
      FIELD(T, maxTexture2D[1], MaxTexture2DHeight),                                     \
      FIELD(T, maxTexture2DMipmap[0], MaxTexture2DMipmappedWidth),                       \
      FIELD(T, maxTexture2DMipmap[1], MaxTexture2DMipmappedHeight),                      \
      FIELD(T, maxTexture2DLinear[0], MaxTexture2DLinearWidth),                          \
      FIELD(T, maxTexture2DLinear[1], MaxTexture2DLinearHeight),                         \
      FIELD(T, maxTexture2DLinear[2], MaxTexture2DLinearPitch),                          \
      FIELD(T, maxTexture2DGather[0], MaxTexture2DGatherWidth),                          \
      FIELD(T, maxTexture2DGather[1], MaxTexture2DGatherHeight),                         \
      FIELD(T, maxTexture3D[0], MaxTexture3DWidth),                                      \
      FIELD(T, maxTexture3D[1], MaxTexture3DHeight),                                     \
      FIELD(T, maxTexture3D[2], MaxTexture3DDepth),                                      \
      FIELD(T, maxTexture3DAlt[0], MaxTexture3DWidthAlt),                                \
      FIELD(T, maxTexture3DAlt[1], MaxTexture3DHeightAlt),                               \
      FIELD(T, maxTexture3DAlt[2], MaxTexture3DDepthAlt),                                \
      FIELD(T, maxTextureCubemap, MaxTextureCubemapWidth),                               \
      FIELD(T, maxTexture1DLayered[0], MaxTexture1DLayeredWidth),                        \
      FIELD(T, maxTexture1DLayered[1], MaxTexture1DLayeredLayers),                       \
      FIELD(T, maxTexture2DLayered[0], MaxTexture2DLayeredWidth),                        \
      FIELD(T, maxTexture2DLayered[1], MaxTexture2DLayeredHeight),                       \
      FIELD(T, maxTexture2DLayered[2], MaxTexture2DLayeredLayers),                       \
      FIELD(T, maxTextureCubemapLayered[0], MaxTextureCubemapLayeredWidth),              \
      FIELD(T, maxTextureCubemapLayered[1], MaxTextureCubemapLayeredLayers),             \
      FIELD(T, maxSurface1D, MaxSurface1DWidth),                                         \
      FIELD(T, maxSurface2D[0], MaxSurface2DWidth),                                      \
      FIELD(T, maxSurface2D[1], MaxSurface2DHeight),                                     \
      FIELD(T, maxSurface3D[0], MaxSurface3DWidth),                                      \
      FIELD(T, maxSurface3D[1], MaxSurface3DHeight),                                     \
      FIELD(T, maxSurface3D[2], MaxSurface3DDepth),                                      \
      FIELD(T, maxSurface1DLayered[0], MaxSurface1DLayeredWidth),                        \
      FIELD(T, maxSurface1DLayered[1], MaxSurface1DLayeredLayers),                       \
      FIELD(T, maxSurface2DLayered[0], MaxSurface2DLayeredWidth),                        \
      FIELD(T, maxSurface2DLayered[1], MaxSurface2DLayeredHeight),                       \
      FIELD(T, maxSurface2DLayered[2], MaxSurface2DLayeredLayers),                       \
      FIELD(T, maxSurfaceCubemap, MaxSurfaceCubemapWidth),                               \
      FIELD(T, maxSurfaceCubemapLayered[0], MaxSurfaceCubemapLayeredWidth),              \
      FIELD(T, maxSurfaceCubemapLayered[1], MaxSurfaceCubemapLayeredLayers),             \
      FIELD(T, surfaceAlignment, SurfaceAlignment),                                      \
      FIELD(T, concurrentKernels, ConcurrentKernels), FIELD(T, ECCEnabled, EccEnabled),  \
      FIELD(T, pciBusID, PciBusId), FIELD(T, pciDeviceID, PciDeviceId),                  \
      FIELD(T, pciDomainID, PciDomainId), FIELD(T, tccDriver, TccDriver),                \
      FIELD(T, asyncEngineCount, AsyncEngineCount),                                      \
      FIELD(T, unifiedAddressing, UnifiedAddressing),                                    \
      FIELD(T, memoryBusWidth, GlobalMemoryBusWidth),                                    \
      FIELD(T, l2CacheSize, L2CacheSize),                                                \
      FIELD(T, persistingL2CacheMaxSize, MaxPersistingL2CacheSize),                      \
      FIELD(T, maxThreadsPerMultiProcessor, MaxThreadsPerMultiProcessor),                \
      FIELD(T, streamPrioritiesSupported, StreamPrioritiesSupported),                    \
      FIELD(T, globalL1CacheSupported, GlobalL1CacheSupported),                          \
      FIELD(T, localL1CacheSupported, LocalL1CacheSupported),                            \
      FIELD(T, sharedMemPerMultiprocessor, MaxSharedMemoryPerMultiprocessor),            \
      FIELD(T, regsPerMultiprocessor, MaxRegistersPerMultiprocessor),                    \
      FIELD(T, managedMemory, ManagedMemory),                                            \
      FIELD(T, isMultiGpuBoard, IsMultiGpuBoard),                                        \
      FIELD(T, multiGpuBoardGroupID, MultiGpuBoardGroupID),                              \
      FIELD(T, hostNativeAtomicSupported, HostNativeAtomicSupported),                    \
      FIELD(T, pageableMemoryAccess, PageableMemoryAccess),                              \
      FIELD(T, concurrentManagedAccess, ConcurrentManagedAccess),                        \
      FIELD(T, computePreemptionSupported, ComputePreemptionSupported),                  \
      FIELD(T, canUseHostPointerForRegisteredMem, CanUseHostPointerForRegisteredMem),    \
      FIELD(T, cooperativeLaunch, CooperativeLaunch),                                    \
      FIELD(T, sharedMemPerBlockOptin, MaxSharedMemoryPerBlockOptin),                    \
      FIELD(T, pageableMemoryAccessUsesHostPageTables,                                   \
            PageableMemoryAccessUsesHostPageTables),                                     \
      FIELD(T, directManagedMemAccessFromHost, DirectManagedMemAccessFromHost),          \
      FIELD(T, maxBlocksPerMultiProcessor, MaxBlocksPerMultiprocessor),                  \
      FIELD(T, accessPolicyMaxWindowSize, MaxAccessPolicyWindowSize),                    \
      FIELD(T, reservedSharedMemPerBlock, ReservedSharedMemoryPerBlock),                 \
      FIELD(T, hostRegisterSupported, HostRegisterSupported),                            \
      FIELD(T, sparseCudaArraySupported, SparseCudaArraySupported),                      \
      FIELD(T, hostRegisterReadOnlySupported, HostRegisterReadOnlySupported),            \
      FIELD(T, timelineSemaphoreInteropSupported, TimelineSemaphoreInteropSupported),    \
      FIELD(T, memoryPoolsSupported, MemoryPoolsSupported),                              \
      FIELD(T, gpuDirectRDMASupported, GPUDirectRDMASupported),                          \
      FIELD(T, gpuDirectRDMAFlushWritesOptions, GPUDirectRDMAFlushWritesOptions),        \
      FIELD(T, gpuDirectRDMAWritesOrdering, GPUDirectRDMAWritesOrdering),                \
      FIELD(T, memoryPoolSupportedHandleTypes, MemoryPoolSupportedHandleTypes),          \
      FIELD(T, deferredMappingCudaArraySupported, DeferredMappingCudaArraySupported),    \
      FIELD(T, ipcEventSupported, IpcEventSupport),                                      \
      FIELD(T, clusterLaunch, ClusterLaunch)

static const struct prop_field fields13[] = {
   COMMON_FIELDS(struct cudaDeviceProp),
   FIELD(struct cudaDeviceProp, deviceNumaConfig, NumaConfig),
   FIELD(struct cudaDeviceProp, deviceNumaId, NumaId),
   FIELD(struct cudaDeviceProp, mpsEnabled, MpsEnabled),
   FIELD(struct cudaDeviceProp, hostNumaId, HostNumaId),
   FIELD(struct cudaDeviceProp, gpuPciDeviceID, GpuPciDeviceId),
   FIELD(struct cudaDeviceProp, gpuPciSubsystemID, GpuPciSubsystemId),
   FIELD(struct cudaDeviceProp, hostNumaMultinodeIpcSupported,
         HostNumaMultinodeIpcSupported),
};

static const struct prop_field fields12[] = {
   COMMON_FIELDS(struct rt_device_prop12),
   FIELD(struct rt_device_prop12, clockRate, ClockRate),
   FIELD(struct rt_device_prop12, deviceOverlap, GpuOverlap),
   FIELD(struct rt_device_prop12, kernelExecTimeoutEnabled, KernelExecTimeout),
   FIELD(struct rt_device_prop12, computeMode, ComputeMode),
   FIELD(struct rt_device_prop12, maxTexture1DLinear, MaxTexture1DLinearWidth),
   FIELD(struct rt_device_prop12, memoryClockRate, MemoryClockRate),
   FIELD(struct rt_device_prop12, singleToDoublePrecisionPerfRatio,
         SingleToDoublePrecisionPerfRatio),
};

static void
fill(void *prop, const struct prop_field *fields, size_t n, int device)
{
   for (size_t i = 0; i < n; i++) {
      int v = 0;
      if (cuDeviceGetAttribute(&v, (CUdevice_attribute)fields[i].attr, device) !=
          CUDA_SUCCESS)
         v = 0;
      char *to = (char *)prop + fields[i].offset;
      if (fields[i].size == sizeof(size_t))
         *(size_t *)to = (size_t)(unsigned)v;
      else
         *(int *)to = v;
   }
}

cudaError_t
cudaGetDeviceProperties(struct cudaDeviceProp *prop, int device)
{
   RT_NOT_NULL(prop);
   RT_TRY_RT(rt_check_device(device));
   struct cudaDeviceProp p;
   memset(&p, 0, sizeof p);
   RT_TRY(cuDeviceGetName(p.name, sizeof p.name, device));
   RT_TRY(cuDeviceGetUuid((CUuuid *)&p.uuid, device));
   RT_TRY(cuDeviceTotalMem(&p.totalGlobalMem, device));
   fill(&p, fields13, sizeof fields13 / sizeof *fields13, device);
   *prop = p;
   return cudaSuccess;
}

cudaError_t
rt_device_prop12(struct rt_device_prop12 *p, int device)
{
   RT_TRY_RT(rt_check_device(device));
   memset(p, 0, sizeof *p);
   RT_TRY(cuDeviceGetName(p->name, sizeof p->name, device));
   RT_TRY(cuDeviceGetUuid(&p->uuid, device));
   RT_TRY(cuDeviceTotalMem(&p->totalGlobalMem, device));
   fill(p, fields12, sizeof fields12 / sizeof *fields12, device);
   return cudaSuccess;
}

#if RT_ABI == 13
/* The device that fits best is the first with the compute capability asked for. */
cudaError_t
cudaChooseDevice(int *device, const struct cudaDeviceProp *prop)
{
   int count;
   struct cudaDeviceProp p;
   RT_NOT_NULL(device);
   RT_NOT_NULL(prop);
   RT_TRY_RT(cudaGetDeviceCount(&count));
   *device = 0;
   for (int i = count - 1; i >= 0; i--) {
      RT_TRY_RT(cudaGetDeviceProperties(&p, i));
      if (p.major == prop->major && p.minor == prop->minor)
         *device = i;
   }
   return cudaSuccess;
}
#endif

/* -- Synchronising, limits, caches. */
cudaError_t
cudaDeviceSynchronize(void)
{
   RT_ENTER();
   return rt_ret(cuCtxSynchronize());
}

cudaError_t
cudaDeviceSetLimit(enum cudaLimit limit, size_t value)
{
   RT_ENTER();
   return rt_ret(cuCtxSetLimit((CUlimit)limit, value));
}

cudaError_t
cudaDeviceGetLimit(size_t *pValue, enum cudaLimit limit)
{
   RT_NOT_NULL(pValue);
   RT_ENTER();
   return rt_ret(cuCtxGetLimit(pValue, (CUlimit)limit));
}

cudaError_t
cudaDeviceGetCacheConfig(enum cudaFuncCache *pCacheConfig)
{
   CUfunc_cache c;
   RT_NOT_NULL(pCacheConfig);
   RT_ENTER();
   RT_TRY(cuCtxGetCacheConfig(&c));
   *pCacheConfig = (enum cudaFuncCache)c;
   return cudaSuccess;
}

cudaError_t
cudaDeviceSetCacheConfig(enum cudaFuncCache cacheConfig)
{
   RT_ENTER();
   return rt_ret(cuCtxSetCacheConfig((CUfunc_cache)cacheConfig));
}

/* Banks of 4 bytes are all that devices since compute capability 5.0 have. */
cudaError_t
cudaDeviceGetSharedMemConfig(enum cudaSharedMemConfig *pConfig)
{
   RT_NOT_NULL(pConfig);
   RT_ENTER();
   *pConfig = cudaSharedMemBankSizeFourByte;
   return cudaSuccess;
}

cudaError_t
cudaDeviceSetSharedMemConfig(enum cudaSharedMemConfig config)
{
   RT_ENTER();
   return (unsigned)config > cudaSharedMemBankSizeEightByte
             ? rt_fail(cudaErrorInvalidValue)
             : cudaSuccess;
}

cudaError_t
cudaCtxResetPersistingL2Cache(void)
{
   RT_ENTER();
   return rt_ret(cuCtxResetPersistingL2Cache());
}

cudaError_t
cudaDeviceGetStreamPriorityRange(int *leastPriority, int *greatestPriority)
{
   RT_ENTER();
   return rt_ret(cuCtxGetStreamPriorityRange(leastPriority, greatestPriority));
}

cudaError_t
cudaDeviceGetTexture1DLinearMaxWidth(size_t *maxWidthInElements,
                                     const struct cudaChannelFormatDesc *fmtDesc,
                                     int device)
{
   CUarray_format format;
   unsigned channels;
   RT_NOT_NULL(maxWidthInElements);
   RT_NOT_NULL(fmtDesc);
   RT_TRY_RT(rt_check_device(device));
   RT_TRY_RT(rt_array_format(fmtDesc, &format, &channels));
   return rt_ret(
      cuDeviceGetTexture1DLinearMaxWidth(maxWidthInElements, format, channels, device));
}

cudaError_t
cudaDeviceFlushGPUDirectRDMAWrites(enum cudaFlushGPUDirectRDMAWritesTarget target,
                                   enum cudaFlushGPUDirectRDMAWritesScope scope)
{
   RT_ENTER();
   return rt_ret(cuFlushGPUDirectRDMAWrites((CUflushGPUDirectRDMAWritesTarget)target,
                                            (CUflushGPUDirectRDMAWritesScope)scope));
}

cudaError_t
cudaDeviceGetPCIBusId(char *pciBusId, int len, int device)
{
   RT_NOT_NULL(pciBusId);
   RT_TRY_RT(rt_check_device(device));
   return rt_ret(cuDeviceGetPCIBusId(pciBusId, len, device));
}

cudaError_t
cudaDeviceGetByPCIBusId(int *device, const char *pciBusId)
{
   RT_NOT_NULL(device);
   RT_NOT_NULL(pciBusId);
   RT_INIT();
   return rt_ret(cuDeviceGetByPCIBusId(device, pciBusId));
}

/* -- Peers. */
cudaError_t
cudaDeviceCanAccessPeer(int *canAccessPeer, int device, int peerDevice)
{
   RT_NOT_NULL(canAccessPeer);
   RT_TRY_RT(rt_check_device(device));
   RT_TRY_RT(rt_check_device(peerDevice));
   return rt_ret(cuDeviceCanAccessPeer(canAccessPeer, device, peerDevice));
}

cudaError_t
cudaDeviceGetP2PAttribute(int *value, enum cudaDeviceP2PAttr attr, int srcDevice,
                          int dstDevice)
{
   RT_NOT_NULL(value);
   RT_TRY_RT(rt_check_device(srcDevice));
   RT_TRY_RT(rt_check_device(dstDevice));
   return rt_ret(
      cuDeviceGetP2PAttribute(value, (CUdevice_P2PAttribute)attr, srcDevice, dstDevice));
}

/* The peer's primary context; it stays alive for as long as the process uses it. */
static cudaError_t
peer_context(int device, CUcontext *ctx)
{
   RT_TRY_RT(rt_check_device(device));
   RT_ENTER();
   if (device == rt_current_device())
      return rt_fail(cudaErrorInvalidDevice);
   RT_TRY(cuDevicePrimaryCtxRetain(ctx, device));
   return rt_ret(cuDevicePrimaryCtxRelease(device));
}

cudaError_t
cudaDeviceEnablePeerAccess(int peerDevice, unsigned int flags)
{
   CUcontext peer;
   if (flags != 0)
      return rt_fail(cudaErrorInvalidValue);
   RT_TRY_RT(cudaInitDevice(peerDevice, 0, 0));
   RT_TRY_RT(peer_context(peerDevice, &peer));
   return rt_ret(cuCtxEnablePeerAccess(peer, 0));
}

cudaError_t
cudaDeviceDisablePeerAccess(int peerDevice)
{
   CUcontext peer;
   RT_TRY_RT(cudaInitDevice(peerDevice, 0, 0));
   RT_TRY_RT(peer_context(peerDevice, &peer));
   return rt_ret(cuCtxDisablePeerAccess(peer));
}

/* -- Graph memory. */
cudaError_t
cudaDeviceGraphMemTrim(int device)
{
   RT_TRY_RT(rt_check_device(device));
   return rt_ret(cuDeviceGraphMemTrim(device));
}

cudaError_t
cudaDeviceGetGraphMemAttribute(int device, enum cudaGraphMemAttributeType attr,
                               void *value)
{
   RT_NOT_NULL(value);
   RT_TRY_RT(rt_check_device(device));
   return rt_ret(cuDeviceGetGraphMemAttribute(device, (CUgraphMem_attribute)attr, value));
}

cudaError_t
cudaDeviceSetGraphMemAttribute(int device, enum cudaGraphMemAttributeType attr,
                               void *value)
{
   RT_NOT_NULL(value);
   RT_TRY_RT(rt_check_device(device));
   return rt_ret(cuDeviceSetGraphMemAttribute(device, (CUgraphMem_attribute)attr, value));
}
