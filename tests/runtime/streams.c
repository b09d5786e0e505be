/* SPDX-License-Identifier: Apache-2.0
 * Streams, events, host functions, capture and graphs through the runtime API. */
#include "check.h"

#include <cuda_runtime_api.h>
#include <unistd.h>

#define OK(call) CHECK_EQ_U64((call), cudaSuccess)

static int order[8], order_len;

static void
note(void *arg)
{
   order[order_len++] = (int)(intptr_t)arg;
}

static void
slow_note(void *arg)
{
   usleep(20000);
   note(arg);
}

static void
callback(cudaStream_t s, cudaError_t e, void *arg)
{
   note(e == cudaSuccess && s != NULL ? arg : (void *)-1);
}

static void
in_order(void)
{
   cudaStream_t s, t;
   cudaEvent_t e;
   OK(cudaStreamCreate(&s));
   OK(cudaStreamCreateWithFlags(&t, cudaStreamNonBlocking));
   OK(cudaEventCreateWithFlags(&e, cudaEventDisableTiming));
   OK(cudaLaunchHostFunc(s, slow_note, (void *)1));
   CHECK_EQ_U64(cudaStreamQuery(s), cudaErrorNotReady);
   CHECK_EQ_U64(cudaGetLastError(), cudaErrorNotReady);
   OK(cudaEventRecord(e, s));
   CHECK_EQ_U64(cudaEventQuery(e), cudaErrorNotReady);
   OK(cudaStreamWaitEvent(t, e, 0));
   OK(cudaLaunchHostFunc(t, note, (void *)2));
   OK(cudaStreamSynchronize(t));
   OK(cudaStreamAddCallback(s, callback, (void *)3, 0));
   OK(cudaStreamSynchronize(s));
   OK(cudaEventQuery(e));
   OK(cudaStreamQuery(s));
   CHECK(order_len == 3 && order[0] == 1 && order[1] == 2 && order[2] == 3);
   unsigned flags = 9;
   OK(cudaStreamGetFlags(t, &flags));
   CHECK_EQ_U64(flags, cudaStreamNonBlocking);
   OK(cudaEventDestroy(e));
   OK(cudaStreamDestroy(s));
   OK(cudaStreamDestroy(t));
   CHECK_EQ_U64(cudaStreamSynchronize(s), cudaErrorInvalidResourceHandle);
   cudaGetLastError();
}

static void
timing(void)
{
   cudaEvent_t a, b, c;
   float ms = -1;
   order_len = 0;
   OK(cudaEventCreate(&a));
   OK(cudaEventCreate(&b));
   OK(cudaEventCreateWithFlags(&c, cudaEventDisableTiming));
   OK(cudaEventRecord(a, NULL));
   OK(cudaLaunchHostFunc(NULL, slow_note, NULL));
   OK(cudaEventRecord(b, NULL));
   OK(cudaEventRecord(c, NULL));
   OK(cudaEventSynchronize(b));
   OK(cudaEventElapsedTime(&ms, a, b));
   CHECK(ms >= 20.0f && ms < 10000.0f);
   CHECK_EQ_U64(cudaEventElapsedTime(&ms, a, c), cudaErrorInvalidResourceHandle);
   cudaGetLastError();
   OK(cudaEventDestroy(a));
   OK(cudaEventDestroy(b));
   OK(cudaEventDestroy(c));
}

static void
priorities(void)
{
   int least = 9, greatest = 9, p = 9;
   cudaStream_t s;
   OK(cudaDeviceGetStreamPriorityRange(&least, &greatest));
   CHECK(least == 0 && greatest < 0);
   OK(cudaStreamCreateWithPriority(&s, 0, greatest));
   OK(cudaStreamGetPriority(s, &p));
   CHECK_EQ_U64((unsigned)p, (unsigned)greatest);
   OK(cudaStreamDestroy(s));
}

static void
capture(void)
{
   int in[4] = {1, 2, 3, 4}, out[4] = {0};
   void *d;
   cudaStream_t s;
   cudaGraph_t g;
   cudaGraphExec_t x;
   enum cudaStreamCaptureStatus status;
   size_t n = 0;
   order_len = 0;
   OK(cudaMalloc(&d, sizeof in));
   OK(cudaStreamCreate(&s));
   OK(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
   OK(cudaMemcpyAsync(d, in, sizeof in, cudaMemcpyHostToDevice, s));
   OK(cudaMemsetAsync(d, 0xFF, 4, s));
   OK(cudaMemcpyAsync(out, d, sizeof in, cudaMemcpyDeviceToHost, s));
   OK(cudaLaunchHostFunc(s, note, (void *)7));
   OK(cudaStreamIsCapturing(s, &status));
   CHECK_EQ_U64(status, cudaStreamCaptureStatusActive);
   OK(cudaStreamEndCapture(s, &g));
   CHECK(out[1] == 0 && order_len == 0); /* nothing ran */
   OK(cudaGraphGetNodes(g, NULL, &n));
   CHECK_EQ_U64(n, 4);
   OK(cudaGraphInstantiate(&x, g, 0));
   for (int round = 1; round <= 2; round++) {
      in[1] = 10 * round;
      OK(cudaGraphLaunch(x, s));
      OK(cudaStreamSynchronize(s));
      CHECK(out[0] == -1 && out[1] == 10 * round && out[3] == 4 && order_len == round);
   }
   OK(cudaGraphExecDestroy(x));
   OK(cudaGraphDestroy(g));
   OK(cudaStreamDestroy(s));
   OK(cudaFree(d));
}

static void
graph(void)
{
   int out[4] = {0};
   void *d;
   cudaGraph_t g;
   cudaGraphNode_t fill, copy, host;
   cudaGraphExec_t x;
   enum cudaGraphNodeType type;
   order_len = 0;
   OK(cudaMalloc(&d, 16));
   OK(cudaGraphCreate(&g, 0));
   struct cudaMemsetParams m = {
      .dst = d, .value = 6, .elementSize = 4, .width = 4, .height = 1};
   OK(cudaGraphAddMemsetNode(&fill, g, NULL, 0, &m));
   OK(cudaGraphAddMemcpyNode1D(&copy, g, &fill, 1, out, d, 16, cudaMemcpyDeviceToHost));
   struct cudaHostNodeParams h = {note, (void *)9};
   OK(cudaGraphAddHostNode(&host, g, &copy, 1, &h));
   OK(cudaGraphNodeGetType(copy, &type));
   CHECK_EQ_U64(type, cudaGraphNodeTypeMemcpy);
   struct cudaMemcpy3DParms c;
   OK(cudaGraphMemcpyNodeGetParams(copy, &c));
   CHECK(c.extent.width == 16 && c.dstPtr.ptr == out && c.srcPtr.ptr == d &&
         c.kind == cudaMemcpyDeviceToHost);
   OK(cudaGraphInstantiate(&x, g, 0));
   OK(cudaGraphLaunch(x, NULL));
   OK(cudaDeviceSynchronize());
   CHECK(out[0] == 6 && out[3] == 6 && order_len == 1 && order[0] == 9);
   m.value = 8;
   OK(cudaGraphExecMemsetNodeSetParams(x, fill, &m));
   OK(cudaGraphLaunch(x, NULL));
   OK(cudaDeviceSynchronize());
   CHECK(out[0] == 8 && out[3] == 8);
   OK(cudaGraphExecDestroy(x));
   OK(cudaGraphDestroy(g));
   OK(cudaFree(d));
}

cudaError_t cudaMemcpyAsync_ptsz(void *, const void *, size_t, enum cudaMemcpyKind,
                                 cudaStream_t);
cudaError_t cudaMemcpy_ptds(void *, const void *, size_t, enum cudaMemcpyKind);
cudaError_t cudaLaunchHostFunc_ptsz(cudaStream_t, cudaHostFn_t, void *);
cudaError_t cudaStreamSynchronize_ptsz(cudaStream_t);

static void
per_thread(void)
{
   int v = 3, w = 0;
   void *d;
   order_len = 0;
   OK(cudaMalloc(&d, 4));
   OK(cudaLaunchHostFunc_ptsz(NULL, slow_note, (void *)1));
   CHECK_EQ_U64(cudaStreamQuery(cudaStreamPerThread), cudaErrorNotReady);
   cudaGetLastError();
   OK(cudaStreamSynchronize_ptsz(NULL));
   CHECK_EQ_U64(order_len, 1);
   OK(cudaMemcpyAsync_ptsz(d, &v, 4, cudaMemcpyHostToDevice, NULL));
   OK(cudaMemcpy_ptds(&w, d, 4, cudaMemcpyDeviceToHost));
   CHECK_EQ_U64(w, 3);
   OK(cudaFree(d));
}

int
main(void)
{
   in_order();
   timing();
   priorities();
   capture();
   graph();
   per_thread();
   return check_done();
}
