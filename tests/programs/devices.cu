/* SPDX-License-Identifier: Apache-2.0
 * Several devices in one process: work split over four, variables and memory of each,
 * copies between peers, managed memory that all share, and mistakes. */
// TEST flags -arch=sm_75
#include <cstdlib>
#include <cstring>
#include <cooperative_groups.h>
#include <thread>
#include <unistd.h>

#include "../../examples/check.h"

static int failed;

static void
expect(const char *what, long got, long want)
{
   if (got == want)
      return;
   failed++;
   printf("%s: %ld, not %ld\n", what, got, want);
}
#define CALL(call, want) expect(#call, (call), (want))

__device__ int bias = 1;
__managed__ int total;

__global__ void
squares(int *out, int first, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      out[i] = (first + i) * (first + i) + bias;
   if (i == 0)
      atomicAdd_system(&total, n);
}

__global__ void
machine(unsigned *sm)
{
   asm("mov.u32 %0, %%nsmid;" : "=r"(*sm));
}

static const int n = 1000, devices = 4, launches = 50;

/* Each device does a quarter with its own bias; one thread of the host drives each. What
 * one adds to the managed variable stays when another device's module is loaded. */
static void
split()
{
   static int got[devices * n];
   int *part[devices];
   std::thread hosts[devices];
   for (int d = 0; d < devices; d++)
      hosts[d] = std::thread([d, &part] {
         int at = -1, value = 10 * d;
         cudaPointerAttributes a;
         CALL(cudaGetDevice(&at), cudaSuccess);
         expect("device of a new thread", at, 0);
         CALL(cudaSetDevice(d), cudaSuccess);
         CALL(cudaGetDevice(&at), cudaSuccess);
         expect("device", at, d);
         CALL(cudaMalloc(&part[d], n * sizeof(int)), cudaSuccess);
         CALL(cudaPointerGetAttributes(&a, part[d] + 5), cudaSuccess);
         expect("pointer's device", a.device, d);
         CALL(cudaMemcpyToSymbol(bias, &value, sizeof value), cudaSuccess);
         for (int k = 0; k < launches; k++)
            squares<<<(n + 255) / 256, 256>>>(part[d], d * n, n);
         CALL(cudaMemcpy(got + d * n, part[d], n * sizeof(int), cudaMemcpyDeviceToHost),
              cudaSuccess);
      });
   for (auto &h : hosts)
      h.join();
   long wrong = 0;
   for (int i = 0; i < devices * n; i++)
      wrong += got[i] != i * i + 10 * (i / n);
   expect("wrong elements", wrong, 0);
   expect("managed total", total, launches * devices * n);
   for (int d = 0; d < devices; d++) {
      int value = -1;
      CALL(cudaSetDevice(d), cudaSuccess);
      CALL(cudaMemcpyFromSymbol(&value, bias, sizeof value), cudaSuccess);
      expect("variable of a device", value, 10 * d);
      CALL(cudaFree(part[d]), cudaSuccess);
   }
}

/* Around a ring of devices, by streams and events of each. */
static void
ring()
{
   int *at[devices], first[n], last[n];
   cudaStream_t stream[devices];
   cudaEvent_t done[devices];
   for (int i = 0; i < n; i++)
      first[i] = 3 * i + 1;
   for (int d = 0; d < devices; d++) {
      CALL(cudaSetDevice(d), cudaSuccess);
      CALL(cudaMalloc(&at[d], sizeof first), cudaSuccess);
      CALL(cudaStreamCreate(&stream[d]), cudaSuccess);
      CALL(cudaEventCreate(&done[d]), cudaSuccess);
   }
   CALL(cudaSetDevice(0), cudaSuccess);
   CALL(cudaMemcpyAsync(at[0], first, sizeof first, cudaMemcpyHostToDevice, stream[0]),
        cudaSuccess);
   CALL(cudaEventRecord(done[0], stream[0]), cudaSuccess);
   CALL(cudaEventRecord(done[1], stream[0]), cudaErrorInvalidResourceHandle);
   cudaGetLastError();
   for (int d = 1; d < devices; d++) {
      CALL(cudaSetDevice(d), cudaSuccess);
      CALL(cudaStreamWaitEvent(stream[d], done[d - 1], 0), cudaSuccess);
      CALL(cudaMemcpyPeerAsync(at[d], d, at[d - 1], d - 1, sizeof first, stream[d]),
           cudaSuccess);
      CALL(cudaEventRecord(done[d], stream[d]), cudaSuccess);
   }
   CALL(cudaEventSynchronize(done[devices - 1]), cudaSuccess);
   CALL(cudaMemcpy(last, at[devices - 1], sizeof last, cudaMemcpyDeviceToHost),
        cudaSuccess);
   expect("ring", memcmp(first, last, sizeof first), 0);
   CALL(cudaMemset(at[devices - 1], 0, sizeof first), cudaSuccess);
   CALL(cudaMemcpyPeer(at[0], 0, at[devices - 1], devices - 1, sizeof first),
        cudaSuccess);
   CALL(cudaSetDevice(0), cudaSuccess);
   CALL(cudaMemcpy(last, at[0], sizeof last, cudaMemcpyDeviceToHost), cudaSuccess);
   expect("peer copy", last[17], 0);
   for (int d = 0; d < devices; d++) {
      CALL(cudaStreamDestroy(stream[d]), cudaSuccess);
      CALL(cudaEventDestroy(done[d]), cudaSuccess);
      CALL(cudaFree(at[d]), cudaSuccess); /* another device's, from device 0 */
   }
}

static void
peers()
{
   int can = -1;
   CALL(cudaSetDevice(0), cudaSuccess);
   CALL(cudaDeviceCanAccessPeer(&can, 0, 1), cudaSuccess);
   expect("one h100 to the other", can, 1);
   CALL(cudaDeviceCanAccessPeer(&can, 0, 3), cudaSuccess);
   expect("h100 to t4", can, 0);
   CALL(cudaDeviceCanAccessPeer(&can, 1, 1), cudaSuccess);
   expect("to itself", can, 0);
   CALL(cudaDeviceEnablePeerAccess(1, 0), cudaSuccess);
   CALL(cudaDeviceEnablePeerAccess(1, 0), cudaErrorPeerAccessAlreadyEnabled);
   CALL(cudaDeviceEnablePeerAccess(2, 0), cudaErrorPeerAccessUnsupported);
   CALL(cudaDeviceEnablePeerAccess(0, 0), cudaErrorInvalidDevice);
   CALL(cudaDeviceDisablePeerAccess(1), cudaSuccess);
   CALL(cudaDeviceDisablePeerAccess(1), cudaErrorPeerAccessNotEnabled);
   cudaGetLastError();
}

/* What one device allows, another may not. */
static void
limits()
{
   size_t free, total, before;
   void *p;
   unsigned *sm, count = 0;
   CALL(cudaSetDevice(1), cudaSuccess);
   CALL(cudaMemGetInfo(&before, &total), cudaSuccess);
   CALL(cudaSetDevice(3), cudaSuccess);
   CALL(cudaMemGetInfo(&free, &total), cudaSuccess);
   expect("KASURI_DEVICE_MEMORY, last", (long)total, 64L << 20);
   CALL(cudaMalloc(&p, 48 << 20), cudaSuccess);
   CALL(cudaMemGetInfo(&free, &total), cudaSuccess);
   expect("16 MiB are left", free <= 16L << 20, 1);
   void *more;
   CALL(cudaMalloc(&more, 32 << 20), cudaErrorMemoryAllocation);
   cudaGetLastError();
   CALL(cudaSetDevice(1), cudaSuccess);
   CALL(cudaMemGetInfo(&free, &total), cudaSuccess);
   expect("total of device 1", (long)total, 256L << 20);
   expect("untouched by device 3", (long)free, (long)before);
   CALL(cudaFree(p), cudaSuccess);

   CALL(cudaMallocManaged(&sm, sizeof *sm), cudaSuccess);
   CALL(cudaFuncSetAttribute(squares, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             200 << 10),
        cudaSuccess);
   machine<<<1, 1>>>(sm);
   CALL(cudaDeviceSynchronize(), cudaSuccess);
   expect("multiprocessors of an h100", *sm, 132);
   CALL(cudaSetDevice(3), cudaSuccess);
   CALL(cudaFuncSetAttribute(squares, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             200 << 10),
        cudaErrorInvalidValue);
   cudaGetLastError();
   machine<<<1, 1>>>(sm);
   CALL(cudaDeviceSynchronize(), cudaSuccess);
   expect("multiprocessors of a t4", *sm, 40);
   squares<<<1, 2048>>>(nullptr, 0, 0);
   CALL(cudaGetLastError(), cudaErrorInvalidConfiguration);
   squares<<<1, 32, 65 << 10>>>(nullptr, 0, 0);
   CALL(cudaGetLastError(), cudaErrorInvalidValue);
   CALL(cudaMemPrefetchAsync(sm, sizeof *sm, {cudaMemLocationTypeDevice, 2}, 0, 0),
        cudaSuccess);
   CALL(cudaMemPrefetchAsync(sm, sizeof *sm, {cudaMemLocationTypeDevice, 9}, 0, 0),
        cudaErrorInvalidDevice);
   cudaGetLastError();
   CALL(cudaFree(sm), cudaSuccess);
   (void)count;
}

__global__ void
together(int *counts)
{
   atomicAdd(&counts[0], 1);
   cooperative_groups::this_grid().sync();
   if (counts[0] != (int)(gridDim.x * blockDim.x))
      atomicAdd(&counts[1], 1);
}

/* More blocks than there are workers are alive at once; `most` is what the profile's
 * multiprocessors hold, and one more is refused. */
static void
cooperative(int d, int blocks, int most)
{
   int *counts;
   CALL(cudaSetDevice(d), cudaSuccess);
   CALL(cudaMallocManaged(&counts, 2 * sizeof(int)), cudaSuccess);
   counts[0] = counts[1] = 0;
   void *args[] = {&counts};
   CALL(cudaLaunchCooperativeKernel((void *)together, dim3(blocks), dim3(256), args, 0, 0),
        cudaSuccess);
   CALL(cudaDeviceSynchronize(), cudaSuccess);
   expect("threads together", counts[0], 256 * blocks);
   expect("that met too early", counts[1], 0);
   CALL(cudaLaunchCooperativeKernel((void *)together, dim3(most + 1), dim3(256), args, 0,
                                    0),
        cudaErrorCooperativeLaunchTooLarge);
   cudaGetLastError();
   CALL(cudaFree(counts), cudaSuccess);
}

/* Blocks of 256 threads with 32 registers each: of a multiprocessor's 2,048 threads on an
 * h100 and an a100, of 1,024 on a t4, with and without 20 KiB of shared memory. */
static void
occupancy()
{
   static const int plain[] = {8, 8, 8, 4}, shared[] = {8, 8, 7, 3};
   for (int d = 0; d < devices; d++) {
      int n = -1, least = -1, threads = -1;
      CALL(cudaSetDevice(d), cudaSuccess);
      CALL(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&n, machine, 256, 0),
           cudaSuccess);
      expect("blocks a multiprocessor", n, plain[d]);
      CALL(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&n, machine, 256, 20 << 10),
           cudaSuccess);
      expect("blocks with shared memory", n, shared[d]);
      CALL(cudaOccupancyMaxPotentialBlockSize(&least, &threads, machine, 0, 0),
           cudaSuccess);
      expect("threads that fill it", least * threads,
             d == 3 ? 40 * 1024 : (d == 2 ? 108 : 132) * 2048);
   }
}

static void
mistakes()
{
   int d = -1, v;
   CALL(cudaSetDevice(1), cudaSuccess);
   CALL(cudaSetDevice(devices), cudaErrorInvalidDevice);
   CALL(cudaSetDevice(-1), cudaErrorInvalidDevice);
   CALL(cudaGetDevice(&d), cudaSuccess);
   expect("device after mistakes", d, 1);
   CALL(cudaDeviceGetAttribute(&v, cudaDevAttrWarpSize, devices), cudaErrorInvalidDevice);
   CALL(cudaMemcpyPeer(nullptr, devices, nullptr, 0, 4), cudaErrorInvalidDevice);
   cudaGetLastError();
   char bus[20] = "";
   CALL(cudaDeviceGetPCIBusId(bus, sizeof bus, 2), cudaSuccess);
   CALL(cudaDeviceGetByPCIBusId(&d, bus), cudaSuccess);
   expect("device of a bus address", d, 2);
   CALL(cudaDeviceGetByPCIBusId(&d, "0000:3f:00.0"), cudaErrorInvalidDevice);
   cudaGetLastError();
}

__global__ void
stop(int *p)
{
   if (p)
      *p = 1;
   __trap();
}

/* A fault ends one device's context; the others go on, and a reset brings it back. */
static void
faults()
{
   int v = 7;
   CALL(cudaSetDevice(2), cudaSuccess);
   stop<<<1, 1>>>(nullptr);
   expect("fault", cudaDeviceSynchronize() != cudaSuccess, 1);
   CALL(cudaSetDevice(0), cudaSuccess);
   CALL(cudaMemcpyToSymbol(bias, &v, sizeof v), cudaSuccess);
   CALL(cudaDeviceSynchronize(), cudaSuccess);
   CALL(cudaSetDevice(2), cudaSuccess);
   expect("broken", cudaMemcpyFromSymbol(&v, bias, sizeof v) != cudaSuccess, 1);
   CALL(cudaDeviceReset(), cudaSuccess);
   cudaGetLastError();
   CALL(cudaMemcpyFromSymbol(&v, bias, sizeof v), cudaSuccess);
   expect("initial value after the reset", v, 1);
}

/* The settings are read at the first call, which for a program with managed variables is
 * before main: it starts itself again. */
int
main(int argc, char **argv)
{
   if (!getenv("KASURI_DEVICE") || strcmp(getenv("KASURI_DEVICE"), "h100x2,a100,t4")) {
      setenv("KASURI_DEVICE", "h100x2,a100,t4", 1);
      setenv("KASURI_DEVICE_MEMORY", "512M,256M,256M,64M", 1);
      setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 1);
      unsetenv("CUDA_VISIBLE_DEVICES");
      execv("/proc/self/exe", argv);
      return 1;
   }
   int count = 0;
   CALL(cudaGetDeviceCount(&count), cudaSuccess);
   expect("devices", count, devices);
   split();
   ring();
   peers();
   limits();
   occupancy();
   cooperative(3, 24, 4 * 40);
   mistakes();
   faults();
   printf("%s\n", failed ? "failed" : "several devices: all right");
   return failed != 0;
}
