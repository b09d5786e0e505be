/* SPDX-License-Identifier: Apache-2.0
 * One of each object of the driver API, as likely arguments. */
#include "arguments.h"

#include <cuda.h>
#include <stdio.h>
#include <stdlib.h>

const int argument_errors[] = {
   CUDA_ERROR_INVALID_VALUE,     CUDA_ERROR_INVALID_DEVICE, CUDA_ERROR_INVALID_CONTEXT,
   CUDA_ERROR_INVALID_HANDLE,    CUDA_ERROR_NOT_FOUND,      CUDA_ERROR_UNSUPPORTED_LIMIT,
   CUDA_ERROR_INVALID_IMAGE,     CUDA_ERROR_FILE_NOT_FOUND, CUDA_ERROR_ILLEGAL_STATE,
   CUDA_ERROR_NOT_PERMITTED,     CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY,
   CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, CUDA_ERROR_OUT_OF_MEMORY, 0};
const int unsupported_error = CUDA_ERROR_NOT_SUPPORTED;

static const char image[] = ".version 7.0\n.target sm_70\n.address_size 64\n"
                            ".visible .global .align 8 .u64 g;\n"
                            ".visible .entry f() { ret; }\n";
static struct {
   CUcontext ctx;
   CUstream stream;
   CUevent event;
   CUmodule module;
   CUfunction func;
   CUlibrary library;
   CUkernel kernel;
   CUgraph graph;
   CUgraphNode node;
   CUgraphExec exec;
   CUmemoryPool pool;
   CUarray array;
   CUlinkState link;
   CUuserObject user;
   CUmemGenericAllocationHandle alloc;
   CUdeviceptr mem;
   const void *stub;
} o;

static void
must(CUresult r, const char *what)
{
   if (r) {
      printf("make_objects: %s: %d\n", what, r);
      exit(9);
   }
}
#define MUST(call) must((call), #call)

static void CUDA_CB
host_function(void *data)
{
}

static void CUDA_CB
stream_function(CUstream s, CUresult status, void *data)
{
}

static size_t CUDA_CB
size_function(int block)
{
   return 0;
}

void
make_objects(void)
{
   MUST(cuInit(0));
   if (o.stream) {
      CUgraph captured;
      (void)cuStreamEndCapture(o.stream, &captured);
      (void)cuStreamEndCapture(CU_STREAM_PER_THREAD, &captured);
   }
   MUST(cuDevicePrimaryCtxRetain(&o.ctx, 0));
   MUST(cuCtxSetCurrent(o.ctx));
   MUST(cuStreamCreate(&o.stream, CU_STREAM_NON_BLOCKING));
   MUST(cuEventCreate(&o.event, 0));
   MUST(cuModuleLoadData(&o.module, image));
   MUST(cuModuleGetFunction(&o.func, o.module, "f"));
   MUST(cuLibraryLoadData(&o.library, image, NULL, NULL, 0, NULL, NULL, 0));
   MUST(cuLibraryGetKernel(&o.kernel, o.library, "f"));
   MUST(cuGraphCreate(&o.graph, 0));
   MUST(cuGraphAddEmptyNode(&o.node, o.graph, NULL, 0));
   MUST(cuGraphInstantiate(&o.exec, o.graph, 0));
   MUST(cuDeviceGetDefaultMemPool(&o.pool, 0));
   MUST(cuArrayCreate(&o.array, &(CUDA_ARRAY_DESCRIPTOR){64, 4, CU_AD_FORMAT_FLOAT, 1}));
   MUST(cuLinkCreate(0, NULL, NULL, &o.link));
   MUST(cuUserObjectCreate(&o.user, NULL, host_function, 1, CU_USER_OBJECT_NO_DESTRUCTOR_SYNC));
   CUmemAllocationProp prop = {.type = CU_MEM_ALLOCATION_TYPE_PINNED,
                               .location = {CU_MEM_LOCATION_TYPE_DEVICE, 0}};
   MUST(cuMemCreate(&o.alloc, 2 << 20, &prop, 0));
   MUST(cuMemAlloc(&o.mem, 4096));
   o.stub = image;
}
