/* SPDX-License-Identifier: Apache-2.0
 * One of each object of the runtime API, as likely arguments. */
#if RT_ABI == 12
#include "../../src/runtime/abi12.h"
#endif
#include "../../src/runtime/rt_exports.h"
#include "../runtime/fatbin.h"
#include "arguments.h"

#include <cuda_profiler_api.h>
#include <cuda_runtime_api.h>
#include <stdio.h>
#include <stdlib.h>
#if RT_ABI == 12
#include "../../src/runtime/rt_exports12.h"
#endif

const int argument_errors[] = {cudaErrorInvalidValue,
                               cudaErrorInvalidDevice,
                               cudaErrorInvalidResourceHandle,
                               cudaErrorInvalidDeviceFunction,
                               cudaErrorInvalidSymbol,
                               cudaErrorInvalidMemcpyDirection,
                               cudaErrorInvalidChannelDescriptor,
                               cudaErrorInvalidConfiguration,
                               cudaErrorUnsupportedLimit,
                               cudaErrorSymbolNotFound,
                               cudaErrorInvalidKernelImage,
                               cudaErrorFileNotFound,
                               cudaErrorIllegalState,
                               cudaErrorNotPermitted,
                               cudaErrorDeviceUninitialized,
                               cudaErrorMissingConfiguration,
                               cudaErrorStreamCaptureUnsupported,
                               cudaErrorMemoryAllocation,
                               0};
const int unsupported_error = cudaErrorNotSupported;

static const char image[] = ".version 7.0\n.target sm_70\n.address_size 64\n"
                            ".visible .global .align 8 .u64 g;\n"
                            ".visible .entry f() { ret; }\n";
static char stub;
static struct {
   cudaStream_t stream;
   cudaEvent_t event;
   cudaFunction_t func;
   cudaKernel_t kernel;
   cudaLibrary_t library;
   cudaGraph_t graph;
   cudaGraphNode_t node;
   cudaGraphExec_t exec;
   cudaMemPool_t pool;
   cudaArray_t array;
   cudaUserObject_t user;
   void *mem;
   const void *stub;
} o;

static void
must(cudaError_t r, const char *what)
{
   if (r) {
      printf("make_objects: %s: %d\n", what, r);
      exit(9);
   }
}
#define MUST(call) must((call), #call)

static void CUDART_CB
host_function(void *data)
{
}

static void CUDART_CB
stream_function(cudaStream_t s, cudaError_t status, void *data)
{
}

void
make_objects(void)
{
   if (!o.stub) {
      void **h = __cudaRegisterFatBinary(fatbin_of_ptx(image));
      __cudaRegisterFunction(h, &stub, &stub, "f", -1, 0, 0, 0, 0, 0);
      __cudaRegisterFatBinaryEnd(h);
      o.stub = &stub;
   }
   if (o.stream) {
      cudaGraph_t captured;
      (void)cudaStreamEndCapture(o.stream, &captured);
      (void)cudaStreamEndCapture(cudaStreamPerThread, &captured);
   }
   MUST(cudaSetDevice(0));
   MUST(cudaStreamCreateWithFlags(&o.stream, cudaStreamNonBlocking));
   MUST(cudaEventCreate(&o.event));
   MUST(cudaGetFuncBySymbol(&o.func, &stub));
#if RT_ABI == 13
   MUST(cudaLibraryLoadData(&o.library, image, NULL, NULL, 0, NULL, NULL, 0));
   MUST(cudaLibraryGetKernel(&o.kernel, o.library, "f"));
#endif
   MUST(cudaGraphCreate(&o.graph, 0));
   MUST(cudaGraphAddEmptyNode(&o.node, o.graph, NULL, 0));
   MUST(cudaGraphInstantiate(&o.exec, o.graph, 0));
   MUST(cudaDeviceGetDefaultMemPool(&o.pool, 0));
   struct cudaChannelFormatDesc desc = {32, 0, 0, 0, cudaChannelFormatKindFloat};
   MUST(cudaMallocArray(&o.array, &desc, 64, 4, 0));
   MUST(cudaUserObjectCreate(&o.user, NULL, host_function, 1, cudaUserObjectNoDestructorSync));
   MUST(cudaMalloc(&o.mem, 4096));
}
