/* SPDX-License-Identifier: Apache-2.0
 * The one device and what it says of itself. */
#include "driver_priv.h"

#include <stdio.h>
#include <string.h>

#define PCI_BUS_ID "0000:01:00.0"

API
cuDriverGetVersion(int *version)
{
   REQUIRE(version);
   *version = CUDA_VERSION;
   return CUDA_SUCCESS;
}

#define DEVICE(dev)                                                                      \
   do {                                                                                  \
      TRY(driver_initialised());                                                         \
      if (dev)                                                                           \
         return CUDA_ERROR_INVALID_DEVICE;                                               \
   } while (0)

API
cuDeviceGet(CUdevice *device, int ordinal)
{
   TRY(driver_initialised());
   REQUIRE(device);
   if (ordinal)
      return CUDA_ERROR_INVALID_DEVICE;
   *device = 0;
   return CUDA_SUCCESS;
}

API
cuDeviceGetCount(int *count)
{
   TRY(driver_initialised());
   REQUIRE(count);
   *count = 1;
   return CUDA_SUCCESS;
}

API
cuDeviceGetName(char *name, int len, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(name && len > 0);
   snprintf(name, (size_t)len, "%s", device_props()->name);
   return CUDA_SUCCESS;
}

API
cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(uuid);
   memcpy(uuid->bytes, device_props()->uuid, sizeof uuid->bytes);
   return CUDA_SUCCESS;
}

API
cuDeviceTotalMem_v2(size_t *bytes, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(bytes);
   *bytes = device_props()->memory;
   return CUDA_SUCCESS;
}

API
cuDeviceComputeCapability(int *major, int *minor, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(major && minor);
   *major = (int)device_props()->sm / 10;
   *minor = (int)device_props()->sm % 10;
   return CUDA_SUCCESS;
}

API
cuDeviceGetProperties(CUdevprop *prop, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(prop);
   const struct device_props *p = device_props();
   *prop = (CUdevprop){
      .maxThreadsPerBlock = (int)p->max_threads,
      .maxThreadsDim = {(int)p->max_block[0], (int)p->max_block[1], (int)p->max_block[2]},
      .maxGridSize = {(int)p->max_grid[0], (int)p->max_grid[1], (int)p->max_grid[2]},
      .sharedMemPerBlock = (int)p->shared_per_block,
      .totalConstantMemory = (int)p->const_memory,
      .SIMDWidth = EXEC_WARP,
      .memPitch = INT32_MAX,
      .regsPerBlock = (int)p->regs_per_block,
      .clockRate = (int)p->clock_khz,
      .textureAlign = 512,
   };
   return CUDA_SUCCESS;
}

API
cuDeviceGetPCIBusId(char *pciBusId, int len, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(pciBusId && len >= 13);
   snprintf(pciBusId, (size_t)len, PCI_BUS_ID);
   return CUDA_SUCCESS;
}

API
cuDeviceGetByPCIBusId(CUdevice *dev, const char *pciBusId)
{
   TRY(driver_initialised());
   REQUIRE(dev && pciBusId);
   unsigned domain = 0, bus, slot, fn = 0;
   bool long_form = sscanf(pciBusId, "%x:%x:%x.%x", &domain, &bus, &slot, &fn) >= 3;
   if (!long_form) {
      domain = 0;
      if (sscanf(pciBusId, "%x:%x.%x", &bus, &slot, &fn) < 2)
         return CUDA_ERROR_INVALID_VALUE;
   }
   if (domain || bus != 1 || slot || fn)
      return CUDA_ERROR_INVALID_DEVICE;
   *dev = 0;
   return CUDA_SUCCESS;
}

API
cuDeviceGetLuid(char *luid, unsigned int *deviceNodeMask, CUdevice dev)
{
   DEVICE(dev);
   return CUDA_ERROR_NOT_SUPPORTED; /* a Windows notion */
}

API
cuDeviceCanAccessPeer(int *canAccessPeer, CUdevice dev, CUdevice peerDev)
{
   TRY(driver_initialised());
   REQUIRE(canAccessPeer);
   if (dev || peerDev)
      return CUDA_ERROR_INVALID_DEVICE;
   *canAccessPeer = 0; /* a device is no peer of its own */
   return CUDA_SUCCESS;
}

API
cuDeviceGetP2PAttribute(int *value, CUdevice_P2PAttribute attrib, CUdevice srcDevice,
                        CUdevice dstDevice)
{
   TRY(driver_initialised());
   REQUIRE(value && attrib >= CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK &&
           attrib <= CU_DEVICE_P2P_ATTRIBUTE_ONLY_PARTIAL_NATIVE_ATOMIC_SUPPORTED);
   return CUDA_ERROR_INVALID_DEVICE; /* it takes two devices */
}

API
cuDeviceGetExecAffinitySupport(int *support, CUexecAffinityType type, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(support && type == CU_EXEC_AFFINITY_TYPE_SM_COUNT);
   *support = 0;
   return CUDA_SUCCESS;
}

API
cuDeviceGetTexture1DLinearMaxWidth(size_t *maxWidth, CUarray_format format,
                                   unsigned int numChannels, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(maxWidth && (numChannels == 1 || numChannels == 2 || numChannels == 4) &&
           format > 0 && format <= CU_AD_FORMAT_FLOAT);
   *maxWidth = 1 << 28;
   return CUDA_SUCCESS;
}

API
cuFlushGPUDirectRDMAWrites(CUflushGPUDirectRDMAWritesTarget target,
                           CUflushGPUDirectRDMAWritesScope scope)
{
   ENTER(c);
   REQUIRE(!target && (scope == CU_FLUSH_GPU_DIRECT_RDMA_WRITES_TO_OWNER ||
                       scope == CU_FLUSH_GPU_DIRECT_RDMA_WRITES_TO_ALL_DEVICES));
   return CUDA_SUCCESS;
}

/* Attributes whose value is a plain number; those of the device's properties follow. */
static const struct {
   short which;
   int value;
} fixed[] = {
   {CU_DEVICE_ATTRIBUTE_WARP_SIZE, EXEC_WARP},
   {CU_DEVICE_ATTRIBUTE_MAX_PITCH, INT32_MAX},
   {CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT, 512},
   {CU_DEVICE_ATTRIBUTE_GPU_OVERLAP, 1},
   {CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT, 0},
   {CU_DEVICE_ATTRIBUTE_INTEGRATED, 0},
   {CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY, 1},
   {CU_DEVICE_ATTRIBUTE_COMPUTE_MODE, CU_COMPUTEMODE_DEFAULT},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_WIDTH, 131072},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_WIDTH, 131072},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_HEIGHT, 65536},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH, 16384},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT, 16384},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH, 16384},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_HEIGHT, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_LAYERS, 2048},
   {CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT, 512},
   {CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 1},
   {CU_DEVICE_ATTRIBUTE_ECC_ENABLED, 0},
   {CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, 1},
   {CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID, 0},
   {CU_DEVICE_ATTRIBUTE_TCC_DRIVER, 0},
   {CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 2619000},
   {CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 128},
   {CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 2},
   {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_LAYERS, 2048},
   {CU_DEVICE_ATTRIBUTE_CAN_TEX2D_GATHER, 0},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_HEIGHT, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH_ALTERNATE, 8192},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT_ALTERNATE, 8192},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH_ALTERNATE, 32768},
   {CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID, 0},
   {CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT, 32},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_LAYERS, 2046},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_WIDTH, 131072},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_HEIGHT, 65536},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_WIDTH, 16384},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_HEIGHT, 16384},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_DEPTH, 16384},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_LAYERS, 2048},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_HEIGHT, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_LAYERS, 2048},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_LAYERS, 2046},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH, 1 << 28},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_WIDTH, 131072},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_HEIGHT, 65000},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_PITCH, 2097120},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_HEIGHT, 32768},
   {CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_MIPMAPPED_WIDTH, 32768},
   {CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED, 1},
   {CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED, 1},
   {CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED, 1},
   {CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY, 1},
   {CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD, 0},
   {CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD_GROUP_ID, 0},
   {CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED, 1},
   {CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO, 2},
   {CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS, 1},
   {CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS, 1},
   {CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED, 1},
   {CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM, 1},
   {CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_MEM_OPS_V1, 1},
   {CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS_V1, 1},
   {CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR_V1, 1},
   {CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH, 1},
   {CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH, 0},
   {CU_DEVICE_ATTRIBUTE_CAN_FLUSH_REMOTE_WRITES, 1},
   {CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED, 1},
   {CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS_USES_HOST_PAGE_TABLES, 1},
   {CU_DEVICE_ATTRIBUTE_DIRECT_MANAGED_MEM_ACCESS_FROM_HOST, 1},
   {CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED, 1},
   {CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED, 1},
   {CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED, 1},
   {CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED, 0},
   {CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, 1},
   {CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH, 1},
   {CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS, 1},
   {CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR, 1},
   {CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED, 0},
   {CU_DEVICE_ATTRIBUTE_MEM_SYNC_DOMAIN_COUNT, 1},
   {CU_DEVICE_ATTRIBUTE_NUMA_ID, -1},
   {CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID, 0},
};

static int
property(CUdevice_attribute a, const struct device_props *p)
{
   switch ((int)a) {
   case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      return (int)p->max_threads;
   case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
   case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y:
   case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z:
      return (int)p->max_block[a - CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X];
   case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X:
   case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
   case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z:
      return (int)p->max_grid[a - CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X];
   case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK:
      return (int)p->shared_per_block;
   case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
      return (int)p->shared_optin;
   case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR:
      return (int)p->shared_per_sm;
   case CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK:
      return (int)p->shared_reserved;
   case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY:
      return (int)p->const_memory;
   case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
      return (int)p->regs_per_block;
   case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR:
      return (int)p->regs_per_sm;
   case CU_DEVICE_ATTRIBUTE_CLOCK_RATE:
      return (int)p->clock_khz;
   case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      return (int)p->multiprocessors;
   case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE:
      return (int)p->l2_bytes;
   case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR:
      return (int)p->threads_per_sm;
   case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR:
      return (int)p->blocks_per_sm;
   case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      return (int)p->sm / 10;
   case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      return (int)p->sm % 10;
   }
   return 0; /* features this device does not have */
}

API
cuDeviceGetAttribute(int *value, CUdevice_attribute attrib, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(value && attrib >= 1 && attrib < CU_DEVICE_ATTRIBUTE_MAX);
   for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
      if (fixed[i].which == (int)attrib) {
         *value = fixed[i].value;
         return CUDA_SUCCESS;
      }
   *value = property(attrib, device_props());
   return CUDA_SUCCESS;
}

API
cuProfilerStart(void)
{
   ENTER(c);
   return CUDA_SUCCESS;
}

API
cuProfilerStop(void)
{
   ENTER(c);
   return CUDA_SUCCESS;
}
