/* SPDX-License-Identifier: Apache-2.0
 * Graphs: built by hand and by capture, launched, changed, and refused. */
#include "driver_kernels.h"

#include <stdlib.h>

enum { N = 100 };
static CUdeviceptr d;
static CUstream s;

static unsigned
value(void)
{
   unsigned v;
   OK(cuStreamSynchronize(s));
   OK(cuMemcpyDtoH(&v, d + 4 * (N - 1), 4));
   return v;
}

static CUDA_KERNEL_NODE_PARAMS
node_params(void **args)
{
   return (CUDA_KERNEL_NODE_PARAMS){.func = test_step,
                                    .gridDimX = (N + 63) / 64,
                                    .gridDimY = 1,
                                    .gridDimZ = 1,
                                    .blockDimX = 64,
                                    .blockDimY = 1,
                                    .blockDimZ = 1,
                                    .kernelParams = args};
}

static void
count_up(void *n)
{
   ++*(int *)n;
}

static void
by_hand(void)
{
   CUgraph g, clone;
   CUgraphExec x;
   CUgraphNode fill, a, b, h, list[8];
   unsigned n = N, mul = 10, add = 1;
   int calls = 0;
   void *args[] = {&d, &n, &mul, &add};
   CUDA_KERNEL_NODE_PARAMS k = node_params(args);
   CUDA_MEMSET_NODE_PARAMS m = {d, 0, 7, 4, N, 1};
   CUDA_HOST_NODE_PARAMS hp = {count_up, &calls};
   OK(cuGraphCreate(&g, 0));
   OK(cuGraphAddMemsetNode(&fill, g, NULL, 0, &m, test_ctx));
   /* b before a in order of creation, after it by its edge */
   OK(cuGraphAddKernelNode(&b, g, NULL, 0, &k));
   add = 2;
   OK(cuGraphAddKernelNode(&a, g, &fill, 1, &k));
   add = 99; /* parameters were taken at the call */
   OK(cuGraphAddDependencies(g, &a, &b, NULL, 1));
   OK(cuGraphAddHostNode(&h, g, &b, 1, &hp));
   OK(cuGraphInstantiate(&x, g, 0));
   OK(cuGraphLaunch(x, s));
   CHECK_EQ_U64(value(), 721);
   CHECK_EQ_U64(calls, 1);
   OK(cuGraphLaunch(x, s));
   OK(cuGraphLaunch(x, s));
   CHECK_EQ_U64(value(), 721);
   CHECK_EQ_U64(calls, 3);

   size_t count = 0;
   OK(cuGraphGetNodes(g, NULL, &count));
   CHECK_EQ_U64(count, 4);
   OK(cuGraphGetEdges(g, NULL, NULL, NULL, &count));
   CHECK_EQ_U64(count, 3);
   count = 8;
   OK(cuGraphGetRootNodes(g, list, &count));
   CHECK_EQ_U64(count, 1);
   CHECK(list[0] == fill);
   CUgraphNodeType type;
   OK(cuGraphNodeGetType(a, &type));
   CHECK_EQ_U64(type, CU_GRAPH_NODE_TYPE_KERNEL);
   CUDA_KERNEL_NODE_PARAMS got;
   OK(cuGraphKernelNodeGetParams(a, &got));
   CHECK(got.func == test_step && *(unsigned *)got.kernelParams[3] == 2);

   add = 5;
   OK(cuGraphExecKernelNodeSetParams(x, a, &k));
   OK(cuGraphLaunch(x, s));
   CHECK_EQ_U64(value(), 751);
   OK(cuGraphNodeSetEnabled(x, b, 0));
   OK(cuGraphLaunch(x, s));
   CHECK_EQ_U64(value(), 75);

   /* The whole graph exchanged for one of the same shape. */
   OK(cuGraphClone(&clone, g));
   CUgraphNode ca;
   OK(cuGraphNodeFindInClone(&ca, fill, clone));
   m.value = 3;
   OK(cuGraphMemsetNodeSetParams(ca, &m));
   CUgraphExecUpdateResultInfo info;
   OK(cuGraphExecUpdate(x, clone, &info));
   OK(cuGraphNodeSetEnabled(x, b, 1));
   OK(cuGraphLaunch(x, s));
   CHECK_EQ_U64(value(), 321);
   OK(cuGraphNodeFindInClone(&ca, h, clone));
   OK(cuGraphDestroyNode(ca));
   IS(cuGraphExecUpdate(x, clone, &info), CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
   CHECK_EQ_U64(info.result, CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED);

   /* As a child of another graph. */
   CUgraph outer;
   CUgraphNode child, after;
   CUgraphExec ox;
   OK(cuGraphCreate(&outer, 0));
   OK(cuGraphAddChildGraphNode(&child, outer, NULL, 0, clone));
   mul = 1;
   add = 1000;
   OK(cuGraphAddKernelNode(&after, outer, &child, 1, &k));
   OK(cuGraphInstantiate(&ox, outer, 0));
   OK(cuGraphDestroy(outer));
   OK(cuGraphLaunch(ox, s));
   CHECK_EQ_U64(value(), 1321);
   OK(cuGraphExecDestroy(ox));
   IS(cuGraphLaunch(ox, s), CUDA_ERROR_INVALID_VALUE);

   /* A cycle is refused when the graph is made ready. */
   OK(cuGraphAddDependencies(g, &b, &fill, NULL, 1));
   IS(cuGraphInstantiate(&ox, g, 0), CUDA_ERROR_INVALID_VALUE);
   OK(cuGraphRemoveDependencies(g, &b, &fill, NULL, 1));
   IS(cuGraphAddDependencies(g, &a, &b, NULL, 1), CUDA_ERROR_INVALID_VALUE);
   IS(cuGraphAddDependencies(g, &a, &a, NULL, 1), CUDA_ERROR_INVALID_VALUE);
   OK(cuGraphDestroy(g));
   IS(cuGraphDestroy(g), CUDA_ERROR_INVALID_VALUE);
   IS(cuGraphNodeGetType(a, &type), CUDA_ERROR_INVALID_VALUE);
   OK(cuGraphDestroy(clone));
   OK(cuGraphExecDestroy(x));
}

static void
captured(void)
{
   CUstream t;
   CUevent fork, join;
   CUgraph g;
   CUgraphExec x;
   CUstreamCaptureStatus st;
   unsigned h = 0;
   size_t n = 0;
   OK(cuStreamCreate(&t, CU_STREAM_NON_BLOCKING));
   OK(cuEventCreate(&fork, CU_EVENT_DISABLE_TIMING));
   OK(cuEventCreate(&join, CU_EVENT_DISABLE_TIMING));
   OK(cuMemsetD32(d, 1, N));
   OK(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_GLOBAL));
   OK(cuStreamIsCapturing(s, &st));
   CHECK_EQ_U64(st, CU_STREAM_CAPTURE_STATUS_ACTIVE);
   OK(step(d, N, 2, 0, s));
   OK(cuEventRecord(fork, s));
   OK(cuStreamWaitEvent(t, fork, 0));
   OK(step(d, N, 3, 0, t));
   OK(cuEventRecord(join, t));
   OK(cuStreamWaitEvent(s, join, 0));
   OK(step(d, N, 1, 4, s));
   OK(cuMemcpyDtoHAsync(&h, d, 4, s));
   IS(cuEventQuery(join), CUDA_ERROR_CAPTURED_EVENT);
   CUdeviceptr e;
   IS(cuMemAlloc(&e, 4), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
   IS(step(d, N, 1, 1, NULL), CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
   OK(cuStreamEndCapture(s, &g));
   OK(cuGraphGetNodes(g, NULL, &n));
   CHECK_EQ_U64(n, 4);
   CHECK_EQ_U64(value(), 1); /* nothing has run */
   OK(cuGraphInstantiate(&x, g, 0));
   OK(cuGraphLaunch(x, s));
   CHECK_EQ_U64(value(), 10);
   CHECK_EQ_U64(h, 10);
   OK(cuGraphLaunch(x, s));
   CHECK_EQ_U64(value(), 64);
   OK(cuGraphExecDestroy(x));
   OK(cuGraphDestroy(g));

   /* A second stream that does not come back. */
   OK(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_RELAXED));
   OK(cuEventRecord(fork, s));
   OK(cuStreamWaitEvent(t, fork, 0));
   OK(step(d, N, 3, 0, t));
   IS(cuStreamEndCapture(s, &g), CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
   CHECK(!g);
   OK(cuStreamIsCapturing(t, &st));
   CHECK_EQ_U64(st, CU_STREAM_CAPTURE_STATUS_NONE);

   /* Waiting for a capturing stream spoils the capture. */
   OK(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
   IS(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_GLOBAL), CUDA_ERROR_ILLEGAL_STATE);
   IS(cuStreamSynchronize(s), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
   IS(step(d, N, 3, 0, s), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
   IS(cuStreamEndCapture(s, &g), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
   IS(cuStreamEndCapture(s, &g), CUDA_ERROR_ILLEGAL_STATE);
   IS(cuStreamBeginCapture(NULL, CU_STREAM_CAPTURE_MODE_GLOBAL),
      CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
   OK(cuMemAlloc(&e, 4));
   OK(cuMemFree(e));
   OK(cuEventDestroy(fork));
   OK(cuEventDestroy(join));
   OK(cuStreamDestroy(t));
}

static void
memory(void)
{
   CUgraph g;
   CUgraphExec x;
   CUdeviceptr p;
   unsigned v = 0;
   OK(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_GLOBAL));
   OK(cuMemAllocAsync(&p, N * 4, s));
   OK(cuMemsetD32Async(p, 6, N, s));
   OK(step(p, N, 7, 0, s));
   OK(cuMemcpyDtoHAsync(&v, p, 4, s));
   OK(cuMemFreeAsync(p, s));
   OK(cuStreamEndCapture(s, &g));
   OK(cuGraphInstantiate(&x, g, CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH));
   OK(cuGraphDestroy(g));
   for (int i = 0; i < 3; i++) {
      v = 0;
      OK(cuGraphLaunch(x, s));
      OK(cuStreamSynchronize(s));
      CHECK_EQ_U64(v, 42);
   }
   OK(cuGraphExecDestroy(x));
   CHECK(cuMemFree(p) != CUDA_SUCCESS); /* gone with the last graph that had it */
}

static void
objects(void)
{
   CUuserObject o;
   CUgraph g;
   int gone = 0;
   OK(cuGraphCreate(&g, 0));
   OK(cuUserObjectCreate(&o, &gone, count_up, 2, CU_USER_OBJECT_NO_DESTRUCTOR_SYNC));
   OK(cuGraphRetainUserObject(g, o, 1, CU_GRAPH_USER_OBJECT_MOVE));
   OK(cuUserObjectRelease(o, 1));
   CHECK_EQ_U64(gone, 0);
   OK(cuGraphDestroy(g));
   CHECK_EQ_U64(gone, 1);
   IS(cuUserObjectRelease(o, 1), CUDA_ERROR_INVALID_VALUE);
}

/* One call for every kind of node: a ready graph's fill and event are changed. */
static void
exec_any(void)
{
   CUgraph g;
   CUgraphNode memset_node, event_node;
   CUgraphExec x;
   CUevent first, second;
   CUdeviceptr memory;
   unsigned v = 0;
   OK(cuMemAlloc(&memory, 4));
   OK(cuEventCreate(&first, 0));
   OK(cuEventCreate(&second, 0));
   OK(cuGraphCreate(&g, 0));
   CUDA_MEMSET_NODE_PARAMS set = {
      .dst = memory, .value = 5, .elementSize = 4, .width = 1, .height = 1};
   OK(cuGraphAddMemsetNode(&memset_node, g, NULL, 0, &set, NULL));
   OK(cuGraphAddEventRecordNode(&event_node, g, &memset_node, 1, first));
   OK(cuGraphInstantiate(&x, g, 0));
   CUgraphNodeParams p = {.type = CU_GRAPH_NODE_TYPE_MEMSET};
   p.memset.dst = memory;
   p.memset.value = 6;
   p.memset.elementSize = 4;
   p.memset.width = p.memset.height = 1;
   OK(cuGraphExecNodeSetParams(x, memset_node, &p));
   IS(cuGraphExecNodeSetParams(x, event_node, &p), CUDA_ERROR_INVALID_VALUE);
   p = (CUgraphNodeParams){.type = CU_GRAPH_NODE_TYPE_EVENT_RECORD};
   p.eventRecord.event = second;
   OK(cuGraphExecNodeSetParams(x, event_node, &p));
   OK(cuGraphLaunch(x, NULL));
   OK(cuStreamSynchronize(NULL));
   OK(cuMemcpyDtoH(&v, memory, 4));
   CHECK_EQ_U64(v, 6);
   float ms;
   OK(cuEventElapsedTime(&ms, second, second));
   IS(cuEventElapsedTime(&ms, first, second),
      CUDA_ERROR_INVALID_HANDLE); /* not recorded */
   OK(cuGraphExecDestroy(x));
   OK(cuGraphDestroy(g));
   OK(cuEventDestroy(first));
   OK(cuEventDestroy(second));
   OK(cuMemFree(memory));
}

int
main(void)
{
   test_begin();
   exec_any();
   OK(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
   OK(cuMemAlloc(&d, N * 4));
   by_hand();
   captured();
   memory();
   objects();
   OK(cuCtxDestroy(test_ctx));
   return check_done();
}
