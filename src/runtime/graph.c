/* SPDX-License-Identifier: Apache-2.0
 * Graphs: building nodes and changing them. Descriptions of kernels and copies are
 * translated; graphs, nodes and edges are the driver's own. Running is in graph_exec.c.
 */
#include "rt_priv.h"

#include <string.h>

#define G(graph) ((CUgraph)(graph))
#define N(node) ((CUgraphNode)(node))
#define NP(nodes) ((CUgraphNode *)(nodes))
#define CNP(deps) ((const CUgraphNode *)(deps))

_Static_assert(sizeof(struct cudaMemsetParams) == sizeof(CUDA_MEMSET_NODE_PARAMS), "");
_Static_assert(sizeof(struct cudaHostNodeParams) == sizeof(CUDA_HOST_NODE_PARAMS), "");
_Static_assert(sizeof(struct cudaMemAllocNodeParams) ==
                  sizeof(CUDA_MEM_ALLOC_NODE_PARAMS),
               "");

/* Copies and fills in a graph belong to a context: the current one. */
static CUcontext
context(void)
{
   return rt_thread()->current;
}

cudaError_t
rt_kernel_params(const struct cudaKernelNodeParams *p, CUDA_KERNEL_NODE_PARAMS *k)
{
   RT_NOT_NULL(p);
   memset(k, 0, sizeof *k);
   RT_TRY_RT(rt_function(p->func, &k->func));
   k->gridDimX = p->gridDim.x;
   k->gridDimY = p->gridDim.y;
   k->gridDimZ = p->gridDim.z;
   k->blockDimX = p->blockDim.x;
   k->blockDimY = p->blockDim.y;
   k->blockDimZ = p->blockDim.z;
   k->sharedMemBytes = p->sharedMemBytes;
   k->kernelParams = p->kernelParams;
   k->extra = p->extra;
   return cudaSuccess;
}

/* A row of bytes as a copy that a graph can hold. */
static struct cudaMemcpy3DParms
row(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind)
{
   return (struct cudaMemcpy3DParms){
      .srcPtr = {(void *)(uintptr_t)src, count, count, 1},
      .dstPtr = {dst, count, count, 1},
      .extent = {count, 1, 1},
      .kind = kind,
   };
}

/* The part of a symbol that a copy of count bytes at offset touches. */
static cudaError_t
symbol_part(const void *symbol, size_t count, size_t offset, void **p)
{
   CUdeviceptr addr;
   size_t size;
   RT_ENTER();
   RT_TRY_RT(rt_symbol(symbol, &addr, &size));
   if (offset > size || count > size - offset)
      return rt_fail(cudaErrorInvalidValue);
   *p = (void *)(uintptr_t)(addr + offset);
   return cudaSuccess;
}

cudaError_t
cudaGraphCreate(cudaGraph_t *pGraph, unsigned int flags)
{
   RT_NOT_NULL(pGraph);
   RT_ENTER();
   return rt_ret(cuGraphCreate((CUgraph *)pGraph, flags));
}

cudaError_t
cudaGraphDestroy(cudaGraph_t graph)
{
   RT_ENTER();
   return rt_ret(cuGraphDestroy(G(graph)));
}

cudaError_t
cudaGraphClone(cudaGraph_t *pGraphClone, cudaGraph_t originalGraph)
{
   RT_NOT_NULL(pGraphClone);
   RT_ENTER();
   return rt_ret(cuGraphClone((CUgraph *)pGraphClone, G(originalGraph)));
}

cudaError_t
cudaGraphDestroyNode(cudaGraphNode_t node)
{
   RT_ENTER();
   return rt_ret(cuGraphDestroyNode(N(node)));
}

/* -- Kernel nodes. */
cudaError_t
cudaGraphAddKernelNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                       const cudaGraphNode_t *pDependencies, size_t numDependencies,
                       const struct cudaKernelNodeParams *pNodeParams)
{
   CUDA_KERNEL_NODE_PARAMS k;
   RT_NOT_NULL(pGraphNode);
   RT_ENTER();
   RT_TRY_RT(rt_kernel_params(pNodeParams, &k));
   return rt_ret(cuGraphAddKernelNode(NP(pGraphNode), G(graph), CNP(pDependencies),
                                      numDependencies, &k));
}

cudaError_t
cudaGraphKernelNodeGetParams(cudaGraphNode_t node,
                             struct cudaKernelNodeParams *pNodeParams)
{
   CUDA_KERNEL_NODE_PARAMS k;
   RT_NOT_NULL(pNodeParams);
   RT_ENTER();
   memset(&k, 0, sizeof k);
   RT_TRY(cuGraphKernelNodeGetParams(N(node), &k));
   *pNodeParams = (struct cudaKernelNodeParams){
      (void *)(uintptr_t)rt_function_origin(k.func),
      {k.gridDimX, k.gridDimY, k.gridDimZ},
      {k.blockDimX, k.blockDimY, k.blockDimZ},
      k.sharedMemBytes,
      k.kernelParams,
      k.extra,
   };
   return cudaSuccess;
}

cudaError_t
cudaGraphKernelNodeSetParams(cudaGraphNode_t node,
                             const struct cudaKernelNodeParams *pNodeParams)
{
   CUDA_KERNEL_NODE_PARAMS k;
   RT_ENTER();
   RT_TRY_RT(rt_kernel_params(pNodeParams, &k));
   return rt_ret(cuGraphKernelNodeSetParams(N(node), &k));
}

cudaError_t
cudaGraphKernelNodeCopyAttributes(cudaGraphNode_t hDst, cudaGraphNode_t hSrc)
{
   RT_ENTER();
   return rt_ret(cuGraphKernelNodeCopyAttributes(N(hDst), N(hSrc)));
}

cudaError_t
cudaGraphKernelNodeGetAttribute(cudaGraphNode_t hNode, cudaLaunchAttributeID attr,
                                cudaLaunchAttributeValue *value_out)
{
   RT_NOT_NULL(value_out);
   RT_ENTER();
   return rt_ret(cuGraphKernelNodeGetAttribute(N(hNode), (CUkernelNodeAttrID)attr,
                                               (CUkernelNodeAttrValue *)value_out));
}

cudaError_t
cudaGraphKernelNodeSetAttribute(cudaGraphNode_t hNode, cudaLaunchAttributeID attr,
                                const cudaLaunchAttributeValue *value)
{
   RT_NOT_NULL(value);
   RT_ENTER();
   return rt_ret(cuGraphKernelNodeSetAttribute(N(hNode), (CUkernelNodeAttrID)attr,
                                               (const CUkernelNodeAttrValue *)value));
}

/* -- Copy nodes. */
cudaError_t
cudaGraphAddMemcpyNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                       const cudaGraphNode_t *pDependencies, size_t numDependencies,
                       const struct cudaMemcpy3DParms *pCopyParams)
{
   CUDA_MEMCPY3D c;
   RT_NOT_NULL(pGraphNode);
   RT_ENTER();
   RT_TRY_RT(rt_copy3d(pCopyParams, &c));
   return rt_ret(cuGraphAddMemcpyNode(NP(pGraphNode), G(graph), CNP(pDependencies),
                                      numDependencies, &c, context()));
}

cudaError_t
cudaGraphAddMemcpyNode1D(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                         const cudaGraphNode_t *pDependencies, size_t numDependencies,
                         void *dst, const void *src, size_t count,
                         enum cudaMemcpyKind kind)
{
   struct cudaMemcpy3DParms p = row(dst, src, count, kind);
   return cudaGraphAddMemcpyNode(pGraphNode, graph, pDependencies, numDependencies, &p);
}

cudaError_t
cudaGraphAddMemcpyNodeToSymbol(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                               const cudaGraphNode_t *pDependencies,
                               size_t numDependencies, const void *symbol,
                               const void *src, size_t count, size_t offset,
                               enum cudaMemcpyKind kind)
{
   void *p = NULL;
   RT_TRY_RT(symbol_part(symbol, count, offset, &p));
   return cudaGraphAddMemcpyNode1D(pGraphNode, graph, pDependencies, numDependencies, p,
                                   src, count, kind);
}

cudaError_t
cudaGraphAddMemcpyNodeFromSymbol(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                                 const cudaGraphNode_t *pDependencies,
                                 size_t numDependencies, void *dst, const void *symbol,
                                 size_t count, size_t offset, enum cudaMemcpyKind kind)
{
   void *p = NULL;
   RT_TRY_RT(symbol_part(symbol, count, offset, &p));
   return cudaGraphAddMemcpyNode1D(pGraphNode, graph, pDependencies, numDependencies, dst,
                                   p, count, kind);
}

cudaError_t
cudaGraphMemcpyNodeGetParams(cudaGraphNode_t node, struct cudaMemcpy3DParms *pNodeParams)
{
   CUDA_MEMCPY3D c;
   RT_NOT_NULL(pNodeParams);
   RT_ENTER();
   RT_TRY(cuGraphMemcpyNodeGetParams(N(node), &c));
   return rt_copy3d_back(&c, pNodeParams);
}

cudaError_t
cudaGraphMemcpyNodeSetParams(cudaGraphNode_t node,
                             const struct cudaMemcpy3DParms *pNodeParams)
{
   CUDA_MEMCPY3D c;
   RT_ENTER();
   RT_TRY_RT(rt_copy3d(pNodeParams, &c));
   return rt_ret(cuGraphMemcpyNodeSetParams(N(node), &c));
}

cudaError_t
cudaGraphMemcpyNodeSetParams1D(cudaGraphNode_t node, void *dst, const void *src,
                               size_t count, enum cudaMemcpyKind kind)
{
   struct cudaMemcpy3DParms p = row(dst, src, count, kind);
   return cudaGraphMemcpyNodeSetParams(node, &p);
}

cudaError_t
cudaGraphMemcpyNodeSetParamsToSymbol(cudaGraphNode_t node, const void *symbol,
                                     const void *src, size_t count, size_t offset,
                                     enum cudaMemcpyKind kind)
{
   void *p = NULL;
   RT_TRY_RT(symbol_part(symbol, count, offset, &p));
   return cudaGraphMemcpyNodeSetParams1D(node, p, src, count, kind);
}

cudaError_t
cudaGraphMemcpyNodeSetParamsFromSymbol(cudaGraphNode_t node, void *dst,
                                       const void *symbol, size_t count, size_t offset,
                                       enum cudaMemcpyKind kind)
{
   void *p = NULL;
   RT_TRY_RT(symbol_part(symbol, count, offset, &p));
   return cudaGraphMemcpyNodeSetParams1D(node, dst, p, count, kind);
}

cudaError_t
cudaGraphExecMemcpyNodeSetParams(cudaGraphExec_t hGraphExec, cudaGraphNode_t node,
                                 const struct cudaMemcpy3DParms *pNodeParams)
{
   CUDA_MEMCPY3D c;
   RT_ENTER();
   RT_TRY_RT(rt_copy3d(pNodeParams, &c));
   return rt_ret(
      cuGraphExecMemcpyNodeSetParams((CUgraphExec)hGraphExec, N(node), &c, context()));
}

cudaError_t
cudaGraphExecMemcpyNodeSetParams1D(cudaGraphExec_t hGraphExec, cudaGraphNode_t node,
                                   void *dst, const void *src, size_t count,
                                   enum cudaMemcpyKind kind)
{
   struct cudaMemcpy3DParms p = row(dst, src, count, kind);
   return cudaGraphExecMemcpyNodeSetParams(hGraphExec, node, &p);
}

cudaError_t
cudaGraphExecMemcpyNodeSetParamsToSymbol(cudaGraphExec_t hGraphExec, cudaGraphNode_t node,
                                         const void *symbol, const void *src,
                                         size_t count, size_t offset,
                                         enum cudaMemcpyKind kind)
{
   void *p = NULL;
   RT_TRY_RT(symbol_part(symbol, count, offset, &p));
   return cudaGraphExecMemcpyNodeSetParams1D(hGraphExec, node, p, src, count, kind);
}

cudaError_t
cudaGraphExecMemcpyNodeSetParamsFromSymbol(cudaGraphExec_t hGraphExec,
                                           cudaGraphNode_t node, void *dst,
                                           const void *symbol, size_t count,
                                           size_t offset, enum cudaMemcpyKind kind)
{
   void *p = NULL;
   RT_TRY_RT(symbol_part(symbol, count, offset, &p));
   return cudaGraphExecMemcpyNodeSetParams1D(hGraphExec, node, dst, p, count, kind);
}

/* -- Fill, host, child, empty and event nodes. */
cudaError_t
cudaGraphAddMemsetNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                       const cudaGraphNode_t *pDependencies, size_t numDependencies,
                       const struct cudaMemsetParams *pMemsetParams)
{
   RT_NOT_NULL(pGraphNode);
   RT_NOT_NULL(pMemsetParams);
   RT_ENTER();
   return rt_ret(
      cuGraphAddMemsetNode(NP(pGraphNode), G(graph), CNP(pDependencies), numDependencies,
                           (const CUDA_MEMSET_NODE_PARAMS *)pMemsetParams, context()));
}

cudaError_t
cudaGraphMemsetNodeGetParams(cudaGraphNode_t node, struct cudaMemsetParams *pNodeParams)
{
   RT_NOT_NULL(pNodeParams);
   RT_ENTER();
   return rt_ret(
      cuGraphMemsetNodeGetParams(N(node), (CUDA_MEMSET_NODE_PARAMS *)pNodeParams));
}

cudaError_t
cudaGraphMemsetNodeSetParams(cudaGraphNode_t node,
                             const struct cudaMemsetParams *pNodeParams)
{
   RT_NOT_NULL(pNodeParams);
   RT_ENTER();
   return rt_ret(
      cuGraphMemsetNodeSetParams(N(node), (const CUDA_MEMSET_NODE_PARAMS *)pNodeParams));
}

cudaError_t
cudaGraphAddHostNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                     const cudaGraphNode_t *pDependencies, size_t numDependencies,
                     const struct cudaHostNodeParams *pNodeParams)
{
   RT_NOT_NULL(pGraphNode);
   RT_NOT_NULL(pNodeParams);
   RT_ENTER();
   return rt_ret(cuGraphAddHostNode(NP(pGraphNode), G(graph), CNP(pDependencies),
                                    numDependencies,
                                    (const CUDA_HOST_NODE_PARAMS *)pNodeParams));
}

cudaError_t
cudaGraphHostNodeGetParams(cudaGraphNode_t node, struct cudaHostNodeParams *pNodeParams)
{
   RT_NOT_NULL(pNodeParams);
   RT_ENTER();
   return rt_ret(cuGraphHostNodeGetParams(N(node), (CUDA_HOST_NODE_PARAMS *)pNodeParams));
}

cudaError_t
cudaGraphHostNodeSetParams(cudaGraphNode_t node,
                           const struct cudaHostNodeParams *pNodeParams)
{
   RT_NOT_NULL(pNodeParams);
   RT_ENTER();
   return rt_ret(
      cuGraphHostNodeSetParams(N(node), (const CUDA_HOST_NODE_PARAMS *)pNodeParams));
}

cudaError_t
cudaGraphAddChildGraphNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                           const cudaGraphNode_t *pDependencies, size_t numDependencies,
                           cudaGraph_t childGraph)
{
   RT_NOT_NULL(pGraphNode);
   RT_ENTER();
   return rt_ret(cuGraphAddChildGraphNode(NP(pGraphNode), G(graph), CNP(pDependencies),
                                          numDependencies, G(childGraph)));
}

cudaError_t
cudaGraphChildGraphNodeGetGraph(cudaGraphNode_t node, cudaGraph_t *pGraph)
{
   RT_NOT_NULL(pGraph);
   RT_ENTER();
   return rt_ret(cuGraphChildGraphNodeGetGraph(N(node), (CUgraph *)pGraph));
}

cudaError_t
cudaGraphAddEmptyNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                      const cudaGraphNode_t *pDependencies, size_t numDependencies)
{
   RT_NOT_NULL(pGraphNode);
   RT_ENTER();
   return rt_ret(
      cuGraphAddEmptyNode(NP(pGraphNode), G(graph), CNP(pDependencies), numDependencies));
}

cudaError_t
cudaGraphAddEventRecordNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                            const cudaGraphNode_t *pDependencies, size_t numDependencies,
                            cudaEvent_t event)
{
   RT_NOT_NULL(pGraphNode);
   RT_ENTER();
   return rt_ret(cuGraphAddEventRecordNode(NP(pGraphNode), G(graph), CNP(pDependencies),
                                           numDependencies, (CUevent)event));
}

cudaError_t
cudaGraphEventRecordNodeGetEvent(cudaGraphNode_t node, cudaEvent_t *event_out)
{
   RT_NOT_NULL(event_out);
   RT_ENTER();
   return rt_ret(cuGraphEventRecordNodeGetEvent(N(node), (CUevent *)event_out));
}

cudaError_t
cudaGraphEventRecordNodeSetEvent(cudaGraphNode_t node, cudaEvent_t event)
{
   RT_ENTER();
   return rt_ret(cuGraphEventRecordNodeSetEvent(N(node), (CUevent)event));
}

cudaError_t
cudaGraphAddEventWaitNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                          const cudaGraphNode_t *pDependencies, size_t numDependencies,
                          cudaEvent_t event)
{
   RT_NOT_NULL(pGraphNode);
   RT_ENTER();
   return rt_ret(cuGraphAddEventWaitNode(NP(pGraphNode), G(graph), CNP(pDependencies),
                                         numDependencies, (CUevent)event));
}

cudaError_t
cudaGraphEventWaitNodeGetEvent(cudaGraphNode_t node, cudaEvent_t *event_out)
{
   RT_NOT_NULL(event_out);
   RT_ENTER();
   return rt_ret(cuGraphEventWaitNodeGetEvent(N(node), (CUevent *)event_out));
}

cudaError_t
cudaGraphEventWaitNodeSetEvent(cudaGraphNode_t node, cudaEvent_t event)
{
   RT_ENTER();
   return rt_ret(cuGraphEventWaitNodeSetEvent(N(node), (CUevent)event));
}

/* -- Memory nodes. */
cudaError_t
cudaGraphAddMemAllocNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                         const cudaGraphNode_t *pDependencies, size_t numDependencies,
                         struct cudaMemAllocNodeParams *nodeParams)
{
   RT_NOT_NULL(pGraphNode);
   RT_NOT_NULL(nodeParams);
   RT_ENTER();
   return rt_ret(cuGraphAddMemAllocNode(NP(pGraphNode), G(graph), CNP(pDependencies),
                                        numDependencies,
                                        (CUDA_MEM_ALLOC_NODE_PARAMS *)nodeParams));
}

cudaError_t
cudaGraphMemAllocNodeGetParams(cudaGraphNode_t node,
                               struct cudaMemAllocNodeParams *params_out)
{
   RT_NOT_NULL(params_out);
   RT_ENTER();
   return rt_ret(
      cuGraphMemAllocNodeGetParams(N(node), (CUDA_MEM_ALLOC_NODE_PARAMS *)params_out));
}

cudaError_t
cudaGraphAddMemFreeNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                        const cudaGraphNode_t *pDependencies, size_t numDependencies,
                        void *dptr)
{
   RT_NOT_NULL(pGraphNode);
   RT_ENTER();
   return rt_ret(cuGraphAddMemFreeNode(NP(pGraphNode), G(graph), CNP(pDependencies),
                                       numDependencies, rt_ptr(dptr)));
}

cudaError_t
cudaGraphMemFreeNodeGetParams(cudaGraphNode_t node, void *dptr_out)
{
   RT_NOT_NULL(dptr_out);
   RT_ENTER();
   return rt_ret(cuGraphMemFreeNodeGetParams(N(node), (CUdeviceptr *)dptr_out));
}
