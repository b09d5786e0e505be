/* SPDX-License-Identifier: Apache-2.0
 * Devices: properties agree with attributes, limits, flags, entry points of the driver.
 */
#include "check.h"

#include <cuda_runtime_api.h>

#define OK(call) CHECK_EQ_U64((call), cudaSuccess)

static int
attr(enum cudaDeviceAttr a)
{
   int v = -1;
   OK(cudaDeviceGetAttribute(&v, a, 0));
   return v;
}

static void
properties(void)
{
   struct cudaDeviceProp p;
   OK(cudaGetDeviceProperties(&p, 0));
   CHECK(p.name[0] != 0);
   CHECK_EQ_U64(p.warpSize, 32);
   CHECK_EQ_U64(p.maxThreadsPerBlock, 1024);
   CHECK_EQ_U64(p.maxThreadsDim[2], 64);
   CHECK_EQ_U64(p.maxGridSize[0], 0x7FFFFFFF);
   CHECK_EQ_U64(p.maxGridSize[1], 65535);
   CHECK_EQ_U64(p.totalConstMem, 65536);
   CHECK(p.major >= 5);
   CHECK_EQ_U64(p.major, attr(cudaDevAttrComputeCapabilityMajor));
   CHECK_EQ_U64(p.multiProcessorCount, attr(cudaDevAttrMultiProcessorCount));
   CHECK(p.multiProcessorCount >= 1);
   CHECK(p.sharedMemPerBlock >= 48 * 1024);
   CHECK(p.sharedMemPerBlockOptin >= p.sharedMemPerBlock);
   CHECK_EQ_U64(p.unifiedAddressing, 1);
   CHECK_EQ_U64(p.managedMemory, 1);
   CHECK(p.totalGlobalMem > 1 << 20);
   size_t free, total;
   OK(cudaMemGetInfo(&free, &total));
   CHECK_EQ_U64(total, p.totalGlobalMem);
   CHECK_EQ_U64(cudaGetDeviceProperties(&p, 99), cudaErrorInvalidDevice);
   cudaGetLastError();
}

int
main(void)
{
   int n = 0, d = -1, peer = -1;
   size_t v = 0;
   unsigned flags = 0;
   char bus[32] = "";
   OK(cudaSetDeviceFlags(cudaDeviceScheduleYield));
   OK(cudaGetDeviceCount(&n));
   CHECK(n >= 1);
   OK(cudaGetDevice(&d));
   CHECK_EQ_U64(d, 0);
   OK(cudaSetDevice(0));
   OK(cudaGetDeviceFlags(&flags));
   CHECK_EQ_U64(flags & cudaDeviceScheduleMask, cudaDeviceScheduleYield);
   properties();
   OK(cudaDeviceGetLimit(&v, cudaLimitMallocHeapSize));
   CHECK(v >= 1 << 20);
   OK(cudaDeviceSetLimit(cudaLimitStackSize, 4096));
   OK(cudaDeviceGetLimit(&v, cudaLimitStackSize));
   CHECK(v >= 4096);
   OK(cudaDeviceCanAccessPeer(&peer, 0, 0));
   CHECK_EQ_U64(peer, 0);
   OK(cudaDeviceGetPCIBusId(bus, sizeof bus, 0));
   d = -1;
   OK(cudaDeviceGetByPCIBusId(&d, bus));
   CHECK_EQ_U64(d, 0);
   void *f = NULL;
   enum cudaDriverEntryPointQueryResult r = cudaDriverEntryPointSymbolNotFound;
   OK(cudaGetDriverEntryPoint("cuMemAlloc", &f, cudaEnableDefault, &r));
   CHECK(f != NULL && r == cudaDriverEntryPointSuccess);
   OK(cudaGetDriverEntryPointByVersion("cuNoSuchCall", &f, 13000, cudaEnableDefault, &r));
   CHECK(f == NULL && r == cudaDriverEntryPointSymbolNotFound);
   return check_done();
}
