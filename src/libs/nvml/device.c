/* SPDX-License-Identifier: Apache-2.0
 * Which devices there are and what each is. */
#include "nvml_priv.h"

#include <stdio.h>
#include <string.h>

const struct device_props *
nvml_device(nvmlDevice_t d)
{
   const struct device_props *list;
   unsigned n = device_all(&list);
   for (unsigned i = 0; i < n; i++)
      if ((const void *)d == &list[i])
         return &list[i];
   return NULL;
}

static nvmlDevice_t
handle(const struct device_props *p)
{
   return (nvmlDevice_t)(uintptr_t)p;
}

nvmlReturn_t
nvmlDeviceGetCount_v2(unsigned int *deviceCount)
{
   const struct device_props *list;
   STARTED();
   REQUIRE(deviceCount);
   *deviceCount = device_all(&list);
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetCount(unsigned int *deviceCount)
{
   return nvmlDeviceGetCount_v2(deviceCount);
}

nvmlReturn_t
nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device)
{
   const struct device_props *list;
   STARTED();
   REQUIRE(device && index < device_all(&list));
   *device = handle(&list[index]);
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetHandleByIndex(unsigned int index, nvmlDevice_t *device)
{
   return nvmlDeviceGetHandleByIndex_v2(index, device);
}

nvmlReturn_t
nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *device)
{
   const struct device_props *list;
   STARTED();
   REQUIRE(uuid && device);
   for (unsigned i = 0; i < device_all(&list); i++) {
      char text[DEVICE_UUID_TEXT];
      device_uuid_text(&list[i], text);
      if (!strcasecmp(text, uuid)) {
         *device = handle(&list[i]);
         return NVML_SUCCESS;
      }
   }
   return NVML_ERROR_NOT_FOUND;
}

nvmlReturn_t
nvmlDeviceGetHandleByPciBusId_v2(const char *pciBusId, nvmlDevice_t *device)
{
   const struct device_props *list;
   unsigned domain = 0, bus, slot, fn = 0;
   STARTED();
   REQUIRE(pciBusId && device);
   if (sscanf(pciBusId, "%x:%x:%x.%x", &domain, &bus, &slot, &fn) < 3) {
      domain = fn = 0;
      REQUIRE(sscanf(pciBusId, "%x:%x.%x", &bus, &slot, &fn) >= 2);
   }
   for (unsigned i = 0; i < device_all(&list); i++)
      if (!domain && !slot && !fn && list[i].attr[DEVICE_ATTR_PCI_BUS_ID] == (int)bus) {
         *device = handle(&list[i]);
         return NVML_SUCCESS;
      }
   return NVML_ERROR_NOT_FOUND;
}

nvmlReturn_t
nvmlDeviceGetHandleByPciBusId(const char *pciBusId, nvmlDevice_t *device)
{
   return nvmlDeviceGetHandleByPciBusId_v2(pciBusId, device);
}

nvmlReturn_t
nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length)
{
   DEVICE(p, device);
   return nvml_text(name, length, p->name);
}

nvmlReturn_t
nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int length)
{
   char text[DEVICE_UUID_TEXT];
   DEVICE(p, device);
   device_uuid_text(p, text);
   return nvml_text(uuid, length, text);
}

/* The structure grew twice; callers of the older forms have room for its beginning. */
static nvmlReturn_t
pci_info(nvmlDevice_t device, nvmlPciInfo_t *pci, size_t room)
{
   DEVICE(p, device);
   REQUIRE(pci);
   const int *a = p->attr;
   nvmlPciInfo_t i = {.domain = (unsigned)a[DEVICE_ATTR_PCI_DOMAIN_ID],
                      .bus = (unsigned)a[DEVICE_ATTR_PCI_BUS_ID],
                      .device = (unsigned)a[DEVICE_ATTR_PCI_DEVICE_ID],
                      .pciDeviceId = (unsigned)a[DEVICE_ATTR_GPU_PCI_DEVICE_ID],
                      .pciSubSystemId = (unsigned)a[DEVICE_ATTR_GPU_PCI_SUBSYSTEM_ID]};
   snprintf(i.busIdLegacy, sizeof i.busIdLegacy, "%04X:%02X:%02X.0", i.domain & 0xffff,
            i.bus & 0xff, i.device & 0xff);
   snprintf(i.busId, sizeof i.busId, "%08X:%02X:%02X.0", i.domain, i.bus, i.device);
   memcpy(pci, &i, room);
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t *pci)
{
   return pci_info(device, pci, sizeof *pci);
}

nvmlReturn_t
nvmlDeviceGetPciInfo_v2(nvmlDevice_t device, nvmlPciInfo_t *pci)
{
   return pci_info(device, pci, offsetof(nvmlPciInfo_t, busId));
}

nvmlReturn_t
nvmlDeviceGetPciInfo(nvmlDevice_t device, nvmlPciInfo_t *pci)
{
   return pci_info(device, pci, offsetof(nvmlPciInfo_t, pciSubSystemId));
}

nvmlReturn_t
nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int *major, int *minor)
{
   DEVICE(p, device);
   REQUIRE(major && minor);
   *major = p->attr[DEVICE_ATTR_COMPUTE_CAPABILITY_MAJOR];
   *minor = p->attr[DEVICE_ATTR_COMPUTE_CAPABILITY_MINOR];
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetArchitecture(nvmlDevice_t device, nvmlDeviceArchitecture_t *arch)
{
   DEVICE(p, device);
   REQUIRE(arch);
   *arch = p->sm >= 100  ? NVML_DEVICE_ARCH_BLACKWELL
           : p->sm >= 90 ? NVML_DEVICE_ARCH_HOPPER
           : p->sm == 89 ? NVML_DEVICE_ARCH_ADA
           : p->sm >= 80 ? NVML_DEVICE_ARCH_AMPERE
           : p->sm >= 75 ? NVML_DEVICE_ARCH_TURING
           : p->sm >= 70 ? NVML_DEVICE_ARCH_VOLTA
           : p->sm >= 60 ? NVML_DEVICE_ARCH_PASCAL
           : p->sm >= 50 ? NVML_DEVICE_ARCH_MAXWELL
                         : NVML_DEVICE_ARCH_UNKNOWN;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetEccMode(nvmlDevice_t device, nvmlEnableState_t *current,
                     nvmlEnableState_t *pending)
{
   DEVICE(p, device);
   REQUIRE(current && pending);
   if (!p->strict)
      return NVML_ERROR_NOT_SUPPORTED; /* what the host's memory has, nobody told us */
   *current = *pending =
      p->attr[DEVICE_ATTR_ECC_ENABLED] ? NVML_FEATURE_ENABLED : NVML_FEATURE_DISABLED;
   return NVML_SUCCESS;
}

/* -- Answers of one word */
#define ANSWER(function, type, value)                                                    \
   nvmlReturn_t nvml##function(nvmlDevice_t device, type *to)                            \
   {                                                                                     \
      DEVICE(p, device);                                                                 \
      REQUIRE(to);                                                                       \
      *to = (type)(value);                                                               \
      (void)p;                                                                           \
      return NVML_SUCCESS;                                                               \
   }
ANSWER(DeviceGetBrand, nvmlBrandType_t, NVML_BRAND_UNKNOWN)
ANSWER(DeviceGetIndex, unsigned, p->index)
ANSWER(DeviceGetMinorNumber, unsigned, p->index)
ANSWER(DeviceGetMemoryBusWidth, unsigned, p->attr[DEVICE_ATTR_GLOBAL_MEMORY_BUS_WIDTH])
ANSWER(DeviceGetBoardId, unsigned, p->attr[DEVICE_ATTR_PCI_BUS_ID])
ANSWER(DeviceGetMultiGpuBoard, unsigned, 0)
ANSWER(DeviceGetDisplayMode, nvmlEnableState_t, NVML_FEATURE_DISABLED)
ANSWER(DeviceGetDisplayActive, nvmlEnableState_t, NVML_FEATURE_DISABLED)
ANSWER(DeviceGetPersistenceMode, nvmlEnableState_t, NVML_FEATURE_DISABLED)
ANSWER(DeviceGetAccountingMode, nvmlEnableState_t, NVML_FEATURE_DISABLED)
ANSWER(DeviceGetComputeMode, nvmlComputeMode_t, NVML_COMPUTEMODE_DEFAULT)
ANSWER(DeviceIsMigDeviceHandle, unsigned, 0)
ANSWER(DeviceGetMaxMigDeviceCount, unsigned, 0)
ANSWER(DeviceGetVirtualizationMode, nvmlGpuVirtualizationMode_t,
       NVML_GPU_VIRTUALIZATION_MODE_NONE)
ANSWER(DeviceGetSupportedEventTypes, unsigned long long, 0)

nvmlReturn_t
nvmlDeviceGetFieldValues(nvmlDevice_t device, int valuesCount, nvmlFieldValue_t *values)
{
   DEVICE(p, device);
   REQUIRE(values && valuesCount > 0);
   (void)p;
   for (int i = 0; i < valuesCount; i++)
      values[i].nvmlReturn = NVML_ERROR_NOT_SUPPORTED;
   return NVML_SUCCESS;
}
