/* SPDX-License-Identifier: Apache-2.0
 * How devices lie to each other (they are one processor), and events, of which there are
 * none. */
#include "nvml_priv.h"

#include <sched.h>
#include <string.h>
#include <time.h>

nvmlReturn_t
nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t device1, nvmlDevice_t device2,
                                    nvmlGpuTopologyLevel_t *pathInfo)
{
   DEVICE(p, device1);
   const struct device_props *q = nvml_device(device2);
   REQUIRE(q && p != q && pathInfo);
   *pathInfo = NVML_TOPOLOGY_NODE;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetTopologyNearestGpus(nvmlDevice_t device, nvmlGpuTopologyLevel_t level,
                                 unsigned int *count, nvmlDevice_t *deviceArray)
{
   const struct device_props *list;
   DEVICE(p, device);
   REQUIRE(count && (deviceArray || !*count));
   unsigned n = device_all(&list), room = *count;
   *count = 0;
   for (unsigned i = 0; level == NVML_TOPOLOGY_NODE && i < n; i++)
      if (&list[i] != p) {
         if (*count < room)
            deviceArray[*count] = (nvmlDevice_t)(uintptr_t)&list[i];
         ++*count;
      }
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetP2PStatus(nvmlDevice_t device1, nvmlDevice_t device2,
                       nvmlGpuP2PCapsIndex_t p2pIndex, nvmlGpuP2PStatus_t *p2pStatus)
{
   DEVICE(p, device1);
   const struct device_props *q = nvml_device(device2);
   REQUIRE(q && p != q && p2pStatus && (unsigned)p2pIndex < NVML_P2P_CAPS_INDEX_UNKNOWN);
   bool can = p2pIndex != NVML_P2P_CAPS_INDEX_NVLINK && device_peers(p, q);
   *p2pStatus = can ? NVML_P2P_STATUS_OK : NVML_P2P_STATUS_NOT_SUPPORTED;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceOnSameBoard(nvmlDevice_t device1, nvmlDevice_t device2, int *onSameBoard)
{
   DEVICE(p, device1);
   const struct device_props *q = nvml_device(device2);
   REQUIRE(q && onSameBoard);
   *onSameBoard = p == q;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetCpuAffinity(nvmlDevice_t device, unsigned int cpuSetSize,
                         unsigned long *cpuSet)
{
   cpu_set_t set;
   DEVICE(p, device);
   REQUIRE(p && cpuSetSize && cpuSet);
   if (sched_getaffinity(0, sizeof set, &set))
      return NVML_ERROR_UNKNOWN;
   memset(cpuSet, 0, cpuSetSize * sizeof *cpuSet);
   const unsigned bits = 8 * sizeof *cpuSet;
   for (unsigned i = 0; i < CPU_SETSIZE && i / bits < cpuSetSize; i++)
      if (CPU_ISSET(i, &set))
         cpuSet[i / bits] |= 1ul << i % bits;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetCpuAffinityWithinScope(nvmlDevice_t device, unsigned int cpuSetSize,
                                    unsigned long *cpuSet, nvmlAffinityScope_t scope)
{
   STARTED();
   REQUIRE(scope <= 1);
   return nvmlDeviceGetCpuAffinity(device, cpuSetSize, cpuSet);
}

nvmlReturn_t
nvmlDeviceGetNvLinkState(nvmlDevice_t device, unsigned int link,
                         nvmlEnableState_t *isActive)
{
   DEVICE(p, device);
   REQUIRE(p && isActive);
   return NVML_ERROR_NOT_SUPPORTED;
}

/* -- Events */
#define SETS 256
struct nvmlEventSet_st {
   bool used;
};
static struct nvmlEventSet_st sets[SETS];

static bool
is_set(nvmlEventSet_t set)
{
   for (size_t i = 0; i < SETS; i++)
      if (set == &sets[i])
         return __atomic_load_n(&sets[i].used, __ATOMIC_RELAXED);
   return false;
}

nvmlReturn_t
nvmlEventSetCreate(nvmlEventSet_t *set)
{
   STARTED();
   REQUIRE(set);
   for (size_t i = 0; i < SETS; i++)
      if (!__atomic_test_and_set(&sets[i].used, __ATOMIC_RELAXED)) {
         *set = &sets[i];
         return NVML_SUCCESS;
      }
   return NVML_ERROR_INSUFFICIENT_RESOURCES;
}

nvmlReturn_t
nvmlEventSetFree(nvmlEventSet_t set)
{
   STARTED();
   REQUIRE(is_set(set));
   __atomic_clear(&set->used, __ATOMIC_RELAXED);
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceRegisterEvents(nvmlDevice_t device, unsigned long long eventTypes,
                         nvmlEventSet_t set)
{
   DEVICE(p, device);
   REQUIRE(p && is_set(set));
   return eventTypes ? NVML_ERROR_NOT_SUPPORTED : NVML_SUCCESS;
}

nvmlReturn_t
nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t *data, unsigned int timeoutms)
{
   STARTED();
   REQUIRE(is_set(set) && data);
   nanosleep(&(struct timespec){timeoutms / 1000, timeoutms % 1000 * 1000000L}, NULL);
   return NVML_ERROR_TIMEOUT;
}

nvmlReturn_t
nvmlEventSetWait(nvmlEventSet_t set, nvmlEventData_t *data, unsigned int timeoutms)
{
   return nvmlEventSetWait_v2(set, data, timeoutms);
}
