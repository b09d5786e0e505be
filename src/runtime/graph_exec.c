/* SPDX-License-Identifier: Apache-2.0
 * Graphs: nodes of any kind by one call, their structure, and running them. */
#include "rt_priv.h"

#include <string.h>

#define G(graph) ((CUgraph)(graph))
#define N(node) ((CUgraphNode)(node))
#define NP(nodes) ((CUgraphNode *)(nodes))
#define CNP(deps) ((const CUgraphNode *)(deps))
#define X(exec) ((CUgraphExec)(exec))

_Static_assert(sizeof(cudaGraphEdgeData) == sizeof(CUgraphEdgeData), "");
_Static_assert(sizeof(struct cudaGraphNodeParams) == sizeof(CUgraphNodeParams), "");
_Static_assert(sizeof(cudaGraphInstantiateParams) ==
                  sizeof(CUDA_GRAPH_INSTANTIATE_PARAMS),
               "");
_Static_assert(sizeof(cudaGraphExecUpdateResultInfo) ==
                  sizeof(CUgraphExecUpdateResultInfo),
               "");

/* -- One description for every kind of node: kernels, copies and fills differ from the
 * driver's, the rest is laid out alike. */
static cudaError_t
node_params(const struct cudaGraphNodeParams *p, CUgraphNodeParams *d)
{
   RT_NOT_NULL(p);
   RT_ENTER();
   CUcontext ctx = rt_thread()->current;
   memcpy(d, p, sizeof *d);
   if (p->type == cudaGraphNodeTypeKernel) {
      struct cudaKernelNodeParams k = {p->kernel.func,         p->kernel.gridDim,
                                       p->kernel.blockDim,     p->kernel.sharedMemBytes,
                                       p->kernel.kernelParams, p->kernel.extra};
      CUDA_KERNEL_NODE_PARAMS c;
      RT_TRY_RT(rt_kernel_params(&k, &c));
      memset(&d->kernel, 0, sizeof d->kernel);
      memcpy(&d->kernel, &c, sizeof c);
   } else if (p->type == cudaGraphNodeTypeMemcpy) {
      memset(&d->memcpy, 0, sizeof d->memcpy);
      RT_TRY_RT(rt_copy3d(&p->memcpy.copyParams, &d->memcpy.copyParams));
      d->memcpy.flags = p->memcpy.flags;
      d->memcpy.copyCtx = ctx;
   } else if (p->type == cudaGraphNodeTypeMemset) {
      d->memset.ctx = ctx;
   } else if (p->type == cudaGraphNodeTypeConditional) {
      d->conditional.ctx = ctx;
   }
   return cudaSuccess;
}

/* What the driver answers inside a description that the caller reads back. */
static void
node_results(struct cudaGraphNodeParams *p, const CUgraphNodeParams *d)
{
   if (p->type == cudaGraphNodeTypeMemAlloc)
      p->alloc.dptr = (void *)(uintptr_t)d->alloc.dptr;
   if (p->type == cudaGraphNodeTypeConditional)
      p->conditional.phGraph_out = (cudaGraph_t *)d->conditional.phGraph_out;
}

cudaError_t
cudaGraphAddNode(cudaGraphNode_t *pGraphNode, cudaGraph_t graph,
                 const cudaGraphNode_t *pDependencies,
                 const cudaGraphEdgeData *dependencyData, size_t numDependencies,
                 struct cudaGraphNodeParams *nodeParams)
{
   CUgraphNodeParams d;
   RT_NOT_NULL(pGraphNode);
   RT_TRY_RT(node_params(nodeParams, &d));
   RT_TRY(cuGraphAddNode(NP(pGraphNode), G(graph), CNP(pDependencies),
                         (const CUgraphEdgeData *)dependencyData, numDependencies, &d));
   node_results(nodeParams, &d);
   return cudaSuccess;
}

cudaError_t
cudaGraphNodeSetParams(cudaGraphNode_t node, struct cudaGraphNodeParams *nodeParams)
{
   CUgraphNodeParams d;
   RT_TRY_RT(node_params(nodeParams, &d));
   return rt_ret(cuGraphNodeSetParams(N(node), &d));
}

/* The driver changes a node of an instantiated graph by kind. */
cudaError_t
cudaGraphExecEventRecordNodeSetEvent(cudaGraphExec_t hGraphExec, cudaGraphNode_t hNode,
                                     cudaEvent_t event)
{
   RT_ENTER();
   return rt_ret(
      cuGraphExecEventRecordNodeSetEvent(X(hGraphExec), N(hNode), (CUevent)event));
}

cudaError_t
cudaGraphExecEventWaitNodeSetEvent(cudaGraphExec_t hGraphExec, cudaGraphNode_t hNode,
                                   cudaEvent_t event)
{
   RT_ENTER();
   return rt_ret(
      cuGraphExecEventWaitNodeSetEvent(X(hGraphExec), N(hNode), (CUevent)event));
}

cudaError_t
cudaGraphExecNodeSetParams(cudaGraphExec_t graphExec, cudaGraphNode_t node,
                           struct cudaGraphNodeParams *p)
{
   RT_NOT_NULL(p);
   switch ((int)p->type) {
   case cudaGraphNodeTypeKernel: {
      struct cudaKernelNodeParams k = {p->kernel.func,         p->kernel.gridDim,
                                       p->kernel.blockDim,     p->kernel.sharedMemBytes,
                                       p->kernel.kernelParams, p->kernel.extra};
      return cudaGraphExecKernelNodeSetParams(graphExec, node, &k);
   }
   case cudaGraphNodeTypeMemcpy:
      return cudaGraphExecMemcpyNodeSetParams(graphExec, node, &p->memcpy.copyParams);
   case cudaGraphNodeTypeMemset: {
      struct cudaMemsetParams m = {p->memset.dst,   p->memset.pitch,
                                   p->memset.value, p->memset.elementSize,
                                   p->memset.width, p->memset.height};
      return cudaGraphExecMemsetNodeSetParams(graphExec, node, &m);
   }
   case cudaGraphNodeTypeHost: {
      struct cudaHostNodeParams h = {p->host.fn, p->host.userData};
      return cudaGraphExecHostNodeSetParams(graphExec, node, &h);
   }
   case cudaGraphNodeTypeEventRecord:
      return cudaGraphExecEventRecordNodeSetEvent(graphExec, node, p->eventRecord.event);
   case cudaGraphNodeTypeWaitEvent:
      return cudaGraphExecEventWaitNodeSetEvent(graphExec, node, p->eventWait.event);
   default:
      return rt_unsupported("cudaGraphExecNodeSetParams for this kind of node");
   }
}

/* -- Structure. */
cudaError_t
cudaGraphNodeFindInClone(cudaGraphNode_t *pNode, cudaGraphNode_t originalNode,
                         cudaGraph_t clonedGraph)
{
   RT_NOT_NULL(pNode);
   RT_ENTER();
   return rt_ret(cuGraphNodeFindInClone(NP(pNode), N(originalNode), G(clonedGraph)));
}

cudaError_t
cudaGraphNodeGetType(cudaGraphNode_t node, enum cudaGraphNodeType *pType)
{
   CUgraphNodeType t;
   RT_NOT_NULL(pType);
   RT_ENTER();
   RT_TRY(cuGraphNodeGetType(N(node), &t));
   *pType = (enum cudaGraphNodeType)t;
   return cudaSuccess;
}

cudaError_t
cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *numNodes)
{
   RT_NOT_NULL(numNodes);
   RT_ENTER();
   return rt_ret(cuGraphGetNodes(G(graph), NP(nodes), numNodes));
}

cudaError_t
cudaGraphGetRootNodes(cudaGraph_t graph, cudaGraphNode_t *pRootNodes,
                      size_t *pNumRootNodes)
{
   RT_NOT_NULL(pNumRootNodes);
   RT_ENTER();
   return rt_ret(cuGraphGetRootNodes(G(graph), NP(pRootNodes), pNumRootNodes));
}

cudaError_t
cudaGraphGetEdges(cudaGraph_t graph, cudaGraphNode_t *from, cudaGraphNode_t *to,
                  cudaGraphEdgeData *edgeData, size_t *numEdges)
{
   RT_NOT_NULL(numEdges);
   RT_ENTER();
   return rt_ret(
      cuGraphGetEdges(G(graph), NP(from), NP(to), (CUgraphEdgeData *)edgeData, numEdges));
}

cudaError_t
cudaGraphNodeGetDependencies(cudaGraphNode_t node, cudaGraphNode_t *pDependencies,
                             cudaGraphEdgeData *edgeData, size_t *pNumDependencies)
{
   RT_NOT_NULL(pNumDependencies);
   RT_ENTER();
   return rt_ret(cuGraphNodeGetDependencies(
      N(node), NP(pDependencies), (CUgraphEdgeData *)edgeData, pNumDependencies));
}

cudaError_t
cudaGraphNodeGetDependentNodes(cudaGraphNode_t node, cudaGraphNode_t *pDependentNodes,
                               cudaGraphEdgeData *edgeData, size_t *pNumDependentNodes)
{
   RT_NOT_NULL(pNumDependentNodes);
   RT_ENTER();
   return rt_ret(cuGraphNodeGetDependentNodes(
      N(node), NP(pDependentNodes), (CUgraphEdgeData *)edgeData, pNumDependentNodes));
}

cudaError_t
cudaGraphAddDependencies(cudaGraph_t graph, const cudaGraphNode_t *from,
                         const cudaGraphNode_t *to, const cudaGraphEdgeData *edgeData,
                         size_t numDependencies)
{
   RT_ENTER();
   return rt_ret(cuGraphAddDependencies(
      G(graph), CNP(from), CNP(to), (const CUgraphEdgeData *)edgeData, numDependencies));
}

cudaError_t
cudaGraphRemoveDependencies(cudaGraph_t graph, const cudaGraphNode_t *from,
                            const cudaGraphNode_t *to, const cudaGraphEdgeData *edgeData,
                            size_t numDependencies)
{
   RT_ENTER();
   return rt_ret(cuGraphRemoveDependencies(
      G(graph), CNP(from), CNP(to), (const CUgraphEdgeData *)edgeData, numDependencies));
}

cudaError_t
cudaGraphDebugDotPrint(cudaGraph_t graph, const char *path, unsigned int flags)
{
   RT_NOT_NULL(path);
   RT_ENTER();
   return rt_ret(cuGraphDebugDotPrint(G(graph), path, flags));
}

/* -- User objects. */
cudaError_t
cudaUserObjectCreate(cudaUserObject_t *object_out, void *ptr, cudaHostFn_t destroy,
                     unsigned int initialRefcount, unsigned int flags)
{
   RT_NOT_NULL(object_out);
   RT_ENTER();
   return rt_ret(cuUserObjectCreate((CUuserObject *)object_out, ptr, destroy,
                                    initialRefcount, flags));
}

cudaError_t
cudaUserObjectRetain(cudaUserObject_t object, unsigned int count)
{
   RT_ENTER();
   return rt_ret(cuUserObjectRetain((CUuserObject)object, count));
}

cudaError_t
cudaUserObjectRelease(cudaUserObject_t object, unsigned int count)
{
   RT_ENTER();
   return rt_ret(cuUserObjectRelease((CUuserObject)object, count));
}

cudaError_t
cudaGraphRetainUserObject(cudaGraph_t graph, cudaUserObject_t object, unsigned int count,
                          unsigned int flags)
{
   RT_ENTER();
   return rt_ret(cuGraphRetainUserObject(G(graph), (CUuserObject)object, count, flags));
}

cudaError_t
cudaGraphReleaseUserObject(cudaGraph_t graph, cudaUserObject_t object, unsigned int count)
{
   RT_ENTER();
   return rt_ret(cuGraphReleaseUserObject(G(graph), (CUuserObject)object, count));
}

/* -- Running. */
cudaError_t
cudaGraphInstantiateWithFlags(cudaGraphExec_t *pGraphExec, cudaGraph_t graph,
                              unsigned long long flags)
{
   RT_NOT_NULL(pGraphExec);
   RT_ENTER();
   return rt_ret(cuGraphInstantiate((CUgraphExec *)pGraphExec, G(graph), flags));
}

cudaError_t
cudaGraphInstantiate(cudaGraphExec_t *pGraphExec, cudaGraph_t graph,
                     unsigned long long flags)
{
   return cudaGraphInstantiateWithFlags(pGraphExec, graph, flags);
}

cudaError_t
cudaGraphInstantiateWithParams(cudaGraphExec_t *pGraphExec, cudaGraph_t graph,
                               cudaGraphInstantiateParams *instantiateParams)
{
   RT_NOT_NULL(pGraphExec);
   RT_NOT_NULL(instantiateParams);
   RT_ENTER();
   return rt_ret(
      cuGraphInstantiateWithParams((CUgraphExec *)pGraphExec, G(graph),
                                   (CUDA_GRAPH_INSTANTIATE_PARAMS *)instantiateParams));
}

cudaError_t
cudaGraphExecGetFlags(cudaGraphExec_t graphExec, unsigned long long *flags)
{
   cuuint64_t f;
   RT_NOT_NULL(flags);
   RT_ENTER();
   RT_TRY(cuGraphExecGetFlags(X(graphExec), &f));
   *flags = f;
   return cudaSuccess;
}

cudaError_t
cudaGraphExecKernelNodeSetParams(cudaGraphExec_t hGraphExec, cudaGraphNode_t node,
                                 const struct cudaKernelNodeParams *pNodeParams)
{
   CUDA_KERNEL_NODE_PARAMS k;
   RT_ENTER();
   RT_TRY_RT(rt_kernel_params(pNodeParams, &k));
   return rt_ret(cuGraphExecKernelNodeSetParams(X(hGraphExec), N(node), &k));
}

cudaError_t
cudaGraphExecMemsetNodeSetParams(cudaGraphExec_t hGraphExec, cudaGraphNode_t node,
                                 const struct cudaMemsetParams *pNodeParams)
{
   RT_NOT_NULL(pNodeParams);
   RT_ENTER();
   CUcontext ctx = rt_thread()->current;
   return rt_ret(cuGraphExecMemsetNodeSetParams(
      X(hGraphExec), N(node), (const CUDA_MEMSET_NODE_PARAMS *)pNodeParams, ctx));
}

cudaError_t
cudaGraphExecHostNodeSetParams(cudaGraphExec_t hGraphExec, cudaGraphNode_t node,
                               const struct cudaHostNodeParams *pNodeParams)
{
   RT_NOT_NULL(pNodeParams);
   RT_ENTER();
   return rt_ret(cuGraphExecHostNodeSetParams(
      X(hGraphExec), N(node), (const CUDA_HOST_NODE_PARAMS *)pNodeParams));
}

cudaError_t
cudaGraphNodeSetEnabled(cudaGraphExec_t hGraphExec, cudaGraphNode_t hNode,
                        unsigned int isEnabled)
{
   RT_ENTER();
   return rt_ret(cuGraphNodeSetEnabled(X(hGraphExec), N(hNode), isEnabled));
}

cudaError_t
cudaGraphNodeGetEnabled(cudaGraphExec_t hGraphExec, cudaGraphNode_t hNode,
                        unsigned int *isEnabled)
{
   RT_NOT_NULL(isEnabled);
   RT_ENTER();
   return rt_ret(cuGraphNodeGetEnabled(X(hGraphExec), N(hNode), isEnabled));
}

cudaError_t
cudaGraphExecUpdate(cudaGraphExec_t hGraphExec, cudaGraph_t hGraph,
                    cudaGraphExecUpdateResultInfo *resultInfo)
{
   RT_NOT_NULL(resultInfo);
   RT_ENTER();
   return rt_ret(cuGraphExecUpdate(X(hGraphExec), G(hGraph),
                                   (CUgraphExecUpdateResultInfo *)resultInfo));
}

cudaError_t
cudaGraphUpload(cudaGraphExec_t graphExec, cudaStream_t stream)
{
   RT_ENTER();
   return rt_ret(cuGraphUpload(X(graphExec), rt_stream(stream)));
}

cudaError_t
cudaGraphLaunch(cudaGraphExec_t graphExec, cudaStream_t stream)
{
   RT_ENTER();
   return rt_ret(cuGraphLaunch(X(graphExec), rt_stream(stream)));
}

cudaError_t
cudaGraphExecDestroy(cudaGraphExec_t graphExec)
{
   RT_ENTER();
   return rt_ret(cuGraphExecDestroy(X(graphExec)));
}
