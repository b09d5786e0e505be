/* SPDX-License-Identifier: Apache-2.0
 * Older forms of functions in terms of today's. */
#include "old_api.h"

CUresult CUDAAPI cuGetProcAddress_v2(const char *symbol, void **pfn, int cudaVersion,
                                     cuuint64_t flags,
                                     CUdriverProcAddressQueryResult *symbolStatus);

API
cuGetProcAddress(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags)
{
   return cuGetProcAddress_v2(symbol, pfn, cudaVersion, flags, NULL);
}

static CUmemLocation
location_of(CUdevice d)
{
   return d == CU_DEVICE_CPU ? (CUmemLocation){CU_MEM_LOCATION_TYPE_HOST, 0}
                             : (CUmemLocation){CU_MEM_LOCATION_TYPE_DEVICE, d};
}

API
cuMemAdvise(CUdeviceptr devPtr, size_t count, CUmem_advise advice, CUdevice device)
{
   return cuMemAdvise_v2(devPtr, count, advice, location_of(device));
}

CUresult CUDAAPI cuMemPrefetchAsync_v2(CUdeviceptr devPtr, size_t count,
                                       CUmemLocation location, unsigned int flags,
                                       CUstream hStream);

API
cuMemPrefetchAsync(CUdeviceptr devPtr, size_t count, CUdevice dstDevice, CUstream hStream)
{
   return cuMemPrefetchAsync_v2(devPtr, count, location_of(dstDevice), 0, hStream);
}
