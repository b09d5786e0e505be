/* SPDX-License-Identifier: Apache-2.0
 * Devices and what they say of themselves. */
#include "driver_priv.h"

#include <stdio.h>
#include <string.h>

API
cuDriverGetVersion(int *version)
{
   REQUIRE(version);
   *version = CUDA_VERSION;
   return CUDA_SUCCESS;
}

API
cuDeviceGet(CUdevice *device, int ordinal)
{
   DEVICE(ordinal);
   REQUIRE(device);
   *device = ordinal;
   return CUDA_SUCCESS;
}

API
cuDeviceGetCount(int *count)
{
   TRY(driver_initialised());
   REQUIRE(count);
   *count = (int)device_count();
   return CUDA_SUCCESS;
}

API
cuDeviceGetName(char *name, int len, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(name && len > 0);
   snprintf(name, (size_t)len, "%s", device_props((unsigned)dev)->name);
   return CUDA_SUCCESS;
}

API
cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(uuid);
   memcpy(uuid->bytes, device_props((unsigned)dev)->uuid, sizeof uuid->bytes);
   return CUDA_SUCCESS;
}

API
cuDeviceTotalMem_v2(size_t *bytes, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(bytes);
   *bytes = device_props((unsigned)dev)->memory;
   return CUDA_SUCCESS;
}

API
cuDeviceComputeCapability(int *major, int *minor, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(major && minor);
   *major = (int)device_props((unsigned)dev)->sm / 10;
   *minor = (int)device_props((unsigned)dev)->sm % 10;
   return CUDA_SUCCESS;
}

API
cuDeviceGetProperties(CUdevprop *prop, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(prop);
   const struct device_props *p = device_props((unsigned)dev);
   *prop = (CUdevprop){
      .maxThreadsPerBlock = (int)p->max_threads,
      .maxThreadsDim = {(int)p->max_block[0], (int)p->max_block[1], (int)p->max_block[2]},
      .maxGridSize = {(int)p->max_grid[0], (int)p->max_grid[1], (int)p->max_grid[2]},
      .sharedMemPerBlock = (int)p->shared_per_block,
      .totalConstantMemory = p->attr[DEVICE_ATTR_TOTAL_CONSTANT_MEMORY],
      .SIMDWidth = EXEC_WARP,
      .memPitch = p->attr[DEVICE_ATTR_MAX_PITCH],
      .regsPerBlock = p->attr[DEVICE_ATTR_MAX_REGISTERS_PER_BLOCK],
      .clockRate = (int)p->clock_khz,
      .textureAlign = p->attr[DEVICE_ATTR_TEXTURE_ALIGNMENT],
   };
   return CUDA_SUCCESS;
}

API
cuDeviceGetPCIBusId(char *pciBusId, int len, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(pciBusId && len >= 13);
   const int *a = device_props((unsigned)dev)->attr;
   snprintf(pciBusId, (size_t)len, "%04x:%02x:%02x.0",
            (unsigned)a[DEVICE_ATTR_PCI_DOMAIN_ID], (unsigned)a[DEVICE_ATTR_PCI_BUS_ID],
            (unsigned)a[DEVICE_ATTR_PCI_DEVICE_ID]);
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
   for (unsigned i = 0; i < device_count(); i++)
      if (!domain && !slot && !fn &&
          device_props(i)->attr[DEVICE_ATTR_PCI_BUS_ID] == (int)bus) {
         *dev = (CUdevice)i;
         return CUDA_SUCCESS;
      }
   return CUDA_ERROR_INVALID_DEVICE;
}

API
cuDeviceGetLuid(char *luid, unsigned int *deviceNodeMask, CUdevice dev)
{
   DEVICE(dev);
   return CUDA_ERROR_NOT_SUPPORTED; /* a Windows notion */
}

bool
device_reaches(CUdevice a, CUdevice b)
{
   return device_peers(device_props((unsigned)a), device_props((unsigned)b));
}

API
cuDeviceCanAccessPeer(int *canAccessPeer, CUdevice dev, CUdevice peerDev)
{
   DEVICE(dev);
   DEVICE(peerDev);
   REQUIRE(canAccessPeer);
   *canAccessPeer = device_reaches(dev, peerDev);
   return CUDA_SUCCESS;
}

API
cuDeviceGetP2PAttribute(int *value, CUdevice_P2PAttribute attrib, CUdevice srcDevice,
                        CUdevice dstDevice)
{
   DEVICE(srcDevice);
   DEVICE(dstDevice);
   REQUIRE(value && attrib >= CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK &&
           attrib <= CU_DEVICE_P2P_ATTRIBUTE_ONLY_PARTIAL_NATIVE_ATOMIC_SUPPORTED);
   if (srcDevice == dstDevice)
      return CUDA_ERROR_INVALID_DEVICE; /* it takes two devices */
   *value = attrib != CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK &&
            attrib != CU_DEVICE_P2P_ATTRIBUTE_ONLY_PARTIAL_NATIVE_ATOMIC_SUPPORTED &&
            device_reaches(srcDevice, dstDevice);
   return CUDA_SUCCESS;
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

/* The device room knows the attributes by the same numbers. */
#define ATTR(number, name, native)                                                       \
   _Static_assert((int)CU_DEVICE_ATTRIBUTE_##name == number, #name);
#include "machine/attrs.inc"
#undef ATTR
_Static_assert((int)CU_DEVICE_ATTRIBUTE_MAX == (int)DEVICE_ATTRS, "attributes");

API
cuDeviceGetAttribute(int *value, CUdevice_attribute attrib, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(value && attrib >= 1 && attrib < CU_DEVICE_ATTRIBUTE_MAX);
   *value = device_props((unsigned)dev)->attr[attrib];
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
