/* SPDX-License-Identifier: Apache-2.0
 * The last error of a thread, names and texts, and what bad arguments are answered with.
 */
#include "check.h"

#include <cuda_profiler_api.h>
#include <cuda_runtime_api.h>
#include <pthread.h>

#define IS(call, error) CHECK_EQ_U64((call), (error))

static void *
other_thread(void *arg)
{
   *(int *)arg = (int)cudaPeekAtLastError();
   cudaMalloc(NULL, 4);
   return NULL;
}

static void
last_error(void)
{
   void *p = NULL;
   IS(cudaGetLastError(), cudaSuccess);
   IS(cudaMalloc(NULL, 4), cudaErrorInvalidValue);
   IS(cudaPeekAtLastError(), cudaErrorInvalidValue);
   IS(cudaMalloc(&p, 4), cudaSuccess); /* does not clear it */
   IS(cudaFree(p), cudaSuccess);
   IS(cudaSetDevice(1000), cudaErrorInvalidDevice); /* replaces it */
   IS(cudaPeekAtLastError(), cudaErrorInvalidDevice);
   int seen = -1;
   pthread_t t;
   pthread_create(&t, NULL, other_thread, &seen);
   pthread_join(t, NULL);
   CHECK_EQ_U64(seen, cudaSuccess); /* each thread has its own */
   IS(cudaGetLastError(), cudaErrorInvalidDevice);
   IS(cudaGetLastError(), cudaSuccess);
}

static void
texts(void)
{
   CHECK_STR(cudaGetErrorName(cudaSuccess), "cudaSuccess");
   CHECK_STR(cudaGetErrorString(cudaSuccess), "no error");
   CHECK_STR(cudaGetErrorName((cudaError_t)1), "cudaErrorInvalidValue");
   CHECK_STR(cudaGetErrorString((cudaError_t)1), "invalid argument");
   CHECK_STR(cudaGetErrorString((cudaError_t)2), "out of memory");
   CHECK_STR(cudaGetErrorString((cudaError_t)9), "invalid configuration argument");
   CHECK_STR(cudaGetErrorString((cudaError_t)98), "invalid device function");
   CHECK_STR(cudaGetErrorString((cudaError_t)100), "no CUDA-capable device is detected");
   CHECK_STR(cudaGetErrorString((cudaError_t)209),
             "no kernel image is available for execution on the device");
   CHECK_STR(cudaGetErrorName((cudaError_t)700), "cudaErrorIllegalAddress");
   CHECK_STR(cudaGetErrorString((cudaError_t)700),
             "an illegal memory access was encountered");
   CHECK_STR(cudaGetErrorString((cudaError_t)719), "unspecified launch failure");
   CHECK_STR(cudaGetErrorString((cudaError_t)801), "operation not supported");
   CHECK_STR(cudaGetErrorName((cudaError_t)915), "cudaErrorInvalidResourceConfiguration");
   CHECK_STR(cudaGetErrorString((cudaError_t)999), "unknown error");
   CHECK_STR(cudaGetErrorName((cudaError_t)4711), "unrecognized error code");
   CHECK_STR(cudaGetErrorString((cudaError_t)-1), "unrecognized error code");
}

static void
null_arguments(void)
{
   IS(cudaGetDeviceCount(NULL), cudaErrorInvalidValue);
   IS(cudaGetDevice(NULL), cudaErrorInvalidValue);
   IS(cudaGetDeviceProperties(NULL, 0), cudaErrorInvalidValue);
   IS(cudaDeviceGetAttribute(NULL, cudaDevAttrWarpSize, 0), cudaErrorInvalidValue);
   IS(cudaMallocHost(NULL, 8), cudaErrorInvalidValue);
   IS(cudaMallocManaged(NULL, 8, cudaMemAttachGlobal), cudaErrorInvalidValue);
   IS(cudaMallocPitch(NULL, NULL, 8, 8), cudaErrorInvalidValue);
   IS(cudaMemGetInfo(NULL, NULL), cudaErrorInvalidValue);
   IS(cudaMemcpy3D(NULL), cudaErrorInvalidValue);
   IS(cudaPointerGetAttributes(NULL, NULL), cudaErrorInvalidValue);
   IS(cudaStreamCreate(NULL), cudaErrorInvalidValue);
   IS(cudaEventCreate(NULL), cudaErrorInvalidValue);
   IS(cudaEventElapsedTime(NULL, NULL, NULL), cudaErrorInvalidValue);
   IS(cudaGraphCreate(NULL, 0), cudaErrorInvalidValue);
   IS(cudaFuncGetAttributes(NULL, NULL), cudaErrorInvalidValue);
   IS(cudaLaunchKernelExC(NULL, NULL, NULL), cudaErrorInvalidValue);
   IS(cudaRuntimeGetVersion(NULL), cudaErrorInvalidValue);
   IS(cudaDriverGetVersion(NULL), cudaErrorInvalidValue);
   IS(cudaHostRegister(NULL, 8, 0), cudaErrorInvalidValue);
   IS(cudaGetSymbolAddress(NULL, NULL), cudaErrorInvalidValue);
   IS(cudaGetLastError(), cudaErrorInvalidValue);
}

static void
bad_values(void)
{
   char a[8] = {0}, b[8];
   dim3 one = {1, 1, 1};
   cudaStream_t s;
   cudaEvent_t e;
   IS(cudaMemcpy(b, a, 8, (enum cudaMemcpyKind)7), cudaErrorInvalidMemcpyDirection);
   IS(cudaMemcpy2D(b, 2, a, 4, 4, 2, cudaMemcpyHostToHost), cudaErrorInvalidPitchValue);
   IS(cudaStreamCreateWithFlags(&s, 0x40), cudaErrorInvalidValue);
   IS(cudaEventCreateWithFlags(&e, 0x40), cudaErrorInvalidValue);
   IS(cudaStreamDestroy(NULL), cudaErrorInvalidResourceHandle);
   IS(cudaEventRecord(NULL, NULL), cudaErrorInvalidResourceHandle);
   IS(cudaLaunchKernel(NULL, one, one, NULL, 0, NULL), cudaErrorInvalidDeviceFunction);
   IS(cudaLaunchKernel((void *)a, one, one, NULL, 0, NULL),
      cudaErrorInvalidDeviceFunction);
   IS(cudaMemcpyToSymbol(a, b, 4, 0, cudaMemcpyHostToDevice), cudaErrorInvalidSymbol);
   IS(cudaSetDevice(-1), cudaErrorInvalidDevice);
   IS(cudaHostUnregister(a), cudaErrorHostMemoryNotRegistered);
   IS(cudaFree(a), cudaErrorInvalidValue);
   IS(cudaSetDeviceFlags(0x7), cudaErrorInvalidValue);
   cudaGetLastError();
}

static void
not_there_yet(void)
{
   cudaGraphicsResource_t r = NULL;
   IS(cudaGraphicsMapResources(1, &r, NULL), cudaErrorNotSupported);
   IS(cudaGetLastError(), cudaErrorNotSupported);
}

int
main(void)
{
   int v = 0;
   IS(cudaRuntimeGetVersion(&v), cudaSuccess);
   CHECK_EQ_U64(v, 13000);
   IS(cudaDriverGetVersion(&v), cudaSuccess);
   CHECK(v >= 13000);
   last_error();
   texts();
   null_arguments();
   bad_values();
   not_there_yet();
   IS(cudaProfilerStart(), cudaSuccess);
   IS(cudaProfilerStop(), cudaSuccess);
   return check_done();
}
