/* SPDX-License-Identifier: Apache-2.0
 * Graphs with kernels: built node by node, by the one call for every kind, by capture;
 * changed after they were made ready; with memory of their own. */
#include "check.h"
#include "fatbin.h"

#include <cuda_runtime_api.h>

void **__cudaRegisterFatBinary(void *);
void __cudaRegisterFunction(void **, const char *, char *, const char *, int, void *,
                            void *, void *, void *, int *);
void __cudaRegisterVar(void **, char *, char *, const char *, int, size_t, int, int);

#define OK(call) CHECK_EQ_U64((call), cudaSuccess)

static const char ptx[] =
   ".version 8.0\n.target sm_70\n.address_size 64\n"
   ".visible .global .align 4 .u32 base = 100;\n"
   /* p[tid] = p[tid] * 2 + n */
   ".visible .entry step(.param .u64 p, .param .u32 n)\n{\n.reg .b32 %r<6>;\n"
   ".reg .b64 %rd<4>;\nld.param.u64 %rd1, [p];\nld.param.u32 %r1, [n];\n"
   "mov.u32 %r2, %tid.x;\nmul.wide.u32 %rd2, %r2, 4;\nadd.s64 %rd3, %rd1, %rd2;\n"
   "ld.global.u32 %r3, [%rd3];\nmad.lo.u32 %r4, %r3, 2, %r1;\n"
   "st.global.u32 [%rd3], %r4;\nret;\n}\n"
   ".visible .entry store(.param .u64 p, .param .u32 n)\n{\n.reg .b32 %r<2>;\n"
   ".reg .b64 %rd<2>;\nld.param.u64 %rd1, [p];\nld.param.u32 %r1, [n];\n"
   "st.global.u32 [%rd1], %r1;\nret;\n}\n";

static char step, store, base;
static void *d;
static int out[4];

static void
run(cudaGraphExec_t x)
{
   memset(out, 0, sizeof out);
   OK(cudaGraphLaunch(x, NULL));
   OK(cudaDeviceSynchronize());
}

static void
node_by_node(void)
{
   int n = 1, m = 5;
   void *args[] = {&d, &n}, *other[] = {&d, &m};
   cudaGraph_t g, copy;
   cudaGraphNode_t fill, kernel, read, found;
   cudaGraphExec_t x;
   size_t count = 0;
   struct cudaMemsetParams f = {
      .dst = d, .value = 3, .elementSize = 4, .width = 4, .height = 1};
   struct cudaKernelNodeParams k = {&step, {1, 1, 1}, {4, 1, 1}, 0, args, NULL}, got;
   OK(cudaGraphCreate(&g, 0));
   OK(cudaGraphAddMemsetNode(&fill, g, NULL, 0, &f));
   OK(cudaGraphAddKernelNode(&kernel, g, &fill, 1, &k));
   OK(cudaGraphAddMemcpyNode1D(&read, g, &kernel, 1, out, d, 16, cudaMemcpyDeviceToHost));
   OK(cudaGraphKernelNodeGetParams(kernel, &got));
   CHECK(got.func == &step && got.blockDim.x == 4 && got.gridDim.z == 1);
   CHECK(got.kernelParams != NULL && *(int *)got.kernelParams[1] == 1);
   n = 1000; /* the graph has its own copy */
   OK(cudaGraphInstantiate(&x, g, 0));
   run(x);
   CHECK(out[0] == 7 && out[3] == 7);
   k.kernelParams = other;
   OK(cudaGraphExecKernelNodeSetParams(x, kernel, &k));
   run(x);
   CHECK(out[0] == 11 && out[3] == 11);
   OK(cudaGraphNodeSetEnabled(x, kernel, 0));
   run(x);
   CHECK(out[0] == 3 && out[3] == 3);
   OK(cudaGraphNodeSetEnabled(x, kernel, 1));
   OK(cudaGraphClone(&copy, g));
   OK(cudaGraphNodeFindInClone(&found, kernel, copy));
   k.func = &store;
   OK(cudaGraphKernelNodeSetParams(found, &k));
   OK(cudaGraphGetEdges(copy, NULL, NULL, NULL, &count));
   CHECK_EQ_U64(count, 2);
   OK(cudaGraphExecDestroy(x));
   OK(cudaGraphInstantiate(&x, copy, 0));
   run(x);
   CHECK(out[0] == 5 && out[1] == 3);
   OK(cudaGraphExecDestroy(x));
   OK(cudaGraphDestroy(copy));
   OK(cudaGraphDestroy(g));
}

static void
by_one_call(void)
{
   int n = 4;
   void *args[] = {&d, &n};
   cudaGraph_t g;
   cudaGraphNode_t fill, kernel, read;
   cudaGraphExec_t x;
   struct cudaGraphNodeParams f = {.type = cudaGraphNodeTypeMemset}, k, c;
   memset(&k, 0, sizeof k);
   memset(&c, 0, sizeof c);
   f.memset.dst = d;
   f.memset.value = 9;
   f.memset.elementSize = 4;
   f.memset.width = 4;
   f.memset.height = 1;
   k.type = cudaGraphNodeTypeKernel;
   k.kernel.func = &step;
   k.kernel.gridDim = (dim3){1, 1, 1};
   k.kernel.blockDim = (dim3){2, 1, 1};
   k.kernel.kernelParams = args;
   c.type = cudaGraphNodeTypeMemcpy;
   c.memcpy.copyParams = (struct cudaMemcpy3DParms){.srcPtr = {d, 16, 16, 1},
                                                    .dstPtr = {out, 16, 16, 1},
                                                    .extent = {16, 1, 1},
                                                    .kind = cudaMemcpyDeviceToHost};
   OK(cudaGraphCreate(&g, 0));
   OK(cudaGraphAddNode(&fill, g, NULL, NULL, 0, &f));
   OK(cudaGraphAddNode(&kernel, g, &fill, NULL, 1, &k));
   OK(cudaGraphAddNode(&read, g, &kernel, NULL, 1, &c));
   OK(cudaGraphInstantiate(&x, g, 0));
   run(x);
   CHECK(out[0] == 22 && out[1] == 22 && out[2] == 9);
   n = 6;
   OK(cudaGraphExecNodeSetParams(x, kernel, &k));
   run(x);
   CHECK(out[0] == 24 && out[2] == 9);
   OK(cudaGraphExecDestroy(x));
   OK(cudaGraphDestroy(g));
}

/* Two captures of one shape: the second one's parameters go into the first one's graph.
 */
static cudaGraph_t
record(cudaStream_t s, cudaStream_t side, int fill, int n)
{
   cudaGraph_t g = NULL;
   cudaEvent_t fork, join;
   void *args[] = {&d, &n};
   OK(cudaEventCreateWithFlags(&fork, cudaEventDisableTiming));
   OK(cudaEventCreateWithFlags(&join, cudaEventDisableTiming));
   OK(cudaStreamBeginCapture(s, cudaStreamCaptureModeRelaxed));
   OK(cudaMemsetAsync(d, fill, 16, s));
   OK(cudaEventRecord(fork, s));
   OK(cudaStreamWaitEvent(side, fork, 0));
   OK(cudaLaunchKernel(&step, (dim3){1, 1, 1}, (dim3){3, 1, 1}, args, 0, side));
   OK(cudaEventRecord(join, side));
   OK(cudaStreamWaitEvent(s, join, 0));
   OK(cudaMemcpyAsync(out, d, 16, cudaMemcpyDeviceToHost, s));
   OK(cudaStreamEndCapture(s, &g));
   OK(cudaEventDestroy(fork));
   OK(cudaEventDestroy(join));
   return g;
}

static void
captured(void)
{
   cudaStream_t s, side;
   cudaGraphExec_t x;
   cudaGraphExecUpdateResultInfo info;
   size_t n = 0;
   OK(cudaStreamCreate(&s));
   OK(cudaStreamCreate(&side));
   cudaGraph_t a = record(s, side, 0, 8), b = record(s, side, 1, 2);
   OK(cudaGraphGetNodes(a, NULL, &n));
   CHECK_EQ_U64(n, 3);
   OK(cudaGraphGetRootNodes(a, NULL, &n));
   CHECK_EQ_U64(n, 1);
   OK(cudaGraphInstantiate(&x, a, 0));
   run(x);
   CHECK(out[0] == 8 && out[2] == 8 && out[3] == 0);
   OK(cudaGraphExecUpdate(x, b, &info));
   CHECK_EQ_U64(info.result, cudaGraphExecUpdateSuccess);
   run(x);
   CHECK(out[0] == 0x02020204 && out[3] == 0x01010101);
   OK(cudaGraphExecDestroy(x));
   OK(cudaGraphDestroy(a));
   OK(cudaGraphDestroy(b));
   OK(cudaStreamDestroy(s));
   OK(cudaStreamDestroy(side));
}

static void
own_memory(void)
{
   int n = 77;
   cudaGraph_t g, outer;
   cudaGraphNode_t alloc, kernel, read, release, child;
   cudaGraphExec_t x;
   struct cudaMemAllocNodeParams m;
   memset(&m, 0, sizeof m);
   m.poolProps.allocType = cudaMemAllocationTypePinned;
   m.poolProps.location = (struct cudaMemLocation){cudaMemLocationTypeDevice, 0};
   m.bytesize = 64;
   OK(cudaGraphCreate(&g, 0));
   OK(cudaGraphAddMemAllocNode(&alloc, g, NULL, 0, &m));
   CHECK(m.dptr != NULL);
   void *args[] = {&m.dptr, &n};
   struct cudaKernelNodeParams k = {&store, {1, 1, 1}, {1, 1, 1}, 0, args, NULL};
   OK(cudaGraphAddKernelNode(&kernel, g, &alloc, 1, &k));
   OK(cudaGraphAddMemcpyNode1D(&read, g, &kernel, 1, out, m.dptr, 4,
                               cudaMemcpyDeviceToHost));
   OK(cudaGraphAddMemFreeNode(&release, g, &read, 1, m.dptr));
   OK(cudaGraphInstantiate(&x, g, 0));
   run(x);
   CHECK_EQ_U64(out[0], 77);
   run(x);
   CHECK_EQ_U64(out[0], 77);
   OK(cudaGraphExecDestroy(x));
   OK(cudaGraphDestroy(g));
   /* A graph in a graph, and a copy from a variable. */
   OK(cudaGraphCreate(&g, 0));
   OK(cudaGraphAddMemcpyNodeFromSymbol(&read, g, NULL, 0, out, &base, 4, 0,
                                       cudaMemcpyDeviceToHost));
   OK(cudaGraphCreate(&outer, 0));
   OK(cudaGraphAddChildGraphNode(&child, outer, NULL, 0, g));
   OK(cudaGraphInstantiate(&x, outer, 0));
   run(x);
   CHECK_EQ_U64(out[0], 100);
   OK(cudaGraphExecDestroy(x));
   OK(cudaGraphDestroy(outer));
   OK(cudaGraphDestroy(g));
}

int
main(void)
{
   void **h = __cudaRegisterFatBinary(fatbin_of_ptx(ptx));
   __cudaRegisterFunction(h, &step, &step, "step", -1, 0, 0, 0, 0, 0);
   __cudaRegisterFunction(h, &store, &store, "store", -1, 0, 0, 0, 0, 0);
   __cudaRegisterVar(h, &base, &base, "base", 0, 4, 0, 0);
   OK(cudaMalloc(&d, 16));
   node_by_node();
   by_one_call();
   captured();
   own_memory();
   OK(cudaFree(d));
   return check_done();
}
