/* SPDX-License-Identifier: Apache-2.0
 * Streams and events: order within a stream, the legacy stream's ordering with blocking
 * ones, events between streams, queries, callbacks, and memory operations. */
#include "driver_kernels.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { N = 1000 };

static unsigned
first(CUdeviceptr d)
{
   unsigned v[N];
   OK(cuMemcpyDtoH(v, d, sizeof v));
   unsigned wrong = 0;
   for (int i = 0; i < N; i++)
      wrong += v[i] != v[0];
   CHECK_EQ_U64(wrong, 0);
   return v[0];
}

static void
order(void)
{
   CUstream s;
   CUdeviceptr d;
   OK(cuMemAlloc(&d, N * 4));
   OK(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
   OK(cuMemsetD32Async(d, 1, N, s));
   unsigned want = 1;
   for (unsigned i = 0; i < 200; i++) {
      OK(step(d, N, 3, i, s));
      want = want * 3 + i;
   }
   OK(cuStreamSynchronize(s));
   OK(cuStreamQuery(s));
   CHECK_EQ_U64(first(d), want);
   OK(cuMemFree(d));
   OK(cuStreamDestroy(s));
   IS(cuStreamSynchronize(s), CUDA_ERROR_INVALID_HANDLE);
   IS(cuStreamDestroy(s), CUDA_ERROR_INVALID_HANDLE);
}

/* A host thread lets the held stream go on after 20 ms. */
static void *
release(void *flag)
{
   usleep(20000);
   __atomic_store_n((unsigned *)flag, 1, __ATOMIC_RELEASE);
   return NULL;
}

static void
legacy(void)
{
   CUstream a, b;
   CUdeviceptr d;
   unsigned *flag;
   pthread_t t;
   OK(cuMemAlloc(&d, N * 4));
   OK(cuMemHostAlloc((void **)&flag, 64, CU_MEMHOSTALLOC_DEVICEMAP));
   *flag = 0;
   OK(cuMemsetD32(d, 5, N));
   OK(cuStreamCreate(&a, CU_STREAM_DEFAULT));
   OK(cuStreamCreate(&b, CU_STREAM_DEFAULT));
   OK(hold(flag, a));
   IS(cuStreamQuery(a), CUDA_ERROR_NOT_READY);
   OK(step(d, N, 10, 1, a));
   OK(step(d, N, 10, 2, NULL)); /* after a's */
   OK(step(d, N, 10, 3, b));    /* after the legacy stream's */
   IS(cuStreamQuery(NULL), CUDA_ERROR_NOT_READY);
   IS(cuStreamQuery(b), CUDA_ERROR_NOT_READY);
   pthread_create(&t, NULL, release, flag);
   OK(cuStreamSynchronize(b));
   pthread_join(t, NULL);
   CHECK_EQ_U64(first(d), 5123);
   OK(cuMemFree(d));
   OK(cuMemFreeHost(flag));
   OK(cuStreamDestroy(a));
   OK(cuStreamDestroy(b));
}

static void
events(void)
{
   CUstream a, b;
   CUevent e, t0, t1;
   CUdeviceptr d;
   unsigned *flag;
   pthread_t t;
   float ms = -1;
   OK(cuMemAlloc(&d, N * 4));
   OK(cuMemHostAlloc((void **)&flag, 64, 0));
   *flag = 0;
   OK(cuMemsetD32(d, 1, N));
   OK(cuStreamCreate(&a, CU_STREAM_NON_BLOCKING));
   OK(cuStreamCreate(&b, CU_STREAM_NON_BLOCKING));
   OK(cuEventCreate(&e, CU_EVENT_DISABLE_TIMING));
   OK(cuEventCreate(&t0, 0));
   OK(cuEventCreate(&t1, 0));
   OK(cuEventQuery(e)); /* never recorded: complete */
   IS(cuEventElapsedTime(&ms, t0, t1), CUDA_ERROR_INVALID_HANDLE);
   OK(cuEventRecord(t0, a));
   OK(hold(flag, a));
   OK(step(d, N, 2, 0, a));
   OK(cuEventRecord(e, a));
   OK(cuEventRecord(t1, a));
   OK(cuStreamWaitEvent(b, e, 0));
   OK(step(d, N, 10, 7, b));
   IS(cuEventQuery(e), CUDA_ERROR_NOT_READY);
   IS(cuEventElapsedTime(&ms, t0, t1), CUDA_ERROR_NOT_READY);
   IS(cuStreamQuery(b), CUDA_ERROR_NOT_READY);
   pthread_create(&t, NULL, release, flag);
   OK(cuEventSynchronize(e));
   OK(cuStreamSynchronize(b));
   OK(cuEventSynchronize(t1));
   pthread_join(t, NULL);
   CHECK_EQ_U64(first(d), 27);
   OK(cuEventElapsedTime(&ms, t0, t1));
   CHECK(ms >= 19 && ms < 5000);
   IS(cuEventElapsedTime(&ms, e, t1), CUDA_ERROR_INVALID_HANDLE); /* no timing */
   OK(cuEventDestroy(e));
   IS(cuEventQuery(e), CUDA_ERROR_INVALID_HANDLE);
   IS(cuEventRecord(e, a), CUDA_ERROR_INVALID_HANDLE);
   IS(cuStreamWaitEvent(a, e, 0), CUDA_ERROR_INVALID_HANDLE);
   IS(cuEventCreate(&e, 64), CUDA_ERROR_INVALID_VALUE);
   OK(cuEventDestroy(t0));
   OK(cuEventDestroy(t1));
   OK(cuStreamDestroy(a));
   OK(cuStreamDestroy(b));
   OK(cuMemFree(d));
   OK(cuMemFreeHost(flag));
}

static int calls[8], ncalls;

static void
host(void *n)
{
   calls[ncalls++ % 8] = (int)(intptr_t)n;
}

static void
callback(CUstream s, CUresult status, void *n)
{
   CHECK_EQ_U64(status, CUDA_SUCCESS);
   calls[ncalls++ % 8] = (int)(intptr_t)n;
}

/* A host function that waits for what the thread does after its own synchronisation. */
static void
wait_for_host(void *flag)
{
   while (!__atomic_load_n((unsigned *)flag, __ATOMIC_ACQUIRE))
      usleep(100);
}

static void
blocked_callback(void)
{
   CUstream a, b;
   CUdeviceptr d;
   unsigned flag = 0;
   OK(cuMemAlloc(&d, N * 4));
   OK(cuStreamCreate(&a, CU_STREAM_NON_BLOCKING));
   OK(cuStreamCreate(&b, CU_STREAM_NON_BLOCKING));
   OK(cuLaunchHostFunc(b, wait_for_host, &flag));
   OK(cuMemsetD32Async(d, 2, N, a));
   for (int i = 0; i < 10; i++)
      OK(step(d, N, 1, 1, a));
   OK(cuStreamSynchronize(a));
   IS(cuStreamQuery(b), CUDA_ERROR_NOT_READY);
   __atomic_store_n(&flag, 1, __ATOMIC_RELEASE);
   OK(cuStreamSynchronize(b));
   CHECK_EQ_U64(first(d), 12);
   OK(cuMemFree(d));
   OK(cuStreamDestroy(a));
   OK(cuStreamDestroy(b));
}

static void
callbacks(void)
{
   CUstream s;
   OK(cuStreamCreate(&s, 0));
   OK(cuLaunchHostFunc(s, host, (void *)1));
   OK(cuStreamAddCallback(s, callback, (void *)2, 0));
   OK(cuLaunchHostFunc(s, host, (void *)3));
   OK(cuStreamSynchronize(s));
   CHECK_EQ_U64(ncalls, 3);
   CHECK(calls[0] == 1 && calls[1] == 2 && calls[2] == 3);
   IS(cuLaunchHostFunc(s, NULL, NULL), CUDA_ERROR_INVALID_VALUE);
   OK(cuStreamDestroy(s));
}

static void
values(void)
{
   CUstream a, b;
   CUdeviceptr d;
   unsigned v;
   OK(cuMemAlloc(&d, 16));
   OK(cuMemsetD8(d, 0, 16));
   OK(cuStreamCreate(&a, CU_STREAM_NON_BLOCKING));
   OK(cuStreamCreate(&b, CU_STREAM_NON_BLOCKING));
   OK(cuStreamWaitValue32(a, d, 5, CU_STREAM_WAIT_VALUE_GEQ));
   OK(cuStreamWriteValue32(a, d + 4, 77, 0));
   IS(cuStreamQuery(a), CUDA_ERROR_NOT_READY);
   OK(cuStreamWriteValue32(b, d, 6, 0));
   OK(cuStreamSynchronize(a));
   OK(cuMemcpyDtoH(&v, d + 4, 4));
   CHECK_EQ_U64(v, 77);
   IS(cuStreamWaitValue32(a, d + 1, 5, 0), CUDA_ERROR_INVALID_VALUE);
   IS(cuStreamWaitValue32(a, 0, 5, 0), CUDA_ERROR_INVALID_VALUE);
   OK(cuStreamDestroy(a));
   OK(cuStreamDestroy(b));
   OK(cuMemFree(d));
}

/* Many host threads, each with a stream of its own and the thread's default stream. */
static void *
worker(void *arg)
{
   CUstream s;
   CUdeviceptr d;
   cuCtxSetCurrent(test_ctx);
   cuStreamCreate(&s, CU_STREAM_NON_BLOCKING);
   cuMemAlloc(&d, N * 4);
   intptr_t bad = 0;
   for (int round = 0; round < 20; round++) {
      CUstream use = round % 2 ? CU_STREAM_PER_THREAD : s;
      unsigned v[N];
      cuMemsetD32Async(d, (unsigned)round, N, use);
      for (unsigned i = 0; i < 10; i++)
         bad += step(d, N, 1, i, use) != CUDA_SUCCESS;
      cuMemcpyDtoHAsync(v, d, sizeof v, use);
      bad += cuStreamSynchronize(use) != CUDA_SUCCESS;
      for (int i = 0; i < N; i++)
         bad += v[i] != (unsigned)round + 45;
   }
   cuMemFree(d);
   cuStreamDestroy(s);
   return (void *)bad;
}

static void
threads(void)
{
   pthread_t t[6];
   for (int i = 0; i < 6; i++)
      pthread_create(&t[i], NULL, worker, NULL);
   for (int i = 0; i < 6; i++) {
      void *bad;
      pthread_join(t[i], &bad);
      CHECK_EQ_U64((uintptr_t)bad, 0);
   }
}

/* Work goes on though nobody waits for it. */
static void
unattended(void)
{
   CUdeviceptr d;
   unsigned *seen;
   OK(cuMemHostAlloc((void **)&seen, N * 4, 0));
   memset(seen, 0, N * 4);
   OK(cuMemHostGetDevicePointer(&d, seen, 0));
   OK(step(d, N, 0, 9, NULL));
   for (int i = 0; i < 5000 && __atomic_load_n(&seen[N - 1], __ATOMIC_ACQUIRE) != 9; i++)
      usleep(1000);
   CHECK_EQ_U64(__atomic_load_n(&seen[N - 1], __ATOMIC_ACQUIRE), 9);
   OK(cuCtxSynchronize());
   OK(cuMemFreeHost(seen));
}

/* A signal that the program blocks waits for it, and ends none of the worker threads,
 * which are there by now: its default is the end of the process. */
static void
signals(void)
{
   sigset_t set;
   sigemptyset(&set);
   sigaddset(&set, SIGUSR2);
   CHECK_EQ_U64(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
   CHECK_EQ_U64(kill(getpid(), SIGUSR2), 0);
   CHECK_EQ_U64(sigtimedwait(&set, NULL, &(struct timespec){5, 0}), SIGUSR2);
}

int
main(void)
{
   test_begin();
   order();
   legacy();
   events();
   callbacks();
   blocked_callback();
   values();
   threads();
   unattended();
   signals();
   OK(cuModuleUnload(test_mod));
   OK(cuCtxDestroy(test_ctx));
   return check_done();
}
