/* SPDX-License-Identifier: Apache-2.0
 * Mistakes get the error that CUDA gives, once, and do no harm; a kernel that traps ends
 * the device for this process. */
#include <cstring>

#include "../../examples/check.h"

static int passed, failed;

static void
expect(const char *what, cudaError_t got, cudaError_t want)
{
   bool ok = got == want;
   (ok ? passed : failed)++;
   if (!ok)
      printf("%s: %s, not %s\n", what, cudaGetErrorName(got), cudaGetErrorName(want));
}

__global__ void
nothing()
{
}

__global__ void
fill(int *p, int v)
{
   p[threadIdx.x] = v;
}

__global__ void
stop(int *p)
{
   if (threadIdx.x == 5)
      __trap();
   p[threadIdx.x] = 1;
}

int
main()
{
   int *d, host[32], device = 7;
   CHECK(cudaMalloc(&d, 128));
   nothing<<<1, 2048>>>();
   expect("too many threads", cudaGetLastError(), cudaErrorInvalidConfiguration);
   expect("is reported once", cudaGetLastError(), cudaSuccess);
   nothing<<<0, 32>>>();
   expect("no blocks", cudaPeekAtLastError(), cudaErrorInvalidConfiguration);
   expect("peeking keeps it", cudaGetLastError(), cudaErrorInvalidConfiguration);
   nothing<<<1, dim3(1, 1, 65)>>>();
   expect("block too deep", cudaGetLastError(), cudaErrorInvalidConfiguration);
   nothing<<<1, 32, 1 << 24>>>();
   expect("too much shared memory", cudaGetLastError(), cudaErrorInvalidValue);
   expect("out of memory", cudaMalloc((void **)&device, (size_t)1 << 60),
          cudaErrorMemoryAllocation);
   cudaGetLastError();
   expect("device that is not there", cudaSetDevice(99), cudaErrorInvalidDevice);
   cudaGetLastError();
   expect("free of what is not memory", cudaFree(host), cudaErrorInvalidValue);
   cudaGetLastError();
   expect("malloc into NULL", cudaMalloc((void **)nullptr, 4), cudaErrorInvalidValue);
   cudaGetLastError();
   expect("count into NULL", cudaGetDeviceCount(nullptr), cudaErrorInvalidValue);
   cudaGetLastError();
   expect("wrong direction", cudaMemcpy(host, d, 4, (cudaMemcpyKind)17),
          cudaErrorInvalidMemcpyDirection);
   cudaGetLastError();
   cudaEvent_t a, b;
   float ms;
   CHECK(cudaEventCreate(&a));
   CHECK(cudaEventCreateWithFlags(&b, cudaEventDisableTiming));
   expect("time between events not recorded", cudaEventElapsedTime(&ms, a, a),
          cudaErrorInvalidResourceHandle);
   cudaGetLastError();
   CHECK(cudaEventRecord(a));
   CHECK(cudaEventRecord(b));
   CHECK(cudaEventSynchronize(b));
   expect("an event without time", cudaEventElapsedTime(&ms, a, b),
          cudaErrorInvalidResourceHandle);
   cudaGetLastError();

   /* All of that did no harm. */
   fill<<<1, 32>>>(d, 17);
   expect("afterwards", cudaGetLastError(), cudaSuccess);
   CHECK(cudaMemcpy(host, d, sizeof host, cudaMemcpyDeviceToHost));
   expect("the kernel ran", host[31] == 17 ? cudaSuccess : cudaErrorUnknown, cudaSuccess);
   expect("strings",
          !strcmp(cudaGetErrorName(cudaErrorInvalidValue), "cudaErrorInvalidValue") &&
                !strcmp(cudaGetErrorString(cudaErrorInvalidValue), "invalid argument") &&
                !strcmp(cudaGetErrorString(cudaErrorMemoryAllocation), "out of memory")
             ? cudaSuccess
             : cudaErrorUnknown,
          cudaSuccess);

   stop<<<1, 32>>>(d);
   expect("a launch that will trap", cudaGetLastError(), cudaSuccess);
   /* Which of the two it is, is not documented; it stays. */
   cudaError_t trap = cudaDeviceSynchronize();
   if (trap != cudaErrorLaunchFailure)
      expect("trap", trap, cudaErrorIllegalInstruction);
   expect("from now on", cudaMalloc((void **)&device, 4), trap);
   expect("and on", cudaGetLastError(), trap);
   printf("%d passed, %d failed\n", passed, failed);
   return finish(failed == 0);
}
