/* SPDX-License-Identifier: Apache-2.0
 * Streams and events: order within a stream and with the default stream, waiting across
 * streams, queries, callbacks, priorities, many small launches, device properties and
 * attributes of functions. */
#include <atomic>
#include <vector>

#include "../../examples/check.h"

static int passed, failed;

static void
expect(bool ok, const char *what)
{
   (ok ? passed : failed)++;
   if (!ok)
      printf("wrong: %s\n", what);
}

__global__ void
append(int *log, int *count, int value)
{
   log[*count] = value;
   *count = *count + 1;
}

__global__ void
slow(int *out, int rounds)
{
   int v = threadIdx.x;
   for (int i = 0; i < rounds; i++)
      v = v * 1664525 + 1013904223;
   out[threadIdx.x] = v;
}

static std::atomic<int> calls, order_seen;

static void CUDART_CB
callback(cudaStream_t, cudaError_t status, void *user)
{
   if (status == cudaSuccess)
      order_seen = order_seen * 10 + *(int *)user;
   calls++;
}

static void
test_order(int *log, int *count)
{
   cudaStream_t a, b;
   cudaEvent_t e;
   CHECK(cudaStreamCreate(&a));
   CHECK(cudaStreamCreate(&b));
   CHECK(cudaEventCreate(&e));
   int *scratch;
   CHECK(cudaMalloc(&scratch, 128));
   CHECK(cudaMemset(count, 0, sizeof(int)));
   /* b waits for a's slow kernel; the default stream for both. */
   slow<<<1, 32, 0, a>>>(scratch, 20000);
   append<<<1, 1, 0, a>>>(log, count, 1);
   CHECK(cudaEventRecord(e, a));
   CHECK(cudaStreamWaitEvent(b, e, 0));
   append<<<1, 1, 0, b>>>(log, count, 2);
   append<<<1, 1>>>(log, count, 3);
   append<<<1, 1, 0, a>>>(log, count, 4);
   CHECK(cudaStreamSynchronize(a));
   int host[4], n;
   CHECK(cudaMemcpy(host, log, sizeof host, cudaMemcpyDeviceToHost));
   CHECK(cudaMemcpy(&n, count, sizeof n, cudaMemcpyDeviceToHost));
   expect(n == 4 && host[0] == 1 && host[1] == 2 && host[2] == 3 && host[3] == 4,
          "order between streams");
   expect(cudaStreamQuery(a) == cudaSuccess && cudaEventQuery(e) == cudaSuccess,
          "queries");
   static int one = 1, two = 2, three = 3;
   CHECK(cudaStreamAddCallback(a, callback, &one, 0));
   CHECK(cudaStreamAddCallback(a, callback, &two, 0));
   CHECK(cudaStreamAddCallback(a, callback, &three, 0));
   CHECK(cudaStreamSynchronize(a));
   expect(calls == 3 && order_seen == 123, "callbacks in order");
   CHECK(cudaStreamDestroy(a));
   CHECK(cudaStreamDestroy(b));
   CHECK(cudaEventDestroy(e));
   CHECK(cudaFree(scratch));
}

static void
test_many(int *log, int *count)
{
   CHECK(cudaMemset(count, 0, sizeof(int)));
   for (int i = 0; i < 500; i++)
      append<<<1, 1>>>(log, count, i);
   CHECK_LAUNCH();
   std::vector<int> host(500);
   CHECK(cudaMemcpy(host.data(), log, 2000, cudaMemcpyDeviceToHost));
   bool ok = true;
   for (int i = 0; i < 500; i++)
      ok = ok && host[i] == i;
   expect(ok, "500 launches in order");
}

static void
test_properties()
{
   int low, high, value, count, device = -1;
   CHECK(cudaDeviceGetStreamPriorityRange(&low, &high));
   cudaStream_t s;
   CHECK(cudaStreamCreateWithPriority(&s, cudaStreamNonBlocking, high));
   unsigned flags;
   CHECK(cudaStreamGetFlags(s, &flags));
   expect(low >= high && flags == cudaStreamNonBlocking, "priorities and flags");
   CHECK(cudaStreamDestroy(s));
   CHECK(cudaGetDeviceCount(&count));
   CHECK(cudaSetDevice(0));
   CHECK(cudaGetDevice(&device));
   expect(count >= 1 && device == 0, "devices");
   cudaDeviceProp p;
   CHECK(cudaGetDeviceProperties(&p, 0));
   expect(p.warpSize == 32 && p.maxThreadsPerBlock >= 1024 && p.major >= 7 && p.name[0] &&
             p.totalGlobalMem > 0 && p.sharedMemPerBlock >= 48 * 1024,
          "properties");
   CHECK(cudaDeviceGetAttribute(&value, cudaDevAttrWarpSize, 0));
   expect(value == 32, "attribute");
   int driver, runtime;
   CHECK(cudaDriverGetVersion(&driver));
   CHECK(cudaRuntimeGetVersion(&runtime));
   expect(driver >= runtime && runtime >= 12000, "versions");
   cudaFuncAttributes f;
   CHECK(cudaFuncGetAttributes(&f, slow));
   expect(f.maxThreadsPerBlock >= 1024 && f.sharedSizeBytes == 0, "function attributes");
   int blocks, grid;
   CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, slow, 128, 0));
   CHECK(cudaOccupancyMaxPotentialBlockSize(&grid, &value, slow, 0, 0));
   expect(blocks >= 1 && grid >= 1 && value >= 32, "occupancy");
}

static void
test_time(int *log)
{
   cudaEvent_t a, b;
   CHECK(cudaEventCreate(&a));
   CHECK(cudaEventCreate(&b));
   CHECK(cudaEventRecord(a));
   slow<<<1, 32>>>(log, 30000);
   CHECK(cudaEventRecord(b));
   CHECK(cudaEventSynchronize(b));
   float ms = -1;
   CHECK(cudaEventElapsedTime(&ms, a, b));
   expect(ms > 0 && ms < 60000, "elapsed time");
   CHECK(cudaEventDestroy(a));
   CHECK(cudaEventDestroy(b));
}

int
main()
{
   int *log, *count;
   CHECK(cudaMalloc(&log, 4096));
   CHECK(cudaMalloc(&count, sizeof(int)));
   test_order(log, count);
   test_many(log, count);
   test_properties();
   test_time(log);
   CHECK(cudaFree(log));
   CHECK(cudaFree(count));
   printf("%d passed, %d failed\n", passed, failed);
   return finish(failed == 0);
}
